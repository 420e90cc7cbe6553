use fkcheck_macros::ForeignKeys;

diesel::table! {
    organizations (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    line_items (id) {
        id -> BigInt,
        order_id -> BigInt,
        region -> Text,
        coupon_id -> Nullable<BigInt>,
        org_id -> BigInt,
    }
}

diesel::table! {
    orders (id, region) {
        id -> BigInt,
        region -> Text,
        note -> Nullable<Text>,
    }
}

#[derive(ForeignKeys)]
#[diesel(table_name = line_items)]
#[fk(columns(order_id, reggion), references = orders(id, region), on_delete = cascade)]
struct Names {
    #[fk(references = organisations(id), on_delete = cascade)]
    org_id: i64,
    #[fk(references = organizations(idd), on_delete = cascade)]
    order_id: i64,
    #[fk(references = organizations(id), on_delete = cascade)]
    coupon: Option<i64>,
    #[diesel(column_name = coupn_id)]
    #[fk(references = organizations(id), on_delete = cascade)]
    voucher: Option<i64>,
    #[fk(references = Organization(id), on_delete = cascade)]
    id: i64,
    #[fk(references = Organization, on_delete = cascade)]
    region: String,
    #[diesel(column_name = org_id)]
    #[fk(references = organizations::id, on_delete = cascade)]
    column_for_a_table: i64,
    #[diesel(column_name = org_id)]
    #[fk(references = crate::organisations(id), on_delete = cascade)]
    misspelt_in_a_module: i64,
}

struct Organization;

#[derive(ForeignKeys)]
#[diesel(table_name = line_item)]
struct WrongTable {
    #[fk(references = organizations(id), on_delete = cascade)]
    org_id: i64,
}

#[derive(ForeignKeys)]
struct Coupon {
    #[fk(references = organizations(id), on_delete = cascade)]
    org_id: i64,
}

#[derive(ForeignKeys)]
#[diesel(table_name = line_item)]
struct NothingAnnotated {
    org_id: i64,
}

fn main() {}

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
#[fk(on_delete = cascade)]
struct WithoutColumns {
    org_id: i64,
}

#[derive(ForeignKeys)]
#[diesel(table_name = line_items)]
#[fk(columns(order_id, region))]
#[fk(columns(), references = orders, on_delete = cascade)]
#[fk(columns, references = orders, on_delete = cascade)]
#[fk(columns(order_id, order_id), references = orders, on_delete = cascade)]
#[fk(columns(order_id, region), references = orders(id), on_delete = cascade)]
#[fk(columns = (order_id, region), references = orders, on_delete = cascade)]
#[fk(columns("order_id", region), references = orders, on_delete = cascade)]
#[fk(reason = "they belong together")]
struct Composite {
    order_id: i64,
    region: String,
}

#[derive(ForeignKeys)]
#[diesel(table_name = line_items)]
struct OnFields {
    #[fk(columns(order_id, region), references = orders, on_delete = cascade)]
    order_id: i64,
    #[fk(reason = "it is so")]
    region: String,
    #[diesel(embed)]
    #[fk(on_delete = cascade)]
    rest: WithoutColumns,
    #[fk(references = organizations(id), on_delete = cascade)]
    #[fk(on_delete = restrict)]
    org_id: i64,
    #[fk(references = organizations(id), on_delete = set_null(coupon))]
    coupon_id: Option<i64>,
    #[diesel(column_name = coupon_id)]
    #[fk(references = organizations(id), on_delete = "SET NULL (org_id)")]
    coupon: Option<i64>,
    #[diesel(column_name = coupon_id)]
    #[fk(references = organizations(id), on_update = set_null(coupon_id))]
    voucher: Option<i64>,
}

#[derive(ForeignKeys)]
#[diesel(table_name = line_items)]
struct None {
    #[fk(none, on_delete = cascade)]
    org_id: i64,
    #[fk(none = true)]
    order_id: i64,
    #[fk(none, references = organizations(id))]
    coupon_id: Option<i64>,
}

fn main() {}

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
#[fk(columns(order_id, coupon_id, region), references = "elsewhere", on_delete = set_null(coupon_id, region))]
struct SetNull {
    #[fk(references = organizations(id), on_delete = set_null, reason = "r")]
    org_id: i64,
    #[fk(references = organizations(id), on_delete = "SET NULL")]
    order_id: i64,
    #[fk(references = organizations(id), on_update = set_null)]
    id: i64,
    #[fk(references = organizations(id), on_delete = set_null)]
    coupon_id: Option<i64>,
}

#[derive(ForeignKeys)]
#[diesel(table_name = line_items)]
#[fk(columns(coupon_id, region), references = "elsewhere", on_delete = set_null)]
struct AllOfTheKey;

fn main() {}

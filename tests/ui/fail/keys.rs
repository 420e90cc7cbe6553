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
struct Keys {
    #[fk(on_delet = cascade)]
    org_id: i64,
    #[fk(cascade)]
    order_id: i64,
    #[fk(set_nul)]
    coupon_id: Option<i64>,
    #[fk(parent = organizations)]
    region: String,
    #[fk()]
    a: i64,
    #[fk]
    b: i64,
    #[fk = "cascade"]
    c: i64,
    #[fk(on_delete = cascade, on_delete = restrict)]
    d: i64,
    #[fk(on_delete = cascade on_update = cascade)]
    e: i64,
    #[fk(on_delete = cascade; on_update = cascade)]
    f: i64,
    #[fk("cascade")]
    g: i64,
    #[fk(delete = cascade)]
    h: i64,
    #[fk(ondelete = cascade)]
    i: i64,
    #[fk(foreign_key = org_id)]
    j: i64,
}

fn main() {}

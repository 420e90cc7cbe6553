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
#[fk(data = valuable)]
struct Values {
    #[fk(on_delete = cascade, deferrable = defered)]
    org_id: i64,
    #[fk(on_delete = cascade, deferrable)]
    order_id: i64,
    #[fk(on_delete = cascade, name = line_items_fkey)]
    coupon_id: Option<i64>,
    #[fk(on_delete = cascade, reason = because)]
    region: String,
    #[fk(on_delete = cascade, data = precious)]
    a: i64,
    #[fk(on_delete = cascade, data = )]
    b: i64,
    #[fk(on_delete = cascade, deferrable = never)]
    c: i64,
}

#[derive(ForeignKeys)]
#[diesel(table_name = line_items)]
struct Allowances {
    #[fk(on_delete = cascade, allow(fk_missing_indx))]
    org_id: i64,
    #[fk(on_delete = cascade, allow(everything))]
    order_id: i64,
    #[fk(on_delete = cascade, allow())]
    coupon_id: Option<i64>,
    #[fk(on_delete = cascade, allow = fk_missing_index)]
    region: String,
    #[fk(on_delete = cascade, allow(reason = "small"))]
    a: i64,
    #[fk(on_delete = cascade, allow("fk_missing_index"))]
    b: i64,
}

fn main() {}

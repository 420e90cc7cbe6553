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
struct Actions {
    #[fk(on_delete = casacde)]
    org_id: i64,
    #[fk(on_delete = )]
    order_id: i64,
    #[fk(on_delete)]
    coupon_id: Option<i64>,
    #[fk(on_delete: cascade)]
    region: String,
    #[fk(on_delete(cascade))]
    a: i64,
    #[fk(on_delete = "SETNULL")]
    b: i64,
    #[fk(on_delete = "delete them")]
    c: i64,
    #[fk(on_delete = delete)]
    d: i64,
    #[fk(on_delete = Cascade)]
    e: i64,
    #[fk(on_delete = cascade())]
    f: i64,
    #[fk(on_delete = restrict(org_id))]
    g: i64,
    #[fk(on_delete = set_null())]
    h: i64,
    #[fk(on_delete = 1)]
    i: i64,
    #[fk(on_delete = set null)]
    j: i64,
    #[fk(on_delete = SET NULL)]
    k: i64,
    #[fk(on_delete = no action)]
    l: i64,
    #[fk(on_update = casacde)]
    m: i64,
    #[fk(on_delete = Action::Cascade)]
    n: i64,
    #[fk(on_delete = , on_update = cascade)]
    o: i64,
}

fn main() {}

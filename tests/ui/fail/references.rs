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
struct References {
    #[fk(references)]
    org_id: i64,
    #[fk(references = )]
    order_id: i64,
    #[fk(references(organizations))]
    coupon_id: Option<i64>,
    #[fk(references = organizations())]
    region: String,
    #[fk(references = "organizations(")]
    a: i64,
    #[fk(references = "a.b.c")]
    b: i64,
    #[fk(references = "organizations(id)"(id))]
    c: i64,
    #[fk(references = orders(id, region))]
    d: i64,
    #[fk(references = organizations.id)]
    e: i64,
    #[fk(references = organizations(id, id))]
    f: i64,
    #[fk(references = [organizations])]
    h: i64,
}

fn main() {}

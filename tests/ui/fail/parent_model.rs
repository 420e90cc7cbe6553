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

struct Organization {
    id: i64,
}

#[derive(ForeignKeys)]
#[diesel(table_name = line_items, belongs_to(Organization, foreign_key = org_id))]
struct LineItem {
    #[fk(on_delete = cascade)]
    org_id: i64,
}

fn main() {}

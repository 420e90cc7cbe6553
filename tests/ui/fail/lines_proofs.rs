use fkcheck_macros::foreign_keys;

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

foreign_keys! {
    line_items (org_id) -> organizations (id), on_delete = set_null;
    line_items (region) -> organizations (id), on_delete = cascade;
    line_items (order_id, region) -> organizations, on_delete = cascade;
}

fn main() {}

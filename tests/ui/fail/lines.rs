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
    line_items -> organizations (id), on_delete = cascade;
    line_items (org_id) -> organizations (id, name), on_delete = cascade;
    line_items (org_id) -> organizations (id), references = organizations;
    line_items (org_id) -> organizations (id), columns(org_id);
    line_items (org_id) -> organizations (id) on_delete = cascade;
    line_items (org_id) => organizations (id), on_delete = cascade;
    line_items () -> organizations (id), on_delete = cascade;
    line_items (org_id) -> organizations (id), on_delete = casacde;
    line_items (org_id) -> organizations (id), on_delete = set_null(coupon_id);
    line_items (org_id) -> , on_delete = cascade;
    "line_items(org_id)" -> organizations (id), on_delete = cascade;
    line_items.org_id -> organizations.id, on_delete = cascade;
    line_items (org_id) -> organizations (id), on_delete = cascade
    line_items (order_id) -> orders (id);
    line_items (org_id), reason = "it is so";
    line_items (org_id), none -> organizations;
}

fn main() {}

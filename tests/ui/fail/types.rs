use diesel::prelude::*;
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

#[derive(Identifiable)]
#[diesel(table_name = orders, primary_key(id, region))]
struct Order {
    id: i64,
    region: String,
}

#[derive(Identifiable)]
struct Organization {
    id: i64,
}

#[derive(ForeignKeys)]
#[diesel(table_name = line_items)]
#[diesel(belongs_to(Organization, foreign_key = region))]
#[diesel(belongs_to(Order, foreign_key = coupon_id))]
#[fk(columns(order_id, region), references = orders(id, note), on_delete = cascade)]
#[fk(columns(coupon_id, region), references = orders(region, id), on_delete = cascade)]
#[fk(columns(region, order_id), references = orders, on_delete = cascade)]
#[fk(columns(order_id, org_id), references = organizations, on_delete = cascade)]
struct Types {
    #[fk(references = organizations(name), on_delete = cascade)]
    org_id: i64,
    #[fk(references = orders, on_delete = cascade)]
    order_id: i64,
    #[fk(on_delete = cascade)]
    region: String,
    #[fk(on_delete = cascade)]
    coupon_id: Option<i64>,
}

fn main() {}

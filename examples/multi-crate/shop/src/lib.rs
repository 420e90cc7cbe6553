//! What is bought.

use accounts::User;
use diesel::prelude::*;
use fkcheck_macros::ForeignKeys;
use schema::schema::shop;
use schema::schema::shop::{categories, order_lines, orders, products, users};

#[derive(Queryable, Selectable, Identifiable, ForeignKeys)]
#[diesel(table_name = categories, check_for_backend(diesel::pg::Pg))]
pub struct Category {
    pub id: i64,
    #[fk(references = categories(id), on_delete = restrict)]
    pub parent_id: Option<i64>,
    pub name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, ForeignKeys)]
#[diesel(belongs_to(Category), check_for_backend(diesel::pg::Pg))]
pub struct Product {
    pub id: i64,
    #[fk(on_delete = set_null)]
    pub category_id: Option<i64>,
    pub name: String,
}

/// Two keys to one parent: `joinable!` can tell neither, `belongs_to` only one.
#[derive(Queryable, Selectable, Identifiable, ForeignKeys)]
#[diesel(primary_key(id, region), check_for_backend(diesel::pg::Pg))]
#[fk(data = audit)]
pub struct Order {
    pub id: i64,
    pub region: String,
    #[fk(references = users(id), on_delete = restrict)]
    pub buyer_id: i64,
    #[fk(references = users(id), on_delete = set_null, reason = "an order outlives the agent who took it")]
    pub agent_id: Option<i64>,
}

/// A key of two columns stands on the struct.
#[derive(Queryable, Selectable, Identifiable, Associations, ForeignKeys)]
#[diesel(belongs_to(Product), check_for_backend(diesel::pg::Pg))]
#[fk(columns(order_id, region), references = orders(id, region), on_delete = cascade, on_update = cascade)]
pub struct OrderLine {
    pub id: i64,
    pub order_id: i64,
    pub region: String,
    #[fk(on_delete = set_null)]
    pub product_id: Option<i64>,
    pub quantity: i32,
}

#[derive(Queryable, Selectable, Identifiable, Associations, ForeignKeys)]
#[diesel(table_name = shop::returns, belongs_to(User, foreign_key = handler_id))]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[fk(columns(order_id, region), references = shop::orders, on_delete = restrict, name = "returns_order_fkey")]
pub struct Return {
    pub id: i64,
    pub order_id: i64,
    pub region: String,
    #[fk(on_delete = set_null, deferrable = deferred)]
    pub handler_id: Option<i64>,
    #[diesel(column_name = type_)]
    pub r#type: String,
}

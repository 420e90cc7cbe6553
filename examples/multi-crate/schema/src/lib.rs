//! The tables, and the keys of those that no model serves.

pub mod schema;

use fkcheck_macros::foreign_keys;
use schema::shop::{followers, product_tags, products, tags, users};

foreign_keys! {
    followers (follower_id) -> users (id), on_delete = cascade;
    followers (followed_id) -> users (id), on_delete = cascade;
    product_tags (product_id) -> products (id), on_delete = cascade;
    product_tags (tag_id) -> tags (id), on_delete = cascade;
}

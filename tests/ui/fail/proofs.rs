use diesel::prelude::*;
use fkcheck_macros::ForeignKeys;

diesel::table! { users (id) { id -> BigInt, name -> Text, } }
diesel::table! { orders (id, region) { id -> BigInt, region -> Text, } }
diesel::table! { posts (id) { id -> BigInt, author_id -> BigInt, order_id -> Text, region -> Nullable<Integer>, } }

struct Stranger;
#[derive(Identifiable)]
struct User { id: i64 }

#[derive(ForeignKeys)]
#[diesel(belongs_to(Stranger, foreign_key = author_id))]
struct Post {
    #[fk(references = users(id), on_delete = set_null)]
    author_id: i64,
    #[fk(references = users(idd), on_delete = cascade)]
    region: i64,
    #[fk(references = users(id))]
    order_id: i64,
    #[fk(references = users)]
    #[diesel(column_name = order_id)]
    b: i64,
    #[fk(references = orders)]
    #[diesel(column_name = order_id)]
    c: i64,
    #[fk(references = usrs)]
    #[diesel(column_name = order_idd)]
    d: i64,
    #[fk(on_delete = cascade)]
    #[diesel(column_name = author_id)]
    e: i64,
    #[fk(references = User)]
    #[diesel(column_name = author_id)]
    f: i64,
    #[fk(references = User(id))]
    #[diesel(column_name = author_id)]
    g: i64,
}
#[derive(ForeignKeys)]
#[diesel(table_name = posts)]
#[fk(columns(order_id, region), references = orders)]
#[fk(columns(order_id, region), references = users)]
struct Postc;

fn main() {}

//! Who buys.

use diesel::prelude::*;
use fkcheck_macros::ForeignKeys;
use schema::schema::shop::users;

#[derive(Queryable, Selectable, Identifiable, ForeignKeys)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct User {
    pub id: i64,
    // A self-reference.
    #[fk(references = users(id), on_delete = set_null, reason = "the invited stay when the inviter goes")]
    pub invited_by: Option<i64>,
    pub email: String,
}

#[derive(Insertable, AsChangeset, ForeignKeys)]
#[diesel(table_name = users)]
pub struct UserForm<'a> {
    #[fk(references = users, on_delete = set_null)]
    pub invited_by: Option<i64>,
    pub email: &'a str,
}

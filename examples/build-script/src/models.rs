//! The rows.

use diesel::prelude::*;
use fkcheck_macros::ForeignKeys;

use crate::schema::{authors, books};

/// Who writes.
#[derive(Identifiable, Queryable)]
pub struct Author {
    /// Its number.
    pub id: i32,
    /// Their name.
    pub name: String,
}

/// What they write.
#[derive(Associations, ForeignKeys, Identifiable, Queryable)]
#[diesel(belongs_to(Author))]
pub struct Book {
    /// Its number.
    pub id: i32,
    /// A book goes with its author.
    #[fk(on_delete = cascade)]
    pub author_id: i32,
    /// Editors come and go.
    #[fk(references = authors(id), on_delete = set_null)]
    pub editor_id: Option<i32>,
}

//! Say in a Diesel model what happens to a child row when its parent is deleted.
//!
//! ```
//! use diesel::prelude::*;
//! use fkcheck_macros::{ForeignKeys, foreign_keys};
//!
//! mod schema {
//!     diesel::table! {
//!         organizations (id) {
//!             id -> BigInt,
//!         }
//!     }
//!     diesel::table! {
//!         permission_profiles (id) {
//!             id -> BigInt,
//!         }
//!     }
//!     diesel::table! {
//!         ai_conversations (id) {
//!             id -> BigInt,
//!             org_id -> BigInt,
//!             permission_profile_id -> Nullable<BigInt>,
//!             owner_id -> BigInt,
//!         }
//!     }
//!     diesel::table! {
//!         memberships (org_id, user_id) {
//!             org_id -> BigInt,
//!             user_id -> BigInt,
//!         }
//!     }
//! }
//!
//! use schema::{ai_conversations, memberships, organizations, permission_profiles};
//!
//! #[derive(Identifiable, ForeignKeys)]
//! struct Organization {
//!     id: i64,
//! }
//!
//! #[derive(Identifiable, Associations, ForeignKeys)]
//! #[diesel(belongs_to(Organization, foreign_key = org_id))]
//! #[fk(data = value)]
//! struct AiConversation {
//!     id: i64,
//!     // The parent is told by `belongs_to`.
//!     #[fk(on_delete = cascade)]
//!     org_id: i64,
//!     #[fk(references = permission_profiles(id), on_delete = set_null, reason = "it outlives its profile")]
//!     permission_profile_id: Option<i64>,
//!     #[fk(none, reason = "user or team, told apart by another column")]
//!     owner_id: i64,
//! }
//!
//! // A table without a model.
//! foreign_keys! {
//!     memberships (org_id) -> organizations (id), on_delete = cascade;
//! }
//! # fn main() {}
//! ```
//!
//! # What is proved, and by whom
//!
//! The compiler proves what the code alone can tell: that the tables and columns exist in `table!`, that `set_null`
//! stands only on a `Nullable` column, and that both columns have the same SQL type up to `Nullable`. Whether the
//! database and the migrations agree is for `cargo fkcheck` to find out, which reads the same annotations by the same
//! parser.
//!
//! ```compile_fail,E0277
//! # diesel::table! { users (id) { id -> Integer, } }
//! # diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
//! #[derive(fkcheck_macros::ForeignKeys)]
//! struct Post {
//!     // error: `ON DELETE SET NULL` needs a nullable column, but `posts.author_id` is NOT NULL
//!     #[fk(references = users(id), on_delete = set_null)]
//!     author_id: i32,
//! }
//! ```
//!
//! Nothing of it remains in the binary: the macros expand to `const _` blocks without any function.

mod actions;
mod expand;
mod keys;
mod proofs;

use proc_macro::TokenStream;

/// States the foreign keys of a model's table, and lets the compiler prove what it can.
///
/// The table is Diesel's: `#[diesel(table_name = ..)]`, or the struct's name in snake case plus `s`. The column is the
/// field, or its `#[diesel(column_name = ..)]`. Insert and update forms may be annotated too; the claims about one key are
/// merged, and have to agree.
///
/// # On a field: `#[fk(..)]`
///
/// | entry | says |
/// | --- | --- |
/// | `references = users(id)` | the parent: a path that the compiler checks, or a string (`"billing.users(id)"`) for a table that is not in scope. Without columns: its primary key. Left out: `belongs_to(..)` tells |
/// | `on_delete = cascade` | or `restrict`, `no_action`, `set_null`, `set_null(column, ..)`, `set_default`, or SQL in a string: `"SET NULL"`. Left out: nothing is said of deletes |
/// | `on_update = cascade` | likewise |
/// | `deferrable = deferred` | or `immediate` |
/// | `name = "posts_author_id_fkey"` | the constraint's name |
/// | `none` | there is no foreign key, on purpose |
/// | `data = value` | or `ephemeral`, `audit`: what the row is worth |
/// | `reason = ".."` | why, for the next reader |
/// | `allow(fk_missing_index, reason = "..")` | rules that may be broken here; `allow(fk_type_mismatch)` waives the proof of the types |
///
/// # On the struct
///
/// `#[fk(data = ..)]` for all keys of the table, and composite keys:
///
/// ```
/// # diesel::table! { orders (id, region) { id -> Integer, region -> Text, } }
/// # diesel::table! { line_items (id) { id -> Integer, order_id -> Integer, region -> Text, } }
/// #[derive(fkcheck_macros::ForeignKeys)]
/// #[diesel(table_name = line_items)]
/// #[fk(columns(order_id, region), references = orders(id, region), on_delete = cascade)]
/// struct LineItem {
///     order_id: i32,
///     region: String,
/// }
/// # fn main() {}
/// ```
#[proc_macro_derive(ForeignKeys, attributes(fk, diesel))]
pub fn derive_foreign_keys(input: TokenStream) -> TokenStream {
    expand::derive(input.into()).into()
}

/// States the foreign keys of tables that have no model, in the order of Diesel's `joinable!`.
///
/// The entries are those of [`#[derive(ForeignKeys)]`](derive@ForeignKeys); the child's columns stand before the arrow,
/// the parent after it. Either table may be a path or a string.
///
/// ```
/// # diesel::table! { crates (id) { id -> Integer, } }
/// # diesel::table! { follows (user_id, crate_id) { user_id -> Integer, crate_id -> Integer, } }
/// fkcheck_macros::foreign_keys! {
///     follows (crate_id) -> crates (id), on_delete = cascade;
///     follows (user_id) -> "accounts.users(id)", on_delete = cascade, reason = "a follow is nothing by itself";
///     "audit.entries" (crate_id) -> crates (id), on_delete = restrict;
/// }
/// # fn main() {}
/// ```
#[proc_macro]
pub fn foreign_keys(input: TokenStream) -> TokenStream {
    expand::lines(input.into()).into()
}

//! Every form of a line.
#![deny(warnings)]

mod schema {
    diesel::table! {
        crates (id) {
            id -> Integer,
        }
    }

    diesel::table! {
        follows (user_id, crate_id) {
            user_id -> Integer,
            crate_id -> Nullable<Integer>,
        }
    }

    fkcheck_macros::foreign_keys! {
        follows (crate_id) -> crates (id), on_delete = cascade;
    }
}

use fkcheck_macros::foreign_keys;
use schema::{crates, follows};

foreign_keys! {
    follows (crate_id) -> crates (id), on_delete = set_null, on_update = cascade, name = "follows_crate_id_fkey";
    schema::follows (user_id) -> schema::crates, on_delete = "CASCADE", reason = "a follow is nothing by itself";
    crate::schema::follows (user_id, crate_id) -> follows (user_id, crate_id), on_delete = set_null(crate_id);
    follows (user_id, crate_id) -> follows, on_delete = restrict;
    follows (user_id), none, reason = "user or team";
    follows (user_id) -> "billing.users(id)";
    "audit.log" (a, b) -> "x(c, d)", on_delete = no_action;
    "audit.log" (crate_id) -> crates (id), deferrable = immediate, data = audit, allow(fk_missing_index)
}

foreign_keys! {}

fn main() {}

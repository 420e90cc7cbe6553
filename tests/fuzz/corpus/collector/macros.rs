fkcheck_macros::foreign_keys! { posts (user_id) -> users (id), on_delete = cascade; sch.a (b, c) -> d (e, f), on_delete = restrict, match = full; }
mod inner { fn f() { diesel::table! { t (id) { id -> Integer, } } let s = r##"table! { "# }"##; /* /* nested */ */ 'a'; b"x"; 1.0e3; } }
quote! { joinable!(#a -> #b (#c)); }
#[cfg(test)] mod tests { use super::*; #[diesel(table_name = super::schema::t)] #[derive(Identifiable)] struct T(i32); }

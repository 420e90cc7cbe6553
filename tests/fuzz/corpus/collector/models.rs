diesel::table! { use diesel::sql_types::*; users (id) { id -> Integer, #[max_length = 20] name -> Nullable<Varchar>, } }
diesel::table! { sch.posts (id, no) { id -> Integer, #[sql_name = "a b"] no -> BigInt, user_id -> Nullable<Integer>, } }
diesel::joinable!(posts -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(posts, users);
#[derive(Queryable, Associations, fkcheck_macros::ForeignKeys)]
#[diesel(table_name = posts, belongs_to(User))]
#[fk(columns(id, no), references = other(a, b), on_delete = set_null(no), on_update = no_action, deferrable = initially_deferred)]
pub struct Post<'a> { pub id: i32, #[fk(references = users(id), on_delete = cascade, because = "r#\"x\"#")] #[diesel(column_name = user_id)] pub user: Option<&'a i32> }

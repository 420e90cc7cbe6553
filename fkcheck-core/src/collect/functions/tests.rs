//! The shapes in which real code deletes: which table each means.

use crate::collect::{Facts, InputFile, collect};
use crate::model::{Deed, Rows};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, deleted_at -> Nullable<Timestamp>, } }
diesel::table! { posts (id) { id -> Integer, #[sql_name = \"owner\"] owner_id -> Nullable<Integer>, } }
";

const MODELS: &str = "
use diesel::prelude::*;
#[derive(Queryable, Identifiable, Selectable)]
#[diesel(table_name = crate::schema::users)]
pub struct User { pub id: i32 }
#[derive(Queryable, Identifiable)]
#[diesel(table_name = crate::schema::posts)]
pub struct Post { pub id: i32 }
pub fn posts_of(id: i32) -> crate::schema::posts::BoxedQuery<'static, Sqlite> { crate::schema::posts::table.filter(true).into_boxed() }
pub fn current() -> QueryResult<User> { delete_later() }
";

fn collected(code: &str) -> Facts {
    let dir = tempfile::tempdir().expect("a directory");
    let files = [("schema", SCHEMA), ("models", MODELS), ("code", code)];
    let inputs: Vec<InputFile> = files
        .iter()
        .map(|(name, text)| {
            let path = dir.path().join(format!("{name}.rs"));
            std::fs::write(&path, text).expect("written");
            InputFile {
                path,
                display: format!("{name}.rs"),
                modules: vec![(*name).to_owned()],
                root: 0,
                package: 0,
            }
        })
        .collect();
    collect(Vec::new(), &inputs)
}

/// `User::purge: one users`, a line a delete or update.
fn told(facts: &Facts) -> Vec<String> {
    let mut lines = Vec::new();
    for function in &facts.functions {
        for act in &function.acts {
            let text = match &act.what {
                Deed::Delete { table, rows, .. } => {
                    let rows = match rows {
                        Rows::All => "all",
                        Rows::One => "one",
                        Rows::Some => "some",
                    };
                    format!("{rows} {table}")
                }
                Deed::DeleteOfUnknown { .. } => "unknown".to_owned(),
                Deed::Update { table, columns, soft } => {
                    let soft = if soft.is_some() { " soft" } else { "" };
                    format!("{table} {}{soft}", columns.join(" "))
                }
                Deed::Call(called) => {
                    let called = called.iter().map(|&at| facts.functions[at].name.clone());
                    format!("calls {}", called.collect::<Vec<_>>().join(" or "))
                }
            };
            lines.push(format!("{}: {text}", function.name));
        }
    }
    lines
}

/// The body of a function that has `conn` and what it imports.
fn of_body(body: &str) -> String {
    let code = format!(
        "use diesel::prelude::*;\nuse diesel::delete as gone;\nuse crate::schema::{{self, users, posts}};\nuse crate::models::*;\n\
         fn f(conn: &mut Db, id: i32, user: &User, all: Vec<Post>) {{ {body} }}\n"
    );
    told(&collected(&code)).join(", ").replace("f: ", "")
}

#[test]
fn targets_are_known_by_their_syntax() {
    for (body, expected) in [
        ("diesel::delete(users::table).execute(conn);", "all users"),
        ("diesel::delete(users::table.find(id)).execute(conn);", "one users"),
        ("diesel::delete(schema::users::table.filter(users::id.eq(id))).execute(conn);", "some users"),
        ("diesel::delete(users::table).filter(users::id.eq(id)).execute(conn);", "some users"),
        ("use crate::schema::users::dsl::*; gone(users.find(id)).execute(conn);", "one users"),
        ("use crate::schema::posts::dsl as p; diesel::delete(p::posts).execute(conn);", "all posts"),
        ("diesel::delete(user).execute(conn);", "all users"),
        ("diesel::delete(&user).execute(conn);", "one users"),
        ("for post in &all { diesel::delete(post).execute(conn); }", "all posts"),
        ("all.iter().for_each(|post| { diesel::delete(post).execute(conn); });", "all posts"),
        ("let x: Vec<Post> = load(); for y in x { diesel::delete(&y).execute(conn); }", "one posts"),
        (
            "let u = users::table.find(id).first::<User>(conn)?; diesel::delete(&u).execute(conn);",
            "one users",
        ),
        (
            "let u = users::table.select(User::as_select()).first(conn)?; diesel::delete(&u).execute(conn);",
            "one users",
        ),
        ("let u = current()?; diesel::delete(&u).execute(conn);", "one users"),
        ("if let Some(u) = current().optional()? { diesel::delete(&u).execute(conn); }", "one users"),
        ("match current() { Ok(u) => { diesel::delete(&u).execute(conn); } Err(_) => {} }", "one users"),
        (
            "let target = posts::table.filter(posts::id.eq(id)); diesel::delete(target).execute(conn);",
            "all posts",
        ),
        ("diesel::delete(posts_of(id)).execute(conn);", "all posts"),
        ("conn.transaction(|conn| { diesel::delete(posts::table).execute(conn) });", "all posts"),
        ("run! { conn: { diesel::delete(posts::table).execute(conn) } }", "all posts"),
        ("diesel::sql_query(\"DELETE FROM posts WHERE id = 1\").execute(conn);", "some posts"),
        ("diesel::sql_query(format!(\"DELETE FROM {}\", table)).execute(conn);", "unknown"),
        ("conn.batch_execute(\"TRUNCATE users CASCADE\");", "all users"),
        ("diesel::delete(something).execute(conn);", "unknown"),
        (
            "diesel::update(users::table.find(id)).set(users::deleted_at.eq(now)).execute(conn);",
            "users deleted_at soft",
        ),
        (
            "diesel::update(users::table).set(users::deleted_at.eq(None::<T>)).execute(conn);",
            "users deleted_at",
        ),
        (
            "diesel::update(posts::table).set((posts::owner_id.eq::<Option<i32>>(None), posts::id.eq(1))).execute(conn);",
            "posts owner id",
        ),
        ("list.delete(4); delete(5);", ""),
        ("match kind { Kind::M(user) => { diesel::delete(&user).execute(conn); } _ => {} }", "unknown"),
        ("run(|user: &Post| { diesel::delete(user).execute(conn); });", "all posts"),
        ("let n; diesel::delete(users::table).execute(conn); let m = 1;", "all users"),
        ("diesel::delete(Post::belonging_to(user)).execute(conn);", "all posts"),
        (
            "let text = \"DELETE FROM posts WHERE id = 1\"; diesel::sql_query(text).execute(conn);",
            "some posts",
        ),
        ("println!(\"a DELETE FROM posts\");", ""),
        (
            "diesel::delete(users::table.a().b().c().d().e().f().g().h().filter(true)).execute(conn);",
            "some users",
        ),
    ] {
        assert_eq!(of_body(body), expected, "{body}");
    }
}

/// What a function calls, by path, by type, by `self`, through a trait.
#[test]
fn calls_are_followed() {
    let code = "
use diesel::prelude::*;
use crate::schema::{users, posts};
use crate::models::{User, Post};
trait Crud: Sized { fn remove(id: i32, conn: &mut Db) { diesel::delete(Self::table().find(id)).execute(conn); } }
impl Crud for User {}
impl Crud for Post {}
impl Post { fn delete_all(conn: &mut Db) { diesel::delete(posts::table).execute(conn); } }
impl User {
    fn clear(&self, conn: &mut Db) { Post::delete_all(conn); }
    fn delete(self, conn: &mut Db) { self.clear(conn); Self::remove(1, conn); purge(conn); }
}
fn purge(conn: &mut Db) { diesel::sql_query(\"DELETE FROM users\").execute(conn); }
fn idle() { println!(\"delete\"); }
#[cfg(test)]
mod tests { #[test] fn delete_works() { super::purge(&mut conn()); } }
";
    let facts = collected(code);
    assert_eq!(
        told(&facts),
        [
            "purge: all users",
            "delete_works: calls purge",
            "User::clear: calls Post::delete_all",
            "User::delete: calls User::clear",
            "User::delete: calls User::remove",
            "User::delete: calls purge",
            "Post::delete_all: all posts",
            "User::remove: one users",
            "Post::remove: one posts",
        ]
    );
    let tests: Vec<&str> =
        facts.functions.iter().filter(|function| function.is_test).map(|function| &*function.name).collect();
    assert_eq!(tests, ["delete_works"]);
}

//! Nobody says which table a key references, or `schema.rs` doesn't have it.

use super::examples::USERS_AND_POSTS;
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::collect::Facts;
use crate::finding::Level;
use crate::grammar::nearest;
use crate::model::{DeclaredKey, Engine, RuleId};

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    editor_id INTEGER
);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_unknown_parent,
    group: Group::Code,
    level: Level::Deny,
    says: "nobody says which table a key references, or `schema.rs` doesn't have it",
    why: "A rule without a parent can be compared with any key on the column, the wrong one included. The parent may be said in \
          three ways: `references = ..` in the annotation, `belongs_to(..)` on the struct, or `joinable!` in schema.rs.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(on_delete = restrict)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, Identifiable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: i32,
}

#[derive(Queryable, Associations, ForeignKeys)]
#[diesel(table_name = posts, belongs_to(User, foreign_key = author_id))]
pub struct Post {
    pub id: i32,
    #[fk(on_delete = restrict)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}",
    },
    code: Some(check),
    source: None,
};

fn check(facts: &Facts, drafts: &mut Drafts) {
    if facts.lacks_tables {
        return;
    }
    for declared in facts.keys.iter().filter(|declared| declared.none().is_none()) {
        match declared.parent() {
            None => drafts.add(not_told(declared)),
            // A parent in a string may lie outside schema.rs; the source is asked about it.
            Some(parent) if parent.by_path && facts.table(&parent.table).is_none() => {
                let message =
                    format!("`{}` references `{}`, which no `table!` declares", declared.key, parent.table);
                let draft = Draft::of_key(RULE.level, declared, parent.span, "not in `schema.rs`", message);
                let near =
                    nearest(&parent.table.name, facts.tables.iter().map(|table| table.name.name.as_str()));
                drafts.add(match near {
                    Some(near) => draft.help(format!("did you mean `{near}`?")),
                    None => draft,
                });
            }
            Some(_) => {}
        }
    }
}

fn not_told(declared: &DeclaredKey) -> Draft {
    let claim = declared.first();
    let message = format!("nobody says which table `{}` references", declared.key);
    Draft::of_key(RULE.level, declared, claim.span, "a rule without a parent", message)
        .help("say it in the annotation: `references = users(id)`, or \"users(id)\" for a table that is not in scope")
        .help(format!("or on the struct: `#[diesel(belongs_to(User, foreign_key = {}))]`", declared.key.columns.join(", ")))
        .help(format!(
            "or in schema.rs: `joinable!({} -> users ({}));`, which Diesel writes for the keys that the database has: a key that \
             was dropped there loses it with the next `diesel migration run`",
            declared.key.table.name,
            declared.key.columns.join(", ")
        ))
}

//! The rule loses rows of the class that the code says they are.

use super::examples::USERS_AND_POSTS;
use super::wording::declared_key;
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::collect::Facts;
use crate::compare::Comparison;
use crate::finding::Level;
use crate::model::{Action, DataClass, DeclaredKey, Engine, RuleId, Span};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_data_class,
    group: Group::Code,
    level: Level::Warn,
    says: "the delete rule loses rows that the code says are worth keeping",
    why: "What a child row is worth once its parent is gone decides the rule, and only people know it. Ephemeral rows (logs, sessions, \
          hand-shakes, derived counters) may go: CASCADE. Rows of value should outlive the parent: SET NULL, which needs a nullable \
          column and forgets which parent it was. Audit evidence must stay: RESTRICT keeps it but can block a lawful erasure; SET NULL on \
          the way of deletion keeps the row and can make the trail anonymous; a copied id without a key is the third way. The rule \
          speaks only where a class is stated: `#[fk(data = ephemeral | value | audit)]` on a field or a struct, or a pattern in \
          `[workspace.metadata.fkcheck.data]`.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    editor_id INTEGER
);
CREATE INDEX posts_author_id ON posts (author_id);",
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
#[fk(data = value)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL,
    editor_id INTEGER REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX posts_editor_id ON posts (editor_id);",
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
#[fk(data = value)]
pub struct Post {
    pub id: i32,
    pub author_id: i32,
    #[fk(references = users(id), on_delete = set_null)]
    pub editor_id: Option<i32>,
}",
    },
    code: Some(check),
    source: Some(check_unstated),
};

/// Where the code states both.
fn check(facts: &Facts, drafts: &mut Drafts) {
    for declared in &facts.keys {
        if let Some(stated) = declared.on_delete() {
            judge(declared, &stated.value, stated.span, drafts);
        }
    }
}

/// Where the code states the class alone, the source has the rule.
fn check_unstated(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        if let (None, Some(observed)) = (pair.declared.on_delete(), pair.observed()) {
            judge(pair.declared, &observed.on_delete, pair.declared.first().span, drafts);
        }
    }
}

fn judge(declared: &DeclaredKey, action: &Action, span: Span, drafts: &mut Drafts) {
    let Some(data) = declared.data() else { return };
    let (class, advice) = match (data.value, action) {
        (DataClass::Value, Action::Cascade) => (
            "of value",
            "`set_null` keeps them, without their parent, and needs a nullable column; `restrict` keeps the parent too",
        ),
        (DataClass::Audit, Action::Cascade) => (
            "audit evidence",
            "`restrict` keeps them and can block a lawful erasure; `set_null` keeps them and can make the trail anonymous; a copied id \
             without a key (`#[fk(none, reason = \"..\")]`) is the third way",
        ),
        _ => return,
    };
    let table = &declared.key.table;
    let message = format!(
        "{}: rows of `{table}` are {class}, and ON DELETE {action} deletes them with their parent",
        declared_key(declared)
    );
    let draft = Draft::of_key(RULE.level, declared, span, "deletes them", message)
        .label(data.span, "the class is stated here")
        .help(advice);
    drafts.add(draft);
}

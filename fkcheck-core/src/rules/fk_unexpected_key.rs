//! `#[fk(none)]`, and the source has a key.

use super::examples::USERS_AND_POSTS;
use super::wording::{change_the_code, key_to_parent, source_name};
use super::{Aspect, Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::{Comparison, Seen};
use crate::finding::{Consequence, Level};
use crate::model::{Action, Engine, RuleId};
use crate::words::delete_does;

const CODE: &str = "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(none, reason = \"a post outlives its author, and keeps the id\")]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_unexpected_key,
    group: Group::Agreement,
    level: Level::Deny,
    says: "`#[fk(none)]` in the code, and the source has a key",
    why: "`none` says that a column purposely has no foreign key: it may hold ids of several tables, or must outlive its parent. \
          A key on it refuses such rows, or takes them away with the parent.",
    role: Role { aspect: Some(Aspect::Absence), in_build_scripts: true, ..Role::NONE },
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id),
    editor_id INTEGER
);",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL,
    editor_id INTEGER
);",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        let (Some(none), Seen::Keys(keys) | Seen::OtherParent(keys)) = (pair.declared.none(), &pair.seen)
        else {
            continue;
        };
        let Some(observed) = keys.first() else { continue };
        let source = source_name(comparison);
        let message = format!(
            "`{}` has purposely no foreign key in the code, and the {source} has {} ON DELETE {}",
            pair.declared.key,
            key_to_parent(&observed.key, &observed.parent),
            observed.on_delete
        );
        let consequence = match observed.on_delete {
            Action::Cascade => Consequence::SilentDelete,
            Action::SetNull(_) | Action::SetDefault(_) => Consequence::SilentUpdate,
            Action::NoAction | Action::Restrict => Consequence::DeleteFails,
        };
        let mut draft =
            Draft::of_key(RULE.level, pair.declared, none, "no foreign key, says the code", message)
                .seen_in(comparison, Some(observed))
                .consequence(consequence)
                .note(format!(
                    "deleting a row of `{}` {}",
                    observed.parent,
                    delete_does(&observed.on_delete, &observed.key)
                ));
        if let Some(reason) = pair.declared.claims.iter().find_map(|claim| claim.reason.as_ref()) {
            draft = draft.note(format!("the code's reason: {}", reason.value));
        }
        let annotation = format!("on_delete = {}", observed.on_delete.as_annotation());
        drafts.add(
            draft
                .help(format!("if the code is right: write a migration that drops the key from the {source}"))
                .help(change_the_code(comparison, &annotation)),
        );
    }
}

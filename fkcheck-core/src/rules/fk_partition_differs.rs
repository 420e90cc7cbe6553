//! A partition has a key of its own beside that of the whole, and it does something else.

use super::examples::USERS_AND_POSTS;
use super::wording::{consequence, consequence_text, declared_key, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::{Agreement, Comparison, actions_agree};
use crate::finding::Level;
use crate::model::{Action, Deferrability, Engine, ObservedKey, RuleId};

const CODE: &str = "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_partition_differs,
    group: Group::Agreement,
    level: Level::Deny,
    says: "a partition has a key of its own on the same columns, which acts first and does something else",
    why: "A table that is attached as a partition keeps the keys that it had. Its rows then stand under two keys, its own and the \
          partitioned table's, and the one that was made first decides what a delete does to them: it fails though the \
          partitioned table's key would cascade, or takes rows away that this key would keep. Where the two do the same, \
          PostgreSQL makes them one.",
    role: Role { in_build_scripts: true, ..Role::NONE },
    wrong: Example {
        engine: Engine::Postgres,
        files: &[],
        database: "
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts_1 (id integer PRIMARY KEY, author_id integer NOT NULL REFERENCES users (id), editor_id integer);
CREATE TABLE posts (id integer PRIMARY KEY, author_id integer NOT NULL, editor_id integer) PARTITION BY RANGE (id);
ALTER TABLE posts ATTACH PARTITION posts_1 FOR VALUES FROM (0) TO (1000);
ALTER TABLE posts ADD FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX posts_author_id ON posts (author_id);",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    right: Example {
        engine: Engine::Postgres,
        files: &[],
        database: "
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts_1 (id integer PRIMARY KEY, author_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE, editor_id integer);
CREATE TABLE posts (id integer PRIMARY KEY, author_id integer NOT NULL, editor_id integer) PARTITION BY RANGE (id);
ALTER TABLE posts ATTACH PARTITION posts_1 FOR VALUES FROM (0) TO (1000);
ALTER TABLE posts ADD FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX posts_author_id ON posts (author_id);",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        let Some(observed) = pair.observed() else { continue };
        for own in comparison.keys_of_partitions(observed).filter(|own| decides(own, observed, comparison)) {
            let partition = &own.key.table;
            let message = format!(
                "{} is ON DELETE {} in the {}, and its partition `{partition}` has a key of its own that acts first, ON DELETE {}",
                declared_key(pair.declared),
                observed.on_delete,
                source_name(comparison),
                own.on_delete
            );
            let span = pair.declared.on_delete().map_or(pair.declared.first().span, |stated| stated.span);
            let name = own.name.as_deref().unwrap_or("..");
            drafts.add(
                Draft::of_key(RULE.level, pair.declared, span, "not for every partition", message)
                    .seen_in(comparison, Some(observed))
                    .consequence(consequence(&observed.on_delete, &own.on_delete))
                    .note(consequence_text(&observed.on_delete, own))
                    .help(format!(
                        "write a migration with `ALTER TABLE {partition} DROP CONSTRAINT {name}`: the key of `{}` holds there too",
                        observed.key.table
                    )),
            );
        }
    }
}

/// Whether the partition's key does something else, and is the one that decides: the first, or the other waits for COMMIT.
fn decides(own: &ObservedKey, whole: &ObservedKey, comparison: &Comparison<'_>) -> bool {
    let waits = whole.on_delete == Action::NoAction && whole.deferrability == Deferrability::Deferred;
    let is_deferrable = [own, whole].iter().any(|key| key.deferrability != Deferrability::NotDeferrable);
    own.in_force.enforced
        && own.in_force.action_enabled
        && (own.firing_order < whole.firing_order || waits)
        && actions_agree(
            &whole.on_delete,
            &own.on_delete,
            &whole.key.columns,
            is_deferrable,
            comparison.engine(),
        ) == Agreement::Differs
}

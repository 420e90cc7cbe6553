//! A chain of cascades that the engine doesn't follow to its end.

use super::examples::USERS_AND_POSTS;
use super::on_the_way::{Known, in_words, start};
use super::wording::{key_to_parent, source_name};
use super::{Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::consequence::Deletes;
use crate::finding::{Consequence, Level};
use crate::model::{Engine, ObservedKey, RuleId};

/// From so many on, rows that refer to each other are hardly ever as deep as the engine follows.
const DEEP_ENOUGH: usize = 100;

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_cascade_too_deep,
    group: Group::Consequence,
    level: Level::Warn,
    says: "a chain of cascades that is longer than the engine follows (allowed where only rows a hundred deep would make one)",
    why: "InnoDB follows 14 cascades one after the other, SQLite 999; one more, and the delete fails. A chain of tables that long is rare. A \
          table with CASCADE to itself is not: a tree of comments or folders that is fifteen deep can't be deleted in MySQL or MariaDB, \
          and nobody notices until there is one. In SQLite such a tree would have to be a thousand deep, so it is allowed there unless \
          the configuration says otherwise. PostgreSQL has no limit.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::MariaDb,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL,
    editor_id INTEGER,
    FOREIGN KEY (editor_id) REFERENCES posts (id) ON DELETE CASCADE
);",
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    pub author_id: i32,
    #[fk(references = posts(id), on_delete = cascade)]
    pub editor_id: Option<i32>,
}",
    },
    right: Example {
        engine: Engine::MariaDb,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL,
    editor_id INTEGER,
    FOREIGN KEY (editor_id) REFERENCES posts (id) ON DELETE SET NULL
);",
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    pub author_id: i32,
    #[fk(references = posts(id), on_delete = set_null)]
    pub editor_id: Option<i32>,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    let engine = comparison.engine();
    let Some(most) = engine.most_cascades else { return };
    let known = Known::new(comparison);
    let deletes = Deletes::new(&comparison.observation.keys, engine);
    let mut tell = |level: Level, label: &str, message: String, way: &[&ObservedKey]| {
        let Some(&last) = way.last() else { return };
        let Some(draft) = known.draft(level, last, way, label, message) else { return };
        let draft =
            draft.consequence(Consequence::DeleteFails).note(format!("a delete from {}", in_words(way)));
        drafts.add(known.along(draft, way).help(
            "delete the rows at the far end first, in a statement of their own; or give one of these keys SET NULL or RESTRICT",
        ));
    };
    for chain in deletes.too_deep() {
        let Some(&last) = chain.last() else { continue };
        let message = format!(
            "deleting a row of `{}` fails while its rows reach down to `{}`: that is {} cascades one after the other in the {}, and {} follows {most}",
            start(&chain, last),
            last.key.table,
            chain.len(),
            source_name(comparison),
            engine.kind
        );
        tell(RULE.level, "one too many", message, &chain);
    }
    let level = if most < DEEP_ENOUGH { RULE.level } else { Level::Allow };
    for round in deletes.cycles() {
        let Some(&last) = round.last() else { continue };
        let message = format!(
            "{} is ON DELETE CASCADE in the {} and comes back to `{}`: deleting a row fails while those that hang on it are more than {most} deep, as far as {} follows",
            key_to_parent(&last.key, &last.parent),
            source_name(comparison),
            start(&round, last),
            engine.kind
        );
        tell(level, "comes back", message, &round);
    }
}

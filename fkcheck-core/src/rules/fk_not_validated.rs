//! The key is NOT VALID.

use super::examples::USERS_AND_POSTS;
use super::wording::{declared_key, source_name};
use super::{Draft, Drafts, Example, Fix, Group, Role, Rule};
use crate::compare::Comparison;
use crate::finding::{Consequence, Level};
use crate::model::{Engine, RuleId};

const CODE: &str = "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_not_validated,
    group: Group::InForce,
    level: Level::Warn,
    says: "the key is NOT VALID: old rows were never checked",
    why: "A key that was added NOT VALID is enforced for new rows, and its action works for all; but rows that were there before \
          may point at nothing. Usually the second half of a migration, VALIDATE CONSTRAINT, was forgotten; `cargo fkcheck fix` writes it. \
          Where a migration of `fix` has made the key anew, old rows were checked before and are not now, and the level is deny.",
    role: Role { in_build_scripts: true, fix: Fix::Validates, ..Role::NONE },
    wrong: Example {
        engine: Engine::Postgres,
        files: &[],
        database: "
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts (id integer PRIMARY KEY, author_id integer NOT NULL, editor_id integer);
ALTER TABLE posts ADD CONSTRAINT posts_author_id_fkey
    FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE RESTRICT NOT VALID;",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    right: Example {
        engine: Engine::Postgres,
        files: &[],
        database: "
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts (id integer PRIMARY KEY, author_id integer NOT NULL, editor_id integer);
ALTER TABLE posts ADD CONSTRAINT posts_author_id_fkey
    FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE posts VALIDATE CONSTRAINT posts_author_id_fkey;",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        let Some(observed) = pair.observed().filter(|key| key.in_force.enforced && !key.in_force.validated)
        else {
            continue;
        };
        let message = format!(
            "{} is NOT VALID in the {}: rows that were there before the key were never checked",
            declared_key(pair.declared),
            source_name(comparison)
        );
        let made = comparison.made_anew.iter().find(|made| made.key == observed.key.to_string());
        let level = if made.is_some() { Level::Deny } else { RULE.level };
        let mut draft =
            Draft::of_key(level, pair.declared, pair.declared.first().span, "not validated", message)
                .seen_in(comparison, Some(observed))
                .consequence(Consequence::Orphans);
        if let Some(made) = made {
            draft = draft.note(format!("`{}` has made it anew, which is half of the work", made.by));
        }
        let validation = made.and_then(|made| made.validation.as_ref());
        draft = draft.help(match (validation, &observed.name) {
            (Some(validation), _) => format!("`{validation}` validates it: run `diesel migration run`"),
            (None, Some(name)) => format!(
                "`cargo fkcheck fix` writes a migration with `ALTER TABLE {} VALIDATE CONSTRAINT {name}`; it blocks neither reads nor \
                 writes, and fails if there are rows without a parent",
                observed.key.table
            ),
            (None, None) => "`cargo fkcheck fix` writes a migration that validates it".to_owned(),
        });
        drafts.add(draft);
    }
}

//! CASCADE from a column that says who did something to the row.

use super::on_the_way::Known;
use super::wording::{key_to_parent, source_name};
use super::{Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::finding::{Consequence, Level};
use crate::model::{Action, Engine, RuleId};

const SCHEMA: &str = "
diesel::table! {
    users (id) {
        id -> Integer,
    }
}

diesel::table! {
    bans (id) {
        id -> Integer,
        user_id -> Integer,
        banned_by -> Nullable<Integer>,
    }
}
";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_actor_cascade,
    group: Group::Consequence,
    level: Level::Warn,
    says: "CASCADE from a column that says who did something to the row, not whose it is (allowed where the code doesn't say that such \
           rows are worth keeping)",
    why: "`user_id` says whose a row is; `resolver_id`, `admin_id`, `mod_id`, `approved_by` say who has dealt with it. With CASCADE the row \
          goes when that account goes: a moderator who leaves takes the moderation log along, an approver the approvals. SET NULL \
          keeps the row and forgets the name; RESTRICT keeps both. Such a column is known by its name: one of a few words with `_id`, \
          or a name that ends in `_by` (not `owned_by` or `posted_by`, which say whose it is). Where the code says that rows of the table are of value or audit evidence \
          (`data = value | audit`), this warns; elsewhere it is allowed: of nine such keys in \
          real code bases one is a moderation log, and the others are reports and invitations that few will miss.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE bans (
    id INTEGER PRIMARY KEY NOT NULL,
    user_id INTEGER NOT NULL,
    banned_by INTEGER REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX bans_banned_by ON bans (banned_by);",
        schema: SCHEMA,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = bans)]
#[fk(data = audit)]
pub struct Ban {
    pub id: i32,
    pub user_id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub banned_by: Option<i32>,
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE bans (
    id INTEGER PRIMARY KEY NOT NULL,
    user_id INTEGER NOT NULL,
    banned_by INTEGER REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX bans_banned_by ON bans (banned_by);",
        schema: SCHEMA,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = bans)]
#[fk(data = audit)]
pub struct Ban {
    pub id: i32,
    pub user_id: i32,
    #[fk(references = users(id), on_delete = set_null)]
    pub banned_by: Option<i32>,
}",
    },
    code: None,
    source: Some(check),
};

/// Who acts on rows that are others'. Not `reviewer`, `author`, `creator` and the like: a row may be theirs.
const ACTORS: [&str; 9] =
    ["resolver", "admin", "mod", "moderator", "approver", "verifier", "deleter", "updater", "modifier"];

/// What ends in `_by` and names an owner, an author, or no person.
const NOT_ACTORS: [&str; 10] = [
    "owned_by",
    "posted_by",
    "written_by",
    "authored_by",
    "submitted_by",
    "uploaded_by",
    "sent_by",
    "replaced_by",
    "superseded_by",
    "caused_by",
];

/// Whether a column says who did something to a row.
fn says_who_acted(column: &str) -> bool {
    let name = column.to_ascii_lowercase();
    let stem = name.strip_suffix("_id").unwrap_or(&name);
    let stem = stem.strip_suffix("_user").unwrap_or(stem);
    let is_actor = |actor: &str| {
        stem.strip_suffix(actor).is_some_and(|before| before.is_empty() || before.ends_with('_'))
    };
    stem.ends_with("_by") && !NOT_ACTORS.contains(&stem)
        || stem != name && ACTORS.iter().any(|actor| is_actor(actor))
}

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    let known = Known::new(comparison);
    for key in &comparison.observation.keys {
        let acted = key.key.columns.iter().find(|column| says_who_acted(column));
        let is_enforced = key.in_force.enforced && key.in_force.action_enabled;
        let (Some(column), Action::Cascade, true) = (acted, &key.on_delete, is_enforced) else { continue };
        let level = if known.is_worth_keeping(key) { RULE.level } else { Level::Allow };
        let (child, parent) = (&key.key.table, &key.parent);
        let message = format!(
            "deleting a row of `{parent}` deletes rows of `{child}` that it has only dealt with: {} is ON DELETE CASCADE in the {}",
            key_to_parent(&key.key, parent),
            source_name(comparison)
        );
        let label = format!("`{column}` says who did something, not whose it is");
        let Some(draft) = known.draft(level, key, &[], &label, message) else { continue };
        drafts.add(draft.consequence(Consequence::SilentDelete).help(
            "SET NULL keeps the row and forgets who it was; RESTRICT keeps both, and the account; a copied name beside SET NULL keeps \
             what is worth knowing",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::says_who_acted;

    #[test]
    fn actors_are_known_by_name() {
        for column in [
            "resolver_id",
            "mod_id",
            "approved_by",
            "banned_by_id",
            "invited_by_user_id",
            "site_admin_id",
            "Updated_By",
        ] {
            assert!(says_who_acted(column), "{column}");
        }
        for column in [
            "user_id",
            "creator_id",
            "owned_by",
            "mod",
            "admin",
            "nearby",
            "posted_by",
            "by",
            "period_id",
            "commodity_id",
            "reviewer_id",
        ] {
            assert!(!says_who_acted(column), "{column}");
        }
    }
}

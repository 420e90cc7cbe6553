//! The key is declared and the engine doesn't enforce it.

use super::examples::USERS_AND_POSTS;
use super::wording::{declared_key, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::{Comparison, Pair, Seen};
use crate::finding::{Consequence, Level};
use crate::model::{Action, Engine, Event, Hook, HookKind, ObservedKey, RuleId, WithoutParentKey};
use crate::words::delete_does;

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
    id: RuleId::fk_not_enforced,
    group: Group::InForce,
    level: Level::Deny,
    says: "the engine doesn't, or can't, enforce the key: NOT ENFORCED, disabled triggers, MyISAM, keys switched off, a parent without a unique key, a rule in its way",
    why: "The catalogue shows the key, and nothing happens: PostgreSQL's triggers were disabled for a bulk load and never enabled \
          again, the key is NOT ENFORCED, or the session that does the work has switched keys off. MyISAM takes the clause and \
          forgets it. SQLite checks keys only on connections that ask for it: where no source says `PRAGMA foreign_keys = ON`, \
          this warns. It also takes a key to columns that are not unique, and then every delete of a parent ends in \"foreign key \
          mismatch\". MariaDB lets go of a parent's index while `foreign_key_checks` is off, and from then on a delete of a \
          parent leaves its children behind.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Postgres,
        files: &[],
        database: "
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts (
    id integer PRIMARY KEY,
    author_id integer NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    editor_id integer
);
ALTER TABLE posts DISABLE TRIGGER ALL;",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    right: Example {
        engine: Engine::Postgres,
        files: &[],
        database: "
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts (
    id integer PRIMARY KEY,
    author_id integer NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    editor_id integer
);
ALTER TABLE posts DISABLE TRIGGER ALL;
ALTER TABLE posts ENABLE TRIGGER ALL;",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    switched_off(comparison, drafts);
    nobody_asks(comparison, drafts);
    for pair in &comparison.pairs {
        match &pair.seen {
            Seen::Keys(_) => {
                let Some(observed) = pair.observed() else { continue };
                if let Some(rule) = swallowed_by(comparison, pair, observed) {
                    drafts.add(swallowed(comparison, pair, observed, rule));
                } else if !observed.in_force.has_parent_key {
                    drafts.add(match comparison.engine().without_parent_key {
                        WithoutParentKey::DeleteFails => every_delete_fails(comparison, pair, observed),
                        WithoutParentKey::NothingHappens => parent_is_lost(comparison, pair, observed),
                    });
                } else if !observed.in_force.parent_is_unique {
                    drafts.add(not_unique(comparison, pair, observed));
                } else if let Some((why, help)) = not_in_force(observed) {
                    drafts.add(breach(comparison, pair, why).seen_in(comparison, Some(observed)).help(help));
                } else {
                    in_partitions(comparison, pair, observed, drafts);
                }
            }
            Seen::Absent(Some(table))
                if pair.declared.none().is_none() && !comparison.engine().keeps_foreign_keys(table) =>
            {
                let storage = table.storage.as_deref().unwrap_or("its storage engine");
                drafts.add(
                    breach(
                        comparison,
                        pair,
                        &format!(
                            "can't be: `{}` is a {storage} table, which keeps no foreign keys",
                            table.name
                        ),
                    )
                    .seen_in(comparison, None)
                    .help(format!(
                        "write a migration with `ALTER TABLE {} ENGINE = InnoDB`, and add the key",
                        table.name.name
                    )),
                );
            }
            _ => {}
        }
    }
}

/// What switches every key off is told once for the source.
fn switched_off(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    let Some(pair) = comparison.pairs.iter().find(|pair| pair.observed().is_some()) else { return };
    for switch in &comparison.engine().disabled_by {
        let message = format!("no foreign key is enforced in the {}: {switch}", source_name(comparison));
        drafts.add(
            Draft::of_key(
                RULE.level,
                pair.declared,
                pair.declared.first().span,
                "this one, and every other",
                message,
            )
            .seen_in(comparison, None)
            .consequence(Consequence::Orphans),
        );
    }
}

/// SQLite's keys do nothing in a connection that doesn't ask for them. Whether the application's does can only be
/// guessed from its sources, so this warns.
fn nobody_asks(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    if !comparison.engine().keys_off_by_default || comparison.facts.app_turns_keys_on {
        return;
    }
    let Some(pair) = comparison.pairs.iter().find(|pair| pair.observed().is_some()) else { return };
    let message = "nothing in this workspace turns foreign keys on, and SQLite enforces none until a connection asks for it";
    drafts.add(
        Draft::of_key(Level::Warn, pair.declared, pair.declared.first().span, "this one, and every other", message)
            .seen_in(comparison, None)
            .consequence(Consequence::Orphans)
            .help("run `PRAGMA foreign_keys = ON` in each connection, or depend on libsqlite3-sys with the feature `bundled`, which has them on"),
    );
}

fn not_in_force(observed: &ObservedKey) -> Option<(&'static str, &'static str)> {
    let force = observed.in_force;
    if !force.enforced {
        Some((
            "is NOT ENFORCED",
            "write a migration that makes the constraint ENFORCED; rows without a parent make it fail",
        ))
    } else if !force.action_enabled {
        Some((
            "has its triggers disabled: a delete of a parent does nothing to the children",
            "enable them on the parent table: `ALTER TABLE .. ENABLE TRIGGER ALL`; then look for rows without a parent",
        ))
    } else if !force.check_enabled {
        Some((
            "has its trigger disabled on the child table: new rows are not checked",
            "enable it: `ALTER TABLE .. ENABLE TRIGGER ALL`; then look for rows without a parent",
        ))
    } else {
        None
    }
}

/// SQLite takes such a key, and then can't look for a parent.
fn every_delete_fails(comparison: &Comparison<'_>, pair: &Pair<'_>, observed: &ObservedKey) -> Draft {
    let (parent, columns) = (&observed.parent, observed.parent_columns.join(", "));
    let message = format!(
        "{} can't be enforced in the {}: `{parent}({columns})` is neither primary key nor unique, so every delete of a row of `{parent}` fails",
        declared_key(pair.declared),
        source_name(comparison)
    );
    Draft::of_key(RULE.level, pair.declared, pair.declared.first().span, "declared here", message)
        .seen_in(comparison, Some(observed))
        .consequence(Consequence::DeleteFails)
        .note(format!(
            "it fails in `foreign key mismatch`, and so does every insert into `{}`, while foreign keys are on",
            observed.key.table
        ))
        .note("a partial index doesn't count, nor does one that compares by another collation than the column")
        .help(format!("write a migration with `CREATE UNIQUE INDEX .. ON {} ({columns})`", parent.name))
}

/// `InnoDB` keeps such a key, and then finds nothing to do.
fn parent_is_lost(comparison: &Comparison<'_>, pair: &Pair<'_>, observed: &ObservedKey) -> Draft {
    let (parent, columns) = (&observed.parent, observed.parent_columns.join(", "));
    let is_there = comparison.observation.tables.iter().any(|table| table.name == *parent);
    let (why, help) = if is_there {
        (
            format!(
                "can't be: `{parent}` has no index that begins with ({columns}), so a delete there leaves its children behind"
            ),
            format!(
                "look for rows without a parent, then write a migration with `CREATE UNIQUE INDEX .. ON {} ({columns})`",
                parent.name
            ),
        )
    } else {
        (
            format!("can't be: there is no table `{parent}`, so no child can be inserted"),
            format!("write a migration that makes `{parent}` again, or one that drops the key"),
        )
    };
    breach(comparison, pair, &why)
        .seen_in(comparison, Some(observed))
        .note("the engine keeps such a key when the parent is changed while `foreign_key_checks` is 0")
        .help(help)
}

/// `InnoDB` takes an index that isn't unique, and then a child has several parents.
fn not_unique(comparison: &Comparison<'_>, pair: &Pair<'_>, observed: &ObservedKey) -> Draft {
    let (parent, columns) = (&observed.parent, observed.parent_columns.join(", "));
    let message = format!(
        "{} refers to `{parent}({columns})` in the {}, which is no unique key: several rows may have the same values",
        declared_key(pair.declared),
        source_name(comparison)
    );
    let does = if observed.on_delete.blocks() {
        format!("fails while rows of `{}` refer to any of them", observed.key.table)
    } else {
        format!("{}, though the others are still there", delete_does(&observed.on_delete, &observed.key))
    };
    Draft::of_key(Level::Warn, pair.declared, pair.declared.first().span, "declared here", message)
        .seen_in(comparison, Some(observed))
        .consequence(consequence_of(observed))
        .note(format!("a delete of one of such rows {does}"))
        .help(format!("write a migration with `CREATE UNIQUE INDEX .. ON {} ({columns})`", parent.name))
}

fn consequence_of(observed: &ObservedKey) -> Consequence {
    match observed.on_delete {
        Action::Cascade => Consequence::SilentDelete,
        Action::SetNull(_) | Action::SetDefault(_) => Consequence::SilentUpdate,
        Action::NoAction | Action::Restrict => Consequence::DeleteFails,
    }
}

/// The rule that makes nothing of the statement by which the engine carries the key out.
fn swallowed_by<'a>(
    comparison: &Comparison<'a>,
    pair: &Pair<'_>,
    observed: &ObservedKey,
) -> Option<&'a Hook> {
    let event = match observed.on_delete {
        Action::Cascade => Event::Delete,
        Action::SetNull(_) | Action::SetDefault(_) => Event::Update,
        Action::NoAction | Action::Restrict => return None,
    };
    let hooks = &comparison.observed_table(&pair.declared.key.table)?.hooks;
    hooks.iter().find(|hook| hook.kind == HookKind::Swallows && hook.event == event)
}

fn swallowed(comparison: &Comparison<'_>, pair: &Pair<'_>, observed: &ObservedKey, rule: &Hook) -> Draft {
    let (child, parent) = (&observed.key.table, &observed.parent);
    let message = format!(
        "{} can't be carried out in the {}: the rule `{}` of `{child}` makes nothing of it, so every delete of a row of `{parent}` fails",
        declared_key(pair.declared),
        source_name(comparison),
        rule.name
    );
    Draft::of_key(RULE.level, pair.declared, pair.declared.first().span, "declared here", message)
        .seen_in(comparison, Some(observed))
        .consequence(Consequence::DeleteFails)
        .note("it fails in `referential integrity query .. gave unexpected result`")
        .help(format!(
            "write a migration with `DROP RULE {} ON {child}`; a BEFORE trigger can do what it was for",
            rule.name
        ))
}

/// What is off in some partitions alone.
fn in_partitions(comparison: &Comparison<'_>, pair: &Pair<'_>, observed: &ObservedKey, drafts: &mut Drafts) {
    for (partitions, what) in [
        (&observed.action_disabled_in, "a delete there does nothing to the children"),
        (&observed.check_disabled_in, "new rows there are not checked"),
    ] {
        let named: Vec<String> = partitions.iter().map(|table| format!("`{table}`")).collect();
        let [first, ..] = &partitions[..] else { continue };
        let tables = if named.len() == 1 { "partition" } else { "partitions" };
        let why = format!("has its triggers disabled in the {tables} {}: {what}", named.join(", "));
        drafts.add(breach(comparison, pair, &why).seen_in(comparison, Some(observed)).help(format!(
            "enable them: `ALTER TABLE {first} ENABLE TRIGGER ALL`; then look for rows without a parent"
        )));
    }
}

fn breach(comparison: &Comparison<'_>, pair: &Pair<'_>, why: &str) -> Draft {
    let message = format!(
        "{} is not enforced in the {}: it {why}",
        declared_key(pair.declared),
        source_name(comparison)
    );
    Draft::of_key(RULE.level, pair.declared, pair.declared.first().span, "declared here", message)
        .consequence(Consequence::Orphans)
}

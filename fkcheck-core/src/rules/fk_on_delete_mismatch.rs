//! Code and source disagree on ON DELETE.

use std::cell::OnceCell;

use super::examples::USERS_AND_POSTS;
use super::further::further_up;
use super::wording::{
    change_the_annotation, change_the_source, consequence, consequence_text, declared_key, source_name,
    which_side,
};
use super::{Aspect, Draft, Drafts, Example, Fix, Group, Role, Rule};
use crate::compare::{Agreement, Comparison, Seen};
use crate::consequence::Deletes;
use crate::finding::{Consequence, Level};
use crate::model::{Action, DeclaredKey, Engine, ObservedKey, RuleId, Stated};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_on_delete_mismatch,
    group: Group::Agreement,
    level: Level::Deny,
    says: "code and source disagree on ON DELETE",
    why: "What happens to the child rows when a parent is deleted is a decision about data, and the database alone carries it \
          out. Where it does something else than the code says, rows vanish that the code means to keep, or deletes fail that \
          the code expects to work. Diesel's schema.rs has no place for the rule, so nothing else notices. NO ACTION and \
          RESTRICT are the same thing in MySQL and MariaDB; in PostgreSQL and SQLite a difference between the two is a note, \
          unless the key is deferrable or `strict` is set.",
    role: Role { aspect: Some(Aspect::OnDelete), in_build_scripts: true, contradicts: true, fix: Fix::Mends },
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
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = no_action)]
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
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    editor_id INTEGER
);
CREATE INDEX posts_author_id ON posts (author_id);",
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    // Made once one is found.
    let deletes = OnceCell::new();
    let deletes = || deletes.get_or_init(|| Deletes::new(&comparison.observation.keys, comparison.engine()));
    for pair in &comparison.pairs {
        let Seen::Keys(keys) = &pair.seen else { continue };
        let Some((observed, stated)) = keys.first().copied().zip(pair.declared.on_delete()) else { continue };
        match comparison.on_delete(pair.declared, observed) {
            None | Some(Agreement::Same) => {}
            Some(Agreement::AlikeForPlainDeletes) => {
                drafts.add(breach(comparison, pair.declared, stated, observed, keys).noted());
            }
            Some(Agreement::Differs) => {
                let to = ObservedKey { on_delete: stated.value.clone(), ..observed.clone() };
                let further = further_up(deletes(), Some(observed), &to);
                drafts.add(breach(comparison, pair.declared, stated, observed, keys).further_up(further));
            }
        }
    }
}

fn breach(
    comparison: &Comparison<'_>,
    declared: &DeclaredKey,
    stated: &Stated<Action>,
    observed: &ObservedKey,
    keys: &[&ObservedKey],
) -> Draft {
    let source = source_name(comparison);
    let message = format!(
        "{} is ON DELETE {} in the code and {} in the {source}",
        declared_key(declared),
        stated.value,
        observed.on_delete
    );
    let in_code = observed.on_delete.as_annotation();
    let mut draft =
        Draft::of_key(RULE.level, declared, stated.span, format!("{} in the code", stated.value), message)
            .seen_in(comparison, Some(observed))
            .consequence(consequence(&stated.value, &observed.on_delete))
            .label(declared.first().column_span, format!("{} in the {source}", observed.on_delete))
            .note(consequence_text(&stated.value, observed))
            .suggest(format!("make the code agree with the {source}"), stated.span, in_code.clone());
    // What schema.rs says of the column tells whether SET NULL can be the answer.
    if let Some(table) = comparison.facts.table(&declared.key.table) {
        for column in declared.key.columns.iter().filter_map(|name| table.column(name)) {
            draft =
                draft.label(column.span, if column.nullable { "takes NULL" } else { "doesn't take NULL" });
        }
    }
    if let [_, _, ..] = keys {
        draft = draft.note(several_keys(keys));
    }
    if consequence(&stated.value, &observed.on_delete) != Consequence::None {
        draft = draft.help(which_side(declared));
    }
    draft
        .help_for_the_source(change_the_source(
            declared,
            observed,
            &format!("ON DELETE {}", stated.value),
            stated.value.loses_more_than(Some(&observed.on_delete)),
        ))
        .help(change_the_annotation(comparison, declared, &format!("on_delete = {in_code}")))
}

/// Two keys on the same columns, as while a migration is under way.
fn several_keys(keys: &[&ObservedKey]) -> String {
    let name = |key: &ObservedKey| match &key.name {
        Some(name) => format!("`{name}` (ON DELETE {})", key.on_delete),
        None => format!("one without a name (ON DELETE {})", key.on_delete),
    };
    let all: Vec<String> = keys.iter().map(|key| name(key)).collect();
    format!(
        "{} keys stand on these columns, in the order in which they act: {}; the first decides",
        keys.len(),
        all.join(", ")
    )
}

//! Two annotations disagree.

use super::examples::USERS_AND_POSTS;
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::collect::Facts;
use crate::finding::Level;
use crate::model::{Claim, DeclaredKey, Engine, RuleId, Span};

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    editor_id INTEGER
);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_conflicting_declarations,
    group: Group::Agreement,
    level: Level::Deny,
    says: "two annotations disagree about one key",
    why: "Several structs may serve one table, and each may carry annotations; what they say is put together. Where two say \
          different things of the same key, nobody can tell what the code means.",
    role: Role { in_build_scripts: true, contradicts: true, ..Role::NONE },
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
    #[fk(references = users(id), on_delete = restrict)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}

#[derive(Insertable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct NewPost {
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: i32,
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}

#[derive(Insertable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct NewPost {
    #[fk(references = users(id))]
    pub author_id: i32,
}",
    },
    code: Some(check),
    source: None,
};

fn check(facts: &Facts, drafts: &mut Drafts) {
    for declared in facts.keys.iter().filter(|declared| declared.claims.len() > 1) {
        for read in READERS {
            conflict(declared, *read, drafts);
        }
    }
}

/// What a claim says of one point, in words, with its place.
type Reader = fn(&Claim) -> Option<(String, Span)>;

const READERS: &[Reader] = &[
    |claim| claim.on_delete.as_ref().map(|stated| (format!("ON DELETE {}", stated.value), stated.span)),
    |claim| claim.on_update.as_ref().map(|stated| (format!("ON UPDATE {}", stated.value), stated.span)),
    |claim| claim.deferrability.as_ref().map(|stated| (stated.value.to_string(), stated.span)),
    |claim| claim.name.as_ref().map(|stated| (format!("the name {}", stated.value), stated.span)),
    |claim| claim.data.as_ref().map(|stated| (format!("{} data", stated.value), stated.span)),
    |claim| {
        claim.parent.as_ref().map(|parent| {
            (format!("the parent `{}({})`", parent.table, parent.columns.join(", ")), parent.span)
        })
    },
    |claim| {
        claim.none.map(|span| ("no foreign key".to_owned(), span)).or_else(|| {
            let speaks =
                claim.on_delete.is_some() || claim.on_update.is_some() || claim.deferrability.is_some();
            speaks.then(|| ("a foreign key".to_owned(), claim.span))
        })
    },
];

/// Compares the first claim that speaks of the point with every later one.
fn conflict(declared: &DeclaredKey, read: Reader, drafts: &mut Drafts) {
    let mut said = declared.claims.iter().filter_map(read);
    let Some((first, first_span)) = said.next() else { return };
    for (other, span) in said.filter(|(other, _)| *other != first) {
        let message = format!("two annotations disagree about `{}`: {first}, and {other}", declared.key);
        drafts.add(
            Draft::of_key(RULE.level, declared, span, format!("{other} here"), message)
                .label(first_span, format!("{first} here"))
                .help("let one struct say it; the others need not repeat it"),
        );
    }
}

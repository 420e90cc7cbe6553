//! The code deletes rows that a cascade takes.

use super::examples::TEAMS_WITH_MEMBERS_AND_INVITES;
use super::on_the_way::Known;
use super::wording::key_to_parent;
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::consequence::Deletes;
use crate::finding::{Level, TableRef};
use crate::model::{Engine, RuleId};
use crate::sites::Sites;

const DATABASE: &str = "
CREATE TABLE teams (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE members (
    id INTEGER PRIMARY KEY NOT NULL,
    team_id INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE
);
CREATE INDEX members_team_id ON members (team_id);
CREATE TABLE invites (id INTEGER PRIMARY KEY NOT NULL, team_id INTEGER NOT NULL);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_dead_delete,
    group: Group::DeletesInCode,
    level: Level::Allow,
    says: "a `diesel::delete` of rows that a cascade takes anyway",
    why: "After the delete of the parent it does nothing, for the cascade has taken the rows; before it, it does what the cascade would \
          do a statement later. It says that whoever wrote it took the key for another: that is worth a look when the rule changes, for \
          then one of both is right. Off unless it is asked for: which rows a condition means isn't compared.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: TEAMS_WITH_MEMBERS_AND_INVITES,
        code: "
use diesel::prelude::*;

#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = members)]
pub struct Member {
    pub id: i32,
    #[fk(references = teams(id), on_delete = cascade)]
    pub team_id: i32,
}

pub fn delete_team(id: i32, conn: &mut SqliteConnection) -> QueryResult<usize> {
    diesel::delete(teams::table.find(id)).execute(conn)?;
    diesel::delete(members::table.filter(members::team_id.eq(id))).execute(conn)
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: TEAMS_WITH_MEMBERS_AND_INVITES,
        code: "
use diesel::prelude::*;

#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = members)]
pub struct Member {
    pub id: i32,
    #[fk(references = teams(id), on_delete = cascade)]
    pub team_id: i32,
}

pub fn delete_team(id: i32, conn: &mut SqliteConnection) -> QueryResult<usize> {
    diesel::delete(teams::table.find(id)).execute(conn)
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    if comparison.facts.functions.is_empty() {
        return;
    }
    let known = Known::new(comparison);
    let deletes = Deletes::new(&comparison.observation.keys, comparison.engine());
    for site in Sites::new(comparison, &deletes).all() {
        for dead in site.dead.iter().filter(|_| !site.function.is_test) {
            let (function, key) = (&site.function.name, dead.key);
            let when = if dead.is_after { "has taken them already" } else { "would take them" };
            let message = format!(
                "`{function}` deletes rows of `{}`, and the delete of `{}` beside it {when}: {} is ON DELETE CASCADE",
                key.key.table,
                site.table,
                key_to_parent(&key.key, &key.parent)
            );
            let refs = vec![TableRef { table: key.key.table.clone(), columns: key.key.columns.clone() }];
            let mut draft =
                Draft::new(RULE.level, site.function.package, dead.span, "the cascade does this", message)
                    .allowed_by(site.function.allow.iter())
                    .seen_in(comparison, None)
                    .of_function(function.clone(), refs)
                    .label(site.span, "the parent is deleted here");
            if let Some(span) = known.place(key).filter(|span| !draft.shows(*span)) {
                draft = draft.label(span, "the cascade");
            }
            drafts.add(draft);
        }
    }
}

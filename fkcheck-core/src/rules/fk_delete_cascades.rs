//! The code deletes rows, and the database takes rows along that are worth keeping.

use super::examples::TEAMS_WITH_MEMBERS_AND_INVITES;
use super::on_the_way::Known;
use super::wording::key_to_parent;
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::consequence::Deletes;
use crate::finding::{Consequence, Level, TableRef};
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
    id: RuleId::fk_delete_cascades,
    group: Group::DeletesInCode,
    level: Level::Allow,
    says: "a `diesel::delete` silently takes rows along that the code says are worth keeping",
    why: "Whoever reads `diesel::delete(teams.find(id))` sees one row go. Where a cascade takes rows of a table declared \
          `data = value` or `audit` along, that is worth seeing at the delete itself. Off unless it is asked for: the cascade may be \
          just what is meant; an editor then shows it where the delete stands.",
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
    #[fk(references = teams(id), on_delete = cascade, data = value)]
    pub team_id: i32,
}

pub fn delete_team(id: i32, conn: &mut SqliteConnection) -> QueryResult<usize> {
    diesel::delete(teams::table.find(id)).execute(conn)
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
    #[fk(references = teams(id), on_delete = cascade, data = ephemeral)]
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
        if site.function.is_test {
            continue;
        }
        for lost in site.reach.deleted.iter().skip(1) {
            let Some(key) = lost.by.iter().find(|key| known.is_worth_keeping(key)) else { continue };
            let class = known.class(key).map_or(String::new(), |class| class.to_string());
            let (function, table) = (&site.function.name, site.table);
            let message = format!(
                "`{function}` deletes from `{table}`, and rows of `{}` go along, which the code says are {class}: {} is ON DELETE {}",
                lost.table,
                key_to_parent(&key.key, &key.parent),
                key.on_delete
            );
            let refs = vec![TableRef { table: key.key.table.clone(), columns: key.key.columns.clone() }];
            let mut draft =
                Draft::new(RULE.level, site.function.package, site.span, "takes them along", message)
                    .allowed_by(site.function.allow.iter())
                    .seen_in(comparison, None)
                    .consequence(Consequence::SilentDelete)
                    .of_function(function.clone(), refs);
            if let Some(span) = known.place(key).filter(|span| !draft.shows(*span)) {
                draft = draft.label(span, "the cascade");
            }
            let declared = known.declared(key).map(|declared| &declared.claims);
            let allowances = declared.into_iter().flatten().flat_map(|claim| &claim.allow);
            drafts.add(draft.allowed_by(allowances));
        }
    }
}

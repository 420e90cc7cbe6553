//! The code deletes rows, and the database takes rows along that are worth keeping.

use super::examples::TEAMS_WITH_MEMBERS_AND_INVITES;
use super::wording::key_to_parent;
use super::{Drafts, Example, Group, Role, Rule, in_code};
use crate::compare::Comparison;
use crate::finding::{Consequence, Level};
use crate::model::{Engine, RuleId};

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
    in_code::each(comparison, |known, site| {
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
            let at = (site.span, "takes them along");
            let draft = in_code::draft(&RULE, comparison, site, &[key], at, message)
                .consequence(Consequence::SilentDelete);
            let draft = in_code::with_key(draft, known, key, "the cascade".to_owned());
            let declared = known.declared(key).map(|declared| &declared.claims);
            let allowances = declared.into_iter().flatten().flat_map(|claim| &claim.allow);
            drafts.add(draft.allowed_by(allowances));
        }
    });
}

//! The code deletes rows that a cascade takes.

use super::examples::TEAMS_WITH_MEMBERS_AND_INVITES;
use super::wording::key_to_parent;
use super::{Drafts, Example, Group, Role, Rule, in_code};
use crate::compare::Comparison;
use crate::finding::Level;
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
    in_code::each(comparison, |known, site| {
        for dead in &site.dead {
            let (function, key) = (&site.function.name, dead.key);
            let when = if dead.is_after { "has taken them already" } else { "would take them" };
            let message = format!(
                "`{function}` deletes rows of `{}`, and the delete of `{}` beside it {when}: {} is ON DELETE CASCADE",
                key.key.table,
                site.table,
                key_to_parent(&key.key, &key.parent)
            );
            let at = (dead.span, "the cascade does this");
            let draft = in_code::draft(&RULE, comparison, site, &[key], at, message)
                .label(site.span, "the parent is deleted here");
            drafts.add(in_code::with_key(draft, known, key, "the cascade".to_owned()));
        }
    });
}

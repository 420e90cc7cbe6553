//! The code deletes from a parent, and a child that can refuse it was forgotten.

use super::examples::TEAMS_WITH_MEMBERS_AND_INVITES;
use super::on_the_way::Known;
use super::wording::key_to_parent;
use super::{Draft, Drafts, Example, Group, Role, Rule, in_code};
use crate::compare::Comparison;
use crate::finding::{Consequence, Level};
use crate::model::{Allowance, ObservedKey, RuleId};
use crate::model::{Engine, Rows};
use crate::sites::Site;

const DATABASE: &str = "
CREATE TABLE teams (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE members (
    id INTEGER PRIMARY KEY NOT NULL,
    team_id INTEGER NOT NULL REFERENCES teams (id) ON DELETE RESTRICT
);
CREATE INDEX members_team_id ON members (team_id);
CREATE TABLE invites (
    id INTEGER PRIMARY KEY NOT NULL,
    team_id INTEGER NOT NULL REFERENCES teams (id) ON DELETE RESTRICT
);
CREATE INDEX invites_team_id ON invites (team_id);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_delete_unhandled,
    group: Group::DeletesInCode,
    level: Level::Warn,
    says: "a `diesel::delete` of a parent can be refused by a child whose rows nobody sees to",
    why: "A key that is NO ACTION or RESTRICT leaves it to the code to delete the children first. Such code grows a child at a time, \
          and the day a table is added, one is forgotten: the delete works in every test and fails for the first user who has such a \
          row. The rule looks for a delete or an update of the child's rows before the delete of the parent: in the same function, in \
          what it calls, and in those that call it, two levels up. Not told: a key that is deferred, for whoever deletes may still \
          see to its rows; a table's key to itself where rows of a condition go; a function that speaks of `ForeignKeyViolation`, for \
          it expects to be refused; tests; and a key whose annotation says why it refuses (`on_delete = restrict, reason = \"..\"`).",
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
    #[fk(references = teams(id), on_delete = restrict)]
    pub team_id: i32,
}

#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = invites)]
pub struct Invite {
    pub id: i32,
    #[fk(references = teams(id), on_delete = restrict)]
    pub team_id: i32,
}

pub fn delete_team(id: i32, conn: &mut SqliteConnection) -> QueryResult<usize> {
    diesel::delete(members::table.filter(members::team_id.eq(id))).execute(conn)?;
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
    #[fk(references = teams(id), on_delete = restrict)]
    pub team_id: i32,
}

#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = invites)]
pub struct Invite {
    pub id: i32,
    #[fk(references = teams(id), on_delete = restrict)]
    pub team_id: i32,
}

pub fn delete_team(id: i32, conn: &mut SqliteConnection) -> QueryResult<usize> {
    diesel::delete(members::table.filter(members::team_id.eq(id))).execute(conn)?;
    diesel::delete(invites::table.filter(invites::team_id.eq(id))).execute(conn)?;
    diesel::delete(teams::table.find(id)).execute(conn)
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    in_code::each(comparison, |known, site| {
        if site.function.expects_refusal {
            return;
        }
        let told = site.forgotten.iter().copied().filter(|key| !known.has_reason(key));
        let (allowed, told): (Vec<&ObservedKey>, Vec<&ObservedKey>) =
            told.partition(|key| allowance(known, key).is_some());
        // So that the allowance isn't said to be unused.
        for key in allowed {
            let allowance = allowance(known, key);
            drafts.add(draft(site, &[key], known, comparison).allowed_by(allowance.into_iter()));
        }
        if !told.is_empty() {
            drafts.add(draft(site, &told, known, comparison));
        }
    });
}

/// `allow(fk_delete_unhandled)` of the key.
fn allowance<'a>(known: &Known<'a>, key: &ObservedKey) -> Option<&'a Allowance> {
    let mut claims = known.declared(key)?.claims.iter().flat_map(|claim| &claim.allow);
    claims.find(|allowance| allowance.rule.value == RULE.id)
}

fn draft(site: &Site<'_>, keys: &[&ObservedKey], known: &Known<'_>, comparison: &Comparison<'_>) -> Draft {
    let what = match site.rows {
        Rows::One => "a row",
        Rows::All => "all rows",
        Rows::Some => "rows",
    };
    let in_words = |key: &&ObservedKey| {
        format!("{} is ON DELETE {}", key_to_parent(&key.key, &key.parent), key.on_delete)
    };
    let (table, function) = (site.table, &site.function.name);
    let listed: Vec<String> = keys.iter().map(in_words).collect();
    let rows = if keys.len() == 1 { "those rows" } else { "those rows of each" };
    let message = format!(
        "`{function}` deletes {what} of `{table}` and can be refused: {}; nothing before it deletes or changes {rows}",
        listed.join(", ")
    );
    let at = (site.span, "can be refused");
    let mut draft =
        in_code::draft(&RULE, comparison, site, keys, at, message).consequence(Consequence::DeleteFails);
    for key in keys {
        let text = format!("`{}` ON DELETE {}: its rows refuse", key.key, key.on_delete);
        draft = in_code::with_key(draft, known, key, text);
    }
    for (key, span) in &site.handled {
        if !draft.shows(*span) {
            draft = draft.label(*span, format!("rows of `{}` are seen to here", key.key.table));
        }
    }
    let children: Vec<String> = keys.iter().map(|key| format!("`{}`", key.key.table)).collect();
    let children = children.join(", ");
    draft = draft
        .help(format!("delete the rows of {children} first, in the same transaction, or clear their column"));
    draft
        .help(
            "or let the database do it: ON DELETE CASCADE; `cargo fkcheck fix` writes the migration once the annotation says so, and \
             says what goes along then",
        )
        .help("if it is meant to be refused, the annotation says so: `on_delete = restrict, reason = \"..\"`")
}

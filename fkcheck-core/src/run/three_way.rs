//! Code, migrations and database disagree: which of them moved?

use std::collections::HashSet;
use std::path::Path;

use super::{CheckError, ReadSource, Run, scope};
use crate::compare::{Agreement, Comparison, Pair, Seen};
use crate::finding::{Finding, FindingData, Label, Moved};
use crate::model::{KeyName, Mark, ObservedKey, SourceKind, disk};
use crate::replay::{Migration, migrations};
use crate::rules::Aspect;
use crate::sources::{self, DatabaseUrl, Limits};

/// Says of each mismatch with a database or a snapshot what the migrations have to say; reads them for that, if nobody
/// has asked for them.
pub(super) fn explain(run: &mut Run<'_>, findings: &mut Vec<Finding>) -> Result<(), CheckError> {
    let is_explained = |finding: &Finding| {
        finding.rule.role().aspect.is_some()
            && matches!(finding.data.source, Some(SourceKind::Database | SourceKind::Snapshot))
    };
    let is_migrations = |observed: &&ReadSource| observed.observation.source == SourceKind::Migrations;
    let was_asked_for = run.observed.iter().any(|observed| is_migrations(&observed));
    if !findings.iter().any(is_explained) && !was_asked_for {
        return Ok(());
    }
    let mut read = Vec::new();
    if !was_asked_for {
        run.read_migrations()?;
        read.extend_from_slice(run.made());
        for witness in &mut read {
            look_where_the_database_does(witness, &run.observed);
        }
    }
    let witnesses: Vec<&ReadSource> = if was_asked_for {
        run.observed.iter().filter(is_migrations).collect()
    } else {
        read.iter().collect()
    };
    for witness in witnesses {
        let comparison = run.comparison(&run.facts, witness);
        let is_same_section = |finding: &Finding| finding.data.section == witness.observation.database;
        let beside = run.observed.iter().find(|other| {
            other.observation.source == SourceKind::Database
                && other.observation.database == witness.observation.database
        });
        let mut applied = AppliedVersions::Unread;
        let url = beside.and_then(|observed| observed.url.as_ref());
        let alone = applied_alone(witness, url, &mut applied);
        let alone = alone.as_ref().map(|alone| scope::comparison(&run.workspace.config, &run.facts, alone));
        for finding in findings.iter_mut().filter(|finding| is_explained(finding) && is_same_section(finding))
        {
            explain_one(finding, &comparison, alone.as_ref(), &mut applied, url, witness);
        }
        merge_twins(findings, witness.observation.database.as_deref(), beside.is_some());
    }
    Ok(())
}

/// A database may have its own search path; migrations that name no schema, or that one, mean the tables in there.
fn look_where_the_database_does(witness: &mut ReadSource, observed: &[ReadSource]) {
    let of_section = observed.iter().map(|other| &other.observation).filter(|other| {
        other.source == SourceKind::Database
            && other.database == witness.observation.database
            && other.engine.kind.base() == witness.observation.engine.kind.base()
    });
    let schemas: Vec<String> = of_section.flat_map(|other| other.engine.default_schemas.clone()).collect();
    let known = &mut witness.observation.engine.default_schemas;
    for schema in schemas {
        if !known.contains(&schema) {
            known.push(schema);
        }
    }
}

/// What is known of the migrations that Diesel has applied.
enum AppliedVersions {
    Unread,
    Unknown,
    Versions(HashSet<String>),
}

fn explain_one(
    finding: &mut Finding,
    witness: &Comparison<'_>,
    alone: Option<&Comparison<'_>>,
    applied: &mut AppliedVersions,
    url: Option<&DatabaseUrl>,
    observed: &ReadSource,
) {
    let Some(pair) = pair_of(witness, &finding.data) else { return };
    let key = match &pair.seen {
        Seen::Keys(keys) | Seen::OtherParent(keys) => keys.first().copied(),
        Seen::Absent(_) => None,
        Seen::Unknown(_) => return,
    };
    if matches!(pair.seen, Seen::Absent(None)) {
        finding.notes.push(format!("the migrations make no table `{}`", pair.declared.key.table));
        return;
    }
    if let Some(span) = key.and_then(|key| witness.place_of(key)) {
        let text = "the migration that last set it".to_owned();
        finding.secondary.push(Label { span, text });
    }
    let Some(aspect) = finding.rule.role().aspect else { return };
    let said = said_by(key, aspect);
    if agrees_with_code(witness, pair, key, aspect) {
        let agreement = Agreeing { pair, key, said: &said, alone, witness: observed };
        let (moved, text) = agreement.who_moved(finding, aspect, applied, url);
        if moved == Moved::NotApplied {
            finding.help.retain(|help| !help.changes_source);
        }
        finding.data.moved = Some(moved);
        finding.notes.push(text);
    } else if agrees_with_source(key, finding, aspect) {
        finding.data.moved = Some(Moved::Code);
        finding.notes.push(format!(
            "the migrations say {said} too: the annotation is what differs, or a migration is still to be written"
        ));
    } else {
        finding.data.moved = Some(Moved::All);
        finding.notes.push(format!("the migrations say {said}: three different answers"));
    }
}

/// What is known where the migrations say what the code says.
struct Agreeing<'r> {
    pair: &'r Pair<'r>,
    key: Option<&'r ObservedKey>,
    /// What both say.
    said: &'r str,
    /// What the migrations that are applied make by themselves, where that is known.
    alone: Option<&'r Comparison<'r>>,
    witness: &'r ReadSource,
}

impl Agreeing<'_> {
    /// Whether a migration waits to be run or the source was changed by hand, and in words.
    fn who_moved(
        &self,
        finding: &Finding,
        aspect: Aspect,
        applied: &mut AppliedVersions,
        url: Option<&DatabaseUrl>,
    ) -> (Moved, String) {
        let said = self.said;
        let source = finding.data.source.map_or_else(String::new, |source| source.to_string());
        if matches!(applied, AppliedVersions::Unread) {
            *applied = read_applied(url);
        }
        let place = self.key.and_then(|key| key.origin.as_ref());
        let directory = place.and_then(|origin| origin.file.path.parent()?.file_name()?.to_str());
        let version = directory.map(|name| name.split('_').next().unwrap_or_default().replace('-', ""));
        let pending = pending(applied, self.witness.migrations.as_deref());
        let fixing = pending.iter().find(|migration| fixes(migration, &self.pair.declared.key));
        let fixing = fixing.and_then(name_of);
        let pending: Vec<String> = pending.iter().filter_map(name_of).collect();
        let not_applied = match (&*applied, &version) {
            (AppliedVersions::Versions(versions), Some(version)) if !versions.contains(version) => directory,
            _ => fixing.as_deref(),
        };
        match (not_applied, &*applied, &pending[..]) {
            (Some(name), ..) => (
                Moved::NotApplied,
                format!(
                    "the migrations say {said}, as the code does, but `{name}` is not applied to the {source} yet: run `diesel migration run`"
                ),
            ),
            (None, AppliedVersions::Versions(_), [_, ..])
                if version.is_none() && self.alone.is_some_and(|alone| says_so(alone, finding, aspect)) =>
            {
                (
                    Moved::Database,
                    format!(
                        "the migrations say {said}, as the code does, and those that are applied say it too: the {source} was changed by hand"
                    ),
                )
            }
            (None, AppliedVersions::Versions(_), [first, ..]) if version.is_none() => (
                Moved::NotApplied,
                format!(
                    "the migrations say {said}, as the code does, but not all are applied to the {source}, `{first}` for one: run `diesel migration run`"
                ),
            ),
            (None, AppliedVersions::Versions(_), _) => (
                Moved::Database,
                format!(
                    "the migrations say {said}, as the code does, and they are applied: the {source} was changed by hand"
                ),
            ),
            _ if finding.data.source == Some(SourceKind::Snapshot) => (
                Moved::Database,
                format!(
                    "the migrations say {said}, as the code does: either the snapshot is older than they are (`cargo fkcheck snapshot` renews it), or the database was changed by hand"
                ),
            ),
            _ => (
                Moved::Database,
                format!(
                    "the migrations say {said}, as the code does: either they are not all applied to the {source}, or it was changed by hand"
                ),
            ),
        }
    }
}

/// Migrations that are run in memory don't tell which of them has set a key; what those that are applied make by themselves does.
fn applied_alone(
    witness: &ReadSource,
    url: Option<&DatabaseUrl>,
    applied: &mut AppliedVersions,
) -> Option<ReadSource> {
    let directory = witness.migrations.as_deref()?;
    let engine = witness.observation.engine.kind;
    if !sources::runs_in_memory(engine) || url.is_none() {
        return None;
    }
    *applied = read_applied(url);
    let AppliedVersions::Versions(versions) = &*applied else { return None };
    if pending(applied, Some(directory)).is_empty() {
        return None;
    }
    let versions: Vec<String> = versions.iter().cloned().collect();
    let section = witness.observation.database.as_deref();
    let read = sources::run_in_memory(engine, directory, &Limits::default(), section, Some(&versions));
    let observation = read.ok()?.with_plain_names();
    Some(ReadSource::new(observation, witness.database.as_ref()))
}

/// Whether these migrations say what the code says.
fn says_so(migrations: &Comparison<'_>, finding: &Finding, aspect: Aspect) -> bool {
    let pair = pair_of(migrations, &finding.data);
    pair.is_some_and(|pair| {
        let key = match &pair.seen {
            Seen::Keys(keys) | Seen::OtherParent(keys) => keys.first().copied(),
            Seen::Absent(_) | Seen::Unknown(_) => None,
        };
        agrees_with_code(migrations, pair, key, aspect)
    })
}

fn pair_of<'c, 'a>(witness: &'c Comparison<'a>, data: &FindingData) -> Option<&'c Pair<'a>> {
    witness.pairs.iter().find(|pair| data.is_about(&pair.declared.id()))
}

/// What the migrations make of the key.
fn said_by(key: Option<&ObservedKey>, aspect: Aspect) -> String {
    let Some(key) = key else { return "that there is no such key".to_owned() };
    match aspect {
        Aspect::OnDelete => format!("ON DELETE {}", key.on_delete),
        Aspect::OnUpdate => format!("ON UPDATE {}", key.on_update),
        Aspect::Deferrability => key.deferrability.to_string(),
        Aspect::Parent => format!("that it references `{}`", key.parent),
        Aspect::Existence | Aspect::Absence => "that there is such a key".to_owned(),
        Aspect::Name => match &key.name {
            Some(name) => format!("that it is called `{name}`"),
            None => "that it has no name".to_owned(),
        },
    }
}

fn agrees_with_code(
    witness: &Comparison<'_>,
    pair: &Pair<'_>,
    key: Option<&ObservedKey>,
    aspect: Aspect,
) -> bool {
    let is_declared_parent = matches!(pair.seen, Seen::Keys(_));
    let Some(key) = key else { return aspect == Aspect::Absence };
    let same = |agreement: Option<Agreement>| !matches!(agreement, Some(Agreement::Differs));
    match aspect {
        Aspect::OnDelete => is_declared_parent && same(witness.on_delete(pair.declared, key)),
        Aspect::OnUpdate => is_declared_parent && same(Some(witness.on_update(pair.declared, key))),
        Aspect::Deferrability => pair.declared.meant_deferrability() == key.deferrability,
        Aspect::Name => witness.has_declared_name(pair.declared, key) != Some(false),
        Aspect::Absence => false,
        Aspect::Existence | Aspect::Parent => is_declared_parent,
    }
}

fn agrees_with_source(key: Option<&ObservedKey>, finding: &Finding, aspect: Aspect) -> bool {
    let observed = finding.data.observed.as_ref();
    match (aspect, key) {
        (Aspect::Existence, key) => key.is_none(),
        (Aspect::Absence | Aspect::Parent, key) => key.is_some(),
        (_, None) => false,
        (Aspect::OnUpdate, Some(key)) => {
            observed.is_some_and(|seen| seen.on_update.as_ref() == Some(&key.on_update))
        }
        (Aspect::Deferrability, Some(key)) => {
            observed.is_some_and(|seen| seen.deferrability == Some(key.deferrability))
        }
        (Aspect::Name, Some(key)) => finding.data.constraint == key.name,
        (Aspect::OnDelete, Some(key)) => observed.is_some_and(|seen| match &seen.on_delete {
            // InnoDB has two words for refusing.
            Some(action) => *action == key.on_delete || action.blocks() && key.on_delete.blocks(),
            None => false,
        }),
    }
}

fn read_applied(url: Option<&DatabaseUrl>) -> AppliedVersions {
    let read = url.and_then(|url| sources::read_applied(url, &Limits::default()).ok());
    read.map_or(AppliedVersions::Unknown, |versions| {
        AppliedVersions::Versions(versions.into_iter().collect())
    })
}

/// The migrations in a directory that a database has not run; none where that can't be known.
pub(crate) fn not_applied(url: Option<&DatabaseUrl>, directory: &Path) -> Vec<Migration> {
    pending(&read_applied(url), Some(directory))
}

/// The migrations that are not applied.
fn pending(applied: &AppliedVersions, directory: Option<&Path>) -> Vec<Migration> {
    let (AppliedVersions::Versions(versions), Some(directory)) = (applied, directory) else {
        return Vec::new();
    };
    let mut all = migrations(directory).unwrap_or_default();
    all.retain(|migration| !versions.contains(&migration.version));
    all
}

/// Whether `fix` wrote it for this key; where the migrations made the key so in the first place, nothing else tells.
fn fixes(migration: &Migration, key: &KeyName) -> bool {
    let text = disk::read_to_string(&migration.path.join("up.sql")).unwrap_or_default();
    Mark::read(&text).iter().any(|mark| mark.sets_the_rule_of(key))
}

/// The name of its directory.
pub(crate) fn name_of(migration: &Migration) -> Option<String> {
    Some(migration.path.file_name()?.to_string_lossy().into_owned())
}

/// What the migrations and the database both show is one finding; what the migrations alone show was changed by hand.
fn merge_twins(findings: &mut Vec<Finding>, section: Option<&str>, has_database: bool) {
    let of = |finding: &Finding, is_migrations: bool| {
        finding.rule.role().aspect.is_some()
            && finding.data.section.as_deref() == section
            && finding.data.source.is_some_and(|source| (source == SourceKind::Migrations) == is_migrations)
    };
    let identity =
        |finding: &Finding| (finding.rule, finding.data.child.clone(), finding.data.parent.clone());
    let in_database: HashSet<_> =
        findings.iter().filter(|finding| of(finding, false)).map(identity).collect();
    findings.retain(|finding| !of(finding, true) || !in_database.contains(&identity(finding)));
    if has_database {
        for finding in findings.iter_mut().filter(|finding| of(finding, true)) {
            finding.data.moved = Some(Moved::Migrations);
            finding.notes.push(
                "the database agrees with the code: it was changed by hand, and the migrations would make another key in a new one"
                    .to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::{declared, facts, mariadb, observation, observed, on_delete, postgres, table};
    use crate::model::{Action, EngineFacts};

    /// The code's action, what the migrations make, whether they agree on an aspect, and in which words.
    type Case = (EngineFacts, Action, Vec<ObservedKey>, Aspect, bool, &'static str);

    #[test]
    fn what_the_migrations_say() {
        use Action::{Cascade, NoAction, Restrict};
        let declare = |action: Action| on_delete(declared("posts(author_id)", "users"), action);
        let made = |action: Action| vec![observed("posts(author_id)", "users", action)];
        let elsewhere = vec![observed("posts(author_id)", "teams", Cascade)];
        let other = vec![observed("posts(id)", "users", Cascade)];
        let cases: [Case; 10] = [
            (postgres(), Cascade, made(Cascade), Aspect::OnDelete, true, "ON DELETE CASCADE"),
            (postgres(), Cascade, made(NoAction), Aspect::OnDelete, false, "ON DELETE NO ACTION"),
            // A plain delete ends the same way; and InnoDB knows one of them alone.
            (postgres(), Restrict, made(NoAction), Aspect::OnDelete, true, "ON DELETE NO ACTION"),
            (mariadb(), Restrict, made(NoAction), Aspect::OnDelete, true, "ON DELETE NO ACTION"),
            (postgres(), Cascade, made(Cascade), Aspect::Existence, true, "that there is such a key"),
            (postgres(), Cascade, other.clone(), Aspect::Existence, false, "that there is no such key"),
            (postgres(), Cascade, other, Aspect::Absence, true, "that there is no such key"),
            (postgres(), Cascade, elsewhere.clone(), Aspect::Parent, false, "that it references `teams`"),
            (postgres(), Cascade, elsewhere, Aspect::OnDelete, false, "ON DELETE CASCADE"),
            (postgres(), Cascade, made(Cascade), Aspect::Deferrability, true, "NOT DEFERRABLE"),
        ];
        for (engine, action, keys, aspect, agrees, said) in cases {
            let tables = vec![table("users", "id"), table("teams", "id"), table("posts", "id, author_id")];
            let facts = facts(tables, vec![declare(action)]);
            let observation = observation(engine, keys);
            let witness = Comparison::new(&facts, &observation, &|_| true, &|_| true);
            let pair = &witness.pairs[0];
            let key = match &pair.seen {
                Seen::Keys(keys) | Seen::OtherParent(keys) => keys.first().copied(),
                Seen::Absent(_) | Seen::Unknown(_) => None,
            };
            assert_eq!(said_by(key, aspect), said);
            assert_eq!(agrees_with_code(&witness, pair, key, aspect), agrees, "{said} {aspect:?}");
        }
    }

    #[test]
    fn what_is_applied_is_not_pending() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["2026-01-01-000000_one", "2026-01-02-000000_two"] {
            let migration = directory.path().join(name);
            std::fs::create_dir(&migration).unwrap();
            std::fs::write(migration.join("up.sql"), "SELECT 1;").unwrap();
        }
        let pending = |applied: &AppliedVersions| pending(applied, Some(directory.path())).len();
        let versions = |versions: &[&str]| {
            AppliedVersions::Versions(versions.iter().map(|version| (*version).to_owned()).collect())
        };
        assert_eq!(pending(&versions(&[])), 2);
        assert_eq!(pending(&versions(&["20260101000000"])), 1);
        assert_eq!(pending(&versions(&["20260101000000", "20260102000000"])), 0);
        // What isn't known isn't claimed.
        assert_eq!(pending(&AppliedVersions::Unknown), 0);
    }
}

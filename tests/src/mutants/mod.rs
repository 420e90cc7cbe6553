//! Alters one key after the other in a real database, and demands that a check finds each mutant: one finding, at the
//! right place.

mod alter;
mod code;
mod migration;
mod place;

use std::path::{Path, PathBuf};

use fkcheck_core::collect;
use fkcheck_core::compare::Comparison;
use fkcheck_core::model::{Action, ObservedKey};
use fkcheck_core::sources::{DatabaseUrl, Limits, read_database};
use fkcheck_core::workspace;
use serde_json::Value;

use crate::{Run, dump, fkcheck};
pub use alter::Engine;
pub(crate) use alter::without_on_delete;

/// What the mutants are found against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// The database itself.
    Database,
    /// A snapshot that is taken of each mutant.
    Snapshot,
    /// The database, after `fix --code` has taken the code to it.
    Code,
    /// The database, after `fix` has written a migration and Diesel has run it; and then the way back.
    Migration,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Keys that were altered.
    pub keys: usize,
    /// Mutants that were made.
    pub mutants: usize,
    /// Mutants that the engine doesn't allow or can't tell from what is there.
    pub impossible: usize,
    /// Keys that another one on the same columns comes before: it decides what a delete does.
    pub shadowed: usize,
    /// Keys that no annotation speaks of.
    pub undeclared: usize,
    /// Mutants that no migration was written for, and why.
    pub refused: Vec<String>,
    /// What was not found, or found otherwise than it should be.
    pub failures: Vec<String>,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for refused in &self.refused {
            writeln!(f, "refused: {refused}")?;
        }
        for failure in &self.failures {
            writeln!(f, "{failure}\n")?;
        }
        write!(
            f,
            "{} of {} mutants found, one finding each, on the right line ({} keys; {} impossible on this engine; left alone: {} shadowed keys, {} undeclared)",
            self.mutants.saturating_sub(self.failures.len()),
            self.mutants,
            self.keys,
            self.impossible,
            self.shadowed,
            self.undeclared
        )
    }
}

/// Makes every mutant of the database's keys and checks the workspace against each. The state must be clean at the
/// start, and is as it was at the end. A SQLite file is copied and stays as it is.
pub fn run(manifest_path: &Path, url: &str, against: Against) -> Report {
    let read = |url: &str| {
        let parsed = DatabaseUrl::parse(url).expect("a URL");
        read_database(&parsed, &Limits::default(), None).expect("it can be read")
    };
    let observation = read(url);
    let engine = Engine::of(observation.engine.kind);
    let dir = tempfile::tempdir().expect("a directory");
    let copy = dir.path().join("copy.db");
    let copy_url = format!("sqlite://{}", copy.display());
    let url = if engine == Engine::Sqlite {
        alter::copy_sqlite(url, &copy);
        &copy_url
    } else {
        url
    };
    let subject = Subject { manifest_path, url, against };
    let workspace = workspace::load(Some(manifest_path), None).expect("a workspace");
    let sources: Vec<PathBuf> = workspace.files.iter().map(|file| file.path.clone()).collect();
    let facts = collect::collect(workspace.packages, &workspace.files);
    let comparison = Comparison::new(&facts, &observation, &|_| true, &|_| true);
    let is_declared = |key: &ObservedKey| {
        comparison.pairs.iter().any(|pair| pair.observed().is_some_and(|seen| seen.key == key.key))
    };
    let before = subject.check();
    assert!(before.code == 0, "the state is not clean at the start:\n{}\n{}", before.stdout, before.stderr);
    let original = match against {
        Against::Migration => dump::essence(engine, url).expect("dumped"),
        _ => String::new(),
    };
    let default_schema = observation.engine.default_schemas.first().map_or("", String::as_str);
    let mut report = Report::default();
    for key in &observation.keys {
        if !is_declared(key) {
            report.undeclared += 1;
            continue;
        }
        let is_before = |other: &&ObservedKey| other.key == key.key && other.firing_order < key.firing_order;
        if observation.keys.iter().any(|other| is_before(&other)) {
            report.shadowed += 1;
            continue;
        }
        report.keys += 1;
        let is_alone = observation.keys.iter().filter(|other| other.key == key.key).count() == 1;
        for action in alter::actions() {
            if !engine.tells_apart(&action, &key.on_delete) {
                report.impossible += usize::from(action != key.on_delete);
                continue;
            }
            let mutation = match alter::Mutation::make(engine, url, key, &action) {
                Ok(Some(mutation)) => mutation,
                Ok(None) => {
                    report.impossible += 1;
                    continue;
                }
                Err(error) => {
                    report.mutants += 1;
                    report.failures.push(format!("`{}` ON DELETE {action} can't be made: {error}", key.key));
                    continue;
                }
            };
            report.mutants += 1;
            let after = subject.check();
            let fixed = match against {
                Against::Database | Against::Snapshot => Ok(None),
                Against::Code => code::take_over(&subject, &sources, key, &action, is_alone).map(|()| None),
                Against::Migration => {
                    let before = migration::Before { check: &before, essence: &original };
                    migration::there_and_back(&subject, engine, key, default_schema, &before)
                }
            };
            drop(mutation);
            let expected = Expected { key, action: &action, engine, is_alone };
            if let Err(why) = judge(&before, &after, &expected) {
                report.failures.push(format!("`{}` ON DELETE {action}: {why}", key.key));
                continue;
            }
            match fixed {
                Ok(None) => {}
                Ok(Some(why)) => report.refused.push(format!("`{}` from {action}: {why}", key.key)),
                Err(why) => report.failures.push(format!("`{}` ON DELETE {action}: {why}", key.key)),
            }
        }
    }
    let after = subject.check();
    assert_eq!(
        (before.code, messages(&before)),
        (after.code, messages(&after)),
        "the state at the end is another"
    );
    report
}

struct Subject<'a> {
    manifest_path: &'a Path,
    url: &'a str,
    against: Against,
}

impl Subject<'_> {
    fn check(&self) -> Run {
        let manifest = self.manifest_path.display().to_string();
        let common = ["--manifest-path", &manifest, "--strict", "--quiet"];
        let dir = self.manifest_path.parent().expect("a directory");
        let with_url = [&common[..], &["--database-url", self.url]].concat();
        if self.against != Against::Snapshot {
            return fkcheck(dir, &[&with_url[..], &["--message-format", "json"]].concat(), &[]);
        }
        let taken = fkcheck(dir, &[&["snapshot"], &with_url[..]].concat(), &[]);
        assert_eq!(taken.code, 0, "{taken:?}");
        fkcheck(dir, &[&common[..], &["--against", "snapshot", "--message-format", "json"]].concat(), &[])
    }
}

/// The findings, whole.
fn messages(run: &Run) -> Vec<Value> {
    run.json().into_iter().filter(|line| line.get("fkcheck").is_some()).collect()
}

/// Findings by what they say.
fn said(finding: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&finding["fkcheck"]["rule"]), text(&finding["message"]["message"]))
}

/// What a check has to find.
struct Expected<'a> {
    key: &'a ObservedKey,
    action: &'a Action,
    engine: Engine,
    /// No other key stands on the same columns. Else that one may decide now.
    is_alone: bool,
}

impl Expected<'_> {
    fn is_action(&self, observed: &str) -> bool {
        let is_refusal = |word: &str| matches!(word, "NO ACTION" | "RESTRICT");
        // MariaDB shows the one for the other.
        let is_same_refusal = self.engine == Engine::Mysql && self.action.blocks() && is_refusal(observed);
        !self.is_alone || is_same_refusal || observed == self.action.to_string()
    }
}

/// Names without their case and order.
fn folded<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
    names.sort_unstable();
    names
}

/// Whether the mutant is found: one finding more, about this key and this action, at its place.
fn judge(before: &Run, after: &Run, expected: &Expected<'_>) -> Result<(), String> {
    let key = expected.key;
    let known: Vec<_> = messages(before).iter().map(said).collect();
    let new: Vec<Value> =
        messages(after).into_iter().filter(|finding| !known.contains(&said(finding))).collect();
    let [finding] = &new[..] else {
        let said: Vec<_> = new.iter().map(said).collect();
        return Err(format!(
            "{} new findings, exit code {}: {said:?}\n{}",
            new.len(),
            after.code,
            after.stderr
        ));
    };
    let data = &finding["fkcheck"];
    let table = data["child"]["table"].as_str().unwrap_or_default();
    let columns = data["child"]["columns"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let is_about = data["rule"] == "fk_on_delete_mismatch"
        && table.eq_ignore_ascii_case(&key.key.table.name)
        && folded(columns) == folded(key.key.columns.iter().map(String::as_str));
    let is_action = data["observed"]["on_delete"].as_str().is_some_and(|word| expected.is_action(word));
    if !is_about || !is_action || after.code != 1 {
        return Err(format!("exit code {}, found {}", after.code, finding["fkcheck"]));
    }
    let span = finding["message"]["spans"]
        .as_array()
        .and_then(|spans| spans.iter().find(|span| span["is_primary"] == true))
        .ok_or("no primary span")?;
    let root = PathBuf::from(finding["manifest_path"].as_str().unwrap_or_default());
    let name = span["file_name"].as_str().unwrap_or_default();
    let file = root.ancestors().map(|dir| dir.join(name)).find(|path| path.is_file());
    let text =
        file.and_then(|path| std::fs::read_to_string(path).ok()).ok_or_else(|| format!("no file {name}"))?;
    let byte = |end: &str| span[end].as_u64().and_then(|byte| usize::try_from(byte).ok()).unwrap_or_default();
    place::check(&text, byte("byte_start")..byte("byte_end"), &key.key, &key.on_delete)
}

//! Migrations as files, named and laid out as `diesel migration generate` does it.

use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::model::{Mark, Step, disk};
use crate::outcome::FixMigration;
use crate::replay::{self, Migration};
use crate::run::CheckError;

/// A migration to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationFiles {
    /// Its directory, absolute; there is none of that name.
    pub directory: PathBuf,
    /// The same, relative to the workspace root.
    pub display: String,
    /// `up.sql`, `down.sql` and `metadata.toml`, with what they hold.
    pub files: Vec<(&'static str, String)>,
}

/// How Diesel writes a version: it compares them as texts, without their dashes.
const VERSION: &str = "%Y-%m-%d-%H%M%S";

/// What a file system takes in every case, with the version before it.
const LONGEST_NAME: usize = 200;

/// Gives the migrations names that sort behind all that are there. What speaks against the directory goes into `remarks`.
///
/// # Errors
/// When the directory isn't there, or a name is none.
pub(super) fn name(
    directory: &Path,
    root: &Path,
    migrations: Vec<FixMigration>,
    remarks: &mut Vec<String>,
) -> Result<Vec<MigrationFiles>, CheckError> {
    let usage = |message: String, help: &str| CheckError::Usage { message, help: Some(help.to_owned()) };
    if !directory.is_dir() {
        return Err(usage(
            format!("there is no directory {}", directory.display()),
            "make it, or name another one with `--migration-dir`",
        ));
    }
    // None yet is no error.
    let present = replay::migrations(directory).unwrap_or_default();
    remarks.extend(present.iter().filter_map(without_key));
    let time = time_behind(&present);
    if time.is_none() {
        remarks.push(format!(
            "the versions in {} aren't times; see that the new migrations sort behind them",
            directory.display()
        ));
    }
    let time = time.unwrap_or_else(now).strftime(VERSION).to_string();
    let mut named = Vec::new();
    for (number, migration) in migrations.into_iter().enumerate() {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        if migration.name.is_empty() || !migration.name.chars().all(is_plain) {
            return Err(usage(
                format!("{:?} is no name for a migration", migration.name),
                "letters, digits and underscores do",
            ));
        }
        if migration.name.len() > LONGEST_NAME {
            return Err(usage(
                format!("a migration's name of {} bytes is too long", migration.name.len()),
                "take a shorter `--name`",
            ));
        }
        let name = format!("{time}-{number:04x}_{}", migration.name);
        let path = directory.join(&name);
        let display = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let metadata = format!("run_in_transaction = {}\n", migration.run_in_transaction);
        let files = vec![("up.sql", migration.up), ("down.sql", migration.down), ("metadata.toml", metadata)];
        named.push(MigrationFiles { directory: path, display, files });
    }
    Ok(named)
}

fn now() -> DateTime {
    Timestamp::now().to_zoned(TimeZone::UTC).datetime()
}

/// Now, or the second behind the last migration if that lies ahead; `None` where that one's version is no time.
fn time_behind(present: &[Migration]) -> Option<DateTime> {
    let now = now();
    let Some(last) = present.last() else { return Some(now) };
    if last.version < now.strftime(VERSION).to_string().replace('-', "") {
        return Some(now);
    }
    let digits = last.version.get(..14)?;
    let last = DateTime::strptime("%Y%m%d%H%M%S", digits).ok()?;
    last.checked_add(1.second()).ok()
}

/// A migration in there that has not been run and does what one of these does.
pub(super) fn written_before(pending: &[Migration], migrations: &[FixMigration]) -> Option<String> {
    let is_same = |migration: &&Migration| {
        let text = disk::read_to_string(&migration.path.join("up.sql")).ok();
        text.is_some_and(|text| {
            migrations.iter().any(|new| new.up == text || validates_the_same(&Mark::read(&text), new))
        })
    };
    let found = pending.iter().find(is_same)?;
    Some(found.path.file_name()?.to_string_lossy().into_owned())
}

/// What validates keys does so whatever it was written beside.
fn validates_the_same(there: &[Mark], new: &FixMigration) -> bool {
    let marks = Mark::read(&new.up);
    let is_validated = |mark: &Mark| {
        let same = |other: &Mark| other.key == mark.key && other.step == Step::Validate;
        mark.step == Step::Validate && there.iter().any(same)
    };
    !marks.is_empty() && marks.iter().all(is_validated)
}

/// Diesel takes a `metadata.toml` without the key for `false`, and nobody expects that.
fn without_key(migration: &Migration) -> Option<String> {
    let path = migration.path.join("metadata.toml");
    let text = disk::read_to_string(&path).ok()?;
    let document: toml_edit::Document<String> = toml_edit::Document::parse(text).ok()?;
    document.get("run_in_transaction").is_none().then(|| {
        format!(
            "{} has no `run_in_transaction`, which Diesel takes for `false`: that migration runs without a transaction",
            path.display()
        )
    })
}

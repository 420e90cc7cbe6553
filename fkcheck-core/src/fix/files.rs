//! Migrations as files, named and laid out as `diesel migration generate` does it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

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
        let text = fs::read_to_string(migration.path.join("up.sql")).ok();
        text.is_some_and(|text| migrations.iter().any(|new| new.up == text))
    };
    let found = pending.iter().find(is_same)?;
    Some(found.path.file_name()?.to_string_lossy().into_owned())
}

/// Diesel takes a `metadata.toml` without the key for `false`, and nobody expects that.
fn without_key(migration: &Migration) -> Option<String> {
    let path = migration.path.join("metadata.toml");
    let text = fs::read_to_string(&path).ok()?;
    let document: toml_edit::Document<String> = toml_edit::Document::parse(text).ok()?;
    document.get("run_in_transaction").is_none().then(|| {
        format!(
            "{} has no `run_in_transaction`, which Diesel takes for `false`: that migration runs without a transaction",
            path.display()
        )
    })
}

/// Writes all of them, or none: each directory is made under a name that Diesel passes over, and gets its own when all are whole.
pub(super) fn write(migrations: &[MigrationFiles]) -> io::Result<()> {
    let mut staged = Vec::new();
    for migration in migrations {
        let parent = migration.directory.parent().unwrap_or(Path::new("."));
        let directory = tempfile::Builder::new().prefix(".fkcheck-").tempdir_in(parent)?;
        for (name, text) in &migration.files {
            let mut file = fs::File::create_new(directory.path().join(name))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // A temporary directory is its owner's alone.
            fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))?;
        }
        staged.push((directory, &migration.directory));
    }
    let mut named: Vec<&Path> = Vec::new();
    for (directory, to) in staged {
        if let Err(error) = rename(directory.path(), to) {
            for done in named {
                let _ = fs::remove_dir_all(done);
            }
            return Err(error);
        }
        // It is gone by that name.
        let _ = directory.keep();
        named.push(to);
    }
    Ok(())
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is there", to.display())));
    }
    fs::rename(from, to)
}

//! Migrations get onto the disk all or none; and what a run has left that was killed meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::MigrationFiles;

/// What the directory is called in which they are made: Diesel passes over it.
const PREFIX: &str = ".fkcheck-";

/// Writes all of them, or none: they are made in a directory of their own, and get their places when all are whole.
pub(super) fn write(migrations: &[MigrationFiles]) -> io::Result<()> {
    let mut by_parent: BTreeMap<&Path, Vec<&MigrationFiles>> = BTreeMap::new();
    for migration in migrations {
        by_parent.entry(migration.directory.parent().unwrap_or(Path::new("."))).or_default().push(migration);
    }
    let (mut staging_directories, mut staged) = (Vec::new(), Vec::new());
    for (parent, migrations) in by_parent {
        let staging = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        for migration in migrations {
            let directory = staging.path().join(migration.directory.file_name().unwrap_or_default());
            fs::create_dir(&directory)?;
            for (name, text) in &migration.files {
                let mut file = fs::File::create_new(directory.join(name))?;
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
            }
            staged.push((directory, &migration.directory));
        }
        // It goes with what is left in it.
        staging_directories.push(staging);
    }
    for (at, (from, to)) in staged.iter().enumerate() {
        if let Err(error) = rename(from, to) {
            for (_, done) in &staged[..at] {
                let _ = fs::remove_dir_all(done);
            }
            return Err(error);
        }
    }
    Ok(())
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is there", to.display())));
    }
    fs::rename(from, to)
}

/// What a run has left that was killed while it wrote.
pub(super) enum Leftover {
    /// Some of its migrations have got their places; these have not. All are whole.
    Begun {
        /// The directory that holds them.
        staging: PathBuf,
        /// Where each belongs.
        migrations: Vec<PathBuf>,
    },
    /// None has.
    NotBegun(PathBuf),
}

/// What is left in a directory of migrations.
pub(super) fn leftovers(directory: &Path) -> Vec<Leftover> {
    let names = names(directory);
    let is_staging = |name: &&String| {
        let metadata = fs::symlink_metadata(directory.join(name));
        name.starts_with(PREFIX) && metadata.is_ok_and(|metadata| metadata.is_dir())
    };
    let leftover = |name: &String| {
        let staging = directory.join(name);
        let left = self::names(&staging);
        // The migrations of one run have one time.
        let is_begun = |left: &String| {
            let time = left.split('_').next().and_then(|version| version.rsplit_once('-'));
            time.is_some_and(|(time, _)| names.iter().any(|name| name.starts_with(&format!("{time}-"))))
        };
        if left.is_empty() || !left.iter().all(is_begun) {
            return Leftover::NotBegun(staging);
        }
        Leftover::Begun { staging, migrations: left.iter().map(|name| directory.join(name)).collect() }
    };
    names.iter().filter(is_staging).map(leftover).collect()
}

/// Completes what is begun and removes what is not.
pub(super) fn settle(leftover: &Leftover) -> io::Result<()> {
    match leftover {
        Leftover::Begun { staging, migrations } => {
            for to in migrations {
                rename(&staging.join(to.file_name().unwrap_or_default()), to)?;
            }
            fs::remove_dir(staging)
        }
        Leftover::NotBegun(staging) => fs::remove_dir_all(staging),
    }
}

/// What is in a directory, sorted; nothing where it can't be read.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

//! Up to which migration a source has gone: a snapshot says nothing of those that came later.

use std::path::Path;

use super::read_source::ReadSource;
use super::three_way::name_of;
use crate::lock::FILE_NAME;
use crate::model::{Observation, SourceKind};
use crate::outcome::Problem;
use crate::replay::{Migration, migrations};
use crate::sources::{self, Limits};

/// The last migration of the directory that a source has seen, by name.
pub(super) fn seen_by(source: &ReadSource, directory: &Path, limits: &Limits) -> Option<String> {
    let all = migrations(directory).ok()?;
    let last = match source.observation.source {
        SourceKind::Migrations => all.last(),
        SourceKind::Database => {
            let applied = sources::read_applied(source.url.as_ref()?, limits).ok()?;
            all.iter().rfind(|migration| applied.contains(&migration.version))
        }
        SourceKind::Snapshot => None,
    };
    name_of(last?)
}

/// The first migration of the directory that came after the snapshot was taken, by name.
pub(super) fn first_after(snapshot: &Observation, directory: &Path) -> Option<String> {
    let seen = Migration::version_of(snapshot.last_migration.as_deref()?);
    // What can't be read is said where the migrations are.
    let all = migrations(directory).unwrap_or_default();
    name_of(all.iter().find(|migration| migration.version > seen)?)
}

/// The snapshot alone would say that all is well.
pub(super) fn not_in_snapshot(name: &str) -> Problem {
    Problem {
        message: format!(
            "{FILE_NAME} was taken before the migration `{name}`: it says nothing of what that does"
        ),
        label: None,
        help: vec![format!(
            "`cargo fkcheck snapshot --against migrations` renews it from the files, `cargo fkcheck snapshot` from a database that has run `{name}`"
        )],
    }
}

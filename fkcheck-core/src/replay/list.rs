//! A directory of migrations, in Diesel's order.

use std::path::{Path, PathBuf};

use super::ReplayError;

/// One migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its directory.
    pub path: PathBuf,
    /// What Diesel keeps in `__diesel_schema_migrations`: the name up to the first `_`, without dashes.
    pub version: String,
}

impl Migration {
    /// The version in a directory's name.
    pub fn version_of(name: &str) -> String {
        name.split('_').next().unwrap_or_default().replace('-', "")
    }
}

/// The migrations in a directory, oldest first: as `diesel_migrations` lists and sorts them.
///
/// # Errors
/// When the directory can't be read or holds none.
pub fn migrations(directory: &Path) -> Result<Vec<Migration>, ReplayError> {
    let unreadable = |reason: String| ReplayError { path: directory.to_owned(), reason };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(|error| unreadable(error.to_string()))? {
        let path = entry.map_err(|error| unreadable(error.to_string()))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.starts_with('.') || path.is_file() {
            continue;
        }
        if !path.join("up.sql").exists() {
            return Err(unreadable(format!("`{name}` holds no up.sql, and Diesel runs none of them then")));
        }
        let version = Migration::version_of(name);
        found.push(Migration { path, version });
    }
    if found.is_empty() {
        return Err(unreadable("there are none".to_owned()));
    }
    found.sort_by(|left, right| (&left.version, &left.path).cmp(&(&right.version, &right.path)));
    Ok(found)
}

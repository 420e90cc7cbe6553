//! Which database is meant: `--database-url`, then the environment, then `.env`.

use std::fmt;
use std::path::{Path, PathBuf};

use super::url::DatabaseUrl;
use crate::access::{ListLine, SourceError};
use crate::model::disk;

/// A URL and where it was found.
#[derive(Clone, Debug)]
pub struct FoundUrl {
    /// The URL.
    pub url: DatabaseUrl,
    /// Where it was found.
    pub origin: UrlOrigin,
}

/// Where a URL was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlOrigin {
    /// `--database-url`.
    Argument,
    /// A variable of the environment.
    Environment(String),
    /// A variable in a `.env` file.
    DotEnv {
        /// The variable.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// A line of a list.
    List(ListLine),
}

impl fmt::Display for UrlOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlOrigin::Argument => f.write_str("--database-url"),
            UrlOrigin::Environment(name) => write!(f, "{name} of the environment"),
            UrlOrigin::DotEnv { name, path } => write!(f, "{name} in {}", path.display()),
            UrlOrigin::List(line) => line.fmt(f),
        }
    }
}

/// Finds the URL: the variable `env_name` of the environment, then that one key of the nearest `.env` in `start_dir` or
/// above it. Nothing else of `.env` is looked at, and the environment stays as it is.
///
/// # Errors
/// The URL's own, and `DotEnv` when the file can't be read up to the key.
pub fn find_url(env_name: &str, start_dir: &Path) -> Result<Option<FoundUrl>, SourceError> {
    match std::env::var(env_name) {
        Ok(text) => {
            let origin = UrlOrigin::Environment(env_name.to_owned());
            return Ok(Some(FoundUrl { url: DatabaseUrl::parse(&text)?, origin }));
        }
        Err(std::env::VarError::NotUnicode(_)) => {
            return Err(SourceError::BadUrl {
                reason: format!("{env_name} of the environment is not UTF-8"),
                help: "percent-encode what is not ASCII".to_owned(),
            });
        }
        Err(std::env::VarError::NotPresent) => {}
    }
    let Some(path) = nearest_dot_env(start_dir) else { return Ok(None) };
    let Some(text) = read_key(&path, env_name)? else { return Ok(None) };
    let url = DatabaseUrl::parse(&text)?.relative_to(path.parent().unwrap_or(start_dir));
    Ok(Some(FoundUrl { url, origin: UrlOrigin::DotEnv { name: env_name.to_owned(), path } }))
}

/// Reads a list: one URL a line; blank lines and those that begin with `#` are skipped. `file` is the list's name.
///
/// # Errors
/// `InList` with the first line that is no URL.
pub fn read_list(text: &str, file: &str) -> Result<Vec<FoundUrl>, SourceError> {
    let lines = (1..).zip(text.trim_start_matches('\u{feff}').lines().map(str::trim));
    let urls = lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#'));
    urls.map(|(line, text)| {
        let place = ListLine { file: file.to_owned(), line };
        match DatabaseUrl::parse(text) {
            Ok(url) => Ok(FoundUrl { url, origin: UrlOrigin::List(place) }),
            Err(error) => Err(SourceError::InList { place, error: Box::new(error) }),
        }
    })
    .collect()
}

fn nearest_dot_env(start_dir: &Path) -> Option<PathBuf> {
    start_dir.ancestors().map(|directory| directory.join(".env")).find(|path| path.exists() && !path.is_dir())
}

fn read_key(path: &Path, key: &str) -> Result<Option<String>, SourceError> {
    let unreadable = |reason: String| SourceError::DotEnv { path: path.to_owned(), reason };
    let bytes = disk::read(path).map_err(|error| unreadable(error.to_string()))?;
    for entry in dotenvy::from_read_iter(&bytes[..]) {
        let (name, value) = entry.map_err(|error| unreadable(describe(&error)))?;
        // Like dotenvy itself, which never overrides, the first wins.
        if name == key {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// dotenvy's own words quote the line, which may hold a secret.
fn describe(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(_, _) => "a line before the key is not of the form KEY=value".to_owned(),
        dotenvy::Error::Io(error) => error.to_string(),
        _ => "it is not a list of KEY=value lines".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No test of this process sets it.
    const NAME: &str = "FKCHECK_TEST_NO_SUCH_VARIABLE";

    #[test]
    fn the_environment_wins_over_dot_env() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".env"), "CARGO_MANIFEST_DIR=mysql://dotenv/d\n").unwrap();
        let found = find_url("CARGO_MANIFEST_DIR", dir.path()).unwrap().unwrap();
        assert_eq!(found.origin, UrlOrigin::Environment("CARGO_MANIFEST_DIR".to_owned()));
    }

    #[test]
    fn one_key_is_read_from_the_nearest_dot_env_above() {
        let dir = tempfile::tempdir().unwrap();
        let below = dir.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(
            dir.path().join(".env"),
            format!("PGHOSTADDR=6.6.6.6\nexport {NAME}='data/app.db' # here\n"),
        )
        .unwrap();
        let found = find_url(NAME, &below).unwrap().unwrap();
        assert_eq!(found.url.to_string(), dir.path().join("data/app.db").to_string_lossy());
        assert!(matches!(found.origin, UrlOrigin::DotEnv { .. }));
        assert!(std::env::var_os(NAME).is_none());
        assert!(find_url("FKCHECK_TEST_ANOTHER", &below).unwrap().is_none());
    }

    #[test]
    fn a_list_has_comments_and_blank_lines() {
        let text = "\u{feff}# all tenants\r\n\r\n  postgres://u:Canary@h/a \r\n#postgres://h/b\nc.db";
        let found = read_list(text, "-").unwrap();
        let shown: Vec<String> =
            found.iter().map(|found| format!("{} {}", found.origin, found.url)).collect();
        assert_eq!(shown, ["-:3 postgres://u:***@h/a", "-:5 c.db"]);
        let error = read_list("a.db\n\npostgres://u:Canary#x@h/a\n", "urls.txt").unwrap_err();
        assert!(error.to_string().starts_with("urls.txt:3: the database URL can't be used: "), "{error}");
        assert!(!format!("{error} {error:?}").contains("Canary"));
    }

    #[test]
    fn a_broken_dot_env_is_not_quoted() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".env"), "PASS WORD CanarySecret 'x\n").unwrap();
        let error = find_url(NAME, dir.path()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("Canary"));
    }
}

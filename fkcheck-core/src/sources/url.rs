//! The database URL, which never shows its password.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "workspace")]
use url::Url;

use crate::access::{SourceError, bad_url};
use crate::engines::{self, Address};

/// Where a database is and how to log in. `Debug` and `Display` show no secret.
#[derive(Clone)]
pub struct DatabaseUrl {
    pub(crate) address: Arc<dyn Address>,
}

impl DatabaseUrl {
    /// Reads what Diesel takes: `postgres://`, `postgresql://`, `mysql://`, `mariadb://`, `sqlite://`, a `file:` URI or
    /// the path of a SQLite file.
    ///
    /// # Errors
    /// `BadUrl` and `UnsupportedScheme`; neither quotes the text.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(bad_url("it is empty"));
        }
        if is_key_value_string(text) {
            return Err(SourceError::BadUrl {
                reason: "it is a list of `key=value` pairs".to_owned(),
                help: "write it as a URL: postgres://user:password@host:5432/database".to_owned(),
            });
        }
        let scheme = scheme(text);
        let driver = match scheme {
            Some(scheme) => engines::for_scheme(scheme)
                .ok_or_else(|| SourceError::UnsupportedScheme { scheme: scheme.to_ascii_lowercase() })?,
            // `//` and `@` together are a URL that lost its scheme; as a path it would print its password.
            None if text.contains("//") && text.contains('@') => return Err(bad_url("it has no scheme")),
            None => engines::for_files(),
        };
        Ok(DatabaseUrl { address: (driver.address)(text)? })
    }

    /// The same, with a relative SQLite path taken from `directory`.
    #[must_use]
    pub fn relative_to(mut self, directory: &Path) -> Self {
        if let Some(address) = self.address.relative_to(directory) {
            self.address = address;
        }
        self
    }

    /// What people call it: the database's name on its server, or the file's path.
    #[cfg(feature = "workspace")]
    pub(crate) fn database_name(&self) -> Option<String> {
        self.address.database_name()
    }

    #[cfg(feature = "workspace")]
    /// Where it is, whoever logs in: `postgres://127.0.0.1:5432/billing`, `app.db` below `root`.
    pub(crate) fn place(&self, root: &Path) -> String {
        // What is shown has no secret in it; the names of roles and the settings go, too.
        let shown = self.to_string();
        let server = Url::parse(&shown).ok().filter(Url::has_host);
        let without_login = server.and_then(|mut url| {
            url.set_query(None);
            url.set_password(None).and_then(|()| url.set_username("")).ok()?;
            Some(url.to_string())
        });
        without_login.unwrap_or_else(|| {
            let below = Path::new(&shown).strip_prefix(root).ok();
            below.map_or(shown.clone(), |below| below.to_string_lossy().replace('\\', "/"))
        })
    }

    /// `PostgreSQL`, `MySQL` or `SQLite`, by the scheme; a MariaDB server shows itself only when it is asked.
    pub fn engine_name(&self) -> &'static str {
        self.address.engine().name()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// The scheme, if the text has one. One letter is a Windows drive; a colon without `//` may lie in a path, unless what
/// stands before it is a scheme that is known.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    let well_formed = scheme.len() > 1
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (well_formed && (rest.starts_with("//") || engines::for_scheme(scheme).is_some())).then_some(scheme)
}

/// libpq's other form: `host=db user=app password=..`.
fn is_key_value_string(text: &str) -> bool {
    const KEYS: [&str; 8] = ["host", "hostaddr", "port", "user", "password", "dbname", "service", "sslmode"];
    text.split_whitespace()
        .filter_map(|word| word.split_once('='))
        .any(|(key, _)| KEYS.contains(&key.trim().to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{ErrorKind, redact};

    fn shown(text: &str) -> String {
        let url = DatabaseUrl::parse(text).unwrap();
        assert_eq!(format!("DatabaseUrl({url})"), format!("{url:?}"));
        url.to_string()
    }

    #[test]
    fn the_password_is_not_shown() {
        for (text, display) in [
            ("postgres://user:CanarySecret@host:5432/db", "postgres://user:***@host:5432/db"),
            (
                "postgresql://user:CanarySecret@host/db?sslmode=require",
                "postgresql://user:***@host/db?sslmode=require",
            ),
            ("mysql://user:Canary%40Secret@host/db", "mysql://user:***@host/db"),
            ("mariadb://user@host/db", "mariadb://user@host/db"),
            ("postgres://host/db?user=u&password=CanarySecret", "postgres://host/db?user=u&password=***"),
            ("mysql://u@host/db?password=a&CanarySecret=1", "mysql://u@host/db?password=***&***"),
            ("postgres://host/db?CanarySecret", "postgres://host/db?***"),
            ("/data/app.db", "/data/app.db"),
            ("sqlite:///data/app.db", "/data/app.db"),
            ("sqlite://app.db", "app.db"),
            ("file:app.db?mode=rwc", "app.db"),
        ] {
            assert_eq!(shown(text), display);
        }
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_quoted() {
        for text in [
            "",
            "postgres:/user:CanarySecret@host/db",
            "postgres:user:CanarySecret@host/db",
            "//user:CanarySecret@host/db",
            "user:CanarySecret@//host/db",
            "postgres://user:1#CanarySecret@host/db",
            "postgres://user:1/CanarySecret@host/db",
            "postgres://user:1?CanarySecret@host/db",
            "postgres://user:Canary/Secret@host/db",
            "postgres://user:CanarySecret@host:port/db",
            "postgres://user:CanarySecret@a:1,b:2/db",
            "host=h user=u password=CanarySecret",
            "mssql://user:CanarySecret@host/db",
            "sqlite::memory:",
            ":memory:",
            "file:app.db?immutable=1",
        ] {
            let error = DatabaseUrl::parse(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Usage, "{text}");
            let printed = format!("{error} {error:?} {:?}", error.help());
            assert!(!printed.contains("Secret") && !printed.contains("Canary"), "{text}: {printed}");
            assert!(error.help().is_some());
        }
    }

    #[test]
    fn broken_urls_are_redacted_too() {
        assert_eq!(redact("postgres//app:S3cret@host/db"), "postgres//***@host/db");
        assert_eq!(redact("app:S3cret@host/db"), "***@host/db");
        assert_eq!(redact("/home/me@work/app.db"), "/home/me@work/app.db");
        assert_eq!(redact("app.db?key=S3cret"), "app.db?***");
    }
}

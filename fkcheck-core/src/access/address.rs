//! Where a database is, without a word of its password in print.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

use super::error::SourceError;

/// The URL of a server. `Display` shows no secret.
#[derive(Clone)]
pub(crate) struct ServerUrl(pub(crate) Url);

impl ServerUrl {
    /// Reads it, and refuses the shapes in which an unencoded password ends up elsewhere in the URL.
    pub(crate) fn parse(text: &str) -> Result<Self, SourceError> {
        let url = Url::parse(text).map_err(|error| bad_url(&error.to_string()))?;
        if url.cannot_be_a_base() || !text.contains("://") {
            return Err(bad_url("`://` is missing after the scheme"));
        }
        if url.fragment().is_some() {
            return Err(bad_url("it has a bare `#`"));
        }
        let no_login = url.username().is_empty();
        if url.path().contains('@') || (no_login && url.query().is_some_and(|query| query.contains('@'))) {
            return Err(bad_url("it has a bare `@` after the host"));
        }
        Ok(ServerUrl(url))
    }

    /// The same server, another database.
    pub(crate) fn with_database(&self, name: &str) -> Self {
        let mut url = self.0.clone();
        url.set_path(name);
        ServerUrl(url)
    }

    /// The database's name, where the URL has one.
    pub(crate) fn database_name(&self) -> Option<String> {
        let name = percent_decode_str(self.0.path().trim_matches('/')).decode_utf8_lossy();
        (!name.is_empty()).then(|| name.into_owned())
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact_url(&self.0))
    }
}

/// A URL that can't be used as it is.
pub(crate) fn bad_url(reason: &str) -> SourceError {
    SourceError::BadUrl {
        reason: reason.to_owned(),
        help: "write engine://user:password@host:port/database, with the special characters of the password \
               percent-encoded (`#` is %23, `/` is %2F, `?` is %3F, `@` is %40)"
            .to_owned(),
    }
}

/// The URL without its password and without parameters that may hold one.
fn redact_url(url: &Url) -> String {
    let mut url = url.clone();
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return format!("{}://***", url.scheme());
    }
    let Some(query) = url.query() else { return url.to_string() };
    let query: Vec<_> = query.split('&').map(redact_parameter).collect();
    url.set_query(Some(&query.join("&")));
    url.to_string()
}

fn redact_parameter(parameter: &str) -> String {
    /// Parameters that are known to hold no secret; whatever else there is stays hidden.
    const HARMLESS: [&str; 14] = [
        "application_name",
        "cache",
        "charset",
        "connect_timeout",
        "dbname",
        "host",
        "mode",
        "port",
        "ssl-ca",
        "ssl-mode",
        "sslmode",
        "sslrootcert",
        "ssl_mode",
        "user",
    ];
    match parameter.split_once('=') {
        Some((key, _)) if HARMLESS.contains(&key.to_ascii_lowercase().as_str()) => parameter.to_owned(),
        // Of a password with an `&` in it, the name is a part.
        _ if parameter.starts_with("password=") => "password=***".to_owned(),
        _ => "***".to_owned(),
    }
}

/// Text that may be a URL, or a broken one, without what may be a login or parameters.
pub fn redact(text: &str) -> String {
    let text = match text.split_once('?') {
        Some((before, _)) => format!("{before}?***"),
        None => text.to_owned(),
    };
    let Some((login, rest)) = text.rsplit_once('@') else { return text };
    // Only a login holds a colon before the `@`; a directory called `a@b` is printed as it is.
    match login.find(':') {
        None => text,
        Some(colon) => {
            let start = login.find("//").map_or(0, |slashes| slashes + 2);
            format!("{}***@{rest}", &login[..start.min(colon)])
        }
    }
}

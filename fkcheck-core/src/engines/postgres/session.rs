//! The statements around the catalogue: one read-only transaction whose settings end with it.

use futures_util::future::try_join3;

use super::connection::{self, Connection, Failure};
use crate::engines::row;

/// What the statements of a transaction see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sees {
    /// One state of the catalogue.
    OneSnapshot,
    /// What is there when each begins: a table that was locked is seen as it is locked.
    WhatIsThere,
}

/// Nothing written, no waiting for locks. LOCAL, so that nothing is left behind in a pooler's session.
const SETTINGS: &str = "SET LOCAL statement_timeout = '30s'; \
     SET LOCAL lock_timeout = '5s'; \
     SET LOCAL idle_in_transaction_session_timeout = '60s'";

/// From here on an unqualified name, operator or type is `pg_catalog`'s (CVE-2018-1058). JIT costs up to two seconds with
/// many keys, and PostgreSQL 10 doesn't have it.
const CLOSE_SEARCH_PATH: &str = "SELECT pg_catalog.set_config('search_path', '', true); \
     SELECT pg_catalog.set_config('jit', 'off', true) FROM pg_catalog.pg_settings WHERE name = 'jit'";

row! {
    /// What the server says of itself and of us.
    #[derive(Debug)]
    pub(super) struct Session {
        pub(super) search_path: String,
        pub(super) version: String,
        pub(super) role: String,
        pub(super) schemas: Vec<String>,
    }
}

/// Begins the transaction. The search path is read before it is closed, by a statement in which every name is qualified
/// and which has no operator, so that nobody's function can be called. One round trip; what follows is sent when all of it
/// is done.
pub(super) async fn begin(connection: &Connection, sees: Sees) -> Result<Session, Failure> {
    let isolation = match sees {
        Sees::OneSnapshot => "REPEATABLE READ",
        Sees::WhatIsThere => "READ COMMITTED",
    };
    let begin = format!("BEGIN ISOLATION LEVEL {isolation}, READ ONLY; {SETTINGS}");
    let session = connection.get_result(
        "SELECT pg_catalog.current_setting('search_path') AS search_path, \
                pg_catalog.current_setting('server_version') AS version, \
                session_user::pg_catalog.text AS role, \
                ARRAY(SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_namespace n) AS schemas",
    );
    let closed = connection.batch_execute(CLOSE_SEARCH_PATH);
    let ((), session, ()) = try_join3(connection.batch_execute(&begin), session, closed).await?;
    Ok(session)
}

impl Session {
    /// The schemas that an unqualified name means to this role, or by `search_path` where the URL sets one. Unlike
    /// `current_schemas()` this keeps schemas that the role may not use: they hold the application's tables all the same.
    pub(super) fn default_schemas(&self, search_path: Option<&str>) -> Vec<String> {
        parse_search_path(search_path.unwrap_or(&self.search_path))
            .into_iter()
            .map(|name| if name == "$user" { self.role.clone() } else { name })
            .filter(|name| self.schemas.contains(name) && !name.starts_with("pg_"))
            .collect()
    }

    /// `15.18` of `15.18 (Debian 15.18-0+deb12u1)`.
    pub(super) fn short_version(&self) -> &str {
        self.version.split_whitespace().next().unwrap_or_default()
    }
}

/// The names in a list of identifiers; those without quotes are folded to lower case, as the server does.
fn parse_search_path(list: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = list.trim();
    while !rest.is_empty() {
        let (name, after) = if let Some(quoted) = rest.strip_prefix('"') {
            take_quoted(quoted)
        } else {
            let (name, after) = rest.split_once(',').unwrap_or((rest, ""));
            (name.trim().to_lowercase(), after)
        };
        if !name.is_empty() {
            names.push(name);
        }
        rest = after.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
    }
    names
}

/// The name up to its closing quote, and what follows.
fn take_quoted(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' if characters.peek().is_some_and(|(_, next)| *next == '"') => {
                characters.next();
                name.push('"');
            }
            '"' => return (name, &text[at + 1..]),
            other => name.push(other),
        }
    }
    (name, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_paths_are_read_as_the_server_reads_them() {
        for (list, names) in [
            (r#""$user", public"#, vec!["$user", "public"]),
            ("Billing,  audit ", vec!["billing", "audit"]),
            (r#""We ""ird, one","Two",three"#, vec!["We \"ird, one", "Two", "three"]),
            (r#""""#, vec![]),
            ("", vec![]),
        ] {
            assert_eq!(parse_search_path(list), names, "{list}");
        }
    }

    #[test]
    fn only_schemas_that_are_there_count() {
        let session = Session {
            search_path: r#""$user", public, gone, pg_catalog"#.to_owned(),
            version: "15.18 (Debian 15.18-0+deb12u1)".to_owned(),
            role: "ci".to_owned(),
            schemas: ["public", "pg_catalog", "billing"].map(str::to_owned).to_vec(),
        };
        assert_eq!(session.default_schemas(None), ["public"]);
        assert_eq!(session.default_schemas(Some("billing, public")), ["billing", "public"]);
        assert_eq!(session.short_version(), "15.18");
    }
}

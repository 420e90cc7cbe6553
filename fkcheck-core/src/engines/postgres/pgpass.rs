//! Passwords from the environment and `~/.pgpass`, where libpq finds them too.

use std::path::PathBuf;

use crate::model::disk;

/// What a password is looked up by.
pub(super) struct Login<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// The password in the file that libpq would read; a file that others may read is passed over, as libpq does.
pub(super) fn password(login: &Login<'_>, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let path = match variable("PGPASSFILE") {
        Some(path) => PathBuf::from(path),
        None => std::env::home_dir()?.join(".pgpass"),
    };
    if !is_private(&path) {
        return None;
    }
    find(&disk::read_to_string(&path).ok()?, login)
}

/// The bits of a mode that speak of anyone but the owner.
#[cfg(unix)]
const GROUP_AND_OTHERS: u32 = 6;

#[cfg(unix)]
fn is_private(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| {
        metadata.is_file() && metadata.permissions().mode().trailing_zeros() >= GROUP_AND_OTHERS
    })
}

#[cfg(not(unix))]
fn is_private(path: &std::path::Path) -> bool {
    path.is_file()
}

/// The first line `host:port:database:user:password` that fits; `*` fits anything.
fn find(file: &str, login: &Login<'_>) -> Option<String> {
    // A socket directory is written as localhost.
    let host = if login.host.starts_with('/') { "localhost" } else { login.host };
    let port = login.port.to_string();
    let wanted = [host, &port, login.database, login.user];
    file.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = split(line);
        let fits = fields.len() == 5
            && fields.iter().zip(wanted).all(|(field, wanted)| field == "*" || field == wanted);
        fits.then(|| fields[4].clone())
    })
}

/// The five fields of a line; a backslash takes the character after it as it is. Only the first four end at a colon.
fn split(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let number = fields.len();
        let Some(field) = fields.last_mut() else { break };
        match character {
            '\\' => field.extend(characters.next()),
            ':' if number < 5 => fields.push(String::new()),
            other => field.push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_wins() {
        let file = "# comment\nother:*:*:ci:no\n*:5432:my\\:db:ci:se\\:cr\\\\et:x\n*:*:*:*:last\n";
        let login = |host, database| Login { host, port: 5432, database, user: "ci" };
        assert_eq!(find(file, &login("db", "my:db")).as_deref(), Some("se:cr\\et:x"));
        assert_eq!(find(file, &login("other", "my:db")).as_deref(), Some("no"));
        assert_eq!(find(file, &login("db", "x")).as_deref(), Some("last"));
        assert_eq!(
            find("localhost:5432:x:ci:sock\n", &login("/run/postgresql", "x")).as_deref(),
            Some("sock")
        );
        assert_eq!(find("short:line\n", &login("db", "x")), None);
    }
}

//! The URL as the MySQL family's clients write it.

use std::path::PathBuf;

use mysql_async::{OptsBuilder, SslOpts};
use url::Url;

use crate::access::{Secrets, SourceError};
use crate::engines::budget::MOST_IN_A_MESSAGE;
use crate::engines::server_url::{bad_url, decode, endpoint, host, ignored_remarks};
use crate::engines::tls::{self, Asked, Tls};

/// All that is needed to connect, and to speak of it.
#[derive(Debug)]
pub(super) struct Settings {
    login: Login,
    pub(super) tls: Tls,
    authorities_file: Option<PathBuf>,
    pub(super) database: String,
    /// `MySQL database billing at 127.0.0.1:3306 as ci`.
    pub(super) place: String,
    pub(super) secrets: Secrets,
    pub(super) remarks: Vec<String>,
}

struct Login {
    host: String,
    port: u16,
    socket: Option<String>,
    user: String,
    password: Option<String>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}:{}", self.user, self.host, self.port)
    }
}

/// Parameters of Diesel's URLs and of other clients that make no difference here.
const IGNORED: [&str; 8] = [
    "charset",
    "compression",
    "connect_timeout",
    "pool_max",
    "pool_min",
    "serverTimezone",
    "ssl_cert",
    "ssl_key",
];

/// The server's answer is read, and what is read is put together, as these say.
const INIT: &str = "SET time_zone = '+00:00', character_set_client = 'utf8mb4', character_set_connection = 'utf8mb4', \
     character_set_results = 'utf8mb4'";

/// Seconds; the driver would ask the server for it, and only a pool heeds it.
const UNUSED_WAIT: usize = 28_800;

impl Settings {
    /// Reads the URL.
    pub(super) fn new(url: &Url, insecure: bool) -> Result<Self, SourceError> {
        let mut secrets = Secrets::default();
        url.password().into_iter().for_each(|password| secrets.add(password));
        let mut login = Login {
            host: host(url)?.unwrap_or_else(|| "localhost".to_owned()),
            port: url.port().unwrap_or(3306),
            socket: None,
            user: decode(url.username())?,
            password: url.password().map(decode).transpose()?,
        };
        login.password.iter().for_each(|password| secrets.add(password));
        let database = decode(url.path().trim_start_matches('/'))?;
        if database.is_empty() {
            return Err(bad_url("it names no database", "write mysql://user@host:3306/database"));
        }
        let (mut mode, mut authorities_file, mut ignored) = (Asked::Prefer, None, Vec::new());
        for (key, value) in url.query_pairs() {
            match &*key.to_ascii_lowercase().replace('_', "-") {
                "ssl-mode" | "sslmode" => mode = asked(&value)?,
                "ssl-ca" | "sslrootcert" => authorities_file = Some(PathBuf::from(&*value)),
                "socket" | "unix-socket" => login.socket = Some(value.into_owned()),
                _ => ignored.push(key.into_owned()),
            }
        }
        let local = login.socket.is_some() || tls::is_local(&login.host);
        let tls = if login.socket.is_some() { Tls::Off } else { tls::decide(local, mode, insecure) };
        let at = login.socket.clone().unwrap_or_else(|| endpoint(&login.host, login.port));
        let mut remarks = ignored_remarks(&ignored, &IGNORED);
        remarks.extend(tls::remark(local, tls, &login.host));
        let place = format!("MySQL database {database} at {at} as {}", login.user);
        Ok(Settings { login, tls, authorities_file, database, place, secrets, remarks })
    }

    /// The driver's options. The error says why there are no certificates of authorities.
    pub(super) fn options(&self) -> Result<OptsBuilder, String> {
        Ok(OptsBuilder::default()
            .ip_or_hostname(&self.login.host)
            .tcp_port(self.login.port)
            .socket(self.login.socket.as_ref())
            // Otherwise the driver leaves TCP for whatever socket the server names.
            .prefer_socket(false)
            .user(Some(&self.login.user))
            .pass(self.login.password.as_ref())
            .db_name(Some(&self.database))
            .init(vec![INIT])
            .max_allowed_packet(Some(MOST_IN_A_MESSAGE))
            .wait_timeout(Some(UNUSED_WAIT))
            .ssl_opts(self.ssl()?))
    }

    /// Host and port, where what is sent over TCP can be read.
    pub(super) fn in_plain_text(&self) -> Option<(&str, u16)> {
        let is_plain = self.tls == Tls::Off && self.login.socket.is_none();
        is_plain.then_some((self.login.host.as_str(), self.login.port))
    }

    fn ssl(&self) -> Result<Option<SslOpts>, String> {
        tls::set_default_provider();
        Ok(match self.tls {
            Tls::Off => None,
            Tls::Unverified => Some(SslOpts::default().with_danger_accept_invalid_certs(true)),
            Tls::Verified => {
                let authorities = tls::authorities(self.authorities_file.as_deref())?;
                let authorities = authorities.into_iter().map(|one| one.to_vec().into()).collect();
                Some(SslOpts::default().with_disable_built_in_roots(true).with_root_certs(authorities))
            }
        })
    }
}

fn asked(mode: &str) -> Result<Asked, SourceError> {
    Ok(match &*mode.to_ascii_lowercase().replace('-', "_") {
        "disabled" | "disable" => Asked::Disable,
        "preferred" | "prefer" => Asked::Prefer,
        "required" | "require" => Asked::Require,
        "verify_ca" | "verify_identity" | "verify_full" => Asked::Verify,
        _ => {
            let help = "write DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY";
            return Err(bad_url("its ssl-mode is none that MySQL knows", help));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> Result<Settings, SourceError> {
        Settings::new(&Url::parse(url).unwrap(), false)
    }

    #[test]
    fn the_place_names_all_but_the_password() {
        for (url, place) in [
            ("mysql://ci:CanarySecret@h:1/db", "MySQL database db at h:1 as ci"),
            ("mariadb://ci@[::1]/d%20b", "MySQL database d b at [::1]:3306 as ci"),
            (
                "mysql://ci:CanarySecret@localhost/db?socket=/run/my.sock",
                "MySQL database db at /run/my.sock as ci",
            ),
        ] {
            let settings = settings(url).unwrap();
            assert_eq!(settings.place, place);
            assert!(!format!("{settings:?}").contains("Canary"));
        }
    }

    #[test]
    fn tls_is_verified_off_this_host_whatever_the_url_says() {
        for mode in ["", "?ssl-mode=DISABLED", "?sslmode=require", "?ssl_mode=VERIFY_CA"] {
            assert_eq!(settings(&format!("mysql://u@db.example.org/d{mode}")).unwrap().tls, Tls::Verified);
        }
        assert_eq!(settings("mysql://u@127.0.0.1/d").unwrap().tls, Tls::Off);
        assert_eq!(settings("mysql://u@127.0.0.1/d?ssl-mode=REQUIRED").unwrap().tls, Tls::Verified);
    }

    #[test]
    fn a_database_and_a_known_mode_are_needed() {
        for url in ["mysql://u@h", "mysql://u@h/", "mysql://u@h/d?ssl-mode=maybe"] {
            assert!(matches!(settings(url), Err(SourceError::BadUrl { .. })), "{url}");
        }
    }
}

//! The URL as libpq reads it, and what libpq takes from the environment where the URL is silent.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::SslMode;
use url::Url;

use super::pgpass;
use crate::access::{Secrets, SourceError};
use crate::engines::server_url::{bad_url, decode, endpoint, host, ignored_remarks};
use crate::engines::tls::{self, Asked, Tls};

/// All that is needed to connect, and to speak of it.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) config: tokio_postgres::Config,
    pub(super) tls: Tls,
    pub(super) authorities_file: Option<PathBuf>,
    /// `PostgreSQL database billing at 127.0.0.1:5432 as ci`.
    pub(super) place: String,
    pub(super) secrets: Secrets,
    /// The search path that the URL's `options` set.
    pub(super) search_path: Option<String>,
    pub(super) remarks: Vec<String>,
}

/// The URL's parts by libpq's names.
#[derive(Default)]
struct Parameters {
    host: Option<String>,
    port: Option<String>,
    user: Option<String>,
    password: Option<String>,
    dbname: Option<String>,
    sslmode: Option<String>,
    sslrootcert: Option<String>,
    application_name: Option<String>,
    connect_timeout: Option<String>,
    search_path: Option<String>,
    ignored: Vec<String>,
}

impl Settings {
    /// Reads the URL; `variable` looks up the environment.
    pub(super) fn new(
        url: &Url,
        insecure: bool,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SourceError> {
        let parameters = Parameters::from_url(url)?;
        let mut secrets = Secrets::default();
        url.password().into_iter().for_each(|password| secrets.add(password));
        parameters.password.iter().for_each(|password| secrets.add(password));

        let or_variable =
            |value: Option<String>, name: &str| value.filter(|v| !v.is_empty()).or_else(|| variable(name));
        let host = or_variable(parameters.host, "PGHOST").unwrap_or_else(default_host);
        let port = or_variable(parameters.port, "PGPORT").map_or(Ok(5432), |port| {
            port.parse::<u16>().map_err(|_| bad_url("the port is not a number from 0 to 65535", PORT_HELP))
        })?;
        let user = or_variable(parameters.user, "PGUSER")
            .or_else(|| variable("USER"))
            .ok_or_else(|| bad_url("it names no user", "write postgres://user@host/database"))?;
        let database = or_variable(parameters.dbname, "PGDATABASE").unwrap_or_else(|| user.clone());
        let login = pgpass::Login { host: &host, port, database: &database, user: &user };
        let password =
            or_variable(parameters.password, "PGPASSWORD").or_else(|| pgpass::password(&login, &variable));
        if let Some(password) = &password {
            secrets.add(password);
        }

        let local = tls::is_local(&host);
        let tls =
            tls::decide(local, asked(or_variable(parameters.sslmode, "PGSSLMODE").as_deref())?, insecure);
        let authorities_file = or_variable(parameters.sslrootcert, "PGSSLROOTCERT")
            .filter(|file| file != "system")
            .map(PathBuf::from);
        let mut remarks = ignored_remarks(&parameters.ignored, &IGNORED);
        remarks.extend(tls::remark(local, tls, &host));

        let mut config = tokio_postgres::Config::new();
        config.host(&host).port(port).user(&user).dbname(&database);
        config.ssl_mode(if tls == Tls::Off { SslMode::Disable } else { SslMode::Require });
        config.application_name(
            parameters
                .application_name
                .as_deref()
                .unwrap_or(concat!("cargo-fkcheck/", env!("CARGO_PKG_VERSION"))),
        );
        if let Some(password) = password {
            config.password(password);
        }
        if let Some(seconds) =
            parameters.connect_timeout.and_then(|text| text.parse().ok()).filter(|s| *s > 0)
        {
            config.connect_timeout(Duration::from_secs(seconds));
        }
        Ok(Settings {
            config,
            tls,
            authorities_file,
            place: format!("PostgreSQL database {database} at {} as {user}", endpoint(&host, port)),
            secrets,
            search_path: parameters.search_path,
            remarks,
        })
    }
}

impl Parameters {
    fn from_url(url: &Url) -> Result<Self, SourceError> {
        let mut parameters = Parameters {
            host: host(url)?,
            port: url.port().map(|port| port.to_string()),
            user: Some(decode(url.username())?),
            password: url.password().map(decode).transpose()?,
            dbname: Some(decode(url.path().trim_start_matches('/'))?),
            ..Parameters::default()
        };
        for (key, value) in url.query_pairs() {
            let value = value.into_owned();
            match &*key {
                "host" => parameters.host = Some(value),
                "port" => parameters.port = Some(value),
                "user" => parameters.user = Some(value),
                "password" => parameters.password = Some(value),
                "dbname" => parameters.dbname = Some(value),
                "sslmode" => parameters.sslmode = Some(value),
                "sslrootcert" => parameters.sslrootcert = Some(value),
                "application_name" => parameters.application_name = Some(value),
                "connect_timeout" => parameters.connect_timeout = Some(value),
                "options" => parameters.search_path = Some(search_path_option(&value)?),
                "hostaddr" | "service" => {
                    return Err(bad_url(
                        &format!("the parameter `{key}` isn't supported"),
                        "write host and port in the URL",
                    ));
                }
                other => parameters.ignored.push(other.to_owned()),
            }
        }
        if parameters.host.as_deref().is_some_and(|host| host.contains(',')) {
            return Err(bad_url("it names several hosts", "name one: fkcheck reads one server"));
        }
        Ok(parameters)
    }
}

/// `options` may set the search path, which then tells what an unqualified table means, and nothing else.
fn search_path_option(options: &str) -> Result<String, SourceError> {
    let options = options.trim();
    let setting =
        options.strip_prefix("-c").or_else(|| options.strip_prefix("--")).unwrap_or_default().trim_start();
    match setting.split_once('=') {
        Some((name, path)) if name.trim() == "search_path" && !path.contains([' ', '\\']) => {
            Ok(path.to_owned())
        }
        _ => Err(bad_url(
            "its `options` set something other than search_path",
            "leave `options` out, or write options=-csearch_path%3Dmy_schema alone",
        )),
    }
}

fn asked(sslmode: Option<&str>) -> Result<Asked, SourceError> {
    Ok(match sslmode {
        Some("disable") => Asked::Disable,
        None | Some("allow" | "prefer") => Asked::Prefer,
        Some("require") => Asked::Require,
        Some("verify-ca" | "verify-full") => Asked::Verify,
        Some(_) => {
            let help = "write disable, allow, prefer, require, verify-ca or verify-full";
            return Err(bad_url("its sslmode is none that libpq knows", help));
        }
    })
}

/// Parameters of libpq and of poolers that make no difference here.
const IGNORED: [&str; 14] = [
    "channel_binding",
    "client_encoding",
    "gssencmode",
    "keepalives",
    "keepalives_idle",
    "load_balance_hosts",
    "pgbouncer",
    "pool_timeout",
    "require_auth",
    "sslcert",
    "sslcompression",
    "sslkey",
    "sslnegotiation",
    "target_session_attrs",
];

const PORT_HELP: &str = "write postgres://user@host:5432/database";

/// The directory of the server's socket, as libpq is built by Debian or by PostgreSQL itself, or else localhost.
fn default_host() -> String {
    ["/var/run/postgresql", "/tmp"]
        .into_iter()
        .find(|directory| std::path::Path::new(directory).join(".s.PGSQL.5432").exists())
        .unwrap_or("localhost")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str, variables: &[(&str, &str)]) -> Result<Settings, SourceError> {
        // No ~/.pgpass of whoever runs the tests.
        let no_file = [("PGPASSFILE", "/nonexistent")];
        let lookup = |name: &str| {
            variables
                .iter()
                .chain(&no_file)
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Settings::new(&Url::parse(url).unwrap(), false, lookup)
    }

    #[test]
    fn the_place_names_all_but_the_password() {
        for (url, place) in [
            ("postgres://ci:CanarySecret@h:1/db", "PostgreSQL database db at h:1 as ci"),
            ("postgres://ci@h", "PostgreSQL database ci at h:5432 as ci"),
            ("postgres://ci@[::1]/d%20b", "PostgreSQL database d b at [::1]:5432 as ci"),
            ("postgres://ci@%2Frun%2Fpg/db", "PostgreSQL database db at /run/pg:5432 as ci"),
            ("postgres:///db?host=/run/pg&user=ci&port=7", "PostgreSQL database db at /run/pg:7 as ci"),
        ] {
            let settings = settings(url, &[]).unwrap();
            assert_eq!(settings.place, place);
            assert!(!format!("{settings:?}").contains("Canary"));
        }
    }

    #[test]
    fn the_environment_fills_in_what_the_url_leaves_out() {
        let variables = [
            ("PGHOST", "db"),
            ("PGPORT", "7"),
            ("PGUSER", "ci"),
            ("PGDATABASE", "x"),
            ("PGPASSWORD", "pass"),
        ];
        let filled = settings("postgres://", &variables).unwrap();
        assert_eq!(filled.place, "PostgreSQL database x at db:7 as ci");
        assert_eq!(filled.config.get_password(), Some(&b"pass"[..]));
        let given = settings("postgres://u:own@h:1/d", &variables).unwrap();
        assert_eq!(given.place, "PostgreSQL database d at h:1 as u");
        assert_eq!(given.config.get_password(), Some(&b"own"[..]));
    }

    #[test]
    fn tls_is_verified_off_this_host_whatever_the_url_says() {
        for mode in ["", "?sslmode=disable", "?sslmode=require", "?sslmode=verify-ca"] {
            assert_eq!(
                settings(&format!("postgres://u@db.example.org/d{mode}"), &[]).unwrap().tls,
                Tls::Verified
            );
        }
        assert_eq!(settings("postgres://u@localhost/d", &[]).unwrap().tls, Tls::Off);
        assert_eq!(settings("postgres://u@localhost/d?sslmode=require", &[]).unwrap().tls, Tls::Verified);
        // The host that is connected to counts, not the one in the URL's authority.
        assert_eq!(settings("postgres://u@localhost/d?host=db.example.org", &[]).unwrap().tls, Tls::Verified);
    }

    #[test]
    fn parameters_that_would_change_the_meaning_are_refused() {
        for query in [
            "hostaddr=6.6.6.6",
            "service=x",
            "sslmode=maybe",
            "options=-c%20role%3Dx",
            "host=a,b",
            "port=99999",
        ] {
            assert!(matches!(
                settings(&format!("postgres://u@h/d?{query}"), &[]),
                Err(SourceError::BadUrl { .. })
            ));
        }
        let with_path = settings("postgres://u@h/d?options=-csearch_path%3Dbilling,public", &[]).unwrap();
        assert_eq!(with_path.search_path.as_deref(), Some("billing,public"));
        let ignoring = settings("postgres://u@h/d?gssencmode=disable&CanarySecret=1", &[]).unwrap();
        assert_eq!(ignoring.remarks.len(), 2);
        assert!(!ignoring.remarks.concat().contains("Canary"));
    }
}

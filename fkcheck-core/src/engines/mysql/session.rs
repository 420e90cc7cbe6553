//! The statements around the catalogue, and what the server says of itself.

use std::collections::BTreeMap;

use super::connection::{self, Connection, Failure};
use crate::engines::row;
use crate::model::{Engine, IdentifierCase};

/// What the server says of itself and of us.
#[derive(Debug)]
pub(super) struct Session {
    version: String,
    /// `ci@%`, as grants name it.
    pub(super) user: String,
    /// Whether a privilege shows the role every table of the database.
    pub(super) sees_all: bool,
    /// Whether one shows it their triggers.
    pub(super) sees_triggers: bool,
    /// Whether one shows it the keys of every other database.
    pub(super) sees_outside: bool,
    variables: BTreeMap<String, String>,
}

row! {
    struct IdentityRow {
        version: String,
        user: String,
    }
}

row! {
    #[expect(non_snake_case, reason = "the server's names of the columns")]
    struct VariableRow {
        Variable_name: String,
        Value: String,
    }
}

row! {
    /// A row of `privileges.sql`.
    struct PrivilegesRow {
        privileges: i64,
        triggers: i64,
        everywhere: i64,
    }
}

/// Sets the time-outs, which the two flavours name differently, and begins the read-only transaction.
pub(super) async fn begin(connection: &mut Connection) -> Result<Session, Failure> {
    let identity: IdentityRow =
        connection.get_result("SELECT VERSION() AS version, CURRENT_USER() AS user").await?;
    let statement_timeout = if is_mariadb(&identity.version) {
        "max_statement_time = 30"
    } else {
        "max_execution_time = 30000" // milliseconds
    };
    // sql_mode, so that SHOW CREATE TABLE quotes with backticks.
    let setup = format!(
        "SET SESSION {statement_timeout}, lock_wait_timeout = 5, innodb_lock_wait_timeout = 5, \
         net_read_timeout = 30, sql_mode = '', sql_quote_show_create = 1"
    );
    connection.batch_execute(&format!("{setup}; START TRANSACTION READ ONLY")).await?;
    let variables: Vec<VariableRow> = connection
        .load(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN \
         ('foreign_key_checks', 'init_connect', 'innodb_native_foreign_keys', 'lower_case_table_names')",
        )
        .await?;
    let privileges: PrivilegesRow = connection.get_result(include_str!("privileges.sql")).await?;
    Ok(Session {
        version: identity.version,
        user: identity.user,
        sees_all: privileges.privileges > 0,
        sees_triggers: privileges.triggers > 0,
        sees_outside: privileges.everywhere > 0,
        variables: variables
            .into_iter()
            .map(|row| (row.Variable_name.to_ascii_lowercase(), row.Value))
            .collect(),
    })
}

fn is_mariadb(version: &str) -> bool {
    version.to_ascii_lowercase().contains("mariadb")
}

impl Session {
    pub(super) fn is_mariadb(&self) -> bool {
        is_mariadb(&self.version)
    }

    /// MySQL or MariaDB.
    pub(super) fn engine(&self) -> Engine {
        if self.is_mariadb() { Engine::MariaDb } else { Engine::MySql }
    }

    /// `10.11.19` of `10.11.19-MariaDB-0+deb12u1`.
    pub(super) fn short_version(&self) -> &str {
        self.version.split('-').next().unwrap_or_default()
    }

    fn variable(&self, name: &str) -> &str {
        self.variables.get(name).map_or("", String::as_str)
    }

    /// How the server compares table names; columns compare in any case everywhere.
    pub(super) fn table_case(&self) -> IdentifierCase {
        match self.variable("lower_case_table_names") {
            "0" => IdentifierCase::Exact,
            _ => IdentifierCase::Insensitive,
        }
    }

    /// Whether keys fire by the constraint's name. MySQL 9.6 and later fire them in the order of declaration, unless the
    /// old way is switched on.
    pub(super) fn fires_by_name(&self) -> bool {
        let mut numbers = self.short_version().split('.').map(|number| number.parse::<u32>().unwrap_or(0));
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        self.is_mariadb() || version < (9, 6) || self.variable("innodb_native_foreign_keys") == "ON"
    }

    /// What makes the server, or every new connection, pass over foreign keys.
    pub(super) fn disabled_by(&self) -> Vec<String> {
        let mut switches = Vec::new();
        if self.variable("foreign_key_checks") == "OFF" {
            switches.push("foreign_key_checks = OFF for the whole server".to_owned());
        }
        let init: String = self.variable("init_connect").split_whitespace().collect();
        let init = init.to_ascii_lowercase().replace(":=", "=");
        if ["foreign_key_checks=0", "foreign_key_checks=off", "foreign_key_checks=false"]
            .iter()
            .any(|switch| init.contains(switch))
        {
            switches
                .push("init_connect, which sets foreign_key_checks to 0 for every new connection".to_owned());
        }
        switches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(version: &str, variables: &[(&str, &str)]) -> Session {
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Session {
            version: version.to_owned(),
            user: "ci@%".to_owned(),
            sees_all: true,
            sees_triggers: true,
            sees_outside: true,
            variables,
        }
    }

    #[test]
    fn versions_and_the_order_of_firing() {
        for (version, engine, short, by_name) in [
            ("10.11.19-MariaDB-0+deb12u1", Engine::MariaDb, "10.11.19", true),
            ("8.0.36", Engine::MySql, "8.0.36", true),
            ("9.5.0", Engine::MySql, "9.5.0", true),
            ("9.6.0-log", Engine::MySql, "9.6.0", false),
            ("10.0.1", Engine::MySql, "10.0.1", false),
        ] {
            let session = session(version, &[]);
            assert_eq!((session.engine(), session.short_version()), (engine, short));
            assert_eq!(session.fires_by_name(), by_name, "{version}");
        }
        assert!(session("9.7.4", &[("innodb_native_foreign_keys", "ON")]).fires_by_name());
    }

    #[test]
    fn switches_are_found() {
        assert!(
            session("8.0.36", &[("foreign_key_checks", "ON"), ("init_connect", "SET NAMES utf8")])
                .disabled_by()
                .is_empty()
        );
        assert_eq!(session("8.0.36", &[("foreign_key_checks", "OFF")]).disabled_by().len(), 1);
        assert_eq!(
            session("8.0.36", &[("init_connect", "SET FOREIGN_KEY_CHECKS := 0")]).disabled_by().len(),
            1
        );
    }
}

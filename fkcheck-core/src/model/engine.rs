//! The database engines, by name.

use std::fmt;

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    MySql,
    /// MariaDB, which shares MySQL's protocol and most of its SQL.
    MariaDb,
    /// SQLite.
    Sqlite,
}

impl Engine {
    /// All of them.
    pub const ALL: [Engine; 4] = [Engine::Postgres, Engine::MySql, Engine::MariaDb, Engine::Sqlite];

    /// As its makers spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Engine::Postgres => "PostgreSQL",
            Engine::MySql => "MySQL",
            Engine::MariaDb => "MariaDB",
            Engine::Sqlite => "SQLite",
        }
    }

    /// The engine that its makers spell so.
    pub fn named(name: &str) -> Option<Engine> {
        Engine::ALL.into_iter().find(|engine| engine.name() == name)
    }

    /// The engine by the words that Diesel, Cargo features and URLs use, e.g. `postgres` and `postgresql`.
    pub fn from_word(word: &str) -> Option<Engine> {
        Some(match word {
            "postgres" | "postgresql" => Engine::Postgres,
            "mysql" => Engine::MySql,
            "mariadb" => Engine::MariaDb,
            "sqlite" => Engine::Sqlite,
            _ => return None,
        })
    }

    /// The engine whose protocol, catalogue and Diesel backend it shares: MariaDB's is MySQL, every other's itself.
    #[must_use]
    pub const fn base(self) -> Engine {
        match self {
            Engine::MariaDb => Engine::MySql,
            other => other,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_knows_is_no_engine() {
        for engine in Engine::ALL {
            assert_eq!(Engine::named(engine.name()), Some(engine));
            assert_eq!(engine.base().base(), engine.base());
        }
        assert_eq!(Engine::named("Oracle"), None);
        assert_eq!(Engine::from_word("oracle"), None);
    }
}

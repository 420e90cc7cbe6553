//! SQLite files.

use std::path::{Path, PathBuf};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;

/// A SQLite file in a directory of its own.
#[derive(Debug)]
pub struct SqliteFile {
    dir: tempfile::TempDir,
}

impl SqliteFile {
    /// A file with what the statements make.
    pub fn new(sql: &str) -> Self {
        let file = SqliteFile { dir: tempfile::tempdir().expect("a directory") };
        file.execute(sql);
        file
    }

    /// Runs statements.
    pub fn execute(&self, sql: &str) {
        self.try_execute(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }

    /// The same where one may fail.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn try_execute(&self, sql: &str) -> diesel::QueryResult<()> {
        let path = self.path();
        let mut connection = SqliteConnection::establish(path.to_str().expect("UTF-8")).expect("it opens");
        connection.batch_execute(sql)
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("test.db")
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("sqlite://{}", self.path().display())
    }
}

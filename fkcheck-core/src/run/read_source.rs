//! What one source showed, and which part of the schema it is about.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::compare::MadeAnew;
use crate::model::{KeyId, Observation, SourceKind};
use crate::sources::DatabaseUrl;
use crate::workspace::Database;

/// One observation and the part of the schema that it is about.
#[derive(Clone)]
pub(crate) struct ReadSource {
    pub(crate) observation: Observation,
    pub(crate) database: Option<Database>,
    /// The database's URL, if it is one.
    pub(crate) url: Option<DatabaseUrl>,
    /// The directory of the migrations, if it is of these.
    pub(crate) migrations: Option<PathBuf>,
    /// Child rows without a parent, of the keys whose rows were counted.
    pub(crate) orphans: HashMap<KeyId, u64>,
    /// Keys that migrations of `fix` have made anew; read only where a key is NOT VALID.
    pub(crate) made_anew: Vec<MadeAnew>,
}

impl ReadSource {
    /// What a baseline calls it: the same in every run, whoever logs in and whichever version answers.
    pub(super) fn name_below(&self, root: &Path) -> String {
        match (&self.url, self.observation.source) {
            (Some(url), SourceKind::Database) => url.place(root),
            (_, kind) => kind.to_string(),
        }
    }

    pub(super) fn new(observation: Observation, database: Option<&Database>) -> Self {
        ReadSource {
            observation,
            database: database.cloned(),
            url: None,
            migrations: None,
            orphans: HashMap::new(),
            made_anew: Vec::new(),
        }
    }
}

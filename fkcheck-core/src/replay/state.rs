//! What the statements so far have left: the tables and keys, what is doubted of them, and what a session remembers.

use std::collections::HashMap;

use super::catalogue::{Catalogue, Place};
use super::dialect::Dialect;
use super::routines::Routines;
use super::tokens::Token;
use crate::model::TableName;

/// A statement that was not carried out.
#[derive(Clone, Debug)]
pub(super) struct NotReplayed {
    pub(super) place: Place,
    /// What it is, e.g. `a DO block with conditions`.
    pub(super) what: String,
    /// The tables whose keys it might touch; `None`: any.
    pub(super) tables: Option<Vec<Touched>>,
}

/// A table that a doubt is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Touched {
    /// Whatever it comes to be called.
    Known(usize),
    /// There was none of that name.
    Named(TableName),
}

/// The state, and what a session remembers beside it.
pub(super) struct Replay {
    pub(super) catalogue: Catalogue,
    pub(super) not_replayed: Vec<NotReplayed>,
    pub(super) routines: Routines,
    /// MySQL: the tokens of a variable's value; the text of a prepared statement.
    pub(super) variables: HashMap<String, Vec<Token>>,
    pub(super) prepared: HashMap<String, Vec<Token>>,
}

impl Replay {
    pub(super) fn new(dialect: &'static Dialect) -> Self {
        Replay {
            catalogue: Catalogue::new(dialect),
            not_replayed: Vec::new(),
            routines: Routines::default(),
            variables: HashMap::new(),
            prepared: HashMap::new(),
        }
    }
}

//! What the statements so far have left: the tables and keys, what is doubted of them, and what a session remembers.

use std::collections::HashMap;

use super::catalogue::{Catalogue, Place};
use super::dialect::Dialect;
use super::made::Made;
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

/// What is saved, to come back to it.
#[derive(Clone)]
pub(super) struct Saved {
    pub(super) catalogue: Catalogue,
    pub(super) not_replayed: Vec<NotReplayed>,
    pub(super) routines: Routines,
    pub(super) made: Made,
}

/// The transaction of a file. Diesel runs each in one, as a server does by itself with statements that are sent together;
/// BEGIN within it begins no other.
#[derive(Default)]
pub(super) struct Transaction {
    /// The state where it began, and at each savepoint; empty where nothing is ever taken back.
    pub(super) began: Option<Saved>,
    pub(super) savepoints: Vec<(String, Saved)>,
    /// The search path after it, where SET LOCAL has changed that.
    pub(super) path_after: Option<Vec<String>>,
}

/// A variable of the session.
#[derive(Clone, Default)]
pub(super) struct Variable {
    /// What it was set to, as it was written.
    pub(super) value: Vec<Token>,
    /// What that may come to.
    pub(super) texts: Vec<String>,
}

/// The state, and what a session remembers beside it.
pub(super) struct Replay {
    pub(super) catalogue: Catalogue,
    pub(super) not_replayed: Vec<NotReplayed>,
    pub(super) routines: Routines,
    pub(super) made: Made,
    pub(super) transaction: Transaction,
    /// MySQL: by folded name.
    pub(super) variables: HashMap<String, Variable>,
    pub(super) prepared: HashMap<String, Variable>,
}

impl Replay {
    pub(super) fn new(dialect: &'static Dialect) -> Self {
        Replay {
            catalogue: Catalogue::new(dialect),
            not_replayed: Vec::new(),
            routines: Routines::default(),
            made: Made::default(),
            transaction: Transaction::default(),
            variables: HashMap::new(),
            prepared: HashMap::new(),
        }
    }
}

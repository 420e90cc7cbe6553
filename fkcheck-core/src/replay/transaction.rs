//! What a transaction takes back: all of a file up to now, or what came after a savepoint.

use super::doubts::place_of;
use super::dynamic::Touches;
use super::state::{Replay, Saved, Transaction};
use super::tokens::{Cursor, Token};

impl Replay {
    /// A file begins.
    pub(super) fn begin_file(&mut self, tokens: &[Token]) {
        let takes_back = |token: &Token| token.is("rollback") || token.is("abort");
        let is_needed = self.catalogue.dialect.takes_ddl_back && tokens.iter().any(takes_back);
        let began = is_needed.then(|| self.save());
        self.transaction = Transaction { began, ..Transaction::default() };
    }

    /// A file, or a transaction in it, ends.
    pub(super) fn end_transaction(&mut self) {
        if let Some(path) = self.transaction.path_after.take() {
            self.catalogue.search_path = path;
        }
        self.transaction.savepoints.clear();
        self.transaction.began = self.transaction.began.is_some().then(|| self.save());
    }

    /// SET LOCAL is about to change the search path.
    pub(super) fn remember_path(&mut self) {
        let path = &self.catalogue.search_path;
        self.transaction.path_after.get_or_insert_with(|| path.clone());
    }

    /// SET has changed the search path for longer.
    pub(super) fn forget_path(&mut self) {
        self.transaction.path_after = None;
    }

    /// Follows COMMIT, SAVEPOINT, ROLLBACK and their like; false for any other statement.
    pub(super) fn transact(&mut self, statement: &[Token], file: usize) -> bool {
        let mut cursor = Cursor::new(statement);
        if !self.catalogue.dialect.takes_ddl_back {
            return cursor.take_any(&["savepoint", "rollback", "release"]);
        }
        if cursor.take_any(&["prepare transaction", "commit prepared", "rollback prepared"]) {
            self.note(place_of(statement, file), "a transaction in two phases", &Touches::anything());
        } else if cursor.take_any(&["commit", "end"]) {
            self.end_transaction();
        } else if cursor.take("savepoint") {
            if let Some(name) = cursor.ident().filter(|_| self.transaction.began.is_some()) {
                let saved = self.save();
                self.transaction.savepoints.push((name, saved));
            }
        } else if cursor.take("release") {
            let _ = cursor.take("savepoint");
            let at = cursor.ident().and_then(|name| self.savepoint(&name));
            self.transaction.savepoints.truncate(at.unwrap_or(usize::MAX));
        } else if cursor.take_any(&["rollback", "abort"]) {
            self.roll_back(statement, cursor, file);
        } else {
            return false;
        }
        true
    }

    fn roll_back(&mut self, statement: &[Token], mut cursor: Cursor<'_>, file: usize) {
        let _ = cursor.take_any(&["work", "transaction"]);
        if !cursor.take("to") {
            if let Some(began) = self.transaction.began.clone() {
                self.restore(began);
            }
            self.transaction.path_after = None;
            return self.end_transaction();
        }
        let _ = cursor.take("savepoint");
        match cursor.ident().and_then(|name| self.savepoint(&name)) {
            Some(at) => {
                self.transaction.savepoints.truncate(at + 1);
                let (_, saved) = self.transaction.savepoints[at].clone();
                self.restore(saved);
            }
            None => self.note(
                place_of(statement, file),
                "a ROLLBACK to where nothing was saved",
                &Touches::anything(),
            ),
        }
    }

    /// The last of that name.
    fn savepoint(&self, name: &str) -> Option<usize> {
        self.transaction.savepoints.iter().rposition(|(other, _)| other == name)
    }

    fn save(&self) -> Saved {
        Saved {
            catalogue: self.catalogue.clone(),
            not_replayed: self.not_replayed.clone(),
            routines: self.routines.clone(),
            made: self.made.clone(),
        }
    }

    fn restore(&mut self, saved: Saved) {
        (self.catalogue, self.not_replayed) = (saved.catalogue, saved.not_replayed);
        (self.routines, self.made) = (saved.routines, saved.made);
    }
}

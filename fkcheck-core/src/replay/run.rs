//! Statements that run others: DO blocks and prepared texts.

use super::catalogue::Place;
use super::composed::{self, UNKNOWN};
use super::dynamic::{self, Touches, in_place};
use super::state::{Replay, Variable};
use super::tokens::{Cursor, Kind, Token, statements, tokens_of};
use super::written_by_fix::{self, LABEL, PREPARED};

impl Replay {
    /// Carries out what `cargo fkcheck fix` has written.
    fn run_written_by_fix(&mut self, body: &[Token], place: &Place, file: usize) {
        for statement in written_by_fix::statements(&mut self.catalogue, body) {
            self.apply(&in_place(statement, place), file);
        }
    }

    /// A DO block: run where it is plain, else named if it bears on keys.
    pub(super) fn run_block(&mut self, body: &str, place: Place, file: usize) {
        let dialect = self.catalogue.dialect;
        let Ok(tokens) = tokens_of(body, dialect) else {
            return self.note(place, "a DO block that can't be read", &Touches::anything());
        };
        if body.trim_start().starts_with(LABEL) {
            return self.run_written_by_fix(&tokens, &place, file);
        }
        self.run_statements(&tokens, "a DO block with conditions", &place, file);
    }

    /// What stands between BEGIN and END.
    pub(super) fn run_statements(&mut self, body: &[Token], what: &str, place: &Place, file: usize) {
        let mut touches = dynamic::touches(body, self.catalogue.dialect);
        // It has no caller who could give it one.
        touches.anything |= touches.runs_given_text;
        if touches.nothing() {
            return self.note_calls(&touches, place);
        }
        if let Some(statements) = dynamic::plain_statements(body) {
            for statement in statements {
                self.apply(&in_place(statement, place), file);
            }
        } else {
            self.note_calls(&touches, place);
            self.note(place.clone(), what, &touches);
        }
    }

    /// `PREPARE name FROM text`
    pub(super) fn prepare(&mut self, mut cursor: Cursor<'_>) {
        if let Some(name) = cursor.ident()
            && cursor.take("from")
        {
            let variable = match cursor.rest() {
                [Token { kind: Kind::Word { text, .. }, .. }] if text.starts_with('@') => {
                    let unknown = || Variable { texts: composed::unknown(), ..Variable::default() };
                    self.variables.get(&text.to_lowercase()).cloned().unwrap_or_else(unknown)
                }
                value => self.variable(value),
            };
            self.prepared.insert(name.to_lowercase(), variable);
        }
    }

    /// `EXECUTE` of a prepared text.
    pub(super) fn execute(&mut self, name: &str, place: Place, file: usize) {
        let Some(source) = self.prepared.get(&name.to_lowercase()).cloned() else { return };
        if name.eq_ignore_ascii_case(PREPARED) {
            let text = written_by_fix::prepared(&source.value);
            let tokens = text.and_then(|text| tokens_of(&text, self.catalogue.dialect).ok());
            return self.run_written_by_fix(&tokens.unwrap_or_default(), &place, file);
        }
        self.run_text(&source, place, file);
    }

    /// Runs a text that is put together. `IF(.. information_schema .., 'ALTER ..', 'SELECT 1')` is the usual way to say
    /// IF EXISTS: its one statement that bears on keys is carried out.
    pub(super) fn run_text(&mut self, source: &Variable, place: Place, file: usize) {
        let dialect = self.catalogue.dialect;
        let each = source.texts.iter().map(|text| (text, dynamic::touches_of_text(text, dialect)));
        let each: Vec<(&String, Touches)> = each.collect();
        let touching: Vec<&String> =
            each.iter().filter(|(_, touches)| !touches.nothing()).map(|(text, _)| *text).collect();
        let asks_for_existence = source.value.iter().any(|token| token.is("information_schema"));
        let mut touches = Touches::default();
        for (_, of_text) in &each {
            touches.merge(of_text.clone());
        }
        match &touching[..] {
            [text] if (asks_for_existence || each.len() == 1) && !text.contains(UNKNOWN) => {
                let Ok(tokens) = tokens_of(text, dialect) else {
                    return self.note(place, "a prepared statement", &touches);
                };
                for statement in statements(&tokens) {
                    self.apply(&in_place(statement, &place), file);
                }
            }
            _ => {
                self.note_calls(&touches, &place);
                if !touching.is_empty() {
                    self.note(place, "a prepared statement", &touches);
                }
            }
        }
    }
}

//! Statements that run others: DO blocks and prepared texts.

use super::catalogue::Place;
use super::dynamic::{self, Touches, in_place};
use super::state::Replay;
use super::tokens::{Kind, Token, tokens_of};
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
        let mut touches = dynamic::touches(&tokens, dialect);
        // It has no caller who could give it one.
        touches.anything |= touches.runs_given_text;
        if touches.nothing() {
            return self.note_calls(&touches, &place);
        }
        if let Some(statements) = dynamic::plain_statements(&tokens) {
            for statement in statements {
                self.apply(&in_place(statement, &place), file);
            }
        } else {
            self.note_calls(&touches, &place);
            self.note(place, "a DO block with conditions", &touches);
        }
    }

    /// `EXECUTE` of a prepared text. `IF(.. information_schema .., 'ALTER ..', 'SELECT 1')` is the usual way to say IF EXISTS:
    /// its one statement is carried out if it can be.
    pub(super) fn execute(&mut self, name: &str, place: Place, file: usize) {
        let dialect = self.catalogue.dialect;
        let Some(source) = self.prepared.get(&name.to_lowercase()).cloned() else { return };
        let value = match source.first().map(|token| &token.kind) {
            Some(Kind::Word { text, .. }) if text.starts_with('@') => {
                self.variables.get(&text.to_lowercase()).cloned().unwrap_or_default()
            }
            _ => source,
        };
        if name.eq_ignore_ascii_case(PREPARED) {
            let tokens = written_by_fix::prepared(&value).and_then(|text| tokens_of(&text, dialect).ok());
            return self.run_written_by_fix(&tokens.unwrap_or_default(), &place, file);
        }
        let touches = dynamic::touches(&value, dialect);
        self.note_calls(&touches, &place);
        if touches.nothing() {
            return;
        }
        let asks_for_existence = value.iter().any(|token| token.is("information_schema"));
        let texts: Vec<&String> = value
            .iter()
            .filter_map(|token| match &token.kind {
                Kind::Text(text) if dynamic::speaks_of_keys(text) => Some(text),
                _ => None,
            })
            .collect();
        match &texts[..] {
            [text] if asks_for_existence && !touches.anything => {
                if let Ok(tokens) = tokens_of(text, dialect) {
                    self.apply(&in_place(&tokens, &place), file);
                }
            }
            _ => self.note(place, "a prepared statement", &touches),
        }
    }
}

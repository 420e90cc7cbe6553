//! What a session remembers: its search path, its storage engine, its variables.

use super::catalogue::{Place, storage_name};
use super::composed;
use super::doubts::place_of;
use super::dynamic::Touches;
use super::state::{Replay, Variable};
use super::tokens::{Cursor, Kind, Token, split_by_comma};

impl Replay {
    /// `search_path = a, "b"`, also as `set_config('search_path', 'a, b', false)`.
    fn set_search_path(&mut self, tokens: &[Token]) {
        let names = tokens.iter().filter_map(|token| match &token.kind {
            Kind::Word { text, quoted } if *quoted || !matches!(text.as_str(), "to" | "default") => {
                Some(text.clone())
            }
            Kind::Text(text) => Some(text.clone()),
            _ => None,
        });
        let path: Vec<String> = names
            .flat_map(|names| names.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>())
            .filter(|name| !name.is_empty() && name != "$user" && name != "pg_catalog")
            .collect();
        let is_default = tokens.iter().any(|token| token.is("default"));
        self.catalogue.search_path = if is_default { vec!["public".to_owned()] } else { path };
    }

    /// `@name = value`, `default_storage_engine = MyISAM` (`MySQL`).
    fn set_variables(&mut self, tokens: &[Token], place: &Place) {
        let parts = split_by_comma(tokens);
        let assigned = |part: &&[Token]| match part {
            [Token { kind: Kind::Word { text, .. }, .. }, _, value @ ..] if text.starts_with('@') => {
                Some((text.to_lowercase(), value.to_vec()))
            }
            _ => None,
        };
        let assigned: Vec<(String, Vec<Token>)> = parts.iter().filter_map(assigned).collect();
        // In the same statement a server may see the value from before, or this one.
        for (name, _) in &assigned {
            self.variables
                .insert(name.clone(), Variable { texts: composed::unknown(), ..Variable::default() });
        }
        let variables: Vec<(String, Variable)> =
            assigned.into_iter().map(|(name, value)| (name, self.variable(&value))).collect();
        self.variables.extend(variables);
        for part in parts {
            self.set_default_storage(part);
            if is_read_otherwise(part) {
                self.note_otherwise(place.clone());
            }
        }
    }

    /// A value, with the texts that it may come to.
    pub(super) fn variable(&self, value: &[Token]) -> Variable {
        let known = self.variables.iter().map(|(name, variable)| (name.clone(), variable.texts.clone()));
        let texts = composed::texts(value, &known.collect(), self.catalogue.dialect);
        Variable { value: value.to_vec(), texts }
    }

    /// `SELECT .. INTO @name`, `SELECT @name := ..`: of several, or of a row, nothing is known.
    fn set_by_query(&mut self, statement: &[Token]) {
        let is_variable =
            |token: &Token| matches!(&token.kind, Kind::Word { text, .. } if text.starts_with('@'));
        let into = statement.iter().position(|token| token.is("into"));
        for (at, token) in statement.iter().enumerate().filter(|(_, token)| is_variable(token)) {
            let is_set = into.is_some_and(|into| at > into)
                || matches!(statement.get(at + 1), Some(Token { kind: Kind::Other(sign), .. }) if sign == ":=");
            let Kind::Word { text, .. } = &token.kind else { continue };
            if is_set {
                let value = statement[..into.unwrap_or(at)].to_vec();
                let variable = if into == Some(at - 1) && at + 1 == statement.len() {
                    self.variable(&value)
                } else {
                    Variable { value, texts: composed::unknown() }
                };
                self.variables.insert(text.to_lowercase(), variable);
            }
        }
    }

    fn note_otherwise(&mut self, place: Place) {
        self.note(place, "a setting by which the same text is read otherwise", &Touches::anything());
    }

    /// SET, RESET and DISCARD; false for any other statement.
    pub(super) fn of_session(&mut self, mut cursor: Cursor<'_>, statement: &[Token], file: usize) -> bool {
        if cursor.take("set") {
            let is_local = cursor.take("local");
            let _ = cursor.take("session");
            if cursor.take_any(&["search_path", "schema"]) {
                self.change_search_path(cursor.rest(), is_local);
            } else {
                self.set_variables(cursor.rest(), &place_of(statement, file));
            }
        } else if cursor.take_any(&["discard temp", "discard temporary", "discard all"]) {
            self.drop_temporary_tables();
            if statement[1].is("all") {
                self.change_search_path(&[], false);
            }
        } else if cursor.take_any(&["reset search_path", "reset all"]) {
            self.change_search_path(&[], false);
        } else {
            self.set_by_query(statement);
            return false;
        }
        true
    }

    /// For the session, or for the transaction alone; to nothing: to what it is by default.
    fn change_search_path(&mut self, tokens: &[Token], is_local: bool) {
        if is_local {
            self.remember_path();
        } else {
            self.forget_path();
        }
        if tokens.is_empty() {
            self.catalogue.search_path = vec!["public".to_owned()];
        } else {
            self.set_search_path(tokens);
        }
    }

    /// Also with `SESSION` or `@@session.` before it. What is set for the server is that of later connections.
    pub(super) fn set_default_storage(&mut self, assignment: &[Token]) {
        let names = |token: &Token| {
            matches!(&token.kind, Kind::Word { text, .. }
                if ["default_storage_engine", "storage_engine"].iter().any(|name| text.trim_start_matches('@').eq_ignore_ascii_case(name)))
        };
        let is_global = |token: &Token| {
            token.is("global")
                || matches!(&token.kind, Kind::Word { text, .. } if text.eq_ignore_ascii_case("@@global"))
        };
        if !assignment.iter().take(4).any(names) || assignment.iter().take(2).any(is_global) {
            return;
        }
        if let Some(Token { kind: Kind::Word { text, .. } | Kind::Text(text), .. }) = assignment.last() {
            let default = (!text.eq_ignore_ascii_case("default")).then(|| storage_name(text));
            let dialect = self.catalogue.dialect;
            self.catalogue.default_storage =
                dialect.storage.map(|usual| default.unwrap_or_else(|| usual.to_owned()));
        }
    }

    /// `SELECT set_config('search_path', 'a, b', false)`
    pub(super) fn set_config(&mut self, statement: &[Token], file: usize) {
        let is_call = |pair: &[Token]| matches!((&pair[0].kind, &pair[1].kind), (Kind::Word { text, .. }, Kind::Open) if text == "set_config");
        let Some(at) = statement.windows(2).position(is_call) else { return };
        let arguments = Cursor::new(&statement[at + 1..]).group().map(split_by_comma).unwrap_or_default();
        let [[Token { kind: Kind::Text(name), .. }], value, is_local @ ..] = &arguments[..] else { return };
        if name.eq_ignore_ascii_case("standard_conforming_strings") {
            return self.note_otherwise(place_of(statement, file));
        }
        if name.eq_ignore_ascii_case("search_path")
            && value.iter().all(|token| matches!(token.kind, Kind::Text(_)))
        {
            let is_local = is_local.first().is_some_and(|words| words.iter().any(|word| word.is("true")));
            self.change_search_path(value, is_local);
        }
    }
}

/// Whether a setting makes `\` or `"` something else in the texts that follow.
fn is_read_otherwise(assignment: &[Token]) -> bool {
    let names = |names: &[&str]| {
        assignment.iter().take(4).any(|token| {
            matches!(&token.kind, Kind::Word { text, .. }
                if names.iter().any(|name| text.trim_start_matches('@').eq_ignore_ascii_case(name)))
        })
    };
    let value = assignment.last().map(|token| match &token.kind {
        Kind::Text(text) | Kind::Word { text, .. } | Kind::Other(text) => text.to_ascii_uppercase(),
        _ => String::new(),
    });
    let says =
        |words: &[&str]| value.as_deref().is_some_and(|value| words.iter().any(|word| value.contains(word)));
    names(&["sql_mode"]) && says(&["ANSI", "BACKSLASH", "ORACLE", "MSSQL", "DB2", "MAXDB", "POSTGRESQL"])
        || names(&["standard_conforming_strings"]) && says(&["OFF", "FALSE", "NO", "0"])
}

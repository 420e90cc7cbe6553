//! What a session remembers: its search path, its storage engine, its variables.

use super::catalogue::storage_name;
use super::state::Replay;
use super::tokens::{Kind, Token, split_by_comma};

impl Replay {
    /// `search_path = a, "b"`, also as `set_config('search_path', 'a, b', false)`.
    pub(super) fn set_search_path(&mut self, tokens: &[Token]) {
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
    pub(super) fn set_variables(&mut self, tokens: &[Token]) {
        for part in split_by_comma(tokens) {
            self.set_default_storage(part);
            if let Some(Token { kind: Kind::Word { text, .. }, .. }) = part.first()
                && text.starts_with('@')
            {
                self.variables.insert(text.to_lowercase(), part[1..].to_vec());
            }
        }
    }

    /// Also with `SESSION` or `@@session.` before it. What is set for the server is that of later connections.
    fn set_default_storage(&mut self, assignment: &[Token]) {
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
    pub(super) fn set_config(&mut self, statement: &[Token]) {
        let calls = |pair: &[Token]| matches!((&pair[0].kind, &pair[1].kind), (Kind::Word { text, .. }, Kind::Open) if text == "set_config");
        if !statement.windows(2).any(calls) {
            return;
        }
        let texts: Vec<&String> = statement
            .iter()
            .filter_map(|token| match &token.kind {
                Kind::Text(text) => Some(text),
                _ => None,
            })
            .collect();
        if let [name, value, ..] = &texts[..]
            && name.as_str() == "search_path"
        {
            let value = Token { kind: Kind::Text((*value).clone()), bytes: 0..0 };
            self.set_search_path(&[value]);
        }
    }
}

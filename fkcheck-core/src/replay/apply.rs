//! One statement after the other.

use std::collections::{BTreeSet, HashMap};

use super::catalogue::{Catalogue, Index, Key, Parent, Place, storage_name};
use super::dialect::Dialect;
use super::dynamic::{self, Touches, in_place};
use super::routines::Routines;
use super::table::index_columns;
use super::tokens::{Cursor, Kind, Token, made_by, split_by_comma, tokens_of};
use super::written_by_fix::{self, LABEL, PREPARED};
use crate::model::{TableKind, TableName};

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
    routines: Routines,
    /// MySQL: the tokens of a variable's value; the text of a prepared statement.
    variables: HashMap<String, Vec<Token>>,
    prepared: HashMap<String, Vec<Token>>,
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

    /// Carries out a statement.
    pub(super) fn apply(&mut self, statement: &[Token], file: usize) {
        if let Some(inner) = for_one_statement(statement) {
            return self.apply(inner, file);
        }
        self.look_for_calls(statement, file);
        let mut cursor = Cursor::new(statement);
        if let Some(what) = undoes(statement) {
            let touches = Touches { anything: true, ..Touches::default() };
            self.note(place_of(statement, file), what, &touches);
        }
        let unread: Vec<&[Token]> = if cursor.take("create") {
            self.create(cursor, file)
        } else if cursor.take_any(&ALTER_TABLE) {
            self.catalogue.alter_table(&mut cursor, file)
        } else if cursor.take("drop") {
            self.drop_statement(cursor);
            Vec::new()
        } else if cursor.take_any(&["rename table", "rename tables"]) {
            self.rename_tables(cursor);
            Vec::new()
        } else {
            self.other(cursor, statement, file);
            Vec::new()
        };
        if let (Some(first), Some(last)) =
            (unread.first().and_then(|part| part.first()), unread.last().and_then(|part| part.last()))
        {
            let touches = dynamic::touches(statement, self.catalogue.dialect);
            let tables = statement_tables(statement);
            let touches = Touches { tables: [tables, touches.tables].concat(), ..touches };
            let place = Place { file, bytes: first.bytes.start..last.bytes.end.max(first.bytes.end) };
            self.note(place, "a clause that is not understood, or that the server refuses", &touches);
        }
    }

    fn note(&mut self, place: Place, what: &str, touches: &Touches) {
        let names = touches.tables.iter().map(|parts| match self.catalogue.find(parts) {
            Some(table) => Touched::Known(table),
            None => Touched::Named(self.catalogue.new_name(parts)),
        });
        let names: BTreeSet<Touched> = names.chain(self.children_of(&touches.parents)).collect();
        let tables = (!touches.anything).then(|| names.into_iter().collect());
        self.not_replayed.push(NotReplayed { place, what: what.to_owned(), tables });
    }

    /// The tables with a key to one of these.
    fn children_of(&self, parents: &[Vec<String>]) -> Vec<Touched> {
        let parents: Vec<usize> = parents.iter().filter_map(|parts| self.catalogue.find(parts)).collect();
        let references =
            |key: &&Key| matches!(key.parent, Parent::Table { table, .. } if parents.contains(&table));
        let children = self.catalogue.keys.iter().filter(references);
        children.map(|key| Touched::Known(key.child)).collect()
    }

    /// What is doubted of a table is doubted of one that is made like it.
    fn doubt_likewise(&mut self, table: usize, statement: &[Token]) {
        let named = (0..statement.len()).filter(|&at| statement[at].is("like")).filter_map(|at| {
            Cursor::new(&statement[at + 1..]).name().and_then(|parts| self.catalogue.find(&parts))
        });
        let others: Vec<Touched> = named.map(Touched::Known).collect();
        for doubt in &mut self.not_replayed {
            if let Some(tables) = &mut doubt.tables
                && others.iter().any(|other| tables.contains(other))
            {
                tables.push(Touched::Known(table));
            }
        }
    }

    /// Says which calls of a statement might touch keys, wherever in it they stand: a trigger, a view or a default runs what
    /// it calls some time later.
    fn look_for_calls(&mut self, statement: &[Token], file: usize) {
        let mut cursor = Cursor::new(statement);
        let runs_nothing = cursor.take_any(&["comment", "grant", "revoke", "security", "drop", "do"])
            || cursor.peeks_any(&["alter function", "alter procedure", "alter routine", "alter default"]);
        if runs_nothing || matches!(made_by(statement), Some("function" | "procedure")) {
            return;
        }
        let mut touches = if self.routines.are_harmless() {
            Touches { calls: dynamic::calls(statement, self.catalogue.dialect), ..Touches::default() }
        } else {
            dynamic::touches(statement, self.catalogue.dialect)
        };
        let names_without_call = statement.get(1).is_some_and(|what| {
            statement[0].is("create") && ["operator", "aggregate", "type"].iter().any(|word| what.is(word))
        });
        if names_without_call {
            // `CREATE OPERATOR % (FUNCTION = remainder, ..)`
            touches.calls.extend(statement.iter().filter_map(|token| match &token.kind {
                Kind::Word { text, .. } => Some(self.catalogue.dialect.case.fold(text)),
                _ => None,
            }));
        }
        if statement[0].is("create") || statement[0].is("alter") {
            self.routines.keep(&touches.calls);
        }
        self.note_calls(&touches, &place_of(statement, file));
    }

    fn note_calls(&mut self, caller: &Touches, place: &Place) {
        for (name, touches) in self.routines.called(caller) {
            self.note(place.clone(), &format!("a call of `{name}`, which runs statements"), &touches);
        }
    }

    fn create<'t>(&mut self, mut cursor: Cursor<'t>, file: usize) -> Vec<&'t [Token]> {
        let replaces = cursor.take("or replace");
        if cursor.peeks_any(&["definer", "aggregate"]) {
            // MySQL: `DEFINER = somebody@somewhere`
            while !cursor.is_at_end()
                && !cursor.peeks_any(&["function", "procedure", "view", "trigger", "event"])
            {
                cursor.next();
            }
        }
        let _ = cursor.take_any(&["global", "local"]);
        let is_temporary = cursor.take_any(&["temporary", "temp"]);
        let _ = cursor.take("unlogged");
        let is_foreign = cursor.take("foreign");
        if cursor.take("table") {
            // MariaDB: the old one goes with its keys.
            let mut ahead = cursor;
            let old = ahead.name().and_then(|parts| self.catalogue.find(&parts));
            if let Some(old) = old.filter(|_| replaces) {
                self.catalogue.drop_table(old);
            }
            return self.create_table(cursor, is_temporary, is_foreign, file);
        }
        let is_unique = cursor.take("unique");
        if cursor.take("index") {
            self.create_index(cursor, is_unique);
        } else if cursor.take("view") || cursor.take("materialized view") {
            let _ = cursor.take("if not exists");
            if let Some(parts) = cursor.name()
                && self.catalogue.find(&parts).is_none()
            {
                let name = self.catalogue.new_name(&parts);
                self.catalogue.add_table(name, TableKind::View, is_temporary);
            }
        } else if cursor.take("function") || cursor.take("procedure") {
            self.create_routine(cursor, file);
        }
        Vec::new()
    }

    fn create_table<'t>(
        &mut self,
        mut cursor: Cursor<'t>,
        is_temporary: bool,
        is_foreign: bool,
        file: usize,
    ) -> Vec<&'t [Token]> {
        let if_not_exists = cursor.take("if not exists");
        let whole = cursor.rest();
        let Some(parts) = cursor.name() else { return vec![whole] };
        if if_not_exists && self.catalogue.find(&parts).is_some() {
            return Vec::new();
        }
        let name = if is_temporary {
            TableName::qualified("pg_temp", parts.last().cloned().unwrap_or_default())
        } else {
            self.catalogue.new_name(&parts)
        };
        let kind = if is_foreign { TableKind::Foreign } else { TableKind::Table };
        self.doubt_likewise(self.catalogue.tables.len(), cursor.rest());
        let table = self.catalogue.add_table(name, kind, is_temporary);
        if let Some(storage) = stated_storage(cursor).filter(|_| self.catalogue.dialect.storage.is_some()) {
            self.catalogue.tables[table].storage = Some(storage_name(&storage));
        }
        if cursor.take("partition of") {
            self.catalogue.tables[table].kind = TableKind::Partition;
            if let Some(parent) = cursor.name().and_then(|name| self.catalogue.find(&name)) {
                let columns = self.catalogue.tables[parent].columns.clone();
                self.catalogue.tables[table].columns = columns;
                self.catalogue.attach(table, parent);
            }
        }
        if self.catalogue.dialect.likes_whole_tables && cursor.take("like") {
            self.catalogue.copy_columns(table, &mut cursor);
            return Vec::new();
        }
        let mut unread = Vec::new();
        if let Some(group) = cursor.group() {
            unread = self.catalogue.add_elements(table, group, file);
        }
        let rest = cursor.rest();
        self.catalogue.tables[table].is_open = rest.iter().any(|token| token.is("as") || token.is("select"));
        if rest.windows(2).any(|pair| pair[0].is("partition") && pair[1].is("by"))
            && self.catalogue.dialect.partitions_are_tables
            && self.catalogue.tables[table].kind == TableKind::Table
        {
            self.catalogue.tables[table].kind = TableKind::Partitioned;
        }
        unread
    }

    fn create_index(&mut self, mut cursor: Cursor<'_>, is_unique: bool) {
        let _ = is_unique;
        let _ = cursor.take("concurrently");
        let _ = cursor.take("if not exists");
        let name =
            if cursor.peeks("on") { None } else { cursor.name().and_then(|parts| parts.last().cloned()) };
        if self.catalogue.dialect.uses_before_on && cursor.take("using") {
            cursor.next();
        }
        if !cursor.take("on") {
            return;
        }
        let is_of_one = cursor.take("only");
        let Some(table) = cursor.name().and_then(|name| self.catalogue.find(&name)) else { return };
        // Of a table alone that has parts, it is invalid until those of all of these are attached.
        let is_hollow = is_of_one && !self.catalogue.parts_of(table).is_empty();
        let is_for_look_ups =
            !cursor.take("using") || cursor.take_any(&["btree", "hash"]) || cursor.next().is_none();
        let Some(group) = cursor.group() else { return };
        let columns = index_columns(group, self.catalogue.dialect)
            .into_iter()
            .map(|name| self.catalogue.named_column(table, &name?))
            .collect();
        let is_special = !is_for_look_ups || is_partial(cursor.rest());
        self.catalogue.tables[table].indexes.push(Index {
            name,
            columns,
            is_primary: false,
            is_constraint: false,
            is_special,
            is_hollow,
        });
    }

    fn create_routine(&mut self, mut cursor: Cursor<'_>, file: usize) {
        let whole = cursor.rest();
        let Some(name) = self.routine_name(&mut cursor) else { return };
        let arguments = cursor.group().unwrap_or_default();
        let touches = dynamic::touches_of_routine(cursor.rest(), self.catalogue.dialect);
        self.routines.define(name.clone(), arguments, touches);
        if self.routines.is_kept(&name) {
            let caller = Touches { calls: BTreeSet::from([name]), has_text: true, ..Touches::default() };
            self.note_calls(&caller, &place_of(whole, file));
        }
    }

    /// The last part of a routine's name, as routines are known by.
    fn routine_name(&self, cursor: &mut Cursor<'_>) -> Option<String> {
        let _ = cursor.take_any(&["if exists", "if not exists"]);
        cursor.name()?.last().map(|name| self.catalogue.dialect.case.fold(name))
    }

    fn drop_statement(&mut self, mut cursor: Cursor<'_>) {
        let _ = cursor.take("temporary");
        if cursor.take_any(&["tables", "table", "view", "materialized view", "foreign table"]) {
            let _ = cursor.take("if exists");
            for part in split_by_comma(cursor.rest()) {
                if let Some(table) = Cursor::new(part).name().and_then(|name| self.catalogue.find(&name)) {
                    self.catalogue.drop_table(table);
                }
            }
        } else if cursor.take("index") {
            let _ = cursor.take("concurrently");
            let _ = cursor.take("if exists");
            let names: Vec<String> = split_by_comma(cursor.rest())
                .into_iter()
                .filter_map(|part| Cursor::new(part).name()?.last().cloned())
                .collect();
            let case = self.catalogue.dialect.case;
            let is_named = |index: &str| names.iter().any(|name| case.same(name, index));
            for table in &mut self.catalogue.tables {
                table
                    .indexes
                    .retain(|index| index.is_constraint || !index.name.as_deref().is_some_and(is_named));
            }
        } else if cursor.take_any(&["function", "procedure", "routine"]) {
            if let Some(name) = self.routine_name(&mut cursor) {
                self.routines.drop(&name);
            }
        } else if cursor.take("schema") && self.catalogue.dialect.default_schema.is_some() {
            let _ = cursor.take("if exists");
            for part in split_by_comma(cursor.rest()) {
                let Some(schema) = Cursor::new(part).ident() else { continue };
                for table in 0..self.catalogue.tables.len() {
                    let tables = &self.catalogue.tables;
                    if !tables[table].dropped && tables[table].name.schema.as_deref() == Some(&schema) {
                        self.catalogue.drop_table(table);
                    }
                }
            }
        }
    }

    /// `RENAME TABLE a TO b, c TO d`
    fn rename_tables(&mut self, cursor: Cursor<'_>) {
        for part in split_by_comma(cursor.rest()) {
            let mut cursor = Cursor::new(part);
            let _ = cursor.take("if exists");
            let Some(table) = cursor.name().and_then(|name| self.catalogue.find(&name)) else { continue };
            if cursor.take("to")
                && let Some(name) = cursor.name()
            {
                let name = self.catalogue.new_name(&name);
                self.catalogue.rename_table(table, &name);
            }
        }
    }

    fn other(&mut self, mut cursor: Cursor<'_>, statement: &[Token], file: usize) {
        let place = || place_of(statement, file);
        if cursor.take("set") {
            let _ = cursor.take_any(&["local", "session"]);
            if cursor.take("search_path") {
                self.set_search_path(cursor.rest());
            } else {
                self.set_variables(cursor.rest());
            }
        } else if cursor.take_any(&["discard temp", "discard temporary", "discard all"]) {
            self.drop_temporary_tables();
            if statement[1].is("all") {
                self.catalogue.search_path = vec!["public".to_owned()];
            }
        } else if cursor.take_any(&["reset search_path", "reset all"]) {
            self.catalogue.search_path = vec!["public".to_owned()];
        } else if cursor.take("alter schema") {
            if let Some(old) = cursor.ident()
                && cursor.take("rename to")
                && let Some(new) = cursor.ident()
            {
                for table in &mut self.catalogue.tables {
                    if table.name.schema.as_deref() == Some(&old) {
                        table.name.schema = Some(new.clone());
                    }
                }
            }
        } else if cursor.take("do") {
            for token in cursor.rest() {
                let Kind::Text(body) = &token.kind else { continue };
                self.run_block(body, place(), file);
            }
        } else if cursor.take("prepare") {
            if let Some(name) = cursor.ident()
                && cursor.take("from")
            {
                self.prepared.insert(name.to_lowercase(), cursor.rest().to_vec());
            }
        } else if cursor.take("execute") {
            if let Some(name) = cursor.ident() {
                self.execute(&name, place(), file);
            }
        } else if cursor.take_any(&["alter function", "alter procedure", "alter routine"]) {
            if let Some(old) = self.routine_name(&mut cursor) {
                let _ = cursor.group();
                if cursor.take("rename to")
                    && let Some(new) = self.routine_name(&mut cursor)
                {
                    self.routines.rename(&old, new);
                }
            }
        } else {
            self.set_config(statement);
        }
    }

    fn drop_temporary_tables(&mut self) {
        for table in 0..self.catalogue.tables.len() {
            if self.catalogue.tables[table].is_temporary && !self.catalogue.tables[table].dropped {
                self.catalogue.drop_table(table);
            }
        }
    }

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
    fn set_variables(&mut self, tokens: &[Token]) {
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
    fn set_config(&mut self, statement: &[Token]) {
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

    /// Carries out what `cargo fkcheck fix` has written.
    fn run_written_by_fix(&mut self, body: &[Token], place: &Place, file: usize) {
        for statement in written_by_fix::statements(&mut self.catalogue, body) {
            self.apply(&in_place(statement, place), file);
        }
    }

    /// A DO block: run where it is plain, else named if it bears on keys.
    fn run_block(&mut self, body: &str, place: Place, file: usize) {
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
    fn execute(&mut self, name: &str, place: Place, file: usize) {
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

/// `ENGINE = name` behind the columns of CREATE TABLE.
fn stated_storage(mut cursor: Cursor<'_>) -> Option<String> {
    while !cursor.is_at_end() {
        if cursor.group().is_some() {
            continue;
        }
        if cursor.peeks_any(&["as", "select"]) {
            return None;
        }
        if let Some(storage) = cursor.engine() {
            return Some(storage);
        }
        cursor.next();
    }
    None
}

fn place_of(statement: &[Token], file: usize) -> Place {
    let start = statement.first().map_or(0, |token| token.bytes.start);
    Place { file, bytes: start..statement.last().map_or(start, |token| token.bytes.end) }
}

/// MariaDB's words between the two change nothing of what is made.
const ALTER_TABLE: [&str; 4] =
    ["alter table", "alter online table", "alter ignore table", "alter online ignore table"];

/// MariaDB: `SET STATEMENT variable = value FOR ..` runs what follows.
fn for_one_statement(statement: &[Token]) -> Option<&[Token]> {
    Cursor::new(statement).take("set statement").then_some(())?;
    let at = statement.iter().position(|token| token.is("for"))?;
    Some(&statement[at + 1..])
}

/// What takes back or takes along more than is named in it, and isn't followed.
fn undoes(statement: &[Token]) -> Option<&'static str> {
    let mut cursor = Cursor::new(statement);
    if cursor.take("rollback") {
        return Some("a ROLLBACK, which takes statements back");
    }
    let cascades = statement.last().is_some_and(|token| token.is("cascade"));
    let what =
        cursor.take("drop") && (cursor.take("owned") || cascades && cursor.take_any(&["index", "domain"]));
    what.then_some("a DROP that takes other things along")
}

/// Whether the index leaves rows out that a look-up by its columns might want: `WHERE column IS NOT NULL` doesn't.
fn is_partial(rest: &[Token]) -> bool {
    let Some(at) = rest.iter().position(|token| token.is("where")) else { return false };
    let condition: Vec<&Token> =
        rest[at + 1..].iter().filter(|token| !matches!(token.kind, Kind::Open | Kind::Close)).collect();
    !matches!(&condition[..], [column, is, not, null]
        if matches!(column.kind, Kind::Word { .. }) && is.is("is") && not.is("not") && null.is("null"))
}

/// The table that a statement is about.
fn statement_tables(statement: &[Token]) -> Vec<Vec<String>> {
    let mut cursor = Cursor::new(statement);
    while let Some(token) = cursor.next() {
        if token.is("table") {
            let _ = cursor.take_any(&["if exists", "if not exists"]);
            let _ = cursor.take("only");
            return cursor.name().into_iter().collect();
        }
    }
    Vec::new()
}

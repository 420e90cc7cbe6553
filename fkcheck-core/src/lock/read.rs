//! Text → observations.

use std::collections::HashMap;

use super::line::Words;
use super::{AT_UPDATE, FORMAT, LAST_MIGRATION};
use crate::digest::digest;
use crate::model::{
    Action, ColumnFacts, Deferrability, Doubt, Engine, EngineFacts, Event, Guard, GuardKind, Hook, HookKind,
    IdentifierCase, InForce, KeyName, MatchType, NullingNotNull, Observation, ObservedKey, ObservedTable,
    Outside, RestrictMeaning, SetDefaultMeaning, SourceKind, TableKind, Visibility,
};

/// What a snapshot file holds.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// One for each database.
    pub(crate) observations: Vec<Observation>,
    /// The file was merged since it was written: right, but its digest can't be checked.
    #[cfg_attr(
        not(all(feature = "workspace", feature = "database")),
        expect(dead_code, reason = "a build script doesn't say it")
    )]
    pub(crate) merged: bool,
}

/// Why a snapshot can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadError {
    /// From 1; `None` where the file as a whole is meant.
    pub(crate) line: Option<usize>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: &'static str,
}

const RENEW: &str = "run `cargo fkcheck snapshot` again";

/// Reads a snapshot file.
///
/// # Errors
/// A newer format, a line that can't be read, two lines for one key (a merge that kept both), or an edit by hand.
pub(crate) fn read(text: &str) -> Result<Snapshot, ReadError> {
    let mut reader = Reader::default();
    for (number, line) in (1..).zip(text.lines().map(|line| line.trim_end_matches('\r'))) {
        if let Some(words) = line.strip_prefix(LAST_MIGRATION) {
            reader.last_migration(words);
        } else if !line.is_empty() && !line.starts_with('#') {
            reader.line(number, line).map_err(|message| ReadError {
                line: Some(number),
                message,
                help: RENEW,
            })?;
        }
    }
    reader.finish()
}

#[derive(Default)]
struct Reader<'a> {
    observations: Vec<Observation>,
    /// `digest` lines; a union merge leaves one from each side.
    digests: Vec<&'a str>,
    /// `table`, `key` and `doubt` lines.
    body: Vec<&'a str>,
    /// Lines of keys by what identifies them.
    seen: HashMap<String, (usize, &'a str)>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, number: usize, line: &'a str) -> Result<(), String> {
        let mut words = Words::new(line);
        let kind = words.word()?;
        words.expect(" ")?;
        match kind {
            "format" => match words.word()?.parse::<u32>() {
                Ok(format) if format <= FORMAT => Ok(()),
                Ok(format) => Err(format!(
                    "format {format} is newer than this fkcheck, which reads {FORMAT}; update fkcheck"
                )),
                Err(_) => Err("`format` takes a number".to_owned()),
            },
            "digest" => {
                self.digests.push(words.word()?);
                Ok(())
            }
            "engine" => self.engine(words),
            "table" => {
                self.body.push(line);
                let database = self.database(&mut words);
                let table = table(&mut words)?;
                self.observation(database.as_deref())?.tables.push(table);
                Ok(())
            }
            "key" => {
                self.body.push(line);
                let database = self.database(&mut words);
                let key = key(&mut words)?;
                self.once(number, line, database.as_deref(), &key)?;
                self.observation(database.as_deref())?.keys.push(key);
                Ok(())
            }
            "doubt" => {
                self.body.push(line);
                let database = self.database(&mut words);
                let doubt = doubt(&mut words)?;
                let observation = self.observation(database.as_deref())?;
                match &mut observation.visibility {
                    Visibility::Except(doubts) => doubts.push(doubt),
                    visibility => *visibility = Visibility::Except(vec![doubt]),
                }
                Ok(())
            }
            other => Err(format!("`{other}` is no line of a snapshot")),
        }
    }

    /// What is no such line is a comment like others.
    fn last_migration(&mut self, words: &'a str) {
        let mut words = Words::new(words);
        let database = self.database(&mut words);
        let name = words.name();
        if let (Ok(name), Ok(observation)) = (name, self.observation(database.as_deref())) {
            // A union merge leaves one from each side, and both sides' keys.
            let last = &mut observation.last_migration;
            *last = last.take().max(Some(name));
        }
    }

    /// `main:` before the table, if a database of that name was announced.
    fn database(&self, words: &mut Words<'a>) -> Option<String> {
        for observation in &self.observations {
            if let Some(name) = &observation.database
                && words.take(&format!("{}:", super::line::name(name)))
            {
                return Some(name.clone());
            }
        }
        None
    }

    fn observation(&mut self, database: Option<&str>) -> Result<&mut Observation, String> {
        self.observations
            .iter_mut()
            .find(|observation| observation.database.as_deref() == database)
            .ok_or_else(|| "no `engine` line stands before this one".to_owned())
    }

    /// Two lines for one key are what a merge leaves when both sides changed the key.
    fn once(
        &mut self,
        number: usize,
        line: &'a str,
        database: Option<&str>,
        key: &ObservedKey,
    ) -> Result<(), String> {
        let order = if line.contains(" order=") { key.firing_order } else { 0 };
        let id = format!(
            "{database:?} {:?} {:?} {:?} {:?} {order}",
            key.key, key.parent, key.parent_columns, key.name
        );
        match self.seen.insert(id, (number, line)) {
            Some((first, other)) if other != line => Err(format!(
                "a merge kept two lines for `{}`, this one (ON DELETE {}) and line {first}; only the database knows which is right",
                key.key, key.on_delete
            )),
            _ => Ok(()),
        }
    }

    fn engine(&mut self, mut words: Words<'a>) -> Result<(), String> {
        let mut first = words.name()?;
        let mut database = None;
        if words.take(":") {
            database = Some(std::mem::replace(&mut first, words.name()?));
        }
        if self.observations.iter().any(|observation| observation.database == database) {
            // A merge in which one side changed the line keeps both; the first stands.
            return Ok(());
        }
        let known = Engine::named(&first);
        let known = known.ok_or_else(|| format!("`{first}` is no engine that fkcheck knows"))?;
        let mut engine = EngineFacts {
            default_schemas: Vec::new(),
            change_advice: "`cargo fkcheck` against the database says how",
            ..EngineFacts::of(known)
        };
        while words.next_attribute()? {
            let attribute = words.word()?;
            words.expect("=")?;
            if attribute == "schemas" {
                engine.default_schemas = words.list()?;
                continue;
            }
            let value = words.word()?;
            engine_attribute(&mut engine, attribute, value)?;
        }
        self.observations.push(Observation {
            source: SourceKind::Snapshot,
            label: format!("{} ({first})", super::FILE_NAME),
            database,
            engine,
            keys: Vec::new(),
            tables: Vec::new(),
            visibility: Visibility::Whole,
            remarks: Vec::new(),
            members: Vec::new(),
            hooks_unseen: None,
            outside: Outside::default(),
            definitions: None,
            last_migration: None,
        });
        Ok(())
    }

    fn finish(self) -> Result<Snapshot, ReadError> {
        let whole = |message: &str| ReadError { line: None, message: message.to_owned(), help: RENEW };
        if self.observations.is_empty() {
            return Err(whole("it has no `engine` line: it is empty or no snapshot"));
        }
        let merged = self.digests.len() > 1;
        match self.digests[..] {
            [] => Err(whole("it has no `digest` line")),
            [written] if !merged && written != digest(self.body.iter().copied()) => {
                Err(whole("it was edited by hand, or merged badly: its lines don't match its digest"))
            }
            _ => Ok(Snapshot { observations: self.observations, merged }),
        }
    }
}

fn engine_attribute(engine: &mut EngineFacts, attribute: &str, value: &str) -> Result<(), String> {
    let case = if value == "insensitive" { IdentifierCase::Insensitive } else { IdentifierCase::Exact };
    match (attribute, value) {
        ("tables", "exact" | "insensitive") => engine.table_case = case,
        ("columns", "exact" | "insensitive") => engine.column_case = case,
        ("restrict", "same") => engine.restrict = RestrictMeaning::SameAsNoAction,
        ("restrict", "differs") => engine.restrict = RestrictMeaning::DiffersWhenDeferrable,
        ("set_default", "works") => engine.set_default = SetDefaultMeaning::Works,
        ("set_default", "blocks") => engine.set_default = SetDefaultMeaning::Blocks,
        ("set_null_on_not_null", "fails") => engine.nulling_not_null = NullingNotNull::DeleteFails,
        ("set_null_on_not_null", "refused") => engine.nulling_not_null = NullingNotNull::Refused,
        ("indexes", "made" | "asked") => engine.indexes_keys = value == "made",
        ("off", "until_asked" | "never") => engine.keys_off_by_default = value == "until_asked",
        _ => return Err(format!("`{attribute}={value}` is not known of an engine")),
    }
    Ok(())
}

fn table(words: &mut Words<'_>) -> Result<ObservedTable, String> {
    let mut table = ObservedTable::new(words.table()?, TableKind::Table);
    while words.next_attribute()? {
        let attribute = words.word()?;
        words.expect("=")?;
        match attribute {
            "kind" => table.kind = kind(words.word()?)?,
            "storage" => table.storage = Some(words.name()?),
            "inherits" => table.inherits = words.tables()?,
            "hook" => table.hooks.push(hook(words)?),
            other => return Err(format!("`{other}` is not known of a table")),
        }
    }
    Ok(table)
}

/// `audit(before,delete)`, `audit(after,update,a,b)`
fn hook(words: &mut Words<'_>) -> Result<Hook, String> {
    let name = words.name()?;
    let mut of = words.list()?.into_iter();
    let kind = of.next().and_then(|word| HookKind::named(&word));
    let event = of.next().and_then(|word| Event::named(&word));
    match (kind, event) {
        (Some(kind), Some(event)) => Ok(Hook { kind, event, name, columns: of.collect() }),
        _ => Err(format!("it isn't said what `{name}` is, or when it acts")),
    }
}

/// `(a,b) why="a call of `f`, which runs statements"`, or `*` for any table.
fn doubt(words: &mut Words<'_>) -> Result<Doubt, String> {
    let tables = if words.take("*") { None } else { Some(words.tables()?) };
    words.expect(" why=")?;
    let why = words.name()?;
    if words.is_empty() {
        Ok(Doubt { why, tables, origin: None })
    } else {
        Err("nothing may stand behind a doubt".to_owned())
    }
}

fn kind(word: &str) -> Result<TableKind, String> {
    match word {
        "partitioned" => Ok(TableKind::Partitioned),
        "partition" => Ok(TableKind::Partition),
        "foreign" => Ok(TableKind::Foreign),
        "view" => Ok(TableKind::View),
        "virtual" => Ok(TableKind::Virtual),
        other => Err(format!("`{other}` is no kind of table")),
    }
}

fn key(words: &mut Words<'_>) -> Result<ObservedKey, String> {
    let child = words.table()?;
    let columns = words.list()?;
    words.expect(" -> ")?;
    let parent = words.table()?;
    let parent_columns = words.list()?;
    let mut key = ObservedKey {
        name: None,
        parent,
        parent_columns,
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        deferrability: Deferrability::NotDeferrable,
        match_type: MatchType::Simple,
        columns: vec![ColumnFacts { nullable: false, has_default: false, generated: false }; columns.len()],
        child_kind: TableKind::Table,
        covering_index: None,
        child_rows: None,
        in_force: InForce::YES,
        firing_order: 0,
        check_disabled_in: Vec::new(),
        action_disabled_in: Vec::new(),
        whole: None,
        guards: Vec::new(),
        extension: None,
        origin: None,
        key: KeyName { table: child, columns },
    };
    while words.next_attribute()? {
        let attribute = words.word()?;
        if !flag(&mut key, attribute) {
            words.expect("=")?;
            value(&mut key, attribute, words)?;
        }
    }
    Ok(key)
}

fn flag(key: &mut ObservedKey, attribute: &str) -> bool {
    let force = &mut key.in_force;
    match attribute {
        "not_valid" => force.validated = false,
        "not_enforced" => force.enforced = false,
        "check_disabled" => force.check_enabled = false,
        "action_disabled" => force.action_enabled = false,
        "no_parent_key" => force.has_parent_key = false,
        "parent_not_unique" => force.parent_is_unique = false,
        _ => return false,
    }
    true
}

/// `amount_check(a,b)`, or `(a,b)` where it has no name.
fn guard(event: Event, kind: GuardKind, words: &mut Words<'_>) -> Result<Guard, String> {
    let name = if words.is_next("(") { None } else { Some(words.name()?) };
    Ok(Guard { event, kind, name, columns: words.list()? })
}

fn value(key: &mut ObservedKey, attribute: &str, words: &mut Words<'_>) -> Result<(), String> {
    let (event, word) = match attribute.strip_prefix(AT_UPDATE) {
        Some(word) => (Event::Update, word),
        None => (Event::Delete, attribute),
    };
    if let Some(kind) = GuardKind::named(word) {
        key.guards.push(guard(event, kind, words)?);
        return Ok(());
    }
    match attribute {
        "on_delete" => key.on_delete = words.action()?,
        "on_update" => key.on_update = words.action()?,
        "name" => key.name = Some(words.name()?),
        "kind" => key.child_kind = kind(words.word()?)?,
        "null" | "default" | "generated" => {
            let named = words.list()?;
            for (column, facts) in key.key.columns.iter().zip(&mut key.columns) {
                let is_so = named.contains(column);
                match attribute {
                    "null" => facts.nullable = is_so,
                    "default" => facts.has_default = is_so,
                    _ => facts.generated = is_so,
                }
            }
        }
        "check_disabled_in" => key.check_disabled_in = words.tables()?,
        "action_disabled_in" => key.action_disabled_in = words.tables()?,
        "whole" => key.whole = words.tables()?.pop(),
        "order" => {
            key.firing_order = words.word()?.parse().map_err(|_| "`order` takes a number".to_owned())?;
        }
        _ => match (attribute, words.word()?) {
            ("deferrable", "immediate") => key.deferrability = Deferrability::Immediate,
            ("deferrable", "deferred") => key.deferrability = Deferrability::Deferred,
            ("match", "full") => key.match_type = MatchType::Full,
            ("index", "yes") => key.covering_index = Some(true),
            ("index", "no") => key.covering_index = Some(false),
            (attribute, value) => return Err(format!("`{attribute}={value}` is not known of a key")),
        },
    }
    Ok(())
}

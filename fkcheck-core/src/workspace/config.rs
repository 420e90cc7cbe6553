//! `[workspace.metadata.fkcheck]` and `[package.metadata.fkcheck]`.
//!
//! Read from the text of `Cargo.toml`, not from cargo's JSON, so that a wrong key is shown where it stands.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use glob::Pattern;
use toml_edit::{Document, Item, TableLike, Value};

use super::{Filter, WorkspaceError};
#[cfg(feature = "database")]
use crate::collect::Facts;
use crate::grammar::nearest;
use crate::model::{
    DataClass, Engine, Erasure, FileId, Kept, Label, Level, Package, Problem, Root, RuleId, SourceFile,
    SourceMap, disk,
};

/// The configuration of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The environment variable with the database's URL; `DATABASE_URL` where not set.
    pub url_env: Option<String>,
    /// NO ACTION beside RESTRICT is a mismatch like any other, not a note.
    pub strict: bool,
    /// How long a source may take.
    pub deadline: Option<Duration>,
    /// Which tables are of interest where no annotation speaks of them.
    pub filter: Filter,
    /// What the rows of tables are worth whose annotations don't say, by pattern; the first that matches counts.
    pub data: Vec<(Pattern, DataClass)>,
    /// Levels of rules for the whole workspace.
    pub rules: RuleLevels,
    /// Levels of rules for single packages, by index.
    pub package_rules: Vec<(usize, RuleLevels)>,
    /// Whose rows are erased, and what is kept.
    pub erasure: Erasure,
    /// Several databases, each with its name.
    pub databases: Vec<Database>,
}

/// `rule = "level"` entries, the last one counts.
pub type RuleLevels = Vec<(RuleId, Level)>;

/// A section `[workspace.metadata.fkcheck.databases.NAME]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// The environment variable with its URL.
    pub url_env: Option<String>,
    /// Its migrations, absolute.
    pub migrations: Option<PathBuf>,
    /// Whether it may have no URL, and the snapshot or the migrations stand for it.
    pub optional: bool,
    /// The engine that its migrations are written for.
    pub backend: Option<Engine>,
    /// Files whose `table!` declarations describe it, absolute; empty: all.
    pub schema: Vec<PathBuf>,
    /// Which of its tables are of interest, beside the workspace's own filter.
    pub filter: Filter,
}

#[cfg(feature = "database")]
impl Database {
    /// Whether a `table!` describes this database, as far as the section tells: it lies in one of its files.
    pub(crate) fn declares(&self, table: &crate::model::Table, facts: &Facts) -> bool {
        let file = || &facts.sources.file(table.span.file).path;
        self.schema.is_empty() || self.schema.contains(file())
    }
}

const KEYS: [&str; 9] =
    ["data", "databases", "deadline", "erasure", "rules", "schemas", "strict", "tables", "url-env"];
const PACKAGE_KEYS: [&str; 1] = ["rules"];
const DATABASE_KEYS: [&str; 7] =
    ["backend", "migrations", "optional", "schema", "schemas", "tables", "url-env"];
const TABLES_KEYS: [&str; 1] = ["ignore"];
const ERASURE_KEYS: [&str; 2] = ["kept", "roots"];

/// Reads the configuration; every mistake in it is reported, not the first alone.
pub(super) fn read(root: &Path, packages: &[Package]) -> Result<Config, WorkspaceError> {
    let mut config = Config::default();
    let mut mistakes = Mistakes::default();
    let root_manifest = root.join("Cargo.toml");
    with_document(root, &root_manifest, &mut mistakes, |document, mistakes| {
        if let Some(section) = section(document, "workspace") {
            read_workspace(section, root, &mut config, mistakes);
        }
    });
    for (index, package) in packages.iter().enumerate() {
        with_document(root, &package.manifest_path, &mut mistakes, |document, mistakes| {
            let Some(section) = section(document, "package") else { return };
            // A package that is its own workspace has one place for all.
            if document.get("workspace").is_none() && packages.len() == 1 {
                read_workspace(section, root, &mut config, mistakes);
            } else {
                refuse_unknown(section, &PACKAGE_KEYS, mistakes);
                let mut levels = RuleLevels::new();
                read_rules(section, &mut levels, mistakes);
                config.package_rules.push((index, levels));
            }
        });
    }
    if mistakes.problems.is_empty() {
        Ok(config)
    } else {
        Err(WorkspaceError::Config { sources: mistakes.sources, problems: mistakes.problems })
    }
}

/// What is wrong, and the files it is in.
#[derive(Default)]
struct Mistakes {
    sources: SourceMap,
    problems: Vec<Problem>,
    file: Option<FileId>,
}

impl Mistakes {
    fn add(&mut self, span: Option<Range<usize>>, message: String, label: &str) {
        let label = self
            .file
            .zip(span)
            .map(|(file, bytes)| Label { span: self.sources.span(file, bytes), text: label.to_owned() });
        self.problems.push(Problem { message, label, help: Vec::new() });
    }

    /// `Cargo.toml:12:10`
    fn place(&self, span: Option<Range<usize>>) -> String {
        let span = self.file.zip(span).map(|(file, bytes)| self.sources.span(file, bytes));
        span.map_or_else(|| "Cargo.toml".to_owned(), |span| self.sources.place(span))
    }
}

fn with_document(
    root: &Path,
    path: &Path,
    mistakes: &mut Mistakes,
    read: impl FnOnce(&Document<String>, &mut Mistakes),
) {
    // A manifest that can't be read was reported by cargo already.
    let Ok(text) = disk::read_to_string(path) else { return };
    if !text.contains("fkcheck") {
        return;
    }
    let Ok(document) = Document::parse(text.clone()) else { return };
    let display = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let file = SourceFile { path: path.to_owned(), display, text: Arc::from(text) };
    mistakes.file = Some(mistakes.sources.add(file));
    read(&document, mistakes);
}

/// `[workspace.metadata.fkcheck]` or `[package.metadata.fkcheck]`.
fn section<'a>(document: &'a Document<String>, kind: &str) -> Option<&'a dyn TableLike> {
    document.get(kind)?.as_table_like()?.get("metadata")?.as_table_like()?.get("fkcheck")?.as_table_like()
}

fn read_workspace(section: &dyn TableLike, root: &Path, config: &mut Config, mistakes: &mut Mistakes) {
    refuse_unknown(section, &KEYS, mistakes);
    config.url_env = text(section, "url-env", mistakes);
    config.strict = boolean(section, "strict", mistakes);
    if let Some(item) = section.get("deadline") {
        match item.as_integer().and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0)
        {
            Some(seconds) => config.deadline = Some(Duration::from_secs(seconds)),
            None => mistakes.add(
                item.span(),
                "`deadline` takes a number of seconds".to_owned(),
                "not a number of seconds",
            ),
        }
    }
    read_rules(section, &mut config.rules, mistakes);
    config.filter = read_filter(section, mistakes);
    config.data = read_data(section, mistakes);
    config.erasure = read_erasure(section, mistakes);
    let Some(databases) = section.get("databases") else { return };
    match databases.as_table_like() {
        Some(table) => {
            config.databases =
                table.iter().filter_map(|(name, item)| read_database(name, item, root, mistakes)).collect();
        }
        None => mistakes.add(
            databases.span(),
            "`databases` takes sections: `[workspace.metadata.fkcheck.databases.NAME]`".to_owned(),
            "not a section",
        ),
    }
}

fn read_database(name: &str, item: &Item, root: &Path, mistakes: &mut Mistakes) -> Option<Database> {
    let Some(section) = item.as_table_like() else {
        mistakes.add(item.span(), format!("`databases.{name}` takes a section of its own"), "not a section");
        return None;
    };
    refuse_unknown(section, &DATABASE_KEYS, mistakes);
    let backend = text(section, "backend", mistakes).and_then(|word| {
        let engine = Engine::from_word(&word);
        if engine.is_none() {
            let span = section.get("backend").and_then(Item::span);
            mistakes.add(span, format!("unknown backend `{word}`"), "one of `postgres`, `mysql`, `sqlite`");
        }
        engine
    });
    let schema = match section.get("schema") {
        None => Vec::new(),
        Some(item) => {
            if let Some(files) = strings(item) {
                files.into_iter().map(|file| root.join(file)).collect()
            } else {
                mistakes.add(item.span(), "`schema` takes a path or a list of paths".to_owned(), "neither");
                Vec::new()
            }
        }
    };
    Some(Database {
        name: name.to_owned(),
        url_env: text(section, "url-env", mistakes),
        migrations: text(section, "migrations", mistakes).map(|dir| root.join(dir)),
        optional: boolean(section, "optional", mistakes),
        backend,
        schema,
        filter: read_filter(section, mistakes),
    })
}

/// `data."audit_*" = "audit"`
fn read_data(section: &dyn TableLike, mistakes: &mut Mistakes) -> Vec<(Pattern, DataClass)> {
    let Some(item) = section.get("data") else { return Vec::new() };
    let Some(table) = item.as_table_like() else {
        mistakes.add(item.span(), "`data` takes entries `\"pattern\" = \"class\"`".to_owned(), "not a table");
        return Vec::new();
    };
    let mut classes = Vec::new();
    for (name, item) in table.iter() {
        let class = match item.as_str() {
            Some("ephemeral") => DataClass::Ephemeral,
            Some("value") => DataClass::Value,
            Some("audit") => DataClass::Audit,
            _ => {
                let classes = "one of \"ephemeral\", \"value\", \"audit\"";
                mistakes.add(item.span(), format!("unknown data class for `{name}`"), classes);
                continue;
            }
        };
        match Pattern::new(name) {
            Ok(pattern) => classes.push((pattern, class)),
            Err(error) => {
                let span = table.get_key_value(name).and_then(|(key, _)| key.span());
                mistakes.add(span, format!("`{name}` is no pattern: {}", error.msg), "here");
            }
        }
    }
    classes
}

/// `erasure.roots = ["users"]` and `erasure.kept.invoices = "why"`
fn read_erasure(section: &dyn TableLike, mistakes: &mut Mistakes) -> Erasure {
    let mut erasure = Erasure::default();
    let Some(item) = section.get("erasure") else { return erasure };
    let Some(section) = item.as_table_like() else {
        let takes = "`erasure` takes a section: `[workspace.metadata.fkcheck.erasure]`";
        mistakes.add(item.span(), takes.to_owned(), "not a section");
        return erasure;
    };
    refuse_unknown(section, &ERASURE_KEYS, mistakes);
    if let Some(item) = section.get("roots") {
        if let Some(tables) = strings(item) {
            let root = |(at, table)| Root { table, place: Some(mistakes.place(span_in(item, at))) };
            erasure.roots = tables.into_iter().enumerate().map(root).collect();
        } else {
            let takes = "`roots` takes names of tables: `roots = [\"users\"]`".to_owned();
            mistakes.add(item.span(), takes, "not a list of strings");
        }
    }
    let Some(item) = section.get("kept") else { return erasure };
    let Some(kept) = item.as_table_like() else {
        let takes = "`kept` takes entries `table = \"why its rows are kept\"`".to_owned();
        mistakes.add(item.span(), takes, "not a table");
        return erasure;
    };
    for (table, item) in kept.iter() {
        if erasure.roots.iter().any(|root| root.table == table) {
            let message = format!("`{table}` is a root, whose rows are erased, and can't be kept");
            mistakes.add(item.span(), message, "a root");
            continue;
        }
        let Some(reason) = item.as_str().filter(|reason| !reason.trim().is_empty()) else {
            let message = format!("`{table}` is kept for no reason: `{table} = \"why\"`");
            mistakes.add(item.span(), message, "not a reason");
            continue;
        };
        let place = mistakes.place(item.span());
        erasure.kept.push(Kept { table: table.to_owned(), reason: reason.to_owned(), place });
    }
    erasure
}

/// `tables.ignore` and `schemas`.
fn read_filter(section: &dyn TableLike, mistakes: &mut Mistakes) -> Filter {
    let mut filter = Filter::default();
    if let Some(item) = section.get("schemas") {
        match strings(item) {
            Some(schemas) => filter.schemas = schemas,
            None => mistakes.add(
                item.span(),
                "`schemas` takes names of schemas".to_owned(),
                "not a list of strings",
            ),
        }
    }
    let Some(item) = section.get("tables") else { return filter };
    let Some(tables) = item.as_table_like() else {
        mistakes.add(item.span(), "`tables` takes `tables.ignore = [\"pattern\"]`".to_owned(), "not a table");
        return filter;
    };
    refuse_unknown(tables, &TABLES_KEYS, mistakes);
    let Some(item) = tables.get("ignore") else { return filter };
    let Some(patterns) = strings(item) else {
        mistakes.add(item.span(), "`tables.ignore` takes patterns".to_owned(), "not a list of strings");
        return filter;
    };
    for (at, pattern) in patterns.into_iter().enumerate() {
        match Pattern::new(&pattern) {
            Ok(pattern) => filter.ignore.push(pattern),
            Err(error) => {
                let meant = nearest_pattern(&pattern);
                let message = format!("`{pattern}` is no pattern, {}: did you mean `{meant}`?", error.msg);
                mistakes.add(span_in(item, at), message, "no pattern");
            }
        }
    }
    filter
}

/// A pattern that may have been meant: with one star for several, else with every sign as it stands.
fn nearest_pattern(pattern: &str) -> String {
    let mut single = pattern.to_owned();
    while single.contains("**") {
        single = single.replace("**", "*");
    }
    if Pattern::new(&single).is_ok() { single } else { Pattern::escape(pattern) }
}

fn read_rules(section: &dyn TableLike, levels: &mut RuleLevels, mistakes: &mut Mistakes) {
    let Some(item) = section.get("rules") else { return };
    let Some(table) = item.as_table_like() else {
        mistakes.add(item.span(), "`rules` takes entries `rule = \"level\"`".to_owned(), "not a table");
        return;
    };
    for (name, item) in table.iter() {
        let span = table.get_key_value(name).and_then(|(key, _)| key.span());
        let Some(rule) = RuleId::named(name) else {
            mistakes.add(
                span,
                format!("unknown rule `{name}`"),
                &advice(name, &RuleId::names().collect::<Vec<_>>()),
            );
            continue;
        };
        match item.as_str().and_then(level) {
            Some(level) => levels.push((rule, level)),
            None => mistakes.add(
                item.span(),
                format!("unknown level for `{name}`"),
                "one of \"allow\", \"warn\", \"deny\"",
            ),
        }
    }
}

fn level(word: &str) -> Option<Level> {
    match word {
        "allow" => Some(Level::Allow),
        "warn" => Some(Level::Warn),
        "deny" => Some(Level::Deny),
        _ => None,
    }
}

fn refuse_unknown(section: &dyn TableLike, known: &[&str], mistakes: &mut Mistakes) {
    for (name, _) in section.iter().filter(|(name, _)| !known.contains(name)) {
        let span = section.get_key_value(name).and_then(|(key, _)| key.span());
        let advice = if known == PACKAGE_KEYS && KEYS.contains(&name) {
            "it goes into `[workspace.metadata.fkcheck]`".to_owned()
        } else {
            advice(name, known)
        };
        mistakes.add(span, format!("unknown key `{name}` in the configuration of fkcheck"), &advice);
    }
}

fn advice(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.len() > KEYS.len() => "`cargo fkcheck explain` lists them all".to_owned(),
        None => format!("known: {}", known.join(", ")),
    }
}

fn text(section: &dyn TableLike, key: &str, mistakes: &mut Mistakes) -> Option<String> {
    let item = section.get(key)?;
    let text = item.as_str().map(ToOwned::to_owned);
    if text.is_none() {
        mistakes.add(item.span(), format!("`{key}` takes a string"), "not a string");
    }
    text
}

/// False where it isn't there.
fn boolean(section: &dyn TableLike, key: &str, mistakes: &mut Mistakes) -> bool {
    let Some(item) = section.get(key) else { return false };
    let value = item.as_bool();
    if value.is_none() {
        mistakes.add(item.span(), format!("`{key}` takes `true` or `false`"), "not a boolean");
    }
    value.unwrap_or_default()
}

/// Where one of them stands.
fn span_in(item: &Item, at: usize) -> Option<Range<usize>> {
    match item.as_array() {
        Some(array) => array.get(at).and_then(Value::span),
        None => item.span(),
    }
}

/// A string, or an array of strings.
fn strings(item: &Item) -> Option<Vec<String>> {
    if let Some(text) = item.as_str() {
        return Some(vec![text.to_owned()]);
    }
    item.as_array()?.iter().map(|value| value.as_str().map(ToOwned::to_owned)).collect()
}

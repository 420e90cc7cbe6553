//! The edits as they come together, key by key.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use super::attribute::{Key, Parent, fk_attribute};
use super::carrier::{self, Record};
use super::edits::{self, Edits};
use super::import::{self, Import};
use super::site::Around;
use super::{Options, manifest, names, tables_file};
use crate::collect::{Facts, Joins};
use crate::compare::Comparison;
use crate::model::{
    Claim, Column, Joinable, KeyId, KeyName, Model, ObservedKey, Table, TableKind, TableName,
};
use crate::run;
use crate::store;
use crate::workspace::{Database, Workspace};

/// What is known and what is done so far.
pub(super) struct Draft<'a> {
    facts: &'a Facts,
    workspace: &'a Workspace,
    options: &'a Options,
    shown: &'a [bool],
    /// Keys that can't be declared as the source shows them, and why.
    refused: &'a HashMap<KeyId, String>,
    joins: Joins<'a>,
    records: HashMap<TableName, Option<Record<'a>>>,
    /// Lines of `foreign_keys!`.
    lines: Vec<Line<'a>>,
    /// What the edits declare by now, by the sorted columns; one for each parent.
    done: HashMap<KeyName, Vec<&'a ObservedKey>>,
    /// Tables that are declared twice, and have been asked about.
    doubled: HashSet<TableName>,
    /// Structs that have the derive by now, by file and byte.
    derived: HashSet<(PathBuf, usize)>,
    imported: HashMap<PathBuf, bool>,
    packages: BTreeSet<usize>,
    drafted: Drafted,
}

/// What comes of it.
#[derive(Default)]
pub(super) struct Drafted {
    pub(super) edits: Edits,
    /// What the edits declare.
    pub(super) declared: Vec<KeyId>,
    pub(super) keys: usize,
    pub(super) nones: usize,
    pub(super) questions: Vec<(KeyId, String)>,
    pub(super) left_out: Vec<String>,
    pub(super) by_hand: Vec<String>,
}

/// What a line of `foreign_keys!` says.
struct Line<'a> {
    id: KeyId,
    table: &'a Table,
    says: Says<'a>,
}

enum Says<'a> {
    Key(Key<'a>),
    None(&'a Column, String),
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        facts: &'a Facts,
        workspace: &'a Workspace,
        options: &'a Options,
        shown: &'a [bool],
        refused: &'a HashMap<KeyId, String>,
    ) -> Self {
        Draft {
            facts,
            workspace,
            options,
            shown,
            refused,
            joins: Joins::new(facts),
            records: HashMap::new(),
            lines: Vec::new(),
            done: HashMap::new(),
            doubled: HashSet::new(),
            derived: HashSet::new(),
            imported: HashMap::new(),
            packages: BTreeSet::new(),
            drafted: Drafted::default(),
        }
    }

    /// Adds the keys that no annotation speaks of; the section's `schema`, where it has one, tells which `table!` are meant.
    pub(super) fn add_keys(&mut self, comparison: &Comparison<'a>, section: Option<&Database>) {
        let mut keys = Vec::new();
        for &observed in &comparison.undeclared {
            match by_schema(self.facts, comparison, section, observed) {
                Ok(key) => keys.push(key),
                Err(why) => {
                    self.drafted.left_out.push(format!("`{}` → `{}`: {why}", observed.key, observed.parent));
                }
            }
        }
        // The schema's order, not the source's.
        keys.sort_by_cached_key(|key| {
            let columns: Vec<_> = key.columns.iter().map(|column| column.span.start_key()).collect();
            (key.child.name.clone(), columns, key.observed.firing_order)
        });
        for key in keys {
            self.add_key(comparison, section, key);
        }
        self.drafted.left_out.extend(run::doubts(comparison.observation));
    }

    fn add_key(&mut self, comparison: &Comparison<'a>, section: Option<&Database>, key: Key<'a>) {
        let name = KeyName {
            table: key.child.name.clone(),
            columns: key.columns.iter().map(|column| column.name.clone()).collect(),
        };
        let parent = key.parent.map_or(&key.observed.parent, |table| &table.name).clone();
        let id = KeyId { key: name.clone(), parent: Some(parent) };
        let done = self.done.entry(sorted(&name)).or_default();
        if let Some(other) = done.iter().find(|other| other.parent == key.observed.parent) {
            let says = |key: &'a ObservedKey| (&key.on_delete, &key.on_update, key.deferrability);
            if says(other) != says(key.observed) {
                let text = format!(
                    "`{name}` has more than one key to `{}`, or databases differ on it; one ON DELETE {} is not annotated",
                    key.observed.parent, key.observed.on_delete
                );
                self.drafted.questions.push((id, text));
            }
            return;
        }
        done.push(key.observed);
        if !self.is_wanted(comparison, key.child) || self.is_refused(&id) {
            return;
        }
        if self.is_said_of_all(&name) {
            let text = format!(
                "`{id}` is not annotated: an annotation of `{name}` names no parent, so it would speak of both; write `references = ..` there, and annotate again"
            );
            self.drafted.questions.push((id, text));
            return;
        }
        self.ask_which_declaration(section, &id);
        for doubt in key.doubts() {
            self.drafted.questions.push((
                id.clone(),
                format!("`{name}`: {}; `{}` is allowed for now", doubt.reason, doubt.rule),
            ));
        }
        self.drafted.declared.push(id.clone());
        self.drafted.keys += 1;
        let Some(Some(record)) = self.records.get(&key.child.name) else {
            self.lines.push(Line { id, table: key.child, says: Says::Key(key) });
            return;
        };
        let field = match &key.columns[..] {
            [column] => record.site.fields.iter().find(|(name, _)| *name == column.ident).map(|(_, at)| *at),
            _ => None,
        };
        let is_of_several = comparison
            .keys_on(&name)
            .any(|other| !comparison.same_table(&key.observed.parent, &other.parent));
        let parent = self.parent_for(&name, &key, record, field.is_some(), is_of_several);
        let condition = record.site.derive.as_ref().and_then(|derive| derive.condition.as_deref());
        let attribute = key.attribute(&parent, field.is_none(), condition);
        let at = field.unwrap_or(record.site.at);
        self.annotate(&key.child.name, at, &attribute);
    }

    /// Whether the edited sources would not say what the source shows; a person is asked then.
    fn is_refused(&mut self, id: &KeyId) -> bool {
        let Some(why) = self.refused.get(id) else { return false };
        let text = format!("`{id}` is not annotated: {why}; bring both together, and annotate again");
        self.drafted.questions.push((id.clone(), text));
        true
    }

    /// Whether the table's record has an annotation of these columns that names no parent.
    fn is_said_of_all(&self, name: &KeyName) -> bool {
        let Some(Some(record)) = self.records.get(&name.table) else { return false };
        let is_open = |claim: &Claim| {
            let names_one = claim.parent.as_ref().is_some_and(|parent| claim.span.contains(parent.span));
            let speaks = claim.on_delete.is_some() || claim.on_update.is_some() || claim.name.is_some();
            claim.model.as_ref() == Some(&record.model.name) && speaks && !names_one
        };
        self.facts.keys_on(name).flat_map(|declared| &declared.claims).any(is_open)
    }

    /// Asks, once a table, which of several `table!` the database's is.
    fn ask_which_declaration(&mut self, section: Option<&Database>, id: &KeyId) {
        let name = &id.key.table;
        let places: Vec<String> = self
            .facts
            .tables_named(name)
            .filter(|table| section.is_none_or(|section| section.declares(table, self.facts)))
            .map(|table| format!("`{}`", self.facts.sources.place(table.span)))
            .collect();
        if places.len() > 1 && self.doubled.insert(name.clone()) {
            let text = format!(
                "`{name}` is declared by {} `table!`, at {}; are its keys annotated at the right one?",
                places.len(),
                places.join(" and ")
            );
            self.drafted.questions.push((id.clone(), text));
        }
    }

    /// Finds the table's record; false where the table is of a package that is not asked for.
    fn is_wanted(&mut self, comparison: &Comparison<'a>, table: &'a Table) -> bool {
        if !self.records.contains_key(&table.name) {
            let facts = self.facts;
            let models: Vec<&Model> = facts
                .models
                .iter()
                .filter(|model| comparison.same_table(&model.table, &table.name) || model.table == table.name)
                .filter(|model| {
                    // Its keys go into a file that may be written.
                    let path = &facts.sources.file(model.span.file).path;
                    store::foreign(&self.workspace.root, path).is_none()
                })
                .collect();
            let record = carrier::of_table(&models, table, facts, self.workspace);
            self.records.insert(table.name.clone(), record);
        }
        let record = self.records.get(&table.name).and_then(Option::as_ref);
        self.shown[record.map_or(table.package, |record| record.model.package)]
    }

    /// How the annotation names the parent: not at all where it is told anyway, and is the only one.
    fn parent_for(
        &self,
        name: &KeyName,
        key: &Key<'a>,
        record: &Record<'a>,
        on_field: bool,
        is_of_several: bool,
    ) -> Parent {
        let told = self.joins.parent_of(name, &record.model.belongs_to);
        let is_referenced = key.parent.is_some_and(|parent| {
            let referenced = key.parent_columns.iter().map(|column| &column.name);
            let meant = told.as_ref().map_or(&parent.primary_key, |told| match &told.columns[..] {
                [] => &parent.primary_key,
                _ => &told.columns,
            });
            !key.parent_columns.is_empty() && referenced.eq(meant.iter())
        });
        let is_told =
            told.as_ref().is_some_and(|told| key.parent.is_some_and(|parent| parent.name == told.table));
        if is_told
            && is_referenced
            && !is_of_several
            && (!on_field || self.has_known_table(name, record.model))
        {
            return Parent::Told;
        }
        let path = key
            .parent
            .filter(|_| !key.parent_columns.is_empty())
            .and_then(|parent| names::path_in(&record.site, key.child, parent));
        path.map_or(Parent::Text, Parent::Path)
    }

    /// Whether the compiler can tell the table of the struct that `belongs_to` names, if it names one.
    fn has_known_table(&self, name: &KeyName, model: &Model) -> bool {
        let mut own = model.belongs_to.iter().filter(|join| join.key == *name);
        own.all(|join| {
            let parent = self.facts.sources.text(join.span);
            let mut models = self.facts.models.iter().filter(|model| model.name == parent).peekable();
            models.peek().is_some()
                && models.all(|model| model.derives.iter().any(|derive| derive == "Identifiable"))
        })
    }

    /// Says `none` of columns that `belongs_to` or `joinable!` takes for a key and no source has one on.
    pub(super) fn add_nones(&mut self, comparisons: &[Comparison<'a>], made: &[Comparison<'_>]) {
        let mut joins: BTreeMap<&'a KeyName, Vec<(&'a Joinable, &'static str)>> = BTreeMap::new();
        let of_models = self.facts.models.iter().flat_map(|model| &model.belongs_to);
        let all = of_models
            .map(|join| (join, "belongs_to"))
            .chain(self.facts.joinables.iter().map(|join| (join, "joinable!")));
        all.for_each(|(join, said_by)| joins.entry(&join.key).or_default().push((join, said_by)));
        for (name, joins) in joins {
            let parents = || joins.iter().map(|(join, _)| &join.parent);
            // Two structs of one table, joined by its primary key.
            let is_same_row = parents().all(|parent| *parent == name.table)
                && self.facts.table(&name.table).is_some_and(|table| table.primary_key == name.columns);
            if self.facts.keys_on(name).next().is_none() && !is_same_row {
                self.add_none(comparisons, made, name, &joins);
            }
        }
    }

    fn add_none(
        &mut self,
        comparisons: &[Comparison<'a>],
        made: &[Comparison<'_>],
        name: &KeyName,
        joins: &[(&Joinable, &str)],
    ) {
        let is_table = |comparison: &Comparison<'_>, name: &TableName| {
            comparison.observed_table(name).is_some_and(|table| table.kind != TableKind::View)
        };
        let Some(comparison) = comparisons.iter().find(|comparison| is_table(comparison, &name.table)) else {
            return;
        };
        let parents: BTreeSet<&TableName> = joins
            .iter()
            .map(|(join, _)| &join.parent)
            .filter(|parent| comparisons.iter().any(|comparison| is_table(comparison, parent)))
            .collect();
        let has_key = comparisons.iter().any(|comparison| !comparison.keys_with(joins[0].0).is_empty());
        let table = self.facts.table(&name.table);
        let Some((table, column)) =
            table.and_then(|table| Some((table, table.column(name.columns.first()?)?)))
        else {
            return;
        };
        let is_open = comparisons.iter().any(|source| source.doubt_about(&name.table).is_some());
        let is_done =
            is_open || comparison.ignores(&name.table) || has_key || self.done.contains_key(&sorted(name));
        if is_done || parents.is_empty() || !self.is_wanted(comparison, table) {
            return;
        }
        if made.iter().any(|made| !made.keys_with(joins[0].0).is_empty()) {
            self.drafted.left_out.push(format!(
                "`{name}`: the migrations make a foreign key here, and {} has none; bring both together, and annotate again",
                comparison.observation.label
            ));
            return;
        }
        let said_by: BTreeSet<&str> = joins.iter().map(|(_, said_by)| *said_by).collect();
        let name_them = if said_by.len() == 1 { "names" } else { "name" };
        let said_by = said_by.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" and ");
        let parents =
            parents.into_iter().map(|parent| format!("`{parent}`")).collect::<Vec<_>>().join(" and ");
        let id = KeyId { key: name.clone(), parent: None };
        if self.is_refused(&id) {
            return;
        }
        self.drafted.questions.push((
            id.clone(),
            format!(
                "`{name}`: {said_by} {name_them} {parents}, and there is no foreign key; is that on purpose?"
            ),
        ));
        self.drafted.declared.push(id.clone());
        self.drafted.nones += 1;
        let entries =
            format!("none, reason = {:?}", format!("TODO: no foreign key to {parents}, on purpose?"));
        let Some(Some(record)) = self.records.get(&table.name) else {
            self.lines.push(Line { id, table, says: Says::None(column, entries) });
            return;
        };
        let condition = record.site.derive.as_ref().and_then(|derive| derive.condition.as_deref());
        let field = record.site.fields.iter().find(|(name, _)| *name == column.ident);
        let (at, attribute) = if let Some((_, at)) = field {
            (*at, fk_attribute(&entries, condition))
        } else {
            let entries = format!("columns({}), {entries}", names::ident(&column.ident));
            (record.site.at, fk_attribute(&entries, condition))
        };
        self.annotate(&table.name, at, &attribute);
    }

    /// Adds an attribute to a table's record, and the derive with the first.
    fn annotate(&mut self, table: &TableName, at: usize, attribute: &str) {
        let Some(Some(Record { model, source, site })) = self.records.get(table) else { return };
        self.packages.insert(model.package);
        let mut insert = |at: usize, inserted: String| {
            self.drafted.edits.insert(&source.path, &source.display, &source.text, at, inserted);
        };
        if !model.derives_foreign_keys && self.derived.insert((source.path.clone(), site.at)) {
            let names_by_path = site.around != Around::File
                || site.derive.as_ref().is_some_and(|derive| derive.by_path || derive.condition.is_some());
            let is_imported = !names_by_path
                && *self.imported.entry(source.path.clone()).or_insert_with(|| {
                    match import::of_file(&source.text) {
                        Import::Present => true,
                        Import::Add(at, inserted) => {
                            insert(at, inserted);
                            true
                        }
                        Import::Taken => false,
                    }
                });
            let name = if is_imported { "ForeignKeys" } else { "fkcheck_macros::ForeignKeys" };
            let (at, inserted) = edits::derive(&source.text, site.derive.as_ref(), site.at, name);
            insert(at, inserted);
        }
        insert(at, edits::attribute(&source.text, at, attribute));
    }

    /// Puts the lines into their files and the dependency into the manifests.
    pub(super) fn finish(mut self) -> Drafted {
        self.write_lines();
        for &package in &self.packages {
            let package = &self.facts.packages[package];
            if !self.options.no_manifest {
                let path = self.options.dependency_path.as_deref();
                let added = manifest::add(&self.workspace.root, package, path, &mut self.drafted.edits);
                self.drafted.by_hand.extend(added.err());
            } else if !manifest::is_there(package) {
                self.drafted.by_hand.push(manifest::advice(package));
            }
        }
        self.drafted
    }

    /// `foreign_keys! { .. }`, a file for each `schema.rs`, or one for all where it is named.
    fn write_lines(&mut self) {
        let mut files: BTreeMap<PathBuf, Vec<Line<'a>>> = BTreeMap::new();
        let schema_of = |line: &Line<'_>| &self.facts.sources.file(line.table.span.file).path;
        for line in std::mem::take(&mut self.lines) {
            let named = self.options.tables_file.clone();
            files
                .entry(named.unwrap_or_else(|| tables_file::beside(schema_of(&line))))
                .or_default()
                .push(line);
        }
        for (file, lines) in files {
            let sibling = self.options.tables_file.is_none().then(|| schema_of(&lines[0]).as_path());
            let package = self.workspace.package_of(&file);
            let path = |table: &Table| (package == Some(table.package)).then(|| self.crate_path(table));
            let texts: Vec<String> = lines.iter().map(|line| line.text(&path)).collect();
            match tables_file::add(&file, sibling, &texts, &self.workspace.root, &mut self.drafted.edits) {
                Ok(()) => self.packages.extend(package),
                Err(why) => {
                    for line in &lines {
                        self.drafted.left_out.push(format!("`{}`: {why}", line.id.key));
                        self.drafted.declared.retain(|id| *id != line.id);
                        match line.says {
                            Says::Key(_) => self.drafted.keys -= 1,
                            Says::None(..) => self.drafted.nones -= 1,
                        }
                    }
                }
            }
        }
    }

    /// `crate::schema::users`
    fn crate_path(&self, table: &Table) -> String {
        let file = &self.facts.sources.file(table.span.file).path;
        let root =
            self.workspace.files.iter().find(|input| input.path == *file).map_or(0, |input| input.root);
        let modules = table.modules.iter().skip(root).chain([&table.module]);
        modules.fold("crate".to_owned(), |path, module| format!("{path}::{}", names::ident(module)))
    }
}

/// The key by the names that the schema has; else why there is none.
fn by_schema<'a>(
    facts: &'a Facts,
    comparison: &Comparison<'a>,
    section: Option<&Database>,
    observed: &'a ObservedKey,
) -> Result<Key<'a>, String> {
    let is_of_section = |table: &&Table| section.is_none_or(|section| section.declares(table, facts));
    let declared = |name: &TableName, is_best: &dyn Fn(&Table) -> bool| {
        let first = comparison.table_of(name)?;
        let all = || facts.tables_named(&first.name).filter(is_of_section);
        all().find(|table| is_best(table)).or_else(|| all().next()).or(Some(first))
    };
    let child = declared(&observed.key.table, &|_| true).ok_or("no `table!` declares the child table")?;
    let case = comparison.engine().column_case;
    let column =
        |table: &'a Table, name: &String| table.columns.iter().find(|column| case.same(&column.name, name));
    let columns: Option<Vec<_>> = observed.key.columns.iter().map(|name| column(child, name)).collect();
    let columns = columns.ok_or_else(|| format!("`table! {{ {} }}` has no such column", child.name))?;
    let is_beside = |table: &Table| table.package == child.package && table.modules == child.modules;
    let parent = declared(&observed.parent, &is_beside);
    let parent_columns =
        parent.and_then(|parent| observed.parent_columns.iter().map(|name| column(parent, name)).collect());
    Ok(Key {
        observed,
        engine: comparison.engine(),
        child,
        columns,
        parent,
        parent_columns: parent_columns.unwrap_or_default(),
    })
}

/// With the columns in an order of their own: two keys on the same columns are one declaration.
fn sorted(name: &KeyName) -> KeyName {
    let mut sorted = name.clone();
    sorted.columns.sort_unstable();
    sorted
}

impl Line<'_> {
    /// The line; `path` tells how the file names a table.
    fn text(&self, path: &dyn Fn(&Table) -> Option<String>) -> String {
        let child = path(self.table).unwrap_or_else(|| format!("{:?}", self.table.name.to_string()));
        match &self.says {
            Says::Key(key) => {
                let parent = key.parent.filter(|_| !key.parent_columns.is_empty()).and_then(path);
                key.line(&child, &parent.map_or(Parent::Text, Parent::Path))
            }
            Says::None(column, entries) => format!("{child} ({}), {entries};", names::ident(&column.ident)),
        }
    }
}

//! Tables and structs by the paths that name them, and what is left of a file once its tables are known.

use std::collections::{BTreeSet, HashMap};

use super::functions::Read;
use super::paths::Scope;
use super::raw::{RawColumnRef, RawJoinable, RawLine, RawModel, RawTableRef};
use super::reexports::Reexports;
use crate::grammar;
use crate::model::{Allowance, FileId, Package, Problem, Span, Stated, Table, TableName};

/// What is left of a file's facts once its tables have moved into `Facts`.
pub(super) struct File {
    pub(super) id: FileId,
    pub(super) package: usize,
    pub(super) joinables: Vec<RawJoinable>,
    pub(super) models: Vec<RawModel>,
    pub(super) lines: Vec<RawLine>,
    pub(super) scope: Scope,
    /// Its functions.
    pub(super) read: Read,
    /// What it includes and no build has made.
    pub(super) not_made: Vec<Problem>,
}

pub(super) fn in_file(span: Span, file: FileId) -> Span {
    Span { file, ..span }
}

pub(super) fn allowance_in(allowance: &Allowance, file: FileId) -> Allowance {
    Allowance {
        rule: Stated { value: allowance.rule.value, span: in_file(allowance.rule.span, file) },
        reason: allowance.reason.clone(),
    }
}

/// Where a path stands: the file, and the inline modules around it.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) file: &'a File,
    pub(super) modules: &'a [String],
}

fn last_segments(meanings: &[Vec<String>]) -> BTreeSet<&str> {
    meanings.iter().filter_map(|meaning| meaning.last()).map(String::as_str).collect()
}

/// Looks up tables and structs by the paths that name them.
pub(super) struct Names<'a> {
    packages: &'a [Package],
    tables: &'a [Table],
    tables_by_module: HashMap<&'a str, Vec<usize>>,
    tables_by_name: HashMap<&'a TableName, Vec<usize>>,
    /// Structs by name: the file's index and the struct.
    structs: HashMap<&'a str, Vec<(&'a File, &'a RawModel)>>,
    reexports: Reexports<'a>,
}

impl<'a> Names<'a> {
    pub(super) fn new(packages: &'a [Package], tables: &'a [Table], files: &'a [File]) -> Self {
        let mut tables_by_module: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut tables_by_name: HashMap<&TableName, Vec<usize>> = HashMap::new();
        for (at, table) in tables.iter().enumerate() {
            tables_by_module.entry(&table.module).or_default().push(at);
            tables_by_name.entry(&table.name).or_default().push(at);
        }
        let mut structs: HashMap<&str, Vec<(&File, &RawModel)>> = HashMap::new();
        for file in files {
            for model in &file.models {
                structs.entry(&model.name).or_default().push((file, model));
            }
        }
        let reexports = Reexports::new(files.iter().map(|file| &file.scope));
        Names { packages, tables, tables_by_module, tables_by_name, structs, reexports }
    }

    pub(super) fn tables_named(&self, name: &TableName) -> impl Iterator<Item = &'a Table> {
        self.tables_by_name.get(name).into_iter().flatten().map(|&at| &self.tables[at])
    }

    /// The table that a path means.
    pub(super) fn table_at(&self, at: Site<'_>, path: &[String]) -> Option<&'a Table> {
        self.table_among(at, &self.paths_of_table(at, path))
    }

    /// Where the table may lie that a path means.
    pub(super) fn paths_of_table(&self, at: Site<'_>, path: &[String]) -> Vec<Vec<String>> {
        let is_table = |path: &[String]| self.tables_in(path.last()).any(|table| self.path_to(table) == path);
        self.reexports.followed(at.file.scope.meanings(at.modules, path), &is_table)
    }

    pub(super) fn table_among(&self, at: Site<'_>, paths: &[Vec<String>]) -> Option<&'a Table> {
        let last = last_segments(paths);
        let tables = last.into_iter().flat_map(|module| self.tables_in(Some(module)));
        let candidates = tables.map(|table| (table, self.path_to(table)));
        at.file.scope.best(at.modules, paths, candidates).into_iter().next()
    }

    /// The tables whose module has this name.
    pub(super) fn tables_in(&self, module: Option<impl AsRef<str>>) -> impl Iterator<Item = &'a Table> {
        let places = module.and_then(|module| self.tables_by_module.get(module.as_ref()));
        places.into_iter().flatten().map(|&at| &self.tables[at])
    }

    pub(super) fn path_to(&self, table: &Table) -> Vec<String> {
        let krate = self.packages.get(table.package).map_or_else(String::new, Package::crate_name);
        [&[krate], &table.modules[..], std::slice::from_ref(&table.module)].concat()
    }

    /// The SQL name that a reference means; the identifier itself where no such table is known.
    pub(super) fn table(&self, at: Site<'_>, raw: &RawTableRef) -> TableName {
        match raw {
            RawTableRef::Sql(name) => name.clone(),
            RawTableRef::Path(segments) => {
                let paths = self.paths_of_table(at, segments);
                let unknown = || paths.iter().find_map(|path| path.last()).or(segments.last());
                match self.table_among(at, &paths) {
                    Some(table) => table.name.clone(),
                    None => TableName::bare(unknown().cloned().unwrap_or_default()),
                }
            }
        }
    }

    /// The SQL name of a column named by its identifier.
    pub(super) fn column(&self, table: &TableName, raw: &RawColumnRef) -> String {
        let by_ident = || {
            let mut columns = self.tables_named(table).flat_map(|table| &table.columns);
            columns.find(|column| column.ident == raw.name).map(|column| column.name.clone())
        };
        if raw.is_sql { raw.name.clone() } else { by_ident().unwrap_or_else(|| raw.name.clone()) }
    }

    /// The table that a struct serves, and the columns of its `primary_key(..)`: of the struct which the path means, else
    /// Diesel's default name.
    pub(super) fn table_of_struct(&self, at: Site<'_>, path: &[String]) -> Option<(TableName, Vec<String>)> {
        let meanings = self.paths_of_struct(at, path);
        if let Some((file, model)) = self.struct_among(at, &meanings) {
            let at = Site { file, modules: &model.modules };
            let table = self.table(at, model.tables.first()?);
            // A single column can refer to a single one.
            let columns = match &model.primary_key[..] {
                [column] => vec![self.column(&table, column)],
                _ => Vec::new(),
            };
            return Some((table, columns));
        }
        let default = |name| {
            let table = self.table_at(at, &[grammar::table_name_of(name)])?;
            Some((table.name.clone(), Vec::new()))
        };
        last_segments(&meanings).into_iter().find_map(default)
    }

    fn structs_named(&self, name: &str) -> impl Iterator<Item = &(&'a File, &'a RawModel)> {
        self.structs.get(name).into_iter().flatten()
    }

    /// Where the struct may lie that a path means.
    fn paths_of_struct(&self, at: Site<'_>, path: &[String]) -> Vec<Vec<String>> {
        let is_struct = |path: &[String]| {
            let mut named = path.last().into_iter().flat_map(|name| self.structs_named(name));
            named.any(|&(file, model)| file.scope.path_to(&model.modules, &model.name) == path)
        };
        self.reexports.followed(at.file.scope.meanings(at.modules, path), &is_struct)
    }

    fn struct_among(&self, at: Site<'_>, paths: &[Vec<String>]) -> Option<(&'a File, &'a RawModel)> {
        let candidates = last_segments(paths)
            .into_iter()
            .flat_map(|name| self.structs_named(name))
            .map(|&(file, model)| ((file, model), file.scope.path_to(&model.modules, &model.name)));
        at.file.scope.best(at.modules, paths, candidates).into_iter().next()
    }

    /// The table that the struct serves which a path means, and its name; none where no struct of that name serves one.
    pub(super) fn struct_at(&self, at: Site<'_>, path: &[String]) -> Option<(TableName, String)> {
        let (file, model) = self.struct_among(at, &self.paths_of_struct(at, path))?;
        let site = Site { file, modules: &model.modules };
        let table = model.tables.first().filter(|table| match table {
            RawTableRef::Path(path) => model.names_table || self.table_at(site, path).is_some(),
            RawTableRef::Sql(_) => true,
        })?;
        Some((self.table(site, table), model.name.clone()))
    }

    /// The table that a path in an expression means; `shortened` takes off what Diesel's modules add.
    pub(super) fn table_of_expression(
        &self,
        at: Site<'_>,
        path: &[String],
        shortened: &dyn Fn(&[String]) -> Vec<String>,
    ) -> Option<&'a Table> {
        let is_table = |path: &[String]| self.tables_in(path.last()).any(|table| self.path_to(table) == path);
        let meanings = at.file.scope.meanings(at.modules, path);
        let meanings = meanings.iter().map(|meaning| shortened(meaning)).collect();
        let ends = self.reexports.followed(meanings, &is_table);
        let ends: Vec<Vec<String>> = ends.iter().map(|end| shortened(end)).collect();
        self.table_among(at, &ends)
    }
}

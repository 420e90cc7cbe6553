//! From paths to tables and functions, over all files.

use std::collections::{HashMap, HashSet};

use super::raw::{Owner, RawDeed, RawFunction, RawType, RawValue, Set};
use crate::collect::names::{File, Names, Site, allowance_in, in_file};
use crate::model::{Act, By, Column, Deed, Function, Rows, TableName};

/// Functions that return what others return are followed so far.
const HOPS: usize = 6;

/// Columns that mark a row as deleted, by a part of the name.
const MARKS: [&str; 7] =
    ["deleted", "time_deleted", "is_deleted", "removed", "deleted_at", "removed_at", "tombstone"];

/// Methods that run a query: what they return are rows.
const LOADS: [&str; 8] = [
    "load",
    "first",
    "get_result",
    "get_results",
    "load_iter",
    "load_stream",
    "get_result_async",
    "load_async",
];

/// A function, once for each type that it is a function of.
struct Known<'a> {
    file: &'a File,
    raw: &'a RawFunction,
    /// What `Self` is.
    own: Option<(Site<'a>, &'a RawType)>,
    /// The last segment of it, or of the trait.
    owner: Option<&'a str>,
}

/// What a value is.
#[derive(Clone, Debug)]
enum Meant {
    /// A table, or a query on it.
    Query(TableName),
    /// Rows of a table, as this struct where it is known.
    Rows(TableName, Option<String>),
    /// A value of another type.
    Other(String),
}

impl Meant {
    fn table(self) -> Option<TableName> {
        match self {
            Meant::Query(table) | Meant::Rows(table, _) => Some(table),
            Meant::Other(_) => None,
        }
    }
}

/// All functions that do something to rows, or call one that may.
pub(in crate::collect) fn resolve(files: &[File], names: &Names<'_>) -> Vec<Function> {
    let all = Functions::new(files, names);
    let functions: Vec<Function> = all.known.iter().map(|known| all.function(known)).collect();
    without_idle(functions)
}

struct Functions<'a> {
    names: &'a Names<'a>,
    known: Vec<Known<'a>>,
    by_owner: HashMap<(&'a str, &'a str), Vec<usize>>,
    free: HashMap<&'a str, Vec<usize>>,
    methods: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Functions<'a> {
    fn new(files: &'a [File], names: &'a Names<'a>) -> Self {
        let mut implementors: HashMap<&str, Vec<(Site<'_>, &RawType)>> = HashMap::new();
        for file in files {
            for implementation in &file.read.impls {
                let site = Site { file, modules: &implementation.modules };
                implementors.entry(&implementation.of).or_default().push((site, &implementation.for_type));
            }
        }
        let mut all = Functions {
            names,
            known: Vec::new(),
            by_owner: HashMap::new(),
            free: HashMap::new(),
            methods: HashMap::new(),
        };
        for file in files {
            for raw in &file.read.functions {
                match &raw.owner {
                    Owner::Module => all.add(Known { file, raw, own: None, owner: None }),
                    Owner::Type(of_type) => {
                        let site = Site { file, modules: &raw.modules };
                        let owner = of_type.path.last().map(String::as_str);
                        all.add(Known { file, raw, own: Some((site, of_type)), owner });
                    }
                    Owner::Trait(name) => match implementors.get(&**name) {
                        Some(types) => types.iter().for_each(|&(site, of_type)| {
                            let owner = of_type.path.last().map(String::as_str);
                            all.add(Known { file, raw, own: Some((site, of_type)), owner });
                        }),
                        None => all.add(Known { file, raw, own: None, owner: Some(name) }),
                    },
                }
            }
        }
        all
    }

    fn add(&mut self, known: Known<'a>) {
        let at = self.known.len();
        let name = &*known.raw.name;
        match known.owner {
            Some(owner) => {
                self.by_owner.entry((owner, name)).or_default().push(at);
                self.methods.entry(name).or_default().push(at);
            }
            None => self.free.entry(name).or_default().push(at),
        }
        self.known.push(known);
    }

    fn function(&self, known: &Known<'a>) -> Function {
        let raw = known.raw;
        let name = match known.owner {
            Some(owner) => format!("{owner}::{}", raw.name),
            None => raw.name.clone(),
        };
        let acts = raw.acts.iter().filter_map(|act| {
            Some(Act { span: in_file(act.span, known.file.id), what: self.deed(known, &act.what)? })
        });
        Function {
            name,
            span: in_file(raw.span, known.file.id),
            package: known.file.package,
            is_test: raw.is_test,
            allow: raw.allow.iter().map(|allowance| allowance_in(allowance, known.file.id)).collect(),
            acts: acts.collect(),
            expects_refusal: raw.expects_refusal,
        }
    }

    fn deed(&self, known: &Known<'a>, raw: &RawDeed) -> Option<Deed> {
        match raw {
            RawDeed::Delete { callee, target, rows, names } => {
                if !is_diesels(known, callee) {
                    return self.call(known, callee);
                }
                Some(match self.meant(known, target, HOPS).and_then(Meant::table) {
                    Some(table) => {
                        let columns = self.columns(&table, *rows, names);
                        Deed::Delete { table, rows: *rows, columns, by: By::Diesel }
                    }
                    None => Deed::DeleteOfUnknown { by: By::Diesel },
                })
            }
            RawDeed::Update { callee, target, sets } => {
                if !is_diesels(known, callee) {
                    return self.call(known, callee);
                }
                let table = self.meant(known, target, HOPS).and_then(Meant::table)?;
                Some(self.update(table, sets))
            }
            RawDeed::Sql { table, by, rows, names } => Some(match table {
                Some(table) => {
                    let columns = self.columns(table, *rows, names);
                    Deed::Delete { table: table.clone(), rows: *rows, columns, by: *by }
                }
                None => Deed::DeleteOfUnknown { by: *by },
            }),
            RawDeed::SqlUpdate { table, sets } => Some(self.update(table.clone(), sets)),
            RawDeed::Call(path) => self.call(known, path),
            RawDeed::Method { of, name } => self.method(known, of, name),
        }
    }

    /// The columns of the table among these names, where a condition chooses rows.
    fn columns(&self, table: &TableName, rows: Rows, names: &[String]) -> Vec<String> {
        if rows != Rows::Some {
            return Vec::new();
        }
        let columns = self.names.tables_named(table).flat_map(|table| &table.columns);
        let is_named = |column: &&Column| names.contains(&column.ident) || names.contains(&column.name);
        let mut columns: Vec<String> = columns.filter(is_named).map(|column| column.name.clone()).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    fn update(&self, table: TableName, sets: &[Set]) -> Deed {
        let column = |set: &Set| {
            let mut columns = self.names.tables_named(&table).flat_map(|table| &table.columns);
            let of_ident = |column: &&Column| column.ident == set.column;
            columns.find(of_ident).map_or_else(|| set.column.clone(), |column| column.name.clone())
        };
        let marks = |set: &&Set| !set.clears && MARKS.contains(&&*set.column);
        let soft = sets.iter().find(marks).map(column);
        let columns = sets.iter().map(column).collect();
        Deed::Update { table, columns, soft }
    }

    fn call(&self, known: &Known<'a>, path: &[String]) -> Option<Deed> {
        let found = self.called(known, path);
        (!found.is_empty()).then_some(Deed::Call(found))
    }

    /// The functions that a path may call.
    fn called(&self, known: &Known<'a>, path: &[String]) -> Vec<usize> {
        let Some((name, before)) = path.split_last() else { return Vec::new() };
        // Nearly all calls are of other crates' functions.
        if !self.methods.contains_key(&**name) && !self.free.contains_key(&**name) {
            return Vec::new();
        }
        if let Some(of_type) = before.last() {
            let owner = if of_type == "Self" { known.owner } else { Some(&**of_type) };
            let of_owner = owner.and_then(|owner| self.by_owner.get(&(owner, &**name)));
            if let Some(found) = of_owner {
                return self.nearest(known, found);
            }
            // Another name of the type.
            let meanings = known.file.scope.meanings(&known.raw.modules, before);
            let mut owners = meanings.iter().filter_map(|meaning| meaning.last());
            if let Some(found) = owners.find_map(|owner| self.by_owner.get(&(&**owner, &**name))) {
                return self.nearest(known, found);
            }
        }
        let Some(candidates) = self.free.get(&**name) else { return Vec::new() };
        let meanings = known.file.scope.meanings(&known.raw.modules, path);
        let fits = |at: &&usize| {
            let other = &self.known[**at];
            let whole = other.file.scope.path_to(&other.raw.modules, name);
            meanings.iter().any(|meaning| {
                *meaning == whole
                    || meaning.len() > 1
                        && meaning.iter().rev().zip(whole.iter().rev()).take(2).all(|(a, b)| a == b)
            })
        };
        candidates.iter().filter(fits).copied().collect()
    }

    /// Of functions of types of one name those of the own package, if there are any.
    fn nearest(&self, known: &Known<'_>, found: &[usize]) -> Vec<usize> {
        let own: Vec<usize> =
            found.iter().copied().filter(|at| self.known[*at].file.package == known.file.package).collect();
        if own.is_empty() { found.to_vec() } else { own }
    }

    fn method(&self, known: &Known<'a>, of: &RawValue, name: &str) -> Option<Deed> {
        let candidates = self.methods.get(name)?;
        let owner = match self.meant(known, of, HOPS) {
            Some(Meant::Rows(_, Some(owner)) | Meant::Other(owner)) => owner,
            None if candidates.len() == 1 => return Some(Deed::Call(candidates.clone())),
            _ => return None,
        };
        match self.by_owner.get(&(&*owner, name)) {
            Some(found) => Some(Deed::Call(self.nearest(known, found))),
            // The one method of this name may be behind a smart pointer or a trait.
            None if candidates.len() == 1 => Some(Deed::Call(candidates.clone())),
            None => None,
        }
    }

    fn meant(&self, known: &Known<'a>, value: &RawValue, hops: usize) -> Option<Meant> {
        let hops = hops.checked_sub(1)?;
        let site = Site { file: known.file, modules: &known.raw.modules };
        match value {
            RawValue::Unknown => None,
            RawValue::Of(of_type) => self.of_type(known, site, of_type, hops),
            RawValue::Path(path) => {
                if let Some(table) = self.table(site, path) {
                    Some(Meant::Query(table))
                } else {
                    let of_type = RawType { path: path.clone(), args: Vec::new() };
                    self.of_type(known, site, &of_type, hops).filter(|meant| matches!(meant, Meant::Rows(..)))
                }
            }
            RawValue::Call(path) => self.returned(known, site, path, hops),
            RawValue::Method { of, name, loads } => {
                let loaded = loads.as_ref().and_then(|loads| self.of_type(known, site, loads, hops));
                if let Some(Meant::Rows(..)) = loaded {
                    return loaded;
                }
                // A chain has a bound of its own.
                let meant = self.meant(known, of, hops + 1);
                match meant {
                    Some(Meant::Query(table)) if LOADS.contains(&&**name) => Some(Meant::Rows(table, None)),
                    Some(Meant::Query(table)) => Some(Meant::Query(table)),
                    rows @ Some(Meant::Rows(..)) if LOADS.contains(&&**name) => rows,
                    Some(Meant::Rows(_, Some(owner)) | Meant::Other(owner)) => {
                        let found = self.by_owner.get(&(&*owner, &**name))?;
                        found.iter().find_map(|&at| self.result(at, hops))
                    }
                    Some(Meant::Rows(_, None)) => None,
                    None => match &self.methods.get(&**name)?[..] {
                        [only] => self.result(*only, hops),
                        _ => None,
                    },
                }
            }
        }
    }

    /// What a call returns.
    fn returned(&self, known: &Known<'a>, site: Site<'a>, path: &[String], hops: usize) -> Option<Meant> {
        let (name, before) = path.split_last()?;
        // `HasTable::table()`, and the rows of `Post::belonging_to(&user)`
        if (name == "table" || name == "belonging_to") && !before.is_empty() {
            let of_type = RawType { path: before.to_vec(), args: Vec::new() };
            let table = self.of_type(known, site, &of_type, hops)?.table()?;
            return Some(Meant::Query(table));
        }
        let found = self.called(known, path);
        if let Some(result) = found.iter().find_map(|&at| self.result(at, hops)) {
            return Some(result);
        }
        // `users::table()` and a column's path aren't calls of ours; `User::new()` is a `User`.
        let of_type = RawType { path: before.to_vec(), args: Vec::new() };
        if before.is_empty() || !found.is_empty() {
            return None;
        }
        self.of_type(known, site, &of_type, hops).filter(|_| name == "default" || name == "new")
    }

    /// What a function returns: by its type, else by its last expression.
    fn result(&self, at: usize, hops: usize) -> Option<Meant> {
        let hops = hops.checked_sub(1)?;
        let known = &self.known[at];
        let site = Site { file: known.file, modules: &known.raw.modules };
        let by_type = known.raw.returns.as_ref().and_then(|returns| self.of_type(known, site, returns, hops));
        match by_type {
            Some(Meant::Rows(..)) => by_type,
            _ => self.meant(known, &known.raw.value, hops).or(by_type),
        }
    }

    /// The rows that a type stands for; of a wrapper those of what it wraps.
    fn of_type(&self, known: &Known<'a>, site: Site<'_>, of_type: &RawType, hops: usize) -> Option<Meant> {
        let hops = hops.checked_sub(1)?;
        if let [word, rest @ ..] = &of_type.path[..]
            && word == "Self"
        {
            let (site, own) = known.own.filter(|_| rest.is_empty())?;
            return self.of_type(known, site, own, hops);
        }
        if let Some((table, name)) = self.names.struct_at(site, &of_type.path) {
            return Some(Meant::Rows(table, Some(name)));
        }
        // `users::table` as a type.
        if of_type.path.len() > 1
            && of_type.path.last().is_some_and(|last| last == "table")
            && let Some(table) = self.table(site, &of_type.path)
        {
            return Some(Meant::Query(table));
        }
        let wrapped = of_type.args.iter().find_map(|arg| match self.of_type(known, site, arg, hops) {
            Some(rows @ (Meant::Rows(..) | Meant::Query(_))) => Some(rows),
            _ => None,
        });
        wrapped.or_else(|| of_type.path.last().map(|name| Meant::Other(name.clone())))
    }

    /// The table that `users::table`, `users`, `users::dsl::users` mean.
    fn table(&self, site: Site<'_>, path: &[String]) -> Option<TableName> {
        let shortened = |path: &[String]| -> Vec<String> {
            match path {
                [rest @ .., table, word] if word == "table" => [rest, std::slice::from_ref(table)].concat(),
                [rest @ .., table, word, last] if word == "dsl" && table == last => {
                    [rest, std::slice::from_ref(table)].concat()
                }
                [rest @ .., table, word] if word == "dsl" => [rest, std::slice::from_ref(table)].concat(),
                _ => path.to_vec(),
            }
        };
        self.names.table_of_expression(site, path, &shortened)
    }
}

/// Whether the path is Diesel's own function, and not one of the workspace.
fn is_diesels(known: &Known<'_>, callee: &[String]) -> bool {
    if let [first, .., _] = callee
        && first == "diesel"
    {
        return true;
    }
    let meanings = known.file.scope.meanings(&known.raw.modules, callee);
    meanings.iter().any(|meaning| meaning.len() > 1 && meaning[0] == "diesel" && meaning[1] != "prelude")
}

/// Only the functions that do something to rows, or lead to one that does; calls of others are left out.
fn without_idle(functions: Vec<Function>) -> Vec<Function> {
    let mut callers: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut active = Vec::new();
    for (at, function) in functions.iter().enumerate() {
        let mut acts = false;
        for act in &function.acts {
            match &act.what {
                Deed::Call(called) => {
                    for &other in called {
                        callers.entry(other).or_default().push(at);
                    }
                }
                _ => acts = true,
            }
        }
        if acts {
            active.push(at);
        }
    }
    let mut kept: HashSet<usize> = HashSet::new();
    while let Some(at) = active.pop() {
        if kept.insert(at) {
            active.extend(callers.get(&at).into_iter().flatten());
        }
    }
    let mut numbers: Vec<usize> = kept.iter().copied().collect();
    numbers.sort_unstable();
    let renumbered: HashMap<usize, usize> =
        numbers.iter().enumerate().map(|(new, &old)| (old, new)).collect();
    let mut functions: Vec<Option<Function>> = functions.into_iter().map(Some).collect();
    let mut left = Vec::new();
    for old in numbers {
        let Some(mut function) = functions[old].take() else { continue };
        function.acts.retain_mut(|act| match &mut act.what {
            Deed::Call(called) => {
                *called = called.iter().filter_map(|other| renumbered.get(other).copied()).collect();
                !called.is_empty()
            }
            _ => true,
        });
        left.push(function);
    }
    left
}

//! From identifiers to SQL names: which table a path means, which column a field serves, whom a struct belongs to.

use std::collections::HashMap;

use super::Facts;
use super::names::{File, Names, Site, allowance_in, in_file};
use super::paths::Scope;
use super::raw::{
    FileFacts, Generated, Mistake, RawBelongsTo, RawClaim, RawColumnRef, RawJoinable, RawModel, RawTable,
    RawTableRef,
};
use crate::model::{
    Claim, Column, DeclaredKey, FileId, Joinable, KeyName, Label, Model, Package, ParentClaim, Problem, Span,
    Stated, Table, TableName,
};

/// Puts the files' facts together.
pub(super) fn resolve(packages: Vec<Package>, files_read: usize, files: Vec<FileFacts>) -> Facts {
    let mut facts = Facts { packages, files: files_read, ..Facts::default() };
    let files: Vec<File> = files.into_iter().map(|file| take_in(file, &mut facts)).collect();
    let tables = std::mem::take(&mut facts.tables);
    let mut facts = facts.with_tables(tables);
    let names = Names::new(&facts.packages, &facts.tables, &files);
    let joinables =
        files.iter().flat_map(|file| file.joinables.iter().map(|raw| names.joinable(file, raw))).collect();
    let models =
        files.iter().flat_map(|file| file.models.iter().flat_map(|raw| names.models(file, raw))).collect();
    facts.joinables = joinables;
    facts.models = models;
    let joins = Joins::new(&facts);
    let mut keys = Keys::default();
    for file in &files {
        for model in &file.models {
            names.claims_of_model(file, model, &joins, &mut keys);
        }
        for line in &file.lines {
            let at = Site { file, modules: &line.modules };
            let key = names.key(&names.table(at, &line.child), &line.columns);
            let parent = joins.parent_of(&key, &[]);
            let claim = names.claim(at, &key, line.columns[0].span, &line.claim, parent);
            keys.add(key, claim);
        }
    }
    facts.keys = keys.merged.into_iter().flat_map(by_parent).collect();
    let functions = super::functions::resolve(&files, &names);
    facts.functions = functions;
    let not_made = files.iter().flat_map(|file| &file.not_made);
    if facts.keys.iter().any(|declared| wants_table(declared, &facts)) {
        facts.problems.extend(not_made.cloned());
        facts.lacks_tables = files.iter().any(|file| !file.not_made.is_empty());
    }
    facts
}

/// Whether a key speaks of a table that no file declares; it may be in one that isn't made yet.
fn wants_table(declared: &DeclaredKey, facts: &Facts) -> bool {
    let is_unknown = |table: &TableName| facts.table(table).is_none();
    let parent = declared.parent();
    is_unknown(&declared.key.table)
        || parent.is_some_and(|parent| parent.by_path && is_unknown(&parent.table))
        || parent.is_none() && declared.none().is_none()
}

/// What a build has yet to make.
fn not_made(generated: &Generated, display: &str, package: Option<&Package>, file: FileId) -> Problem {
    let name = package.map_or("", |package| &package.name);
    Problem {
        message: format!(
            "`{display}` includes `{}` from OUT_DIR, which no build has left there; tables may be declared in it",
            generated.path
        ),
        label: Some(Label { span: in_file(generated.span, file), text: "not made yet".to_owned() }),
        help: vec![
            format!("build it first: `cargo check -p {name}`"),
            "or name what it is made from: `schema = \"..\"` in `[workspace.metadata.fkcheck.databases.NAME]`"
                .to_owned(),
        ],
    }
}

fn take_in(file: FileFacts, facts: &mut Facts) -> File {
    facts.app_turns_keys_on |= file.turns_keys_on;
    let display = file.source.display.clone();
    let id = facts.sources.add(file.source);
    let krate = facts.packages.get(file.package).map_or_else(String::new, Package::crate_name);
    let scope = Scope::new(&krate, &file.modules, file.root, file.imports);
    for table in file.tables {
        let mut modules = file.modules.clone();
        modules.extend(table.modules.iter().cloned());
        facts.tables.push(into_table(table, modules, file.package, id));
    }
    facts.problems.extend(file.faults.into_iter().map(|fault| problem(&fault, &display, id)));
    let package = facts.packages.get(file.package);
    let not_made =
        file.generated.iter().map(|generated| not_made(generated, &display, package, id)).collect();
    File {
        id,
        not_made,
        package: file.package,
        joinables: file.joinables,
        models: file.models,
        lines: file.lines,
        scope,
        read: file.read,
    }
}

fn into_table(raw: RawTable, modules: Vec<String>, package: usize, file: FileId) -> Table {
    let columns: Vec<Column> = raw
        .columns
        .into_iter()
        .map(|column| Column {
            name: column.name,
            ident: column.ident,
            sql_type: column.sql_type,
            nullable: column.nullable,
            span: in_file(column.span, file),
        })
        .collect();
    let sql_name = |ident: &String| {
        columns
            .iter()
            .find(|column| column.ident == *ident)
            .map_or_else(|| ident.clone(), |column| column.name.clone())
    };
    Table {
        primary_key: raw.primary_key.iter().map(sql_name).collect(),
        name: raw.name,
        module: raw.module,
        columns,
        is_view: raw.is_view,
        modules,
        package,
        span: in_file(raw.span, file),
    }
}

fn problem(fault: &Mistake, display: &str, file: FileId) -> Problem {
    Problem {
        message: format!("`{display}`: {}", fault.message),
        label: fault.span.map(|span| Label { span: in_file(span, file), text: "here".to_owned() }),
        help: fault.help.map(str::to_owned).into_iter().collect(),
    }
}

impl Names<'_> {
    fn joinable(&self, file: &File, raw: &RawJoinable) -> Joinable {
        let at = Site { file, modules: &raw.modules };
        let table = |segments: &Vec<String>| self.table(at, &RawTableRef::Path(segments.clone()));
        let child = table(&raw.child);
        let column = RawColumnRef { name: raw.column.clone(), is_sql: false, span: raw.span };
        Joinable {
            key: KeyName { columns: vec![self.column(&child, &column)], table: child },
            parent: table(&raw.parent),
            parent_columns: Vec::new(),
            package: file.package,
            span: in_file(raw.span, file.id),
        }
    }

    /// The model, once for each table that it serves; none where no table is known and none is named.
    fn models(&self, file: &File, raw: &RawModel) -> Vec<Model> {
        let at = Site { file, modules: &raw.modules };
        let known = |table: &&RawTableRef| match table {
            RawTableRef::Path(segments) => self.table_at(at, segments).is_some(),
            RawTableRef::Sql(_) => true,
        };
        raw.tables
            .iter()
            .filter(|table| raw.names_table || raw.derives_foreign_keys() || known(table))
            .map(|table| {
                let table = self.table(at, table);
                let joins =
                    raw.belongs_to.iter().filter_map(|belongs_to| self.belongs_to(at, &table, belongs_to));
                Model {
                    name: raw.name.clone(),
                    belongs_to: joins.collect(),
                    derives_foreign_keys: raw.derives_foreign_keys(),
                    derives: raw.derives.clone(),
                    columns: raw.columns.iter().map(|column| self.column(&table, column)).collect(),
                    table,
                    allow: raw.allow.iter().map(|allowance| allowance_in(allowance, file.id)).collect(),
                    package: file.package,
                    span: in_file(raw.span, file.id),
                }
            })
            .collect()
    }

    fn belongs_to(&self, at: Site<'_>, child: &TableName, raw: &RawBelongsTo) -> Option<Joinable> {
        let column = RawColumnRef { name: raw.foreign_key.clone(), is_sql: false, span: raw.span };
        let (parent, parent_columns) = self.table_of_struct(at, &raw.parent)?;
        Some(Joinable {
            key: KeyName { table: child.clone(), columns: vec![self.column(child, &column)] },
            parent,
            parent_columns,
            package: at.file.package,
            span: in_file(raw.span, at.file.id),
        })
    }

    fn claims_of_model(&self, file: &File, model: &RawModel, joins: &Joins, keys: &mut Keys) {
        let at = Site { file, modules: &model.modules };
        for table in &model.tables {
            let child = self.table(at, table);
            let own_joins: Vec<Joinable> = model
                .belongs_to
                .iter()
                .filter_map(|belongs_to| self.belongs_to(at, &child, belongs_to))
                .collect();
            for (columns, raw) in &model.claims {
                let key = self.key(&child, columns);
                let parent = joins.parent_of(&key, &own_joins);
                let claim = self.claim(at, &key, columns[0].span, raw, parent);
                keys.add(key, Claim { model: Some(model.name.clone()), ..claim });
            }
        }
    }

    fn key(&self, child: &TableName, columns: &[RawColumnRef]) -> KeyName {
        KeyName {
            table: child.clone(),
            columns: columns.iter().map(|column| self.column(child, column)).collect(),
        }
    }

    /// What an annotation says, by SQL names; `joined` is the parent where the annotation names none.
    fn claim(
        &self,
        at: Site<'_>,
        key: &KeyName,
        column_span: Span,
        raw: &RawClaim,
        joined: Option<ParentClaim>,
    ) -> Claim {
        let file = at.file;
        let child = &key.table;
        let parent = match &raw.references {
            Some((table, columns, span)) => {
                let by_path = matches!(table, RawTableRef::Path(_));
                let table = self.table(at, table);
                let columns = columns.iter().map(|column| self.column(&table, column)).collect();
                Some(ParentClaim { table, columns, by_path, span: in_file(*span, file.id) })
            }
            None => joined,
        };
        let parent = parent.map(|parent| self.with_columns(parent, key.columns.len()));
        Claim {
            model: None,
            parent,
            on_delete: placed(raw.on_delete.as_ref(), file.id).map(|action| self.action(child, action)),
            on_update: placed(raw.on_update.as_ref(), file.id).map(|action| self.action(child, action)),
            deferrability: placed(raw.deferrability.as_ref(), file.id),
            name: placed(raw.name.as_ref(), file.id),
            none: raw.none.map(|span| in_file(span, file.id)),
            data: placed(raw.data.as_ref(), file.id),
            reason: placed(raw.reason.as_ref(), file.id),
            allow: raw.allow.iter().map(|allowance| allowance_in(allowance, file.id)).collect(),
            span: in_file(raw.span, file.id),
            column_span: in_file(column_span, file.id),
            package: file.package,
        }
    }

    /// A parent without columns means its primary key.
    fn with_columns(&self, mut parent: ParentClaim, count: usize) -> ParentClaim {
        if parent.columns.is_empty()
            && let Some(table) = self.tables_named(&parent.table).next()
            && table.primary_key.len() == count
        {
            parent.columns.clone_from(&table.primary_key);
        }
        parent
    }

    /// The columns of `set_null(..)` by their SQL names.
    fn action(
        &self,
        child: &TableName,
        stated: Stated<crate::model::Action>,
    ) -> Stated<crate::model::Action> {
        use crate::model::Action;
        let span = stated.span;
        let resolved = |columns: Vec<String>| {
            let column = |name| self.column(child, &RawColumnRef { name, is_sql: false, span });
            columns.into_iter().map(column).collect()
        };
        let value = match stated.value {
            Action::SetNull(columns) => Action::SetNull(resolved(columns)),
            Action::SetDefault(columns) => Action::SetDefault(resolved(columns)),
            other => other,
        };
        Stated { value, span }
    }
}

/// What `belongs_to` and `joinable!` say of parents.
pub(crate) struct Joins<'a> {
    models: HashMap<&'a KeyName, Vec<&'a Joinable>>,
    schema: HashMap<&'a KeyName, Vec<&'a Joinable>>,
}

impl<'a> Joins<'a> {
    pub(crate) fn new(facts: &'a Facts) -> Self {
        let by_key = |joins: &mut dyn Iterator<Item = &'a Joinable>| {
            let mut map: HashMap<&KeyName, Vec<&Joinable>> = HashMap::new();
            joins.for_each(|join| map.entry(&join.key).or_default().push(join));
            map
        };
        Joins {
            models: by_key(&mut facts.models.iter().flat_map(|model| &model.belongs_to)),
            schema: by_key(&mut facts.joinables.iter()),
        }
    }

    /// The parent from the struct's own `belongs_to`, then from another struct's of the same table, then from
    /// `joinable!`; none where two say different things.
    pub(crate) fn parent_of(&self, key: &KeyName, own: &[Joinable]) -> Option<ParentClaim> {
        let named = |map: &HashMap<&KeyName, Vec<&'a Joinable>>| {
            one_parent(map.get(key).into_iter().flatten().copied())
        };
        one_parent(own.iter().filter(|join| join.key == *key))
            .or_else(|| named(&self.models))
            .or_else(|| named(&self.schema))
    }
}

fn one_parent<'a>(mut joins: impl Iterator<Item = &'a Joinable>) -> Option<ParentClaim> {
    let first = joins.next()?;
    joins.all(|join| join.parent == first.parent && join.parent_columns == first.parent_columns).then(|| {
        ParentClaim {
            table: first.parent.clone(),
            columns: first.parent_columns.clone(),
            by_path: true,
            span: first.span,
        }
    })
}

/// Claims, merged by child table and columns.
#[derive(Default)]
struct Keys {
    merged: Vec<DeclaredKey>,
    by_identity: HashMap<(TableName, Vec<String>), usize>,
}

impl Keys {
    fn add(&mut self, key: KeyName, claim: Claim) {
        let mut columns = key.columns.clone();
        columns.sort_unstable();
        let at = *self.by_identity.entry((key.table.clone(), columns)).or_insert(self.merged.len());
        match self.merged.get_mut(at) {
            Some(declared) => {
                let claim = reordered(claim, &key.columns, &declared.key.columns);
                declared.claims.push(claim);
            }
            None => self.merged.push(DeclaredKey { key, claims: vec![claim], is_one_of_several: false }),
        }
    }
}

/// Keys of the same columns to several parents are several keys; what names no parent is said of each.
fn by_parent(declared: DeclaredKey) -> Vec<DeclaredKey> {
    let named = |claim: &Claim| {
        let parent = claim.parent.as_ref().filter(|_| claim.none.is_none())?;
        Some(parent.table.clone())
    };
    let mut parents: Vec<TableName> = Vec::new();
    for parent in declared.claims.iter().filter_map(named) {
        if !parents.contains(&parent) {
            parents.push(parent);
        }
    }
    if parents.len() < 2 {
        return vec![declared];
    }
    let key_to = |parent: TableName| {
        let claims = declared.claims.iter().filter_map(|claim| match named(claim) {
            Some(other) => (other == parent).then(|| claim.clone()),
            None => Some(Claim { parent: None, ..claim.clone() }),
        });
        DeclaredKey { key: declared.key.clone(), claims: claims.collect(), is_one_of_several: true }
    };
    parents.into_iter().map(key_to).collect()
}

/// The claim with its parent's columns in the order of the first claim's child columns.
fn reordered(mut claim: Claim, from: &[String], to: &[String]) -> Claim {
    if let Some(parent) = &mut claim.parent
        && parent.columns.len() == from.len()
        && from != to
    {
        let partner = |column: &String| {
            from.iter().position(|other| other == column).map(|at| parent.columns[at].clone())
        };
        parent.columns = to.iter().filter_map(partner).collect();
    }
    claim
}

fn placed<T: Clone>(stated: Option<&Stated<T>>, file: FileId) -> Option<Stated<T>> {
    stated.map(|stated| Stated { value: stated.value.clone(), span: in_file(stated.span, file) })
}

//! Tables and keys as the statements so far have made them.

use std::collections::{BTreeSet, HashSet};

use super::clause::Clause;
use super::dialect::Dialect;
use crate::model::{Action, Deferrability, MatchType, TableKind, TableName};

/// A place in one of the migrations.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) bytes: std::ops::Range<usize>,
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) nullable: bool,
    pub(super) has_default: bool,
    pub(super) generated: bool,
    /// Dropped columns stay, so that numbers don't change.
    pub(super) dropped: bool,
    /// All that its type names, and what its value is made of.
    pub(super) type_words: BTreeSet<String>,
    pub(super) words: BTreeSet<String>,
}

/// An index, by numbers of columns.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct Index {
    pub(super) name: Option<String>,
    /// `None` stands for an expression.
    pub(super) columns: Vec<Option<usize>>,
    pub(super) is_primary: bool,
    pub(super) is_constraint: bool,
    /// A look-up by its columns can't use it: partial, or of a kind that isn't for look-ups.
    pub(super) is_special: bool,
    /// Made ONLY of a partitioned table: invalid, though each part that comes later has one.
    pub(super) is_hollow: bool,
    pub(super) id: u64,
    /// The index of the whole that this is a part of, where that was said.
    pub(super) attached_to: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    /// With its schema, where the engine has schemas.
    pub(super) name: TableName,
    pub(super) kind: TableKind,
    /// The storage engine, where there are several.
    pub(super) storage: Option<String>,
    /// The partitioned table that this is a part of.
    pub(super) part_of: Option<usize>,
    pub(super) columns: Vec<Column>,
    pub(super) indexes: Vec<Index>,
    pub(super) is_temporary: bool,
    /// Made by CREATE TABLE .. AS: a column is known when somebody names it.
    pub(super) is_open: bool,
    /// The types that such a column may have.
    pub(super) types: BTreeSet<String>,
    pub(super) dropped: bool,
}

/// The parent: MySQL takes a key whose parent isn't there yet.
#[derive(Clone, Debug)]
pub(super) enum Parent {
    Table { table: usize, columns: Vec<usize> },
    Missing { name: TableName, columns: Vec<String> },
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub(super) struct Key {
    pub(super) name: String,
    /// The name of its index, which some servers take for its own.
    pub(super) other_name: Option<String>,
    pub(super) child: usize,
    pub(super) columns: Vec<usize>,
    pub(super) parent: Parent,
    pub(super) on_delete: Action,
    pub(super) on_update: Action,
    pub(super) match_type: MatchType,
    pub(super) deferrability: Deferrability,
    pub(super) validated: bool,
    pub(super) enforced: bool,
    /// Whether the triggers of the child and of the parent are enabled.
    pub(super) check_enabled: bool,
    pub(super) action_enabled: bool,
    /// What last set its rule.
    pub(super) set_by: Place,
    /// Rank in the order of creation.
    pub(super) order: u64,
}

/// The state.
#[derive(Clone)]
pub(super) struct Catalogue {
    pub(super) dialect: &'static Dialect,
    pub(super) tables: Vec<Table>,
    pub(super) keys: Vec<Key>,
    pub(super) search_path: Vec<String>,
    /// The storage engine of a table that names none.
    pub(super) default_storage: Option<String>,
    /// A column has a key in its own definition.
    pub(super) has_inline_keys: bool,
    /// Names of the keys that the statement at work has dropped: it gives them to no other key.
    pub(super) dropped_names: Vec<String>,
    pub(super) next_order: u64,
}

impl Catalogue {
    pub(super) fn new(dialect: &'static Dialect) -> Self {
        let search_path = dialect.default_schema.map(str::to_owned).into_iter().collect();
        Catalogue {
            dialect,
            tables: Vec::new(),
            keys: Vec::new(),
            search_path,
            default_storage: dialect.storage.map(str::to_owned),
            has_inline_keys: false,
            dropped_names: Vec::new(),
            next_order: 0,
        }
    }

    /// The name that a new table gets.
    pub(super) fn new_name(&self, parts: &[String]) -> TableName {
        match parts {
            [.., schema, name] if self.dialect.default_schema.is_some() => TableName::qualified(schema, name),
            [.., name] => match self.search_path.first() {
                Some(schema) => TableName::qualified(schema, name),
                None => TableName::bare(name),
            },
            [] => TableName::bare(""),
        }
    }

    /// The table that a name means: a temporary one first, then along the search path.
    pub(super) fn find(&self, parts: &[String]) -> Option<usize> {
        let live = || self.tables.iter().enumerate().filter(|(_, table)| !table.dropped).rev();
        let same = |left: &str, right: &str| self.dialect.case.same(left, right);
        let (name, schema) = match parts {
            [.., schema, name] if self.dialect.default_schema.is_some() => (name, Some(schema)),
            [.., name] => (name, None),
            [] => return None,
        };
        let in_schema = |wanted: &str| {
            live().find(|(_, table)| {
                table.name.schema.as_deref() == Some(wanted) && same(&table.name.name, name)
            })
        };
        let found = match schema {
            Some(schema) => in_schema(schema),
            None if self.dialect.default_schema.is_none() => {
                live().find(|(_, table)| same(&table.name.name, name))
            }
            None => live()
                .find(|(_, table)| table.is_temporary && table.name.name == *name)
                .or_else(|| self.search_path.iter().find_map(|schema| in_schema(schema))),
        };
        found.map(|(at, _)| at)
    }

    pub(super) fn add_table(&mut self, name: TableName, kind: TableKind, is_temporary: bool) -> usize {
        self.tables.push(Table {
            name,
            kind,
            storage: self.default_storage.clone().filter(|_| kind != TableKind::View),
            part_of: None,
            columns: Vec::new(),
            indexes: Vec::new(),
            is_temporary,
            is_open: false,
            types: BTreeSet::new(),
            dropped: false,
        });
        self.tables.len() - 1
    }

    pub(super) fn column(&self, table: usize, name: &str) -> Option<usize> {
        let same = |column: &Column| self.dialect.case.same(&column.name, name);
        self.tables[table].columns.iter().position(|column| !column.dropped && same(column))
    }

    /// The column, also one that only now comes to be known.
    pub(super) fn named_column(&mut self, table: usize, name: &str) -> Option<usize> {
        let found = self.column(table, name);
        if found.is_some() || !self.tables[table].is_open {
            return found;
        }
        let columns = &mut self.tables[table].columns;
        columns.push(Column {
            name: name.to_owned(),
            nullable: true,
            has_default: false,
            generated: false,
            dropped: false,
            type_words: BTreeSet::new(),
            words: BTreeSet::new(),
        });
        Some(columns.len() - 1)
    }

    /// Also where keys of the table name the column.
    pub(super) fn rename_column(&mut self, table: usize, column: usize, new: &str) {
        let old = std::mem::replace(&mut self.tables[table].columns[column].name, new.to_owned());
        for key in self.keys.iter_mut().filter(|key| key.child == table) {
            if let Action::SetNull(named) | Action::SetDefault(named) = &mut key.on_delete {
                named.iter_mut().filter(|name| **name == old).for_each(|name| new.clone_into(name));
            }
        }
    }

    fn columns(&mut self, table: usize, names: &[String]) -> Option<Vec<usize>> {
        names.iter().map(|name| self.named_column(table, name)).collect()
    }

    pub(super) fn primary_key(&self, table: usize) -> Option<Vec<usize>> {
        let tables = &self.tables;
        // A part has that of the whole.
        self.with_wholes(table).find_map(|whole| {
            let index = tables[whole].indexes.iter().find(|index| index.is_primary)?;
            let own = |column: &Option<usize>| self.column(table, &tables[whole].columns[(*column)?].name);
            index.columns.iter().map(own).collect()
        })
    }

    /// Adds a key; false where its columns aren't known. A storage engine without keys takes the clause and makes none.
    pub(super) fn add_key(&mut self, child: usize, clause: Clause, file: usize) -> bool {
        if !self.keeps_keys(child) {
            return true;
        }
        let Some(columns) = self.columns(child, &clause.columns) else { return false };
        // The parent's storage engine may have no keys: then it is known by name, as one that isn't there.
        let parent = match self.find(&clause.parent).filter(|&parent| self.keeps_keys(parent)) {
            Some(table) => {
                let referenced = if clause.parent_columns.is_empty() {
                    self.primary_key(table)
                } else {
                    self.columns(table, &clause.parent_columns)
                };
                match referenced {
                    Some(columns) => Parent::Table { table, columns },
                    None => Parent::Missing {
                        name: self.new_name(&clause.parent),
                        columns: clause.parent_columns,
                    },
                }
            }
            None => Parent::Missing { name: self.new_name(&clause.parent), columns: clause.parent_columns },
        };
        let name = clause.name.unwrap_or_else(|| self.name_of_key(child, &clause.columns));
        self.next_order += 1;
        self.keys.push(Key {
            other_name: clause.index.filter(|index| *index != name),
            name,
            child,
            columns,
            parent,
            on_delete: clause.on_delete,
            on_update: clause.on_update,
            match_type: clause.match_type,
            deferrability: clause.deferrability,
            validated: clause.validated,
            enforced: clause.enforced,
            check_enabled: true,
            action_enabled: true,
            set_by: Place { file, bytes: clause.bytes },
            order: self.next_order,
        });
        self.absorb_keys(child);
        true
    }

    /// What nothing else is known by.
    pub(super) fn next_id(&mut self) -> u64 {
        self.next_order += 1;
        self.next_order
    }

    /// Whether the table's storage engine has foreign keys.
    fn keeps_keys(&self, table: usize) -> bool {
        self.tables[table].storage.as_deref().is_none_or(|storage| self.dialect.keeps_keys(storage))
    }

    /// The keys as the engine fires them at a delete.
    pub(super) fn in_firing_order(&self) -> Vec<&Key> {
        let mut keys: Vec<&Key> = self.keys.iter().collect();
        if self.dialect.fires_by_name {
            // By their bytes, as `InnoDB` compares them: capitals first.
            keys.sort_by(|left, right| left.name.cmp(&right.name));
        } else {
            keys.sort_by_key(|key| key.order);
        }
        keys
    }

    /// Gives a table another storage engine; false where the server refuses, for it is child or parent of a key.
    pub(super) fn set_storage(&mut self, table: usize, name: &str) -> bool {
        let before = self.tables[table].storage.replace(storage_name(name));
        let has_keys = self.keys.iter().any(|key| {
            key.child == table || matches!(key.parent, Parent::Table { table: parent, .. } if parent == table)
        });
        if has_keys && !self.keeps_keys(table) {
            self.tables[table].storage = before;
            return false;
        }
        true
    }

    /// The keys in which a column takes part are made anew: their triggers come last, and are enabled.
    pub(super) fn remake_keys(&mut self, table: usize, column: usize) {
        let takes_part = |key: &Key| {
            key.child == table && key.columns.contains(&column)
                || matches!(&key.parent, Parent::Table { table: parent, columns } if *parent == table && columns.contains(&column))
        };
        let mut remade: Vec<&mut Key> = self.keys.iter_mut().filter(|key| takes_part(key)).collect();
        remade.sort_by_key(|key| key.order);
        for key in remade {
            self.next_order += 1;
            key.order = self.next_order;
            (key.check_enabled, key.action_enabled) = (true, true);
        }
    }

    fn name_of_key(&self, child: usize, columns: &[String]) -> String {
        let table = &self.tables[child].name;
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let of_table = self.keys.iter().filter(|key| key.child == child).map(|key| &key.name);
        let of_table: Vec<&str> = of_table.chain(&self.dropped_names).map(String::as_str).collect();
        let in_schema = self.constraint_names(table.schema.as_deref());
        (self.dialect.key_name)(&table.name, &columns, &in_schema, &of_table)
    }

    /// The names of a schema's constraints.
    pub(super) fn constraint_names(&self, schema: Option<&str>) -> HashSet<String> {
        let live = self
            .tables
            .iter()
            .enumerate()
            .filter(|(_, table)| !table.dropped && table.name.schema.as_deref() == schema);
        let mut names = HashSet::new();
        for (at, table) in live {
            names.extend(table.indexes.iter().filter_map(|index| index.name.clone()));
            names.extend(self.keys.iter().filter(|key| key.child == at).map(|key| key.name.clone()));
        }
        names
    }

    pub(super) fn key_named(&mut self, child: usize, name: &str) -> Option<&mut Key> {
        let at = self.key_at(child, name)?;
        self.keys.get_mut(at)
    }

    /// Where the key of that name is: of its own name before the other.
    fn key_at(&self, child: usize, name: &str) -> Option<usize> {
        let same = |other: &str| self.dialect.case.same(other, name);
        let find = |is_named: &dyn Fn(&Key) -> bool| {
            self.keys.iter().position(|key| key.child == child && is_named(key))
        };
        find(&|key| same(&key.name)).or_else(|| find(&|key| key.other_name.as_deref().is_some_and(same)))
    }

    /// Drops a table, its keys, and those that refer to it (MySQL with its checks off keeps these by name).
    pub(super) fn drop_table(&mut self, at: usize) {
        for part in self.parts_of(at) {
            self.drop_table(part);
        }
        self.tables[at].dropped = true;
        self.keys.retain(|key| key.child != at);
        if !self.dialect.keeps_keys_of_dropped_parents {
            self.keys.retain(|key| !matches!(key.parent, Parent::Table { table, .. } if table == at));
            return;
        }
        let name = self.tables[at].name.clone();
        for key in &mut self.keys {
            if let Parent::Table { table, columns } = &key.parent
                && *table == at
            {
                let columns =
                    columns.iter().map(|&column| self.tables[at].columns[column].name.clone()).collect();
                key.parent = Parent::Missing { name: name.clone(), columns };
            }
        }
    }

    /// Also the columns that are computed of it: without CASCADE there are none.
    pub(super) fn drop_column(&mut self, table: usize, name: &str) {
        let Some(column) = self.column(table, name) else { return };
        let computed = self.tables[table].columns.iter().enumerate();
        let computed = computed.filter(|(at, other)| {
            *at != column && !other.dropped && other.generated && other.words.contains(name)
        });
        let computed: Vec<String> = computed.map(|(_, other)| other.name.clone()).collect();
        self.tables[table].columns[column].dropped = true;
        for name in computed {
            self.drop_column(table, &name);
        }
        self.keys.retain(|key| {
            let is_child = key.child == table && key.columns.contains(&column);
            let is_parent = matches!(&key.parent, Parent::Table { table: parent, columns } if *parent == table && columns.contains(&column));
            !is_child && !is_parent
        });
        let indexes = &mut self.tables[table].indexes;
        if self.dialect.shrinks_indexes {
            for index in indexes.iter_mut() {
                index.columns.retain(|indexed| *indexed != Some(column));
            }
            indexes.retain(|index| !index.columns.is_empty());
        } else {
            indexes.retain(|index| !index.columns.contains(&Some(column)));
        }
    }

    /// Drops a constraint of any kind; with it the keys that need it as their parent's unique key.
    pub(super) fn drop_constraint(&mut self, table: usize, name: &str) -> bool {
        let same = |other: &str| self.dialect.case.same(other, name);
        if let Some(at) = self.key_at(table, name) {
            let key = self.keys.remove(at);
            self.dropped_names.push(key.name);
            return true;
        }
        let indexes = &self.tables[table].indexes;
        let Some(at) =
            indexes.iter().position(|index| index.is_constraint && index.name.as_deref().is_some_and(same))
        else {
            return false;
        };
        let index = self.tables[table].indexes.remove(at);
        let others = &self.tables[table].indexes;
        // PostgreSQL's keys need the index that was there first.
        let rivals = if self.dialect.keeps_keys_of_dropped_parents { &others[..] } else { &others[..at] };
        let is_there_still = rivals.iter().any(|other| other.is_constraint && same_columns(other, &index));
        if !is_there_still {
            self.keys.retain(|key| match &key.parent {
                Parent::Table { table: parent, columns } => {
                    *parent != table || !covers_exactly(&index, columns)
                }
                Parent::Missing { .. } => true,
            });
        }
        true
    }

    /// `DISABLE TRIGGER ALL` and its undoing: those of keys are triggers too.
    pub(super) fn switch_triggers(&mut self, table: usize, enabled: bool) {
        for key in &mut self.keys {
            if key.child == table {
                key.check_enabled = enabled;
            }
            if matches!(key.parent, Parent::Table { table: parent, .. } if parent == table) {
                key.action_enabled = enabled;
            }
        }
    }

    pub(super) fn rename_table(&mut self, at: usize, name: &TableName) {
        let old = std::mem::replace(&mut self.tables[at].name, name.clone());
        // What a storage engine without keys does to its tables, that with keys doesn't know.
        if !self.dialect.keeps_keys_of_dropped_parents || !self.keeps_keys(at) {
            return;
        }
        for key in &mut self.keys {
            if let Parent::Missing { name: missing, .. } = &mut key.parent
                && missing.name.eq_ignore_ascii_case(&old.name)
            {
                missing.name.clone_from(&name.name);
            }
        }
        // Names that the engine made follow the table's.
        let prefix = format!("{}_ibfk_", old.name);
        for key in self.keys.iter_mut().filter(|key| key.child == at) {
            if let Some(number) = key.name.strip_prefix(&prefix) {
                key.name = format!("{}_ibfk_{number}", name.name);
            }
        }
    }
}

/// The name as the server shows it.
pub(super) fn storage_name(name: &str) -> String {
    const SHOWN: [&str; 9] =
        ["InnoDB", "MyISAM", "MEMORY", "Aria", "CSV", "ARCHIVE", "BLACKHOLE", "MRG_MyISAM", "ndbcluster"];
    let meant = match &name.to_ascii_lowercase()[..] {
        "heap" => "MEMORY",
        "merge" => "MRG_MyISAM",
        "ndb" => "ndbcluster",
        "innobase" => "InnoDB",
        _ => name,
    };
    let shown = SHOWN.into_iter().find(|shown| shown.eq_ignore_ascii_case(meant));
    shown.unwrap_or(meant).to_owned()
}

fn same_columns(left: &Index, right: &Index) -> bool {
    let sorted = |index: &Index| {
        let mut columns = index.columns.clone();
        columns.sort_unstable();
        columns
    };
    sorted(left) == sorted(right)
}

fn covers_exactly(index: &Index, columns: &[usize]) -> bool {
    index.columns.len() == columns.len()
        && columns.iter().all(|column| index.columns.contains(&Some(*column)))
}

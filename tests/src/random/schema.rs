//! A random schema, as data, and the code that declares its keys.

use std::fmt::Write as _;

use fastrand::Rng;
use fkcheck_core::model::{Action, Deferrability, KeyName, TableName};

use crate::mutants::Engine;

/// Tables, and keys from each to one before it or to itself.
#[derive(Clone, Debug)]
pub struct Schema {
    pub(super) engine: Engine,
    pub(super) seed: u64,
    pub(super) tables: Vec<Table>,
    pub(super) keys: Vec<Key>,
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// PostgreSQL's second schema.
    pub(super) in_aux: bool,
    /// Levels of partitions; 0: none.
    pub(super) partitions: u32,
    /// The columns of its keys, by name and whether they take NULL; each has an index or has none.
    pub(super) columns: Vec<Column>,
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) nullable: bool,
    pub(super) has_index: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) child: usize,
    /// Places among the child's columns.
    pub(super) columns: Vec<usize>,
    pub(super) parent: usize,
    pub(super) name: Option<String>,
    pub(super) in_code: Action,
    pub(super) in_database: Action,
    pub(super) on_update: Action,
    pub(super) deferrability: Deferrability,
    pub(super) match_full: bool,
    pub(super) not_valid: bool,
    /// PostgreSQL 18; such a key is never valid.
    pub(super) not_enforced: bool,
    pub(super) comment: Option<String>,
}

/// Names that a careless tool stumbles over.
pub(crate) const ODD: [&str; 28] = [
    "plain",
    "select",
    "UPPER Case",
    "dot.ted",
    "it's",
    "dou\"ble",
    "back`tick",
    "back\\slash",
    "semi;colon",
    "$fkcheck$",
    "$$",
    "--comment",
    "/*c*/",
    "Ünïcödé 日本",
    "[bracket]",
    "name_v2",
    "percent%s",
    "{brace}",
    "tab\there",
    "line\nbreak",
    "fkcheck_old_x",
    "a,b",
    "(paren)",
    "order",
    "a name that is nearly as long as a name may be in here",
    "x'||'y",
    "x_fkey",
    "\\' -- '",
];

impl Key {
    pub(super) fn has_drifted(&self) -> bool {
        self.in_code != self.in_database
    }
}

impl Schema {
    /// The one with this seed, for an engine of this version (PostgreSQL).
    pub fn new(engine: Engine, version: u32, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let count = rng.usize(2..=5);
        let mut schema = Schema { engine, seed, tables: Vec::new(), keys: Vec::new() };
        for at in 0..count {
            let is_postgres = engine == Engine::Postgres;
            schema.tables.push(Table {
                name: name(engine, &mut rng, "t", at),
                in_aux: is_postgres && rng.u8(..4) == 0,
                partitions: if is_postgres && version >= 12 && rng.u8(..4) == 0 { rng.u32(1..=2) } else { 0 },
                columns: Vec::new(),
            });
        }
        for child in 0..count {
            for _ in 0..rng.usize(0..=2) {
                let parent = rng.usize(0..=child);
                schema.add_key(child, parent, version, &mut rng);
            }
        }
        if schema.keys.is_empty() {
            schema.add_key(count - 1, 0, version, &mut rng);
        }
        // At least one has drifted.
        let any = rng.usize(..schema.keys.len());
        for at in 0..schema.keys.len() {
            if at == any || rng.bool() {
                let key = &schema.keys[at];
                let mut actions = schema.actions(key, version, &mut rng);
                actions.retain(|action| !same(engine, action, &key.in_database));
                if !actions.is_empty() {
                    schema.keys[at].in_code = actions[rng.usize(..actions.len())].clone();
                }
            }
        }
        schema
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.engine == Engine::Postgres
    }

    fn add_key(&mut self, child: usize, parent: usize, version: u32, rng: &mut Rng) {
        // A partitioned table has no unique key but that of its partitions' column.
        let width = if self.tables[parent].partitions == 0 && rng.u8(..3) == 0 { 2 } else { 1 };
        let nullable = rng.u8(..4) != 0;
        let has_index = rng.bool();
        // A column may be in several keys.
        let shared = self.tables[child].columns.iter().position(|column| column.nullable == nullable);
        let mut columns: Vec<usize> = shared.filter(|_| width == 2 && rng.bool()).into_iter().collect();
        while columns.len() < width {
            let at = self.tables[child].columns.len();
            let name = self.column_name(child, rng);
            self.tables[child].columns.push(Column { name, nullable, has_index });
            columns.push(at);
        }
        let not_valid = self.is_postgres() && self.tables[child].partitions == 0 && rng.u8(..5) == 0;
        let mut key = Key {
            child,
            columns,
            parent,
            name: self.constraint_name(child, rng),
            in_code: Action::NoAction,
            in_database: Action::NoAction,
            on_update: Action::NoAction,
            deferrability: match rng.u8(..6) {
                0 if self.engine != Engine::Mysql => Deferrability::Immediate,
                1 if self.engine != Engine::Mysql => Deferrability::Deferred,
                _ => Deferrability::NotDeferrable,
            },
            match_full: self.engine != Engine::Mysql && rng.u8(..5) == 0,
            not_valid,
            not_enforced: not_valid && version >= 18 && rng.bool(),
            comment: (self.is_postgres() && rng.u8(..3) == 0)
                .then(|| format!("said of it: {}", ODD[rng.usize(..ODD.len())])),
        };
        let actions = self.actions(&key, version, rng);
        key.in_database = actions[rng.usize(..actions.len())].clone();
        key.in_code = key.in_database.clone();
        let updates: Vec<Action> = actions
            .into_iter()
            .filter(|action| !matches!(action, Action::SetNull(named) if !named.is_empty()))
            .collect();
        if rng.bool() {
            key.on_update = updates[rng.usize(..updates.len())].clone();
        }
        self.keys.push(key);
    }

    fn column_name(&self, table: usize, rng: &mut Rng) -> String {
        let columns = &self.tables[table].columns;
        // SQLite's own names for a row's number can be a column's.
        let own = ["rowid", "OID", "_rowid_"][rng.usize(..3)];
        let is_free = columns.iter().all(|column| column.name != own);
        if self.engine == Engine::Sqlite && is_free && rng.u8(..8) == 0 {
            return own.to_owned();
        }
        name(self.engine, rng, "c", columns.len())
    }

    fn constraint_name(&self, child: usize, rng: &mut Rng) -> Option<String> {
        let at = self.keys.len();
        let last = self.keys.last().and_then(|key| key.name.as_ref());
        match (self.engine, rng.u8(..6)) {
            (Engine::Sqlite, 0..3) => None,
            // The server finds one, which has to fit.
            (Engine::Mysql | Engine::Postgres, 0) if self.tables[child].name.len() < 50 => None,
            // Unique for a table.
            (Engine::Postgres, 1) => {
                Some(format!("same {}", self.keys.iter().filter(|key| key.child == child).count()))
            }
            // What a new name may look like.
            (Engine::Mysql, 1) => match last.filter(|last| last.chars().count() < 60) {
                Some(last) => Some(format!("{last}_v2")),
                None => Some(name(self.engine, rng, "k", at)),
            },
            _ => Some(name(self.engine, rng, "k", at)),
        }
    }

    /// What the engine takes for such a key and does something else for each.
    fn actions(&self, key: &Key, version: u32, rng: &mut Rng) -> Vec<Action> {
        let columns = &self.tables[key.child].columns;
        let takes_null = key.columns.iter().all(|&at| columns[at].nullable);
        let mut actions = vec![Action::NoAction, Action::Restrict, Action::Cascade];
        // Now and then what makes every delete fail: servers take it, a fix refuses it.
        if takes_null || self.engine != Engine::Mysql && rng.u8(..10) == 0 {
            actions.push(Action::SetNull(Vec::new()));
        }
        if self.engine != Engine::Mysql {
            actions.push(Action::SetDefault(Vec::new()));
        }
        if self.is_postgres() && version >= 15 && key.columns.len() > 1 && takes_null && !key.match_full {
            actions.push(Action::SetNull(vec![columns[key.columns[1]].name.clone()]));
        }
        actions
    }

    /// The same, with the declared rules in the database, for the keys for which it is wanted.
    pub(super) fn with_declared_rules(&self, is_wanted: impl Fn(&Key) -> bool) -> Schema {
        let mut schema = self.clone();
        for key in schema.keys.iter_mut().filter(|key| is_wanted(key)) {
            key.in_database.clone_from(&key.in_code);
        }
        schema
    }

    pub(super) fn table_name(&self, table: usize) -> TableName {
        let table = &self.tables[table];
        TableName { schema: table.in_aux.then(|| "aux".to_owned()), name: table.name.clone() }
    }

    pub(super) fn columns_of(&self, key: &Key) -> Vec<String> {
        key.columns.iter().map(|&at| self.tables[key.child].columns[at].name.clone()).collect()
    }

    /// As the command writes it.
    pub(super) fn key_name(&self, key: &Key) -> String {
        KeyName { table: self.table_name(key.child), columns: self.columns_of(key) }.to_string()
    }

    /// `table!`s, and a line for each key.
    pub(super) fn code(&self) -> String {
        let mut code = "pub const ON: &str = \"PRAGMA foreign_keys = ON\";\n".to_owned();
        for (at, table) in self.tables.iter().enumerate() {
            let schema = if table.in_aux { "aux." } else { "" };
            let _ = writeln!(
                code,
                "diesel::table! {{ #[sql_name = {:?}] {schema}t{at} (id) {{ id -> Integer, u1 -> Integer, u2 -> Integer,",
                table.name
            );
            for (at, column) in table.columns.iter().enumerate() {
                let sql_type = if column.nullable { "Nullable<Integer>" } else { "Integer" };
                let _ = writeln!(code, "    #[sql_name = {:?}] c{at} -> {sql_type},", column.name);
            }
            code.push_str("} }\n");
        }
        code.push_str("fkcheck_macros::foreign_keys! {\n");
        for key in &self.keys {
            let path = |table: usize| format!("t{table}");
            let columns: Vec<String> = key.columns.iter().map(|at| format!("c{at}")).collect();
            let referenced = if key.columns.len() == 2 { "u1, u2" } else { "id" };
            let action = |action: &Action| match action {
                Action::SetNull(named) if !named.is_empty() => format!("set_null({})", columns[1]),
                other => other.as_annotation(),
            };
            let _ = write!(
                code,
                "    {} ({}) -> {} ({referenced}), on_delete = {}",
                path(key.child),
                columns.join(", "),
                path(key.parent),
                action(&key.in_code)
            );
            if key.on_update != Action::NoAction {
                let _ = write!(code, ", on_update = {}", action(&key.on_update));
            }
            match key.deferrability {
                Deferrability::NotDeferrable => {}
                Deferrability::Immediate => code.push_str(", deferrable = immediate"),
                Deferrability::Deferred => code.push_str(", deferrable = deferred"),
            }
            code.push_str(";\n");
        }
        code.push_str("}\n");
        code
    }
}

/// Whether the engine does the same for both.
fn same(engine: Engine, left: &Action, right: &Action) -> bool {
    left == right || engine == Engine::Mysql && left.blocks() && right.blocks()
}

fn name(engine: Engine, rng: &mut Rng, kind: &str, at: usize) -> String {
    let odd = ODD[rng.usize(..ODD.len())];
    let mut name = format!("{kind}{at} {odd}");
    // As long as a name may be: PostgreSQL counts bytes, MySQL characters.
    if rng.u8(..6) == 0 {
        while name.len() < 63 {
            name.push('n');
        }
        if engine == Engine::Mysql {
            while name.chars().count() < 64 {
                name.push('n');
            }
        }
    }
    match engine {
        // What ends with a space, MySQL refuses.
        Engine::Mysql => name.trim_end().to_owned(),
        _ => name,
    }
}

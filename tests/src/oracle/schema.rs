//! A random schema with its rows, as data, and the statements that make it.

use fastrand::Rng;
use fkcheck_core::model::{Action, Deferrability, Engine, TableName};

use super::compare::{self, quoted, quoted_table};
use crate::random::ODD;

/// Tables with rows, and keys between them.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    pub(super) engine: Engine,
    /// PostgreSQL's.
    pub(super) version: u32,
    pub(super) tables: Vec<Table>,
    pub(super) keys: Vec<Key>,
}

/// A table. Its first column is `rid`, by which the test knows a row again; nothing refers to it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent choices")]
pub(super) struct Table {
    pub(super) name: String,
    /// PostgreSQL's second schema.
    pub(super) in_aux: bool,
    /// PostgreSQL's, by `id`, so that nothing else in it can be unique.
    pub(super) is_partitioned: bool,
    /// PostgreSQL's: another table inherits from it and has some of the same rows.
    pub(super) has_heir: bool,
    /// PostgreSQL's: what is said to be unknown wherever it acts.
    pub(super) trigger: Option<Trigger>,
    /// SQLite's.
    pub(super) without_row_id: bool,
    pub(super) columns: Vec<Column>,
    /// Sets of columns that are unique; the first is the primary key.
    pub(super) unique: Vec<Vec<usize>>,
    /// Indexes beside those.
    pub(super) indexes: Vec<Vec<usize>>,
    pub(super) rows: Vec<Vec<Option<i64>>>,
}

/// A trigger before each row that is deleted or updated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trigger {
    /// It lets the row be changed.
    Passes,
    /// It doesn't.
    Skips,
    /// It acts once, before all rows.
    OfStatement,
}

impl Trigger {
    fn random(rng: &mut Rng) -> Self {
        [Trigger::Passes, Trigger::Skips, Trigger::OfStatement][rng.usize(..3)]
    }

    fn create(self, table: &str) -> String {
        let (each, does) = match self {
            Trigger::Passes => ("ROW", "passes"),
            Trigger::Skips => ("ROW", "skips"),
            Trigger::OfStatement => ("STATEMENT", "skips"),
        };
        format!(
            "CREATE TRIGGER looks BEFORE DELETE OR UPDATE ON {table} FOR EACH {each} EXECUTE PROCEDURE {does}()"
        )
    }
}

/// What triggers call.
const FUNCTIONS: &str =
    "CREATE OR REPLACE FUNCTION skips() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE OR REPLACE FUNCTION passes() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN IF TG_OP = ''DELETE'' THEN RETURN OLD; END IF; RETURN NEW; END'";

/// A column, which holds a number.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) nullable: bool,
    pub(super) default: Option<i64>,
    pub(super) is_text: bool,
}

/// A key.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent choices")]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) child: usize,
    pub(super) columns: Vec<usize>,
    pub(super) parent: usize,
    pub(super) parent_columns: Vec<usize>,
    pub(super) on_delete: Action,
    pub(super) on_update: Action,
    pub(super) deferrability: Deferrability,
    pub(super) match_full: bool,
    /// Old rows may be without a parent.
    pub(super) not_valid: bool,
    pub(super) not_enforced: bool,
    /// The parent's triggers are off.
    pub(super) disabled: bool,
}

impl Table {
    pub(super) fn full_name(&self) -> TableName {
        if self.in_aux { TableName::qualified("aux", &self.name) } else { TableName::bare(&self.name) }
    }
}

/// How large a number is, beside those that rows hold.
const LARGEST: i64 = 6;

impl Schema {
    /// The one with this seed.
    pub(super) fn new(engine: Engine, version: u32, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut schema = Schema { engine, version, tables: Vec::new(), keys: Vec::new() };
        for at in 0..rng.usize(2..=8) {
            let table = schema.table(at, &mut rng);
            schema.tables.push(table);
        }
        // Much refers to little: that is where keys meet.
        for _ in 0..rng.usize(1..=schema.tables.len() * 2) {
            schema.add_key(&mut rng);
        }
        for table in 0..schema.tables.len() {
            schema.fill(table, &mut rng);
        }
        schema.repair(&mut rng);
        schema
    }

    fn is_postgres(&self) -> bool {
        self.engine == Engine::Postgres
    }

    fn is_sqlite(&self) -> bool {
        self.engine == Engine::Sqlite
    }

    fn name(rng: &mut Rng, prefix: &str, at: usize) -> String {
        let odd = ODD[rng.usize(..ODD.len())];
        // MariaDB keeps no name with a trailing blank, and every letter of these fits.
        match rng.u8(..6) {
            0 if odd.len() < 40 => format!("{prefix}{at}{odd}"),
            1 => format!("{}{at}", prefix.to_uppercase()),
            _ => format!("{prefix}{at}"),
        }
    }

    fn table(&self, at: usize, rng: &mut Rng) -> Table {
        let number = |name: &str, nullable: bool| Column {
            name: name.to_owned(),
            nullable,
            default: None,
            is_text: false,
        };
        let is_partitioned = self.is_postgres() && self.version >= 12 && rng.u8(..8) == 0;
        let id = Column { is_text: !is_partitioned && rng.u8(..4) == 0, ..number("id", false) };
        let mut columns = vec![number("rid", false), id];
        let mut unique = vec![vec![1]];
        if !is_partitioned && rng.bool() {
            columns.push(number("u", rng.bool()));
            unique.push(vec![2]);
        }
        if !is_partitioned && rng.u8(..3) == 0 {
            let first = columns.len();
            columns.extend([number("k1", rng.u8(..3) == 0), number("k2", rng.u8(..3) == 0)]);
            unique.push(vec![first, first + 1]);
        }
        if !is_partitioned && rng.u8(..4) == 0 {
            let at = columns.len();
            columns.push(Column { is_text: true, ..number("x", rng.bool()) });
            unique.push(vec![at]);
        }
        Table {
            name: Self::name(rng, "t", at),
            in_aux: self.is_postgres() && rng.u8(..5) == 0,
            is_partitioned,
            has_heir: self.is_postgres() && !is_partitioned && rng.u16(..300) == 0,
            trigger: (self.is_postgres() && !is_partitioned && rng.u16(..500) == 0)
                .then(|| Trigger::random(rng)),
            without_row_id: self.is_sqlite() && rng.u8(..5) == 0,
            columns,
            unique,
            indexes: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn add_key(&mut self, rng: &mut Rng) {
        let (child, parent) = (rng.usize(..self.tables.len()), rng.usize(..self.tables.len()));
        let uniques = &self.tables[parent].unique;
        let mut parent_columns = uniques[rng.usize(..uniques.len())].clone();
        // InnoDB wants them as the index has them.
        if rng.bool() && self.engine != Engine::MariaDb {
            parent_columns.reverse();
        }
        let of = &self.tables[parent].columns;
        let texts: Vec<bool> = parent_columns.iter().map(|&column| of[column].is_text).collect();
        let nullable = rng.u8(..4) != 0;
        let columns = texts.iter().map(|&is_text| self.child_column(child, is_text, nullable, rng)).collect();
        let columns: Vec<usize> = columns;
        if columns.len() == 2 && columns[0] == columns[1] {
            return;
        }
        if rng.bool() && !self.tables[child].indexes.contains(&columns) {
            self.tables[child].indexes.push(columns.clone());
        }
        let is_postgres = self.is_postgres();
        let is_plain = !self.tables[child].is_partitioned && !self.tables[parent].is_partitioned;
        let not_valid = is_postgres && is_plain && rng.u8(..10) == 0;
        let deferrability = match rng.u8(..8) {
            0 if self.engine != Engine::MariaDb => Deferrability::Immediate,
            1 if self.engine != Engine::MariaDb => Deferrability::Deferred,
            _ => Deferrability::NotDeferrable,
        };
        let at = self.keys.len();
        let prefix = ["f", "a", "z", "M"][rng.usize(..4)];
        self.keys.push(Key {
            name: Self::name(rng, prefix, at),
            on_delete: self.action(child, &columns, true, rng),
            on_update: self.action(child, &columns, false, rng),
            child,
            columns,
            parent,
            parent_columns,
            deferrability,
            match_full: is_postgres && rng.u8(..6) == 0,
            not_valid,
            not_enforced: not_valid && self.version >= 18 && rng.bool(),
            disabled: is_postgres && is_plain && rng.u8(..60) == 0,
        });
    }

    /// A new column, or one that has a part in something else already.
    fn child_column(&mut self, table: usize, is_text: bool, nullable: bool, rng: &mut Rng) -> usize {
        let columns = &self.tables[table].columns;
        let fit: Vec<usize> = (1..columns.len()).filter(|&at| columns[at].is_text == is_text).collect();
        if rng.u8(..4) == 0 && !fit.is_empty() {
            return fit[rng.usize(..fit.len())];
        }
        let at = columns.len();
        let name = Self::name(rng, "c", at);
        let default = (rng.u8(..3) == 0).then(|| rng.i64(1..=LARGEST));
        self.tables[table].columns.push(Column { name, nullable, default, is_text });
        at
    }

    fn action(&self, child: usize, columns: &[usize], on_delete: bool, rng: &mut Rng) -> Action {
        let of = &self.tables[child].columns;
        let can_be_null = columns.iter().all(|&column| of[column].nullable);
        let in_primary = columns.contains(&1);
        let takes_set_null = self.engine != Engine::MariaDb || can_be_null && !in_primary;
        match rng.u8(..12) {
            0..5 => Action::Cascade,
            5 | 6 if takes_set_null => Action::SetNull(Vec::new()),
            7 if on_delete && self.version >= 15 && columns.len() == 2 && rng.bool() => {
                let one = of[columns[rng.usize(..2)]].name.clone();
                if rng.bool() { Action::SetNull(vec![one]) } else { Action::SetDefault(vec![one]) }
            }
            7 if self.engine != Engine::MariaDb => Action::SetDefault(Vec::new()),
            8 => Action::Restrict,
            _ => Action::NoAction,
        }
    }

    /// Rows of any numbers.
    fn fill(&mut self, table: usize, rng: &mut Rng) {
        let table = &mut self.tables[table];
        let mut ids: Vec<i64> = (1..=LARGEST).collect();
        rng.shuffle(&mut ids);
        for rid in 0..rng.i64(1..=LARGEST) {
            let mut row = Vec::new();
            for (at, column) in table.columns.iter().enumerate() {
                row.push(match at {
                    0 => Some(rid),
                    1 => ids.pop(),
                    _ if column.nullable && rng.u8(..4) == 0 => None,
                    _ => Some(rng.i64(1..=LARGEST)),
                });
            }
            table.rows.push(row);
        }
    }

    /// Takes away what constraints don't allow: a value, or the row.
    pub(super) fn repair(&mut self, rng: &mut Rng) {
        loop {
            let mut is_done = true;
            for table in 0..self.tables.len() {
                is_done &= !self.drop_duplicates(table);
            }
            for at in 0..self.keys.len() {
                is_done &= !self.repair_key(at, rng);
            }
            if is_done {
                return;
            }
        }
    }

    fn drop_duplicates(&mut self, table: usize) -> bool {
        let Table { unique, rows, .. } = &mut self.tables[table];
        let before = rows.len();
        for columns in unique.iter() {
            let mut seen: Vec<Vec<i64>> = Vec::new();
            rows.retain(|row| {
                let values: Option<Vec<i64>> = columns.iter().map(|&column| row[column]).collect();
                let Some(values) = values else { return true };
                let is_new = !seen.contains(&values);
                seen.push(values);
                is_new
            });
        }
        rows.len() != before
    }

    fn repair_key(&mut self, at: usize, rng: &mut Rng) -> bool {
        let key = self.keys[at].clone();
        if key.not_valid {
            return false;
        }
        let parents: Vec<Vec<Option<i64>>> = self.tables[key.parent]
            .rows
            .iter()
            .map(|row| key.parent_columns.iter().map(|&column| row[column]).collect())
            .collect();
        let mut changed = false;
        let mut kept = Vec::new();
        for mut row in std::mem::take(&mut self.tables[key.child].rows) {
            let values: Vec<Option<i64>> = key.columns.iter().map(|&column| row[column]).collect();
            let nulls = values.iter().filter(|value| value.is_none()).count();
            let is_sound = match nulls {
                0 => parents.contains(&values),
                _ => !key.match_full || nulls == values.len(),
            };
            if is_sound {
                kept.push(row);
                continue;
            }
            changed = true;
            let child = &self.tables[key.child];
            let is_free = |column: &usize| !child.unique[0].contains(column);
            let whole: Vec<&Vec<Option<i64>>> =
                parents.iter().filter(|values| !values.contains(&None)).collect();
            if !whole.is_empty() && rng.u8(..16) != 0 && key.columns.iter().all(is_free) {
                let new = whole[rng.usize(..whole.len())].clone();
                key.columns.iter().zip(new).for_each(|(&column, value)| row[column] = value);
                // A column that another key has, too, may lead around in circles.
                if rng.u8(..8) != 0 {
                    kept.push(row);
                }
            } else if key.columns.iter().all(|&column| child.columns[column].nullable) {
                key.columns.iter().for_each(|&column| row[column] = None);
                kept.push(row);
            }
        }
        self.tables[key.child].rows = kept;
        changed
    }

    /// The statements that make it.
    pub(super) fn create(&self) -> Vec<String> {
        let mut sql = Vec::new();
        if self.is_postgres() {
            sql.push("CREATE SCHEMA aux".to_owned());
        }
        for at in 0..self.tables.len() {
            sql.push(self.create_table(at));
            if self.tables[at].is_partitioned {
                for (part, from, to) in [(1, 0, 4), (2, 4, 90), (3, 90, 97)] {
                    sql.push(format!(
                        "CREATE TABLE part_{at}_{part} PARTITION OF {} FOR VALUES FROM ({from}) TO ({to})",
                        self.quoted_table(at)
                    ));
                }
            }
        }
        for at in 0..self.tables.len() {
            sql.extend(self.tables[at].rows.iter().map(|row| self.insert(at, row)));
        }
        if !self.is_sqlite() {
            sql.extend(self.keys.iter().map(|key| {
                format!("ALTER TABLE {} ADD {}", self.quoted_table(key.child), self.constraint(key))
            }));
        }
        for (at, table) in self.tables.iter().enumerate() {
            let name = self.quoted_table(at);
            if let Some(trigger) = table.trigger {
                sql.push(format!("{FUNCTIONS}; {}", trigger.create(&name)));
            }
            if table.has_heir {
                sql.push(format!(
                    "CREATE TABLE heir_{at} () INHERITS ({name}); INSERT INTO heir_{at} SELECT * FROM ONLY {name} LIMIT 3"
                ));
            }
        }
        for key in self.keys.iter().filter(|key| key.disabled) {
            sql.push(format!("ALTER TABLE {} DISABLE TRIGGER ALL", self.quoted_table(key.parent)));
        }
        sql
    }

    fn create_table(&self, at: usize) -> String {
        let table = &self.tables[at];
        let mut parts: Vec<String> = table
            .columns
            .iter()
            .map(|column| {
                let kind = match (column.is_text, self.is_sqlite()) {
                    (true, true) => "TEXT",
                    (true, false) => "VARCHAR(20)",
                    (false, _) => "INTEGER",
                };
                let not_null = if column.nullable { "" } else { " NOT NULL" };
                let default = column.default.map(|value| format!(" DEFAULT {}", number(value, column)));
                format!("{} {kind}{not_null}{}", self.quoted(&column.name), default.unwrap_or_default())
            })
            .collect();
        for (unique, columns) in table.unique.iter().enumerate() {
            let kind = if unique == 0 { "PRIMARY KEY" } else { "UNIQUE" };
            parts.push(format!("{kind} ({})", self.quoted_columns(at, columns)));
        }
        if self.is_sqlite() {
            parts.extend(self.keys.iter().filter(|key| key.child == at).map(|key| self.constraint(key)));
        }
        if self.engine == Engine::MariaDb {
            let indexes = table.indexes.iter().enumerate();
            parts
                .extend(indexes.map(|(index, columns)| {
                    format!("INDEX i{index} ({})", self.quoted_columns(at, columns))
                }));
        }
        let end = match self.engine {
            Engine::Postgres if table.is_partitioned => " PARTITION BY RANGE (id)",
            Engine::Sqlite if table.without_row_id => " WITHOUT ROWID",
            Engine::MariaDb => " ENGINE=InnoDB",
            _ => "",
        };
        format!("CREATE TABLE {} ({}){end}", self.quoted_table(at), parts.join(", "))
    }

    fn insert(&self, at: usize, row: &[Option<i64>]) -> String {
        let columns = &self.tables[at].columns;
        let values = row.iter().zip(columns).map(|(value, column)| literal(*value, column));
        format!("INSERT INTO {} VALUES ({})", self.quoted_table(at), values.collect::<Vec<_>>().join(", "))
    }

    fn constraint(&self, key: &Key) -> String {
        let match_full = if key.match_full { " MATCH FULL" } else { "" };
        let deferrability = match key.deferrability {
            Deferrability::NotDeferrable => "",
            Deferrability::Immediate => " DEFERRABLE",
            Deferrability::Deferred => " DEFERRABLE INITIALLY DEFERRED",
        };
        let not_valid = match (key.not_enforced, key.not_valid) {
            (true, _) => " NOT ENFORCED",
            (false, true) => " NOT VALID",
            (false, false) => "",
        };
        format!(
            "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}){match_full} ON DELETE {} ON UPDATE {}{deferrability}{not_valid}",
            self.quoted(&key.name),
            self.quoted_columns(key.child, &key.columns),
            self.quoted_table(key.parent),
            self.quoted_columns(key.parent, &key.parent_columns),
            self.action_text(&key.on_delete),
            self.action_text(&key.on_update),
        )
    }

    fn action_text(&self, action: &Action) -> String {
        let (words, named) = match action {
            Action::SetNull(named) => ("SET NULL", named),
            Action::SetDefault(named) => ("SET DEFAULT", named),
            Action::NoAction => return "NO ACTION".to_owned(),
            Action::Restrict => return "RESTRICT".to_owned(),
            Action::Cascade => return "CASCADE".to_owned(),
        };
        let named: Vec<String> = named.iter().map(|name| self.quoted(name)).collect();
        if named.is_empty() { words.to_owned() } else { format!("{words} ({})", named.join(", ")) }
    }

    fn quoted(&self, name: &str) -> String {
        quoted(self.engine, name)
    }

    fn quoted_table(&self, at: usize) -> String {
        quoted_table(self.engine, &self.tables[at].full_name())
    }

    /// All tables.
    pub(super) fn compared(&self) -> Vec<compare::Table> {
        let compared = |table: &Table| {
            let columns: Vec<(String, bool)> =
                table.columns.iter().map(|column| (column.name.clone(), false)).collect();
            compare::Table::new(self.engine, table.full_name(), &columns)
        };
        self.tables.iter().map(compared).collect()
    }

    fn quoted_columns(&self, table: usize, columns: &[usize]) -> String {
        let columns = columns.iter().map(|&column| self.quoted(&self.tables[table].columns[column].name));
        columns.collect::<Vec<_>>().join(", ")
    }

    /// A random statement.
    pub(super) fn statement(&self, rng: &mut Rng) -> Statement {
        // A table that something refers to, mostly.
        let parents: Vec<usize> = self.keys.iter().map(|key| key.parent).collect();
        let table = match parents.len() {
            0 => 0,
            _ if rng.u8(..5) == 0 => rng.usize(..self.tables.len()),
            count => parents[rng.usize(..count)],
        };
        let columns = &self.tables[table].columns;
        let there: Vec<i64> = self.tables[table].rows.iter().filter_map(|row| row[1]).collect();
        let ids = |rng: &mut Rng, count: usize| -> String {
            let id = |rng: &mut Rng| match there.len() {
                0 => 1,
                rows => there[rng.usize(..rows)],
            };
            (0..count).map(|_| number(id(rng), &columns[1])).collect::<Vec<_>>().join(", ")
        };
        let condition = match rng.u8(..8) {
            0 => "1 = 1".to_owned(),
            1 | 2 => format!("id IN ({})", ids(rng, 3)),
            _ => format!("id = {}", ids(rng, 1)),
        };
        if rng.u8(..5) < 3 {
            return Statement { table, condition, set: None };
        }
        let column = rng.usize(1..columns.len());
        let value = match rng.u8(..5) {
            0 if columns[column].nullable => None,
            // One that nothing has.
            0..3 => Some(rng.i64(90..=99)),
            _ => Some(rng.i64(1..=LARGEST)),
        };
        Statement { table, condition, set: Some((column, value)) }
    }

    /// It as SQL.
    pub(super) fn sql(&self, statement: &Statement) -> String {
        let table = self.quoted_table(statement.table);
        match statement.set {
            None => format!("DELETE FROM {table} WHERE {}", statement.condition),
            Some((at, value)) => {
                let column = &self.tables[statement.table].columns[at];
                format!(
                    "UPDATE {table} SET {} = {} WHERE {}",
                    self.quoted(&column.name),
                    literal(value, column),
                    statement.condition
                )
            }
        }
    }
}

/// A delete, or an update of one column.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) table: usize,
    pub(super) condition: String,
    pub(super) set: Option<(usize, Option<i64>)>,
}

/// The text that stands for a number. Neither letters nor digits are in the order of their bytes to every engine.
pub(super) fn text(value: i64) -> String {
    const TEXTS: [&str; 6] = ["b", "07", "A", "7", "C", "a0"];
    let text = usize::try_from(value - 1).ok().and_then(|at| TEXTS.get(at));
    text.map_or_else(|| format!("n{value}"), |text| (*text).to_owned())
}

fn literal(value: Option<i64>, column: &Column) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| number(value, column))
}

fn number(value: i64, column: &Column) -> String {
    if column.is_text { format!("'{}'", text(value)) } else { value.to_string() }
}

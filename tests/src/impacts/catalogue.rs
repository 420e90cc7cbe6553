//! What the filler has to know of tables, asked of the database itself.

use std::collections::BTreeMap;

use fkcheck_core::model::{Engine, TableName};

use crate::oracle::compare::{self, Row};
use crate::oracle::place::Place;

/// A table that is to be filled.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: TableName,
    pub(super) columns: Vec<Column>,
    /// Texts that stand in its CHECKs: what they allow is often among these.
    pub(super) checked: Vec<String>,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct Column {
    pub(super) name: String,
    /// The type in lower case; of a domain, that below it.
    pub(super) kind: String,
    /// The values of an enum.
    pub(super) labels: Vec<String>,
    pub(super) nullable: bool,
    /// The engine has a value where none is given.
    pub(super) has_default: bool,
    /// Only the engine writes it.
    pub(super) generated: bool,
    pub(super) in_primary: bool,
}

impl Column {
    pub(super) fn is_bytes(&self) -> bool {
        ["bytea", "blob", "binary"].iter().any(|word| self.kind.contains(word))
    }
}

impl Table {
    /// As it is compared.
    pub(super) fn compared(&self, engine: Engine) -> compare::Table {
        let columns: Vec<(String, bool)> =
            self.columns.iter().map(|column| (column.name.clone(), column.is_bytes())).collect();
        compare::Table::new(engine, self.name.clone(), &columns)
    }

    pub(super) fn place(&self, column: &str) -> usize {
        let is_it = |known: &Column| known.name.eq_ignore_ascii_case(column);
        self.columns.iter().position(is_it).expect("a column of the table")
    }
}

/// Schema, table, name, type, labels, nullable, has a default, generated, in the primary key.
const POSTGRES_COLUMNS: &str = "
    SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), CASE WHEN t.typbasetype = 0 THEN a.atttypmod ELSE t.typtypmod END),
           (SELECT string_agg(e.enumlabel, chr(31) ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
           CASE WHEN NOT a.attnotnull THEN '1' END,
           CASE WHEN a.atthasdef OR a.attidentity <> '' THEN '1' END,
           CASE WHEN a.attgenerated <> '' OR a.attidentity = 'a' THEN '1' END,
           CASE WHEN EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) THEN '1' END
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type t ON t.oid = a.atttypid
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     ORDER BY c.oid, a.attnum";

const MARIADB_COLUMNS: &str = "
    SELECT NULL, c.table_name, c.column_name, c.column_type, NULL,
           CASE WHEN c.is_nullable = 'YES' THEN '1' END,
           CASE WHEN c.column_default IS NOT NULL OR c.extra LIKE '%auto_increment%' THEN '1' END,
           CASE WHEN c.extra LIKE '%GENERATED%' THEN '1' END,
           CASE WHEN c.column_key = 'PRI' THEN '1' END
      FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = database() AND t.table_type = 'BASE TABLE'
     ORDER BY c.table_name, c.ordinal_position";

const SQLITE_COLUMNS: &str = r"
    SELECT NULL, t.name, c.name, c.type, NULL,
           CASE WHEN NOT c.[notnull] AND NOT c.pk THEN '1' END,
           CASE WHEN c.dflt_value IS NOT NULL OR (c.pk AND lower(c.type) = 'integer') THEN '1' END,
           CASE WHEN c.hidden THEN '1' END,
           CASE WHEN c.pk THEN '1' END
      FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c
     WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'
     ORDER BY t.name, c.cid";

const POSTGRES_CHECKS: &str = "
    SELECT n.nspname::text, c.relname::text, pg_get_constraintdef(k.oid)
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE k.contype = 'c'";
const MARIADB_CHECKS: &str = "
    SELECT NULL, table_name, check_clause FROM information_schema.check_constraints WHERE constraint_schema = database()";
const SQLITE_CHECKS: &str =
    "SELECT NULL, name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL";

/// All tables of the database.
pub(super) fn tables(engine: Engine, place: &mut Place) -> Vec<Table> {
    let (columns, checks) = match engine {
        Engine::Postgres => (POSTGRES_COLUMNS, POSTGRES_CHECKS),
        Engine::Sqlite => (SQLITE_COLUMNS, SQLITE_CHECKS),
        _ => (MARIADB_COLUMNS, MARIADB_CHECKS),
    };
    let mut checked: BTreeMap<TableName, Vec<String>> = BTreeMap::new();
    for row in place.query(checks) {
        let texts = row[2].as_deref().unwrap_or_default().split('\'').skip(1).step_by(2);
        checked.entry(name(&row)).or_default().extend(texts.map(str::to_owned));
    }
    let mut tables: Vec<Table> = Vec::new();
    for row in place.query(columns) {
        let name = name(&row);
        if tables.last().is_none_or(|table| table.name != name) {
            let checked = checked.remove(&name).unwrap_or_default();
            tables.push(Table { name, columns: Vec::new(), checked });
        }
        tables.last_mut().expect("one").columns.push(column(&row));
    }
    tables
}

/// As fkcheck names it: without the schema that is the default.
fn name(row: &Row) -> TableName {
    let table = row[1].as_deref().expect("a name");
    match row[0].as_deref() {
        None | Some("public") => TableName::bare(table),
        Some(schema) => TableName::qualified(schema, table),
    }
}

fn column(row: &Row) -> Column {
    let kind = row[3].clone().unwrap_or_default();
    // MariaDB writes the values of an enum into its type.
    let labels: Vec<String> = match row[4].as_deref() {
        Some(labels) => labels.split('\u{1f}').map(str::to_owned).collect(),
        None if kind.starts_with("enum(") => kind.split('\'').skip(1).step_by(2).map(str::to_owned).collect(),
        None => Vec::new(),
    };
    Column {
        name: row[2].clone().expect("a name"),
        kind: kind.to_lowercase(),
        labels,
        nullable: row[5].is_some(),
        has_default: row[6].is_some(),
        generated: row[7].is_some(),
        in_primary: row[8].is_some(),
    }
}

/// Drops the triggers of the database's own: fkcheck says of each that it can't know what it does. How many there were.
pub(super) fn drop_triggers(engine: Engine, place: &mut Place) -> usize {
    let query = match engine {
        Engine::Postgres => {
            "SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
              WHERE NOT t.tgisinternal AND t.tgparentid = 0"
        }
        Engine::Sqlite => "SELECT 'DROP TRIGGER \"' || name || '\"' FROM sqlite_schema WHERE type = 'trigger'",
        _ => {
            "SELECT concat('DROP TRIGGER `', trigger_name, '`') FROM information_schema.triggers WHERE trigger_schema = database()"
        }
    };
    let drops: Vec<String> = place.query(query).into_iter().filter_map(|mut row| row.remove(0)).collect();
    for drop in &drops {
        place.execute(drop).unwrap_or_else(|why| panic!("{why}\n{drop}"));
    }
    drops.len()
}

//! A random schema as SQL, with rows.

use std::fmt::Write as _;

use fastrand::Rng;
use fkcheck_core::model::{Action, Deferrability};

use super::schema::{Key, Schema, Table};
use crate::mutants::Engine;

/// Everything that makes it.
pub(super) fn create(schema: &Schema) -> Vec<String> {
    let mut rng = Rng::with_seed(schema.seed ^ 0x5eed);
    let mut sql = Vec::new();
    if schema.is_postgres() {
        sql.push("CREATE SCHEMA aux".to_owned());
    }
    for at in 0..schema.tables.len() {
        match schema.engine {
            Engine::Sqlite => sqlite_table(&mut sql, schema, at, &mut rng),
            _ => server_table(&mut sql, schema, at),
        }
    }
    for at in 0..schema.tables.len() {
        rows(&mut sql, schema, at);
    }
    if schema.engine != Engine::Sqlite {
        for key in &schema.keys {
            server_key(&mut sql, schema, key);
        }
    }
    sql
}

fn quoted(schema: &Schema, name: &str) -> String {
    match schema.engine {
        Engine::Mysql => format!("`{}`", name.replace('`', "``")),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

fn table(schema: &Schema, at: usize) -> String {
    let table = &schema.tables[at];
    format!("{}{}", if table.in_aux { "aux." } else { "" }, quoted(schema, &table.name))
}

fn key_columns(schema: &Schema, key: &Key) -> String {
    schema.columns_of(key).iter().map(|name| quoted(schema, name)).collect::<Vec<_>>().join(", ")
}

fn referenced(key: &Key) -> &'static str {
    if key.columns.len() == 2 { "u1, u2" } else { "id" }
}

fn action(schema: &Schema, action: &Action) -> String {
    match action {
        Action::SetNull(named) if !named.is_empty() => format!("SET NULL ({})", quoted(schema, &named[0])),
        other => other.to_string(),
    }
}

/// What stands behind REFERENCES and the parent.
fn clauses(schema: &Schema, key: &Key) -> Vec<String> {
    let mut clauses = Vec::new();
    if key.match_full {
        clauses.push("MATCH FULL".to_owned());
    }
    // Left out, it is NO ACTION.
    if key.in_database != Action::NoAction || key.child.is_multiple_of(2) {
        clauses.push(format!("ON DELETE {}", action(schema, &key.in_database)));
    }
    if key.on_update != Action::NoAction {
        clauses.push(format!("ON UPDATE {}", action(schema, &key.on_update)));
    }
    match key.deferrability {
        Deferrability::NotDeferrable => {}
        stated => clauses.push(stated.to_string()),
    }
    clauses
}

fn server_table(sql: &mut Vec<String>, schema: &Schema, at: usize) {
    let described = &schema.tables[at];
    let name = table(schema, at);
    let unique = match schema.engine {
        _ if described.partitions > 0 => "",
        // InnoDB looks for the referenced columns in their order.
        Engine::Mysql => ", UNIQUE (u1, u2)",
        _ => ", UNIQUE (u2, u1)",
    };
    let columns = described
        .columns
        .iter()
        .map(|column| {
            let null = if column.nullable { "" } else { " NOT NULL" };
            format!(", {} INTEGER{null} DEFAULT 1", quoted(schema, &column.name))
        })
        .collect::<Vec<_>>()
        .concat();
    let partition = if described.partitions == 0 { "" } else { " PARTITION BY RANGE (id)" };
    sql.push(format!("CREATE TABLE {name} (id INTEGER NOT NULL PRIMARY KEY, u1 INTEGER NOT NULL, u2 INTEGER NOT NULL{columns}{unique}){partition}"
    ));
    let part = |suffix: &str| {
        let plain = format!("{suffix} {}", described.name.chars().take(20).collect::<String>());
        format!("{}{}", if described.in_aux { "aux." } else { "" }, quoted(schema, &plain))
    };
    if described.partitions > 0 {
        sql.push(format!("CREATE TABLE {} PARTITION OF {name} FOR VALUES FROM (0) TO (2)", part("p1")));
        let deeper = if described.partitions > 1 { " PARTITION BY RANGE (id)" } else { "" };
        sql.push(format!(
            "CREATE TABLE {} PARTITION OF {name} FOR VALUES FROM (2) TO (100){deeper}",
            part("p2")
        ));
        if described.partitions > 1 {
            sql.push(format!(
                "CREATE TABLE {} PARTITION OF {} FOR VALUES FROM (2) TO (50)",
                part("p21"),
                part("p2")
            ));
        }
    }
    for (at, column) in described.columns.iter().enumerate().filter(|(_, column)| column.has_index) {
        let index = quoted(schema, &format!("i{at} {}", described.name.chars().take(20).collect::<String>()));
        sql.push(format!("CREATE INDEX {index} ON {name} ({})", quoted(schema, &column.name)));
    }
}

fn server_key(sql: &mut Vec<String>, schema: &Schema, key: &Key) {
    let name = quoted(schema, key.name.as_deref().unwrap_or_default());
    sql.push(format!(
        "ALTER TABLE {} ADD CONSTRAINT {name} FOREIGN KEY ({}) REFERENCES {} ({}) {}{}",
        table(schema, key.child),
        key_columns(schema, key),
        table(schema, key.parent),
        referenced(key),
        clauses(schema, key).join(" "),
        if key.not_valid { " NOT VALID" } else { "" }
    ));
    if let Some(comment) = &key.comment {
        let text = comment.replace('\'', "''");
        sql.push(format!("COMMENT ON CONSTRAINT {name} ON {} IS '{text}'", table(schema, key.child)));
    }
}

fn rows(sql: &mut Vec<String>, schema: &Schema, at: usize) {
    let described = &schema.tables[at];
    for row in 1..=3 {
        // NULLs go together: half a key is none.
        let values: String = described
            .columns
            .iter()
            .map(|column| if column.nullable && row == 3 { ", NULL".to_owned() } else { format!(", {row}") })
            .collect();
        let columns: String = described
            .columns
            .iter()
            .map(|column| format!(", {}", quoted(schema, &column.name)))
            .collect::<Vec<_>>()
            .concat();
        sql.push(format!(
            "INSERT INTO {} (id, u1, u2{columns}) VALUES ({row}, {row}, {row}{values})",
            table(schema, at)
        ));
    }
}

/// In any of SQLite's quotes.
fn any_quotes(name: &str, rng: &mut Rng) -> String {
    match rng.u8(..3) {
        0 if !name.contains(']') => format!("[{name}]"),
        1 => format!("`{}`", name.replace('`', "``")),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

fn space(rng: &mut Rng) -> &'static str {
    ["\u{20}", "  ", "\n\t", " /* ON DELETE CASCADE, ( */ ", " -- REFERENCES nobody)\n "][rng.usize(..5)]
}

fn sqlite_table(sql: &mut Vec<String>, schema: &Schema, at: usize, rng: &mut Rng) {
    let described = &schema.tables[at];
    let (is_strict, without_row_id) = (rng.u8(..3) == 0, rng.u8(..4) == 0);
    let id = match (without_row_id, rng.u8(..3)) {
        (true, _) => "INTEGER NOT NULL PRIMARY KEY",
        (false, 0) => "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
        // Its rows have numbers of their own.
        (false, 1) => "INT NOT NULL PRIMARY KEY",
        (false, _) => "INTEGER PRIMARY KEY NOT NULL",
    };
    let mut parts = vec![
        format!("id {id}"),
        "u1 INTEGER NOT NULL".to_owned(),
        "u2 INTEGER NOT NULL CHECK (u2 <> -1)".to_owned(),
    ];
    let mut constraints = vec!["UNIQUE (u2, u1)".to_owned()];
    for (place, column) in described.columns.iter().enumerate() {
        let null = if column.nullable { "" } else { " NOT NULL" };
        let mut part = format!("{}{}INTEGER{null} DEFAULT 1", any_quotes(&column.name, rng), space(rng));
        if let Some(key) =
            schema.keys.iter().find(|key| key.child == at && key.columns == [place]).filter(|_| rng.bool())
        {
            part.push_str(&sqlite_key(schema, key, rng, false));
            if rng.bool() {
                part.push_str(" CHECK (1)");
            }
        } else if let Some(key) = schema.keys.iter().find(|key| key.child == at && key.columns[0] == place) {
            constraints.push(sqlite_key(schema, key, rng, true));
        }
        parts.push(part);
    }
    if rng.bool() {
        parts.push("g1 INTEGER GENERATED ALWAYS AS (u1 + 1) STORED".to_owned());
        parts.push("g2 TEXT COLLATE NOCASE AS (u1 || 'x')".to_owned());
    }
    parts.push(format!("note {} DEFAULT 'references (x' COLLATE NOCASE", "TEXT"));
    let options: Vec<&str> = [(is_strict, "STRICT"), (without_row_id, "WITHOUT ROWID")]
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| word)
        .collect();
    let name = table(schema, at);
    let all: Vec<String> = parts.into_iter().chain(constraints).collect();
    sql.push(format!(
        "CREATE TABLE {}{}({}{}){}{}",
        any_quotes(&described.name, rng),
        space(rng),
        all.join(&format!(",{}", space(rng))),
        space(rng),
        space(rng),
        options.join(", ")
    ));
    let short: String = described.name.chars().take(20).collect();
    let object = |kind: &str| quoted(schema, &format!("{kind} {short}"));
    if rng.bool() {
        sql.push(format!("CREATE INDEX {} ON {name} (u1) WHERE u1 > 0", object("partial")));
        sql.push(format!("CREATE UNIQUE INDEX {} ON {name} (u1 + 1, lower(note))", object("expression")));
    }
    if rng.bool() {
        sql.push(format!("CREATE TRIGGER {} AFTER DELETE ON {name} BEGIN SELECT 'a;b'; DELETE FROM {name} WHERE id = -old.id; END",
            object("gone")
        ));
    }
    if rng.bool() {
        sql.push(format!(
            "CREATE VIEW {} AS SELECT a.id, b.u1 FROM {name} a JOIN {name} b ON b.id = a.id",
            object("view")
        ));
    }
    if at > 0 && rng.bool() {
        let other: &Table = &schema.tables[at - 1];
        sql.push(format!("CREATE TRIGGER {} AFTER UPDATE OF note ON {} BEGIN UPDATE {name} SET note = new.note WHERE id = new.id; END",
            object("from other"),
            quoted(schema, &other.name)
        ));
    }
}

fn sqlite_key(schema: &Schema, key: &Key, rng: &mut Rng, of_table: bool) -> String {
    let mut text = String::new();
    if let Some(name) = &key.name {
        let _ = write!(text, "{}CONSTRAINT {}", space(rng), any_quotes(name, rng));
    }
    if of_table {
        let columns: Vec<String> = schema.columns_of(key).iter().map(|name| any_quotes(name, rng)).collect();
        let _ = write!(text, "{}FOREIGN{}KEY ({})", space(rng), space(rng), columns.join(","));
    }
    let parent = any_quotes(&schema.tables[key.parent].name, rng);
    let _ = write!(text, "{}references{}{parent}{}({})", space(rng), space(rng), space(rng), referenced(key));
    // However many clauses there are, what comes after them is the same.
    let mut rng = rng.fork();
    for clause in clauses(schema, key) {
        let words: Vec<&str> = clause.split(' ').collect();
        let glue = space(&mut rng);
        let _ = write!(text, "{}{}", space(&mut rng), words.join(glue));
    }
    text
}

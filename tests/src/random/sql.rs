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
            _ => server_table(&mut sql, schema, at, &mut rng),
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
    if schema.is_postgres() && rng.u8(..5) == 0 {
        // For whoever connects from now on.
        sql.push("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database()); END $$".to_owned());
    }
    if schema.engine == Engine::Sqlite && rng.u8(..4) == 0 {
        sql.push("ANALYZE".to_owned());
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

fn server_table(sql: &mut Vec<String>, schema: &Schema, at: usize, rng: &mut Rng) {
    let described = &schema.tables[at];
    let name = table(schema, at);
    let unique = match schema.engine {
        _ if described.partitions > 0 => "",
        // InnoDB looks for the referenced columns in their order.
        Engine::Mysql => ", UNIQUE (u1, u2)",
        _ => ", UNIQUE (u2, u1)",
    };
    let columns: Vec<String> = described
        .columns
        .iter()
        .map(|column| {
            let null = if column.nullable { "" } else { " NOT NULL" };
            format!("{} INTEGER{null} DEFAULT 1", quoted(schema, &column.name))
        })
        .collect();
    let own = ["id INTEGER NOT NULL", "u1 INTEGER NOT NULL", "u2 INTEGER NOT NULL"].map(str::to_owned);
    let mut parts: Vec<String> = own.into_iter().chain(columns).collect();
    let partition = if described.partitions == 0 { "" } else { " PARTITION BY RANGE (id)" };
    let in_order = parts.join(", ");
    parts.reverse();
    let reversed = parts.join(", ");
    let more = if schema.engine == Engine::Mysql { mysql_parts(rng) } else { "" };
    sql.push(format!("CREATE TABLE {name} ({in_order}, PRIMARY KEY (id){unique}{more}){partition}"));
    let part = |suffix: &str| {
        let plain = format!("{suffix} {}", described.name.chars().take(20).collect::<String>());
        format!("{}{}", if described.in_aux { "aux." } else { "" }, quoted(schema, &plain))
    };
    if described.partitions > 0 {
        let (first, second) = (part("p1"), part("p2"));
        if rng.bool() {
            // A table of its own before, with its columns at other places.
            sql.push(format!("CREATE TABLE {first} (gone TEXT, {reversed}, PRIMARY KEY (id))"));
            sql.push(format!("ALTER TABLE {first} DROP COLUMN gone"));
            sql.push(format!("ALTER TABLE {name} ATTACH PARTITION {first} FOR VALUES FROM (0) TO (2)"));
        } else {
            sql.push(format!("CREATE TABLE {first} PARTITION OF {name} FOR VALUES FROM (0) TO (2)"));
        }
        let deeper = if described.partitions > 1 { " PARTITION BY LIST (id)" } else { "" };
        sql.push(format!("CREATE TABLE {second} PARTITION OF {name} FOR VALUES FROM (2) TO (100){deeper}"));
        if described.partitions > 1 {
            sql.push(format!("CREATE TABLE {} PARTITION OF {second} FOR VALUES IN (2, 7)", part("p21")));
            sql.push(format!("CREATE TABLE {} PARTITION OF {second} DEFAULT", part("p22")));
        }
    }
    for (at, column) in described.columns.iter().enumerate().filter(|(_, column)| column.has_index) {
        let index = quoted(schema, &format!("i{at} {}", described.name.chars().take(20).collect::<String>()));
        sql.push(format!("CREATE INDEX {index} ON {name} ({})", quoted(schema, &column.name)));
    }
}

/// What else a table of MySQL's may have.
fn mysql_parts(rng: &mut Rng) -> &'static str {
    [
        "",
        ", g INT AS (u1 + 1) VIRTUAL, KEY (g)",
        ", g INT AS (u2 + 1) STORED COMMENT 'it''s \\\\ odd'",
        ", note VARCHAR(20) NOT NULL DEFAULT 'x', FULLTEXT (note)",
        ", CONSTRAINT `a check` CHECK (u1 > 0)",
        ", note VARCHAR(20) COLLATE utf8mb4_bin DEFAULT 'x', KEY (note(5), u1)",
    ][rng.usize(..6)]
}

fn server_key(sql: &mut Vec<String>, schema: &Schema, key: &Key) {
    let name = quoted(schema, key.name.as_deref().unwrap_or_default());
    let constraint = key.name.as_ref().map_or_else(String::new, |_| format!("CONSTRAINT {name} "));
    let state = match (key.not_enforced, key.not_valid) {
        (true, _) => " NOT ENFORCED",
        (false, true) => " NOT VALID",
        (false, false) => "",
    };
    sql.push(format!(
        "ALTER TABLE {} ADD {constraint}FOREIGN KEY ({}) REFERENCES {} ({}) {}{state}",
        table(schema, key.child),
        key_columns(schema, key),
        table(schema, key.parent),
        referenced(key),
        clauses(schema, key).join(" "),
    ));
    if let Some(comment) = key.comment.as_ref().filter(|_| key.name.is_some()) {
        let text = comment.replace('\'', "''");
        sql.push(format!("COMMENT ON CONSTRAINT {name} ON {} IS '{text}'", table(schema, key.child)));
    }
}

fn rows(sql: &mut Vec<String>, schema: &Schema, at: usize) {
    let described = &schema.tables[at];
    let is_sqlite = schema.engine == Engine::Sqlite;
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
        let (any, value) =
            if is_sqlite { (", any", [", 1e300", ", x'00ff'", ", '1.0 '"][row - 1]) } else { ("", "") };
        let table = table(schema, at);
        sql.push(format!(
            "INSERT INTO {table} (id, u1, u2{any}{columns}) VALUES ({row}, {row}, {row}{value}{values})"
        ));
        if is_sqlite && row == 2 {
            // A number that isn't given again.
            sql.push(format!("INSERT INTO {table} (id, u1, u2) VALUES (90, 90, 90)"));
            sql.push(format!("DELETE FROM {table} WHERE id = 90"));
        }
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
    let id = match (without_row_id, rng.u8(..4)) {
        (true, _) => "INTEGER NOT NULL PRIMARY KEY",
        (false, 0) => "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
        // Its rows have numbers of their own.
        (false, 1) => "INT NOT NULL PRIMARY KEY",
        (false, 2) => "INTEGER NOT NULL PRIMARY KEY DESC",
        (false, _) => "INTEGER PRIMARY KEY NOT NULL",
    };
    let mut parts = vec![
        format!("id {id}"),
        "u1 INTEGER NOT NULL".to_owned(),
        "u2 INTEGER NOT NULL CHECK (u2 <> -1)".to_owned(),
    ];
    let mut constraints = vec!["UNIQUE (u2, u1)".to_owned()];
    let mut added_later = Vec::new();
    for (place, column) in described.columns.iter().enumerate() {
        let null = if column.nullable { "" } else { " NOT NULL" };
        let mut part = format!("{}{}INTEGER{null} DEFAULT 1", any_quotes(&column.name, rng), space(rng));
        let mut is_late = false;
        let of_column = schema.keys.iter().find(|key| key.child == at && key.columns == [place]);
        if let Some(key) = of_column.filter(|_| rng.bool()) {
            part.push_str(&sqlite_key(schema, key, rng, false));
            let is_shared = schema.keys.iter().any(|key| key.child == at && key.columns.len() > 1);
            is_late = !is_shared && rng.bool();
            if rng.bool() {
                part.push_str(" CHECK (1)");
            }
        } else if let Some(key) = of_column {
            constraints.push(sqlite_key(schema, key, rng, true));
        }
        let of_several = schema
            .keys
            .iter()
            .filter(|key| key.child == at && key.columns.len() > 1 && key.columns[0] == place);
        for key in of_several {
            constraints.push(sqlite_key(schema, key, rng, true));
        }
        if is_late { &mut added_later } else { &mut parts }.push(part);
    }
    if rng.bool() {
        parts.push("g1 INTEGER GENERATED ALWAYS AS (u1 + 1) STORED".to_owned());
        parts.push("g2 TEXT COLLATE NOCASE AS (u1 || 'x')".to_owned());
    }
    parts.push("note TEXT DEFAULT 'references (x' COLLATE NOCASE".to_owned());
    parts.push(if is_strict { "any ANY" } else { "any DECIMAL(10, 2)" }.to_owned());
    let options: Vec<&str> = [(is_strict, "STRICT"), (without_row_id, "WITHOUT ROWID")]
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| word)
        .collect();
    let name = table(schema, at);
    let all: Vec<String> = parts.into_iter().chain(constraints).collect();
    let was_another = rng.u8(..6) == 0;
    let first_name = if was_another { format!("was {at}") } else { described.name.clone() };
    // The text ends where the statement does: with a comment now and then.
    let end = if options.is_empty() { "" } else { comment_at_the_end(rng) };
    sql.push(format!(
        "CREATE TABLE {}{}({}{}){}{}{end}",
        any_quotes(&first_name, rng),
        space(rng),
        all.join(&format!(",{}", space(rng))),
        space(rng),
        space(rng),
        options.join(", ")
    ));
    if was_another {
        sql.push(format!("ALTER TABLE {} RENAME TO {name}", quoted(schema, &first_name)));
    }
    sql.extend(added_later.iter().map(|part| format!("ALTER TABLE {name} ADD COLUMN {part}")));
    let short: String = described.name.chars().take(20).collect();
    let object = |kind: &str| quoted(schema, &format!("{kind} {short}"));
    if rng.bool() {
        let end = comment_at_the_end(rng);
        sql.push(format!("CREATE INDEX {} ON {name} (u1) WHERE u1 > 0{end}", object("partial")));
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
    if rng.u8(..6) == 0 {
        let taken = quoted(schema, &format!("fkcheck_old_{}", described.name));
        sql.push(format!("CREATE VIEW {taken} AS SELECT 1"));
    }
    if at > 0 && rng.bool() {
        let other: &Table = &schema.tables[at - 1];
        sql.push(format!("CREATE TRIGGER {} AFTER UPDATE OF note ON {} BEGIN UPDATE {name} SET note = new.note WHERE id = new.id; END",
            object("from other"),
            quoted(schema, &other.name)
        ));
    }
}

fn comment_at_the_end(rng: &mut Rng) -> &'static str {
    ["", " /* the end */"][rng.usize(..2)]
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
    let _ = write!(text, "{}references{}{parent}", space(rng), space(rng));
    // Left out, it is the primary key.
    if key.columns.len() > 1 || rng.u8(..4) > 0 {
        let _ = write!(text, "{}({})", space(rng), referenced(key));
    }
    // However many clauses there are, what comes after them is the same.
    let mut rng = rng.fork();
    let mut clauses = clauses(schema, key);
    let [is_match_last, is_turned, is_twice, is_not_deferrable] = [(); 4].map(|()| rng.u8(..4) == 0);
    if key.deferrability == Deferrability::NotDeferrable {
        if is_match_last && key.match_full {
            clauses.rotate_left(1);
        }
        if is_turned {
            clauses.sort_by_key(|clause| clause.starts_with("ON DELETE"));
        }
        // Said twice, the last counts.
        if is_twice && clauses.iter().any(|clause| clause.starts_with("ON DELETE")) {
            clauses.insert(0, "ON DELETE SET DEFAULT".to_owned());
        }
        if is_not_deferrable {
            clauses.push("NOT DEFERRABLE INITIALLY IMMEDIATE".to_owned());
        }
    }
    for clause in clauses {
        let words: Vec<&str> = clause.split(' ').collect();
        let glue = space(&mut rng);
        let _ = write!(text, "{}{}", space(&mut rng), words.join(glue));
    }
    text
}

//! Steps in MariaDB's SQL.

use fastrand::Rng;

use super::state::{State, Table};
use super::{Step, hidden};

/// What every script begins with.
pub(super) fn beginning(state: &State) -> Vec<String> {
    let checks = u8::from(!state.prefix.len().is_multiple_of(2));
    vec![format!("SET foreign_key_checks = {checks}")]
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// Of a longer one the names that the server makes of it are shown cut, several as one.
fn table_name(state: &State, rng: &mut Rng) -> String {
    let name = state.new_name(rng, "t");
    if name.chars().count() > 52 { table_name(state, rng) } else { name }
}

pub(super) fn step(state: &State, rng: &mut Rng) -> Step {
    if state.tables.len() < 2 {
        return create_table(state, rng);
    }
    match rng.u8(..35) {
        0..=5 => create_table(state, rng),
        6..=13 => alter_table(state, rng),
        14..=17 => add_key(state, rng),
        18 => prepared(state, rng),
        19 => index(state, rng),
        20 => drop_index(state, rng),
        21 => drop_table(state, rng),
        22 | 23 => rename_tables(state, rng),
        24 => like(state, rng),
        25 => storage(state, rng),
        26 => view(state, rng),
        27..=30 => {
            let step = if rng.bool() { alter_table(state, rng) } else { create_table(state, rng) };
            hidden::in_comment(step, rng)
        }
        31 => composed(state, rng),
        32 => event(state, rng),
        33 => for_one_statement(state, rng),
        _ => routine(state, rng),
    }
}

fn rules(rng: &mut Rng) -> String {
    let mut words = Vec::new();
    for on in if rng.bool() { ["DELETE", "UPDATE"] } else { ["UPDATE", "DELETE"] } {
        let action = match rng.u8(..7) {
            0 => "NO ACTION",
            1 => "RESTRICT",
            2 | 3 => "CASCADE",
            4 => "SET NULL",
            _ => continue,
        };
        words.push(format!("ON {on} {action}"));
    }
    words.join(" ")
}

fn references(state: &State, rng: &mut Rng, width: usize) -> Option<String> {
    let (_, parent) = state.any_table(rng)?;
    let referenced = match (width, rng.u8(..4)) {
        (1, 0) => quoted(&parent.any_column(rng)),
        (1, _) => "id".to_owned(),
        _ => "u1, u2".to_owned(),
    };
    let name = if rng.u8(..10) == 0 { table_name(state, rng) } else { parent.name.clone() };
    Some(format!("REFERENCES {} ({referenced}) {}", quoted(&name), rules(rng)))
}

fn create_table(state: &State, rng: &mut Rng) -> Step {
    let mut table = Table { name: table_name(state, rng), ..Table::default() };
    let id = match rng.u8(..4) {
        0 => "INT AUTO_INCREMENT PRIMARY KEY",
        1 => "INT NOT NULL UNIQUE",
        _ => "INT PRIMARY KEY",
    };
    table.columns = vec!["id".to_owned(), "u1".to_owned(), "u2".to_owned()];
    let mut elements = vec![format!("id {id}"), "u1 INT".to_owned(), "u2 INT".to_owned()];
    if rng.bool() {
        let word = rng.choice(["UNIQUE", "KEY", "INDEX", "UNIQUE KEY"]).unwrap_or_default();
        elements.push(format!("{word} both_of_them (u1, u2)"));
        table.indexes.push("both_of_them".to_owned());
    }
    for _ in 0..rng.usize(..4) {
        let name = state.new_name(rng, "c");
        elements.push(column(state, rng, &name));
        table.columns.push(name);
    }
    for _ in 0..rng.usize(..3) {
        elements.extend(key(state, rng, &mut table));
    }
    let options = match rng.u8(..8) {
        0 => " ENGINE=MyISAM",
        1 => " engine innodb",
        2 => " COMMENT='ENGINE=MyISAM' DEFAULT CHARSET=utf8mb4",
        3 => " ENGINE = 'InnoDB' ROW_FORMAT=DYNAMIC",
        _ => "",
    };
    let if_not_exists = if rng.u8(..8) == 0 { "IF NOT EXISTS " } else { "" };
    let name = quoted(&table.name);
    let sql = format!("CREATE TABLE {if_not_exists}{name} (\n  {}){options}", elements.join(",\n  "));
    guesses(&mut table);
    Step::new(sql, |state| state.tables.push(table))
}

/// What the server calls the first keys without a name.
fn guesses(table: &mut Table) {
    table.constraints.extend((1..4).map(|number| format!("{}_ibfk_{number}", table.name)));
}

fn column(state: &State, rng: &mut Rng, name: &str) -> String {
    let kind = rng.choice([
        "INT",
        "INT NOT NULL",
        "INT DEFAULT 1",
        "INT NULL DEFAULT NULL",
        "INT UNIQUE",
        "INT COMMENT 'REFERENCES x; y'",
    ]);
    let mut text = format!("{} {}", quoted(name), kind.unwrap_or_default());
    if rng.u8(..3) == 0
        && let Some(references) = references(state, rng, 1)
    {
        text.push(' ');
        text += &references;
    }
    text
}

fn key(state: &State, rng: &mut Rng, table: &mut Table) -> Option<String> {
    let columns = match rng.u8(..4) {
        0 => vec!["u1".to_owned(), "u2".to_owned()],
        1 => vec!["u2".to_owned(), "u1".to_owned()],
        _ => vec![table.any_column(rng)],
    };
    let references = references(state, rng, columns.len())?;
    let name = match rng.u8(..4) {
        0 | 1 => String::new(),
        2 => format!("CONSTRAINT FOREIGN KEY {}", quoted(&state.new_name(rng, "i"))),
        _ => {
            let name = state.new_name(rng, "k");
            let text = format!("CONSTRAINT {} FOREIGN KEY", quoted(&name));
            table.constraints.push(name);
            text
        }
    };
    let name = if name.is_empty() { "FOREIGN KEY".to_owned() } else { name };
    let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    Some(format!("{name} ({}) {references}", columns.join(", ")))
}

fn add_key(state: &State, rng: &mut Rng) -> Step {
    let Some((at, table)) = state.any_table(rng) else { return create_table(state, rng) };
    let mut changed = table.clone();
    let keys: Vec<String> = (0..rng.usize(1..3))
        .filter_map(|_| key(state, rng, &mut changed))
        .map(|key| format!("ADD {key}"))
        .collect();
    Step::new(format!("ALTER TABLE {} {}", quoted(&table.name), keys.join(", ")), move |state| {
        state.tables[at] = changed;
    })
}

fn alter_table(state: &State, rng: &mut Rng) -> Step {
    let Some((at, table)) = state.any_table(rng) else { return create_table(state, rng) };
    let mut changed = table.clone();
    let actions: Vec<String> =
        (0..rng.usize(1..4)).filter_map(|_| action(state, rng, table, &mut changed)).collect();
    let exists = if rng.u8(..8) == 0 { "IF EXISTS " } else { "" };
    let sql = format!("ALTER TABLE {exists}{} {}", quoted(&table.name), actions.join(", "));
    Step::new(sql, move |state| state.tables[at] = changed)
}

fn action(state: &State, rng: &mut Rng, table: &Table, changed: &mut Table) -> Option<String> {
    let old = table.any_column(rng);
    let named = quoted(&old);
    let word = if rng.bool() { "COLUMN " } else { "" };
    let renamed = |changed: &mut Table, new: &str| {
        let columns = changed.columns.iter_mut().filter(|column| **column == old);
        columns.for_each(|column| new.clone_into(column));
    };
    Some(match rng.u8(..18) {
        0..=2 => {
            let name = state.new_name(rng, "c");
            let column = column(state, rng, &name);
            let place = rng.choice(["", " FIRST", " AFTER u1"])?;
            changed.columns.push(name);
            format!("ADD {word}{column}{place}")
        }
        3 => {
            changed.columns.retain(|column| *column != old);
            format!("DROP {word}{named}")
        }
        4 | 5 => {
            let exists = if rng.u8(..4) == 0 { "IF EXISTS " } else { "" };
            let what = rng.choice(["FOREIGN KEY", "FOREIGN KEY", "CONSTRAINT"])?;
            format!("DROP {what} {exists}{}", quoted(&table.any_constraint(rng)))
        }
        6 | 7 => {
            let new = state.new_name(rng, "c");
            renamed(changed, &new);
            format!("CHANGE {word}{named} {} INT", quoted(&new))
        }
        8 => {
            let new = state.new_name(rng, "c");
            renamed(changed, &new);
            format!("RENAME COLUMN {named} TO {}", quoted(&new))
        }
        9 => format!("MODIFY {word}{named} INT{}", rng.choice(["", " NOT NULL", " DEFAULT 4"])?),
        10 => format!("ALTER {word}{named} {}", rng.choice(["SET DEFAULT 3", "DROP DEFAULT"])?),
        11 => {
            let name = table_name(state, rng);
            let text = format!("RENAME {}{}", rng.choice(["", "TO ", "AS "])?, quoted(&name));
            changed.name = name;
            guesses(changed);
            text
        }
        12 => {
            let name = state.new_name(rng, "i");
            changed.indexes.push(name.clone());
            format!("ADD {} {} ({named})", rng.choice(["INDEX", "KEY", "UNIQUE"])?, quoted(&name))
        }
        13 => format!("DROP {} {}", rng.choice(["INDEX", "KEY"])?, quoted(&table.any_index(rng))),
        14 => format!("ENGINE={}", rng.choice(["InnoDB", "MyISAM", "InnoDB ROW_FORMAT=COMPACT"])?),
        15 => "COMMENT = 'a, b', AUTO_INCREMENT = 7".to_owned(),
        _ => format!("ADD {}", key(state, rng, changed)?),
    })
}

fn rename_tables(state: &State, rng: &mut Rng) -> Step {
    let Some((at, table)) = state.any_table(rng) else { return create_table(state, rng) };
    let name = table_name(state, rng);
    let sql = match state.any_table(rng) {
        // They change places.
        Some((other, second)) if other != at && rng.u8(..4) == 0 => {
            let (first, second) = (table.name.clone(), second.name.clone());
            let (old, new, between) = (quoted(&first), quoted(&second), quoted(&name));
            let sql = format!("RENAME TABLE {old} TO {between}, {new} TO {old}, {between} TO {new}");
            return Step::new(sql, move |state| {
                state.tables[at].name = second;
                state.tables[other].name = first;
            });
        }
        _ => format!("RENAME TABLE {} TO {}", quoted(&table.name), quoted(&name)),
    };
    Step::new(sql, move |state| {
        state.tables[at].name = name;
        guesses(&mut state.tables[at]);
    })
}

fn drop_table(state: &State, rng: &mut Rng) -> Step {
    let Some((at, table)) = state.any_table(rng) else { return create_table(state, rng) };
    let exists = if rng.bool() { "IF EXISTS " } else { "" };
    Step::new(format!("DROP TABLE {exists}{}", quoted(&table.name)), move |state| {
        state.tables.remove(at);
    })
}

fn index(state: &State, rng: &mut Rng) -> Step {
    let Some((at, table)) = state.any_table(rng) else { return create_table(state, rng) };
    let name = state.new_name(rng, "i");
    let unique = if rng.bool() { "UNIQUE " } else { "" };
    let using = if rng.bool() { " USING BTREE" } else { "" };
    let (column, shown) = (quoted(&table.any_column(rng)), quoted(&name));
    Step::new(
        format!("CREATE {unique}INDEX {shown}{using} ON {} ({column})", quoted(&table.name)),
        move |state| {
            state.tables[at].indexes.push(name);
        },
    )
}

fn drop_index(state: &State, rng: &mut Rng) -> Step {
    let Some((_, table)) = state.any_table(rng) else { return create_table(state, rng) };
    Step::new(format!("DROP INDEX {} ON {}", quoted(&table.any_index(rng)), quoted(&table.name)), |_| {})
}

fn like(state: &State, rng: &mut Rng) -> Step {
    let Some((_, other)) = state.any_table(rng) else { return create_table(state, rng) };
    let name = table_name(state, rng);
    let sql = format!("CREATE TABLE {} LIKE {}", quoted(&name), quoted(&other.name));
    let mut table = Table { name, constraints: Vec::new(), ..other.clone() };
    guesses(&mut table);
    Step::new(sql, |state| state.tables.push(table))
}

fn storage(_: &State, rng: &mut Rng) -> Step {
    let sql = rng.choice([
        "SET default_storage_engine = MyISAM",
        "SET default_storage_engine = InnoDB",
        "SET SESSION default_storage_engine='InnoDB', @x = 1",
        "SET @@storage_engine = DEFAULT",
        "SET foreign_key_checks = 0",
        "SET foreign_key_checks = 1",
    ]);
    Step::new(sql.unwrap_or_default(), |_| {})
}

/// As people say IF EXISTS in MySQL.
fn prepared(state: &State, rng: &mut Rng) -> Step {
    let Step { sql, effect } = alter_table(state, rng);
    if sql.contains(['\'', '\\']) {
        return add_key(state, rng);
    }
    let condition = if rng.bool() { "(SELECT COUNT(*) FROM information_schema.TABLES) > 0" } else { "1 = 1" };
    let sql = format!(
        "SET @q = IF({condition}, '{sql}', 'SELECT 1'); PREPARE s FROM @q; EXECUTE s; DEALLOCATE PREPARE s"
    );
    Step { sql, effect }
}

fn view(state: &State, rng: &mut Rng) -> Step {
    let Some((_, table)) = state.any_table(rng) else { return create_table(state, rng) };
    let name = state.new_name(rng, "v");
    let replace = if rng.bool() { "OR REPLACE " } else { "" };
    Step::new(
        format!("CREATE {replace}VIEW {} AS SELECT u1 FROM {}", quoted(&name), quoted(&table.name)),
        |_| {},
    )
}

/// A procedure that does something to keys, and its call.
fn routine(state: &State, rng: &mut Rng) -> Step {
    let Step { sql, effect } = alter_table(state, rng);
    let name = format!("{}f{}", state.prefix, rng.usize(..1000));
    let definer = if rng.bool() { " DEFINER = CURRENT_USER" } else { "" };
    let is_called = rng.bool();
    let call = if is_called { format!("CALL {name}()") } else { "SELECT 1".to_owned() };
    Step::new(format!("CREATE{definer} PROCEDURE {name}() BEGIN {sql}; END; {call}"), move |state| {
        if is_called {
            effect(state);
        }
    })
}

/// A statement that is put together at run time, stands in a block, or in a transaction that is taken back.
fn composed(state: &State, rng: &mut Rng) -> Step {
    let Step { sql, effect } = if rng.bool() { alter_table(state, rng) } else { drop_table(state, rng) };
    let joined: fn(&str, &str) -> String = match rng.u8(..7) {
        0 => |left, right| format!("EXECUTE IMMEDIATE CONCAT({left}, {right})"),
        1 => |left, right| format!("SET @q = CONCAT({left}, {right}); PREPARE s FROM @q; EXECUTE s"),
        2 => |left, right| format!("SET @a = {left}; SET @q = CONCAT(@a, {right}); EXECUTE IMMEDIATE @q"),
        3 => |left, right| format!("SELECT CONCAT({left}, {right}) INTO @q; PREPARE s FROM @q; EXECUTE s"),
        4 => {
            |left, right| format!("SELECT {left} INTO @a; SET @q = CONCAT(@a, {right}); EXECUTE IMMEDIATE @q")
        }
        5 => |left, right| format!("EXECUTE IMMEDIATE REPLACE(CONCAT({left}, {right}), 'x', 'x')"),
        _ => return Step { sql: in_block(&sql, rng), effect },
    };
    match hidden::halves(&sql, rng, joined) {
        Some(sql) => Step { sql, effect },
        None => Step { sql, effect },
    }
}

fn in_block(sql: &str, rng: &mut Rng) -> String {
    match rng.u8(..4) {
        0 => format!("BEGIN NOT ATOMIC {sql}; END"),
        1 => format!("BEGIN NOT ATOMIC IF 1 THEN {sql}; END IF; END"),
        2 => format!("START TRANSACTION; {sql}; ROLLBACK"),
        _ => format!("SAVEPOINT s; {sql}; COMMIT"),
    }
}

/// An event that never comes to run.
fn event(state: &State, rng: &mut Rng) -> Step {
    let Step { sql, .. } = alter_table(state, rng);
    let sql = if rng.u8(..4) > 0 { "DO SLEEP(0)".to_owned() } else { sql };
    let name = format!("{}e{}", state.prefix, rng.usize(..1000));
    Step::new(format!("CREATE EVENT {name} ON SCHEDULE AT NOW() + INTERVAL 1 YEAR DO {sql}"), |_| {})
}

fn for_one_statement(state: &State, rng: &mut Rng) -> Step {
    let Step { sql, effect } = create_table(state, rng);
    let engine = if rng.bool() { "MyISAM" } else { "InnoDB" };
    Step { sql: format!("SET STATEMENT default_storage_engine = {engine} FOR {sql}"), effect }
}

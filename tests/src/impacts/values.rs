//! Values for columns of any type, as literals. Some may be refused: then others are tried.

use fastrand::Rng;
use fkcheck_core::model::Engine;

use super::catalogue::{Column, Table};

/// A value of the column's type; `number` is another for each row.
pub(super) fn literal(engine: Engine, table: &Table, column: &Column, number: u32, rng: &mut Rng) -> String {
    let kind = column.kind.as_str();
    let is = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    let text = if !column.labels.is_empty() {
        column.labels[rng.usize(..column.labels.len())].clone()
    } else if kind.ends_with("[]") {
        "{}".to_owned()
    } else if is(&["bool"]) {
        return if rng.bool() { "TRUE" } else { "FALSE" }.to_owned();
    } else if column.is_bytes() {
        return bytes(engine, number);
    } else if is(&["interval"]) {
        "1 day".to_owned()
    } else if is(&["range"]) {
        "empty".to_owned()
    } else if is(&["int", "serial", "numeric", "decimal", "real", "double", "float"]) && kind != "point" {
        return match rng.u8(..3) {
            0 => rng.u32(..2).to_string(),
            1 => rng.u32(..100).to_string(),
            _ => number.to_string(),
        };
    } else if is(&["timestamp", "datetime"]) {
        format!("2024-{:02}-{:02} 12:00:{:02}", rng.u8(1..=12), 1 + number % 28, rng.u8(..60))
    } else if kind == "date" {
        format!("2024-{:02}-{:02}", rng.u8(1..=12), 1 + number % 28)
    } else if is(&["time"]) {
        format!("12:{:02}:00", number % 60)
    } else if is(&["uuid"]) {
        format!("00000000-0000-4000-8000-{number:012}")
    } else if is(&["json"]) {
        "{}".to_owned()
    } else if is(&["inet", "cidr"]) {
        format!("10.0.{}.{}", number / 250 % 250, number % 250)
    } else {
        of_length(&words(table, number, rng), kind)
    };
    let text = if engine == Engine::MariaDb { text.replace('\\', "\\\\") } else { text };
    format!("'{}'", text.replace('\'', "''"))
}

fn bytes(engine: Engine, number: u32) -> String {
    match engine {
        Engine::Postgres => format!("'\\x{number:064x}'"),
        _ => format!("x'{number:08x}'"),
    }
}

fn words(table: &Table, number: u32, rng: &mut Rng) -> String {
    let checked = &table.checked;
    match rng.u8(..8) {
        0..3 if !checked.is_empty() => checked[rng.usize(..checked.len())].clone(),
        0..4 => format!("t{number}"),
        4 => format!("https://example.com/{number}"),
        5 => format!("0.{number}"),
        6 => format!("{number:040x}"),
        _ => ["{}", "", "a@example.com", "1.0.0"][rng.usize(..4)].to_owned(),
    }
}

/// As much of its end as `varchar(n)` takes.
fn of_length(text: &str, kind: &str) -> String {
    let length = kind.split(['(', ')']).nth(1).and_then(|length| length.parse::<usize>().ok());
    let length = length.unwrap_or(usize::MAX);
    text.chars().skip(text.chars().count().saturating_sub(length)).collect()
}

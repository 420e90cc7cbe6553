//! The rows of the catalogue as keys and tables.

use std::collections::BTreeSet;

use super::beside::Beside;
use super::connection;
use super::tree::is_not_null;
use crate::engines::row;
use crate::model::{
    Action, ColumnFacts, Deferrability, InForce, KeyName, MatchType, ObservedKey, ObservedTable, TableKind,
    TableName,
};

row! {
    /// A row of `catalogue.sql`.
    #[derive(Debug)]
    pub(super) struct KeyRow {
        fk_oid: i64,
        name: String,
        child_schema: String,
        child_table: String,
        child_kind: String,
        child_is_partition: Option<bool>,
        child_rows: Option<f64>,
        parent_schema: String,
        parent_table: String,
        parent_kind: String,
        child_columns: Vec<String>,
        parent_columns: Vec<String>,
        child_nullable: Vec<bool>,
        child_has_default: Vec<bool>,
        child_generated: Vec<bool>,
        on_delete: String,
        on_update: String,
        match_type: String,
        is_deferrable: bool,
        initially_deferred: bool,
        validated: bool,
        enforced: bool,
        delete_set_columns: Option<Vec<String>>,
        check_disabled: Option<bool>,
        delete_disabled: Option<bool>,
        delete_trigger: Option<String>,
        child_attributes: Vec<i16>,
        indexes: Option<Vec<String>>,
        extension: Option<String>,
    }
}

row! {
    /// A row of `tables.sql`.
    #[derive(Debug)]
    pub(super) struct TableRow {
        schema: String,
        name: String,
        kind: String,
        is_partition: Option<bool>,
    }
}

/// The keys, with their ranks: triggers fire by name, and a key's is `RI_ConstraintTrigger_a_` and its number.
pub(super) fn observed_keys(mut rows: Vec<KeyRow>, beside: &Beside) -> Vec<ObservedKey> {
    rows.sort_by(|left, right| {
        (&left.delete_trigger, left.fk_oid).cmp(&(&right.delete_trigger, right.fk_oid))
    });
    let mut keys: Vec<_> = (0..).zip(rows).map(|(rank, row)| observed_key(row, rank, beside)).collect();
    keys.sort_by(|left, right| (&left.key, &left.name).cmp(&(&right.key, &right.name)));
    keys
}

fn observed_key(row: KeyRow, firing_order: u64, beside: &Beside) -> ObservedKey {
    let (number, attributes) = (row.fk_oid, row.child_attributes.clone());
    let parent_is_whole = row.parent_kind == "p";
    let mut key = ObservedKey {
        covering_index: Some(is_covered(&row)),
        child_kind: table_kind(&row.child_kind, row.child_is_partition),
        columns: column_facts(&row),
        on_delete: action(&row.on_delete, row.delete_set_columns.unwrap_or_default()),
        on_update: action(&row.on_update, Vec::new()),
        deferrability: match (row.is_deferrable, row.initially_deferred) {
            (false, _) => Deferrability::NotDeferrable,
            (true, false) => Deferrability::Immediate,
            (true, true) => Deferrability::Deferred,
        },
        match_type: if row.match_type == "f" { MatchType::Full } else { MatchType::Simple },
        child_rows: row.child_rows.and_then(row_estimate),
        in_force: InForce {
            // NOT ENFORCED implies NOT VALID: one fault, not two.
            validated: row.validated || !row.enforced,
            enforced: row.enforced,
            check_enabled: !row.check_disabled.unwrap_or(false),
            action_enabled: !row.delete_disabled.unwrap_or(false),
            ..InForce::YES
        },
        firing_order,
        key: KeyName {
            table: TableName::qualified(row.child_schema, row.child_table),
            columns: row.child_columns,
        },
        name: Some(row.name),
        parent: TableName::qualified(row.parent_schema, row.parent_table),
        parent_columns: row.parent_columns,
        check_disabled_in: Vec::new(),
        action_disabled_in: Vec::new(),
        whole: None,
        guards: Vec::new(),
        extension: row.extension,
        origin: None,
    };
    beside.add_to_key(&mut key, number, &attributes, parent_is_whole);
    key
}

pub(super) fn observed_table(row: TableRow, beside: &Beside) -> ObservedTable {
    let kind = table_kind(&row.kind, row.is_partition);
    let mut table = ObservedTable::new(TableName::qualified(row.schema, row.name), kind);
    beside.add_to_table(&mut table);
    table
}

fn table_kind(relkind: &str, is_partition: Option<bool>) -> TableKind {
    match relkind {
        _ if is_partition == Some(true) => TableKind::Partition,
        "p" => TableKind::Partitioned,
        "f" => TableKind::Foreign,
        "v" | "m" => TableKind::View,
        _ => TableKind::Table,
    }
}

fn action(letter: &str, columns: Vec<String>) -> Action {
    match letter {
        "r" => Action::Restrict,
        "c" => Action::Cascade,
        "n" => Action::SetNull(columns),
        "d" => Action::SetDefault(columns),
        _ => Action::NoAction,
    }
}

fn column_facts(row: &KeyRow) -> Vec<ColumnFacts> {
    row.child_nullable
        .iter()
        .zip(&row.child_has_default)
        .zip(&row.child_generated)
        .map(|((&nullable, &has_default), &generated)| ColumnFacts { nullable, has_default, generated })
        .collect()
}

/// 0 and -1 both mean "never analysed".
fn row_estimate(reltuples: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and an estimate anyway"
    )]
    (reltuples > 0.0).then_some(reltuples as u64)
}

fn is_covered(row: &KeyRow) -> bool {
    row.indexes.iter().flatten().any(|index| index_covers(index, &row.child_attributes))
}

/// Whether the index `method|number of keys|keys|predicate` serves a look-up by these columns, whatever their order.
fn index_covers(index: &str, attributes: &[i16]) -> bool {
    let mut parts = index.splitn(4, '|');
    let (Some(method), Some(number), Some(keys), Some(predicate)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let length = attributes.len();
    let number: usize = number.parse().unwrap_or(0);
    // What follows the keys are INCLUDE columns; 0 is an expression.
    let keys: Vec<i16> = keys.split_whitespace().filter_map(|key| key.parse().ok()).take(number).collect();
    let leading: BTreeSet<_> = keys.iter().take(length).collect();
    let usable = match method {
        "btree" => true,
        "hash" => length == 1,
        _ => false,
    };
    usable
        && number >= length
        && leading == attributes.iter().collect()
        && (predicate.is_empty() || matches!(attributes, [attribute] if is_not_null(predicate, *attribute)))
}

#[cfg(test)]
mod tests {
    use super::index_covers;

    #[test]
    fn indexes_that_serve_a_look_up() {
        let not_null = "btree|1|2|{NULLTEST :arg {VAR :varno 1 :varattno 2 :vartype 23 :location 50} :nulltesttype 1 \
                        :argisrow false :location 52}";
        for (index, attributes, covers) in [
            ("btree|1|2|", &[2][..], true),
            ("btree|2|2 1|", &[2], true),
            ("btree|2|1 2|", &[2], false),
            ("btree|3|2 1 5|", &[1, 2], true),
            ("btree|1|2 1|", &[1, 2], false),
            ("hash|1|2|", &[2], true),
            ("hash|1|2|", &[2, 3], false),
            ("brin|1|2|", &[2], false),
            ("btree|1|0|", &[2], false),
            (not_null, &[2], true),
            (not_null, &[3], false),
            ("btree|1|2|{OPEXPR :args ({VAR :varattno 2} {CONST})}", &[2], false),
            ("nonsense", &[2], false),
        ] {
            assert_eq!(index_covers(index, attributes), covers, "{index}");
        }
        assert!(!index_covers(&not_null.replace("type 1", "type 0"), &[2]));
    }
}

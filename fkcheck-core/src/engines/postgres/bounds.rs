//! Bounds of partitions, as the server writes them.

use super::connection;
use crate::engines::row;
use crate::model::{Bound, Partitions};

row! {
    /// A row of `partitions.sql`.
    pub(super) struct PartitionRow {
        column_name: String,
        bound: Option<String>,
    }
}

/// The partitions; `None`: it has none, or a bound is more than whole numbers.
pub(super) fn partitions(rows: &[PartitionRow]) -> Option<Partitions> {
    let column = rows.first()?.column_name.clone();
    let bounds = rows.iter().map(|row| bound(row.bound.as_deref()?)).collect::<Option<_>>()?;
    Some(Partitions { column, bounds })
}

/// `FOR VALUES FROM (0) TO (MAXVALUE)`, `FOR VALUES IN (1, '2')`, `DEFAULT`
fn bound(text: &str) -> Option<Bound> {
    if text == "DEFAULT" {
        return Some(Bound::Default);
    }
    let values = text.strip_prefix("FOR VALUES ")?.strip_suffix(')')?;
    if let Some(values) = values.strip_prefix("IN (") {
        return Some(Bound::List(values.split(", ").map(number).collect::<Option<_>>()?));
    }
    let (from, to) = values.strip_prefix("FROM (")?.split_once(") TO (")?;
    let end = |text: &str| match text {
        "MINVALUE" => Some(i128::MIN),
        "MAXVALUE" => Some(i128::MAX),
        text => number(text),
    };
    Some(Bound::Range(end(from)?, end(to)?))
}

/// `1`, `'-1'`
fn number(text: &str) -> Option<i128> {
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Bound, bound};

    #[test]
    fn bounds_are_read_where_they_are_whole_numbers() {
        for (text, expected) in [
            ("DEFAULT", Some(Bound::Default)),
            ("FOR VALUES FROM (0) TO (4)", Some(Bound::Range(0, 4))),
            ("FOR VALUES FROM (MINVALUE) TO ('-5')", Some(Bound::Range(i128::MIN, -5))),
            ("FOR VALUES FROM ('7') TO (MAXVALUE)", Some(Bound::Range(7, i128::MAX))),
            ("FOR VALUES IN (1, '2')", Some(Bound::List(vec![1, 2]))),
            ("FOR VALUES IN (1, NULL)", None),
            ("FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')", None),
            ("FOR VALUES FROM (1, 2) TO (3, 4)", None),
            ("FOR VALUES WITH (modulus 2, remainder 0)", None),
            ("", None),
        ] {
            assert_eq!(bound(text), expected, "{text}");
        }
    }
}

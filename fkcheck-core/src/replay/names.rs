//! The names that engines give to constraints without one.

use std::collections::HashSet;

use crate::model::{POSTGRES_LONGEST_NAME, truncated};

/// `posts_author_id_fkey`, shortened and numbered as PostgreSQL does it (`ChooseConstraintName`, `makeObjectName`).
pub(super) fn postgres(table: &str, columns: &[&str], label: &str, taken: &HashSet<String>) -> String {
    let joined = columns.join("_");
    // The server stops joining at the longest name there is.
    let joined = truncated(&joined, POSTGRES_LONGEST_NAME + 1);
    let mut pass = 0;
    loop {
        let label = if pass == 0 { label.to_owned() } else { format!("{label}{pass}") };
        let name = object_name(table, joined, &label);
        if !taken.contains(&name) {
            return name;
        }
        pass += 1;
    }
}

fn object_name(first: &str, second: &str, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(!second.is_empty());
    let available = POSTGRES_LONGEST_NAME.saturating_sub(overhead);
    let (mut left, mut right) = (first.len(), second.len());
    while left + right > available {
        if left > right { left -= 1 } else { right -= 1 }
    }
    let (first, second) = (truncated(first, left), truncated(second, right));
    if second.is_empty() { format!("{first}_{label}") } else { format!("{first}_{second}_{label}") }
}

/// `posts_ibfk_3`: one more than the highest number that the table's keys have (`InnoDB`).
pub(super) fn mysql(table: &str, taken: &[&str]) -> String {
    let prefix = format!("{table}_ibfk_");
    let number = |name: &str| name.strip_prefix(&prefix).and_then(|number| number.parse::<u32>().ok());
    let highest = taken.iter().copied().filter_map(number).max().unwrap_or_default();
    format!("{prefix}{}", highest + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_the_engines_make_them() {
        let none = HashSet::new();
        assert_eq!(postgres("posts", &["author_id"], "fkey", &none), "posts_author_id_fkey");
        assert_eq!(
            postgres("a", &["b", "c"], "fkey", &HashSet::from(["a_b_c_fkey".to_owned()])),
            "a_b_c_fkey1"
        );
        let long = postgres(&"t".repeat(50), &[&"c".repeat(50)], "fkey", &none);
        assert_eq!((long.len(), long), (63, format!("{}_{}_fkey", "t".repeat(29), "c".repeat(28))));
        assert_eq!(mysql("posts", &["posts_ibfk_2", "other"]), "posts_ibfk_3");
    }
}

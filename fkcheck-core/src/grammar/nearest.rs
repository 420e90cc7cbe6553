//! The nearest spelling, for "did you mean".
//!
//! `strsim` would do; but this compiles into every user's build, where syn is to be the only dependency.

/// The candidate nearest to `word`, if it is near enough to be a slip: at most a third of the letters differ.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, candidate)| {
            let length = word.chars().count().max(candidate.chars().count());
            *distance <= (length / 3).max(1) && *distance < length
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edit distance (insertions, deletions, substitutions), after Wagner and Fischer, one row at a time.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_mended_and_strangers_are_not() {
        let actions = ["cascade", "restrict", "no_action", "set_null", "set_default"];
        assert_eq!(nearest("casacde", actions), Some("cascade"));
        assert_eq!(nearest("noaction", actions), Some("no_action"));
        assert_eq!(nearest("SetNull", actions), Some("set_null"));
        assert_eq!(nearest("delete", actions), None);
        assert_eq!(nearest("", actions), None);
        assert_eq!(nearest("x", ["b"]), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}

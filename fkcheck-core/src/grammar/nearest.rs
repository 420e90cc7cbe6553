//! The nearest spelling, for "did you mean".
//!
//! `strsim` would do; but this compiles into every user's build, where syn is to be the only dependency.

/// The candidate nearest to `word`, if it is near enough to be a slip: at most a third of the letters differ.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(word, candidates).min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// Those that are near enough, each with its distance.
pub(crate) fn near<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> impl Iterator<Item = (usize, &'a str)> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(move |candidate| (distance(&word, candidate), word.chars().count(), candidate))
        .filter(|(distance, length, candidate)| {
            let length = (*length).max(candidate.chars().count());
            *distance <= (length / 3).max(1) && *distance < length
        })
        .map(|(distance, _, candidate)| (distance, candidate))
}

/// Edit distance (insertions, deletions, substitutions, neighbours that changed places), one row at a time.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for i in 0..left.len() {
        let mut next = vec![i + 1];
        for j in 0..right.len() {
            let substituted = row[j] + usize::from(left[i] != right[j]);
            let mut least = substituted.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && left[i] == right[j - 1] && left[i - 1] == right[j] {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
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
        assert_eq!(nearest("emial", ["email"]), Some("email"));
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!((distance("ab", "ba"), distance("", "ab"), distance("abc", "")), (1, 2, 3));
    }
}

//! Conditions as the server stores them: as texts of trees, which no function has to be called for.

/// Whether a predicate, as the server stores it, is `attribute IS NOT NULL` and nothing more.
pub(super) fn is_not_null(predicate: &str, attribute: i16) -> bool {
    let one_test = predicate.starts_with("{NULLTEST :arg {VAR ") && predicate.matches('{').count() == 2;
    let field = |name: &str| predicate.split_once(name)?.1.split([' ', '}']).next();
    one_test
        && field(" :nulltesttype ") == Some("1")
        && field(" :varattno ") == Some(attribute.to_string().as_str())
}

/// Whether a condition, as the server stores it, doesn't hold where the column is NULL: `column IS NOT NULL`, alone or with
/// others that must hold too. A domain's own condition speaks of its VALUE.
pub(super) fn takes_no_null(tree: &str, attribute: i16) -> bool {
    let is_domain =
        tree.starts_with("{NULLTEST :arg {COERCETODOMAINVALUE ") && tree.contains(":nulltesttype 1");
    is_not_null(tree, attribute)
        || is_domain
        || tree
            .strip_prefix("{BOOLEXPR :boolop and :args (")
            .is_some_and(|arguments| nodes(arguments).any(|node| takes_no_null(node, attribute)))
}

/// The nodes that stand side by side at the beginning of a text.
fn nodes(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let mut depth = 0_usize;
        let end = rest.char_indices().find_map(|(at, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            (depth == 0).then_some(at)
        })?;
        let (node, behind) = rest.split_at(end + 1);
        rest = behind;
        node.starts_with('{').then_some(node)
    })
}

#[cfg(test)]
mod tests {
    use super::takes_no_null;

    #[test]
    fn conditions_that_take_no_null() {
        let test = |kind: u8| {
            format!(
                "{{NULLTEST :arg {{VAR :varno 1 :varattno 2 :location 5}} :nulltesttype {kind} :argisrow false :location 9}}"
            )
        };
        let value =
            "{NULLTEST :arg {COERCETODOMAINVALUE :typeId 23 :location 31} :nulltesttype 1 :argisrow false}";
        let other = "{OPEXPR :opno 521 :args ({VAR :varattno 2} {CONST :constvalue 4 [ 0 0 ]}) :location 3}";
        let with = |word: &str, first: &str| {
            format!("{{BOOLEXPR :boolop {word} :args ({first} {other}) :location 4}}")
        };
        for (tree, attribute, no_null) in [
            (test(1), 2, true),
            (test(1), 3, false),
            (test(0), 2, false),
            (value.to_owned(), 2, true),
            (value.replace("type 1", "type 0"), 2, false),
            (with("and", &test(1)), 2, true),
            (with("and", &with("and", &test(1))), 2, true),
            (with("and", &test(0)), 2, false),
            (with("or", &test(1)), 2, false),
            (other.to_owned(), 2, false),
            ("{BOOLEXPR :boolop and :args (".to_owned(), 2, false),
            (String::new(), 2, false),
        ] {
            assert_eq!(takes_no_null(&tree, attribute), no_null, "{tree}");
        }
    }
}

//! A table of cases: keys, and what a delete of `a` can do.

use super::*;
use crate::made::{mariadb, name, observed, postgres, sqlite};
use crate::model::{Deferrability, EngineFacts};

/// `child(columns)>parent action`, with `!` what is not in force, `?` what is deferred, `#` what takes no NULL.
fn keys(texts: &[&str]) -> Vec<ObservedKey> {
    let key = |(rank, text): (usize, &&str)| {
        let (child, rest) = text.split_once('>').expect("child>parent");
        let (parent, action) = rest.split_once(' ').expect("parent action");
        let word = action.trim_end_matches(['!', '?', '#']);
        let on_delete = match word {
            "cascade" => Action::Cascade,
            "null" => Action::SetNull(Vec::new()),
            "default" => Action::SetDefault(Vec::new()),
            "restrict" => Action::Restrict,
            _ => Action::NoAction,
        };
        let mut key = observed(child, parent, on_delete);
        key.firing_order = rank as u64;
        key.in_force.enforced = !action.contains('!');
        if action.contains('?') {
            key.deferrability = Deferrability::Deferred;
        }
        key.columns.iter_mut().for_each(|column| column.nullable = !action.contains('#'));
        key
    };
    texts.iter().enumerate().map(key).collect()
}

/// `-b` deleted, `0b(x)` cleared, `!b(x) When` stopped, `~b(x)` orphaned, by steps.
fn said(engine: &EngineFacts, texts: &[&str]) -> Vec<String> {
    let keys = keys(texts);
    let root = name("a");
    let reach = reach(&keys, engine, &root);
    let mut said: Vec<String> =
        reach.deleted.iter().skip(1).map(|deleted| format!("{}-{}", deleted.step, deleted.table)).collect();
    said.extend(reach.cleared.iter().map(|effect| format!("{}0{}", effect.step, effect.key.key)));
    said.extend(reach.stops.iter().map(|stop| format!("{}!{} {:?}", stop.step, stop.key.key, stop.when)));
    said.extend(reach.orphaned.iter().map(|effect| format!("{}~{}", effect.step, effect.key.key)));
    said.extend(reach.too_deep.iter().map(|deep| format!("deep {:?}", deep.longest)));
    said
}

#[test]
fn what_a_delete_can_do() {
    let cases: [(&str, &[&str], &[&str]); 12] = [
        ("nothing refers to it", &["b(x)>c cascade"], &[]),
        ("one goes", &["b(x)>a cascade"], &["1-b"]),
        ("and what hangs on it", &["c(x)>b cascade", "b(x)>a cascade"], &["1-b", "2-c"]),
        ("by two ways, told once", &["b(x)>a cascade", "b(y)>a cascade"], &["1-b"]),
        ("a diamond", &["b(x)>a cascade", "c(x)>a cascade", "c(y)>b cascade"], &["1-b", "1-c"]),
        ("itself", &["a(x)>a cascade"], &[]),
        ("cleared", &["b(x)>a null", "c(x)>b cascade"], &["00b.x"]),
        ("takes no NULL", &["b(x)>a null#"], &["0!b.x NotNull"]),
        ("refused", &["b(x)>a restrict"], &["0!b.x Referred"]),
        ("refused further down", &["b(x)>a cascade", "c(x)>b no"], &["1-b", "1!c.x Referred"]),
        ("at the end", &["b(x)>a no?"], &["0!b.x Commit"]),
        ("not in force", &["b(x)>a cascade!", "c(x)>b cascade"], &["0~b.x"]),
    ];
    for (case, texts, expected) in cases {
        assert_eq!(said(&postgres(), texts), expected, "{case}");
    }
}

#[test]
fn engines_differ_as_they_say() {
    let twins = ["b(x)>a cascade", "b(x)>a no"];
    let turned = ["b(x)>a no", "b(x)>a cascade"];
    assert_eq!(said(&postgres(), &twins), ["1-b", "0!b.x Left"]);
    assert_eq!(said(&postgres(), &turned), ["1-b", "0!b.x Referred"]);
    // SQLite looks when the statement has ended.
    assert_eq!(said(&sqlite(), &turned), ["1-b", "0!b.x Left"]);
    let diamond = ["b(x)>a cascade", "c(x)>a restrict", "c(y)>b cascade"];
    for engine in [postgres(), sqlite(), mariadb()] {
        assert_eq!(said(&engine, &diamond), ["1-b", "2-c", "0!c.x Order"]);
    }
    assert_eq!(said(&mariadb(), &["b(x)>a default"]), ["0!b.x Default"]);
    assert_eq!(said(&postgres(), &["b(x)>a default"]), ["00b.x"]);
    // Names that differ in case are one table where the engine says so.
    assert_eq!(said(&sqlite(), &["b(x)>A cascade"]), ["1-b"]);
    assert_eq!(said(&postgres(), &["b(x)>A cascade"]), [""; 0]);
}

#[test]
fn chains_that_the_engine_does_not_follow() {
    let names: Vec<String> =
        (0..=16).map(|at| if at == 0 { "a".to_owned() } else { format!("t{at}") }).collect();
    let chain = |length: usize| -> Vec<String> {
        (0..length).map(|at| format!("{}(x)>{} cascade", names[at + 1], names[at])).collect()
    };
    let last = |engine: &EngineFacts, length: usize| {
        let chain = chain(length);
        said(engine, &chain.iter().map(String::as_str).collect::<Vec<_>>()).pop().unwrap()
    };
    assert_eq!(last(&mariadb(), 14), "14-t14");
    assert_eq!(last(&mariadb(), 15), "deep Some(15)");
    assert_eq!(last(&postgres(), 15), "15-t15");
    assert_eq!(said(&mariadb(), &["a(x)>a cascade"]), ["deep None"]);
    assert_eq!(
        said(&sqlite(), &["b(x)>a cascade", "c(x)>b cascade", "b(y)>c cascade"]),
        ["1-b", "2-c", "deep None"]
    );
}

/// Linear in the keys: ten thousand of them, each below the one before.
#[test]
fn long_chains_overflow_nothing() {
    let mut texts = vec!["t0(x)>a cascade".to_owned()];
    texts.extend((1..10_000).map(|at| format!("t{at}(x)>t{} cascade", at - 1)));
    let keys = keys(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let root = name("a");
    let reach = reach(&keys, &sqlite(), &root);
    assert_eq!(reach.deleted.len(), 10_001);
    assert_eq!(reach.too_deep, Some(TooDeep { most: 999, longest: Some(10_000) }));
}

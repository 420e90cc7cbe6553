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
    // Rows that go together, one of which refers to another.
    let tree = ["b(x)>a cascade", "b(up)>b no"];
    assert_eq!(said(&postgres(), &tree), ["1-b", "1!b.up Left"]);
    assert_eq!(said(&sqlite(), &tree), ["1-b", "1!b.up Left"]);
    assert_eq!(said(&mariadb(), &tree), ["1-b", "1!b.up Order"]);
    let two_ways = ["b(x)>a cascade", "b(y)>a cascade", "b(up)>b no"];
    assert_eq!(said(&postgres(), &two_ways), ["1-b", "1!b.up Order"]);
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
    let (root, engine) = (name("a"), sqlite());
    let reach = reach(&keys, &engine, &root);
    assert_eq!(reach.deleted.len(), 10_001);
    assert_eq!(reach.too_deep, Some(TooDeep { most: 999, longest: Some(10_000) }));
}

/// `b.x c.y` for the keys of a way.
fn told(way: &[&ObservedKey]) -> String {
    way.iter().map(|key| key.key.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_shortest_way_is_found() {
    let texts = [
        "b(x)>a cascade",
        "c(x)>b cascade",
        "d(x)>c cascade",
        "d(y)>b cascade",
        "e(x)>d null",
        "f(x)>d cascade!",
        "b(up)>b cascade",
        "a(z)>c cascade",
    ];
    let (keys, engine) = (keys(&texts), postgres());
    let deletes = Deletes::new(&keys, &engine);
    let way = |from: &str, to: &str| deletes.way(&name(from), &name(to)).map(|way| told(&way));
    let cases = [
        ("a", "b", Some("b.x")),
        ("a", "d", Some("b.x d.y")),
        ("b", "a", Some("c.x a.z")),
        // A key of the table to itself, before the long way round.
        ("b", "b", Some("b.up")),
        ("a", "a", Some("b.x c.x a.z")),
        // Cleared, not in force, not there, the wrong way round.
        ("a", "e", None),
        ("a", "f", None),
        ("a", "z", None),
        ("d", "c", None),
    ];
    for (from, to, expected) in cases {
        assert_eq!(way(from, to).as_deref(), expected, "{from} to {to}");
    }
}

/// `blocked`, `order`, `shadowed`, `cycle` and `deep`, each with its keys.
fn hazards(engine: &EngineFacts, texts: &[&str]) -> Vec<String> {
    let keys = keys(texts);
    let deletes = Deletes::new(&keys, engine);
    let with = |hazard: &Hazard<'_>| format!("{}: {}", hazard.key.key, told(&hazard.way));
    let mut said: Vec<String> =
        deletes.blocked().iter().map(|hazard| format!("blocked {}", with(hazard))).collect();
    said.extend(deletes.by_order().iter().map(|clash| {
        format!("order {}: {} | {}", clash.key.key, told(&clash.to_parent), told(&clash.to_child))
    }));
    said.extend(deletes.shadowed().iter().map(|hazard| format!("shadowed {}", with(hazard))));
    said.extend(deletes.cycles().iter().map(|cycle| format!("cycle {}", told(cycle))));
    said.extend(deletes.too_deep().iter().map(|chain| format!("deep {}", chain.len())));
    said
}

#[test]
fn what_is_wrong_with_keys_together() {
    let cases: [(&str, &[&str], &[&str]); 17] = [
        ("a chain that agrees", &["b(x)>a cascade", "c(x)>b cascade"], &[]),
        ("refused at once, which everybody sees", &["b(x)>a restrict"], &[]),
        ("refused a step down", &["b(x)>a cascade", "c(x)>b restrict"], &["blocked c.x: b.x"]),
        (
            "told once, from the top",
            &["b(x)>a cascade", "c(x)>b cascade", "c(y)>z cascade", "d(x)>c no"],
            &["blocked d.x: c.y"],
        ),
        ("deferred: to be seen to before COMMIT", &["b(x)>a cascade", "c(x)>b no?"], &[]),
        ("not in force", &["b(x)>a cascade", "c(x)>b restrict!"], &[]),
        ("a diamond", &["b(x)>a cascade", "c(x)>a cascade", "c(y)>b restrict"], &["order c.y: b.x | c.x"]),
        ("of one parent", &["b(x)>a cascade", "b(y)>a restrict"], &["order b.y:  | b.x"]),
        ("on the same columns", &["b(x)>a cascade", "b(x)>a restrict"], &["order b.x:  | b.x"]),
        (
            "a diamond below another table",
            &["a(x)>r cascade", "b(x)>a cascade", "c(x)>a cascade", "c(y)>b no"],
            &["order c.y: b.x | c.x"],
        ),
        (
            "by order from one table, refused from another",
            &["b(x)>a cascade", "c(x)>a cascade", "c(y)>b no", "b(y)>z cascade"],
            &["blocked c.y: b.y", "order c.y: b.x | c.x"],
        ),
        ("what refers to itself goes together", &["b(x)>a cascade", "b(up)>b restrict"], &[]),
        ("cleared alone", &["b(x)>a cascade", "c(x)>b null"], &[]),
        (
            "cleared, and taken another way",
            &["b(x)>a cascade", "c(x)>b cascade", "c(y)>a null"],
            &["shadowed c.y: b.x c.x"],
        ),
        (
            "cleared by one parent, taken by what is above",
            &["b(x)>a cascade", "c(x)>a cascade", "c(y)>b null"],
            &[],
        ),
        ("a table to itself", &["b(x)>a cascade", "b(up)>b cascade"], &["cycle b.up"]),
        (
            "round two tables, and what hangs on them",
            &["b(x)>a cascade", "a(x)>b cascade", "c(x)>b cascade", "d(x)>c no"],
            &["blocked d.x: b.x c.x", "cycle b.x a.x"],
        ),
    ];
    for (case, texts, expected) in cases {
        assert_eq!(hazards(&postgres(), texts), expected, "{case}");
    }
}

#[test]
fn engines_have_their_own_hazards() {
    let diamond = ["b(x)>a cascade", "c(x)>a cascade", "c(y)>b no"];
    assert_eq!(hazards(&mariadb(), &diamond), ["order c.y: b.x | c.x"]);
    // It looks when the statement has ended; the rows are gone then, whatever they meant.
    assert_eq!(hazards(&sqlite(), &diamond), [""; 0]);
    assert_eq!(
        hazards(&sqlite(), &["b(x)>a cascade", "c(x)>b cascade", "c(y)>a no"]),
        ["shadowed c.y: b.x c.x"]
    );
    // Row by row, the one that is referred to may go first.
    let tree = ["b(x)>a cascade", "b(up)>b restrict"];
    assert_eq!(hazards(&sqlite(), &tree), ["order b.up: b.x | b.x"]);
    assert_eq!(hazards(&mariadb(), &tree), ["order b.up: b.x | b.x"]);
    assert_eq!(hazards(&mariadb(), &["b(x)>a cascade", "c(x)>b default"]), ["blocked c.x: b.x"]);
}

#[test]
fn a_chain_that_is_too_long_is_told_once() {
    let chain = |length: usize| -> Vec<String> {
        (0..length).map(|at| format!("t{}(x)>t{at} cascade", at + 1)).collect()
    };
    let mut texts = chain(17);
    texts.extend(["u(x)>t14 cascade".to_owned(), "v(x)>t3 cascade".to_owned()]);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert_eq!(hazards(&mariadb(), &texts), ["deep 15"]);
    assert_eq!(hazards(&postgres(), &texts), [""; 0]);
}

/// More keys than one pass is about.
#[test]
fn many_keys_are_told_like_one() {
    let mut texts = vec!["b(x)>a cascade".to_owned()];
    texts.extend((0..200).map(|at| format!("c{at:03}(x)>b restrict")));
    texts.extend((0..200).map(|at| format!("d{at:03}(x)>a cascade")));
    texts.extend((0..200).map(|at| format!("d{at:03}(y)>b restrict")));
    let said = hazards(&postgres(), &texts.iter().map(String::as_str).collect::<Vec<_>>());
    let blocked = (0..200).map(|at| format!("blocked c{at:03}.x: b.x"));
    let order = (0..200).map(|at| format!("order d{at:03}.y: b.x | d{at:03}.x"));
    assert_eq!(said, blocked.chain(order).collect::<Vec<_>>());
}

//! Every rule's own examples: the wrong one breaks it and the right one breaks nothing, through the real command on a
//! real database.

use fkcheck_core::rules::{self, Example, ExampleEngine, Rule};
use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck};

fn run(example: &Example) -> Option<Run> {
    let workspace = Workspace::new()
        .file("src/schema.rs", example.schema)
        .file("src/models.rs", &format!("use crate::schema::*;\nuse fkcheck_macros::*;\n{}", example.code))
        .file("src/lib.rs", "pub mod models;\npub mod schema;\n");
    let check =
        |url: &str| fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", url], &[]);
    Some(match example.engine {
        ExampleEngine::Sqlite => check(&SqliteFile::new(example.database).url()),
        ExampleEngine::Postgres => {
            let database = fkcheck_tests::postgres()?.fresh_database();
            database.execute(example.database);
            check(&database.url())
        }
        ExampleEngine::Mariadb => {
            let database = fkcheck_tests::mariadb()?.fresh_database();
            database.execute(example.database);
            check(&database.url())
        }
    })
}

fn check_examples(rule: &Rule) {
    if let Some(wrong) = run(&rule.wrong) {
        assert!(
            wrong.rules().iter().any(|broken| broken == rule.name),
            "{} finds nothing: {wrong:?}",
            rule.name
        );
    }
    if let Some(right) = run(&rule.right) {
        assert_eq!(right.rules(), [""; 0], "{}: {right:?}", rule.name);
        assert_eq!(right.code, 0, "{}: {right:?}", rule.name);
    }
}

#[test]
fn every_example_does_what_it_says() {
    for rule in rules::ALL {
        check_examples(rule);
    }
}

#[test]
fn the_grammar_knows_every_rule() {
    let names: Vec<&str> = rules::ALL.iter().map(|rule| rule.name).collect();
    assert_eq!(names, fkcheck_core::grammar::RULE_NAMES);
}

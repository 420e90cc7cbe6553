//! What a comparison, or the lack of one, leaves unknown.

use super::scope::describes;
use crate::collect::Facts;
use crate::compare::{Comparison, Seen};
use crate::finding::Label;
use crate::model::{DeclaredKey, Doubt, Observation, SourceKind, Visibility};
use crate::outcome::Problem;
use crate::sources::SourceError;
use crate::words::counted;
use crate::workspace::Database;

/// A role that doesn't see the whole catalogue: what it shows can't be taken for all there is.
pub(crate) fn not_seen_whole(observation: &Observation) -> Option<Problem> {
    let Visibility::Partial(unseen) = &observation.visibility else { return None };
    let message = format!("{} was not seen whole", observation.label);
    Some(Problem { message, label: None, help: vec![unseen.to_string()] })
}

/// A source without a table has nothing to take over.
pub(crate) fn no_table(observation: &Observation) -> Option<Problem> {
    observation.tables.is_empty().then(|| Problem {
        message: format!("{} has no table", observation.label),
        label: None,
        help: vec![IS_IT_RIGHT.to_owned()],
    })
}

/// What an empty or another database makes one ask.
const IS_IT_RIGHT: &str = "is it the right database, and are its migrations run?";

/// A partition's keys come from its partitioned table, where they are compared.
pub(super) fn on_partition(declared: &DeclaredKey, comparison: &Comparison<'_>) -> Problem {
    Problem {
        message: format!(
            "`{}` is declared on a partition, and {} shows such keys as the partitioned table's",
            declared.key, comparison.observation.label
        ),
        label: Some(Label { span: declared.first().span, text: "declared here".to_owned() }),
        help: vec!["declare the key on the partitioned table instead".to_owned()],
    }
}

/// What a comparison could not tell.
pub(super) fn not_known(comparison: &Comparison<'_>) -> Option<Problem> {
    let observation = comparison.observation;
    let unknown = comparison.pairs.iter().filter(|pair| matches!(pair.seen, Seen::Unknown(_))).count();
    let unknown = unknown - comparison.on_partitions().count();
    if comparison.sees_no_declared_table() {
        let help = match &observation.visibility {
            Visibility::Partial(why) => vec![why.to_string()],
            Visibility::Whole | Visibility::Except(_) => vec![
                IS_IT_RIGHT.to_owned(),
                format!(
                    "tables without a schema were looked for in {}",
                    observation
                        .engine
                        .default_schemas
                        .iter()
                        .map(|schema| format!("`{schema}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            ],
        };
        let have = if observation.members.len() > 1 { "have" } else { "has" };
        let message = format!("{} {have} none of the annotated tables", observation.label);
        return Some(Problem { message, label: None, help });
    }
    match &observation.visibility {
        Visibility::Partial(why) if unknown > 0 => Some(Problem {
            message: format!(
                "{} declared could not be seen in {}",
                counted(unknown, "key"),
                observation.label
            ),
            label: None,
            help: vec![why.to_string()],
        }),
        Visibility::Except(doubts) if unknown > 0 => Some(Problem {
            message: match observation.source {
                SourceKind::Snapshot => {
                    format!("{} can't be known from {}", counted(unknown, "declared key"), observation.label)
                }
                _ => format!(
                    "{} can't be known without running the migrations",
                    counted(unknown, "declared key")
                ),
            },
            label: None,
            help: doubts
                .iter()
                .map(in_words)
                .chain([match observation.source {
                    SourceKind::Snapshot => "it was taken from migrations that leave this open: take it from a database that has run them, or with `--against migrations --scratch-url URL`",
                    _ => "`--scratch-url` runs them in a throw-away database of a server",
                }
                .to_owned()])
                .collect(),
        }),
        _ => None,
    }
}

/// What of a source is in doubt, a sentence each.
pub(crate) fn doubts(observation: &Observation) -> Vec<String> {
    match &observation.visibility {
        Visibility::Except(doubts) => doubts.iter().map(in_words).collect(),
        Visibility::Whole | Visibility::Partial(_) => Vec::new(),
    }
}

/// The same as problems, for commands that show keys as they are: what was not followed may have made keys that nobody sees.
pub(crate) fn not_followed(observation: &Observation) -> Vec<Problem> {
    let help = "what it does to the keys isn't known; a database shows it";
    let problem = |message| Problem { message, label: None, help: vec![help.to_owned()] };
    doubts(observation).into_iter().map(problem).collect()
}

/// `migrations/1_a/up.sql:3:1`, what was not replayed there, and whose keys it may change.
fn in_words(doubt: &Doubt) -> String {
    let tables = match &doubt.tables {
        Some(tables) => tables.iter().map(|table| format!("`{table}`")).collect::<Vec<_>>().join(", "),
        None => "any table".to_owned(),
    };
    format!("{} was not replayed; it may change keys of {tables}", doubt.with_place())
}

/// Keys that no configured database is said to hold would never be compared, and nobody would notice.
pub(super) fn of_no_database(databases: &[Database], facts: &Facts) -> Option<Problem> {
    let is_of_none = |declared: &&DeclaredKey| {
        !databases.iter().any(|database| describes(database, facts, &declared.key.table))
    };
    let keys: Vec<String> =
        facts.keys.iter().filter(is_of_none).map(|declared| format!("`{}`", declared.key)).collect();
    if databases.is_empty() || keys.is_empty() {
        return None;
    }
    Some(Problem {
        message: format!("{} belong to no configured database", counted(keys.len(), "declared key")),
        label: None,
        help: vec![
            keys.join(", "),
            "a database's `schema` lists the files whose `table!` declarations belong to it; left out, all do".to_owned(),
        ],
    })
}

/// A run without a declared key compares nothing.
pub(super) fn nothing_declared(facts: &Facts) -> Problem {
    Problem {
        message: format!(
            "no `#[fk(..)]` and no `foreign_keys!` in {} ({} and {} seen)",
            counted(facts.files, "file"),
            counted(facts.tables.len(), "table"),
            counted(facts.models.len(), "model")
        ),
        label: None,
        help: vec![
            "derive `fkcheck_macros::ForeignKeys` on a model and write e.g. `#[fk(on_delete = cascade)]` on its key's field".to_owned(),
            "or let the database write them: `cargo fkcheck annotate`".to_owned(),
        ],
    }
}

/// A source that failed.
pub(crate) fn problem_of(error: &SourceError) -> Problem {
    Problem { message: error.to_string(), label: None, help: error.help().into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::{declared, facts, observation, observed, postgres, table};
    use crate::model::{Action, Hidden, Unseen};

    /// The message and the help of what isn't known beside this observation.
    fn unknown(observation: &Observation) -> Option<String> {
        let tables = vec![table("users", "id"), table("posts", "id, author_id")];
        let facts = facts(tables, vec![declared("posts(author_id)", "users")]);
        let comparison = Comparison::new(&facts, observation, &|_| true, &|_| true);
        not_known(&comparison).map(|problem| format!("{}; {}", problem.message, problem.help.join("; ")))
    }

    #[test]
    fn what_was_not_seen_is_said() {
        let key = |child: &str| vec![observed(child, "users", Action::Cascade)];
        assert_eq!(unknown(&observation(postgres(), key("posts(author_id)"))), None);
        // Absent is not unknown.
        assert_eq!(unknown(&observation(postgres(), key("posts(id)"))), None);

        let other = unknown(&observation(postgres(), key("stars(user_id)"))).expect("a problem");
        assert!(other.starts_with("a database has none of the annotated tables; is it the right"), "{other}");
        assert!(other.ends_with("looked for in `public`"), "{other}");

        let unseen = Unseen { what: Hidden::Keys(3), database: "app".into(), grant: "GRANT x".into() };
        let hidden = Observation {
            visibility: Visibility::Partial(unseen),
            ..observation(postgres(), key("posts(id)"))
        };
        assert_eq!(
            unknown(&hidden).expect("a problem"),
            "1 key declared could not be seen in a database; the role may not see all of 3 foreign keys; \
             `GRANT x` shows every key and no data"
        );

        let doubt = Doubt { why: "a DO block with conditions".into(), tables: None, origin: None };
        let doubted = Observation {
            visibility: Visibility::Except(vec![doubt]),
            ..observation(postgres(), key("posts(author_id)"))
        };
        let doubted = unknown(&doubted).expect("a problem");
        assert!(
            doubted.contains("a DO block with conditions was not replayed; it may change keys of any table")
        );
    }

    #[test]
    fn keys_of_no_database_are_named() {
        let tables = vec![table("users", "id"), table("posts", "id, author_id")];
        let facts = facts(tables, vec![declared("posts(author_id)", "users")]);
        let database = |schema: &[&str]| Database {
            name: "main".to_owned(),
            schema: schema.iter().map(|&file| file.into()).collect(),
            ..Database::default()
        };
        for (databases, named) in [
            (Vec::new(), false),
            (vec![database(&[])], false),
            (vec![database(&["/ws/src/lib.rs"])], false),
            (vec![database(&["/ws/src/schema.rs"])], true),
            (vec![database(&["/ws/src/schema.rs"]), database(&["/ws/src/lib.rs"])], false),
        ] {
            let problem = of_no_database(&databases, &facts);
            assert_eq!(problem.is_some_and(|problem| problem.help[0] == "`posts.author_id`"), named);
        }
    }
}

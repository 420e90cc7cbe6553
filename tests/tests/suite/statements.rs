//! Every statement that is sent, judged: it can name nothing that somebody else has put there, and call nothing.

use std::collections::BTreeSet;

use fkcheck_tests::fixing::{TABLES, posts};
use fkcheck_tests::wire::Wire;
use fkcheck_tests::{Database, Workspace, fkcheck, mariadb, postgres};
use sqlparser::dialect::{Dialect, MySqlDialect, PostgreSqlDialect};
use sqlparser::tokenizer::{Token, Tokenizer};

/// Diesel's table, as Diesel makes it.
pub(crate) const APPLIED: &str = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) NOT NULL PRIMARY KEY, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
INSERT INTO __diesel_schema_migrations (version) VALUES ('20260101000000');";

/// A workspace with a migration, so that the runs ask who moved.
pub(crate) fn workspace(backend: &str) -> Workspace {
    let workspace = posts("no_action", "restrict");
    // The migrations agree with the code, so that it is asked whether they are applied.
    let tables = TABLES.replace("CASCADE", "NO ACTION");
    workspace.write("migrations/2026-01-01-000000_make/up.sql", &tables);
    workspace.manifest(&format!(
        "[workspace.metadata.fkcheck.databases.main]\nbackend = \"{backend}\"\nmigrations = \"migrations\"\n"
    ))
}

/// Runs all that asks a database, on `url`.
pub(crate) fn run_everything(workspace: &Workspace, url: &str) {
    let runs: [&[&str]; 7] = [
        &[],
        &["--data"],
        &["snapshot"],
        &["annotate", "--dry-run", "--allow-dirty"],
        &[
            "fix",
            "--all-database",
            "--allow-dirty",
            "--data",
            "--dry-run",
            "--allow-data-loss",
            "posts.user_id",
        ],
        &["--data", "--message-format", "html"],
        &["baseline"],
    ];
    for arguments in runs {
        let run = fkcheck(workspace.dir(), &[arguments, &["--database-url", url]].concat(), &[]);
        assert!(matches!(run.code, 0 | 1 | 3), "{arguments:?}: {run:?}");
    }
}

/// Words before `(` that are SQL's own and call nothing that has a name.
const SYNTAX: [&str; 23] = [
    "all", "and", "any", "array", "as", "by", "coalesce", "else", "exists", "filter", "from", "in", "join",
    "key", "lateral", "not", "on", "operator", "or", "select", "then", "values", "where",
];

struct Judge<'s> {
    dialect: &'s dyn Dialect,
    /// The schema whose names nobody else can make.
    catalogue: &'s str,
    /// Relations that were locked, as they are written.
    locked: BTreeSet<String>,
    /// Whether a bare name or operator can be nobody's but the catalogue's.
    is_closed: bool,
}

impl Judge<'_> {
    /// What is wrong with a statement.
    fn judge(&mut self, sql: &str) -> Vec<String> {
        let tokens = Tokenizer::new(self.dialect, sql).tokenize().expect("SQL");
        let tokens: Vec<Token> =
            tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
        tokens.split(|token| *token == Token::SemiColon).flat_map(|tokens| self.one(tokens)).collect()
    }

    fn one(&mut self, tokens: &[Token]) -> Vec<String> {
        let word = |at: usize| match tokens.get(at) {
            Some(Token::Word(word)) => word.value.to_lowercase(),
            _ => String::new(),
        };
        let is_dot = |at: usize| tokens.get(at) == Some(&Token::Period);
        let first = word(0);
        if matches!(first.as_str(), "begin" | "start" | "rollback" | "commit" | "set" | "") {
            return Vec::new();
        }
        let relation = |at: usize| {
            let end = if is_dot(at + 1) { at + 3 } else { at + 1 };
            tokens[at..end.min(tokens.len())].iter().map(ToString::to_string).collect::<String>()
        };
        if first == "lock" {
            self.locked.insert(relation(2));
            return if is_dot(3) { Vec::new() } else { vec!["locks a bare name".to_owned()] };
        }
        let mut faults = Vec::new();
        // `name AS (` and `name(columns) AS (` behind WITH or a comma are the statement's own.
        let own: BTreeSet<String> = (0..tokens.len())
            .filter(|&at| word(at) == "as" && tokens.get(at + 1) == Some(&Token::LParen))
            .filter_map(|at| {
                let mut name = at.checked_sub(1)?;
                if tokens[name] == Token::RParen {
                    name =
                        tokens[..name].iter().rposition(|token| *token == Token::LParen)?.checked_sub(1)?;
                }
                Some(word(name))
            })
            .collect();
        for at in 0..tokens.len() {
            if matches!(word(at).as_str(), "from" | "join" | "table") && first != "show" {
                let mut name = at + 1;
                if word(name) == "only" {
                    name += 1;
                }
                let is_syntax = matches!(tokens.get(name), Some(Token::LParen))
                    || matches!(&*word(name), "rows" | "lateral" | "");
                let is_known = word(name) == self.catalogue && is_dot(name + 1)
                    || !is_dot(name + 1) && own.contains(&word(name))
                    || self.locked.contains(&relation(name));
                if !is_syntax && !is_known {
                    faults.push(format!("reads {}", relation(name)));
                }
            }
            let is_word = matches!(tokens[at], Token::Word(_));
            let is_behind_dot = at > 0 && is_dot(at - 1);
            if is_word && tokens.get(at + 1) == Some(&Token::LParen) && self.catalogue == "pg_catalog" {
                let is_catalogue = is_behind_dot && at > 1 && word(at - 2) == self.catalogue;
                // An alias with its columns.
                let is_alias = own.contains(&word(at)) || at > 0 && word(at - 1) == "as";
                if !is_catalogue && !is_alias && !SYNTAX.contains(&&*word(at)) {
                    faults.push(format!("calls {}", word(at)));
                }
            }
            if tokens[at] == Token::DoubleColon && word(at + 1) != self.catalogue {
                faults.push(format!("casts to {}", word(at + 1)));
            }
            let is_operator = !matches!(
                tokens[at],
                Token::Word(_)
                    | Token::Number(..)
                    | Token::SingleQuotedString(_)
                    | Token::EscapedStringLiteral(_)
                    | Token::Placeholder(_)
                    | Token::Comma
                    | Token::Period
                    | Token::LParen
                    | Token::RParen
                    | Token::LBracket
                    | Token::RBracket
                    | Token::DoubleColon
            );
            if is_operator && !self.is_closed {
                faults.push(format!("uses the operator {} while the search path is open", tokens[at]));
            }
        }
        let text: String = tokens.iter().map(ToString::to_string).collect();
        self.is_closed |= text.contains("set_config('search_path','',true)");
        faults
    }
}

fn judged(wire: &Wire, dialect: &dyn Dialect, catalogue: &str) -> (usize, Vec<String>) {
    let (mut count, mut faults) = (0, Vec::new());
    for connection in wire.statements() {
        // A MySQL server has no operators but its own, and takes its own function before one of that name.
        let is_closed = catalogue != "pg_catalog";
        let mut judge = Judge { dialect, catalogue, locked: BTreeSet::new(), is_closed };
        for statement in connection {
            count += 1;
            faults.extend(judge.judge(&statement).into_iter().map(|fault| format!("{fault}\n  {statement}")));
        }
    }
    (count, faults)
}

fn database(server: &fkcheck_tests::Server) -> Database {
    let database = server.fresh_database();
    database.execute(TABLES);
    database.execute(APPLIED);
    database
}

#[test]
fn postgres_is_asked_for_qualified_names_alone() {
    let Some(server) = postgres() else { return };
    let database = database(&server);
    let wire = Wire::to(&database.url());
    run_everything(&workspace("postgres"), &wire.url(&database.url()));
    let (count, faults) = judged(&wire, &PostgreSqlDialect {}, "pg_catalog");
    println!("{count} statements to PostgreSQL, {} at fault", faults.len());
    assert!(count > 60, "{count}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let all = wire.statements().concat();
    assert!(all.iter().any(|sql| sql.contains("FROM ONLY \"public\".\"__diesel_schema_migrations\"")));
}

#[test]
fn mariadb_is_asked_for_its_own_views_alone() {
    let Some(server) = mariadb() else { return };
    let database = database(&server);
    let wire = Wire::to(&database.url());
    run_everything(&workspace("mysql"), &wire.url(&database.url()));
    let own = format!("`{}`.", database.name());
    let (count, faults) = judged(&wire, &MySqlDialect {}, "information_schema");
    // Tables that are there by `information_schema`, in this database.
    let faults: Vec<String> = faults
        .into_iter()
        .filter(|fault| {
            let name = fault.strip_prefix("reads ").and_then(|rest| rest.lines().next()).unwrap_or_default();
            !(name.starts_with(&own) || ["`posts`", "`users`"].contains(&name))
        })
        .collect();
    println!("{count} statements to MariaDB, {} at fault", faults.len());
    assert!(count > 60, "{count}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_judge_finds_what_is_at_fault() {
    for (sql, fault) in [
        ("SELECT version FROM __diesel_schema_migrations", "reads __diesel_schema_migrations"),
        ("SELECT a FROM pg_catalog.pg_class c JOIN pg_index i ON i.x", "reads pg_index"),
        ("SELECT pg_catalog.count(c.*), version() FROM pg_catalog.pg_class c", "calls version"),
        ("SELECT public.f(1)", "calls f"),
        ("SELECT 'x'::text", "casts to text"),
        ("SELECT 1 + 1", "uses the operator + while the search path is open"),
        ("LOCK TABLE posts IN ACCESS SHARE MODE", "locks a bare name"),
        ("SELECT 1 FROM \"public\".\"posts\"", "reads \"public\".\"posts\""),
    ] {
        let mut judge = Judge {
            dialect: &PostgreSqlDialect {},
            catalogue: "pg_catalog",
            locked: BTreeSet::new(),
            is_closed: sql.contains("pg_catalog.count"),
        };
        assert_eq!(judge.judge(sql), [fault], "{sql}");
    }
}

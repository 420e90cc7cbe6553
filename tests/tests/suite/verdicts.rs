//! Every command sees the same: check, fix, annotate and snapshot agree on what can be known of an input.

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck};

/// What an input ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Code and source say the same.
    Agrees,
    /// They differ, and `fix` is for it.
    Differs,
    /// There is a finding at `deny` that `fix` is not for.
    Wrong,
    /// What is declared can't be compared; what the source shows is known all the same.
    NotComparable,
    /// The code or the source can't be read.
    Unread,
    /// The call or the configuration is wrong.
    Usage,
}

struct Input {
    name: &'static str,
    workspace: Workspace,
    arguments: Vec<String>,
    ends_in: Verdict,
    /// Keeps the database until the commands have run.
    _database: Option<SqliteFile>,
}

const TABLES: &str = "\
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE teams (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX posts_author_id ON posts (author_id);";

const SCHEMA: &str = "\
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { teams (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
";

/// The library of a crate whose key says this.
fn code(annotation: &str) -> String {
    format!(
        "{SCHEMA}
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {{
    pub id: i32,
    {annotation}
    pub author_id: i32,
}}
"
    )
}

const CASCADE: &str = "#[fk(references = users(id), on_delete = cascade)]";
const RESTRICT: &str = "#[fk(references = users(id), on_delete = restrict)]";

impl Input {
    /// A crate with this code beside a database that these statements make.
    fn new(name: &'static str, code: &str, tables: &str, ends_in: Verdict) -> Self {
        let database = SqliteFile::new(tables);
        let workspace = Workspace::new().file("src/lib.rs", code).file("migrations/.keep", "");
        let arguments = vec!["--database-url".to_owned(), database.url()];
        Input { name, workspace, arguments, ends_in, _database: Some(database) }
    }

    fn file(self, name: &str, text: &str) -> Self {
        self.workspace.write(name, text);
        self
    }

    fn manifest(self, more: &str) -> Self {
        Input { workspace: self.workspace.manifest(more), ..self }
    }

    fn argument(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// These arguments alone.
    fn instead(mut self, arguments: &[&str]) -> Self {
        self.arguments.clear();
        self.argument(arguments)
    }

    fn run(&self, command: &[&str]) -> Run {
        let arguments: Vec<&str> =
            command.iter().copied().chain(self.arguments.iter().map(String::as_str)).collect();
        fkcheck(self.workspace.dir(), &arguments, &[])
    }
}

const BASELINE: &str = r#"
[[finding]]
rule = "fk_on_delete_mismatch"
about = "posts.author_id"
declared = "ON DELETE RESTRICT"
observed = "ON DELETE CASCADE ON UPDATE NO ACTION NOT DEFERRABLE"
reason = "until the next release"
"#;

fn inputs() -> Vec<Input> {
    use Verdict::{Agrees, Differs, NotComparable, Unread, Usage, Wrong};
    let of = |name, annotation: &str, ends_in| Input::new(name, &code(annotation), TABLES, ends_in);
    let of_tables = |name, tables, ends_in| Input::new(name, &code(CASCADE), tables, ends_in);
    let no_key = "CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
                  CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, author_id INTEGER NOT NULL);";
    let twice = format!(
        "{}foreign_keys! {{ posts (author_id) -> users (id), on_delete = restrict; }}",
        code(CASCADE)
    );
    vec![
        of("agrees", CASCADE, Agrees),
        of("differs", RESTRICT, Differs),
        of("differs and is allowed", RESTRICT, Agrees).argument(&["-A", "fk_on_delete_mismatch"]),
        of("differs and is known", RESTRICT, Agrees).file("fkcheck-baseline.toml", BASELINE),
        of_tables("no such key", no_key, Differs),
        of("another parent", "#[fk(references = teams(id), on_delete = cascade)]", Differs),
        of("none and there is one", "#[fk(none, reason = \"on purpose\")]", Wrong),
        Input::new("two annotations", &twice, TABLES, Wrong),
        of("nothing declared", "", NotComparable),
        of("of no database", CASCADE, NotComparable)
            .file("src/main_schema.rs", "diesel::table! { users (id) { id -> Integer, } }")
            .manifest("[workspace.metadata.fkcheck.databases.main]\nbackend = \"sqlite\"\nschema = \"src/main_schema.rs\""),
        of_tables("another database", "CREATE TABLE other (id INTEGER PRIMARY KEY);", NotComparable),
        of_tables("no table", "", Unread),
        of("code that can't be read", CASCADE, Unread).file("src/broken.rs", "diesel::table! { users (id) {"),
        of("no such file", CASCADE, Unread).instead(&["--database-url", "nowhere/app.db"]),
        of("offline", CASCADE, Unread).instead(&["--against", "database", "--offline"]),
        of("migration that fails", CASCADE, Unread)
            .file("migrations/1_a/up.sql", "CREATE TABLE broken (")
            .instead(&["--against", "migrations"]),
        of("no such package", CASCADE, Usage).argument(&["-p", "nope"]),
        of("no such configured database", CASCADE, Usage).argument(&["--database", "nope"]),
        of("no URL", CASCADE, Usage).instead(&["--database-url", "mssql://host/db"]),
        of("unknown configuration", CASCADE, Usage)
            .manifest("[workspace.metadata.fkcheck]\nstrct = true"),
    ]
}

#[test]
fn all_commands_end_in_the_same_verdict() {
    let inputs = inputs();
    assert_eq!(inputs.len(), 20);
    for input in inputs {
        let check = input.run(&[]);
        let fix = input.run(&["fix", "--dry-run"]);
        let annotate = input.run(&["annotate", "--dry-run"]);
        let snapshot = input.run(&["snapshot", "--check"]);
        let codes = [check.code, fix.code, annotate.code, snapshot.code];
        let says_agree = fix.stderr.contains("code and source agree");
        // A snapshot is never there, so its check is 1 wherever the source is known.
        let (expected, agree) = match input.ends_in {
            Verdict::Agrees => ([0, 0, 0, 1], true),
            Verdict::Differs => ([1, fix.code.min(1), 0, 1], false),
            Verdict::Wrong => ([1, 0, 0, 1], true),
            Verdict::NotComparable => ([3, 3, 0, 1], false),
            Verdict::Unread => ([3, 3, 3, 3], false),
            Verdict::Usage => ([2, 2, 2, 2], false),
        };
        // What the baseline lets wait is no agreement, and is said.
        let agree = agree && !fix.stderr.contains("in the baseline wait");
        assert_eq!(
            (codes, says_agree),
            (expected, agree),
            "{}\n{check:#?}\n{fix:#?}\n{annotate:#?}\n{snapshot:#?}",
            input.name
        );
    }
}

#[test]
fn annotate_foretells_the_check_that_follows() {
    for (more, rules) in [
        ("[workspace.metadata.fkcheck]\ndata.posts = \"audit\"\nrules.fk_not_enforced = \"deny\"", 0),
        ("[workspace.metadata.fkcheck]\ndata.posts = \"audit\"\nrules.fk_data_class = \"deny\"", 1),
    ] {
        let input = Input::new("foretold", &code(""), TABLES, Verdict::NotComparable).manifest(more);
        let annotated = input.run(&["annotate", "--allow-dirty"]).expect(0);
        let check = input.run(&["--message-format", "json"]);
        let denied = check.findings().iter().filter(|finding| finding["level"] == "deny").count();
        let foretold = annotated.stderr.contains("1 finding at `deny` then");
        assert_eq!((denied, foretold), (rules, rules == 1), "{annotated:#?}\n{check:#?}");
    }
}

#[test]
fn a_snapshot_says_what_a_check_says_of_sources_that_are_not_seen() {
    let input = Input::new("link", &code(CASCADE), TABLES, Verdict::Unread);
    let elsewhere = tempfile::tempdir().expect("a directory");
    std::fs::write(elsewhere.path().join("models.rs"), "").expect("written");
    #[cfg(unix)]
    std::os::unix::fs::symlink(elsewhere.path(), input.workspace.dir().join("src/models")).expect("a link");
    for command in [&[][..], &["fix"], &["annotate"], &["snapshot"]] {
        let run = input.run(command).expect(if cfg!(unix) { 3 } else { 0 });
        assert!(!cfg!(unix) || run.stdout.contains("which is not followed"), "{run:#?}");
    }
}

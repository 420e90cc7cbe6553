//! Who decides how much a rule matters.

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck, unwrapped};

/// Two tables whose key is CASCADE, and one whose key no annotation speaks of.
const DATABASE: &str = "
    CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
    CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY,
        author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        editor_id INTEGER REFERENCES users (id) ON DELETE RESTRICT);
    CREATE TABLE likes (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
    CREATE INDEX posts_author ON posts (author_id);
    CREATE INDEX likes_user ON likes (user_id);";

const TABLES: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, editor_id -> Nullable<Integer>, } }
diesel::table! { likes (id) { id -> Integer, user_id -> Integer, } }
";

/// `blog` has drifted in `posts`, `social` in `likes`; `rules` goes into the three manifests.
fn workspace(of_workspace: &str, of_blog: &str, of_social: &str) -> Workspace {
    let manifest = |name: &str, rules: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n
[dependencies]\nlibsqlite3-sys = {{ version = \"*\", features = [\"bundled\"] }}\n
[package.metadata.fkcheck.rules]\n{rules}\n"
        )
    };
    let root =
        "[workspace]\nresolver = \"3\"\nmembers = [\"blog\", \"social\"]\n\n[workspace.metadata.fkcheck]\n";
    Workspace::new()
        .file("Cargo.toml", &format!("{root}{of_workspace}\n"))
        .file("blog/Cargo.toml", &manifest("blog", of_blog))
        .file(
            "blog/src/lib.rs",
            &format!(
                "{TABLES}
#[derive(ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {{
    #[fk(references = users(id), on_delete = restrict)]
    pub author_id: i32,
    #[fk(references = users(id), on_delete = no_action)]
    pub editor_id: Option<i32>,
}}"
            ),
        )
        .file("social/Cargo.toml", &manifest("social", of_social))
        .file(
            "social/src/lib.rs",
            "fkcheck_macros::foreign_keys! { likes (user_id) -> users (id), on_delete = restrict; }",
        )
}

fn check(workspace: &Workspace, arguments: &[&str]) -> Run {
    let database = SqliteFile::new(DATABASE);
    let url = database.url();
    let mut all = vec!["--message-format", "json", "--database-url", &url];
    all.extend(arguments);
    fkcheck(workspace.dir(), &all, &[])
}

/// Of `posts.author_id`, `posts.editor_id` and `likes.user_id`: the level at which its mismatch is told, `-` if it isn't.
fn levels(run: &Run) -> [String; 3] {
    ["author_id", "editor_id", "user_id"].map(|column| {
        let findings = run.findings();
        let of_column: Vec<_> = findings
            .iter()
            .filter(|finding| {
                finding["child"]["columns"][0] == column && finding["rule"] == "fk_on_delete_mismatch"
            })
            .collect();
        assert!(of_column.len() < 2, "{of_column:#?}");
        of_column.first().and_then(|finding| finding["level"].as_str()).unwrap_or("-").to_owned()
    })
}

const RULE: &str = "fk_on_delete_mismatch";

#[test]
fn the_last_word_on_the_command_line_counts() {
    let workspace = workspace("", "", "");
    for (arguments, code, expected) in [
        (&[][..], 1, ["deny", "note", "deny"]),
        (&["-A", RULE], 0, ["-", "-", "-"]),
        (&["-W", RULE], 0, ["warn", "note", "warn"]),
        (&["-D", RULE], 1, ["deny", "note", "deny"]),
        (&["-A", RULE, "-D", RULE], 1, ["deny", "note", "deny"]),
        (&["-D", RULE, "-A", RULE], 0, ["-", "-", "-"]),
        (&["-A", RULE, "-D", RULE, "-W", RULE], 0, ["warn", "note", "warn"]),
        (&["-W", RULE, "-A", RULE, "-D", RULE], 1, ["deny", "note", "deny"]),
        (&["--deny", RULE, "--warn", RULE], 0, ["warn", "note", "warn"]),
        // Other spellings of the name: as the code is printed, and with hyphens.
        (&["-Wfkcheck::fk_on_delete_mismatch"], 0, ["warn", "note", "warn"]),
        (&["--allow=fk-on-delete-mismatch"], 0, ["-", "-", "-"]),
        // A word about another rule is none about this one.
        (&["-A", "fk_on_update_mismatch"], 1, ["deny", "note", "deny"]),
    ] {
        assert_eq!(levels(&check(&workspace, arguments).expect(code)), expected, "{arguments:?}");
    }
}

#[test]
fn the_command_line_beats_the_package_and_the_package_the_workspace() {
    let set = |level: &str| format!("{RULE} = \"{level}\"");
    let of_workspace = |level: &str| format!("rules.{RULE} = \"{level}\"");
    for (of_workspace, of_blog, of_social, arguments, code, expected) in [
        (of_workspace("warn"), String::new(), String::new(), &[][..], 0, ["warn", "note", "warn"]),
        (of_workspace("allow"), String::new(), String::new(), &[], 0, ["-", "-", "-"]),
        (of_workspace("allow"), set("deny"), String::new(), &[], 1, ["deny", "note", "-"]),
        (of_workspace("deny"), set("allow"), set("warn"), &[], 0, ["-", "-", "warn"]),
        (String::new(), set("allow"), String::new(), &[], 1, ["-", "-", "deny"]),
        (of_workspace("allow"), set("allow"), String::new(), &["-D", RULE], 1, ["deny", "note", "deny"]),
        (of_workspace("deny"), set("deny"), set("deny"), &["-A", RULE], 0, ["-", "-", "-"]),
        (
            of_workspace("allow"),
            set("deny"),
            set("warn"),
            &["--cap-lints", "warn"],
            0,
            ["warn", "note", "warn"],
        ),
    ] {
        let workspace = workspace(&of_workspace, &of_blog, &of_social);
        let run = check(&workspace, arguments).expect(code);
        assert_eq!(levels(&run), expected, "{of_workspace:?} {of_blog:?} {of_social:?} {arguments:?}");
    }
}

#[test]
fn a_cap_caps_all_findings_and_no_problem() {
    let workspace = workspace("", "", "");
    for (arguments, code, expected) in [
        (&["--cap-lints", "deny"][..], 1, ["deny", "note", "deny"]),
        (&["--cap-lints", "warn"], 0, ["warn", "note", "warn"]),
        (&["--cap-lints", "warn", "-D", RULE], 0, ["warn", "note", "warn"]),
        (&["--cap-lints", "allow"], 0, ["-", "-", "-"]),
        (&["--cap-lints", "allow", "-D", RULE, "--strict"], 0, ["-", "-", "-"]),
    ] {
        assert_eq!(levels(&check(&workspace, arguments).expect(code)), expected, "{arguments:?}");
    }
    let broken = workspace.file("blog/src/broken.rs", "#[derive(ForeignKeys)] struct X {\n");
    let _ = check(&broken, &["--cap-lints", "allow"]).expect(3);
}

#[test]
fn strict_makes_a_mismatch_of_a_note() {
    let by_flag = workspace("", "", "");
    for (arguments, code, expected) in [
        (&["--strict"][..], 1, ["deny", "deny", "deny"]),
        (&["--strict", "-W", RULE], 0, ["warn", "warn", "warn"]),
        (&["--strict", "-A", RULE], 0, ["-", "-", "-"]),
        (&["--strict", "--cap-lints", "warn"], 0, ["warn", "warn", "warn"]),
    ] {
        assert_eq!(levels(&check(&by_flag, arguments).expect(code)), expected, "{arguments:?}");
    }
    let by_configuration = workspace("strict = true", "", "");
    assert_eq!(levels(&check(&by_configuration, &[]).expect(1)), ["deny", "deny", "deny"]);
    let not = workspace("strict = false", "", "");
    assert_eq!(levels(&check(&not, &[]).expect(1)), ["deny", "note", "deny"]);
}

/// One package whose struct has this attribute, and whose `author_id` this annotation beside its rule.
fn post(of_struct: &str, of_field: &str) -> Workspace {
    Workspace::new().file(
        "src/lib.rs",
        &format!(
            "{TABLES}
#[derive(ForeignKeys)]
#[diesel(table_name = posts)]
{of_struct}
pub struct Post {{
    #[fk(references = users(id), on_delete = restrict{of_field})]
    pub author_id: i32,
    #[fk(references = users(id), on_delete = set_null)]
    pub editor_id: Option<i32>,
}}"
        ),
    )
}

#[test]
fn an_allowance_silences_its_place_and_no_other() {
    let allow = ", allow(fk_on_delete_mismatch, reason = \"until the next release\")";
    for (of_struct, of_field, arguments, code, expected) in [
        ("", "", &[][..], 1, ["deny", "deny"]),
        ("", allow, &[], 1, ["-", "deny"]),
        ("#[fk(allow(fk_on_delete_mismatch))]", "", &[], 0, ["-", "-"]),
        // An allowance is the code's own word: the command line doesn't take it back.
        ("#[fk(allow(fk_on_delete_mismatch))]", "", &["-D", RULE], 0, ["-", "-"]),
        ("", allow, &["-D", RULE], 1, ["-", "deny"]),
        ("#[fk(allow(fk_missing_index))]", ", allow(fk_undeclared)", &[], 1, ["deny", "deny"]),
    ] {
        let run = check(&post(of_struct, of_field), arguments).expect(code);
        assert_eq!(levels(&run)[..2], expected, "{of_struct:?} {of_field:?} {arguments:?}");
    }
}

#[test]
fn an_allowance_of_an_unknown_rule_is_told() {
    let run = check(&post("#[fk(allow(fk_on_delete_mismach))]", ""), &[]).expect(1);
    let last = run.json().pop().expect("the last line");
    let problem = last["problems"][0].as_str().expect("a problem");
    assert!(problem.contains("did you mean `fk_on_delete_mismatch`?"), "{problem}");
}

#[test]
fn an_undeclared_key_is_told_where_the_model_derives_and_elsewhere_on_demand() {
    let workspace = |derive: &str, of_struct: &str| {
        Workspace::new().file(
            "src/lib.rs",
            &format!(
                "{TABLES}
fkcheck_macros::foreign_keys! {{ likes (user_id) -> users (id), on_delete = cascade; }}
#[derive(Queryable, {derive})]
#[diesel(table_name = posts)]
{of_struct}
pub struct Post {{ pub author_id: i32, pub editor_id: Option<i32> }}"
            ),
        )
    };
    let silent = ["-A", "fk_undeclared"];
    let shown = ["-W", "fk_undeclared"];
    for (derive, of_struct, arguments, code, count) in [
        ("ForeignKeys", "", &[][..], 0, 2),
        ("ForeignKeys", "", &["-D", "fk_undeclared"], 1, 2),
        ("ForeignKeys", "", &silent, 0, 0),
        ("ForeignKeys", "#[fk(allow(fk_undeclared))]", &[], 0, 0),
        ("Identifiable", "", &[], 0, 0),
        ("Identifiable", "", &shown, 0, 2),
        ("Identifiable", "", &["-D", "fk_undeclared"], 1, 2),
    ] {
        // The two keys also depend on their order.
        let arguments = [&["-A", "fk_order_dependent_delete"], arguments].concat();
        let run = check(&workspace(derive, of_struct), &arguments).expect(code);
        assert_eq!(
            run.rules(),
            vec!["fk_undeclared"; count],
            "{derive} {of_struct:?} {arguments:?}: {run:?}"
        );
        assert_eq!(run.json().pop().expect("the last line")["keys"]["undeclared"], 2);
    }
}

/// The last lines of a run, however they are wrapped.
fn end(workspace: &Workspace, arguments: &[&str]) -> String {
    let database = SqliteFile::new(DATABASE);
    let url = database.url();
    let options = [&["--database-url", &*url], arguments].concat();
    let text = unwrapped(&fkcheck(workspace.dir(), &options, &[]).expect(0).stdout);
    text.rsplit_once(" skipped ").expect("counts").1.replace(|c: char| c.is_ascii_digit() || c == '.', "#")
}

/// What is let pass has been found all the same.
#[test]
fn the_last_line_says_what_differs_and_is_allowed() {
    let workspace = |workspace: &str, blog: &str| {
        let all = super::levels::workspace(workspace, blog, "");
        let code = std::fs::read_to_string(all.dir().join("blog/src/lib.rs")).expect("there");
        all.file("blog/src/lib.rs", &code.replace("on_delete = no_action", "on_delete = restrict"))
    };
    let off = [
        "-A",
        "fk_on_delete_mismatch",
        "-A",
        "fk_not_enforced",
        "-A",
        "fk_missing_index",
        "-A",
        "fk_order_dependent_delete",
    ];
    let allowed = |n: usize, run: &str| {
        let verb = if n == 1 { "differs and is" } else { "differ and are" };
        assert!(run.starts_with("# of # declared keys agree with SQLite #"), "{run}");
        assert!(run.trim_end().ends_with(&format!("; # {verb} allowed")), "{run}");
    };
    allowed(2, &end(&workspace("", ""), &off));
    let by_rule = "rules.fk_on_delete_mismatch = \"allow\"";
    allowed(2, &end(&workspace(by_rule, ""), &off[2..]));
    // In one package by its manifest, in the other by the command line.
    let one = workspace("", "fk_on_delete_mismatch = \"allow\"");
    let text = std::fs::read_to_string(one.dir().join("social/src/lib.rs")).expect("there");
    one.write("social/src/lib.rs", &text.replace("restrict", "restrict, allow(fk_on_delete_mismatch)"));
    allowed(2, &end(&one, &off[2..]));
    one.write("social/src/lib.rs", &text.replace("restrict", "cascade"));
    allowed(1, &end(&one, &off[2..]));

    // In a package that isn't asked for.
    let text = std::fs::read_to_string(one.dir().join("blog/src/lib.rs")).expect("there");
    let other = workspace("", "");
    other.write(
        "social/src/lib.rs",
        "fkcheck_macros::foreign_keys! { likes (user_id) -> users (id), on_delete = cascade; }",
    );
    for arguments in [["-p", "social"], ["--exclude", "blog"]] {
        let run = end(&other, &[&arguments, &off[2..]].concat());
        assert!(run.trim_end().ends_with("; # differs in a package that isn't shown"), "{run}");
    }
    // Nothing is let pass.
    other.write("blog/src/lib.rs", &text.replacen("restrict", "cascade", 1));
    let run = end(&other, &off[2..]);
    assert!(run.starts_with("all # declared keys agree with SQLite ") && !run.contains("differ"), "{run}");
    // No claim is no agreement about deletes.
    other.write("blog/src/lib.rs", &text.replacen(", on_delete = restrict", "", 1));
    let run = end(&other, &off[2..]);
    assert!(run.trim_end().ends_with("; # says nothing of ON DELETE"), "{run}");
}

#[test]
fn few_undeclared_keys_are_named() {
    let quiet = ["-A", "fk_not_enforced", "-A", "fk_missing_index", "-A", "fk_undeclared"];
    for more in [0, 3] {
        let table = |n| {
            format!("CREATE TABLE extra{n} (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));")
        };
        let extra = (0..more).map(table).collect::<Vec<_>>().concat();
        let database = SqliteFile::new(&format!("{DATABASE}{extra}"));
        let url = database.url();
        let workspace = Workspace::new().file(
            "src/lib.rs",
            &format!("{TABLES} fkcheck_macros::foreign_keys! {{ posts (author_id) -> users (id), on_delete = cascade; }}"),
        );
        let run = fkcheck(workspace.dir(), &[&["--database-url", &*url], &quiet[..]].concat(), &[]);
        let text = unwrapped(&run.expect(0).stdout);
        let says = match more {
            0 => "2 undeclared (likes.user_id, posts.editor_id), 0 skipped",
            _ => "5 undeclared (`-v` names them), 0 skipped",
        };
        assert!(text.contains(says), "{text}");
    }
    // Where they were named, that isn't offered.
    let database = SqliteFile::new(DATABASE);
    let workspace = Workspace::new().file("src/lib.rs", TABLES);
    let run = fkcheck(workspace.dir(), &["-v", "--database-url", &database.url()], &[]);
    assert!(!run.stdout.contains("names them") && run.stderr.contains("Undeclared"), "{run:?}");
}

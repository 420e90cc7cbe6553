//! The formats for CI systems, from real runs: each is parsed as its reader parses it.

use std::collections::HashSet;

use fkcheck_tests::{Run, SqliteFile, Workspace, billing, fkcheck};
use serde_json::{Value, json};

/// A file that can't be read, beside the findings.
fn with_a_problem(workspace: Workspace) -> Workspace {
    workspace.file("src/broken.rs", "struct X { #[fk(none) }\n")
}

fn run(workspace: &Workspace, format: &str) -> Run {
    fkcheck(workspace.dir(), &["--message-format", format], &[])
}

/// Without the time that a run took.
fn without_time(text: &str) -> String {
    let mut text = text.to_owned();
    for (start, end) in [("\"elapsed_ms\":", '}'), ("testsuites name=\"fkcheck\" time=\"", '"')] {
        if let Some(at) = text.find(start).map(|at| at + start.len()) {
            let length = text[at..].find(end).expect("an end");
            text.replace_range(at..at + length, "*");
        }
    }
    text
}

/// Without this project's version.
fn stable(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn github() {
    let workspace = with_a_problem(billing());
    let run = run(&workspace, "github").expect(1);
    insta::assert_snapshot!("github", stable(&run.stdout));

    // A workspace may lie below its repository.
    let nested = Workspace::new().file(".git", "gitdir: elsewhere\n");
    nested
        .write("back end/Cargo.toml", &std::fs::read_to_string(nested.manifest_path()).expect("it is there"));
    nested.write("back end/src/lib.rs", "struct X { #[fk(none) }\n");
    let run = fkcheck(&nested.dir().join("back end"), &["--message-format", "github"], &[]).expect(3);
    assert!(run.stdout.starts_with("::error file=back end/src/lib.rs,line=1,"), "{run:?}");

    let run = fkcheck(workspace.dir(), &["--message-format", "github", "--manifest-path", "none"], &[]);
    assert!(run.expect(2).stdout.starts_with("::error title=fkcheck::"));
    let run = fkcheck(workspace.dir(), &["--message-format", "github", "--nope"], &[]).expect(2);
    assert!(
        run.stdout.starts_with("::error title=fkcheck::unexpected argument '--nope' found%0A"),
        "{run:?}"
    );
}

#[test]
fn output_writes_the_format_and_prints_for_people() {
    let workspace = billing();
    let plain = run(&workspace, "human").expect(1);
    let written = |format: &str, more: &[&str], code: i32| {
        let mut arguments = vec!["--message-format", format, "--output", "report"];
        arguments.extend(more);
        let run = fkcheck(workspace.dir(), &arguments, &[]).expect(code);
        let text = std::fs::read_to_string(workspace.dir().join("report")).expect("it is there");
        std::fs::remove_file(workspace.dir().join("report")).expect("removed");
        (run, text)
    };
    for format in ["human", "short", "json", "github", "sarif", "gitlab", "markdown", "junit", "html"] {
        let (human, text) = written(format, &[], 1);
        assert_eq!(human.stdout, plain.stdout);
        assert_eq!(without_time(&text), without_time(&run(&workspace, format).stdout));
    }
    for more in [["--manifest-path", "none"], ["--nope", "--no"]] {
        let (human, text) = written("github", &more, 2);
        assert_eq!(human.stdout, "");
        assert!(human.stderr.contains("error:"), "{human:?}");
        assert!(text.starts_with("::error title=fkcheck::"), "{text}");
    }

    workspace.write("report", "as it was");
    let run = fkcheck(workspace.dir(), &["--message-format", "github", "--output", "none/report"], &[]);
    assert!(run.expect(3).stderr.contains("can't write none/report"));
    let _ = fkcheck(workspace.dir(), &["--message-format", "gitgub", "--output", "report"], &[]).expect(2);
    assert_eq!(std::fs::read_to_string(workspace.dir().join("report")).expect("it is there"), "as it was");
}

/// The official schema, as a crate has it.
fn sarif_schema() -> jsonschema::Validator {
    let metadata = cargo_metadata::MetadataCommand::new()
        .other_options(["--locked".to_owned()])
        .exec()
        .expect("cargo's words");
    let package = metadata.packages.iter().find(|package| package.name.as_str() == "serde-sarif");
    let manifest = &package.expect("a dependency of the tests").manifest_path;
    let text = std::fs::read_to_string(manifest.with_file_name("src/schema.json")).expect("the schema");
    // Two of its patterns, of a language's name, are no regular expressions.
    let schema = serde_json::from_str(&text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$")).expect("JSON");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
}

/// A SARIF log that holds to the schema and to what GitHub asks for beyond it.
fn sarif_log(text: &str, schema: &jsonschema::Validator) -> Value {
    let log: Value = serde_json::from_str(text).expect("JSON");
    let errors: Vec<String> =
        schema.iter_errors(&log).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let _: serde_sarif::sarif::Sarif = serde_json::from_str(text).expect("SARIF");
    let run = &log["runs"][0];
    for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
        for text in ["/id", "/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"]
        {
            assert!(
                rule.pointer(text).and_then(Value::as_str).is_some_and(|text| !text.is_empty()),
                "{text}"
            );
        }
    }
    for result in run["results"].as_array().expect("results") {
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
        for member in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["region"][member].is_u64(), "{place}");
        }
        let hash = result["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("a fingerprint");
        assert!(hash.split_once(':').is_some_and(|(digest, _)| digest.len() == 16), "{hash}");
    }
    log
}

#[test]
fn sarif() {
    let schema = sarif_schema();
    let workspace = with_a_problem(billing());
    let found = run(&workspace, "sarif").expect(1);
    let mut log = sarif_log(&found.stdout, &schema);
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let notification = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    let uri = &notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "src/broken.rs");
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("rules") {
        let page = fkcheck_core::rules::by_name(rule["id"].as_str().expect("a name")).expect("a rule");
        assert_eq!(rule["help"]["markdown"], fkcheck_core::rules::page(page));
        rule["help"] = Value::Null;
    }
    insta::assert_snapshot!("sarif", stable(&format!("{log:#}")));

    std::fs::remove_file(workspace.dir().join("src/broken.rs")).expect("removed");
    let log = sarif_log(&run(&workspace, "sarif").expect(1).stdout, &schema);
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);

    // Applied as an editor applies them, the fixes fix.
    let path = workspace.dir().join("src/models.rs");
    let mut lines: Vec<String> =
        std::fs::read_to_string(&path).expect("the file").lines().map(str::to_owned).collect();
    for result in log["runs"][0]["results"].as_array().expect("results") {
        let change = &result["fixes"][0]["artifactChanges"][0];
        assert_eq!(change["artifactLocation"]["uri"], "src/models.rs");
        let replacement = &change["replacements"][0];
        let number = |member: &str| {
            let number = replacement["deletedRegion"][member].as_u64().expect("a number");
            usize::try_from(number).expect("small") - 1
        };
        let text = replacement["insertedContent"]["text"].as_str().expect("text");
        lines[number("startLine")].replace_range(number("startColumn")..number("endColumn"), text);
    }
    std::fs::write(path, lines.join("\n")).expect("written");
    // Another struct says of a key what the first has said, and disagrees with it now.
    let log = sarif_log(&run(&workspace, "sarif").expect(1).stdout, &schema);
    let results = log["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["ruleId"], "fk_conflicting_declarations");
    workspace.write("src/models.rs", "");
    let log = sarif_log(&run(&workspace, "sarif").expect(3).stdout, &schema);
    assert_eq!(log["runs"][0]["results"], json!([]));

    for arguments in [["--manifest-path", "none"], ["--nope", "--no"]] {
        let mut all = vec!["--message-format", "sarif"];
        all.extend(arguments);
        let run = fkcheck(workspace.dir(), &all, &[]).expect(2);
        let log = sarif_log(&run.stdout, &schema);
        let invocation = &log["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert!(invocation["toolExecutionNotifications"][0]["message"]["text"].is_string());
    }
}

/// A fingerprint follows the key, not the file.
#[test]
fn fingerprints_outlive_a_renamed_file() {
    let workspace = billing();
    let fingerprints = |format: &str, member: &str| {
        let found = run(&workspace, format).expect(1);
        let document: Value = serde_json::from_str(&found.stdout).expect("JSON");
        let results = document.pointer("/runs/0/results").unwrap_or(&document).as_array().expect("a list");
        let all: Vec<String> =
            results.iter().filter_map(|result| result.pointer(member)?.as_str()).map(str::to_owned).collect();
        assert_eq!(all.len(), 3);
        all
    };
    let both = || {
        (
            fingerprints("sarif", "/partialFingerprints/primaryLocationLineHash"),
            fingerprints("gitlab", "/fingerprint"),
        )
    };
    let before = both();
    let models = std::fs::read_to_string(workspace.dir().join("src/models.rs")).expect("the file");
    std::fs::remove_file(workspace.dir().join("src/models.rs")).expect("removed");
    workspace.write("src/models/mod.rs", &format!("// moved\n\n{models}"));
    assert_eq!(both(), before);
}

#[test]
fn gitlab() {
    let workspace = with_a_problem(billing());
    let issues = |arguments: &[&str], code: i32| {
        let mut all = vec!["--message-format", "gitlab"];
        all.extend(arguments);
        let run = fkcheck(workspace.dir(), &all, &[]).expect(code);
        let issues: Vec<Value> = serde_json::from_str(&run.stdout).expect("a list");
        for issue in &issues {
            for text in ["/description", "/check_name", "/fingerprint", "/location/path"] {
                assert!(issue.pointer(text).is_some_and(Value::is_string), "{text}: {issue}");
            }
            assert!(issue["location"]["lines"]["begin"].is_u64(), "{issue}");
            let severity = issue["severity"].as_str().expect("a severity");
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{severity}");
        }
        let fingerprints: HashSet<&str> =
            issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
        assert_eq!(fingerprints.len(), issues.len());
        issues
    };
    insta::assert_snapshot!("gitlab", stable(&format!("{:#}", Value::from(issues(&[], 1)))));
    for arguments in [["--manifest-path", "none"], ["--nope", "--no"]] {
        assert_eq!(issues(&arguments, 2).len(), 1);
    }
}

#[test]
fn markdown() {
    let workspace = with_a_problem(billing());
    insta::assert_snapshot!("markdown", stable(&run(&workspace, "markdown").expect(1).stdout));
    let empty = Workspace::new();
    assert!(run(&empty, "markdown").expect(3).stdout.starts_with("# fkcheck: could not know: "));
    for arguments in [["--manifest-path", "none"], ["--nope", "--no"]] {
        let mut all = vec!["--message-format", "markdown"];
        all.extend(arguments);
        let run = fkcheck(workspace.dir(), &all, &[]).expect(2);
        assert!(run.stdout.starts_with("# fkcheck: error\n\n"), "{run:?}");
    }
}

/// The release note and the page: with or without a title of one's own, and that only where there is one.
#[test]
fn titles() {
    let workspace = with_a_problem(billing());
    let run = |arguments: &[&str], code: i32| fkcheck(workspace.dir(), arguments, &[]).expect(code).stdout;
    let note = run(&["--message-format", "markdown", "--title"], 1);
    assert!(
        note.starts_with("# [Database] Reconcile 3 foreign-key delete-rule mismatches\n\n<!-- db-audit:"),
        "{note}"
    );
    assert!(note.contains("\n## Not known\n"), "{note}");
    let note = run(&["--message-format", "markdown", "--title=Our keys"], 1);
    assert!(note.starts_with("# Our keys\n\n<!-- db-audit:kind=fk_on_delete_mismatch -->\n"), "{note}");
    assert!(run(&["--message-format=html", "--title=Our keys"], 1).contains("<title>Our keys</title>"));
    assert!(run(&["--message-format=html"], 1).contains("<title>[Database] Reconcile 3 "));

    for format in ["human", "short", "json", "github", "sarif", "gitlab", "junit"] {
        let refused = fkcheck(workspace.dir(), &["--title", "--message-format", format], &[]).expect(2);
        let told = refused.stdout.clone() + &refused.stderr;
        assert!(told.contains("--title goes with --message-format markdown or html"), "{refused:?}");
    }
    // A word after it is no title, and the annotating commands have none.
    let _ = run(&["--message-format", "markdown", "--title", "text"], 2);
    let _ = run(&["annotate", "--title"], 2);

    let empty = Workspace::new();
    for arguments in [&["--message-format=markdown", "--title"][..], &["--message-format=html"]] {
        let run = fkcheck(empty.dir(), arguments, &[]).expect(3);
        assert!(
            run.stdout.contains("could not tell whether") && run.stdout.contains("could not know: "),
            "{run:?}"
        );
        assert!(!run.stdout.contains("agree."), "{run:?}");
        let arguments = [arguments, &["--manifest-path", "none"]].concat();
        let failed = fkcheck(empty.dir(), &arguments, &[]).expect(2);
        assert!(failed.stdout.contains("fkcheck: error"), "{failed:?}");
    }
}

#[test]
fn a_release_note_of_many_keys_has_their_sql() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let of_each = |text: &dyn Fn(String) -> String| -> String {
        (0..8).map(|number| text(format!("order_lines_{number}"))).collect()
    };
    let schema = "diesel::table! { users (id) { id -> Integer, } }\n".to_owned()
        + &of_each(&|table| {
            format!("diesel::table! {{ {table} (id) {{ id -> Integer, user_id -> Nullable<Integer>, }} }}\n")
        });
    let keys = of_each(&|table| format!("{table} (user_id) -> users (id), on_delete = restrict;\n"));
    let sql = "CREATE TABLE users (id INT PRIMARY KEY);\n".to_owned()
        + &of_each(&|table| {
            format!(
                "CREATE TABLE {table} (id INT PRIMARY KEY, user_id INT REFERENCES users ON DELETE CASCADE);\n"
            )
        });
    let workspace = Workspace::new().file("src/schema.rs", &schema).file(
        "src/lib.rs",
        &format!("pub mod schema;\nuse schema::*;\nfkcheck_macros::foreign_keys! {{ {keys} }}\n"),
    );
    let database = server.fresh_database();
    database.execute(&sql);
    let arguments = ["--message-format", "markdown", "--title", "--database-url", &database.url()];
    let note = fkcheck(workspace.dir(), &arguments, &[]).expect(1).stdout;
    for number in 0..8 {
        assert!(
            note.contains(&format!("ALTER TABLE \"order_lines_{number}\"\n  DROP CONSTRAINT")),
            "{number}: {note}"
        );
    }
    assert!(note.contains("The ways back are left out") && note.len() < 65_536, "{}", note.len());
}

#[test]
fn junit() {
    let workspace = with_a_problem(billing());
    let report = |workspace: &Workspace, arguments: &[&str], code: i32| {
        let mut all = vec!["--message-format", "junit"];
        all.extend(arguments);
        let text = fkcheck(workspace.dir(), &all, &[]).expect(code).stdout;
        let document = roxmltree::Document::parse(&text).expect("XML");
        for suite in document.descendants().filter(|node| node.tag_name().name().starts_with("testsuite")) {
            let cases: Vec<_> = suite.descendants().filter(|node| node.has_tag_name("testcase")).collect();
            let ended = |how: &str| {
                cases.iter().filter(|case| case.children().any(|child| child.has_tag_name(how))).count()
            };
            let told = |name: &str| suite.attribute(name).and_then(|count| count.parse().ok());
            assert_eq!(told("tests"), Some(cases.len()));
            assert_eq!(told("failures"), Some(ended("failure")));
            assert_eq!(told("errors"), Some(ended("error")));
            assert_eq!(told("skipped"), Some(ended("skipped")));
            let names: HashSet<_> = cases.iter().map(|case| case.attribute("name")).collect();
            assert_eq!(names.len(), cases.len(), "{text}");
        }
        let all = document.root_element();
        ["tests", "failures", "errors", "skipped"]
            .map(|name| all.attribute(name).and_then(|count| count.parse::<usize>().ok()).expect("a number"))
    };
    insta::assert_snapshot!("junit", without_time(&run(&workspace, "junit").expect(1).stdout));
    assert_eq!(report(&workspace, &[], 1), [10, 3, 1, 0]);
    for arguments in [["--manifest-path", "none"], ["--nope", "--no"]] {
        assert_eq!(report(&workspace, &arguments, 2), [1, 0, 1, 0]);
    }

    let without_source = billing();
    std::fs::remove_dir_all(without_source.dir().join("migrations")).expect("removed");
    assert_eq!(report(&without_source, &[], 3), [10, 0, 1, 9]);
    // A warning passes, and so does what the example's keys are allowed.
    let warned = billing();
    assert_eq!(report(&warned, &["-W", "fk_on_delete_mismatch"], 0), [9, 0, 0, 0]);
    let text = fkcheck(warned.dir(), &["--message-format", "junit", "-W", "fk_on_delete_mismatch"], &[]);
    assert_eq!(text.expect(0).stdout.matches("<system-out>").count(), 3);
}

const HOSTILE: [&str; 10] = [
    "it's \"quoted\" `three` ways",
    "a\n::error file=x.rs,line=1::injected",
    "a\r\n ::stop-commands::x",
    "::error::x, file=y",
    "##[error]x ###[group]",
    "\u{1b}[31mred\u{1b}]8;;https:evil\u{7}\u{9b}2J",
    "safe\u{202e}txt\u{2066}\u{200f}\u{2028}\u{feff}",
    "a|b <script>alert(1)<!-- x --> ]]> @org &lt; 100%0A",
    "<\u{7f}img src=x onerror=y>|---|\n\n# x\n- y\t",
    "[link](https:evil) **x** $y$ :smile:",
];

/// The name of a file; Windows refuses most of these.
fn file_name(name: &str) -> &str {
    if cfg!(windows) { "odd" } else { name }
}

/// A workspace and a database whose table, column, constraint and file have this name.
fn hostile(name: &str) -> (Workspace, SqliteFile) {
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    let database = SqliteFile::new(&format!(
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
         CREATE TABLE {quoted} (id INTEGER NOT NULL PRIMARY KEY, {quoted} INTEGER NOT NULL,
             CONSTRAINT {quoted} FOREIGN KEY ({quoted}) REFERENCES users (id) ON DELETE CASCADE)"
    ));
    let models = format!(
        "diesel::table! {{ users (id) {{ id -> Integer, }} }}
diesel::table! {{
    #[sql_name = {name:?}]
    odd (id) {{ id -> Integer, #[sql_name = {name:?}] user_id -> Integer, }}
}}
#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = odd)]
pub struct Odd {{
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict, reason = {name:?})] /* {name} */
    pub user_id: i32,
}}
"
    );
    let file = file_name(name);
    let broken = "struct X { #[fk(none) }\n";
    let workspace = Workspace::new().file(".git/HEAD", "");
    (workspace.file(&format!("src/{file}.rs"), &models).file(&format!("src/{file} 2.rs"), broken), database)
}

/// What a reader makes of a document: its shape, without what names fill in.
fn shape(format: &str, text: &str, name: &str, schema: &jsonschema::Validator) -> String {
    let path = format!("src/{}.rs", file_name(name));
    match format {
        "sarif" => {
            let log = sarif_log(text, schema);
            let uris = log.pointer("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri");
            let uri = uris.and_then(Value::as_str).expect("a URI");
            let decoded = percent_encoding::percent_decode_str(uri).decode_utf8().expect("UTF-8");
            assert_eq!(decoded, path);
            json_shape(&log)
        }
        "gitlab" => {
            let issues: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(issues[0]["location"]["path"], path);
            json_shape(&issues)
        }
        "junit" => {
            let document = roxmltree::Document::parse(text).expect("XML");
            let nodes = document.descendants().filter(|node| node.is_element() || node.is_comment());
            let shapes = nodes.map(|node| format!("{} {}", node.tag_name().name(), node.attributes().len()));
            shapes.collect::<Vec<_>>().join("\n")
        }
        "html" => {
            let tags = text.split('<').filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag);
            let tags =
                tags.map(|tag| tag.split([' ', '/']).find(|word| !word.is_empty()).unwrap_or_default());
            // A backtick in a name may make more of it code, or less.
            tags.filter(|tag| !["wbr", "code"].contains(tag)).collect::<Vec<_>>().join("\n")
        }
        "markdown" | "note" => {
            let tags = text.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
            let tags = tags.map(|(tag, _)| tag).filter(|tag| !["!-- --", "code", "/code"].contains(tag));
            let heads = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
            let lines = text.lines().map(heads);
            tags.map(str::to_owned).chain(lines).collect::<Vec<_>>().join("\n")
        }
        "github" => text.lines().filter_map(|line| line.split_once(' ')).map(|(word, _)| word).collect(),
        _ => String::new(),
    }
}

fn json_shape(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(json_shape).collect::<String>()),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}:{}", json_shape(value)));
            members.collect::<Vec<_>>().concat()
        }
        _ => ",".to_owned(),
    }
}

#[test]
fn hostile_names_get_through_in_no_format() {
    let schema = sarif_schema();
    let formats =
        ["human", "short", "json", "github", "sarif", "gitlab", "junit", "markdown", "note", "html"];
    let shapes = |name: &str| {
        let (workspace, database) = hostile(name);
        let url = [("DATABASE_URL", database.url())];
        let url = url.each_ref().map(|(name, url)| (*name, url.as_str()));
        formats.map(|format| {
            let title = format!("--title={name}");
            let arguments: &[&str] = match format {
                "note" => &["-v", "--message-format", "markdown", &title],
                "html" => &["-v", "--message-format", "html", &title],
                format => &["-v", "--message-format", format],
            };
            let run = fkcheck(workspace.dir(), arguments, &url).expect(1);
            for text in [&run.stdout, &run.stderr] {
                for line in text.split('\n') {
                    // SQL keeps its tabs.
                    let may_be = |c: char| c == '\t' && ["note", "html"].contains(&format);
                    let raw = line.chars().find(|&c| {
                        c.is_control() && !may_be(c) || "\u{202e}\u{2066}\u{200f}\u{2028}\u{feff}".contains(c)
                    });
                    assert_eq!(raw, None, "from {name:?} in {format}: {line:?}");
                    let is_ours = format == "github"
                        && ["::error ", "::warning "].iter().any(|ours| line.starts_with(ours));
                    assert!(
                        is_ours || !line.trim_start().starts_with("::"),
                        "from {name:?} in {format}: {line:?}"
                    );
                    assert!(!line.contains("##["), "from {name:?} in {format}: {line:?}");
                }
            }
            // A migration's name is made of the key's, of letters and digits alone. Its SQL has the names as they are, and a
            // remark where they can't be shown; a fence or an element keeps it where it belongs.
            let mut is_sql = false;
            let plain = |line: &str| {
                let is_fence = line.starts_with("```");
                is_sql ^= is_fence;
                match line.strip_prefix("`align_").and_then(|rest| rest.split_once('`')) {
                    _ if line.is_empty()
                        || is_sql && !is_fence
                        || line.contains("be shown are replaced here") =>
                    {
                        None
                    }
                    Some((_, rest)) => Some(format!("`align`{rest}")),
                    None => Some(line.to_owned()),
                }
            };
            let text: Vec<String> = run.stdout.split('\n').filter_map(plain).collect();
            shape(format, &text.join("\n"), name, &schema)
        })
    };
    let expected = shapes("harmless name");
    for name in HOSTILE {
        assert_eq!(shapes(name), expected, "from {name:?}");
    }
}

//! `action.yml` and `.pre-commit-hooks.yaml`, run as far as a machine without GitHub can.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use fkcheck_tests::git::{commit, git};
use fkcheck_tests::{Run, SqliteFile, Workspace, bash, billing, fkcheck, search_path};
use saphyr::{LoadableYamlNode as _, YamlOwned};

/// A file of the repository.
fn yaml(name: &str) -> YamlOwned {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    let text = std::fs::read_to_string(path).expect("it is there");
    YamlOwned::load_from_str(&text).expect("YAML").remove(0)
}

fn text<'a>(node: &'a YamlOwned, key: &str) -> &'a str {
    node[key].as_str().unwrap_or_else(|| panic!("{key} is missing in {node:?}"))
}

/// A step of the action, and the environment that these inputs give it.
fn step(name: &str, inputs: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
    let action = yaml("action.yml");
    assert_eq!(text(&action["runs"], "using"), "composite");
    let steps = action["runs"]["steps"].as_vec().expect("steps");
    let step = steps.iter().find(|step| text(step, "name") == name).expect("the step");
    assert_eq!(text(step, "shell"), "bash");
    let script = text(step, "run");
    assert!(!script.contains("${{"), "an input in a script is code: {script}");
    let value = |expression: &str| {
        let (name, default) = action["inputs"]
            .as_mapping()
            .expect("inputs")
            .iter()
            .map(|(name, input)| (name.as_str().expect("a name"), text(input, "default")))
            .find(|(name, _)| expression == format!("${{{{ inputs.{name} }}}}"))
            .unwrap_or_else(|| panic!("no such input: {expression}"));
        inputs.iter().find(|(given, _)| *given == name).map_or(default, |(_, value)| value).to_owned()
    };
    let environment = step.as_mapping_get("env").and_then(YamlOwned::as_mapping).into_iter().flatten();
    let environment = environment.map(|(name, expression)| {
        (name.as_str().expect("a name").to_owned(), value(expression.as_str().expect("an expression")))
    });
    (script.to_owned(), environment.collect())
}

/// Runs the action's check; gives what it did and the job's summary.
fn check(workspace: &Workspace, inputs: &[(&str, &str)], more: &[(&str, &str)]) -> (Run, String) {
    let (script, environment) = step("Check", inputs);
    let elsewhere = tempfile::tempdir().expect("a directory");
    let summary = elsewhere.path().join("summary");
    std::fs::write(&summary, "of another step\n").expect("written");
    let summary_path = summary.display().to_string();
    let temporary = elsewhere.path().display().to_string();
    let mut all: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend([("GITHUB_STEP_SUMMARY", summary_path.as_str()), ("TMPDIR", &temporary)]);
    all.extend(more);
    let run = bash(workspace.dir(), &script, &all);
    assert_eq!(std::fs::read_dir(elsewhere.path()).expect("readable").count(), 1, "something is left");
    let text = std::fs::read_to_string(&summary).expect("the summary");
    let text = text.strip_prefix("of another step\n").expect("it is added to").to_owned();
    (run, text)
}

#[test]
fn the_action_tells_a_pull_request_what_it_changes() {
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\n\
                    diesel = { version = \"2.3\", features = [\"postgres\"] }\n[workspace]\n";
    let workspace = Workspace::new()
        .file("Cargo.toml", manifest)
        .file("migrations/1_a/up.sql", "CREATE TABLE users (id int PRIMARY KEY);");
    let dir = workspace.dir();
    git(dir, &["init", "--quiet"]);
    commit(dir);
    git(dir, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    workspace.write(
        "migrations/2_b/up.sql",
        "CREATE TABLE posts (user_id int REFERENCES users ON DELETE CASCADE);",
    );
    let said = "::notice file=migrations/2_b/up.sql,line=1,title=fkcheck --since::deleting a row of `users` now also deletes rows of `posts`";
    let title = "# fkcheck: what this branch changes in deletes\n";
    // Nothing is annotated, so the check itself can't know; a push has no base.
    let (run, summary) = check(&workspace, &[], &[]);
    assert!(!run.expect(3).stdout.contains(said) && !summary.contains(title), "{summary}");
    let on_pull_request = check(&workspace, &[], &[("GITHUB_BASE_REF", "main")]);
    for (run, summary) in [on_pull_request, check(&workspace, &[("since", "HEAD")], &[])] {
        let run = run.expect(3);
        assert!(run.stdout.contains(said) && summary.contains(title), "{run:?} {summary}");
    }
    let (_, summary) = check(&workspace, &[], &[("GITHUB_BASE_REF", "other")]);
    assert!(summary.contains(title) && summary.contains("there is no commit"), "{summary}");
}

#[test]
fn the_action_annotates_and_summarizes() {
    let workspace = billing();
    let (run, summary) = check(&workspace, &[], &[]);
    let run = run.expect(1);
    assert!(summary.starts_with("# fkcheck: 3 errors\n"), "{summary}");
    let commands = run.stdout.lines().filter(|line| line.starts_with("::error file=src/models.rs,"));
    assert_eq!(commands.count(), 3, "{run:?}");
    assert_eq!(
        run.stdout.matches("error[fk_on_delete_mismatch]").count(),
        3,
        "the report for people: {run:?}"
    );

    let (run, summary) = check(&workspace, &[("args", "--warn\nfk_on_delete_mismatch  --deadline 9\n")], &[]);
    assert_eq!(run.expect(0).stdout.matches("::warning ").count(), 3);
    assert!(summary.starts_with("# fkcheck: 3 warnings\n"), "{summary}");

    // Arguments are words, not code.
    let (run, summary) = check(&workspace, &[("args", "$(touch it) ; touch it")], &[]);
    assert!(run.expect(2).stdout.contains("::error title=fkcheck::"));
    assert!(summary.starts_with("# fkcheck: error\n"), "{summary}");
    assert!(!workspace.dir().join("it").exists());
}

/// A `cargo` that notes how it is called.
fn noting_cargo(workspace: &Workspace, then: &str) -> String {
    workspace.write("bin/cargo", &format!("#!/bin/sh\necho \"$@\" >>\"$CALLS\"\n{then}\n"));
    let path = workspace.dir().join("bin/cargo");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a program");
    workspace.dir().join("bin").display().to_string()
}

#[test]
fn a_database_s_url_is_on_no_command_line() {
    let workspace = billing();
    let database = SqliteFile::new("CREATE TABLE canary (id INTEGER PRIMARY KEY)");
    let (url, calls) = (database.url(), workspace.dir().join("calls").display().to_string());
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| env!("CARGO").to_owned());
    let bin = noting_cargo(&workspace, &format!("exec '{cargo}' \"$@\""));
    let path = format!("{bin}:{}", search_path().display());
    let (run, summary) = check(&workspace, &[("database-url", &url)], &[("CALLS", &calls), ("PATH", &path)]);
    assert!(run.expect(3).stdout.contains("has none of the annotated tables"));
    assert!(summary.contains("has none of the annotated tables"), "{summary}");
    let calls = std::fs::read_to_string(calls).expect("it was called");
    assert_eq!(calls.lines().filter(|call| call.starts_with("fkcheck")).count(), 2, "{calls}");
    assert!(!calls.contains(&url), "{calls}");

    // Left out, the environment's is kept.
    let (run, _) = check(&workspace, &[], &[("DATABASE_URL", &url)]);
    assert!(run.expect(3).stdout.contains("has none of the annotated tables"));
}

#[test]
fn the_action_installs_what_is_missing() {
    let (script, _) = step("Install cargo-fkcheck", &[]);
    let workspace = Workspace::new();
    let (bin, calls) = (noting_cargo(&workspace, ""), workspace.dir().join("calls").display().to_string());
    let action = [("GITHUB_ACTION_PATH", "/an action"), ("CALLS", &calls)];
    let there = bash(workspace.dir(), &script, &action).expect(0);
    assert!(there.stdout.is_empty() && !Path::new(&calls).exists(), "{there:?}");
    let path = format!("{bin}:/usr/bin:/bin");
    let environment = [&action[..], &[("PATH", &path)]].concat();
    let _ = bash(workspace.dir(), &script, &environment).expect(0);
    let calls = std::fs::read_to_string(calls).expect("it was called");
    assert_eq!(calls, "install --quiet --locked --path /an action/cargo-fkcheck\n");
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("../cargo-fkcheck/Cargo.toml").exists());
}

#[test]
fn the_hook_checks_against_the_snapshot() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hook = &hooks[0];
    for key in ["id", "name", "language"] {
        assert!(!text(hook, key).is_empty());
    }
    assert_eq!(hook["pass_filenames"].as_bool(), Some(false));

    let matches = |path: &str| {
        let test = format!("[[ '{path}' =~ {} ]]", text(hook, "files"));
        bash(Path::new("/"), &test, &[]).code == 0
    };
    for path in [
        "src/schema.rs",
        "src/models/user.rs",
        "models.rs",
        "db/migrations/2024_a/up.sql",
        "migrations/x.sql",
        "fkcheck.lock",
        "crates/db/Cargo.toml",
    ] {
        assert!(matches(path), "{path}");
    }
    for path in ["README.md", "seeds/data.sql", "src/schema.rs.bak", "package.toml", "Cargo.lock"] {
        assert!(!matches(path), "{path}");
    }

    let workspace = billing();
    let _ = bash(workspace.dir(), text(hook, "entry"), &[]).expect(3);
    let _ = fkcheck(workspace.dir(), &["snapshot", "--against", "migrations"], &[]).expect(0);
    // The database is not asked, even where there is one.
    let url = [("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")];
    let run = bash(workspace.dir(), text(hook, "entry"), &url).expect(1);
    assert_eq!(run.stdout.matches("error[fk_on_delete_mismatch]").count(), 3, "{run:?}");
}

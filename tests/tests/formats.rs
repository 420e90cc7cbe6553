//! The formats for CI systems, from real runs: each is parsed as its reader parses it.

use std::path::{Path, PathBuf};

use fkcheck_tests::{Run, Workspace, fkcheck};

/// `examples/billing` in a repository of its own.
fn billing() -> Workspace {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/billing");
    let macros = from.join("../../fkcheck-macros").display().to_string();
    let workspace = Workspace::new();
    std::fs::remove_file(workspace.dir().join("src/lib.rs")).expect("removed");
    let mut left = vec![PathBuf::new()];
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(from.join(&directory)).expect("readable") {
            let entry = entry.expect("an entry");
            let below = directory.join(entry.file_name());
            if !entry.path().is_dir() {
                let text = std::fs::read_to_string(entry.path()).expect("UTF-8");
                let text = text.replace("../../fkcheck-macros", &macros);
                workspace.write(&below.to_string_lossy(), &text);
            } else if entry.file_name() != "target" {
                left.push(below);
            }
        }
    }
    workspace.file(".git/HEAD", "ref: refs/heads/main\n")
}

/// A file that can't be read, beside the findings.
fn with_a_problem(workspace: Workspace) -> Workspace {
    workspace.file("src/broken.rs", "struct X { #[fk(none) }\n")
}

fn run(workspace: &Workspace, format: &str) -> Run {
    fkcheck(workspace.dir(), &["--message-format", format], &[])
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
    for format in ["human", "short", "json", "github"] {
        let (human, text) = written(format, &[], 1);
        assert_eq!(human.stdout, plain.stdout);
        let without_time = |text: &str| text.split("elapsed_ms").next().map(str::to_owned);
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

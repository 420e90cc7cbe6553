//! `annotate` and `fix --code` edit what git has a copy of: where it can't tell, that is no yes.

use fkcheck_tests::git::{CODE, TABLES};
use fkcheck_tests::{Run, SqliteFile, Workspace, commit, fkcheck, git, unwrapped};

const COMMANDS: [&[&str]; 2] = [&["annotate"], &["fix", "--code"]];

fn workspace() -> Workspace {
    Workspace::new().file("src/lib.rs", CODE).file(".gitignore", "target\nCargo.lock\n")
}

fn committed() -> Workspace {
    let workspace = workspace();
    git(workspace.dir(), &["init", "--quiet"]);
    commit(workspace.dir());
    workspace
}

/// The command's run, and that it has edited or not, as it ought to.
fn run(workspace: &Workspace, arguments: &[&str], environment: &[(&str, &str)], edits: bool) -> Run {
    let database = SqliteFile::new(TABLES);
    let url = database.url();
    let path = workspace.dir().join("src/lib.rs");
    let before = std::fs::read_to_string(&path).expect("read");
    let arguments = [arguments, &["--database-url", &url]].concat();
    let run = fkcheck(workspace.dir(), &arguments, environment).expect(if edits { 0 } else { 2 });
    assert_eq!(std::fs::read_to_string(&path).expect("read") != before, edits, "{run:?}");
    run
}

/// It is refused with these words; with the flag it is done.
fn is_refused(make: fn() -> Workspace, environment: &[(&str, &str)], words: &[&str], flag: &str) {
    for command in COMMANDS {
        let workspace = make();
        let refused = unwrapped(&run(&workspace, command, environment, false).stderr);
        for word in words.iter().chain([&flag]) {
            assert!(refused.contains(word), "{word}: {refused}");
        }
        let dry = [command, &["--dry-run"]].concat();
        let database = SqliteFile::new(TABLES);
        fkcheck(workspace.dir(), &[&dry[..], &["--database-url", &database.url()]].concat(), environment)
            .expect(0);
        run(&workspace, &[command, &[flag]].concat(), environment, true);
    }
}

#[test]
fn what_is_committed_is_edited() {
    for command in COMMANDS {
        run(&committed(), command, &[], true);
        // In a repository's subdirectory too, and where git writes lines as Windows does.
        let outer = Workspace::new();
        for (name, text) in [("a/Cargo.toml", None), ("a/src/lib.rs", Some(CODE))] {
            let manifest = std::fs::read_to_string(outer.manifest_path()).expect("read");
            outer.write(name, text.unwrap_or(&manifest));
        }
        git(outer.dir(), &["init", "--quiet"]);
        git(outer.dir(), &["config", "core.autocrlf", "true"]);
        commit(outer.dir());
        outer.write("a/src/lib.rs", &CODE.replace('\n', "\r\n"));
        let database = SqliteFile::new(TABLES);
        let url = database.url();
        fkcheck(&outer.dir().join("a"), &[command, &["--database-url", &url]].concat(), &[]).expect(0);
    }
}

#[test]
fn a_workspace_without_a_repository() {
    is_refused(workspace, &[], &["no git repository has a copy"], "--allow-no-vcs");
    run(&workspace(), &["annotate", "--allow-dirty"], &[], true);
}

#[test]
fn a_repository_of_somebody_else() {
    let environment = [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")];
    is_refused(committed, &environment, &["can't tell", "dubious ownership"], "--allow-dirty");
    run(&committed(), &["annotate", "--allow-no-vcs"], &environment, false);
}

#[test]
fn a_corrupt_index() {
    let corrupt = || {
        let workspace = committed();
        workspace.write(".git/index", "DIRC nonsense");
        workspace
    };
    is_refused(corrupt, &[], &["can't tell", "index"], "--allow-dirty");
}

#[test]
fn what_is_no_repository_although_it_looks_like_one() {
    let broken = || {
        let workspace = workspace();
        workspace.write(".git", "gitdir: /nowhere\n");
        workspace
    };
    is_refused(broken, &[], &["can't tell", "not a git repository"], "--allow-dirty");
}

#[test]
fn no_git_on_the_path() {
    let environment = [("PATH", "/nowhere"), ("CARGO", env!("CARGO"))];
    is_refused(committed, &environment, &["there is no `git` on the PATH"], "--allow-dirty");
}

#[test]
fn nothing_is_committed_yet() {
    let initial = || {
        let workspace = workspace();
        git(workspace.dir(), &["init", "--quiet"]);
        git(workspace.dir(), &["add", "--all"]);
        workspace
    };
    is_refused(initial, &[], &["git has no copy of `src/lib.rs`"], "--allow-dirty");
}

/// Also beside the files that are edited; but not where a filter of the checkout alone could tell.
#[test]
fn uncommitted_work() {
    let staged = || {
        let workspace = committed().file("notes.txt", "mine");
        git(workspace.dir(), &["add", "--all"]);
        workspace
    };
    is_refused(staged, &[], &["git has no copy of `notes.txt`"], "--allow-dirty");
    let filtered = committed().file("large.bin", "here").file(".gitattributes", "*.bin filter=large\n");
    commit(filtered.dir());
    filtered.write("large.bin", "what the filter made of it");
    run(&filtered, &["annotate"], &[], true);
    // Neither is a file that git doesn't know and nobody edits.
    run(&committed().file("untracked.txt", "mine"), &["annotate"], &[], true);
}

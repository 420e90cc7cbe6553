//! The build script of `examples/build-script`: quiet when all is well, a warning or an error at the right line when not, no
//! process and no connection, and no run for nothing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// One build at a time: they share what they build into.
static BUILDS: Mutex<()> = Mutex::new(());

/// A copy of the example, with the paths of this repository.
fn example() -> tempfile::TempDir {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let from = here.join("examples/build-script");
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(dir.path().join("src")).expect("made");
    for name in ["Cargo.lock", "build.rs", "fkcheck.lock", "src/lib.rs", "src/models.rs", "src/schema.rs"] {
        std::fs::copy(from.join(name), dir.path().join(name)).expect("copied");
    }
    let manifest = std::fs::read_to_string(from.join("Cargo.toml")).expect("it is there");
    let manifest = manifest.replace("../..", &here.display().to_string());
    std::fs::write(dir.path().join("Cargo.toml"), manifest).expect("written");
    dir
}

/// Diesel is compiled once for all of them.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-script")
}

fn cargo(dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(dir)
        .env("CARGO_TARGET_DIR", target())
        .envs(environment.iter().copied())
        .output()
        .expect("cargo runs")
}

/// What cargo says of the build.
fn build(dir: &Path, environment: &[(&str, &str)]) -> (bool, String) {
    let output = cargo(dir, &["check", "--offline"], environment);
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn edit(dir: &Path, file: &str, from: &str, to: &str) {
    let path = dir.join(file);
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert!(text.contains(from), "{file} has no `{from}`");
    std::fs::write(path, text.replace(from, to)).expect("written");
}

#[test]
fn a_drifted_annotation_warns_or_fails_at_its_line() {
    let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let example = example();
    let dir = example.path();
    // The first build may download nothing: what it needs is in the lock file of this repository too.
    let _ = cargo(dir, &["fetch"], &[]);
    let (passes, said) = build(dir, &[]);
    assert!(passes && !said.contains("warning"), "{said}");

    edit(dir, "src/models.rs", "on_delete = cascade", "on_delete = restrict");
    let (passes, said) = build(dir, &[]);
    let line = "src/models.rs:24:22: `books.author_id` → `authors` is ON DELETE RESTRICT in the code and CASCADE in the snapshot";
    assert!(passes && said.contains("warning: build-script@0.1.0: ") && said.contains(line), "{said}");
    assert!(said.contains("[fk_on_delete_mismatch]"), "{said}");

    // Cargo shows the warnings of a script that needn't run again.
    let (_, again) = build(dir, &[]);
    assert!(again.contains(line) && !again.contains("Compiling"), "{again}");

    edit(dir, "build.rs", "check().run()", "check().deny().run()");
    let (passes, said) = build(dir, &[]);
    assert!(!passes && said.contains("error: build-script@0.1.0: ") && said.contains(line), "{said}");

    // Hostile words stay in their line.
    edit(dir, "fkcheck.lock", "digest", "cargo::error=\u{1b}[31m\rx");
    let (_, said) = build(dir, &[]);
    assert!(said.contains("fkcheck.lock:4: ") && !said.contains('\u{1b}'), "{said}");
}

/// What the annotation leaves out means SQL's default here, too.
#[test]
fn a_clause_that_the_code_does_not_say_warns() {
    let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let example = example();
    let dir = example.path();
    edit(dir, "fkcheck.lock", "on_delete=cascade on_update=no_action", "on_delete=cascade on_update=cascade");
    // As after a merge: two digests, and neither is held against the keys.
    edit(dir, "fkcheck.lock", "digest ", "digest 0123456789abcdef\ndigest ");
    let (passes, said) = build(dir, &[]);
    let line =
        "`books.author_id` → `authors` is ON UPDATE CASCADE in the snapshot, and the code doesn't say it";
    assert!(passes && said.contains(line) && said.contains("[fk_on_update_mismatch]"), "{said}");
    edit(dir, "src/models.rs", "on_delete = cascade", "on_delete = cascade, on_update = cascade");
    let (passes, said) = build(dir, &[]);
    assert!(passes && !said.contains("[fk_on_update_mismatch]"), "{said}");
}

#[test]
fn it_runs_when_it_must_and_not_for_nothing() {
    let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let example = example();
    let dir = example.path();
    std::fs::write(dir.join("NOTES.md"), "a").expect("written");
    let (passes, said) = build(dir, &[]);
    assert!(passes, "{said}");
    let is_run_again = || {
        let output = cargo(dir, &["check", "--offline", "--verbose"], &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said.lines().any(|line| line.contains("build-script-build`"))
    };
    assert!(!is_run_again());
    touch(&dir.join("NOTES.md"));
    assert!(!is_run_again(), "a file that it doesn't read");
    for file in ["fkcheck.lock", "src/models.rs", "src/schema.rs"] {
        touch(&dir.join(file));
        assert!(is_run_again(), "{file}");
        assert!(!is_run_again(), "{file} once");
    }
    // Without a snapshot nothing is compared, and nothing that isn't there is watched.
    std::fs::remove_file(dir.join("fkcheck.lock")).expect("removed");
    edit(dir, "src/models.rs", "on_delete = cascade", "on_delete = restrict");
    let (_, said) = build(dir, &[]);
    assert!(said.contains("there is no fkcheck.lock, so nothing is compared"), "{said}");
    assert!(!is_run_again());
}

/// Cargo compares times: the file must be newer than the last run.
fn touch(path: &Path) {
    std::thread::sleep(std::time::Duration::from_millis(20));
    let text = std::fs::read(path).expect("it is there");
    std::fs::write(path, text).expect("written");
}

#[test]
fn it_is_quiet_on_docs_rs_and_in_a_published_crate() {
    let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let example = example();
    let dir = example.path();
    edit(dir, "src/models.rs", "on_delete = cascade", "on_delete = restrict");
    let (_, said) = build(dir, &[]);
    assert!(said.contains("warning"), "{said}");
    let (passes, said) = build(dir, &[("DOCS_RS", "1")]);
    assert!(passes && !said.contains("warning"), "{said}");
    std::fs::write(dir.join(".cargo_vcs_info.json"), "{}").expect("written");
    touch(&dir.join("src/models.rs"));
    let (passes, said) = build(dir, &[]);
    assert!(passes && !said.contains("warning"), "{said}");
    // Packaged outside of git.
    std::fs::rename(dir.join(".cargo_vcs_info.json"), dir.join("Cargo.toml.orig")).expect("renamed");
    touch(&dir.join("src/models.rs"));
    let (passes, said) = build(dir, &[]);
    assert!(passes && !said.contains("warning"), "{said}");
}

/// A binary's modules are its own: another schema in there is no business of the library's.
#[test]
fn a_binary_has_its_own_schema() {
    let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let example = example();
    let dir = example.path();
    let text = |file: &str| std::fs::read_to_string(dir.join(file)).expect("it is there");
    let (schema, models) = (text("src/schema.rs"), text("src/models.rs"));
    let tool = dir.join("src/bin/tool");
    std::fs::create_dir_all(&tool).expect("made");
    std::fs::write(tool.join("main.rs"), "mod models;\nmod schema;\nfn main() {}\n").expect("written");
    let other = schema.replace("    books (id)", "    #[sql_name = \"mags\"]\n    books (id)");
    assert_ne!(other, schema);
    std::fs::write(tool.join("schema.rs"), other).expect("written");
    let models = models.replace("on_delete = cascade", "on_delete = restrict");
    std::fs::write(tool.join("models.rs"), models).expect("written");
    let (_, said) = build(dir, &[]);
    assert!(!said.contains("fk_conflicting_declarations"), "{said}");
    assert!(!said.contains("fk_on_delete_mismatch"), "{said}");
}

/// What isn't read is said, and what lies elsewhere is watched.
#[test]
fn it_says_what_it_does_not_read() {
    let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let example = example();
    let dir = example.path();
    let lock = std::fs::read(dir.join("fkcheck.lock")).expect("it is there");
    std::fs::write(dir.join("fkcheck.lock"), [&lock[..], b"# \xff\n"].concat()).expect("written");
    let (_, said) = build(dir, &[]);
    assert!(said.contains("fkcheck.lock can't be read"), "{said}");
    std::fs::write(dir.join("fkcheck.lock"), lock).expect("written");
    std::fs::create_dir(dir.join("elsewhere")).expect("made");
    std::fs::rename(dir.join("src/models.rs"), dir.join("elsewhere/models.rs")).expect("moved");
    edit(dir, "src/lib.rs", "mod models;", "#[path=\"../elsewhere/models.rs\"] mod models;");
    let (_, said) = build(dir, &[]);
    assert!(!said.contains("warning"), "{said}");
    std::thread::sleep(std::time::Duration::from_millis(20));
    edit(dir, "elsewhere/models.rs", "on_delete = cascade", "on_delete = restrict");
    let (_, said) = build(dir, &[]);
    assert!(said.contains("warning") && said.contains("models.rs"), "{said}");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../elsewhere", dir.join("src/linked")).expect("linked");
        let (_, said) = build(dir, &[]);
        assert!(said.contains("is a link to a directory, which is not followed"), "{said}");
    }
}

/// With the feature for it, the migrations are replayed too.
#[test]
fn the_migrations_may_be_asked_too() {
    let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let example = example();
    let dir = example.path();
    edit(dir, "Cargo.toml", "\"build\"", "\"build-migrations\"");
    edit(
        dir,
        "build.rs",
        "check()",
        "check().migrations(fkcheck_core::model::Engine::Postgres, \"migrations\")",
    );
    std::fs::remove_file(dir.join("fkcheck.lock")).expect("removed");
    let migration = dir.join("migrations/2026-01-01-000000_all");
    std::fs::create_dir_all(&migration).expect("made");
    let tables = "CREATE TABLE authors (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE books (id serial PRIMARY KEY, author_id integer NOT NULL REFERENCES authors ON DELETE CASCADE,
    editor_id integer REFERENCES authors ON DELETE SET NULL);
CREATE INDEX ON books (author_id); CREATE INDEX ON books (editor_id);";
    std::fs::write(migration.join("up.sql"), tables).expect("written");
    let (passes, said) = build(dir, &[]);
    assert!(passes && !said.contains("warning"), "{said}");
    std::fs::write(migration.join("up.sql"), tables.replace("SET NULL", "CASCADE")).expect("written");
    let (passes, said) = build(dir, &[]);
    let line =
        "`books.editor_id` → `authors` is ON DELETE SET NULL in the code and CASCADE in the migrations";
    assert!(passes && said.matches(line).count() == 1, "{said}");
}

/// The compiled script of the example, newest first.
fn script() -> PathBuf {
    let builds = std::fs::read_dir(target().join("debug/build")).expect("built");
    let scripts = builds.filter_map(|entry| {
        let path = entry.ok()?.path();
        let is_ours = path.file_name()?.to_str()?.starts_with("build-script-");
        let script = path.join("build-script-build");
        (is_ours && script.is_file()).then_some(script)
    });
    scripts
        .max_by_key(|path| std::fs::metadata(path).and_then(|data| data.modified()).ok())
        .expect("a script")
}

#[cfg(target_os = "linux")]
#[test]
fn it_starts_no_process_connects_to_nothing_and_writes_nothing() {
    let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let example = example();
    let dir = example.path();
    let (passes, said) = build(dir, &[]);
    assert!(passes, "{said}");
    let log = dir.join("strace.log");
    let output = Command::new("strace")
        .args([
            "-f",
            "-e",
            "trace=execve,fork,vfork,clone,clone3,connect,socket,sendto,openat,creat,rename,unlink,mkdir",
            "-o",
        ])
        .arg(&log)
        .arg(script())
        .current_dir(dir)
        .env("CARGO_MANIFEST_DIR", dir)
        .env("OUT_DIR", dir.join("out"))
        .output()
        .expect("strace runs");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && stdout.contains("cargo::rerun-if-changed="), "{stdout}");
    let log = std::fs::read_to_string(log).expect("a log");
    for line in log.lines() {
        let is_first = line.contains("execve(") && line.contains("build-script-build");
        // A thread is a clone that shares everything.
        let is_thread = line.contains("CLONE_THREAD");
        let is_read = line.contains("openat(")
            && !line.contains("O_WRONLY")
            && !line.contains("O_RDWR")
            && !line.contains("O_CREAT");
        let is_other = !line.contains('(')
            || line.contains("+++")
            || line.contains("resumed>")
            || line.contains("<unfinished");
        assert!(is_first || is_thread || is_read || is_other, "{line}");
    }
}

/// In the profile that build scripts are compiled in.
#[test]
#[ignore = "a benchmark: it prints"]
fn it_is_quick_on_a_large_package() {
    let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let example = example();
    let dir = example.path();
    let (passes, said) = build(dir, &[]);
    assert!(passes, "{said}");
    let mut lines = 0;
    for number in 0..250 {
        let mut text = String::new();
        for item in 0..60 {
            let _ = write!(
                text,
                "/// Computes something from its arguments.\npub fn function_{item}(left: &str, right: usize) -> String {{\n    let words: Vec<&str> = left.split(' ').take(right).collect();\n    format!(\"{{}}-{{}}\", words.join(\"/\"), right + {item})\n}}\n"
            );
        }
        lines += text.lines().count();
        std::fs::write(dir.join(format!("src/module_{number}.rs")), text).expect("written");
    }
    assert!(lines >= 75_000, "{lines}");
    let mut best = std::time::Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        let output = Command::new(script())
            .env("CARGO_MANIFEST_DIR", dir)
            .env("OUT_DIR", dir)
            .output()
            .expect("it runs");
        assert!(output.status.success());
        best = best.min(started.elapsed());
    }
    // The goal is 100 ms; machines differ.
    println!("{lines} lines in {best:?}");
}

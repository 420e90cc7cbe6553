//! A pipe, a device or a file of the kernel's where a file is expected keeps nobody waiting.

use std::path::Path;
use std::process::Command;

use fkcheck_tests::{Run, SqliteFile, Workspace, binary, unwrapped};

const CODE: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, user_id -> Integer, } }

fkcheck_macros::foreign_keys! {
    posts (user_id) -> users (id), on_delete = cascade;
}
";

const TABLES: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
";

fn workspace() -> Workspace {
    Workspace::new()
        .file("src/lib.rs", CODE)
        .file("migrations/2020-01-01-000000_first/up.sql", TABLES)
        .file("migrations/2020-01-01-000000_first/metadata.toml", "run_in_transaction = true\n")
}

/// Puts a pipe that nobody writes to in a file's place.
fn pipe(path: &Path) {
    let _ = std::fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
}

/// The command's run, which waits for nobody: what did would keep the test waiting.
fn run(dir: &Path, arguments: &[&str], code: i32) -> Run {
    let output = Command::new("timeout")
        .arg("20")
        .arg(binary())
        .arg("fkcheck")
        .args(arguments)
        .current_dir(dir)
        .env_remove("DATABASE_URL")
        .output()
        .expect("timeout runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code_now = output.status.code().expect("it was not killed by a signal");
    assert_ne!(code_now, 124, "{arguments:?} waits");
    Run { code: code_now, stdout: text(output.stdout), stderr: text(output.stderr) }.expect(code)
}

#[test]
fn a_pipe_in_the_place_of_a_file() {
    let database = SqliteFile::new(TABLES);
    let url = database.url();
    let live = ["--database-url", &url];
    let snapshot = [&["snapshot"][..], &live].concat();
    let migrations = ["--against", "migrations"];
    for (file, arguments, code) in [
        ("fkcheck.lock", &["--against", "snapshot"][..], 3),
        ("fkcheck.lock", &snapshot, 2),
        ("fkcheck-baseline.toml", &live, 2),
        ("fkcheck-baseline.toml", &[&["baseline"][..], &live].concat(), 2),
        ("diesel.toml", &live, 3),
        (".env", &[], 2),
        ("Cargo.toml", &live, 2),
        ("urls.txt", &["--database-urls-from", "urls.txt"], 2),
        (
            "ca.pem",
            &["--database-url", "postgres://u@127.0.0.1:9/d?sslmode=verify-full&sslrootcert=ca.pem"],
            3,
        ),
        ("ca.pem", &["--database-url", "mysql://u@127.0.0.1:9/d?ssl-mode=VERIFY_CA&ssl-ca=ca.pem"], 3),
        ("src/more.rs", &live, 3),
        ("migrations/2020-01-01-000000_first/up.sql", &migrations, 3),
        ("migrations/2020-01-01-000000_first/metadata.toml", &migrations, 3),
    ] {
        let workspace = workspace();
        pipe(&workspace.dir().join(file));
        let run = run(workspace.dir(), arguments, code);
        assert!(
            unwrapped(&run.stdout).contains("not a regular file")
                || unwrapped(&run.stderr).contains("not a regular file"),
            "{file} {arguments:?}: {run:?}"
        );
        let name = Path::new(file).file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(run.stdout.contains(name) || run.stderr.contains(name), "{file}: {run:?}");
    }
}

/// Cargo itself waits for it.
#[test]
fn a_pipe_in_the_place_of_a_members_manifest() {
    let workspace = workspace().manifest("members = [\"member\"]").file("member/src/lib.rs", "");
    pipe(&workspace.dir().join("member/Cargo.toml"));
    for arguments in [&["--deadline", "1"][..], &["annotate", "--deadline", "1"]] {
        let run = run(workspace.dir(), arguments, 2);
        let text = unwrapped(&format!("{}{}", run.stdout, run.stderr));
        assert!(text.contains("it gave no answer within 1 s; is a member's Cargo.toml a pipe"), "{run:?}");
    }
}

#[test]
fn what_include_leads_to() {
    let database = SqliteFile::new(TABLES);
    let url = database.url();
    let kernels = cfg!(target_os = "linux").then_some(("/proc/kmsg", "not a file on a disk"));
    for (file, why) in
        [("pipe.in", "not a regular file"), ("/dev/zero", "not a regular file")].into_iter().chain(kernels)
    {
        let workspace = workspace().file("src/more.rs", &format!("include!({file:?});"));
        pipe(&workspace.dir().join("src/pipe.in"));
        let run = run(workspace.dir(), &["--database-url", &url], 3);
        assert!(run.stdout.contains(why), "{file}: {run:?}");
    }
}

#[test]
fn what_is_larger_than_anybody_writes() {
    let workspace = workspace();
    let path = workspace.dir().join("fkcheck.lock");
    std::fs::File::create(path).and_then(|file| file.set_len(65 << 20)).expect("a file with a hole");
    let run = run(workspace.dir(), &["--against", "snapshot"], 3);
    assert!(run.stdout.contains("fkcheck.lock: it can't be read: larger than 64 MiB"), "{run:?}");
}

/// One file of the core opens files; whoever reads asks it.
#[test]
fn files_are_read_in_one_place() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let mut pending: Vec<_> = ["fkcheck-core/src", "cargo-fkcheck/src", "fkcheck-macros/src"]
        .map(|dir| repository.join(dir))
        .into();
    let mut found = Vec::new();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(
                std::fs::read_dir(&path).expect("listed").map(|entry| entry.expect("an entry").path()),
            );
            continue;
        }
        let name = path.file_name().unwrap_or_default();
        if name == "disk.rs"
            || name == "tests.rs"
            || path.components().any(|part| part.as_os_str() == "tests")
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let opens = [
            "fs::read(",
            "fs::read_to_string(",
            "File::open(",
            "OpenOptions",
            "pem_file_iter",
            "from_path_iter",
        ];
        found.extend(
            opens
                .iter()
                .filter(|call| code.contains(*call))
                .map(|call| format!("{}: {call}", path.display())),
        );
    }
    assert_eq!(found, [""; 0]);
}

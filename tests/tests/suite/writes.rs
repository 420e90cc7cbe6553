//! What a command writes lies in the workspace, and no link leads out of it, unless the user has named it.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use fkcheck_tests::git::TABLES;
use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck, unwrapped};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, user_id -> Integer, } }
diesel::table! { notes (id) { id -> Integer, user_id -> Integer, } }
";

/// One key disagrees with the database, one is not annotated yet.
const MODELS: &str = "
use crate::schema::*;

#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    #[fk(references = users(id), on_delete = restrict)]
    pub user_id: i32,
}

#[derive(diesel::Queryable)]
#[diesel(table_name = notes)]
pub struct Note {
    pub user_id: i32,
}
";

/// A workspace below a directory with things that are not its own.
struct Place {
    outside: tempfile::TempDir,
    workspace: Workspace,
    database: SqliteFile,
}

impl Place {
    fn new() -> Self {
        let workspace = Workspace::new()
            .file("src/lib.rs", "pub mod models;\npub mod schema;\n")
            .file("src/schema.rs", SCHEMA)
            .file("src/models.rs", MODELS)
            .file("migrations/.keep", "");
        Place {
            outside: tempfile::tempdir().expect("a directory"),
            workspace,
            database: SqliteFile::new(TABLES),
        }
    }

    fn dir(&self) -> &Path {
        self.workspace.dir()
    }

    /// A file outside with this text.
    fn foreign(&self, name: &str, text: &str) -> PathBuf {
        let path = self.outside.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    /// Puts a link in a file's or a directory's place.
    fn link(&self, name: &str, to: &Path) {
        let path = self.dir().join(name);
        let _ = std::fs::remove_file(&path);
        let _ = std::fs::remove_dir_all(&path);
        symlink(to, path).expect("a link");
    }

    fn run(&self, arguments: &[&str], code: i32) -> Run {
        let url = self.database.url();
        fkcheck(self.dir(), &[arguments, &["--database-url", &url]].concat(), &[]).expect(code)
    }

    /// All that lies outside, by name.
    fn outside(&self) -> Vec<(PathBuf, String)> {
        let entries = std::fs::read_dir(self.outside.path()).expect("listed");
        let mut files: Vec<(PathBuf, String)> = entries
            .map(|entry| entry.expect("an entry").path())
            .map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap_or_default()))
            .collect();
        files.sort();
        files
    }
}

#[test]
fn a_linked_snapshot_or_baseline_is_not_written() {
    for (command, name) in [("snapshot", "fkcheck.lock"), ("baseline", "fkcheck-baseline.toml")] {
        let place = Place::new();
        for target in [place.foreign("mine", ""), place.outside.path().join("none yet")] {
            place.link(name, &target);
            let before = place.outside();
            let run = place.run(&[command], 3);
            assert!(
                run.stderr.contains("can't write ")
                    && run.stderr.contains(&format!("{name}: it is reached through a symbolic link")),
                "{run:?}"
            );
            assert_eq!(place.outside(), before);
            assert!(place.dir().join(name).is_symlink());
        }
    }
}

#[test]
fn a_linked_model_is_read_and_not_written() {
    let place = Place::new();
    place.link("src/models.rs", &place.foreign("models.rs", MODELS));
    let before = place.outside();
    let run = place.run(&["fix", "--code", "--allow-dirty"], 1);
    assert!(
        unwrapped(&run.stdout).contains(
            "`posts.user_id`: src/models.rs is reached through a symbolic link, which is not written"
        ),
        "{run:?}"
    );
    // The key is declared where that may be.
    place.run(&["annotate", "--allow-dirty"], 0);
    assert_eq!(place.outside(), before);
    let keys = std::fs::read_to_string(place.dir().join("src/foreign_keys.rs")).expect("it was made");
    assert!(keys.contains("notes (user_id)") && !keys.contains("posts"), "{keys}");
}

#[test]
fn a_file_that_include_names_is_read_and_not_written() {
    let place = Place::new();
    let models = place.foreign("models.rs", &MODELS.replace("use crate::schema::*;", ""));
    let schema = place.foreign("schema.rs", SCHEMA);
    let up = "../".repeat(place.dir().components().count() + 1);
    let named =
        |path: &Path| format!("include!(\"{up}{}\");", path.display().to_string().trim_start_matches('/'));
    place.workspace.write("src/models.rs", &format!("use crate::schema::*;\n{}", named(&models)));
    place.workspace.write("src/schema.rs", &named(&schema));
    let before = place.outside();
    let run = place.run(&["fix", "--code", "--allow-dirty"], 1);
    assert!(
        unwrapped(&run.stdout).contains("models.rs lies outside of the workspace, which is not written"),
        "{run:?}"
    );
    let run = place.run(&["annotate", "--allow-dirty"], 0);
    assert!(unwrapped(&run.stdout).contains("foreign_keys.rs lies outside of the workspace, which is not written; name a file with `--tables-file`"), "{run:?}");
    assert_eq!(place.outside(), before);
    // One that is named is written, wherever it leads.
    let keys = place.foreign("keys.rs", "");
    place.link("src/keys.rs", &keys);
    place.run(&["annotate", "--allow-dirty", "--tables-file", "src/keys.rs"], 0);
    assert!(std::fs::read_to_string(&keys).expect("read").contains("foreign_keys! {"));
    assert!(place.dir().join("src/keys.rs").is_symlink());
}

#[test]
fn a_linked_manifest_is_not_written() {
    let place = Place::new();
    let manifest = std::fs::read_to_string(place.workspace.manifest_path()).expect("read");
    let without: Vec<&str> = manifest.lines().filter(|line| !line.contains("fkcheck-macros")).collect();
    place.link("Cargo.toml", &place.foreign("Cargo.toml", &without.join("\n")));
    let before = place.outside();
    let run = place.run(&["annotate", "--allow-dirty"], 0);
    assert!(
        unwrapped(&run.stdout).contains(
            "Cargo.toml: it is reached through a symbolic link, which is not written; add `fkcheck-macros"
        ),
        "{run:?}"
    );
    assert_eq!(place.outside(), before);
}

#[test]
fn migrations_go_outside_only_where_that_is_named() {
    for linked in [false, true] {
        let place = Place::new();
        let outside = place.outside.path().display().to_string();
        if linked {
            place.link("migrations", place.outside.path());
        } else {
            place.workspace.write("diesel.toml", &format!("[migrations_directory]\ndir = {outside:?}\n"));
        }
        let first = place.outside.path().join("2020-01-01-000000_first");
        std::fs::create_dir(&first).expect("made");
        std::fs::write(first.join("up.sql"), TABLES).expect("written");
        std::fs::write(first.join("metadata.toml"), "run_in_transaction = true\n").expect("written");
        let before = place.outside();
        let run = place.run(&["fix"], 2);
        let why = if linked { "is reached through a symbolic link" } else { "lies outside of the workspace" };
        assert!(run.stderr.contains(why) && run.stderr.contains("--migration-dir"), "{run:?}");
        assert_eq!(place.outside(), before);
        place.run(&["fix", "--migration-dir", &outside], 0);
        assert_eq!(place.outside().len(), before.len() + 1);
    }
}

#[test]
fn a_report_goes_where_it_is_sent() {
    let place = Place::new();
    let target = place.foreign("report.txt", "");
    place.link("report.txt", &target);
    place.run(&["--output", "report.txt"], 1);
    assert!(std::fs::read_to_string(&target).expect("read").contains("fk_on_delete_mismatch"));
}

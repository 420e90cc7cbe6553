//! The derive leaves nothing in the binary: with it and without it, a program is equally long.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = r#"
[workspace]

[package]
name = "weighed"
version = "0.0.0"
edition = "2024"

[features]
annotated = []
runtime = []

[dependencies]
diesel = { version = "2.3.14", default-features = false }
fkcheck-macros = { path = "MACROS" }

[profile.release]
strip = true
codegen-units = 1

# The dependencies are the same on both sides; they need not be fast.
[profile.release.package."*"]
opt-level = 0

[profile.release.build-override]
opt-level = 0
"#;

const MAIN: &str = r#"
#![cfg_attr(not(feature = "annotated"), allow(unused_imports))]

use fkcheck_macros::{ForeignKeys, foreign_keys};

diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, editor_id -> Nullable<Integer>, } }

#[cfg_attr(feature = "annotated", derive(ForeignKeys), diesel(table_name = posts))]
struct Post {
    #[cfg_attr(feature = "annotated", fk(references = users(id), on_delete = cascade))]
    author_id: i32,
    #[cfg_attr(feature = "annotated", fk(references = users, on_delete = set_null, reason = "a reason with words"))]
    editor_id: Option<i32>,
}

#[cfg(feature = "annotated")]
foreign_keys! {
    posts (editor_id) -> users (id), on_delete = set_null;
}

#[cfg(feature = "runtime")]
fn describe(post: &Post) -> String {
    format!("{} ON DELETE CASCADE, {:?} ON DELETE SET NULL", post.author_id, post.editor_id)
}

fn main() {
    let post = Post { author_id: std::process::id() as i32, editor_id: None };
    #[cfg(feature = "runtime")]
    println!("{}", describe(&post));
    println!("{} {:?}", post.author_id, post.editor_id);
}
"#;

#[test]
fn annotations_weigh_nothing() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests is a member");
    let directory = tempfile::tempdir().expect("a directory");
    let macros = workspace.join("fkcheck-macros");
    let manifest = MANIFEST.replace("MACROS", &macros.display().to_string().replace('\\', "/"));
    fs::create_dir(directory.path().join("src")).expect("src");
    fs::write(directory.path().join("Cargo.toml"), manifest).expect("manifest");
    fs::write(directory.path().join("src/main.rs"), MAIN).expect("source");
    // The workspace's own versions, so that no registry is asked.
    fs::copy(workspace.join("Cargo.lock"), directory.path().join("Cargo.lock")).expect("lock");

    let target = workspace.join("target/tests/nothing_remains");
    let without = size(directory.path(), &target, &[]);
    let with = size(directory.path(), &target, &["--features", "annotated"]);
    let with_code = size(directory.path(), &target, &["--features", "runtime"]);
    assert_eq!(without, with);
    assert_ne!(without, with_code, "the scales do not show a line of code either");
}

fn size(directory: &Path, target: &Path, features: &[&str]) -> u64 {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--offline", "--target-dir"])
        .arg(target)
        .args(features)
        .current_dir(directory)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let binary: PathBuf = target.join("release").join(format!("weighed{}", std::env::consts::EXE_SUFFIX));
    fs::metadata(binary).expect("a binary").len()
}

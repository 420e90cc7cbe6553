//! What each part of fkcheck compiles into other people's builds.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The crates that `cargo tree` lists, the root included.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests is a member");
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none", "--format", "{p}", "--target", "all"])
        .args(arguments)
        .current_dir(workspace)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_derive_compiles_syn_and_itself() {
    let allowed = set(&["fkcheck-macros", "fkcheck-core", "syn", "quote", "proc-macro2", "unicode-ident"]);
    assert_eq!(tree(&["-p", "fkcheck-macros"]), allowed);
}

#[test]
fn a_build_script_compiles_little_more() {
    let allowed = set(&["fkcheck-core", "syn", "quote", "proc-macro2", "unicode-ident", "memchr"]);
    assert_eq!(tree(&["-p", "fkcheck-core", "-e", "normal,build", "--features", "collect"]), allowed);
}

#[test]
fn the_command_needs_no_c_library_but_sqlite() {
    let tree = tree(&["-p", "cargo-fkcheck", "-e", "normal,build"]);
    assert!(tree.contains("tokio-postgres"), "{tree:?}");
    let unwanted =
        ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls", "pq-sys", "mysqlclient-sys"];
    let found: Vec<_> = unwanted.into_iter().filter(|name| tree.contains(*name)).collect();
    assert!(found.is_empty(), "{found:?}");
    let native: Vec<_> = tree.iter().filter(|name| name.ends_with("-sys")).collect();
    // Those of other systems are the system's own; `linux-raw-sys`, `js-sys` and `web-sys` are Rust alone.
    let known = [
        "core-foundation-sys",
        "js-sys",
        "libsqlite3-sys",
        "linux-raw-sys",
        "security-framework-sys",
        "web-sys",
        "windows-sys",
    ];
    let strangers: Vec<_> = native.iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

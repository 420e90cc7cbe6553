//! Small real workspaces.

use std::path::{Path, PathBuf};

/// A cargo workspace in a directory of its own.
#[derive(Debug)]
pub struct Workspace {
    dir: tempfile::TempDir,
}

/// The head of a crate that uses Diesel on SQLite and the derive.
const MANIFEST: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2024"

[dependencies]
diesel = { version = "2.3", features = ["sqlite"] }
libsqlite3-sys = { version = "*", features = ["bundled"] }
fkcheck-macros = { path = "FKCHECK/fkcheck-macros" }

[workspace]
"#;

impl Workspace {
    /// One package, `app`, with a library that is still empty.
    pub fn new() -> Self {
        let workspace = Workspace { dir: tempfile::tempdir().expect("a directory") };
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
        workspace
            .file("Cargo.toml", &MANIFEST.replace("FKCHECK", &here.display().to_string()))
            .file("src/lib.rs", "")
    }

    /// Adds a file or writes it anew.
    #[must_use]
    pub fn file(self, name: &str, text: &str) -> Self {
        self.write(name, text);
        self
    }

    /// Adds to the end of `Cargo.toml`.
    #[must_use]
    pub fn manifest(self, more: &str) -> Self {
        let text = std::fs::read_to_string(self.dir().join("Cargo.toml")).expect("it is there");
        self.file("Cargo.toml", &format!("{text}\n{more}"))
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.dir().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        std::fs::write(path, text).expect("written");
    }

    /// Its root.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Its `Cargo.toml`.
    pub fn manifest_path(&self) -> PathBuf {
        self.dir().join("Cargo.toml")
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Workspace::new()
    }
}

//! The packages that findings belong to, as cargo names them.

use std::path::PathBuf;

/// A workspace member.
#[derive(Clone, Debug)]
pub struct Package {
    /// Cargo's package id, e.g. `path+file:///ws/crates/db#0.1.0`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its `Cargo.toml`.
    pub manifest_path: PathBuf,
    /// Its targets, the library first.
    pub targets: Vec<Target>,
    /// Where its build script has written: `OUT_DIR` of each build that there was.
    pub out_dirs: Vec<PathBuf>,
}

impl Package {
    /// What other crates call it in paths: its library's name, or its own where it has none.
    pub fn crate_name(&self) -> String {
        let is_library = |target: &&Target| target.crate_types.iter().any(|kind| kind.ends_with("lib"));
        let name = self.targets.iter().find(is_library).map_or(&self.name, |target| &target.name);
        name.replace('-', "_")
    }
}

/// A library, binary, test, example or build script of a package.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// `lib`, `bin`, `test`, ..
    pub kind: Vec<String>,
    /// `lib`, `bin`, `proc-macro`, ..
    pub crate_types: Vec<String>,
    /// The file that the compiler starts from.
    pub src_path: PathBuf,
    /// `2021`, `2024`, ..
    pub edition: String,
    /// Whether `cargo doc` documents it, `cargo test --doc` tests its docs, `cargo test` tests it.
    pub doc: bool,
    /// See `doc`.
    pub doctest: bool,
    /// See `doc`.
    pub test: bool,
}

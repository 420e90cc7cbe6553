//! Finds the workspace: `cargo metadata --no-deps`, the configuration, `diesel.toml`, the source files.

mod config;
mod diesel_toml;
mod files;
mod filter;
mod metadata;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use config::{Config, Database, RuleLevels};
pub use filter::Filter;
pub use metadata::Backends;

use crate::collect::InputFile;
use crate::model::Problem;
use crate::model::{Package, SourceMap};

/// A workspace as cargo and Diesel describe it.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The directory of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Its members.
    pub packages: Vec<Package>,
    /// Every source file of every target of every member, once.
    pub files: Vec<InputFile>,
    /// What kept source files from being seen.
    pub faults: Vec<String>,
    /// `[workspace.metadata.fkcheck]` and the members' `[package.metadata.fkcheck]`.
    pub config: Config,
    /// Which Diesel backends the members ask for.
    pub backends: Backends,
    /// Directories with Diesel migrations, as `diesel.toml` or custom says.
    pub migrations: Vec<PathBuf>,
}

#[cfg(feature = "database")]
impl Workspace {
    /// Index of the package whose directory holds a file: of nested ones the innermost.
    pub(crate) fn package_of(&self, path: &Path) -> Option<usize> {
        let dir = |package: &Package| package.manifest_path.parent().map(|dir| dir.components().count());
        let holds =
            |package: &Package| package.manifest_path.parent().is_some_and(|dir| path.starts_with(dir));
        (0..self.packages.len())
            .filter(|at| holds(&self.packages[*at]))
            .max_by_key(|at| dir(&self.packages[*at]))
    }

    /// A file that isn't there yet, as one of the sources.
    pub(crate) fn input(&self, path: &Path) -> Option<InputFile> {
        let package = self.package_of(path)?;
        let Package { manifest_path, targets, .. } = &self.packages[package];
        Some(InputFile::at(&self.root, manifest_path.parent()?, targets, path.to_owned(), package))
    }
}

/// What cargo may take: it reads the members' manifests, and no more.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a workspace can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkspaceError {
    /// `cargo metadata` failed; cargo's own words.
    #[error("cargo can't read the workspace:\n{0}")]
    Metadata(String),
    /// The configuration is wrong; each problem has its place in the file.
    #[error("{}", .problems.iter().map(|problem| with_place(problem, .sources)).collect::<Vec<_>>().join("\n"))]
    Config {
        /// The files that the problems point into.
        sources: SourceMap,
        /// At least one.
        problems: Vec<Problem>,
    },
}

/// `Cargo.toml:12:1: unknown key `strct` ..: did you mean `strict`?`
fn with_place(problem: &Problem, sources: &SourceMap) -> String {
    match &problem.label {
        Some(label) => format!("{}: {}: {}", sources.place(label.span), problem.message, label.text),
        None => problem.message.clone(),
    }
}

/// Loads the workspace that `manifest_path` (or the current directory) belongs to.
///
/// Runs nothing of the workspace: `cargo metadata --no-deps` resolves no dependency and calls no compiler wrapper.
/// Cargo may take `within` for its answer; a minute where nothing is said.
pub fn load(manifest_path: Option<&Path>, within: Option<Duration>) -> Result<Workspace, WorkspaceError> {
    let metadata = metadata::read(manifest_path, within.unwrap_or(PATIENCE))?;
    let root = metadata.workspace_root.as_std_path().to_owned();
    let packages = metadata::packages(&metadata);
    let config = config::read(&root, &packages)?;
    let diesel = diesel_toml::read(&root, &packages);
    // A template, of which a build script makes the schema, lies beside the sources.
    let named = config.databases.iter().flat_map(|database| &database.schema);
    let schema_files: Vec<PathBuf> = diesel.schema_files.iter().chain(named).cloned().collect();
    let listing = files::list(&root, &packages, &schema_files);
    Ok(Workspace {
        backends: metadata::backends(&metadata),
        migrations: diesel.migrations,
        root,
        packages,
        files: listing.files,
        faults: [diesel.faults, listing.faults].concat(),
        config,
    })
}

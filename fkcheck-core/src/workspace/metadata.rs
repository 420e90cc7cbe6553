//! What `cargo metadata --no-deps` tells.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use cargo_metadata::{Metadata, MetadataCommand};

use super::WorkspaceError;
use crate::model::{Engine, Package, Target, disk};

/// Which Diesel backends the workspace's members ask for, by dependency or by feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of independent choices")]
pub struct Backends {
    /// `diesel/sqlite`.
    pub sqlite: bool,
    /// `diesel/postgres`, or `diesel-async/postgres`.
    pub postgres: bool,
    /// `diesel/mysql`, or `diesel-async/mysql`.
    pub mysql: bool,
    /// A build of SQLite that comes with the crate, which has foreign keys on (`libsqlite3-sys`, `build.rs`).
    pub bundled_sqlite: bool,
}

impl Backends {
    /// The backend, if one alone is asked for.
    pub fn only(self) -> Option<Engine> {
        match (self.sqlite, self.postgres, self.mysql) {
            (true, false, false) => Some(Engine::Sqlite),
            (false, true, false) => Some(Engine::Postgres),
            (false, false, true) => Some(Engine::MySql),
            _ => None,
        }
    }
}

pub(super) fn read(manifest_path: Option<&Path>, within: Duration) -> Result<Metadata, WorkspaceError> {
    refuse_pipes(manifest_path)?;
    let mut command = MetadataCommand::new();
    command.no_deps().other_options(["--offline".to_owned()]);
    if let Some(path) = manifest_path {
        command.manifest_path(path);
    }
    let failed = |error: &dyn std::fmt::Display| WorkspaceError::Metadata(error.to_string());
    let answer = answer(command.cargo_command(), within).map_err(|error| failed(&error))?;
    if !answer.status.success() {
        return Err(failed(&String::from_utf8_lossy(&answer.stderr).trim_end()));
    }
    let text = String::from_utf8(answer.stdout).map_err(|error| failed(&error))?;
    let json = text.lines().find(|line| line.starts_with('{')).ok_or_else(|| failed(&"it says nothing"))?;
    MetadataCommand::parse(json).map_err(|error| failed(&error))
}

/// What a command says, if it ends in time.
fn answer(mut command: Command, within: Duration) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (text_of(child.stdout.take()), text_of(child.stderr.take()));
    let in_time = stdout.recv_timeout(within);
    if in_time.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    let stdout = in_time.map_err(|_| {
        let why = format!(
            "it gave no answer within {} s; is a member's Cargo.toml a pipe, or on a disk that doesn't answer? \
             `cargo metadata --no-deps` is what was asked",
            within.as_secs()
        );
        io::Error::new(io::ErrorKind::TimedOut, why)
    })?;
    Ok(Output { status, stdout, stderr: stderr.recv().unwrap_or_default() })
}

/// All that comes of a pipe, once it has ended.
fn text_of(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut pipe) = pipe {
            // What could be read counts.
            let _ = pipe.read_to_end(&mut text);
        }
        let _nobody_waits = sender.send(text);
    });
    receiver
}

/// Cargo looks for the workspace's manifest in all directories above, and waits for a pipe.
fn refuse_pipes(manifest_path: Option<&Path>) -> Result<(), WorkspaceError> {
    let first = manifest_path.unwrap_or(Path::new("Cargo.toml"));
    let absolute = std::path::absolute(first).unwrap_or_else(|_| first.to_owned());
    let above = absolute.ancestors().skip(2).map(|directory| directory.join("Cargo.toml"));
    for path in above.chain([absolute.clone()]).filter(|path| path.exists()) {
        if let Err(error) = disk::read(&path) {
            return Err(WorkspaceError::Metadata(format!("{}: {error}", path.display())));
        }
    }
    Ok(())
}

pub(super) fn packages(metadata: &Metadata) -> Vec<Package> {
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let mut targets: Vec<Target> = package.targets.iter().map(target).collect();
            // The library first: it is the one that findings are shown under.
            targets.sort_by_key(|target| {
                !target.kind.iter().any(|kind| kind.ends_with("lib") || kind == "proc-macro")
            });
            Package {
                id: package.id.repr.clone(),
                name: package.name.to_string(),
                manifest_path: package.manifest_path.as_std_path().to_owned(),
                out_dirs: out_dirs(metadata, &package.name, &targets),
                targets,
            }
        })
        .collect()
}

/// `target/debug/build/app-0123456789abcdef/out`, of every profile and target, where the package has a build script.
fn out_dirs(metadata: &Metadata, package: &str, targets: &[Target]) -> Vec<PathBuf> {
    if !targets.iter().any(|target| target.kind.iter().any(|kind| kind == "custom-build")) {
        return Vec::new();
    }
    let below = |directory: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let is_own = |directory: &PathBuf| {
        let name = directory.file_name().and_then(|name| name.to_str());
        let hash = name.and_then(|name| name.strip_prefix(package)?.strip_prefix('-'));
        hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let roots = [Some(&metadata.target_directory), metadata.build_directory.as_ref()];
    let profiles = roots.into_iter().flatten().flat_map(|root| below(root.as_std_path()));
    let with_targets = profiles.flat_map(|profile| [below(&profile), vec![profile]].concat());
    let builds = with_targets.map(|profile| profile.join("build")).filter(|build| build.is_dir());
    let mut found: Vec<PathBuf> =
        builds.flat_map(|build| below(&build)).filter(is_own).map(|own| own.join("out")).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn target(target: &cargo_metadata::Target) -> Target {
    Target {
        name: target.name.clone(),
        kind: target.kind.iter().map(ToString::to_string).collect(),
        crate_types: target.crate_types.iter().map(ToString::to_string).collect(),
        src_path: target.src_path.as_std_path().to_owned(),
        edition: target.edition.to_string(),
        doc: target.doc,
        doctest: target.doctest,
        test: target.test,
    }
}

pub(super) fn backends(metadata: &Metadata) -> Backends {
    let mut backends = Backends::default();
    for package in metadata.workspace_packages() {
        backends.bundled_sqlite |= package.dependencies.iter().any(|dependency| {
            matches!(dependency.name.as_str(), "libsqlite3-sys" | "rusqlite")
                && dependency.features.iter().any(|feature| feature.starts_with("bundled"))
        });
        let of_dependencies = package
            .dependencies
            .iter()
            .filter(|dependency| is_diesel(&dependency.name))
            .flat_map(|dependency| dependency.features.iter().map(String::as_str));
        let of_features = package.features.values().flatten().filter_map(|enabled| {
            let (crate_name, feature) = enabled.split_once('/')?;
            is_diesel(crate_name.trim_end_matches('?')).then_some(feature)
        });
        for feature in of_dependencies.chain(of_features) {
            match feature {
                "sqlite" => backends.sqlite = true,
                "postgres" | "postgres_backend" => backends.postgres = true,
                "mysql" | "mysql_backend" => backends.mysql = true,
                _ => {}
            }
        }
    }
    backends
}

fn is_diesel(name: &str) -> bool {
    matches!(name, "diesel" | "diesel-async" | "diesel_async" | "diesel_migrations")
}

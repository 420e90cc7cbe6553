//! For `build.rs`: checks the package's annotations against its `schema.rs` and the committed snapshot, without a database,
//! a network or a process.
//!
//! ```no_run
//! // build.rs
//! fkcheck_core::build::check().run();
//! ```
//!
//! Findings are warnings of cargo; with [`Build::deny`], those at `deny` fail the build. Only keys whose child table this package
//! declares are judged: the rest of the workspace is for `cargo fkcheck`. Levels come from the rules' defaults and `#[fk(allow(..))]`;
//! the configuration in `Cargo.toml` is not read, so as not to compile a TOML parser.

mod files;

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::collect::{self, Facts, InputFile};
use crate::compare::{Comparison, Seen};
use crate::finding::{Finding, Severity, TableRef};
use crate::harmful::is_harmful;
use crate::lock;
#[cfg(feature = "replay")]
use crate::model::Engine;
use crate::model::{KeyName, Observation, Package, SourceKind, TableName, Target, disk};
#[cfg(feature = "replay")]
use crate::replay::replay;
use crate::rules::{self, Levels};

/// Findings after this many are counted, not listed.
const LISTED: usize = 10;

/// A check of the package that is being built.
#[derive(Clone, Debug)]
#[must_use = "nothing is checked until `run` is called"]
pub struct Build {
    deny: bool,
    #[cfg(feature = "replay")]
    migrations: Option<(Engine, PathBuf)>,
}

/// A check whose findings are warnings.
pub fn check() -> Build {
    Build {
        deny: false,
        #[cfg(feature = "replay")]
        migrations: None,
    }
}

impl Build {
    /// Findings at `deny` fail the build.
    pub fn deny(mut self) -> Self {
        self.deny = true;
        self
    }

    /// Compares with what the Diesel migrations in this directory leave too; relative to the package.
    #[cfg(feature = "replay")]
    pub fn migrations(mut self, engine: Engine, directory: impl Into<PathBuf>) -> Self {
        self.migrations = Some((engine, directory.into()));
        self
    }

    /// Checks, and tells cargo what was found and what to watch. Does nothing on docs.rs, in a published crate and outside of
    /// a build script.
    pub fn run(self) {
        let Some(manifest_dir) = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) else { return };
        let mut out = std::io::stdout().lock();
        // Cargo reads what a build script prints; if it doesn't, nobody does.
        let _ = self.check_package(&manifest_dir, &mut out);
    }

    fn reads_migrations(&self) -> bool {
        #[cfg(feature = "replay")]
        return self.migrations.is_some();
        #[cfg(not(feature = "replay"))]
        false
    }

    fn check_package(&self, manifest_dir: &Path, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "cargo::rerun-if-env-changed=DOCS_RS")?;
        watch(&manifest_dir.join("Cargo.toml"), out)?;
        // `cargo package` adds these; the first in a git repository alone.
        let added = [".cargo_vcs_info.json", "Cargo.toml.orig"];
        let is_published = added.iter().any(|name| manifest_dir.join(name).exists());
        if std::env::var_os("DOCS_RS").is_some() || is_published {
            return Ok(());
        }
        // A directory is watched with all that is in it.
        watch(&manifest_dir.join("src"), out)?;
        let package = package(manifest_dir, &files::binaries(manifest_dir));
        let src = manifest_dir.join("src");
        let below = files::below(&src);
        let files: Vec<InputFile> = below
            .rust
            .into_iter()
            .map(|path| InputFile::at(manifest_dir, manifest_dir, &package.targets, path, 0))
            .collect();
        let facts = collect::collect(vec![package], &files);
        if !src.is_dir() {
            let message =
                "there is no `src` directory, and sources elsewhere are not read; `cargo fkcheck` reads them";
            say(None, &facts, message, false, out)?;
        }
        for link in below.links {
            let message = format!("{} is a link to a directory, which is not followed", link.display());
            say(None, &facts, &message, false, out)?;
        }
        // Where `#[path]` and `include!` lead, but not to what this very script makes.
        let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let out_dirs = facts.packages.iter().flat_map(|package| &package.out_dirs);
        let known: Vec<PathBuf> = out_dirs.chain([&src]).map(|dir| whole(dir)).collect();
        let is_known = |path: &PathBuf| known.iter().any(|dir| path.starts_with(dir));
        for file in facts.sources.files().map(|file| whole(&file.path)).filter(|path| !is_known(path)) {
            watch(&file, out)?;
        }
        for problem in &facts.problems {
            say(None, &facts, &problem.message, false, out)?;
        }
        #[cfg_attr(not(feature = "replay"), expect(unused_mut, reason = "migrations are added to it"))]
        let mut observations = snapshot(manifest_dir, &facts, self.reads_migrations(), out)?;
        #[cfg(feature = "replay")]
        if let Some((engine, directory)) = &self.migrations {
            let directory = manifest_dir.join(directory);
            watch(&directory, out)?;
            match replay(*engine, &directory, manifest_dir) {
                Ok(observation) => observations.push(observation),
                Err(error) => say(None, &facts, &error.to_string(), false, out)?,
            }
        }
        let comparisons = compare(&facts, &observations);
        for comparison in &comparisons {
            say_unknown(comparison, out)?;
        }
        for key in of_no_database(&facts, &comparisons) {
            say(None, &facts, &format!("none of the databases has the table of `{key}`"), false, out)?;
        }
        let findings = findings(&facts, &comparisons);
        for finding in findings.iter().take(LISTED) {
            let is_error = self.deny && finding.severity == Severity::Deny;
            let message = format!("{} [{}]", finding.message, finding.rule);
            say(Some(finding), &facts, &message, is_error, out)?;
        }
        if findings.len() > LISTED {
            let is_error =
                self.deny && findings[LISTED..].iter().any(|finding| finding.severity == Severity::Deny);
            let message = format!("{} more findings about foreign keys", findings.len() - LISTED);
            say(None, &facts, &message, is_error, out)?;
        }
        if !findings.is_empty() {
            say(None, &facts, "`cargo fkcheck` tells more", false, out)?;
        }
        Ok(())
    }
}

/// What the nearest snapshot shows: the package's own, or one above it, no higher than the repository's root.
fn snapshot(
    manifest_dir: &Path,
    facts: &Facts,
    has_migrations: bool,
    out: &mut dyn Write,
) -> std::io::Result<Vec<Observation>> {
    let mut path = None;
    for dir in manifest_dir.ancestors() {
        let file = dir.join(lock::FILE_NAME);
        // What lies above all packages is somebody else's.
        if file.exists() && dir.join("Cargo.toml").is_file() {
            path = Some(file);
            break;
        }
        if dir.join(".git").exists() {
            break;
        }
    }
    let Some(path) = path else {
        if !facts.keys.is_empty() && !has_migrations {
            let message =
                "there is no fkcheck.lock, so nothing is compared; `cargo fkcheck snapshot` writes one";
            say(None, facts, message, false, out)?;
        }
        return Ok(Vec::new());
    };
    watch(&path, out)?;
    let text = match disk::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            say(None, facts, &format!("{} can't be read: {error}", path.display()), false, out)?;
            return Ok(Vec::new());
        }
    };
    match lock::read(&text) {
        Ok(snapshot) => Ok(snapshot.observations),
        Err(fault) => {
            let line = fault.line.map_or_else(String::new, |line| format!(":{line}"));
            let message = format!("{}{line}: {}; {}", lock::FILE_NAME, fault.message, fault.help);
            say(None, facts, &message, false, out)?;
            Ok(Vec::new())
        }
    }
}

/// One line of cargo's.
fn say(
    finding: Option<&Finding>,
    facts: &Facts,
    message: &str,
    is_error: bool,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let place = finding
        .map_or_else(String::new, |finding| format!("{}: ", facts.sources.place(finding.primary.span)));
    let key = if is_error { "error" } else { "warning" };
    writeln!(out, "cargo::{key}={}", one_line(&format!("{place}{message}")))
}

/// What cargo would say of the package.
fn package(manifest_dir: &Path, binaries: &[(String, String)]) -> Package {
    let name = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let target = |name: &str, kind: &str, file: &str| Target {
        name: name.to_owned(),
        kind: vec![kind.to_owned()],
        crate_types: vec![kind.to_owned()],
        src_path: manifest_dir.join(file),
        edition: "2021".to_owned(),
        doc: true,
        doctest: true,
        test: true,
    };
    let mut targets = vec![target(&name, "lib", "src/lib.rs"), target(&name, "bin", "src/main.rs")];
    // Each has modules of its own, which are not the library's.
    targets.extend(binaries.iter().map(|(name, file)| target(name, "bin", file)));
    let out_dirs = std::env::var_os("OUT_DIR").map(PathBuf::from).into_iter().collect();
    Package { id: name.clone(), manifest_path: manifest_dir.join("Cargo.toml"), targets, name, out_dirs }
}

/// Says of which keys the migrations leave it open.
fn say_unknown(comparison: &Comparison<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let unknown: Vec<String> = comparison
        .pairs
        .iter()
        .filter(|pair| matches!(pair.seen, Seen::Unknown(_)))
        .map(|pair| format!("`{}`", pair.declared.key))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let message = format!("the {} can't tell of {}", comparison.observation.source, unknown.join(", "));
    say(None, comparison.facts, &message, false, out)
}

/// The package's own tables beside each observation; of several databases each table belongs to one that has it.
fn compare<'a>(facts: &'a Facts, observations: &'a [Observation]) -> Vec<Comparison<'a>> {
    let compare_one = |observation: &'a Observation| {
        let has = |table: &TableName| observation.tables.iter().any(|seen| seen.name.name == table.name);
        let in_scope =
            |table: &TableName| facts.table(table).is_some() && (observations.len() == 1 || has(table));
        Comparison::new(facts, observation, &in_scope, &|_| false)
    };
    observations.iter().map(compare_one).collect()
}

/// Keys whose table none of several databases has.
fn of_no_database<'a>(
    facts: &'a Facts,
    comparisons: &'a [Comparison<'_>],
) -> impl Iterator<Item = &'a KeyName> {
    let is_compared = |key: &KeyName| {
        comparisons.iter().any(|comparison| comparison.pairs.iter().any(|pair| pair.declared.key == *key))
    };
    let keys = facts.keys.iter().map(|declared| &declared.key);
    keys.filter(move |key| comparisons.len() > 1 && facts.table(&key.table).is_some() && !is_compared(key))
}

/// What the rules that can tell say, worst first.
fn findings(facts: &Facts, comparisons: &[Comparison<'_>]) -> Vec<Finding> {
    let mut findings = rules::check(facts, comparisons, &Levels::default()).findings;
    findings.retain(|finding| {
        let of_known_table =
            finding.data.child.as_ref().is_none_or(|child| facts.table(&child.table).is_some());
        finding.rule.role().in_build_scripts && finding.severity != Severity::Note && of_known_table
    });
    let all = findings.clone();
    // A name may be in several databases of the snapshot, and which of them it means isn't known here: then all must say so.
    let of_snapshot = |finding: &Finding| finding.data.source == Some(SourceKind::Snapshot);
    let said_by = |finding: &Finding, child: &TableRef| {
        let is_same = |other: &&Finding| {
            of_snapshot(other) && other.rule == finding.rule && other.data.child.as_ref() == Some(child)
        };
        all.iter().filter(is_same).count()
    };
    let compared_with = |child: &TableRef| {
        let has = |comparison: &&Comparison<'_>| {
            comparison.observation.source == SourceKind::Snapshot
                && comparison.pairs.iter().any(|pair| {
                    pair.declared.key.table == child.table && pair.declared.key.columns == child.columns
                })
        };
        comparisons.iter().filter(has).count()
    };
    findings.retain(|finding| match &finding.data.child {
        Some(child) if of_snapshot(finding) => said_by(finding, child) >= compared_with(child),
        _ => true,
    });
    // The snapshot and the migrations may show the same.
    let mut said = HashSet::new();
    findings.retain(|finding| said.insert((finding.rule, finding.data.child.clone(), finding.primary.span)));
    findings
}

/// Watches a path that is there: one that isn't would have the script run at every build.
fn watch(path: &Path, out: &mut dyn Write) -> std::io::Result<()> {
    if path.exists() { writeln!(out, "cargo::rerun-if-changed={}", path.display()) } else { Ok(()) }
}

/// Names may hold anything, and cargo obeys what begins a line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_harmful(c) { '\u{fffd}' } else { c }).collect()
}

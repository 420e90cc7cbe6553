//! `cargo fkcheck snapshot`: what the sources show now, as the file's text.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::lock::{self, write};
use crate::model::{SourceKind, disk};
use crate::outcome::Outcome;
use crate::run::{self, CheckError, Request, Run, Status};

/// The file's name, beside the workspace's `Cargo.toml`.
pub const FILE_NAME: &str = lock::FILE_NAME;

/// A snapshot that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Where it belongs.
    pub path: PathBuf,
    /// The file's text.
    pub text: String,
    /// What is there now; empty if there is no file.
    pub before: String,
    /// How many keys it holds.
    pub keys: usize,
    /// What the migrations leave open, a sentence each: the text says so, and a check against it can't know those keys.
    pub doubts: Vec<String>,
    /// Where several databases were read and don't show the same: those that do, in words, a group each. Not empty: the
    /// text is not to be written.
    pub differing: Vec<String>,
    /// What could not be known, as a check reports it. With problems in it, the text is not to be written.
    pub outcome: Outcome,
}

/// Reads the sources that the request names and puts what they show into the file's form. Writes nothing.
pub fn take(request: &Request, status: &mut dyn FnMut(Status)) -> Result<Taken, CheckError> {
    let mut request = request.clone();
    // A snapshot of the snapshot would always agree.
    if request.against.is_empty() {
        request.against = vec![SourceKind::Database];
    }
    let mut run = Run::open(request, status)?;
    run.observe()?;
    run.date();
    let observations: Vec<_> =
        std::mem::take(&mut run.observed).into_iter().map(|observed| observed.observation).collect();
    for observation in &observations {
        run.problems.extend(run::not_seen_whole(observation));
        run.problems.extend(run::no_table(observation));
    }
    let groups = observations.iter().filter(|observation| !observation.members.is_empty());
    let labels: Vec<String> = groups.map(|observation| observation.label.clone()).collect();
    let path = run.workspace.root.join(FILE_NAME);
    let before = before(&path)?;
    Ok(Taken {
        text: write(&observations),
        before,
        keys: observations.iter().map(|observation| observation.keys.len()).sum(),
        doubts: observations.iter().flat_map(run::doubts).collect(),
        path,
        differing: if labels.len() > 1 { labels } else { Vec::new() },
        outcome: run.unknown(),
    })
}

/// What the file holds now.
fn before(path: &Path) -> Result<String, CheckError> {
    match disk::read_to_string(path) {
        Ok(text) => Ok(text.replace("\r\n", "\n")),
        // None, or none that this command has written.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => {
            Ok(String::new())
        }
        Err(error) => {
            Err(CheckError::Usage { message: format!("{FILE_NAME} can't be read: {error}"), help: None })
        }
    }
}

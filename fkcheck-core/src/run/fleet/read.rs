//! Reads all of them, several at a time.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::group::Groups;
use crate::model::Observation;
use crate::outcome::Problem;
use crate::run::problems::problem_of;
use crate::run::{CheckError, Status};
use crate::sources::{self, ErrorKind, FoundUrl, Limits, SourceError, UrlOrigin};

/// How many databases are read at once, where nothing is said.
const JOBS: usize = 8;

/// Beyond this many threads a machine has other worries.
const MOST_JOBS: usize = 256;

/// How they are read.
pub(in crate::run) struct FleetOptions<'a> {
    pub(in crate::run) limits: Limits,
    /// How many at once.
    pub(in crate::run) jobs: Option<NonZeroUsize>,
    /// The configured database that they all stand for.
    pub(in crate::run) section: Option<&'a str>,
    /// The schemas that the code names.
    pub(in crate::run) named_schemas: &'a HashSet<&'a str>,
}

/// What was read.
pub(in crate::run) struct Fleet {
    /// One for all databases that show the same, in the order of the list.
    pub(in crate::run) observations: Vec<Observation>,
    /// The databases by short name, also those that could not be read.
    pub(in crate::run) names: Vec<String>,
    /// Why some of them could not be read.
    pub(in crate::run) problems: Vec<Problem>,
}

/// Reads the databases. What one of them doesn't tell is a problem, and hides nothing of the others.
pub(in crate::run) fn read(
    urls: &[FoundUrl],
    options: &FleetOptions<'_>,
    status: &dyn Fn(Status),
) -> Result<Fleet, CheckError> {
    for FoundUrl { url, origin } in urls {
        status(Status::Line { verb: "Connecting", text: format!("{url} ({origin})"), verbose: true });
    }
    let jobs = options.jobs.map_or(JOBS, NonZeroUsize::get).min(MOST_JOBS).min(urls.len());
    let text = format!("{} databases, {jobs} at once", urls.len());
    status(Status::Line { verb: "Reading", text, verbose: false });

    let names = short_names(urls);
    let mut groups = Groups::new(options.named_schemas);
    let mut failed = Vec::new();
    let mut done = 0;
    status(Status::Progress { done, total: urls.len() });
    read_each(urls, options, jobs, |at, read| {
        match read {
            Ok(observation) => groups.add(at, &urls[at].url, observation),
            Err(error) => failed.push((at, error)),
        }
        done += 1;
        status(Status::Progress { done, total: urls.len() });
    });

    let mut problems = Vec::new();
    failed.sort_by_key(|(at, _)| *at);
    for (at, error) in failed {
        let error = placed(error, &urls[at].origin);
        if error.kind() == ErrorKind::Usage {
            return Err(error.into());
        }
        let mut problem = problem_of(&error);
        if !problem.message.contains(&names[at]) {
            problem.message = format!("{}: {}", names[at], problem.message);
        }
        problems.push(problem);
    }
    Ok(Fleet { observations: groups.observations(&names), names, problems })
}

/// Reads each in one of `jobs` threads; `each` gets what was read, as it comes, with its place in the list.
fn read_each(
    urls: &[FoundUrl],
    options: &FleetOptions<'_>,
    jobs: usize,
    mut each: impl FnMut(usize, Result<Observation, SourceError>),
) {
    let next = &AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let sender = sender.clone();
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(found) = urls.get(at) else { break };
                    // The receiver outlives the threads.
                    let _ = sender
                        .send((at, sources::read_database(&found.url, &options.limits, options.section)));
                }
            });
        }
        drop(sender);
        for (at, read) in results {
            each(at, read);
        }
    });
}

/// Each database's own name, where no other has it; else its URL without the password.
fn short_names(urls: &[FoundUrl]) -> Vec<String> {
    let names = urls.iter().map(|found| found.url.database_name().unwrap_or_else(|| found.url.to_string()));
    let names = distinguished(names.collect(), |at, _| urls[at].url.to_string());
    // The same but for what isn't shown.
    distinguished(names, |at, name| format!("{name} ({})", at + 1))
}

/// The names, with those that several have written in another way.
fn distinguished(names: Vec<String>, otherwise: impl Fn(usize, &str) -> String) -> Vec<String> {
    let mut count: HashMap<String, usize> = HashMap::new();
    for name in &names {
        *count.entry(name.clone()).or_default() += 1;
    }
    let name = |(at, name): (usize, String)| if count[&name] > 1 { otherwise(at, &name) } else { name };
    names.into_iter().enumerate().map(name).collect()
}

/// An error about what stands in a URL, with the place where the URL stands.
pub(in crate::run) fn placed(error: SourceError, origin: &UrlOrigin) -> SourceError {
    let is_about_text = error.kind() == ErrorKind::Usage || matches!(error, SourceError::MissingFile { .. });
    match origin {
        UrlOrigin::List(place) if is_about_text => {
            SourceError::InList { place: place.clone(), error: Box::new(error) }
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_differ() {
        let list = "postgres://u:Canary@h/a\npostgres://h/b\npostgres://g/b\nmysql://h/c?Canary\nmysql://h/c?other\n/d/e.db\npostgres://h";
        let names = short_names(&sources::read_list(list, "-").unwrap());
        assert_eq!(
            names,
            [
                "a",
                "postgres://h/b",
                "postgres://g/b",
                "mysql://h/c?*** (4)",
                "mysql://h/c?*** (5)",
                "/d/e.db",
                "postgres://h"
            ]
        );
    }
}

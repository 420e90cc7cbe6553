//! Which databases are asked for by URL.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::Path;

use crate::model::disk;
use crate::outcome::Problem;
use crate::run::{CheckError, Request};
use crate::sources::{self, DatabaseUrl, FoundUrl, UrlOrigin};

/// One of several equal shares of a list: every N-th entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    share: usize,
    of: usize,
}

impl Partition {
    /// The share `K` of `N`, both from 1; `None` where there is no such share.
    pub fn new(share: usize, of: usize) -> Option<Self> {
        (1..=of).contains(&share).then_some(Partition { share, of })
    }

    fn take<T>(self, list: Vec<T>) -> Vec<T> {
        list.into_iter().skip(self.share - 1).step_by(self.of).collect()
    }
}

/// The databases that are asked for by URL, each once, or this run's share of them; `None`: none is asked for.
pub(in crate::run) fn asked_for(request: &Request) -> Result<Option<Vec<FoundUrl>>, CheckError> {
    let Request { database_urls, database_urls_from, partition, .. } = request;
    if database_urls.is_empty() && database_urls_from.is_none() {
        return match partition {
            None => Ok(None),
            Some(_) => Err(CheckError::Usage {
                message: "`--partition` takes a share of a list of databases, and none is given".to_owned(),
                help: Some("give one with `--database-urls-from FILE`".to_owned()),
            }),
        };
    }
    let mut found = Vec::new();
    for text in database_urls {
        found.push(FoundUrl { url: DatabaseUrl::parse(text)?, origin: UrlOrigin::Argument });
    }
    if let Some(path) = database_urls_from {
        found.extend(sources::read_list(&text(path)?, &sources::redact(&path.to_string_lossy()))?);
    }
    let mut known = HashSet::new();
    found.retain(|found| known.insert(found.url.address.secret()));
    Ok(Some(match partition {
        Some(partition) => partition.take(found),
        None => found,
    }))
}

/// A list, or this run's share of it, that is empty: nothing was checked.
pub(in crate::run) fn nothing_asked_for(request: &Request) -> Problem {
    let (message, help) = match (request.partition, &request.database_urls_from) {
        (Some(Partition { share, of }), _) => (
            format!("the share {share}/{of} holds no database"),
            "fewer databases are listed than there are shares",
        ),
        (None, file) => (
            format!("{} lists no database", file.as_deref().unwrap_or(Path::new("-")).display()),
            "write one URL a line",
        ),
    };
    Problem { message, label: None, help: vec![help.to_owned()] }
}

fn text(path: &Path) -> Result<String, CheckError> {
    let read = if path == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().take(disk::LARGEST).read_to_string(&mut text);
        read.and_then(|length| match length as u64 {
            disk::LARGEST.. => Err(std::io::Error::other("it is too long")),
            _ => Ok(text),
        })
    } else {
        disk::read_to_string(path)
    };
    read.map_err(|error| CheckError::Usage {
        message: format!("{} can't be read: {error}", sources::redact(&path.to_string_lossy())),
        help: Some("`--database-urls-from` takes a file with one URL a line, or `-` for stdin".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_the_whole() {
        let shares =
            |of: usize| (1..=of).map(move |share| Partition::new(share, of).unwrap().take((0..7).collect()));
        assert_eq!(shares(3).collect::<Vec<Vec<i32>>>(), [vec![0, 3, 6], vec![1, 4], vec![2, 5]]);
        assert_eq!(shares(8).next_back(), Some(Vec::new()));
        assert_eq!([Partition::new(0, 1), Partition::new(2, 1), Partition::new(0, 0)], [None; 3]);
    }
}

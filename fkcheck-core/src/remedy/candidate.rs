//! Keys on which code and source disagree, and what would make the source say what the code says.

use std::fmt;

use crate::collect::Facts;
use crate::compare::{Agreement, Comparison, Pair, Seen, missing};
use crate::consequence::Deletes;
use crate::engines;
use crate::engines::fix::Change;
use crate::finding::{Finding, Moved, Severity};
use crate::model::{DeclaredKey, KeyName, Observation, ObservedKey, SourceKind};
use crate::rules::{self, Aspect, Fix};

/// A declared key that a source contradicts.
pub(crate) struct Candidate<'a> {
    pub(crate) declared: &'a DeclaredKey,
    pub(crate) comparison: &'a Comparison<'a>,
    pub(crate) findings: Vec<&'a Finding>,
    /// The key that decides in the source.
    pub(crate) observed: Option<&'a ObservedKey>,
    /// What would bring the source to the code, or why nothing can.
    pub(crate) change: Result<Change, Obstacle>,
}

/// Why nothing can bring the source to the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// Databases of one schema don't show the same.
    DatabasesDiffer,
    /// Anything else, in words.
    Other(String),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Obstacle::DatabasesDiffer => "the databases differ on it, and a migration is for one state; name one of them alone with `--database-url`",
            Obstacle::Other(why) => why,
        })
    }
}

impl<'a> Candidate<'a> {
    pub(crate) fn name(&self) -> &'a KeyName {
        &self.declared.key
    }

    /// The configured database.
    pub(crate) fn section(&self) -> Option<&'a str> {
        self.comparison.observation.database.as_deref()
    }

    /// Why the code can't be changed to what the source shows.
    pub(crate) fn not_in_code(&self) -> Option<String> {
        if self.findings.iter().all(|finding| finding.rule.role().fix == Fix::Validates) {
            return Some("an annotation says nothing of old rows; a migration validates the key".to_owned());
        }
        match (self.observed, &self.change) {
            (Some(_), Err(why @ Obstacle::DatabasesDiffer)) | (None, Err(why)) => Some(why.to_string()),
            (Some(_), _) => None,
            (None, Ok(_)) => Some(
                "there is no such key to take over; if that is on purpose, write `#[fk(none, reason = \"..\")]`"
                    .to_owned(),
            ),
        }
    }

    /// What the migration leaves behind in the connection that runs it.
    pub(crate) fn leaves(&self) -> Option<String> {
        let writer = engines::driver(self.comparison.observation.engine.kind).fix;
        writer.leaves.map(|what| format!("the migration {what}"))
    }

    /// What the migration does to deletes of the tables above, in a few lines.
    pub(crate) fn further_up(&self) -> Vec<String> {
        let Ok(change) = &self.change else { return Vec::new() };
        let deletes = Deletes::new(&self.comparison.observation.keys, self.comparison.engine());
        rules::further_up(&deletes, change.from.as_ref(), &change.to)
    }

    /// A warning where keys of one table to one parent act in an order, and one of them changes its place.
    pub(crate) fn changes_order(&self, changed: &[&Candidate<'_>]) -> Option<String> {
        let change = self.change.as_ref().ok()?;
        let (from, to) = (change.from.as_ref().filter(|_| !change.only_validates())?, &change.to);
        let observation = self.comparison.observation;
        let why = engines::driver(observation.engine.kind).fix.changes_order?;
        let stays = |other: &ObservedKey| !changed.iter().any(|candidate| candidate.name() == &other.key);
        let others = observation.keys.iter().filter(|other| {
            other.key.table == from.key.table
                && other.parent == from.parent
                && other.key != from.key
                && stays(other)
                // Only refusing before the rows are gone ends otherwise than after.
                && other.on_delete.blocks() != to.on_delete.blocks()
        });
        let names: Vec<String> =
            others.map(|other| format!("`{}` (ON DELETE {})", other.key, other.on_delete)).collect();
        if names.is_empty() {
            return None;
        }
        Some(format!(
            "`{}` may act at another time beside {}, so deletes of `{}` may end otherwise: {why}",
            from.key,
            names.join(", "),
            from.parent
        ))
    }
}

impl Candidate<'_> {
    /// A warning where the migrations say what the code said so far.
    pub(crate) fn leaves_migrations(&self) -> Option<String> {
        let agree =
            |finding: &&Finding| matches!(finding.data.moved, Some(Moved::Database | Moved::NotApplied));
        self.findings.iter().any(agree).then(|| {
            format!(
                "the migrations still make `{}` what the code said so far: a database that is made from them will differ, until a migration of your own says the same",
                self.name()
            )
        })
    }

    /// A warning where the migrations, of which development's databases are made, make another state than the one that this
    /// migration is for.
    pub(crate) fn made_otherwise(&self, all: &[&Candidate<'_>], made: &[&Observation]) -> Option<String> {
        let change = self.change.as_ref().ok()?;
        let others = all
            .iter()
            .filter_map(|other| other.change.as_ref().ok())
            .filter(|other| other.to.key.table == change.to.key.table && other.to.key != change.to.key);
        let changes: Vec<&Change> = [change].into_iter().chain(others).collect();
        let observation = self.comparison.observation;
        let made = made.iter().find(|made| {
            made.database == observation.database && made.engine.kind.base() == observation.engine.kind.base()
        })?;
        let what =
            (engines::driver(observation.engine.kind).fix.made_otherwise)(&changes, observation, made)?;
        Some(format!(
            "the migrations make {what}: in a database that is made from them, as in development, this one stops; bring both together first"
        ))
    }
}

/// The keys that findings are about, or those that are named, in the order of the code.
pub(crate) fn candidates<'a>(
    facts: &Facts,
    comparisons: &'a [Comparison<'a>],
    findings: &'a [Finding],
    named: &[String],
) -> Vec<Candidate<'a>> {
    let mut candidates: Vec<Candidate<'a>> = Vec::new();
    for comparison in comparisons.iter().filter(|comparison| is_first_source(comparison, comparisons)) {
        for pair in &comparison.pairs {
            let is_asked_for = named.iter().any(|name| super::is_named(&pair.declared.key, name));
            let findings: Vec<&Finding> = findings
                .iter()
                .filter(|finding| is_about(finding, pair, comparison))
                .filter(|finding| is_asked_for || finding.severity != Severity::Note)
                .collect();
            if findings.is_empty() || !named.is_empty() && !is_asked_for {
                continue;
            }
            let is_about = |aspect| findings.iter().any(|finding| finding.rule.role().aspect == Some(aspect));
            let wanted = Wanted {
                is_strict: is_asked_for || is_about(Aspect::OnDelete),
                default_on_update: is_about(Aspect::OnUpdate),
                default_deferrability: is_about(Aspect::Deferrability),
            };
            let validates = findings.iter().any(|finding| finding.rule.role().fix == Fix::Validates);
            let change = change(pair, comparison, facts, wanted).map(|mut change| {
                change.to.in_force.validated |= validates;
                change
            });
            let candidate = Candidate {
                declared: pair.declared,
                comparison,
                findings,
                observed: pair.observed(),
                change,
            };
            let earlier = candidates.iter_mut().find(|other| {
                other.declared.id() == candidate.declared.id() && other.section() == candidate.section()
            });
            match earlier {
                Some(earlier) => earlier.merge(&candidate),
                None => candidates.push(candidate),
            }
        }
    }
    for candidate in &mut candidates {
        candidate.see_others(comparisons);
    }
    let place = |candidate: &Candidate<'_>| candidate.declared.first().span.start_key();
    candidates.sort_by_key(|candidate| (candidate.section(), place(candidate)));
    candidates
}

/// Where several sources stand for one database, the best one is changed.
fn is_first_source(comparison: &Comparison<'_>, all: &[Comparison<'_>]) -> bool {
    let rank = |comparison: &Comparison<'_>| match comparison.observation.source {
        SourceKind::Database => 0,
        SourceKind::Snapshot => 1,
        SourceKind::Migrations => 2,
    };
    let same = all.iter().filter(|other| other.observation.database == comparison.observation.database);
    same.map(rank).min() == Some(rank(comparison))
}

fn is_about(finding: &Finding, pair: &Pair<'_>, comparison: &Comparison<'_>) -> bool {
    finding.rule.role().fix != Fix::Never
        && finding.data.section == comparison.observation.database
        && finding.data.is_about(&pair.declared.id())
}

impl<'a> Candidate<'a> {
    /// Databases of one schema that don't show the same can't have one migration.
    fn merge(&mut self, other: &Candidate<'a>) {
        let state = |change: &Result<Change, Obstacle>| {
            let from = change.as_ref().ok().map(|change| change.from.clone());
            from.map(|from| {
                from.map(|mut from| {
                    (from.child_rows, from.firing_order, from.origin) = (None, 0, None);
                    from
                })
            })
        };
        if state(&self.change) != state(&other.change) {
            self.change = Err(Obstacle::DatabasesDiffer);
        }
    }

    /// A database of the same schema that agrees with the code would be stopped by the migration's guard.
    fn see_others(&mut self, comparisons: &[Comparison<'_>]) {
        let same = comparisons.iter().filter(|other| {
            !std::ptr::eq(*other, self.comparison)
                && other.observation.database == self.comparison.observation.database
                && other.observation.source == self.comparison.observation.source
        });
        let Ok(change) = &self.change else { return };
        let from = change.from.as_ref();
        for other in same {
            let pair = other.pairs.iter().find(|pair| pair.declared.id() == self.declared.id());
            let theirs = pair.and_then(Pair::observed);
            let is_same = match (from, theirs) {
                (Some(from), Some(theirs)) => {
                    from.on_delete == theirs.on_delete
                        && from.on_update == theirs.on_update
                        && from.deferrability == theirs.deferrability
                        && from.name == theirs.name
                }
                (None, None) => true,
                _ => false,
            };
            if !is_same {
                self.change = Err(Obstacle::DatabasesDiffer);
                return;
            }
        }
    }
}

/// What of a key is to change.
#[derive(Clone, Copy)]
struct Wanted {
    /// Also NO ACTION beside RESTRICT.
    is_strict: bool,
    /// ON UPDATE, where the code says nothing of it: only if a finding does.
    default_on_update: bool,
    /// The same of deferrability.
    default_deferrability: bool,
}

fn change(
    pair: &Pair<'_>,
    comparison: &Comparison<'_>,
    facts: &Facts,
    wanted: Wanted,
) -> Result<Change, Obstacle> {
    let declared = pair.declared;
    let has_no_orphans = comparison.orphans.get(&declared.id()) == Some(&0);
    match &pair.seen {
        Seen::Unknown(why) => Err(Obstacle::Other(why.to_string())),
        Seen::OtherParent(keys) => Err(Obstacle::Other(format!(
            "the key on these columns refers to `{}`; which of the two is meant has to be decided by hand",
            keys.first().map_or_else(String::new, |key| key.parent.to_string())
        ))),
        Seen::Keys(keys) => match &keys[..] {
            [key] => Ok(Change { has_no_orphans, ..altered(declared, key, comparison, wanted) }),
            several => {
                let name =
                    |key: &&ObservedKey| format!("`{}`", key.name.as_deref().unwrap_or("one without a name"));
                let names: Vec<String> = several.iter().map(name).collect();
                Err(Obstacle::Other(format!(
                    "{} keys stand on these columns ({}); drop those that are not meant, and then fix what is left",
                    several.len(),
                    names.join(", ")
                )))
            }
        },
        Seen::Absent(None) => Err(Obstacle::Other("there is no such table to put a key on".to_owned())),
        Seen::Absent(Some(table)) => {
            let to = missing::added(declared, table, comparison, facts).map_err(Obstacle::Other)?;
            match missing::no_unique_key(&to, comparison) {
                Some(why) => Err(Obstacle::Other(why)),
                None => Ok(Change { from: None, to, has_no_orphans }),
            }
        }
    }
}

/// The key with what the code means, and all else as it is.
fn altered(
    declared: &DeclaredKey,
    observed: &ObservedKey,
    comparison: &Comparison<'_>,
    wanted: Wanted,
) -> Change {
    let is_different = |agreement: Agreement| match agreement {
        Agreement::Differs => true,
        Agreement::AlikeForPlainDeletes => wanted.is_strict,
        Agreement::Same => false,
    };
    let mut to = observed.clone();
    if let Some(stated) = declared.on_delete()
        && comparison.on_delete(declared, observed).is_some_and(is_different)
    {
        to.on_delete = stated.value.clone();
    }
    if (declared.on_update().is_some() || wanted.default_on_update)
        && is_different(comparison.on_update(declared, observed))
    {
        to.on_update = declared.meant_on_update();
    }
    if declared.deferrability().is_some() || wanted.default_deferrability {
        to.deferrability = declared.meant_deferrability();
    }
    Change { from: Some(observed.clone()), to, has_no_orphans: false }
}

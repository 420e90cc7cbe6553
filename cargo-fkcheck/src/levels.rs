//! `-A`, `-W`, `-D`: rules by name, in the order of the command line.

use clap::ArgMatches;
use fkcheck_core::finding::Level;
use fkcheck_core::grammar::nearest;
use fkcheck_core::model::RuleId;

/// A rule's name, also in cargo's spelling `fkcheck::fk_undeclared`.
pub(crate) fn rule(name: &str) -> Result<RuleId, String> {
    let name = name.strip_prefix("fkcheck::").unwrap_or(name).replace('-', "_");
    RuleId::named(&name).ok_or_else(|| match nearest(&name, RuleId::names()) {
        Some(near) => format!("unknown rule; did you mean `{near}`?"),
        None => "unknown rule; `cargo fkcheck explain` lists them all".to_owned(),
    })
}

/// The levels that are set, in the order in which they are written: the last word about a rule counts.
pub(crate) fn in_order(matches: &ArgMatches) -> Vec<(RuleId, Level)> {
    let mut levels: Vec<(usize, RuleId, Level)> = Vec::new();
    // A command without such flags has no such ids, and clap panics when it is asked for an unknown one.
    if matches.try_contains_id("allow").is_err() {
        return Vec::new();
    }
    for (flag, level) in [("allow", Level::Allow), ("warn", Level::Warn), ("deny", Level::Deny)] {
        let (Some(indices), Some(rules)) = (matches.indices_of(flag), matches.get_many::<RuleId>(flag))
        else {
            continue;
        };
        levels.extend(indices.zip(rules).map(|(index, rule)| (index, *rule, level)));
    }
    levels.sort_unstable_by_key(|(index, ..)| *index);
    levels.into_iter().map(|(_, rule, level)| (rule, level)).collect()
}

/// The arguments of the command that is run.
pub(crate) fn innermost(matches: &ArgMatches) -> &ArgMatches {
    let mut matches = matches;
    while let Some((_, inner)) = matches.subcommand() {
        matches = inner;
    }
    matches
}

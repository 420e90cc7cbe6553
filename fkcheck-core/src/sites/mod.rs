//! Each delete in the code beside what the database does about it: what goes along, which keys can refuse it, and whether the
//! code has seen to their rows before.

mod effects;

use std::collections::HashMap;

use crate::compare::Comparison;
use crate::consequence::{Deletes, Reach, When};
use crate::model::{Act, Action, By, Deed, Function, ObservedKey, Rows, Span, TableName};
use effects::Effects;

/// So many levels of callers are asked whether they have seen to a child's rows.
const LEVELS: usize = 2;

/// The functions of the code beside one source.
pub(crate) struct Sites<'a> {
    comparison: &'a Comparison<'a>,
    deletes: &'a Deletes<'a>,
    functions: &'a [Function],
    /// By function: who calls it, and by which of its acts.
    callers: HashMap<usize, Vec<(usize, usize)>>,
    /// What each act of each function does, with what it calls.
    acts: Vec<Vec<Effects<'a>>>,
}

/// A delete in the code.
pub(crate) struct Site<'a> {
    /// The function that it stands in.
    pub(crate) function: &'a Function,
    /// Where.
    pub(crate) span: Span,
    /// The table, as the source calls it.
    pub(crate) table: &'a TableName,
    /// Which rows.
    pub(crate) rows: Rows,
    /// How it is written.
    #[cfg_attr(
        not(all(feature = "workspace", feature = "database")),
        expect(dead_code, reason = "the list of deletes is told of in a workspace")
    )]
    pub(crate) by: By,
    /// What it does.
    pub(crate) reach: Reach<'a>,
    /// NO ACTION and RESTRICT keys whose rows nobody has seen to.
    pub(crate) forgotten: Vec<&'a ObservedKey>,
    /// Those whose rows were deleted or written before, and where.
    pub(crate) handled: Vec<(&'a ObservedKey, Span)>,
    /// Deletes of the same function that do nothing: a cascade has taken the rows, or will, with the key by which it does.
    pub(crate) dead: Vec<Dead<'a>>,
}

/// A delete that does nothing beside another of the same function.
#[derive(Clone, Copy)]
pub(crate) struct Dead<'a> {
    /// Where.
    pub(crate) span: Span,
    /// The cascade that takes the rows.
    pub(crate) key: &'a ObservedKey,
    /// It stands behind the delete of the parent, else before.
    pub(crate) is_after: bool,
}

impl<'a> Sites<'a> {
    pub(crate) fn new(comparison: &'a Comparison<'a>, deletes: &'a Deletes<'a>) -> Self {
        let functions = &comparison.facts.functions[..];
        let mut callers: HashMap<usize, Vec<(usize, usize)>> = HashMap::new();
        for (caller, function) in functions.iter().enumerate().filter(|(_, function)| !function.is_test) {
            for (place, act) in function.acts.iter().enumerate() {
                if let Deed::Call(called) = &act.what {
                    for &at in called {
                        callers.entry(at).or_default().push((caller, place));
                    }
                }
            }
        }
        let whole = effects::of_all(comparison, deletes, functions);
        let of_act = |act| effects::of_act(comparison, deletes, act, &whole);
        let acts = functions.iter().map(|function| function.acts.iter().map(of_act).collect()).collect();
        Sites { comparison, deletes, functions, callers, acts }
    }

    /// Every delete of a table that the source has, in the order of the source files.
    pub(crate) fn all(&self) -> Vec<Site<'a>> {
        let acts = self.functions.iter().enumerate().flat_map(|(at, function)| {
            function.acts.iter().enumerate().map(move |(place, act)| (at, place, act))
        });
        let mut sites: Vec<Site<'a>> =
            acts.filter_map(|(at, place, act)| self.site(at, place, act)).collect();
        sites.sort_by_key(|site| (site.span.file, site.span.start.byte));
        sites
    }

    fn site(&self, at: usize, place: usize, act: &'a Act) -> Option<Site<'a>> {
        let Deed::Delete { table, rows, by, .. } = &act.what else { return None };
        let table = &self.comparison.observed_table(table)?.name;
        let function = &self.functions[at];
        let reach = self.deletes.reach(table);
        let (mut forgotten, mut handled) = (Vec::new(), Vec::new());
        for key in refusing(&reach, *rows) {
            match self.seen_to(key, at, place, LEVELS) {
                Some(span) => handled.push((key, span)),
                None => forgotten.push(key),
            }
        }
        // Nothing goes along: no need to look.
        let takes_along = reach.deleted.len() > 1;
        let dead = if takes_along { self.dead(function, place, table, *by) } else { Vec::new() };
        Some(Site { function, span: act.span, table, rows: *rows, by: *by, reach, forgotten, handled, dead })
    }

    /// Where the rows of a key's child are deleted or written before the act of the function at this place: there, in what it
    /// calls, or in those that call it.
    fn seen_to(&self, key: &ObservedKey, at: usize, place: usize, levels: usize) -> Option<Span> {
        let acts = &self.functions[at].acts;
        for (act, effects) in acts[..place].iter().zip(&self.acts[at]).rev() {
            if effects.sees_to(key) {
                return Some(act.span);
            }
        }
        // Each way into the function has to see to them.
        let levels = levels.checked_sub(1)?;
        let callers = self.callers.get(&at).map(Vec::as_slice).unwrap_or_default();
        let mut seen = None;
        for &(caller, place) in callers.iter().filter(|(caller, _)| *caller != at) {
            seen = Some(self.seen_to(key, caller, place, levels)?);
        }
        seen
    }

    /// The deletes of the same function whose rows a cascade of this one takes.
    fn dead(&self, function: &'a Function, place: usize, table: &TableName, by: By) -> Vec<Dead<'a>> {
        let mut dead = Vec::new();
        if by != By::Diesel {
            return dead;
        }
        for (other, act) in function.acts.iter().enumerate() {
            let Deed::Delete { table: child, rows, by: By::Diesel, .. } = &act.what else { continue };
            let Some(child) = self.comparison.observed_table(child) else { continue };
            if other == place || *rows == Rows::One || child.name == *table {
                continue;
            }
            let mut keys = self.comparison.observation.keys.iter();
            let takes = |key: &&ObservedKey| {
                key.key.table == child.name && key.parent == *table && key.on_delete == Action::Cascade
            };
            if let Some(key) = keys.find(takes) {
                dead.push(Dead { span: act.span, key, is_after: other > place });
            }
        }
        dead
    }
}

/// The keys that refuse as soon as a row refers to one that goes. Not a table's key to itself where many rows go: they may
/// go with those that they refer to.
fn refusing<'a>(reach: &Reach<'a>, rows: Rows) -> Vec<&'a ObservedKey> {
    let mut keys: Vec<&'a ObservedKey> = Vec::new();
    for stop in &reach.stops {
        let is_own = stop.key.key.table == stop.key.parent;
        let refuses = matches!(stop.key.on_delete, Action::NoAction | Action::Restrict)
            && matches!(stop.when, When::Referred)
            && !(is_own && rows != Rows::One);
        if refuses && !keys.iter().any(|key| std::ptr::eq(*key, stop.key)) {
            keys.push(stop.key);
        }
    }
    keys
}

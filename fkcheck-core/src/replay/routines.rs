//! Functions and procedures: what a call of one might do to keys, through all that it calls in turn.

use std::collections::{BTreeSet, HashMap};

use super::composed::UNKNOWN;
use super::dynamic::Touches;
use super::tokens::{Kind, Token};

/// The routines that the statements so far have made. A body is bound to what it names only when it runs, so nothing is
/// resolved before a call.
#[derive(Clone, Default)]
pub(super) struct Routines {
    /// By folded name; one for each list of arguments, for a name may have several.
    known: HashMap<String, Vec<(Vec<Kind>, Touches)>>,
    /// What triggers, views, rules, defaults and indexes call: whoever makes it anew changes what these do.
    kept: BTreeSet<String>,
}

impl Routines {
    /// Makes a routine; the same name with the same arguments is made anew.
    pub(super) fn define(&mut self, name: String, arguments: &[Token], touches: Touches) {
        let arguments: Vec<Kind> = arguments.iter().map(|token| token.kind.clone()).collect();
        let named = self.known.entry(name).or_default();
        named.retain(|(others, _)| *others != arguments);
        named.push((arguments, touches));
    }

    /// Drops a routine. Of several with the name, nobody knows here which one is meant: all stay.
    pub(super) fn drop(&mut self, name: &str) {
        if self.known.get(name).is_some_and(|named| named.len() == 1) {
            self.known.remove(name);
        }
    }

    pub(super) fn rename(&mut self, old: &str, new: String) {
        let moved = self.known.remove(old).unwrap_or_default();
        self.known.entry(new).or_default().extend(moved);
    }

    /// Whether no call can do anything to keys.
    pub(super) fn are_harmless(&self) -> bool {
        self.known.values().flatten().all(|(_, touches)| touches.nothing() && !touches.runs_given_text)
    }

    /// Remembers what something calls that stays.
    pub(super) fn keep(&mut self, calls: &BTreeSet<String>) {
        self.kept.extend(calls.iter().cloned());
    }

    /// Whether something that stays calls this.
    pub(super) fn is_kept(&self, name: &str) -> bool {
        self.kept.contains(name)
    }

    /// What the calls of a statement or body might do: each name that bears on keys, with all that it might touch.
    pub(super) fn called(&self, caller: &Touches) -> Vec<(String, Touches)> {
        let mut harmful = Vec::new();
        for name in &caller.calls {
            let mut reached = self.reached(name);
            // A name that is put together may be that of any.
            reached.anything |= name.contains(UNKNOWN) && !self.are_harmless();
            if reached.runs_given_text {
                // It may be put together on the way.
                reached.anything |=
                    caller.anything || !caller.has_text || caller.joins || caller.calls.len() > 1;
                reached.tables.extend(caller.tables.iter().cloned());
                reached.parents.extend(caller.parents.iter().cloned());
            }
            if !reached.nothing() {
                harmful.push((name.clone(), reached));
            }
        }
        harmful
    }

    /// What a routine might do, and those that it calls.
    fn reached(&self, name: &str) -> Touches {
        let mut reached = Touches::default();
        let (mut seen, mut next) = (BTreeSet::new(), vec![name]);
        while let Some(name) = next.pop() {
            let Some((name, named)) = self.known.get_key_value(name) else { continue };
            if seen.insert(name) {
                for (_, touches) in named {
                    reached.tables.extend(touches.tables.iter().cloned());
                    reached.parents.extend(touches.parents.iter().cloned());
                    reached.anything |= touches.anything;
                    reached.runs_given_text |= touches.runs_given_text;
                    next.extend(touches.calls.iter().map(String::as_str));
                }
            }
        }
        reached
    }
}

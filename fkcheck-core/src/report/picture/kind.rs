//! What a key does at a delete, as one of five: each has a colour, a stroke and a head of its own.

use crate::model::Action;

/// From what loses most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in super::super) enum Kind {
    Cascade,
    SetNull,
    SetDefault,
    Refuse,
    Idle,
}

impl Kind {
    pub(in super::super) const ALL: [Kind; 5] =
        [Kind::Cascade, Kind::SetNull, Kind::SetDefault, Kind::Refuse, Kind::Idle];

    pub(in super::super) fn of(on_delete: &Action, in_force: bool) -> Kind {
        match on_delete {
            _ if !in_force => Kind::Idle,
            Action::Cascade => Kind::Cascade,
            Action::SetNull(_) => Kind::SetNull,
            Action::SetDefault(_) => Kind::SetDefault,
            Action::NoAction | Action::Restrict => Kind::Refuse,
        }
    }

    /// The style sheet's word.
    pub(in super::super) fn class(self) -> &'static str {
        match self {
            Kind::Cascade => "cascade",
            Kind::SetNull => "null",
            Kind::SetDefault => "default",
            Kind::Refuse => "refuse",
            Kind::Idle => "idle",
        }
    }

    /// For the legend.
    pub(in super::super) fn words(self) -> &'static str {
        match self {
            Kind::Cascade => "CASCADE: the row goes too",
            Kind::SetNull => "SET NULL: the column becomes NULL",
            Kind::SetDefault => "SET DEFAULT: the column gets its default",
            Kind::Refuse => "RESTRICT, NO ACTION: the delete fails",
            Kind::Idle => "not in force, or not there",
        }
    }
}

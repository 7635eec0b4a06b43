//! The four ways a row can look: what a person sees before reading any word.
//!
//! Owns which status is of which class. Must not know: colours, files.

use crate::domain::{Severity, Status};

/// How a row looks, on the map and in lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It is as it should be.
    Done,
    /// Not sent on purpose.
    Aside,
    /// It waits; time or `resume` settles it.
    Waiting,
    /// A person must look.
    Person,
}

impl Class {
    /// All of them, from calm to urgent.
    pub const ALL: [Self; 4] = [Self::Done, Self::Aside, Self::Waiting, Self::Person];

    /// The class of a status.
    #[must_use]
    pub const fn of(status: Status) -> Self {
        match status {
            Status::Registered
            | Status::AlreadyRegistered
            | Status::Modified
            | Status::Replaced
            | Status::Removed
            | Status::Unchanged => Self::Done,
            Status::NotRequired | Status::NotManaged | Status::Recorded => Self::Aside,
            Status::Ticketed | Status::Deferred | Status::NotAttempted => Self::Waiting,
            Status::Rejected | Status::Invalid | Status::Unresolved | Status::Held => Self::Person,
        }
    }

    /// The class of a row that was only checked.
    #[must_use]
    pub const fn checked(status: Status, worst: Option<Severity>) -> Self {
        match (worst, status) {
            (Some(Severity::Error), _) | (None, Status::Invalid) => Self::Person,
            (Some(Severity::Warning), _) => Self::Waiting,
            (_, Status::NotRequired | Status::NotManaged | Status::Recorded) => Self::Aside,
            _ => Self::Done,
        }
    }

    /// Index among [`Class::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Done => 0,
            Self::Aside => 1,
            Self::Waiting => 2,
            Self::Person => 3,
        }
    }

    /// A mark that needs no colour.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Done => "✓",
            Self::Aside => "–",
            Self::Waiting => "◷",
            Self::Person => "!",
        }
    }

    /// Its name in the style sheet.
    #[must_use]
    pub const fn css(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Aside => "aside",
            Self::Waiting => "wait",
            Self::Person => "person",
        }
    }

    /// What the legend calls it.
    #[must_use]
    pub const fn label(self, checked: bool) -> &'static str {
        match (self, checked) {
            (Self::Done, false) => "registered",
            (Self::Done, true) => "sound",
            (Self::Aside, _) => "not sent on purpose",
            (Self::Waiting, false) => "waits",
            (Self::Waiting, true) => "warning",
            (Self::Person, false) => "needs a person",
            (Self::Person, true) => "error",
        }
    }
}

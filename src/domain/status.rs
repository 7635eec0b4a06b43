//! Where a row stands at the end of a run: the closed list of the report.
//!
//! Owns the words and which of them need a person. Must not know: how a row got there.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Status of a row in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Done by this run.
    Registered,
    /// Found equal at the registry.
    AlreadyRegistered,
    /// Accepted, ticket open.
    Ticketed,
    /// The registry said no, or holds the range differently (code `conflict`).
    Rejected,
    /// Failed the local check.
    Invalid,
    /// Outcome unknown and reading cannot settle it: a person must look.
    Unresolved,
    /// Waits for a ticket, a rate pause, or for `resume` to settle it.
    Deferred,
    /// The run stopped first, or it was a dry run.
    NotAttempted,
    /// Not sent on purpose: NRPM does not require it.
    NotRequired,
    /// Not sent on purpose: the parent is not ours to manage.
    NotManaged,
    /// Not sent on purpose: `record-only`.
    Recorded,
    /// Sync: changed in place.
    Modified,
    /// Sync: removed and registered anew.
    Replaced,
    /// Sync: removed.
    Removed,
    /// Sync: equal on both sides.
    Unchanged,
    /// Sync: a guard keeps it.
    Held,
}

impl Status {
    /// All of them, those that need a person first.
    pub const ALL: [Self; 16] = [
        Self::Unresolved,
        Self::Rejected,
        Self::Invalid,
        Self::Held,
        Self::Deferred,
        Self::NotAttempted,
        Self::Ticketed,
        Self::Registered,
        Self::AlreadyRegistered,
        Self::Modified,
        Self::Replaced,
        Self::Removed,
        Self::Unchanged,
        Self::NotRequired,
        Self::NotManaged,
        Self::Recorded,
    ];

    /// As the report writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::AlreadyRegistered => "already-registered",
            Self::Ticketed => "ticketed",
            Self::Rejected => "rejected",
            Self::Invalid => "invalid",
            Self::Unresolved => "unresolved",
            Self::Deferred => "deferred",
            Self::NotAttempted => "not-attempted",
            Self::NotRequired => "not-required",
            Self::NotManaged => "not-managed",
            Self::Recorded => "recorded",
            Self::Modified => "modified",
            Self::Replaced => "replaced",
            Self::Removed => "removed",
            Self::Unchanged => "unchanged",
            Self::Held => "held",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

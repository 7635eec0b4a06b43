//! What the operator wants: one request per row, typed, before the plan has judged it.
//!
//! Owns the request and its action. Must not know: files beyond a row's position, the registry.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::block::AddressRange;
use super::handle::NetHandle;
use super::net_name::NetName;
use super::recipient::{Comment, OrgRecipient, SimpleRecipient};

/// Index of an input file among the INPUTs of a run.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct FileId(pub u16);

/// Where a row stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct RowAt {
    /// Number of the row, counted through all INPUTs; 1 is the first data row, 0 a header or file.
    pub row: u64,
    /// Which INPUT.
    pub file: FileId,
    /// Physical line in that file, from 1.
    pub line: u64,
    /// Byte offset of the record in that file.
    pub offset: u64,
}

/// What is asked for a row, as the `action` column writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// A simple reassignment, to a customer.
    ReassignSimple,
    /// A detailed reassignment, to an org.
    ReassignDetailed,
    /// A reallocation, to an org that may delegate it further.
    Reallocate,
    /// Counts for overlap and utilisation, is never sent.
    RecordOnly,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::ReassignSimple, Self::ReassignDetailed, Self::Reallocate, Self::RecordOnly];

    /// As the `action` column writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReassignSimple => "reassign-simple",
            Self::ReassignDetailed => "reassign-detailed",
            Self::Reallocate => "reallocate",
            Self::RecordOnly => "record-only",
        }
    }

    /// Reads the `action` column, in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is to be registered, with exactly the recipient its kind takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assignment {
    /// To a customer, who uses the parent org's contacts.
    ReassignSimple(SimpleRecipient),
    /// To an org.
    ReassignDetailed(OrgRecipient),
    /// To an org that may delegate it further.
    Reallocate(OrgRecipient),
}

impl Assignment {
    /// The action it is.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::ReassignSimple(_) => Action::ReassignSimple,
            Self::ReassignDetailed(_) => Action::ReassignDetailed,
            Self::Reallocate(_) => Action::Reallocate,
        }
    }

    /// What a person calls the recipient: its name, else its handle.
    #[must_use]
    pub fn recipient(&self) -> &str {
        match self {
            Self::ReassignSimple(SimpleRecipient::New(customer)) => customer.name.as_str(),
            Self::ReassignSimple(SimpleRecipient::Existing(handle)) => handle.as_str(),
            Self::ReassignDetailed(org) | Self::Reallocate(org) => match org {
                OrgRecipient::Existing(handle) => handle.as_str(),
                OrgRecipient::New(org) => org.name.as_str(),
            },
        }
    }

    /// Whether the recipient is a private customer.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        matches!(self, Self::ReassignSimple(SimpleRecipient::New(customer)) if customer.private)
    }
}

/// What a row wants done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// Register it.
    Register(Assignment),
    /// Only count it; the recipient's name, if the row gave one, is kept for people.
    RecordOnly {
        /// The recipient as the row names it.
        recipient: Option<String>,
    },
}

impl Intent {
    /// The action it is.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Register(assignment) => assignment.action(),
            Self::RecordOnly { .. } => Action::RecordOnly,
        }
    }
}

/// Which of the cells that may be left out a row filled in: in `sync` an empty cell, or a missing
/// column, leaves the registered value as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// `comment`; a `-` counts, it clears the comment.
    pub comment: bool,
    /// `private`.
    pub private: bool,
}

/// One row, every cell of it parsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwipRequest {
    /// Where it stands.
    pub at: RowAt,
    /// The user's own id.
    pub reference: Option<String>,
    /// The parent net as the row names it.
    pub parent_net: Option<NetHandle>,
    /// The block.
    pub block: AddressRange,
    /// The net name as the row gives it.
    pub net_name: Option<NetName>,
    /// What is wanted.
    pub intent: Intent,
    /// Whether the row itself named an action (`--below-policy` skips only those that do not).
    pub action_named: bool,
    /// The net's public comment.
    pub comment: Comment,
    /// Which cells were filled in.
    #[serde(default)]
    pub given: Given,
    /// Date of the assignment, for the policy deadline.
    pub assigned_on: Option<Date>,
}

//! Events: everything that happens to a row, in the form it is stored.
//!
//! **Stored state**: a variant or field may be added with a default, never renamed or removed.
//! The seam between submission and report. Must not know: how either uses them.

use serde::{Deserialize, Serialize};

use super::memory::Image;
use crate::domain::{CustomerHandle, OrgHandle, Registration};
use crate::regrws::{RawAnswer, WireRequest};

/// Which write of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// Create the recipient customer or org; never sent again once its outcome is unknown.
    CreateRecipient,
    /// Reassign or reallocate; the range makes a second one impossible.
    Assign,
    /// Change or remove what is registered.
    Change(ChangeOp),
}

/// A write that changes or removes what is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeOp {
    /// Change a net in place: its name, its comment.
    ModifyNet,
    /// Change a customer in place: name, address, privacy.
    ModifyCustomer,
    /// Remove a net.
    RemoveNet,
    /// Delete the customer of a removed net.
    DeleteCustomer,
}

/// A recipient that was created before its net.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Created {
    /// A customer.
    Customer(CustomerHandle),
    /// An org.
    Org(OrgHandle),
}

/// How a row ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Registered by this run.
    Registered(Registration),
    /// Found equal at the registry, or registered by an earlier run.
    Already(Registration),
    /// Accepted; a ticket decides.
    Ticketed {
        /// Its number.
        number: String,
        /// Its last known status.
        status: Option<String>,
        /// The net, if the answer held one too.
        net: Option<Registration>,
    },
    /// The registry said no, or holds the range differently.
    Rejected {
        /// `E_…`, or `conflict`.
        code: String,
        /// For people.
        message: String,
        /// The net that is in the way.
        net: Option<Registration>,
    },
    /// Changed in place: the net as it is now.
    Modified(Registration),
    /// Removed, and proved gone by reading.
    Removed {
        /// The net as it was.
        net: Registration,
        /// What is left to know, such as a customer that could not be deleted.
        #[serde(default)]
        note: Option<String>,
    },
    /// A guard keeps it, found only when it was about to be sent.
    Held {
        /// Which, as in `stale`.
        code: String,
        /// For people.
        message: String,
        /// The net as it is now.
        net: Option<Registration>,
    },
    /// A person must look.
    Unresolved {
        /// For people: what was sent, what was read, what to do.
        message: String,
        /// The net that was found.
        net: Option<Registration>,
    },
}

/// One thing that happened to a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A write is about to leave: durable before its first byte does.
    Intended {
        /// Number of the attempt within the row, from 1.
        attempt: u32,
        /// Which write.
        op: Op,
        /// The request, without key and host.
        request: WireRequest,
        /// SHA-256 of its body, in hex.
        body_sha256: String,
        /// RFC 3339.
        at: String,
    },
    /// The write is proved not to have left.
    NotSent {
        /// Why.
        reason: String,
    },
    /// The write left in whole or in part, and no answer came.
    NoAnswer {
        /// Why.
        reason: String,
    },
    /// The answer as it came: durable before it is parsed.
    Answered {
        /// The answer.
        answer: RawAnswer,
    },
    /// The registry said that it did not act, and may later.
    Postponed {
        /// `E_…` or the status.
        reason: String,
    },
    /// The before-image: what is about to be changed, just read.
    Before(Box<Image>),
    /// A change is proved to have happened, by its answer or by reading.
    Took(ChangeOp),
    /// The recipient exists now.
    RecipientCreated(Created),
    /// The answer proves nothing.
    Doubtful {
        /// Why.
        reason: String,
        /// A ticket number that was legible in it all the same.
        #[serde(default)]
        ticket: Option<String>,
    },
    /// Two agreeing reads proved that the unknown write did not happen.
    ProvedAbsent,
    /// The row is done.
    Concluded(Outcome),
    /// Nothing was sent for the row, and why; it may be later.
    Waits {
        /// Machine-readable reason.
        code: String,
        /// For people.
        message: String,
    },
    /// A later run goes on with the row.
    TakenOver {
        /// Which.
        run: i64,
    },
    /// The row's ticket was asked for.
    TicketRead {
        /// Its status.
        status: Option<String>,
        /// Its resolution, once there is one.
        resolution: Option<String>,
        /// RFC 3339.
        at: String,
    },
    /// A person settled the row (`swip resolve`).
    Resolved {
        /// How.
        how: Resolution,
        /// Their note.
        note: Option<String>,
        /// RFC 3339.
        at: String,
    },
}

/// How a person settled a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    /// This net or customer is the row's.
    Adopted(String),
    /// Nothing came of the write: it may be sent again.
    Absent,
    /// Left as it is for now.
    Held,
}

impl Outcome {
    /// The net that an outcome is about.
    #[must_use]
    pub const fn net(&self) -> Option<&Registration> {
        match self {
            Self::Registered(net)
            | Self::Already(net)
            | Self::Modified(net)
            | Self::Removed { net, .. } => Some(net),
            Self::Ticketed { net, .. }
            | Self::Rejected { net, .. }
            | Self::Held { net, .. }
            | Self::Unresolved { net, .. } => net.as_ref(),
        }
    }
}

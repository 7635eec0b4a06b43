//! A row after reading: the request if every cell parsed, else what could be read, and findings.
//!
//! The seam between intake and plan. Must not know: CSV, formats, rules across rows.

use super::block::AddressRange;
use super::finding::Finding;
use super::handle::NetHandle;
use super::request::{Action, RowAt, SwipRequest};

/// What is known of a row whatever its findings: enough to report it and to protect its space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowFacts {
    /// The user's own id.
    pub reference: Option<String>,
    /// The action, named or implied by the recipient.
    pub action: Option<Action>,
    /// The parent the row names, if it is a handle.
    pub parent_net: Option<NetHandle>,
    /// The block, if it could be read.
    pub block: Option<AddressRange>,
    /// The net name as written, unless empty.
    pub net_name: Option<String>,
    /// The recipient's name, else its handle, as written.
    pub recipient: Option<String>,
    /// The new customer's or org's name, as written.
    pub recipient_name: Option<String>,
    /// The existing customer, as written.
    pub customer_handle: Option<String>,
    /// The existing org, as written.
    pub org_handle: Option<String>,
    /// Whether the row says, or might say, that the recipient is private: an unreadable
    /// `private` cell counts as private, so that nothing is shown by mistake.
    pub private: bool,
}

/// A row as intake hands it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRow {
    /// Where it stands.
    pub at: RowAt,
    /// What is known of it.
    pub facts: RowFacts,
    /// The request; `None` exactly when `findings` holds an error.
    pub request: Option<SwipRequest>,
    /// What is wrong with it on its own.
    pub findings: Vec<Finding>,
}

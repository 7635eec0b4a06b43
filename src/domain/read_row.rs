//! A row after reading: borrowed as the rules judge it, and owned as it is planned.
//!
//! The seam between intake and plan. Must not know: CSV, formats, rules across rows.

use jiff::civil::Date;

use super::block::AddressRange;
use super::finding::Finding;
use super::handle::NetHandle;
use super::request::{Action, RowAt, SwipRequest};

/// A cell as written. It is UTF-8, as its whole input was proved to be; that is proved again where
/// it is asked for as text, since few cells ever are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written<'r>(&'r [u8]);

impl<'r> Written<'r> {
    /// Bytes of a text.
    #[must_use]
    pub const fn new(bytes: &'r [u8]) -> Self {
        Self(bytes)
    }

    /// The text.
    #[must_use]
    pub fn as_str(self) -> &'r str {
        std::str::from_utf8(self.0).unwrap_or_default()
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(self) -> &'r [u8] {
        self.0
    }
}

impl<'r> From<&'r str> for Written<'r> {
    fn from(text: &'r str) -> Self {
        Self(text.as_bytes())
    }
}

/// A row as the rules judge it: borrowed from its record, every cell parsed, nothing owned.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowView<'r> {
    /// Where it stands.
    pub at: RowAt,
    /// The parent it names, if that is a handle by its form.
    pub parent_net: Option<Written<'r>>,
    /// Whether its parent cell holds something else.
    pub parent_unreadable: bool,
    /// Its block, if it could be read.
    pub block: Option<AddressRange>,
    /// Its net name as written.
    pub net_name: Option<Written<'r>>,
    /// What it asks for, named or implied by the recipient.
    pub action: Option<Action>,
    /// Whether it names the action itself.
    pub action_named: bool,
    /// An existing customer, as written.
    pub customer: Option<Written<'r>>,
    /// An existing org, as written.
    pub org: Option<Written<'r>>,
    /// The name of a new customer or org, as written.
    pub recipient: Option<Written<'r>>,
    /// Date of the assignment.
    pub assigned_on: Option<Date>,
    /// Whether its own cells raised no error.
    pub sound: bool,
}

impl<'r> RowView<'r> {
    /// The existing customer of a simple reassignment.
    #[must_use]
    pub fn existing_customer(&self) -> Option<&'r str> {
        let simple = self.sound && self.action == Some(Action::ReassignSimple);
        self.customer.filter(|_| simple).map(Written::as_str)
    }
}

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

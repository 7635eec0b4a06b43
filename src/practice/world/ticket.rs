//! Tickets: their messages, and what happens when they are resolved.
//!
//! Owns the ticket's record. Must not know: when it is resolved (service), XML.

use serde::{Deserialize, Serialize};

use super::record::{NetRecord, OrgRecord};

/// An attachment of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentRecord {
    /// Id: 32 hexadecimal digits.
    pub id: String,
    /// File name.
    pub filename: String,
    /// Contents, base64.
    pub data: String,
}

/// A message of a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MessageRecord {
    /// Number within the ticket, from 1.
    pub message_id: u32,
    /// Date.
    pub created_date: String,
    /// `NONE` or `JUSTIFICATION`.
    pub category: String,
    /// Subject.
    pub subject: Option<String>,
    /// Text lines.
    pub text: Vec<String>,
    /// Attachments.
    pub attachments: Vec<AttachmentRecord>,
}

/// What a resolved ticket does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Registers a net.
    Register(Box<NetRecord>),
    /// Removes a net and everything below it.
    Remove(String),
    /// Creates an org.
    CreateOrg(Box<OrgRecord>),
    /// Lists everything below a net.
    ReassignmentReport(String),
    /// Lists what a key's user may manage.
    AssociationsReport(String),
    /// Lists the history of an address or an AS number.
    WhoWasReport(String),
    /// Nothing.
    None,
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TicketRecord {
    /// Number.
    pub ticket_no: String,
    /// Type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Status.
    pub status: String,
    /// Resolution, once there is one.
    #[serde(default)]
    pub resolution: Option<String>,
    /// Created.
    pub created_date: String,
    /// Changed.
    #[serde(default)]
    pub updated_date: String,
    /// Resolved.
    #[serde(default)]
    pub resolved_date: Option<String>,
    /// Closed.
    #[serde(default)]
    pub closed_date: Option<String>,
    /// The org that shares it.
    #[serde(default)]
    pub org_handle: Option<String>,
    /// The key that opened it.
    #[serde(default)]
    pub key: String,
    /// How often it was asked for.
    #[serde(default)]
    pub polls: u32,
    /// Milliseconds since the Unix epoch at which it was opened.
    #[serde(default)]
    pub opened_ms: i64,
    /// Whether it will be denied.
    #[serde(default)]
    pub denied: bool,
    /// Messages, oldest first.
    #[serde(default)]
    pub messages: Vec<MessageRecord>,
    /// What it does when it is resolved.
    pub effect: Effect,
}

impl TicketRecord {
    /// Whether somebody still has to decide.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.status.as_str(), "RESOLVED" | "CLOSED")
    }

    /// A message by its number.
    #[must_use]
    pub fn message(&self, id: &str) -> Option<&MessageRecord> {
        let id: u32 = id.parse().ok()?;
        self.messages.iter().find(|message| message.message_id == id)
    }
}

//! `ticket` (ARIN "Ticket Payload") and `ticketedRequest`.
//!
//! A ticket's `shared` and `orgHandle` are in the shared-ticket namespace. Must not know: what
//! opened a ticket.

use super::element::payload;
use super::message::{MessageReferences, Messages};
use super::net::NetPayload;

payload! {
    /// A ticket. Type, status and resolution are open lists of codes; dates and resolution are
    /// absent until they exist.
    TicketPayload as "ticket" {
        /// Ticket number, as in `20261123-X17`.
        number: String = "ticketNo",
        /// Type, as in `USER_REASSIGNMENT_REPORT`.
        kind: String = "webTicketType",
        /// Status, as in `PENDING_REVIEW`.
        status: String = "webTicketStatus",
        /// Resolution, as in `PROCESSED`, once there is one.
        resolution: String = "webTicketResolution",
        /// Created.
        created_at: String = "createdDate",
        /// Last changed.
        updated_at: String = "updatedDate",
        /// Resolved.
        resolved_at: String = "resolvedDate",
        /// Closed.
        closed_at: String = "closedDate",
        /// Whether ARIN's staff flagged it.
        flagged: String = "flagged",
        /// Whether it is shared within an org.
        shared: bool = "s:shared" / "s.shared",
        /// The org that shares it.
        org_handle: String = "s:orgHandle" / "s.orgHandle",
        /// Its messages.
        messages: Messages = "messages",
        /// Or references to them.
        message_references: MessageReferences = "messageReferences",
    }
}

/// Status of a ticket that is decided, with its outcome.
const RESOLVED: &str = "RESOLVED";
/// Status of a ticket that takes no more messages.
const CLOSED: &str = "CLOSED";

impl TicketPayload {
    /// Whether the registry has nothing left to do: it is resolved or closed.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.status.as_deref().map(str::trim), Some(RESOLVED | CLOSED))
    }

    /// This ticket as a modification of `current`: a status with everything else echoed.
    #[must_use]
    pub fn echoing(self, current: &Self) -> Self {
        let status = self.status.or_else(|| current.status.clone());
        Self { status, messages: None, message_references: None, ..current.clone() }
    }
}

payload! {
    /// The answer to a request that may need staff: a net, a ticket, or by a careless server
    /// both.
    TicketedRequestPayload as "ticketedRequest" {
        /// The net, when it was done at once.
        net: NetPayload = "net",
        /// The ticket that will decide.
        ticket: TicketPayload = "ticket",
    }
}

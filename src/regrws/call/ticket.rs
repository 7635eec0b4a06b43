//! Ticket methods (ARIN "Ticket Methods"). Tickets opened elsewhere are there too, those of the
//! W series excepted.
//!
//! Must not know: what opened a ticket.

use super::segment::{AttachmentId, encoded};
use super::{bare, calls, get, write};
use crate::domain::TicketNumber;
use crate::regrws::payload::{
    CollectionPayload, MessagePayload, TicketPayload, TicketStatus, TicketType,
};
use crate::regrws::wire::{Method, WireRequest};

/// Which tickets are listed; one of type and status must be given. Some codes are for searches:
/// [`TicketType::Any`], [`TicketStatus::Any`], [`TicketStatus::AnyOpen`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketFilter {
    /// Those of a type.
    Kind(TicketType),
    /// Those with a status.
    Status(TicketStatus),
    /// Those of a type with a status.
    Both(TicketType, TicketStatus),
}

impl TicketFilter {
    /// As matrix parameters.
    fn matrix(&self) -> String {
        match self {
            Self::Kind(kind) => format!(";ticketType={}", encoded(kind.code())),
            Self::Status(status) => format!(";ticketStatus={}", encoded(status.code())),
            Self::Both(kind, status) => {
                let (kind, status) = (encoded(kind.code()), encoded(status.code()));
                format!(";ticketType={kind};ticketStatus={status}")
            }
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the form of every call's value")]
fn tickets(list: CollectionPayload) -> Result<Vec<TicketPayload>, String> {
    Ok(list.tickets)
}

calls! {
    /// Get a ticket with its messages: `GET /ticket/NUMBER?msgRefs=…`. Refused with 413 when
    /// its attachments are too large together; references are always small enough.
    GetTicket {
        /// Which ticket.
        number: TicketNumber,
        /// References in place of messages.
        references: bool,
    } -> TicketPayload { get(format!("/rest/ticket/{number}?msgRefs={references}")) }

    /// Get a ticket without its messages: `GET /ticket/NUMBER/summary`.
    TicketSummary(number: TicketNumber) -> TicketPayload {
        get(format!("/rest/ticket/{number}/summary"))
    }

    /// List tickets with their messages: `GET /ticket;ticketType=…;ticketStatus=…`.
    ListTickets(filter: TicketFilter) -> CollectionPayload => Vec<TicketPayload>, tickets {
        get(format!("/rest/ticket{}", filter.matrix()))
    }

    /// List tickets without their messages: `GET /ticket/summary;ticketType=…;ticketStatus=…`.
    ListTicketSummaries(filter: TicketFilter) -> CollectionPayload => Vec<TicketPayload>, tickets {
        get(format!("/rest/ticket/summary{}", filter.matrix()))
    }

    /// Get a message of a ticket, with references to its attachments:
    /// `GET /ticket/NUMBER/message/ID`.
    GetMessage {
        /// Which ticket.
        number: TicketNumber,
        /// Which message.
        message: i64,
    } -> MessagePayload { get(format!("/rest/ticket/{number}/message/{message}")) }

    /// Add a message to a ticket, with attachments: `PUT /ticket/NUMBER/message`. Not on a
    /// closed one.
    AddMessage {
        /// Which ticket.
        number: TicketNumber,
        /// The message, without id and date.
        message: MessagePayload,
    } -> MessagePayload { write(Method::Put, format!("/rest/ticket/{number}/message"), message) }

    /// Modify a ticket: `PUT /ticket/NUMBER`. Only its status can change, from `RESOLVED` to
    /// `CLOSED`.
    ModifyTicket {
        /// Which ticket.
        number: TicketNumber,
        /// As it shall be, with everything else echoed ([`TicketPayload::echoing`]).
        ticket: TicketPayload,
    } -> TicketPayload { write(Method::Put, format!("/rest/ticket/{number}"), ticket) }

    /// Close a resolved ticket: `PUT /ticket/NUMBER/ticketStatus/CLOSED`.
    CloseTicket(number: TicketNumber) -> TicketPayload {
        bare(Method::Put, format!("/rest/ticket/{number}/ticketStatus/CLOSED"))
    }
}

/// Get an attachment: `GET /ticket/NUMBER/message/ID/attachment/AID`. The answer is the file
/// itself, so this is no [`super::Call`]; see `Client::download`.
#[derive(Clone, Debug)]
pub struct TicketAttachment {
    /// Which ticket.
    pub number: TicketNumber,
    /// Which message.
    pub message: i64,
    /// Which attachment.
    pub attachment: AttachmentId,
}

impl TicketAttachment {
    /// The request; pure.
    #[must_use]
    pub fn request(&self) -> WireRequest {
        let Self { number, message, attachment } = self;
        let attachment = attachment.encoded();
        get(format!("/rest/ticket/{number}/message/{message}/attachment/{attachment}"))
    }
}

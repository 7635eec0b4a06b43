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
    /// Get a ticket with its messages: `GET /ticket/NUMBER?msgRefs=…` (ARIN "Get Ticket Details").
    ///
    /// Errors: 413, its attachments are too large together: ask for references, which are small; 404
    /// `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::{AssociationsReport, GetTicket};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let opened = arin.send(&AssociationsReport {}).await?;
    /// let number = opened.ticket_number().ok_or("a ticket has a number")?;
    /// let ticket = arin.send(&GetTicket { number, references: true }).await?;
    /// assert!(ticket.messages.is_none());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    GetTicket {
        /// Which ticket.
        number: TicketNumber,
        /// References in place of messages.
        references: bool,
    } -> TicketPayload { get(format!("/rest/ticket/{number}?msgRefs={references}")) }

    /// Get a ticket without its messages: `GET /ticket/NUMBER/summary` (ARIN "Get Ticket Summary").
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`; report tickets are deleted 90 days after they were closed.
    ///
    /// ```
    /// use swip::regrws::{AssociationsReport, TicketSummary};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let opened = arin.send(&AssociationsReport {}).await?;
    /// let number = opened.ticket_number().ok_or("a ticket has a number")?;
    /// while !arin.send(&TicketSummary(number.clone())).await?.is_settled() {}
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    TicketSummary(number: TicketNumber) -> TicketPayload {
        get(format!("/rest/ticket/{number}/summary"))
    }

    /// List tickets with their messages: `GET /ticket;ticketType=…;ticketStatus=…` (ARIN "Get Ticket
    /// Payload List").
    ///
    /// Errors: 400 `E_BAD_REQUEST`, an unknown code.
    ///
    /// ```
    /// use swip::regrws::{ListTickets, TicketFilter, TicketStatus};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let open = TicketFilter::Status(TicketStatus::AnyOpen);
    /// assert!(arin.send(&ListTickets(open)).await?.is_empty());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ListTickets(filter: TicketFilter) -> CollectionPayload => Vec<TicketPayload>, tickets {
        get(format!("/rest/ticket{}", filter.matrix()))
    }

    /// List tickets without their messages: `GET /ticket/summary;ticketType=…;ticketStatus=…` (ARIN "Get
    /// Ticket Summary List").
    ///
    /// Errors: 400 `E_BAD_REQUEST`, an unknown code.
    ///
    /// ```
    /// use swip::regrws::{AssociationsReport, ListTicketSummaries, TicketFilter, TicketType};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// arin.send(&AssociationsReport {}).await?;
    /// let kind = TicketFilter::Kind(TicketType::AssociationsReport);
    /// assert_eq!(arin.send(&ListTicketSummaries(kind)).await?.len(), 1);
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ListTicketSummaries(filter: TicketFilter) -> CollectionPayload => Vec<TicketPayload>, tickets {
        get(format!("/rest/ticket/summary{}", filter.matrix()))
    }

    /// Get a message of a ticket, with references to its attachments: `GET /ticket/NUMBER/message/ID`
    /// (ARIN "Get Message").
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`, no such ticket or message.
    ///
    /// ```
    /// use swip::regrws::{AddMessage, AssociationsReport, GetMessage};
    /// use swip::regrws::payload::{Lines, MessagePayload};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let opened = arin.send(&AssociationsReport {}).await?;
    /// let number = opened.ticket_number().ok_or("a ticket has a number")?;
    /// let (subject, text) = (Some("Hurry".into()), Lines::of(&["Please."]));
    /// let message = MessagePayload { subject, text, ..MessagePayload::default() };
    /// let sent = arin.send(&AddMessage { number: number.clone(), message }).await?;
    /// let message = sent.id.ok_or("a message has an id")?;
    /// let message = arin.send(&GetMessage { number, message }).await?;
    /// assert_eq!(message.subject.as_deref(), Some("Hurry"));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    GetMessage {
        /// Which ticket.
        number: TicketNumber,
        /// Which message.
        message: i64,
    } -> MessagePayload { get(format!("/rest/ticket/{number}/message/{message}")) }

    /// Add a message to a ticket, with attachments in base64: `PUT /ticket/NUMBER/message` (ARIN "Add
    /// Message").
    ///
    /// Errors: 400 `E_BAD_REQUEST`, the ticket is closed; 400 `E_ENTITY_VALIDATION`, an unknown
    /// category; 404 `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::{AddMessage, AssociationsReport};
    /// use swip::regrws::payload::{AttachmentPayload, Lines, MessagePayload};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let opened = arin.send(&AssociationsReport {}).await?;
    /// let number = opened.ticket_number().ok_or("a ticket has a number")?;
    /// let file = AttachmentPayload {
    ///     data: Some("UmVtb3ZlZA==".into()),
    ///     filename: Some("order.txt".into()),
    /// };
    /// let message = MessagePayload {
    ///     subject: Some("Evidence".into()),
    ///     text: Lines::of(&["See the order."]),
    ///     attachments: Some(vec![file].into()),
    ///     ..MessagePayload::default()
    /// };
    /// let sent = arin.send(&AddMessage { number, message }).await?;
    /// assert!(sent.id.is_some() && sent.attachment_references.is_some());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    AddMessage {
        /// Which ticket.
        number: TicketNumber,
        /// The message, without id and date.
        message: MessagePayload,
    } -> MessagePayload { write(Method::Put, format!("/rest/ticket/{number}/message"), message) }

    /// Modify a ticket: `PUT /ticket/NUMBER` (ARIN "Modify Ticket"). Only its status can change, from
    /// `RESOLVED` to `CLOSED`.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION` or `E_BAD_REQUEST`, another change; 404 `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::{CreateOwnOrg, ModifyTicket, TicketPayload, TicketStatus, TicketSummary};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let asked = arin.send(&CreateOwnOrg(rehearsal::org())).await?;
    /// let number = asked.ticket_number().ok_or("a ticket has a number")?;
    /// while !arin.send(&TicketSummary(number.clone())).await?.is_settled() {}
    /// let current = arin.send(&TicketSummary(number.clone())).await?;
    /// let status = Some(TicketStatus::Closed);
    /// let ticket = TicketPayload { status, ..TicketPayload::default() }.echoing(&current);
    /// let closed = arin.send(&ModifyTicket { number, ticket }).await?;
    /// assert_eq!(closed.status, Some(TicketStatus::Closed));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ModifyTicket {
        /// Which ticket.
        number: TicketNumber,
        /// As it shall be, with everything else echoed ([`TicketPayload::echoing`]).
        ticket: TicketPayload,
    } -> TicketPayload { write(Method::Put, format!("/rest/ticket/{number}"), ticket) }

    /// Close a resolved ticket: `PUT /ticket/NUMBER/ticketStatus/CLOSED` (ARIN "Set Ticket Status").
    ///
    /// Errors: 400 `E_BAD_REQUEST`, not resolved yet or closed already; 404 `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::{CloseTicket, CreateOwnOrg, TicketStatus, TicketSummary};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let asked = arin.send(&CreateOwnOrg(rehearsal::org())).await?;
    /// let number = asked.ticket_number().ok_or("a ticket has a number")?;
    /// while !arin.send(&TicketSummary(number.clone())).await?.is_settled() {}
    /// let closed = arin.send(&CloseTicket(number)).await?;
    /// assert_eq!(closed.status, Some(TicketStatus::Closed));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    CloseTicket(number: TicketNumber) -> TicketPayload {
        bare(Method::Put, format!("/rest/ticket/{number}/ticketStatus/CLOSED"))
    }
}

/// Get an attachment: `GET /ticket/NUMBER/message/ID/attachment/AID` (ARIN "Get Attachment"). The
/// answer is the file itself, so this is no [`Call`](super::Call): `Client::download` streams it.
///
/// Errors: 404 `E_OBJECT_NOT_FOUND`.
///
/// ```
/// use swip::regrws::{GetTicket, ReassignmentReport, TicketAttachment, TicketSummary};
///
/// # swip::rehearsal::run(async |arin| {
/// let opened = arin.send(&ReassignmentReport("NET-192-0-2-0-1".parse()?)).await?;
/// let number = opened.ticket_number().ok_or("a ticket has a number")?;
/// while !arin.send(&TicketSummary(number.clone())).await?.is_settled() {}
/// let ticket = arin.send(&GetTicket { number, references: true }).await?;
/// let (call, _name) = TicketAttachment::all(&ticket).pop().ok_or("the report is attached")?;
/// let mut file = Vec::new(); // or a file
/// let saved = arin.download(&call.request(), &mut file).await?;
/// assert_eq!(saved.bytes, file.len() as u64);
/// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
/// ```
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
    /// The attachments of a ticket that was got by references, with their names as the registry
    /// gave them: not to be trusted as paths.
    #[must_use]
    pub fn all(ticket: &TicketPayload) -> Vec<(Self, String)> {
        let Some(number) = ticket.ticket_number() else { return Vec::new() };
        let messages = ticket.message_references.iter().flat_map(|all| &all.reference);
        let mut found = Vec::new();
        for (reference, message) in
            messages.filter_map(|reference| Some((reference, reference.id?)))
        {
            for file in reference.attachment_references.iter().flat_map(|all| &all.reference) {
                let id = file.id.as_deref().map(str::trim).and_then(|id| id.parse().ok());
                if let Some(attachment) = id {
                    let call = Self { number: number.clone(), message, attachment };
                    found.push((call, file.filename.clone().unwrap_or_default()));
                }
            }
        }
        found
    }

    /// The request; pure.
    #[must_use]
    pub fn request(&self) -> WireRequest {
        let Self { number, message, attachment } = self;
        let attachment = attachment.encoded();
        get(format!("/rest/ticket/{number}/message/{message}/attachment/{attachment}"))
    }
}

//! `ticket` (ARIN "Ticket Payload") and `ticketedRequest`.
//!
//! A ticket's `shared` and `orgHandle` are in the shared-ticket namespace. Must not know: what
//! opened a ticket.

use super::element::{codes, payload};
use super::message::{MessagePayload, MessageReferences, Messages};
use super::net::NetPayload;
use crate::domain::TicketNumber;

codes! {
    /// What a ticket is about; the types that have to do with nets, orgs and reports.
    TicketType {
        /// A large simple reassignment, by the older document.
        Ipv4SimpleReassign = "IPV4_SIMPLE_REASSIGN",
        /// A large detailed reassignment, by the older document.
        Ipv4DetailedReassign = "IPV4_DETAILED_REASSIGN",
        /// A large reallocation, by the older document.
        Ipv4Reallocate = "IPV4_REALLOCATE",
        /// A second IPv6 reassignment to an org, by the older document.
        Ipv6DetailedReassign = "IPV6_DETAILED_REASSIGN",
        /// A second IPv6 reallocation to an org, by the older document.
        Ipv6Reallocate = "IPV6_REALLOCATE",
        /// Deletion of a net that has children.
        NetDelete = "NET_DELETE_REQUEST",
        /// An org of one's own.
        OrgCreate = "ORG_CREATE",
        /// A reassignment report asked for by a user.
        UserReassignmentReport = "USER_REASSIGNMENT_REPORT",
        /// A reassignment report.
        ReassignmentReport = "REASSIGNMENT_REPORT",
        /// A report of associations.
        AssociationsReport = "ASSOCIATIONS_REPORT",
        /// A WhoWas report.
        WhoWasReport = "WHOWAS_REPORT",
        /// Access to WhoWas reports.
        WhoWasAccess = "WHOWAS_ACCESS",
        /// A question to ARIN's staff.
        Question = "QUESTION",
        /// Every type; in searches alone.
        Any = "ANY",
    }
}

impl TicketType {
    /// Whether a ticket of this type decides a reassignment or reallocation; one of a type that
    /// is not listed here by its name.
    #[must_use]
    pub fn is_assignment(&self) -> bool {
        let code = self.code();
        (code.contains("REASSIGN") || code.contains("REALLOC")) && !code.contains("REPORT")
    }
}

codes! {
    /// Where a ticket stands.
    TicketStatus {
        /// Waits for a confirmation of ours.
        PendingConfirmation = "PENDING_CONFIRMATION",
        /// Waits for ARIN's staff.
        PendingReview = "PENDING_REVIEW",
        /// Waits for an answer of ours.
        PendingCustomerReview = "PENDING_CUSTOMER_REVIEW",
        /// With one of ARIN's staff.
        Assigned = "ASSIGNED",
        /// Being worked on.
        InProgress = "IN_PROGRESS",
        /// On a waiting list.
        WaitList = "WAIT_LIST",
        /// Approved, and not done yet.
        Approved = "APPROVED",
        /// Decided.
        Resolved = "RESOLVED",
        /// Decided, and takes no more messages.
        Closed = "CLOSED",
        /// Every status; in searches alone.
        Any = "ANY",
        /// Every status but closed; in searches alone.
        AnyOpen = "ANY_OPEN",
    }
}

codes! {
    /// What a ticket came to.
    TicketResolution {
        /// Granted.
        Accepted = "ACCEPTED",
        /// Refused.
        Denied = "DENIED",
        /// Nobody answered in time.
        Abandoned = "ABANDONED",
        /// A question was answered.
        Answered = "ANSWERED",
        /// A long task is done: a report, the deletion of a large net.
        Processed = "PROCESSED",
        /// Another ticket asks for the same.
        Duplicate = "DUPLICATE",
        /// Taken back.
        Withdrawn = "WITHDRAWN",
        /// Tried in vain.
        Unsuccessful = "UNSUCCESSFUL",
        /// `OTHER`, the registry's own word for none of these.
        NoneOfThese = "OTHER",
    }
}

payload! {
    /// A ticket. Dates and resolution are absent until they exist.
    ///
    /// ```
    /// use swip::regrws::{AssociationsReport, TicketStatus, TicketType};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let ticket = arin.send(&AssociationsReport {}).await?;
    /// assert_eq!(ticket.kind, Some(TicketType::AssociationsReport));
    /// assert_eq!(ticket.status, Some(TicketStatus::InProgress));
    /// assert!(!ticket.is_settled() && ticket.resolution.is_none());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    TicketPayload as "ticket" {
        /// Ticket number, as in `20261123-X17`.
        number: String = "ticketNo",
        /// Type, as in `USER_REASSIGNMENT_REPORT`.
        kind: TicketType = "webTicketType",
        /// Status, as in `PENDING_REVIEW`.
        status: TicketStatus = "webTicketStatus",
        /// Resolution, as in `PROCESSED`, once there is one.
        resolution: TicketResolution = "webTicketResolution",
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

impl TicketPayload {
    /// Whether the registry has nothing left to do: it is resolved or closed.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.status, Some(TicketStatus::Resolved | TicketStatus::Closed))
    }

    /// Its number, when it has one that can be asked for.
    #[must_use]
    pub fn ticket_number(&self) -> Option<TicketNumber> {
        TicketNumber::from_registry(self.number.as_deref()?.trim()).ok()
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
    ///
    /// ```
    /// use swip::regrws::{Assign, Call, NetPayload};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let net = NetPayload { org_handle: Some("MAPLE-7".into()), ..rehearsal::net() };
    /// let call = Assign { parent: "NET-192-0-2-0-1".parse()?, reallocate: true, net };
    /// let answer = Assign::payload(&arin.exchange(&call.request()).await?)?;
    /// assert!(answer.net.is_some() && answer.ticket.is_none());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    TicketedRequestPayload as "ticketedRequest" {
        /// The net, when it was done at once.
        net: NetPayload = "net",
        /// The ticket that will decide.
        ticket: TicketPayload = "ticket",
        /// A message alone, which the schema allows and no method answers with.
        message: MessagePayload = "message",
    }
}

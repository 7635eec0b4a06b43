//! Report methods (ARIN "Report Methods"): each GET opens a ticket, so none is ever repeated by
//! itself. The report is an attachment of the ticket once that is settled; it is kept for 90 days.
//!
//! Must not know: how a ticket is followed.

use std::net::IpAddr;

use super::calls;
use crate::domain::NetHandle;
use crate::regrws::payload::TicketPayload;
use crate::regrws::wire::{Effect, Method, WireRequest};

/// A GET that opens a ticket.
fn opens(path: String) -> WireRequest {
    WireRequest { method: Method::Get, path, body: None, effect: Effect::OpensTicket }
}

calls! {
    /// Ask for all that is reassigned and reallocated under a net of type DA or A:
    /// `GET /report/reassignment/HANDLE` (ARIN "Reassignment Report").
    ///
    /// Errors: 400 `E_BAD_REQUEST`, a net of another type; 401 `E_AUTHENTICATION`; 404
    /// `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::{ReassignmentReport, TicketType};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let ticket = arin.send(&ReassignmentReport("NET-192-0-2-0-1".parse()?)).await?;
    /// assert_eq!(ticket.kind, Some(TicketType::UserReassignmentReport));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ReassignmentReport(handle: NetHandle) -> TicketPayload {
        opens(format!("/rest/report/reassignment/{handle}"))
    }

    /// Ask for all records that the user of the key is associated with: `GET /report/associations` (ARIN
    /// "Associations Report").
    ///
    /// ```
    /// use swip::regrws::{AssociationsReport, TicketType};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let ticket = arin.send(&AssociationsReport {}).await?;
    /// assert_eq!(ticket.kind, Some(TicketType::AssociationsReport));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    AssociationsReport {} -> TicketPayload { opens("/rest/report/associations".to_owned()) }

    /// Ask for the history of an address: `GET /report/whoWas/net/ADDRESS` (ARIN "WhoWas NET Report").
    ///
    /// Errors: 401 `E_AUTHENTICATION`, the key's user has no WhoWas access.
    ///
    /// ```
    /// use swip::regrws::{TicketType, WhoWasNet};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let ticket = arin.send(&WhoWasNet("192.0.2.8".parse()?)).await?;
    /// assert_eq!(ticket.kind, Some(TicketType::WhoWasReport));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    WhoWasNet(address: IpAddr) -> TicketPayload {
        opens(format!("/rest/report/whoWas/net/{address}"))
    }

    /// Ask for the history of an autonomous system: `GET /report/whoWas/asn/NUMBER` (ARIN "WhoWas ASN
    /// Report").
    ///
    /// Errors: 401 `E_AUTHENTICATION`, the key's user has no WhoWas access.
    ///
    /// ```
    /// use swip::regrws::WhoWasAsn;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let ticket = arin.send(&WhoWasAsn(64496)).await?;
    /// assert!(ticket.ticket_number().is_some());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    WhoWasAsn(number: u32) -> TicketPayload { opens(format!("/rest/report/whoWas/asn/{number}")) }
}

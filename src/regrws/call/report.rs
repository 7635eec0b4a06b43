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
    /// `GET /report/reassignment/HANDLE`.
    ReassignmentReport(handle: NetHandle) -> TicketPayload {
        opens(format!("/rest/report/reassignment/{handle}"))
    }

    /// Ask for all records that the user of the key is associated with:
    /// `GET /report/associations`.
    AssociationsReport {} -> TicketPayload { opens("/rest/report/associations".to_owned()) }

    /// Ask for the history of an address: `GET /report/whoWas/net/ADDRESS`. Needs WhoWas access.
    WhoWasNet(address: IpAddr) -> TicketPayload {
        opens(format!("/rest/report/whoWas/net/{address}"))
    }

    /// Ask for the history of an autonomous system: `GET /report/whoWas/asn/NUMBER`. Needs
    /// WhoWas access.
    WhoWasAsn(number: u32) -> TicketPayload { opens(format!("/rest/report/whoWas/asn/{number}")) }
}

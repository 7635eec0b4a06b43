//! Net methods (ARIN "NET Methods"): reads, changes, reassignments and reallocations.
//!
//! Must not know: rows, plans.

use std::net::IpAddr;

use super::{bare, calls, get, write};
use crate::domain::{
    AddressRange, CustomerHandle, NetHandle, OrgHandle, Registration, TicketNumber,
};
use crate::regrws::payload::{
    CollectionPayload, CustomerPayload, DelegationPayload, NetPayload, OrgPayload, TicketStatus,
    TicketedRequestPayload,
};
use crate::regrws::wire::Method;

/// What a reassignment, reallocation or removal was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Done: the net.
    Net(Registration),
    /// Accepted: a ticket will decide, or has; a careless server sends the net too.
    Ticket {
        /// The ticket's number.
        number: TicketNumber,
        /// Its status, if told.
        status: Option<TicketStatus>,
        /// The net, if told.
        net: Option<Registration>,
    },
}

fn registration(net: &NetPayload) -> Result<Registration, String> {
    net.registration().ok_or_else(|| "its net has no usable handle or blocks".to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "a call's payload is given away")]
fn net(net: NetPayload) -> Result<Registration, String> {
    registration(&net)
}

#[expect(clippy::needless_pass_by_value, reason = "a call's payload is given away")]
fn accepted(answer: TicketedRequestPayload) -> Result<Accepted, String> {
    let net = answer.net.as_ref().map(registration).transpose()?;
    let ticket = answer.ticket.as_ref().and_then(|ticket| {
        let number = TicketNumber::from_registry(ticket.number.as_deref()?.trim()).ok()?;
        Some((number, ticket.status.clone()))
    });
    match (ticket, net) {
        (Some((number, status)), net) => Ok(Accepted::Ticket { number, status, net }),
        (None, Some(net)) => Ok(Accepted::Net(net)),
        (None, None) => Err("it holds neither a net nor a ticket".to_owned()),
    }
}

fn customer_handle(customer: CustomerPayload) -> Result<CustomerHandle, String> {
    let handle = customer.handle.unwrap_or_default();
    CustomerHandle::from_registry(handle.trim()).map_err(|fault| fault.to_string())
}

fn org_handle(org: OrgPayload) -> Result<OrgHandle, String> {
    let handle = org.handle.unwrap_or_default();
    OrgHandle::from_registry(handle.trim()).map_err(|fault| fault.to_string())
}

#[expect(clippy::unnecessary_wraps, reason = "the form of every call's value")]
fn delegations(list: CollectionPayload) -> Result<Vec<DelegationPayload>, String> {
    Ok(list.delegations)
}

#[expect(clippy::needless_pass_by_value, reason = "a call's payload is given away")]
fn nets(list: CollectionPayload) -> Result<Vec<Registration>, String> {
    list.nets.iter().map(registration).collect()
}

/// `START/END` of a range in a path.
fn ends(range: &AddressRange) -> String {
    let (first, last): (IpAddr, IpAddr) = (range.first(), range.last());
    format!("{first}/{last}")
}

calls! {
    /// Get a net: `GET /net/HANDLE`.
    GetNet(handle: NetHandle) -> NetPayload => Registration, net {
        get(format!("/rest/net/{handle}"))
    }

    /// Modify a net: `PUT /net/HANDLE`. Name, comment and POC links can change; what is left out
    /// of these is cleared.
    ModifyNet {
        /// Which net.
        handle: NetHandle,
        /// As it shall be, with what the registry owns echoed ([`NetPayload::echoing`]).
        net: NetPayload,
    } -> NetPayload => Registration, net {
        write(Method::Put, format!("/rest/net/{handle}"), net)
    }

    /// Delete a net of type A or S: `DELETE /net/HANDLE`. One with children gets a ticket, and
    /// its space is free only when that is closed. The customer of a simple reassignment stays.
    DeleteNet(handle: NetHandle) -> TicketedRequestPayload => Accepted, accepted {
        bare(Method::Delete, format!("/rest/net/{handle}"))
    }

    /// Remove a net as [`DeleteNet`] does, with a message to ARIN's staff and attachments:
    /// `PUT /net/HANDLE/remove`.
    RemoveNet {
        /// Which net.
        handle: NetHandle,
        /// The net, with its messages.
        net: NetPayload,
    } -> TicketedRequestPayload => Accepted, accepted {
        write(Method::Put, format!("/rest/net/{handle}/remove"), net)
    }

    /// Reassign or reallocate part of a parent net: `PUT /net/PARENT/reassign`, `…/reallocate`.
    /// A recipient that is a customer makes a reassignment simple, an org detailed.
    Assign {
        /// The parent net.
        parent: NetHandle,
        /// Whether the recipient may reassign it further.
        reallocate: bool,
        /// The net.
        net: NetPayload,
    } -> TicketedRequestPayload => Accepted, accepted {
        write(
            Method::Put,
            format!("/rest/net/{parent}/{}", if *reallocate { "reallocate" } else { "reassign" }),
            net,
        )
    }

    /// Create the customer of a later simple reassignment: `POST /net/PARENT/customer`. A lost
    /// answer is never sent again: nothing in Reg-RWS finds a customer by its name.
    CreateCustomer {
        /// The parent net.
        parent: NetHandle,
        /// The customer.
        customer: CustomerPayload,
    } -> CustomerPayload => CustomerHandle, customer_handle { write(Method::Post, format!("/rest/net/{parent}/customer"), customer) }

    /// Create a recipient org: `POST /net/PARENT/org`. ARIN withdrew it in 2020: a recipient
    /// makes its own Org ID.
    CreateOrg {
        /// The parent net.
        parent: NetHandle,
        /// The org.
        org: OrgPayload,
    } -> OrgPayload => OrgHandle, org_handle { write(Method::Post, format!("/rest/net/{parent}/org"), org) }

    /// The reverse-DNS zones of a net: `GET /net/HANDLE/delegations`.
    NetDelegations(handle: NetHandle) -> CollectionPayload => Vec<DelegationPayload>, delegations {
        get(format!("/rest/net/{handle}/delegations"))
    }

    /// The net a range could be reassigned from: `GET /net/parentNet/START/END`.
    ParentNet(range: AddressRange) -> NetPayload => Registration, net {
        get(format!("/rest/net/parentNet/{}", ends(range)))
    }

    /// The most specific net of exactly a range: `GET /net/mostSpecificNet/START/END`. Compare
    /// the range of the answer: some clients were given the net around it.
    MostSpecificNet(range: AddressRange) -> NetPayload => Registration, net {
        get(format!("/rest/net/mostSpecificNet/{}", ends(range)))
    }

    /// All nets of exactly a range: `GET /net/netsByIpRange/START/END`.
    NetsByIpRange(range: AddressRange) -> CollectionPayload => Vec<Registration>, nets { get(format!("/rest/net/netsByIpRange/{}", ends(range))) }
}

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
    let ticket = answer
        .ticket
        .as_ref()
        .and_then(|ticket| Some((ticket.ticket_number()?, ticket.status.clone())));
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
    /// Get a net: `GET /net/HANDLE` (ARIN "Get NET").
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`, no such net; 401 `E_AUTHENTICATION`, the key's user has no
    /// authority over it.
    ///
    /// ```
    /// use swip::regrws::GetNet;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let net = arin.send(&GetNet("NET-192-0-2-0-1".parse()?)).await?;
    /// assert_eq!(net.block.to_string(), "192.0.2.0/24");
    /// assert!(net.kind.can_be_subdivided());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    GetNet(handle: NetHandle) -> NetPayload => Registration, net {
        get(format!("/rest/net/{handle}"))
    }

    /// Modify a net: `PUT /net/HANDLE` (ARIN "Modify NET"). Name, comment and POC links can change;
    /// what is left out of these is cleared, so begin with the net as it is.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION` with the field that cannot change, or an admin among the POC
    /// links; 404 `E_OBJECT_NOT_FOUND`; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::{Call, GetNet, ModifyNet, NetPayload};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let handle = rehearsal::reassigned(arin).await?.net_handle;
    /// let answer = arin.exchange(&GetNet(handle.clone()).request()).await?;
    /// let current = GetNet::payload(&answer)?;
    /// let renamed = NetPayload { net_name: Some("EDGE EAST".into()), ..current.clone() };
    /// let net = arin.send(&ModifyNet { handle, net: renamed.echoing(&current) }).await?;
    /// assert_eq!(net.net_name, "EDGE-EAST"); // as the registry writes it
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ModifyNet {
        /// Which net.
        handle: NetHandle,
        /// As it shall be, with what the registry owns echoed ([`NetPayload::echoing`]).
        net: NetPayload,
    } -> NetPayload => Registration, net {
        write(Method::Put, format!("/rest/net/{handle}"), net)
    }

    /// Delete a net of type A or S: `DELETE /net/HANDLE` (ARIN "Delete NET"). One with children gets a
    /// ticket, and its space is free only when that is closed. The customer of a simple reassignment
    /// stays.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION`, a direct allocation; 404 `E_OBJECT_NOT_FOUND`; 409, a ticket
    /// about it is open; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::{Accepted, DeleteNet};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let net = rehearsal::reassigned(arin).await?;
    /// let gone = arin.send(&DeleteNet(net.net_handle.clone())).await?;
    /// assert!(matches!(gone, Accepted::Net(last) if last.net_handle == net.net_handle));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    DeleteNet(handle: NetHandle) -> TicketedRequestPayload => Accepted, accepted {
        bare(Method::Delete, format!("/rest/net/{handle}"))
    }

    /// Remove a net as [`DeleteNet`] does, with a message to ARIN's staff and attachments:
    /// `PUT /net/HANDLE/remove` (ARIN "Remove NET").
    ///
    /// Errors: those of [`DeleteNet`]; a 404 may also mean that the registry lacks the method.
    ///
    /// ```
    /// use swip::regrws::payload::{Lines, MessagePayload};
    /// use swip::regrws::{Call, GetNet, NetPayload, RemoveNet};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let handle = rehearsal::reassigned(arin).await?.net_handle;
    /// let current = GetNet::payload(&arin.exchange(&GetNet(handle.clone()).request()).await?)?;
    /// let message = MessagePayload {
    ///     subject: Some("Removal".into()),
    ///     text: Lines::of(&["The customer is gone."]),
    ///     ..MessagePayload::default()
    /// };
    /// let net = NetPayload { messages: Some(vec![message].into()), ..current.clone() };
    /// arin.send(&RemoveNet { handle, net: net.echoing(&current) }).await?;
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    RemoveNet {
        /// Which net.
        handle: NetHandle,
        /// The net, with its messages.
        net: NetPayload,
    } -> TicketedRequestPayload => Accepted, accepted {
        write(Method::Put, format!("/rest/net/{handle}/remove"), net)
    }

    /// Reassign or reallocate part of a parent net: `PUT /net/PARENT/reassign`, `…/reallocate` (ARIN
    /// "Reassign NET", "Reallocate NET"). A recipient that is a customer makes a reassignment simple, an
    /// org detailed. A customer inside the net is created together with it, and no customer can have two
    /// nets. IPv6 goes down to a /64.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION` with the field, `startAddress` when the range overlaps another
    /// net of the same parent (maybe this call's own, whose answer was lost); 403, the parent is not
    /// ours, not active or of another type, or the org takes no reassignments; 409, the range is not
    /// inside the parent; 404, no such parent.
    ///
    /// ```
    /// use swip::regrws::{Accepted, Assign, NetPayload};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let net = NetPayload { customer: Some(rehearsal::customer()), ..rehearsal::net() };
    /// let call = Assign { parent: "NET-192-0-2-0-1".parse()?, reallocate: false, net };
    /// let Accepted::Net(net) = arin.send(&call).await? else { unreachable!("no ticket since 2023") };
    /// assert_eq!((net.net_handle.as_str(), net.net_name.as_str()), ("NET-192-0-2-8-1", "MAPLE-DENTAL"));
    ///
    /// let again = arin.send(&call).await.unwrap_err().to_string();
    /// assert!(again.contains("startAddress: IP range overlaps"), "{again}");
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
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

    /// Create the customer of a later simple reassignment: `POST /net/PARENT/customer` (ARIN "Create
    /// Recipient Customer"). A lost answer is never sent again: nothing in Reg-RWS finds a customer by
    /// its name.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION` with the field; 403, the parent is not ours; 404, no such parent.
    ///
    /// ```
    /// use swip::regrws::{CreateCustomer, GetCustomer};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let parent = "NET-192-0-2-0-1".parse()?;
    /// let handle = arin.send(&CreateCustomer { parent, customer: rehearsal::customer() }).await?;
    /// let customer = arin.send(&GetCustomer(handle)).await?;
    /// assert_eq!(customer.parent_org.as_deref(), Some("EXAMPLE-1"));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    CreateCustomer {
        /// The parent net.
        parent: NetHandle,
        /// The customer.
        customer: CustomerPayload,
    } -> CustomerPayload => CustomerHandle, customer_handle { write(Method::Post, format!("/rest/net/{parent}/customer"), customer) }

    /// Create a recipient org: `POST /net/PARENT/org` (the older document's "Create Recipient Org").
    /// ARIN withdrew it in 2020 (policies ARIN-2017-12 and ARIN-2018-5): a recipient makes its own Org ID.
    ///
    /// Errors: 404 or 405 where the method is gone.
    ///
    /// ```
    /// use swip::regrws::{CallError, CreateOrg};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let call = CreateOrg { parent: "NET-192-0-2-0-1".parse()?, org: rehearsal::org() };
    /// let Err(CallError::Complaint(refusal)) = arin.send(&call).await else { unreachable!() };
    /// assert_eq!(refusal.status(), 405);
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    CreateOrg {
        /// The parent net.
        parent: NetHandle,
        /// The org.
        org: OrgPayload,
    } -> OrgPayload => OrgHandle, org_handle { write(Method::Post, format!("/rest/net/{parent}/org"), org) }

    /// The reverse-DNS zones of a net: `GET /net/HANDLE/delegations` (ARIN "Get Delegations").
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::NetDelegations;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let zones = arin.send(&NetDelegations("NET-192-0-2-0-1".parse()?)).await?;
    /// assert_eq!(zones[0].name.as_deref(), Some("2.0.192.in-addr.arpa."));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    NetDelegations(handle: NetHandle) -> CollectionPayload => Vec<DelegationPayload>, delegations {
        get(format!("/rest/net/{handle}/delegations"))
    }

    /// The net a range could be reassigned from: `GET /net/parentNet/START/END` (ARIN "Get Parent
    /// NET"). Its answer does not prove that the range is free.
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`, no net of type DA or A around it.
    ///
    /// ```
    /// use swip::regrws::ParentNet;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let net = arin.send(&ParentNet("192.0.2.64/27".parse()?)).await?;
    /// assert_eq!(net.net_handle.as_str(), "NET-192-0-2-0-1");
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ParentNet(range: AddressRange) -> NetPayload => Registration, net {
        get(format!("/rest/net/parentNet/{}", ends(range)))
    }

    /// The most specific net of exactly a range: `GET /net/mostSpecificNet/START/END` (ARIN "Get Most
    /// Specific NET"). Compare the range of the answer: some clients were given the net around it.
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`, no net of exactly this range ([`Complaint::is_absent`]).
    ///
    /// [`Complaint::is_absent`]: crate::regrws::Complaint::is_absent
    ///
    /// ```
    /// use swip::regrws::{CallError, MostSpecificNet};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let free = arin.send(&MostSpecificNet("192.0.2.64/27".parse()?)).await;
    /// assert!(matches!(free, Err(CallError::Complaint(refusal)) if refusal.is_absent()));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    MostSpecificNet(range: AddressRange) -> NetPayload => Registration, net {
        get(format!("/rest/net/mostSpecificNet/{}", ends(range)))
    }

    /// All nets of exactly a range: `GET /net/netsByIpRange/START/END` (ARIN "Get NETs by IP Range").
    /// The registry answers from its own records, at once: so a lost answer is settled.
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`, no net of exactly this range.
    ///
    /// ```
    /// use swip::regrws::NetsByIpRange;
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let net = rehearsal::reassigned(arin).await?;
    /// let found = arin.send(&NetsByIpRange("192.0.2.8/29".parse()?)).await?;
    /// assert_eq!(found, [net]);
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    NetsByIpRange(range: AddressRange) -> CollectionPayload => Vec<Registration>, nets { get(format!("/rest/net/netsByIpRange/{}", ends(range))) }
}

//! Calls: each Reg-RWS method as a type bound to its response.
//!
//! Owns methods, paths and how an answer's bytes become a value. Must not know: sockets, keys.

use std::net::IpAddr;

use serde::de::DeserializeOwned;

use super::document;
use super::error::{Complaint, RegistryError};
use super::payload::{
    CustomerPayload, ErrorPayload, NetCollection, NetPayload, OrgPayload, TicketPayload,
    TicketedRequestPayload, body,
};
use super::wire::{Effect, Method, RawAnswer, WireRequest};
use crate::domain::{
    AddressRange, CustomerHandle, NetHandle, OrgHandle, Registration, TicketNumber,
};

/// A method of Reg-RWS.
pub trait Call {
    /// What a good answer holds.
    type Response;

    /// The request; pure.
    fn request(&self) -> WireRequest;

    /// The answer as a value; pure, so that a stored answer can be read again.
    ///
    /// # Errors
    /// [`Complaint`] when the registry refused or the answer is unusable.
    fn decode(answer: &RawAnswer) -> Result<Self::Response, Complaint>;
}

fn get(path: String) -> WireRequest {
    WireRequest { method: Method::Get, path, body: None, effect: Effect::Read }
}

fn write(method: Method, path: String, body: String) -> WireRequest {
    WireRequest { method, path, body: Some(body), effect: Effect::Write }
}

fn unusable(answer: &RawAnswer, reason: impl Into<String>) -> Complaint {
    Complaint::Unusable { status: answer.status, reason: reason.into() }
}

/// Reads an answer whose root should be `root`.
fn read<P: DeserializeOwned>(answer: &RawAnswer, root: &str) -> Result<P, Complaint> {
    if answer.truncated {
        return Err(unusable(answer, "it broke off"));
    }
    if answer.content_encoding.as_deref().is_some_and(|encoding| encoding != "identity") {
        return Err(unusable(answer, "it is compressed, which was not asked for"));
    }
    let document = document::read(&answer.body).map_err(|e| unusable(answer, e.to_string()))?;
    let good = (200..300).contains(&answer.status);
    match document.root.as_str() {
        "error" if !good => {
            let payload: ErrorPayload = parse(answer, &document.xml)?;
            Err(Complaint::Registry(RegistryError::new(answer.status, payload)))
        }
        found if found == root && good => parse(answer, &document.xml),
        found => Err(unusable(answer, format!("it holds <{found}>; <{root}> was expected"))),
    }
}

fn parse<P: DeserializeOwned>(answer: &RawAnswer, xml: &str) -> Result<P, Complaint> {
    quick_xml::de::from_str(xml).map_err(|fault| unusable(answer, fault.to_string()))
}

fn registration(answer: &RawAnswer, net: &NetPayload) -> Result<Registration, Complaint> {
    net.registration().ok_or_else(|| unusable(answer, "its net has no usable handle or blocks"))
}

/// What a reassignment or reallocation was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Done: the net.
    Net(Registration),
    /// Accepted: a ticket will decide, or has; a careless server sends the net too.
    Ticket {
        /// The ticket's number.
        number: TicketNumber,
        /// Its status, if told.
        status: Option<String>,
        /// The net, if told.
        net: Option<Registration>,
    },
}

/// Reassign or reallocate part of a parent (`PUT /net/PARENT/reassign`, `…/reallocate`).
#[derive(Clone, Debug)]
pub struct Assign {
    /// The parent net.
    pub parent: NetHandle,
    /// Whether the recipient may delegate it further.
    pub reallocate: bool,
    /// The net.
    pub net: NetPayload,
}

impl Call for Assign {
    type Response = Accepted;

    fn request(&self) -> WireRequest {
        let verb = if self.reallocate { "reallocate" } else { "reassign" };
        write(Method::Put, format!("/rest/net/{}/{verb}", self.parent), body("net", &self.net))
    }

    fn decode(answer: &RawAnswer) -> Result<Accepted, Complaint> {
        let request: TicketedRequestPayload = read(answer, "ticketedRequest")?;
        let net = request.net.as_ref().map(|net| registration(answer, net)).transpose()?;
        let ticket = request.ticket.as_ref().and_then(|ticket| {
            let number = TicketNumber::from_registry(ticket.number.as_deref()?.trim()).ok()?;
            Some((number, ticket.status.clone()))
        });
        match (ticket, net) {
            (Some((number, status)), net) => Ok(Accepted::Ticket { number, status, net }),
            (None, Some(net)) => Ok(Accepted::Net(net)),
            (None, None) => Err(unusable(answer, "it holds neither a net nor a ticket")),
        }
    }
}

/// Create the customer of a later simple reassignment (`POST /net/PARENT/customer`).
#[derive(Clone, Debug)]
pub struct CreateCustomer {
    /// The parent net.
    pub parent: NetHandle,
    /// The customer.
    pub customer: CustomerPayload,
}

impl Call for CreateCustomer {
    type Response = CustomerHandle;

    fn request(&self) -> WireRequest {
        let path = format!("/rest/net/{}/customer", self.parent);
        write(Method::Post, path, body("customer", &self.customer))
    }

    fn decode(answer: &RawAnswer) -> Result<CustomerHandle, Complaint> {
        let customer: CustomerPayload = read(answer, "customer")?;
        let handle = customer.handle.unwrap_or_default();
        CustomerHandle::from_registry(handle.trim()).map_err(|e| unusable(answer, e.to_string()))
    }
}

/// Create a recipient org (`POST /net/PARENT/org`); withdrawn in 2020.
#[derive(Clone, Debug)]
pub struct CreateOrg {
    /// The parent net.
    pub parent: NetHandle,
    /// The org.
    pub org: OrgPayload,
}

impl Call for CreateOrg {
    type Response = OrgHandle;

    fn request(&self) -> WireRequest {
        let path = format!("/rest/net/{}/org", self.parent);
        write(Method::Post, path, body("org", &self.org))
    }

    fn decode(answer: &RawAnswer) -> Result<OrgHandle, Complaint> {
        let org: OrgPayload = read(answer, "org")?;
        let handle = org.handle.unwrap_or_default();
        OrgHandle::from_registry(handle.trim()).map_err(|e| unusable(answer, e.to_string()))
    }
}

macro_rules! reads {
    ($($(#[$doc:meta])* $name:ident($($field:ident : $type:ty),+) -> $response:ty = $path:expr, $root:literal, $decode:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name($(pub $type),+);

        impl Call for $name {
            type Response = $response;

            fn request(&self) -> WireRequest {
                let Self($($field),+) = self;
                get($path)
            }

            fn decode(answer: &RawAnswer) -> Result<$response, Complaint> {
                let payload = read(answer, $root)?;
                let decode: fn(&RawAnswer, _) -> Result<$response, Complaint> = $decode;
                decode(answer, payload)
            }
        }
    )+};
}

/// `START/END` of a range in a path.
fn ends(range: &AddressRange) -> String {
    let (first, last): (IpAddr, IpAddr) = (range.first(), range.last());
    format!("{first}/{last}")
}

reads! {
    /// The nets of exactly a range (`GET /net/netsByIpRange/START/END`).
    NetsByIpRange(range: AddressRange) -> Vec<Registration> =
        format!("/rest/net/netsByIpRange/{}", ends(range)), "collection",
        |answer, list: NetCollection| list.nets.iter().map(|net| registration(answer, net)).collect();
    /// The most specific net of a range (`GET /net/mostSpecificNet/START/END`).
    MostSpecificNet(range: AddressRange) -> Registration =
        format!("/rest/net/mostSpecificNet/{}", ends(range)), "net",
        |answer, net: NetPayload| registration(answer, &net);
    /// The net a range could be reassigned from (`GET /net/parentNet/START/END`).
    ParentNet(range: AddressRange) -> Registration =
        format!("/rest/net/parentNet/{}", ends(range)), "net",
        |answer, net: NetPayload| registration(answer, &net);
    /// A net (`GET /net/HANDLE`).
    GetNet(handle: NetHandle) -> Registration =
        format!("/rest/net/{handle}"), "net",
        |answer, net: NetPayload| registration(answer, &net);
    /// A customer (`GET /customer/HANDLE`).
    GetCustomer(handle: CustomerHandle) -> CustomerPayload =
        format!("/rest/customer/{handle}"), "customer", |_, customer: CustomerPayload| Ok(customer);
    /// An org (`GET /org/HANDLE`).
    GetOrg(handle: OrgHandle) -> OrgPayload =
        format!("/rest/org/{handle}"), "org", |_, org: OrgPayload| Ok(org);
    /// A ticket without its messages (`GET /ticket/NUMBER/summary`).
    TicketSummary(number: TicketNumber) -> TicketPayload =
        format!("/rest/ticket/{number}/summary"), "ticket", |_, ticket: TicketPayload| Ok(ticket);
}

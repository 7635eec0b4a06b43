//! Calls: each Reg-RWS method as a type bound to its response, one file an object.
//!
//! Owns methods, paths, what a call does at the registry, and how an answer's bytes become a
//! value or the registry's complaint. Must not know: sockets, keys.
//!
//! Every call has a wire payload ([`Call::Payload`]) and a value ([`Call::Response`]), which for
//! most is the payload itself.
//!
//! ```
//! use swip::regrws::{Call, Effect, GetNet};
//!
//! let call = GetNet("NET-192-0-2-0-1".parse()?);
//! assert_eq!(call.request().path, "/rest/net/NET-192-0-2-0-1");
//! assert_eq!(call.request().effect, Effect::Read);
//! # Ok::<(), swip::domain::HandleError>(())
//! ```

mod customer;
mod delegation;
mod net;
mod org;
mod poc;
mod report;
mod segment;
mod ticket;

pub use customer::{DeleteCustomer, GetCustomer, ModifyCustomer};
pub use delegation::{
    AddNameserver, DeleteNameserver, DeleteNameservers, GetDelegation, ModifyDelegation,
};
pub use net::{
    Accepted, Assign, CreateCustomer, CreateOrg, DeleteNet, GetNet, ModifyNet, MostSpecificNet,
    NetDelegations, NetsByIpRange, ParentNet, RemoveNet,
};
pub use org::{
    AddOrgPoc, CreateOwnOrg, DeleteOrg, GetOrg, LinkSelector, ModifyOrg, OrgOrLinks, RemoveOrgPoc,
};
pub use poc::{
    AddEmail, AddPhone, CreatePoc, DeleteEmail, DeletePhone, DeletePoc, GetPoc, ModifyPoc,
    PhoneSelector,
};
pub use report::{AssociationsReport, ReassignmentReport, WhoWasAsn, WhoWasNet};
pub use segment::{AttachmentId, Email, HostName, PhoneNumber, SegmentError, ZoneName};
pub use ticket::{
    AddMessage, CloseTicket, GetMessage, GetTicket, ListTicketSummaries, ListTickets, ModifyTicket,
    TicketAttachment, TicketFilter, TicketSummary,
};

use super::document;
use super::error::{Complaint, RegistryError};
use super::payload::{ErrorPayload, Payload};
use super::wire::{Effect, Method, RawAnswer, WireRequest};

/// A method of Reg-RWS that answers with a payload.
pub trait Call {
    /// What a good answer holds on the wire.
    type Payload: Payload;
    /// What a good answer means.
    type Response;

    /// The request; pure.
    fn request(&self) -> WireRequest;

    /// The value of a good answer's payload.
    ///
    /// # Errors
    /// Why the payload is no usable answer.
    fn accept(payload: Self::Payload) -> Result<Self::Response, String>;

    /// The payload of an answer; pure, so that a stored answer can be read again.
    ///
    /// # Errors
    /// [`Complaint`] when the registry refused or the answer is unusable.
    fn payload(answer: &RawAnswer) -> Result<Self::Payload, Complaint> {
        read(answer)
    }

    /// The answer as a value; pure, so that a stored answer can be read again.
    ///
    /// # Errors
    /// [`Complaint`] when the registry refused or the answer is unusable.
    fn decode(answer: &RawAnswer) -> Result<Self::Response, Complaint> {
        Self::accept(Self::payload(answer)?).map_err(|reason| unusable(answer, reason))
    }
}

/// Turns an answer's bytes into a payload or a complaint.
///
/// # Errors
/// [`Complaint::Registry`] for a well-formed refusal, [`Complaint::Unusable`] for anything that
/// is not the payload asked for: nothing can be relied on then.
pub fn read<P: Payload>(answer: &RawAnswer) -> Result<P, Complaint> {
    if answer.truncated {
        return Err(unusable(answer, "it broke off"));
    }
    if answer.content_encoding.as_deref().is_some_and(|encoding| encoding != "identity") {
        return Err(unusable(answer, "it is compressed, which was not asked for"));
    }
    if (300..400).contains(&answer.status) {
        let host = answer.location_host.as_deref().unwrap_or("another place");
        return Err(unusable(answer, format!("it redirects to {host}, which is not followed")));
    }
    let document = document::read(&answer.body).map_err(|e| unusable(answer, e.to_string()))?;
    let good = (200..300).contains(&answer.status);
    if document.root == ErrorPayload::ROOT && !good {
        let refusal = ErrorPayload::from_document(&document);
        let refusal = refusal.map_err(|fault| unusable(answer, fault.to_string()))?;
        return Err(Complaint::Registry(RegistryError::new(answer.status, refusal)));
    }
    let payload = P::from_document(&document).map_err(|e| unusable(answer, e.to_string()))?;
    if good { Ok(payload) } else { Err(unusable(answer, "its status is no success")) }
}

fn unusable(answer: &RawAnswer, reason: impl Into<String>) -> Complaint {
    Complaint::Unusable { status: answer.status, reason: reason.into() }
}

/// A read.
fn get(path: String) -> WireRequest {
    WireRequest { method: Method::Get, path, body: None, effect: Effect::Read }
}

/// A write without a body.
fn bare(method: Method, path: String) -> WireRequest {
    WireRequest { method, path, body: None, effect: Effect::Write }
}

/// A write with a payload.
fn write(method: Method, path: String, payload: &impl Payload) -> WireRequest {
    WireRequest { method, path, body: Some(payload.to_xml()), effect: Effect::Write }
}

/// Declares calls whose value is their payload, unless `=> Value via function` says otherwise.
macro_rules! calls {
    () => {};
    (
        $(#[$doc:meta])*
        $name:ident($field:ident : $type:ty) -> $payload:ty $(=> $response:ty, $via:path)? { $request:expr }
        $($rest:tt)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(
            /// What it is about.
            pub $type
        );

        impl $crate::regrws::call::Call for $name {
            $crate::regrws::call::responds!($payload $(=> $response, $via)?);

            fn request(&self) -> $crate::regrws::wire::WireRequest {
                let Self($field) = self;
                $request
            }
        }

        $crate::regrws::call::calls! { $($rest)* }
    };
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty,)* } -> $payload:ty $(=> $response:ty, $via:path)? { $request:expr }
        $($rest:tt)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$fdoc])* pub $field: $type,)*
        }

        impl $crate::regrws::call::Call for $name {
            $crate::regrws::call::responds!($payload $(=> $response, $via)?);

            fn request(&self) -> $crate::regrws::wire::WireRequest {
                let Self { $($field),* } = self;
                $request
            }
        }

        $crate::regrws::call::calls! { $($rest)* }
    };
}

/// The payload and the value of a call.
macro_rules! responds {
    ($payload:ty) => {
        type Payload = $payload;
        type Response = $payload;

        fn accept(payload: $payload) -> Result<$payload, String> {
            Ok(payload)
        }
    };
    ($payload:ty => $response:ty, $via:path) => {
        type Payload = $payload;
        type Response = $response;

        fn accept(payload: $payload) -> Result<$response, String> {
            $via(payload)
        }
    };
}

use {calls, responds};

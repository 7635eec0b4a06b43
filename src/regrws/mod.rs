//! ARIN's Reg-RWS: typed calls, payloads, transport and verdicts.
//!
//! # A call
//!
//! A [`Call`] is a type bound to its response. [`Client::send`] sends one, once, at the pace of its
//! [`Pacer`]. The examples here run on a practice registry (`swip::rehearsal`).
//!
//! ```
//! use swip::regrws::{CallError, GetNet, MostSpecificNet};
//!
//! # swip::rehearsal::run(async |arin| {
//! let net = arin.send(&GetNet("NET-192-0-2-0-1".parse()?)).await?;
//! assert_eq!(net.block.to_string(), "192.0.2.0/24");
//!
//! match arin.send(&MostSpecificNet("192.0.2.64/27".parse()?)).await {
//!     Err(CallError::Complaint(complaint)) if complaint.is_absent() => {} // nothing there
//!     other => panic!("{other:?}"),
//! }
//! # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
//! ```
//!
//! # Which call
//!
//! Each is named as in ARIN's method documents; `src/regrws/METHODS.md`, made by a test, has them
//! beside methods and commands.
//!
//! | object | reads | writes |
//! |---|---|---|
//! | net | [`GetNet`] [`ParentNet`] [`MostSpecificNet`] [`NetsByIpRange`] [`NetDelegations`] | [`Assign`] [`ModifyNet`] [`DeleteNet`] [`RemoveNet`] |
//! | customer | [`GetCustomer`] | [`CreateCustomer`] [`ModifyCustomer`] [`DeleteCustomer`] |
//! | org | [`GetOrg`] | [`CreateOwnOrg`] [`CreateOrg`] [`ModifyOrg`] [`DeleteOrg`] [`AddOrgPoc`] [`RemoveOrgPoc`] |
//! | POC | [`GetPoc`] | [`CreatePoc`] [`ModifyPoc`] [`DeletePoc`] [`AddPhone`] [`DeletePhone`] [`AddEmail`] [`DeleteEmail`] |
//! | delegation | [`GetDelegation`] | [`ModifyDelegation`] [`AddNameserver`] [`DeleteNameserver`] [`DeleteNameservers`] |
//! | ticket | [`GetTicket`] [`TicketSummary`] [`ListTickets`] [`ListTicketSummaries`] [`GetMessage`] [`TicketAttachment`] | [`AddMessage`] [`ModifyTicket`] [`CloseTicket`] |
//! | report | | [`ReassignmentReport`] [`AssociationsReport`] [`WhoWasNet`] [`WhoWasAsn`]: GETs that open a ticket |
//!
//! # What may be repeated
//!
//! | [`Effect`] | meaning |
//! |---|---|
//! | [`Effect::Read`] | may be repeated |
//! | [`Effect::OpensTicket`] | a GET that opens a ticket (reports): never repeated by itself |
//! | [`Effect::Write`] | never repeated by itself |
//!
//! What an answer to a write proves is its [`Verdict`]. Without an answer ([`WireError::NoAnswer`])
//! and with one that proves nothing ([`Verdict::Unknown`]) the outcome is unknown: the registry must
//! be read before anything is sent again. [`Client::exchange`] gives the [`RawAnswer`], which can be
//! stored before [`Call::decode`] reads it.
//!
//! ```
//! use swip::regrws::{Assign, Call, RawAnswer, Verdict};
//!
//! let answer = RawAnswer {
//!     status: 400,
//!     body: br#"<error xmlns="http://www.arin.net/regrws/core/v1">
//!         <code>E_ENTITY_VALIDATION</code>
//!         <components><component><name>startAddress</name>
//!         <message>IP range overlaps with existing network(s).</message></component></components>
//!     </error>"#.to_vec(),
//!     ..RawAnswer::default()
//! };
//! let complaint = Assign::decode(&answer).unwrap_err();
//! assert_eq!(complaint.verdict(), Verdict::Rejected);
//! ```
//!
//! # What is refused
//!
//! Redirects, TLS below 1.2, plain HTTP beyond loopback, a practice key elsewhere; answers above
//! [`answer_max_bytes`](Limits::answer_max_bytes), deeper than
//! [`DEPTH_MAX`](document::DEPTH_MAX), with more attributes than
//! [`ATTRIBUTES_MAX`](document::ATTRIBUTES_MAX), with a DTD, or compressed. The key is a type that
//! cannot be printed ([`ApiKey`]), and only the transport sees it.
//!
//! Knows domain. Must not know: plan, journal, rows, retries of writes.

pub mod base;
mod border;
pub mod call;
pub mod client;
pub mod clients;
pub mod document;
pub mod error;
mod hand_over;
pub mod key;
pub mod limits;
pub mod pace;
pub mod payload;
#[cfg(test)]
mod tests;
pub mod wire;

pub use base::BaseUrl;
pub use call::*;
pub use client::{
    AuthStyle, CallError, Client, ClientError, ClientOptions, Download, DownloadError,
};
pub use clients::Clients;
pub use error::{Complaint, RegistryError, Verdict};
pub use key::ApiKey;
pub use limits::{Limits, limits};
pub use pace::{Limit, Pacer};
pub use payload::{
    CustomerPayload, NetPayload, OrgPayload, Payload, TicketPayload, TicketResolution,
    TicketStatus, TicketType, To, image,
};
pub use wire::{Effect, Method, RawAnswer, WireError, WireRequest};

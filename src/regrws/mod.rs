//! ARIN's Reg-RWS: typed calls, payloads, transport and verdicts.
//!
//! A [`Call`] is a type bound to its response, one for each method, named as in ARIN's method
//! documents: net ([`GetNet`], [`Assign`], [`RemoveNet`], …), customer, org, POC, delegation
//! ([`AddNameserver`], …), ticket, report. [`Client::send`] sends one at the pace of its [`Pacer`],
//! once; [`Client::exchange`] gives the [`RawAnswer`], which can be stored before [`Call::decode`]
//! reads it; [`Client::download`] streams an attachment. What an answer to a write proves is its
//! [`Verdict`]: a [`Complaint`] that proves nothing leaves the outcome unknown, and the registry
//! must be read before anything is sent again.
//!
//! | says | meaning |
//! |---|---|
//! | [`Effect::Read`] | may be repeated |
//! | [`Effect::OpensTicket`] | a GET that opens a ticket (reports): never repeated by itself |
//! | [`Effect::Write`] | never repeated by itself |
//!
//! Wire records are in [`payload`], addresses of registries in [`base`], the key in [`key`]. The
//! table of all methods, made by a test, is `src/regrws/METHODS.md`.
//!
//! Knows domain. Must not know: plan, journal, rows, retries of writes.
//!
//! A reassignment that a registry refuses, and what that proves:
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

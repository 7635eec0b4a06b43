//! ARIN's Reg-RWS: typed calls, payloads, transport and verdicts.
//!
//! Knows domain. Must not know: plan, journal, rows, retries of writes.

pub mod base;
pub mod call;
pub mod client;
pub mod document;
pub mod error;
mod hand_over;
pub mod image;
pub mod key;
pub mod pace;
pub mod payload;
#[cfg(test)]
mod tests;
pub mod wire;

pub use base::BaseUrl;
pub use call::*;
pub use client::{AuthStyle, CallError, Client, ClientError, ClientOptions};
pub use error::{Complaint, RegistryError, Verdict};
pub use key::ApiKey;
pub use pace::{Limit, Pacer};
pub use payload::{CustomerPayload, NetPayload, OrgPayload, Payload, TicketPayload, To};
pub use wire::{Effect, Method, RawAnswer, WireError, WireRequest};

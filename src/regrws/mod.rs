//! ARIN's Reg-RWS: typed calls, payloads, transport and verdicts.
//!
//! Knows domain. Must not know: plan, journal, rows, retries of writes.

pub mod wire;

pub use wire::{Effect, Method, RawAnswer, WireError, WireRequest};

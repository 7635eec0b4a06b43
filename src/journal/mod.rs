//! The journal: crash-safe memory of what was intended, answered and concluded.
//!
//! One file holds many runs, each with its checked plan, and what is remembered across them:
//! registrations with their full before-image, generated names, accepted inputs, first-missing
//! times, key fingerprints, refusals. Knows domain, plan values and wire types. Must not know:
//! HTTP, rows of files, the report.

mod book;
#[cfg(feature = "crash-points")]
mod crashing;
mod error;
pub mod event;
pub mod memory;
mod place;
mod recall;
mod sqlite;
pub mod store;
#[cfg(test)]
mod tests;
pub mod writer;

pub use book::Journal;
pub use error::JournalError;
pub use event::{ChangeOp, Created, Event, Op, Outcome, Resolution};
pub use memory::{
    AcceptedInput, Doubt, GeneratedName, Image, Known, KnownKey, Missing, OpenChange, OpenTicket,
    Provenance, Refused,
};
pub use store::{Change, RunHead, RunRecord, Store, StoreError, Totals};
pub use writer::Writer;

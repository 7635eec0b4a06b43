//! The journal: crash-safe memory of what was intended, answered and concluded.
//!
//! Knows domain, plan values and wire types. Must not know: HTTP, XML, async, the report.

pub mod event;
mod store;
#[cfg(test)]
mod tests;

pub use event::{Created, Event, Op, Outcome};
pub use store::{Journal, JournalError, RunRecord, Totals};

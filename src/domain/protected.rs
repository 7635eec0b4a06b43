//! Space that nothing may be removed from, because a row could not speak for itself.
//!
//! Owns the mark that intake leaves and `sync` obeys. Must not know: why the row was left out, or
//! what is registered there.

use serde::{Deserialize, Serialize};

use super::AddressRange;

/// Space that nothing may be removed from: a row that swip left out without knowing it is no
/// customer's (DESIGN 1.7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protected {
    /// Number of the row, as `row` of the report counts; the first, where rows follow each other.
    pub row: u64,
    /// The block; `None` when it cannot be read, which holds every removal.
    pub block: Option<AddressRange>,
}

//! Requests → plan: containment, overlap, policy, names, and what becomes of each row.
//!
//! Pure: no files, HTTP, clock or journal.

pub mod step;

pub use step::{Fate, Plan, PlannedRow, Step, StepKey};

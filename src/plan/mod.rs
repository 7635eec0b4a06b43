//! Requests → plan: containment, overlap, policy, names, and what becomes of each row.
//!
//! Pure: no files, HTTP, clock or journal.

pub mod adopt;
pub mod check;
pub mod diff;
pub mod interval_tree;
pub mod overlap;
pub mod parents;
pub mod policy;
pub mod registered;
pub mod space;
pub mod step;
#[cfg(test)]
mod tests;

pub use check::{BelowPolicy, CheckOptions, Checked, Checker};
pub use step::{Fate, Plan, PlannedRow, Step, StepKey};

//! Requests → plan: containment, overlap, policy, names, and what becomes of each row.
//!
//! Pure: no files, HTTP, clock or journal.

pub mod adopt;
pub mod check;
mod crowd;
pub mod diff;
mod free;
pub mod index;
pub mod interval_tree;
pub mod judge;
mod lowest;
pub mod overlap;
pub mod parents;
mod partial;
mod pile;
pub mod policy;
pub mod registered;
mod share;
pub mod space;
pub mod step;
mod stretches;
#[cfg(test)]
mod tests;

pub use check::{Checked, Planner};
pub use index::{Relations, RowIndex};
pub use judge::{BelowPolicy, CheckOptions, Group, Judge, Judged};
pub use step::{Fate, Plan, PlannedRow, Step, StepKey};

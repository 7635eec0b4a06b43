//! Outcomes → report: the table people and scripts read after a run.
//!
//! Knows domain, plan and journal events. Must not know: HTTP, live state, the terminal.

pub mod fold;
pub mod model;
pub mod write;

pub use model::{Line, Report, RequestFacts, RunFacts};
pub use write::{WriteError, write};

/// A CSV cell that no spreadsheet takes for a formula: a leading `= + - @ TAB CR` gets a `'`.
#[must_use]
pub fn csv_safe(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

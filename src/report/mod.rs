//! Outcomes → report: the table people and scripts read after a run.
//!
//! Knows domain, plan and journal events. Must not know: HTTP, live state, the terminal.

pub mod class;
pub mod evidence;
pub mod fold;
mod html;
pub mod model;
pub mod space;
pub mod sync;
pub mod write;
mod xlsx;

pub use model::{Line, Report, RequestFacts, RunFacts, Seen};
pub use write::{Form, WriteError, finding, write};

/// A CSV cell that no spreadsheet takes for a formula: a leading `= + - @ TAB CR` gets a `'`.
#[must_use]
pub fn csv_safe(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

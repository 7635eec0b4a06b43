//! Outcomes → report: the table people and scripts read after a run.
//!
//! Knows domain, plan and journal events. Must not know: HTTP, live state, the terminal.

pub mod model;

pub use model::{Line, Report, RequestFacts, RunFacts};

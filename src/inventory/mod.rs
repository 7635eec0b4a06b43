//! What is registered under the managed parents, read without writing: lists, exact ranges and
//! records by handle, each with its source and freshness.
//!
//! Resumable: every answer that proves something is kept with its time, and not asked for again
//! while it is fresh. Knows domain, regrws and rdap. Must not know: rows, the journal, printing.

mod cache;
mod children;
pub mod reader;
pub mod report;
mod survey;

pub use cache::{Cache, CacheError};
pub use children::Listing;
pub use reader::{Fault, Got, ReadCounts, Reader, Stop};
pub use report::{ReportFile, ReportPace};
pub use survey::{Found, Gait, Listed, Survey};

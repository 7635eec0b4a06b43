//! The report as a value: one line per row of the input, then those only the registry has.
//!
//! Owns the columns of DESIGN's `report.csv` as typed fields. Must not know: how a row got
//! there, or how CSV, JSON and HTML are written.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::civil::Date;

use crate::domain::{Action, Finding, Parent, Status};

/// One line of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Row number; `None` for nets that only the registry has.
    pub row: Option<u64>,
    /// The user's own id.
    pub reference: Option<String>,
    /// What was asked.
    pub action: Option<Action>,
    /// The parent's handle.
    pub parent_net: Option<String>,
    /// First address.
    pub start: Option<IpAddr>,
    /// Last address.
    pub end: Option<IpAddr>,
    /// The block, when it is one CIDR.
    pub prefix: Option<IpNet>,
    /// Its net name.
    pub net_name: Option<String>,
    /// The customer's or org's name, else its handle.
    pub recipient: Option<String>,
    /// Whether that is a private customer: HTML and XLSX then hide the name.
    pub private: bool,
    /// Where the row stands.
    pub status: Option<Status>,
    /// The net's handle.
    pub net_handle: Option<String>,
    /// The customer's handle.
    pub customer_handle: Option<String>,
    /// The org's handle.
    pub org_handle: Option<String>,
    /// Ticket number.
    pub ticket: Option<String>,
    /// The ticket's last known status.
    pub ticket_status: Option<String>,
    /// The registry's own date, byte for byte.
    pub registered_at: Option<String>,
    /// Writes sent for the row, over all processes of the run.
    pub attempts: u64,
    /// Machine-readable reason.
    pub code: Option<String>,
    /// Reason for people, with what to do.
    pub message: Option<String>,
    /// The input file.
    pub file: Option<String>,
    /// Its physical line there.
    pub line: Option<u64>,
    /// When it was assigned to its recipient, if the row says so.
    pub assigned_on: Option<Date>,
}

/// Facts about the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFacts {
    /// Run id.
    pub id: String,
    /// `practice`, `ote`, `arin` or the URL.
    pub registry: String,
    /// Whether the registry was a practice registry: marked on every page.
    pub practice: bool,
    /// Names of the inputs.
    pub input: Vec<String>,
    /// SHA-256 over the bytes of all inputs, in hex.
    pub input_sha256: String,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339; empty while the run goes on.
    pub finished_at: String,
    /// Exit code, once known.
    pub exit_code: u8,
}

/// Requests over all processes of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestFacts {
    /// Handed to the kernel, reads and retries included.
    pub sent: u64,
    /// Of those, repeats of a read or of a definitely refused write.
    pub retried: u64,
    /// As `--rate` writes it: `2/s`; `None` when unlimited.
    pub rate_limit: Option<String>,
    /// Most requests in any window of the rate's unit.
    pub worst_window: u64,
}

/// Where a registration is known from, and since when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How it became known: registered here, found, adopted.
    pub source: &'static str,
    /// When the registry was last read about it; RFC 3339.
    pub at: String,
}

/// The whole report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The run.
    pub run: RunFacts,
    /// Its requests.
    pub requests: RequestFacts,
    /// Every input row in input order, then the registry's own.
    pub lines: Vec<Line>,
    /// The parent nets, in the plan's order.
    pub parents: Vec<Parent>,
    /// Where each registration is known from, by net handle; what is missing is this run's.
    pub seen: HashMap<String, Seen>,
    /// What the check found, in printing order; `None` when the report is of a run.
    pub findings: Option<Vec<Finding>>,
}

impl Report {
    /// Lines by status, only those that occur.
    #[must_use]
    pub fn summary(&self) -> BTreeMap<Status, u64> {
        let mut counts = BTreeMap::new();
        for status in self.lines.iter().filter_map(|line| line.status) {
            *counts.entry(status).or_insert(0) += 1;
        }
        counts
    }
}

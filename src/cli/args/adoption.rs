//! Options of the commands that take stock of what is registered: `inventory` and `adopt`.
//!
//! Must not know: how anything is read.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Intake, PlainFormat};
use crate::cli::units::{Rate, parse_duration};

/// Where registrations are read from, and at which pace.
#[derive(Debug, Default, Args)]
pub struct Sources {
    /// RDAP service that lists what is below a parent, as in <https://rdap.arin.net/registry>, or
    /// off [default: off; at practice its own]
    #[arg(long, value_name = "URL", help_heading = "Sources")]
    pub rdap: Option<String>,
    /// Ask ARIN for a reassignment report of each parent; this opens a ticket each
    #[arg(long, requires = "report_mapping", help_heading = "Sources")]
    pub ask_report: bool,
    /// A reassignment report that was saved (repeatable)
    #[arg(long, value_name = "FILE", requires = "report_mapping", help_heading = "Sources")]
    pub report_file: Vec<PathBuf>,
    /// TOML file that says which column of a report is which
    #[arg(long, value_name = "FILE", help_heading = "Sources")]
    pub report_mapping: Option<PathBuf>,
    /// Answers already read, so that an interrupted run goes on [default: PARENTS.swip-inventory]
    #[arg(long, value_name = "PATH", help_heading = "Sources")]
    pub cache: Option<PathBuf>,
    /// Answers older than this are read again
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "24h", help_heading = "Sources")]
    pub max_age: Duration,
    /// Requests of every kind, as 2/s or 90/m [default: 2/s at arin and ote]
    #[arg(long, value_name = "RATE", help_heading = "Pace")]
    pub rate: Option<Rate>,
    /// Requests in flight [default: 4 at arin and ote, 32 at practice]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512), help_heading = "Pace")]
    pub concurrency: Option<u16>,
}

/// How much is read of each net.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum InventoryDetail {
    /// Net and customer by handle: two requests a net.
    #[default]
    Full,
    /// Only what the lists show.
    List,
}

/// `swip inventory`.
#[derive(Debug, Args)]
pub struct Inventory {
    /// CSV of the parent nets: net_handle, prefix, …
    #[arg(long, value_name = "FILE")]
    pub parents: PathBuf,
    /// Plan whose blocks are read by exact range too (repeatable)
    #[arg(long, value_name = "INPUT")]
    pub plan: Vec<PathBuf>,
    /// TOML file that maps the plan's columns
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// CSV of nets that are known to be registered
    #[arg(long, value_name = "FILE", help_heading = "Sources")]
    pub registered: Option<PathBuf>,
    /// How much is read of each net
    #[arg(long, value_enum, default_value_t = InventoryDetail::Full)]
    pub detail: InventoryDetail,
    /// Sources and pace.
    #[command(flatten)]
    pub sources: Sources,
}

/// A group that `--accept` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AcceptGroup {
    /// No filled column differs.
    Equal,
    /// Only the net's name or the customer's differs.
    Name,
    /// Only case, spaces or punctuation differ.
    Spelling,
    /// Address, privacy or comment differ.
    Address,
    /// The recipient is another.
    Recipient,
    /// One block here, several there, or the other way round.
    Split,
}

/// `swip adopt`.
#[derive(Debug, Args)]
pub struct Adopt {
    /// The plan.
    #[command(flatten)]
    pub intake: Intake,
    /// Journal that takes over; the same as sync's
    #[arg(long, value_name = "PATH")]
    pub journal: Option<PathBuf>,
    /// Group to take over (repeatable) [default: equal]
    #[arg(long, value_enum, value_name = "GROUP")]
    pub accept: Vec<AcceptGroup>,
    /// Show the groups, take nothing over
    #[arg(long)]
    pub dry_run: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub format: PlainFormat,
    /// Rows shown of each group, in text
    #[arg(long, value_name = "N", default_value_t = crate::cli::adopt::EXAMPLES)]
    pub examples: usize,
    /// Take a key that the journal does not know, once it has read one net of each org
    #[arg(long)]
    pub accept_new_key: bool,
    /// Sources and pace.
    #[command(flatten)]
    pub sources: Sources,
}

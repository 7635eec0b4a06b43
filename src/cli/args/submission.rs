//! Options of the commands that submit a plan, or look at a run afterwards.
//!
//! Must not know: how a plan is read (`input`).

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Customers, EvidenceFormat, Intake, LookFirst, Marks, PlainFormat};
use crate::cli::units::{Rate, parse_duration};
use crate::plan::policy::DEADLINE_DAYS;
use crate::report::Form;

/// What `submit` and `resume` may both set.
#[derive(Clone, Debug, Default, Args)]
pub struct Pace {
    /// Requests of every kind, as 2/s or 90/m [default: 2/s at arin and ote]
    #[arg(long, value_name = "RATE", help_heading = "Pace")]
    pub rate: Option<Rate>,
    /// Requests in flight [default: 4 at arin and ote, 32 at practice]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512), help_heading = "Pace")]
    pub concurrency: Option<u16>,
    /// Wait before an unknown outcome is read back [default: 120s at arin and ote, 2s at practice]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = "Pace")]
    pub settle: Option<Duration>,
    /// Take a renewed API key once it has read a net of each org
    #[arg(long, help_heading = "Registry")]
    pub accept_new_key: bool,
    /// Send rows again that were refused within 7 days
    #[arg(long, help_heading = "Submission")]
    pub retry_rejected: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Directory of the report [default: FIRST-INPUT.swip-report/]
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Write report.xlsx too
    #[arg(long)]
    pub report_xlsx: bool,
    /// Show private customers' names in report.html and report.xlsx
    #[arg(long)]
    pub show_private: bool,
    /// What utilisation is measured against.
    #[command(flatten)]
    pub marks: Marks,
}

impl Pace {
    /// What the report is written as.
    #[must_use]
    pub const fn form(&self) -> Form {
        let thresholds = self.marks.thresholds(DEADLINE_DAYS);
        Form { show_private: self.show_private, xlsx: self.report_xlsx, thresholds }
    }
}

/// `swip submit`.
#[derive(Debug, Args)]
pub struct Submit {
    /// The plan.
    #[command(flatten)]
    pub intake: Intake,
    /// Pace and report.
    #[command(flatten)]
    pub pace: Pace,
    /// Journal file [default: FIRST-INPUT.swip-journal]
    #[arg(long, value_name = "PATH")]
    pub journal: Option<PathBuf>,
    /// Create the customer in the same call as its net, or before it
    #[arg(long, value_enum, help_heading = "Submission")]
    pub customers: Option<Customers>,
    /// Read a row's exact range before sending it
    #[arg(long, value_enum, help_heading = "Submission")]
    pub look_first: Option<LookFirst>,
    /// Check and show everything, send no write
    #[arg(long, help_heading = "Submission")]
    pub dry_run: bool,
    /// Send at most N rows, then stop (exit 6, resumable)
    #[arg(long, value_name = "N", help_heading = "Submission")]
    pub limit: Option<u64>,
    /// Check all, write only this row (repeatable): number, reference or block
    #[arg(long, value_name = "ROW", help_heading = "Submission")]
    pub only: Vec<String>,
    /// Send the sound rows although others have errors
    #[arg(long, help_heading = "Submission")]
    pub skip_invalid: bool,
    /// Stop when the registry has rejected N rows [default: 20]
    #[arg(long, value_name = "N", help_heading = "Submission")]
    pub max_errors: Option<u64>,
}

/// `swip resume`.
#[derive(Debug, Args)]
pub struct Resume {
    /// The journal of the run
    pub journal: PathBuf,
    /// Pace and report.
    #[command(flatten)]
    pub pace: Pace,
}

/// `swip status`.
#[derive(Debug, Args)]
pub struct Status {
    /// The journal
    pub journal: PathBuf,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub format: PlainFormat,
    /// Ask the registry for the open tickets first
    #[arg(long)]
    pub refresh: bool,
    /// Ask again until none is open, for at most so long
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub wait: Option<Duration>,
}

/// `swip report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The journal
    pub journal: PathBuf,
    /// Directory of the report
    #[arg(long, value_name = "DIR")]
    pub report: PathBuf,
    /// Write report.xlsx too
    #[arg(long)]
    pub report_xlsx: bool,
    /// Show private customers' names in report.html and report.xlsx
    #[arg(long)]
    pub show_private: bool,
    /// What utilisation is measured against.
    #[command(flatten)]
    pub marks: Marks,
}

impl Report {
    /// What the report is written as.
    #[must_use]
    pub const fn form(&self) -> Form {
        let thresholds = self.marks.thresholds(DEADLINE_DAYS);
        Form { show_private: self.show_private, xlsx: self.report_xlsx, thresholds }
    }
}

/// `swip evidence`.
#[derive(Debug, Args)]
pub struct Evidence {
    /// The journal
    pub journal: PathBuf,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = EvidenceFormat::Text)]
    pub format: EvidenceFormat,
    /// What utilisation is measured against.
    #[command(flatten)]
    pub marks: Marks,
    /// Days after its assignment within which a block is registered [NRPM 4.2.3.7.2]
    #[arg(long, value_name = "N", default_value_t = DEADLINE_DAYS)]
    pub deadline_days: i32,
}

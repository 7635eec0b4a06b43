//! Options that say where a plan comes from, and those of the commands that only read it.
//!
//! Must not know: registries.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::formats::Formats;
use super::{BelowPolicy, FindingsFormat};
use crate::cli::findings;
use crate::report::Form;
use crate::report::evidence::{self, Thresholds};

/// Where a plan comes from.
#[derive(Clone, Debug, Default, Args, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Intake {
    /// CSV files of one plan, in order; - is standard input
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// CSV of the parent nets: net_handle, prefix, …
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub parents: Option<PathBuf>,
    /// CSV of the nets that are registered already: net_handle, prefix, parent_net, …; the output
    /// of inventory or a report.csv
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub registered: Option<PathBuf>,
    /// How exports are read.
    #[command(flatten)]
    pub reading: Formats,
    /// Rows NRPM does not require and that name no action [default: register; skip for exports]
    #[arg(long, value_enum, help_heading = "Input")]
    pub below_policy: Option<BelowPolicy>,
    /// Accept a row that takes a whole parent
    #[arg(long, help_heading = "Input")]
    pub allow_whole_parent: bool,
    /// Days after its assignment when a row is late [NRPM 4.2.3.7.2]
    #[arg(long, value_name = "N", default_value_t = crate::plan::policy::DEADLINE_DAYS, help_heading = "Input")]
    pub deadline_days: i32,
    /// Today's date for policy and ages
    #[arg(long, value_name = "DATE", help_heading = "Input")]
    pub as_of: Option<Date>,
}

/// What the pages that show utilisation measure it against.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Marks {
    /// Share of each block that must be used, in percent [NRPM 4.2.4.1]
    #[arg(long, value_name = "PERCENT", default_value_t = evidence::BLOCK_PERCENT, value_parser = clap::value_parser!(u8).range(0..=100), help_heading = "Report", hide_short_help = true)]
    pub threshold_block: u8,
    /// Share of all blocks together that must be used, in percent [NRPM 4.2.4.1]
    #[arg(long, value_name = "PERCENT", default_value_t = evidence::TOTAL_PERCENT, value_parser = clap::value_parser!(u8).range(0..=100), help_heading = "Report", hide_short_help = true)]
    pub threshold_total: u8,
}

impl Marks {
    /// The same with the days of the policy's deadline.
    #[must_use]
    pub const fn thresholds(self, deadline_days: i32) -> Thresholds {
        Thresholds { block: self.threshold_block, total: self.threshold_total, deadline_days }
    }
}

/// `swip check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The plan.
    #[command(flatten)]
    pub intake: Intake,
    /// Form of the findings
    #[arg(long, value_enum, default_value_t = FindingsFormat::Text)]
    pub format: FindingsFormat,
    /// Most findings shown as text
    #[arg(long, value_name = "N", default_value_t = findings::MAX_FINDINGS)]
    pub max_findings: usize,
    /// Print rows, utilisation and free space per parent
    #[arg(long)]
    pub summary: bool,
    /// Warnings fail too
    #[arg(long)]
    pub strict: bool,
    /// Write the findings as a report into this directory
    #[arg(long, value_name = "DIR", help_heading = "Report")]
    pub report: Option<PathBuf>,
    /// Write report.xlsx too
    #[arg(long, requires = "report", help_heading = "Report")]
    pub report_xlsx: bool,
    /// Show private customers' names in report.html and report.xlsx
    #[arg(long, help_heading = "Report")]
    pub show_private: bool,
    /// What utilisation is measured against.
    #[command(flatten)]
    pub marks: Marks,
}

impl Check {
    /// What the report is written as.
    #[must_use]
    pub const fn form(&self) -> Form {
        let thresholds = self.marks.thresholds(self.intake.deadline_days);
        Form { show_private: self.show_private, xlsx: self.report_xlsx, thresholds }
    }
}

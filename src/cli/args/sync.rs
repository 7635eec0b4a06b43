//! Options of `sync` and `undo`.
//!
//! Must not know: how a plan is read (`input`), how changes are found.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use super::{Customers, Intake, LookFirst, Pace, PlainFormat};
use crate::cli::units::parse_duration;

/// `swip sync`.
#[derive(Clone, Debug, Args)]
pub struct Sync {
    /// The plan.
    #[command(flatten)]
    pub intake: Intake,
    /// Pace and report.
    #[command(flatten)]
    pub pace: Pace,
    /// Journal file; it remembers what swip registered or adopted
    #[arg(long, value_name = "PATH")]
    pub journal: Option<PathBuf>,
    /// Begin a new journal at arin or ote
    #[arg(long)]
    pub new_journal: bool,
    /// Create the customer in the same call as its net, or before it
    #[arg(long, value_enum, help_heading = "Submission")]
    pub customers: Option<Customers>,
    /// Read a row's exact range before sending it
    #[arg(long, value_enum, help_heading = "Submission")]
    pub look_first: Option<LookFirst>,
    /// Show the differences, change nothing
    #[arg(long, help_heading = "Submission")]
    pub dry_run: bool,
    /// Send at most N changes, then stop (exit 6, resumable)
    #[arg(long, value_name = "N", help_heading = "Submission")]
    pub limit: Option<u64>,
    /// Compare all, change only this row (repeatable): number, reference or block
    #[arg(long, value_name = "ROW", help_heading = "Submission")]
    pub only: Vec<String>,
    /// Go on with the sound rows although others have errors; these protect their space
    #[arg(long, help_heading = "Submission")]
    pub skip_invalid: bool,
    /// Stop when the registry has rejected N changes [default: 20]
    #[arg(long, value_name = "N", help_heading = "Submission")]
    pub max_errors: Option<u64>,
    /// Remove or replace at most N registrations; if more are wanted, all are held [default: 0]
    #[arg(long, value_name = "N", help_heading = "Guards")]
    pub allow_removals: Option<u64>,
    /// How long a net must be missing from every accepted input, and from two at least, before it
    /// is removed [default: 72h at arin and ote, 0s at practice]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = "Guards")]
    pub removal_grace: Option<Duration>,
    /// Stop before the first write when more of the journal's registrations would be modified,
    /// replaced or removed [default: 10]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100), help_heading = "Guards")]
    pub max_change: Option<u8>,
    /// An exact number instead of --max-change, for this run
    #[arg(long, value_name = "N", help_heading = "Guards")]
    pub allow_changes: Option<u64>,
    /// Register at most N nets; if more are wanted, all are held [default: 500 at arin and ote]
    #[arg(long, value_name = "N", help_heading = "Guards")]
    pub allow_additions: Option<u64>,
    /// Turn at most N rows from private to public; if more, all are held [default: 0]
    #[arg(long, value_name = "N", help_heading = "Guards")]
    pub allow_unprivate: Option<u64>,
    /// Accept an input of exactly ROWS rows, once, although the last one had many more
    #[arg(long, value_name = "ROWS", help_heading = "Guards")]
    pub accept_shrink: Option<u64>,
    /// Treat nets that swip neither registered nor adopted like its own
    #[arg(long, help_heading = "Guards")]
    pub include_unowned: bool,
    /// Which unchanged rows are read again: all (customers too), none, or 1/N of them, another
    /// share each day, one request a row [default: 1/30]
    #[arg(long, value_name = "SHARE", help_heading = "Registry side")]
    pub verify: Option<Verify>,
    /// RDAP service that lists what else is below the parents, as in
    /// <https://rdap.arin.net/registry>, or off [default: off; at practice its own]
    #[arg(long, value_name = "URL", help_heading = "Registry side")]
    pub rdap: Option<String>,
    /// Write the plan to a file, change nothing
    #[arg(long, value_name = "FILE", conflicts_with = "plan", help_heading = "Saved plan")]
    pub plan_out: Option<PathBuf>,
    /// Apply exactly this plan, once
    #[arg(long, value_name = "FILE", help_heading = "Saved plan")]
    pub plan: Option<PathBuf>,
    /// Write Prometheus text here at the end, whatever happened
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    /// Form of a dry run's output
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub format: PlainFormat,
}

/// Which unchanged rows are read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Every one.
    All,
    /// None.
    None,
    /// One in so many, another share each day.
    Share(u64),
}

/// Default share: every row once a month.
pub const VERIFY: Verify = Verify::Share(30);

impl FromStr for Verify {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share = || text.strip_prefix("1/")?.parse::<u64>().ok().filter(|n| *n > 0);
        match text {
            "all" => Ok(Self::All),
            "none" => Ok(Self::None),
            _ => share().map(Self::Share).ok_or_else(|| "write all, none, or 1/N".to_owned()),
        }
    }
}

/// `swip undo`.
#[derive(Debug, Args)]
pub struct Undo {
    /// The journal
    pub journal: PathBuf,
    /// The run to take back [default: the last one]
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
    /// File for the plan, to be looked at and applied by sync --plan
    #[arg(long, value_name = "FILE")]
    pub plan_out: PathBuf,
}

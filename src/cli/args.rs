//! The command line: every command and option, with its help.
//!
//! Owns names, grouping and help texts. Must not know: what a command does, or defaults that
//! depend on the registry (`settings`).

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::units::{Rate, parse_duration};

/// Registers an ISP's customer reassignments (SWIP) at ARIN in bulk.
#[derive(Debug, Parser)]
#[command(name = "swip", version, disable_help_subcommand = true, after_help = EXAMPLES)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Shown at the end of `swip --help`.
const EXAMPLES: &str = "\
Examples:
  swip check plan.csv --parents parents.csv           check a plan, send nothing
  swip submit plan.csv --parents parents.csv          rehearse on the practice registry
  swip submit plan.csv --parents parents.csv --registry ote --api-key-file key
  swip status plan.csv.swip-journal                   where every row stands
  swip resume plan.csv.swip-journal                   go on after an interruption";

/// Options of every command.
#[derive(Debug, Default, Args)]
pub struct Global {
    /// practice, ote, arin, or a URL without /rest [default: practice]
    #[arg(long, global = true, env = "SWIP_REGISTRY", help_heading = "Registry")]
    pub registry: Option<String>,
    /// File that holds the API key, readable by you alone (or env `SWIP_API_KEY`)
    #[arg(long, global = true, value_name = "PATH", help_heading = "Registry")]
    pub api_key_file: Option<PathBuf>,
    /// How the key is sent [default: header]
    #[arg(long, global = true, value_enum, help_heading = "Registry")]
    pub auth: Option<Auth>,
    /// Refuse every write, and every GET that opens a ticket
    #[arg(long, global = true, help_heading = "Registry")]
    pub read_only: bool,
    /// Time allowed for one request [default: 30s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_duration, help_heading = "Registry")]
    pub timeout: Option<Duration>,
    /// HTTP proxy; the environment's proxies are not used
    #[arg(long, global = true, value_name = "URL", help_heading = "Registry")]
    pub proxy: Option<String>,
    /// PEM file of the only root certificates to trust
    #[arg(long, global = true, value_name = "PATH", help_heading = "Registry")]
    pub ca_file: Option<PathBuf>,
    /// Errors only on stderr
    #[arg(short, long, global = true, help_heading = "General")]
    pub quiet: bool,
    /// Colours [default: auto]
    #[arg(long, global = true, value_enum, help_heading = "General")]
    pub color: Option<When>,
    /// Progress on stderr [default: auto]
    #[arg(long, global = true, value_enum, help_heading = "General")]
    pub progress: Option<When>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a plan offline; never writes at the registry
    Check(Check),
    /// Check, show the plan and its price, ask, register, report
    Submit(Submit),
    /// Go on with an interrupted submit
    Resume(Resume),
    /// What needs a person first, then where every row stands
    Status(Status),
    /// Write the report again from the journal
    Report(Report),
    /// Run the practice registry
    Practice(Practice),
}

/// Where a plan comes from.
#[derive(Debug, Default, Args)]
pub struct Intake {
    /// CSV files of one plan, in order; - is standard input
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// CSV of the parent nets: net_handle, prefix, …
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub parents: Option<PathBuf>,
    /// TOML file that maps the export's columns
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub mapping: Option<PathBuf>,
    /// Rows NRPM does not require and that name no action
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
    #[arg(long, value_name = "N", default_value_t = super::findings::MAX_FINDINGS)]
    pub max_findings: usize,
    /// Print rows, utilisation and free space per parent
    #[arg(long)]
    pub summary: bool,
    /// Warnings fail too
    #[arg(long)]
    pub strict: bool,
}

/// What `submit` and `resume` may both set.
#[derive(Debug, Default, Args)]
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
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Directory of the report [default: FIRST-INPUT.swip-report/]
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Show private customers' names in report.html
    #[arg(long)]
    pub show_private: bool,
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
}

/// `swip report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The journal
    pub journal: PathBuf,
    /// Directory of the report
    #[arg(long, value_name = "DIR")]
    pub report: PathBuf,
    /// Show private customers' names in report.html
    #[arg(long)]
    pub show_private: bool,
}

/// `swip practice`.
#[derive(Debug, Args)]
pub struct Practice {
    /// Loopback address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: String,
    /// CSV of the parent nets it holds
    #[arg(long, value_name = "FILE")]
    pub parents: Option<PathBuf>,
    /// Plan whose recipient orgs and customers it knows
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Path stem of the world's files: STEM.swip-practice.log and more; in memory without
    #[arg(long, value_name = "STEM")]
    pub state: Option<PathBuf>,
    /// ARIN in 2026, or the older document (tickets, recipient orgs)
    #[arg(long, value_enum, default_value_t = Profile::Current)]
    pub profile: Profile,
}

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }
    )+};
}

choices! {
    /// How the key is sent.
    Auth {
        /// `Authorization: ApiKey …`
        Header,
        /// `?apikey=…`
        Query,
    }
    /// When something is shown.
    When {
        /// On a terminal.
        Auto,
        /// Always.
        Always,
        /// Never.
        Never,
    }
    /// Form of the findings.
    FindingsFormat {
        /// For people.
        Text,
        /// One JSON document.
        Json,
        /// One line a finding.
        Csv,
    }
    /// Form of a command's output.
    PlainFormat {
        /// For people.
        Text,
        /// One JSON document.
        Json,
    }
    /// Rows below what NRPM requires.
    BelowPolicy {
        /// Register them.
        Register,
        /// Leave them out.
        Skip,
    }
    /// How customers are created.
    Customers {
        /// In the same call as the net.
        Inline,
        /// In a call of their own, before.
        Separate,
    }
    /// When a row's range is read before it is sent.
    LookFirst {
        /// Until 20 rows in a row were absent.
        Auto,
        /// For every row.
        Always,
        /// Only to settle doubt.
        Never,
    }
    /// How the practice registry behaves.
    Profile {
        /// ARIN in 2026.
        Current,
        /// The older method document.
        Classic,
    }
}

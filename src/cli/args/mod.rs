//! The command line: every command and option, with its help.
//!
//! Owns names, grouping and help texts; one file per family of commands. Must not know: what a
//! command does, or defaults that depend on the registry (`target`).

mod adoption;
mod care;
mod formats;
mod help;
mod input;
mod journal;
mod practice;
mod registry;
mod submission;
mod sync;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::config::Settings;
use super::units::parse_duration;
use crate::regrws::Pacer;
pub use adoption::{AcceptGroup, Adopt, Inventory, InventoryDetail, Sources};
pub use care::{Completions, Config, ConfigCommand, ConfigShow, Doctor, Explain, Manpage};
pub use formats::{Convert, Formats, Parents};
pub use help::command;
pub use input::{Check, Intake, Marks};
pub use journal::{Journal, JournalCommand, Resolve};
pub use practice::Practice;
pub use registry::{
    Collect, CustomerVerb, DelegationVerb, NetVerb, Object, OrgVerb, Output, PocVerb, Range,
    Registry, ReportVerb, TicketSearch, TicketVerb,
};
pub use submission::{Evidence, Pace, Report, Resume, Status, Submit};
pub use sync::{Sync, Undo, VERIFY, Verify};

/// Registers an ISP's customer reassignments (SWIP) at ARIN in bulk.
#[derive(Debug, Parser)]
#[command(
    name = "swip",
    version,
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Default, Args)]
pub struct Global {
    /// practice, ote, arin or a URL [default: practice]
    #[arg(
        long,
        global = true,
        value_name = "WHICH",
        env = "SWIP_REGISTRY",
        help_heading = "Registry"
    )]
    pub registry: Option<String>,
    /// File with the API key, or env `SWIP_API_KEY`
    #[arg(long, global = true, value_name = "PATH", help_heading = "Registry")]
    pub api_key_file: Option<PathBuf>,
    /// How the key is sent: header or query
    #[arg(long, global = true, value_enum, value_name = "HOW", help_heading = "Registry")]
    pub auth: Option<Auth>,
    /// Refuse all writes, and GETs that open a ticket
    #[arg(long, global = true, help_heading = "Registry")]
    pub read_only: bool,
    /// Time allowed for one request [default: 30s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_duration, help_heading = "Registry")]
    pub timeout: Option<Duration>,
    /// HTTP proxy; the environment's are not used
    #[arg(long, global = true, value_name = "URL", help_heading = "Registry")]
    pub proxy: Option<String>,
    /// PEM file of the only roots to trust
    #[arg(long, global = true, value_name = "PATH", help_heading = "Registry")]
    pub ca_file: Option<PathBuf>,
    /// TOML file of options [default: ./swip.toml]
    #[arg(long, global = true, value_name = "FILE", env = "SWIP_CONFIG", help_heading = "General")]
    pub config: Option<PathBuf>,
    /// Say more; -vv: every request
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "General")]
    pub verbose: u8,
    /// Errors only on stderr
    #[arg(short, long, global = true, help_heading = "General")]
    pub quiet: bool,
    /// What stderr says, as text or json
    #[arg(long, global = true, value_enum, value_name = "FORM", help_heading = "General")]
    pub log_format: Option<PlainFormat>,
    /// auto, always or never
    #[arg(long, global = true, value_enum, value_name = "WHEN", help_heading = "General")]
    pub color: Option<When>,
    /// auto, always or never
    #[arg(long, global = true, value_enum, value_name = "WHEN", help_heading = "General")]
    pub progress: Option<When>,
    /// Print help
    #[arg(short, long, global = true, action = ArgAction::Help, help_heading = "General")]
    pub help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = ArgAction::Version, help_heading = "General")]
    pub version: Option<bool>,
    /// What only the config file can say.
    #[arg(skip)]
    pub settings: Settings,
    /// The one pace of this process.
    #[arg(skip)]
    pub pacer: OnceLock<Arc<Pacer>>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a plan offline; never writes at the registry
    Check(Check),
    /// Check, show the plan and its price, ask, register, report
    Submit(Submit),
    /// Compare the plan with what is registered; add, modify, remove
    Sync(Box<Sync>),
    /// The reverse of a run, as a plan for sync --plan
    Undo(Undo),
    /// Go on with an interrupted submit or sync
    Resume(Resume),
    /// What needs a person first, then where every row stands
    Status(Status),
    /// Settle a row whose outcome is unknown; verified by reading
    Resolve(Resolve),
    /// Check, back up or prune the journal
    Journal(Journal),
    /// Write the report again from the journal
    Report(Report),
    /// List what is registered under the parents, as CSV with handles
    Inventory(Inventory),
    /// Match the plan with what is registered; take it into the journal
    Adopt(Adopt),
    /// What a rule means, its ARIN or NRPM source, how to fix it
    Explain(Explain),
    /// Effective settings and where each came from
    Config(Config),
    /// Check key, registry, clock, journal directory and disk; read-only
    Doctor(Doctor),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print a man page
    Manpage(Manpage),
    /// Utilisation per parent and who has what since when, for ARIN
    Evidence(Evidence),
    /// Turn exports into canonical CSV, on stdout
    Convert(Convert),
    /// The parents that exports tell, as a parents file on stdout
    Parents(Parents),
    /// Run the practice registry
    Practice(Practice),
    /// One call of any Reg-RWS method: poc, org, customer, net, …
    Registry(Registry),
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
    /// Form of the evidence.
    EvidenceFormat {
        /// For people.
        Text,
        /// Parents, totals and assignments, a line each.
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
    /// Whether a customer inside a net is created together with it.
    EmbeddedCustomer {
        /// Both or neither.
        Atomic,
        /// The customer first; it stays when the net is refused.
        Separate,
    }
    /// How the practice registry behaves.
    Profile {
        /// ARIN in 2026.
        Current,
        /// The older method document.
        Classic,
    }
}

//! `swip registry`: one call of any Reg-RWS method; one file for each kind of object.
//!
//! Owns objects, verbs and their help. Must not know: how a call is made.

mod net;
mod party;
mod ticket;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::cli::units::parse_duration;
pub use net::{DelegationVerb, NetVerb, Range};
pub use party::{CustomerVerb, OrgVerb, PocVerb};
pub use ticket::{Collect, ReportVerb, TicketSearch, TicketVerb};

/// Shown at the end of `swip registry --help`.
const NOTES: &str = "\
FILE is an XML payload, - is standard input; what a get prints with --xml is one to begin
with (for a create, take handle and dates out). An element that swip does not know is
refused, so that nothing is lost on the way.

modify fetches the record first: what FILE leaves out stays as it is, an element that
is empty in FILE is cleared, and what the registry owns (handle, dates, blocks, parent,
recipient) is echoed.

With --registry practice, the default, the call goes to a practice registry inside this
process. It keeps its world in registry.swip-practice.json and .log here, so that one
call finds what the one before it did; --state chooses another. To look into the world
of a rehearsal, give its plan: --state plan.csv. A new world has the org EXAMPLE-1, its
POCs and the documentation blocks, or the nets of --parents.

Exit codes: 0 done, 2 usage, 4 the registry refused, 5 outcome unknown (the message
says where to look before anything is sent again), 7 the key was refused, 8 registry
unreachable, in outage, or a ticket that is still open after --wait.

Examples:
  swip registry net get NET-192-0-2-0-1 --registry arin --api-key-file key
  swip registry net modify NET-192-0-2-0-1 --name EDGE-EAST --dry-run --xml
  swip registry report reassignment NET-192-0-2-0-1 --wait 30m --out report.csv";

/// `swip registry`.
#[derive(Debug, Args)]
#[command(after_help = NOTES, subcommand_value_name = "OBJECT", subcommand_help_heading = "Objects")]
pub struct Registry {
    /// What it is about.
    #[command(subcommand)]
    pub object: Object,
    /// How it is shown.
    #[command(flatten)]
    pub output: Output,
    /// Where the practice registry keeps its world.
    #[command(flatten)]
    pub world: World,
}

/// How a call and its answer are shown.
#[derive(Debug, Default, Args)]
pub struct Output {
    /// Print the XML that came, or with --dry-run would be sent
    #[arg(long, global = true, conflicts_with = "json", help_heading = "Output")]
    pub xml: bool,
    /// Print the same as JSON
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Read what is needed, but only show what would be written
    #[arg(long, global = true, help_heading = "Output")]
    pub dry_run: bool,
}

/// The world of the practice registry in this process.
#[derive(Debug, Default, Args)]
pub struct World {
    /// State file of the practice world [default: registry]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Practice")]
    pub state: Option<PathBuf>,
    /// CSV of the parent nets of a new practice world
    #[arg(long, global = true, value_name = "FILE", help_heading = "Practice")]
    pub parents: Option<PathBuf>,
}

/// How a ticket is waited for.
#[derive(Debug, Default, Args)]
pub struct Wait {
    /// Wait so long until the ticket is settled
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub wait: Option<Duration>,
}

/// The objects of Reg-RWS.
#[derive(Debug, Subcommand)]
pub enum Object {
    /// Points of contact
    #[command(subcommand)]
    Poc(PocVerb),
    /// Orgs
    #[command(subcommand)]
    Org(OrgVerb),
    /// Customers: recipients of simple reassignments
    #[command(subcommand)]
    Customer(CustomerVerb),
    /// Nets: look up, change, reassign, reallocate, remove
    #[command(subcommand)]
    Net(NetVerb),
    /// Delegations: reverse-DNS zones
    #[command(subcommand)]
    Delegation(DelegationVerb),
    /// Tickets, their messages and attachments
    #[command(subcommand)]
    Ticket(TicketVerb),
    /// Reports: each opens a ticket, is waited for and saved
    #[command(subcommand)]
    Report(ReportVerb),
}

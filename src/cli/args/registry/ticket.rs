//! Verbs of ticket and report.
//!
//! Must not know: verbs of other objects.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::Wait;
use crate::cli::units::parse_duration;
use crate::domain::{NetHandle, TicketNumber};
use crate::regrws::{AttachmentId, TicketStatus, TicketType};

/// Which tickets are listed.
#[derive(Debug, Args)]
pub struct TicketSearch {
    /// Type, as in NET_DELETE_REQUEST; ANY for all
    #[arg(long = "type", id = "kind", value_name = "TYPE", required_unless_present = "status")]
    pub kind: Option<TicketType>,
    /// Status, as in PENDING_REVIEW; ANY and ANY_OPEN for several
    #[arg(long, value_name = "STATUS")]
    pub status: Option<TicketStatus>,
}

/// A status that a ticket can be set to.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
pub enum NewStatus {
    /// Closed; it must be resolved.
    #[value(alias = "closed")]
    Closed,
}

/// Verbs of a ticket.
#[derive(Debug, Subcommand)]
pub enum TicketVerb {
    /// Get a ticket with its messages
    Get {
        /// Ticket number
        number: TicketNumber,
        /// References in place of the messages
        #[arg(long)]
        refs: bool,
    },
    /// Get a ticket without its messages; with --wait, follow it
    Summary {
        /// Ticket number
        number: TicketNumber,
        /// How long it is followed.
        #[command(flatten)]
        wait: Wait,
    },
    /// List tickets with their messages
    List(TicketSearch),
    /// List tickets without their messages
    Summaries(TicketSearch),
    /// Get a message
    Message {
        /// Ticket number
        number: TicketNumber,
        /// Message id
        id: i64,
    },
    /// Save an attachment
    Attachment {
        /// Ticket number
        number: TicketNumber,
        /// Message id
        id: i64,
        /// Attachment id
        attachment: AttachmentId,
        /// File it is saved to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Add a message; not to a closed ticket
    AddMessage {
        /// Ticket number
        number: TicketNumber,
        /// `<message>`, without id and date
        file: PathBuf,
        /// File to attach; repeatable
        #[arg(long, value_name = "PATH")]
        attach: Vec<PathBuf>,
    },
    /// Modify a ticket; only its status can change
    Modify {
        /// Ticket number
        number: TicketNumber,
        /// `<ticket>`
        file: PathBuf,
    },
    /// Close a resolved ticket
    SetStatus {
        /// Ticket number
        number: TicketNumber,
        /// CLOSED
        status: NewStatus,
    },
}

/// Where and how long a report is waited for.
#[derive(Debug, Args)]
pub struct Collect {
    /// Wait so long for the report; 0s only opens the ticket
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "30m")]
    pub wait: Duration,
    /// File or directory it is saved to [default: TICKET-NAME here]
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
}

/// Verbs of a report.
#[derive(Debug, Subcommand)]
pub enum ReportVerb {
    /// All that is reassigned and reallocated under a net
    Reassignment {
        /// Net handle, of type DA or A
        net: NetHandle,
        /// Where to.
        #[command(flatten)]
        collect: Collect,
    },
    /// All records that the user of the key is associated with
    Associations {
        /// Where to.
        #[command(flatten)]
        collect: Collect,
    },
    /// The history of an address; needs WhoWas access
    WhowasNet {
        /// The address
        ip: IpAddr,
        /// Where to.
        #[command(flatten)]
        collect: Collect,
    },
    /// The history of an autonomous system; needs WhoWas access
    WhowasAsn {
        /// Its number
        asn: u32,
        /// Where to.
        #[command(flatten)]
        collect: Collect,
    },
}

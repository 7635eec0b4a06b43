//! Verbs of net and delegation.
//!
//! Must not know: verbs of other objects.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::domain::NetHandle;
use crate::regrws::{HostName, ZoneName};

/// A range by its ends.
#[derive(Debug, Args)]
pub struct Range {
    /// First address
    pub start: IpAddr,
    /// Last address
    pub end: IpAddr,
}

/// Verbs of a net.
#[derive(Debug, Subcommand)]
pub enum NetVerb {
    /// Get a net
    Get {
        /// Net handle
        handle: NetHandle,
    },
    /// Modify a net: name, comment, POC links
    Modify {
        /// Net handle
        handle: NetHandle,
        /// `<net>`
        #[arg(required_unless_present_any = ["name", "comment"])]
        file: Option<PathBuf>,
        /// Its new name
        #[arg(long)]
        name: Option<String>,
        /// Its new comment, lines separated by newline; - clears it
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        comment: Option<String>,
    },
    /// Delete a net of type A or S; one with children gets a ticket, its customer stays
    Delete {
        /// Net handle
        handle: NetHandle,
    },
    /// Delete a net with a message to ARIN's staff and attachments
    Remove {
        /// Net handle
        handle: NetHandle,
        /// `<net>` with `<messages>`, or a `<message>`
        file: Option<PathBuf>,
        /// Text of the message, lines separated by newline
        #[arg(long, value_name = "TEXT")]
        message: Option<String>,
        /// File to attach; repeatable
        #[arg(long, value_name = "PATH")]
        attach: Vec<PathBuf>,
    },
    /// Reassign: simple with a customer in FILE, detailed with an org
    Reassign {
        /// Net handle of the parent
        parent: NetHandle,
        /// `<net>`
        file: PathBuf,
    },
    /// Reallocate to an org, which may reassign it further
    Reallocate {
        /// Net handle of the parent
        parent: NetHandle,
        /// `<net>`
        file: PathBuf,
    },
    /// Create a recipient org; ARIN withdrew this in 2020
    CreateOrg {
        /// Net handle of the parent
        parent: NetHandle,
        /// `<org>`, without handle
        file: PathBuf,
    },
    /// The reverse-DNS zones of a net
    Delegations {
        /// Net handle
        handle: NetHandle,
    },
    /// The net a range could be reassigned from
    Parent(Range),
    /// The most specific net of exactly a range
    MostSpecific(Range),
    /// All nets of exactly a range
    ByRange(Range),
}

/// Verbs of a delegation. Changes reach the DNS within 24 hours.
#[derive(Debug, Subcommand)]
pub enum DelegationVerb {
    /// Get a zone
    Get {
        /// Its name, as in 2.0.192.in-addr.arpa.
        name: ZoneName,
    },
    /// Modify a zone: nameservers and DS keys
    Modify {
        /// Its name
        name: ZoneName,
        /// `<delegation>`
        file: PathBuf,
    },
    /// Add a nameserver
    AddNameserver {
        /// Name of the zone
        name: ZoneName,
        /// Its host name
        nameserver: HostName,
        /// Time to live, in seconds
        #[arg(long)]
        ttl: Option<u32>,
    },
    /// Delete a nameserver
    DeleteNameserver {
        /// Name of the zone
        name: ZoneName,
        /// Its host name
        nameserver: HostName,
    },
    /// Delete all nameservers
    DeleteNameservers {
        /// Name of the zone
        name: ZoneName,
    },
}

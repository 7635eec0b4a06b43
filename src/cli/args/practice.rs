//! Options of the practice registry.
//!
//! Must not know: options of the commands that speak to it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{EmbeddedCustomer, Profile};
use crate::cli::units::{Rate, parse_duration};

/// `swip practice`.
#[derive(Debug, Args)]
pub struct Practice {
    /// Loopback address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: String,
    /// CSV of the parent nets it holds
    #[arg(long, value_name = "FILE", help_heading = "World")]
    pub parents: Option<PathBuf>,
    /// Plan whose recipient orgs and customers it knows
    #[arg(long, value_name = "FILE", help_heading = "World")]
    pub plan: Option<PathBuf>,
    /// World as JSON, read at the start, kept up in FILE's .log, written at the end
    #[arg(long, value_name = "FILE", help_heading = "World")]
    pub state: Option<PathBuf>,
    /// ARIN in 2026, or the older document (tickets, recipient orgs)
    #[arg(long, value_enum, default_value_t = Profile::Current, help_heading = "Behaviour")]
    pub profile: Profile,
    /// A customer inside a net: created with it or not at all, or first, and then staying
    #[arg(long, value_enum, default_value_t = EmbeddedCustomer::Atomic, help_heading = "Behaviour")]
    pub embedded_customer: EmbeddedCustomer,
    /// Tickets are resolved after so many requests for them, or after a time: 2, 30s
    #[arg(long, value_name = "N|DURATION", default_value = "2", help_heading = "Behaviour")]
    pub tickets: String,
    /// Percentage of ticketed requests that are denied [default: 10 with --faults some, else 0]
    #[arg(long, value_name = "PERCENT", help_heading = "Behaviour")]
    pub denied: Option<f64>,
    /// RDAP shows a change after this time
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "0s", help_heading = "Behaviour")]
    pub rdap_lag: Duration,
    /// RDAP shows so many nets in one answer
    #[arg(long, value_name = "N", default_value_t = 256, help_heading = "Behaviour")]
    pub rdap_limit: usize,
    /// What goes wrong: off, some (a published mix), or a JSON file of rules
    #[arg(long, value_name = "off|some|FILE", default_value = "off", help_heading = "Trouble")]
    pub faults: String,
    /// What chance is decided by; the same seed gives each request the same fault
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Trouble")]
    pub seed: u64,
    /// Answer 429 above this rate: 5/s, 90/m
    #[arg(long, value_name = "N/s|N/m", help_heading = "Trouble")]
    pub rate: Option<Rate>,
    /// Every answer waits this long
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = "Trouble")]
    pub latency: Option<Duration>,
}

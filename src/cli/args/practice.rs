//! Options of the practice registry.
//!
//! Must not know: options of the commands that speak to it.

use std::path::PathBuf;

use clap::Args;

use super::Profile;

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

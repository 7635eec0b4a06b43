//! Options of the commands that look after a journal, or settle what is open in it.
//!
//! Must not know: how a run is made.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

/// `swip resolve`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("said").required(true)))]
pub struct Resolve {
    /// The journal
    pub journal: PathBuf,
    /// Row number of the last run, RUN:N, reference, block or net handle
    pub row: String,
    /// This net, customer or ticket is the row's
    #[arg(long, value_name = "HANDLE", group = "said")]
    pub adopt: Option<String>,
    /// Nothing came of the write: swip resume may send it again
    #[arg(long, group = "said")]
    pub absent: bool,
    /// Leave it for now; say why with --note
    #[arg(long, group = "said", requires = "note")]
    pub hold: bool,
    /// What is known, for whoever reads the report
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// `swip journal`.
#[derive(Debug, Args)]
pub struct Journal {
    /// What to do.
    #[command(subcommand)]
    pub command: JournalCommand,
}

/// Runs that `prune` keeps.
pub(super) const KEEP_RUNS: u32 = 30;

/// The commands of `swip journal`.
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Look for damage, and say what the journal holds
    Check {
        /// The journal
        journal: PathBuf,
    },
    /// Write a whole copy, also while a run goes on
    Backup {
        /// The journal
        journal: PathBuf,
        /// The copy; must not exist
        to: PathBuf,
    },
    /// Drop old runs; what is remembered across runs and what is open stays
    Prune {
        /// The journal
        journal: PathBuf,
        /// Runs to keep, the last ones
        #[arg(long, value_name = "N", default_value_t = KEEP_RUNS, value_parser = clap::value_parser!(u32).range(1..))]
        keep: u32,
    },
}

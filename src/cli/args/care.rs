//! Options of the commands that look after swip itself: settings, self-check, packaging.
//!
//! Must not know: plans, journals.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

use super::PlainFormat;

/// `swip config`.
#[derive(Debug, Args)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// The commands of `swip config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting and where it came from, as a valid swip.toml
    Show(ConfigShow),
}

/// `swip config show`.
#[derive(Debug, Args)]
pub struct ConfigShow {
    /// Form of the output
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub format: PlainFormat,
}

/// `swip explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A rule of `swip check`, a status of the report, or an exit code; none: list all
    #[arg(value_name = "RULE")]
    pub name: Option<String>,
}

/// `swip doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The journal whose directory is looked at
    #[arg(long, value_name = "PATH")]
    pub journal: Option<PathBuf>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub format: PlainFormat,
}

/// `swip completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `swip manpage`.
#[derive(Debug, Args)]
pub struct Manpage {
    /// The command whose page is printed, as in `journal check`; none: swip(1)
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

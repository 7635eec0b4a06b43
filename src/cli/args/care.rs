//! Options of the commands that look after swip itself: settings, self-check, packaging.
//!
//! Must not know: plans, journals.

use clap::{Args, Subcommand};

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

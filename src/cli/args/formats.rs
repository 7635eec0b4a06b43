//! Options that say how exports are read, and those of the commands that only convert them.
//!
//! Must not know: plans, registries.

use std::path::PathBuf;

use clap::Args;

use crate::intake::formats;

/// How exports are read.
#[derive(Clone, Debug, Default, Args, serde::Serialize, serde::Deserialize)]
pub struct Formats {
    /// TOML file that says which column is which field, and which rows count
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub mapping: Option<PathBuf>,
    /// Recipients by key: tenant, customer or org id, then address fields or a handle (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub recipients: Vec<PathBuf>,
    /// Format of the inputs, see `swip convert --formats` [default: recognised]
    #[arg(long, value_name = "NAME", value_parser = format_name, help_heading = "Input")]
    pub input_format: Option<String>,
    /// Encoding of inputs that are not UTF-8: latin-1, windows-1252, utf-16, …
    #[arg(long, value_name = "NAME", value_parser = encoding_name, help_heading = "Input")]
    pub encoding: Option<String>,
    /// Write names and addresses in the letters the registry takes, and show each change
    #[arg(long, help_heading = "Input")]
    pub transliterate: bool,
}

/// `swip convert`.
#[derive(Debug, Args)]
pub struct Convert {
    /// Exports, in order; - is standard input
    #[arg(value_name = "INPUT", required_unless_present = "formats")]
    pub inputs: Vec<PathBuf>,
    /// How they are read.
    #[command(flatten)]
    pub reading: Formats,
    /// Print, instead of the CSV, what was recognised, mapped, ignored and left out
    #[arg(long)]
    pub explain: bool,
    /// Print the formats that are known
    #[arg(long)]
    pub formats: bool,
}

/// `swip parents`.
#[derive(Debug, Args)]
pub struct Parents {
    /// Exports, in order; - is standard input
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// How they are read.
    #[command(flatten)]
    pub reading: Formats,
    /// Ask the registry for the handles and parents that the export does not tell
    #[arg(long)]
    pub parents_from_registry: bool,
}

/// A name of the format table.
fn format_name(text: &str) -> Result<String, String> {
    let names = formats::names();
    let known = names.contains(&text).then(|| text.to_owned());
    known.ok_or_else(|| format!("write one of {}", names.join(", ")))
}

/// An encoding by the name the web uses for it.
fn encoding_name(text: &str) -> Result<String, String> {
    formats::encoding::encoding(text).map(|_| text.to_owned()).ok_or_else(|| {
        "write utf-8, latin-1, windows-1252, utf-16, utf-16be, or another name of the Encoding Standard"
            .to_owned()
    })
}

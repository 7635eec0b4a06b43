//! One export → rows of the canonical CSV, one at a time: headers found, records counted, faults
//! placed.
//!
//! Owns which reader a file is given to. Must not know: where the rows go, printing.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;

use crate::domain::{FileId, Finding, Protected, Rule};
use crate::intake::bytes::{self, ReadError};
use crate::intake::source::Source;

use super::draft::Draft;
use super::encoding::Decoded;
use super::explain::Explanation;
use super::head::{container, header_delimiter, recognised};
use super::join::Recipients;
use super::record::{Place, Records as _, SourceFault};
use super::row::FoundParent;
use super::schema::{About, Container, Rules};
use super::walk::Walk;
use super::{delimited, json, sheet, text};

/// How exports are read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Rules laid over the format's.
    pub mapping: Option<Rules>,
    /// The format that the mapping is itself.
    pub own: Option<About>,
    /// The format, where it is not to be recognised.
    pub format: Option<String>,
    /// The encoding, where it is not UTF-8.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Whether names are written in ASCII.
    pub transliterate: bool,
    /// Recipients by key.
    pub recipients: Arc<Recipients>,
    /// Today, for recipients that ended.
    pub as_of: Date,
}

/// What one file turned out to be.
#[derive(Clone, Debug, Default)]
pub struct Converted {
    /// Recognised, mapped, ignored, left out.
    pub explanation: Explanation,
    /// Faults of the header or the whole file, and statuses nobody knows.
    pub findings: Vec<Finding>,
    /// Data rows read.
    pub rows: u64,
    /// Rows that were left out.
    pub left_out: u64,
    /// Space that nothing may be removed from.
    pub protected: Vec<Protected>,
    /// Parents found.
    pub parents: Vec<FoundParent>,
    /// Kind of text.
    pub container: Container,
    /// What separates the cells of a table.
    pub delimiter: u8,
    /// The header as the file has it, by kind of row; one under "" where rows have no kinds.
    pub headers: BTreeMap<String, Vec<String>>,
    /// Labels of columns by field, as the last header has them.
    pub labels: BTreeMap<&'static str, String>,
    /// Whether the format is one of an IPAM.
    pub is_export: bool,
    /// Whether the rest of the file cannot be trusted.
    pub lost: bool,
}

/// Converts one file; each row goes to `sink`.
///
/// # Errors
/// [`ReadError`] when it cannot be read, or changed meanwhile.
pub fn convert(
    source: &Source,
    file: FileId,
    options: &Options,
    sink: &mut dyn FnMut(&Draft),
) -> Result<Converted, ReadError> {
    let mut walk = Walk::new(file, &source.name, options, sink);
    let given = source.head()?;
    let io = |fault| ReadError::Io { path: PathBuf::from(&source.name), source: fault };
    if sheet::is_excel(&given) {
        walk.is_known = true;
        let mut bytes = Vec::new();
        source.stream().read_to_end(&mut bytes).map_err(io)?;
        sheet::read(bytes, &mut walk);
    } else if let Some(encoding) = options.encoding {
        // The head may end within a character.
        let (head, ..) = encoding.decode(&given);
        walk.read(Decoded::new(source.stream(), encoding), &head).map_err(io)?;
    } else if let Some(fault) = bytes::foreign(&given) {
        walk.broken(foreign(fault), true);
    } else {
        walk.read(source.stream(), &String::from_utf8_lossy(&given)).map_err(io)?;
    }
    source.unchanged()?;
    Ok(walk.finish())
}

/// A head that is no UTF-8 text, as a fault.
fn foreign(what: &str) -> SourceFault {
    SourceFault {
        place: Place { line: 1, ..Place::default() },
        rule: Rule::BadEncoding,
        message: what.to_owned(),
        help: "export it as UTF-8, or name its encoding with --encoding".to_owned(),
        value: String::new(),
    }
}

impl Walk<'_, '_> {
    /// Reads a text of the container that its head shows.
    fn read(&mut self, source: impl Read, head: &str) -> io::Result<()> {
        let format = self.options.format.as_deref();
        self.container = container(head, format);
        self.converted.container = self.container;
        match self.container {
            Container::Table => {
                let known = recognised(head, format);
                self.is_known = known.is_some() || self.options.own.is_some();
                let delimiter =
                    known.map_or_else(|| header_delimiter(head), |(_, delimiter)| delimiter);
                self.converted.delimiter = delimiter;
                delimited::read(source, delimiter, self)
            }
            Container::Json => json::read(source, self),
            Container::Template => text::templates(source, self),
            Container::Records => text::records(source, self),
        }
    }
}

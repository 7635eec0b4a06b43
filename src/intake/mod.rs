//! Rows → requests: inputs as operators have them, parsed into typed requests with positions.
//!
//! Knows domain. Must not know: the network, the plan, the journal.

pub mod bytes;
pub mod cells;
pub mod columns;
pub mod excerpt;
pub mod mapping;
pub mod parents;
mod recipient;
pub mod records;
pub mod registered;
mod request;
mod table;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use csv::ByteRecord;

use crate::domain::{FileId, Finding, ReadRow, RowAt, RowFacts, Rule};

pub use bytes::ReadError;
pub use columns::{Columns, Field};
pub use excerpt::Excerpt;
pub use mapping::{Mapping, MappingError};

use bytes::InputBytes;
use cells::Cells;
use records::{FIELD_MAX_BYTES, QuoteFault, Record, Records};

/// How inputs are read.
#[derive(Clone, Debug, Default)]
pub struct IntakeOptions {
    /// The mapping of an IPAM export.
    pub mapping: Option<Mapping>,
    /// Whether new recipient orgs may be asked for.
    pub recipient_orgs: bool,
}

/// All inputs of a plan, in memory.
#[derive(Debug)]
pub struct Inputs {
    files: Vec<InputBytes>,
    options: IntakeOptions,
}

/// What is known of the inputs after reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputFacts {
    /// Data rows handed on.
    pub rows: u64,
    /// Rows the mapping's selection left out.
    pub deselected: u64,
    /// Header and file findings (row 0), and rows whose structure is lost.
    pub findings: Vec<Finding>,
    /// Whether a file's structure is lost, so that no row of the plan can be trusted.
    pub unusable: bool,
}

impl Inputs {
    /// Reads every input into memory.
    ///
    /// # Errors
    /// [`ReadError`] for the first that cannot be read.
    pub fn open(paths: &[PathBuf], options: IntakeOptions) -> Result<Self, ReadError> {
        let files = paths.iter().map(|path| bytes::read(path)).collect::<Result<_, _>>()?;
        Ok(Self { files, options })
    }

    /// Names of the inputs as given.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.files.iter().map(|file| file.name.clone()).collect()
    }

    /// SHA-256 over the bytes of all inputs in order, in hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        bytes::sha256(self.files.iter().map(|file| file.bytes.as_slice()))
    }

    /// Hands every row to the sink, numbered through all inputs.
    pub fn rows(&self, mut sink: impl FnMut(ReadRow)) -> InputFacts {
        let mut facts = InputFacts::default();
        for (index, file) in self.files.iter().enumerate() {
            let id = FileId(u16::try_from(index).unwrap_or(u16::MAX));
            file_rows(&file.bytes, id, &self.options, &mut facts, &mut sink);
        }
        if facts.rows == 0 && facts.deselected == 0 && facts.findings.is_empty() {
            let at = RowAt { line: 1, ..RowAt::default() };
            let message = "the input has a header and no data rows";
            facts.findings.push(Finding::new(
                at,
                Rule::EmptyInput,
                message,
                "export it again; nothing is done with an empty plan",
            ));
        }
        facts.unusable =
            facts.findings.iter().any(|f| f.at.row == 0 || f.rule == Rule::UnterminatedQuote);
        facts
    }

    /// Index of the cell that a file's header calls `column`, or of `start` for `prefix`.
    #[must_use]
    pub fn cell_index(&self, file: FileId, column: &str) -> Option<usize> {
        let bytes = &self.files.get(usize::from(file.0))?.bytes;
        let (text, _) = bytes::text(bytes).ok()?;
        let mut record = ByteRecord::new();
        Records::new(text, records::detect_delimiter(text)).next(&mut record)?;
        let names: Vec<String> =
            record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        let mapped = self.options.mapping.as_ref();
        let label = |name: &str| {
            let field = Field::parse(name)?;
            mapped.and_then(|mapping| mapping.columns.get(&field)).cloned()
        };
        let find = |name: &str| {
            let label = label(name).unwrap_or_else(|| name.to_owned());
            names.iter().position(|other| other.eq_ignore_ascii_case(&label))
        };
        find(column).or_else(|| (column == "prefix").then(|| find("start")).flatten())
    }

    /// The record a row stands in.
    #[must_use]
    pub fn excerpt(&self, at: RowAt) -> Option<Excerpt> {
        let file = self.files.get(usize::from(at.file.0))?;
        let (text, _) = bytes::text(&file.bytes).ok()?;
        excerpt::at(text, records::detect_delimiter(text), at.offset, at.line)
    }
}

/// Reads one file's rows.
fn file_rows(
    bytes: &[u8],
    file: FileId,
    options: &IntakeOptions,
    facts: &mut InputFacts,
    sink: &mut impl FnMut(ReadRow),
) {
    let at = RowAt { row: 0, file, line: 1, offset: 0 };
    let text = match bytes::text(bytes) {
        Ok((text, _)) => text,
        Err(fault) => {
            let line = 1 + memchr::memchr_iter(b'\n', &bytes[..fault.offset]).count() as u64;
            let at = RowAt { line, offset: fault.offset as u64, ..at };
            let message = format!("at byte {}: {}", fault.offset, fault.what);
            facts.findings.push(Finding::new(
                at,
                Rule::BadEncoding,
                message,
                "swip reads UTF-8 text",
            ));
            return;
        }
    };
    let delimiter = records::detect_delimiter(text);
    let mut records = Records::new(text, delimiter);
    let mut record = ByteRecord::new();
    let Some(found) = records.next(&mut record) else {
        let message = "the file is empty";
        facts.findings.push(Finding::new(
            at,
            Rule::EmptyInput,
            message,
            "export it again; nothing is done with an empty plan",
        ));
        return;
    };
    let header_at = RowAt { line: found.line, offset: found.offset as u64, ..at };
    let columns = match header(&found, &record, delimiter, header_at, options) {
        Ok(columns) => columns,
        Err(mut findings) => return facts.findings.append(&mut findings),
    };
    let reader = RowReader { columns: &columns, delimiter, options };
    while let Some(found) = records.next(&mut record) {
        let row = facts.rows + facts.deselected + 1;
        let at = RowAt { row, file, line: found.line, offset: found.offset as u64 };
        match reader.row(&found, &record, at) {
            RowRead::Deselected => facts.deselected += 1,
            RowRead::Lost(finding) => {
                facts.findings.push(*finding);
                return;
            }
            RowRead::Row(read) => {
                facts.rows += 1;
                sink(*read);
            }
        }
    }
}

fn header(
    found: &Record<'_>,
    record: &ByteRecord,
    delimiter: u8,
    at: RowAt,
    options: &IntakeOptions,
) -> Result<Columns, Vec<Finding>> {
    let first = found.raw;
    if first.starts_with('#') || first.starts_with("sep=") {
        let message = format!("the first line is `{}`, not a header", cells::shown(first));
        return Err(vec![Finding::new(
            at,
            Rule::UnknownColumn,
            message,
            "remove the lines above the header",
        )]);
    }
    if let Err(fault) = found.cells(delimiter) {
        return Err(vec![quote_finding(fault, found, at)]);
    }
    let trimmed = |cell: &[u8]| String::from_utf8_lossy(cell).trim_matches([' ', '\t']).to_owned();
    let names = record.iter().map(trimmed);
    Columns::read(names.collect(), options.mapping.as_ref(), at)
}

/// What became of one record.
enum RowRead {
    Row(Box<ReadRow>),
    Deselected,
    /// The file's structure is lost from here on.
    Lost(Box<Finding>),
}

/// Reads the records of one file.
struct RowReader<'f> {
    columns: &'f Columns,
    delimiter: u8,
    options: &'f IntakeOptions,
}

impl RowReader<'_> {
    fn row(&self, found: &Record<'_>, record: &ByteRecord, at: RowAt) -> RowRead {
        if let Some(finding) = self.structure(found, record, at) {
            if finding.rule == Rule::UnterminatedQuote && finding.value.is_empty() {
                return RowRead::Lost(Box::new(finding));
            }
            let facts = RowFacts { private: true, ..RowFacts::default() };
            return RowRead::Row(Box::new(ReadRow {
                at,
                facts,
                request: None,
                findings: vec![finding],
            }));
        }
        let mapping = self.options.mapping.as_ref();
        let cells = Cells::new(self.columns, mapping, record, at);
        if mapping.is_some_and(|mapping| !mapping.selects(|label| cells.labelled(label))) {
            return RowRead::Deselected;
        }
        RowRead::Row(Box::new(request::read(cells, self.options.recipient_orgs)))
    }

    /// A fault of the record's structure, if it has one.
    fn structure(&self, found: &Record<'_>, record: &ByteRecord, at: RowAt) -> Option<Finding> {
        if let Err(fault) = found.cells(self.delimiter) {
            return Some(quote_finding(fault, found, at));
        }
        let expected = self.columns.header.len();
        if record.len() != expected {
            let message = format!("the row has {} cells; the header has {expected}", record.len());
            let help = "quote cells that hold the delimiter, or complete the row; the export may be cut off";
            return Some(Finding::new(at, Rule::RaggedRow, message, help));
        }
        let long = record.iter().position(|cell| cell.len() > FIELD_MAX_BYTES)?;
        let message = format!(
            "the cell has {} bytes; at most {FIELD_MAX_BYTES} are taken",
            record[long].len()
        );
        let mut finding = Finding::new(
            at,
            Rule::FieldTooLong,
            message,
            "shorten it, or look for a missing quote above",
        );
        finding.cell = Some(long);
        finding.column = self.columns.header.get(long).cloned().map(Into::into);
        Some(finding)
    }
}

fn quote_finding(fault: QuoteFault, found: &Record<'_>, at: RowAt) -> Finding {
    match fault {
        QuoteFault::Unterminated(offset) => {
            let before = &found.raw[..offset.min(found.raw.len())];
            let line = at.line + before.lines().count().saturating_sub(1) as u64;
            let message = format!(
                "the quote that opens on line {line} never closes; the rest of the file is swallowed"
            );
            Finding::new(
                RowAt { line, ..at },
                Rule::UnterminatedQuote,
                message,
                "close the quote, or double it if it is meant",
            )
        }
        QuoteFault::Stray(offset) => {
            let message = "text stands beside a quote; a cell is quoted as a whole, and a quote in it is doubled";
            let mut finding = Finding::new(
                at,
                Rule::UnterminatedQuote,
                message,
                "write \"a \"\"b\"\" c\" for a \"b\" c",
            );
            let begin = offset.saturating_sub(1);
            finding.value = cells::shown(found.raw.get(begin..).unwrap_or_default());
            finding
        }
    }
}

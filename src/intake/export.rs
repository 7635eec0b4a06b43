//! An export among the INPUTs: converted once into canonical CSV in a temporary file, which is then
//! read like any other input; what the conversion found is added to its rows.
//!
//! Each record of the spool stands one line behind its record in the source, so that lines need no
//! table; rows that are left out stand there too, marked, so that rows keep their numbers. Must not
//! know: formats, what cells mean.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write};
use std::path::{Path, PathBuf};

use csv::ByteRecord;
use sha2::Sha256;

use crate::domain::{FileId, Finding, RowAt, Severity};

use super::bytes::{ReadError, STDIN};
use super::cells::Cells;
use super::columns::{Columns, FIELD_COUNT, Field};
use super::formats::convert::{self, Converted, Options};
use super::formats::draft::Draft;
use super::layout::Layout;
use super::source::Source;

/// Column of the spool: number of the row in its source, and [`LEFT_OUT`] if it is left out.
const ROW_COLUMN: &str = "x_row";
/// Marks a row that is no row of the plan.
const LEFT_OUT: u8 = b'!';

/// What the conversion found in a row.
#[derive(Clone, Debug, Default)]
struct Notes {
    findings: Vec<Finding>,
    covered: Vec<Field>,
}

/// A converted input.
#[derive(Debug)]
pub struct Export {
    /// What the file turned out to be.
    pub converted: Converted,
    /// By row of the file.
    notes: BTreeMap<u64, Notes>,
    path: PathBuf,
}

/// Converts an input; gives its canonical CSV under the name of the source.
pub(super) fn open(
    path: &Path,
    file: FileId,
    options: &Options,
) -> Result<(Source, Export), ReadError> {
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    let mut notes: BTreeMap<u64, Notes> = BTreeMap::new();
    let mut spool = Spool::create().map_err(io)?;
    let mut sink = |draft: &Draft| {
        spool.row(draft);
        if !draft.findings.is_empty() {
            let (findings, covered) = (draft.findings.clone(), draft.covered.clone());
            notes.insert(draft.at.row, Notes { findings, covered });
        }
    };
    let (converted, _) = convert::convert(path, file, options, Sha256::default(), &mut sink)?;
    let spooled = spool.finish().map_err(io)?;
    let source = Source::of_file(converted.explanation.file.clone(), path, spooled)?;
    Ok((source, Export { converted, notes, path: path.to_owned() }))
}

/// Writes the spool.
struct Spool {
    out: BufWriter<File>,
    /// Line ends written.
    lines: u64,
    fault: Option<io::Error>,
}

impl Spool {
    fn create() -> io::Result<Self> {
        let mut spool = Self { out: BufWriter::new(tempfile::tempfile()?), lines: 0, fault: None };
        let names = Field::ALL.iter().map(|field| field.name());
        spool.record(names.chain([ROW_COLUMN]));
        Ok(spool)
    }

    fn row(&mut self, draft: &Draft) {
        while self.lines < draft.at.line {
            self.write(b"\n");
            self.lines += 1;
        }
        let mark = if draft.left_out { char::from(LEFT_OUT).to_string() } else { String::new() };
        let number = format!("{}{mark}", draft.at.row);
        self.record(draft.texts.iter().map(String::as_str).chain([number.as_str()]));
    }

    fn record<'t>(&mut self, cells: impl Iterator<Item = &'t str>) {
        for (index, cell) in cells.enumerate() {
            if index > 0 {
                self.write(b",");
            }
            if cell.contains(['"', ',', '\n', '\r']) {
                self.write(format!("\"{}\"", cell.replace('"', "\"\"")).as_bytes());
                self.lines += super::records::line_ends(cell.as_bytes());
            } else {
                self.write(cell.as_bytes());
            }
        }
        self.write(b"\n");
        self.lines += 1;
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Err(fault) = self.out.write_all(bytes) {
            self.fault.get_or_insert(fault);
        }
    }

    fn finish(mut self) -> io::Result<File> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let mut file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }
}

impl Export {
    /// The layout of the spool, with the labels and lines of the source; its faults instead, if
    /// the conversion found any.
    pub(super) fn layout(
        &self,
        spooled: Result<Layout, Vec<Finding>>,
    ) -> Result<Layout, Vec<Finding>> {
        let errors = self.converted.findings.iter();
        let errors: Vec<Finding> =
            errors.filter(|finding| finding.severity() == Severity::Error).cloned().collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut layout = spooled?;
        layout.line = 1;
        for (field, label) in Field::ALL.iter().zip(&mut layout.columns.header) {
            if let Some(written) = self.converted.labels.get(field.name()) {
                label.clone_from(written);
            }
        }
        Ok(layout)
    }

    /// Feeds the bytes of the source to a hash.
    pub(super) fn hash(&self, hash: &mut Sha256) -> Result<(), ReadError> {
        if self.path.as_os_str() == STDIN {
            return Ok(());
        }
        Source::open(&self.path)?.hash(hash)
    }

    /// Whether a record of the spool is no row of the plan.
    pub(super) fn is_left_out(record: &ByteRecord) -> bool {
        record.get(FIELD_COUNT).is_some_and(|cell| cell.last() == Some(&LEFT_OUT))
    }

    /// Adds what the conversion found to the findings of a row; whether the row is sound.
    pub(super) fn complete(
        &self,
        record: &ByteRecord,
        at: RowAt,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let number = record.get(FIELD_COUNT).and_then(|cell| std::str::from_utf8(cell).ok());
        let number: Option<u64> = number.and_then(|text| text.parse().ok());
        if let Some(notes) = number.and_then(|number| self.notes.get(&number)) {
            let covered = |finding: &Finding| {
                let field = finding.cell.and_then(|cell| Field::ALL.get(cell));
                field.is_some_and(|field| notes.covered.contains(field))
            };
            findings.retain(|finding| !covered(finding));
            let found = notes.findings.iter().cloned();
            findings.extend(found.map(|finding| Finding { at, ..finding }));
        }
        !findings.iter().any(|finding| finding.severity() == Severity::Error)
    }
}

/// Judges a converted row by the rules of the canonical CSV.
#[must_use]
pub fn judge(draft: &Draft) -> Vec<Finding> {
    let record: ByteRecord = draft.texts.iter().map(String::as_bytes).collect();
    let mut cells = Cells::new(Columns::canonical(), &record, draft.at);
    super::request::view(&mut cells, false);
    cells.findings
}

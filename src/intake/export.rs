//! An export among the INPUTs: converted once into canonical CSV in an unnamed file, which is then
//! read like any other input; what the conversion found is added to its rows.
//!
//! Each record of that spool holds where its record stands in the source, and what the conversion
//! found, so that nothing of a row is kept in memory; rows that are left out stand there too,
//! marked, so that rows keep their numbers. Must not know: formats, what cells mean.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::domain::{FileId, Finding, RowAt, Rule, Severity};

use super::bytes::ReadError;
use super::cells::Cells;
use super::columns::{Columns, FIELD_COUNT, Field};
use super::formats::convert::{self, Converted, Options};
use super::formats::draft::Draft;
use super::layout::Layout;
use super::source::Source;
use super::split::Split;

/// Columns of the spool behind the canonical ones.
const BESIDE: [&str; 4] = ["x_at", "x_notes", "x_joined", "x_record"];
/// Cell of a spooled record: where it stands in the source, see [`Stand`].
const AT: usize = FIELD_COUNT;
/// Cell of what the conversion found, as JSON.
const NOTES: usize = FIELD_COUNT + 1;
/// Cell of the fields that came from a recipients file, and where it has them.
const JOINED: usize = FIELD_COUNT + 2;
/// Cell of the source's own record, where that cannot be read again.
const RECORD: usize = FIELD_COUNT + 3;
/// Marks a row that is no row of the plan.
const LEFT_OUT: &str = "!";

/// What the conversion found in a row.
#[derive(Serialize, Deserialize)]
struct Notes<'n> {
    #[serde(borrow)]
    found: Vec<Note<'n>>,
    /// Fields that they speak for, by number.
    covered: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
struct Note<'n> {
    rule: Rule,
    #[serde(borrow)]
    column: Option<Cow<'n, str>>,
    #[serde(borrow)]
    value: Cow<'n, str>,
    #[serde(borrow)]
    message: Cow<'n, str>,
    #[serde(borrow)]
    help: Cow<'n, str>,
}

/// Where a spooled record stands in its source.
struct Stand<'r> {
    line: u64,
    offset: u64,
    /// Number of its sheet, from 0.
    sheet: Option<u16>,
    mark: &'r str,
}

impl<'r> Stand<'r> {
    fn of(record: &'r Split) -> Option<Self> {
        let cell = std::str::from_utf8(record.get(AT)?).ok()?;
        let mut words = cell.split(' ');
        let line = words.next()?.parse().ok()?;
        let offset = words.next()?.parse().ok()?;
        let sheet = words.next()?.parse().ok();
        Some(Self { line, offset, sheet, mark: words.next()? })
    }
}

/// A converted input.
#[derive(Debug)]
pub struct Export {
    /// What the file turned out to be.
    pub converted: Converted,
    /// The file as it was given.
    pub(super) given: Source,
    /// How its bytes become text.
    pub(super) encoding: Option<&'static encoding_rs::Encoding>,
    /// Its sheets that have rows.
    pub(super) sheets: Vec<String>,
    /// By which number the first of them is known among the INPUTs.
    pub(super) first_sheet: u16,
}

/// Converts an input; gives its canonical CSV under the name of the source.
pub(super) fn open(
    given: Source,
    file: FileId,
    options: &Options,
) -> Result<(Source, Export), ReadError> {
    let io = |fault| ReadError::Io { path: PathBuf::from(&given.name), source: fault };
    let mut spool = Spool::create().map_err(io)?;
    let mut sink = |draft: &Draft| spool.row(draft);
    let converted = convert::convert(&given, file, options, &mut sink)?;
    let sheets = std::mem::take(&mut spool.sheets);
    let spooled = spool.finish().map_err(io)?;
    let source = Source::of_file(given.name.clone(), spooled)?;
    let encoding = options.encoding;
    Ok((source, Export { converted, given, encoding, sheets, first_sheet: 0 }))
}

/// Writes the spool.
struct Spool {
    out: BufWriter<File>,
    sheets: Vec<String>,
    fault: Option<io::Error>,
}

impl Spool {
    fn create() -> io::Result<Self> {
        let out = BufWriter::new(tempfile::tempfile()?);
        let mut spool = Self { out, sheets: Vec::new(), fault: None };
        let names = Field::ALL.iter().map(|field| field.name());
        spool.record(names.chain(BESIDE));
        Ok(spool)
    }

    fn row(&mut self, draft: &Draft) {
        let sheet = draft.place.sheet.as_deref().map_or_else(
            || "-".to_owned(),
            |sheet| {
                if self.sheets.last().is_none_or(|last| last != sheet) {
                    self.sheets.push(sheet.to_owned());
                }
                (self.sheets.len() - 1).to_string()
            },
        );
        let mark = if draft.left_out { LEFT_OUT } else { "" };
        let at = format!("{} {} {sheet} {mark}", draft.place.line, draft.place.offset);
        let texts = draft.texts.iter().map(String::as_str);
        let beside = [at, notes(draft), joined(draft)];
        let beside = beside.iter().map(String::as_str).chain([draft.record.as_str()]);
        self.record(texts.chain(beside));
    }

    fn record<'t>(&mut self, cells: impl Iterator<Item = &'t str>) {
        for (index, cell) in cells.enumerate() {
            if index > 0 {
                self.write(b",");
            }
            if cell.contains(['"', ',', '\n', '\r']) {
                self.write(format!("\"{}\"", cell.replace('"', "\"\"")).as_bytes());
            } else {
                self.write(cell.as_bytes());
            }
        }
        self.write(b"\n");
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

/// What the conversion found, as the spool holds it.
fn notes(draft: &Draft) -> String {
    if draft.findings.is_empty() {
        return String::new();
    }
    let found = draft.findings.iter().map(|finding| Note {
        rule: finding.rule,
        column: finding.column.as_deref().map(Cow::Borrowed),
        value: Cow::Borrowed(&finding.value),
        message: Cow::Borrowed(&finding.message),
        help: Cow::Borrowed(&finding.help),
    });
    let covered = draft.covered.iter().map(|field| *field as usize);
    let notes = Notes { found: found.collect(), covered: covered.collect() };
    // Texts and numbers always become JSON.
    serde_json::to_string(&notes).unwrap_or_default()
}

/// Which fields came from the recipients file, as a number of bits, and where they stand there.
fn joined(draft: &Draft) -> String {
    if draft.joined.is_empty() {
        return String::new();
    }
    let bits = draft.joined.iter().fold(0_u32, |bits, field| bits | 1 << *field as u32);
    format!("{bits} {}", draft.joined_from)
}

impl Export {
    /// The layout of the spool, with the labels of the source; its faults instead, if the
    /// conversion found any.
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
        for (field, label) in Field::ALL.iter().zip(&mut layout.columns.header) {
            if let Some(written) = self.converted.labels.get(field.name()) {
                label.clone_from(written);
            }
        }
        Ok(layout)
    }

    /// Feeds the bytes of the source to a hash.
    pub(super) fn hash(&self, hash: &mut Sha256) -> Result<(), ReadError> {
        self.given.hash(hash)
    }

    /// Line of a spooled record in its source.
    pub(super) fn line(record: &Split) -> u64 {
        Stand::of(record).map_or(0, |stand| stand.line)
    }

    /// Gives a row its place in the source; `None` if it is no row of the plan.
    pub(super) fn place(&self, record: &Split, at: RowAt) -> Option<RowAt> {
        let Some(stand) = Stand::of(record) else { return Some(at) };
        let sheet = stand.sheet.map(|sheet| FileId(self.first_sheet.saturating_add(sheet)));
        // A row of a sheet is quoted from the spool.
        let offset = if sheet.is_some() { at.offset } else { stand.offset };
        let place = RowAt { line: stand.line, offset, file: sheet.unwrap_or(at.file), ..at };
        (stand.mark != LEFT_OUT).then_some(place)
    }

    /// Adds what the conversion found to the findings of a row; whether the row is sound.
    pub(super) fn complete(&self, record: &Split, at: RowAt, findings: &mut Vec<Finding>) -> bool {
        let cell = |index: usize| {
            record.get(index).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or_default()
        };
        if let Ok(notes) = serde_json::from_str::<Notes<'_>>(cell(NOTES)) {
            findings.retain(|f| f.cell.is_none_or(|cell| !notes.covered.contains(&cell)));
            findings.extend(notes.found.into_iter().map(|note| note.finding(at)));
        }
        if let Some((bits, from)) = cell(JOINED).split_once(' ').filter(|_| !findings.is_empty()) {
            let bits: u32 = bits.parse().unwrap_or_default();
            let joined = |finding: &&mut Finding| {
                finding.cell.is_some_and(|cell| cell < FIELD_COUNT && bits & (1 << cell) != 0)
            };
            for finding in findings.iter_mut().filter(joined) {
                finding.message.push_str(&format!(" (taken from {from})"));
            }
        }
        !findings.iter().any(|finding| finding.severity() == Severity::Error)
    }

    /// The source's own record in a spooled one.
    pub(super) fn record(record: &Split) -> &str {
        record.get(RECORD).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or_default()
    }
}

impl Note<'_> {
    fn finding(self, at: RowAt) -> Finding {
        let mut finding = Finding::new(at, self.rule, self.message, self.help);
        finding.column = self.column.map(|column| Cow::Owned(column.into_owned()));
        finding.value = self.value.into_owned();
        finding
    }
}

/// Judges a converted row by the rules of the canonical CSV.
#[must_use]
pub fn judge(draft: &Draft) -> Vec<Finding> {
    let record: Split = draft.texts.iter().map(String::as_bytes).collect();
    let options = super::IntakeOptions::default();
    let mut cells = Cells::new(Columns::canonical(), &record, draft.at);
    super::request::view(&mut cells, &options);
    std::mem::take(&mut cells.findings)
}

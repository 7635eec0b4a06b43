//! The records of a part as rows: structure judged, cells parsed, each row handed on borrowed.
//!
//! Owns record faults and the line of every row. Must not know: other parts, the plan.

use crate::domain::{
    FileId, Finding, ReadRow, RowAt, RowFacts, RowView, Rule, are_plain_lines, is_printable, secret,
};

use super::bytes;
use super::cells::Cells;
use super::export::Export;
use super::layout::{Layout, encoding_finding};
use super::parts::Part;
use super::records::{FIELD_MAX_BYTES, line_ends};
use super::split::Split;
use super::structure::secret_finding;
use super::walk::Walk;
use super::{IntakeOptions, request};

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One row as the rules judge it.
pub struct Row<'r> {
    /// Its cells, parsed.
    pub view: &'r RowView<'r>,
    /// What its cells raised.
    pub findings: Vec<Finding>,
    cells: Option<&'r Cells<'r>>,
    columns: &'r super::Columns,
}

impl Row<'_> {
    /// The row as it is planned, with `findings` in place; nothing of it stays behind.
    #[must_use]
    pub fn own(&mut self) -> ReadRow {
        let findings = std::mem::take(&mut self.findings);
        match self.cells {
            Some(cells) => request::own(cells, self.view, findings),
            None => {
                let facts = RowFacts { private: true, ..RowFacts::default() };
                ReadRow { at: self.view.at, facts, request: None, findings }
            }
        }
    }

    /// Points a finding that names a canonical column to the cell that holds it, by the name the
    /// file gives it: a block may stand in `prefix` or in `start`.
    pub fn place(&self, finding: &mut Finding) {
        let Some(cells) = self.cells.filter(|_| finding.cell.is_none()) else { return };
        let Some(field) = finding.column.as_deref().and_then(super::Field::parse) else { return };
        let field = match field {
            super::Field::Prefix if cells.get(field).is_none() => super::Field::Start,
            other => other,
        };
        let Some(index) = self.columns.index(field) else { return };
        finding.cell = Some(index);
        finding.column = self.columns.header.get(index).cloned().map(Into::into);
    }
}

/// What a part held, so that its rows can be found again.
#[derive(Clone, Debug, Default)]
pub struct PartFacts {
    /// Which input.
    pub file: FileId,
    /// Offset of its first byte.
    pub offset: u64,
    /// Its length in bytes.
    pub bytes: usize,
    /// Records in it.
    pub rows: u32,
    /// Records that the mapping's selection left out.
    pub deselected: u32,
    /// Physical line ends in it.
    pub line_ends: u64,
    /// Line of each record, counted from the part's first; `None` when each has one line.
    pub lines: Option<Box<[u32]>>,
    /// Whether each record is one line of the part's bytes.
    pub plain: bool,
    /// Line that the lines are counted from, where it is that of an export's source.
    pub first_line: Option<u64>,
    /// What makes the whole input unusable.
    pub fault: Option<Finding>,
}

/// Reads parts of one input.
#[derive(Clone, Copy)]
pub(super) struct Reader<'f> {
    pub(super) layout: &'f Layout,
    pub(super) options: &'f IntakeOptions,
    pub(super) file: FileId,
    pub(super) export: Option<&'f Export>,
}

impl Reader<'_> {
    /// Hands every row of a part to `sink`, numbered and with lines counted from `from`: the
    /// number of the row before the part, and the line of its first byte.
    pub(super) fn rows(
        &self,
        walk: &mut Walk,
        part: Part,
        from: RowAt,
        mut sink: impl FnMut(u32, &mut Row<'_>),
    ) -> PartFacts {
        let mut facts = PartFacts {
            file: self.file,
            offset: part.offset,
            bytes: part.bytes.len(),
            ..PartFacts::default()
        };
        let plain = !part.quoted && are_plain_lines(&part.bytes);
        if !plain && let Err(fault) = bytes::text_within(&part.bytes) {
            let at = RowAt { row: 0, offset: part.offset, file: self.file, ..from };
            facts.fault = Some(encoding_finding(&fault, &part.bytes, at));
            return facts;
        }
        walk.take(part, self.layout.delimiter);
        walk.plain = plain;
        let mut begins = Vec::new();
        let mut stands = Vec::new();
        while let Some(begin) = walk.next() {
            let local = facts.rows;
            facts.rows += 1;
            begins.push(begin);
            let at = RowAt {
                row: from.row + u64::from(local) + 1,
                file: self.file,
                line: from.line,
                offset: walk.part.offset + begin as u64,
            };
            if self.export.is_some() {
                stands.push(Export::line(walk.record()));
            }
            match self.row(walk, at, |row| sink(local, row)) {
                Read::Row => {}
                Read::Deselected => facts.deselected += 1,
                Read::Lost(finding) => {
                    facts.fault = Some(*finding);
                    break;
                }
            }
        }
        let bytes = walk.bytes();
        // Where the walk went to the end, the reader counted the line feeds on its way.
        let feeds = facts.fault.is_none().then(|| walk.line_feeds());
        let feeds = feeds.filter(|_| memchr::memchr(b'\r', bytes).is_none());
        facts.line_ends = feeds.unwrap_or_else(|| line_ends(bytes));
        facts.lines = lines(bytes, &begins, facts.line_ends, feeds.is_some());
        facts.plain = facts.lines.is_none();
        if self.export.is_some() {
            (facts.first_line, facts.lines) = lines_of_source(&stands);
        }
        if let Some(fault) = facts.fault.as_mut().filter(|fault| fault.at.row > 0) {
            let before = begins.last().map_or(0, |begin| line_ends(&bytes[..*begin]));
            fault.at.line += before;
        }
        facts
    }

    /// Hands chosen rows of a part to `sink`: `chosen` are ascending numbers within the part.
    pub(super) fn chosen(
        &self,
        part: Part,
        facts: &PartFacts,
        from: RowAt,
        chosen: &[u32],
        mut sink: impl FnMut(u32, &mut Row<'_>),
    ) {
        let mut walk = Walk::new(self.layout.delimiter);
        walk.take(part, self.layout.delimiter);
        // Where the last line that was passed ends, and how many were passed.
        let (mut behind, mut passed, mut read) = (0, 0, 0);
        for local in chosen {
            // Where each record is one line, its begin is found by counting line ends.
            if facts.plain && *local > read {
                let mut ends = memchr::memchr_iter(b'\n', &walk.bytes()[behind..]);
                let Some(end) = ends.nth((*local - passed) as usize - 1) else { return };
                (behind, passed, read) = (behind + end + 1, *local, *local);
                walk.seek(behind);
            }
            let Some(begin) = (read..=*local).map(|_| walk.next()).last().flatten() else { return };
            read = *local + 1;
            let line = facts.lines.as_ref().map_or(*local, |lines| lines[*local as usize]);
            let at = RowAt {
                row: from.row + u64::from(*local) + 1,
                file: self.file,
                line: from.line + u64::from(line),
                offset: walk.part.offset + begin as u64,
            };
            self.row(&mut walk, at, |row| sink(*local, row));
        }
    }

    /// Lends the record the walk stands on: a row is some hundred bytes, which nobody moves.
    #[inline]
    fn row(&self, walk: &mut Walk, at: RowAt, sink: impl FnOnce(&mut Row<'_>)) -> Read {
        let columns = &self.layout.columns;
        if let Some((finding, lost)) = self.structure(walk, at) {
            if lost {
                return Read::Lost(Box::new(finding));
            }
            let view = RowView { at, ..RowView::default() };
            sink(&mut Row { view: &view, findings: vec![finding], cells: None, columns });
            return Read::Row;
        }
        let record = walk.record();
        let at = match self.export.map(|export| export.place(record, at)) {
            Some(None) => return Read::Deselected,
            Some(Some(place)) => place,
            None => at,
        };
        let printable = walk.plain || is_printable(record.as_slice());
        let mut cells = Cells::none(columns, at, printable);
        cells.fill(record);
        let mut view = request::view(&mut cells, self.options);
        let mut findings = std::mem::take(&mut cells.findings);
        if let Some(export) = self.export {
            view.sound = export.complete(record, at, &mut findings);
        }
        sink(&mut Row { view: &view, findings, cells: Some(&cells), columns });
        Read::Row
    }

    /// A fault of the record's structure, and whether that of the file is lost with it.
    #[inline]
    fn structure(&self, walk: &mut Walk, at: RowAt) -> Option<(Finding, bool)> {
        let record = walk.record();
        // Where no quote and no odd character stands, only these faults are left.
        let sound = walk.plain
            && !walk.has_secret
            && record.len() == self.layout.columns.header.len()
            && record.as_slice().len() <= FIELD_MAX_BYTES
            && !self.repeats_header(record);
        if sound { None } else { self.structure_fault(walk, at) }
    }

    fn structure_fault(&self, walk: &mut Walk, at: RowAt) -> Option<(Finding, bool)> {
        if walk.part.endless || walk.part.unclosed.is_some() || !walk.part.stray.is_empty() {
            let quote = walk.quote_fault(self.layout.delimiter, at);
            if quote.is_some() {
                return quote;
            }
        }
        self.shape(walk, at).map(|finding| (finding, false))
    }

    /// A record that does not have the header's shape.
    fn shape(&self, walk: &Walk, at: RowAt) -> Option<Finding> {
        let header = &self.layout.columns.header;
        let record = walk.record();
        if record.len() != header.len() {
            let (found, expected) = (record.len(), header.len());
            let cells = if found == 1 { "cell" } else { "cells" };
            let message = format!("the row has {found} {cells}; the header has {expected}");
            let help = "quote cells that hold the delimiter, or complete the row; the export may be cut off";
            return Some(Finding::new(at, Rule::RaggedRow, message, help));
        }
        if walk.bytes()[walk.begin..].starts_with(BYTE_ORDER_MARK) {
            let message = "a byte-order mark stands in the middle of the file";
            let help = "remove it; files that were joined keep the mark of the first only";
            return Some(Finding::new(at, Rule::ControlCharacter, message, help));
        }
        if self.repeats_header(record) {
            let message = "the header stands again in the middle of the file";
            let help = "remove the line; files that were joined keep the header of the first only";
            return Some(Finding::new(at, Rule::RepeatedHeader, message, help));
        }
        if walk.has_secret && secret::find(record.as_slice()).is_some() {
            return Some(secret_finding(at));
        }
        if record.as_slice().len() <= FIELD_MAX_BYTES {
            return None;
        }
        let long = record.iter().position(|cell| cell.len() > FIELD_MAX_BYTES)?;
        let length = record.get(long).map_or(0, <[u8]>::len);
        let message = format!("the cell has {length} bytes; at most {FIELD_MAX_BYTES} are taken");
        let help = "shorten it, or look for a missing quote above";
        let mut finding = Finding::new(at, Rule::FieldTooLong, message, help);
        finding.cell = Some(long);
        finding.column = header.get(long).cloned().map(Into::into);
        Some(finding)
    }

    fn repeats_header(&self, record: &Split) -> bool {
        let same = |(cell, name): (&[u8], &String)| cell.trim_ascii() == name.as_bytes();
        let header = &self.layout.columns.header;
        // One byte tells of almost every row that it is no header; one that begins with an empty
        // name is none to repeat.
        let name = header.first().and_then(|name| name.as_bytes().first());
        let byte = record.as_slice().first();
        let begins = |(name, byte): (&u8, &u8)| name == byte || byte.is_ascii_whitespace();
        name.zip(byte).is_some_and(begins) && record.iter().zip(header).all(same)
    }
}

/// What became of one record.
enum Read {
    /// It was lent as a row.
    Row,
    Deselected,
    /// The file's structure is lost from here on.
    Lost(Box<Finding>),
}

/// The lowest line of some records of an export, and each record's line counted from it, unless
/// they follow each other.
fn lines_of_source(stands: &[u64]) -> (Option<u64>, Option<Box<[u32]>>) {
    let Some(lowest) = stands.iter().min().copied() else { return (None, None) };
    let within = stands.iter().map(|line| line - lowest);
    if within.clone().eq(0..stands.len() as u64) {
        return (Some(lowest), None);
    }
    (Some(lowest), Some(within.map(|line| u32::try_from(line).unwrap_or(u32::MAX)).collect()))
}

/// Line of each record from the part's first line, unless each record is one line; `feeds_only`
/// when nothing else ends a line.
fn lines(bytes: &[u8], begins: &[usize], ends: u64, feeds_only: bool) -> Option<Box<[u32]>> {
    let last_ends = bytes.last().is_none_or(|byte| *byte == b'\n');
    let feeds = || memchr::memchr_iter(b'\n', bytes).count() as u64;
    let plain = ends + u64::from(!last_ends) == begins.len() as u64;
    if plain && (feeds_only || feeds() == ends) {
        return None;
    }
    let (mut line, mut from) = (0_u64, 0);
    let lines = begins.iter().map(|begin| {
        line += line_ends(&bytes[from..*begin]);
        from = *begin;
        u32::try_from(line).unwrap_or(u32::MAX)
    });
    Some(lines.collect())
}

//! A walk through the records of a part, one held at a time.
//!
//! Owns the `csv` reader, where each record begins, and quotes that break its structure. Must not
//! know: columns, what a record means.

use std::io::{Cursor, SeekFrom};

use csv::{ByteRecord, ReaderBuilder};

use crate::domain::{Finding, RowAt, Rule, secret};

use super::parts::{Part, RECORD_MAX_BYTES};
use super::records::{QuoteFault, cells as cell_ranges};
use super::structure::quote_finding;

/// Bytes the `csv` reader takes at a time.
const READ_BYTES: usize = 1 << 13;

/// Walks the records of one part after the other, one held at a time. Made once for many parts:
/// making a `csv` reader takes as long as reading some hundred records.
pub(super) struct Walk {
    /// The part, without its bytes.
    pub(super) part: Part,
    delimiter: u8,
    /// Holds the bytes of the part.
    reader: csv::Reader<Cursor<Vec<u8>>>,
    pub(super) record: ByteRecord,
    /// Where the record in hand begins.
    pub(super) begin: usize,
    /// Quotes before this index of `part.stray` lie before the record in hand.
    stray: usize,
    /// Whether the part holds what has the form of an API key.
    pub(super) has_secret: bool,
    /// Whether the part is known to be lines of printable ASCII without quotes.
    pub(super) plain: bool,
}

impl Walk {
    /// Over nothing yet.
    pub(super) fn new(delimiter: u8) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(READ_BYTES)
            .from_reader(Cursor::new(Vec::new()));
        let (part, record) = (Part::default(), ByteRecord::new());
        let (has_secret, plain) = (false, false);
        Self { part, delimiter, reader, record, begin: 0, stray: 0, has_secret, plain }
    }

    /// Goes to the begin of a part.
    pub(super) fn take(&mut self, mut part: Part, delimiter: u8) {
        if self.delimiter != delimiter {
            *self = Self::new(delimiter);
        }
        self.has_secret = secret::find(&part.bytes).is_some();
        *self.reader.get_mut() = Cursor::new(std::mem::take(&mut part.bytes));
        self.part = part;
        (self.begin, self.stray, self.plain) = (0, 0, false);
        // Seeking in memory cannot fail. Not `seek`: it does nothing where the place is the same.
        let _ = self.reader.seek_raw(SeekFrom::Start(0), csv::Position::new());
    }

    /// Gives the bytes of the part back, to be filled again.
    pub(super) fn spare(&mut self) -> Vec<u8> {
        std::mem::take(self.reader.get_mut()).into_inner()
    }

    /// The bytes of the part.
    pub(super) fn bytes(&self) -> &[u8] {
        self.reader.get_ref().get_ref()
    }

    /// Line feeds up to where the walk stands, which the reader counts on its way.
    pub(super) fn line_feeds(&self) -> u64 {
        self.reader.position().line().saturating_sub(1)
    }

    /// Reads the next record: the offset of its first byte.
    pub(super) fn next(&mut self) -> Option<usize> {
        // Reading from memory into a flexible record cannot fail.
        if !self.reader.read_byte_record(&mut self.record).unwrap_or(false) {
            return None;
        }
        let bytes = self.reader.get_ref().get_ref();
        let begin = self.record.position().map_or(0, csv::Position::byte);
        let mut begin = usize::try_from(begin).unwrap_or(bytes.len());
        // The position is that of the line end before it where blank lines or CRLF came first.
        while matches!(bytes.get(begin), Some(b'\r' | b'\n')) {
            begin += 1;
        }
        self.begin = begin;
        Some(begin)
    }

    /// Goes to a record that begins at an offset.
    pub(super) fn seek(&mut self, offset: usize) {
        let mut position = csv::Position::new();
        position.set_byte(offset as u64);
        // Seeking in memory cannot fail.
        let _ = self.reader.seek(position);
    }

    /// The record in hand as it stands in the part, without its line end.
    fn raw(&self) -> &[u8] {
        let end = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
        let bytes = self.bytes();
        let raw = bytes.get(self.begin..end.min(bytes.len()));
        let raw = raw.unwrap_or_default();
        let kept = raw.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
        &raw[..kept.map_or(0, |at| at + 1)]
    }

    /// A quote where none may stand, or one that never closes, in the record in hand; with the
    /// latter the rest of the file is lost.
    pub(super) fn quote_fault(&mut self, delimiter: u8, at: RowAt) -> Option<(Finding, bool)> {
        let stray = &self.part.stray;
        while stray.get(self.stray).is_some_and(|at| *at < self.begin) {
            self.stray += 1;
        }
        let raw = self.raw();
        let end = self.begin + raw.len();
        let text = std::str::from_utf8(raw).unwrap_or_default();
        let unclosed = self.part.unclosed.filter(|quote| (self.begin..=end).contains(quote));
        let endless = self.part.endless && end + 1 >= self.bytes().len();
        if let Some(quote) = unclosed {
            let fault = QuoteFault::Unterminated(quote - self.begin);
            return Some((quote_finding(fault, text, at), true));
        }
        if endless {
            let message = format!("the record is longer than {RECORD_MAX_BYTES} bytes");
            let help = "this is no list of address blocks; look at the export";
            return Some((Finding::new(at, Rule::FieldTooLong, message, help), true));
        }
        self.part.stray.get(self.stray).filter(|at| **at <= end)?;
        let fault = cell_ranges(raw, delimiter).err()?;
        Some((quote_finding(fault, text, at), false))
    }
}

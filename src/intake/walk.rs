//! A walk through the records of a part, one held at a time.
//!
//! Owns where each record begins, and quotes that break its structure. Must not know: columns, what
//! a record means.

use crate::domain::{Finding, RowAt, Rule, secret};

use super::parts::{Part, RECORD_MAX_BYTES};
use super::records::{QuoteFault, cells as cell_ranges};
use super::split::{Split, Splitter};
use super::structure::quote_finding;

/// Walks the records of one part after the other, one held at a time; made once for many parts.
pub(super) struct Walk {
    pub(super) part: Part,
    delimiter: u8,
    splitter: Splitter,
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
        let (part, splitter) = (Part::default(), Splitter::new(delimiter));
        let (has_secret, plain) = (false, false);
        Self { part, delimiter, splitter, begin: 0, stray: 0, has_secret, plain }
    }

    /// Goes to the begin of a part.
    pub(super) fn take(&mut self, part: Part, delimiter: u8) {
        if self.delimiter != delimiter {
            *self = Self::new(delimiter);
        }
        self.has_secret = secret::find(&part.bytes).is_some();
        self.part = part;
        (self.begin, self.stray, self.plain) = (0, 0, false);
        self.splitter.seek(0);
    }

    /// Gives the bytes of the part back, to be filled again.
    pub(super) fn spare(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.part.bytes)
    }

    /// The bytes of the part.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.part.bytes
    }

    /// The record in hand.
    #[inline]
    pub(super) const fn record(&self) -> &Split {
        &self.splitter.split
    }

    /// Line feeds up to where the walk stands, counted on its way.
    pub(super) fn line_feeds(&self) -> u64 {
        self.splitter.line_feeds()
    }

    /// Reads the next record: the offset of its first byte.
    #[inline]
    pub(super) fn next(&mut self) -> Option<usize> {
        let bytes = &self.part.bytes;
        let mut begin = self.splitter.at;
        if !self.splitter.next(bytes) {
            return None;
        }
        // Blank lines, and the second half of a CRLF, stand before it.
        while matches!(bytes.get(begin), Some(b'\r' | b'\n')) {
            begin += 1;
        }
        self.begin = begin;
        Some(begin)
    }

    /// Goes to a record that begins at an offset.
    pub(super) fn seek(&mut self, offset: usize) {
        self.splitter.seek(offset);
    }

    /// The record in hand as it stands in the part, without its line end.
    fn raw(&self) -> &[u8] {
        let raw = self.bytes().get(self.begin..self.splitter.at).unwrap_or_default();
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

//! Records of a delimited text: cells, true physical lines, and strict quoting.
//!
//! The `csv` crate splits the cells; its line numbers are wrong after CRLF and blank lines and it
//! accepts any quoting, so both are taken from the bytes here. Must not know: columns, rows' meaning.

use std::ops::Range;

use csv::{ByteRecord, ReaderBuilder};

/// Delimiters that are looked for in the header line.
pub const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Longest cell.
pub const FIELD_MAX_BYTES: usize = 64 * 1024;
/// Most columns.
pub const COLUMNS_MAX: usize = 256;

/// A quote that breaks the structure of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteFault {
    /// The quote opened at this offset of the record never closes.
    Unterminated(usize),
    /// Text around a quote, at this offset of the record.
    Stray(usize),
}

/// One record and where it stands.
#[derive(Debug)]
pub struct Record<'t> {
    /// Offset of its first byte in the text.
    pub offset: usize,
    /// Physical line of its first byte, from 1.
    pub line: u64,
    /// The record as in the text, without its line end.
    pub raw: &'t str,
}

impl Record<'_> {
    /// Byte ranges of its cells within `raw`, quotes included.
    ///
    /// # Errors
    /// [`QuoteFault`] when the quoting is not that of RFC 4180.
    pub fn cells(&self, delimiter: u8) -> Result<Vec<Range<usize>>, QuoteFault> {
        cells(self.raw.as_bytes(), delimiter)
    }
}

/// Cells of a raw record, by RFC 4180's grammar.
pub(super) fn cells(raw: &[u8], delimiter: u8) -> Result<Vec<Range<usize>>, QuoteFault> {
    let mut cells = Vec::new();
    let mut start = 0;
    loop {
        let end = if raw.get(start) == Some(&b'"') {
            quoted_end(raw, start)?
        } else {
            let rest = &raw[start..];
            let end = start + memchr::memchr(delimiter, rest).unwrap_or(rest.len());
            if let Some(quote) = memchr::memchr(b'"', &raw[start..end]) {
                return Err(QuoteFault::Stray(start + quote));
            }
            end
        };
        cells.push(start..end);
        match raw.get(end) {
            None => return Ok(cells),
            Some(byte) if *byte == delimiter => start = end + 1,
            Some(_) => return Err(QuoteFault::Stray(end)),
        }
    }
}

/// Offset behind the closing quote of the cell that opens at `open`.
fn quoted_end(raw: &[u8], open: usize) -> Result<usize, QuoteFault> {
    let mut at = open + 1;
    loop {
        let Some(found) = raw.get(at..).and_then(|rest| memchr::memchr(b'"', rest)) else {
            return Err(QuoteFault::Unterminated(open));
        };
        at += found + 1;
        if raw.get(at) != Some(&b'"') {
            return Ok(at);
        }
        at += 1;
    }
}

/// Number of physical lines that end within `bytes`: LF, CRLF, or CR alone.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let mut count = memchr::memchr_iter(b'\n', bytes).count() as u64;
    for at in memchr::memchr_iter(b'\r', bytes) {
        count += u64::from(bytes.get(at + 1) != Some(&b'\n'));
    }
    count
}

/// The delimiter that splits the header line into the most columns.
#[must_use]
pub fn detect_delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: &u8| memchr::memchr_iter(*delimiter, header.as_bytes()).count();
    // `max_by_key` takes the last of equals; the comma must win a header of one column.
    DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',')
}

/// Walks the records of a text.
pub struct Records<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
    counted_to: usize,
    line: u64,
}

impl<'t> Records<'t> {
    /// Over a text without byte-order mark.
    #[must_use]
    pub fn new(text: &'t str, delimiter: u8) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        Self { text, reader, counted_to: 0, line: 1 }
    }

    /// Reads the next record's cells into `cells`; blank lines are passed over.
    pub fn next(&mut self, cells: &mut ByteRecord) -> Option<Record<'t>> {
        // Reading from memory into a flexible record cannot fail.
        if !self.reader.read_byte_record(cells).unwrap_or(false) {
            return None;
        }
        let bytes = self.text.as_bytes();
        let begin = cells.position().map_or(0, csv::Position::byte);
        let mut begin = usize::try_from(begin).unwrap_or(bytes.len());
        let stop = usize::try_from(self.reader.position().byte()).unwrap_or(bytes.len());
        while begin < stop && matches!(bytes[begin], b'\r' | b'\n') {
            begin += 1;
        }
        let mut end = stop;
        while end > begin && matches!(bytes[end - 1], b'\r' | b'\n') {
            end -= 1;
        }
        self.line += line_ends(&bytes[self.counted_to..begin]);
        self.counted_to = begin;
        let raw = self.text.get(begin..end).unwrap_or_default();
        Some(Record { offset: begin, line: self.line, raw })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<(u64, usize)> {
        let mut records = Records::new(text, b',');
        let mut cells = ByteRecord::new();
        std::iter::from_fn(|| records.next(&mut cells).map(|r| (r.line, r.offset))).collect()
    }

    #[test]
    fn lines_are_physical_whatever_ends_them() {
        assert_eq!(lines("a,b\r\n1,2\r\n\r\n3,4\r\n"), [(1, 0), (2, 5), (4, 12)]);
        assert_eq!(lines("a\n\n\nb\n"), [(1, 0), (4, 4)]);
        assert_eq!(lines("a\rb\rc"), [(1, 0), (2, 2), (3, 4)]);
        assert_eq!(lines("a\n\"x\r\ny\"\nb"), [(1, 0), (2, 2), (4, 9)]);
    }

    #[test]
    fn quoting_is_strict() {
        assert_eq!(cells(b"a,\"b,\"\"c\",d", b',').unwrap(), [0..1, 2..9, 10..11]);
        assert_eq!(cells(b"", b',').unwrap().len(), 1);
        assert_eq!(cells(b"a,", b',').unwrap(), [0..1, 2..2]);
        assert_eq!(cells(b"a,b\"c", b','), Err(QuoteFault::Stray(3)));
        assert_eq!(cells(b"\"a\"b", b','), Err(QuoteFault::Stray(3)));
        assert_eq!(cells(b"a,\"b", b','), Err(QuoteFault::Unterminated(2)));
    }

    #[test]
    fn the_delimiter_is_the_one_that_splits_the_header() {
        assert_eq!(detect_delimiter("a;b;c\n1,2;3;4"), b';');
        assert_eq!(detect_delimiter("prefix\n"), b',');
        assert_eq!(detect_delimiter("\na\tb"), b'\t');
    }

    proptest! {
        #[test]
        fn every_line_number_counts_the_line_ends_before_it(
            rows in prop::collection::vec(("[a-z]{1,4}", "[a-z\n\r]{0,5}", "(\n|\r\n|\n\n|\r\n\r\n)"), 1..12)
        ) {
            let mut text = String::new();
            let mut expected = Vec::new();
            for (plain, quoted, end) in &rows {
                expected.push((1 + line_ends(text.as_bytes()), text.len()));
                text.push_str(&format!("{plain},\"{quoted}\"{end}"));
            }
            prop_assert_eq!(lines(&text), expected);
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let mut records = Records::new(&text, b',');
            let mut record = ByteRecord::new();
            while let Some(found) = records.next(&mut record) {
                let _ = found.cells(b',');
            }
        }
    }
}

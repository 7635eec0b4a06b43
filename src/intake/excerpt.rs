//! A record as it stands in its file, for quoting it under a finding.
//!
//! Owns finding the record again by its offset. Must not know: findings.

use std::ops::Range;

use super::records::Records;

/// Bytes read to find the end of a record; it is read on when it is longer.
pub(super) const READ_BYTES: usize = 1 << 12;

/// A record as in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Its text, without line end.
    pub text: String,
    /// Physical line of its first byte.
    pub line: u64,
    /// Byte ranges of its cells in `text`; empty when its quoting is broken.
    pub cells: Vec<Range<usize>>,
}

/// The record at `offset` of a text without byte-order mark.
#[must_use]
pub fn at(text: &str, delimiter: u8, offset: u64, line: u64) -> Option<Excerpt> {
    let rest = text.get(usize::try_from(offset).ok()?..)?;
    let mut record = csv::ByteRecord::new();
    let found = Records::new(rest, delimiter).next(&mut record)?;
    let cells = found.cells(delimiter).unwrap_or_default();
    Some(Excerpt { text: found.raw.to_owned(), line, cells })
}

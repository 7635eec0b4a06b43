//! The head of an input: delimiter and columns, and where its first data row begins.
//!
//! Owns what is read before the rows. Must not know: rows.

use csv::ByteRecord;

use crate::domain::{FileId, Finding, RowAt, Rule};

use super::bytes::{self, ReadError};
use super::cells;
use super::columns::Columns;
use super::parts::Parts;
use super::records::{Record, Records, detect_delimiter};
use super::source::Source;
use super::structure::quote_finding;

/// Bytes read to find the header; it is read on when the header is longer.
const HEAD_BYTES: usize = 1 << 14;

/// How the records of one input are read.
#[derive(Debug)]
pub(super) struct Layout {
    /// Which cell is which field.
    pub(super) columns: Columns,
    /// What separates cells.
    pub(super) delimiter: u8,
    /// Offset of the first byte behind the header's line end.
    pub(super) begin: u64,
    /// Physical line there.
    pub(super) line: u64,
}

/// Reads the head of an input, or the findings that say why it has none.
pub(super) fn read(
    source: &Source,
    file: FileId,
) -> Result<Result<Layout, Vec<Finding>>, ReadError> {
    let at = RowAt { row: 0, file, line: 1, offset: 0 };
    let mut head = vec![0; HEAD_BYTES];
    let count = source.read_at(0, &mut head)?;
    head.truncate(count);
    let delimiter = detect_delimiter(bytes::valid_prefix(&head));
    // Whole records, however long the first one is.
    let part = Parts::new(source, delimiter, 0, HEAD_BYTES).next().transpose()?;
    let bytes = part.map(|part| part.bytes).unwrap_or_default();
    Ok(head_of(&bytes, delimiter, at))
}

fn head_of(bytes: &[u8], delimiter: u8, at: RowAt) -> Result<Layout, Vec<Finding>> {
    let fault = bytes::text(bytes).err();
    let text = bytes::valid_prefix(bytes);
    let text = fault.as_ref().map_or(text, |fault| &text[..text.len().min(fault.offset)]);
    let mark = bytes::mark(text);
    let text = &text[mark..];
    let mut record = ByteRecord::new();
    let found = Records::new(text, delimiter).next(&mut record);
    // A fault behind the header is that of a row.
    let end = found.as_ref().map_or(0, |found| mark + found.offset + found.raw.len());
    if let Some(fault) = fault.filter(|fault| fault.offset <= end || found.is_none()) {
        return Err(vec![encoding_finding(&fault, bytes, at)]);
    }
    let Some(found) = found else {
        let help = "export it again; nothing is done with an empty plan";
        return Err(vec![Finding::new(at, Rule::EmptyInput, "the file is empty", help)]);
    };
    let at = RowAt { line: found.line, offset: (mark + found.offset) as u64, ..at };
    let columns = header(&found, &record, delimiter, at)?;
    let behind = &bytes[end..];
    let line_end = match behind {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    };
    let inside = super::records::line_ends(found.raw.as_bytes());
    Ok(Layout {
        columns,
        delimiter,
        begin: (end + line_end) as u64,
        line: found.line + inside + u64::from(line_end > 0),
    })
}

/// `bad-encoding` of a whole file.
pub(super) fn encoding_finding(fault: &bytes::NotText, bytes: &[u8], at: RowAt) -> Finding {
    let before = &bytes[..fault.offset.min(bytes.len())];
    let line = at.line + memchr::memchr_iter(b'\n', before).count() as u64;
    let offset = at.offset + fault.offset as u64;
    let message = format!("at byte {offset}: {}", fault.what);
    let help =
        "swip reads UTF-8; save the file so, or say what it is, as in --encoding windows-1252";
    Finding::new(RowAt { line, offset, ..at }, Rule::BadEncoding, message, help)
}

fn header(
    found: &Record<'_>,
    record: &ByteRecord,
    delimiter: u8,
    at: RowAt,
) -> Result<Columns, Vec<Finding>> {
    let first = found.raw;
    if first.starts_with('#') || first.starts_with("sep=") {
        let message = format!("the first line is `{}`, not a header", cells::shown(first));
        let help = "remove the lines above the header";
        return Err(vec![Finding::new(at, Rule::UnknownColumn, message, help)]);
    }
    if let Err(fault) = found.cells(delimiter) {
        return Err(vec![quote_finding(fault, found.raw, at)]);
    }
    let trimmed = |cell: &[u8]| String::from_utf8_lossy(cell).trim_matches([' ', '\t']).to_owned();
    let names = record.iter().map(trimmed);
    Columns::read(names.collect(), at)
}

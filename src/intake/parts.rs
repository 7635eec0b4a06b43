//! An input cut into parts at record borders, so that parts can be read side by side.
//!
//! Follows the quotes as the `csv` crate does, once, while the bytes are in the cache; on the way
//! it notes every quote that RFC 4180 does not allow. Where the cuts fall changes nothing. Must
//! not know: columns, what a record means.

use std::sync::{Mutex, PoisonError};

use memchr::memchr_iter;

use super::bytes::ReadError;
use super::source::Source;

/// Bytes of a part: fits the second-level cache, so that each byte comes from memory once.
pub const PART_BYTES: usize = 1 << 18;
/// Longest record: no record with sound cells comes near it, an unclosed quote does.
pub const RECORD_MAX_BYTES: usize = 1 << 24;

/// Some whole records of one input.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Offset of its first byte in the input.
    pub(super) offset: u64,
    /// Its bytes, from the start of a record to the end of one.
    pub(super) bytes: Vec<u8>,
    /// Whether there may be a quote in it; if not, there is none.
    pub(super) quoted: bool,
    /// Offsets of quotes that stand where none may, ascending.
    pub(super) stray: Vec<usize>,
    /// Offset of a quote that never closes: the structure is lost from its record on.
    pub(super) unclosed: Option<usize>,
    /// Whether the part ends within a record that is longer than any sound one.
    pub(super) endless: bool,
}

/// Buffers of parts that were read, to be filled again: making one writes it full of zeros.
#[derive(Debug, Default)]
pub(super) struct Spare(Mutex<Vec<Vec<u8>>>);

impl Spare {
    /// Gives a buffer back.
    pub(super) fn give(&self, buffer: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }

    fn take(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// Cuts one input into parts.
#[derive(Debug)]
pub(super) struct Parts<'s> {
    source: &'s Source,
    delimiter: u8,
    part_bytes: usize,
    spare: Option<&'s Spare>,
    /// Offset of the first byte of `carry`.
    offset: u64,
    /// Bytes read that belong to the next part.
    carry: Vec<u8>,
    ended: bool,
}

impl<'s> Parts<'s> {
    /// From an offset where a record begins.
    pub(super) const fn new(
        source: &'s Source,
        delimiter: u8,
        offset: u64,
        part_bytes: usize,
    ) -> Self {
        Self { source, delimiter, part_bytes, spare: None, offset, carry: Vec::new(), ended: false }
    }

    /// Fills buffers that were given back.
    pub(super) const fn filling(mut self, spare: Option<&'s Spare>) -> Self {
        self.spare = spare;
        self
    }

    /// The part that was cut with exactly this length before.
    pub(super) fn exactly(&mut self, length: usize) -> Result<Option<Part>, ReadError> {
        let mut bytes = vec![0; length];
        let count = self.source.read_at(self.offset, &mut bytes)?;
        bytes.truncate(count);
        let mut quotes = Quotes::new(self.delimiter);
        quotes.follow(&bytes, true);
        let part = Part {
            offset: self.offset,
            bytes,
            quoted: quotes.any,
            stray: quotes.stray,
            unclosed: quotes.open,
            endless: false,
        };
        Ok((!part.bytes.is_empty()).then_some(part))
    }

    /// The next part.
    fn cut(&mut self) -> Result<Option<Part>, ReadError> {
        let spare = self.spare.and_then(Spare::take);
        let mut buffer = spare.unwrap_or_else(|| Vec::with_capacity(2 * self.part_bytes));
        let mut begin = self.carry.len();
        let mut quotes = Quotes::new(self.delimiter);
        loop {
            buffer.resize(begin + self.part_bytes, 0);
            // What the part before left; nothing from the second round on.
            buffer[..self.carry.len()].copy_from_slice(&self.carry);
            self.carry.clear();
            let read_from = self.offset + begin as u64;
            let count = self.source.read_at(read_from, &mut buffer[begin..])?;
            buffer.truncate(begin + count);
            let at_end = count < self.part_bytes;
            quotes.follow(&buffer, at_end);
            let lost = !at_end && quotes.border == 0 && buffer.len() > RECORD_MAX_BYTES;
            if at_end || lost {
                self.ended = true;
                let part = Part {
                    offset: self.offset,
                    bytes: buffer,
                    quoted: quotes.any,
                    stray: quotes.stray,
                    unclosed: quotes.open,
                    endless: lost,
                };
                return Ok((!part.bytes.is_empty()).then_some(part));
            }
            if quotes.border > 0 {
                self.carry.extend_from_slice(&buffer[quotes.border..]);
                buffer.truncate(quotes.border);
                quotes.stray.retain(|at| *at < buffer.len());
                let offset = self.offset;
                self.offset += buffer.len() as u64;
                let Quotes { any: quoted, stray, .. } = quotes;
                return Ok(Some(Part { offset, bytes: buffer, quoted, stray, ..Part::default() }));
            }
            begin = buffer.len();
        }
    }
}

impl Iterator for Parts<'_> {
    type Item = Result<Part, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let part = self.cut().transpose();
        self.ended |= !matches!(part, Some(Ok(_)));
        part
    }
}

/// Where quotes open and close, followed through a growing text that begins with a record.
struct Quotes {
    delimiter: u8,
    /// Everything before it has been followed.
    followed: usize,
    /// Offset of the open quote.
    open: Option<usize>,
    /// Behind the last line end outside quotes.
    border: usize,
    /// Whether there is any.
    any: bool,
    stray: Vec<usize>,
}

impl Quotes {
    const fn new(delimiter: u8) -> Self {
        Self { delimiter, followed: 0, open: None, border: 0, any: false, stray: Vec::new() }
    }

    /// Follows `text` to its end; `at_end` when nothing comes behind it.
    fn follow(&mut self, text: &[u8], at_end: bool) {
        // Begin of the run since the last quote that counted.
        let mut run = self.followed;
        let mut pass_over = None;
        let from = self.followed;
        for quote in memchr_iter(b'"', &text[from..]).map(|at| from + at) {
            self.any = true;
            if pass_over == Some(quote) {
                run = quote + 1;
                continue;
            }
            if self.open.is_none() {
                self.line_ends(text, run, quote, at_end);
                if quote == 0 || self.begins_cell(text[quote - 1]) {
                    self.open = Some(quote);
                } else {
                    self.stray.push(quote);
                }
                run = quote + 1;
                continue;
            }
            match text.get(quote + 1) {
                Some(b'"') => pass_over = Some(quote + 1),
                Some(next) => {
                    if !self.begins_cell(*next) {
                        self.stray.push(quote + 1);
                    }
                    self.open = None;
                }
                // Whether it closes is told by the byte behind it.
                None if !at_end => {
                    self.followed = quote;
                    return;
                }
                None => self.open = None,
            }
            run = quote + 1;
        }
        if self.open.is_none() {
            self.line_ends(text, run, text.len(), at_end);
        }
        self.followed = text.len();
    }

    /// Whether a cell begins behind this byte, or ends before it.
    const fn begins_cell(&self, byte: u8) -> bool {
        byte == self.delimiter || byte == b'\n' || byte == b'\r'
    }

    /// Notes the last line end of a run outside quotes.
    fn line_ends(&mut self, text: &[u8], from: usize, to: usize, at_end: bool) {
        let Some(run) = text.get(from..to).filter(|run| !run.is_empty()) else { return };
        let Some(mut at) = memchr::memrchr2(b'\n', b'\r', run) else { return };
        // A CR at the very end may be half of a CRLF.
        if run[at] == b'\r' && from + at + 1 == text.len() && !at_end {
            match memchr::memrchr2(b'\n', b'\r', &run[..at]) {
                Some(before) => at = before,
                None => return,
            }
        }
        self.border = from + at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn source(text: &[u8]) -> (tempfile::NamedTempFile, Source) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        let source = Source::open(file.path()).unwrap();
        (file, source)
    }

    fn cut(source: &Source, size: usize) -> Vec<Part> {
        Parts::new(source, b',', 0, size).map(Result::unwrap).collect()
    }

    fn records(bytes: &[u8]) -> Vec<csv::ByteRecord> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        reader.byte_records().map(Result::unwrap).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(250))]
        #[test]
        fn where_the_cuts_fall_changes_no_record(
            text in "([a\",\n\r]|\"\"|\r\n|,\"){0,60}",
            size in 1_usize..40,
        ) {
            let (_file, source) = source(text.as_bytes());
            let parts = cut(&source, size);
            let whole: Vec<u8> = parts.iter().flat_map(|part| part.bytes.clone()).collect();
            prop_assert_eq!(&whole, text.as_bytes());
            let found: Vec<_> = parts.iter().flat_map(|part| records(&part.bytes)).collect();
            prop_assert_eq!(found, records(text.as_bytes()));
            let stray = |parts: &[Part]| -> Vec<u64> {
                parts.iter().flat_map(|p| p.stray.iter().map(|at| p.offset + *at as u64)).collect()
            };
            let one = cut(&source, 1 << 12);
            prop_assert_eq!(stray(&parts), stray(&one));
            let unclosed = |parts: &[Part]| parts.last().and_then(|p| p.unclosed.map(|at| p.offset + at as u64));
            prop_assert_eq!(unclosed(&parts), unclosed(&one));
        }
    }

    #[test]
    fn stray_quotes_are_those_the_grammar_does_not_allow() {
        let (_file, source) = source(b"a,b\"c\n\"a\"b,\"x\"\"y\"\n\"\",\"z\n\"\n");
        let all = cut(&source, 1 << 12);
        assert_eq!((all.len(), all[0].stray.as_slice()), (1, &[3, 9][..]));
    }
}

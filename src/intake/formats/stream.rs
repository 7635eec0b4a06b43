//! A delimited text in pieces that end between records, so that memory stays flat.
//!
//! Owns where a record may end, and that every byte is text. Must not know: columns.

use std::io::{self, Read};

use super::record::Place;

/// Bytes read at a time.
const READ_BYTES: usize = 1024 * 1024;
/// Longest record; beyond it a quote is open, or the file is no table.
const RECORD_MAX_BYTES: usize = 16 * 1024 * 1024;
/// U+FEFF.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// The end mark of old DOS files.
const CTRL_Z: u8 = 0x1a;

/// Why the stream cannot go on.
#[derive(Debug)]
pub enum StreamFault {
    /// Reading failed.
    Io(io::Error),
    /// Bytes that are no UTF-8 text.
    NotText {
        /// Where.
        place: Place,
        /// What they seem to be.
        what: String,
    },
    /// A record longer than swip takes.
    TooLong(Place),
}

/// Cuts a stream between records.
pub struct Pieces<R> {
    source: R,
    delimiter: u8,
    buffer: Vec<u8>,
    /// Bytes of `buffer` handed out already.
    given: usize,
    place: Place,
    begun: bool,
    ended: bool,
}

/// Some whole records.
#[derive(Debug)]
pub struct Piece<'b> {
    /// Their text.
    pub text: &'b str,
    /// Where it begins.
    pub place: Place,
}

impl<R: Read> Pieces<R> {
    /// Over a stream of UTF-8 whose byte-order mark is passed over.
    pub fn new(source: R, delimiter: u8) -> Self {
        let place = Place { line: 1, ..Place::default() };
        Self { source, delimiter, buffer: Vec::new(), given: 0, place, begun: false, ended: false }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`StreamFault`]; the stream ends there.
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, StreamFault> {
        let mut place = self.advance();
        let end = loop {
            self.fill()?;
            if !std::mem::replace(&mut self.begun, true)
                && self.buffer.starts_with(BYTE_ORDER_MARK.as_bytes())
            {
                self.buffer.drain(..BYTE_ORDER_MARK.len());
                self.place.offset = BYTE_ORDER_MARK.len() as u64;
                place = self.place.clone();
            }
            if self.ended {
                break self.buffer.len();
            }
            match last_record_end(&self.buffer, self.delimiter) {
                0 if self.buffer.len() > RECORD_MAX_BYTES => {
                    return Err(StreamFault::TooLong(place));
                }
                0 => {}
                end => break end,
            }
        };
        if end == 0 {
            return Ok(None);
        }
        self.given = end;
        text(&self.buffer[..end], &place).map(|text| Some(Piece { text, place: place.clone() }))
    }

    /// Drops what was handed out and gives the place behind it.
    fn advance(&mut self) -> Place {
        self.place.line += line_ends(&self.buffer[..self.given]);
        self.place.offset += self.given as u64;
        self.buffer.drain(..self.given);
        self.given = 0;
        self.place.clone()
    }

    fn fill(&mut self) -> Result<(), StreamFault> {
        let before = self.buffer.len();
        let mut limited = self.source.by_ref().take(READ_BYTES as u64);
        let count = limited.read_to_end(&mut self.buffer).map_err(StreamFault::Io)?;
        self.ended = count < READ_BYTES;
        debug_assert_eq!(self.buffer.len(), before + count);
        Ok(())
    }
}

/// Physical line ends: LF, CRLF, or CR alone.
fn line_ends(bytes: &[u8]) -> u64 {
    let mut count = memchr::memchr_iter(b'\n', bytes).count() as u64;
    for at in memchr::memchr_iter(b'\r', bytes) {
        count += u64::from(bytes.get(at + 1) != Some(&b'\n'));
    }
    count
}

/// Offset behind the last line end outside quotes; 0 if there is none.
fn last_record_end(bytes: &[u8], delimiter: u8) -> usize {
    let (mut at, mut last, mut cell_begins) = (0, 0, true);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if cell_begins => {
                let Some(behind) = behind_quoted(bytes, at) else { return last };
                at = behind;
                cell_begins = false;
            }
            b'\n' | b'\r' => {
                at += 1;
                // A CR at the very end may be half of a CRLF: not an end yet.
                if at < bytes.len() || *byte == b'\n' {
                    at += usize::from(*byte == b'\r' && bytes.get(at) == Some(&b'\n'));
                    last = at;
                }
                cell_begins = true;
            }
            byte => {
                cell_begins = *byte == delimiter;
                at += 1;
            }
        }
    }
    last
}

/// Offset behind a quoted cell that opens at `open`; `None` when it does not close here.
fn behind_quoted(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        at += memchr::memchr(b'"', bytes.get(at..)?)? + 1;
        match bytes.get(at) {
            Some(b'"') => at += 1,
            Some(_) => return Some(at),
            None => return None,
        }
    }
}

/// The text of some bytes.
fn text<'b>(bytes: &'b [u8], place: &Place) -> Result<&'b str, StreamFault> {
    let not_text = |offset: usize, what: String| StreamFault::NotText {
        place: Place {
            line: place.line + line_ends(&bytes[..offset]),
            offset: place.offset + offset as u64,
            ..place.clone()
        },
        what,
    };
    if let Some(offset) = memchr::memchr2(0, CTRL_Z, bytes) {
        let what = if bytes[offset] == 0 {
            "a NUL byte: UTF-16 text or a binary file"
        } else {
            "a Ctrl-Z, the end mark of old DOS files"
        };
        return Err(not_text(offset, what.to_owned()));
    }
    std::str::from_utf8(bytes).map_err(|fault| {
        let offset = fault.valid_up_to();
        let byte = bytes.get(offset).copied().unwrap_or_default();
        not_text(
            offset,
            format!("byte 0x{byte:02X} is not UTF-8, probably Latin-1 or Windows-1252"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_piece_ends_between_records() {
        assert_eq!(last_record_end(b"a,b\n1,\"x\ny\"\n2,\"", b','), 12);
        assert_eq!(last_record_end(b"a\r", b','), 0);
        assert_eq!(last_record_end(b"a\rb", b','), 2);
        assert_eq!(last_record_end(b"a,b\"\n\"c\"\n", b','), 9, "a stray quote opens nothing");
    }

    /// Gives one byte at a time.
    struct Slow<'b>(&'b [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(1);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    proptest! {
        #[test]
        fn pieces_are_the_whole_text_with_true_places(text in "[a-c,\"\n\r]{0,200}") {
            let mut pieces = Pieces::new(Slow(text.as_bytes()), b',');
            let mut seen = String::new();
            while let Some(piece) = pieces.next_piece().unwrap() {
                prop_assert_eq!(piece.place.offset, seen.len() as u64);
                prop_assert_eq!(piece.place.line, 1 + line_ends(seen.as_bytes()));
                seen.push_str(piece.text);
            }
            prop_assert_eq!(seen, text);
        }
    }

    #[test]
    fn offsets_count_the_byte_order_mark() {
        let mut pieces = Pieces::new("\u{feff}a\n".as_bytes(), b',');
        let piece = pieces.next_piece().unwrap().unwrap();
        assert_eq!((piece.text, piece.place.offset), ("a\n", 3));
        assert!(pieces.next_piece().unwrap().is_none());
    }

    #[test]
    fn what_is_no_text_is_named_with_its_line() {
        let mut pieces = Pieces::new(&b"a\nb\xe9\n"[..], b',');
        let Err(StreamFault::NotText { place, what }) = pieces.next_piece().map(|_| ()) else {
            panic!()
        };
        assert_eq!((place.line, place.offset), (2, 3));
        assert!(what.contains("0xE9"));
    }
}

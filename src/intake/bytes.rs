//! The bytes of an input: read once, whole, and proved to be UTF-8 text.
//!
//! Owns reading it whole, and naming what is no text. Must not know: CSV, columns.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The name by which standard input is given.
pub const STDIN: &str = "-";

/// The bytes of one input file.
#[derive(Debug)]
pub struct InputBytes {
    /// The name as given.
    pub name: String,
    /// Everything in it.
    pub bytes: Vec<u8>,
}

/// An input that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system refused.
    #[error("cannot read {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A directory, pipe or device.
    #[error("{0} is no regular file; give a file, or - for standard input")]
    NotRegular(PathBuf),
    /// It grew, shrank or was replaced meanwhile.
    #[error("{0} changed while it was being read; wait until the export is complete")]
    Changed(PathBuf),
}

/// Reads a whole file, or standard input for `-`.
///
/// # Errors
/// [`ReadError`]; never for what the content says.
pub fn read(path: &Path) -> Result<InputBytes, ReadError> {
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    if path.as_os_str() == STDIN {
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(io)?;
    } else {
        let kind = std::fs::metadata(path).map_err(io)?;
        if !kind.is_file() {
            return Err(ReadError::NotRegular(path.to_owned()));
        }
        let mut file = File::open(path).map_err(io)?;
        file.read_to_end(&mut bytes).map_err(io)?;
        let after = file.metadata().map_err(io)?;
        let same_time = kind.modified().ok() == after.modified().ok();
        if !same_time || after.len() != bytes.len() as u64 {
            return Err(ReadError::Changed(path.to_owned()));
        }
    }
    Ok(InputBytes { name: path.display().to_string(), bytes })
}

/// Ctrl-Z, with which old DOS programs end a text.
const DOS_END: u8 = 0x1a;

/// First bytes of file kinds that people feed instead of CSV.
const MAGIC: [(&[u8], &str); 8] = [
    (b"\xff\xfe\0\0", "UTF-32 text; export it as UTF-8"),
    (b"\0\0\xfe\xff", "UTF-32 text; export it as UTF-8"),
    (b"\xff\xfe", "UTF-16 text; export it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text; export it as UTF-8"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
    (b"PK\x03\x04", "a zip or Excel file; save the sheet as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file; save the sheet as CSV UTF-8"),
    (b"%PDF", "a PDF file"),
];

/// What a head seems to be, if it is the begin of a file that holds no UTF-8 text.
#[must_use]
pub fn foreign(head: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, what)| *what)
}

/// Why bytes are no text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotText {
    /// Byte offset of the fault.
    pub offset: usize,
    /// What the file seems to be, with what to do.
    pub what: String,
}

/// The text of an input without its byte-order mark, and the mark's length.
///
/// # Errors
/// [`NotText`] with the offset of the first byte that is not UTF-8 text.
pub fn text(bytes: &[u8]) -> Result<(&str, usize), NotText> {
    if let Some(what) = foreign(bytes) {
        return Err(NotText { offset: 0, what: what.to_owned() });
    }
    let text = text_within(bytes)?;
    let mark = mark(text);
    Ok((&text[mark..], mark))
}

/// The text of bytes from within an input.
///
/// # Errors
/// As [`text`].
pub fn text_within(bytes: &[u8]) -> Result<&str, NotText> {
    let control = memchr::memchr2(0, DOS_END, bytes).map(|offset| NotText {
        offset,
        what: if bytes[offset] == 0 {
            "a NUL byte: UTF-16 text or a binary file; export it as UTF-8".to_owned()
        } else {
            "a Ctrl-Z, the end mark of old DOS files; remove it".to_owned()
        },
    });
    let read = std::str::from_utf8(bytes).map_err(|fault| {
        let offset = fault.valid_up_to();
        let byte = bytes.get(offset).copied().unwrap_or_default();
        let what = format!(
            "byte 0x{byte:02X} is not UTF-8, probably Latin-1 or Windows-1252; export it as UTF-8"
        );
        NotText { offset, what }
    });
    match (read, control) {
        (Ok(text), None) => Ok(text),
        (Err(fault), Some(control)) if fault.offset < control.offset => Err(fault),
        (_, Some(control)) => Err(control),
        (Err(fault), None) => Err(fault),
    }
}

/// Length of the byte-order mark a text begins with.
#[must_use]
pub fn mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// The longest beginning of bytes that is UTF-8.
#[must_use]
pub fn valid_prefix(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(fault) => std::str::from_utf8(&bytes[..fault.valid_up_to()]).unwrap_or_default(),
    }
}

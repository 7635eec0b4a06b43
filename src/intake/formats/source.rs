//! One input as a stream of bytes: its head for recognition, its hash, and whether it changed.
//!
//! Must not know: formats, records.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use sha2::{Digest, Sha256};

use crate::intake::bytes::{ReadError, STDIN};

/// Bytes looked at to recognise a format.
pub const HEAD_BYTES: usize = 64 * 1024;
/// Bytes decoded at a time.
const DECODE_BYTES: usize = 32 * 1024;

/// An open input.
pub struct Source {
    /// The name as given.
    pub name: String,
    path: PathBuf,
    head: Vec<u8>,
    given_of_head: usize,
    rest: Box<dyn Read>,
    before: Option<Metadata>,
    hash: Sha256,
    length: u64,
}

impl Source {
    /// Opens a file, or standard input for `-`; `hash` goes on with its bytes.
    ///
    /// # Errors
    /// [`ReadError`] when it is no regular file or cannot be read.
    pub fn open(path: &Path, hash: Sha256) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        let (mut rest, before): (Box<dyn Read>, _) = if path.as_os_str() == STDIN {
            (Box::new(io::stdin()), None)
        } else {
            let kind = std::fs::metadata(path).map_err(io)?;
            if !kind.is_file() {
                return Err(ReadError::NotRegular(path.to_owned()));
            }
            (Box::new(File::open(path).map_err(io)?), Some(kind))
        };
        let mut head = Vec::new();
        rest.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(io)?;
        let name = path.display().to_string();
        let path = path.to_owned();
        Ok(Self { name, path, head, given_of_head: 0, rest, before, hash, length: 0 })
    }

    /// The first bytes, at most [`HEAD_BYTES`].
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Everything, in memory.
    ///
    /// # Errors
    /// [`ReadError::Io`].
    pub fn read_all(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        let path = self.path.clone();
        self.read_to_end(&mut bytes).map_err(|source| ReadError::Io { path, source })?;
        Ok(bytes)
    }

    /// Reads what is left and says whether the file is still the one that was opened; gives the
    /// hash back.
    ///
    /// # Errors
    /// [`ReadError::Changed`] when it grew, shrank, was written to, or was replaced.
    pub fn finish(mut self) -> Result<Sha256, ReadError> {
        let path = self.path.clone();
        let io = |source| ReadError::Io { path: path.clone(), source };
        io::copy(&mut self, &mut io::sink()).map_err(io)?;
        if let Some(before) = &self.before {
            let after = std::fs::metadata(&path).map_err(io)?;
            if !same(before, &after) || after.len() != self.length {
                return Err(ReadError::Changed(path));
            }
        }
        Ok(self.hash)
    }
}

/// Whether two looks at a path met the same, unwritten file.
fn same(before: &Metadata, after: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if (before.dev(), before.ino()) != (after.dev(), after.ino()) {
            return false;
        }
    }
    before.len() == after.len() && before.modified().ok() == after.modified().ok()
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = &self.head[self.given_of_head..];
        let count = if left.is_empty() {
            self.rest.read(buffer)?
        } else {
            let count = left.len().min(buffer.len());
            buffer[..count].copy_from_slice(&left[..count]);
            self.given_of_head += count;
            count
        };
        self.hash.update(&buffer[..count]);
        self.length += count as u64;
        Ok(count)
    }
}

/// The same bytes as UTF-8, from another encoding.
pub struct Decoded<R> {
    source: R,
    decoder: encoding_rs::Decoder,
    ready: Vec<u8>,
    given: usize,
    finished: bool,
}

impl<R: Read> Decoded<R> {
    /// Decodes `source` from `encoding`; a byte-order mark of that encoding is taken off.
    pub fn new(source: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { source, decoder, ready: Vec::new(), given: 0, finished: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let mut raw = vec![0; DECODE_BYTES];
        let count = self.source.read(&mut raw)?;
        self.finished = count == 0;
        let most = self.decoder.max_utf8_buffer_length(count);
        self.ready.resize(most.unwrap_or(DECODE_BYTES), 0);
        let (_, _, written, _) =
            self.decoder.decode_to_utf8(&raw[..count], &mut self.ready, self.finished);
        self.ready.truncate(written);
        self.given = 0;
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.finished {
            self.refill()?;
        }
        let left = &self.ready[self.given..];
        let count = left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }
}

/// The encoding of a name as `--encoding` takes it.
#[must_use]
pub fn encoding(name: &str) -> Option<&'static Encoding> {
    match name.to_ascii_lowercase().as_str() {
        // The web's name for UTF-16 means little-endian; so do Excel's exports.
        "utf-16" | "utf16" => Some(encoding_rs::UTF_16LE),
        "latin-1" | "latin1" => Some(encoding_rs::WINDOWS_1252),
        other => Encoding::for_label(other.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_become_utf8() {
        let decode = |name: &str, bytes: &[u8]| {
            let mut text = String::new();
            Decoded::new(bytes, encoding(name).unwrap()).read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(decode("latin-1", b"Montr\xe9al"), "Montréal");
        assert_eq!(decode("utf-16", b"\xff\xfeA\0\xe9\0"), "Aé");
        assert_eq!(decode("utf-16be", b"\xfe\xff\0A"), "A");
        assert!(encoding("klingon").is_none());
    }

    #[test]
    fn a_file_that_grows_or_is_replaced_meanwhile_is_refused() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("export.csv");
        std::fs::write(&path, "a\n").unwrap();
        let source = Source::open(&path, Sha256::new()).unwrap();
        assert!(source.finish().is_ok());
        let source = Source::open(&path, Sha256::new()).unwrap();
        std::fs::write(&path, "a\nb\n").unwrap();
        assert!(matches!(source.finish(), Err(ReadError::Changed(_))));
        let source = Source::open(&path, Sha256::new()).unwrap();
        std::fs::write(desk.path().join("other"), "a\nb\n").unwrap();
        std::fs::rename(desk.path().join("other"), &path).unwrap();
        assert!(matches!(source.finish(), Err(ReadError::Changed(_))));
    }
}

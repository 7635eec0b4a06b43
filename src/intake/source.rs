//! An input as a source of bytes read at offsets: a regular file, or standard input put aside in an
//! unnamed file, so that it can be read twice and never fills the memory.
//!
//! Owns opening, reading at an offset, and noticing that a file changed under the reading. Must not
//! know: text, CSV.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::bytes::{ReadError, STDIN};

/// Bytes read at once where a whole input is passed through.
const PASS_BYTES: usize = 1 << 18;
/// Bytes looked at to recognise what an input is.
const HEAD_BYTES: usize = 1 << 16;

/// One INPUT.
#[derive(Debug)]
pub struct Source {
    /// The name as given.
    pub name: String,
    /// Where it lies; `None` for a file without a name.
    path: Option<PathBuf>,
    file: File,
    before: Metadata,
}

impl Source {
    /// Opens a file; standard input is put aside first.
    ///
    /// # Errors
    /// [`ReadError`] when it is no regular file or cannot be read.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        let name = path.display().to_string();
        if path.as_os_str() == STDIN {
            let aside = aside(&mut io::stdin().lock()).map_err(io)?;
            return Self::of_file(name, aside);
        }
        // Asked before opening: opening a pipe would wait for its other end.
        if !std::fs::metadata(path).map_err(io)?.is_file() {
            return Err(ReadError::NotRegular(path.to_owned()));
        }
        let file = File::open(path).map_err(io)?;
        let before = file.metadata().map_err(io)?;
        Ok(Self { name, path: Some(path.to_owned()), file, before })
    }

    /// A file without a name of its own, under the name of the input it was made from.
    pub(super) fn of_file(name: String, file: File) -> Result<Self, ReadError> {
        let before = file.metadata();
        let before =
            before.map_err(|source| ReadError::Io { path: PathBuf::from(&name), source })?;
        Ok(Self { name, path: None, file, before })
    }

    fn fault(&self, source: io::Error) -> ReadError {
        ReadError::Io { path: PathBuf::from(&self.name), source }
    }

    /// Bytes at an offset: fewer than asked for at the end only.
    pub(super) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, ReadError> {
        self.fill_at(offset, buffer).map_err(|fault| self.fault(fault))
    }

    fn fill_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match pread(&self.file, &mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(filled)
    }

    /// Its first bytes.
    pub(super) fn head(&self) -> Result<Vec<u8>, ReadError> {
        let mut head = vec![0; HEAD_BYTES];
        let count = self.read_at(0, &mut head)?;
        head.truncate(count);
        Ok(head)
    }

    /// Its bytes from the begin, as a stream.
    pub(super) const fn stream(&self) -> Stream<'_> {
        Stream { source: self, offset: 0 }
    }

    /// Whether the file is still the one that was opened: not written to, not replaced.
    ///
    /// # Errors
    /// [`ReadError::Changed`].
    pub(super) fn unchanged(&self) -> Result<(), ReadError> {
        let Some(path) = &self.path else { return Ok(()) };
        let now = self.file.metadata().map_err(|fault| self.fault(fault))?;
        let there = std::fs::metadata(path).map_err(|fault| self.fault(fault))?;
        if same(&self.before, &now) && same(&self.before, &there) {
            return Ok(());
        }
        Err(ReadError::Changed(path.clone()))
    }

    /// Feeds every byte to a hash.
    pub(super) fn hash(&self, hash: &mut Sha256) -> Result<(), ReadError> {
        let mut buffer = vec![0; PASS_BYTES];
        let mut offset = 0;
        loop {
            let count = self.read_at(offset, &mut buffer)?;
            hash.update(&buffer[..count]);
            offset += count as u64;
            if count < buffer.len() {
                return self.unchanged();
            }
        }
    }
}

/// Copies a stream into a file that has no name, and so never outlives the process.
fn aside(stream: &mut impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(stream, &mut file)?;
    file.rewind()?;
    Ok(file)
}

/// Whether two looks met the same, unwritten file.
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

/// The bytes of a source in order.
#[derive(Debug)]
pub(super) struct Stream<'s> {
    source: &'s Source,
    offset: u64,
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.fill_at(self.offset, buffer)?;
        self.offset += count as u64;
        Ok(count)
    }
}

#[cfg(unix)]
fn pread(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn pread(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grows_or_is_replaced_meanwhile_is_refused() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("export.csv");
        std::fs::write(&path, "a\n").unwrap();
        assert!(Source::open(&path).unwrap().unchanged().is_ok());
        let source = Source::open(&path).unwrap();
        std::fs::write(&path, "a\nb\n").unwrap();
        assert!(matches!(source.unchanged(), Err(ReadError::Changed(_))));
        let source = Source::open(&path).unwrap();
        std::fs::write(desk.path().join("other"), "a\nb\n").unwrap();
        std::fs::rename(desk.path().join("other"), &path).unwrap();
        assert!(matches!(source.unchanged(), Err(ReadError::Changed(_))));
    }

    #[test]
    fn a_stream_put_aside_can_be_read_at_any_offset() {
        let file = aside(&mut b"abc".as_slice()).unwrap();
        let source = Source::of_file("-".to_owned(), file).unwrap();
        let mut bytes = [0; 4];
        assert_eq!(source.read_at(1, &mut bytes).unwrap(), 2);
        assert_eq!(&bytes[..2], b"bc");
        assert!(source.unchanged().is_ok());
    }
}

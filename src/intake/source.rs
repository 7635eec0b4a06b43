//! An input as a source of bytes: a regular file read at offsets, or bytes held in memory.
//!
//! Owns opening, reading at an offset, and noticing that a file changed under the reading. Must not
//! know: text, CSV.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::bytes::{ReadError, STDIN, read};

/// Bytes read at once where a whole input is passed through.
const PASS_BYTES: usize = 1 << 18;

/// One INPUT.
#[derive(Debug)]
pub(super) struct Source {
    /// The name as given.
    pub(super) name: String,
    content: Content,
}

#[derive(Debug)]
enum Content {
    File { path: PathBuf, file: File, length: u64, modified: Option<SystemTime> },
    Memory(Vec<u8>),
}

impl Source {
    /// Opens a file; standard input is read into memory, since it cannot be read twice.
    pub(super) fn open(path: &Path) -> Result<Self, ReadError> {
        if path.as_os_str() == STDIN {
            let input = read(path)?;
            return Ok(Self { name: input.name, content: Content::Memory(input.bytes) });
        }
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        // Asked before opening: opening a pipe would wait for its other end.
        if !std::fs::metadata(path).map_err(io)?.is_file() {
            return Err(ReadError::NotRegular(path.to_owned()));
        }
        let file = File::open(path).map_err(io)?;
        let facts = file.metadata().map_err(io)?;
        let (length, modified) = (facts.len(), facts.modified().ok());
        let content = Content::File { path: path.to_owned(), file, length, modified };
        Ok(Self { name: path.display().to_string(), content })
    }

    /// A file that is open already, under the name of the input it was made from.
    pub(super) fn of_file(name: String, path: &Path, file: File) -> Result<Self, ReadError> {
        let facts = file.metadata();
        let facts = facts.map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
        let (length, modified) = (facts.len(), facts.modified().ok());
        Ok(Self { name, content: Content::File { path: path.to_owned(), file, length, modified } })
    }

    /// Bytes at an offset: fewer than asked for at the end only.
    pub(super) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, ReadError> {
        match &self.content {
            Content::Memory(bytes) => {
                let begin = usize::try_from(offset).unwrap_or(bytes.len()).min(bytes.len());
                let count = buffer.len().min(bytes.len() - begin);
                buffer[..count].copy_from_slice(&bytes[begin..begin + count]);
                Ok(count)
            }
            Content::File { path, file, .. } => {
                let mut filled = 0;
                while filled < buffer.len() {
                    match pread(file, &mut buffer[filled..], offset + filled as u64) {
                        Ok(0) => break,
                        Ok(count) => filled += count,
                        Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                        Err(source) => return Err(ReadError::Io { path: path.clone(), source }),
                    }
                }
                Ok(filled)
            }
        }
    }

    /// Whether the file is still the one that was opened.
    ///
    /// # Errors
    /// [`ReadError::Changed`].
    pub(super) fn unchanged(&self) -> Result<(), ReadError> {
        let Content::File { path, file, length, modified } = &self.content else { return Ok(()) };
        let io = |source| ReadError::Io { path: path.clone(), source };
        let facts = file.metadata().map_err(io)?;
        if facts.len() == *length && facts.modified().ok() == *modified {
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

#[cfg(unix)]
fn pread(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn pread(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

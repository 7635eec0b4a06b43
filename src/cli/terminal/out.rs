//! Standard output that a reader may leave: `swip check … | head` ends quietly, with its verdict.
//!
//! Owns buffering and the broken pipe. Must not know: what is written.

use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};

/// Locked, buffered standard output; what is written after its reader left is dropped.
#[derive(Debug)]
pub struct Out(BufWriter<Leavable<StdoutLock<'static>>>);

/// Standard output of the process.
#[must_use]
pub fn out() -> Out {
    Out(BufWriter::new(Leavable { inner: io::stdout().lock(), left: false }))
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A writer that takes everything once its reader has left.
#[derive(Debug)]
pub struct Leavable<W> {
    inner: W,
    left: bool,
}

impl<W> Leavable<W> {
    /// Writes on, whether its reader stays or not.
    #[must_use]
    pub const fn new(inner: W) -> Self {
        Self { inner, left: false }
    }
}

impl<W: Write> Write for Leavable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left {
            return Ok(bytes.len());
        }
        match self.inner.write(bytes) {
            Err(fault) if fault.kind() == ErrorKind::BrokenPipe => {
                self.left = true;
                Ok(bytes.len())
            }
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.inner.flush() {
            Err(fault) if fault.kind() == ErrorKind::BrokenPipe => {
                self.left = true;
                Ok(())
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes some bytes, then its reader is gone, or the disk is full.
    struct Pipe(usize, ErrorKind);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(self.1.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_who_leaves_is_no_fault_and_a_full_disk_is() {
        let mut gone = Leavable { inner: Pipe(3, ErrorKind::BrokenPipe), left: false };
        gone.write_all(b"123456").unwrap();
        gone.write_all(b"more").unwrap();
        assert!(gone.left);
        let mut full = Leavable { inner: Pipe(3, ErrorKind::StorageFull), left: false };
        assert_eq!(full.write_all(b"123456").unwrap_err().kind(), ErrorKind::StorageFull);
    }
}

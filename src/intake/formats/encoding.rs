//! Other encodings than UTF-8, as UTF-8.
//!
//! Must not know: files, formats, records.

use std::io::{self, Read};

use encoding_rs::Encoding;

/// Bytes decoded at a time.
const DECODE_BYTES: usize = 32 * 1024;

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
        let (_, _, written, damaged) =
            self.decoder.decode_to_utf8(&raw[..count], &mut self.ready, self.finished);
        if damaged {
            let name = self.decoder.encoding().name();
            let what = format!("it is not text in {name}, which --encoding names");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
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
        let mut text = String::new();
        let halved = Decoded::new(b"A\0\0\xd8B\0".as_slice(), encoding("utf-16").unwrap())
            .read_to_string(&mut text);
        assert!(halved.unwrap_err().to_string().contains("UTF-16LE"));
    }
}

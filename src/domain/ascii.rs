//! Sets of ASCII characters, for texts that are taken at one look.
//!
//! Owns what "all of these letters" means at the speed of a table. Must not know: which texts.

/// A set of ASCII characters, as a table over all bytes.
pub(super) struct Letters([bool; 256]);

impl Letters {
    /// Capital letters, digits and hyphens: what handles are made of.
    pub(super) const HANDLE: Self = Self::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    /// Letters, digits and hyphens: a net name of one word.
    pub(super) const WORD: Self =
        Self::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    const fn of(letters: &[u8]) -> Self {
        let mut table = [false; 256];
        let mut at = 0;
        while at < letters.len() {
            table[letters[at] as usize] = true;
            at += 1;
        }
        Self(table)
    }

    /// Whether a text has only these.
    pub(super) fn make_up(&self, text: &str) -> bool {
        text.bytes().fold(true, |all, byte| all & self.0[usize::from(byte)])
    }
}

/// Whether a text is printable ASCII: one pass without a branch per byte, which the compiler turns
/// into wide instructions.
#[must_use]
pub fn is_printable(text: &str) -> bool {
    text.as_bytes().iter().fold(true, |plain, b| plain & matches!(b, b' '..=b'~'))
}

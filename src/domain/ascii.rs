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
    pub(super) fn make_up(&self, text: &[u8]) -> bool {
        text.iter().fold(true, |all, byte| all & self.0[usize::from(*byte)])
    }
}

/// Whether a text is printable ASCII: one pass without a branch per byte, which the compiler turns
/// into wide instructions.
#[must_use]
pub fn is_printable(text: impl AsRef<[u8]>) -> bool {
    text.as_ref().iter().fold(true, |plain, b| plain & matches!(b, b' '..=b'~'))
}

/// Whether bytes are lines of printable ASCII: without quotes, no cell of them holds a line end.
#[must_use]
pub fn are_plain_lines(bytes: &[u8]) -> bool {
    // Plus one, as a signed number, what prints is above the space, and all else below: one
    // comparison of wide instructions instead of two.
    let prints = |byte: &u8| byte.wrapping_add(1).cast_signed() > b' '.cast_signed();
    let odd = |byte: &u8| u8::from(!prints(byte) & (*byte != b'\n') & (*byte != b'\r'));
    bytes.iter().fold(0, |all, byte| all | odd(byte)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::net_name::NET_NAME_MAX_LEN;
    use crate::domain::{Comment, NetHandle, NetName, PlainText};
    use proptest::prelude::*;

    fn is_name(text: &str) -> bool {
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ' ';
        !text.is_empty()
            && text.chars().all(letter)
            && !text.starts_with(' ')
            && !text.ends_with(' ')
            && !text.contains("  ")
            && text.len() <= NET_NAME_MAX_LEN
    }

    fn is_net_handle(text: &str) -> bool {
        let letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        (text.starts_with("NET-") || text.starts_with("NET6-"))
            && text.chars().all(letter)
            && text.len() <= crate::domain::handle::HANDLE_MAX_LEN
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn one_look_takes_what_the_rules_take(
            text in "[A-Za-z0-9 _-]{0,12}|[A-Z0-9-]{48,66}|NET6?-[A-Za-z0-9-]{0,20}|NET-[0-9-]{55,62}|[ -~]{0,20}|\\PC{0,6}"
        ) {
            prop_assert_eq!(NetName::check(&text).is_ok(), is_name(&text), "{}", &text);
            prop_assert_eq!(NetHandle::check(&text).is_ok(), is_net_handle(&text), "{}", &text);
        }

        #[test]
        fn cells_of_plain_lines_are_printable(text in "[a-z ,]{0,9}(\n|\r\n)[ -~]{0,20}|[ -~\n\r\"é\t\u{7f}]{0,12}") {
            if are_plain_lines(text.as_bytes()) && !text.contains('"') {
                let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
                for record in reader.byte_records() {
                    prop_assert!(is_printable(record.unwrap().as_slice()), "{:?}", text);
                }
            } else {
                let printable = text.bytes().all(|b| is_printable([b]) && b != b'"');
                prop_assert!(!printable, "{:?}", text);
            }
        }

        #[test]
        fn printable_text_breaks_no_rule_of_texts(text in "[ -~]{0,40}|\\PC{0,12}|[a-z\t\n\r\u{7f}é]{0,6}") {
            prop_assert_eq!(is_printable(&text), text.chars().all(|c| (' '..='~').contains(&c)));
            if is_printable(&text) && !text.trim_matches(' ').is_empty() {
                prop_assert!(PlainText::check(&text).is_ok());
                prop_assert!(Comment::check(&text).is_ok());
            }
        }
    }
}

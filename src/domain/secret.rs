//! What has the form of a registry API key inside other text: it must be shown nowhere.
//!
//! Owns finding and blotting it out. Must not know: where keys are used.

use std::ops::Range;

/// What a key begins with.
const BEGIN: &[u8] = b"API-";
/// What keys of a practice registry begin with; they are no secrets.
pub const PRACTICE_PREFIX: &str = "API-0000-0000-";
/// Characters of a group behind the begin.
const GROUP: usize = 4;
/// Fewest groups of a key.
const GROUPS_MIN: usize = 4;
/// What stands where a key stood.
const BLOT: char = '*';

/// Where a text holds an API key.
#[must_use]
pub fn find(text: &[u8]) -> Option<Range<usize>> {
    memchr::memmem::find_iter(text, BEGIN).find_map(|begin| {
        let groups = text[begin + BEGIN.len()..].chunks(GROUP + 1).take_while(|chunk| {
            let group = &chunk[..GROUP.min(chunk.len())];
            group.len() == GROUP && group.iter().all(u8::is_ascii_hexdigit)
        });
        let mut count = 0;
        for chunk in groups {
            count += 1;
            if chunk.last() != Some(&b'-') {
                break;
            }
        }
        let length = BEGIN.len() + count * (GROUP + 1) - 1;
        let practice = text[begin..].starts_with(PRACTICE_PREFIX.as_bytes());
        (count >= GROUPS_MIN && !practice).then(|| begin..(begin + length).min(text.len()))
    })
}

/// A text whose keys are blotted out, of the same length.
#[must_use]
pub fn blotted(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(found) = find(text.as_bytes()) {
        let blot: String = std::iter::repeat_n(BLOT, found.len()).collect();
        text.replace_range(found, &blot);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_inside_other_text_and_only_keys() {
        for (text, found) in [
            ("API-1234-5678-9ABC-DEF0", Some(0..23)),
            ("see API-1234-5678-9ABC-DEF0, please", Some(4..27)),
            ("API-1234-5678-9abc-def0-1111", Some(0..28)),
            ("API-1234-5678-9ABC-DEF0-", Some(0..23)),
            ("API-1234-5678-9ABC", None),
            ("API-GATEWAY-Team", None),
            ("API-0000-0000-1234-5678", None),
            ("API-", None),
        ] {
            assert_eq!(find(text.as_bytes()), found, "{text}");
        }
        assert_eq!(blotted("a API-1234-5678-9ABC-DEF0 b"), format!("a {} b", "*".repeat(23)));
    }
}

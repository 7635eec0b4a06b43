//! `--transliterate`: names and addresses in the letters the registry takes, each change shown.
//!
//! Must not know: where texts come from.

use crate::domain::Rule;
use crate::intake::columns::Field;

use super::draft::Draft;

/// Fields whose text the registry takes in ASCII only.
const ASCII_ONLY: [Field; 9] = [
    Field::NetName,
    Field::CustomerName,
    Field::Street,
    Field::Street2,
    Field::Street3,
    Field::City,
    Field::State,
    Field::PostalCode,
    Field::OrgName,
];

/// Whether a character is a Latin letter with its accent, an accent on its own, or typography of
/// Latin text: all that is turned into ASCII without guessing a reading.
const fn has_plain_form(c: char) -> bool {
    matches!(
        c,
        '\0'..='\x7f'
            | '\u{a0}'
            | '\u{aa}'
            | '\u{ba}'
            | '\u{c0}'..='\u{24f}'
            | '\u{300}'..='\u{36f}'
            | '\u{1e00}'..='\u{1eff}'
            | '\u{2010}'..='\u{2015}'
            | '\u{2018}'..='\u{201f}'
    )
}

/// A text in ASCII; `None` when a character has no plain form (another script, an emoji).
#[must_use]
pub fn plain(text: &str) -> Option<String> {
    text.chars().all(has_plain_form).then(|| any_ascii::any_ascii(text))
}

/// Changes a row's texts and notes each change.
pub(super) fn apply(draft: &mut Draft) {
    for field in ASCII_ONLY {
        let before = draft.get(field).to_owned();
        if before.is_ascii() {
            continue;
        }
        if let Some(after) = plain(&before) {
            draft.set(field, &after);
            let message = format!("`{before}` becomes `{after}`");
            let help = "nothing to do; without --transliterate the row is refused";
            draft.find(Rule::Transliterated, Some(field.name()), &before, message, help, &[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn latin_is_turned_and_other_scripts_are_not() {
        for (text, expected) in [
            ("École Sainte-Anne", Some("Ecole Sainte-Anne")),
            ("Straße", Some("Strasse")),
            ("Łódź – “x”", Some("Lodz - \"x\"")),
            ("株式会社", None),
            ("Иван", None),
            ("😀", None),
        ] {
            assert_eq!(plain(text).as_deref(), expected);
        }
    }
}

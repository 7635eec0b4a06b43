//! What a spreadsheet makes of an address that it took for a number or a date.
//!
//! Owns recognising it. Must not know: cells, findings.

/// Months as spreadsheets shorten them.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Fewest digits of a number that stands for a date or a whole address.
const NUMBER_MIN_DIGITS: usize = 4;
/// Octets of an IPv4 address.
const OCTETS: usize = 4;

/// What a text that should be an address or a block looks like, if it looks spoilt.
pub(super) fn spoilt(text: &str) -> Option<&'static str> {
    let text = text.trim().to_ascii_lowercase();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if let Some((mantissa, exponent)) = text.split_once('e')
        && mantissa.split(['.', ',']).all(digits)
        && digits(exponent.trim_start_matches(['+', '-']))
    {
        return Some("a number in scientific notation");
    }
    if digits(&text) && text.len() >= NUMBER_MIN_DIGITS {
        return Some("a plain number");
    }
    if text.split(',').count() == OCTETS && text.split(',').all(digits) {
        return Some("a number with commas");
    }
    let day = text.split([' ', 't']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['-', '/']).collect();
    let dated = (2..=3).contains(&parts.len())
        && parts.iter().all(|part| digits(part) || MONTHS.iter().any(|m| part.starts_with(m)));
    let named = parts.iter().any(|part| !digits(part));
    let is_date = dated && (named || parts.len() == 3 || day.contains('/'));
    is_date.then_some("a date")
}

#[cfg(test)]
mod tests {
    use super::spoilt;

    #[test]
    fn numbers_and_dates_are_told_from_addresses() {
        for (text, what) in [
            ("1.92E+08", Some("a number in scientific notation")),
            ("1,92e8", Some("a number in scientific notation")),
            ("44593", Some("a plain number")),
            ("192,0,2,0", Some("a number with commas")),
            ("02-Jan", Some("a date")),
            ("1-March-2026", Some("a date")),
            ("2026-01-02", Some("a date")),
            ("2026-01-02 00:00:00", Some("a date")),
            ("1/24", Some("a date")),
            ("1/2/2026", Some("a date")),
            ("192.0.2.0/29", None),
            ("192.0.2.0-192.0.2.7", None),
            ("2001:db8::/32", None),
            ("10-20", None),
            ("fe", None),
            ("", None),
        ] {
            assert_eq!(spoilt(text), what, "{text}");
        }
    }
}

//! One free-text address split into its fields: United States and Canada only, never a guess.
//!
//! Read from the end: country, postal code, state, city, and what is left is the street. Whatever
//! does not fit exactly is refused. Must not know: columns, rows.

use crate::domain::Country;

/// Street lines of an address.
pub const STREETS_MAX: usize = 3;
/// Digits of a ZIP code.
const ZIP: usize = 5;

/// The fields of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Street lines, one to [`STREETS_MAX`].
    pub street: Vec<String>,
    /// City.
    pub city: String,
    /// State or province, by its code.
    pub state: String,
    /// Postal code.
    pub postal_code: String,
    /// `US` or `CA`.
    pub country: &'static str,
}

/// Splits an address; `country` is the one to take where the text names none.
///
/// # Errors
/// What could not be found in it.
pub fn split(text: &str, country: Option<&str>) -> Result<Split, String> {
    let mut parts = parts(text);
    let named = parts.last().and_then(|last| country_of(last));
    if named.is_some() {
        parts.pop();
    }
    let tail =
        parts.pop().ok_or("it has one part only; expected street, city, state and postal code")?;
    let (before, postal_code, by_form) = postal(&tail)?;
    let country = named.or_else(|| country.and_then(country_of)).unwrap_or(by_form);
    if country != by_form {
        return Err(format!("`{postal_code}` is no postal code of {country}"));
    }
    let before = if before.is_empty() { parts.pop().unwrap_or_default() } else { before };
    let (city, state) = state(&before, country)?;
    let city = if city.is_empty() { parts.pop().unwrap_or_default() } else { city };
    if city.is_empty() || city.bytes().any(|b| b.is_ascii_digit()) {
        return Err(
            "the city is not apart from the street by a comma, semicolon or line end".to_owned()
        );
    }
    if parts.is_empty() || parts.len() > STREETS_MAX {
        return Err(format!("it has {} street lines; expected one to {STREETS_MAX}", parts.len()));
    }
    if !parts.iter().any(|line| line.bytes().any(|b| b.is_ascii_digit())) {
        return Err("no street line has a number; street and city may not be apart".to_owned());
    }
    Ok(Split { street: parts, city, state, postal_code, country })
}

/// The parts between commas, semicolons and line ends.
fn parts(text: &str) -> Vec<String> {
    let parts = text.split([',', ';', '\n', '\r']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn country_of(text: &str) -> Option<&'static str> {
    match text.trim_end_matches('.').to_ascii_uppercase().as_str() {
        "US" | "USA" | "U.S.A" | "U.S" | "UNITED STATES" | "UNITED STATES OF AMERICA" => Some("US"),
        "CA" | "CAN" | "CANADA" => Some("CA"),
        _ => None,
    }
}

/// What stands before the postal code, the code, and whose form it has.
fn postal(tail: &str) -> Result<(String, String, &'static str), String> {
    let words: Vec<&str> = tail.split(' ').collect();
    let last = words.last().copied().unwrap_or_default();
    let rest = |count: usize| words[..words.len() - count].join(" ");
    let zip = last.split_once('-').map_or(last, |(zip, _)| zip);
    let extension = last.split_once('-').is_none_or(|(_, e)| e.len() == ZIP - 1 && digits(e));
    if zip.len() == ZIP && digits(zip) && extension {
        return Ok((rest(1), last.to_owned(), "US"));
    }
    if words.len() >= 2 {
        let both = format!("{} {last}", words[words.len() - 2]).to_ascii_uppercase();
        if is_canadian(&both) {
            return Ok((rest(2), both, "CA"));
        }
    }
    if last.len() == 6 && last.is_ascii() {
        let spaced = format!("{} {}", &last[..3], &last[3..]).to_ascii_uppercase();
        if is_canadian(&spaced) {
            return Ok((rest(1), spaced, "CA"));
        }
    }
    Err(format!("`{tail}` does not end with a postal code of the US or Canada"))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `A1A 1A1`.
fn is_canadian(code: &str) -> bool {
    code.len() == 7
        && code.chars().enumerate().all(|(at, c)| match at {
            3 => c == ' ',
            0 | 2 | 5 => c.is_ascii_uppercase(),
            _ => c.is_ascii_digit(),
        })
}

/// What stands before the state, and the state's code.
fn state(text: &str, country: &'static str) -> Result<(String, String), String> {
    let parsed = Country::parse(country).map_err(|_| format!("`{country}` is no country"))?;
    let upper = text.to_ascii_uppercase();
    if parsed.has_subdivision(&upper) {
        return Ok((String::new(), upper));
    }
    if let Some((before, last)) = upper.rsplit_once(' ')
        && parsed.has_subdivision(last)
    {
        return Ok((text[..before.len()].to_owned(), last.to_owned()));
    }
    let subdivisions = parsed.subdivisions();
    for (code, name) in subdivisions {
        let name = name.to_ascii_uppercase();
        if upper == name {
            return Ok((String::new(), (*code).to_owned()));
        }
    }
    Err(format!("`{text}` does not end with the code of a state or province of {}", parsed.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        match split(text, None) {
            Ok(s) => format!(
                "{}|{}|{}|{}|{}",
                s.street.join("/"),
                s.city,
                s.state,
                s.postal_code,
                s.country
            ),
            Err(why) => format!("! {why}"),
        }
    }

    #[test]
    fn addresses_of_the_us_and_canada_are_split() {
        for (text, expected) in [
            ("412 Maple Street, Oak Park, IL 60302, US", "412 Maple Street|Oak Park|IL|60302|US"),
            ("412 Maple Street; Oak Park; IL; 60302", "412 Maple Street|Oak Park|IL|60302|US"),
            (
                "412 Maple Street\nSuite 4\nOak Park il 60302-1234",
                "412 Maple Street/Suite 4|Oak Park|IL|60302-1234|US",
            ),
            (
                "15 rue des Erables, Montreal QC H2X 1Y4, Canada",
                "15 rue des Erables|Montreal|QC|H2X 1Y4|CA",
            ),
            ("15 rue X, Montreal, QC, h2x1y4", "15 rue X|Montreal|QC|H2X 1Y4|CA"),
            ("1 Main St, New York, New York, 10001", "1 Main St|New York|NY|10001|US"),
        ] {
            assert_eq!(line(text), expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_exactly_is_refused() {
        for text in [
            "",
            "412 Maple Street",
            "412 Maple Street Oak Park IL 60302",
            "412 Maple Street, Oak Park, XX 60302",
            "412 Maple Street, Oak Park, IL 6030",
            "412 Maple Street, Oak Park, IL 60302, Canada",
            "Oak Park, IL 60302",
            "Suite A, Maple Street Oak Park, IL 60302",
            "10 Downing Street, London SW1A 2AA, UK",
            "a, b, c, d, Oak Park, IL 60302",
        ] {
            assert!(line(text).starts_with('!'), "{text}: {}", line(text));
        }
    }
}

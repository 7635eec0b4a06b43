//! Countries and their subdivisions: ISO 3166-1 and -2.
//!
//! Owns their codes and names, as `build.rs` lays them out. Must not know: addresses, CSV, XML.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A country as ISO 3166 lists it.
struct Listed {
    code2: &'static str,
    code3: &'static str,
    name: &'static str,
    /// A line for each subdivision: its code without the country, a tab, its name.
    subdivisions: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/countries.rs"));

/// A country by its ISO 3166-1 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// A text that is no ISO 3166-1 code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no ISO 3166-1 country code of two or three letters")]
pub struct CountryError(pub String);

impl Country {
    /// The United States, where a state and a postal code are required.
    pub const US: Self = Self(*b"US");
    /// Canada, where a province and a postal code are required.
    pub const CA: Self = Self(*b"CA");

    /// Parses a two- or three-letter ISO 3166-1 code in any case.
    ///
    /// # Errors
    /// [`CountryError`] when ISO 3166-1 does not list it.
    pub fn parse(text: &str) -> Result<Self, CountryError> {
        let code = match text.as_bytes() {
            [a, b] => {
                return Self::of_alpha2([*a, *b]).ok_or_else(|| CountryError(text.to_owned()));
            }
            [_, _, _] => of_code3(&text.to_ascii_uppercase()),
            _ => None,
        };
        code.map(Self).ok_or_else(|| CountryError(text.to_owned()))
    }

    /// The country of a two-letter code in any case.
    #[must_use]
    pub fn of_alpha2(code: [u8; 2]) -> Option<Self> {
        let code = code.map(|letter| letter.to_ascii_uppercase());
        two_letters(code).filter(|at| ALPHA2[*at]).map(|_| Self(code))
    }

    /// ISO 3166-1 alpha-2.
    #[must_use]
    pub fn code2(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// ISO 3166-1 alpha-3.
    #[must_use]
    pub fn code3(&self) -> &'static str {
        self.listed().map_or("", |country| country.code3)
    }

    /// English short name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.listed().map_or("", |country| country.name)
    }

    /// Whether the registry requires state and postal code: the United States and Canada.
    #[must_use]
    pub fn needs_state(&self) -> bool {
        matches!(*self, Self::US | Self::CA)
    }

    /// Its ISO 3166-2 subdivisions: code without the country, and name.
    #[must_use]
    pub fn subdivisions(&self) -> Vec<(&'static str, &'static str)> {
        let lines = self.listed().map_or("", |country| country.subdivisions).lines();
        lines.filter_map(|line| line.split_once('\t')).collect()
    }

    /// Whether ISO 3166-2 has a subdivision `code` (as `VA` or `ON`) in this country.
    #[must_use]
    pub fn has_subdivision(&self, code: impl AsRef<[u8]>) -> bool {
        let code = code.as_ref();
        if let (Self::US | Self::CA, [a, b]) = (*self, code) {
            return two_letters([*a, *b])
                .is_some_and(|at| NORTH_AMERICA[usize::from(*self == Self::CA)][at]);
        }
        self.subdivisions().iter().any(|(known, _)| known.as_bytes() == code)
    }

    fn listed(&self) -> Option<&'static Listed> {
        let at = LISTED.binary_search_by(|country| country.code2.as_bytes().cmp(&self.0));
        LISTED.get(at.ok()?)
    }
}

/// The two letters of a country that is called by three.
fn of_code3(code: &str) -> Option<[u8; 2]> {
    let at = BY_CODE3.binary_search_by(|at| LISTED[*at].code3.cmp(code)).ok()?;
    LISTED[BY_CODE3[at]].code2.as_bytes().try_into().ok()
}

/// Letters of the alphabet.
const LETTERS: usize = 26;

/// Which two letters are a country, laid out for the hot path.
static ALPHA2: LazyLock<[bool; LETTERS * LETTERS]> =
    LazyLock::new(|| table(LISTED.iter().map(|country| country.code2)));

/// Which two letters are a subdivision of the United States, and of Canada, laid out for the hot
/// path.
static NORTH_AMERICA: LazyLock<[[bool; LETTERS * LETTERS]; 2]> = LazyLock::new(|| {
    [Country::US, Country::CA]
        .map(|country| table(country.subdivisions().into_iter().map(|(code, _)| code)))
});

fn table<'c>(codes: impl Iterator<Item = &'c str>) -> [bool; LETTERS * LETTERS] {
    let mut table = [false; LETTERS * LETTERS];
    let codes = codes.filter_map(|code| code.as_bytes().try_into().ok());
    codes.filter_map(two_letters).for_each(|at| table[at] = true);
    table
}

/// Index of two capital letters.
fn two_letters([a, b]: [u8; 2]) -> Option<usize> {
    let (a, b) = (usize::from(a.wrapping_sub(b'A')), usize::from(b.wrapping_sub(b'A')));
    (a < LETTERS && b < LETTERS).then_some(a * LETTERS + b)
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code2())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({self})")
    }
}

impl TryFrom<String> for Country {
    type Error = CountryError;

    fn try_from(text: String) -> Result<Self, CountryError> {
        Self::parse(&text)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code2().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_and_subdivision_is_found_by_its_codes() {
        let mut subdivisions = 0;
        for known in rust_iso3166::ALL {
            let country = Country::parse(&known.alpha3.to_lowercase()).unwrap();
            assert_eq!(Ok(country), Country::parse(known.alpha2));
            let own = (country.code2(), country.code3(), country.name());
            assert_eq!(own, (known.alpha2, known.alpha3, known.name));
            for known in known.subdivisions().unwrap_or_default() {
                let (_, code) = known.code.split_once('-').unwrap();
                assert!(country.subdivisions().contains(&(code, known.name)), "{}", known.code);
                assert!(country.has_subdivision(code), "{}", known.code);
                subdivisions += 1;
            }
        }
        assert!(subdivisions > 5000);
        for unknown in ["", "U", "XX", "USX", "ÜS", "UNITED STATES"] {
            assert_eq!(Country::parse(unknown), Err(CountryError(unknown.to_owned())));
        }
        for (country, code) in [("US", "ON"), ("CA", "VA"), ("MX", "VA"), ("US", ""), ("JM", "")] {
            assert!(!Country::parse(country).unwrap().has_subdivision(code), "{country}-{code}");
        }
    }
}

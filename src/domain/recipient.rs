//! Recipients: the customer of a simple reassignment, the org of a detailed one.
//!
//! Owns what a valid recipient is. Must not know: CSV columns, XML elements, handles' origin.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::ascii::is_printable;
use super::handle::{CustomerHandle, OrgHandle, PocHandle};

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
            [_, _, _] => rust_iso3166::from_alpha3(&text.to_ascii_uppercase())
                .and_then(|country| country.alpha2.as_bytes().try_into().ok()),
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
        rust_iso3166::from_alpha2(self.code2()).map_or("", |country| country.alpha3)
    }

    /// English short name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        rust_iso3166::from_alpha2(self.code2()).map_or("", |country| country.name)
    }

    /// Whether the registry requires state and postal code: the United States and Canada.
    #[must_use]
    pub fn needs_state(&self) -> bool {
        matches!(*self, Self::US | Self::CA)
    }

    /// Its ISO 3166-2 subdivisions: code without the country, and name.
    #[must_use]
    pub fn subdivisions(&self) -> Vec<(&'static str, &'static str)> {
        let country = rust_iso3166::from_alpha2(self.code2());
        let all = country.as_ref().and_then(rust_iso3166::CountryCode::subdivisions);
        let short = |code: &'static str| code.split_once('-').map_or(code, |(_, short)| short);
        all.unwrap_or_default().iter().map(|sub| (short(sub.code), sub.name)).collect()
    }

    /// Whether ISO 3166-2 has a subdivision `code` (as `VA` or `ON`) in this country.
    #[must_use]
    pub fn has_subdivision(&self, code: impl AsRef<[u8]>) -> bool {
        let code = code.as_ref();
        if let (Self::US | Self::CA, [a, b]) = (*self, code) {
            return two_letters([*a, *b])
                .is_some_and(|at| NORTH_AMERICA[usize::from(*self == Self::CA)][at]);
        }
        let full = std::str::from_utf8(code).map(|code| format!("{}-{code}", self.code2()));
        full.is_ok_and(|full| rust_iso3166::iso3166_2::from_code(&full).is_some())
    }
}

/// Letters of the alphabet.
const LETTERS: usize = 26;

/// Which two letters are a country: the table of ISO 3166-1, laid out for the hot path.
static ALPHA2: LazyLock<[bool; LETTERS * LETTERS]> =
    LazyLock::new(|| table(rust_iso3166::ALL.iter().map(|country| country.alpha2)));

/// Which two letters are a subdivision of the United States, and of Canada: the table of
/// ISO 3166-2, laid out for the hot path.
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

/// A line of text the registry stores outside comments: printable ASCII, trimmed, not empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlainText(String);

/// Why a text is no [`PlainText`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but blanks.
    #[error("the text is empty")]
    Empty,
    /// A character beyond ASCII; ARIN takes those in comments only.
    #[error("`{0}` is not ASCII; the registry takes ASCII outside comments")]
    NonAscii(char),
    /// A control character, line ends included.
    #[error("`{}` is a control character", .0.escape_default())]
    Control(char),
    /// In a comment: a character that is neither ASCII nor an accented Latin letter.
    #[error("`{}` is neither ASCII nor an accented Latin letter, which is all a comment takes", .0.escape_default())]
    NotLatin(char),
}

impl PlainText {
    /// Parses one line; outer spaces are trimmed.
    ///
    /// # Errors
    /// [`TextError`] with the first offending character.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Self::check(text).map(|()| Self(text.trim_matches(' ').to_owned()))
    }

    /// Whether a text is such a line, without owning it.
    ///
    /// # Errors
    /// As [`PlainText::parse`].
    pub fn check(text: &str) -> Result<(), TextError> {
        if text.trim_matches(' ').is_empty() {
            return Err(TextError::Empty);
        }
        if is_printable(text) {
            return Ok(());
        }
        for c in text.chars() {
            if c.is_control() {
                return Err(TextError::Control(c));
            }
            if !c.is_ascii() {
                return Err(TextError::NonAscii(c));
            }
        }
        Ok(())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlainText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for PlainText {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}

impl From<PlainText> for String {
    fn from(text: PlainText) -> Self {
        text.0
    }
}

/// A public comment: lines of ASCII and accented Latin letters; never empty lines at its ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Comment {
    lines: Vec<String>,
}

impl Comment {
    /// Splits a text at its newlines; blank lines are dropped.
    ///
    /// # Errors
    /// [`TextError::Control`] and [`TextError::NotLatin`] with the first offending character.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Self::check(text)?;
        Ok(Self { lines: comment_lines(text).map(str::to_owned).collect() })
    }

    /// Whether a text is a comment, without owning it.
    ///
    /// # Errors
    /// As [`Comment::parse`].
    pub fn check(text: &str) -> Result<(), TextError> {
        if is_printable(text) {
            return Ok(());
        }
        for line in comment_lines(text) {
            for c in line.chars() {
                if c.is_control() {
                    return Err(TextError::Control(c));
                }
                if !is_comment_character(c) {
                    return Err(TextError::NotLatin(c));
                }
            }
        }
        Ok(())
    }

    /// Its lines.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Whether it has no line.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

fn comment_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// ASCII, or a letter of the Latin-1 Supplement, Latin Extended-A, -B or Additional blocks.
fn is_comment_character(c: char) -> bool {
    let latin = matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    c.is_ascii() || (latin && c.is_alphabetic())
}

/// A postal address as the registry takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalAddress {
    /// Street lines, at least one.
    pub street: Vec<PlainText>,
    /// City.
    pub city: PlainText,
    /// ISO 3166-2 code without its country; present for the United States and Canada.
    pub state: Option<PlainText>,
    /// Postal code; present for the United States and Canada.
    pub postal_code: Option<PlainText>,
    /// Country.
    pub country: Country,
}

/// The customer of a simple reassignment: an org without contacts of its own, made for one net.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Name as published, unless private.
    pub name: PlainText,
    /// Address as published, unless private.
    pub address: PostalAddress,
    /// Residential customer privacy (NRPM 4.2.3.7.3.2, 6.5.5.3.1): name and street stay hidden.
    pub private: bool,
}

/// The recipient of a simple reassignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SimpleRecipient {
    /// A customer that is created with the net.
    New(Customer),
    /// A customer that exists and has no net yet.
    Existing(CustomerHandle),
}

/// A recipient org that is created first; the registry withdrew this in 2020, the classic
/// practice profile still has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOrg {
    /// Name.
    pub name: PlainText,
    /// Address.
    pub address: PostalAddress,
    /// Contacts: one Admin, at least one Tech and one Abuse.
    pub pocs: Vec<OrgPoc>,
}

/// One contact of a new org.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgPoc {
    /// What it is for.
    pub function: PocFunction,
    /// Who.
    pub handle: PocHandle,
}

/// What a point of contact is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PocFunction {
    /// Admin.
    #[serde(rename = "AD")]
    Admin,
    /// Tech.
    #[serde(rename = "T")]
    Tech,
    /// Abuse.
    #[serde(rename = "AB")]
    Abuse,
    /// NOC.
    #[serde(rename = "N")]
    Noc,
    /// Routing.
    #[serde(rename = "R")]
    Routing,
    /// DNS.
    #[serde(rename = "D")]
    Dns,
}

impl PocFunction {
    /// All of them, in the order the registry lists them.
    pub const ALL: [Self; 6] =
        [Self::Admin, Self::Abuse, Self::Noc, Self::Tech, Self::Routing, Self::Dns];

    /// The registry's code: `AD AB N T R D`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Admin => "AD",
            Self::Tech => "T",
            Self::Abuse => "AB",
            Self::Noc => "N",
            Self::Routing => "R",
            Self::Dns => "D",
        }
    }

    /// The registry's word.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Tech => "Tech",
            Self::Abuse => "Abuse",
            Self::Noc => "NOC",
            Self::Routing => "Routing",
            Self::Dns => "DNS",
        }
    }

    /// The function of a code, compared exactly as the registry's schema does.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.code() == code)
    }
}

/// The recipient of a detailed reassignment or a reallocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrgRecipient {
    /// An org that exists.
    Existing(OrgHandle),
    /// An org that is created first.
    New(NewOrg),
}

//! Recipients: the customer of a simple reassignment, the org of a detailed one.
//!
//! Owns what a valid recipient is. Must not know: CSV columns, XML elements, handles' origin.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ascii::is_printable;
use super::country::Country;
use super::handle::{CustomerHandle, OrgHandle, PocHandle};

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

//! Parts that customer, org and POC share: numbered lines and the country.
//!
//! Must not know: whose address it is.

use serde::{Deserialize, Serialize};

use super::element::{Element, payload};
use crate::domain::Country;

/// One numbered line of a street address, a comment or a message (`line`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number; the registry counts from 0. Only the order counts.
    #[serde(rename = "@number", default)]
    pub number: i64,
    /// Its text; may be empty, as between two paragraphs.
    #[serde(rename = "$text", default)]
    pub text: String,
}

/// Numbered lines (`comment`, `streetAddress`, `text`), in any order on the wire.
///
/// ```
/// use swip::regrws::payload::Lines;
///
/// let street = Lines::of(&["418 Maple Street", "Suite 200"]).ok_or("two lines")?;
/// assert_eq!(street.line[1].number, 1);
/// assert_eq!(street.texts(), ["418 Maple Street", "Suite 200"]);
/// # Ok::<_, swip::rehearsal::Fault>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lines {
    /// The lines.
    #[serde(rename = "line")]
    pub line: Vec<Line>,
}

impl Element for Lines {
    fn is_absent(&self) -> bool {
        self.line.iter().all(|line| line.text.trim().is_empty())
    }

    fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let read: Option<Self> = Deserialize::deserialize(deserializer)?;
        Ok(read.filter(|lines| !lines.is_absent()))
    }
}

impl Lines {
    /// Lines from texts, numbered from 0; `None` when there are none.
    #[must_use]
    pub fn of<T: ToString>(texts: &[T]) -> Option<Self> {
        let line = |(number, text): (i64, &T)| Line { number, text: text.to_string() };
        let line: Vec<Line> = (0..).zip(texts).map(line).collect();
        (!line.is_empty()).then_some(Self { line })
    }

    /// The texts in the order of their numbers.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let mut lines: Vec<&Line> = self.line.iter().collect();
        lines.sort_by_key(|line| line.number);
        lines.into_iter().map(|line| line.text.clone()).collect()
    }
}

payload! {
    /// `iso3166-1`, the country. One code is enough; if there are two they must agree.
    CountryPayload {
        /// ISO 3166-1 alpha-2.
        code2: String = "code2",
        /// ISO 3166-1 alpha-3.
        code3: String = "code3",
        /// Telephone code; the registry's.
        e164: String = "e164",
        /// English name; the registry's.
        name: String = "name",
    }
}

impl From<Country> for CountryPayload {
    fn from(country: Country) -> Self {
        Self {
            code2: Some(country.code2().to_owned()),
            code3: Some(country.code3().to_owned()),
            ..Self::default()
        }
    }
}

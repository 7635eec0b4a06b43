//! A text made from others: `{customer_name}-{start}`.
//!
//! Owns its syntax, and that nothing of a private customer is published by it (DESIGN 1.7.7).
//! Must not know: rows.

use crate::intake::columns::Field;

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// A field of the canonical CSV.
    Field(Field),
    /// A column of the export, by its label.
    Column(String),
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(pub Vec<Piece>);

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// What was expected, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let Some(length) = rest[open..].find('}') else {
                return Err("the brace is never closed".to_owned());
            };
            let name = rest[open + 1..open + length].trim();
            if name.contains('{') {
                return Err("a brace opens inside a brace".to_owned());
            }
            if name.is_empty() {
                return Err("the braces name no field or column".to_owned());
            }
            if open > 0 {
                pieces.push(Piece::Text(rest[..open].to_owned()));
            }
            pieces.push(
                Field::parse(name).map_or_else(|| Piece::Column(name.to_owned()), Piece::Field),
            );
            rest = &rest[open + length + 1..];
        }
        if rest.contains('}') {
            return Err("a brace is closed that was never opened".to_owned());
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// Whether it may be used for a private row: only if it is made of the block and fixed text.
    #[must_use]
    pub fn tells_only_the_block(&self) -> bool {
        self.0.iter().all(|piece| match piece {
            Piece::Text(_) => true,
            Piece::Field(field) => matches!(field, Field::Prefix | Field::Start | Field::End),
            Piece::Column(_) => false,
        })
    }

    /// Fills it in.
    #[must_use]
    pub fn fill(&self, value: impl Fn(&Piece) -> String) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                other => value(other),
            })
            .collect()
    }
}

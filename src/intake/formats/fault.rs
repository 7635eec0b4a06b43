//! A mapping file that cannot be used: where, what was expected, what to do.
//!
//! Owns the error and how it shows its place. Must not know: the schema.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A mapping file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The operating system refused.
    #[error("cannot read the mapping {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in it that swip does not take; the place is shown.
    #[error("{path}:{line}:{column}: {message}\n{excerpt}\nhelp: {help}")]
    Place {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
        /// The line, its number, and the part underlined.
        excerpt: String,
        /// What to do.
        help: String,
    },
}

/// Makes errors that show their place in one file.
pub(super) struct Faults<'t> {
    /// The file's text.
    pub(super) text: &'t str,
    /// Its name.
    pub(super) path: &'t Path,
}

impl Faults<'_> {
    /// A fault at some bytes of the file.
    pub(super) fn at(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: &str,
    ) -> MappingError {
        let begin = span.start.min(self.text.len());
        let before = self.text.get(..begin).unwrap_or_default();
        let line_begin = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_begin..).unwrap_or_default().chars().count();
        let source = self.text.get(line_begin..).unwrap_or_default();
        let source = source.lines().next().unwrap_or_default();
        let end = span.end.min(line_begin + source.len()).max(begin);
        let width = self.text.get(begin..end).unwrap_or_default().chars().count().max(1);
        let margin = " ".repeat(line.to_string().len());
        let mut excerpt = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            excerpt,
            "{margin} |\n{line} | {source}\n{margin} | {}{}",
            " ".repeat(column),
            "^".repeat(width)
        );
        MappingError::Place {
            path: self.path.to_owned(),
            line,
            column: column + 1,
            message: message.into(),
            excerpt,
            help: help.to_owned(),
        }
    }

    /// What the TOML parser says.
    pub(super) fn toml(&self, fault: &toml::de::Error) -> MappingError {
        let message = fault.message();
        let help = if message.starts_with("unknown field") {
            "tables of a mapping: columns, constants, templates, values, where, status, skip, actions, key, address, parents, empty"
        } else if message.contains("invalid type") || message.contains("did not match") {
            "see \"Mapping file\" in the documentation for the form of each table"
        } else {
            "correct the TOML; texts with quotes in them are written between single quotes"
        };
        self.at(fault.span().unwrap_or_default(), message.replace('\n', "; "), help)
    }
}

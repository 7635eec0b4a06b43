//! A row of the canonical CSV in the making, with what its conversion found.
//!
//! Must not know: how it is made.

use std::borrow::Cow;

use csv::ByteRecord;

use crate::domain::{Finding, RowAt, Rule, Severity};
use crate::intake::columns::{FIELD_COUNT, Field};

use super::record::Place;

/// What stands between the cells of a sheet's row where it is quoted; no cell can hold it.
pub const SHEET_DELIMITER: char = '\t';

/// Most bytes kept of a sheet's row, but for the last cell.
const RECORD_MAX_BYTES: usize = 1 << 12;

/// A row in the making; made once and cleared for each row.
#[derive(Debug, Default)]
pub struct Draft {
    /// The fields' texts, empty where there is none.
    pub texts: [String; FIELD_COUNT],
    /// Where the row stands: number in its file, file, line; the offset is the source's.
    pub at: RowAt,
    /// Where the record stands in the source.
    pub place: Place,
    /// What the conversion found.
    pub findings: Vec<Finding>,
    /// Whether it is no row of the plan.
    pub left_out: bool,
    /// Fields that a finding speaks for already: one cause gives one finding.
    pub covered: Vec<Field>,
    /// Fields that came from the recipients file.
    pub joined: Vec<Field>,
    /// Where the recipient stands, file and line.
    pub joined_from: String,
    /// The record as the source shows it, where it cannot be read there again: a row of a sheet.
    pub record: String,
}

impl Draft {
    /// Begins a new row.
    pub(super) fn clear(&mut self, at: RowAt, place: &Place) {
        self.texts.iter_mut().for_each(String::clear);
        self.findings.clear();
        self.covered.clear();
        self.joined.clear();
        self.joined_from.clear();
        self.record.clear();
        self.left_out = false;
        self.at = at;
        self.place.clone_from(place);
    }

    /// A field's text.
    #[must_use]
    pub fn get(&self, field: Field) -> &str {
        &self.texts[field as usize]
    }

    pub(super) fn set(&mut self, field: Field, text: &str) {
        let slot = &mut self.texts[field as usize];
        slot.clear();
        slot.push_str(text);
    }

    /// Keeps the record as a line of a table.
    pub(super) fn keep(&mut self, record: &ByteRecord) {
        for (index, cell) in record.iter().enumerate() {
            if self.record.len() > RECORD_MAX_BYTES {
                return;
            }
            if index > 0 {
                self.record.push(SHEET_DELIMITER);
            }
            let cell = String::from_utf8_lossy(cell);
            self.record.extend(cell.chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
    }

    /// Whether the conversion refuses the row.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity() == Severity::Error)
    }

    /// Adds a finding that speaks for some fields.
    pub(super) fn find(
        &mut self,
        rule: Rule,
        column: Option<&str>,
        value: &str,
        message: impl Into<String>,
        help: impl Into<String>,
        covers: &[Field],
    ) {
        let mut finding = Finding::new(self.at, rule, message, help);
        finding.column = column.map(|column| Cow::Owned(column.to_owned()));
        finding.value = crate::intake::cells::shown(value);
        self.findings.push(finding);
        self.covered.extend_from_slice(covers);
    }
}

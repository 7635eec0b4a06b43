//! One record as a row of fields, and the findings its cells raise.
//!
//! Owns trimming and how a cell fault names its place. Must not know: what
//! a field's text means.

use std::borrow::Cow;

use crate::domain::{Finding, RowAt, Rule, Written, is_printable};

use super::columns::{Columns, FIELD_COUNT, Field};
use super::left;
use super::split::Split;

/// Most characters of a value that a finding quotes.
pub const VALUE_MAX_CHARS: usize = 80;

/// One record, seen as fields.
pub struct Cells<'r> {
    columns: &'r Columns,
    /// The text of each field without outer spaces, where there is one.
    texts: [Option<Written<'r>>; FIELD_COUNT],
    /// Whether every cell is printable ASCII, so that no text of it has a wrong character.
    pub printable: bool,
    /// Where it stands.
    pub at: RowAt,
    /// What its cells raised so far.
    pub findings: Vec<Finding>,
}

impl<'r> Cells<'r> {
    /// The cells of a record whose bytes are UTF-8.
    #[must_use]
    #[inline]
    pub fn new(columns: &'r Columns, record: &'r Split, at: RowAt) -> Self {
        let mut cells = Self::none(columns, at, is_printable(record.as_slice()));
        cells.fill(record);
        cells
    }

    /// A row without cells; `printable` says what is known of those that will be filled in.
    #[inline]
    pub(super) const fn none(columns: &'r Columns, at: RowAt, printable: bool) -> Self {
        Self { columns, texts: [None; FIELD_COUNT], printable, at, findings: Vec::new() }
    }

    /// Takes the cells of a record.
    #[inline]
    pub(super) fn fill(&mut self, record: &'r Split) {
        let columns = self.columns;
        for (text, field) in record.iter().zip(columns.fields()) {
            if let Some(field) = field {
                self.texts[*field as usize] = trimmed(text).map(Written::new);
            }
        }
    }

    /// A field's text without outer spaces; `None` when there is none. Tabs and line ends are not
    /// trimmed: the rules refuse them where they matter.
    #[must_use]
    #[inline]
    pub fn get(&self, field: Field) -> Option<&'r str> {
        self.written(field).map(Written::as_str)
    }

    /// The same as bytes, which are not proved to be text again.
    #[inline]
    pub(super) const fn written(&self, field: Field) -> Option<Written<'r>> {
        self.texts[field as usize]
    }

    /// Whether a field has a text.
    #[inline]
    pub(super) const fn has(&self, field: Field) -> bool {
        self.texts[field as usize].is_some()
    }

    /// Lets empty cells stand for what is registered.
    pub fn leave(&mut self, left: Option<&'r left::Values>) {
        let Some(left) = left else { return };
        let has = |field: &Field| self.has(*field);
        let others = [Field::CustomerHandle, Field::OrgHandle, Field::OrgName];
        let customer = has(&Field::CustomerName);
        let given = left::Given {
            recipient: customer || others.iter().any(has),
            customer,
            street: [Field::Street, Field::Street2, Field::Street3].iter().any(has),
            country: self.get(Field::Country),
        };
        for field in Field::ALL.iter().copied() {
            if !self.has(field)
                && let Some(text) = left.of(field, &given)
            {
                self.texts[field as usize] = Some(text.into());
            }
        }
    }

    /// A fault of a field.
    #[cold]
    pub fn fault(
        &mut self,
        field: Field,
        rule: Rule,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (message, help) = (visible(&message.into()), visible(&help.into()));
        let mut finding = Finding::new(self.at, rule, message, help);
        let index = self.columns.index(field);
        let label = index.and_then(|index| self.columns.header.get(index));
        finding.column = Some(match label {
            Some(label) => Cow::Owned(label.clone()),
            None => Cow::Borrowed(field.name()),
        });
        finding.cell = index;
        finding.value = shown(self.get(field).unwrap_or_default());
        self.findings.push(finding);
    }

    /// A required field's text, or a `missing-field` finding with `why`.
    #[inline]
    pub fn require(&mut self, field: Field, why: &str) -> Option<Written<'r>> {
        let text = self.written(field);
        if text.is_none() {
            self.missing(field, why);
        }
        text
    }

    #[cold]
    fn missing(&mut self, field: Field, why: &str) {
        let message = format!("`{}` is empty; {why}", field.name());
        self.fault(field, Rule::MissingField, message, format!("fill in `{}`", field.name()));
    }
}

/// A text without outer spaces; none when nothing else is there.
#[inline]
fn trimmed(mut text: &[u8]) -> Option<&[u8]> {
    loop {
        match text {
            // Most cells have none, and two bytes tell.
            [first, .., last] if *first != b' ' && *last != b' ' => return Some(text),
            [b' ', rest @ ..] | [rest @ .., b' '] => text = rest,
            [] => return None,
            _ => return Some(text),
        }
    }
}

/// A value as findings quote it: at most [`VALUE_MAX_CHARS`], controls and bidi marks escaped.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == VALUE_MAX_CHARS {
            out.push('…');
            break;
        }
        if is_invisible(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A text whose invisible characters are written out; line ends stay.
#[must_use]
pub fn visible(text: &str) -> String {
    if !text.contains(|c| is_invisible(c) && c != '\n') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) && c != '\n' {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Controls, bidi overrides, zero-width characters: what must not reach a terminal raw.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

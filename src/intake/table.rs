//! Side tables: small CSV files beside the plan, read whole, each row by column name.
//!
//! Owns their header faults and how a fault names its place. Must not know: what a table holds.

use std::borrow::Cow;

use csv::ByteRecord;

use crate::domain::{FileId, Finding, RowAt, Rule};

use super::bytes;
use super::columns::nearest;
use super::records::{Records, detect_delimiter};

/// What a kind of table looks like.
pub(super) struct Schema {
    /// As people call the file: `parents file`.
    pub(super) kind: &'static str,
    /// Columns it may have; others are a fault unless they start with `x_`.
    pub(super) columns: &'static [&'static str],
    /// Further columns it may have, which are passed over.
    pub(super) passed_over: &'static [&'static str],
    /// Names under which another file of ours has a column: `x_net_handle` of an inventory.
    pub(super) aliases: &'static [(&'static str, &'static str)],
    /// What to write into an empty one.
    pub(super) example: &'static str,
}

/// One row of a table.
pub(super) struct TableRow<'t> {
    header: &'t [String],
    cells: &'t ByteRecord,
    at: RowAt,
}

impl<'t> TableRow<'t> {
    /// The text of a column without outer blanks; `None` when empty or absent.
    pub(super) fn get(&self, column: &str) -> Option<Cow<'t, str>> {
        let index = self.header.iter().position(|name| name == column)?;
        let cells: &'t ByteRecord = self.cells;
        cells.get(index).map(text_of).filter(|text| !text.is_empty())
    }

    /// Whether the file has the column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.header.iter().any(|name| name == column)
    }

    /// A fault of one of its cells.
    pub(super) fn fault(
        &self,
        rule: Rule,
        column: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Box<Finding> {
        let mut finding = Finding::new(self.at, rule, message, help);
        finding.column = Some(column.into());
        finding.value = self.get(column).map(Cow::into_owned).unwrap_or_default();
        Box::new(finding)
    }
}

fn text_of(cell: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(cell) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// Reads a table row by row; `take` turns a row into a value, or passes over it. Nothing is
/// returned when there is any finding.
pub(super) fn read<T>(
    input: &bytes::InputBytes,
    schema: &Schema,
    mut take: impl FnMut(&TableRow<'_>) -> Result<Option<T>, Box<Finding>>,
) -> (Vec<T>, Vec<Finding>) {
    let (mut values, mut findings) = parse(&input.bytes, schema, &mut take);
    for finding in &mut findings {
        finding.other_file = Some(input.name.clone());
    }
    if !findings.is_empty() {
        values.clear();
    }
    (values, findings)
}

fn parse<T>(
    bytes: &[u8],
    schema: &Schema,
    take: &mut impl FnMut(&TableRow<'_>) -> Result<Option<T>, Box<Finding>>,
) -> (Vec<T>, Vec<Finding>) {
    let at = RowAt { row: 0, file: FileId(0), line: 1, offset: 0 };
    let text = match bytes::text(bytes) {
        Ok((text, _)) => text,
        Err(fault) => {
            let message = format!("byte {}: {}", fault.offset, fault.what);
            let finding = Finding::new(at, Rule::BadEncoding, message, "export it as UTF-8");
            return (Vec::new(), vec![finding]);
        }
    };
    let mut records = Records::new(text, detect_delimiter(text));
    let mut cells = ByteRecord::new();
    let empty = |what: &str| {
        let message = format!("the {} {what}", schema.kind);
        vec![Finding::new(at, Rule::EmptyInput, message, schema.example)]
    };
    if records.next(&mut cells).is_none() {
        return (Vec::new(), empty("is empty"));
    }
    let mut header: Vec<String> =
        cells.iter().map(|cell| text_of(cell).to_ascii_lowercase()).collect();
    for (alias, column) in schema.aliases {
        let has = header.iter().any(|name| name == column);
        if let Some(name) = header.iter_mut().find(|name| !has && name == alias) {
            (*column).clone_into(name);
        }
    }
    let mut findings = header_findings(&header, schema, at);
    let mut values = Vec::new();
    let mut rows = 0_u64;
    while findings.is_empty() {
        let Some(found) = records.next(&mut cells) else { break };
        rows += 1;
        let at = RowAt { line: found.line, offset: found.offset as u64, ..at };
        if cells.len() != header.len() {
            let message =
                format!("the row has {} cells; the header has {}", cells.len(), header.len());
            findings.push(Finding::new(at, Rule::RaggedRow, message, "complete or quote the row"));
            break;
        }
        match take(&TableRow { header: &header, cells: &cells, at }) {
            Ok(value) => values.extend(value),
            Err(finding) => findings.push(*finding),
        }
    }
    if findings.is_empty() && rows == 0 {
        findings = empty("has no rows");
    }
    (values, findings)
}

fn header_findings(header: &[String], schema: &Schema, at: RowAt) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in header.iter().filter(|name| !name.starts_with("x_")) {
        let known = |list: &[&str]| list.contains(&name.as_str());
        if known(schema.columns) || known(schema.passed_over) {
            continue;
        }
        let help = nearest(name, schema.columns.iter().copied()).map_or_else(
            || format!("the columns are {}", schema.columns.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("`{name}` is no column of a {}", schema.kind);
        let mut finding = Finding::new(at, Rule::UnknownColumn, message, help);
        finding.value.clone_from(name);
        findings.push(finding);
    }
    let has = |name: &str| header.iter().any(|column| column == name);
    if !has("net_handle") || !(has("prefix") || (has("start") && has("end"))) {
        let message =
            format!("a {} needs `net_handle` and `prefix` (or `start` and `end`)", schema.kind);
        findings.push(Finding::new(at, Rule::MissingField, message, "add the column"));
    }
    findings
}

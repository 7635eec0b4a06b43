//! Findings as people and scripts read them: text with the row quoted, JSON, CSV.
//!
//! Owns their printing. Must not know: how a rule is judged.

mod tally;
mod text;

use std::io::{self, Write};

use serde_json::Value;

use super::args::{Global, PlainFormat};
use super::failure::Failure;
use super::survey::Survey;
use super::terminal::{self, Leavable};
use crate::domain::Finding;

pub(super) use tally::{Run, Tally};
pub(super) use text::text;

/// Most findings shown as text.
pub const MAX_FINDINGS: usize = 100;

/// Counts that close a list of findings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// Data rows read.
    pub rows: u64,
    /// Rows that would be sent.
    pub requests: u64,
    /// Errors.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
    /// Notes.
    pub notes: u64,
}

/// The name of the file a finding is about.
fn file_name<'f>(finding: &'f Finding, files: &'f [String]) -> &'f str {
    let input = files.get(usize::from(finding.at.file.0)).map(String::as_str);
    finding.other_file.as_deref().or(input).unwrap_or_default()
}

/// One finding with the keys of the JSON output.
fn object(finding: &Finding, files: &[String]) -> Value {
    let mut object = crate::report::finding(finding);
    object["file"] = Value::from(file_name(finding, files));
    object
}

/// Says on stderr what keeps a plan from being sent, in the form the options ask for: the text, or
/// one line a finding; nothing of it when quiet, since the last line counts the errors.
///
/// # Errors
/// An input that cannot be read any more.
pub(super) fn say(global: &Global, survey: &Survey) -> Result<(), Failure> {
    if global.quiet {
        return Ok(());
    }
    if global.log_format != Some(PlainFormat::Json) {
        let colour = terminal::colour(global.color, &io::stderr());
        // A log that no one can read any more stops no work.
        return text(&mut Leavable::new(io::stderr()), survey, MAX_FINDINGS, colour);
    }
    let files = survey.inputs.names();
    let mut lines = Lines { left: MAX_FINDINGS, open: Vec::new() };
    survey.write_all(&mut lines, |finding, text| {
        // Writing to memory cannot fail.
        let _ = writeln!(text, "{}", object(finding, &files));
    })
}

/// Says each line of JSON as an event of the log, up to a number of them.
struct Lines {
    left: usize,
    open: Vec<u8>,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.left == 0 {
                break;
            }
            self.open.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.left -= 1;
                event(&self.open);
                self.open.clear();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A finding as an event: its fields beside its message, its severity as the level.
fn event(line: &[u8]) {
    let Ok(finding) = serde_json::from_slice::<Value>(line) else { return };
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let number = |key: &str| finding[key].as_u64().unwrap_or_default();
    let (file, column, rule) = (text("file"), text("column"), text("rule"));
    let (row, at, value) = (number("row"), number("line"), text("value"));
    let (message, help) = (text("message"), text("help"));
    match text("severity") {
        "error" => {
            tracing::error!(file, row, line = at, column, rule, value, help, "{message}");
        }
        "warning" => {
            tracing::warn!(file, row, line = at, column, rule, value, help, "{message}");
        }
        _ => tracing::info!(file, row, line = at, column, rule, value, help, "{message}"),
    }
}

/// Writes one JSON document, finding by finding.
///
/// # Errors
/// An input that cannot be read any more, and whatever writing raises.
pub(super) fn json(out: &mut dyn Write, survey: &Survey) -> Result<(), Failure> {
    let files = survey.inputs.names();
    write!(out, "{{\"findings\":[")?;
    // The comma stands before each finding but the first, whoever renders it.
    let mut out = Commas { out, first: true };
    survey.write_all(&mut out, |finding, text| {
        // Writing to memory cannot fail.
        let _ = write!(text, ",\n{}", object(finding, &files));
    })?;
    let Totals { rows, requests, errors, warnings, notes } = survey.totals();
    writeln!(
        out.out,
        "],\"rows\":{rows},\"requests\":{requests},\"errors\":{errors},\"warnings\":{warnings},\"notes\":{notes}}}"
    )?;
    Ok(())
}

/// Passes everything on but the comma that would stand before the first finding.
struct Commas<'o> {
    out: &'o mut dyn Write,
    first: bool,
}

impl Write for Commas<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let first = std::mem::take(&mut self.first);
        match bytes.strip_prefix(b",") {
            Some(rest) if first => {
                self.out.write_all(rest)?;
                Ok(bytes.len())
            }
            _ => {
                self.first = first && bytes.is_empty();
                self.out.write(bytes)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Columns of the CSV output.
const CSV_COLUMNS: [&str; 11] = [
    "file",
    "row",
    "line",
    "column",
    "rule",
    "severity",
    "value",
    "message",
    "help",
    "related_rows",
    "related_total",
];

/// Writes one line a finding.
///
/// # Errors
/// An input that cannot be read any more, and whatever writing raises.
pub(super) fn csv(out: &mut dyn Write, survey: &Survey) -> Result<(), Failure> {
    let files = survey.inputs.names();
    writeln!(out, "{}", CSV_COLUMNS.join(","))?;
    survey.write_all(out, |finding, text| {
        let mut writer = csv::Writer::from_writer(text);
        // Writing to memory cannot fail.
        let _ = writer.write_record(cells(finding, &files));
        let _ = writer.flush();
    })
}

fn cells(finding: &Finding, files: &[String]) -> [String; CSV_COLUMNS.len()] {
    let related: Vec<String> = finding.related_rows.iter().map(ToString::to_string).collect();
    [
        file_name(finding, files).to_owned(),
        finding.at.row.to_string(),
        finding.at.line.to_string(),
        finding.column.as_deref().unwrap_or_default().to_owned(),
        finding.rule.as_str().to_owned(),
        finding.severity().as_str().to_owned(),
        finding.value.clone(),
        finding.message.clone(),
        finding.help.clone(),
        related.join(" "),
        finding.related_total.to_string(),
    ]
    .map(|cell| crate::report::csv_safe(&cell))
}

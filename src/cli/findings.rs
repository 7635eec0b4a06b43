//! Findings as people and scripts read them: text with the row quoted, JSON, CSV.
//!
//! Owns their printing. Must not know: how a rule is judged.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::domain::{Finding, Severity};
use crate::intake::Inputs;
use crate::intake::cells::is_invisible;

/// Most findings shown as text.
pub const MAX_FINDINGS: usize = 100;
/// Most findings of one rule shown in full; the rest of the rule is counted.
const EXAMPLES_PER_RULE: usize = 10;
/// Width the text is trimmed to.
const WIDTH: usize = 80;

/// Counts that close a list of findings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// Data rows read.
    pub rows: u64,
    /// Rows that would be sent.
    pub requests: u64,
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

/// The name of the file a finding is about.
fn file_name<'f>(finding: &'f Finding, files: &'f [String]) -> &'f str {
    let input = files.get(usize::from(finding.at.file.0)).map(String::as_str);
    finding.other_file.as_deref().or(input).unwrap_or_default()
}

/// Writes findings as text: at most `most`, examples per rule, the rest counted.
///
/// # Errors
/// Whatever writing raises.
pub fn text(
    out: &mut dyn Write,
    findings: &[Finding],
    inputs: &Inputs,
    most: usize,
    colour: bool,
) -> io::Result<()> {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
    let files = inputs.names();
    let mut shown = 0;
    let mut per_rule = std::collections::BTreeMap::new();
    let mut by_weight: Vec<&Finding> = findings.iter().collect();
    by_weight.sort_by_key(|finding| finding.severity());
    for finding in by_weight {
        let of_rule: &mut (usize, usize) = per_rule.entry(finding.rule.as_str()).or_default();
        of_rule.0 += 1;
        if shown < most && of_rule.1 < EXAMPLES_PER_RULE {
            shown += 1;
            of_rule.1 += 1;
            writeln!(out, "{}\n", render(&renderer, finding, inputs, &files))?;
        }
    }
    for (rule, (count, examples)) in per_rule {
        if examples < count {
            writeln!(out, "{rule}: {} more like the {examples} above", count - examples)?;
        }
    }
    Ok(())
}

/// One finding, the source row quoted and the cell underlined.
fn render(renderer: &Renderer, finding: &Finding, inputs: &Inputs, files: &[String]) -> String {
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let place = match finding.at.row {
        0 => file_name(finding, files).to_owned(),
        row => format!("row {row}"),
    };
    let title = level
        .primary_title(printable(&format!("{place}: {}", finding.message)))
        .id(finding.rule.as_str());
    let excerpt = inputs.excerpt(finding.at).filter(|_| finding.other_file.is_none());
    let mut group = match excerpt {
        Some(excerpt) => {
            let column = finding.column.as_deref();
            let cell = finding.cell.or_else(|| inputs.cell_index(finding.at.file, column?));
            let span = cell.and_then(|cell| excerpt.cells.get(cell).cloned());
            let (source, span) = quoted(&excerpt.text, span.unwrap_or(0..excerpt.text.len()));
            let line = usize::try_from(excerpt.line).unwrap_or_default();
            let mark = AnnotationKind::Primary.span(span);
            let mark = match column {
                Some(column) => mark.label(printable(column)),
                None => mark,
            };
            let path = file_name(finding, files).to_owned();
            title.element(Snippet::source(source).line_start(line).path(path).annotation(mark))
        }
        None => Group::with_title(title),
    };
    if !finding.related_rows.is_empty() {
        group = group.element(Level::NOTE.message(related(finding)));
    }
    if !finding.help.is_empty() {
        group = group.element(Level::HELP.message(printable(&finding.help)));
    }
    renderer.render(&[group])
}

fn related(finding: &Finding) -> String {
    let rows: Vec<String> = finding.related_rows.iter().map(ToString::to_string).collect();
    let more = if finding.related_total > rows.len() as u64 { " and more" } else { "" };
    let word = if rows.len() == 1 { "row" } else { "rows" };
    format!("with {word} {}{more}", rows.join(", "))
}

/// A text whose invisible characters are written out; newlines of the source stay.
fn printable(text: &str) -> String {
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

/// A source text made printable, and the span moved with it.
fn quoted(text: &str, span: std::ops::Range<usize>) -> (String, std::ops::Range<usize>) {
    let part = |range: std::ops::Range<usize>| printable(text.get(range).unwrap_or_default());
    let (before, marked) = (part(0..span.start), part(span.clone()));
    let begin = before.len();
    let end = begin + marked.len();
    let after = part(span.end..text.len());
    (format!("{before}{marked}{after}"), begin..end)
}

/// One finding with the keys of the JSON output.
fn object(finding: &Finding, files: &[String]) -> Value {
    json!({
        "file": file_name(finding, files),
        "row": finding.at.row,
        "line": finding.at.line,
        "column": finding.column,
        "rule": finding.rule.as_str(),
        "severity": finding.severity().as_str(),
        "value": finding.value,
        "message": finding.message,
        "help": finding.help,
        "related_rows": finding.related_rows,
        "related_total": finding.related_total,
    })
}

/// Writes one JSON document, finding by finding.
///
/// # Errors
/// Whatever writing raises.
pub fn json(
    out: &mut dyn Write,
    findings: &[Finding],
    files: &[String],
    totals: Totals,
) -> io::Result<()> {
    write!(out, "{{\"findings\":[")?;
    for (index, finding) in findings.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(out, "{comma}\n{}", object(finding, files))?;
    }
    let Totals { rows, requests, errors, warnings, notes } = totals;
    writeln!(
        out,
        "],\"rows\":{rows},\"requests\":{requests},\"errors\":{errors},\"warnings\":{warnings},\"notes\":{notes}}}"
    )
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
/// Whatever writing raises.
pub fn csv(out: &mut dyn Write, findings: &[Finding], files: &[String]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(CSV_COLUMNS)?;
    for finding in findings {
        let related: Vec<String> = finding.related_rows.iter().map(ToString::to_string).collect();
        let cells = [
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
        ];
        writer.write_record(cells.map(|cell| crate::report::csv_safe(&cell)))?;
    }
    writer.flush()
}

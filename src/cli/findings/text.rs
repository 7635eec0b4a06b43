//! Findings as people read them: grouped by cause, the source row quoted, the cell underlined.
//!
//! Owns which findings are shown and how. Must not know: how a rule is judged.

use std::io::Write;

use annotate_snippets::Group as Snippets;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::file_name;
use super::tally::Group;
use crate::cli::failure::Failure;
use crate::cli::survey::Survey;
use crate::domain::{Finding, Rule, Severity};
use crate::intake::Inputs;
use crate::intake::cells::{shown, visible};
use crate::report::space::grouped;

/// Findings of one group shown in full, of as many values as there are; the rest is counted.
const EXAMPLES_PER_GROUP: usize = 3;
/// Values of a group that are named with their counts.
const CAUSES_NAMED: usize = 5;
/// Width the text is trimmed to.
const WIDTH: usize = 100;

/// Writes findings as text: at most `most` in full, the rest counted by cause.
///
/// # Errors
/// An input that cannot be read any more, and whatever writing raises.
pub(in crate::cli) fn text(
    out: &mut dyn Write,
    survey: &Survey,
    most: usize,
    colour: bool,
) -> Result<(), Failure> {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
    let files = survey.inputs.names();
    let mut left = most;
    for finding in survey.general.iter().take(most) {
        writeln!(out, "{}\n", render(&renderer, finding, &survey.inputs, &files))?;
        left -= 1;
    }
    let groups = survey.tally.groups();
    for (rule, column, group) in &groups {
        let rows = examples(group, left.min(EXAMPLES_PER_GROUP));
        for (at, row) in rows.iter().enumerate() {
            let findings = survey.of_row(*row)?;
            let matching = |finding: &&Finding| finding.rule == *rule && is_column(finding, column);
            let Some(finding) = findings.iter().find(matching) else { continue };
            writeln!(out, "{}", render(&renderer, finding, &survey.inputs, &files))?;
            if at + 1 == rows.len() && group.count > rows.len() as u64 {
                writeln!(out, "{}", more(group, rows.len() as u64))?;
            }
            writeln!(out)?;
            left -= 1;
        }
    }
    if groups.iter().map(|(.., group)| group.count).sum::<u64>() > 1 {
        table(out, &groups)?;
    }
    Ok(())
}

/// Whether a finding is of a column; findings that rows raise together are counted under the
/// canonical name.
fn is_column(finding: &Finding, column: &str) -> bool {
    finding.column.as_deref().unwrap_or_default() == column
        || matches!(finding.rule, Rule::Overlap | Rule::CustomerReused)
}

/// Rows that show a group: one of each value, the most frequent values first.
fn examples(group: &Group, most: usize) -> Vec<u64> {
    let mut causes: Vec<_> = group.causes.values().collect();
    causes.sort_unstable_by_key(|cause| (std::cmp::Reverse(cause.count), cause.row));
    let mut rows: Vec<u64> = causes.iter().take(most).map(|cause| cause.row).collect();
    rows.sort_unstable();
    rows
}

/// What a group holds beyond its examples.
fn more(group: &Group, examples: u64) -> String {
    let rows: Vec<String> = group.rows.iter().map(ToString::to_string).collect();
    let dots = if group.count > group.rows.len() as u64 { ", …" } else { "" };
    let mut text = format!(
        "  = {} more like this, {} in all: rows {}{dots}",
        grouped(u128::from(group.count - examples)),
        grouped(u128::from(group.count)),
        rows.join(", ")
    );
    let mut causes: Vec<_> = group.causes.iter().collect();
    causes.sort_unstable_by_key(|(_, cause)| (std::cmp::Reverse(cause.count), cause.row));
    let repeated = causes.len() > 1 && causes.iter().any(|(_, cause)| cause.count > 1);
    if repeated && causes.iter().all(|(value, _)| !value.is_empty()) {
        let named: Vec<String> = causes
            .iter()
            .take(CAUSES_NAMED)
            .map(|(value, cause)| {
                format!("{} × `{}`", grouped(u128::from(cause.count)), shown(value))
            })
            .collect();
        let dots = if causes.len() > named.len() || group.more_causes { ", …" } else { "" };
        text.push_str(&format!("\n  = most often: {}{dots}", named.join(", ")));
    }
    text
}

/// How many findings each rule has, where there is more than one.
fn table(out: &mut dyn Write, groups: &[(Rule, &str, &Group)]) -> Result<(), Failure> {
    writeln!(out, "{:>12}  {:<8} rule", "findings", "")?;
    for (rule, column, group) in groups {
        let severity = rule.severity().as_str();
        let column = if column.is_empty() { String::new() } else { format!(" in {column}") };
        writeln!(out, "{:>12}  {severity:<8} {rule}{column}", grouped(u128::from(group.count)))?;
    }
    writeln!(out)?;
    Ok(())
}

/// One finding, the source row quoted and the cell underlined.
fn render(renderer: &Renderer, finding: &Finding, inputs: &Inputs, files: &[String]) -> String {
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let place = match (finding.at.row, finding.at.line) {
        (0, 0 | 1) => file_name(finding, files).to_owned(),
        (0, line) => format!("{}, line {line}", file_name(finding, files)),
        (row, _) => format!("row {row}"),
    };
    let title = level
        .primary_title(visible(&format!("{place}: {}", finding.message)))
        .id(finding.rule.as_str());
    let mut group = match inputs.quote(finding) {
        Some(quote) => {
            let (source, span) = quoted(&quote.text, quote.span);
            let line = usize::try_from(quote.line).unwrap_or_default();
            let mark = AnnotationKind::Primary.span(span);
            let mark = match finding.column.as_deref() {
                Some(column) => mark.label(visible(column)),
                None => mark,
            };
            let path = file_name(finding, files).to_owned();
            title.element(Snippet::source(source).line_start(line).path(path).annotation(mark))
        }
        None => Snippets::with_title(title),
    };
    // A message about two rows names the other one itself.
    let pair = matches!(finding.rule, Rule::Overlap | Rule::CustomerReused);
    if finding.related_rows.len() > usize::from(pair) {
        group = group.element(Level::NOTE.message(related(finding)));
    }
    if !finding.help.is_empty() {
        group = group.element(Level::HELP.message(visible(&finding.help)));
    }
    renderer.render(&[group])
}

fn related(finding: &Finding) -> String {
    let rows: Vec<String> = finding.related_rows.iter().map(ToString::to_string).collect();
    let more = if finding.related_total > rows.len() as u64 { " and more" } else { "" };
    let word = if rows.len() == 1 { "row" } else { "rows" };
    format!("with {word} {}{more}", rows.join(", "))
}

/// A source text made printable, and the span moved with it.
fn quoted(text: &str, span: std::ops::Range<usize>) -> (String, std::ops::Range<usize>) {
    let part = |range: std::ops::Range<usize>| visible(text.get(range).unwrap_or_default());
    let (before, marked) = (part(0..span.start), part(span.clone()));
    let begin = before.len();
    let end = begin + marked.len();
    let after = part(span.end..text.len());
    (format!("{before}{marked}{after}"), begin..end)
}

//! `report.html`: one file that needs nothing else, under a content security policy that lets
//! only its own style and script in, so that it works from a mail attachment.
//!
//! Owns what the page says, in order: the verdict and counts, who needs a person, tickets,
//! findings, the parents as pictures and numbers, then all rows. Must not know: how a line came
//! about.

mod data;
mod grid;
mod map;
mod sections;

use std::collections::HashMap;
use std::io::{self, Write};

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::class::Class;
use super::evidence::{Evidence, Known};
use super::model::{Line, Report};
use super::space::{block, grouped};
use super::write::{Form, columns, shown_recipient};
use crate::domain::{Finding, Severity, Status};
use sections::{Attention, Parent, RuleGroup, Ticket, Total};

/// The page's style and script; their hashes are in its policy.
const STYLE: &str = include_str!("../../../templates/report.css");
const SCRIPT: &str = include_str!("../../../templates/report.js");
/// Rows that stand in the page itself, for readers without script and for paper.
const STATIC_ROWS: usize = 200;

/// One row as the page shows it.
struct Row {
    number: String,
    reference: String,
    block: String,
    name: String,
    recipient: String,
    state: String,
    class: Class,
    handles: String,
    message: String,
}

/// A number of the first screen.
struct Count {
    count: String,
    label: &'static str,
    class: Class,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'r> {
    version: &'static str,
    style: &'static str,
    script: &'static str,
    policy: String,
    report: &'r Report,
    checked: bool,
    title: String,
    verdict: &'static str,
    verdict_class: Class,
    counts: Vec<Count>,
    facts: Vec<(&'static str, String)>,
    attention: Vec<Attention>,
    tickets: Vec<Ticket>,
    tickets_left_out: usize,
    findings: Vec<RuleGroup>,
    parents: Vec<Parent>,
    totals: Vec<Total>,
    evidence_source: String,
    marks: (u8, u8),
    sources: Vec<Known>,
    in_time: String,
    deadline: i32,
    legend: Vec<(&'static str, &'static str, &'static str)>,
    rows: Vec<Row>,
    total_rows: String,
    all_shown: bool,
    data: String,
}

/// Writes the page.
///
/// # Errors
/// Whatever writing raises.
pub(super) fn write(out: &mut dyn Write, report: &Report, form: Form) -> io::Result<()> {
    let rows = rows(report, form.show_private);
    let evidence = Evidence::of(report, form.thresholds);
    let tickets = sections::tickets(report);
    let (verdict, verdict_class) = sections::verdict(report);
    let checked = report.findings.is_some();
    let classes: Vec<Class> = rows.iter().map(|row| row.class).collect();
    let page = Page {
        version: env!("CARGO_PKG_VERSION"),
        style: STYLE,
        script: SCRIPT,
        policy: policy(),
        report,
        checked,
        title: format!("{} {}", if checked { "Check of" } else { "Report of" }, inputs(report)),
        verdict,
        verdict_class,
        counts: counts(report, &rows),
        facts: sections::facts(report),
        attention: sections::attention(&report.lines, &rows),
        tickets_left_out: tickets.len().saturating_sub(sections::LISTED),
        tickets: tickets.into_iter().take(sections::LISTED).collect(),
        findings: sections::findings(report),
        parents: sections::parents(report, &classes, &evidence),
        totals: sections::totals(&evidence),
        evidence_source: evidence.source(),
        marks: (evidence.thresholds.block, evidence.thresholds.total),
        sources: if checked { Vec::new() } else { evidence.sources() },
        deadline: evidence.thresholds.deadline_days,
        in_time: evidence.in_time_text(evidence.in_time),
        legend: Class::ALL.map(|c| (c.css(), c.mark(), c.label(checked))).to_vec(),
        data: data(report, &rows),
        total_rows: grouped(rows.len() as u128),
        all_shown: rows.len() <= STATIC_ROWS,
        rows: rows.into_iter().take(STATIC_ROWS).collect(),
    };
    page.write_into(out).map_err(io::Error::other)
}

/// Only this style and this script: nothing is loaded, nothing else runs.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

fn inputs(report: &Report) -> String {
    report.run.input.join(", ")
}

/// The worst finding of each row.
fn worst(findings: &[Finding]) -> HashMap<u64, &Finding> {
    let mut worst: HashMap<u64, &Finding> = HashMap::new();
    for finding in findings {
        let known = worst.entry(finding.at.row).or_insert(finding);
        if finding.severity() < known.severity() {
            *known = finding;
        }
    }
    worst
}

fn rows(report: &Report, show_private: bool) -> Vec<Row> {
    let worst = worst(report.findings.as_deref().unwrap_or_default());
    let checked = report.findings.is_some();
    report
        .lines
        .iter()
        .map(|line| {
            let finding = line.row.and_then(|row| worst.get(&row).copied());
            row(line, checked, finding, show_private)
        })
        .collect()
}

fn row(line: &Line, checked: bool, finding: Option<&Finding>, show_private: bool) -> Row {
    let status = line.status.unwrap_or(Status::NotAttempted);
    let (class, state, message) = if checked {
        let class = Class::checked(status, finding.map(Finding::severity));
        let state = match (finding.map(Finding::severity), class) {
            (Some(severity), _) if severity != Severity::Note => severity.as_str().to_owned(),
            (_, Class::Aside) => status.to_string(),
            (_, Class::Person) => Severity::Error.as_str().to_owned(),
            _ => "sound".to_owned(),
        };
        let text = finding.map(|f| format!("{}: {}; {}", f.rule, f.message, f.help));
        (class, state, text.or_else(|| said(line)))
    } else {
        (Class::of(status), status.to_string(), said(line))
    };
    let handles = [&line.net_handle, &line.customer_handle, &line.org_handle, &line.ticket];
    let handles: Vec<&str> = handles.into_iter().flatten().map(String::as_str).collect();
    Row {
        number: line.row.map(|row| row.to_string()).unwrap_or_default(),
        reference: line.reference.clone().unwrap_or_default(),
        block: block(line).map(|block| block.to_string()).unwrap_or_default(),
        name: line.net_name.clone().unwrap_or_default(),
        recipient: shown_recipient(line, show_private),
        state,
        class,
        handles: handles.join(" "),
        message: message.unwrap_or_default(),
    }
}

/// Code and message of a line. A dry run's code says nothing about the row.
fn said(line: &Line) -> Option<String> {
    match (line.code.as_deref(), line.message.as_deref()) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (Some("checked"), None) => None,
        (code, message) => code.or(message).map(str::to_owned),
    }
}

/// The numbers of the first screen, the urgent first.
fn counts(report: &Report, rows: &[Row]) -> Vec<Count> {
    if report.findings.is_none() {
        let summary = report.summary();
        let known = Status::ALL.into_iter().filter_map(|s| Some((s, *summary.get(&s)?)));
        return known
            .map(|(status, count)| Count {
                count: grouped(u128::from(count)),
                label: status.as_str(),
                class: Class::of(status),
            })
            .collect();
    }
    let of = |class: Class| rows.iter().filter(|row| row.class == class).count();
    Class::ALL
        .into_iter()
        .rev()
        .map(|class| (class, of(class)))
        .filter(|(_, count)| *count > 0)
        .map(|(class, count)| Count {
            count: grouped(count as u128),
            label: class.label(true),
            class,
        })
        .collect()
}

/// Columns of the report that the page takes as they are, after its own.
const TAKEN: [(&str, &str); 12] = [
    ("parent_net", "Parent net"),
    ("action", "Action"),
    ("net_handle", "Net handle"),
    ("customer_handle", "Customer handle"),
    ("org_handle", "Org handle"),
    ("ticket", "Ticket"),
    ("ticket_status", "Ticket status"),
    ("registered_at", "Registered at"),
    ("attempts", "Attempts"),
    ("code", "Code"),
    ("file", "File"),
    ("line", "Line"),
];

/// All rows for the script.
fn data(report: &Report, rows: &[Row]) -> String {
    let own = |cell: &dyn Fn(&Row) -> String| rows.iter().map(cell).collect::<Vec<_>>();
    let mut table = vec![
        ("row", "Row", own(&|row| row.number.clone())),
        ("reference", "Reference", own(&|row| row.reference.clone())),
        ("block", "Block", own(&|row| row.block.clone())),
        ("name", "Net name", own(&|row| row.name.clone())),
        ("recipient", "Recipient", own(&|row| row.recipient.clone())),
        ("state", "Status", own(&|row| row.state.clone())),
        ("class", "", own(&|row| row.class.css().to_owned())),
        ("message", "Message", own(&|row| row.message.clone())),
        ("rank", "", ranks(&report.lines)),
    ];
    let mut taken: Vec<Vec<String>> = vec![Vec::with_capacity(rows.len()); TAKEN.len()];
    for line in &report.lines {
        let cells = columns(line);
        for ((key, _), cells_of) in TAKEN.iter().zip(&mut taken) {
            let value = cells.iter().find(|(name, _)| name == key).map(|(_, value)| value);
            cells_of.push(match value {
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(serde_json::Value::Number(number)) => number.to_string(),
                _ => String::new(),
            });
        }
    }
    table.extend(TAKEN.iter().zip(taken).map(|((key, label), cells)| (*key, *label, cells)));
    data::document(&table, rows.len())
}

/// The place of each line in address order, so that the script need not compare addresses.
fn ranks(lines: &[Line]) -> Vec<String> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|at| (lines[*at].start, lines[*at].end));
    let mut ranks = vec![String::new(); lines.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at] = rank.to_string();
    }
    ranks
}

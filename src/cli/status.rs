//! `swip status`: what needs a person first, then where every row stands.
//!
//! Must not know: how tickets are asked for (`refresh`).

use std::io::Write;

use serde_json::json;

use super::args::{Global, PlainFormat, Status as Args};
use super::failure::{Exit, Failure};
use super::outcome::{Facts, folded};
use super::{closing, refresh, terminal};
use crate::domain::Status;
use crate::journal::{Journal, RunHead};
use crate::report::{Form, Line, Report};

/// Rows that are listed of each status; the report has all.
const LISTED_MAX: usize = 50;

/// Something that is not done, and why.
struct Item {
    /// How `swip resolve` takes it: a row, RUN:ROW, or a block.
    name: String,
    block: String,
    status: Status,
    line: Option<Line>,
    text: String,
}

/// Runs `swip status`.
///
/// # Errors
/// A journal or a registry that cannot be used.
pub(super) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    if args.refresh || args.wait.is_some() {
        refresh::tickets(global, args).await?;
    }
    let journal = Journal::read(&args.journal)?;
    let (head, plan) = journal.run(None)?;
    let facts = Facts { record: &head.record, plan: &plan, directory: None, form: Form::default() };
    let report = folded(&facts, &journal, head.run, None)?;
    let mut items = earlier(&journal, head.run)?;
    items.extend(report.lines.iter().filter_map(of_line));
    items.sort_by_key(|item| Status::ALL.iter().position(|status| *status == item.status));
    let mut out = terminal::out();
    match args.format {
        PlainFormat::Json => writeln!(out, "{:#}", document(&report, &head, &items))?,
        PlainFormat::Text => text(&mut out, &report, &head, &items)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// What earlier runs left to a person.
fn earlier(journal: &Journal, last: i64) -> Result<Vec<Item>, Failure> {
    let item = |name: String, block: String, text| Item {
        name,
        block,
        status: Status::Unresolved,
        line: None,
        text,
    };
    let mut items = Vec::new();
    let mut doubts: Vec<_> =
        journal.doubts()?.into_values().filter(|doubt| doubt.run != last).collect();
    doubts.sort_by_key(|doubt| (doubt.run, doubt.row));
    for doubt in doubts {
        let text = doubt.unresolved.clone().unwrap_or_else(|| {
            "the outcome of its write is not known yet; the next run settles it by reading"
                .to_owned()
        });
        let name = format!("{}:{}", doubt.run, doubt.row);
        items.push(item(name, doubt.key.block.to_string(), text));
    }
    let known = journal.known()?.into_values();
    let mut open: Vec<_> = known
        .filter_map(|known| {
            let open = known.open.clone().filter(|open| open.run != last)?;
            Some((open.run, known.key.block.to_string(), open.unresolved?))
        })
        .collect();
    open.sort();
    items.extend(open.into_iter().map(|(_, block, text)| item(block.clone(), block, text)));
    Ok(items)
}

/// A line that is not done; those the run did not come to are only counted.
fn of_line(line: &Line) -> Option<Item> {
    let status = line.status.filter(|status| {
        matches!(
            status,
            Status::Unresolved
                | Status::Rejected
                | Status::Invalid
                | Status::Held
                | Status::Deferred
                | Status::Ticketed
        )
    })?;
    let block = match (line.prefix, line.start, line.end) {
        (Some(prefix), ..) => prefix.to_string(),
        (None, Some(start), Some(end)) => format!("{start} - {end}"),
        _ => String::new(),
    };
    let name = line.row.map_or_else(|| block.clone(), |row| row.to_string());
    let text = line.message.clone().or_else(|| line.code.clone()).unwrap_or_default();
    let text = match (&line.ticket, &line.ticket_status) {
        (Some(ticket), Some(status)) => format!("{ticket} ({status}): {text}"),
        (Some(ticket), None) => format!("{ticket}: {text}"),
        _ => text,
    };
    Some(Item { name, block, status, line: Some(line.clone()), text })
}

fn text(
    out: &mut impl Write,
    report: &Report,
    head: &RunHead,
    items: &[Item],
) -> Result<(), Failure> {
    let ended = match (&head.finished_at, head.exit_code) {
        (Some(at), Some(code)) => format!("ended {at} with exit code {code}"),
        _ => "has not ended; swip resume goes on with it if no process does".to_owned(),
    };
    writeln!(out, "run {} at {}: {ended}", report.run.id, report.run.registry)?;
    for status in Status::ALL {
        let of_status: Vec<&Item> = items.iter().filter(|item| item.status == status).collect();
        for item in of_status.iter().take(LISTED_MAX) {
            let block = if item.name == item.block { "" } else { item.block.as_str() };
            let gap = if block.is_empty() { "" } else { ", " };
            writeln!(out, "row {}{gap}{block}: {status}: {}", item.name, item.text)?;
        }
        if let Some(more) = of_status.len().checked_sub(LISTED_MAX).filter(|more| *more > 0) {
            writeln!(out, "and {more} more {status}; swip report has them all")?;
        }
    }
    writeln!(out, "{}", closing::table(report))?;
    Ok(())
}

fn document(report: &Report, head: &RunHead, items: &[Item]) -> serde_json::Value {
    let counts: serde_json::Map<String, serde_json::Value> =
        report.summary().into_iter().map(|(s, n)| (s.to_string(), n.into())).collect();
    let open = items.iter().map(|item| {
        let line = item.line.as_ref();
        json!({
            "row": item.name,
            "block": item.block,
            "status": item.status.to_string(),
            "reference": line.and_then(|line| line.reference.clone()),
            "net_handle": line.and_then(|line| line.net_handle.clone()),
            "ticket": line.and_then(|line| line.ticket.clone()),
            "ticket_status": line.and_then(|line| line.ticket_status.clone()),
            "code": line.and_then(|line| line.code.clone()),
            "message": item.text,
        })
    });
    json!({
        "run": report.run.id,
        "registry": report.run.registry,
        "finished_at": head.finished_at,
        "exit_code": head.exit_code,
        "summary": counts,
        "open": open.collect::<Vec<_>>(),
    })
}

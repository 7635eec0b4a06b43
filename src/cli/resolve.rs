//! `swip resolve`: a person settles a row whose outcome is unknown.
//!
//! Owns finding the row by any of its names, and showing it before anything is done. Must not
//! know: how it is verified.

use std::io::Write as _;

use super::args::{Global, Resolve};
use super::failure::{Exit, Failure};
use super::line::Line;
use super::terminal;
use crate::journal::{Doubt, Journal};
use crate::submission::about::under;
use crate::submission::{ResolveError, Said, resolve};

/// Runs `swip resolve`.
///
/// # Errors
/// No such row, or what was said does not agree with the registry.
pub(super) async fn run(global: &Global, args: &Resolve) -> Result<Exit, Failure> {
    // A journal that is not there is not made.
    drop(Journal::read(&args.journal)?);
    let mut journal = Journal::open(&args.journal)?;
    let (head, plan) = journal.run(None)?;
    let doubt = named(&journal, &args.row, head.run)?;
    tracing::info!(
        "Row {} of run {}: {} under {}, {}",
        doubt.row,
        doubt.run,
        doubt.key.block,
        doubt.key.parent,
        doubt.step.assignment.recipient()
    );
    let said = match (&args.adopt, args.absent) {
        (Some(handle), _) => Said::Adopt(handle.clone()),
        (None, true) => Said::Absent,
        (None, false) => Said::Hold,
    };
    let line = Line::open(global, &mut journal, &head.record, &plan).await?;
    let settled = resolve(&mut journal, &line.reader, &doubt, &said, args.note.clone());
    let done = under(&doubt.key.parent, settled).await;
    line.close()?;
    let text = done.map_err(|fault| failure(&fault))?;
    writeln!(terminal::out(), "row {}: {text}", doubt.row)?;
    terminal::out().flush()?;
    Ok(Exit::Done)
}

fn failure(fault: &ResolveError) -> Failure {
    let exit = match fault {
        ResolveError::Settled(_) => Exit::Usage,
        ResolveError::Store(_) => Exit::Storage,
        ResolveError::Unread(_) => Exit::Registry,
        ResolveError::Differs { .. } | ResolveError::NoSuch(_) | ResolveError::Present(_) => {
            Exit::Unresolved
        }
    };
    Failure::new(exit, format!("{fault}; nothing was changed"))
}

/// The open write that a name means: a row number of the last run, RUN:N, a reference, a block
/// or a net handle. What is ambiguous is refused.
fn named(journal: &Journal, name: &str, last: i64) -> Result<Doubt, Failure> {
    let doubts = journal.doubts()?.into_values();
    let mut found = Vec::new();
    for doubt in doubts {
        if is(journal, &doubt, name, last)? {
            found.push(doubt);
        }
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Failure::usage(format!(
            "{name}: no row of that number, reference, block or net handle has an open outcome; swip status lists those that have"
        ))),
        _ => {
            let rows: Vec<String> = found.iter().map(|d| format!("{}:{}", d.run, d.row)).collect();
            Err(Failure::usage(format!("{name} may be {}; say which", rows.join(" or "))))
        }
    }
}

fn is(journal: &Journal, doubt: &Doubt, name: &str, last: i64) -> Result<bool, Failure> {
    if name == doubt.key.block.to_string() || name == format!("{}:{}", doubt.run, doubt.row) {
        return Ok(true);
    }
    if doubt.run == last && name == doubt.row.to_string() {
        return Ok(true);
    }
    let plan = journal.store().plan(doubt.run)?;
    let reference = plan.row(doubt.row).and_then(|row| row.reference.clone());
    if reference.as_deref() == Some(name) {
        return Ok(true);
    }
    let events = journal.events(doubt.run)?;
    let of_row = events.iter().filter(|(row, _)| *row == doubt.row);
    let outcomes = of_row.filter_map(|(_, event)| match event {
        crate::journal::Event::Concluded(outcome) => outcome.net(),
        _ => None,
    });
    Ok(outcomes.into_iter().any(|net| net.net_handle.as_str() == name))
}

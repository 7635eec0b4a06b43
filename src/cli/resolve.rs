//! `swip resolve`: a person settles a row whose outcome is unknown.
//!
//! Owns finding the row by any of its names, and showing it before anything is done. Must not
//! know: how it is verified.

use std::io::Write as _;

use super::args::{Global, Resolve};
use super::failure::{Exit, Failure};
use super::line::Line;
use super::terminal;
use crate::domain::AddressRange;
use crate::journal::{Doubt, Event, Journal, Known};
use crate::plan::{Plan, PlannedRow};
use crate::submission::about::under;
use crate::submission::{ResolveError, Said, resolve, resolve_change};

/// Something that is open.
enum Open {
    /// A row that was to be registered.
    Row(Box<Doubt>),
    /// A modification or removal.
    Change(Box<Known>),
}

impl Open {
    /// Run and row, as RUN:ROW is written.
    fn place(&self) -> (i64, u64) {
        match self {
            Self::Row(doubt) => (doubt.run, doubt.row),
            Self::Change(known) => known.open.as_ref().map_or((0, 0), |open| (open.run, open.id)),
        }
    }

    /// Whether it is about space of a row.
    fn is_on(&self, row: &PlannedRow) -> bool {
        let key = match self {
            Self::Row(doubt) => &doubt.key,
            Self::Change(known) => &known.key,
        };
        row.parent.as_ref().is_none_or(|parent| *parent == key.parent)
            && row.block.is_some_and(|block| block.overlaps(&key.block))
    }

    /// As people are shown it: block and recipient.
    fn shown(&self) -> String {
        let (run, row) = self.place();
        match self {
            Self::Row(doubt) => format!(
                "Row {row} of run {run}: {} under {}, {}",
                doubt.key.block,
                doubt.key.parent,
                doubt.step.assignment.recipient()
            ),
            Self::Change(known) => {
                let recipient = known.step.as_ref().map(|step| step.assignment.recipient());
                format!(
                    "Change {row} of run {run}: {} under {}, {}",
                    known.key.block,
                    known.key.parent,
                    recipient.unwrap_or("registered before")
                )
            }
        }
    }
}

/// Runs `swip resolve`.
///
/// # Errors
/// No such row, or what was said does not agree with the registry.
pub(super) async fn run(global: &Global, args: &Resolve) -> Result<Exit, Failure> {
    // A journal that is not there is not made.
    drop(Journal::read(&args.journal)?);
    let mut journal = Journal::open(&args.journal)?;
    let (head, plan) = journal.run(None)?;
    let open = named(&journal, &args.row, head.run, &plan)?;
    tracing::info!("{}", open.shown());
    let said = match (&args.adopt, args.absent) {
        (Some(handle), _) => Said::Adopt(handle.clone()),
        (None, true) => Said::Absent,
        (None, false) => Said::Hold,
    };
    let line = Line::open(global, &mut journal, &head.record, &plan).await?;
    let (reader, note) = (&line.reader, args.note.clone());
    let done = match &open {
        Open::Row(doubt) => {
            let settled = resolve(&mut journal, reader, doubt, &said, note);
            under(&doubt.key.parent, settled).await
        }
        Open::Change(known) => {
            let settled = resolve_change(&mut journal, reader, known, &said, note);
            under(&known.key.parent, settled).await
        }
    };
    line.close()?;
    let text = done.map_err(|fault| failure(&fault))?;
    match open {
        Open::Row(doubt) => writeln!(terminal::out(), "row {}: {text}", doubt.row)?,
        Open::Change(known) => writeln!(terminal::out(), "{}: {text}", known.key.block)?,
    }
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
/// or a net handle; where the last run's row has no open write of its own, the one that an
/// earlier run left on its space. What is ambiguous is refused.
fn named(journal: &Journal, name: &str, last: i64, plan: &Plan) -> Result<Open, Failure> {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for doubt in journal.doubts()?.into_values() {
        let meant = is(journal, &doubt, name, last)?;
        if meant { &mut found } else { &mut others }.push(Open::Row(Box::new(doubt)));
    }
    for known in journal.known()?.into_values().filter(|known| known.open.is_some()) {
        let open = Open::Change(Box::new(known));
        if is_change(&open, name, last) { &mut found } else { &mut others }.push(open);
    }
    if found.is_empty()
        && let Some(row) = name.parse().ok().and_then(|row| plan.row(row))
    {
        found.extend(others.into_iter().filter(|open| open.is_on(row)));
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Failure::usage(format!(
            "{name}: no row of that number, reference, block or net handle has an open outcome; swip status lists those that have"
        ))),
        _ => {
            let mut places: Vec<(i64, u64)> = found.iter().map(Open::place).collect();
            places.sort_unstable();
            let rows: Vec<String> =
                places.iter().map(|(run, row)| format!("{run}:{row}")).collect();
            Err(Failure::usage(format!("{name} may be {}; say which", rows.join(" or "))))
        }
    }
}

/// Whether a name means a row.
fn is(journal: &Journal, doubt: &Doubt, name: &str, last: i64) -> Result<bool, Failure> {
    if is_place(&doubt.key.block, (doubt.run, doubt.row), name, last) {
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
        Event::Concluded(outcome) => outcome.net(),
        _ => None,
    });
    Ok(outcomes.into_iter().any(|net| net.net_handle.as_str() == name))
}

/// Whether a name means a change.
fn is_change(open: &Open, name: &str, last: i64) -> bool {
    let Open::Change(known) = open else { return false };
    is_place(&known.key.block, open.place(), name, last)
        || known.reference.as_deref() == Some(name)
        || known.net.as_ref().is_some_and(|net| net.net_handle.as_str() == name)
}

fn is_place(block: &AddressRange, (run, row): (i64, u64), name: &str, last: i64) -> bool {
    name == block.to_string()
        || name == format!("{run}:{row}")
        || (run == last && name == row.to_string())
}

//! `swip journal check|backup|prune`: looking after the journal itself.
//!
//! Must not know: runs in the making.

use std::io::Write as _;
use std::path::Path;

use super::args::{self, JournalCommand};
use super::failure::{Exit, Failure};
use super::terminal;
use crate::journal::{Change, Journal};

/// Runs `swip journal`.
///
/// # Errors
/// A journal that cannot be used, or a copy that is there already.
pub(super) fn run(args: &args::Journal) -> Result<Exit, Failure> {
    match &args.command {
        JournalCommand::Check { journal } => check(journal),
        JournalCommand::Backup { journal, to } => backup(journal, to),
        JournalCommand::Prune { journal, keep } => prune(journal, *keep),
    }
}

/// Says what a journal holds, and what is damaged in it.
fn check(path: &Path) -> Result<Exit, Failure> {
    let journal = Journal::read(path)?;
    let store = journal.store();
    let mut damage = store.check()?;
    let runs = store.runs()?;
    for head in &runs {
        for read in [store.plan(head.run).err(), store.events(head.run).err()] {
            damage.extend(read.map(|fault| format!("run {}: {fault}", head.run)));
        }
    }
    let (known, doubts) = (store.known()?, store.doubts()?);
    let tickets = known.iter().filter(|known| known.ticket.is_some()).count();
    let mut out = terminal::out();
    writeln!(out, "runs           {}", runs.len())?;
    writeln!(out, "registrations  {}", known.len())?;
    writeln!(out, "open tickets   {tickets}")?;
    writeln!(out, "open outcomes  {}", doubts.len())?;
    if store.is_restored()? {
        writeln!(
            out,
            "an earlier copy was put back: the next run reads every row before it writes"
        )?;
    }
    for what in &damage {
        writeln!(out, "damage         {what}")?;
    }
    out.flush()?;
    if damage.is_empty() {
        return Ok(Exit::Done);
    }
    Err(Failure::new(
        Exit::Storage,
        "the journal is damaged; put back the last backup: the next run then reads every row before it writes",
    ))
}

fn backup(path: &Path, to: &Path) -> Result<Exit, Failure> {
    let journal = Journal::read(path)?;
    if to.exists() {
        return Err(Failure::usage(format!(
            "{} is there already; nothing was written",
            to.display()
        )));
    }
    journal.store().backup(to)?;
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(to, private)?;
    let damage = Journal::read(to)?.store().check()?;
    if let Some(what) = damage.first() {
        return Err(Failure::new(Exit::Storage, format!("the copy is damaged: {what}")));
    }
    tracing::info!("Backup    {}", to.display());
    Ok(Exit::Done)
}

fn prune(path: &Path, keep: u32) -> Result<Exit, Failure> {
    drop(Journal::read(path)?);
    let mut journal = Journal::open(path)?;
    let runs = journal.runs()?;
    let oldest_open = journal.doubts()?.into_values().map(|doubt| doubt.run).min();
    let kept = runs.len().saturating_sub(keep as usize);
    let first = runs.get(kept).map_or(1, |head| head.run);
    let first = oldest_open.map_or(first, |open| open.min(first));
    let dropped = runs.iter().filter(|head| head.run < first).count();
    journal.commit(&[Change::DropRunsBefore(first)])?;
    writeln!(terminal::out(), "dropped {dropped} runs, kept {}", runs.len() - dropped)?;
    terminal::out().flush()?;
    Ok(Exit::Done)
}

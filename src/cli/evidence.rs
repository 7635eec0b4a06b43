//! `swip evidence`: utilisation and assignments of a journal, for ARIN.
//!
//! Owns the choice of form. Must not know: how the numbers are made.

use std::io::Write;

use super::args::{self, EvidenceFormat};
use super::failure::{Exit, Failure};
use super::outcome::{Facts, folded};
use super::terminal;
use crate::journal::Journal;
use crate::report::Form;
use crate::report::evidence::{Evidence, Thresholds};

/// Runs the command.
///
/// # Errors
/// A journal that cannot be read, output that cannot be written.
pub(super) fn run(args: &args::Evidence) -> Result<Exit, Failure> {
    let journal = Journal::read(&args.journal)?;
    let (head, plan) = journal.run(None)?;
    let (run, record) = (head.run, head.record);
    let facts = Facts { record: &record, plan: &plan, directory: None, form: Form::default() };
    let report = folded(&facts, &journal, run, None)?;
    let thresholds = Thresholds {
        block: args.threshold_block,
        total: args.threshold_total,
        deadline_days: args.deadline_days,
    };
    let evidence = Evidence::of(&report, thresholds);
    let mut out = terminal::out();
    match args.format {
        EvidenceFormat::Text => evidence.text(&mut out)?,
        EvidenceFormat::Csv => evidence.csv(&mut out)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

//! `swip evidence`: utilisation and assignments of a journal, for ARIN.
//!
//! Owns which facts count: those of the last run, and what every earlier run left registered. Must
//! not know: how the numbers are made.

use std::collections::HashSet;
use std::io::Write;

use super::args::{self, EvidenceFormat};
use super::failure::{Exit, Failure};
use super::outcome::{Facts, folded};
use super::terminal;
use crate::domain::{Holder, Parent, Status};
use crate::journal::{Journal, Known};
use crate::plan::Plan;
use crate::report::evidence::Evidence;
use crate::report::{Form, Line, Report};

/// Runs the command.
///
/// # Errors
/// A journal that cannot be read, output that cannot be written.
pub(super) fn run(args: &args::Evidence) -> Result<Exit, Failure> {
    let journal = Journal::read(&args.journal)?;
    let (head, plan) = journal.run(None)?;
    let (run, record) = (head.run, head.record);
    let facts = Facts { record: &record, plan: &plan, directory: None, form: Form::default() };
    let mut report = folded(&facts, &journal, run, None)?;
    earlier(&journal, &plan, &mut report)?;
    let evidence = Evidence::of(&report, args.marks.thresholds(args.deadline_days));
    let mut out = terminal::out();
    match args.format {
        EvidenceFormat::Text => evidence.text(&mut out)?,
        EvidenceFormat::Csv => evidence.csv(&mut out)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// Adds what earlier runs registered or adopted and the last one does not speak of, with the
/// parents it stands under.
fn earlier(journal: &Journal, plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let spoken: HashSet<String> =
        report.lines.iter().filter_map(|line| line.net_handle.clone()).collect();
    let known = journal.known()?.into_values();
    let mut lines: Vec<Line> = known.filter_map(|known| line(&known)).collect();
    lines.retain(|line| line.net_handle.as_ref().is_some_and(|net| !spoken.contains(net)));
    lines.sort_by_key(|line| line.start);
    let mut missing: HashSet<String> = lines.iter().filter_map(|l| l.parent_net.clone()).collect();
    missing.retain(|net| plan.parents.iter().all(|parent| parent.net_handle.as_str() != net));
    for head in journal.runs()?.iter().rev().skip(1) {
        if missing.is_empty() {
            break;
        }
        let (_, plan) = journal.run(Some(head.run))?;
        let found = |parent: &Parent| missing.remove(parent.net_handle.as_str());
        report.parents.extend(plan.parents.into_iter().filter(found));
    }
    report.lines.extend(lines);
    Ok(())
}

/// A registration as a line of the report; `None` while it has no net.
fn line(known: &Known) -> Option<Line> {
    let net = known.net.as_ref()?;
    let recipient = known.step.as_ref().map(|step| step.assignment.recipient().to_owned());
    let (customer, org) = match &net.holder {
        Holder::Customer(customer) => (Some(customer.to_string()), None),
        Holder::Org(org) => (None, Some(org.to_string())),
        Holder::Unknown => (None, None),
    };
    Some(Line {
        reference: known.reference.clone(),
        parent_net: Some(known.key.parent.to_string()),
        start: Some(net.block.first()),
        end: Some(net.block.last()),
        prefix: net.block.as_cidr(),
        net_name: Some(net.net_name.clone()),
        recipient: recipient.or_else(|| customer.clone()).or_else(|| org.clone()),
        private: known.registered().is_some_and(|held| held.customer.is_some_and(|c| c.private)),
        status: Some(Status::AlreadyRegistered),
        net_handle: Some(net.net_handle.to_string()),
        customer_handle: customer,
        org_handle: org,
        registered_at: net.registered_at.clone(),
        code: Some("earlier-run".to_owned()),
        ..Line::default()
    })
}

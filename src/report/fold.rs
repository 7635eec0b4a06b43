//! Plan and journal events folded into the report: the same live and after a crash.
//!
//! Owns how events become statuses. Must not know: HTTP, the terminal, file formats.

use std::collections::HashMap;

use super::model::Line;
use super::sync;
use crate::domain::{
    Assignment, Holder, OrgRecipient, RegisteredNet, Registration, SimpleRecipient, Status,
};
use crate::journal::{Created, Event, Outcome, Resolution};
use crate::plan::{Fate, Plan, PlannedRow, Step};

/// Folds a plan and its events into lines, in input order. `idle` is the code of rows to which
/// nothing happened: why the run did not come to them.
#[must_use]
pub fn lines(plan: &Plan, events: &[(u64, Event)], idle: &str) -> Vec<Line> {
    let mut by_row: HashMap<u64, Vec<&Event>> = HashMap::new();
    for (row, event) in events {
        by_row.entry(*row).or_default().push(event);
    }
    let events = |row: &PlannedRow| by_row.get(&row.at.row).map_or(&[][..], Vec::as_slice);
    let mut lines: Vec<Line> = plan
        .rows
        .iter()
        .map(|row| match plan.sync.as_ref().and_then(|diff| diff.get(row.at.row)) {
            Some(change) => sync::of_row(bare(plan, row), change, &by_row, idle),
            None => line(plan, row, events(row), idle),
        })
        .collect();
    if let Some(diff) = &plan.sync {
        lines.extend(sync::registry_side(diff, &by_row, idle));
    }
    lines
}

/// What the plan alone says of a row.
fn bare(plan: &Plan, row: &PlannedRow) -> Line {
    Line {
        row: Some(row.at.row),
        reference: row.reference.clone(),
        action: row.action,
        parent_net: row.parent.as_ref().map(ToString::to_string),
        start: row.block.map(|block| block.first()),
        end: row.block.map(|block| block.last()),
        prefix: row.block.and_then(|block| block.as_cidr()),
        net_name: row.net_name.clone(),
        recipient: row.recipient.clone(),
        private: row.private,
        file: plan.files.get(usize::from(row.at.file.0)).cloned(),
        line: Some(row.at.line),
        assigned_on: row.assigned_on,
        ..Line::default()
    }
}

fn line(plan: &Plan, row: &PlannedRow, events: &[&Event], idle: &str) -> Line {
    let mut line = bare(plan, row);
    let (status, code, message) = match &row.fate {
        Fate::Send(step) => return sent(line, step, events, idle),
        Fate::Recorded => (Status::Recorded, None, None),
        Fate::AlreadyRegistered(net) => {
            held_before(&mut line, net);
            (Status::AlreadyRegistered, None, None)
        }
        Fate::NotRequired => (
            Status::NotRequired,
            None,
            Some("NRPM does not require it; --below-policy register sends it".to_owned()),
        ),
        Fate::NotManaged => {
            (Status::NotManaged, None, Some("its parent is not ours to manage".to_owned()))
        }
        Fate::Invalid { rule, message } | Fate::Withheld { rule, message } => {
            (Status::Invalid, Some(rule.as_str().to_owned()), Some(message.clone()))
        }
    };
    line.status = Some(status);
    line.code = code;
    line.message = message;
    line
}

/// Code of rows that wait because the registry asked for a long pause.
pub const RATE_PAUSE: &str = "rate-pause";

/// A row with a step: its events tell the rest.
pub(super) fn sent(mut line: Line, step: &Step, events: &[&Event], idle: &str) -> Line {
    recipient_handles(&mut line, step);
    let mut story = Story::default();
    events.iter().for_each(|event| story.tell(&mut line, event));
    let (status, code, message) = match (story.outcome, story.doubt, story.waits) {
        (Some(outcome), ..) => {
            concluded(&mut line, outcome);
            if let Some(note) = story.note {
                line.message = Some(line.message.map_or(note.clone(), |m| format!("{m} ({note})")));
            }
            if story.ticket_status.is_some() {
                line.ticket_status = story.ticket_status;
            }
            return line;
        }
        (None, _, Some((code, message))) => (Status::Deferred, code, Some(message)),
        (None, Some(reason), None) => {
            let message = format!("{reason}; swip resume settles it by reading the registry");
            (Status::Deferred, "settle-pending".to_owned(), Some(message))
        }
        (None, None, None) if idle == RATE_PAUSE => (Status::Deferred, idle.to_owned(), None),
        (None, None, None) => (Status::NotAttempted, idle.to_owned(), None),
    };
    line.status = Some(status);
    line.code = Some(code);
    line.message = message;
    line
}

/// What the events of a row come to.
#[derive(Default)]
struct Story<'e> {
    outcome: Option<&'e Outcome>,
    /// Why its outcome is unknown.
    doubt: Option<String>,
    /// What it waits for: code and message.
    waits: Option<(String, String)>,
    ticket_status: Option<String>,
    /// What a person said when settling it.
    note: Option<String>,
}

impl<'e> Story<'e> {
    fn tell(&mut self, line: &mut Line, event: &'e Event) {
        match event {
            Event::Intended { .. } => {
                line.attempts += 1;
                self.doubt = Some("the write was interrupted".to_owned());
                self.waits = None;
            }
            Event::NotSent { .. } => {
                line.attempts = line.attempts.saturating_sub(1);
                self.doubt = None;
            }
            Event::NoAnswer { reason } => self.doubt = Some(reason.clone()),
            Event::Doubtful { reason, ticket } => {
                self.doubt = Some(reason.clone());
                // A number that crossed the wire stays, however the row ends.
                line.ticket = ticket.clone().or(line.ticket.take());
            }
            Event::ProvedAbsent | Event::Postponed { .. } => self.doubt = None,
            Event::RecipientCreated(created) => {
                self.doubt = None;
                if matches!(self.outcome, Some(Outcome::Unresolved { .. })) {
                    self.outcome = None;
                }
                match created {
                    Created::Customer(handle) => line.customer_handle = Some(handle.to_string()),
                    Created::Org(handle) => line.org_handle = Some(handle.to_string()),
                }
            }
            Event::Answered { .. } | Event::Before(_) => {}
            Event::Took(_) => self.doubt = None,
            Event::Concluded(concluded) => {
                if let Outcome::Ticketed { number, .. } = concluded {
                    line.ticket = Some(number.clone());
                }
                self.outcome = Some(concluded);
            }
            Event::Waits { code, message } => self.waits = Some((code.clone(), message.clone())),
            Event::TakenOver { run } => {
                let message = format!("run {run} goes on with it; its report tells the end");
                self.waits = Some(("taken-over".to_owned(), message));
            }
            Event::TicketRead { status, .. } => self.ticket_status.clone_from(status),
            Event::Resolved { how, note, .. } => {
                self.note.clone_from(note);
                if *how == Resolution::Absent {
                    self.outcome = None;
                    self.doubt = None;
                }
            }
        }
    }
}

fn recipient_handles(line: &mut Line, step: &Step) {
    match &step.assignment {
        Assignment::ReassignSimple(SimpleRecipient::Existing(handle)) => {
            line.customer_handle = Some(handle.to_string());
        }
        Assignment::ReassignDetailed(OrgRecipient::Existing(handle))
        | Assignment::Reallocate(OrgRecipient::Existing(handle)) => {
            line.org_handle = Some(handle.to_string());
        }
        _ => {}
    }
}

pub(super) fn concluded(line: &mut Line, outcome: &Outcome) {
    if let Some(net) = outcome.net() {
        registered(line, net);
    }
    let (status, code, message) = match outcome {
        Outcome::Registered(_) => (Status::Registered, None, None),
        Outcome::Already(_) => (Status::AlreadyRegistered, None, None),
        Outcome::Ticketed { number, status, .. } => {
            line.ticket = Some(number.clone());
            line.ticket_status.clone_from(status);
            (
                Status::Ticketed,
                None,
                Some("ARIN decides by ticket; swip status --refresh asks for it".to_owned()),
            )
        }
        Outcome::Rejected { code, message, .. } => {
            (Status::Rejected, Some(code.clone()), Some(message.clone()))
        }
        Outcome::Modified(_) => (Status::Modified, None, None),
        Outcome::Removed { note, .. } => (Status::Removed, None, note.clone()),
        Outcome::Held { code, message, .. } => {
            (Status::Held, Some(code.clone()), Some(message.clone()))
        }
        Outcome::Unresolved { message, .. } => {
            (Status::Unresolved, Some("outcome-unknown".to_owned()), Some(message.clone()))
        }
    };
    line.status = Some(status);
    line.code = code;
    line.message = message;
}

/// A row that equals a net of the registered file.
fn held_before(line: &mut Line, net: &RegisteredNet) {
    line.net_handle = Some(net.net_handle.to_string());
    line.registered_at.clone_from(&net.registered_at);
    line.customer_handle = net.customer.as_ref().map(ToString::to_string);
    line.org_handle = net.org.as_ref().map(ToString::to_string);
}

fn registered(line: &mut Line, net: &Registration) {
    line.net_handle = Some(net.net_handle.to_string());
    line.registered_at.clone_from(&net.registered_at);
    match &net.holder {
        Holder::Customer(handle) => line.customer_handle = Some(handle.to_string()),
        Holder::Org(handle) => line.org_handle = Some(handle.to_string()),
        Holder::Unknown => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_that_crossed_the_wire_stays_in_the_report() {
        let number = "20261125-X1".to_owned();
        let ticketed = Outcome::Ticketed { number: number.clone(), status: None, net: None };
        let doubtful =
            Event::Doubtful { reason: "cut short".to_owned(), ticket: Some(number.clone()) };
        let rejected =
            Outcome::Rejected { code: "denied".to_owned(), message: String::new(), net: None };
        for first in [Event::Concluded(ticketed), doubtful] {
            let (mut line, mut story) = (Line::default(), Story::default());
            story.tell(&mut line, &first);
            let last = Event::Concluded(rejected.clone());
            story.tell(&mut line, &last);
            assert!(matches!(story.outcome, Some(Outcome::Rejected { .. })));
            assert_eq!(line.ticket.as_ref(), Some(&number));
        }
    }
}

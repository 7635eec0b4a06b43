//! The lines of a sync: what each change came to, its row's line or a line of its own.
//!
//! Must not know: how changes were found or sent.

use std::collections::HashMap;

use super::fold;
use super::model::Line;
use crate::domain::{Holder, Registered, Status, ticket};
use crate::journal::{Event, Outcome};
use crate::plan::diff::{Change, Diff, HoldCode, Verb};

/// Code of lines that belong to no row.
const NOT_IN_INPUT: &str = "not-in-input";
/// Code of a row whose old net is gone and whose new one the registry refused.
pub const REMOVED_NOT_REPLACED: &str = "removed-not-replaced";
/// Code of a ticket that ended without what was asked for.
const TICKET_REFUSED: &str = "ticket-refused";
/// Code of a ticket that the registry wants an answer to.
const WAITS_FOR_YOU: &str = "ticket-waits-for-you";
/// Code of a row that waits for what frees its space.
const WAITS: &str = "waits-for-removal";

/// The events of a run, by id.
pub(super) type ById<'e> = HashMap<u64, Vec<&'e Event>>;

/// Fills in the line of a row that the diff speaks about.
pub(super) fn of_row(mut line: Line, change: &Change, events: &ById<'_>, idle: &str) -> Line {
    if let Some(before) = &change.before {
        known(&mut line, before);
    }
    if let Some(hold) = &change.held {
        let unknown = hold.code == HoldCode::OutcomeUnknown;
        let waits = hold.code == HoldCode::WaitsForTicket;
        let status = match (unknown, waits) {
            (true, _) => Status::Unresolved,
            (_, true) => Status::Deferred,
            _ => Status::Held,
        };
        return said(line, status, Some(hold.code.as_str()), Some(hold.message.clone()));
    }
    let own = |id: u64| events.get(&id).map_or(&[][..], Vec::as_slice);
    match &change.verb {
        Verb::Unchanged | Verb::Unplanned => {
            let notes = (!change.notes.is_empty()).then(|| change.notes.join("; "));
            said(line, Status::Unchanged, None, notes)
        }
        Verb::Waits { ticket, status, since, removal } => {
            line.ticket = Some(ticket.clone());
            line.ticket_status.clone_from(status);
            let (kind, code, message) =
                waiting(ticket, status.as_deref(), since.as_deref(), *removal);
            said(line, kind, code, Some(message))
        }
        Verb::Conflict { with } => {
            line.net_handle = with.first().map(ToString::to_string);
            let message = format!("{}; a person must decide", change.notes.join("; "));
            said(line, Status::Rejected, Some("conflict"), Some(message))
        }
        Verb::NoAuthority { why } => {
            let message = format!("the key has no authority over this range: {why}");
            said(line, Status::Rejected, Some("E_AUTHENTICATION"), Some(message))
        }
        Verb::Modify(_) | Verb::Remove => driven(line, own(change.id), idle),
        Verb::Add(step) => {
            let line = fold::sent(line, step, own(change.id), idle);
            let freed = |need: &u64| {
                let last = own(*need).last();
                matches!(last, Some(Event::Concluded(Outcome::Removed { .. })))
            };
            if line.status == Some(Status::Rejected) && change.needs.iter().any(freed) {
                return not_replaced(line, "what stood on its space");
            }
            let idle_line = line.status == Some(Status::NotAttempted);
            if idle_line && !change.needs.is_empty() && idle == "not-reached" {
                let message =
                    "its space was not freed in this run; the next run goes on".to_owned();
                return said(line, Status::Deferred, Some(WAITS), Some(message));
            }
            line
        }
        Verb::Replace { step, .. } => {
            replaced(line, step, own(change.removal_id()), own(change.id), idle)
        }
    }
}

/// What an open ticket means for its row: who must act, and since when it is open.
fn waiting(
    ticket: &str,
    status: Option<&str>,
    since: Option<&str>,
    removal: bool,
) -> (Status, Option<&'static str>, String) {
    let words = status.unwrap_or_default();
    let day = since.and_then(|since| since.get(..10));
    let open = day.map_or_else(String::new, |day| format!(", open since {day}"));
    let what = if removal { "the removal" } else { "this" };
    if let Some(refusal) = ticket::refusal(words) {
        let next = if removal {
            "the net stays; swip adopt takes it over anew if it is to be removed after all"
        } else {
            "ask ARIN; swip status names what to do"
        };
        let message = format!(
            "ticket {ticket} about {what} ended as {refusal}: {next}. Nothing is sent again"
        );
        return (Status::Rejected, Some(TICKET_REFUSED), message);
    }
    if ticket::waits_for_us(words) {
        let message = format!(
            "ARIN waits for YOU{open}: answer ticket {ticket} ({words}) at ARIN Online; nothing is sent again"
        );
        return (Status::Ticketed, Some(WAITS_FOR_YOU), message);
    }
    let message = format!(
        "ARIN decides about {what} by ticket {ticket}{open}; every sync asks for it, nothing is sent again"
    );
    (Status::Ticketed, None, message)
}

/// A replacement: its removal first, then what took its place.
fn replaced(
    line: Line,
    step: &crate::plan::Step,
    removal: &[&Event],
    addition: &[&Event],
    idle: &str,
) -> Line {
    let old = line.net_handle.clone().unwrap_or_default();
    let removal = driven(line.clone(), removal, idle);
    if removal.status != Some(Status::Removed) {
        return removal;
    }
    let mut line = fold::sent(line, step, addition, idle);
    line.attempts += removal.attempts;
    match line.status {
        Some(Status::Registered | Status::AlreadyRegistered) => {
            line.status = Some(Status::Replaced);
        }
        Some(Status::Rejected) => return not_replaced(line, &old),
        Some(Status::NotAttempted) => {
            line.status = Some(Status::Deferred);
            line.code = Some(REMOVED_NOT_REPLACED.to_owned());
            line.message = Some(format!(
                "{old} was removed, and the run stopped before its replacement; swip resume registers it"
            ));
        }
        _ => {}
    }
    line
}

/// A row whose space was freed and then refused: somebody is without registration now.
fn not_replaced(mut line: Line, old: &str) -> Line {
    let reason = line.message.take().unwrap_or_default();
    let code = line.code.take().unwrap_or_default();
    line.message = Some(format!(
        "{old} was REMOVED and NOT REPLACED: the registry refused the new registration ({code}: {reason})"
    ));
    line.code = Some(REMOVED_NOT_REPLACED.to_owned());
    line
}

/// Lines of nets that only the registry has.
pub(super) fn registry_side(diff: &Diff, events: &ById<'_>, idle: &str) -> Vec<Line> {
    let changes = diff.changes.iter().filter(|change| change.row.is_none());
    let line = |change: &Change| {
        let net = change.before.as_ref().map(|before| &before.net);
        let line = Line {
            reference: change.reference.clone(),
            parent_net: Some(change.parent.to_string()),
            start: Some(change.block.first()),
            end: Some(change.block.last()),
            prefix: change.block.as_cidr(),
            net_name: net.map(|net| net.net_name.clone()),
            recipient: change.before.as_ref().map(|before| before.recipient().to_owned()),
            private: change.before.as_ref().is_some_and(|before| before.is_private()),
            ..Line::default()
        };
        let mut line = of_row(line, change, events, idle);
        if line.code.is_none() {
            line.code = Some(NOT_IN_INPUT.to_owned());
        }
        if let (Some(to), true) = (&change.moves, line.status == Some(Status::Removed)) {
            line.message = Some(format!("its row moved to {}", to.block));
        }
        line
    };
    changes.map(line).collect()
}

/// A modification or removal, as far as its events tell.
fn driven(mut line: Line, events: &[&Event], idle: &str) -> Line {
    let (mut outcome, mut doubt) = (None, None);
    for event in events {
        match event {
            Event::Intended { .. } => {
                line.attempts += 1;
                doubt = Some("the write was interrupted".to_owned());
            }
            Event::NotSent { .. } => {
                line.attempts = line.attempts.saturating_sub(1);
                doubt = None;
            }
            Event::NoAnswer { reason } | Event::Doubtful { reason, .. } => {
                doubt = Some(reason.clone());
            }
            Event::ProvedAbsent | Event::Postponed { .. } | Event::Took(_) => doubt = None,
            Event::Concluded(concluded) => outcome = Some(concluded),
            _ => {}
        }
    }
    match (outcome, doubt) {
        (Some(outcome), _) => {
            let was = line.clone();
            fold::concluded(&mut line, outcome);
            if matches!(outcome, Outcome::Removed { .. }) {
                (line.customer_handle, line.org_handle) = (was.customer_handle, was.org_handle);
            }
            line
        }
        (None, Some(reason)) => {
            let message = format!("{reason}; swip resume settles it by reading the registry");
            said(line, Status::Deferred, Some("settle-pending"), Some(message))
        }
        (None, None) => said(line, Status::NotAttempted, Some(idle), None),
    }
}

fn said(mut line: Line, status: Status, code: Option<&str>, message: Option<String>) -> Line {
    line.status = Some(status);
    line.code = code.map(str::to_owned);
    line.message = message;
    line
}

fn known(line: &mut Line, before: &Registered) {
    line.net_handle = Some(before.net.net_handle.to_string());
    line.registered_at.clone_from(&before.net.registered_at);
    match &before.net.holder {
        Holder::Customer(handle) => line.customer_handle = Some(handle.to_string()),
        Holder::Org(handle) => line.org_handle = Some(handle.to_string()),
        Holder::Unknown => {}
    }
}

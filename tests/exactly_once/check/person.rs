//! Rows left to a person, each by a condition that is exact: all else that is not settled is a
//! violation.

use std::collections::HashMap;

use swip::journal::{Event, Journal, Op};

use super::Row;
use crate::fault::Fault;
use crate::proxy::Seen;

/// Writes of one row that may be lost before a person is asked (the resend after proved absence).
const LOST_MAX: usize = 2;

/// Why a row is rightly left to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The write was lost, proved absent, sent once more, lost and proved absent again; and at
    /// the registry there is no net, unless a commit came later than the settle delay.
    LostTwice,
    /// The answer to "create the customer" was lost; nothing was sent again.
    LostCustomer,
    /// The answer to the write, as it was delivered, holds another net than the row's.
    OtherNet,
    /// The write was lost, no net is there, and more than one open ticket may be its.
    Tickets,
}

impl Reason {
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::LostTwice => "left to a person: lost twice, proved absent twice",
            Self::LostCustomer => {
                "left to a person: answer to `create customer` lost, not sent again"
            }
            Self::OtherNet => "left to a person: the answer holds another net",
            Self::Tickets => "left to a person: several tickets may be the row's",
        }
    }
}

/// The events of every row of the last run.
pub(super) fn stories(journal: &Journal) -> HashMap<u64, Vec<Event>> {
    let mut stories: HashMap<u64, Vec<Event>> = HashMap::new();
    let last = journal.runs().unwrap().last().map(|head| head.run);
    for (row, event) in last.map(|run| journal.events(run).unwrap()).unwrap_or_default() {
        stories.entry(row).or_default().push(event);
    }
    stories
}

/// Why an unresolved row is, or what is wrong with calling it so.
pub(super) fn reason(row: &Row<'_>, events: &[Event], seen: &[Seen]) -> Result<Reason, String> {
    let count = |op: Op| {
        let of =
            |event: &&Event| matches!(event, Event::Intended { op: found, .. } if *found == op);
        events.iter().filter(of).count()
    };
    let absent = events.iter().filter(|event| matches!(event, Event::ProvedAbsent)).count();
    let created = events.iter().any(|event| matches!(event, Event::RecipientCreated(_)));
    let (creates, assigns) = (count(Op::CreateRecipient), count(Op::Assign));
    // Writes that are proved not to have left, or refused for now, are no attempts.
    let mine: Vec<&Seen> = seen.iter().filter(|seen| seen.write && row.wrote(seen)).collect();
    let lost = |seen: &&&Seen| !seen.is_postponed();
    if creates > 0 && !created {
        let sent = mine.iter().filter(lost).filter(|seen| seen.is_customer()).count();
        return match (sent, assigns) {
            (0 | 1, 0) => Ok(Reason::LostCustomer),
            _ => Err(format!("{sent} requests to create its customer, {assigns} to assign")),
        };
    }
    if row.tickets > 1 && row.net.is_none() {
        return Ok(Reason::Tickets);
    }
    if mine.iter().any(|seen| row.is_answered_with_another(seen)) {
        return Ok(Reason::OtherNet);
    }
    let late = mine.iter().any(|seen| seen.fault == Some(Fault::LateCommit)) || row.late;
    let sent = mine.iter().filter(lost).filter(|seen| !seen.is_customer()).count();
    match (absent, row.net) {
        (LOST_MAX, Some(net)) if !late => Err(format!("proved absent, but {net} is there")),
        (LOST_MAX, _) if sent <= LOST_MAX => Ok(Reason::LostTwice),
        (LOST_MAX, _) => Err(format!("{sent} writes of it on the wire")),
        _ => Err(format!("proved absent {absent} times after {assigns} intents")),
    }
}

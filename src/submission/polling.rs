//! Open tickets asked for, and followed to their end: the registry's word is believed only when
//! its nets show it.
//!
//! Must not know: when people want to know.

use super::about::under;
use super::now;
use super::range::{self, Held, Names, Wanted};
use super::reader::{ReadFault, Reader, Registry};
use crate::domain::TicketNumber;
use crate::journal::{Change, Doubt, Event, Journal, Known, OpenTicket, Outcome, StoreError};
use crate::plan::Step;
use crate::regrws::{TicketPayload, TicketSummary};

/// Resolutions that mean that what was asked for was done.
const DONE: [&str; 2] = ["PROCESSED", "ACCEPTED"];
/// Resolutions that mean that it was not, and will not be.
const REFUSED: [&str; 4] = ["DENIED", "ABANDONED", "WITHDRAWN", "UNSUCCESSFUL"];
/// Statuses in which the registry waits for a person on our side.
const WAITS_FOR_US: [&str; 2] = ["PENDING_CONFIRMATION", "PENDING_CUSTOMER_REVIEW"];

/// What asking for the open tickets came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Polled {
    /// Tickets that were open.
    pub asked: u64,
    /// Tickets that still are.
    pub open: u64,
    /// Tickets that came to their end, whichever.
    pub ended: u64,
    /// Tickets that wait for a person on our side: number and status.
    pub waits_for_us: Vec<(String, String)>,
    /// Why asking stopped early, if it did.
    pub fault: Option<ReadFault>,
}

/// Asks for every open ticket of a registration, once.
///
/// # Errors
/// [`StoreError`]; a registry that cannot be read is told in [`Polled::fault`].
pub async fn poll<R: Registry>(
    journal: &mut Journal,
    reader: &Reader<R>,
) -> Result<Polled, StoreError> {
    let mut polled = Polled::default();
    let mut open: Vec<Known> = journal.known()?.into_values().collect();
    open.sort_by(|a, b| a.key.cmp(&b.key));
    for known in open {
        let (Some(ticket), Some(step)) = (known.ticket.clone(), known.step.clone()) else {
            continue;
        };
        if ticket.removal {
            continue;
        }
        polled.asked += 1;
        let asked = one(journal, reader, &known, &ticket, &step);
        match under(&known.key.parent, asked).await? {
            Ok(Some(status)) => {
                polled.open += 1;
                if WAITS_FOR_US.contains(&status.as_str()) {
                    polled.waits_for_us.push((ticket.number, status));
                }
            }
            Ok(None) => polled.ended += 1,
            Err(fault) => {
                polled.open += 1;
                let go_on = matches!(fault, ReadFault::Nothing(_) | ReadFault::KeyRefused(_));
                polled.fault = Some(fault);
                if !go_on {
                    break;
                }
            }
        }
    }
    Ok(polled)
}

/// Asks for one ticket: its status while it is open, nothing once it has ended.
async fn one<R: Registry>(
    journal: &mut Journal,
    reader: &Reader<R>,
    known: &Known,
    ticket: &OpenTicket,
    step: &Step,
) -> Result<Result<Option<String>, ReadFault>, StoreError> {
    let Ok(number) = TicketNumber::from_registry(&ticket.number) else {
        let text = format!("{} is no ticket number that can be asked for", ticket.number);
        return Ok(Err(ReadFault::Nothing(text)));
    };
    let answer = match reader.read(&TicketSummary(number)).await {
        Ok(read) => Some(read.value),
        // It has expired: what it came to is seen in the nets alone.
        Err(ReadFault::Absent) => None,
        Err(fault) => return Ok(Err(fault)),
    };
    let status = answer.as_ref().and_then(|ticket| ticket.status.clone());
    let resolution = answer.as_ref().and_then(|ticket| ticket.resolution.clone());
    let read = Event::TicketRead { status: status.clone(), resolution, at: now() };
    if answer.as_ref().is_some_and(|ticket| !ticket.is_settled()) {
        let ticket = Some(OpenTicket { status: status.clone(), ..ticket.clone() });
        let changed = Known { ticket, read_at: now(), ..known.clone() };
        let mut changes = told(journal, step, vec![read])?;
        changes.push(Change::Know(Box::new(changed)));
        journal.commit(&changes)?;
        return Ok(Ok(Some(status.unwrap_or_default())));
    }
    let wanted = Wanted { step, created: None, names: Names::All, since: None };
    let held = range::by_range(reader, wanted).await;
    let Some((outcome, image)) = ended(answer.as_ref(), held, ticket) else {
        let text = format!("ticket {} has ended, and the range cannot be read", ticket.number);
        return Ok(Err(ReadFault::Nothing(text)));
    };
    let mut changes = told(journal, step, vec![read, Event::Concluded(outcome.clone())])?;
    match &outcome {
        Outcome::Registered(net) => {
            let (net, read_at) = (Some(net.clone()), now());
            let changed = Known { ticket: None, net, image, read_at, ..known.clone() };
            changes.push(Change::Know(Box::new(changed)));
        }
        Outcome::Unresolved { message, .. } => {
            changes.push(Change::Forget(step.key()));
            if let Some((run, row)) = place(journal, step)? {
                let (step, unresolved) = (step.clone(), Some(message.clone()));
                let doubt = Doubt { key: step.key(), run, row, step, unresolved };
                changes.push(Change::Doubt(Box::new(doubt)));
            }
        }
        _ => changes.push(Change::Forget(step.key())),
    }
    journal.commit(&changes)?;
    Ok(Ok(None))
}

/// What a ticket that has ended came to; `None` when the range could not be read.
fn ended(
    answer: Option<&TicketPayload>,
    held: Held,
    ticket: &OpenTicket,
) -> Option<(Outcome, Option<crate::journal::Image>)> {
    let resolution = answer.and_then(|ticket| ticket.resolution.as_deref()).map(str::trim);
    let number = &ticket.number;
    let unresolved = |message: String, net| (Outcome::Unresolved { message, net }, None);
    match held {
        Held::Nothing(_) => None,
        Held::Present(found) if found.differences.is_empty() => {
            Some((Outcome::Registered(found.net), Some(found.image)))
        }
        Held::Present(found) => {
            let message = format!(
                "ticket {number} has ended, and {} differs from the row in {}; compare both, then swip resolve",
                found.net.net_handle,
                found.differences.join(", ")
            );
            Some(unresolved(message, Some(found.net)))
        }
        Held::Absent => Some(match resolution {
            Some(word) if REFUSED.contains(&word) => {
                let message = format!("ticket {number} ended as {word}: nothing is registered");
                (
                    Outcome::Rejected {
                        code: format!("ticket-{}", word.to_lowercase()),
                        message,
                        net: None,
                    },
                    None,
                )
            }
            Some(word) if DONE.contains(&word) => unresolved(
                format!(
                    "ticket {number} ended as {word}, but nothing is registered; ask ARIN, then swip resolve"
                ),
                None,
            ),
            word => unresolved(
                format!(
                    "ticket {number} ended ({}), and nothing is registered; read it at ARIN, then swip resolve",
                    word.unwrap_or("no resolution, or no such ticket any more")
                ),
                None,
            ),
        }),
    }
}

/// The row of the last run that asks for a step, if there is one.
fn place(journal: &Journal, step: &Step) -> Result<Option<(i64, u64)>, StoreError> {
    let Some(last) = journal.runs()?.last().map(|head| head.run) else { return Ok(None) };
    let plan = journal.store().plan(last)?;
    let row = plan.steps().find(|(_, other)| other.key() == step.key()).map(|(row, _)| row);
    Ok(row.map(|row| (last, row)))
}

/// Events for the row of the last run that asks for a step.
fn told(journal: &Journal, step: &Step, events: Vec<Event>) -> Result<Vec<Change>, StoreError> {
    let Some((run, row)) = place(journal, step)? else { return Ok(Vec::new()) };
    Ok(events.into_iter().map(|event| Change::Event { run, row, event }).collect())
}

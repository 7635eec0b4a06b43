//! Open tickets asked for, and followed to their end: summaries only, nothing is sent again.
//!
//! A ticket's word is not trusted: what it decided is read at the registry. Must not know: when
//! people want to know, printing.

use std::collections::HashMap;

use jiff::Timestamp;

use super::about::under;
use super::now;
use super::range::{self, Held, Names, Wanted};
use super::reader::{ReadFault, Reader, Registry};
use super::record;
use crate::domain::TicketNumber;
use crate::journal::{
    Change, Doubt, Event, Image, Journal, Known, OpenChange, OpenTicket, Outcome, StoreError,
};
use crate::plan::{Step, StepKey};
use crate::regrws::{TicketPayload, TicketResolution, TicketStatus, TicketSummary};

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
    /// Why asking stopped early, or what could not be read of one of them.
    pub fault: Option<ReadFault>,
}

/// Asks for every open ticket, once.
///
/// # Errors
/// [`StoreError`]; a registry that cannot be read is told in [`Polled::fault`].
pub async fn poll<R: Registry>(
    journal: &mut Journal,
    reader: &Reader<R>,
) -> Result<Polled, StoreError> {
    poll_due(journal, reader, |_| true).await
}

/// The same for those that are due.
///
/// # Errors
/// As [`poll`].
pub async fn poll_due<R: Registry>(
    journal: &mut Journal,
    reader: &Reader<R>,
    due: impl Fn(&OpenTicket) -> bool,
) -> Result<Polled, StoreError> {
    let mut polled = Polled::default();
    let known = journal.known()?.into_values();
    let known = known.filter(|known| known.ticket.as_ref().is_some_and(&due));
    let mut open: Vec<Known> = known.collect();
    open.sort_by(|a, b| a.key.cmp(&b.key));
    let places = places(journal, &open)?;
    for known in open {
        let Some(ticket) = &known.ticket else { continue };
        polled.asked += 1;
        let place = places.get(&known.key).copied();
        let asking = Asking { reader, known: &known, ticket, place };
        let (came_to, changes) = under(&known.key.parent, asking.ask()).await;
        if !changes.is_empty() {
            journal.commit(&changes)?;
        }
        match came_to {
            CameTo::Open(status) => {
                polled.open += 1;
                if WAITS_FOR_US.contains(&status.as_str()) {
                    polled.waits_for_us.push((ticket.number.clone(), status));
                }
            }
            CameTo::End => polled.ended += 1,
            CameTo::Nothing(fault) => {
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

/// Run and row (or change) under which the events of a ticket are kept.
type Place = (i64, u64);

/// For each ticket the latest run that asked for what it decides.
fn places(journal: &Journal, open: &[Known]) -> Result<HashMap<StepKey, Place>, StoreError> {
    let mut wanted: HashMap<&StepKey, bool> = open
        .iter()
        .filter_map(|known| Some((&known.key, known.ticket.as_ref()?.removal)))
        .collect();
    let mut places = HashMap::new();
    for head in journal.runs()?.into_iter().rev() {
        if wanted.is_empty() {
            break;
        }
        let plan = journal.store().plan(head.run)?;
        let rows = plan.steps().map(|(row, step)| (step.key(), row, false));
        let changes = plan.sync.iter().flat_map(|diff| &diff.changes);
        let removals = changes
            .filter(|change| change.acts() && change.removes())
            .map(|change| (change.key(), change.removal_id(), true));
        for (key, id, removal) in rows.chain(removals) {
            if wanted.get(&key) == Some(&removal) {
                wanted.remove(&key);
                places.insert(key, (head.run, id));
            }
        }
    }
    Ok(places)
}

/// What asking for one ticket came to.
enum CameTo {
    Open(String),
    End,
    Nothing(ReadFault),
}

/// One ticket, asked for.
struct Asking<'a, R> {
    reader: &'a Reader<R>,
    known: &'a Known,
    ticket: &'a OpenTicket,
    place: Option<Place>,
}

impl<R: Registry> Asking<'_, R> {
    /// Asks; gives what the journal is to remember besides.
    async fn ask(&self) -> (CameTo, Vec<Change>) {
        let nothing = |text: String| (CameTo::Nothing(ReadFault::Nothing(text)), Vec::new());
        let number = &self.ticket.number;
        let Ok(asked) = TicketNumber::from_registry(number) else {
            return nothing(format!("{number} is no ticket number that can be asked for"));
        };
        let summary = match self.reader.read(&TicketSummary(asked)).await {
            Ok(read) => Some(read.value),
            // It has expired: what it came to is seen in the nets alone.
            Err(ReadFault::Absent) => None,
            Err(fault) => return (CameTo::Nothing(fault), Vec::new()),
        };
        if let Some(open) = summary.as_ref().filter(|ticket| !ticket.is_settled()) {
            let status = word(open.status.as_ref());
            return (CameTo::Open(status.clone()), self.still(Some(open), status));
        }
        let ended = match (self.ticket.removal, &self.known.step) {
            (true, _) => self.removal(summary.as_ref()).await,
            (false, Some(step)) => self.registration(step, summary.as_ref()).await,
            (false, None) => self.adopted_range(summary.as_ref()).await,
        };
        match ended {
            Ok(changes) => (CameTo::End, changes),
            Err(fault) => {
                nothing(format!("ticket {number} has ended, and its range cannot be read: {fault}"))
            }
        }
    }

    /// Events, where there is a row or change to tell them of.
    fn told(&self, events: Vec<Event>) -> impl Iterator<Item = Change> {
        let place = self.place;
        events
            .into_iter()
            .filter_map(move |event| place.map(|(run, row)| Change::Event { run, row, event }))
    }

    fn read(summary: Option<&TicketPayload>) -> Event {
        let status = summary.and_then(|ticket| ticket.status.clone().map(String::from));
        let resolution = summary.and_then(|ticket| ticket.resolution.clone().map(String::from));
        Event::TicketRead { status, resolution, at: now() }
    }

    /// The ticket stays; its status may be new.
    fn still(&self, summary: Option<&TicketPayload>, status: String) -> Vec<Change> {
        let same = self.ticket.status.as_deref() == Some(status.as_str());
        let asked_at = Some(now());
        let ticket = Some(OpenTicket { status: Some(status), asked_at, ..self.ticket.clone() });
        let known = Known { ticket, read_at: now(), ..self.known.clone() };
        if same {
            return vec![Change::Know(Box::new(known))];
        }
        let read = self.told(vec![Self::read(summary)]);
        read.chain([Change::Know(Box::new(known))]).collect()
    }

    /// What the ticket about a row came to, as the registry shows it.
    async fn registration(
        &self,
        step: &Step,
        summary: Option<&TicketPayload>,
    ) -> Result<Vec<Change>, ReadFault> {
        let wanted = Wanted { step, created: None, names: Names::All, since: None };
        let held = range::by_range(self.reader, wanted).await;
        let (outcome, image) = decided(summary, held, &self.ticket.number)?;
        let events = vec![Self::read(summary), Event::Concluded(outcome.clone())];
        let mut changes: Vec<Change> = self.told(events).collect();
        match outcome {
            Outcome::Registered(net) => {
                let (net, read_at) = (Some(net), now());
                let known = Known { ticket: None, net, image, read_at, ..self.known.clone() };
                changes.push(Change::Know(Box::new(known)));
            }
            Outcome::Unresolved { message, .. } => {
                let Some((run, row)) = self.place else {
                    // No run is left in which a person could settle it: it stays a ticket.
                    return Ok(self.still(summary, ended_word(summary)));
                };
                let (key, step, unresolved) = (step.key(), step.clone(), Some(message));
                changes.push(Change::Forget(key.clone()));
                changes.push(Change::Doubt(Box::new(Doubt { key, run, row, step, unresolved })));
            }
            _ => changes.push(Change::Forget(step.key())),
        }
        Ok(changes)
    }

    /// What the ticket about a removal came to.
    async fn removal(&self, summary: Option<&TicketPayload>) -> Result<Vec<Change>, ReadFault> {
        let key = self.known.key.clone();
        if self.here().await?.is_some() {
            // Ended, and not what was asked for: a person must look; nothing is sent again.
            return Ok(self.still(summary, ended_word(summary)));
        }
        if self.known.registered().is_some_and(|net| net.customer_is_ours) {
            let read = self.told(vec![Self::read(summary)]);
            return Ok(read.chain(gone(self.known, self.ticket, &ended_word(summary))).collect());
        }
        let removed = self
            .known
            .net
            .clone()
            .map(|net| Event::Concluded(Outcome::Removed { net, note: None }));
        let events = std::iter::once(Self::read(summary)).chain(removed).collect();
        let gone = [Change::Forget(key.clone()), Change::Present(key)];
        Ok(self.told(events).chain(gone).collect())
    }

    /// What the ticket about a registration came to of which no row is remembered.
    async fn adopted_range(
        &self,
        summary: Option<&TicketPayload>,
    ) -> Result<Vec<Change>, ReadFault> {
        let Some(record) = self.here().await? else {
            return Ok(self.still(summary, ended_word(summary)));
        };
        let known = Known {
            net: Some(record.registered.net),
            read_at: record.image.read_at.clone(),
            image: Some(record.image),
            ticket: None,
            ..self.known.clone()
        };
        Ok(vec![Change::Know(Box::new(known))])
    }

    /// The net at the exact range under the parent.
    async fn here(&self) -> Result<Option<record::Record>, ReadFault> {
        let key = &self.known.key;
        let found = record::by_range(self.reader, key.block).await;
        let found = found.map_err(|fault| ReadFault::Nothing(fault.to_string()))?;
        Ok(found.into_iter().find(|record| {
            let net = &record.registered.net;
            let parent = net.parent.as_ref().is_none_or(|parent| *parent == key.parent);
            parent && net.net_handle != key.parent
        }))
    }
}

fn word(status: Option<&TicketStatus>) -> String {
    status.map_or("unknown", TicketStatus::code).to_owned()
}

/// Status and, once there is one, resolution of a ticket that has ended.
fn ended_word(summary: Option<&TicketPayload>) -> String {
    let Some(summary) = summary else { return "no longer listed".to_owned() };
    let status = word(summary.status.as_ref());
    match &summary.resolution {
        Some(resolution) => format!("{status} ({resolution})"),
        None => status,
    }
}

/// What a ticket about a row that has ended came to.
fn decided(
    summary: Option<&TicketPayload>,
    held: Held,
    number: &str,
) -> Result<(Outcome, Option<Image>), ReadFault> {
    let found = match held {
        Held::Nothing(fault) => return Err(fault),
        Held::Present(found) if found.differences.is_empty() => {
            return Ok((Outcome::Registered(found.net), Some(found.image)));
        }
        Held::Present(found) => Some(found),
        Held::Absent => None,
    };
    let resolution =
        summary.and_then(|ticket| ticket.resolution.as_ref()).map(TicketResolution::code);
    let message = match (&found, resolution) {
        (Some(found), _) => format!(
            "ticket {number} has ended, and {} differs from the row in {}; compare both, then swip resolve",
            found.net.net_handle,
            found.differences.join(", ")
        ),
        (None, Some(word)) if REFUSED.contains(&word) => {
            let message = format!("ticket {number} ended as {word}: nothing is registered");
            let code = format!("ticket-{}", word.to_lowercase());
            return Ok((Outcome::Rejected { code, message, net: None }, None));
        }
        (None, Some(word)) if DONE.contains(&word) => format!(
            "ticket {number} ended as {word}, but nothing is registered; ask ARIN, then swip resolve"
        ),
        (None, word) => format!(
            "ticket {number} ended ({}), and nothing is registered; read it at ARIN, then swip resolve",
            word.unwrap_or("no resolution, or no such ticket any more")
        ),
    };
    Ok((Outcome::Unresolved { message, net: found.map(|found| found.net) }, None))
}

/// The net of a removal is not at its range any more: the removal's own story goes on, which
/// proves it by handle as well and then deletes the customer.
fn gone(known: &Known, ticket: &OpenTicket, status: &str) -> Vec<Change> {
    let Some((run, row)) = ticket.of else {
        return vec![Change::Forget(known.key.clone()), Change::Present(known.key.clone())];
    };
    let reason = format!("ticket {} ended as {status}", ticket.number);
    let event = Event::Doubtful { reason, ticket: None };
    let open = Some(OpenChange { run, id: row, unresolved: None });
    let known = Known { ticket: None, open, ..known.clone() };
    vec![Change::Event { run, row, event }, Change::Know(Box::new(known))]
}

/// Minutes between two questions about a ticket, by its age in minutes when it was asked about
/// last: soon after it was opened it is asked about often, later once a night.
const WAITS: [(i64, i64); 4] = [(5, 1), (15, 5), (60, 15), (24 * 60, 60)];
/// Minutes between two questions about an older ticket: a night's sync always asks.
const NIGHTLY: i64 = 12 * 60;

/// Whether a ticket is to be asked about at `at`.
#[must_use]
pub fn is_due(ticket: &OpenTicket, at: Timestamp) -> bool {
    let parse = |text: &str| text.parse::<Timestamp>().ok();
    let (Some(since), Some(asked)) =
        (parse(&ticket.since), ticket.asked_at.as_deref().and_then(parse))
    else {
        return true;
    };
    let age = asked.duration_since(since).as_mins();
    let wait = WAITS.iter().find(|(below, _)| age < *below).map_or(NIGHTLY, |(_, wait)| *wait);
    at.duration_since(asked).as_mins() >= wait
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_asked_about_less_and_less_often() {
        let since: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        let after = |minutes: i64| since + jiff::SignedDuration::from_mins(minutes);
        let mut ticket = OpenTicket {
            number: "20261124-X1".to_owned(),
            status: None,
            since: since.to_string(),
            removal: true,
            of: None,
            asked_at: None,
        };
        let mut asked = Vec::new();
        for minute in 0..=3 * 24 * 60 {
            if is_due(&ticket, after(minute)) {
                ticket.asked_at = Some(after(minute).to_string());
                asked.push(minute);
            }
        }
        assert_eq!(asked[..9], [0, 1, 2, 3, 4, 5, 10, 15, 30]);
        assert_eq!(asked.iter().filter(|minute| **minute > 24 * 60).count(), 4, "{asked:?}");
    }
}

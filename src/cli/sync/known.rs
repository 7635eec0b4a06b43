//! What is registered, as far as this night knows: the journal, exact-range reads, a file.
//!
//! Owns which rows are read again, and what is said about facts that were not checked. Must not
//! know: the diff, guards.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::cli::args::{VERIFY, Verify};
use crate::cli::failure::{Exit, Failure};
use crate::domain::{AddressRange, NetHandle, Owner, Registered, RegisteredNet, Source};
use crate::intake::left::Left;
use crate::journal::{Journal, Known};
use crate::plan::diff::{Diff, Pending};
use crate::plan::{Plan, StepKey};
use crate::submission::about::under;
use crate::submission::record::{self, More, Record, Remembered, Unread};
use crate::submission::{Counted, ReadFault, Registry};

/// Everything known of the registry.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) registered: Vec<Registered>,
    pub(super) pending: Vec<Pending>,
    pub(super) unsettled: Vec<AddressRange>,
    /// What the journal remembers, by identity, references filled in.
    pub(super) known: HashMap<StepKey, Known>,
    /// What was read this night; empty where the registry holds nothing there.
    pub(super) read: HashMap<StepKey, Option<Record>>,
    /// Rows whose range the key has no authority over.
    pub(super) refused: Vec<(StepKey, String)>,
    /// Whether every net below the managed parents was listed, children of nets included.
    pub(super) listed: bool,
    /// Facts that were not checked, for people.
    pub(super) unchecked: Vec<String>,
}

/// What empty cells leave as it is: the registrations the journal remembers.
pub(super) fn left(path: &Path) -> Result<Left, Failure> {
    if !path.exists() {
        return Ok(Left::default());
    }
    let known = Journal::read(path)?.known()?;
    let registered: Vec<Registered> = known.values().filter_map(Known::registered).collect();
    Ok(Left::of(registered.iter()))
}

/// What the journal alone knows.
pub(super) fn remembered(journal: Option<&Journal>) -> Result<Side, Failure> {
    let Some(journal) = journal else { return Ok(Side::default()) };
    let mut known = journal.known()?;
    references(journal, &mut known)?;
    let ticket = |known: &Known| {
        let ticket = known.ticket.as_ref()?;
        Some(Pending {
            key: known.key.clone(),
            ticket: ticket.number.clone(),
            status: ticket.status.clone(),
            since: ticket.since.clone(),
            removal: ticket.removal,
        })
    };
    let pending = known.values().filter_map(ticket).collect();
    let open = known.values().filter(|known| known.open.is_some()).map(|known| known.key.block);
    let doubts = journal.doubts()?;
    let unsettled = open.chain(doubts.keys().map(|key| key.block)).collect();
    Ok(Side { known, pending, unsettled, ..Side::default() })
}

/// Fills in the references of rows that an earlier run registered.
fn references(journal: &Journal, known: &mut HashMap<StepKey, Known>) -> Result<(), Failure> {
    if known.values().all(|known| known.reference.is_some()) {
        return Ok(());
    }
    let Ok((_, plan)) = journal.run(None) else { return Ok(()) };
    for row in &plan.rows {
        let (Some(parent), Some(block)) = (row.parent.clone(), row.block) else { continue };
        if let Some(known) = known.get_mut(&StepKey { parent, block })
            && known.reference.is_none()
        {
            known.reference.clone_from(&row.reference);
        }
    }
    Ok(())
}

/// Rows whose exact range is read: those the journal does not know, and a share of the others
/// that rotates with the date.
pub(super) fn to_read(side: &Side, plan: &Plan, verify: Option<Verify>, on: Date) -> Vec<StepKey> {
    let waiting: HashSet<&StepKey> = side.pending.iter().map(|pending| &pending.key).collect();
    let keys = plan.steps().map(|(_, step)| step.key()).filter(|key| !waiting.contains(key));
    let is_known = |key: &StepKey| side.known.get(key).is_some_and(|known| known.net.is_some());
    let (mut known, mut keys): (Vec<StepKey>, Vec<StepKey>) = keys.partition(is_known);
    match verify.unwrap_or(VERIFY) {
        Verify::All => keys.extend(known),
        Verify::None => {}
        Verify::Share(n) => {
            known.sort_unstable();
            keys.extend(known.drain(share(known.len() as u64, n, day(on))));
        }
    }
    keys
}

/// One part in `n` of so many sorted rows, another each day, never more than their `n`th part.
/// Where the parts are not even, the row that does not fit gets its turn in the next round.
fn share(rows: u64, n: u64, day: u64) -> std::ops::Range<usize> {
    let (part, round) = (day % n, day / n);
    let (from, to) = (rows * part / n, rows * (part + 1) / n);
    let most = (rows / n).max(1);
    let (from, to) = match (to - from > most, round % 2) {
        (true, 0) => (from, to - 1),
        (true, _) => (from + 1, to),
        (false, _) => (from, to),
    };
    let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    index(from)..index(to)
}

fn day(date: Date) -> u64 {
    let since = date.since((jiff::Unit::Day, Date::ZERO)).map(|span| span.get_days());
    since.map_or(0, |days| u64::from(days.unsigned_abs()))
}

/// What reading exact ranges came to.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    /// What stands there; empty where the registry holds nothing.
    pub(super) read: HashMap<StepKey, Option<Record>>,
    /// Ranges the key has no authority over, with the registry's words.
    pub(super) refused: HashMap<StepKey, String>,
}

/// Reads exact ranges, so many at a time. `known` spares a customer that is known already.
///
/// # Errors
/// A read that proves nothing (exit 8), or a key that is refused for everything (exit 7).
pub(super) async fn read(
    registry: &Arc<Counted>,
    keys: Vec<StepKey>,
    known: impl Fn(&StepKey) -> Option<Known>,
    concurrency: usize,
) -> Result<Ranges, Failure> {
    let permits = Arc::new(Semaphore::new(concurrency.max(1)));
    let mut reading = JoinSet::new();
    for key in keys {
        let (registry, permits) = (Arc::clone(registry), Arc::clone(&permits));
        let before = known(&key);
        reading.spawn(async move {
            let _permit = permits.acquire_owned().await;
            let more = |now: &Registered| more(&key, before.as_ref(), now);
            let read = record::by_range_with(&registry, key.block, more);
            let found = under(&key.parent, read).await;
            (key, found)
        });
    }
    let mut ranges = Ranges::default();
    while let Some(done) = reading.join_next().await {
        let Ok((key, found)) = done else { continue };
        match found {
            Ok(found) => drop(ranges.read.insert(key, found.into_iter().next())),
            Err(Unread(ReadFault::KeyRefused(why))) => drop(ranges.refused.insert(key, why)),
            Err(fault) => return Err(unread_at(&key.block.to_string(), &fault)),
        }
    }
    prove_key(registry, &ranges).await?;
    Ok(ranges)
}

/// What else is to be read of a net at a row's range: nothing of one that was taken from another
/// parent, and no customer that is known of this very registration.
fn more(key: &StepKey, before: Option<&Known>, now: &Registered) -> More {
    let net = &now.net;
    let ours = net.net_handle != key.parent
        && net.parent.as_ref().is_none_or(|parent| *parent == key.parent);
    if !ours {
        return More::Nothing;
    }
    let then = before.and_then(Known::registered).filter(|then| then.is_same_registration(now));
    let image = before.and_then(|known| known.image.as_ref()?.customer.clone());
    match then.and_then(|then| then.customer) {
        Some(values) => More::Known(Box::new(Remembered { values, image })),
        None => More::Customer,
    }
}

/// Tells a key that is refused for everything from one without authority over some nets.
async fn prove_key(registry: &Arc<Counted>, ranges: &Ranges) -> Result<(), Failure> {
    let Some(why) = ranges.refused.values().next() else { return Ok(()) };
    if !ranges.read.is_empty() {
        return Ok(());
    }
    let parents: HashSet<&NetHandle> = ranges.refused.keys().map(|key| &key.parent).collect();
    for parent in parents {
        if under(parent, record::by_handle(registry, parent)).await.is_ok() {
            return Ok(());
        }
    }
    Err(Failure::new(Exit::Key, format!("the registry refused the key: {why}; nothing was sent")))
}

/// Marks removals whose net has reverse zones; they go with it.
///
/// # Errors
/// Zones that cannot be read (exit 8, or 7 when the key is refused).
pub(super) async fn zones(
    registry: Option<&Arc<Counted>>,
    diff: &mut Diff,
    side: &mut Side,
) -> Result<(), Failure> {
    let removals = diff.changes.iter_mut().filter(|change| change.removes() && change.acts());
    let mut unread = 0_u64;
    for change in removals {
        let (Some(registry), Some(before)) = (registry, change.before.as_mut()) else {
            unread += 1;
            continue;
        };
        let handle = before.net.net_handle.clone();
        let read = under(&change.parent, record::zones(registry, &handle)).await;
        let (zones, _) = read.map_err(|fault| self::unread(&handle, &fault))?;
        before.zones = zones.into_iter().filter_map(|zone| zone.name).collect();
        let zones = before.zones.clone();
        change.mark_zones(&zones);
    }
    if unread > 0 {
        side.unchecked.push(format!("reverse zones of {unread} nets to be removed were not read"));
    }
    Ok(())
}

/// A net that could not be read, and whose fault that is.
pub(super) fn unread(handle: &NetHandle, fault: &Unread) -> Failure {
    unread_at(handle.as_str(), fault)
}

fn unread_at(what: &str, fault: &Unread) -> Failure {
    let exit = match fault.0 {
        ReadFault::KeyRefused(_) => Exit::Key,
        _ => Exit::Registry,
    };
    Failure::new(exit, format!("{what} cannot be read: {fault}; nothing was sent"))
}

impl Side {
    /// Merges everything into one record a net.
    pub(super) fn merge(&mut self, listed: &[RegisteredNet], file: Option<&str>) {
        let mut seen = HashSet::new();
        for (key, known) in &self.known {
            let record = match self.read.get(key) {
                Some(Some(record)) => Some(again(known, record)),
                Some(None) => None,
                None => known.registered(),
            };
            self.registered.extend(record);
            seen.insert(known.net.as_ref().map(|net| net.net_handle.clone()));
        }
        for (key, record) in &self.read {
            if let (Some(record), false) = (record, self.known.contains_key(key)) {
                self.registered.push(record.registered.clone());
                seen.insert(Some(record.registered.net.net_handle.clone()));
            }
        }
        let name = file.unwrap_or_default();
        for net in listed {
            if seen.insert(Some(net.net_handle.clone())) {
                let source = Source::File(name.to_owned());
                self.registered.push(Registered::listed(net.clone(), source));
            }
        }
        self.registered.sort_by(|a, b| a.net.net_handle.cmp(&b.net.net_handle));
    }
}

/// A remembered registration read again: somebody else's, if the handle was given out anew.
fn again(known: &Known, record: &Record) -> Registered {
    let mut now = record.registered.clone();
    now.reference.clone_from(&known.reference);
    let Some(then) = known.registered() else { return now };
    if then.net.net_handle == now.net.net_handle && then.net.registered_at == now.net.registered_at
    {
        (now.owner, now.customer_is_ours) = (then.owner, then.customer_is_ours);
    } else {
        now.owner = Owner::Unowned;
    }
    now
}

/// How many requests reading so many ranges costs at most: the range, and its customer.
pub(super) fn requests(registry: &Counted) -> u64 {
    registry.totals().sent
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_row_has_its_turn_and_no_night_reads_more_than_its_share(
            rows in 1_u64..5_000, n in 1_u64..40, first in 0_u64..100_000
        ) {
            let mut seen = HashSet::new();
            for day in first..first + 3 * n {
                let share = share(rows, n, day);
                prop_assert!(share.len() as u64 <= (rows / n).max(1));
                seen.extend(share);
            }
            prop_assert_eq!(seen.len() as u64, rows);
        }
    }
}

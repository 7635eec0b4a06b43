//! What is registered, as far as this night knows: the journal, exact-range reads, a file.
//!
//! Owns which rows are read again, and what is said about facts that were not checked. Must not
//! know: the diff, guards.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::cli::args::{VERIFY, Verify};
use crate::cli::failure::{Exit, Failure};
use crate::domain::{AddressRange, Owner, Registered, RegisteredNet, Source};
use crate::journal::{Journal, Known};
use crate::plan::diff::Pending;
use crate::plan::{Plan, StepKey};
use crate::submission::about::under;
use crate::submission::record::{self, Record, Unread};
use crate::submission::{Counted, Registry};

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
    /// Facts that were not checked, for people.
    pub(super) unchecked: Vec<String>,
}

/// What the journal alone knows.
pub(super) fn remembered(journal: Option<&Journal>) -> Result<Side, Failure> {
    let Some(journal) = journal else { return Ok(Side::default()) };
    let mut known = journal.known()?;
    references(journal, &mut known)?;
    let ticket = |known: &Known| {
        let ticket = known.ticket.as_ref()?;
        let (number, status) = (ticket.number.clone(), ticket.status.clone());
        Some(Pending { key: known.key.clone(), ticket: number, status })
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
    let keys = plan.steps().map(|(_, step)| step.key());
    let due = |key: &StepKey| match (side.known.get(key), verify.unwrap_or(VERIFY)) {
        (None, _) | (_, Verify::All) => true,
        (Some(known), _) if known.net.is_none() => true,
        (_, Verify::None) => false,
        (_, Verify::Share(n)) => share(key) % n == day(on) % n,
    };
    keys.filter(|key| due(key) && !waiting.contains(key)).collect()
}

fn share(key: &StepKey) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

fn day(date: Date) -> u64 {
    let since = date.since((jiff::Unit::Day, Date::ZERO)).map(|span| span.get_days());
    since.map_or(0, |days| u64::from(days.unsigned_abs()))
}

/// Reads exact ranges, so many at a time.
///
/// # Errors
/// A read that proves nothing (exit 8, or 7 when the key is refused).
pub(super) async fn read(
    registry: &Arc<Counted>,
    keys: Vec<StepKey>,
    concurrency: usize,
) -> Result<HashMap<StepKey, Option<Record>>, Failure> {
    let permits = Arc::new(Semaphore::new(concurrency.max(1)));
    let mut reading = JoinSet::new();
    for key in keys {
        let (registry, permits) = (Arc::clone(registry), Arc::clone(&permits));
        reading.spawn(async move {
            let _permit = permits.acquire_owned().await;
            let found = under(&key.parent, record::by_range(&registry, key.block)).await;
            (key, found)
        });
    }
    let mut read = HashMap::new();
    while let Some(done) = reading.join_next().await {
        let Ok((key, found)) = done else { continue };
        let found = found.map_err(|fault| unreadable(&key, &fault))?;
        let ours = found.into_iter().find(|record| {
            let net = &record.registered.net;
            net.net_handle != key.parent && net.parent.as_ref().is_none_or(|p| *p == key.parent)
        });
        read.insert(key, ours);
    }
    Ok(read)
}

fn unreadable(key: &StepKey, fault: &Unread) -> Failure {
    let refused = fault.0.contains("E_AUTHENTICATION");
    let exit = if refused { Exit::Key } else { Exit::Registry };
    Failure::new(exit, format!("{} cannot be read: {fault}; nothing was sent", key.block))
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

//! What the rows of a run share: the line to the registry, the writer, the gate, the stops.
//!
//! Owns when a run stops. Must not know: how one row is driven.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::about::under;
use super::gate::Gate;
use super::looks::{Looking, Looks};
use super::options::{LookFirst, Stop, SubmitOptions};
use super::reader::{ReadFault, Reader, Registry};
use crate::domain::{Holder, NetHandle};
use crate::journal::{Change, Doubt, Event, Outcome, StoreError, Totals, Writer};
use crate::plan::diff::REPLACED;
use crate::regrws::{Call, GetNet, RawAnswer, image, limits};

/// Everything the rows of a run share.
pub(super) struct Run<R> {
    pub(super) registry: Reader<R>,
    pub(super) options: SubmitOptions,
    pub(super) gate: Gate,
    number: i64,
    /// The journal's path, for the commands that people are told to type.
    pub(super) journal: String,
    /// Whether the journal is a copy that was put back: nothing it says is complete.
    pub(super) restored: bool,
    pub(super) writer: Writer,
    before: Totals,
    pub(super) stop: watch::Sender<Option<Stop>>,
    looks: Looks,
    failed_looks: AtomicU32,
    judged: AtomicU64,
    rejected: AtomicU64,
    lost_recipients: AtomicU64,
    started: AtomicU64,
    parents: Mutex<Parents>,
    open: Mutex<Vec<Doubt>>,
    in_hand: Mutex<Vec<String>>,
    /// Ids of the removals that are proved.
    gone: Mutex<HashSet<u64>>,
}

#[derive(Default)]
struct Parents {
    readable: Vec<NetHandle>,
    blocked: BTreeMap<NetHandle, String>,
}

impl<R: Registry> Run<R> {
    pub(super) fn new(
        registry: R,
        options: SubmitOptions,
        number: i64,
        before: Totals,
        writer: Writer,
    ) -> Self {
        Self {
            registry: Reader::new(registry),
            gate: Gate::new(options.concurrency),
            options,
            number,
            journal: String::new(),
            restored: false,
            writer,
            before,
            stop: watch::channel(None).0,
            looks: Looks::default(),
            failed_looks: AtomicU32::new(0),
            judged: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            lost_recipients: AtomicU64::new(0),
            started: AtomicU64::new(0),
            parents: Mutex::default(),
            open: Mutex::default(),
            in_hand: Mutex::default(),
            gone: Mutex::default(),
        }
    }

    /// Makes changes durable, with the requests so far; on failure the run stops and the row must
    /// not go on.
    pub(super) async fn commit(&self, mut changes: Vec<Change>) -> Result<(), StoreError> {
        changes.push(Change::Totals { run: self.number, totals: self.totals() });
        let stored = self.writer.commit(changes).await;
        if let Err(fault) = &stored {
            self.halt(Stop::Journal(fault.to_string()));
        }
        stored
    }

    /// Requests over all processes of the run.
    fn totals(&self) -> Totals {
        let (before, now) = (self.before, self.registry.totals());
        Totals {
            sent: before.sent + now.sent,
            retried: before.retried + now.retried,
            worst: before.worst.max(now.worst),
        }
    }

    /// Its number.
    pub(super) const fn number(&self) -> i64 {
        self.number
    }

    /// Stops dispatch; the first reason stays, but a failed journal outweighs all.
    pub(super) fn halt(&self, stop: Stop) {
        self.stop.send_if_modified(|now| {
            let change = match now {
                None => true,
                Some(Stop::Journal(_)) => false,
                Some(_) => matches!(stop, Stop::Journal(_)),
            };
            if change {
                *now = Some(stop);
            }
            change
        });
        self.gate.close();
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.borrow().is_some()
    }

    /// Whether even reading is over: after a guard's stop what is unknown is still settled.
    pub(super) fn abandoned(&self) -> bool {
        !matches!(*self.stop.borrow(), None | Some(Stop::Guard(_)))
    }

    /// Waits until even reading is over.
    pub(super) async fn until_abandoned(&self) {
        let mut stop = self.stop.subscribe();
        let over = |stop: &Option<Stop>| !matches!(stop, None | Some(Stop::Guard(_)));
        if stop.wait_for(over).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether a row is to be looked up before it is sent, and its place among the looks.
    pub(super) async fn looks_first(&self) -> (bool, Option<Looking<'_>>) {
        match self.options.look_first {
            _ if self.restored => (true, None),
            LookFirst::Always => (true, None),
            LookFirst::Never => (false, None),
            LookFirst::Auto => {
                let place = self.looks.turn().await;
                (place.is_some(), place)
            }
        }
    }

    /// A row was looked up.
    pub(super) fn looked(&self, absent: bool) {
        self.failed_looks.store(0, Ordering::Relaxed);
        self.looks.found(absent);
    }

    /// A look failed: stops the run when the fault says so, or when too many did in a row.
    pub(super) fn look_failed(&self, fault: &ReadFault) {
        self.read_failed(fault);
        if self.failed_looks.fetch_add(1, Ordering::Relaxed) + 1 >= limits().failed_looks_max
            && let ReadFault::Nothing(reason) = fault
        {
            self.halt(Stop::Registry(format!("the registry cannot be read: {reason}")));
        }
    }

    /// What a failed read says about the registry as a whole.
    pub(super) fn read_failed(&self, fault: &ReadFault) {
        match fault {
            ReadFault::Outage(reason) => self.halt(Stop::Registry(reason.clone())),
            ReadFault::Pause(reason) => self.halt(Stop::Pause(reason.clone())),
            ReadFault::Absent
            | ReadFault::KeyRefused(_)
            | ReadFault::NoMethod(_)
            | ReadFault::Nothing(_) => {}
        }
    }

    /// A read that the run cannot go on without failed: it stops, for the fault's own reason.
    pub(super) fn unread(&self, what: &str, fault: &ReadFault) {
        let reason = format!("{what} cannot be read: {fault}");
        self.halt(match fault {
            ReadFault::KeyRefused(_) => Stop::Key(reason),
            ReadFault::Pause(_) => Stop::Pause(reason),
            _ => Stop::Registry(reason),
        });
    }

    /// An event of a row of this run as a change.
    pub(super) const fn event(&self, row: u64, event: Event) -> Change {
        Change::Event { run: self.number, row, event }
    }

    /// Ids of the removals that are proved.
    pub(super) fn gone(&self) -> HashSet<u64> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that a removal is proved: its space is free.
    pub(super) fn is_gone(&self, id: u64) {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    /// After a refusal for the key's sake: one probe, while nobody else sends, tells a dead key,
    /// which stops the run, from one without authority over `parent`.
    pub(super) async fn key_is_good(&self, parent: &NetHandle, complaint: &str) -> bool {
        let _hold = self.registry.hold().await;
        if self.stopped() || self.blocked(parent).is_some() {
            return !self.stopped();
        }
        let other = self.probe_of(parent);
        let probe = GetNet(other.clone()).request();
        let answer = under(&other, self.registry.probe(&probe)).await;
        let good = matches!(answer.map(|answer| GetNet::decode(&answer)), Ok(Ok(_)));
        if !good {
            self.halt(Stop::Key(complaint.to_owned()));
        }
        good
    }

    /// Counts a judged write, and stops the run when too many were rejected.
    pub(super) fn judged(&self, rejected: bool) {
        let writes = self.judged.fetch_add(1, Ordering::Relaxed) + 1;
        if !rejected {
            return;
        }
        let count = self.rejected.fetch_add(1, Ordering::Relaxed) + 1;
        if count >= self.options.max_errors {
            self.halt(Stop::Guard(format!(
                "the registry rejected {count} rows; correct them, or raise --max-errors"
            )));
        } else if count == writes && writes == u64::from(limits().first_writes) {
            self.halt(Stop::Guard(format!(
                "the first {writes} writes were all rejected; correct the cause and run again"
            )));
        }
    }

    /// The answer to "create the recipient" was lost.
    pub(super) fn recipient_lost(&self) {
        let most = u64::from(limits().lost_recipients_max);
        if self.lost_recipients.fetch_add(1, Ordering::Relaxed) + 1 >= most {
            self.halt(Stop::Guard(format!(
                "{most} answers to creating a recipient were lost; settle them with swip resolve, or let --customers inline create them"
            )));
        }
    }

    /// Whether one more row may begin to write.
    pub(super) fn may_start(&self, id: u64) -> bool {
        if self.gone().contains(&(id + REPLACED)) {
            // The second half of a replacement is never kept back.
            return true;
        }
        let started = self.started.fetch_add(1, Ordering::Relaxed);
        match self.options.limit {
            Some(limit) if started >= limit => {
                self.halt(Stop::Guard(format!("--limit {limit} is reached; swip resume goes on")));
                false
            }
            _ => true,
        }
    }

    fn parents<T>(&self, act: impl FnOnce(&mut Parents) -> T) -> T {
        act(&mut self.parents.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A parent was read: the key is good for it.
    pub(super) fn readable(&self, parent: NetHandle) {
        self.parents(|parents| parents.readable.push(parent));
    }

    /// A parent that was read before, another than `not` if there is one.
    pub(super) fn probe_of(&self, not: &NetHandle) -> NetHandle {
        self.parents(|parents| {
            let other = parents.readable.iter().find(|parent| *parent != not);
            other.or(parents.readable.first()).unwrap_or(not).clone()
        })
    }

    /// Nothing more is sent under a parent.
    pub(super) fn block(&self, parent: NetHandle, reason: String) {
        self.parents(|parents| drop(parents.blocked.insert(parent, reason)));
    }

    /// Why nothing more is sent under a parent, if so.
    pub(super) fn blocked(&self, parent: &NetHandle) -> Option<String> {
        self.parents(|parents| parents.blocked.get(parent).cloned())
    }

    /// Writes of earlier runs that are still open: their space is left alone.
    pub(super) fn protect(&self, open: Vec<Doubt>) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = open;
    }

    /// An open write of another row that shares an address with this block.
    pub(super) fn in_the_way(&self, own: &Doubt) -> Option<Doubt> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let other = |doubt: &&Doubt| doubt.run != own.run || doubt.row != own.row;
        open.iter().filter(other).find(|doubt| doubt.key.block.overlaps(&own.key.block)).cloned()
    }

    /// An answer came that could not be stored: what is legible in it is kept for people.
    pub(super) fn answer_in_hand(&self, whose: &str, answer: &RawAnswer) {
        let names = image::names(&answer.body);
        let names: Vec<String> = names.iter().map(|(what, of)| format!("{what} {of}")).collect();
        self.in_hand(format!(
            "{whose}: answered with status {} ({})",
            answer.status,
            names.join(", ")
        ));
    }

    /// An outcome could not be stored: the handles and the ticket in it are kept for people.
    pub(super) fn outcome_in_hand(&self, whose: &str, outcome: &Outcome) {
        let mut names = Vec::new();
        if let Outcome::Ticketed { number, .. } = outcome {
            names.push(format!("ticket {number}"));
        }
        if let Some(net) = outcome.net() {
            names.push(net.net_handle.to_string());
            match &net.holder {
                Holder::Customer(customer) => names.push(customer.to_string()),
                Holder::Org(org) => names.push(org.to_string()),
                Holder::Unknown => {}
            }
        }
        if !names.is_empty() {
            self.in_hand(format!("{whose}: {}", names.join(", ")));
        }
    }

    fn in_hand(&self, what: String) {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    /// What was on the wire and could not be stored.
    pub(super) fn all_in_hand(&self) -> Vec<String> {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

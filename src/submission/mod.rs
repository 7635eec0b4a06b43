//! Plan + registry + journal → outcomes: every row driven to its end, exactly once.
//!
//! Owns the dispatcher, its stops, and what each answer means for a row. Must not know: rows of
//! the input, the report, the terminal.

mod change;
mod compare;
mod dispatch;
mod machine;
mod patience;
mod range;
pub mod record;
mod row;
mod schedule;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use crate::journal::{Change, Event, Journal, Known, StoreError, Totals, Writer};
use crate::plan::diff::REPLACED;
use crate::plan::{Plan, Step, StepKey};
use crate::regrws::{Client, RawAnswer, WireError, WireRequest};
use change::ChangeTask;
pub use dispatch::DRAIN;
pub use machine::{Action, RowMachine};
use row::RowTask;
use schedule::Schedule;

/// Rows in a row found absent, after which *auto* stops looking first.
pub const LOOK_UNTIL_ABSENT: u32 = 20;
/// Rejections after which a run stops.
pub const MAX_ERRORS: u64 = 20;
/// If so many first writes are all rejected, the run stops.
pub const FIRST_WRITES: u64 = 5;

/// The registry as submission sees it.
pub trait Registry: Send + Sync + 'static {
    /// Sends one request, once.
    fn exchange(
        &self,
        request: &WireRequest,
    ) -> impl Future<Output = Result<RawAnswer, WireError>> + Send;

    /// No request before so long from now.
    fn pause(&self, wait: Duration);

    /// Notes that the next request repeats one.
    fn retried(&self);

    /// Requests so far.
    fn totals(&self) -> Totals;
}

impl<R: Registry> Registry for Arc<R> {
    async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        R::exchange(self, request).await
    }

    fn pause(&self, wait: Duration) {
        R::pause(self, wait);
    }

    fn retried(&self) {
        R::retried(self);
    }

    fn totals(&self) -> Totals {
        R::totals(self)
    }
}

/// A client with a count of its repeats.
#[derive(Debug)]
pub struct Counted {
    client: Client,
    retried: AtomicU64,
}

impl Counted {
    /// Wraps a client.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client, retried: AtomicU64::new(0) }
    }
}

impl Registry for Counted {
    async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        self.client.exchange(request).await
    }

    fn pause(&self, wait: Duration) {
        self.client.pacer().pause_until(tokio::time::Instant::now() + wait);
    }

    fn retried(&self) {
        self.retried.fetch_add(1, Ordering::Relaxed);
    }

    fn totals(&self) -> Totals {
        let (sent, worst) = self.client.pacer().counts();
        Totals { sent, retried: self.retried.load(Ordering::Relaxed), worst }
    }
}

/// When a row's range is read before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookFirst {
    /// Until [`LOOK_UNTIL_ABSENT`] rows in a row were absent.
    Auto,
    /// Always.
    Always,
    /// Only to settle doubt.
    Never,
}

/// How a plan is submitted.
#[derive(Clone, Debug)]
pub struct SubmitOptions {
    /// Rows in flight.
    pub concurrency: usize,
    /// Wait before an unknown outcome is read back.
    pub settle: Duration,
    /// When to look first.
    pub look_first: LookFirst,
    /// Create customers in calls of their own.
    pub separate_customers: bool,
    /// Rejections after which the run stops.
    pub max_errors: u64,
    /// Rows to send at most.
    pub limit: Option<u64>,
    /// The only rows to send; empty for all.
    pub only: Vec<u64>,
    /// Only settle what is open; send nothing new.
    pub settle_only: bool,
}

/// Why a run stopped before its plan was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The registry refused the key.
    Key(String),
    /// The registry is unreachable, in outage, or asks for too long a wait.
    Registry(String),
    /// Too many rejections, or the limit.
    Guard(String),
    /// A signal.
    Signal,
    /// The journal failed.
    Journal(String),
}

/// Everything the rows of a run share.
pub(crate) struct Run<R> {
    pub(crate) registry: R,
    pub(crate) options: SubmitOptions,
    run: i64,
    before: Totals,
    writer: Writer,
    stop: watch::Sender<Option<Stop>>,
    absent_in_a_row: AtomicU32,
    writes_judged: AtomicU64,
    rejected: AtomicU64,
    pub(crate) blocked: Mutex<BTreeMap<String, String>>,
    pub(crate) probe: tokio::sync::Mutex<()>,
    started: AtomicU64,
    /// Ids of the removals that are proved.
    gone: Mutex<HashSet<u64>>,
}

impl<R: Registry> Run<R> {
    /// Makes changes durable, with the requests so far; on failure the run stops and the row must
    /// not go on.
    pub(crate) async fn commit(&self, mut changes: Vec<Change>) -> Result<(), StoreError> {
        changes.push(Change::Totals { run: self.run, totals: self.totals() });
        let stored = self.writer.commit(changes).await;
        if let Err(fault) = &stored {
            self.halt(Stop::Journal(fault.to_string()));
        }
        stored
    }

    /// Its number.
    pub(crate) const fn number(&self) -> i64 {
        self.run
    }

    /// Why nothing more is sent under a parent, if so.
    pub(crate) fn blocked_parent(&self, parent: &str) -> Option<String> {
        let blocked = self.blocked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        blocked.get(parent).cloned()
    }

    /// An event of a row as a change.
    pub(crate) const fn event(&self, row: u64, event: Event) -> Change {
        Change::Event { run: self.run, row, event }
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

    /// Stops dispatch; the first reason stays.
    pub(crate) fn halt(&self, stop: Stop) {
        self.stop.send_if_modified(|now| {
            let first = now.is_none();
            now.get_or_insert(stop);
            first
        });
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.borrow().is_some()
    }

    /// Whether a row is to be looked up before it is sent.
    pub(crate) fn looks_first(&self) -> bool {
        match self.options.look_first {
            LookFirst::Always => true,
            LookFirst::Never => false,
            LookFirst::Auto => self.absent_in_a_row.load(Ordering::Relaxed) < LOOK_UNTIL_ABSENT,
        }
    }

    pub(crate) fn looked(&self, absent: bool) {
        if absent {
            self.absent_in_a_row.fetch_add(1, Ordering::Relaxed);
        } else {
            self.absent_in_a_row.store(0, Ordering::Relaxed);
        }
    }

    /// Counts a judged write, and stops the run when too many were rejected.
    pub(crate) fn judged(&self, rejected: bool) {
        let writes = self.writes_judged.fetch_add(1, Ordering::Relaxed) + 1;
        if !rejected {
            return;
        }
        let count = self.rejected.fetch_add(1, Ordering::Relaxed) + 1;
        if count >= self.options.max_errors {
            self.halt(Stop::Guard(format!(
                "the registry rejected {count} rows; correct them, or raise --max-errors"
            )));
        } else if count == writes && writes >= FIRST_WRITES {
            self.halt(Stop::Guard(format!(
                "the first {writes} writes were all rejected; correct the cause and run again"
            )));
        }
    }

    /// Ids of the removals that are proved.
    fn gone(&self) -> HashSet<u64> {
        self.gone.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Notes that a removal is proved: its space is free.
    fn is_gone(&self, id: u64) {
        self.gone.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(id);
    }

    /// Whether one more row may begin to write.
    pub(crate) fn may_start(&self, id: u64) -> bool {
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
}

/// How a process of a run ended.
#[derive(Debug)]
pub struct RunEnd {
    /// The journal, to fold and finish.
    pub journal: Journal,
    /// Why it stopped early, if it did.
    pub stop: Option<Stop>,
}

/// Drives every row of a plan that is not done; `cancel` turning true stops it cleanly.
///
/// # Errors
/// [`StoreError`] when the journal cannot be read at the start.
pub async fn submit<R: Registry>(
    plan: &Plan,
    journal: Journal,
    run: i64,
    registry: R,
    options: SubmitOptions,
    cancel: watch::Receiver<bool>,
    progress: impl Fn(u64) + Send + Sync + 'static,
) -> Result<RunEnd, StoreError> {
    let mut stored: HashMap<u64, Vec<Event>> = HashMap::new();
    for (row, event) in journal.events(run)? {
        stored.entry(row).or_default().push(event);
    }
    let before = journal.totals(run)?;
    let known = if plan.sync.is_some() { journal.known()? } else { HashMap::new() };
    let (stop, _) = watch::channel(None);
    let shared = Arc::new(Run {
        registry,
        options,
        run,
        before,
        writer: Writer::new(journal),
        stop,
        absent_in_a_row: AtomicU32::new(0),
        writes_judged: AtomicU64::new(0),
        rejected: AtomicU64::new(0),
        blocked: Mutex::new(BTreeMap::new()),
        probe: tokio::sync::Mutex::new(()),
        started: AtomicU64::new(0),
        gone: Mutex::default(),
    });
    let mut rows = tasks(plan, &shared, &stored);
    row::read_parents(&shared, &mut rows).await;
    let changes = changes(plan, &shared, &stored, &known, &rows);
    let schedule = Schedule::new(plan, rows, changes, shared.options.settle_only);
    dispatch::run(&shared, schedule, cancel, progress).await;
    let stop = shared.stop.borrow().clone();
    let lost = || StoreError::Failed("its writer ended before the run".to_owned());
    let journal = shared.writer.end().ok_or_else(lost)?;
    Ok(RunEnd { journal, stop })
}

/// The rows that are not done: those with an open outcome first.
fn tasks<R: Registry>(
    plan: &Plan,
    shared: &Run<R>,
    stored: &HashMap<u64, Vec<Event>>,
) -> Vec<RowTask> {
    let only = &shared.options.only;
    let steps: Vec<(u64, &Step)> = match &plan.sync {
        Some(diff) => schedule::acting(diff, only)
            .filter_map(|change| Some((change.id, change.step()?)))
            .collect(),
        None => plan.steps().filter(|(row, _)| only.is_empty() || only.contains(row)).collect(),
    };
    let mut tasks: Vec<RowTask> = steps
        .into_iter()
        .map(|(row, step)| {
            let mut machine = RowMachine::new(&step.assignment, shared.options.separate_customers);
            stored.get(&row).into_iter().flatten().for_each(|event| machine.apply(event));
            RowTask { row, step: step.clone(), machine }
        })
        .filter(|task| task.machine.next() != Action::Done)
        .collect();
    tasks.sort_by_key(|task| !task.machine.is_open());
    tasks
}

/// The modifications and removals of a plan that are not done; those proved earlier are noted.
fn changes<R: Registry>(
    plan: &Plan,
    shared: &Run<R>,
    stored: &HashMap<u64, Vec<Event>>,
    known: &HashMap<StepKey, Known>,
    rows: &[RowTask],
) -> Vec<ChangeTask> {
    let Some(diff) = &plan.sync else { return Vec::new() };
    let to_be_added: HashSet<u64> = rows.iter().map(|task| task.row).collect();
    let mut tasks = Vec::new();
    for change in schedule::acting(diff, &shared.options.only) {
        let step = change.row.and_then(|row| plan.step_of(row));
        let known = known.get(&change.key()).cloned();
        let Some(mut task) = ChangeTask::new(change, step, known, diff.attended) else { continue };
        task.replay(stored.get(&task.id).into_iter().flatten());
        if task.is_removed() {
            shared.is_gone(task.id);
            continue;
        }
        // Nothing is removed for a row that cannot be registered afterwards.
        let wanted = change.step().is_none() || to_be_added.contains(&change.id);
        if wanted && !task.is_done() {
            tasks.push(task);
        }
    }
    tasks
}

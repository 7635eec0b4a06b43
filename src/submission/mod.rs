//! Plan + registry + journal → outcomes: every row driven to its end, exactly once.
//!
//! Owns the order of a run: parents, what earlier runs left open, then the rest. Must not know:
//! rows of the input, the report, the terminal.

pub mod about;
mod change;
mod compare;
mod crew;
mod gate;
mod judge;
mod looks;
mod machine;
mod options;
mod patience;
mod preflight;
mod range;
mod reader;
pub mod record;
mod request;
mod resolve;
mod row;
mod run;
mod schedule;
mod settle;
#[cfg(test)]
mod tests;
mod tickets;
mod words;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::{NetHandle, OrgHandle};
use crate::journal::{
    Change, Doubt, Event, Journal, Known, Outcome, Refused, StoreError, Totals, Writer,
};
use crate::plan::{Plan, Step, StepKey};
use crate::regrws::{Client, Clients, RawAnswer, WireError, WireRequest, limits};
use change::ChangeTask;
use crew::Crew;
pub use machine::{Action, RowMachine};
pub use options::{KeyOptions, LookFirst, MAX_ERRORS, Stop, SubmitOptions};
pub use reader::{Read, ReadFault, Reader, Registry};
pub use request::content_sha256;
pub use resolve::{ResolveError, Said, resolve, resolve_change};
use row::{RowTask, Until};
use run::Run;
use schedule::Schedule;
pub use tickets::{Polled, is_due, poll, poll_due};

/// Clients with a count of their repeats; each request carries the key of the org it is about.
#[derive(Debug)]
pub struct Counted {
    clients: Clients,
    orgs: HashMap<NetHandle, OrgHandle>,
    retried: AtomicU64,
}

impl Counted {
    /// Wraps clients; `orgs` tells whose parent each is.
    #[must_use]
    pub fn new(clients: Clients, orgs: HashMap<NetHandle, OrgHandle>) -> Self {
        Self { clients, orgs, retried: AtomicU64::new(0) }
    }

    /// The client with the key for what is asked about now.
    #[must_use]
    pub fn client(&self) -> &Client {
        let org = about::current(|parent| self.orgs.get(parent));
        self.clients.of(org)
    }
}

impl Registry for Counted {
    async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        self.client().exchange(request).await
    }

    fn pause(&self, wait: Duration) {
        self.clients.common.pacer().pause_until(tokio::time::Instant::now() + wait);
    }

    fn slow_down(&self) {
        self.clients.common.pacer().slow_down();
    }

    fn retried(&self) {
        self.retried.fetch_add(1, Ordering::Relaxed);
    }

    fn totals(&self) -> Totals {
        let (sent, worst) = self.clients.common.pacer().counts();
        Totals { sent, retried: self.retried.load(Ordering::Relaxed), worst }
    }
}

/// How a process of a run ended.
#[derive(Debug)]
pub struct RunEnd {
    /// The journal, to fold and finish.
    pub journal: Journal,
    /// Why it stopped early, if it did.
    pub stop: Option<Stop>,
    /// Handles and tickets that were on the wire and could not be stored.
    pub in_hand: Vec<String>,
}

/// Drives every row of a plan that is not done; `cancel` turning true stops it cleanly.
///
/// # Errors
/// [`StoreError`] when the journal cannot be read at the start.
pub async fn submit<R: Registry>(
    plan: &Plan,
    journal: Journal,
    number: i64,
    registry: R,
    options: SubmitOptions,
    cancel: watch::Receiver<bool>,
    progress: impl Fn(u64) + Send + Sync + 'static,
) -> Result<RunEnd, StoreError> {
    let earlier = Earlier::read(&journal, number, plan.sync.is_some())?;
    let path = journal.path().display().to_string();
    let restored = journal.store().is_restored()?;
    let before = journal.totals(number)?;
    let mut run = Run::new(registry, options, number, before, Writer::new(journal));
    (run.journal, run.restored) = (path, restored);
    earlier.tickets.iter().for_each(|ticket| run.registry.claim(ticket));
    let run = Arc::new(run);
    let tasks = earlier.tasks(plan, &run);
    let mut crew = Crew { run: &run, cancel, progress: Arc::new(progress) };
    drive(&run, plan, tasks, earlier, &mut crew).await;
    let lost = || StoreError::Failed("its writer ended before the run".to_owned());
    let journal = run.writer.end().ok_or_else(lost)?;
    let stop = run.stop.borrow().clone();
    Ok(RunEnd { journal, stop, in_hand: run.all_in_hand() })
}

/// Parents first, then what is open, then the rest.
async fn drive<R: Registry>(
    run: &Arc<Run<R>>,
    plan: &Plan,
    mut tasks: Vec<RowTask>,
    mut earlier: Earlier,
    crew: &mut Crew<'_, R>,
) {
    let mut open = std::mem::take(&mut earlier.open);
    // A new key is noted once it has read a net of each org, on a night without changes too.
    let proofs = if run.options.key.accept_new { preflight::one_of_each_org(plan) } else { vec![] };
    if !tasks.is_empty() || !proofs.is_empty() {
        crew.unless_signalled(preflight::read_parents(run, &mut tasks, proofs)).await;
    }
    let (mine, mut rest): (Vec<_>, Vec<_>) =
        tasks.into_iter().partition(|task| task.machine.is_open());
    open.extend(mine);
    let settled = crew.rows(open, Until::Settled).await;
    let (still_open, ready): (Vec<_>, Vec<_>) =
        settled.into_iter().partition(|task| task.machine.is_open());
    if run.options.settle_only {
        // A recipient that was created is remembered until its net is registered.
        let dropped = ready
            .iter()
            .chain(rest.iter().filter(|task| earlier.mine.contains(&task.row)))
            .filter(|task| !task.machine.lacks_recipient() && task.machine.created().is_none());
        let settled: Vec<Change> = dropped.map(|task| Change::Settled(task.step.key())).collect();
        // Nothing happened, and the next run decides anew. A failure has stopped the run.
        let _ = run.commit(settled).await;
    }
    let mut protected = std::mem::take(&mut earlier.unresolved);
    protected.extend(still_open.iter().map(|task| task.doubt(None)));
    run.protect(protected);
    rest.extend(ready.into_iter().filter(|task| task.run == run.number()));
    rest = not_again(run, rest, &on_freed_space(plan)).await;
    if run.restored && !run.stopped() && !run.options.settle_only {
        rest = crew.rows(rest, Until::Looked).await;
        let all = run.options.only.is_empty() && rest.iter().all(|task| task.looked);
        if all && !run.stopped() {
            // A failure to store it has stopped the run.
            let _ = run.commit(vec![Change::Reread]).await;
        }
    }
    rest.sort_by_key(|task| (task.refused_before, task.row));
    let changes = earlier.changes(plan, run, &rest);
    let mut schedule = Schedule::new(plan, rest, changes, run.options.settle_only);
    while let Some(batch) = schedule.next(&run.gone()) {
        crew.work(batch, Until::Done).await;
        if run.stopped() {
            return;
        }
    }
}

/// Rows whose space this run frees before they are sent.
fn on_freed_space(plan: &Plan) -> HashSet<u64> {
    let changes = plan.sync.iter().flat_map(|diff| &diff.changes);
    changes.filter(|change| change.waits_for_removal()).map(|change| change.id).collect()
}

/// Ends rows whose body was refused not long ago; marks those that are tried again.
async fn not_again<R: Registry>(
    run: &Run<R>,
    tasks: Vec<RowTask>,
    freed: &HashSet<u64>,
) -> Vec<RowTask> {
    let mut kept = Vec::new();
    for mut task in tasks {
        let refused = run.options.refused.get(&task.step.key());
        let same = refused.filter(|r| r.body_sha256 == content_sha256(&task.step));
        // What stood in the way goes in this very run.
        let over = |refused: &&Refused| refused.is_overlap() && freed.contains(&task.row);
        let Some(refused) = same.filter(|refused| !over(refused)) else {
            kept.push(task);
            continue;
        };
        task.refused_before = true;
        let age = refused
            .at
            .parse::<jiff::Timestamp>()
            .map(|at| jiff::Timestamp::now().duration_since(at));
        let most = i64::from(limits().refused_days);
        let days = age.map_or(most, |age| age.as_hours() / 24);
        if run.options.retry_refused || days >= most || run.stopped() {
            kept.push(task);
            continue;
        }
        let message = format!(
            "{} (refused {days} days ago with the same content, so not sent again for {most} days; --retry-rejected sends it)",
            refused.message
        );
        let outcome = Outcome::Rejected { code: refused.code.clone(), message, net: None };
        let at = refused.clone();
        let event = task.event(Event::Concluded(outcome.clone()));
        if run.commit(vec![event, Change::Refused(at)]).await.is_ok() {
            task.machine.apply(&Event::Concluded(outcome));
        }
    }
    kept
}

/// What the journal holds of this run and of earlier ones.
struct Earlier {
    stored: HashMap<u64, Vec<Event>>,
    /// Open rows of earlier runs that this run has not taken over.
    open: Vec<RowTask>,
    /// Rows of this run that were written and are not registered yet.
    mine: HashSet<u64>,
    /// Writes that only a person can settle.
    unresolved: Vec<Doubt>,
    tickets: Vec<String>,
    /// What is registered, for a plan that changes it.
    known: HashMap<StepKey, Known>,
}

impl Earlier {
    fn read(journal: &Journal, number: i64, changes: bool) -> Result<Self, StoreError> {
        let stored = stories(journal, number)?;
        let mut runs: HashMap<i64, HashMap<u64, Vec<Event>>> = HashMap::new();
        let (mut open, mut unresolved, mut mine) = (Vec::new(), Vec::new(), HashSet::new());
        for doubt in journal.doubts()?.into_values() {
            if doubt.unresolved.is_some() {
                unresolved.push(doubt);
            } else if doubt.run != number {
                let run = match runs.entry(doubt.run) {
                    std::collections::hash_map::Entry::Occupied(run) => run.into_mut(),
                    std::collections::hash_map::Entry::Vacant(run) => {
                        run.insert(stories(journal, doubt.run)?)
                    }
                };
                let mut machine = RowMachine::new(&doubt.step.assignment, false);
                run.get(&doubt.row).into_iter().flatten().for_each(|event| machine.apply(event));
                if machine.is_open() {
                    open.push(RowTask::new(doubt.run, doubt.row, doubt.step, machine));
                }
            } else {
                mine.insert(doubt.row);
            }
        }
        let mut known = journal.known()?;
        let ticket = |known: &Known| Some(known.ticket.as_ref()?.number.clone());
        let tickets = known.values().filter_map(ticket).collect();
        if !changes {
            known.clear();
        }
        Ok(Self { stored, open, mine, unresolved, tickets, known })
    }

    /// The rows of this run that are not done.
    fn tasks<R: Registry>(&self, plan: &Plan, run: &Run<R>) -> Vec<RowTask> {
        let only = &run.options.only;
        let steps: Vec<(u64, &Step)> = match &plan.sync {
            Some(diff) => schedule::acting(diff, only)
                .filter_map(|change| Some((change.id, change.step()?)))
                .collect(),
            None => plan.steps().collect(),
        };
        let chosen = |row| plan.sync.is_some() || only.is_empty() || only.contains(&row);
        steps
            .into_iter()
            .map(|(row, step)| {
                let separate = run.options.separate_customers;
                let mut machine = RowMachine::new(&step.assignment, separate);
                self.stored.get(&row).into_iter().flatten().for_each(|e| machine.apply(e));
                RowTask::new(run.number(), row, step.clone(), machine)
            })
            .filter(|task| chosen(task.row) || task.machine.is_open())
            .filter(|task| task.machine.next() != Action::Done)
            .collect()
    }

    /// The modifications and removals of a plan that are not done; those proved earlier are
    /// noted.
    fn changes<R: Registry>(&self, plan: &Plan, run: &Run<R>, rows: &[RowTask]) -> Vec<ChangeTask> {
        let Some(diff) = &plan.sync else { return Vec::new() };
        let to_be_added: HashSet<u64> = rows.iter().map(|task| task.row).collect();
        let mut tasks = Vec::new();
        for change in schedule::acting(diff, &run.options.only) {
            let step = change.row.and_then(|row| plan.step_of(row));
            let known = self.known.get(&change.key()).cloned();
            let Some(mut task) = ChangeTask::new(change, step, known, diff.attended) else {
                continue;
            };
            task.replay(self.stored.get(&task.id).into_iter().flatten());
            if task.is_removed() {
                run.is_gone(task.id);
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
}

/// The events of a run by row.
fn stories(journal: &Journal, run: i64) -> Result<HashMap<u64, Vec<Event>>, StoreError> {
    let mut stories: HashMap<u64, Vec<Event>> = HashMap::new();
    for (row, event) in journal.events(run)? {
        stories.entry(row).or_default().push(event);
    }
    Ok(stories)
}

/// The time, as the journal writes it.
fn now() -> String {
    jiff::Timestamp::now().to_string()
}

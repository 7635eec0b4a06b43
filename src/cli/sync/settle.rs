//! First of all: open tickets are asked about, and what an earlier run left unknown is settled by
//! reading.
//!
//! Must not know: tonight's plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;

use crate::cli::failure::Failure;
use crate::cli::submit::job::Job;
use crate::journal::{Journal, JournalError, RunRecord};
use crate::submission::{self, Counted, Reader};

/// Settles every open write of earlier runs, each in its own run's story; sends nothing new.
///
/// # Errors
/// A journal that fails.
pub(super) async fn open(
    mut journal: Journal,
    registry: &Arc<Counted>,
    job: &Job<'_>,
    record: &RunRecord,
) -> Result<Journal, Failure> {
    follow(&mut journal, registry, job.target.is_local()).await?;
    let changes = journal.known()?.into_values().filter_map(|known| {
        known.open.filter(|open| open.unresolved.is_none()).map(|open| open.run)
    });
    let mut runs: BTreeSet<i64> = changes.collect();
    let doubts = journal.doubts()?.into_values();
    runs.extend(doubts.filter(|doubt| doubt.unresolved.is_none()).map(|doubt| doubt.run));
    for run in runs {
        tracing::info!("run {run} left outcomes open; they are settled by reading first");
        let (_, plan) = journal.run(Some(run))?;
        let options = job.settling(&journal, record)?;
        // Nobody turns it true: a signal ends the process, and the next night settles.
        let (_quiet, cancel) = watch::channel(false);
        let end =
            submission::submit(&plan, journal, run, Arc::clone(registry), options, cancel, |_| {})
                .await
                .map_err(JournalError::from)?;
        journal = end.journal;
    }
    Ok(journal)
}

/// Asks for every open ticket that is due, one summary each; at a practice registry all are.
async fn follow(
    journal: &mut Journal,
    registry: &Arc<Counted>,
    always: bool,
) -> Result<(), Failure> {
    let at = jiff::Timestamp::now();
    let due = |ticket: &crate::journal::OpenTicket| always || submission::is_due(ticket, at);
    let polled = submission::poll_due(journal, &Reader::new(Arc::clone(registry)), due).await?;
    for (number, status) in &polled.waits_for_us {
        tracing::warn!("ticket {number} is {status}: ARIN waits for you");
    }
    if let Some(fault) = &polled.fault {
        tracing::warn!("not every ticket could be asked for: {fault}");
    }
    Ok(())
}

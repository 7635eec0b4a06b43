//! `swip status --refresh` and `--wait`: open tickets asked for before the status is shown.
//!
//! Must not know: what a ticket's words mean.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::args::{Global, Status};
use super::failure::{Exit, Failure};
use super::line::Line;
use crate::journal::Journal;
use crate::submission::{ReadFault, poll};

/// Waits between two rounds of asking at ARIN; the last one repeats.
const ROUNDS: [u64; 4] = [60, 5 * 60, 15 * 60, 60 * 60];
/// The same at a practice registry.
const ROUND_PRACTICE: Duration = Duration::from_millis(200);

/// Asks for the open tickets, until none is left or the time is over.
///
/// # Errors
/// A journal or a registry that cannot be used.
pub(super) async fn tickets(global: &Global, args: &Status) -> Result<(), Failure> {
    drop(Journal::read(&args.journal)?);
    let mut journal = Journal::open(&args.journal)?;
    let (head, plan) = journal.run(None)?;
    let line = Line::open(global, &mut journal, &head.record, &plan).await?;
    let end = Instant::now() + args.wait.unwrap_or_default();
    let mut rounds = ROUNDS.iter().copied().chain(std::iter::repeat(ROUNDS[ROUNDS.len() - 1]));
    let fault = loop {
        let polled = poll(&mut journal, &line.reader).await?;
        tracing::info!("Tickets   {} asked for, {} still open", polled.asked, polled.open);
        for (number, status) in &polled.waits_for_us {
            tracing::warn!("ticket {number} is {status}: ARIN waits for you");
        }
        let stop = matches!(
            polled.fault,
            Some(ReadFault::KeyRefused(_) | ReadFault::Outage(_) | ReadFault::Pause(_))
        );
        let wait = Duration::from_secs(rounds.next().unwrap_or_default());
        let wait = if line.local { ROUND_PRACTICE } else { wait };
        if stop || polled.open == 0 || Instant::now() + wait > end {
            break polled.fault;
        }
        sleep(wait).await;
    };
    line.close()?;
    match fault {
        Some(ReadFault::KeyRefused(reason)) => Err(Failure::new(Exit::Key, reason)),
        Some(fault) => Err(Failure::new(Exit::Registry, fault.to_string())),
        None => Ok(()),
    }
}

//! Hands out a schedule batch by batch, so many at a time, and waits for what is in flight.
//!
//! Must not know: what a task does.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::schedule::{Schedule, Task};
use super::{Registry, Run, Stop};

/// Drives every task of a schedule; `cancel` turning true stops it cleanly.
pub(super) async fn run<R: Registry>(
    shared: &Arc<Run<R>>,
    mut schedule: Schedule,
    mut cancel: watch::Receiver<bool>,
    progress: impl Fn(u64) + Send + Sync + 'static,
) {
    let permits = Arc::new(Semaphore::new(shared.options.concurrency.max(1)));
    let mut stopped = shared.stop.subscribe();
    let progress = Arc::new(progress);
    let mut running = JoinSet::new();
    while let Some(batch) = schedule.next(&shared.gone()) {
        for task in batch {
            let permit = tokio::select! {
                permit = Arc::clone(&permits).acquire_owned() => permit,
                Ok(_) = cancel.wait_for(|now| *now) => { shared.halt(Stop::Signal); break }
                Ok(_) = stopped.wait_for(Option::is_some) => break,
            };
            let (shared, progress) = (Arc::clone(shared), Arc::clone(&progress));
            running.spawn(async move {
                let id = task.id();
                match task {
                    Task::Row(task) => task.drive(&shared).await,
                    Task::Change(task) => {
                        if task.drive(&shared).await {
                            shared.is_gone(id);
                        }
                    }
                }
                drop(permit);
                progress(id);
            });
        }
        drain(&mut running, shared, cancel.clone()).await;
        if shared.stopped() {
            break;
        }
    }
}

/// Time that rows in flight have to end after a signal.
pub const DRAIN: Duration = Duration::from_secs(30);

/// Waits for the rows in flight; after a signal at most [`DRAIN`].
async fn drain<R: Registry>(
    running: &mut JoinSet<()>,
    shared: &Arc<Run<R>>,
    mut cancel: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            done = running.join_next() => if done.is_none() { return },
            Ok(_) = cancel.wait_for(|now| *now), if !shared.stopped() => shared.halt(Stop::Signal),
        }
        if *shared.stop.borrow() == Some(Stop::Signal) {
            let all = async { while running.join_next().await.is_some() {} };
            if tokio::time::timeout(DRAIN, all).await.is_err() {
                running.shutdown().await;
            }
            return;
        }
    }
}

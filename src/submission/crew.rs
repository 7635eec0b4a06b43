//! Many rows driven at once: so many in flight, those put back come later, a signal drains.
//!
//! Must not know: what driving a row means.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::about::under;
use super::options::Stop;
use super::reader::Registry;
use super::row::{RowTask, Until};
use super::run::Run;
use super::schedule::Task;
use crate::regrws::limits;

/// How often a row is put back before it is left for `resume`.
const AGAIN_MAX: u32 = 3;

/// Drives rows side by side.
pub(super) struct Crew<'c, R> {
    pub(super) run: &'c Arc<Run<R>>,
    pub(super) cancel: watch::Receiver<bool>,
    pub(super) progress: Arc<dyn Fn(u64) + Send + Sync>,
}

impl<R: Registry> Crew<'_, R> {
    /// Reads for everyone, unless a signal ends it: nothing is lost with a read.
    pub(super) async fn unless_signalled(&mut self, reads: impl Future<Output = ()>) {
        let run = self.run;
        tokio::select! {
            () = reads => {}
            Ok(_) = self.cancel.wait_for(|now| *now) => run.halt(Stop::Signal),
        }
    }

    /// Drives each row as far as asked; gives back those that are not done.
    pub(super) async fn rows(&mut self, rows: Vec<RowTask>, until: Until) -> Vec<RowTask> {
        let tasks = rows.into_iter().map(|row| Task::Row(Box::new(row))).collect();
        let left = self.work(tasks, until).await.into_iter();
        left.filter_map(|task| match task {
            Task::Row(row) => Some(*row),
            Task::Change(_) => None,
        })
        .collect()
    }

    /// Drives rows and changes; gives back the rows that are not done.
    pub(super) async fn work(&mut self, tasks: Vec<Task>, until: Until) -> Vec<Task> {
        let mut queue = VecDeque::from(tasks);
        let mut left = Vec::new();
        let mut running = JoinSet::new();
        let most = self.run.options.concurrency.max(1);
        loop {
            if self.signalled() {
                // A signal that came together with the end of a row is one all the same.
                self.run.halt(Stop::Signal);
                let all = async { while running.join_next().await.is_some() {} };
                if tokio::time::timeout(limits().drain, all).await.is_err() {
                    running.shutdown().await;
                }
                break;
            }
            while running.len() < most && !self.run.stopped() {
                let Some(task) = queue.pop_front() else { break };
                let (run, progress) = (Arc::clone(self.run), Arc::clone(&self.progress));
                running.spawn(async move {
                    let id = task.id();
                    let parent = task.parent().clone();
                    let after = under(&parent, drive(&run, task, until)).await;
                    if until == Until::Done && !matches!(after, After::Again(_)) {
                        progress(id);
                    }
                    after
                });
            }
            tokio::select! {
                ended = running.join_next() => match ended {
                    None => break,
                    Some(Ok(After::Done)) => {}
                    Some(Ok(After::Left(task))) => left.push(Task::Row(task)),
                    Some(Ok(After::Again(mut task))) => {
                        task.again += 1;
                        if task.again <= AGAIN_MAX && !self.run.stopped() {
                            queue.push_back(Task::Row(task));
                        } else {
                            left.push(Task::Row(task));
                        }
                    }
                    // A row that panicked is a bug; its journal tells how far it came.
                    Some(Err(_)) => self.run.halt(Stop::Guard("a bug in swip ended a row".to_owned())),
                },
                Ok(_) = self.cancel.wait_for(|now| *now) => {}
            }
        }
        left.extend(queue);
        left
    }

    fn signalled(&self) -> bool {
        *self.run.stop.borrow() == Some(Stop::Signal) || *self.cancel.borrow()
    }
}

/// What became of a task.
enum After {
    Done,
    Left(Box<RowTask>),
    Again(Box<RowTask>),
}

async fn drive<R: Registry>(run: &Run<R>, task: Task, until: Until) -> After {
    match task {
        Task::Row(mut row) => {
            let back = row.drive(run, until).await;
            match (back, row.machine.outcome()) {
                (true, _) => After::Again(row),
                (false, None) => After::Left(row),
                (false, Some(_)) => After::Done,
            }
        }
        Task::Change(change) => {
            let id = change.id;
            if change.drive(run).await {
                run.is_gone(id);
            }
            After::Done
        }
    }
}

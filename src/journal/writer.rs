//! The one writer of a run: commits of many rows become one, and a failure is final.
//!
//! While one commit is on its way to the disk the next ones gather, and go together (group
//! commit). Must not know: what is written.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::Journal;
use super::store::{Change, StoreError};

/// Where a waiting commit is told its fate.
type Told = oneshot::Sender<Result<(), StoreError>>;

/// A commit that waits.
type Waiting = (Vec<Change>, Told);

/// Shared by every row of a run.
#[derive(Clone, Debug)]
pub struct Writer {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    journal: Arc<Mutex<Held>>,
}

#[derive(Debug)]
struct Held {
    journal: Option<Journal>,
    /// The first failure: after it nothing is asked of the store again.
    failed: Option<StoreError>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Writer {
    /// A writer of a journal.
    #[must_use]
    pub fn new(journal: Journal) -> Self {
        let held = Held { journal: Some(journal), failed: None };
        Self { waiting: Arc::default(), journal: Arc::new(Mutex::new(held)) }
    }

    /// Makes changes durable, together with those of other rows.
    ///
    /// # Errors
    /// [`StoreError`]; every later commit fails with the same.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let (tell, told) = oneshot::channel();
        locked(&self.waiting).push((changes, tell));
        let own = self.clone();
        // Off the runtime's threads, and it ends even if nobody waits for it any more.
        tokio::task::spawn_blocking(move || own.flush());
        told.await.unwrap_or_else(|_| Err(StoreError::Failed("the writer ended".to_owned())))
    }

    /// Commits everything that waits; whoever comes later finds nothing left.
    fn flush(&self) {
        let mut held = locked(&self.journal);
        let batch = std::mem::take(&mut *locked(&self.waiting));
        if batch.is_empty() {
            return;
        }
        let (changes, told): (Vec<Vec<Change>>, Vec<Told>) = batch.into_iter().unzip();
        let result = held.commit(&changes.concat());
        for tell in told {
            // A row that no longer waits was aborted.
            let _ = tell.send(result.clone());
        }
    }

    /// Ends the writer and gives the journal back; what still waits is committed first.
    #[must_use]
    pub fn end(&self) -> Option<Journal> {
        self.flush();
        locked(&self.journal).journal.take()
    }
}

impl Held {
    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        let Some(journal) = &mut self.journal else {
            return Err(StoreError::Failed("the journal is closed".to_owned()));
        };
        let result = journal.commit(changes);
        if let Err(fault) = &result {
            self.failed = Some(fault.clone());
        }
        result
    }
}

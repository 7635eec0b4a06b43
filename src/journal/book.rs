//! A journal: runs with their checked plans, and what is remembered across them.
//!
//! Owns what a journal is bound to and the questions that are asked of it. Must not know: where
//! its facts lie (`store`), what events mean.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};

use super::JournalError;
use super::event::Event;
use super::memory::{Doubt, GeneratedName, Known, KnownKey, Refused};
use super::sqlite::SqliteStore;
use super::store::{Change, RunHead, RunRecord, Store, StoreError, Totals};
use crate::domain::{AddressRange, NetName, OrgHandle};
use crate::plan::{Plan, StepKey};

/// An open journal.
pub struct Journal {
    path: PathBuf,
    store: Box<dyn Store>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(not(feature = "crash-points"))]
fn boxed(store: SqliteStore) -> Box<dyn Store> {
    Box::new(store)
}

/// With a crash point before and after each call.
#[cfg(feature = "crash-points")]
fn boxed(store: SqliteStore) -> Box<dyn Store> {
    Box::new(super::crashing::Crashing(store))
}

impl Journal {
    /// Opens or creates the journal of a file, and locks it for as long as it is open.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        Ok(Self { path: path.to_owned(), store: boxed(SqliteStore::open(path)?) })
    }

    /// Opens an existing journal for reading, without its lock.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        Ok(Self { path: path.to_owned(), store: boxed(SqliteStore::read(path)?) })
    }

    /// A journal whose facts lie in any store.
    #[must_use]
    pub fn of(path: PathBuf, store: Box<dyn Store>) -> Self {
        Self { path, store }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its store, to read what is remembered across runs.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// Makes changes, all or none; they are durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`], after which nothing more may be sent.
    pub fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.store.commit(changes)
    }

    /// Binds the journal to a registry the first time, and refuses any other afterwards.
    ///
    /// # Errors
    /// [`JournalError::Foreign`].
    pub fn bind(&mut self, registry: &str) -> Result<(), JournalError> {
        match self.store.meta("registry")? {
            None => {
                let value = registry.to_owned();
                Ok(self.commit(&[Change::Meta { name: "registry", value }])?)
            }
            Some(bound) if bound == registry => Ok(()),
            Some(bound) => Err(JournalError::Foreign {
                path: self.path.clone(),
                bound,
                asked: registry.to_owned(),
            }),
        }
    }

    /// Refuses orgs of which the journal knows none, once it knows any: it belongs to the orgs
    /// whose nets its keys have read. One more org beside known ones is taken in.
    ///
    /// # Errors
    /// [`JournalError::Foreign`].
    pub fn check_orgs(&self, orgs: &BTreeSet<OrgHandle>) -> Result<(), JournalError> {
        let known: BTreeSet<OrgHandle> = self.store.keys()?.into_iter().map(|k| k.org).collect();
        if known.is_empty() || orgs.is_empty() || !known.is_disjoint(orgs) {
            return Ok(());
        }
        let list = |orgs: &BTreeSet<OrgHandle>| {
            orgs.iter().map(OrgHandle::as_str).collect::<Vec<_>>().join(", ")
        };
        Err(JournalError::Foreign {
            path: self.path.clone(),
            bound: list(&known),
            asked: list(orgs),
        })
    }

    /// Refuses a key that is not the one an org's nets were read with, unless it is accepted.
    ///
    /// # Errors
    /// [`JournalError::OtherKey`].
    pub fn check_key(&self, fingerprint: &str, accept_new: bool) -> Result<(), JournalError> {
        let keys = self.store.keys()?;
        if accept_new || keys.is_empty() || keys.iter().any(|k| k.fingerprint == fingerprint) {
            return Ok(());
        }
        Err(JournalError::OtherKey { path: self.path.clone() })
    }

    /// What fingerprints of keys are salted with: the same key looks different in each journal.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn salt(&self) -> Result<String, StoreError> {
        Ok(self.store.meta("lineage")?.unwrap_or_default())
    }

    /// Notes that a key has read a net of an org.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn accept_key(&mut self, org: OrgHandle, fingerprint: &str) -> Result<(), StoreError> {
        let (fingerprint, since) = (fingerprint.to_owned(), jiff::Timestamp::now().to_string());
        let known = self.store.keys()?;
        if known.iter().any(|key| key.org == org && key.fingerprint == fingerprint) {
            return Ok(());
        }
        self.commit(&[Change::Key(KnownKey { org, fingerprint, since })])
    }

    /// Begins a run with its checked plan, together with `more` changes that belong to its
    /// beginning; gives its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin(
        &mut self,
        record: &RunRecord,
        plan: &Plan,
        more: impl FnOnce(i64) -> Vec<Change>,
    ) -> Result<i64, StoreError> {
        let last = self.store.runs()?.last().map_or(0, |head| head.run);
        let run = last + 1;
        let (record, plan) = (Box::new(record.clone()), Box::new(plan.clone()));
        let mut changes = vec![Change::Begin { run, record, plan }];
        changes.extend(more(run));
        self.commit(&changes)?;
        Ok(run)
    }

    /// All runs, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn runs(&self) -> Result<Vec<RunHead>, StoreError> {
        self.store.runs()
    }

    /// A run by number, else the last one, with its plan.
    ///
    /// # Errors
    /// [`JournalError::Empty`] when there is none, [`JournalError::NoRun`] for an unknown number.
    pub fn run(&self, number: Option<i64>) -> Result<(RunHead, Plan), JournalError> {
        let runs = self.store.runs()?;
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
            return Err(JournalError::Empty(self.path.clone()));
        };
        let head = match number {
            None => last.clone(),
            Some(run) => runs.iter().find(|head| head.run == run).cloned().ok_or_else(|| {
                let path = self.path.clone();
                JournalError::NoRun { path, run, first: first.run, last: last.run }
            })?,
        };
        let plan = self.store.plan(head.run)?;
        Ok((head, plan))
    }

    /// All events of a run: row and event, in the order they happened.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn events(&self, run: i64) -> Result<Vec<(u64, Event)>, StoreError> {
        self.store.events(run)
    }

    /// Appends events of a row; they are on the disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`], after which nothing more may be sent.
    pub fn append(&mut self, run: i64, row: u64, events: &[Event]) -> Result<(), StoreError> {
        let change = |event: &Event| Change::Event { run, row, event: event.clone() };
        self.commit(&events.iter().map(change).collect::<Vec<_>>())
    }

    /// Requests of a run so far.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn totals(&self, run: i64) -> Result<Totals, StoreError> {
        let runs = self.store.runs()?;
        Ok(runs.iter().find(|head| head.run == run).map(|head| head.totals).unwrap_or_default())
    }

    /// Ends a run, or one of its processes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn finish(&mut self, run: i64, at: &str, exit_code: u8) -> Result<(), StoreError> {
        self.commit(&[Change::Finish { run, at: at.to_owned(), exit_code }])
    }

    /// Registrations that swip made, adopted or found, by identity.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn known(&self) -> Result<HashMap<StepKey, Known>, StoreError> {
        Ok(self.store.known()?.into_iter().map(|known| (known.key.clone(), known)).collect())
    }

    /// Names that swip made, by block.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn names(&self) -> Result<HashMap<AddressRange, NetName>, StoreError> {
        let pair = |name: GeneratedName| (name.block, name.name);
        Ok(self.store.names()?.into_iter().map(pair).collect())
    }

    /// Rows that the registry refused, by identity.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn refused(&self) -> Result<HashMap<StepKey, Refused>, StoreError> {
        Ok(self.store.refused()?.into_iter().map(|row| (row.key.clone(), row)).collect())
    }

    /// Writes whose outcome is open, of whatever run, by identity.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn doubts(&self) -> Result<HashMap<StepKey, Doubt>, StoreError> {
        Ok(self.store.doubts()?.into_iter().map(|doubt| (doubt.key.clone(), doubt)).collect())
    }
}

//! A store with a crash point before and after each of its calls.
//!
//! Must not know: which store it wraps.

use std::path::Path;

use super::event::Event;
use super::memory::{AcceptedInput, Doubt, GeneratedName, Known, KnownKey, Missing, Refused};
use super::store::{Change, RunHead, Store, StoreError};
use crate::crash::point;
use crate::plan::Plan;

/// The wrapper.
pub(super) struct Crashing<S>(pub(super) S);

/// One call between two points.
fn between<T>(name: &str, call: impl FnOnce() -> T) -> T {
    point(&format!("before {name}"));
    let result = call();
    point(&format!("after {name}"));
    result
}

impl<S: Store> Store for Crashing<S> {
    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        between("commit", || self.0.commit(changes))
    }

    fn meta(&self, name: &str) -> Result<Option<String>, StoreError> {
        between("meta", || self.0.meta(name))
    }

    fn runs(&self) -> Result<Vec<RunHead>, StoreError> {
        between("runs", || self.0.runs())
    }

    fn plan(&self, run: i64) -> Result<Plan, StoreError> {
        between("plan", || self.0.plan(run))
    }

    fn events(&self, run: i64) -> Result<Vec<(u64, Event)>, StoreError> {
        between("events", || self.0.events(run))
    }

    fn known(&self) -> Result<Vec<Known>, StoreError> {
        between("known", || self.0.known())
    }

    fn names(&self) -> Result<Vec<GeneratedName>, StoreError> {
        between("names", || self.0.names())
    }

    fn inputs(&self) -> Result<Vec<AcceptedInput>, StoreError> {
        between("inputs", || self.0.inputs())
    }

    fn missing(&self) -> Result<Vec<Missing>, StoreError> {
        between("missing", || self.0.missing())
    }

    fn keys(&self) -> Result<Vec<KnownKey>, StoreError> {
        between("keys", || self.0.keys())
    }

    fn refused(&self) -> Result<Vec<Refused>, StoreError> {
        between("refused", || self.0.refused())
    }

    fn doubts(&self) -> Result<Vec<Doubt>, StoreError> {
        between("doubts", || self.0.doubts())
    }

    fn is_restored(&self) -> Result<bool, StoreError> {
        self.0.is_restored()
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        self.0.check()
    }

    fn backup(&self, to: &Path) -> Result<(), StoreError> {
        between("backup", || self.0.backup(to))
    }
}

//! The store: where a journal's facts lie, as a trait, so that SQLite is one choice of several.
//!
//! Owns the changes a store takes and what it promises: all of a commit or none, durable when
//! it returns. Must not know: files, SQL, why a change is made.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::memory::{AcceptedInput, Doubt, GeneratedName, Known, KnownKey, Missing, Refused};
use crate::domain::AddressRange;
use crate::plan::{Plan, StepKey};

/// Why a store failed. After a failed commit nothing more may be sent: what was durable is not
/// known, and asking again would not tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A write, a sync or a read failed: disk full, I/O error, limit.
    #[error("the journal failed: {0}")]
    Failed(String),
    /// What is stored makes no sense.
    #[error("the journal is damaged: {0}; swip journal check says more")]
    Damaged(String),
}

/// Facts of a run, stored when it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunRecord {
    /// `submit`, `sync`.
    pub command: String,
    /// `practice`, `ote`, `arin` or the URL.
    pub registry: String,
    /// SHA-256 of the inputs.
    pub input_sha256: String,
    /// RFC 3339.
    pub started_at: String,
    /// `inline` or `separate`.
    pub separate_customers: bool,
    /// Path stem of the inner practice registry's files.
    pub practice_stem: Option<std::path::PathBuf>,
    /// The rate, as people write it.
    pub rate: Option<String>,
    /// Rejections after which it stops, if set.
    pub max_errors: Option<u64>,
    /// `auto`, `always` or `never`, if set.
    pub look_first: Option<String>,
    /// The only rows it writes; empty for all.
    pub only: Vec<u64>,
}

/// Requests of a run, over all its processes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Handed to the kernel.
    pub sent: u64,
    /// Of those, repeats.
    pub retried: u64,
    /// Most in any window.
    pub worst: u64,
}

impl Totals {
    /// Those of an earlier process and of a later one.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        Self {
            sent: self.sent + later.sent,
            retried: self.retried + later.retried,
            worst: self.worst.max(later.worst),
        }
    }
}

/// A run without its plan and events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunHead {
    /// Its number, from 1.
    pub run: i64,
    /// Its facts.
    pub record: RunRecord,
    /// Its requests so far.
    pub totals: Totals,
    /// When its last process ended; RFC 3339.
    pub finished_at: Option<String>,
    /// Exit code of its last process.
    pub exit_code: Option<u8>,
}

/// One change of the stored facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A run begins, with its checked plan.
    Begin {
        /// Its number: one more than the last.
        run: i64,
        /// Its facts.
        record: Box<RunRecord>,
        /// Its plan.
        plan: Box<Plan>,
    },
    /// Something happened to a row.
    Event {
        /// The run.
        run: i64,
        /// The row.
        row: u64,
        /// What.
        event: Event,
    },
    /// Requests of a run so far.
    Totals {
        /// The run.
        run: i64,
        /// How many.
        totals: Totals,
    },
    /// A process of a run ends.
    Finish {
        /// The run.
        run: i64,
        /// RFC 3339.
        at: String,
        /// Its exit code.
        exit_code: u8,
    },
    /// A registration is made, adopted, found or read again.
    Know(Box<Known>),
    /// A registration is gone.
    Forget(StepKey),
    /// A net name was made for a block.
    Name(GeneratedName),
    /// A name is no longer needed.
    Unname(AddressRange),
    /// An input was accepted.
    Input(AcceptedInput),
    /// An accepted input lacks a registration.
    Missing(Missing),
    /// An accepted input names it again.
    Present(StepKey),
    /// A key has read a net of an org; the latest one counts.
    Key(KnownKey),
    /// The registry refused a body.
    Refused(Refused),
    /// This content was registered after all; a refusal of other content for the same block stands.
    Unrefused {
        /// The row's identity.
        key: StepKey,
        /// SHA-256 of what was registered.
        body_sha256: String,
    },
    /// A write is about to leave, or a person must settle it.
    Doubt(Box<Doubt>),
    /// It is settled.
    Settled(StepKey),
    /// A named value: the binding, the lineage.
    Meta {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// Everything a put-back copy may not know was read again at the registry.
    Reread,
    /// Runs before this one are dropped, with plan and events; what is remembered across runs
    /// stays.
    DropRunsBefore(i64),
}

/// A place that keeps a journal's facts.
///
/// One process writes at a time: opening a store for writing takes its lock.
pub trait Store: Send {
    /// Makes changes, all or none; they are durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`], after which no request may be sent.
    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError>;

    /// A named value.
    ///
    /// # Errors
    /// [`StoreError`].
    fn meta(&self, name: &str) -> Result<Option<String>, StoreError>;

    /// All runs, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    fn runs(&self) -> Result<Vec<RunHead>, StoreError>;

    /// The plan of a run.
    ///
    /// # Errors
    /// [`StoreError`]; `Damaged` when there is no such run.
    fn plan(&self, run: i64) -> Result<Plan, StoreError>;

    /// The events of a run: row and event, in the order they happened.
    ///
    /// # Errors
    /// [`StoreError`].
    fn events(&self, run: i64) -> Result<Vec<(u64, Event)>, StoreError>;

    /// Every registration that swip made, adopted or found.
    ///
    /// # Errors
    /// [`StoreError`].
    fn known(&self) -> Result<Vec<Known>, StoreError>;

    /// Every name that swip made.
    ///
    /// # Errors
    /// [`StoreError`].
    fn names(&self) -> Result<Vec<GeneratedName>, StoreError>;

    /// Accepted inputs, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn inputs(&self) -> Result<Vec<AcceptedInput>, StoreError>;

    /// Registrations that accepted inputs no longer name.
    ///
    /// # Errors
    /// [`StoreError`].
    fn missing(&self) -> Result<Vec<Missing>, StoreError>;

    /// Keys that have read a net of an org, one an org.
    ///
    /// # Errors
    /// [`StoreError`].
    fn keys(&self) -> Result<Vec<KnownKey>, StoreError>;

    /// Rows that the registry refused.
    ///
    /// # Errors
    /// [`StoreError`].
    fn refused(&self) -> Result<Vec<Refused>, StoreError>;

    /// Writes whose outcome is open.
    ///
    /// # Errors
    /// [`StoreError`].
    fn doubts(&self) -> Result<Vec<Doubt>, StoreError>;

    /// Whether it is older than what was last written to this place: an earlier copy was put
    /// back, and things happened that it does not know. Stays so until [`Change::Reread`].
    ///
    /// # Errors
    /// [`StoreError`].
    fn is_restored(&self) -> Result<bool, StoreError>;

    /// Looks for damage; a list of what was found, empty when sound.
    ///
    /// # Errors
    /// [`StoreError`] when even looking fails.
    fn check(&self) -> Result<Vec<String>, StoreError>;

    /// Writes a whole copy to a new file.
    ///
    /// # Errors
    /// [`StoreError`].
    fn backup(&self, to: &Path) -> Result<(), StoreError>;
}

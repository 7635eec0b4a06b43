//! A sync's plan as a file: exactly what will be sent, once, and only while nothing moved.
//!
//! **Stored form**: fields may be added with a default. Owns its digest and the comparison of two
//! plans. Must not know: files, the journal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Change, Diff, Verb};
use crate::plan::Plan;

/// Version of the file.
pub const SAVED_VERSION: u32 = 1;

/// What a saved plan was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A plan and what was registered.
    Inputs {
        /// SHA-256 of the inputs.
        input_sha256: String,
        /// SHA-256 of the parents file.
        parents_sha256: String,
    },
    /// An earlier run, which it takes back.
    Undo {
        /// Its number.
        run: i64,
    },
}

/// A plan to be applied later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// Version of the file.
    pub version: u32,
    /// What the journal is bound to: the registry, or the id of a practice world.
    pub registry: String,
    /// The last run of the journal when the plan was made; applying it makes another.
    pub after_run: i64,
    /// RFC 3339.
    pub made_at: String,
    /// What it was made from.
    pub basis: Basis,
    /// The options that name its files, for the command line to read again.
    #[serde(default)]
    pub arguments: serde_json::Value,
    /// Every row.
    pub plan: Plan,
    /// Every change, guards applied.
    pub diff: Diff,
    /// SHA-256 of all the rest.
    #[serde(default)]
    pub digest: String,
}

/// A plan file that is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    /// No JSON of the right shape.
    #[error("it is no plan of swip sync --plan-out: {0}")]
    Unreadable(String),
    /// Of another version.
    #[error("it is a plan of version {found}; this swip applies version {SAVED_VERSION}")]
    Version {
        /// Its version.
        found: u32,
    },
    /// Changed after it was written.
    #[error("it was changed after it was written; make it again with --plan-out")]
    Digest,
}

impl SavedPlan {
    /// Whether it takes an earlier run back.
    #[must_use]
    pub const fn is_undo(&self) -> bool {
        matches!(self.basis, Basis::Undo { .. })
    }

    /// Fills in the digest.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.digest = self.computed();
        self
    }

    /// Reads a plan file.
    ///
    /// # Errors
    /// [`SavedError`].
    pub fn parse(text: &[u8]) -> Result<Self, SavedError> {
        let saved: Self = serde_json::from_slice(text)
            .map_err(|fault| SavedError::Unreadable(fault.to_string()))?;
        if saved.version != SAVED_VERSION {
            return Err(SavedError::Version { found: saved.version });
        }
        if saved.computed() != saved.digest {
            return Err(SavedError::Digest);
        }
        Ok(saved)
    }

    /// SHA-256 of everything but the digest, in hex.
    fn computed(&self) -> String {
        let bare = Self { digest: String::new(), ..self.clone() };
        let text = serde_json::to_vec(&bare).unwrap_or_default();
        Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// Blocks whose changes differ between a saved plan and the same plan made now.
#[must_use]
pub fn moved(saved: &Diff, now: &Diff) -> Vec<String> {
    // Guards are of a run, not of the difference: what is held counts too.
    let differs = |change: &&Change| !matches!(change.verb, Verb::Unchanged | Verb::Unplanned);
    let by_key = |diff: &Diff| -> BTreeMap<_, Change> {
        let changes = diff.changes.iter().filter(differs);
        changes.map(|change| (change.key(), change.clone())).collect()
    };
    let (saved, now) = (by_key(saved), by_key(now));
    let name = |change: &Change| match change.row {
        Some(row) => format!("row {row} ({})", change.block),
        None => change.block.to_string(),
    };
    let gone =
        saved.iter().filter(|(key, change)| now.get(key).is_none_or(|other| !same(change, other)));
    let new = now.iter().filter(|(key, _)| !saved.contains_key(key));
    gone.chain(new).map(|(_, change)| name(change)).collect()
}

/// Whether two changes do the same to the same registration.
fn same(a: &Change, b: &Change) -> bool {
    let before = match (&a.before, &b.before) {
        (Some(a), Some(b)) => a.is_same_registration(b),
        (a, b) => a.is_none() && b.is_none(),
    };
    before && a.verb == b.verb && a.row == b.row
}

//! How a plan is submitted, and the numbers that bound it.
//!
//! Must not know: rows, the registry.

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::OrgHandle;
use crate::journal::Refused;
use crate::plan::StepKey;

/// Rejections after which a run stops.
pub const MAX_ERRORS: u64 = 20;

/// When a row's range is read before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookFirst {
    /// Until `look_until_absent` rows in a row were absent.
    Auto,
    /// Always.
    Always,
    /// Only to settle doubt.
    Never,
}

/// How a plan is submitted.
#[derive(Clone, Debug)]
pub struct SubmitOptions {
    /// Rows in flight.
    pub concurrency: usize,
    /// Wait before an unknown outcome is read back.
    pub settle: Duration,
    /// When to look first.
    pub look_first: LookFirst,
    /// Create customers in calls of their own.
    pub separate_customers: bool,
    /// Rejections after which the run stops.
    pub max_errors: u64,
    /// Rows to send at most.
    pub limit: Option<u64>,
    /// The only rows to send; empty for all.
    pub only: Vec<u64>,
    /// Only settle what is open; send nothing new.
    pub settle_only: bool,
    /// Rows an earlier run saw refused.
    pub refused: HashMap<StepKey, Refused>,
    /// Send refused bodies again before `refused_days` are over.
    pub retry_refused: bool,
    /// The key, and what it was known for.
    pub key: KeyOptions,
}

/// The keys of a run as the journal knows keys.
#[derive(Clone, Debug, Default)]
pub struct KeyOptions {
    /// Its fingerprint; empty where keys are not noted.
    pub common: String,
    /// Fingerprints of keys that are one org's alone.
    pub by_org: HashMap<OrgHandle, String>,
    /// Fingerprints by the org whose nets they have read.
    pub known: HashMap<OrgHandle, String>,
    /// Take a new one.
    pub accept_new: bool,
}

impl KeyOptions {
    /// The fingerprint of the key that an org's nets are read and written with.
    #[must_use]
    pub fn of(&self, org: &OrgHandle) -> &str {
        self.by_org.get(org).unwrap_or(&self.common)
    }
}

/// Why a run stopped before its plan was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The registry refused the key.
    Key(String),
    /// The registry is unreachable or in outage.
    Registry(String),
    /// The registry asks for too long a pause.
    Pause(String),
    /// Too many rejections, or the limit.
    Guard(String),
    /// A signal.
    Signal,
    /// The journal failed.
    Journal(String),
}

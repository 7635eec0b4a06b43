//! The practice registry inside `submit` and `resume`: started with the plan's parents.
//!
//! Owns where its world lies and what it is seeded with. Must not know: submission.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use super::failure::{Exit, Failure};
use crate::domain::{Assignment, CustomerHandle, OrgHandle, OrgRecipient, SimpleRecipient};
use crate::plan::Plan;
use crate::practice::{self, Practice, PracticeOptions, Profile, StorePaths};

/// The files of a world: `STEM.swip-practice.log`, `….json`, `…-ledger.ndjson`.
#[must_use]
pub(super) fn store(stem: &Path) -> StorePaths {
    let with = |suffix: &str| {
        let mut name = stem.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    StorePaths {
        log: with(".swip-practice.log"),
        snapshot: with(".swip-practice.json"),
        ledger: with(".swip-practice-ledger.ndjson"),
    }
}

/// Starts one for a plan.
///
/// # Errors
/// A world that cannot be opened (exit 9).
pub(super) async fn start(plan: &Plan, stem: Option<&Path>) -> Result<Practice, Failure> {
    let (orgs, customers) = recipients(plan);
    let options = PracticeOptions {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        parents: plan.parents.clone(),
        orgs,
        customers,
        profile: Profile::Current,
        store: stem.map(store),
    };
    practice::start(options).await.map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))
}

/// The orgs and customers a plan names.
#[must_use]
pub(super) fn recipients(plan: &Plan) -> (Vec<OrgHandle>, Vec<CustomerHandle>) {
    let (mut orgs, mut customers) = (BTreeSet::new(), BTreeSet::new());
    for (_, step) in plan.steps() {
        match &step.assignment {
            Assignment::ReassignSimple(SimpleRecipient::Existing(handle)) => {
                customers.insert(handle.clone());
            }
            Assignment::ReassignDetailed(OrgRecipient::Existing(handle))
            | Assignment::Reallocate(OrgRecipient::Existing(handle)) => {
                orgs.insert(handle.clone());
            }
            _ => {}
        }
    }
    (orgs.into_iter().collect(), customers.into_iter().collect())
}

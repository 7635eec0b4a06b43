//! The practice registry inside `submit` and `resume`: started with the plan's parents.
//!
//! Owns where its world lies and what it is seeded with. Must not know: submission.

use std::collections::BTreeSet;
use std::path::Path;

use super::failure::{Exit, Failure};
use crate::domain::{Assignment, CustomerHandle, OrgHandle, OrgRecipient, Parent, SimpleRecipient};
use crate::intake;
use crate::plan::Plan;
use crate::practice::{self, Practice, PracticeOptions, StorePaths};

/// The files of the world beside a plan's journal: `STEM.swip-practice.log` and more.
#[must_use]
pub(super) fn store(stem: &Path) -> StorePaths {
    let mut name = stem.as_os_str().to_owned();
    name.push(".swip-practice");
    StorePaths::of(Path::new(&name))
}

/// The files of a world that is named by hand: FILE itself when it is named `….json`, else
/// `FILE.swip-practice.json`.
#[must_use]
pub(super) fn state(file: &Path) -> StorePaths {
    if file.extension().is_some_and(|extension| extension == "json") {
        return StorePaths::of(file);
    }
    store(file)
}

/// Starts one for a plan.
///
/// # Errors
/// A world that cannot be opened (exit 9).
pub(super) async fn start(plan: &Plan, stem: Option<&Path>) -> Result<Practice, Failure> {
    let (orgs, customers) = recipients(plan);
    let options = PracticeOptions {
        parents: plan.parents.clone(),
        orgs,
        customers,
        store: stem.map(store),
        ..PracticeOptions::default()
    };
    practice::start(options).await.map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))
}

/// Starts one for single calls, with its world kept in a file.
///
/// # Errors
/// A world that cannot be opened (exit 9).
pub(super) async fn world(parents: Vec<Parent>, file: &Path) -> Result<Practice, Failure> {
    let options =
        PracticeOptions { parents, store: Some(state(file)), ..PracticeOptions::default() };
    practice::start(options).await.map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))
}

/// The parents in a file.
///
/// # Errors
/// The file's first finding (exit 3).
pub(super) fn parents(path: &Path) -> Result<Vec<Parent>, Failure> {
    let (parents, findings) = intake::parents::read(path)
        .map_err(|fault| Failure::new(Exit::Input, fault.to_string()))?;
    match findings.first() {
        Some(finding) => {
            let text = format!("{}: {}", path.display(), finding.message);
            Err(Failure::new(Exit::Input, text))
        }
        None => Ok(parents),
    }
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

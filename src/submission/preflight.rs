//! Before the first write: every parent is read once with the key.
//!
//! Owns what an unusable parent means for its rows, and which orgs the key proved itself for.
//! Must not know: how rows are driven.

use std::collections::BTreeSet;

use super::about::under;
use super::options::Stop;
use super::reader::{ReadFault, Registry};
use super::row::RowTask;
use super::run::Run;
use crate::domain::{NetHandle, OrgHandle, Registration};
use crate::journal::{Change, KnownKey, Outcome};
use crate::plan::Plan;
use crate::regrws::GetNet;

/// Why nothing is sent under a parent: a code and a sentence.
type Refusal = (String, String);

/// A managed parent of each org, to prove a key by.
pub(super) fn one_of_each_org(plan: &Plan) -> Vec<NetHandle> {
    let mut seen = BTreeSet::new();
    let managed = plan.parents.iter().filter(|parent| parent.managed);
    let first = managed.filter(|parent| seen.insert(parent.org.clone()));
    first.map(|parent| parent.net_handle.clone()).collect()
}

/// Reads every parent the rows name, and `more`; rows of an unusable one end here.
pub(super) async fn read_parents<R: Registry>(
    run: &Run<R>,
    tasks: &mut Vec<RowTask>,
    more: Vec<NetHandle>,
) {
    let rows = tasks.iter().map(|task| task.step.parent.clone());
    let parents: BTreeSet<NetHandle> = rows.chain(more).collect();
    let mut orgs = BTreeSet::new();
    let mut refusals: Vec<(NetHandle, Refusal)> = Vec::new();
    let mut refused_key = None;
    let mut usable = 0;
    for parent in parents {
        match under(&parent, run.registry.read(&GetNet(parent.clone()))).await {
            Ok(read) => {
                run.readable(parent.clone());
                usable += 1;
                match judged(&parent, &read.value) {
                    Ok(org) => orgs.extend(org),
                    Err(refusal) => refusals.push((parent, refusal)),
                }
            }
            Err(ReadFault::Absent) => {
                let message = format!("the registry has no net {parent}");
                refusals.push((parent, ("E_OBJECT_NOT_FOUND".to_owned(), message)));
            }
            Err(ReadFault::KeyRefused(reason)) => {
                let message = format!("the key has no authority over {parent}: {reason}");
                refused_key.get_or_insert(reason);
                refusals.push((parent, ("E_AUTHENTICATION".to_owned(), message)));
            }
            Err(ReadFault::NoMethod(reason) | ReadFault::Nothing(reason)) => {
                return run.halt(Stop::Registry(format!("{parent} cannot be read: {reason}")));
            }
            Err(fault) => return run.read_failed(&fault),
        }
    }
    if let (0, Some(reason)) = (usable, refused_key) {
        return run.halt(Stop::Key(reason));
    }
    note_key(run, orgs).await;
    refuse(run, tasks, &refusals).await;
}

/// Whether a parent can be reassigned from; if so, its org.
fn judged(parent: &NetHandle, net: &Registration) -> Result<Option<OrgHandle>, Refusal> {
    if !net.kind.can_be_subdivided() {
        let message = format!("{parent} is of type {}; only DA and A can be subdivided", net.kind);
        return Err(("parent-not-allocation".to_owned(), message));
    }
    Ok(net.holder.org().cloned())
}

/// Notes that the key has read a net of each org; another key than before must be accepted.
async fn note_key<R: Registry>(run: &Run<R>, orgs: BTreeSet<OrgHandle>) {
    let key = &run.options.key;
    if key.common.is_empty() || run.stopped() {
        return;
    }
    let strangers = !key.known.is_empty() && orgs.iter().all(|org| !key.known.contains_key(org));
    if strangers && !orgs.is_empty() {
        let list = |orgs: Vec<&str>| orgs.join(", ");
        let (known, found) = (key.known.keys(), orgs.iter());
        return run.halt(Stop::Guard(format!(
            "the journal belongs to {}, and the parents to {}; give another --journal",
            list(known.map(OrgHandle::as_str).collect()),
            list(found.map(OrgHandle::as_str).collect())
        )));
    }
    let other = |org: &&OrgHandle| key.known.get(*org).is_some_and(|f| f != key.of(org));
    if let (Some(org), false) = (orgs.iter().find(other), key.accept_new) {
        return run.halt(Stop::Guard(format!(
            "the nets of {org} were read with another API key before; if it was renewed, say --accept-new-key"
        )));
    }
    let new = orgs.into_iter().filter(|org| key.known.get(org).is_none_or(|f| f != key.of(org)));
    let changes: Vec<Change> = new
        .map(|org| {
            let (fingerprint, since) = (key.of(&org).to_owned(), super::now());
            Change::Key(KnownKey { org, fingerprint, since })
        })
        .collect();
    if !changes.is_empty() {
        // A failure to store it has stopped the run.
        let _ = run.commit(changes).await;
    }
}

/// Ends the rows of unusable parents, those whose write is open aside.
async fn refuse<R: Registry>(
    run: &Run<R>,
    tasks: &mut Vec<RowTask>,
    refusals: &[(NetHandle, Refusal)],
) {
    let mut kept = Vec::new();
    for mut task in std::mem::take(tasks) {
        let refusal = refusals.iter().find(|(parent, _)| *parent == task.step.parent);
        match refusal {
            Some((_, (code, message))) if !task.machine.is_open() && !run.stopped() => {
                let (code, message) = (code.clone(), message.clone());
                let outcome = Outcome::Rejected { code, message, net: None };
                if task.conclude(run, outcome, None).await.is_err() {
                    kept.push(task);
                }
            }
            _ => kept.push(task),
        }
    }
    *tasks = kept;
}

//! The beginning of a sync's run: what is accepted, what is missing, what was read.
//!
//! Must not know: the registry, arguments.

use std::collections::HashSet;

use super::known::Side;
use crate::journal::{
    AcceptedInput, Change, GeneratedName, Journal, Known, Missing, RunRecord, StoreError,
};
use crate::plan::diff::{HoldCode, Verb};
use crate::plan::{Plan, StepKey};

/// Begins the run; gives its number.
pub(super) fn begin(
    journal: &mut Journal,
    record: &RunRecord,
    plan: &Plan,
    side: &Side,
    accepted: Option<AcceptedInput>,
) -> Result<i64, StoreError> {
    let mut changes = read(plan, side);
    changes.extend(references(plan, side));
    if let Some(accepted) = accepted {
        changes.extend(missing(journal, plan, &accepted.at)?);
        changes.push(Change::Input(accepted));
    }
    journal.begin(record, plan, |_| {
        for (_, step) in plan.steps().filter(|(_, step)| step.name_generated) {
            let (block, name) = (step.block, step.net_name.clone());
            changes.push(Change::Name(GeneratedName { block, name }));
        }
        changes
    })
}

/// Counts how often registrations are missing, and forgets those that are back.
fn missing(journal: &Journal, plan: &Plan, at: &str) -> Result<Vec<Change>, StoreError> {
    let Some(diff) = &plan.sync else { return Ok(Vec::new()) };
    let mut before: std::collections::HashMap<StepKey, Missing> =
        journal.store().missing()?.into_iter().map(|m| (m.key.clone(), m)).collect();
    let mut changes = Vec::new();
    for change in diff.changes.iter().filter(|change| change.verb == Verb::Remove) {
        let key = change.key();
        match change.held.as_ref().map(|hold| hold.code) {
            // A row stands there, though it cannot speak for itself: it is not missing.
            Some(HoldCode::ProtectedByRow) => continue,
            // It might be the row that cannot be read: neither missing nor there.
            Some(HoldCode::UnreadRow) => {
                before.remove(&key);
                continue;
            }
            _ => {}
        }
        let counted = match before.remove(&key) {
            Some(missing) => Missing { inputs: missing.inputs + 1, ..missing },
            None => Missing { key, since: at.to_owned(), inputs: 1 },
        };
        changes.push(Change::Missing(counted));
    }
    changes.extend(before.into_keys().map(Change::Present));
    Ok(changes)
}

/// What was read this night.
fn read(plan: &Plan, side: &Side) -> Vec<Change> {
    // A net is known as its row's only where nothing differs.
    let equal = |id: u64| {
        let change = plan.sync.as_ref().and_then(|diff| diff.get(id));
        change.is_some_and(|change| change.verb == Verb::Unchanged)
    };
    let steps: std::collections::HashMap<StepKey, &crate::plan::Step> =
        plan.steps().filter(|(row, _)| equal(*row)).map(|(_, step)| (step.key(), step)).collect();
    let change = |(key, record): (&StepKey, &Option<crate::submission::record::Record>)| {
        let before = side.known.get(key);
        match (record, before) {
            (Some(record), _) => {
                let net = record.registered.net.clone();
                let image = record.image.clone();
                let step = steps.get(key).copied();
                let known = Known::read(key.clone(), before, net, image, step);
                Some(Change::Know(Box::new(known)))
            }
            (None, Some(known)) if known.ticket.is_none() => Some(Change::Forget(key.clone())),
            (None, _) => None,
        }
    };
    side.read.iter().filter_map(change).collect()
}

/// References of rows, so that a later move is seen as one.
fn references(plan: &Plan, side: &Side) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut named = HashSet::new();
    for row in &plan.rows {
        let (Some(parent), Some(block)) = (row.parent.clone(), row.block) else { continue };
        let key = StepKey { parent, block };
        let Some(known) = side.known.get(&key) else { continue };
        named.insert(key);
        if known.reference != row.reference
            && row.reference.is_some()
            && !side.read.contains_key(&known.key)
        {
            let known = Known { reference: row.reference.clone(), ..known.clone() };
            changes.push(Change::Know(Box::new(known)));
        }
    }
    changes
}

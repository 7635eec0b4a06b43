//! The facts the guards judge by, from journal, files and options.
//!
//! Must not know: what a guard decides.

use std::collections::{BTreeMap, HashMap};
use std::io::IsTerminal as _;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::cli::args::{Intake, Sync};
use crate::cli::failure::{Exit, Failure};
use crate::cli::target::Target;
use crate::domain::NetType;
use crate::journal::{AcceptedInput, Journal};
use crate::plan::Plan;
use crate::plan::diff::guards::{self, Facts, InputSize, Limits, Missing};

use super::known::Side;

/// The limits of a run.
pub(super) fn limits(args: &Sync, target: &Target) -> Limits {
    let local = target.is_local();
    let grace = if local { std::time::Duration::ZERO } else { guards::REMOVAL_GRACE };
    let additions = if local { None } else { Some(guards::ALLOW_ADDITIONS) };
    Limits {
        removals: args.allow_removals.unwrap_or(guards::ALLOW_REMOVALS),
        grace: args.removal_grace.unwrap_or(grace),
        max_change: args.max_change.unwrap_or(guards::MAX_CHANGE_PERCENT),
        changes: args.allow_changes,
        additions: args.allow_additions.or(additions),
        unprivate: args.allow_unprivate.unwrap_or(guards::ALLOW_UNPRIVATE),
        accept_shrink: args.accept_shrink,
        unattended: !std::io::stdin().is_terminal(),
    }
}

/// Today for ages and rotation: `--as-of`, else now.
pub(super) fn now(as_of: Option<Date>) -> Timestamp {
    let midnight = |date: Date| {
        jiff::tz::TimeZone::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok()
    };
    as_of.and_then(midnight).unwrap_or_else(Timestamp::now)
}

/// Rows of a plan, and under which parents.
pub(super) fn size(plan: &Plan) -> InputSize {
    let mut by_parent = BTreeMap::new();
    for parent in plan.rows.iter().filter_map(|row| row.parent.clone()) {
        *by_parent.entry(parent).or_insert(0) += 1;
    }
    InputSize { rows: plan.rows.len() as u64, by_parent }
}

/// SHA-256 of the files beside the inputs, by what they are.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn beside(intake: &Intake) -> Result<BTreeMap<String, String>, Failure> {
    let files = [("mapping", &intake.reading.mapping), ("parents", &intake.parents)];
    let mut hashes = BTreeMap::new();
    for (name, path) in files {
        if let Some(path) = path {
            hashes.insert(name.to_owned(), hash(path)?);
        }
    }
    Ok(hashes)
}

/// SHA-256 of a file, in hex.
///
/// # Errors
/// A file that cannot be read (exit 3).
pub(super) fn hash(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|fault| {
        Failure::new(Exit::Input, format!("cannot read {}: {fault}", path.display()))
    })?;
    Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The last accepted input of the journal.
pub(super) fn last(journal: Option<&Journal>) -> Result<Option<AcceptedInput>, Failure> {
    let Some(journal) = journal else { return Ok(None) };
    Ok(journal.store().inputs()?.pop())
}

/// Refuses an input that lost too much since the last accepted one.
///
/// # Errors
/// The guard's words (exit 6).
pub(super) fn shrink(
    plan: &Plan,
    last: Option<&AcceptedInput>,
    accept: Option<u64>,
) -> Result<(), Failure> {
    let last = last.map(|input| InputSize { rows: input.rows, by_parent: input.by_parent.clone() });
    let managed = |handle: &crate::domain::NetHandle| {
        let parent = plan.parents.iter().find(|parent| parent.net_handle == *handle);
        parent.is_none_or(|parent| parent.managed)
    };
    guards::shrunk(&size(plan), last.as_ref(), managed, accept)
        .map_err(|message| Failure::new(Exit::Stopped, format!("{message}. Nothing was sent")))
}

/// What the guards need to know.
///
/// # Errors
/// A journal that cannot be read.
pub(super) fn facts(
    journal: Option<&Journal>,
    side: &Side,
    last: Option<&AcceptedInput>,
    beside: &BTreeMap<String, String>,
    now: Timestamp,
) -> Result<Facts, Failure> {
    let mut missing = HashMap::new();
    for stored in
        journal.map(|journal| journal.store().missing()).transpose()?.into_iter().flatten()
    {
        let since = stored.since.parse().unwrap_or(now);
        let inputs = u64::from(stored.inputs) + 1;
        missing.insert(stored.key, Missing { since, inputs });
    }
    let changed = |last: &AcceptedInput| -> Vec<String> {
        let differs = |name: &&String| last.beside.get(*name) != beside.get(*name);
        let names: std::collections::BTreeSet<&String> =
            last.beside.keys().chain(beside.keys()).collect();
        names.into_iter().filter(differs).map(|name| format!("the {name} file")).collect()
    };
    let known = side.known.values();
    Ok(Facts {
        registrations: known.filter(|known| known.net.is_some()).count() as u64,
        missing,
        files_changed: last.map(changed).unwrap_or_default(),
        // Without a list, only what the registry has as reassignments is known to be childless.
        children_seen: !side.registered.iter().any(|net| net.net.kind == NetType::Reallocation),
        now,
    })
}

//! The facts the guards judge by, from journal, files and options.
//!
//! Must not know: what a guard decides.

use std::collections::{BTreeMap, HashMap};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::cli::args::{Intake, Sync};
use crate::cli::failure::{Exit, Failure};
use crate::cli::target::Target;
use crate::domain::NetType;
use crate::journal::{AcceptedInput, Journal, Refused};
use crate::plan::diff::guards::{self, Facts, InputSize, Limits, Missing};
use crate::plan::diff::{Change, Diff};
use crate::plan::{Plan, StepKey};
use crate::submission;

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
    let one = |path: &Option<PathBuf>| path.iter().cloned().collect::<Vec<_>>();
    let files = [
        ("mapping", one(&intake.reading.mapping)),
        ("parents", one(&intake.parents)),
        ("recipients", recipients(intake)),
    ];
    let mut hashes = BTreeMap::new();
    for (name, paths) in files {
        let each: Result<Vec<String>, Failure> = paths.iter().map(|path| hash(path)).collect();
        let each = each?;
        if !each.is_empty() {
            hashes.insert(name.to_owned(), each.join(" "));
        }
    }
    Ok(hashes)
}

/// Every recipients file, also one among the inputs.
fn recipients(intake: &Intake) -> Vec<PathBuf> {
    let inputs = intake.inputs.iter().filter(|path| crate::intake::formats::is_recipients(path));
    intake.reading.recipients.iter().chain(inputs).cloned().collect()
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
    diff: &Diff,
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
    let refused = journal.map(Journal::refused).transpose()?.unwrap_or_default();
    let known = side.known.values();
    Ok(Facts {
        refused: diff.changes.iter().filter_map(|change| same_refusal(change, &refused)).collect(),
        registrations: known.filter(|known| known.net.is_some()).count() as u64,
        missing,
        files_changed: last.map(changed).unwrap_or_default(),
        // Without a list, only what the registry has as reassignments is known to be childless.
        children_seen: side.listed
            || !side.registered.iter().any(|net| net.net.kind == NetType::Reallocation),
        now,
    })
}

/// The refusal of the very registration that a change asks for, if it is fresh and about itself.
fn same_refusal(change: &Change, refused: &HashMap<StepKey, Refused>) -> Option<(StepKey, String)> {
    let (step, refused) = (change.step()?, refused.get(&change.key())?);
    let age = refused.at.parse::<Timestamp>().ok().map(|at| Timestamp::now().duration_since(at));
    let fresh =
        age.is_none_or(|age| age.as_hours() / 24 < i64::from(crate::regrws::limits().refused_days));
    let same = refused.body_sha256 == submission::content_sha256(step);
    (fresh && same && !refused.is_overlap())
        .then(|| (change.key(), format!("{}: {}", refused.code, refused.message)))
}

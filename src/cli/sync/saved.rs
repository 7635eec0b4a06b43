//! Plans saved for later: written, read again, and refused when anything moved since.
//!
//! Must not know: how a plan is carried out.

use std::path::Path;
use std::sync::Arc;

use super::known::Side;
use super::{Evening, guard};
use crate::cli::args::{Intake, Sync};
use crate::cli::failure::{Exit, Failure};
use crate::cli::submit::job::Job;
use crate::journal::Journal;
use crate::plan::diff::saved::{Basis, SAVED_VERSION, moved};
use crate::plan::diff::{Diff, SavedPlan, Verb};
use crate::practice::Practice;
use crate::submission::about::under;
use crate::submission::{Counted, record};

/// How many moved rows a message names.
const NAMED_MAX: usize = 10;

/// Reads a plan file.
///
/// # Errors
/// A file that cannot be read, or is no untouched plan (exit 2).
pub(super) fn read(path: &Path) -> Result<SavedPlan, Failure> {
    let fault = |what: String| Failure::usage(format!("{}: {what}", path.display()));
    let bytes = std::fs::read(path).map_err(|e| fault(e.to_string()))?;
    SavedPlan::parse(&bytes).map_err(|e| fault(e.to_string()))
}

/// The arguments of the night in which the plan was made, with tonight's pace and files.
///
/// # Errors
/// A plan whose arguments cannot be read.
pub(super) fn arguments(saved: &SavedPlan, args: &Sync) -> Result<Sync, Failure> {
    let mut args = args.clone();
    if !args.intake.inputs.is_empty() {
        return Err(Failure::usage("--plan names its own inputs; leave INPUT away"));
    }
    if !saved.is_undo() {
        args.intake = serde_json::from_value(saved.arguments.clone())
            .map_err(|fault| Failure::usage(format!("the plan's options: {fault}")))?;
    }
    // What was sound then is compared again now; rows with errors stay out as they did.
    args.skip_invalid = true;
    Ok(args)
}

/// The evening of a plan that takes a run back: it has no input of its own.
pub(super) fn evening(saved: &SavedPlan) -> Option<Evening> {
    let plan = saved.plan.clone();
    Some(Evening { plan, listed: Vec::new(), invalid: false, sha256: String::new(), undo: true })
}

/// What the journal is bound to, or would be.
///
/// # Errors
/// A journal that cannot be read.
pub(super) async fn registry(
    journal: Option<&Journal>,
    practice: Option<&Practice>,
    job: &Job<'_>,
) -> Result<String, Failure> {
    let bound = journal.map(|journal| journal.store().meta("registry")).transpose()?.flatten();
    match bound {
        Some(bound) => Ok(bound),
        // One that does not answer now is told when the plan is applied.
        None => Ok(job.binding(practice).await.unwrap_or_default()),
    }
}

/// Writes a plan.
///
/// # Errors
/// A file that cannot be written (exit 9).
pub(super) fn write(
    path: &Path,
    evening: &Evening,
    args: &Sync,
    journal: Option<&Journal>,
    registry: String,
) -> Result<(), Failure> {
    let mut plan = evening.plan.clone();
    let diff = plan.sync.take().map(|diff| *diff).unwrap_or_default();
    let parents = args.intake.parents.as_deref().map(guard::hash).transpose()?;
    let runs = journal.map(Journal::runs).transpose()?.unwrap_or_default();
    let saved = SavedPlan {
        version: SAVED_VERSION,
        registry,
        after_run: runs.last().map_or(0, |head| head.run),
        made_at: jiff::Timestamp::now().to_string(),
        basis: Basis::Inputs {
            input_sha256: evening.sha256.clone(),
            parents_sha256: parents.unwrap_or_default(),
        },
        arguments: intake(&args.intake)?,
        plan,
        diff,
        digest: String::new(),
    };
    store(path, saved)
}

fn intake(intake: &Intake) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(intake).map_err(|fault| Failure::new(Exit::Bug, fault.to_string()))
}

/// Writes a plan file beside its place, private to the user, then moves it there.
///
/// # Errors
/// A file that cannot be written (exit 9).
pub(super) fn store(path: &Path, saved: SavedPlan) -> Result<(), Failure> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(directory.unwrap_or(Path::new(".")))?;
    serde_json::to_writer(&mut file, &saved.sealed()).map_err(std::io::Error::from)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|fault| Failure::from(fault.error))?;
    Ok(())
}

/// Whether the plan is for this journal, and was not applied yet.
///
/// # Errors
/// Why not (exit 6).
pub(super) fn fits(saved: &SavedPlan, journal: &Journal, binding: &str) -> Result<(), Failure> {
    if !saved.registry.is_empty() && saved.registry != binding {
        let message = format!("the plan was made for {}, not for {binding}", saved.registry);
        return Err(Failure::usage(message));
    }
    let last = journal.runs()?.last().map_or(0, |head| head.run);
    if last == saved.after_run {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Stopped,
        format!(
            "the plan was made after run {}, and run {last} followed: it was applied already, or another run changed things; make it again with --plan-out. Nothing was sent",
            saved.after_run
        ),
    ))
}

fn refused(moved: &[String]) -> Failure {
    let shown = moved.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    let more = moved.len().saturating_sub(NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Failure::new(
        Exit::Stopped,
        format!(
            "input, parents or registry moved since the plan was made: {shown}{more}. Nothing was sent; make the plan again with --plan-out"
        ),
    )
}

/// Whether the files are those the plan was made from.
///
/// # Errors
/// Which is another one (exit 6).
pub(super) fn same_files(saved: &SavedPlan, input: &str, intake: &Intake) -> Result<(), Failure> {
    let Basis::Inputs { input_sha256, parents_sha256 } = &saved.basis else { return Ok(()) };
    let parents = intake.parents.as_deref().map(guard::hash).transpose()?.unwrap_or_default();
    let other: Vec<&str> =
        [("the input", input != input_sha256), ("the parents file", parents != *parents_sha256)]
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(name, _)| name)
            .collect();
    if other.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Stopped,
        format!(
            "{} changed since the plan was made, though no change of the plan did; nothing was sent, make the plan again with --plan-out",
            other.join(" and ")
        ),
    ))
}

/// Whether the same comparison made now says the same.
///
/// # Errors
/// The rows that moved (exit 6).
pub(super) fn same_changes(saved: &Diff, now: &Diff) -> Result<(), Failure> {
    let moved = moved(saved, now);
    if moved.is_empty() { Ok(()) } else { Err(refused(&moved)) }
}

/// Whether every registration the plan touches is as it was, and every new range still free.
///
/// # Errors
/// The rows that moved (exit 6), or a read that proves nothing (exit 8).
pub(super) async fn nothing_moved(
    saved: &SavedPlan,
    registry: &Arc<Counted>,
    side: &mut Side,
) -> Result<(), Failure> {
    let mut moved = Vec::new();
    for change in saved.diff.changes.iter().filter(|change| change.acts()) {
        let name = || match change.row {
            Some(row) if !saved.is_undo() => format!("row {row} ({})", change.block),
            _ => change.block.to_string(),
        };
        let Some(before) = &change.before else {
            let taken = matches!(side.read.get(&change.key()), Some(Some(_)));
            if taken && change.needs.is_empty() && matches!(change.verb, Verb::Add(_)) {
                moved.push(name());
            }
            continue;
        };
        let read = record::by_handle(registry, &before.net.net_handle);
        let read = under(&change.parent, read).await;
        let now = read.map_err(|fault| Failure::new(Exit::Registry, fault.to_string()))?;
        if now.is_none_or(|now| !before.is_same_registration(&now.registered)) {
            moved.push(name());
        }
    }
    if moved.is_empty() { Ok(()) } else { Err(refused(&moved)) }
}

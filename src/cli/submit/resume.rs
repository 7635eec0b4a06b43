//! `swip resume`: an interrupted run goes on from its journal alone.
//!
//! Must not know: the input.

use std::path::PathBuf;

use super::job::Job;
use crate::cli::args::{Global, Resume};
use crate::cli::failure::{Exit, Failure};
use crate::cli::reading::Ring;
use crate::cli::target::Target;
use crate::journal::Journal;
use crate::plan::Fate;
use crate::report::space::grouped;

/// Runs `swip resume`.
///
/// # Errors
/// Everything that ends it before a row is sent.
pub(in crate::cli) async fn resume(global: &Global, args: &Resume) -> Result<Exit, Failure> {
    // A journal that is not there is not made.
    drop(Journal::read(&args.journal)?);
    let mut journal = Journal::open(&args.journal)?;
    let (head, plan) = journal.run(None)?;
    let (run, record) = (head.run, head.record);
    let asked = global.registry.as_deref().unwrap_or(&record.registry);
    let target = Target::parse(Some(asked))?;
    let ring = Ring::of(global, &target, &plan.parents)?;
    let report = args.pace.report.clone().unwrap_or_else(|| {
        let name = args.journal.display().to_string();
        PathBuf::from(format!(
            "{}.swip-report",
            name.strip_suffix(".swip-journal").unwrap_or(&name)
        ))
    });
    let steps = plan.steps().count();
    tracing::info!(
        "Registry  {}{}",
        target.name(),
        if target.is_local() { " (practice: nothing leaves this machine)" } else { "" }
    );
    tracing::info!(
        "Resuming  the run of {}: {} rows of its plan, as checked then",
        record.started_at.get(..19).unwrap_or_default().replace('T', " "),
        grouped(steps as u128)
    );
    let invalid = plan.rows.iter().any(|row| matches!(row.fate, Fate::Invalid { .. }));
    let job = Job { global, target, ring, pace: &args.pace, report, limit: None, invalid };
    let practice = job.practice(&plan, &record).await?;
    match job.binding(practice.as_ref()).await {
        Ok(binding) => journal.bind(&binding)?,
        Err(fault) => return job.unreachable(journal, run, &record, &plan, fault),
    }
    job.go(journal, run, &record, &plan, practice).await
}

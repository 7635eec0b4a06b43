//! Before anything is read at the registry: where the journal lies, and the plan of the night.
//!
//! Must not know: what is registered, how a change is driven.

use std::path::{Path, PathBuf};

use super::known;
use crate::cli::args::{Global, LookFirst, Sync};
use crate::cli::failure::{Exit, Failure};
use crate::cli::findings;
use crate::cli::plan_input::PlanInput;
use crate::cli::submit::take_parents;
use crate::cli::target::Target;
use crate::domain::RegisteredNet;
use crate::plan::Plan;

/// The plan of a night, before anything is read at the registry.
pub(super) struct Evening {
    pub(super) plan: Plan,
    pub(super) listed: Vec<RegisteredNet>,
    pub(super) invalid: bool,
    pub(super) sha256: String,
    /// Whether it takes a run back, and is no input of its own.
    pub(super) undo: bool,
}
/// Where the journal lies.
pub(super) fn journal_path(args: &Sync, target: &Target) -> Result<PathBuf, Failure> {
    let Some(path) = &args.journal else {
        let message = "sync needs --journal PATH: it remembers across nights what swip registered";
        return Err(Failure::usage(message));
    };
    let begins = !path.exists() && !target.is_local() && !args.dry_run && args.plan_out.is_none();
    if begins && !args.new_journal {
        return Err(Failure::usage(format!(
            "there is no journal {}; say --new-journal the first time: without its memory swip would look at every row anew",
            path.display()
        )));
    }
    Ok(path.clone())
}

/// Reads and checks the plan; `None` when its errors end the night, which were printed.
pub(super) async fn evening(
    global: &Global,
    args: &Sync,
    target: &Target,
    journal: &Path,
) -> Result<Option<Evening>, Failure> {
    let left = known::left(journal)?;
    let mut input = PlanInput::read_over(&args.intake, global.settings.recipient_orgs, left)?;
    take_parents(global, target, args.pace.rate, &mut input).await?;
    let sha256 = input.inputs.sha256()?;
    // What is registered is the other side of the comparison here, not a rule of the check.
    let listed = std::mem::take(&mut input.registered).all().to_vec();
    let (survey, checked) = input.check()?;
    let totals = survey.totals();
    if totals.errors > 0 {
        findings::say(global, &survey)?;
    }
    let invalid = totals.errors > 0;
    if invalid && (!args.skip_invalid || survey.lost || totals.rows == 0) {
        tracing::error!(
            exit_code = Exit::Input.code(),
            "swip: nothing was sent: correct the rows and run again, or say --skip-invalid: rows with errors then protect their space"
        );
        return Ok(None);
    }
    Ok(Some(Evening { plan: checked.plan, listed, invalid, sha256, undo: false }))
}

/// `--look-first` as a run keeps it.
pub(super) const fn look_first(asked: Option<LookFirst>) -> &'static str {
    match asked {
        Some(LookFirst::Always) => "always",
        Some(LookFirst::Auto) => "auto",
        Some(LookFirst::Never) | None => "never",
    }
}

//! `swip submit` and `swip resume`: from a checked plan to a report.
//!
//! Owns the order: key, journal, plan, confirmation, registry, submission, report. Must not
//! know: how a row is driven, or how the report's files look.

pub(super) mod begin;
pub(super) mod job;
mod only;
pub(super) mod parents;
mod paths;
pub(super) mod prompt;
mod resume;

use clap::ValueEnum;

use super::args::{Customers, Global, Submit};
use super::failure::{Exit, Failure};
use super::plan_input::PlanInput;
use super::reading::Ring;
use super::target::{self, Target};
use super::{findings, outcome};
use crate::journal::{Journal, JournalError, RunRecord};
use crate::plan::Plan;
use job::Job;
pub(super) use only::only;
pub(super) use parents::take_parents;
use paths::Paths;
use prompt::{asking, summary};
pub(super) use resume::resume;

impl From<JournalError> for Failure {
    fn from(fault: JournalError) -> Self {
        let exit = match fault {
            JournalError::Foreign { .. }
            | JournalError::OtherKey { .. }
            | JournalError::NoRun { .. } => Exit::Usage,
            _ => Exit::Storage,
        };
        Self::new(exit, fault.to_string())
    }
}

impl From<crate::journal::StoreError> for Failure {
    fn from(fault: crate::journal::StoreError) -> Self {
        Self::new(Exit::Storage, fault.to_string())
    }
}

/// Runs `swip submit`.
///
/// # Errors
/// Everything that ends it before a row is sent.
pub(super) async fn run(global: &Global, args: &Submit) -> Result<Exit, Failure> {
    let target = Target::parse(global.registry.as_deref())?;
    target::some_key(global, &target)?;
    let paths = Paths::of(args)?;
    let asking = asking(&target, args)?;
    let mut input = PlanInput::read(&args.intake, global.settings.recipient_orgs)?;
    take_parents(global, &target, args.pace.rate, &mut input).await?;
    let sha256 = input.inputs.sha256()?;
    let (survey, checked) = input.check()?;
    let totals = survey.totals();
    if totals.errors > 0 {
        findings::say(global, &survey)?;
    }
    let record = record(args, &target, sha256);
    let refused = totals.errors > 0 && (!args.skip_invalid || survey.lost || totals.rows == 0);
    if refused || args.dry_run {
        let stop = if refused { "input-has-errors" } else { "dry-run" };
        summary(&checked.plan, &target, args, asking)?;
        let written = if args.dry_run { args.pace.report.clone() } else { Some(paths.report) };
        let facts = outcome::Facts {
            record: &record,
            plan: &checked.plan,
            directory: written.as_deref(),
            form: args.pace.form(),
        };
        return outcome::unsent(&facts, stop, refused);
    }
    let invalid = totals.errors > 0;
    let ring = Ring::of(global, &target, &checked.plan.parents)?;
    send(global, args, Chosen { target, ring, paths, asking, record, invalid }, checked.plan).await
}

/// What was decided before anything is sent.
struct Chosen {
    target: Target,
    ring: Ring,
    paths: Paths,
    asking: bool,
    record: RunRecord,
    invalid: bool,
}

/// Asks, opens the journal, submits.
async fn send(
    global: &Global,
    args: &Submit,
    chosen: Chosen,
    mut plan: Plan,
) -> Result<Exit, Failure> {
    let Chosen { target, ring, paths, asking, mut record, invalid } = chosen;
    record.only = only(&args.only, &plan)?;
    let mut journal = Journal::open(&paths.journal)?;
    begin::keep_names(&journal, &mut plan)?;
    summary(&plan, &target, args, asking)?;
    record.practice_stem = (target == Target::Practice).then_some(paths.stem);
    let job = Job {
        global,
        target,
        ring,
        pace: &args.pace,
        report: paths.report,
        limit: args.limit,
        invalid,
    };
    let practice = job.practice(&plan, &record).await?;
    let binding = job.binding(practice.as_ref()).await;
    if let Ok(binding) = &binding {
        journal.bind(binding)?;
    }
    let run = begin::begin(&mut journal, &record, &plan)?;
    match binding {
        Ok(_) => job.go(journal, run, &record, &plan, practice).await,
        Err(fault) => job.unreachable(journal, run, &record, &plan, fault),
    }
}

fn record(args: &Submit, target: &Target, input_sha256: String) -> RunRecord {
    let rate = args.pace.rate.or(target.rate());
    RunRecord {
        command: "submit".to_owned(),
        registry: target.name().to_owned(),
        input_sha256,
        started_at: jiff::Timestamp::now().to_string(),
        separate_customers: args.customers == Some(Customers::Separate),
        practice_stem: None,
        rate: rate.map(|rate| rate.to_string()),
        max_errors: args.max_errors,
        look_first: args
            .look_first
            .and_then(|when| Some(when.to_possible_value()?.get_name().to_owned())),
        ..RunRecord::default()
    }
}

//! `swip sync`: keeps the registry equal to the plan, inside guard rails.
//!
//! Owns the order of a night: input, journal, what is open is settled, what is registered is
//! read, difference, guards, confirmation, changes, report. Must not know: how a change is
//! driven, how differences are found.

mod begin;
mod compare;
mod evening;
mod guard;
mod known;
mod lists;
mod metrics;
mod saved;
mod settle;
mod show;
pub(super) mod undo;

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Customers, Global, LookFirst, PlainFormat, Sync, Verify};
use super::failure::{Exit, Failure};
use super::reading::Ring;
use super::submit::job::Job;
use super::target::Target;
use super::{outcome, terminal};
use crate::journal::{AcceptedInput, Journal, RunRecord};
use crate::plan::Plan;
use crate::plan::diff::{Diff, SavedPlan};
use crate::practice::Practice;
use crate::submission::Counted;
use evening::{Evening, journal_path, look_first};
use known::Side;

/// Runs the command; metrics are written whatever happened.
///
/// # Errors
/// Everything that ends it before a change is sent.
pub(super) async fn run(global: &Global, args: &Sync) -> Result<Exit, Failure> {
    let clock = metrics::Clock::start();
    let result = Box::pin(night(global, args)).await;
    if let (Some(path), Some(journal)) = (&args.metrics, &args.journal) {
        let exit = result.as_ref().map_or_else(|failure| failure.exit, |exit| *exit);
        let target = Target::parse(global.registry.as_deref())?;
        metrics::write(path, journal, &clock, exit, target.name())?;
    }
    result
}

async fn night(global: &Global, args: &Sync) -> Result<Exit, Failure> {
    let target = Target::parse(global.registry.as_deref())?;
    let saved = args.plan.as_deref().map(saved::read).transpose()?;
    let restored = saved.as_ref().map(|saved| saved::arguments(saved, args)).transpose()?;
    let args = restored.as_ref().unwrap_or(args);
    let path = journal_path(args, &target)?;
    let evening = match &saved {
        Some(saved) if saved.is_undo() => saved::evening(saved),
        _ => evening::evening(global, args, &target, &path).await?,
    };
    let Some(evening) = evening else { return Ok(Exit::Input) };
    let mut night = Night::begin(global, args, target, path, &evening)?;
    match saved {
        Some(saved) => night.apply(evening, saved).await,
        None => night.compare(evening).await,
    }
}

/// One night.
struct Night<'n> {
    args: &'n Sync,
    job: Job<'n>,
    path: PathBuf,
    record: RunRecord,
}

impl<'n> Night<'n> {
    fn begin(
        global: &'n Global,
        args: &'n Sync,
        target: Target,
        path: PathBuf,
        evening: &Evening,
    ) -> Result<Self, Failure> {
        let ring = Ring::of(global, &target, &evening.plan.parents)?;
        let rate = args.pace.rate.or(target.rate());
        let record = RunRecord {
            command: "sync".to_owned(),
            registry: target.name().to_owned(),
            input_sha256: evening.sha256.clone(),
            started_at: jiff::Timestamp::now().to_string(),
            separate_customers: args.customers == Some(Customers::Separate),
            rate: rate.map(|rate| rate.to_string()),
            max_errors: args.max_errors,
            // The ranges of new rows are read just before.
            look_first: Some(look_first(args.look_first).to_owned()),
            only: super::submit::only(&args.only, &evening.plan)?,
            ..RunRecord::default()
        };
        let first = evening.plan.files.first().map_or("sync", String::as_str);
        let report = args.pace.report.clone();
        let report = report.unwrap_or_else(|| PathBuf::from(format!("{first}.swip-report")));
        let job = Job {
            global,
            target,
            ring,
            pace: &args.pace,
            report,
            limit: args.limit,
            invalid: evening.invalid,
        };
        Ok(Self { args, job, path, record })
    }

    const fn changes_nothing(&self) -> bool {
        self.args.dry_run || self.args.plan_out.is_some()
    }

    /// Opens the journal; a dry run only reads it, if there is one.
    fn journal(&self) -> Result<Option<Journal>, Failure> {
        if !self.changes_nothing() {
            return Ok(Some(Journal::open(&self.path)?));
        }
        Ok(if self.path.exists() { Some(Journal::read(&self.path)?) } else { None })
    }

    /// Starts the practice registry inside, where its world lies: that of the journal's runs.
    async fn practice(
        &mut self,
        plan: &Plan,
        journal: Option<&Journal>,
    ) -> Result<Option<Practice>, Failure> {
        if self.job.target != Target::Practice {
            return Ok(None);
        }
        let runs = journal.map(Journal::runs).transpose()?.unwrap_or_default();
        let earlier = runs.into_iter().rev().find_map(|head| head.record.practice_stem);
        let first = plan.files.first().map_or("sync", String::as_str);
        let name = Path::new(first).file_name().unwrap_or_default();
        let stem = earlier.unwrap_or_else(|| self.path.with_file_name(name));
        self.record.practice_stem = Some(stem);
        self.job.practice(plan, &self.record).await
    }

    /// The ordinary night: compare, then change.
    async fn compare(&mut self, mut evening: Evening) -> Result<Exit, Failure> {
        let mut journal = self.journal()?;
        let last = guard::last(journal.as_ref())?;
        guard::shrink(&evening.plan, last.as_ref(), self.args.accept_shrink)?;
        let reads = !self.changes_nothing() || self.asks_to_read();
        let practice =
            if reads { self.practice(&evening.plan, journal.as_ref()).await? } else { None };
        if let Some(journal) = &mut journal {
            if reads && !self.changes_nothing() {
                journal.bind(&self.job.binding(practice.as_ref()).await?)?;
            }
            super::submit::begin::keep_names(journal, &mut evening.plan)?;
        }
        let registry = match reads {
            true => Some(Arc::new(self.job.registry(practice.as_ref())?)),
            false => None,
        };
        let (journal, side) = self.gather(&evening, journal, registry.as_ref()).await?;
        let mut side = side;
        let mut diff = self.guarded(&evening.plan, &side, journal.as_ref(), last.as_ref())?;
        known::zones(registry.as_ref(), &mut diff, &mut side).await?;
        evening.plan.sync = Some(Box::new(diff));
        if self.changes_nothing() {
            let exit = self.shown(&evening, &side, journal.as_ref(), practice.as_ref()).await;
            if let Some(practice) = practice {
                practice.stop().map_err(|e| Failure::new(Exit::Storage, e.to_string()))?;
            }
            return exit;
        }
        match (journal, registry) {
            (Some(journal), Some(registry)) => {
                self.change(evening, side, journal, registry, practice).await
            }
            _ => Err(Failure::new(Exit::Bug, "a night without journal or registry")),
        }
    }

    /// A dry run reads the registry only when it is told to.
    fn asks_to_read(&self) -> bool {
        self.args.look_first == Some(LookFirst::Always)
            || matches!(self.args.verify, Some(Verify::All | Verify::Share(_)))
            || self.args.rdap.as_deref().is_some_and(|url| url != crate::cli::reading::OFF)
    }

    /// A dry run, or a plan for later.
    async fn shown(
        &self,
        evening: &Evening,
        side: &Side,
        journal: Option<&Journal>,
        practice: Option<&Practice>,
    ) -> Result<Exit, Failure> {
        let Some(diff) = &evening.plan.sync else { return Ok(Exit::Done) };
        let mut out = terminal::out();
        match self.args.format {
            PlainFormat::Text => show::text(&mut out, diff, &side.unchecked)?,
            PlainFormat::Json => show::json(&mut out, diff, &side.unchecked)?,
        }
        out.flush()?;
        if let Some(path) = &self.args.plan_out {
            let registry = saved::registry(journal, practice, &self.job).await?;
            saved::write(path, evening, self.args, journal, registry)?;
            tracing::info!("Plan      {}", path.display());
        }
        let exit = if evening.invalid { Exit::Input } else { Exit::Done };
        if self.args.dry_run {
            let facts = outcome::Facts {
                record: &self.record,
                plan: &evening.plan,
                directory: self.args.pace.report.as_deref(),
                form: self.args.pace.form(),
            };
            return outcome::unsent(&facts, "dry-run", evening.invalid);
        }
        Ok(exit)
    }

    /// Asks, begins the run, changes, reports.
    async fn change(
        &mut self,
        evening: Evening,
        side: Side,
        mut journal: Journal,
        registry: Arc<Counted>,
        practice: Option<Practice>,
    ) -> Result<Exit, Failure> {
        let (plan, sha256) = (&evening.plan, evening.sha256.clone());
        let Some(diff) = &plan.sync else { return Ok(Exit::Done) };
        show::summary(diff, &self.job, known::requests(&registry));
        self.confirm(diff)?;
        let accepted = (!evening.undo).then_some(AcceptedInput {
            at: guard::now(self.args.intake.as_of).to_string(),
            rows: plan.rows.len() as u64,
            by_parent: guard::size(plan).by_parent,
            sha256,
            beside: guard::beside(&self.args.intake)?,
        });
        let run = begin::begin(&mut journal, &self.record, plan, &side, accepted)?;
        let job = self.take_job();
        job.go_on(registry, journal, run, &self.record, plan, practice).await
    }

    fn take_job(&self) -> Job<'n> {
        let job = &self.job;
        Job {
            global: job.global,
            target: job.target.clone(),
            ring: job.ring.clone(),
            pace: job.pace,
            report: job.report.clone(),
            limit: job.limit,
            invalid: job.invalid,
        }
    }

    /// Asks a person, where one must agree.
    fn confirm(&self, diff: &Diff) -> Result<(), Failure> {
        let free = self.args.pace.yes || self.job.target == Target::Practice || diff.is_quiet();
        if free {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            if self.job.target.is_local() {
                return Ok(());
            }
            return Err(Failure::usage(
                "stdin is no terminal to ask at: say --yes to go on without asking",
            ));
        }
        super::submit::prompt::agreed("Change the registry? [y/N] ")
    }

    /// Applies a saved plan, once, if nothing moved.
    async fn apply(&mut self, mut evening: Evening, saved: SavedPlan) -> Result<Exit, Failure> {
        let journal = Journal::open(&self.path)?;
        let practice = self.practice(&saved.plan, Some(&journal)).await?;
        let mut journal = journal;
        let binding = self.job.binding(practice.as_ref()).await?;
        journal.bind(&binding)?;
        saved::fits(&saved, &journal, &binding)?;
        let registry = Arc::new(self.job.registry(practice.as_ref())?);
        super::submit::begin::keep_names(&journal, &mut evening.plan)?;
        let (journal, mut side) = self.gather(&evening, Some(journal), Some(&registry)).await?;
        let Some(journal) = journal else {
            return Err(Failure::new(Exit::Bug, "a plan without journal"));
        };
        saved::nothing_moved(&saved, &registry, &mut side).await?;
        if !saved.is_undo() {
            let now = self.diff(&evening.plan, &side);
            saved::same_changes(&saved.diff, &now)?;
            saved::same_files(&saved, &evening.sha256, &self.args.intake)?;
        }
        let plan = Plan { sync: Some(Box::new(saved.diff)), ..saved.plan };
        let evening = Evening { plan, ..evening };
        self.change(evening, side, journal, registry, practice).await
    }
}

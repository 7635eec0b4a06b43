//! A run once plan and journal are there: what `submit` and `resume` have in common.
//!
//! Must not know: how a row is driven, or how the report's files look.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;

use crate::cli::args::{Global, Pace};
use crate::cli::failure::{Exit, Failure};
use crate::cli::reading::Ring;
use crate::cli::target::{self, Target};
use crate::cli::terminal::Progress;
use crate::cli::watched::Watched;
use crate::cli::{identity, inner, outcome, signals, terminal};
use crate::journal::{Change, Journal, JournalError, Refused, RunRecord};
use crate::plan::{Plan, StepKey};
use crate::practice::Practice;
use crate::regrws::BaseUrl;
use crate::submission::{self, Counted, Registry, Stop, SubmitOptions};

/// What the journal knows that bears on a run.
struct Remembered {
    refused: HashMap<StepKey, Refused>,
    key: submission::KeyOptions,
}

/// What `submit` and `resume` have in common once plan and journal are there.
pub(in crate::cli) struct Job<'g> {
    pub(in crate::cli) global: &'g Global,
    pub(in crate::cli) target: Target,
    pub(in crate::cli) ring: Ring,
    pub(in crate::cli) pace: &'g Pace,
    pub(in crate::cli) report: PathBuf,
    pub(in crate::cli) limit: Option<u64>,
    pub(in crate::cli) invalid: bool,
}

impl Job<'_> {
    pub(in crate::cli) async fn practice(
        &self,
        plan: &Plan,
        record: &RunRecord,
    ) -> Result<Option<Practice>, Failure> {
        match self.target {
            Target::Practice => {
                Ok(Some(inner::start(plan, record.practice_stem.as_deref()).await?))
            }
            Target::At { .. } => Ok(None),
        }
    }

    /// What the journal is bound to: a practice registry by its world, not its port.
    ///
    /// # Errors
    /// A server on this machine that cannot be connected to (exit 8).
    pub(in crate::cli) async fn binding(
        &self,
        practice: Option<&Practice>,
    ) -> Result<String, Failure> {
        match (practice, &self.target) {
            (Some(practice), _) => Ok(practice.world_id()),
            (None, Target::At { base, .. }) => identity::of(base, None).await,
            (None, Target::Practice) => Ok(String::new()),
        }
    }

    /// The registry, each request with its org's key.
    pub(in crate::cli) fn registry(&self, practice: Option<&Practice>) -> Result<Counted, Failure> {
        let pacer = target::pacer(self.global, self.pace.rate.or(self.target.rate()));
        let fault = |text: String| Failure::new(Exit::Bug, text);
        let base = match (practice, &self.target) {
            (Some(practice), _) => {
                BaseUrl::parse(&practice.url()).map_err(|e| fault(e.to_string()))?
            }
            (None, Target::At { base, .. }) => base.clone(),
            (None, Target::Practice) => return Err(fault("no registry was chosen".to_owned())),
        };
        self.ring.counted(self.global, &base, &pacer)
    }

    /// How earlier runs are settled: as this one is driven, sending nothing new.
    ///
    /// # Errors
    /// A key the journal does not know, unless it is accepted.
    pub(in crate::cli) fn settling(
        &self,
        journal: &Journal,
        record: &RunRecord,
    ) -> Result<SubmitOptions, JournalError> {
        let options = self.options(record, self.remembered(journal)?);
        Ok(SubmitOptions { settle_only: true, only: Vec::new(), ..options })
    }

    fn options(&self, record: &RunRecord, memory: Remembered) -> SubmitOptions {
        let look_first = match record.look_first.as_deref() {
            Some("always") => submission::LookFirst::Always,
            Some("never") => submission::LookFirst::Never,
            _ if self.global.settings.embedded_customer_atomic => submission::LookFirst::Auto,
            _ => self.target.look_first(),
        };
        SubmitOptions {
            concurrency: usize::from(self.pace.concurrency.unwrap_or(self.target.concurrency())),
            settle: self.pace.settle.unwrap_or(self.target.settle()),
            look_first,
            separate_customers: record.separate_customers,
            max_errors: record.max_errors.unwrap_or(submission::MAX_ERRORS),
            limit: self.limit,
            only: record.only.clone(),
            refused: memory.refused,
            retry_refused: self.pace.retry_rejected,
            key: memory.key,
            settle_only: false,
        }
    }

    /// What the journal knows of rows and keys that bears on this run.
    ///
    /// # Errors
    /// A key the journal does not know, unless it is accepted.
    fn remembered(&self, journal: &Journal) -> Result<Remembered, JournalError> {
        let accept_new = self.pace.accept_new_key;
        // The key of a practice registry inside is no secret, and not noted.
        let noted = self.target != Target::Practice;
        let key = if noted { self.ring.options(journal, accept_new)? } else { Default::default() };
        Ok(Remembered { refused: journal.refused()?, key })
    }

    /// Ends a run whose registry cannot be connected to: nothing was sent, `resume` goes on.
    ///
    /// # Errors
    /// A journal or a report that cannot be written.
    pub(in crate::cli) fn unreachable(
        self,
        mut journal: Journal,
        run: i64,
        record: &RunRecord,
        plan: &Plan,
        fault: Failure,
    ) -> Result<Exit, Failure> {
        let stop = Stop::Registry(fault.message);
        outcome::ended(&self.facts(record, plan), &mut journal, run, Some(&stop), self.invalid)
    }

    /// What the report is made of besides the journal.
    fn facts<'f>(&'f self, record: &'f RunRecord, plan: &'f Plan) -> outcome::Facts<'f> {
        outcome::Facts { record, plan, directory: Some(&self.report), form: self.pace.form() }
    }

    /// Submits, then writes the report.
    pub(in crate::cli) async fn go(
        self,
        journal: Journal,
        run: i64,
        record: &RunRecord,
        plan: &Plan,
        practice: Option<Practice>,
    ) -> Result<Exit, Failure> {
        let registry = Arc::new(self.registry(practice.as_ref())?);
        self.go_on(registry, journal, run, record, plan, practice).await
    }

    /// The same with a registry that has counted requests already.
    pub(in crate::cli) async fn go_on(
        self,
        registry: Arc<Counted>,
        journal: Journal,
        run: i64,
        record: &RunRecord,
        plan: &Plan,
        practice: Option<Practice>,
    ) -> Result<Exit, Failure> {
        terminal::log::run_id(&outcome::run_id(record, run));
        let memory = self.remembered(&journal)?;
        let (before, counted) = (journal.totals(run)?, Arc::clone(&registry));
        let mut parents = BTreeMap::new();
        for (_, step) in plan.steps() {
            *parents.entry(step.parent.to_string()).or_insert(0) += 1;
        }
        let progress = Progress::start(self.global, &parents);
        let (cancel, cancelled) = watch::channel(false);
        let signals = tokio::spawn(async move {
            signals::first().await;
            tracing::info!("stopping; rows in flight are ended first");
            let _ = cancel.send(true);
            signals::second().await;
        });
        let lines = tokio::spawn(progress.clone().lines());
        let registry = Watched::new(registry, progress.clone());
        let options = self.options(record, memory);
        let moving = progress.clone();
        let parent_of: HashMap<u64, String> =
            plan.steps().map(|(row, step)| (row, step.parent.to_string())).collect();
        let done = move |row| moving.done(parent_of.get(&row).map(String::as_str));
        let end = submission::submit(plan, journal, run, registry, options, cancelled, done).await;
        lines.abort();
        signals.abort();
        progress.end();
        let end = end.map_err(JournalError::from)?;
        for what in &end.in_hand {
            tracing::error!("swip: in hand when the journal failed, note it down: {what}");
        }
        if let Some(practice) = practice {
            practice.stop().map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))?;
        }
        let mut journal = end.journal;
        if !matches!(end.stop, Some(Stop::Journal(_))) {
            // Requests before the first row count too, and those of a night that sent nothing.
            let totals = before.and(Registry::totals(counted.as_ref()));
            journal.commit(&[Change::Totals { run, totals }])?;
        }
        let facts = self.facts(record, plan);
        outcome::ended(&facts, &mut journal, run, end.stop.as_ref(), self.invalid)
    }
}

//! `swip submit` and `swip resume`: from a checked plan to a report.
//!
//! Owns the order: key, journal, plan, confirmation, registry, submission, report. Must not
//! know: how a row is driven, or how the report's files look.

use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;

use super::args::{Customers, Global, LookFirst, Pace, Resume, Submit, When};
use super::failure::{Exit, Failure};
use super::outcome;
use super::plan_input::{PlanInput, totals};
use super::target::{self, Target};
use super::units::about;
use super::{findings, inner, signals, terminal};
use crate::domain::Parent;
use crate::intake::bytes::STDIN;
use crate::journal::{Event, Journal, JournalError, Outcome, RunRecord};
use crate::plan::{Plan, Step};
use crate::practice::{KEY, Practice};
use crate::regrws::{ApiKey, BaseUrl, Client, GetNet, ParentNet};
use crate::submission::{self, Counted, SubmitOptions};

impl From<JournalError> for Failure {
    fn from(fault: JournalError) -> Self {
        let exit = match fault {
            JournalError::Foreign { .. } => Exit::Usage,
            _ => Exit::Storage,
        };
        Self::new(exit, fault.to_string())
    }
}

/// Requests a new row costs at most: look, write.
const REQUESTS_PER_ROW: u32 = 2;

/// Runs `swip submit`.
///
/// # Errors
/// Everything that ends it before a row is sent.
pub(super) async fn run(global: &Global, args: &Submit) -> Result<Exit, Failure> {
    let target = Target::parse(global.registry.as_deref())?;
    let key = match target {
        Target::Practice => None,
        Target::At { .. } => Some(target::key(global)?),
    };
    if args.intake.parents.is_none() && target == Target::Practice {
        return Err(Failure::usage(
            "the practice registry needs --parents FILE: it holds the parents of the plan",
        ));
    }
    let paths = Paths::of(args)?;
    let asking = asking(&target, args)?;
    let mut input = PlanInput::read(&args.intake, global.settings.recipient_orgs)?;
    if let (Target::At { base, .. }, Some(key), None) = (&target, &key, &input.parents) {
        let rate = args.pace.rate.or(target.rate());
        let client = target::client(global, base.clone(), key.clone(), rate)?;
        input.parents = Some(parents_from_registry(&client, &input).await?);
    }
    let sha256 = input.inputs.sha256();
    let (inputs, facts, checked) = input.check();
    let totals = totals(&facts, &checked);
    if totals.errors > 0 {
        let colour = terminal::colour(global.color, &std::io::stderr());
        let most = findings::MAX_FINDINGS;
        findings::text(&mut std::io::stderr(), &checked.findings, &inputs, most, colour)?;
    }
    let record = record(args, &target, sha256);
    let refused = totals.errors > 0 && (!args.skip_invalid || facts.unusable || facts.rows == 0);
    if refused || args.dry_run {
        let stop = if refused { "input-has-errors" } else { "dry-run" };
        summary(&checked.plan, &target, args, asking)?;
        let written = if args.dry_run { args.pace.report.clone() } else { Some(paths.report) };
        let facts = outcome::Facts {
            record: &record,
            plan: &checked.plan,
            directory: written.as_deref(),
            show_private: args.pace.show_private,
        };
        return outcome::unsent(&facts, stop, refused);
    }
    let invalid = totals.errors > 0;
    send(global, args, Chosen { target, key, paths, asking, record, invalid }, &checked.plan).await
}

/// What was decided before anything is sent.
struct Chosen {
    target: Target,
    key: Option<ApiKey>,
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
    plan: &Plan,
) -> Result<Exit, Failure> {
    let Chosen { target, key, paths, asking, mut record, invalid } = chosen;
    let only = only(&args.only, plan)?;
    summary(plan, &target, args, asking)?;
    let journal = Journal::open(&paths.journal)?;
    record.practice_stem = (target == Target::Practice).then_some(paths.stem);
    let job = Job {
        global,
        target,
        key,
        pace: &args.pace,
        report: paths.report,
        look_first: args.look_first,
        max_errors: args.max_errors.unwrap_or(submission::MAX_ERRORS),
        limit: args.limit,
        only,
        invalid,
    };
    let practice = job.practice(plan, &record).await?;
    journal.bind(&job.binding(practice.as_ref()))?;
    let run = begin(&journal, &record, plan)?;
    job.go(journal, run, &record, plan, practice).await
}

/// Runs `swip resume`.
///
/// # Errors
/// Everything that ends it before a row is sent.
pub(super) async fn resume(global: &Global, args: &Resume) -> Result<Exit, Failure> {
    let journal = match Journal::read(&args.journal) {
        Ok(_) => Journal::open(&args.journal)?,
        Err(fault) => return Err(fault.into()),
    };
    let (run, record, plan) = journal.last_run()?;
    let asked = global.registry.as_deref().unwrap_or(&record.registry);
    let target = Target::parse(Some(asked))?;
    let key = match target {
        Target::Practice => None,
        Target::At { .. } => Some(target::key(global)?),
    };
    let report = args.pace.report.clone().unwrap_or_else(|| {
        let name = args.journal.display().to_string();
        PathBuf::from(format!(
            "{}.swip-report",
            name.strip_suffix(".swip-journal").unwrap_or(&name)
        ))
    });
    let invalid = plan.rows.iter().any(|row| matches!(row.fate, crate::plan::Fate::Invalid { .. }));
    let job = Job {
        global,
        target,
        key,
        pace: &args.pace,
        report,
        look_first: None,
        max_errors: submission::MAX_ERRORS,
        limit: None,
        only: Vec::new(),
        invalid,
    };
    let practice = job.practice(&plan, &record).await?;
    journal.bind(&job.binding(practice.as_ref()))?;
    job.go(journal, run, &record, &plan, practice).await
}

/// What `submit` and `resume` have in common once plan and journal are there.
struct Job<'g> {
    global: &'g Global,
    target: Target,
    key: Option<ApiKey>,
    pace: &'g Pace,
    report: PathBuf,
    look_first: Option<LookFirst>,
    max_errors: u64,
    limit: Option<u64>,
    only: Vec<u64>,
    invalid: bool,
}

impl Job<'_> {
    async fn practice(&self, plan: &Plan, record: &RunRecord) -> Result<Option<Practice>, Failure> {
        match self.target {
            Target::Practice => {
                Ok(Some(inner::start(plan, record.practice_stem.as_deref()).await?))
            }
            Target::At { .. } => Ok(None),
        }
    }

    /// What the journal is bound to: a practice registry by its world, not its port.
    fn binding(&self, practice: Option<&Practice>) -> String {
        match (practice, &self.target) {
            (Some(practice), _) => practice.world_id(),
            (None, Target::At { base, .. }) => base.to_string(),
            (None, Target::Practice) => String::new(),
        }
    }

    fn client(&self, practice: Option<&Practice>) -> Result<Client, Failure> {
        let rate = self.pace.rate.or(self.target.rate());
        let fault = |text: String| Failure::new(Exit::Bug, text);
        let (base, key) = match (practice, &self.target, &self.key) {
            (Some(practice), ..) => (
                BaseUrl::parse(&practice.url()).map_err(|e| fault(e.to_string()))?,
                ApiKey::parse(KEY).map_err(|e| fault(e.to_string()))?,
            ),
            (None, Target::At { base, .. }, Some(key)) => (base.clone(), key.clone()),
            _ => return Err(fault("no registry was chosen".to_owned())),
        };
        target::client(self.global, base, key, rate)
    }

    fn options(&self, record: &RunRecord) -> SubmitOptions {
        let look_first = match self.look_first {
            Some(LookFirst::Always) => submission::LookFirst::Always,
            Some(LookFirst::Never) => submission::LookFirst::Never,
            _ if self.global.settings.embedded_customer_atomic => submission::LookFirst::Auto,
            Some(LookFirst::Auto) | None => self.target.look_first(),
        };
        SubmitOptions {
            concurrency: usize::from(self.pace.concurrency.unwrap_or(self.target.concurrency())),
            settle: self.pace.settle.unwrap_or(self.target.settle()),
            look_first,
            separate_customers: record.separate_customers,
            max_errors: self.max_errors,
            limit: self.limit,
            only: self.only.clone(),
        }
    }

    /// Submits, then writes the report.
    async fn go(
        self,
        journal: Journal,
        run: i64,
        record: &RunRecord,
        plan: &Plan,
        practice: Option<Practice>,
    ) -> Result<Exit, Failure> {
        terminal::log::run_id(&outcome::run_id(record, run));
        let client = self.client(practice.as_ref())?;
        let bar = progress_bar(self.global, plan.steps().count() as u64);
        let (cancel, cancelled) = watch::channel(false);
        let signals = tokio::spawn(async move {
            signals::first().await;
            tracing::info!("stopping; rows in flight are ended first");
            let _ = cancel.send(true);
            signals::second().await;
        });
        let moving = bar.clone();
        let registry = Counted::new(client);
        let options = self.options(record);
        let end = submission::submit(plan, journal, run, registry, options, cancelled, move |_| {
            moving.inc(1);
        })
        .await;
        signals.abort();
        bar.finish_and_clear();
        let end = end?;
        if let Some(practice) = practice {
            practice.stop().map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))?;
        }
        let facts = outcome::Facts {
            record,
            plan,
            directory: Some(&self.report),
            show_private: self.pace.show_private,
        };
        outcome::ended(&facts, &end.journal, run, end.stop.as_ref(), self.invalid)
    }
}

/// Begins a run: rows an earlier run finished are taken over without a request; rows it left in
/// doubt keep their events, so that they are settled first.
fn begin(journal: &Journal, record: &RunRecord, plan: &Plan) -> Result<i64, Failure> {
    let earlier = match journal.last_run() {
        Ok((run, _, plan)) => Some((journal.events(run)?, plan)),
        Err(JournalError::Empty(_)) => None,
        Err(fault) => return Err(fault.into()),
    };
    let run = journal.begin(record, plan)?;
    let mut taken = Vec::new();
    for (row, step) in plan.steps() {
        let events = match journal.remembered(&step.key())? {
            Some((before, outcome)) => vec![Event::Concluded(taken_over(step, &before, outcome))],
            None => earlier
                .as_ref()
                .map(|(events, plan)| open_events(step, plan, events))
                .unwrap_or_default(),
        };
        taken.extend(events.into_iter().map(|event| (row, event)));
    }
    journal.take_over(run, &taken)?;
    Ok(run)
}

/// What a step that an earlier run registered means now.
fn taken_over(step: &Step, before: &Step, outcome: Outcome) -> Outcome {
    let same = before.assignment == step.assignment
        && before.comment == step.comment
        && (before.net_name == step.net_name || step.name_generated);
    match outcome {
        Outcome::Registered(net) | Outcome::Already(net) if same => Outcome::Already(net),
        Outcome::Ticketed { .. } if same => outcome,
        other => Outcome::Rejected {
            code: "conflict".to_owned(),
            message: "the journal has this range registered with other values; submit only creates: undo the change, or change the registration".to_owned(),
            net: other.net().cloned(),
        },
    }
}

/// The events of a step that an earlier run left open.
fn open_events(step: &Step, plan: &Plan, events: &[(u64, Event)]) -> Vec<Event> {
    let row = plan.steps().find(|(_, other)| other.key() == step.key() && *other == step);
    let Some((row, _)) = row else { return Vec::new() };
    let own: Vec<Event> =
        events.iter().filter(|(r, _)| *r == row).map(|(_, e)| e.clone()).collect();
    let open = !own.iter().any(|event| matches!(event, Event::Concluded(_)));
    if open { own } else { Vec::new() }
}

/// Where the files of a run lie.
struct Paths {
    journal: PathBuf,
    report: PathBuf,
    stem: PathBuf,
}

impl Paths {
    fn of(args: &Submit) -> Result<Self, Failure> {
        let first = args.intake.inputs.first().map(PathBuf::as_path).unwrap_or(Path::new(STDIN));
        let stdin = first.as_os_str() == STDIN;
        if stdin && (args.journal.is_none() || args.pace.report.is_none()) && !args.dry_run {
            return Err(Failure::usage("standard input has no name: give --journal and --report"));
        }
        let with = |suffix: &str| PathBuf::from(format!("{}{suffix}", first.display()));
        let journal = args.journal.clone().unwrap_or_else(|| with(".swip-journal"));
        let name = if stdin { journal.file_name() } else { first.file_name() };
        let stem = journal.with_file_name(name.unwrap_or_default());
        let report = args.pace.report.clone().unwrap_or_else(|| with(".swip-report"));
        Ok(Self { journal, report, stem })
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
    }
}

/// Whether a person will be asked.
///
/// # Errors
/// No terminal to ask at, and no `--yes`.
fn asking(target: &Target, args: &Submit) -> Result<bool, Failure> {
    if args.pace.yes || args.dry_run || *target == Target::Practice {
        return Ok(false);
    }
    if std::io::stdin().is_terminal() {
        return Ok(true);
    }
    if target.is_local() {
        return Ok(false);
    }
    Err(Failure::usage("stdin is no terminal to ask at: say --yes to go on without asking"))
}

/// Shows the plan and its price, and asks where a person must agree.
fn summary(plan: &Plan, target: &Target, args: &Submit, asking: bool) -> Result<(), Failure> {
    let mut by_action = std::collections::BTreeMap::new();
    for (_, step) in plan.steps() {
        *by_action.entry(step.assignment.action()).or_insert(0_u64) += 1;
    }
    let rows: u64 = by_action.values().sum();
    let requests = rows * u64::from(REQUESTS_PER_ROW);
    tracing::info!(
        "Registry  {}{}",
        target.name(),
        if target.is_local() { " (practice: nothing leaves this machine)" } else { "" }
    );
    tracing::info!("Rows      {} in the plan, {rows} to be sent", plan.rows.len());
    for (action, count) in by_action {
        tracing::info!("          {count:>6} {action}");
    }
    let rate = args.pace.rate.or(target.rate());
    let price = rate.map_or_else(
        || "no rate limit".to_owned(),
        |rate| {
            let count = u32::try_from(requests).unwrap_or(u32::MAX);
            format!("{rate}: about {}", about(rate.interval().saturating_mul(count)))
        },
    );
    tracing::info!("Requests  at most {requests} without faults, {price}");
    if !asking {
        return Ok(());
    }
    terminal::ask("Send them? [y/N] ")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(Failure::new(Exit::Stopped, "nothing was sent; run the same command again to go on"))
}

/// The rows that `--only` names.
fn only(names: &[String], plan: &Plan) -> Result<Vec<u64>, Failure> {
    let mut rows = Vec::new();
    for name in names {
        let is = |row: &&crate::plan::PlannedRow| {
            row.at.row.to_string() == *name
                || row.reference.as_deref() == Some(name)
                || row.block.is_some_and(|block| block.to_string() == *name)
        };
        let found: Vec<u64> = plan.rows.iter().filter(is).map(|row| row.at.row).collect();
        match found.as_slice() {
            [row] => rows.push(*row),
            [] => {
                return Err(Failure::usage(format!(
                    "--only {name}: no row has that number, reference or block"
                )));
            }
            several => {
                return Err(Failure::usage(format!(
                    "--only {name} names rows {several:?}; give a row number"
                )));
            }
        }
    }
    Ok(rows)
}

/// Reads the parents that rows name, or that contain their blocks.
async fn parents_from_registry(client: &Client, input: &PlanInput) -> Result<Vec<Parent>, Failure> {
    let mut parents: std::collections::BTreeMap<String, Parent> = std::collections::BTreeMap::new();
    let fault = |what: String, e: &dyn std::fmt::Display| {
        Failure::new(Exit::Registry, format!("{what} cannot be read: {e}"))
    };
    for row in &input.rows {
        let Some(request) = &row.request else { continue };
        let known = match &request.parent_net {
            Some(handle) => parents.contains_key(handle.as_str()),
            None => parents.values().any(|parent| parent.block.contains(&request.block)),
        };
        if known {
            continue;
        }
        let net = match &request.parent_net {
            Some(handle) => client
                .send(&GetNet(handle.clone()))
                .await
                .map_err(|e| fault(handle.to_string(), &e))?,
            None => {
                let call = ParentNet(request.block);
                client
                    .send(&call)
                    .await
                    .map_err(|e| fault(format!("the parent of {}", request.block), &e))?
            }
        };
        let parent = Parent {
            net_handle: net.net_handle.clone(),
            block: net.block,
            kind: net.kind,
            active: true,
            org: None,
            managed: true,
        };
        parents.insert(net.net_handle.to_string(), parent);
    }
    Ok(parents.into_values().collect())
}

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(200);

fn progress_bar(global: &Global, rows: u64) -> ProgressBar {
    let hidden = match global.progress {
        Some(When::Always) => false,
        Some(When::Never) => true,
        _ => global.quiet || !std::io::stderr().is_terminal(),
    };
    if hidden {
        return ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(rows);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} rows  {per_sec}  {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(TICK);
    bar
}

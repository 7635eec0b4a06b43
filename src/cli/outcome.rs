//! The end of a run: report written, table printed, exit code chosen, next command named.
//!
//! Owns the verdict over rows and stops. Must not know: how rows were driven.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;

use super::failure::{Exit, Failure};
use super::{closing, terminal};
use crate::domain::Status;
use crate::journal::{Journal, Known, Provenance, RunRecord};
use crate::plan::Plan;
use crate::report::{self, Form, Report, RequestFacts, RunFacts, Seen, fold};
use crate::submission::Stop;

/// What a report is made of besides the journal.
pub(super) struct Facts<'f> {
    pub(super) record: &'f RunRecord,
    pub(super) plan: &'f Plan,
    pub(super) directory: Option<&'f Path>,
    pub(super) form: Form,
}

impl Facts<'_> {
    fn run(&self, id: String, exit: Exit) -> RunFacts {
        RunFacts {
            id,
            registry: self.record.registry.clone(),
            practice: !matches!(self.record.registry.as_str(), "arin" | "ote")
                && !self.record.registry.starts_with("https"),
            input: self.plan.files.clone(),
            input_sha256: self.record.input_sha256.clone(),
            started_at: self.record.started_at.clone(),
            finished_at: jiff::Timestamp::now().to_string(),
            exit_code: exit.code(),
        }
    }
}

/// Id of a run as the report shows it.
pub(super) fn run_id(record: &RunRecord, run: i64) -> String {
    format!("{}-{run}", record.started_at.get(..19).unwrap_or_default().replace([':', '-'], ""))
}

/// Ends a command that sent nothing: input errors, or a dry run.
pub(super) fn unsent(facts: &Facts<'_>, code: &str, refused: bool) -> Result<Exit, Failure> {
    let exit = if refused { Exit::Input } else { Exit::Done };
    let report = Report {
        run: facts.run(run_id(facts.record, 0), exit),
        requests: RequestFacts { rate_limit: facts.record.rate.clone(), ..RequestFacts::default() },
        lines: fold::lines(facts.plan, &[], code),
        parents: facts.plan.parents.clone(),
        seen: HashMap::new(),
        findings: None,
    };
    if let Some(directory) = facts.directory {
        write(directory, &report, facts.form)?;
    }
    closing::say(exit, &closing::unsent(&report, refused));
    Ok(exit)
}

/// Ends a run, or one of its processes.
pub(super) fn ended(
    facts: &Facts<'_>,
    journal: &mut Journal,
    run: i64,
    stop: Option<&Stop>,
    invalid: bool,
) -> Result<Exit, Failure> {
    let mut report = folded(facts, journal, run, stop)?;
    terminal::log::run_id(&report.run.id);
    let exit = verdict(&report, stop, invalid);
    report.run.exit_code = exit.code();
    // A journal that failed is not asked again: what it would say proves nothing.
    let finished = match stop {
        Some(Stop::Journal(_)) => Ok(()),
        _ => journal.finish(run, &report.run.finished_at, exit.code()),
    };
    if let Some(directory) = facts.directory {
        write(directory, &report, facts.form)?;
    }
    finished?;
    let mut out = terminal::out();
    for line in report.lines.iter().filter(|line| not_replaced(line)) {
        writeln!(out, "{}\n", closing::not_replaced(line))?;
    }
    writeln!(out, "{}", closing::table(&report))?;
    out.flush()?;
    if let Some(directory) = facts.directory {
        tracing::info!("Report    {}", directory.join("report.html").display());
    }
    closing::say(exit, &closing::last_line(&report, exit, stop, journal.path()));
    Ok(exit)
}

/// The report of a run as the journal has it.
pub(super) fn folded(
    facts: &Facts<'_>,
    journal: &Journal,
    run: i64,
    stop: Option<&Stop>,
) -> Result<Report, Failure> {
    let (head, _) = journal.run(Some(run))?;
    let (totals, exit_code, finished_at) = (head.totals, head.exit_code, head.finished_at);
    let idle = idle_code(stop, exit_code);
    let mut lines = fold::lines(facts.plan, &journal.events(run)?, idle);
    not_selected(&mut lines, &facts.record.only);
    let path = closing::quoted(&journal.path().display().to_string());
    for line in lines.iter_mut().filter(|line| not_replaced(line)) {
        let message = line.message.take().unwrap_or_default();
        line.message = Some(format!(
            "{message}. To restore it: swip undo {path} --run {run} --plan-out restore.json, then swip sync --plan restore.json --journal {path}"
        ));
    }
    let mut run_facts = facts.run(run_id(facts.record, run), Exit::Done);
    run_facts.exit_code = exit_code.unwrap_or_default();
    if let (Some(at), None) = (finished_at, stop) {
        run_facts.finished_at = at;
    }
    let seen = journal.known()?.into_values().filter_map(seen).collect();
    Ok(Report {
        run: run_facts,
        requests: RequestFacts {
            sent: totals.sent,
            retried: totals.retried,
            rate_limit: facts.record.rate.clone(),
            worst_window: totals.worst,
        },
        lines,
        parents: facts.plan.parents.clone(),
        seen,
        findings: None,
    })
}

/// Where a registration is known from, by its handle.
pub(super) fn seen(known: Known) -> Option<(String, Seen)> {
    let source = match known.provenance {
        Provenance::Registered => "registered by swip",
        Provenance::Found => "found at the registry",
        Provenance::Adopted => "adopted",
    };
    Some((known.net?.net_handle.to_string(), Seen { source, at: known.read_at }))
}

/// Whether somebody has lost a registration and not got another.
fn not_replaced(line: &report::Line) -> bool {
    line.code.as_deref() == Some(report::sync::REMOVED_NOT_REPLACED)
}

/// Says of rows that `--only` left out that it did.
fn not_selected(lines: &mut [report::Line], only: &[u64]) {
    if only.is_empty() {
        return;
    }
    let idle = |line: &&mut report::Line| line.status == Some(Status::NotAttempted);
    for line in lines.iter_mut().filter(idle) {
        if line.row.is_some_and(|row| !only.contains(&row)) {
            line.code = Some("not-selected".to_owned());
        }
    }
}

/// Why the run did not come to a row.
const fn idle_code(stop: Option<&Stop>, exit_code: Option<u8>) -> &'static str {
    match (stop, exit_code) {
        (Some(Stop::Key(_)), _) | (None, Some(7)) => "key-refused",
        (Some(Stop::Registry(_)), _) | (None, Some(8)) => "registry-unreachable",
        (Some(Stop::Pause(_)), _) => fold::RATE_PAUSE,
        (Some(Stop::Guard(_)), _) => "stopped-by-guard",
        (Some(Stop::Signal), _) => "signal",
        (Some(Stop::Journal(_)), _) | (None, Some(9)) => "journal-failed",
        (None, Some(6)) => "stopped",
        (None, _) => "not-reached",
    }
}

pub(super) fn write(directory: &Path, report: &Report, form: Form) -> Result<(), Failure> {
    report::write(directory, report, form)
        .map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))
}

/// The worst of what the rows and the stop say.
fn verdict(report: &Report, stop: Option<&Stop>, invalid: bool) -> Exit {
    let has = |status| report.lines.iter().any(|line| line.status == Some(status));
    let mut exit = match stop {
        None => Exit::Done,
        Some(Stop::Key(_)) => Exit::Key,
        Some(Stop::Registry(_) | Stop::Pause(_)) => Exit::Registry,
        Some(Stop::Guard(_) | Stop::Signal) => Exit::Stopped,
        Some(Stop::Journal(_)) => Exit::Storage,
    };
    for (status, code) in [
        (Status::Unresolved, Exit::Unresolved),
        (Status::Rejected, Exit::Rejected),
        (Status::Deferred, Exit::Stopped),
        (Status::Held, Exit::Stopped),
        (Status::Invalid, Exit::Input),
    ] {
        if has(status) {
            exit = exit.worst(code);
        }
    }
    if report.lines.iter().any(not_replaced) {
        exit = exit.worst(Exit::Unresolved);
    }
    if invalid { exit.worst(Exit::Input) } else { exit }
}

/// Runs `swip report`.
pub(super) fn rewrite(args: &super::args::Report) -> Result<Exit, Failure> {
    let journal = Journal::read(&args.journal)?;
    let (head, plan) = journal.run(None)?;
    let (run, record) = (head.run, head.record);
    let facts = Facts { record: &record, plan: &plan, directory: None, form: args.form() };
    let report = folded(&facts, &journal, run, None)?;
    write(&args.report, &report, args.form())?;
    tracing::info!("Report    {}", args.report.join("report.html").display());
    Ok(Exit::Done)
}

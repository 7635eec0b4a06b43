//! `swip check`: judges a plan offline.
//!
//! Owns its output and verdict. Must not know: the network, the journal.

use std::io::Write;

use super::args::{Check, FindingsFormat, Global};
use super::failure::{Exit, Failure};
use super::plan_input::PlanInput;
use super::survey::Survey;
use super::{closing, findings, terminal};
use crate::plan::space;
use crate::report::space::{amount, grouped};
use crate::report::{self, Report, RequestFacts, RunFacts, fold};

/// Runs the command.
///
/// # Errors
/// Unreadable files and output.
pub(super) fn run(global: &Global, args: &Check) -> Result<Exit, Failure> {
    let mut input = PlanInput::read(&args.intake, global.settings.recipient_orgs)?;
    input.take_found_parents();
    let survey = input.survey()?;
    let totals = survey.totals();
    let colour = terminal::colour(global.color, &std::io::stdout());
    let mut out = terminal::out();
    match args.format {
        FindingsFormat::Json => findings::json(&mut out, &survey)?,
        FindingsFormat::Csv => findings::csv(&mut out, &survey)?,
        FindingsFormat::Text => findings::text(&mut out, &survey, args.max_findings, colour)?,
    }
    if args.summary && args.format == FindingsFormat::Text {
        summary(&mut out, &survey)?;
    }
    out.flush()?;
    drop(out);
    let fails = totals.errors > 0 || (args.strict && totals.warnings > 0);
    let exit = if fails { Exit::Input } else { Exit::Done };
    if let Some(directory) = &args.report {
        let report = checked_report(&survey, exit)?;
        report::write(directory, &report, args.form())
            .map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))?;
        tracing::info!("Report    {}", directory.join("report.html").display());
    }
    let verdict = match (fails, totals.errors) {
        (false, _) => "ready to submit",
        (true, 0) => "--strict: look at the warnings; next: swip explain RULE",
        (true, _) => "correct the rows and check again; next: swip explain RULE",
    };
    closing::say(
        exit,
        &format!(
            "{} rows, {} to be sent: {} errors, {} warnings, {} notes; {verdict}",
            totals.rows, totals.requests, totals.errors, totals.warnings, totals.notes
        ),
    );
    Ok(exit)
}

/// Code of a row in the report of a check: nothing was to be sent.
const CHECKED: &str = "checked";

/// The report of a check: every row, and what was found.
fn checked_report(survey: &Survey, exit: Exit) -> Result<Report, Failure> {
    let checked = survey.checked()?;
    let now = jiff::Timestamp::now();
    let run = RunFacts {
        id: format!("check-{}", now.strftime("%Y%m%dT%H%M%S")),
        registry: String::new(),
        practice: false,
        input: survey.inputs.names(),
        input_sha256: survey.inputs.sha256()?,
        started_at: now.to_string(),
        finished_at: now.to_string(),
        exit_code: exit.code(),
    };
    Ok(Report {
        run,
        requests: RequestFacts::default(),
        lines: fold::lines(&checked.plan, &[], CHECKED),
        parents: checked.plan.parents,
        seen: std::collections::HashMap::new(),
        findings: Some(checked.findings),
    })
}

/// Rows, utilisation and free space per parent.
fn summary(out: &mut dyn Write, survey: &Survey) -> Result<(), Failure> {
    let blocks = survey.blocks_by_parent()?;
    for (parent, blocks) in survey.judge.parents().iter().zip(&blocks) {
        let space = space::of(parent, blocks);
        let free: Vec<String> = space
            .free
            .iter()
            .map(|(length, count)| format!("{} × /{length}", grouped(u128::from(*count))))
            .collect();
        writeln!(
            out,
            "{} {}: {} rows take {}, {:.1} % used; free: {}",
            parent.net_handle,
            parent.block,
            grouped(u128::from(space.rows)),
            amount(space.used, parent.block.family()),
            space.used_percent,
            if free.is_empty() { "nothing".to_owned() } else { free.join(", ") }
        )?;
    }
    Ok(())
}

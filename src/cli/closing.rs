//! What a command leaves on the screen: the counts within 80 columns, and a last line that says
//! what happened and the next command to type.
//!
//! Owns these words. Must not know: how a run came to its end.

use std::path::Path;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::explain;
use super::failure::{Exit, Failure};
use super::terminal::WIDTH;
use crate::domain::Status;
use crate::report::class::Class;
use crate::report::space::grouped;
use crate::report::sync::REMOVED_NOT_REPLACED;
use crate::report::{Line, Report};
use crate::submission::Stop;

/// Counts by status, those that need a person first, with what to do about them.
pub(super) fn table(report: &Report) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(["rows", "status", "to do"]);
    let summary = report.summary();
    for status in Status::ALL {
        if let Some(count) = summary.get(&status) {
            let calm = matches!(Class::of(status), Class::Done | Class::Aside);
            let to_do = if calm { "" } else { explain::to_do(status) };
            table.add_row([grouped(u128::from(*count)), status.to_string(), to_do.to_owned()]);
        }
    }
    if let Some(column) = table.column_mut(0) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Says the last line: an error unless all is done, so that `--quiet` keeps it.
pub(super) fn say(exit: Exit, line: &str) {
    if exit == Exit::Done {
        tracing::info!(exit_code = exit.code(), "swip: {line}");
    } else {
        tracing::error!(exit_code = exit.code(), "swip: {line}");
    }
}

/// What ended a command before its work was done, and the next command to type, unless the message
/// names one.
pub(super) fn failed(failure: &Failure, command: Option<&str>) -> String {
    let Failure { exit, message } = failure;
    if message.contains("next: ") || message.contains("swip ") {
        return message.clone();
    }
    let code = exit.code();
    let next = match exit {
        Exit::Usage => match command {
            Some(command) => format!("swip {command} --help"),
            None => "swip --help".to_owned(),
        },
        Exit::Input => "the same command, once that is corrected".to_owned(),
        Exit::Registry => "the same command later; swip doctor tests the connection".to_owned(),
        Exit::Key | Exit::Storage => format!("swip doctor; swip explain {code} tells more"),
        _ => format!("swip explain {code}"),
    };
    format!("{message}; next: {next}")
}

/// What happened in a run, and the next command to type.
pub(super) fn last_line(
    report: &Report,
    exit: Exit,
    stop: Option<&Stop>,
    journal: &Path,
) -> String {
    let practice = if report.run.practice { "practice: " } else { "" };
    let requests = format!("{} requests", grouped(u128::from(report.requests.sent)));
    let journal = quoted(&journal.display().to_string());
    let resume = format!("next: swip resume {journal}");
    let status = format!("next: swip status {journal}");
    let count = |status| report.summary().get(&status).copied().unwrap_or_default();
    let what = match (stop, exit) {
        (Some(Stop::Key(reason)), _) => {
            format!("the registry refused the API key: {reason}; correct the key; {resume}")
        }
        (Some(Stop::Registry(reason)), _) => format!("{reason}; {resume}"),
        (Some(Stop::Pause(reason)), _) => {
            format!("{reason}; the rows that wait are deferred; {resume}")
        }
        (Some(Stop::Guard(reason)), _) => {
            format!("stopped: {}; {resume}", reason.trim_end_matches("; swip resume goes on"))
        }
        (Some(Stop::Signal), _) => format!("stopped by a signal; {resume}"),
        (Some(Stop::Journal(reason)), _) => format!(
            "the journal failed, so sending stopped: {reason}; next: swip doctor --journal {journal}"
        ),
        (None, Exit::Done) => "done".to_owned(),
        (None, Exit::Unresolved) => {
            let lost = report
                .lines
                .iter()
                .filter(|line| line.code.as_deref() == Some(REMOVED_NOT_REPLACED));
            match (lost.count(), count(Status::Unresolved)) {
                (0, rows) => format!("a person must look at {rows} rows; {status}"),
                (lost, _) => format!(
                    "{lost} registrations were REMOVED and NOT REPLACED; they come first in the report, with the command that restores them; {status}"
                ),
            }
        }
        (None, Exit::Rejected) => {
            format!("done, but the registry rejected {} rows; {status}", count(Status::Rejected))
        }
        (None, Exit::Stopped) if count(Status::Held) > 0 => {
            format!("a guard holds {} rows; {status}", count(Status::Held))
        }
        (None, Exit::Stopped) => {
            format!("{} rows are not settled yet; {resume}", count(Status::Deferred))
        }
        (None, _) => format!(
            "done, but {} rows with errors were left out; next: {}",
            count(Status::Invalid),
            check(report)
        ),
    };
    format!("{practice}{what} ({requests})")
}

/// What a command that sent nothing says last.
pub(super) fn unsent(report: &Report, refused: bool) -> String {
    if refused {
        let errors = report.summary().get(&Status::Invalid).copied().unwrap_or_default();
        let next = check(report);
        return match errors {
            0 => format!("nothing was sent: the input cannot be read as a plan; next: {next}"),
            _ => format!(
                "nothing was sent: {errors} rows have errors; next: {next}, or the same with --skip-invalid"
            ),
        };
    }
    "dry run: nothing was sent; next: the same without --dry-run".to_owned()
}

fn check(report: &Report) -> String {
    let inputs: Vec<String> = report.run.input.iter().map(|input| quoted(input)).collect();
    let inputs = if inputs.is_empty() { "INPUT".to_owned() } else { inputs.join(" ") };
    format!("swip check {inputs}")
}

/// A registration that is gone without its replacement: it heads whatever is printed.
pub(super) fn not_replaced(line: &Line) -> String {
    let row = line.row.map_or_else(String::new, |row| format!("row {row}, "));
    let block = line.prefix.map(|block| block.to_string());
    let range = || Some(format!("{}-{}", line.start?, line.end?));
    let block = block.or_else(range).unwrap_or_default();
    format!(
        "REMOVED AND NOT REPLACED: {row}{block}: {}",
        line.message.as_deref().unwrap_or_default()
    )
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+@:,".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(statuses: &[(Status, usize)]) -> Report {
        let mut report = Report::default();
        report.run.input = vec!["my plan.csv".to_owned()];
        for (status, count) in statuses {
            let line = Line { status: Some(*status), ..Line::default() };
            report.lines.extend(std::iter::repeat_n(line, *count));
        }
        report
    }

    #[test]
    fn the_table_fits_80_columns_whatever_occurs() {
        let all: Vec<(Status, usize)> = Status::ALL.into_iter().map(|s| (s, 1)).collect();
        let text = table(&report(&all));
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        for status in Status::ALL {
            assert!(text.contains(status.as_str()), "{text}");
        }
    }

    #[test]
    fn a_command_that_fails_early_names_what_to_type_next() {
        let usage = Failure::usage("no API key");
        assert_eq!(failed(&usage, Some("submit")), "no API key; next: swip submit --help");
        assert_eq!(failed(&usage, None), "no API key; next: swip --help");
        let named = Failure::usage("no rule; swip explain lists all");
        assert_eq!(failed(&named, Some("explain")), named.message);
        for exit in [Exit::Bug, Exit::Input, Exit::Rejected, Exit::Key, Exit::Registry] {
            assert!(failed(&Failure::new(exit, "x"), Some("check")).contains("; next: "));
        }
    }

    #[test]
    fn every_last_line_but_done_names_the_next_command() {
        let journal = Path::new("it's.swip-journal");
        let guard = Stop::Guard("--limit 1 is reached".to_owned());
        let cases = [
            (Exit::Unresolved, None),
            (Exit::Rejected, None),
            (Exit::Stopped, None),
            (Exit::Input, None),
            (Exit::Stopped, Some(&guard)),
            (Exit::Stopped, Some(&Stop::Signal)),
        ];
        let report = report(&[(Status::Rejected, 2), (Status::Held, 0)]);
        for (exit, stop) in cases {
            let line = last_line(&report, exit, stop, journal);
            assert!(line.contains("next: swip "), "{line}");
        }
        let line = last_line(&report, Exit::Rejected, None, journal);
        assert!(
            line.contains(r"rejected 2 rows; next: swip status 'it'\''s.swip-journal'"),
            "{line}"
        );
        let refused = unsent(&report, true);
        assert!(refused.contains("swip check 'my plan.csv'"), "{refused}");
        let lost = unsent(&Report::default(), true);
        assert!(lost.ends_with("cannot be read as a plan; next: swip check INPUT"), "{lost}");
    }
}

//! `--metrics`: Prometheus text about the last night, replaced atomically whatever happened.
//!
//! Must not know: how a night goes.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;

use crate::cli::failure::{Exit, Failure};
use crate::cli::outcome;
use crate::domain::Status;
use crate::journal::Journal;
use crate::report::Form;

/// When a night began.
pub(super) struct Clock {
    at: Timestamp,
    since: Instant,
}

impl Clock {
    /// Now.
    pub(super) fn start() -> Self {
        Self { at: Timestamp::now(), since: Instant::now() }
    }
}

/// Lines of one metric.
struct Text {
    out: String,
    registry: String,
}

impl Text {
    fn metric(&mut self, name: &str, help: &str, values: &[(String, f64)]) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "# HELP swip_{name} {help}\n# TYPE swip_{name} gauge");
        for (labels, value) in values {
            let _ =
                writeln!(self.out, "swip_{name}{{registry=\"{}\"{labels}}} {value}", self.registry);
        }
    }

    fn one(&mut self, name: &str, help: &str, value: f64) {
        self.metric(name, help, &[(String::new(), value)]);
    }
}

/// Writes the file.
///
/// # Errors
/// A file that cannot be written (exit 9).
pub(super) fn write(
    path: &Path,
    journal: &Path,
    clock: &Clock,
    exit: Exit,
    registry: &str,
) -> Result<(), Failure> {
    let mut text = Text { out: String::new(), registry: registry.replace(['"', '\\', '\n'], "_") };
    text.one("last_run_timestamp_seconds", "When the last sync began.", seconds(clock.at));
    text.one("last_run_exit_code", "Exit code of the last sync.", f64::from(exit.code()));
    text.one(
        "last_run_duration_seconds",
        "How long the last sync took.",
        clock.since.elapsed().as_secs_f64(),
    );
    if journal.exists() {
        let journal = Journal::read(journal)?;
        success(&mut text, &journal, exit)?;
        tickets(&mut text, &journal)?;
        rows(&mut text, &journal)?;
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(READABLE))
        .tempfile_in(directory.unwrap_or(Path::new(".")))?;
    std::io::Write::write_all(&mut file, text.out.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|fault| Failure::from(fault.error))?;
    Ok(())
}

/// Permissions of the file: a collector of another user reads it; it holds no names.
const READABLE: u32 = 0o644;

/// When everything was well last.
fn success(text: &mut Text, journal: &Journal, exit: Exit) -> Result<(), Failure> {
    let now = Timestamp::now();
    let ended = journal.runs()?.into_iter().rev().find_map(|head| {
        let well = head.record.command == "sync" && head.exit_code == Some(Exit::Done.code());
        head.finished_at.filter(|_| well)?.parse::<Timestamp>().ok()
    });
    let last = if exit == Exit::Done { Some(now) } else { ended };
    if let Some(last) = last {
        text.one(
            "last_success_timestamp_seconds",
            "When a sync last ended with exit code 0.",
            seconds(last),
        );
        let since = seconds(now) - seconds(last);
        text.one(
            "seconds_since_last_success",
            "Seconds since then, when this file was written.",
            since,
        );
    }
    Ok(())
}

fn tickets(text: &mut Text, journal: &Journal) -> Result<(), Failure> {
    let now = seconds(Timestamp::now());
    let known = journal.known()?;
    let tickets: Vec<f64> = known
        .values()
        .filter_map(|known| known.ticket.as_ref())
        .map(|ticket| ticket.since.parse().map_or(0.0, |since| now - seconds(since)))
        .collect();
    let oldest = tickets.iter().copied().fold(0.0, f64::max);
    text.one("open_tickets", "Tickets that are not closed.", count(tickets.len() as u64));
    text.one("oldest_ticket_age_seconds", "Age of the oldest open ticket.", oldest);
    let open = known.values().filter(|known| known.open.is_some()).count();
    let unresolved = open + journal.doubts()?.len();
    text.one("unresolved", "Writes whose outcome is not known.", count(unresolved as u64));
    text.one("registrations", "Registrations in the journal.", count(known.len() as u64));
    Ok(())
}

/// Rows of the journal's last run.
fn rows(text: &mut Text, journal: &Journal) -> Result<(), Failure> {
    let Ok((head, plan)) = journal.run(None) else { return Ok(()) };
    let form = Form::default();
    let facts = outcome::Facts { record: &head.record, plan: &plan, directory: None, form };
    let report = outcome::folded(&facts, journal, head.run, None)?;
    let summary = report.summary();
    let row = |status: &Status| {
        let value = summary.get(status).copied().unwrap_or_default();
        (format!(",status=\"{status}\""), count(value))
    };
    let values: Vec<(String, f64)> = Status::ALL.iter().map(row).collect();
    text.metric("rows", "Rows of the last run by status.", &values);
    let requests = &report.requests;
    text.one("requests", "Requests of the last run.", count(requests.sent));
    text.one("requests_retried", "Of those, repeats.", count(requests.retried));
    text.one(
        "requests_worst_window",
        "Most requests in any window of the rate's unit.",
        count(requests.worst_window),
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "metrics are floating point; seconds fit")]
fn seconds(at: Timestamp) -> f64 {
    at.as_second() as f64
}

#[expect(clippy::cast_precision_loss, reason = "metrics are floating point")]
const fn count(value: u64) -> f64 {
    value as f64
}

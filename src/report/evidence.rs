//! Utilisation per parent and in total, and who has which block since when: what ARIN asks for
//! when more space is requested.
//!
//! Owns the numbers and their text and CSV. Must not know: the page that shows them too.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::civil::Date;

use super::csv_safe;
use super::model::{Line, Report};
use super::space::{self, Space, amount, grouped, percent};
use crate::domain::{Family, Status};

/// Share of each block that ARIN wants used before more is given, in percent: NRPM 4.2.4.1 and
/// 4.3.3 speak of 50 % of each block.
pub const BLOCK_PERCENT: u8 = 50;
/// Share of all blocks together, in percent: NRPM 4.2.4.1.
pub const TOTAL_PERCENT: u8 = 80;
/// Digits of a date in front of a timestamp.
const DATE_LEN: usize = 10;

/// What utilisation is measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// For each block, in percent.
    pub block: u8,
    /// For all together, in percent.
    pub total: u8,
    /// Days between assignment and registration.
    pub deadline_days: i32,
}

impl Default for Thresholds {
    fn default() -> Self {
        let deadline_days = crate::plan::policy::DEADLINE_DAYS;
        Self { block: BLOCK_PERCENT, total: TOTAL_PERCENT, deadline_days }
    }
}

/// How many registrations were in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InTime {
    /// Rows with both dates that were in time.
    pub in_time: u64,
    /// Rows with both dates.
    pub dated: u64,
    /// Registered rows that lack the date of their assignment.
    pub undated: u64,
}

/// Facts of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The source, in words.
    pub name: String,
    /// Rows that are known from it.
    pub rows: u64,
    /// When the first was read, to the second; empty for what no registry was asked about.
    pub first: String,
    /// When the last was.
    pub last: String,
}

/// All parents of one family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Addresses.
    pub size: u128,
    /// Of those, used.
    pub used: u128,
}

/// The evidence of a report.
#[derive(Debug)]
pub struct Evidence<'r> {
    report: &'r Report,
    /// What it is measured against.
    pub thresholds: Thresholds,
    /// Each parent.
    pub parents: Vec<(Space, InTime)>,
    /// Each family.
    pub totals: BTreeMap<Family, Total>,
    /// All registrations together.
    pub in_time: InTime,
}

impl<'r> Evidence<'r> {
    /// The evidence of a report.
    #[must_use]
    pub fn of(report: &'r Report, thresholds: Thresholds) -> Self {
        let groups = space::by_parent(&report.parents, &report.lines);
        let mut totals: BTreeMap<Family, Total> = BTreeMap::new();
        let mut parents = Vec::new();
        for (parent, lines) in report.parents.iter().zip(&groups) {
            let space = space::of(parent, lines);
            let total = totals.entry(parent.block.family()).or_default();
            total.size = total.size.saturating_add(space.size());
            total.used = total.used.saturating_add(space.used());
            parents.push((space, in_time(lines.iter().copied(), thresholds.deadline_days)));
        }
        let all = in_time(report.lines.iter(), thresholds.deadline_days);
        Self { report, thresholds, parents, totals, in_time: all }
    }

    /// Where the facts come from and when they were read.
    #[must_use]
    pub fn source(&self) -> String {
        let run = &self.report.run;
        if run.registry.is_empty() {
            let hash = run.input_sha256.get(..16).unwrap_or(&run.input_sha256);
            let inputs = run.input.join(", ");
            return format!("the plan alone, no registry was asked: {inputs} (SHA-256 {hash})");
        }
        format!(
            "registrations: registry {}; those of run {} between {} and {} UTC, of earlier runs when each says; assignments: {} (SHA-256 {})",
            run.registry,
            run.id,
            second(&run.started_at),
            second(&run.finished_at),
            run.input.join(", "),
            run.input_sha256.get(..16).unwrap_or(&run.input_sha256),
        )
    }

    /// The lines that tell who has a block: registered, not required, recorded.
    fn assignments(&self) -> impl Iterator<Item = &'r Line> {
        self.report.lines.iter().filter(|line| {
            is_registered(line)
                || matches!(line.status, Some(Status::NotRequired | Status::Recorded))
        })
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// Whatever writing raises.
    pub fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "CONFIDENTIAL: names customers. Utilisation of the parent nets")?;
        if self.report.run.practice {
            writeln!(out, "practice: nothing in it is at ARIN")?;
        }
        writeln!(out, "{}\n", self.source())?;
        for (space, in_time) in &self.parents {
            self.parent(out, space, *in_time)?;
        }
        for (family, total) in &self.totals {
            let used = percent(total.used, total.size);
            writeln!(
                out,
                "IPv{} in total: {} of {} used, {used:.2} %: {}",
                family.version(),
                amount(total.used, *family),
                amount(total.size, *family),
                verdict(used, self.thresholds.total)
            )?;
        }
        writeln!(out, "{}\n\nAssignments (confidential)", self.in_time_text(self.in_time))?;
        self.assignments().try_for_each(|line| self.assignment_text(out, line))
    }

    /// Source and time of a registration; neither for what stands in the input alone.
    fn read(&self, line: &Line) -> Option<(&str, String)> {
        let known = line.net_handle.as_ref().and_then(|handle| self.report.seen.get(handle));
        match known {
            Some(seen) => Some((seen.source, second(&seen.at))),
            None => {
                is_registered(line).then(|| ("the registry", second(&self.report.run.finished_at)))
            }
        }
    }

    /// When and from which source a fact was read: the registry's answer, or the input alone.
    #[must_use]
    pub fn seen(&self, line: &Line) -> String {
        match (self.read(line), line.file.as_deref(), line.line) {
            (Some((source, at)), ..) => format!("{source}, read {at} UTC"),
            (None, Some(file), Some(at)) => format!("{file} line {at}"),
            (None, ..) => "the input".to_owned(),
        }
    }

    /// The sources of all facts, each with the time of its first and last.
    #[must_use]
    pub fn sources(&self) -> Vec<Known> {
        let mut sources: BTreeMap<&str, Known> = BTreeMap::new();
        for line in self.assignments() {
            let (name, at) = self.read(line).unwrap_or(("the input alone", String::new()));
            let known = sources.entry(name).or_insert_with(|| Known {
                name: name.to_owned(),
                first: at.clone(),
                ..Known::default()
            });
            known.rows += 1;
            known.first = std::mem::take(&mut known.first).min(at.clone());
            known.last = std::mem::take(&mut known.last).max(at);
        }
        sources.into_values().collect()
    }

    fn assignment_text(&self, out: &mut dyn Write, line: &Line) -> io::Result<()> {
        let block = space::block(line).map(|block| block.to_string()).unwrap_or_default();
        let dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let assigned = line.assigned_on.map(|date| date.to_string());
        let registered = line.registered_at.as_deref().and_then(|at| at.get(..DATE_LEN));
        writeln!(
            out,
            "  {block:24} {:18} assigned {:10} registered {:10} {}\n{:27}{}",
            line.status.map(|status| status.to_string()).unwrap_or_default(),
            dash(assigned.as_deref()),
            dash(registered),
            dash(line.recipient.as_deref()),
            "",
            self.seen(line)
        )
    }

    fn parent(&self, out: &mut dyn Write, space: &Space, in_time: InTime) -> io::Result<()> {
        let family = space.block.family();
        let used = space.percent(space.used());
        writeln!(out, "{} {}", space.net_handle, space.block)?;
        for (what, addresses) in [
            ("size", space.size()),
            ("registered", space.before + space.by_run),
            ("not required", space.not_required),
            ("recorded", space.recorded),
            ("open", space.open),
            ("free", space.free()),
        ] {
            let share = space.percent(addresses);
            writeln!(out, "  {what:13} {:>16}  {share:>6.2} %", amount(addresses, family))?;
        }
        writeln!(out, "  used          {used:.2} %: {}", verdict(used, self.thresholds.block))?;
        writeln!(out, "  {}\n", self.in_time_text(in_time))
    }

    /// The share in time, in words.
    #[must_use]
    pub fn in_time_text(&self, of: InTime) -> String {
        let InTime { in_time, dated, undated } = of;
        let days = self.thresholds.deadline_days;
        let share = percent(u128::from(in_time), u128::from(dated));
        let count = |number: u64| grouped(u128::from(number));
        let known = if dated == 0 {
            format!("registered within {days} days: not known")
        } else {
            let (in_time, dated) = (count(in_time), count(dated));
            format!("registered within {days} days: {in_time} of {dated}, {share:.1} %")
        };
        if undated == 0 {
            return known;
        }
        format!("{known}; {} rows without assigned_on", count(undated))
    }

    /// Writes it as CSV: parents, totals, then assignments, told apart by `record`.
    ///
    /// # Errors
    /// Whatever writing raises.
    pub fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(CSV_COLUMNS)?;
        let mut write = |cells: [String; CSV_COLUMNS.len()]| {
            writer.write_record(cells.map(|cell| csv_safe(&cell)))
        };
        let source = self.source();
        for (space, time) in &self.parents {
            write(parent_cells(space, *time, &self.thresholds, &source))?;
        }
        for (family, total) in &self.totals {
            let used = percent(total.used, total.size);
            let mut cells: [String; CSV_COLUMNS.len()] = Default::default();
            cells[0] = "total".to_owned();
            cells[2] = format!("IPv{}", family.version());
            cells[3] = total.size.to_string();
            cells[7] = format!("{used:.2}");
            cells[8] = verdict(used, self.thresholds.total).to_owned();
            cells[16].clone_from(&source);
            write(cells)?;
        }
        for line in self.assignments() {
            write(self.assignment_cells(line))?;
        }
        writer.flush()
    }

    fn assignment_cells(&self, line: &Line) -> [String; CSV_COLUMNS.len()] {
        let mut cells: [String; CSV_COLUMNS.len()] = Default::default();
        let block = space::block(line);
        cells[0] = "assignment".to_owned();
        cells[1] = line.parent_net.clone().unwrap_or_default();
        cells[2] = block.map(|block| block.to_string()).unwrap_or_default();
        cells[3] = block.map(|block| block.size().to_string()).unwrap_or_default();
        cells[9] = line.recipient.clone().unwrap_or_default();
        cells[10] = line.private.to_string();
        cells[11] = line.status.map(|status| status.to_string()).unwrap_or_default();
        cells[12] = line.net_handle.clone().unwrap_or_default();
        cells[13] = line.assigned_on.map(|date| date.to_string()).unwrap_or_default();
        cells[14] = line.registered_at.clone().unwrap_or_default();
        let late = days(line).map(|days| days <= self.thresholds.deadline_days);
        cells[15] = late.map(|in_time| in_time.to_string()).unwrap_or_default();
        cells[16] = self.seen(line);
        cells
    }
}

/// Columns of the CSV.
const CSV_COLUMNS: [&str; 17] = [
    "record",
    "parent_net",
    "block",
    "addresses",
    "registered",
    "not_required",
    "recorded",
    "used_percent",
    "threshold",
    "confidential_recipient",
    "private",
    "status",
    "net_handle",
    "assigned_on",
    "registered_at",
    "in_time",
    "source",
];

fn parent_cells(
    space: &Space,
    time: InTime,
    thresholds: &Thresholds,
    source: &str,
) -> [String; CSV_COLUMNS.len()] {
    let used = space.percent(space.used());
    let mut cells: [String; CSV_COLUMNS.len()] = Default::default();
    cells[0] = "parent".to_owned();
    cells[1].clone_from(&space.net_handle);
    cells[2] = space.block.to_string();
    cells[3] = space.size().to_string();
    cells[4] = (space.before + space.by_run).to_string();
    cells[5] = space.not_required.to_string();
    cells[6] = space.recorded.to_string();
    cells[7] = format!("{used:.2}");
    cells[8] = verdict(used, thresholds.block).to_owned();
    cells[15] = format!("{} of {}", time.in_time, time.dated);
    source.clone_into(&mut cells[16]);
    cells
}

/// A timestamp to the second.
fn second(timestamp: &str) -> String {
    timestamp.get(..19).unwrap_or(timestamp).replace('T', " ")
}

/// Whether a share meets its threshold, in words.
#[must_use]
pub fn verdict(used: f64, threshold: u8) -> &'static str {
    if used >= f64::from(threshold) { "meets the threshold" } else { "below the threshold" }
}

const fn is_registered(line: &Line) -> bool {
    matches!(
        line.status,
        Some(
            Status::Registered
                | Status::AlreadyRegistered
                | Status::Unchanged
                | Status::Modified
                | Status::Replaced
        )
    )
}

/// Days from assignment to registration, if both dates are known.
fn days(line: &Line) -> Option<i32> {
    let registered: Date = line.registered_at.as_deref()?.get(..DATE_LEN)?.parse().ok()?;
    Some(registered.since(line.assigned_on?).ok()?.get_days())
}

fn in_time<'l>(lines: impl Iterator<Item = &'l Line>, deadline: i32) -> InTime {
    let mut counts = InTime::default();
    for line in lines.filter(|line| is_registered(line)) {
        match days(line) {
            Some(days) => {
                counts.dated += 1;
                counts.in_time += u64::from(days <= deadline);
            }
            None => counts.undated += 1,
        }
    }
    counts
}

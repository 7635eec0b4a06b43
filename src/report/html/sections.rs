//! The sections of the page between its first screen and the rows.
//!
//! Owns what each section says. Must not know: markup.

use jiff::civil::Date;

use super::Row;
use super::map::{self, Picture};
use crate::domain::{AddressRange, Severity, Status};
use crate::report::class::Class;
use crate::report::evidence::{self, Evidence};
use crate::report::model::{Line, Report};
use crate::report::space::{self, Space, amount, block, grouped};
use crate::report::sync::REMOVED_NOT_REPLACED;

/// Rows listed under one heading; the table below has all.
pub(super) const LISTED: usize = 20;
/// Examples under one rule: they mostly say the same.
const EXAMPLES: usize = 8;
/// Digits of the date inside a ticket number.
const DATE_DIGITS: usize = 8;

/// Rows that need a person for one reason.
pub(super) struct Attention {
    pub(super) state: String,
    pub(super) class: Class,
    pub(super) code: String,
    pub(super) count: String,
    pub(super) rows: Vec<(String, String, String)>,
    pub(super) left_out: usize,
    pub(super) open: bool,
}

/// An open ticket.
pub(super) struct Ticket {
    pub(super) number: String,
    pub(super) status: String,
    pub(super) row: String,
    pub(super) block: String,
    pub(super) age: String,
}

/// The findings of one rule.
pub(super) struct RuleGroup {
    pub(super) rule: &'static str,
    pub(super) severity: &'static str,
    pub(super) class: Class,
    pub(super) count: String,
    pub(super) examples: Vec<(String, String)>,
    pub(super) left_out: Option<String>,
}

/// A parent as pictures and numbers.
pub(super) struct Parent {
    pub(super) space: Space,
    pub(super) size: String,
    pub(super) rows: String,
    pub(super) by_class: Vec<(Class, String)>,
    pub(super) pictures: Vec<Picture>,
    pub(super) left_out: usize,
    pub(super) is_v4: bool,
    pub(super) cell: String,
    pub(super) bars: [Bar; 2],
    pub(super) numbers: Vec<(&'static str, String, String)>,
    pub(super) verdict: &'static str,
    pub(super) meets: bool,
    pub(super) in_time: String,
}

/// Utilisation as a bar: its parts, and what it says in words.
pub(super) struct Bar {
    pub(super) label: &'static str,
    pub(super) text: String,
    /// Class in the style sheet, beginning and width in tenths of a percent, words.
    pub(super) parts: Vec<(&'static str, u32, u32, String)>,
}

/// All parents of one family.
pub(super) struct Total {
    pub(super) family: String,
    pub(super) size: String,
    pub(super) used: String,
    pub(super) percent: String,
    pub(super) verdict: &'static str,
}

/// What happened, in a sentence, and how urgent it is.
pub(super) fn verdict(report: &Report) -> (&'static str, Class) {
    let has =
        |class| report.lines.iter().any(|line| line.status.is_some_and(|s| Class::of(s) == class));
    if let Some(findings) = &report.findings {
        let of = |severity| findings.iter().any(|finding| finding.severity() == severity);
        return match (of(Severity::Error), of(Severity::Warning)) {
            (true, _) => ("The plan has errors: correct them, then check again.", Class::Person),
            (_, true) => ("The plan can be sent; look at the warnings first.", Class::Waiting),
            _ => ("The plan is sound: ready to submit.", Class::Done),
        };
    }
    match (report.run.exit_code, has(Class::Person), has(Class::Waiting)) {
        (7, ..) => ("The registry refused the API key; the rest was not sent.", Class::Person),
        (8, ..) => ("The registry could not be reached; resume later.", Class::Person),
        (9, ..) => ("The journal failed, so sending stopped.", Class::Person),
        (_, true, _) => ("Some rows need a person; they come first below.", Class::Person),
        (_, _, true) => ("Not finished: some rows wait.", Class::Waiting),
        _ => ("Done: no row needs anyone.", Class::Done),
    }
}

/// Facts about the run.
pub(super) fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let run = &report.run;
    let mut facts = vec![("Input", run.input.join(", ")), ("SHA-256", run.input_sha256.clone())];
    if report.findings.is_some() {
        facts.push(("Checked", second(&run.started_at)));
        return facts;
    }
    let requests = &report.requests;
    let limit = requests.rate_limit.as_deref().unwrap_or("none");
    facts.insert(0, ("Registry", run.registry.clone()));
    facts.push(("Duration", duration(&run.started_at, &run.finished_at)));
    facts.push((
        "Requests",
        format!(
            "{} sent, {} repeated; limit {limit}, at most {} in one window",
            grouped(u128::from(requests.sent)),
            grouped(u128::from(requests.retried)),
            requests.worst_window
        ),
    ));
    facts.push(("Run", run.id.clone()));
    facts.push(("Exit code", run.exit_code.to_string()));
    facts
}

fn duration(from: &str, to: &str) -> String {
    let parsed = (from.parse::<jiff::Timestamp>(), to.parse::<jiff::Timestamp>());
    let (Ok(begin), Ok(end)) = parsed else { return format!("since {from}") };
    let seconds = end.duration_since(begin).as_secs().max(0);
    let took = match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    };
    format!("{took} ({} to {} UTC)", second(from), second(to))
}

/// A timestamp for people: to the second, UTC.
fn second(timestamp: &str) -> String {
    timestamp.get(..19).unwrap_or(timestamp).replace('T', " ")
}

/// Rows that need a person, by status and reason; the most pressing first.
pub(super) fn attention(lines: &[Line], rows: &[Row]) -> Vec<Attention> {
    let not_replaced = |line: &Line| line.code.as_deref() == Some(REMOVED_NOT_REPLACED);
    // Somebody has lost a registration: that comes before everything.
    let rank = |line: &Line| match not_replaced(line) {
        true => None,
        false => Status::ALL.iter().position(|s| Some(*s) == line.status),
    };
    let mut groups: Vec<(Option<usize>, &str, Vec<usize>)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        if rows[at].class != Class::Person && !not_replaced(line) {
            continue;
        }
        let key = (rank(line), line.code.as_deref().unwrap_or_default());
        let group = *index.entry(key).or_insert(groups.len());
        if group == groups.len() {
            groups.push((key.0, key.1, Vec::new()));
        }
        groups[group].2.push(at);
    }
    groups.sort_by_key(|(rank, _, found)| (*rank, std::cmp::Reverse(found.len())));
    groups
        .into_iter()
        .enumerate()
        .map(|(number, (_, code, found))| Attention {
            state: rows[found[0]].state.clone(),
            class: Class::Person,
            code: code.to_owned(),
            count: grouped(found.len() as u128),
            left_out: found.len().saturating_sub(LISTED),
            rows: found
                .iter()
                .take(LISTED)
                .map(|at| {
                    let row = &rows[*at];
                    let message = row.message.strip_prefix(code).unwrap_or(&row.message);
                    let message = message.strip_prefix(": ").unwrap_or(message);
                    (row.number.clone(), row.block.clone(), message.to_owned())
                })
                .collect(),
            open: number < 2,
        })
        .collect()
}

/// Tickets, the oldest first.
pub(super) fn tickets(report: &Report) -> Vec<Ticket> {
    let today: Option<Date> = report.run.finished_at.get(..10).and_then(|day| day.parse().ok());
    let mut tickets: Vec<(Option<i32>, Ticket)> = report
        .lines
        .iter()
        .filter(|line| line.status == Some(Status::Ticketed))
        .map(|line| {
            let number = line.ticket.clone().unwrap_or_default();
            let age = opened(&number)
                .zip(today)
                .and_then(|(opened, today)| today.since(opened).ok())
                .map(|age| age.get_days());
            let ticket = Ticket {
                status: line.ticket_status.clone().unwrap_or_else(|| "open".to_owned()),
                row: line.row.map(|row| row.to_string()).unwrap_or_default(),
                block: block(line).map(|block| block.to_string()).unwrap_or_default(),
                age: age.map_or_else(|| "not known".to_owned(), |days| format!("{days} d")),
                number,
            };
            (age, ticket)
        })
        .collect();
    tickets.sort_by_key(|(age, _)| std::cmp::Reverse(*age));
    tickets.into_iter().map(|(_, ticket)| ticket).collect()
}

/// The day in a ticket number: `20090526-X1`, `ARIN-20221019-X541735`.
fn opened(number: &str) -> Option<Date> {
    let part = number.split('-').find(|part| part.len() == DATE_DIGITS)?;
    Date::strptime("%Y%m%d", part).ok()
}

/// Findings by rule: errors first, then the most frequent.
pub(super) fn findings(report: &Report) -> Vec<RuleGroup> {
    let findings = report.findings.as_deref().unwrap_or_default();
    let mut groups: Vec<RuleGroup> = Vec::new();
    let mut counts: Vec<usize> = Vec::new();
    for finding in findings {
        let rule = finding.rule.as_str();
        let at = groups.iter().position(|group| group.rule == rule).unwrap_or_else(|| {
            let severity = finding.severity();
            groups.push(RuleGroup {
                rule,
                severity: severity.as_str(),
                class: match severity {
                    Severity::Error => Class::Person,
                    Severity::Warning => Class::Waiting,
                    Severity::Note => Class::Aside,
                },
                count: String::new(),
                examples: Vec::new(),
                left_out: None,
            });
            counts.push(0);
            groups.len() - 1
        });
        counts[at] += 1;
        if groups[at].examples.len() < EXAMPLES {
            let place = match finding.at.row {
                // No data row: the header, or a whole file.
                0 => "0".to_owned(),
                row => row.to_string(),
            };
            groups[at].examples.push((place, format!("{}; {}", finding.message, finding.help)));
        }
    }
    for (group, count) in groups.iter_mut().zip(&counts) {
        group.count = grouped(*count as u128);
        let left = count.saturating_sub(EXAMPLES);
        group.left_out = (left > 0).then(|| grouped(left as u128));
    }
    let mut order: Vec<(usize, RuleGroup)> = counts.into_iter().zip(groups).collect();
    order.sort_by_key(|(count, group)| (std::cmp::Reverse((group.class, *count)), group.rule));
    order.into_iter().map(|(_, group)| group).collect()
}

/// Every parent as pictures and numbers.
pub(super) fn parents(report: &Report, classes: &[Class], evidence: &Evidence<'_>) -> Vec<Parent> {
    let checked = report.findings.is_some();
    let mut by_parent: std::collections::HashMap<&str, Vec<(AddressRange, Class)>> =
        std::collections::HashMap::new();
    for (line, class) in report.lines.iter().zip(classes) {
        if let (Some(handle), Some(block)) = (line.parent_net.as_deref(), block(line)) {
            by_parent.entry(handle).or_default().push((block, *class));
        }
    }
    evidence
        .parents
        .iter()
        .map(|(space, in_time)| {
            let rows = by_parent.remove(space.net_handle.as_str()).unwrap_or_default();
            let (pictures, left_out) = map::pictures(&space.block, &rows, checked);
            let of = |class| rows.iter().filter(|(_, own)| *own == class).count() as u128;
            let by_class = Class::ALL.into_iter().rev().map(|class| (class, of(class)));
            let used = space.percent(space.used());
            let family = space.block.family();
            Parent {
                size: amount(space.size(), family),
                rows: grouped(u128::from(space.rows)),
                by_class: by_class
                    .filter(|(_, count)| *count > 0)
                    .map(|(class, count)| {
                        (class, format!("{} {}", grouped(count), class.label(checked)))
                    })
                    .collect(),
                pictures,
                left_out,
                is_v4: family == crate::domain::Family::V4,
                cell: map::cell(&space.block),
                bars: [before(space), after(space, checked)],
                numbers: numbers(space),
                verdict: evidence::verdict(used, evidence.thresholds.block),
                meets: used >= f64::from(evidence.thresholds.block),
                in_time: match in_time.dated {
                    0 => "not known".to_owned(),
                    dated => {
                        let count = |number: u64| grouped(u128::from(number));
                        format!("{} of {}", count(in_time.in_time), count(dated))
                    }
                },
                space: space.clone(),
            }
        })
        .collect()
}

fn before(space: &Space) -> Bar {
    let used = space.percent(space.used_before());
    let parts = [
        ("done", space.before, "registered"),
        ("aside", space.not_required + space.recorded, "not required or recorded"),
    ];
    bar("before", format!("{used:.2} % used"), space, &parts)
}

fn after(space: &Space, checked: bool) -> Bar {
    let used = space.percent(space.used());
    let open = if checked { "planned" } else { "asked for, not registered" };
    let parts = [
        ("done", space.before, "registered before"),
        ("new", space.by_run, "registered by this run"),
        ("aside", space.not_required + space.recorded, "not required or recorded"),
        ("wait", space.open, open),
    ];
    let text = if space.open > 0 {
        let with = space.percent(space.used() + space.open);
        format!("{used:.2} % used; {with:.2} % with what is {open}")
    } else {
        format!("{used:.2} % used")
    };
    bar(if checked { "planned" } else { "after" }, text, space, &parts)
}

fn bar(
    label: &'static str,
    text: String,
    space: &Space,
    parts: &[(&'static str, u128, &str)],
) -> Bar {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    let tenths = |addresses: u128| (space.percent(addresses) * 10.0).round() as u32;
    let mut from = 0;
    let parts = parts
        .iter()
        .filter(|(_, addresses, _)| *addresses > 0)
        .map(|(css, addresses, what)| {
            // However little it is, it must be seen.
            let (begin, wide) = (from, tenths(*addresses).max(2));
            from += wide;
            let family = space.block.family();
            let share = space.percent(*addresses);
            (*css, begin, wide, format!("{what}: {} ({share:.2} %)", amount(*addresses, family)))
        })
        .collect();
    Bar { label, text, parts }
}

fn numbers(space: &Space) -> Vec<(&'static str, String, String)> {
    let family = space.block.family();
    [
        ("Registered before", space.before),
        ("Registered by this run", space.by_run),
        ("Not required", space.not_required),
        ("Recorded", space.recorded),
        ("Asked for, not registered", space.open),
        ("Free", space.free()),
    ]
    .into_iter()
    .map(|(what, addresses)| {
        (what, amount(addresses, family), format!("{:.2} %", space.percent(addresses)))
    })
    .collect()
}

/// All parents of each family.
pub(super) fn totals(evidence: &Evidence<'_>) -> Vec<Total> {
    let one = |(family, total): (&crate::domain::Family, &evidence::Total)| {
        let used = space::percent(total.used, total.size);
        Total {
            family: format!("IPv{}", family.version()),
            size: amount(total.size, *family),
            used: amount(total.used, *family),
            percent: format!("{used:.2} %"),
            verdict: evidence::verdict(used, evidence.thresholds.total),
        }
    };
    evidence.totals.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_number_tells_its_day() {
        let day: Date = "2009-05-26".parse().unwrap();
        assert_eq!(opened("20090526-X1"), Some(day));
        assert_eq!(opened("ARIN-20090526-X541735"), Some(day));
        assert_eq!(opened("X1"), None);
    }
}

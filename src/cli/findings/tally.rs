//! Findings counted by cause while the rows are read: one cause repeated ten thousand times is one
//! group with a count and examples.
//!
//! A group is a rule and a column; within it, findings of one value have one cause. What is kept is
//! bounded, and depends on the order of the rows alone. Must not know: how findings are printed.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::domain::{Finding, Rule, Severity};

/// Most causes of a group that are told apart.
const CAUSES_MAX: usize = 1000;
/// Rows of a group that are named without being shown.
pub(super) const ROWS_NAMED: usize = 10;

/// What a group is known by.
type Key = (Rule, Cow<'static, str>);

/// Findings counted by severity and by cause.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Tally {
    /// Errors, warnings, notes.
    counts: [u64; 3],
    groups: BTreeMap<Key, Group>,
}

/// Findings of one rule in one column.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Group {
    /// How many there are.
    pub(super) count: u64,
    /// The lowest rows.
    pub(super) rows: Vec<u64>,
    /// By value: how many, and the lowest row.
    pub(super) causes: HashMap<Box<str>, Cause>,
    /// Whether there are values beyond those that are told apart.
    pub(super) more_causes: bool,
}

/// Findings of one value.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Cause {
    /// How many there are.
    pub(super) count: u64,
    /// The lowest row.
    pub(super) row: u64,
}

/// Rows that follow each other and collide with the same earlier row: counted at once, since a
/// plan inside one big block has as many as it has rows.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Run {
    rule: Rule,
    /// The earlier row.
    first: u64,
    count: u64,
    /// The lowest of the later rows, as many as are named.
    rows: [u64; ROWS_NAMED],
}

impl Run {
    /// A later row and the first row it collides with.
    pub(in crate::cli) fn new(rule: Rule, row: u64, first: u64) -> Self {
        let mut rows = [0; ROWS_NAMED];
        rows[0] = row;
        Self { rule, first, count: 1, rows }
    }

    /// Takes a row, if it collides with the same earlier one.
    pub(in crate::cli) fn take(&mut self, rule: Rule, row: u64, first: u64) -> bool {
        if (rule, first) != (self.rule, self.first) {
            return false;
        }
        let at = usize::try_from(self.count).unwrap_or(ROWS_NAMED);
        if let Some(place) = self.rows.get_mut(at) {
            *place = row;
        }
        self.count += 1;
        true
    }
}

impl Group {
    fn add(&mut self, cause: &str, row: u64, count: u64) {
        self.count += count;
        if let Some(known) = self.causes.get_mut(cause) {
            known.count += count;
        } else if self.causes.len() < CAUSES_MAX {
            self.causes.insert(cause.into(), Cause { count, row });
        } else {
            self.more_causes = true;
        }
    }

    fn name_row(&mut self, row: u64) {
        if self.rows.len() < ROWS_NAMED {
            self.rows.push(row);
        }
    }
}

const fn place(severity: Severity) -> usize {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    }
}

impl Tally {
    /// How many findings are of a severity.
    pub(in crate::cli) const fn count(&self, severity: Severity) -> u64 {
        self.counts[place(severity)]
    }

    /// Counts a finding of a row.
    pub(in crate::cli) fn add(&mut self, row: u64, finding: &Finding) {
        let column = finding.column.clone().unwrap_or_default();
        self.counts[place(finding.severity())] += 1;
        let group = self.groups.entry((finding.rule, column)).or_default();
        group.add(&finding.value, row, 1);
        group.name_row(row);
    }

    /// Counts a finding that is no row's.
    pub(in crate::cli) const fn count_one(&mut self, severity: Severity) {
        self.counts[place(severity)] += 1;
    }

    /// Counts findings that rows raise together with one earlier row.
    pub(in crate::cli) fn add_run(&mut self, run: &Run) {
        self.counts[place(run.rule.severity())] += run.count;
        let column = if run.rule == Rule::Overlap { "prefix" } else { "customer_handle" };
        let group = self.groups.entry((run.rule, Cow::Borrowed(column))).or_default();
        group.add(&format!("row {}", run.first), run.rows[0], run.count);
        let named = usize::try_from(run.count).unwrap_or(ROWS_NAMED).min(ROWS_NAMED);
        run.rows[..named].iter().for_each(|row| group.name_row(*row));
    }

    /// Adds what the part that follows counted; its rows are numbered from `before`.
    pub(in crate::cli) fn follow(&mut self, part: Self, before: u64) {
        for (count, more) in self.counts.iter_mut().zip(part.counts) {
            *count += more;
        }
        for (key, more) in part.groups {
            let group = self.groups.entry(key).or_default();
            more.rows.iter().for_each(|row| group.name_row(row + before));
            // New causes are taken in the order of their rows, wherever the cut fell.
            let mut causes: Vec<(&Box<str>, &Cause)> = more.causes.iter().collect();
            causes.sort_unstable_by_key(|(value, cause)| (cause.row, *value));
            for (value, cause) in causes {
                group.add(value, cause.row + before, cause.count);
            }
            group.more_causes |= more.more_causes;
        }
    }

    /// The groups: errors first, of one severity the largest first.
    pub(super) fn groups(&self) -> Vec<(Rule, &str, &Group)> {
        let mut groups: Vec<_> = self
            .groups
            .iter()
            .map(|((rule, column), group)| (*rule, column.as_ref(), group))
            .collect();
        groups.sort_by_key(|(rule, _, group)| (rule.severity(), std::cmp::Reverse(group.count)));
        groups
    }
}

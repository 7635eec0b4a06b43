//! A plan read once: what is known of every row, in little memory, and the rows that have findings
//! read again when they are told.
//!
//! Owns the two passes. The first reads all parts side by side and keeps numbers only; the second
//! reads again the rows that raised something, or all of them when the plan is made. Both commands
//! go through here, so that they find the same. Must not know: printing, the network.

use std::io::Write;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::failure::{Exit, Failure};
use super::findings::{Run, Tally, Totals};
use crate::domain::{AddressRange, Finding, Severity};
use crate::intake::{InputFacts, Inputs, ReadError, Row};
use crate::plan::{Checked, Group, Judge, PlannedRow, Planner, Relations, RowIndex};

/// Parts whose findings are rendered side by side before they are written in order.
const WINDOW: usize = 16;

/// A plan that was read and related.
pub(super) struct Survey {
    /// The inputs, still open.
    pub(super) inputs: Inputs,
    /// What was read.
    pub(super) facts: InputFacts,
    /// Who judged.
    pub(super) judge: Judge,
    /// What the rows are to each other.
    pub(super) relations: Relations,
    /// Findings by cause.
    pub(super) tally: Tally,
    /// Findings that are no row's, in printing order.
    pub(super) general: Vec<Finding>,
    /// Per part: the rows that raised a finding, numbered within the part.
    marks: Vec<Vec<u32>>,
    /// Whether no row of the plan can be trusted: then rows raise nothing.
    pub(super) lost: bool,
}

/// What rows are gathered in.
#[derive(Default)]
struct Gathered {
    index: RowIndex,
    /// Of the part in hand.
    left: Left,
}

/// What a part leaves behind.
#[derive(Default)]
struct Left {
    marks: Vec<u32>,
    tally: Tally,
}

impl Gathered {
    fn leave(&mut self, part: usize) -> Left {
        self.index.end_part(part);
        std::mem::take(&mut self.left)
    }
}

impl From<ReadError> for Failure {
    fn from(fault: ReadError) -> Self {
        Self::new(Exit::Input, fault.to_string())
    }
}

impl Survey {
    /// Reads and relates every row; `extra` are findings of other files, which end it there.
    ///
    /// # Errors
    /// An input that cannot be read, or that changed meanwhile (exit 3).
    pub(super) fn new(inputs: Inputs, judge: Judge, extra: Vec<Finding>) -> Result<Self, Failure> {
        let take = |gathered: &mut Gathered, local: u32, row: &mut Row<'_>| {
            let mut findings = std::mem::take(&mut row.findings);
            let judged = judge.judge(row.view, &mut findings);
            gathered.index.take(local, row.view, &judged);
            if !findings.is_empty() {
                let left = &mut gathered.left;
                left.marks.push(local);
                for finding in &mut findings {
                    row.place(finding);
                    left.tally.add(u64::from(local) + 1, finding);
                }
            }
        };
        let (facts, left, gathered) = inputs.survey(Gathered::default, take, Gathered::leave)?;
        if facts.rows + facts.deselected > crate::plan::index::ROWS_MAX {
            let message = format!("the plan has {} rows; split it", facts.rows);
            return Err(Failure::new(Exit::Input, message));
        }
        let lost = facts.unusable || !extra.is_empty();
        let mut survey = Self {
            general: [extra, facts.findings.clone()].concat(),
            inputs,
            facts,
            relations: Relations::default(),
            tally: Tally::default(),
            marks: Vec::new(),
            lost,
            judge,
        };
        if !lost {
            survey.general.extend(survey.judge.notes());
            survey.relate(left, gathered);
        }
        survey.general.sort_by(|a, b| a.order().cmp(&b.order()));
        let severities: Vec<Severity> = survey.general.iter().map(Finding::severity).collect();
        severities.into_iter().for_each(|severity| survey.tally.count_one(severity));
        Ok(survey)
    }

    fn relate(&mut self, left: Vec<Left>, gathered: Vec<Gathered>) {
        let bases: Vec<u64> = (0..left.len()).map(|part| self.facts.row_before(part)).collect();
        for (part, before) in left.into_iter().zip(&bases) {
            self.tally.follow(part.tally, *before);
            self.marks.push(part.marks);
        }
        let indexes = gathered.into_iter().map(|gathered| gathered.index).collect();
        self.relations = self.judge.relate(indexes, &bases);
        let mut run: Option<Run> = None;
        for (rule, row, first) in self.relations.pairs() {
            if !run.as_mut().is_some_and(|run| run.take(rule, row, first)) {
                let done = run.replace(Run::new(rule, row, first));
                done.iter().for_each(|run| self.tally.add_run(run));
            }
            if let Some((part, local)) = self.facts.find(row) {
                self.marks[part].push(local);
            }
        }
        run.iter().for_each(|run| self.tally.add_run(run));
        for marks in &mut self.marks {
            marks.sort_unstable();
            marks.dedup();
        }
    }

    /// The counts under a list of findings.
    pub(super) fn totals(&self) -> Totals {
        Totals {
            rows: self.facts.rows,
            requests: self.relations.requests,
            errors: self.tally.count(Severity::Error),
            warnings: self.tally.count(Severity::Warning),
            notes: self.tally.count(Severity::Note),
        }
    }

    /// Reads chosen rows of a part again, with all their findings in printing order.
    fn told(
        &self,
        part: usize,
        chosen: &[u32],
        mut sink: impl FnMut(&mut Row<'_>, &crate::plan::Judged<'_>, Vec<Finding>),
    ) -> Result<(), ReadError> {
        self.inputs.again(&self.facts, part, chosen, |_, row| {
            let mut findings = std::mem::take(&mut row.findings);
            let judged = self.judge.judge(row.view, &mut findings);
            findings.extend(self.relations.findings(row.view, |row| self.facts.line(row)));
            findings.iter_mut().for_each(|finding| row.place(finding));
            findings.sort_by(|a, b| a.order().cmp(&b.order()));
            sink(row, &judged, findings);
        })
    }

    /// All findings of one row.
    ///
    /// # Errors
    /// An input that cannot be read any more (exit 3).
    pub(super) fn of_row(&self, row: u64) -> Result<Vec<Finding>, Failure> {
        let Some((part, local)) = self.facts.find(row) else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        self.told(part, &[local], |_, _, findings| all = findings)?;
        Ok(all)
    }

    /// Writes every finding in order, rendered side by side: memory does not grow with them.
    ///
    /// # Errors
    /// An input that cannot be read any more (exit 3), output that cannot be written (exit 9).
    pub(super) fn write_all(
        &self,
        out: &mut dyn Write,
        render: impl Fn(&Finding, &mut Vec<u8>) + Sync,
    ) -> Result<(), Failure> {
        let mut text = Vec::new();
        self.general.iter().for_each(|finding| render(finding, &mut text));
        out.write_all(&text)?;
        let marked: Vec<usize> =
            (0..self.marks.len()).filter(|part| !self.marks[*part].is_empty()).collect();
        for window in marked.chunks(WINDOW) {
            let rendered: Result<Vec<Vec<u8>>, ReadError> = window
                .into_par_iter()
                .map(|part| {
                    let mut text = Vec::new();
                    self.told(*part, &self.marks[*part], |_, _, findings| {
                        findings.iter().for_each(|finding| render(finding, &mut text));
                    })?;
                    Ok(text)
                })
                .collect();
            for text in rendered? {
                out.write_all(&text)?;
            }
        }
        Ok(())
    }

    /// The blocks of all rows by the parent they lie under, in the order of the parents.
    ///
    /// # Errors
    /// An input that cannot be read any more (exit 3).
    pub(super) fn blocks_by_parent(&self) -> Result<Vec<Vec<AddressRange>>, Failure> {
        let mut blocks = vec![Vec::new(); self.judge.parents().len()];
        if self.lost {
            return Ok(blocks);
        }
        for (part, facts) in self.facts.parts.iter().enumerate() {
            let all: Vec<u32> = (0..facts.rows).collect();
            self.told(part, &all, |row, judged, _| {
                if let (Group::Under(parent), Some(block)) = (judged.group, row.view.block)
                    && let Some(blocks) = blocks.get_mut(parent as usize)
                {
                    blocks.push(block);
                }
            })?;
        }
        Ok(blocks)
    }

    /// The plan, and all findings, in memory: what `submit` and `sync` need.
    ///
    /// # Errors
    /// An input that cannot be read any more (exit 3).
    pub(super) fn checked(&self) -> Result<Checked, Failure> {
        let mut checked = Checked { findings: self.general.clone(), ..Checked::default() };
        if self.lost {
            return Ok(checked);
        }
        let planner = Planner::new(&self.judge, &self.relations);
        type Planned = (Vec<PlannedRow>, Vec<Finding>);
        let parts: Result<Vec<Planned>, ReadError> = (0..self.facts.parts.len())
            .into_par_iter()
            .map(|part| {
                let all: Vec<u32> = (0..self.facts.parts[part].rows).collect();
                let (mut rows, mut found) = (Vec::new(), Vec::new());
                self.told(part, &all, |row, judged, findings| {
                    rows.push(planner.plan(&row.own(), judged, &findings));
                    found.extend(findings);
                })?;
                Ok((rows, found))
            })
            .collect();
        let mut rows = Vec::new();
        for (planned, found) in parts? {
            rows.extend(planned);
            checked.findings.extend(found);
        }
        checked.plan = planner.finish(self.inputs.names(), rows);
        checked.plan.protected.clone_from(&self.facts.protected);
        Ok(checked)
    }
}

#[cfg(test)]
#[path = "survey_tests.rs"]
mod tests;

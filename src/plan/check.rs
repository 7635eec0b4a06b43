//! The verdict on a plan: what its rows are to each other, and the plan made of them.
//!
//! Owns the findings that rows raise together, and what becomes of each row. Must not know: how a
//! row is read, files, HTTP, clock.

use std::collections::HashMap;

use super::free::Room;
use super::index::{Relations, Reuse, RowIndex, relate};
use super::judge::{Judge, Judged};
use super::overlap::Collision;
use super::registered::relation;
use super::step::{Fate, Plan, PlannedRow, Step};
use crate::domain::{
    AddressRange, Family, Finding, Intent, NetHandle, NetName, ReadRow, RowAt, RowView, Rule,
    Severity, SwipRequest, Written,
};

/// A plan and what was found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Every row with its fate.
    pub plan: Plan,
    /// All findings, in printing order.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// How many findings are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity() == severity).count()
    }
}

impl Judge {
    /// Relates the rows of all indexes to each other; `bases` are the numbers of the rows before
    /// each part.
    #[must_use]
    pub fn relate(&self, indexes: Vec<RowIndex>, bases: &[u64]) -> Relations {
        let room = |group: u32, family: Family| Room {
            parent: self.parents().get(group as usize).map(|parent| parent.block.bounds()),
            is_free: Box::new(move |first, last| {
                let block = AddressRange::from_bounds(family, first, last);
                block.is_some_and(|block| self.is_free(&block, group))
            }),
        };
        relate(indexes, bases, self.parents().len(), room)
    }
}

impl Relations {
    /// Rows that raise a finding together with earlier ones: rule, row, first earlier row; by row
    /// within one rule.
    pub fn pairs(&self) -> impl Iterator<Item = (Rule, u64, u64)> + '_ {
        let overlaps = self.collisions.found.iter().map(|collision| {
            let first = self.collisions.related.get(collision.from as usize).copied();
            (Rule::Overlap, u64::from(collision.row), u64::from(first.unwrap_or_default()))
        });
        let reused = self.reused.iter();
        let reused = reused.map(|r| (Rule::CustomerReused, u64::from(r.row), u64::from(r.first)));
        overlaps.chain(reused)
    }

    /// The findings that a row raises together with earlier ones; `line` tells the line of a row.
    pub fn findings(&self, row: &RowView<'_>, line: impl Fn(u64) -> Option<u64>) -> Vec<Finding> {
        let number = u32::try_from(row.at.row).unwrap_or(u32::MAX);
        let found = &self.collisions.found;
        let collision = found.binary_search_by_key(&number, |c| c.row).ok().map(|at| &found[at]);
        let overlap = collision
            .zip(row.block)
            .map(|(collision, block)| self.overlap(row.at, &block, collision, &line));
        let reuse = self.reused.binary_search_by_key(&number, |reuse| reuse.row).ok();
        let reuse = reuse.map(|at| reused(row, self.reused[at], &line));
        reuse.into_iter().chain(overlap).collect()
    }

    fn overlap(
        &self,
        at: RowAt,
        block: &AddressRange,
        collision: &Collision,
        line: impl Fn(u64) -> Option<u64>,
    ) -> Finding {
        let block_of = |index: u32| {
            let (first, last) = self.collisions.blocks.get(index as usize)?;
            AddressRange::from_bounds(block.family(), *first, *last)
        };
        let from = collision.from as usize;
        let listed = self.collisions.related.get(from..from + collision.listed as usize);
        let related: Vec<u64> = listed.unwrap_or_default().iter().copied().map(u64::from).collect();
        let first = related.first().copied().unwrap_or_default();
        let other = block_of(collision.other).unwrap_or(*block);
        let place = line(first).map_or_else(String::new, |line| format!(" (line {line})"));
        let message = format!("{block} {} {other} of row {first}{place}", relation(block, &other));
        let free = collision.free.and_then(|index| block_of(index.get()));
        let help = match free {
            Some(free) => format!(
                "rows under one parent must not share addresses; correct one of them, {free} is free"
            ),
            None => {
                "rows under one parent must not share addresses; correct one of them".to_owned()
            }
        };
        let mut finding = Finding::new(at, Rule::Overlap, message, help);
        finding.column = Some("prefix".into());
        finding.value = block.to_string();
        finding.related_rows = related;
        finding.related_total = u64::from(collision.total);
        finding
    }
}

/// `customer-reused`: ARIN allows a customer one simple reassignment.
fn reused(row: &RowView<'_>, reuse: Reuse, line: impl Fn(u64) -> Option<u64>) -> Finding {
    let handle = row.customer.map(Written::as_str).unwrap_or_default();
    let first = u64::from(reuse.first);
    let place = line(first).map_or_else(String::new, |line| format!(" (line {line})"));
    let message = format!(
        "{handle} is already the recipient of row {first}{place}; a customer may hold one simple reassignment"
    );
    let help = "give each net its own customer: fill in customer_name and address instead";
    let mut finding = Finding::new(row.at, Rule::CustomerReused, message, help);
    finding.column = Some("customer_handle".into());
    finding.value = handle.to_owned();
    finding.related_rows = vec![first];
    finding.related_total = 1;
    finding
}

/// Makes planned rows of rows that were judged and related.
pub struct Planner<'v> {
    judge: &'v Judge,
    /// Rows that others collide with: the rule, and the later row where it is known.
    withheld: HashMap<u64, (Rule, Option<u64>)>,
}

impl<'v> Planner<'v> {
    /// A planner under a verdict.
    #[must_use]
    pub fn new(judge: &'v Judge, relations: &Relations) -> Self {
        let mut withheld = HashMap::new();
        let collisions = &relations.collisions;
        for collision in &collisions.found {
            let from = collision.from as usize;
            let listed = collisions.related.get(from..from + collision.listed as usize);
            for earlier in listed.unwrap_or_default() {
                let later = (Rule::Overlap, Some(u64::from(collision.row)));
                withheld.entry(u64::from(*earlier)).or_insert(later);
            }
        }
        // A finding lists ten rows; whoever shares an address is kept back, listed or not.
        for row in &collisions.sharing {
            withheld.entry(u64::from(*row)).or_insert((Rule::Overlap, None));
        }
        for reuse in &relations.reused {
            let later = (Rule::CustomerReused, Some(u64::from(reuse.row)));
            withheld.entry(u64::from(reuse.first)).or_insert(later);
        }
        Self { judge, withheld }
    }

    /// The row as it is planned; `findings` are all of it, in printing order.
    #[must_use]
    pub fn plan(&self, row: &ReadRow, judged: &Judged<'_>, findings: &[Finding]) -> PlannedRow {
        let parent = judged.parent.map(|parent| parent.net_handle.clone());
        let parent = parent.or_else(|| row.facts.parent_net.clone());
        let step = row.request.as_ref().and_then(|request| step(request, parent.as_ref()));
        let fault = findings.iter().find(|finding| finding.severity() == Severity::Error);
        let net_name = step.as_ref().map(|step| step.net_name.to_string());
        let fate = match (fault, self.withheld.get(&row.at.row)) {
            (Some(fault), _) => Fate::Invalid {
                rule: fault.rule,
                message: format!("{}; {}", fault.message, fault.help),
            },
            (None, Some((rule, later))) => withheld(*rule, *later),
            (None, None) => fate(judged, step),
        };
        PlannedRow {
            at: row.at,
            reference: row.facts.reference.clone(),
            action: row.facts.action,
            parent,
            block: row.facts.block,
            net_name: net_name.or_else(|| row.facts.net_name.clone()),
            recipient: row.facts.recipient.clone(),
            private: row.facts.private,
            assigned_on: row.request.as_ref().and_then(|request| request.assigned_on),
            fate,
        }
    }

    /// The plan of all rows.
    #[must_use]
    pub fn finish(&self, files: Vec<String>, rows: Vec<PlannedRow>) -> Plan {
        Plan { files, parents: self.judge.parents().to_vec(), rows, ..Plan::default() }
    }
}

fn withheld(rule: Rule, later: Option<u64>) -> Fate {
    let other = later.map_or_else(|| "another row".to_owned(), |row| format!("row {row}"));
    let message =
        format!("{other} collides with it ({rule}); both are withheld until one is corrected");
    Fate::Withheld { rule, message }
}

/// What becomes of a sound row.
fn fate(judged: &Judged<'_>, step: Option<Step>) -> Fate {
    if let Some(net) = judged.already {
        return Fate::AlreadyRegistered(Box::new(net.clone()));
    }
    if judged.parent.is_some_and(|parent| !parent.managed) {
        return Fate::NotManaged;
    }
    if judged.left_out {
        return Fate::NotRequired;
    }
    step.map_or(Fate::Recorded, |step| Fate::Send(Box::new(step)))
}

/// The step of a request; `None` for `record-only`, or while its parent is not known.
fn step(request: &SwipRequest, parent: Option<&NetHandle>) -> Option<Step> {
    let Intent::Register(assignment) = &request.intent else { return None };
    let generated = || {
        if assignment.is_private() {
            NetName::generated_private(&request.block)
        } else {
            NetName::generated(assignment.recipient(), &request.block)
        }
    };
    Some(Step {
        parent: parent?.clone(),
        block: request.block,
        net_name: request.net_name.clone().unwrap_or_else(generated),
        name_generated: request.net_name.is_none(),
        assignment: assignment.clone(),
        comment: request.comment.clone(),
        given: request.given,
    })
}

//! The checker: every row judged on its own, then against the others; then the plan is made.
//!
//! Owns the order of judgement and what becomes of each row. Must not know: files, HTTP, clock.

use std::collections::HashMap;

use jiff::civil::Date;

use super::overlap::{self, Span, collisions};
use super::parents::ParentSet;
use super::policy;
use super::registered::{self, Claim, RegisteredSet, Standing, relation};
use super::step::{Fate, Plan, PlannedRow, Step};
use crate::domain::{
    Action, Assignment, CustomerHandle, Finding, Intent, NetHandle, NetName, Parent, ReadRow,
    RegisteredNet, RowAt, RowFacts, Rule, Severity, SimpleRecipient, SwipRequest,
};

/// What becomes of rows that NRPM does not require and that name no action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BelowPolicy {
    /// They are registered.
    #[default]
    Register,
    /// They are left out.
    Skip,
}

/// How the plan is checked.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// Accept a row that takes a whole parent.
    pub allow_whole_parent: bool,
    /// Rows below policy.
    pub below_policy: BelowPolicy,
    /// Today, for ages.
    pub as_of: Date,
    /// Days until a registration is late.
    pub deadline_days: i32,
}

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

/// A row under judgement.
struct Judged {
    row: ReadRow,
    parent: Option<NetHandle>,
    managed: bool,
    already: Option<Box<RegisteredNet>>,
}

/// Takes rows, judges them, makes the plan.
pub struct Checker {
    parents: Option<ParentSet>,
    registered: RegisteredSet,
    options: CheckOptions,
    rows: Vec<Judged>,
    findings: Vec<Finding>,
}

impl Checker {
    /// A checker against these parents; `None` when none are known.
    #[must_use]
    pub fn new(parents: Option<Vec<Parent>>, options: CheckOptions) -> Self {
        let parents = parents.map(ParentSet::new);
        let mut findings = Vec::new();
        if parents.is_none() {
            let message = "no parents are known, so containment was not checked";
            let help = "give --parents FILE with net_handle and prefix of each parent";
            findings.push(Finding::new(RowAt::default(), Rule::ParentsNotGiven, message, help));
        }
        let registered = RegisteredSet::new();
        Self { parents, registered, options, rows: Vec::new(), findings }
    }

    /// Holds the rows against what is registered already.
    #[must_use]
    pub fn with_registered(mut self, registered: RegisteredSet) -> Self {
        self.registered = registered;
        self
    }

    /// Judges one row on its own.
    pub fn take(&mut self, mut row: ReadRow) {
        let from = self.findings.len();
        self.findings.append(&mut row.findings);
        let (mut parent, mut managed) = (row.facts.parent_net.clone(), true);
        if let Some(request) = row.request.as_ref() {
            let found = self.judge(request);
            match found {
                Ok(resolved) => {
                    if let Some(resolved) = resolved {
                        parent = Some(resolved.net_handle.clone());
                        managed = resolved.managed;
                    }
                }
                Err(finding) => {
                    self.findings.push(*finding);
                    row.request = None;
                }
            }
        }
        if let (None, Some(set), Some(block)) = (&row.request, &self.parents, &row.facts.block) {
            // Its space is protected under the parent it would have.
            let resolved = set.resolve(row.at, row.facts.parent_net.as_ref(), block);
            parent = resolved.ok().map(|p| p.net_handle.clone()).or(parent);
        }
        let already = self.already(&mut row, parent.as_ref(), from);
        self.rows.push(Judged { row, parent, managed, already });
    }

    /// Holds a row against what is registered: an equal net takes its findings back.
    fn already(
        &mut self,
        row: &mut ReadRow,
        parent: Option<&NetHandle>,
        from: usize,
    ) -> Option<Box<RegisteredNet>> {
        let block = row.facts.block.filter(|_| !self.registered.is_empty())?;
        let claim = claim(&row.facts);
        let known = parent.and_then(|handle| self.parents.as_ref()?.by_handle(handle));
        match self.registered.standing(&block, known, &claim) {
            Standing::Free => None,
            Standing::Equal(net) => {
                registered::forgive(&mut self.findings[from..], net);
                let errors = self.findings[from..].iter();
                let sound = !errors.clone().any(|f| f.severity() == Severity::Error);
                sound.then(|| Box::new(net.clone()))
            }
            Standing::Taken(taken) => {
                let finding =
                    registered::overlaps_registered(row.at, &block, parent, &claim, &taken);
                self.findings.extend(finding);
                row.request = None;
                None
            }
        }
    }

    /// The parent of a request, or the first error about its block.
    fn judge(&mut self, request: &SwipRequest) -> Result<Option<Parent>, Box<Finding>> {
        let (at, block) = (request.at, &request.block);
        let parent = match &self.parents {
            Some(set) => Some(set.resolve(at, request.parent_net.as_ref(), block)?.clone()),
            None => None,
        };
        if let Some(finding) = policy::too_small(at, block) {
            return Err(Box::new(finding));
        }
        if let Some(parent) = parent.as_ref().filter(|_| !self.options.allow_whole_parent)
            && let Some(finding) = policy::whole(at, block, parent)
        {
            return Err(Box::new(finding));
        }
        if request.intent.action() != Action::RecordOnly {
            self.findings.extend(policy::optional(at, block));
            let late =
                |date| policy::late(at, date, self.options.as_of, self.options.deadline_days);
            self.findings.extend(request.assigned_on.and_then(late));
        }
        Ok(parent)
    }

    /// Judges the rows against each other and makes the plan.
    #[must_use]
    pub fn finish(mut self, files: Vec<String>) -> Checked {
        let mut withheld = HashMap::new();
        self.overlaps(&mut withheld);
        self.reused_customers(&mut withheld);
        self.findings.sort_by(|a, b| a.order().cmp(&b.order()));
        let faults = first_errors(&self.findings);
        let options = &self.options;
        let rows = self.rows.iter().map(|judged| planned(judged, options, &faults, &withheld));
        let parents = self.parents.as_ref().map(|set| set.all().to_vec()).unwrap_or_default();
        let plan = Plan { files, parents, rows: rows.collect(), sync: None };
        Checked { plan, findings: self.findings }
    }

    /// `overlap`: rows under one parent that share addresses.
    fn overlaps(&mut self, withheld: &mut HashMap<u64, (Rule, u64)>) {
        let mut groups = HashMap::new();
        let span = |judged: &Judged| {
            let block = judged.row.facts.block?;
            let key = (judged.parent.clone(), block.family());
            let next = u32::try_from(groups.len()).unwrap_or(u32::MAX);
            let group = *groups.entry(key).or_insert(next);
            let (first, last) = block.bounds();
            Some(Span { group, first, last, row: judged.row.at.row })
        };
        let mut spans: Vec<Span> = self.rows.iter().filter_map(span).collect();
        spans.sort_unstable();
        // A finding lists ten rows; whoever shares an address is kept back, listed or not.
        let sharing = overlap::sharing(&spans);
        for collision in collisions(spans) {
            let Some(later) = row_of(&self.rows, collision.row) else { continue };
            let Some(first) = collision.earlier.first().and_then(|n| row_of(&self.rows, *n)) else {
                continue;
            };
            for earlier in &collision.earlier {
                withheld.entry(*earlier).or_insert((Rule::Overlap, collision.row));
            }
            let finding = overlap_finding(later, first, collision.earlier, collision.total);
            self.findings.extend(finding);
        }
        for row in sharing {
            withheld.entry(row).or_insert((Rule::Overlap, 0));
        }
    }

    /// `customer-reused`: ARIN allows a customer one simple reassignment.
    fn reused_customers(&mut self, withheld: &mut HashMap<u64, (Rule, u64)>) {
        let mut users: HashMap<CustomerHandle, u64> = HashMap::new();
        for judged in &self.rows {
            let Some(handle) = existing_customer(&judged.row) else { continue };
            let row = judged.row.at.row;
            let first = *users.entry(handle.clone()).or_insert(row);
            if first == row {
                continue;
            }
            withheld.entry(first).or_insert((Rule::CustomerReused, row));
            let message = format!(
                "{handle} is already the recipient of row {first}; a customer may hold one simple reassignment"
            );
            let help = "give each net its own customer: fill in customer_name and address instead";
            let mut finding = Finding::new(judged.row.at, Rule::CustomerReused, message, help);
            finding.column = Some("customer_handle".into());
            finding.value = handle.to_string();
            finding.related_rows = vec![first];
            finding.related_total = 1;
            self.findings.push(finding);
        }
    }
}

/// What a row says of itself.
fn claim(facts: &RowFacts) -> Claim<'_> {
    Claim {
        named: facts.parent_net.as_ref().map(NetHandle::as_str),
        net_name: facts.net_name.as_deref(),
        action: facts.action,
        customer: facts.customer_handle.as_deref(),
        org: facts.org_handle.as_deref(),
        recipient: facts.recipient_name.as_deref(),
    }
}

fn row_of(rows: &[Judged], number: u64) -> Option<&Judged> {
    let at = rows.binary_search_by_key(&number, |judged| judged.row.at.row).ok()?;
    rows.get(at)
}

fn existing_customer(row: &ReadRow) -> Option<&CustomerHandle> {
    match &row.request.as_ref()?.intent {
        Intent::Register(Assignment::ReassignSimple(SimpleRecipient::Existing(handle))) => {
            Some(handle)
        }
        _ => None,
    }
}

fn overlap_finding(
    later: &Judged,
    first: &Judged,
    earlier: Vec<u64>,
    total: u64,
) -> Option<Finding> {
    let (block, other) = (later.row.facts.block?, first.row.facts.block?);
    let relation = relation(&block, &other);
    let message = format!(
        "{block} {relation} {other} of row {} (line {})",
        first.row.at.row, first.row.at.line
    );
    let help = "siblings under one parent must not share addresses; correct one of the rows";
    let mut finding = Finding::new(later.row.at, Rule::Overlap, message, help);
    finding.column = Some("prefix".into());
    finding.value = block.to_string();
    finding.related_rows = earlier;
    finding.related_total = total;
    Some(finding)
}

/// The first error of each row, in finding order.
fn first_errors(findings: &[Finding]) -> HashMap<u64, (Rule, String)> {
    let mut first = HashMap::new();
    for finding in findings.iter().filter(|finding| finding.severity() == Severity::Error) {
        let text = format!("{}; {}", finding.message, finding.help);
        first.entry(finding.at.row).or_insert((finding.rule, text));
    }
    first
}

fn planned(
    judged: &Judged,
    options: &CheckOptions,
    faults: &HashMap<u64, (Rule, String)>,
    withheld: &HashMap<u64, (Rule, u64)>,
) -> PlannedRow {
    let row = &judged.row;
    let step = row.request.as_ref().map(|request| step(request, judged.parent.as_ref()));
    let fate = if let Some((rule, message)) = faults.get(&row.at.row) {
        Fate::Invalid { rule: *rule, message: message.clone() }
    } else if let Some((rule, later)) = withheld.get(&row.at.row) {
        let other = if *later == 0 { "another row".to_owned() } else { format!("row {later}") };
        let message =
            format!("{other} collides with it ({rule}); both are withheld until one is corrected");
        Fate::Withheld { rule: *rule, message }
    } else {
        fate(judged, options, step.as_ref())
    };
    let name = step.as_ref().and_then(|step| step.as_ref().map(|s| s.net_name.to_string()));
    PlannedRow {
        at: row.at,
        reference: row.facts.reference.clone(),
        action: row.facts.action,
        parent: judged.parent.clone(),
        block: row.facts.block,
        net_name: name.or_else(|| row.facts.net_name.clone()),
        recipient: row.facts.recipient.clone(),
        private: row.facts.private,
        assigned_on: row.request.as_ref().and_then(|request| request.assigned_on),
        fate,
    }
}

/// What becomes of a sound row.
fn fate(judged: &Judged, options: &CheckOptions, step: Option<&Option<Step>>) -> Fate {
    if let Some(net) = &judged.already {
        return Fate::AlreadyRegistered(net.clone());
    }
    let Some(request) = judged.row.request.as_ref() else { return Fate::Recorded };
    if !judged.managed {
        return Fate::NotManaged;
    }
    let skip = options.below_policy == BelowPolicy::Skip;
    if skip && !request.action_named && !policy::required(&request.block) {
        return Fate::NotRequired;
    }
    match step {
        Some(Some(step)) => Fate::Send(Box::new(step.clone())),
        _ => Fate::Recorded,
    }
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

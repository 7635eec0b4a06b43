//! One row judged on its own: its parent, what is registered, policy.
//!
//! Owns the order of judgement of a borrowed row; `check` and `submit` run it alike, row by row
//! and side by side. Must not know: other rows, files, HTTP, clock.

use jiff::civil::Date;

use super::parents::{Found, ParentIndex, ParentSet};
use super::policy;
use super::registered::{self, Claim, RegisteredSet, Standing};
use crate::domain::{
    Action, AddressRange, Finding, NetHandle, Parent, RegisteredNet, RowAt, RowView, Rule,
    Severity, Written,
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

/// Judges rows, each on its own.
#[derive(Clone, Debug)]
pub struct Judge {
    parents: Option<ParentSet>,
    registered: RegisteredSet,
    options: CheckOptions,
    /// What was assigned before this day is late.
    late_before: Date,
}

/// A row under which no other may lie: its group for overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group<'r> {
    /// The rows under one parent.
    Under(ParentIndex),
    /// Parents are not known: the rows that name this one, or none.
    Named(Option<&'r str>),
    /// It lies under no parent, which is its fault already.
    Nowhere,
}

/// What was judged of a row.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'j> {
    /// Which rows it must not overlap.
    pub group: Group<'j>,
    /// Its parent, if one was found.
    pub parent: Option<&'j Parent>,
    /// The registered net it equals.
    pub already: Option<&'j RegisteredNet>,
    /// Whether it has no error.
    pub sound: bool,
    /// Whether it would be sent, as far as it alone can tell.
    pub sendable: bool,
    /// Whether `--below-policy skip` leaves it out.
    pub left_out: bool,
}

impl Judged<'_> {
    /// A row whose block is not known.
    const NOWHERE: Self = Self {
        group: Group::Nowhere,
        parent: None,
        already: None,
        sound: false,
        sendable: false,
        left_out: false,
    };
}

impl Judge {
    /// Against these parents, or none when none are known, and what is registered.
    #[must_use]
    pub fn new(
        parents: Option<Vec<Parent>>,
        registered: RegisteredSet,
        options: CheckOptions,
    ) -> Self {
        let days = jiff::Span::new().try_days(options.deadline_days).unwrap_or_default();
        let late_before = options.as_of.checked_sub(days).unwrap_or(Date::MIN);
        Self { parents: parents.map(ParentSet::new), registered, options, late_before }
    }

    /// The parents, sorted.
    #[must_use]
    pub fn parents(&self) -> &[Parent] {
        self.parents.as_ref().map(ParentSet::all).unwrap_or_default()
    }

    /// What the plan as a whole lacks.
    #[must_use]
    pub fn notes(&self) -> Vec<Finding> {
        if self.parents.is_some() {
            return Vec::new();
        }
        let message = "no parents are known, so containment was not checked";
        let help = "give --parents FILE with net_handle and prefix of each parent";
        vec![Finding::new(RowAt::default(), Rule::ParentsNotGiven, message, help)]
    }

    /// Judges a row; what its cells raised is in `findings` already.
    pub fn judge<'j>(&'j self, row: &RowView<'j>, findings: &mut Vec<Finding>) -> Judged<'j> {
        let Some(block) = &row.block else { return Judged::NOWHERE };
        let own = findings.len();
        let (group, found) = self.place(row, block, findings);
        let parent = found.and_then(|found| self.parents.as_ref()?.get(found.index));
        if findings.len() == own {
            let all_of = parent.filter(|_| found.is_some_and(|found| found.ends_with_it));
            self.block_rules(row.at, block, all_of, findings);
        }
        if findings.len() == own && row.sound && row.action != Some(Action::RecordOnly) {
            self.policy_notes(row, block, findings);
        }
        let sound = row.sound && !findings[own..].iter().any(is_error);
        let left_out = self.is_left_out(row, block);
        let mut judged = Judged { group, parent, sound, left_out, ..Judged::NOWHERE };
        if !self.registered.is_empty() {
            self.hold_against_registered(row, block, &mut judged, findings);
        }
        judged.sendable = judged.sound
            && judged.already.is_none()
            && !left_out
            && row.action != Some(Action::RecordOnly)
            && found.is_none_or(|found| found.managed);
        judged
    }

    /// The parent of a row and its group, or the error that it has none.
    fn place<'j>(
        &'j self,
        row: &RowView<'j>,
        block: &AddressRange,
        findings: &mut Vec<Finding>,
    ) -> (Group<'j>, Option<Found>) {
        let Some(parents) = &self.parents else {
            return (Group::Named(row.parent_net.map(Written::as_str)), None);
        };
        let found = if row.parent_unreadable {
            parents.around(block)
        } else {
            match parents.resolve(row.at, row.parent_net, block) {
                Ok(found) => Some(found),
                Err(finding) => {
                    findings.push(*finding);
                    // Its space is protected under the parent it would have.
                    parents.around(block)
                }
            }
        };
        (found.map_or(Group::Nowhere, |found| Group::Under(found.index)), found)
    }

    /// The rules about a block and the parent that it may be all of: the first that it breaks.
    fn block_rules(
        &self,
        at: RowAt,
        block: &AddressRange,
        all_of: Option<&Parent>,
        findings: &mut Vec<Finding>,
    ) {
        if let Some(finding) = policy::too_small(at, block) {
            findings.push(finding);
        } else if let Some(parent) = all_of.filter(|_| !self.options.allow_whole_parent) {
            findings.extend(policy::whole(at, block, parent));
        }
    }

    fn policy_notes(&self, row: &RowView<'_>, block: &AddressRange, findings: &mut Vec<Finding>) {
        findings.extend(policy::optional(row.at, block));
        let CheckOptions { as_of, deadline_days, .. } = self.options;
        if let Some(assigned) = row.assigned_on.filter(|date| *date < self.late_before) {
            findings.extend(policy::late(row.at, assigned, as_of, deadline_days));
        }
    }

    /// Holds a row against what is registered: an equal net takes its findings back.
    fn hold_against_registered<'j>(
        &'j self,
        row: &RowView<'j>,
        block: &AddressRange,
        judged: &mut Judged<'j>,
        findings: &mut Vec<Finding>,
    ) {
        let text = |written: Option<Written<'j>>| written.map(Written::as_str);
        let claim = Claim {
            named: text(row.parent_net),
            net_name: text(row.net_name),
            action: row.action,
            customer: text(row.customer),
            org: text(row.org),
            recipient: text(row.recipient),
        };
        match self.registered.standing(block, judged.parent, &claim) {
            Standing::Free => {}
            Standing::Equal(net) => {
                registered::forgive(findings, net);
                judged.sound = !findings.iter().any(is_error);
                judged.already = judged.sound.then_some(net);
            }
            Standing::Taken(taken) => {
                let parent = judged.parent.map(|parent| &parent.net_handle);
                let named = parent.map(NetHandle::as_str).or(claim.named);
                let found = registered::overlaps_registered(row.at, block, named, &claim, &taken);
                findings.extend(found);
                judged.sound = false;
            }
        }
    }

    /// Whether `--below-policy skip` leaves a row out.
    fn is_left_out(&self, row: &RowView<'_>, block: &AddressRange) -> bool {
        self.options.below_policy == BelowPolicy::Skip
            && !row.action_named
            && !policy::required(block)
    }

    /// Whether a block under the parent of a group is free of nearer parents and registered nets.
    pub(super) fn is_free(&self, block: &AddressRange, group: ParentIndex) -> bool {
        let Some(parents) = &self.parents else { return false };
        let Some(parent) = parents.get(group) else { return false };
        let taken = |net: &RegisteredNet| {
            net.net_handle != parent.net_handle && !net.block.contains(&parent.block)
        };
        parents.around(block).is_some_and(|found| found.index == group)
            && parents
                .all()
                .iter()
                .all(|other| other.block.contains(&parent.block) || !other.block.overlaps(block))
            && !self.registered.sharing(block).any(taken)
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity() == Severity::Error
}

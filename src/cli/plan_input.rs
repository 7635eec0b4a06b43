//! From the options that name files to a checked plan: what `check` and `submit` both do first.
//!
//! Owns reading mapping, inputs and parents, and running the checker. Must not know: printing,
//! the network.

use std::path::Path;

use jiff::ZonedDateTime;

use super::args;
use super::failure::{Exit, Failure};
use super::findings::Totals;
use crate::domain::{Action, Finding, Parent, ReadRow, Severity};
use crate::intake::{self, InputFacts, Inputs, IntakeOptions, Mapping, MappingError};
use crate::plan::registered::RegisteredSet;
use crate::plan::{BelowPolicy, CheckOptions, Checked, Checker, Fate, PlannedRow};

/// Inputs after reading, before the rows are judged.
pub(super) struct PlanInput {
    /// The files in memory.
    pub(super) inputs: Inputs,
    /// Every row.
    pub(super) rows: Vec<ReadRow>,
    /// What was read.
    pub(super) facts: InputFacts,
    /// The parents, if a file names them.
    pub(super) parents: Option<Vec<Parent>>,
    /// What is registered already, as far as a file or the registry told.
    pub(super) registered: RegisteredSet,
    options: CheckOptions,
    extra: Vec<Finding>,
}

impl PlanInput {
    /// Reads everything the options name.
    ///
    /// # Errors
    /// A file that cannot be read (exit 3), or a mapping that cannot be used (exit 3).
    pub(super) fn read(args: &args::Intake, recipient_orgs: bool) -> Result<Self, Failure> {
        let unreadable = |fault: intake::ReadError| Failure::new(Exit::Input, fault.to_string());
        let mapping = args.mapping.as_deref().map(mapping).transpose()?;
        let mapped = mapping.is_some();
        let (parents, mut extra) = match &args.parents {
            Some(path) => {
                let (parents, findings) = intake::parents::read(path).map_err(unreadable)?;
                (Some(parents), findings)
            }
            None => (None, Vec::new()),
        };
        let mut registered = RegisteredSet::new();
        if let Some(path) = &args.registered {
            let (nets, findings) = intake::registered::read(path).map_err(unreadable)?;
            nets.into_iter().for_each(|net| registered.insert(net));
            extra.extend(findings);
        }
        let intake = IntakeOptions { mapping, recipient_orgs };
        let inputs = Inputs::open(&args.inputs, intake).map_err(unreadable)?;
        let mut rows = Vec::new();
        let facts = inputs.rows(|row| rows.push(row));
        let below_policy = match args.below_policy {
            Some(args::BelowPolicy::Skip) => BelowPolicy::Skip,
            None if mapped => BelowPolicy::Skip,
            _ => BelowPolicy::Register,
        };
        let options = CheckOptions {
            allow_whole_parent: args.allow_whole_parent,
            below_policy,
            as_of: args.as_of.unwrap_or_else(|| ZonedDateTime::now().date()),
            deadline_days: args.deadline_days,
        };
        Ok(Self { inputs, rows, facts, parents, registered, options, extra })
    }

    /// Judges every row.
    #[must_use]
    pub(super) fn check(self) -> (Inputs, InputFacts, Checked) {
        let files = self.inputs.names();
        let lost = !self.extra.is_empty() || self.facts.unusable;
        let parents = if lost { Some(self.parents.unwrap_or_default()) } else { self.parents };
        let mut checked = if lost {
            Checked { findings: Vec::new(), ..Checked::default() }
        } else {
            let mut checker = Checker::new(parents, self.options).with_registered(self.registered);
            self.rows.into_iter().for_each(|row| checker.take(row));
            checker.finish(files)
        };
        checked.findings.extend(self.extra);
        checked.findings.extend(self.facts.findings.iter().cloned());
        checked.findings.sort_by(|a, b| a.order().cmp(&b.order()));
        (self.inputs, self.facts, checked)
    }
}

fn mapping(path: &Path) -> Result<Mapping, Failure> {
    Mapping::read(path).map_err(|fault: MappingError| Failure::new(Exit::Input, fault.to_string()))
}

/// The counts under a list of findings.
#[must_use]
pub(super) fn totals(facts: &InputFacts, checked: &Checked) -> Totals {
    Totals {
        rows: facts.rows,
        requests: checked.plan.rows.iter().filter(|row| to_be_sent(row)).count() as u64,
        errors: checked.count(Severity::Error),
        warnings: checked.count(Severity::Warning),
        notes: checked.count(Severity::Note),
    }
}

/// Whether a row would be sent; without parents its step cannot be made yet.
fn to_be_sent(row: &PlannedRow) -> bool {
    match row.fate {
        Fate::Send(_) => true,
        Fate::Recorded => row.action != Some(Action::RecordOnly),
        _ => false,
    }
}

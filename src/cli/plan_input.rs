//! From the options that name files to a checked plan: what `check` and `submit` both do first.
//!
//! Owns opening mapping, inputs, parents and what is registered. Must not know: printing,
//! the network.

use std::path::Path;

use jiff::ZonedDateTime;

use super::args;
use super::failure::{Exit, Failure};
use super::survey::Survey;
use crate::domain::{AddressRange, Finding, NetHandle, Parent};
use crate::intake::{self, Inputs, IntakeOptions, Mapping, MappingError};
use crate::plan::registered::RegisteredSet;
use crate::plan::{BelowPolicy, CheckOptions, Checked, Judge};

/// Inputs that are open, before the rows are judged.
pub(super) struct PlanInput {
    /// The files.
    pub(super) inputs: Inputs,
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
        let mapping = args.mapping.as_deref().map(mapping).transpose()?;
        let mapped = mapping.is_some();
        let (parents, mut extra) = match &args.parents {
            Some(path) => {
                let (parents, findings) = intake::parents::read(path)?;
                (Some(parents), findings)
            }
            None => (None, Vec::new()),
        };
        let mut registered = RegisteredSet::new();
        if let Some(path) = &args.registered {
            let (nets, findings) = intake::registered::read(path)?;
            nets.into_iter().for_each(|net| registered.insert(net));
            extra.extend(findings);
        }
        let intake = IntakeOptions { mapping, recipient_orgs };
        let inputs = Inputs::open(&args.inputs, intake)?;
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
        Ok(Self { inputs, parents, registered, options, extra })
    }

    /// Judges and relates every row, and keeps what little `check` needs.
    ///
    /// # Errors
    /// An input that cannot be read, or that changed meanwhile (exit 3).
    pub(super) fn survey(self) -> Result<Survey, Failure> {
        let judge = Judge::new(self.parents, self.registered, self.options);
        Survey::new(self.inputs, judge, self.extra)
    }

    /// Judges every row, and makes the plan.
    ///
    /// # Errors
    /// As [`PlanInput::survey`].
    pub(super) fn check(self) -> Result<(Survey, Checked), Failure> {
        let survey = self.survey()?;
        let checked = survey.checked()?;
        Ok((survey, checked))
    }

    /// What each sound row asks for, by parent and block.
    ///
    /// # Errors
    /// An input that cannot be read (exit 3).
    pub(super) fn asked(&self) -> Result<Vec<(Option<NetHandle>, AddressRange)>, Failure> {
        let mut asked = Vec::new();
        self.inputs.rows(|row| {
            asked.extend(row.request.map(|request| (request.parent_net, request.block)));
        })?;
        Ok(asked)
    }
}

fn mapping(path: &Path) -> Result<Mapping, Failure> {
    Mapping::read(path).map_err(|fault: MappingError| Failure::new(Exit::Input, fault.to_string()))
}

//! From the options that name files to a checked plan: what `check` and `submit` both do first.
//!
//! Owns opening mapping, inputs, parents and what is registered. Must not know: printing,
//! the network.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::args;
use super::failure::{Exit, Failure};
use super::survey::Survey;
use crate::domain::{AddressRange, Finding, NetHandle, Parent};
use crate::intake::formats::convert::Options;
use crate::intake::formats::join::Recipients;
use crate::intake::left::Left;
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
        Self::read_over(args, recipient_orgs, Left::default())
    }

    /// The same, where empty cells leave what is registered as it is.
    ///
    /// # Errors
    /// As [`PlanInput::read`].
    pub(super) fn read_over(
        args: &args::Intake,
        recipient_orgs: bool,
        left: Left,
    ) -> Result<Self, Failure> {
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
        let (formats, paths, found) = formats(&args.reading, &args.inputs, args.as_of)?;
        extra.extend(found);
        let intake = IntakeOptions { formats, recipient_orgs, left: Arc::new(left) };
        let inputs = Inputs::open(&paths, intake)?;
        let exports = inputs.exports().any(|export| export.converted.is_export);
        let below_policy = match args.below_policy {
            Some(args::BelowPolicy::Skip) => BelowPolicy::Skip,
            None if exports => BelowPolicy::Skip,
            _ => BelowPolicy::Register,
        };
        let options = CheckOptions {
            allow_whole_parent: args.allow_whole_parent,
            below_policy,
            as_of: args.as_of.unwrap_or_else(today),
            deadline_days: args.deadline_days,
        };
        Ok(Self { inputs, parents, registered, options, extra })
    }

    /// Takes the parents that exports tell, where no file names them: for the offline check and
    /// the practice registry, so a handle that the export does not tell is the usual one.
    pub(super) fn take_found_parents(&mut self) {
        let found = self.inputs.parents();
        if self.parents.is_none() && !found.is_empty() {
            self.parents = Some(intake::parents::of_exports(&found));
        }
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

    /// The parents that sound rows name, and the blocks of those that name none.
    ///
    /// # Errors
    /// An input that cannot be read (exit 3).
    pub(super) fn asked(&self) -> Result<Asked, Failure> {
        let mut asked = Asked::default();
        self.inputs.rows(|row| {
            match row.request.map(|request| (request.parent_net, request.block)) {
                Some((Some(handle), _)) => {
                    asked.handles.insert(handle);
                }
                Some((None, block)) => asked.blocks.push(block),
                None => {}
            }
        })?;
        Ok(asked)
    }
}

/// Whose parents must be known.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Parents by their handles.
    pub(super) handles: BTreeSet<NetHandle>,
    /// Blocks whose parent no row names.
    pub(super) blocks: Vec<AddressRange>,
}

/// How the exports among the inputs are converted, the inputs that hold rows, and what is wrong
/// with the recipients files.
///
/// # Errors
/// A mapping or recipients file that cannot be used (exit 3).
pub(super) fn formats(
    args: &args::Formats,
    inputs: &[PathBuf],
    as_of: Option<Date>,
) -> Result<(Options, Vec<PathBuf>, Vec<Finding>), Failure> {
    let mapping = args.mapping.as_deref().map(mapping).transpose()?.unwrap_or_default();
    let (beside, rows): (Vec<_>, Vec<_>) =
        inputs.iter().cloned().partition(|path| intake::formats::is_recipients(path));
    let encoding = args.encoding.as_deref().and_then(intake::formats::encoding::encoding);
    let mut recipients = Recipients::default();
    let mut findings = Vec::new();
    for path in args.recipients.iter().chain(&beside) {
        findings.extend(intake::formats::recipients::read(path, encoding, &mut recipients)?);
    }
    let options = Options {
        format: args.input_format.clone().or(mapping.format),
        own: mapping.own,
        mapping: args.mapping.is_some().then_some(mapping.rules),
        encoding,
        transliterate: args.transliterate,
        recipients: Arc::new(recipients),
        as_of: as_of.unwrap_or_else(today),
    };
    Ok((options, rows, findings))
}

fn mapping(path: &Path) -> Result<Mapping, Failure> {
    Mapping::read(path).map_err(|fault: MappingError| Failure::new(Exit::Input, fault.to_string()))
}

/// Where Unix systems keep the rules of the local time zone.
const LOCAL_TIME: &str = "/etc/localtime";

/// Today where the machine stands. A zone by its name is looked for in the whole time zone database,
/// which takes longer than checking a small plan; a date needs the rules of the zone alone.
fn today() -> Date {
    let rules = std::env::var_os("TZ").is_none().then(|| std::fs::read(LOCAL_TIME).ok()).flatten();
    let zone = rules.and_then(|rules| TimeZone::tzif("local", &rules).ok());
    zone.unwrap_or_else(TimeZone::system).to_datetime(Timestamp::now()).date()
}

//! `swip adopt`: the plan matched with what is registered, and taken into the journal.
//!
//! Owns the order: plan, lists, exact ranges, records, groups, journal. Nothing is written at the
//! registry. Must not know: how groups are told apart, how they are printed.

mod json;
mod show;
mod take;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::args::{AcceptGroup, Adopt, Global, PlainFormat};
use super::failure::{Exit, Failure};
use super::inventory::{details, ranges};
use super::plan_input::PlanInput;
use super::reading::{Purpose, Reading, default_cache, listed, price, prove, seeds};
use super::submit::take_parents;
use super::target::Target;
use super::{findings, terminal};
use crate::domain::{AddressRange, Assignment, NetHandle, Registered, Source};
use crate::intake::bytes::STDIN;
use crate::inventory::{Found, Survey};
use crate::plan::adopt::{Group, Grouping, Inventory, group};
use crate::plan::registered::RegisteredSet;
use crate::plan::{Checked, Plan, Step};
use take::Taken;

/// Rows shown of each group, in text.
pub const EXAMPLES: usize = 5;

/// Everything the output is made from.
struct Picture<'p> {
    plan: &'p Plan,
    nets: Vec<Registered>,
    grouping: Grouping,
    accepted: Vec<Group>,
    survey: &'p Survey,
}

/// Runs the command.
///
/// # Errors
/// Files that cannot be read, keys that prove nothing, whatever ends reading.
pub(super) async fn run(global: &Global, args: &Adopt) -> Result<Exit, Failure> {
    if !args.dry_run && args.journal.is_none() {
        return Err(Failure::usage(
            "give --journal PATH, the one sync will use; or --dry-run, to look first",
        ));
    }
    let (checked, seeds, errors) = plan(global, args).await?;
    let plan = checked.plan;
    let first = args.intake.inputs.first().map_or(Path::new(STDIN), PathBuf::as_path);
    let stem = args.journal.as_ref().map_or_else(
        || first.to_owned(),
        |journal| journal.with_file_name(first.file_name().unwrap_or_default()),
    );
    let cache = default_cache(args.intake.parents.as_deref(), first);
    let purpose = Purpose { global, sources: &args.sources, plan: &plan, stem, cache };
    let reading = Reading::open(&purpose).await?;
    let taken = adopt(args, &reading, &plan, seeds).await;
    let counts = reading.reader.counts();
    let practice = reading.target.is_local();
    reading.close()?;
    let taken = taken?;
    let ending = show::Ending { taken: &taken, counts, args, practice, errors };
    tracing::info!("{}", show::last_line(&ending));
    let refused = if taken.no_authority { Exit::Rejected } else { Exit::Done };
    let unread = if taken.unread > 0 && !args.dry_run { Exit::Unresolved } else { Exit::Done };
    let input = if errors { Exit::Input } else { Exit::Done };
    Ok(if args.dry_run { input } else { input.worst(refused).worst(unread) })
}

/// Reads everything, groups, shows, and takes over what is accepted.
async fn adopt(
    args: &Adopt,
    reading: &Reading,
    plan: &Plan,
    seeds: Vec<Registered>,
) -> Result<Taken, Failure> {
    let orgs = prove(reading, &plan.parents).await?;
    let mut journal = take::open(args, reading, &orgs)?;
    let mut survey = Survey::new(plan.parents.clone());
    seeds.into_iter().for_each(|net| survey.add(net));
    read(args, reading, plan, &mut survey).await?;
    let nets: Vec<Registered> = survey.nets().into_iter().map(|found| found.net.clone()).collect();
    let inventory =
        Inventory { registered: &nets, looked: &survey.looked, listed: &survey.listed() };
    let grouping = group(plan, inventory);
    let accepted = accepted(&args.accept);
    let picture = Picture { plan, nets, grouping, accepted, survey: &survey };
    let taken = match &mut journal {
        Some(journal) => take::over(&picture, journal)?,
        None => Taken::would(&picture),
    };
    let mut out = terminal::out();
    match args.format {
        PlainFormat::Json => json::write(&mut out, &picture, &taken)?,
        PlainFormat::Text => show::write(&mut out, &picture, args)?,
    }
    Ok(taken)
}

/// The checked plan, the nets that files name, and whether the input has errors.
async fn plan(global: &Global, args: &Adopt) -> Result<(Checked, Vec<Registered>, bool), Failure> {
    let target = Target::parse(global.registry.as_deref())?;
    let mut input = PlanInput::read(&args.intake, global.settings.recipient_orgs)?;
    take_parents(global, &target, args.sources.rate, &mut input).await?;
    // What differs from what is registered is grouped here, not refused by the checker.
    let listed = std::mem::take(&mut input.registered);
    let mut all = seeds(None, &args.sources)?;
    if let Some(path) = &args.intake.registered {
        let source = Source::File(path.display().to_string());
        let nets = listed.all().iter().cloned();
        all.extend(nets.map(|net| Registered::listed(net, source.clone())));
    }
    let (read, checked) = input.check()?;
    let totals = read.totals();
    if read.lost || totals.rows == 0 {
        findings::say(global, &read)?;
        return Err(Failure::new(
            Exit::Input,
            "the input has no rows to match; nothing was read or taken over",
        ));
    }
    if totals.errors > 0 {
        tracing::warn!(
            "{} errors in the input: these rows take nothing over, and what stands on their space is left alone; swip check names them",
            totals.errors
        );
    }
    Ok((checked, all, totals.errors > 0))
}

/// Reads the lists, the ranges no list shows, and the records that rows may take over.
async fn read(
    args: &Adopt,
    reading: &Reading,
    plan: &Plan,
    survey: &mut Survey,
) -> Result<(), Failure> {
    let (lists, rows) = (survey.managed().count() as u64, plan.steps().map(|(_, step)| step));
    // A net of each row, and the customer of a simple reassignment; absent ones take one as well.
    let simple = |step: &Step| matches!(step.assignment, Assignment::ReassignSimple(_));
    let records = rows.map(|step| 1 + u64::from(simple(step))).sum();
    price::begin(reading, lists, Some(records));
    listed(reading, &args.sources, survey).await?;
    let blocks: Vec<AddressRange> = plan.steps().map(|(_, step)| step.block).collect();
    let unseen = survey.unseen(&blocks);
    ranges(reading, survey, unseen).await?;
    let wanted = on_rows(plan, survey);
    details(reading, survey, |found| wanted.contains(&found.net.net.net_handle)).await?;
    // A list may lag: what it showed at a row's block may be gone, or moved.
    let again = survey.unseen(&blocks);
    let again = again.into_iter().filter(|block| {
        !survey.looked.get(block).is_some_and(|l| *l == crate::plan::adopt::Look::Absent)
    });
    let again: Vec<AddressRange> = again.collect();
    ranges(reading, survey, again).await?;
    let wanted = on_rows(plan, survey);
    details(reading, survey, |found| wanted.contains(&found.net.net.net_handle)).await
}

/// Nets on the space of rows that are to be registered: only these may be taken over.
fn on_rows(plan: &Plan, survey: &Survey) -> HashSet<NetHandle> {
    let mut blocks = RegisteredSet::new();
    let nets = survey.nets();
    nets.iter().for_each(|found: &&Found| blocks.insert(found.net.net.clone().into()));
    let rows = plan.steps();
    rows.flat_map(|(_, step)| {
        blocks.sharing(&step.block).map(|net| net.net_handle.clone()).collect::<Vec<_>>()
    })
    .collect()
}

/// The groups that are taken over; `equal` unless others are named.
fn accepted(named: &[AcceptGroup]) -> Vec<Group> {
    let mut groups: Vec<Group> = named
        .iter()
        .map(|group| match group {
            AcceptGroup::Equal => Group::Equal,
            AcceptGroup::Name => Group::Name,
            AcceptGroup::Spelling => Group::Spelling,
            AcceptGroup::Address => Group::Address,
            AcceptGroup::Recipient => Group::Recipient,
            AcceptGroup::Split => Group::Split,
        })
        .collect();
    if groups.is_empty() {
        groups.push(Group::Equal);
    }
    groups.sort_unstable();
    groups.dedup();
    groups
}

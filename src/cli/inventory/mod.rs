//! `swip inventory`: what is registered under the managed parents, as canonical CSV.
//!
//! Owns the order: lists, exact ranges, records by handle. Must not know: how a row of the output
//! looks, what is adopted.

mod csv;
mod summary;

use std::collections::HashSet;
use std::path::Path;

use super::args::{self, Global, Inventory, InventoryDetail};
use super::failure::{Exit, Failure};
use super::plan_input::PlanInput;
use super::reading::price::{self, Price, READS_A_NET};
use super::reading::{Purpose, Reading, default_cache, listed, seeds};
use super::terminal;
use crate::domain::{AddressRange, Holder, NetHandle, Parent};
use crate::intake;
use crate::inventory::{Found, Survey};
use crate::plan::Plan;
use crate::regrws::{GetCustomer, GetNet, NetsByIpRange};

/// Runs the command.
///
/// # Errors
/// Files that cannot be read, and whatever ends reading.
pub(super) async fn run(global: &Global, args: &Inventory) -> Result<Exit, Failure> {
    let parents = parents(&args.parents)?;
    let blocks = blocks(global, args)?;
    let seeds = seeds(args.registered.as_deref(), &args.sources)?;
    let plan = Plan { parents: parents.clone(), ..Plan::default() };
    let stem = args.plan.first().unwrap_or(&args.parents).clone();
    let cache = default_cache(Some(&args.parents), &args.parents);
    let purpose = Purpose { global, sources: &args.sources, plan: &plan, stem, cache };
    let reading = Reading::open(&purpose).await?;
    let mut survey = Survey::new(parents);
    seeds.into_iter().for_each(|net| survey.add(net));
    let read = read(&reading, args, &blocks, &mut survey).await;
    summary::say(&survey, &reading);
    let counts = reading.reader.counts();
    tracing::info!("swip: {} requests, {} kept answers", counts.sent, counts.kept);
    reading.close()?;
    read?;
    let mut out = terminal::out();
    csv::write(&mut out, &survey)?;
    Ok(if summary::is_complete(&survey) { Exit::Done } else { Exit::Unresolved })
}

/// Reads the lists, then the ranges, then the records.
async fn read(
    reading: &Reading,
    args: &Inventory,
    blocks: &[AddressRange],
    survey: &mut Survey,
) -> Result<(), Failure> {
    let full = args.detail == InventoryDetail::Full;
    let nets = survey.unread(|_| true).len() + survey.unseen(blocks).len();
    let named = READS_A_NET * nets as u64 * u64::from(full);
    let open = full && reading.reader.rdap().is_some();
    price::begin(reading, survey.managed().count() as u64, (!open).then_some(named));
    listed(reading, &args.sources, survey).await?;
    let unseen = survey.unseen(blocks);
    ranges(reading, survey, unseen).await?;
    if full {
        details(reading, survey, |_| true).await?;
    }
    Ok(())
}

/// Reads exact ranges; their price is said first.
///
/// # Errors
/// Whatever ends reading.
pub(super) async fn ranges(
    reading: &Reading,
    survey: &mut Survey,
    blocks: Vec<AddressRange>,
) -> Result<(), Failure> {
    if blocks.is_empty() {
        return Ok(());
    }
    let mut price = Price::default();
    blocks.iter().for_each(|block| price.add(reading.reader.has(&NetsByIpRange(*block))));
    price.say(reading, "exact ranges of the plan that no list shows");
    let bar = reading.bar(blocks.len() as u64);
    let done = survey.ranges(&reading.reader, &reading.gait, blocks, || bar.inc(1)).await;
    bar.finish_and_clear();
    Ok(done?)
}

/// Reads nets and customers by handle; their price is said first.
///
/// # Errors
/// Whatever ends reading.
pub(super) async fn details(
    reading: &Reading,
    survey: &mut Survey,
    wanted: impl Fn(&Found) -> bool,
) -> Result<(), Failure> {
    let handles = survey.unread(wanted);
    if handles.is_empty() {
        return Ok(());
    }
    records(reading, survey, &handles).say(reading, "records by handle, nets and their customers");
    let bar = reading.bar(handles.len() as u64);
    let done = survey.details(&reading.reader, &reading.gait, handles, || bar.inc(1)).await;
    bar.finish_and_clear();
    Ok(done?)
}

/// At most so many reads: a net and, unless an org is known to hold it, a customer.
fn records(reading: &Reading, survey: &Survey, handles: &[NetHandle]) -> Price {
    let mut price = Price::default();
    for found in handles.iter().filter_map(|handle| survey.found.get(handle)) {
        let net = &found.net.net;
        if found.image.is_none() {
            price.add(reading.reader.has(&GetNet(net.net_handle.clone())));
        }
        match &net.holder {
            Holder::Customer(customer) => {
                price.add(reading.reader.has(&GetCustomer(customer.clone())));
            }
            Holder::Unknown => price.add(false),
            Holder::Org(_) => {}
        }
    }
    price
}

fn parents(path: &Path) -> Result<Vec<Parent>, Failure> {
    let read = intake::parents::read(path);
    let (parents, findings) = read.map_err(|e| Failure::new(Exit::Input, e.to_string()))?;
    match findings.first() {
        None => Ok(parents),
        Some(finding) => Err(Failure::new(
            Exit::Input,
            format!("{}: {}; {}", path.display(), finding.message, finding.help),
        )),
    }
}

/// The blocks of the plan, whatever becomes of their rows.
fn blocks(global: &Global, args: &Inventory) -> Result<Vec<AddressRange>, Failure> {
    if args.plan.is_empty() {
        return Ok(Vec::new());
    }
    let intake = args::Intake {
        inputs: args.plan.clone(),
        parents: Some(args.parents.clone()),
        reading: args::Formats { mapping: args.mapping.clone(), ..Default::default() },
        ..args::Intake::default()
    };
    let (_, checked) = PlanInput::read(&intake, global.settings.recipient_orgs)?.check()?;
    let blocks: HashSet<AddressRange> =
        checked.plan.rows.iter().filter_map(|row| row.block).collect();
    Ok(blocks.into_iter().collect())
}

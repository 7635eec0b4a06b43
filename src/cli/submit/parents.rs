//! Parents that no file names: read from the registry before anything else.
//!
//! Must not know: the journal, submission.

use std::collections::BTreeMap;

use crate::cli::args::Global;
use crate::cli::failure::{Exit, Failure};
use crate::cli::plan_input::PlanInput;
use crate::cli::target::{self, Target};
use crate::cli::units::Rate;
use crate::domain::{AddressRange, NetHandle, Parent, Registration};
use crate::intake::FoundParent;
use crate::regrws::{CallError, Client, GetNet, NetsByIpRange, ParentNet, Verdict};

/// The parents of an input: those a file or the practice registry's export tells, else those the
/// registry knows.
///
/// # Errors
/// No parents to be had, no key, or a parent that cannot be read.
pub(in crate::cli) async fn take_parents(
    global: &Global,
    target: &Target,
    rate: Option<Rate>,
    input: &mut PlanInput,
) -> Result<(), Failure> {
    if input.parents.is_some() {
        return Ok(());
    }
    let Target::At { base, .. } = target else {
        input.take_found_parents();
        return input.parents.is_some().then_some(()).ok_or_else(|| {
            Failure::usage(
                "the practice registry needs the parents of the plan: give --parents FILE, or an export that tells them",
            )
        });
    };
    let key = target::key(global)?;
    let client = target::client(global, base.clone(), key, rate.or(target.rate()))?;
    input.parents = Some(read_parents(&client, input).await?);
    Ok(())
}

/// Reads the parents that rows and exports name, then those that contain what is left.
async fn read_parents(client: &Client, input: &PlanInput) -> Result<Vec<Parent>, Failure> {
    let mut parents: BTreeMap<String, Parent> = BTreeMap::new();
    let asked = input.asked()?;
    for handle in &asked.handles {
        keep(&mut parents, named(client, handle).await?);
    }
    for found in input.inputs.parents() {
        if let Some(net) = of_export(client, &found).await? {
            keep(&mut parents, net);
        }
    }
    for block in asked.blocks {
        if !parents.values().any(|parent| parent.block.contains(&block)) {
            keep(&mut parents, parent_of(client, block).await?);
        }
    }
    Ok(parents.into_values().collect())
}

fn keep(parents: &mut BTreeMap<String, Parent>, net: Registration) {
    let parent = Parent {
        net_handle: net.net_handle.clone(),
        block: net.block,
        kind: net.kind,
        active: true,
        org: net.holder.org().cloned(),
        managed: true,
    };
    parents.insert(net.net_handle.to_string(), parent);
}

/// A parent by its handle.
///
/// # Errors
/// It is not there, or cannot be read.
async fn named(client: &Client, handle: &NetHandle) -> Result<Registration, Failure> {
    let read = client.send(&GetNet(handle.clone())).await;
    read.map_err(|fault| unread(&format!("the parent {handle}"), &fault))
}

/// The parent that contains a block.
///
/// # Errors
/// There is none, or it cannot be read.
pub(in crate::cli) async fn parent_of(
    client: &Client,
    block: AddressRange,
) -> Result<Registration, Failure> {
    let read = client.send(&ParentNet(block)).await;
    read.map_err(|fault| unread(&format!("the parent of {block}"), &fault))
}

/// What the registry holds where an export says a parent is; `None` where the export gives no
/// handle and the registry holds no allocation of exactly that block.
///
/// # Errors
/// A handle that the registry does not have, or has for another block; what cannot be read.
pub(in crate::cli) async fn of_export(
    client: &Client,
    found: &FoundParent,
) -> Result<Option<Registration>, Failure> {
    let FoundParent { block, net_handle, source } = found;
    let Some(handle) = net_handle else { return allocation(client, *block).await };
    let net = named(client, handle).await?;
    if net.block == *block {
        return Ok(Some(net));
    }
    let message = format!(
        "{source} gives {handle} for {block}, but the registry holds it for {}; correct the export, or give --parents FILE",
        net.block
    );
    Err(Failure::new(Exit::Input, message))
}

/// The allocation of exactly a block.
async fn allocation(client: &Client, block: AddressRange) -> Result<Option<Registration>, Failure> {
    match client.send(&NetsByIpRange(block)).await {
        Ok(nets) => {
            let mut nets = nets.into_iter();
            Ok(nets.find(|net| net.block == block && net.kind.can_be_subdivided()))
        }
        Err(CallError::Complaint(complaint)) if complaint.is_absent() => Ok(None),
        Err(fault) => Err(unread(&format!("what is registered at {block}"), &fault)),
    }
}

/// A read that failed: whose fault it is decides how the command ends.
fn unread(what: &str, fault: &CallError) -> Failure {
    let exit = match fault {
        CallError::Complaint(complaint) if complaint.is_absent() => Exit::Input,
        CallError::Complaint(complaint) if complaint.verdict() == Verdict::KeyRefused => Exit::Key,
        _ => Exit::Registry,
    };
    let help = match exit {
        Exit::Input => "correct the handle or the block, or give --parents FILE",
        Exit::Key => "check the key file and which registry it is for",
        _ => "nothing was sent; run the command again",
    };
    Failure::new(exit, format!("{what} cannot be read: {fault}; {help}"))
}

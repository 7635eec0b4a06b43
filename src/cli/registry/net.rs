//! Verbs of net and delegation as calls.
//!
//! Must not know: how a call is sent or shown.

use std::path::{Path, PathBuf};

use super::super::args::{DelegationVerb, NetVerb, Range};
use super::super::failure::{Exit, Failure};
use super::file;
use super::session::Session;
use crate::domain::{AddressRange, Comment, NetHandle, NetName};
use crate::regrws::payload::{AnyPayload, Lines, Messages, OrgPayload};
use crate::regrws::{
    AddNameserver, Assign, Complaint, CreateOrg, DeleteNameserver, DeleteNameservers, DeleteNet,
    GetDelegation, GetNet, ModifyDelegation, ModifyNet, MostSpecificNet, NetDelegations,
    NetPayload, NetsByIpRange, ParentNet, RemoveNet, ZoneName,
};

/// What clears a comment.
const CLEARED: &str = "-";
/// Subject of a removal's message, when only its text is given.
const SUBJECT: &str = "Removal";

/// A verb of a net.
pub(super) async fn net(session: &Session, verb: &NetVerb) -> Result<(), Failure> {
    match verb {
        NetVerb::Get { handle } => session.read(&GetNet(handle.clone())).await,
        NetVerb::Modify { handle, file, name, comment } => {
            modify(session, handle, file.as_deref(), name.as_deref(), comment.as_deref()).await
        }
        NetVerb::Delete { handle } => {
            session.write(&DeleteNet(handle.clone()), &look(handle)).await
        }
        NetVerb::Remove { handle, file, message, attach } => {
            remove(session, handle, file.as_deref(), message.as_deref(), attach).await
        }
        NetVerb::Reassign { parent, file } => assign(session, parent, file, false).await,
        NetVerb::Reallocate { parent, file } => assign(session, parent, file, true).await,
        NetVerb::CreateOrg { parent, file } => create_org(session, parent, file).await,
        NetVerb::Delegations { handle } => session.read(&NetDelegations(handle.clone())).await,
        NetVerb::Parent(ends) => session.read(&ParentNet(range(ends)?)).await,
        NetVerb::MostSpecific(ends) => session.read(&MostSpecificNet(range(ends)?)).await,
        NetVerb::ByRange(ends) => session.read(&NetsByIpRange(range(ends)?)).await,
    }
}

fn range(ends: &Range) -> Result<AddressRange, Failure> {
    AddressRange::new(ends.start, ends.end).map_err(|fault| Failure::usage(fault.to_string()))
}

fn look(handle: &NetHandle) -> String {
    format!("swip registry net get {handle}")
}

async fn modify(
    session: &Session,
    handle: &NetHandle,
    file: Option<&Path>,
    name: Option<&str>,
    comment: Option<&str>,
) -> Result<(), Failure> {
    let name = name.map(NetName::parse).transpose();
    let name = name.map_err(|fault| Failure::usage(format!("--name: {fault}")))?;
    let comment = comment.map(|text| if text == CLEARED { "" } else { text });
    let comment = comment.map(Comment::parse).transpose();
    let comment = comment.map_err(|fault| Failure::usage(format!("--comment: {fault}")))?;
    let current = session.fetch(&GetNet(handle.clone())).await?;
    let mut net = match file {
        Some(path) => file::changes(path, &current)?,
        None => current.clone(),
    };
    if let Some(name) = name {
        net.net_name = Some(name.to_string());
    }
    if let Some(comment) = comment {
        net.comment = Lines::of(comment.lines());
    }
    let call = ModifyNet { handle: handle.clone(), net: net.echoing(&current) };
    session.write(&call, &look(handle)).await
}

async fn remove(
    session: &Session,
    handle: &NetHandle,
    path: Option<&Path>,
    text: Option<&str>,
    attach: &[PathBuf],
) -> Result<(), Failure> {
    let mut messages = Vec::new();
    if let Some(path) = path {
        let bytes = file::bytes(path)?;
        match AnyPayload::from_xml(&bytes) {
            Ok(AnyPayload::Message(_)) => messages.push(file::parsed(path, &bytes)?),
            _ => {
                let net: NetPayload = file::parsed(path, &bytes)?;
                messages = net.messages.unwrap_or_default().message;
            }
        }
    }
    if text.is_some() || messages.is_empty() && !attach.is_empty() {
        messages.push(file::message(SUBJECT, text, &[])?);
    }
    if let Some(last) = messages.pop() {
        messages.push(file::attached(last, attach)?);
    }
    let current = session.fetch(&GetNet(handle.clone())).await?;
    let mut net = current.clone().echoing(&current);
    net.messages = (!messages.is_empty()).then(|| Messages::from(messages));
    session.write(&RemoveNet { handle: handle.clone(), net }, &look(handle)).await
}

async fn assign(
    session: &Session,
    parent: &NetHandle,
    path: &Path,
    reallocate: bool,
) -> Result<(), Failure> {
    let net: NetPayload = file::payload(path)?;
    let block = net.block();
    let look = match block {
        Some(block) => format!("swip registry net by-range {} {}", block.first(), block.last()),
        None => "swip registry net by-range with the range of FILE".to_owned(),
    };
    session.write(&Assign { parent: parent.clone(), reallocate, net }, &look).await
}

/// Creates a recipient org where the registry still can; else says what to do instead.
async fn create_org(session: &Session, parent: &NetHandle, path: &Path) -> Result<(), Failure> {
    let org: OrgPayload = file::payload(path)?;
    let call = CreateOrg { parent: parent.clone(), org };
    let look = "the public Whois for the org's name";
    session
        .write_or(&call, look, |complaint: &Complaint| {
            matches!(complaint.status(), 404 | 405).then(|| withdrawn(parent, complaint))
        })
        .await
}

fn withdrawn(parent: &NetHandle, complaint: &Complaint) -> Failure {
    Failure::new(
        Exit::Rejected,
        format!(
            "the registry cannot create recipient orgs (HTTP {}): ARIN withdrew this method in \
             2020 (policies ARIN-2017-12 and ARIN-2018-5). Instead, let the recipient create its \
             own Org ID in ARIN Online and give it to you: put it into <orgHandle> and use swip \
             registry net reassign or reallocate. Or reassign to a customer, which needs no Org \
             ID. (404 is also the answer when {parent} does not exist.) It said: {complaint}",
            complaint.status()
        ),
    )
}

/// A verb of a delegation.
pub(super) async fn delegation(session: &Session, verb: &DelegationVerb) -> Result<(), Failure> {
    let look = |name: &ZoneName| format!("swip registry delegation get {name}");
    match verb {
        DelegationVerb::Get { name } => session.read(&GetDelegation(name.clone())).await,
        DelegationVerb::Modify { name, file } => {
            let current = session.fetch(&GetDelegation(name.clone())).await?;
            let delegation = file::changes(file, &current)?.echoing(&current);
            let call = ModifyDelegation { name: name.clone(), delegation };
            session.write(&call, &look(name)).await
        }
        DelegationVerb::AddNameserver { name, nameserver, ttl } => {
            let call =
                AddNameserver { name: name.clone(), nameserver: nameserver.clone(), ttl: *ttl };
            session.write(&call, &look(name)).await
        }
        DelegationVerb::DeleteNameserver { name, nameserver } => {
            let call = DeleteNameserver { name: name.clone(), nameserver: nameserver.clone() };
            session.write(&call, &look(name)).await
        }
        DelegationVerb::DeleteNameservers { name } => {
            session.write(&DeleteNameservers(name.clone()), &look(name)).await
        }
    }
}

//! Orgs and their contacts (ARIN, Orgs).
//!
//! Must not know: HTTP, XML.

use super::Answered;
use super::desk::Desk;
use super::ticket;
use crate::domain::PocFunction;
use crate::practice::answer::{self, Refusal, party};
use crate::practice::rules::{self, Complaints};
use crate::practice::world::{Change, Effect, OrgRecord, PocLink};

/// Serves `/rest/org…`.
pub(super) fn serve(desk: &mut Desk<'_>, parts: &[&str]) -> Result<Answered, Refusal> {
    match (desk.method, parts) {
        ("POST", []) => create(desk),
        // Anybody may look: a provider has to, before it reassigns to an org.
        ("GET", [handle]) => Ok(Answered::xml(party::org(found(desk, handle)?))),
        ("PUT", [handle]) => modify(desk, handle),
        ("DELETE", [handle]) => delete(desk, handle),
        ("PUT", [handle, "poc", poc]) => add_poc(desk, handle, poc),
        ("DELETE", [handle, "poc"]) => remove_poc(desk, handle, None),
        ("DELETE", [handle, "poc", poc]) => remove_poc(desk, handle, Some(poc)),
        _ => Err(Refusal::no_method()),
    }
}

fn found<'d>(desk: &'d Desk<'_>, handle: &str) -> Result<&'d OrgRecord, Refusal> {
    desk.world().orgs.get(handle).ok_or_else(|| Refusal::not_found("organization"))
}

/// An org that the key's user speaks for.
fn ours(desk: &Desk<'_>, handle: &str) -> Result<OrgRecord, Refusal> {
    let org = found(desk, handle)?;
    if desk.speaks_for(handle) {
        return Ok(org.clone());
    }
    Err(Refusal::unauthorized(401))
}

/// An org of one's own: staff decide, so a ticket is the answer.
fn create(desk: &mut Desk<'_>) -> Result<Answered, Refusal> {
    let payload = desk.payload("org")?;
    let org = rules::org::create(desk.world(), &payload)?;
    let number = ticket::next_number(desk.world());
    let messages = rules::messages(&payload, &number, 1)?;
    let effect = Effect::CreateOrg(Box::new(org));
    let ticket = ticket::open(desk, "ORG_CREATE", None, messages, effect)?;
    let body = answer::ticket::ticket(&ticket, answer::ticket::Detail::Messages);
    Ok(Answered::committed(body).ticket(&ticket.ticket_no))
}

/// A recipient's org below a parent net: withdrawn in 2020.
pub(super) fn create_recipient(desk: &mut Desk<'_>, parent: &str) -> Result<Answered, Refusal> {
    if !desk.is_classic() {
        return Err(Refusal::no_method());
    }
    let payload = desk.payload("org")?;
    desk.parent(parent)?;
    let org = rules::org::create(desk.world(), &payload)?;
    let body = party::org(&org);
    desk.commit(vec![Change::Org(org)])?;
    Ok(Answered::committed(body))
}

fn keep(desk: &mut Desk<'_>, org: OrgRecord) -> Result<Answered, Refusal> {
    let body = party::org(&org);
    desk.commit(vec![Change::Org(org)])?;
    Ok(Answered::committed(body))
}

fn modify(desk: &mut Desk<'_>, handle: &str) -> Result<Answered, Refusal> {
    let payload = desk.payload("org")?;
    let held = ours(desk, handle)?;
    let org = rules::org::modify(desk.world(), &held, &payload)?;
    keep(desk, org)
}

fn delete(desk: &mut Desk<'_>, handle: &str) -> Result<Answered, Refusal> {
    let org = ours(desk, handle)?;
    if desk.world().nets_of_org(handle) > 0 {
        return Err(Refusal::linked("The organization is still linked to nets."));
    }
    desk.commit(vec![Change::OrgGone(handle.to_owned())])?;
    Ok(Answered::committed(party::org(&org)))
}

fn function(desk: &Desk<'_>) -> Result<Option<PocFunction>, Refusal> {
    let code = desk.route.matrix("pocFunction");
    let parse = |code| {
        let function = PocFunction::from_code(code);
        function.ok_or_else(|| Refusal::bad("pocFunction is one of AD, AB, N, T, R, D."))
    };
    code.map(parse).transpose()
}

fn add_poc(desk: &mut Desk<'_>, handle: &str, poc: &str) -> Result<Answered, Refusal> {
    let mut org = ours(desk, handle)?;
    if !desk.world().pocs.contains_key(poc) {
        return Err(Refusal::not_found("POC"));
    }
    let function = function(desk)?.ok_or_else(|| Refusal::bad("pocFunction is required."))?;
    let link = PocLink { function, handle: poc.to_owned() };
    if function == PocFunction::Admin {
        if !desk.is_classic() {
            let message = "An organization has exactly one Admin POC; modify the organization.";
            return Err(Refusal::entity("pocLinks", message));
        }
        org.pocs.retain(|held| held.function != PocFunction::Admin);
    }
    if org.pocs.contains(&link) {
        return Ok(Answered::xml(party::org(&org)));
    }
    org.pocs.push(link);
    // "A list of all POCs assigned to that Org, in order of function."
    org.pocs.sort_by_key(|link| link.function);
    keep(desk, org)
}

fn remove_poc(desk: &mut Desk<'_>, handle: &str, poc: Option<&str>) -> Result<Answered, Refusal> {
    let mut org = ours(desk, handle)?;
    let function = function(desk)?;
    let poc = poc.filter(|poc| !poc.is_empty());
    if poc.is_none() && function.is_none() {
        return Err(Refusal::bad("Name the POC or its function."));
    }
    let before = org.pocs.len();
    org.pocs.retain(|link| {
        !(poc.is_none_or(|poc| link.handle == poc)
            && function.is_none_or(|function| link.function == function))
    });
    if org.pocs.len() == before {
        return Ok(Answered::xml(party::org(&org)));
    }
    let mut complaints = Complaints::default();
    rules::org::contacts(&mut complaints, &org.pocs);
    complaints.settle(())?;
    keep(desk, org)
}

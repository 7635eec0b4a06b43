//! Reverse DNS zones (ARIN, Delegations): they come and go with their nets.
//!
//! Must not know: HTTP, XML.

use super::Answered;
use super::desk::Desk;
use crate::practice::answer::{Refusal, delegation};
use crate::practice::rules;
use crate::practice::world::{Change, DelegationRecord, NetRecord, zone};

/// Serves `/rest/delegation/…`.
pub(super) fn serve(desk: &mut Desk<'_>, parts: &[&str]) -> Result<Answered, Refusal> {
    match (desk.method, parts) {
        ("GET", [name]) => Ok(Answered::xml(delegation::delegation(&held(desk, name)?))),
        ("PUT", [name]) => modify(desk, name),
        ("POST", [name, "nameserver", server]) => add(desk, name, server),
        ("DELETE", [name, "nameserver", server]) => delete(desk, name, server),
        ("DELETE", [name, "nameservers"]) => delete_all(desk, name),
        _ => Err(Refusal::no_method()),
    }
}

/// The zones of a net.
pub(super) fn of_net(desk: &Desk<'_>, net: &NetRecord) -> String {
    let zones = zone::zones_of(&net.range).into_iter().map(|name| filled(desk, &name));
    delegation::list(&zones.collect::<Vec<_>>())
}

fn filled(desk: &Desk<'_>, name: &str) -> DelegationRecord {
    let empty = || DelegationRecord { name: name.to_owned(), ..DelegationRecord::default() };
    desk.world().delegations.get(name).cloned().unwrap_or_else(empty)
}

/// A zone of a net that the key's user may manage.
fn held(desk: &Desk<'_>, name: &str) -> Result<DelegationRecord, Refusal> {
    let name = zone::canonical(name);
    let absent = || Refusal::not_found("delegation");
    let range = zone::range_of(&name).ok_or_else(absent)?;
    let path = desk.world().path_to(&range);
    if !path.iter().any(|net| zone::zones_of(&net.range).contains(&name)) {
        return Err(absent());
    }
    // A customer has no say of its own; the zone of its net is its provider's to change.
    let of = path.iter().rev().find(|net| net.customer_handle.is_none()).ok_or_else(absent)?;
    if !desk.may_manage(of) {
        return Err(Refusal::unauthorized(401));
    }
    Ok(filled(desk, &name))
}

fn keep(desk: &mut Desk<'_>, zone: DelegationRecord) -> Result<Answered, Refusal> {
    let body = delegation::delegation(&zone);
    desk.commit(vec![Change::Delegation(zone)])?;
    Ok(Answered::committed(body))
}

fn modify(desk: &mut Desk<'_>, name: &str) -> Result<Answered, Refusal> {
    let payload = desk.payload("delegation")?;
    let zone = held(desk, name)?;
    let zone = rules::zone::modify(&zone.name, &payload)?;
    keep(desk, zone)
}

/// "Add or update" today; in the older document a second addition is a conflict.
fn add(desk: &mut Desk<'_>, name: &str, server: &str) -> Result<Answered, Refusal> {
    let mut zone = held(desk, name)?;
    let server = rules::zone::nameserver(server, desk.route.query("ttl"))?;
    match zone.nameservers.iter_mut().find(|held| held.name == server.name) {
        Some(held) if server.ttl.is_some() && !desk.is_classic() => *held = server,
        Some(_) => {
            return Err(Refusal::conflict("The nameserver already exists for the delegation."));
        }
        None => zone.nameservers.push(server),
    }
    keep(desk, zone)
}

fn delete(desk: &mut Desk<'_>, name: &str, server: &str) -> Result<Answered, Refusal> {
    let mut zone = held(desk, name)?;
    let server = rules::zone::nameserver(server, None)?;
    let before = zone.nameservers.len();
    zone.nameservers.retain(|held| held.name != server.name);
    if zone.nameservers.len() == before {
        return Err(Refusal::not_found("nameserver"));
    }
    signed(&zone)?;
    keep(desk, zone)
}

fn delete_all(desk: &mut Desk<'_>, name: &str) -> Result<Answered, Refusal> {
    let mut zone = held(desk, name)?;
    zone.nameservers.clear();
    signed(&zone)?;
    keep(desk, zone)
}

fn signed(zone: &DelegationRecord) -> Result<(), Refusal> {
    if zone.nameservers.is_empty() && !zone.keys.is_empty() {
        return Err(Refusal::conflict("A delegation with DS records needs a nameserver."));
    }
    Ok(())
}

//! Nets: get, modify, delete, remove, reassign, reallocate, and the look-ups by range (ARIN,
//! NETs).
//!
//! Must not know: HTTP, XML.

use super::desk::Desk;
use super::{Answered, delegation, org, ticket};
use crate::domain::block::parse_registry_address;
use crate::domain::{AddressRange, Family};
use crate::practice::answer::{self, Refusal, party};
use crate::practice::rules;
use crate::practice::rules::net::{Recipient, Sound};
use crate::practice::world::{Change, CustomerRecord, Effect, MessageRecord, NetRecord};
use crate::practice::xml::Element;
use crate::practice::{EmbeddedCustomer, now};

/// Smallest IPv4 simple reassignment that the classic profile reviews: a /20.
const CLASSIC_SIMPLE: u128 = 1 << 12;
/// Largest IPv4 reallocation or detailed reassignment that it does not review: a /20.
const CLASSIC_LARGE: u128 = 1 << 12;

/// Serves `/rest/net/…`.
pub(super) fn serve(desk: &mut Desk<'_>, parts: &[&str]) -> Result<Answered, Refusal> {
    match (desk.method, parts) {
        ("GET", [handle]) => Ok(Answered::xml(answer::net::net(&desk.net(handle)?))),
        ("PUT", [handle]) => modify(desk, handle),
        ("DELETE", [handle]) => remove(desk, handle, Vec::new()),
        ("PUT", [handle, "remove"]) => {
            let payload = desk.payload("net")?;
            let messages = rules::messages(&payload, &ticket::next_number(desk.world()), 1)?;
            remove(desk, handle, messages)
        }
        ("PUT", [parent, "reassign"]) => assign(desk, parent, false),
        ("PUT", [parent, "reallocate"]) => assign(desk, parent, true),
        ("POST", [parent, "customer"]) => create_customer(desk, parent),
        ("POST", [parent, "org"]) => org::create_recipient(desk, parent),
        ("GET", [handle, "delegations"]) => {
            Ok(Answered::xml(delegation::of_net(desk, &desk.net(handle)?)))
        }
        ("GET", [by @ ("parentNet" | "mostSpecificNet" | "netsByIpRange"), start, end]) => {
            by_range(desk, by, &ends(start, end)?)
        }
        _ => Err(Refusal::no_method()),
    }
}

fn ends(start: &str, end: &str) -> Result<AddressRange, Refusal> {
    let range = parse_registry_address(start).zip(parse_registry_address(end));
    let range = range.and_then(|(first, last)| AddressRange::new(first, last).ok());
    range.ok_or_else(|| Refusal::bad("The start and end addresses are no range."))
}

/// The look-ups answer to everybody with a key: which space is taken is no secret.
fn by_range(desk: &Desk<'_>, by: &str, range: &AddressRange) -> Result<Answered, Refusal> {
    let absent = || Refusal::not_found("net");
    if by == "parentNet" {
        let parent = desk.world().parent_of(range).ok_or_else(absent)?;
        return Ok(Answered::xml(answer::net::net(parent)));
    }
    let nets = desk.world().at(range);
    let innermost = nets.last().ok_or_else(absent)?;
    let one = by == "mostSpecificNet";
    Ok(Answered::xml(if one { answer::net::net(innermost) } else { answer::net::list(&nets) }))
}

fn modify(desk: &mut Desk<'_>, handle: &str) -> Result<Answered, Refusal> {
    let payload = desk.payload("net")?;
    let held = desk.net(handle)?;
    let net = rules::net::modify(desk.world(), &held, &payload)?;
    let customer = net.customer_handle.clone();
    let body = answer::net::net(&net);
    desk.commit(vec![Change::Net(net)])?;
    Ok(Answered::committed(body).net(handle, customer))
}

/// Deletes a net; one with children takes a ticket, and its children go with it; so does one that
/// a fault has reviewed.
fn remove(
    desk: &mut Desk<'_>,
    handle: &str,
    messages: Vec<MessageRecord>,
) -> Result<Answered, Refusal> {
    let net = desk.net(handle)?;
    if !matches!(net.kind.code(), "A" | "S") {
        let message = "Only reallocations and reassignments can be deleted.";
        return Err(Refusal::entity("type", message));
    }
    let customer = net.customer_handle.clone();
    if desk.world().has_children(handle) || desk.reviewed {
        let effect = Effect::Remove(handle.to_owned());
        let pending = desk.world().tickets.values().any(|t| t.is_open() && t.effect == effect);
        if pending {
            return Err(Refusal::conflict("A ticket to delete the net is open."));
        }
        let org = net.org_handle.as_deref();
        let ticket = ticket::open(desk, "NET_DELETE_REQUEST", org, messages, effect)?;
        let answered = Answered::committed(answer::ticket::requested(&ticket));
        return Ok(answered.net(handle, customer).ticket(&ticket.ticket_no));
    }
    desk.commit(vec![Change::NetGone(handle.to_owned())])?;
    Ok(Answered::committed(answer::net::done(&net)).net(handle, customer))
}

fn create_customer(desk: &mut Desk<'_>, parent: &str) -> Result<Answered, Refusal> {
    let payload = desk.payload("customer")?;
    let parent = desk.parent(parent)?;
    let customer = rules::customer::create(desk.world(), &payload, &parent)?;
    desk.commit(vec![Change::Customer(customer.clone())])?;
    Ok(Answered::committed(party::customer(&customer)).customer(&customer.handle))
}

/// Reassigns or reallocates part of a parent.
fn assign(desk: &mut Desk<'_>, parent: &str, reallocate: bool) -> Result<Answered, Refusal> {
    let payload = desk.payload("net")?;
    let parent = desk.parent(parent)?;
    let sound = rules::net::judge(&parent, &payload, reallocate)?;
    if desk.behaviour.embedded_customer == EmbeddedCustomer::Separate
        && let Some(customer) = first_the_customer(desk, &payload, &parent, reallocate)?
    {
        let handle = customer.handle.clone();
        let registered = register(desk, &payload, &parent, sound, Some(customer), reallocate);
        return Ok(registered.unwrap_or_else(|refusal| Answered {
            committed: true,
            ..Answered::from(refusal).customer(&handle)
        }));
    }
    register(desk, &payload, &parent, sound, None, reallocate)
}

/// Registers a sound net, with the customer that was created for it, if there is one already.
fn register(
    desk: &mut Desk<'_>,
    payload: &Element,
    parent: &NetRecord,
    sound: Sound,
    created: Option<CustomerRecord>,
    reallocate: bool,
) -> Result<Answered, Refusal> {
    rules::net::placed(desk.world(), parent, &sound.range)?;
    let recipient = match created {
        Some(customer) => Recipient::Customer(customer.handle),
        None => rules::net::recipient(desk.world(), payload, parent, reallocate)?,
    };
    let number = ticket::next_number(desk.world());
    let messages = rules::messages(payload, &number, 1)?;
    let (changes, net) = registered(desk, parent, sound, recipient, reallocate);
    let customer = net.customer_handle.clone();
    if let Some(kind) = reviewed(desk, &net) {
        desk.commit(changes)?;
        let org = parent.org_handle.as_deref();
        let effect = Effect::Register(Box::new(net));
        let ticket = ticket::open(desk, kind, org, messages, effect)?;
        let answered = Answered::committed(answer::ticket::requested(&ticket));
        return Ok(Answered { customer_handle: customer, ..answered }.ticket(&ticket.ticket_no));
    }
    let body = answer::net::done(&net);
    let handle = net.handle.clone();
    desk.commit(changes.into_iter().chain([Change::Net(net)]).collect())?;
    Ok(Answered::committed(body).net(&handle, customer))
}

/// Creates an embedded customer in a transaction of its own: it stays, whatever becomes of the
/// net.
fn first_the_customer(
    desk: &mut Desk<'_>,
    payload: &Element,
    parent: &NetRecord,
    reallocate: bool,
) -> Result<Option<CustomerRecord>, Refusal> {
    if payload.child("customer").is_none() {
        return Ok(None);
    }
    match rules::net::recipient(desk.world(), payload, parent, reallocate)? {
        Recipient::NewCustomer(customer) => {
            desk.state.commit(vec![Change::Customer((*customer).clone())])?;
            Ok(Some(*customer))
        }
        _ => Ok(None),
    }
}

/// The net as it will be registered, and the customer to create before it.
fn registered(
    desk: &Desk<'_>,
    parent: &NetRecord,
    sound: Sound,
    recipient: Recipient,
    reallocate: bool,
) -> (Vec<Change>, NetRecord) {
    let mut changes = Vec::new();
    let (customer_handle, org_handle) = match recipient {
        Recipient::Customer(handle) => (Some(handle), None),
        Recipient::Org(handle) => (None, Some(handle)),
        Recipient::NewCustomer(customer) => {
            let handle = customer.handle.clone();
            changes.push(Change::Customer(*customer));
            (Some(handle), None)
        }
    };
    let net = NetRecord {
        handle: desk.world().free_net_handle(&sound.range),
        parent_net_handle: Some(parent.handle.clone()),
        net_name: sound.net_name,
        kind: rules::net::kind(reallocate),
        start_address: sound.range.first().to_string(),
        end_address: sound.range.last().to_string(),
        range: sound.range,
        active: true,
        customer_handle,
        org_handle,
        pocs: Vec::new(),
        origin_ases: Vec::new(),
        comment: sound.comment,
        registration_date: now(),
    };
    (changes, net)
}

/// The ticket type under which the classic profile reviews a net, if it does: IPv4 simple
/// reassignments of a /20 or larger, other IPv4 nets larger than a /20, and IPv6 nets of an org
/// that has IPv6 space already.
fn reviewed(desk: &Desk<'_>, net: &NetRecord) -> Option<&'static str> {
    if !desk.is_classic() && !desk.reviewed {
        return None;
    }
    let forced = desk.reviewed;
    let reallocation = net.kind.code() == "A";
    let size = net.range.size();
    match (net.range.family(), &net.org_handle) {
        (Family::V4, None) => (forced || size >= CLASSIC_SIMPLE).then_some("IPV4_SIMPLE_REASSIGN"),
        (Family::V4, Some(_)) if !forced && size <= CLASSIC_LARGE => None,
        (Family::V4, Some(_)) if reallocation => Some("IPV4_REALLOCATE"),
        (Family::V4, Some(_)) => Some("IPV4_DETAILED_REASSIGN"),
        (Family::V6, None) => None,
        (Family::V6, Some(org)) => {
            let v6 = |held: &&NetRecord| {
                held.org_handle.as_ref() == Some(org) && held.range.family() == Family::V6
            };
            let kind = if reallocation { "IPV6_REALLOCATE" } else { "IPV6_DETAILED_REASSIGN" };
            let has =
                desk.world().nets_of_org(org) > 0 && desk.world().nets.values().any(|n| v6(&n));
            (forced || has).then_some(kind)
        }
    }
}

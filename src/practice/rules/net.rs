//! What a net must be.
//!
//! Owns the rejection rules of reassign and reallocate, and what a modification may change (ARIN,
//! NET Payload). Must not know: the checker's rules, HTTP, who asks.

use super::{Complaints, comment, poc_links};
use crate::domain::block::parse_registry_address;
use crate::domain::{AddressRange, Family, NetType, PocFunction};
use crate::practice::answer::Refusal;
use crate::practice::world::{CustomerRecord, NetRecord, OrgRecord, PocLink, World};
use crate::practice::xml::Element;

/// Longest net name.
const NET_NAME_MAX: usize = 50;
/// Size of the smallest IPv6 block.
const IPV6_SMALLEST: u128 = 1 << 64;

/// Who a request gives the net to.
#[derive(Clone, Debug)]
pub(in crate::practice) enum Recipient {
    Customer(String),
    NewCustomer(Box<CustomerRecord>),
    Org(String),
}

/// A request that broke no rule.
#[derive(Clone, Debug)]
pub(in crate::practice) struct Sound {
    pub(in crate::practice) range: AddressRange,
    pub(in crate::practice) net_name: String,
    pub(in crate::practice) comment: Vec<String>,
}

/// Judges the place of a parent: its type and status.
pub(in crate::practice) fn subdividable(parent: &NetRecord) -> Result<(), Refusal> {
    if parent.kind.can_be_subdivided() && parent.active {
        return Ok(());
    }
    let message = "The parent net cannot be reassigned or reallocated.";
    Err(Refusal::new(403, "E_BAD_REQUEST", message))
}

/// Judges a reassignment or reallocation by itself: not its place, not its recipient.
pub(in crate::practice) fn judge(
    parent: &NetRecord,
    net: &Element,
    reallocate: bool,
) -> Result<Sound, Refusal> {
    subdividable(parent)?;
    let mut found = Complaints::default();
    found.ungenerated(net, &["handle", "registrationDate"]);
    if net.members("pocLinks").next().is_some() {
        found.add("pocLinks", "POC links may not be set when a net is created.");
    }
    let named = net.text_of("parentNetHandle");
    if named.is_some_and(|named| named != parent.handle) {
        found.add("parentNetHandle", "It is not the parent of the URL.");
    }
    let comment = comment(&mut found, net).unwrap_or_default();
    found.settle(())?;
    let net_name = net_name(net)?;
    let range = range(net, if reallocate { "A" } else { "S" })?;
    if net.text_of("version").is_some_and(|v| v != range.family().version().to_string()) {
        return Err(Refusal::entity("version", "It does not match the addresses."));
    }
    Ok(Sound { range, net_name, comment })
}

/// Judges a modification: name, comment and contacts may change, all else must be repeated.
pub(in crate::practice) fn modify(
    world: &World,
    held: &NetRecord,
    net: &Element,
) -> Result<NetRecord, Refusal> {
    let mut found = Complaints::default();
    found.echoed(net, "handle", &held.handle);
    found.echoed(net, "registrationDate", &held.registration_date);
    found.echoed(net, "version", &held.range.family().version().to_string());
    let optional = [
        ("parentNetHandle", held.parent_net_handle.as_deref()),
        ("orgHandle", held.org_handle.as_deref()),
        ("customerHandle", held.customer_handle.as_deref()),
    ];
    for (name, held) in optional {
        match held {
            Some(held) => found.echoed(net, name, held),
            None => found.immutable(name, net.text_of(name).is_none()),
        }
    }
    found.immutable("customer", net.child("customer").is_none());
    if let Some(links) = poc_links(&mut found, net, world) {
        use PocFunction::{Abuse, Noc, Tech};
        if !links.iter().all(|link| matches!(link.function, Tech | Noc | Abuse)) {
            found.add("pocLinks", "Networks may only have Tech, NOC, and Abuse POCs.");
        }
        return finish(found, held, net, links);
    }
    finish(found, held, net, held.pocs.clone())
}

fn finish(
    mut found: Complaints,
    held: &NetRecord,
    net: &Element,
    pocs: Vec<PocLink>,
) -> Result<NetRecord, Refusal> {
    let comment = comment(&mut found, net).unwrap_or_default();
    match range(net, held.kind.code()) {
        Ok(range) => found.immutable("netBlocks", range == held.range),
        Err(_) => found.immutable("netBlocks", false),
    }
    let net_name = found.settle(net_name(net))??;
    Ok(NetRecord { net_name, comment, pocs, ..held.clone() })
}

/// Judges the place of a net: containment, overlap and size.
pub(in crate::practice) fn placed(
    world: &World,
    parent: &NetRecord,
    range: &AddressRange,
) -> Result<(), Refusal> {
    if !parent.range.contains(range) {
        return Err(Refusal::new(
            409,
            "E_BAD_REQUEST",
            "The net block is not part of the parent net.",
        ));
    }
    if world.overlapping_child(&parent.handle, range).is_some() {
        return Err(Refusal::entity("startAddress", "IP range overlaps with existing network(s)."));
    }
    let v6 = range.family() == Family::V6;
    let unaligned = !range.bounds().0.is_multiple_of(IPV6_SMALLEST)
        || !range.size().is_multiple_of(IPV6_SMALLEST);
    if v6 && unaligned && range.size() != u128::MAX {
        return Err(Refusal::entity("cidrLength", "IPv6 networks may not be smaller than /64."));
    }
    Ok(())
}

fn net_name(net: &Element) -> Result<String, Refusal> {
    let name = net.text_of("netName").ok_or_else(|| Refusal::required("netName"))?;
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == ' ') {
        return Err(Refusal::entity(
            "netName",
            "It may contain letters, numbers, hyphens and spaces only.",
        ));
    }
    if name.len() > NET_NAME_MAX {
        return Err(Refusal::entity("netName", "It is too long."));
    }
    Ok(name.to_ascii_uppercase().replace(' ', "-"))
}

/// The one contiguous range of the blocks.
fn range(net: &Element, kind: &str) -> Result<AddressRange, Refusal> {
    let mut ranges = Vec::new();
    for block in net.members("netBlocks") {
        if block.text_of("type").is_some_and(|found| found != kind) {
            return Err(Refusal::entity("type", "It does not fit the call."));
        }
        ranges.push(block_range(block)?);
    }
    ranges.sort_unstable();
    let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
        return Err(Refusal::required("netBlocks"));
    };
    let apart =
        |pair: &[AddressRange]| pair[0].bounds().1.checked_add(1) != Some(pair[1].bounds().0);
    if first.family() != last.family() || ranges.windows(2).any(apart) {
        return Err(Refusal::entity("netBlocks", "The blocks are not one contiguous range."));
    }
    AddressRange::from_bounds(first.family(), first.bounds().0, last.bounds().1)
        .ok_or_else(|| Refusal::required("netBlocks"))
}

fn block_range(block: &Element) -> Result<AddressRange, Refusal> {
    let invalid = |name| Refusal::entity(name, "It is not valid.");
    let start = block.text_of("startAddress").ok_or_else(|| Refusal::required("startAddress"))?;
    let start = parse_registry_address(start).ok_or_else(|| invalid("startAddress"))?;
    let end = block.text_of("endAddress").map(|end| {
        let end = parse_registry_address(end)?;
        AddressRange::new(start, end).ok()
    });
    let length = block.text_of("cidrLength").map(|length| {
        let net = ipnet::IpNet::new(start, length.parse().ok()?).ok()?;
        (net.network() == start).then(|| AddressRange::from(net))
    });
    match (end, length) {
        (None, None) => Err(Refusal::required("endAddress")),
        (Some(None), _) => Err(invalid("endAddress")),
        (_, Some(None)) => Err(invalid("cidrLength")),
        (Some(Some(end)), Some(Some(length))) if end != length => Err(invalid("cidrLength")),
        (_, Some(Some(range))) | (Some(Some(range)), None) => Ok(range),
    }
}

/// Judges who gets the net.
pub(in crate::practice) fn recipient(
    world: &World,
    net: &Element,
    parent: &NetRecord,
    reallocate: bool,
) -> Result<Recipient, Refusal> {
    let handle = net.text_of("customerHandle");
    let embedded = net.child("customer");
    let org = net.text_of("orgHandle");
    match (handle, embedded, org) {
        (Some(handle), None, None) if !reallocate => existing_customer(world, handle),
        (None, Some(customer), None) if !reallocate => {
            let customer = super::customer::create(world, customer, parent)?;
            Ok(Recipient::NewCustomer(Box::new(customer)))
        }
        (None, None, Some(org)) => eligible_org(world, org),
        (None, None, None) => {
            Err(Refusal::required(if reallocate { "orgHandle" } else { "customerHandle" }))
        }
        (Some(_), None, None) | (None, Some(_), None) => {
            Err(Refusal::entity("orgHandle", "A reallocation goes to an organization."))
        }
        _ => Err(Refusal::schema("a <net> has one of <customerHandle>, <customer>, <orgHandle>")),
    }
}

fn existing_customer(world: &World, handle: &str) -> Result<Recipient, Refusal> {
    if !world.customers.contains_key(handle) {
        return Err(Refusal::entity("customerHandle", "The customer does not exist."));
    }
    if world.net_of_customer(handle).is_some() {
        let message = "A single customer may not be tied to multiple simple reassignments.";
        return Err(Refusal::entity("customerHandle", message));
    }
    Ok(Recipient::Customer(handle.to_owned()))
}

fn eligible_org(world: &World, handle: &str) -> Result<Recipient, Refusal> {
    let Some(org) = world.orgs.get(handle) else {
        return Err(Refusal::entity("orgHandle", "The organization does not exist."));
    };
    if handle.contains("-Z") || !org.accept_reassignments {
        let message = "The organization is not accepting reassignments.";
        return Err(Refusal::new(403, "E_BAD_REQUEST", message));
    }
    complete_pocs(org)?;
    Ok(Recipient::Org(handle.to_owned()))
}

fn complete_pocs(org: &OrgRecord) -> Result<(), Refusal> {
    let mut found = Complaints::default();
    super::org::contacts(&mut found, &org.pocs);
    let message = "The organization needs an Admin, a Tech and an Abuse POC.";
    found.settle(()).map_err(|_| Refusal::entity("orgHandle", message))
}

/// The type a call registers.
pub(in crate::practice) const fn kind(reallocate: bool) -> NetType {
    if reallocate { NetType::Reallocation } else { NetType::Reassignment }
}

//! What the registry refuses, by its own reading of ARIN's method pages.
//!
//! Owns the rejection rules of reassign, reallocate and create customer. Must not know: the
//! checker's rules, HTTP.

use crate::domain::block::parse_registry_address;
use crate::domain::{AddressRange, Country, NetType};

use super::answer::Refusal;
use super::world::{CustomerRecord, NetRecord, OrgRecord, World};
use super::xml::Element;

/// Longest net name.
const NET_NAME_MAX: usize = 50;
/// Size of the smallest IPv6 block.
const IPV6_SMALLEST: u128 = 1 << 64;

/// Who a request gives the net to.
#[derive(Clone, Debug)]
pub(super) enum Recipient {
    Customer(String),
    NewCustomer(Box<CustomerRecord>),
    Org(String),
}

/// A request that broke no rule.
#[derive(Clone, Debug)]
pub(super) struct Sound {
    pub(super) range: AddressRange,
    pub(super) net_name: String,
    pub(super) recipient: Recipient,
    pub(super) comment: Vec<String>,
}

fn required(name: &'static str) -> Refusal {
    Refusal::entity(name, "Value is required.")
}

/// The parent a URL names, if it may be subdivided by this key.
pub(super) fn parent<'w>(world: &'w World, handle: &str) -> Result<&'w NetRecord, Refusal> {
    let parent = world.nets.get(handle).ok_or_else(|| Refusal::not_found("parent net"))?;
    let org = parent.org_handle.as_ref().and_then(|org| world.orgs.get(org));
    if !org.is_some_and(|org| org.managed) {
        let message = "The API key is not authorized to make that request.";
        return Err(Refusal::new(401, "E_AUTHENTICATION", message));
    }
    Ok(parent)
}

/// Judges a reassignment or reallocation.
pub(super) fn judge(
    world: &World,
    parent_handle: &str,
    net: &Element,
    reallocate: bool,
) -> Result<Sound, Refusal> {
    let parent = parent(world, parent_handle)?;
    if !parent.kind.can_be_subdivided() || !parent.active {
        return Err(Refusal::new(
            403,
            "E_BAD_REQUEST",
            "The parent net cannot be reassigned or reallocated.",
        ));
    }
    for generated in ["handle", "registrationDate"] {
        if net.text_of(generated).is_some() {
            let message = "This element is a system generated value and cannot be modified.";
            return Err(Refusal::entity(generated, message));
        }
    }
    if net.child("pocLinks").is_some_and(|links| !links.children.is_empty()) {
        return Err(Refusal::entity("pocLinks", "POC links may not be set when a net is created."));
    }
    let named = net.text_of("parentNetHandle");
    if named.is_some_and(|named| named != parent_handle) {
        return Err(Refusal::entity("parentNetHandle", "It is not the parent of the URL."));
    }
    let net_name = net_name(net)?;
    let range = range(net, if reallocate { "A" } else { "S" })?;
    if net.text_of("version").is_some_and(|v| v != range.family().version().to_string()) {
        return Err(Refusal::entity("version", "It does not match the addresses."));
    }
    let recipient = recipient(world, net, parent, reallocate)?;
    placed(world, parent, &range)?;
    Ok(Sound { range, net_name, recipient, comment: net.lines_of("comment") })
}

/// Containment, overlap and size.
fn placed(world: &World, parent: &NetRecord, range: &AddressRange) -> Result<(), Refusal> {
    if !parent.range.contains(range) {
        return Err(Refusal::new(
            409,
            "E_BAD_REQUEST",
            "The net block is not part of the parent net.",
        ));
    }
    if world.overlaps_child(&parent.handle, range) {
        return Err(Refusal::entity("startAddress", "IP range overlaps with existing network(s)."));
    }
    let v6 = range.family() == crate::domain::Family::V6;
    let unaligned = !range.bounds().0.is_multiple_of(IPV6_SMALLEST)
        || !range.size().is_multiple_of(IPV6_SMALLEST);
    if v6 && unaligned && range.size() != u128::MAX {
        return Err(Refusal::entity("cidrLength", "IPv6 networks may not be smaller than /64."));
    }
    Ok(())
}

fn net_name(net: &Element) -> Result<String, Refusal> {
    let name = net.text_of("netName").ok_or_else(|| required("netName"))?;
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
    let blocks =
        net.child("netBlocks").map(|blocks| blocks.children.as_slice()).unwrap_or_default();
    let mut ranges = Vec::new();
    for block in blocks {
        if block.text_of("type").is_some_and(|found| found != kind) {
            return Err(Refusal::entity("type", "It does not fit the call."));
        }
        ranges.push(block_range(block)?);
    }
    ranges.sort_unstable();
    let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
        return Err(required("netBlocks"));
    };
    let apart =
        |pair: &[AddressRange]| pair[0].bounds().1.checked_add(1) != Some(pair[1].bounds().0);
    if first.family() != last.family() || ranges.windows(2).any(apart) {
        return Err(Refusal::entity("netBlocks", "The blocks are not one contiguous range."));
    }
    AddressRange::from_bounds(first.family(), first.bounds().0, last.bounds().1)
        .ok_or_else(|| required("netBlocks"))
}

fn block_range(block: &Element) -> Result<AddressRange, Refusal> {
    let invalid = |name| Refusal::entity(name, "It is not valid.");
    let start = block.text_of("startAddress").ok_or_else(|| required("startAddress"))?;
    let start = parse_registry_address(start).ok_or_else(|| invalid("startAddress"))?;
    if let Some(end) = block.text_of("endAddress") {
        let end = parse_registry_address(end).ok_or_else(|| invalid("endAddress"))?;
        return AddressRange::new(start, end).map_err(|_| invalid("endAddress"));
    }
    let length = block.text_of("cidrLength").ok_or_else(|| required("endAddress"))?;
    let net = length.parse().ok().and_then(|bits| ipnet::IpNet::new(start, bits).ok());
    let net = net.filter(|net| net.network() == start).ok_or_else(|| invalid("cidrLength"))?;
    Ok(net.into())
}

fn recipient(
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
            let customer = new_customer(world, customer, parent)?;
            Ok(Recipient::NewCustomer(Box::new(customer)))
        }
        (None, None, Some(org)) => eligible_org(world, org),
        (None, None, None) => {
            Err(required(if reallocate { "orgHandle" } else { "customerHandle" }))
        }
        _ if reallocate => {
            Err(Refusal::entity("orgHandle", "A reallocation goes to an organization."))
        }
        _ => Err(Refusal::entity("customerHandle", "A net has one recipient.")),
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
    let count = |code: &str| org.pocs.iter().filter(|(function, _)| function == code).count();
    if count("AD") == 1 && count("T") > 0 && count("AB") > 0 {
        return Ok(());
    }
    Err(Refusal::entity("orgHandle", "The organization needs an Admin, a Tech and an Abuse POC."))
}

/// Judges a customer that is to be created.
pub(super) fn new_customer(
    world: &World,
    customer: &Element,
    parent: &NetRecord,
) -> Result<CustomerRecord, Refusal> {
    if customer.text_of("handle").is_some() {
        return Err(Refusal::entity("handle", "It is a system generated value."));
    }
    let text = |name| customer.text_of(name).map(str::to_owned);
    let name = text("customerName").ok_or_else(|| required("customerName"))?;
    let street_address = customer.lines_of("streetAddress");
    if street_address.iter().all(|line| line.trim().is_empty()) {
        return Err(required("streetAddress"));
    }
    let country = country(customer)?;
    let (state, postal_code) = (text("iso3166-2"), text("postalCode"));
    if country.needs_state() {
        let state = state.as_deref().ok_or_else(|| required("iso3166-2"))?;
        if !country.has_subdivision(state) {
            return Err(Refusal::entity(
                "iso3166-2",
                "It is not a state or province of the country.",
            ));
        }
        if postal_code.is_none() {
            return Err(required("postalCode"));
        }
    }
    let city = text("city");
    let ascii = [Some(&name), city.as_ref()].into_iter().flatten().chain(&street_address);
    if let Some(bad) = ascii.into_iter().find(|text| !text.is_ascii()) {
        return Err(Refusal::entity(
            "customerName",
            format!("`{bad}` has characters other than ASCII."),
        ));
    }
    Ok(CustomerRecord {
        handle: world.next_customer_handle(),
        customer_name: name,
        parent_org_handle: parent.org_handle.clone().unwrap_or_default(),
        street_address,
        city,
        state,
        postal_code,
        country: country.code2().to_owned(),
        private_customer: matches!(customer.text_of("privateCustomer"), Some("true" | "1")),
        comment: customer.lines_of("comment"),
        registration_date: super::now(),
    })
}

fn country(customer: &Element) -> Result<Country, Refusal> {
    let codes = customer.child("iso3166-1").ok_or_else(|| required("iso3166-1"))?;
    let parse = |name| codes.text_of(name).map(Country::parse);
    match (parse("code2"), parse("code3")) {
        (Some(Ok(a)), Some(Ok(b))) if a == b => Ok(a),
        (Some(Ok(country)), None) | (None, Some(Ok(country))) => Ok(country),
        (None, None) => Err(required("iso3166-1")),
        _ => Err(Refusal::entity("iso3166-1", "The country codes are unknown or disagree.")),
    }
}

/// The type a call registers.
pub(super) const fn kind(reallocate: bool) -> NetType {
    if reallocate { NetType::Reallocation } else { NetType::Reassignment }
}

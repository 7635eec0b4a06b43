//! The public directory: a small RDAP (RFC 9082, 9083) with lag and truncation.
//!
//! Owns what the public sees of the world, and when. Must not know: keys, rules.

use std::collections::VecDeque;
use std::time::Instant;

use ipnet::IpNet;
use serde_json::{Value, json};

use super::RdapPolicy;
use super::service::Answered;
use super::world::{Address, Change, NetRecord, World};
use crate::domain::AddressRange;
use crate::domain::block::parse_registry_address;

/// The media type of RDAP.
const RDAP_JSON: &str = "application/rdap+json";
/// Extensions that the answers use.
const CONFORMANCE: [&str; 5] =
    ["nro_rdap_profile_0", "rdap_level_0", "cidr0", "arin_originas0", "rirSearch1"];

/// The world as the public sees it.
#[derive(Debug)]
pub(super) struct Public {
    policy: RdapPolicy,
    /// The world as it was, when there is a lag.
    behind: Option<Box<World>>,
    /// Changes that do not show yet.
    pending: VecDeque<(Instant, Change)>,
}

impl Public {
    /// The public's view of a world that begins.
    pub(super) fn new(world: &World, policy: RdapPolicy) -> Self {
        let behind = (!policy.lag.is_zero()).then(|| Box::new(world.clone()));
        Self { policy, behind, pending: VecDeque::new() }
    }

    /// A change that will show after the lag.
    pub(super) fn later(&mut self, change: &Change) {
        if self.behind.is_some() {
            self.pending.push_back((Instant::now(), change.clone()));
        }
    }

    /// Answers a path below `/rdap/`.
    pub(super) fn answer(&mut self, world: &World, path: &str) -> Answered {
        while let Some((at, _)) = self.pending.front()
            && at.elapsed() >= self.policy.lag
        {
            if let (Some((_, change)), Some(behind)) = (self.pending.pop_front(), &mut self.behind)
            {
                behind.apply(change);
            }
        }
        let world = self.behind.as_deref().unwrap_or(world);
        let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        let path = decoded.trim_matches('/').trim_start_matches("registry/");
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["help"] => answered(200, &json!({ "notices": [terms()] })),
            ["ip", address] => self.ip(world, address, None),
            ["ip", address, length] => self.ip(world, address, Some(length)),
            ["ips", "rirSearch1", relation, address] => self.search(world, relation, address, None),
            ["ips", "rirSearch1", relation, address, length] => {
                self.search(world, relation, address, Some(length))
            }
            _ => problem(400, "Bad Request", "There is no such query."),
        }
    }

    /// The most specific net around an address or prefix: the parent of what is unregistered.
    #[expect(clippy::unused_self, reason = "beside its sibling, which needs the limit")]
    fn ip(&self, world: &World, address: &str, length: Option<&str>) -> Answered {
        let Some(range) = prefix(address, length) else {
            return problem(400, "Bad Request", "It is no address or prefix.");
        };
        match world.path_to(&range).last() {
            Some(net) => answered(200, &network(world, net)),
            None => problem(404, "Not Found", "The address is in no registered network."),
        }
    }

    /// Relations of RDAP's RIR search: nets around or inside a prefix.
    fn search(
        &self,
        world: &World,
        relation: &str,
        address: &str,
        length: Option<&str>,
    ) -> Answered {
        let Some(range) = prefix(address, length) else {
            return problem(400, "Bad Request", "It is no address or prefix.");
        };
        let path = world.path_to(&range);
        let larger: Vec<&NetRecord> =
            path.iter().copied().filter(|net| net.range != range).collect();
        let found: Vec<&NetRecord> = match relation {
            "rdap-top" => larger.first().copied().into_iter().collect(),
            "rdap-up" => larger.last().copied().into_iter().collect(),
            "rdap-down" => inside(world, &path, &range),
            "rdap-bottom" => bottom(world, inside(world, &path, &range)),
            _ => return problem(400, "Bad Request", "There is no such relation."),
        };
        let shown: Vec<Value> =
            found.iter().take(self.policy.limit).map(|net| network(world, net)).collect();
        let mut notices = vec![terms()];
        if found.len() > shown.len() {
            notices.push(json!({
                "title": "Search Policy",
                "type": "result set truncated due to excessive load",
                "description": [format!("{} results of more are shown.", shown.len())],
            }));
        }
        let status = if shown.is_empty() { 404 } else { 200 };
        answered(status, &json!({ "ipSearchResults": shown, "notices": notices }))
    }
}

/// The largest nets strictly inside a range.
fn inside<'w>(
    world: &'w World,
    path: &[&'w NetRecord],
    range: &AddressRange,
) -> Vec<&'w NetRecord> {
    let around = path.last().map_or("", |net| net.handle.as_str());
    world.children(around).filter(|net| range.contains(&net.range) && net.range != *range).collect()
}

/// The nets of which nothing is registered below, under some nets.
fn bottom<'w>(world: &'w World, nets: Vec<&'w NetRecord>) -> Vec<&'w NetRecord> {
    let below = nets.into_iter().flat_map(|net| {
        let mut all = world.descendants(&net.handle);
        all.push(net);
        all
    });
    below.filter(|net| !world.has_children(&net.handle)).collect()
}

fn prefix(address: &str, length: Option<&str>) -> Option<AddressRange> {
    let address = parse_registry_address(address)?;
    match length {
        None => AddressRange::new(address, address).ok(),
        Some(length) => IpNet::new(address, length.parse().ok()?).ok().map(AddressRange::from),
    }
}

/// What the public sees of a type.
fn kind(code: &str) -> &'static str {
    match code {
        "DA" => "DIRECT ALLOCATION",
        "A" => "REALLOCATION",
        "S" => "REASSIGNMENT",
        "DS" => "DIRECT ASSIGNMENT",
        _ => "ALLOCATION",
    }
}

fn network(world: &World, net: &NetRecord) -> Value {
    let cidrs = net.range.cidrs().into_iter().map(|cidr| match cidr {
        IpNet::V4(v4) => json!({ "v4prefix": v4.network(), "length": v4.prefix_len() }),
        IpNet::V6(v6) => json!({ "v6prefix": v6.network(), "length": v6.prefix_len() }),
    });
    let event = |action| json!({ "eventAction": action, "eventDate": net.registration_date });
    let remarks: Vec<Value> = if net.comment.is_empty() {
        Vec::new()
    } else {
        vec![json!({ "title": "Registration Comments", "description": net.comment })]
    };
    json!({
        "objectClassName": "ip network",
        "handle": net.handle,
        "startAddress": net.range.first(),
        "endAddress": net.range.last(),
        "ipVersion": format!("v{}", net.range.family().version()),
        "name": net.net_name,
        "type": kind(net.kind.code()),
        "parentHandle": net.parent_net_handle,
        "status": ["active"],
        "cidr0_cidrs": cidrs.collect::<Vec<Value>>(),
        "events": [event("last changed"), event("registration")],
        "remarks": remarks,
        "entities": registrant(world, net).into_iter().collect::<Vec<Value>>(),
        "rdapConformance": CONFORMANCE,
    })
}

fn registrant(world: &World, net: &NetRecord) -> Option<Value> {
    let customer = net.customer_handle.as_ref().and_then(|handle| world.customers.get(handle));
    let org = net.org_handle.as_ref().and_then(|handle| world.orgs.get(handle));
    let (handle, name, address) = match (customer, org) {
        (Some(c), _) if c.private_customer => (&c.handle, "Private Customer", &c.address),
        (Some(c), _) => (&c.handle, c.customer_name.as_str(), &c.address),
        (None, Some(org)) => (&org.handle, org.org_name.as_str(), &org.address),
        (None, None) => return None,
    };
    let private = customer.is_some_and(|customer| customer.private_customer);
    Some(json!({
        "objectClassName": "entity",
        "handle": handle,
        "roles": ["registrant"],
        "vcardArray": ["vcard", [
            ["version", {}, "text", "4.0"],
            ["fn", {}, "text", name],
            ["adr", { "label": label(address, private) }, "text", ["", "", "", "", "", "", ""]],
            ["kind", {}, "text", "org"],
        ]],
    }))
}

fn label(address: &Address, private: bool) -> String {
    let street = if private { Vec::new() } else { address.street_address.clone() };
    let rest = [&address.city, &address.state, &address.postal_code];
    let rest = rest.into_iter().flatten().cloned().chain([address.country.clone()]);
    street.into_iter().chain(rest).collect::<Vec<String>>().join("\n")
}

fn terms() -> Value {
    json!({ "title": "Terms of Service", "description": ["A practice registry: nothing here is registered anywhere."] })
}

fn answered(status: u16, body: &Value) -> Answered {
    Answered { status, ..Answered::of(RDAP_JSON, format!("{body}\n")) }
}

fn problem(status: u16, title: &str, description: &str) -> Answered {
    let body = json!({
        "errorCode": status,
        "title": title,
        "description": [description],
        "notices": [terms()],
        "rdapConformance": CONFORMANCE,
    });
    answered(status, &body)
}

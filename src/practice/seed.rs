//! What a new world holds: the parents, their orgs with contacts, recipients, a key.
//!
//! Owns the made-up records. Must not know: HTTP, XML, where the parents come from.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;

use super::world::{
    Address, Change, CustomerRecord, KeyRecord, NetRecord, OrgRecord, PhoneRecord, PocLink,
    PocRecord, World,
};
use super::{KEY, now, now_ms};
use crate::domain::{CustomerHandle, OrgHandle, Parent, PocFunction};

/// The org that holds parents whose file names none.
pub const DEFAULT_ORG: &str = "EXAMPLE-1";

/// Brings a world up to what is asked for: what it lacks is added, what it has stays.
pub(super) fn changes(
    world: &World,
    parents: &[Parent],
    orgs: &[OrgHandle],
    customers: &[CustomerHandle],
) -> Vec<Change> {
    let mut changes = Vec::new();
    if world.id.is_empty() || world.began_ms == 0 {
        let made = format!("world-{:x}-{:x}", Timestamp::now().as_nanosecond(), std::process::id());
        let id = if world.id.is_empty() { made } else { world.id.clone() };
        changes.push(Change::World { id, began_ms: now_ms() });
    }
    let holder =
        |parent: &Parent| parent.org.as_ref().map_or(DEFAULT_ORG, OrgHandle::as_str).to_owned();
    let all = parents.iter().map(holder).chain(orgs.iter().map(ToString::to_string));
    for handle in all.collect::<BTreeSet<String>>() {
        if !world.orgs.contains_key(&handle) {
            changes.extend(org(&handle));
        }
    }
    let managed = parents.iter().filter(|p| p.managed).map(holder).collect();
    changes.extend(key(world, managed));
    let absent = customers.iter().filter(|c| !world.customers.contains_key(c.as_str()));
    changes.extend(absent.map(customer));
    let mut sorted: Vec<&Parent> = parents.iter().collect();
    sorted.sort_by_key(|parent| Reverse(parent.block.size()));
    for parent in &sorted {
        if !world.nets.contains_key(parent.net_handle.as_str()) {
            changes.push(Change::Net(top(parent, holder(parent), &sorted)));
        }
    }
    changes
}

/// The key that speaks for the orgs of the managed parents; in a world that somebody wrote
/// without keys, for every org that holds a net.
fn key(world: &World, mut orgs: BTreeSet<String>) -> Option<Change> {
    let held = world.keys.get(KEY);
    if held.is_none() && !world.keys.is_empty() {
        return None;
    }
    if held.is_none() {
        let tops = world.nets.values().filter(|net| net.parent_net_handle.is_none());
        orgs.extend(tops.filter_map(|net| net.org_handle.clone()));
    }
    let mut key = held.cloned().unwrap_or_else(|| KeyRecord {
        key: KEY.to_owned(),
        who_was: true,
        active: true,
        ..KeyRecord::default()
    });
    let before = key.orgs.len();
    key.orgs.extend(orgs.into_iter().filter(|org| !held.is_some_and(|k| k.orgs.contains(org))));
    (held.is_none() || key.orgs.len() > before).then_some(Change::Key(key))
}

fn address() -> Address {
    Address {
        street_address: vec!["1 Example Street".to_owned()],
        city: Some("Reston".to_owned()),
        state: Some("VA".to_owned()),
        postal_code: Some("20190".to_owned()),
        country: "US".to_owned(),
    }
}

/// An org with its Admin, Tech and Abuse contacts.
fn org(handle: &str) -> Vec<Change> {
    use PocFunction::{Abuse, Admin, Tech};
    let kinds = [(Admin, "ADMIN"), (Tech, "TECH"), (Abuse, "ABUSE")];
    let mut changes: Vec<Change> = kinds.iter().map(|(_, kind)| poc(handle, kind)).collect();
    let link = |(function, kind): (PocFunction, &str)| PocLink {
        function,
        handle: format!("{kind}-{handle}"),
    };
    changes.push(Change::Org(OrgRecord {
        handle: handle.to_owned(),
        org_name: handle.to_owned(),
        address: address(),
        pocs: kinds.into_iter().map(link).collect(),
        accept_reassignments: true,
        registration_date: now(),
        ..OrgRecord::default()
    }));
    changes
}

fn poc(org: &str, kind: &str) -> Change {
    Change::Poc(PocRecord {
        handle: format!("{kind}-{org}"),
        contact_type: "ROLE".to_owned(),
        company_name: Some(org.to_owned()),
        last_name: format!("{org} {kind}"),
        address: address(),
        emails: vec![format!("{}@example.net", kind.to_ascii_lowercase())],
        phones: vec![PhoneRecord {
            number: "+1-703-555-0100".to_owned(),
            extension: None,
            kind: "O".to_owned(),
        }],
        registration_date: now(),
        linked: true,
        ..PocRecord::default()
    })
}

fn customer(handle: &CustomerHandle) -> Change {
    Change::Customer(CustomerRecord {
        handle: handle.to_string(),
        customer_name: format!("Customer {handle}"),
        parent_org_handle: DEFAULT_ORG.to_owned(),
        address: address(),
        registration_date: now(),
        ..CustomerRecord::default()
    })
}

/// A parent as a net; inside a larger parent that can be subdivided, it is that one's child.
fn top(parent: &Parent, org: String, all: &[&Parent]) -> NetRecord {
    let around = |other: &&&Parent| {
        other.block != parent.block
            && other.kind.can_be_subdivided()
            && other.block.contains(&parent.block)
    };
    let outer = all.iter().filter(around).min_by_key(|other| other.block.size());
    NetRecord {
        handle: parent.net_handle.to_string(),
        parent_net_handle: outer.map(|other| other.net_handle.to_string()),
        net_name: parent.net_handle.to_string(),
        kind: parent.kind.clone(),
        range: parent.block,
        start_address: parent.block.first().to_string(),
        end_address: parent.block.last().to_string(),
        active: parent.active,
        customer_handle: None,
        org_handle: Some(org),
        pocs: Vec::new(),
        origin_ases: Vec::new(),
        comment: Vec::new(),
        registration_date: now(),
    }
}

//! The state file: a whole world as JSON that a person can read and write.
//!
//! Owns its form (one record a line, in lists `keys pocs orgs nets customers delegations tickets`)
//! and what may be left out. Must not know: HTTP, rules, where the file lies.

use std::collections::HashSet;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::world::{
    Change, CustomerRecord, DelegationRecord, KeyRecord, NetRecord, OrgRecord, PocRecord,
    TicketRecord, World,
};

/// A key as a state file writes it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum KeyForm {
    /// The key alone: it may do everything.
    Text(String),
    /// With what it may do.
    Record(KeyRecord),
}

/// A state file: every list may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct StateFile {
    id: String,
    began_ms: i64,
    keys: Vec<KeyForm>,
    pocs: Vec<PocRecord>,
    orgs: Vec<OrgRecord>,
    nets: Vec<NetRecord>,
    customers: Vec<CustomerRecord>,
    delegations: Vec<DelegationRecord>,
    tickets: Vec<TicketRecord>,
    last_customer: u64,
}

/// Reads a state file as the changes that make its world. A net without a parent becomes the
/// child of the smallest net of type DA or A around it.
pub(super) fn read(bytes: &[u8]) -> serde_json::Result<Vec<Change>> {
    let mut state: StateFile = serde_json::from_slice(bytes)?;
    let orgs: Vec<String> = state.orgs.iter().map(|org| org.handle.clone()).collect();
    let key = |form| match form {
        KeyForm::Text(key) => {
            KeyRecord { key, orgs: orgs.clone(), who_was: true, active: true, nets: Vec::new() }
        }
        KeyForm::Record(record) => record,
    };
    once(state.nets.iter().map(|net| net.handle.as_str()))?;
    once(state.customers.iter().map(|customer| customer.handle.as_str()))?;
    once(orgs.iter().map(String::as_str))?;
    state.nets.sort_by_key(|net| std::cmp::Reverse(net.range.size()));
    let mut tops = World::default();
    for net in &mut state.nets {
        net.start_address = net.range.first().to_string();
        net.end_address = net.range.last().to_string();
        if net.parent_net_handle.is_none() {
            let path = tops.path_to(&net.range);
            let around =
                path.iter().rev().find(|n| n.kind.can_be_subdivided() && n.range != net.range);
            net.parent_net_handle = around.map(|around| around.handle.clone());
        }
        if net.kind.can_be_subdivided() {
            tops.apply(Change::Net(net.clone()));
        }
    }
    let mut changes = vec![Change::World { id: state.id, began_ms: state.began_ms }];
    changes.extend(state.keys.into_iter().map(key).map(Change::Key));
    changes.extend(state.pocs.into_iter().map(Change::Poc));
    changes.extend(state.orgs.into_iter().map(Change::Org));
    changes.extend(state.customers.into_iter().map(Change::Customer));
    changes.extend(state.nets.into_iter().map(Change::Net));
    changes.extend(state.delegations.into_iter().map(Change::Delegation));
    changes.extend(state.tickets.into_iter().map(Change::Ticket));
    changes.push(Change::LastCustomer(state.last_customer));
    Ok(changes)
}

/// Refuses a handle that two records of a list have.
fn once<'h>(handles: impl Iterator<Item = &'h str>) -> serde_json::Result<()> {
    let mut seen = HashSet::new();
    for handle in handles {
        if !seen.insert(handle) {
            let message = format!("the handle `{handle}` stands twice");
            return Err(serde::de::Error::custom(message));
        }
    }
    Ok(())
}

/// Writes a world as a state file.
pub(super) fn write(world: &World, out: &mut impl Write) -> io::Result<()> {
    let id = serde_json::to_string(&world.id)?;
    write!(out, "{{\n\"id\": {id},\n\"beganMs\": {}", world.began_ms)?;
    list(out, "keys", world.keys.values())?;
    list(out, "pocs", world.pocs.values())?;
    list(out, "orgs", world.orgs.values())?;
    list(out, "nets", world.nets.values())?;
    list(out, "customers", world.customers.values())?;
    list(out, "delegations", world.delegations.values())?;
    list(out, "tickets", world.tickets.values())?;
    write!(out, ",\n\"lastCustomer\": {}\n}}\n", world.last_customer())
}

fn list<T: Serialize>(
    out: &mut impl Write,
    name: &str,
    records: impl Iterator<Item = T>,
) -> io::Result<()> {
    write!(out, ",\n\"{name}\": [")?;
    for (count, record) in records.enumerate() {
        out.write_all(if count == 0 { b"\n  " } else { b",\n  " })?;
        serde_json::to_writer(&mut *out, &record)?;
    }
    out.write_all(b"\n]")
}

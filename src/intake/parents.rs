//! The parents file: `net_handle`, `prefix` (or `start`, `end`), `type`, `status`, `org_handle`,
//! `managed`.
//!
//! Owns its columns and defaults. Must not know: rows of the plan.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::path::Path;

use crate::domain::{AddressRange, Finding, NetHandle, NetType, OrgHandle, Parent, RowAt, Rule};

use super::bytes::{self, ReadError};
use super::formats::row::FoundParent;
use super::recipient::boolean;
use super::table::{self, Schema, TableRow};

const SCHEMA: Schema = Schema {
    kind: "parents file",
    columns: &["net_handle", "prefix", "start", "end", "type", "status", "org_handle", "managed"],
    aliases: &[],
    passed_over: &[],
    example: "list the parent nets: net_handle,prefix",
};

/// Reads a parents file. Findings have row 0 and the file's name.
///
/// # Errors
/// [`ReadError`] when it cannot be read at all.
pub fn read(path: &Path) -> Result<(Vec<Parent>, Vec<Finding>), ReadError> {
    let input = bytes::read(path)?;
    let (mut parents, mut findings) = table::read(&input, &SCHEMA, |row| parent(row).map(Some));
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(parents.len());
    for (index, parent) in parents.iter().enumerate() {
        if let Some(first) = seen.insert(parent.net_handle.as_str(), index) {
            let message = format!(
                "{} stands twice, as entries {} and {}",
                parent.net_handle,
                first + 1,
                index + 1
            );
            let mut finding =
                Finding::new(RowAt::default(), Rule::DuplicateColumn, message, "keep one of them");
            finding.other_file = Some(input.name.clone());
            findings.push(finding);
        }
    }
    if !findings.is_empty() {
        parents.clear();
    }
    Ok((parents, findings))
}

fn parent(row: &TableRow<'_>) -> Result<Parent, Box<Finding>> {
    let (net_handle, block) = net(row)?;
    let org = row.get("org_handle").map(|text| OrgHandle::parse(&text)).transpose();
    let org = org.map_err(|e| {
        row.fault(Rule::BadHandle, "org_handle", e.to_string(), "copy the Org ID from ARIN Online")
    })?;
    let managed = row
        .get("managed")
        .map_or(Some(true), |text| boolean(text.as_bytes()))
        .ok_or_else(|| {
            let message = "`managed` is neither true nor false";
            row.fault(Rule::BadBoolean, "managed", message, "write yes or no")
        })?;
    let kind = row
        .get("type")
        .map_or(NetType::DirectAllocation, |code| NetType::from(code.to_ascii_uppercase()));
    let active = row.get("status").is_none_or(|status| status.eq_ignore_ascii_case("active"));
    Ok(Parent { net_handle, block, kind, active, org, managed })
}

/// Handle and block, which every table of nets has.
pub(super) fn net(row: &TableRow<'_>) -> Result<(NetHandle, AddressRange), Box<Finding>> {
    let handle = row.get("net_handle").unwrap_or_default();
    let net_handle = NetHandle::parse(&handle).map_err(|e| {
        row.fault(Rule::BadHandle, "net_handle", e.to_string(), "copy the handle from ARIN Online")
    })?;
    let block = match (row.get("prefix"), row.get("start"), row.get("end")) {
        (Some(prefix), ..) => prefix.parse::<AddressRange>(),
        (None, start, end) => {
            AddressRange::parse_ends(&start.unwrap_or_default(), &end.unwrap_or_default())
        }
    };
    let block = block.map_err(|e| {
        row.fault(Rule::BadPrefix, "prefix", e.to_string(), "write it as in 198.51.100.0/24")
    })?;
    Ok((net_handle, block))
}

/// Parents that exports tell, once each; one without a handle has that which the registry would
/// usually choose.
#[must_use]
pub fn of_exports(found: &[FoundParent]) -> Vec<Parent> {
    let mut parents: BTreeMap<AddressRange, Parent> = BTreeMap::new();
    for parent in found {
        let handle = parent.net_handle.clone();
        let handle = handle.or_else(|| assumed_handle(&parent.block));
        let Some(net_handle) = handle else { continue };
        let parent = Parent {
            net_handle,
            block: parent.block,
            kind: NetType::DirectAllocation,
            active: true,
            org: None,
            managed: true,
        };
        parents.entry(parent.block).or_insert(parent);
    }
    parents.into_values().collect()
}

/// The handle that the registry usually gives the first net at an address.
fn assumed_handle(block: &AddressRange) -> Option<NetHandle> {
    let text = match block.first() {
        IpAddr::V4(first) => format!("NET-{first}-1").replace('.', "-"),
        IpAddr::V6(first) => {
            let groups = first.segments().map(|group| format!("{group:X}"));
            let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
            let filled = groups.iter().rposition(|group| *group != "0").map_or(1, |at| at + 1);
            format!("NET6-{}-1", groups[..filled].join("-"))
        }
    };
    NetHandle::parse(&text).ok()
}

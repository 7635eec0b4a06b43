//! The registered file: what is at the registry already, as `inventory` or a report tells it.
//!
//! Owns its columns, and which lines of a report are nets. Must not know: rows of the plan.

use std::borrow::Cow;
use std::path::Path;

use crate::domain::{
    Action, CustomerHandle, Finding, NetHandle, NetType, OrgHandle, RegisteredNet, Rule,
};

use super::bytes::{self, ReadError};
use super::parents::net;
use super::table::{self, Schema, TableRow};

/// Columns of a registered net; a report of the registry is mapped to them.
pub(super) const COLUMNS: [&str; 11] = [
    "net_handle",
    "prefix",
    "start",
    "end",
    "parent_net",
    "type",
    "net_name",
    "customer_handle",
    "org_handle",
    "recipient",
    "registered_at",
];

const SCHEMA: Schema = Schema {
    kind: "registered file",
    columns: &COLUMNS,
    // Columns of the canonical CSV, which `inventory` writes, and of `report.csv`.
    passed_over: &[
        "row",
        "reference",
        "action",
        "status",
        "ticket",
        "ticket_status",
        "attempts",
        "code",
        "message",
        "file",
        "line",
        "customer_name",
        "street",
        "street2",
        "street3",
        "city",
        "state",
        "postal_code",
        "country",
        "org_name",
        "org_pocs",
        "private",
        "comment",
        "assigned_on",
    ],
    aliases: &[
        ("x_net_handle", "net_handle"),
        ("x_customer_handle", "customer_handle"),
        ("x_registered_at", "registered_at"),
    ],
    example: "list the registered nets: net_handle,prefix,parent_net",
};

/// Statuses of a report whose line is a registered net.
const HELD_STATUSES: [&str; 6] =
    ["registered", "already-registered", "modified", "replaced", "unchanged", "held"];

/// Reads a registered file. Findings have row 0 and the file's name.
///
/// # Errors
/// [`ReadError`] when it cannot be read at all.
pub fn read(path: &Path) -> Result<(Vec<RegisteredNet>, Vec<Finding>), ReadError> {
    Ok(read_bytes(&bytes::read(path)?))
}

/// Reads a registered file from memory.
pub(super) fn read_bytes(input: &bytes::InputBytes) -> (Vec<RegisteredNet>, Vec<Finding>) {
    table::read(input, &SCHEMA, registered)
}

fn registered(row: &TableRow<'_>) -> Result<Option<RegisteredNet>, Box<Finding>> {
    // A report has a status: rows that ended without a net are none.
    let is_report = row.has("status") && row.has("attempts");
    let held = || row.get("status").is_some_and(|status| HELD_STATUSES.contains(&&*status));
    if is_report && (!held() || row.get("net_handle").is_none()) {
        return Ok(None);
    }
    let (net_handle, block) = net(row)?;
    let copy = "copy the handle from ARIN Online";
    let parent = row.get("parent_net").map(|text| NetHandle::from_registry(&text)).transpose();
    let parent =
        parent.map_err(|e| row.fault(Rule::BadHandle, "parent_net", e.to_string(), copy))?;
    let customer = row.get("customer_handle").map(|text| CustomerHandle::from_registry(&text));
    let customer = customer
        .transpose()
        .map_err(|e| row.fault(Rule::BadHandle, "customer_handle", e.to_string(), copy))?;
    let org = row.get("org_handle").map(|text| OrgHandle::from_registry(&text)).transpose();
    let org = org.map_err(|e| row.fault(Rule::BadHandle, "org_handle", e.to_string(), copy))?;
    let action = row.get("action").and_then(|text| Action::parse(&text));
    let implied = action.and_then(|action| match action {
        Action::ReassignSimple | Action::ReassignDetailed => Some(NetType::Reassignment),
        Action::Reallocate => Some(NetType::Reallocation),
        Action::RecordOnly => None,
    });
    let kind = row.get("type").map(|code| NetType::from(code.to_ascii_uppercase())).or(implied);
    let recipient = row.get("recipient").or_else(|| row.get("customer_name"));
    let recipient =
        recipient.or_else(|| row.get("org_name")).map(|text| unguarded(&text).to_owned());
    Ok(Some(RegisteredNet {
        net_handle,
        block,
        parent,
        kind,
        net_name: row.get("net_name").map(Cow::into_owned),
        customer,
        org,
        recipient,
        registered_at: row.get("registered_at").map(Cow::into_owned),
    }))
}

/// A cell of a report without the `'` that guards it from spreadsheets.
fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => text,
    }
}

//! What an org must be.
//!
//! Owns creation, modification and links to contacts (ARIN, Org Payload). Must not know: who asks.

use super::Complaints;
use crate::domain::PocFunction;
use crate::practice::answer::Refusal;
use crate::practice::world::{OrgRecord, PocLink, World};
use crate::practice::xml::Element;

/// Judges an org that is to be created.
pub(in crate::practice) fn create(world: &World, payload: &Element) -> Result<OrgRecord, Refusal> {
    let mut found = Complaints::default();
    found.ungenerated(payload, &["handle", "registrationDate"]);
    let org_name = found.need(payload, "orgName");
    let held = OrgRecord {
        handle: free_handle(world, &org_name),
        org_name,
        dba_name: found.may(payload, "dbaName"),
        accept_reassignments: true,
        registration_date: crate::practice::now(),
        ..OrgRecord::default()
    };
    let mut record = filled(&mut found, payload, held);
    record.pocs = super::poc_links(&mut found, payload, world).unwrap_or_default();
    contacts(&mut found, &record.pocs);
    found.settle(record)
}

/// Judges a modification.
pub(in crate::practice) fn modify(
    world: &World,
    held: &OrgRecord,
    payload: &Element,
) -> Result<OrgRecord, Refusal> {
    let mut found = Complaints::default();
    found.echoed(payload, "handle", &held.handle);
    found.echoed(payload, "registrationDate", &held.registration_date);
    let name = found.need(payload, "orgName");
    found.immutable("orgName", name == held.org_name);
    let dba = payload.text_of("dbaName");
    found.immutable("dbaName", dba.is_none() || dba == held.dba_name.as_deref());
    let mut record = filled(&mut found, payload, held.clone());
    if let Some(links) = super::poc_links(&mut found, payload, world) {
        record.pocs = links;
    }
    contacts(&mut found, &record.pocs);
    found.settle(record)
}

fn filled(found: &mut Complaints, payload: &Element, held: OrgRecord) -> OrgRecord {
    let accept = payload.text_of("acceptReassignments");
    let org_url = found.may(payload, "orgUrl");
    OrgRecord {
        address: super::address(found, payload),
        comment: super::comment(found, payload).unwrap_or_default(),
        accept_reassignments: accept
            .map_or(held.accept_reassignments, |accept| matches!(accept, "true" | "1")),
        org_url,
        ..held
    }
}

/// Exactly one Admin, at least one Tech and one Abuse contact.
pub(in crate::practice) fn contacts(found: &mut Complaints, pocs: &[PocLink]) {
    let count = |function| pocs.iter().filter(|link| link.function == function).count();
    if count(PocFunction::Admin) != 1 {
        found.add("pocLinks", "An organization has exactly one Admin POC.");
    }
    if count(PocFunction::Tech) == 0 {
        found.add("pocLinks", "An organization has at least one Tech POC.");
    }
    if count(PocFunction::Abuse) == 0 {
        found.add("pocLinks", "An organization has at least one Abuse POC.");
    }
}

/// `TI-615` of "Test Inc": initials and the lowest free number.
fn free_handle(world: &World, name: &str) -> String {
    let initials: String = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.chars().next())
        .take(4)
        .collect();
    let initials = if initials.is_empty() { "ORG".to_owned() } else { initials.to_uppercase() };
    (1_u64..)
        .map(|number| format!("{initials}-{number}"))
        .find(|handle| !world.orgs.contains_key(handle))
        .unwrap_or(initials)
}

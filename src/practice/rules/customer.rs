//! What a customer must be.
//!
//! Owns creation and modification (ARIN, Customer Payload). Must not know: who asks.

use super::Complaints;
use crate::practice::answer::Refusal;
use crate::practice::world::{CustomerRecord, NetRecord, World};
use crate::practice::xml::Element;

/// Judges a customer that is to be created under a parent net.
pub(in crate::practice) fn create(
    world: &World,
    payload: &Element,
    parent: &NetRecord,
) -> Result<CustomerRecord, Refusal> {
    let mut found = Complaints::default();
    found.ungenerated(payload, &["handle", "registrationDate"]);
    let held = CustomerRecord {
        handle: world.next_customer_handle(),
        parent_org_handle: parent.org_handle.clone().unwrap_or_default(),
        registration_date: crate::practice::now(),
        ..CustomerRecord::default()
    };
    let record = filled(&mut found, payload, held);
    found.settle(record)
}

/// Judges a modification.
pub(in crate::practice) fn modify(
    held: &CustomerRecord,
    payload: &Element,
) -> Result<CustomerRecord, Refusal> {
    let mut found = Complaints::default();
    found.echoed(payload, "handle", &held.handle);
    found.echoed(payload, "registrationDate", &held.registration_date);
    let org = payload.text_of("parentOrgHandle");
    found.immutable("parentOrgHandle", org.is_none_or(|org| org == held.parent_org_handle));
    let record = filled(&mut found, payload, held.clone());
    found.settle(record)
}

fn filled(found: &mut Complaints, payload: &Element, held: CustomerRecord) -> CustomerRecord {
    CustomerRecord {
        customer_name: found.need(payload, "customerName"),
        address: super::address(found, payload),
        private_customer: matches!(payload.text_of("privateCustomer"), Some("true" | "1")),
        comment: super::comment(found, payload).unwrap_or_default(),
        ..held
    }
}

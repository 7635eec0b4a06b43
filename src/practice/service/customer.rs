//! Customers: get, modify, delete (ARIN, Customers). They are created below their parent net.
//!
//! Must not know: HTTP, XML.

use super::Answered;
use super::desk::Desk;
use crate::practice::answer::{Refusal, party};
use crate::practice::rules;
use crate::practice::world::Change;

/// Serves `/rest/customer/…`.
pub(super) fn serve(desk: &mut Desk<'_>, parts: &[&str]) -> Result<Answered, Refusal> {
    match (desk.method, parts) {
        ("GET", [handle]) => Ok(Answered::xml(party::customer(&desk.customer(handle)?))),
        ("PUT", [handle]) => modify(desk, handle),
        ("DELETE", [handle]) => delete(desk, handle),
        _ => Err(Refusal::no_method()),
    }
}

fn modify(desk: &mut Desk<'_>, handle: &str) -> Result<Answered, Refusal> {
    let payload = desk.payload("customer")?;
    let held = desk.customer(handle)?;
    let customer = rules::customer::modify(&held, &payload)?;
    desk.commit(vec![Change::Customer(customer.clone())])?;
    Ok(Answered::committed(party::customer(&customer)).customer(handle))
}

fn delete(desk: &mut Desk<'_>, handle: &str) -> Result<Answered, Refusal> {
    let customer = desk.customer(handle)?;
    if desk.world().net_of_customer(handle).is_some() {
        return Err(Refusal::linked("The customer is still linked to a net."));
    }
    desk.commit(vec![Change::CustomerGone(handle.to_owned())])?;
    Ok(Answered::committed(party::customer(&customer)).customer(handle))
}

//! Points of contact and their phones and e-mail addresses (ARIN, POCs).
//!
//! Must not know: HTTP, XML.

use super::Answered;
use super::desk::Desk;
use crate::practice::answer::{Refusal, party};
use crate::practice::rules::{self, Complaints};
use crate::practice::world::{Change, PocRecord};

/// Serves `/rest/poc…`.
pub(super) fn serve(desk: &mut Desk<'_>, parts: &[&str]) -> Result<Answered, Refusal> {
    match (desk.method, parts) {
        ("POST", []) => create(desk),
        ("GET", [handle]) => {
            let poc = desk.world().pocs.get(*handle).ok_or_else(|| Refusal::not_found("POC"))?;
            Ok(Answered::xml(party::poc(poc)))
        }
        ("PUT", [handle]) => modify(desk, handle),
        ("DELETE", [handle]) => delete(desk, handle),
        ("PUT", [handle, "phone"]) => add_phone(desk, handle),
        ("DELETE", [handle, "phone"]) => delete_phone(desk, handle, None),
        ("DELETE", [handle, "phone", number]) => delete_phone(desk, handle, Some(number)),
        ("POST", [handle, "email", email]) => add_email(desk, handle, email),
        ("DELETE", [handle, "email", email]) => delete_email(desk, handle, email),
        _ => Err(Refusal::no_method()),
    }
}

fn create(desk: &mut Desk<'_>) -> Result<Answered, Refusal> {
    let payload = desk.payload("poc")?;
    let linked = match desk.route.matrix("makeLink") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Refusal::bad("makeLink is true or false.")),
    };
    let poc = rules::poc::create(desk.world(), &payload, linked)?;
    keep(desk, poc)
}

fn keep(desk: &mut Desk<'_>, poc: PocRecord) -> Result<Answered, Refusal> {
    let body = party::poc(&poc);
    desk.commit(vec![Change::Poc(poc)])?;
    Ok(Answered::committed(body))
}

fn modify(desk: &mut Desk<'_>, handle: &str) -> Result<Answered, Refusal> {
    let payload = desk.payload("poc")?;
    let poc = rules::poc::modify(&desk.poc(handle)?, &payload)?;
    keep(desk, poc)
}

fn delete(desk: &mut Desk<'_>, handle: &str) -> Result<Answered, Refusal> {
    let poc = desk.poc(handle)?;
    if desk.world().poc_is_linked(handle) {
        return Err(Refusal::linked("The POC is still linked to an organization or a net."));
    }
    desk.commit(vec![Change::PocGone(handle.to_owned())])?;
    Ok(Answered::committed(party::poc(&poc)))
}

/// Adding a phone that is there already succeeds and changes nothing.
fn add_phone(desk: &mut Desk<'_>, handle: &str) -> Result<Answered, Refusal> {
    let payload = desk.payload("phone")?;
    let mut poc = desk.poc(handle)?;
    let mut found = Complaints::default();
    let phone = rules::poc::phone(&mut found, &payload);
    let Some(phone) = found.settle(phone)? else { return Err(Refusal::required("number")) };
    let body = party::phone(&phone);
    let same = |held: &crate::practice::world::PhoneRecord| {
        held.number == phone.number && held.kind == phone.kind
    };
    if poc.phones.iter().any(same) {
        return Ok(Answered::xml(body));
    }
    poc.phones.push(phone);
    desk.commit(vec![Change::Poc(poc)])?;
    Ok(Answered::committed(body))
}

/// By number, by type, or both; nothing found is an empty list.
fn delete_phone(
    desk: &mut Desk<'_>,
    handle: &str,
    number: Option<&str>,
) -> Result<Answered, Refusal> {
    let mut poc = desk.poc(handle)?;
    let number = number.filter(|number| !number.is_empty());
    let kind = desk.route.matrix("type").or_else(|| desk.route.query("type"));
    if number.is_none() && kind.is_none() {
        return Err(Refusal::bad("Name the phone's number or its type."));
    }
    if kind.is_some_and(|kind| !["O", "F", "M"].contains(&kind)) {
        return Err(Refusal::bad("The phone's type is O, F or M."));
    }
    let (gone, kept): (Vec<_>, Vec<_>) =
        std::mem::take(&mut poc.phones).into_iter().partition(|phone| {
            number.is_none_or(|number| phone.number == number)
                && kind.is_none_or(|kind| phone.kind == kind)
        });
    let body = party::phones(&gone);
    if gone.is_empty() {
        return Ok(Answered::xml(body));
    }
    poc.phones = kept;
    let mut found = Complaints::default();
    rules::poc::reachable(&mut found, &poc);
    found.settle(())?;
    desk.commit(vec![Change::Poc(poc)])?;
    Ok(Answered::committed(body))
}

fn add_email(desk: &mut Desk<'_>, handle: &str, email: &str) -> Result<Answered, Refusal> {
    let mut poc = desk.poc(handle)?;
    if !rules::poc::is_email(email) {
        return Err(Refusal::entity("emails", "It is not an e-mail address."));
    }
    if poc.emails.iter().any(|held| held == email) {
        return Ok(Answered::xml(party::poc(&poc)));
    }
    poc.emails.push(email.to_owned());
    keep(desk, poc)
}

fn delete_email(desk: &mut Desk<'_>, handle: &str, email: &str) -> Result<Answered, Refusal> {
    let mut poc = desk.poc(handle)?;
    let before = poc.emails.len();
    poc.emails.retain(|held| held != email);
    if poc.emails.len() == before {
        return Err(Refusal::not_found("e-mail address"));
    }
    let mut found = Complaints::default();
    rules::poc::reachable(&mut found, &poc);
    found.settle(())?;
    keep(desk, poc)
}

//! What a point of contact must be.
//!
//! Owns creation, modification, phones and e-mail addresses (ARIN, POC Payload). Must not know:
//! who asks.

use super::Complaints;
use crate::practice::answer::Refusal;
use crate::practice::world::{PhoneRecord, PocRecord, World};
use crate::practice::xml::Element;

/// Judges a contact that is to be created.
pub(in crate::practice) fn create(
    world: &World,
    payload: &Element,
    linked: bool,
) -> Result<PocRecord, Refusal> {
    let mut found = Complaints::default();
    found.ungenerated(payload, &["handle", "registrationDate", "lastModified"]);
    let contact_type = found.need(payload, "contactType");
    let last_name = found.need(payload, "lastName");
    let first_name = found.may(payload, "firstName");
    let held = PocRecord {
        handle: free_handle(world, &last_name, first_name.as_deref()),
        contact_type,
        company_name: found.may(payload, "companyName"),
        first_name,
        middle_name: found.may(payload, "middleName"),
        last_name,
        registration_date: crate::practice::now(),
        linked,
        ..PocRecord::default()
    };
    names(&mut found, &held);
    let record = filled(&mut found, payload, held);
    found.settle(record)
}

/// Judges a modification: names and type stay; phones and e-mails that are sent replace all.
pub(in crate::practice) fn modify(
    held: &PocRecord,
    payload: &Element,
) -> Result<PocRecord, Refusal> {
    let mut found = Complaints::default();
    found.echoed(payload, "handle", &held.handle);
    found.echoed(payload, "registrationDate", &held.registration_date);
    let fixed = [
        ("contactType", Some(&held.contact_type)),
        ("firstName", held.first_name.as_ref()),
        ("middleName", held.middle_name.as_ref()),
        ("lastName", Some(&held.last_name)),
    ];
    for (name, held) in fixed {
        // An empty element is a change to nothing, not an absence.
        let sent = payload.child(name).map(|element| element.text.trim().to_owned());
        found.immutable(name, sent.is_none() || sent.as_ref() == held);
    }
    let held = PocRecord { company_name: found.may(payload, "companyName"), ..held.clone() };
    if held.contact_type == "ROLE" && held.company_name.is_none() {
        found.add("companyName", "Value is required.");
    }
    let record = filled(&mut found, payload, held);
    found.settle(record)
}

fn names(found: &mut Complaints, poc: &PocRecord) {
    let role = poc.contact_type == "ROLE";
    if role && poc.company_name.is_none() {
        found.add("companyName", "Value is required.");
    }
    if role && poc.first_name.is_some() {
        found.add("firstName", "A role has no first name.");
    }
    let digits = |text: Option<&str>| text.is_some_and(|t| t.bytes().any(|b| b.is_ascii_digit()));
    if !role && digits(Some(&poc.last_name)) {
        found.add("lastName", "A person's name may not contain digits.");
    }
    if !role && digits(poc.first_name.as_deref()) {
        found.add("firstName", "A person's name may not contain digits.");
    }
    if !role && poc.first_name.is_none() {
        found.add("firstName", "Value is required.");
    }
}

fn filled(found: &mut Complaints, payload: &Element, held: PocRecord) -> PocRecord {
    let phones: Vec<PhoneRecord> =
        payload.members("phones").filter_map(|phone| self::phone(found, phone)).collect();
    let emails: Vec<String> = payload
        .members("emails")
        .map(|email| email.text.trim().to_owned())
        .filter(|email| !email.is_empty())
        .collect();
    let record = PocRecord {
        address: super::address(found, payload),
        comment: super::comment(found, payload).unwrap_or_default(),
        phones: if phones.is_empty() { held.phones.clone() } else { phones },
        emails: if emails.is_empty() { held.emails.clone() } else { emails },
        ..held
    };
    reachable(found, &record);
    record
}

/// At least one office phone and one e-mail address, each of a possible form.
pub(in crate::practice) fn reachable(found: &mut Complaints, poc: &PocRecord) {
    if !poc.phones.iter().any(|phone| phone.kind == "O") {
        found.add("phones", "A POC has at least one office phone.");
    }
    if poc.emails.is_empty() {
        found.add("emails", "A POC has at least one e-mail address.");
    }
    if !poc.emails.iter().all(|email| is_email(email)) {
        found.add("emails", "It is not an e-mail address.");
    }
}

/// Whether a text has the form of an e-mail address.
pub(in crate::practice) fn is_email(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    let domain = text.split_once('@').map(|(local, domain)| (!local.is_empty(), domain));
    plain
        && domain
            .is_some_and(|(local, domain)| local && domain.contains('.') && !domain.contains('@'))
}

/// A phone of the payload.
pub(in crate::practice) fn phone(found: &mut Complaints, payload: &Element) -> Option<PhoneRecord> {
    let kind = payload.child("type").and_then(|kind| kind.text_of("code"));
    let Some(kind) = kind.filter(|code| ["O", "F", "M"].contains(code)) else {
        found.add("type", "The phone's type is O, F or M.");
        return None;
    };
    let number = payload.text_of("number").unwrap_or_default();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b" +-().".contains(&b));
    if !plain || digits < 7 {
        found.add("number", "It is not a phone number.");
        return None;
    }
    Some(PhoneRecord {
        number: number.to_owned(),
        extension: payload.text_of("extension").map(str::to_owned),
        kind: kind.to_owned(),
    })
}

/// `DOEJA5-ARIN` of Jane Doe, `NOC1-ARIN` of a role.
fn free_handle(world: &World, last: &str, first: Option<&str>) -> String {
    let letters = |text: &str, most: usize| -> String {
        text.chars().filter(char::is_ascii_alphabetic).take(most).collect()
    };
    let stem = match first {
        Some(first) => letters(last, 4) + &letters(first, 2),
        None => letters(last.split(' ').next_back().unwrap_or(last), 5),
    };
    let stem = if stem.is_empty() { "POC".to_owned() } else { stem.to_uppercase() };
    (1_u64..)
        .map(|number| format!("{stem}{number}-ARIN"))
        .find(|handle| !world.pocs.contains_key(handle))
        .unwrap_or(stem)
}

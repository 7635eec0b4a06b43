//! `<customer>`, `<org>`, `<poc>`, `<phone>` and what they share.
//!
//! Owns their element order. Must not know: rules, HTTP.

use crate::domain::Country;
use crate::practice::world::{Address, CustomerRecord, OrgRecord, PhoneRecord, PocLink, PocRecord};
use crate::practice::xml::writer::Writer;

/// Telephone codes of the countries of ARIN's region and their neighbours (ITU-T E.164).
const E164: [(&str, &str); 10] = [
    ("US", "1"),
    ("CA", "1"),
    ("BS", "1"),
    ("BB", "1"),
    ("BM", "1"),
    ("JM", "1"),
    ("MX", "52"),
    ("GB", "44"),
    ("DE", "49"),
    ("FR", "33"),
];

fn country(w: &mut Writer, code: &str) {
    w.nest("iso3166-1", |w| {
        w.leaf("code2", code);
        if let Ok(country) = Country::parse(code) {
            w.leaf("code3", country.code3());
            let e164 = E164.iter().find(|(known, _)| *known == code);
            w.some("e164", e164.map(|(_, number)| *number));
            let name = if code == "US" { "United States" } else { country.name() };
            w.leaf("name", name);
        }
    });
}

fn state(w: &mut Writer, address: &Address) {
    w.some("iso3166-2", address.state.as_deref());
}

/// `<pocLinks>`; empty when there are none, as the real service writes it.
pub(super) fn poc_links(w: &mut Writer, links: &[PocLink]) {
    w.nest("pocLinks", |w| {
        for link in links {
            let attributes = [
                ("description", Some(link.function.description())),
                ("function", Some(link.function.code())),
                ("handle", Some(link.handle.as_str())),
            ];
            w.with("pocLinkRef", &attributes, "");
        }
    });
}

/// `<customer>`.
pub(in crate::practice) fn customer(customer: &CustomerRecord) -> String {
    Writer::document("customer", |w| {
        w.some("city", customer.address.city.as_deref());
        country(w, &customer.address.country);
        w.leaf("handle", &customer.handle);
        w.lines("comment", &customer.comment);
        w.lines("streetAddress", &customer.address.street_address);
        w.leaf("customerName", &customer.customer_name);
        w.leaf("parentOrgHandle", &customer.parent_org_handle);
        w.some("postalCode", customer.address.postal_code.as_deref());
        w.leaf("privateCustomer", if customer.private_customer { "true" } else { "false" });
        w.leaf("registrationDate", &customer.registration_date);
        state(w, &customer.address);
    })
}

/// `<org>`.
pub(in crate::practice) fn org(org: &OrgRecord) -> String {
    Writer::document("org", |w| {
        poc_links(w, &org.pocs);
        w.leaf("acceptReassignments", if org.accept_reassignments { "true" } else { "false" });
        w.some("city", org.address.city.as_deref());
        country(w, &org.address.country);
        w.lines("comment", &org.comment);
        w.some("dbaName", org.dba_name.as_deref());
        w.lines("streetAddress", &org.address.street_address);
        w.leaf("handle", &org.handle);
        w.leaf("orgName", &org.org_name);
        w.some("orgUrl", org.org_url.as_deref());
        w.some("postalCode", org.address.postal_code.as_deref());
        w.leaf("registrationDate", &org.registration_date);
        state(w, &org.address);
    })
}

fn phone_inner(w: &mut Writer, phone: &PhoneRecord) {
    w.some("extension", phone.extension.as_deref());
    w.leaf("number", &phone.number);
    w.nest("type", |w| {
        w.leaf("code", &phone.kind);
        w.leaf("description", phone_kind(&phone.kind));
    });
}

fn phone_kind(code: &str) -> &'static str {
    match code {
        "O" => "OFFICE",
        "F" => "FAX",
        _ => "MOBILE",
    }
}

/// `<phone>`.
pub(in crate::practice) fn phone(phone: &PhoneRecord) -> String {
    Writer::document("phone", |w| phone_inner(w, phone))
}

/// `<collection>` of phones.
pub(in crate::practice) fn phones(phones: &[PhoneRecord]) -> String {
    Writer::document("collection", |w| {
        phones.iter().for_each(|phone| w.nest("phone", |w| phone_inner(w, phone)));
    })
}

/// `<poc>`.
pub(in crate::practice) fn poc(poc: &PocRecord) -> String {
    Writer::document("poc", |w| {
        w.some("city", poc.address.city.as_deref());
        w.some("companyName", poc.company_name.as_deref());
        w.leaf("contactType", &poc.contact_type);
        country(w, &poc.address.country);
        w.nest("emails", |w| poc.emails.iter().for_each(|email| w.leaf("email", email)));
        w.some("firstName", poc.first_name.as_deref());
        w.lines("comment", &poc.comment);
        w.leaf("lastName", &poc.last_name);
        w.some("middleName", poc.middle_name.as_deref());
        w.lines("streetAddress", &poc.address.street_address);
        w.nest("phones", |w| {
            poc.phones.iter().for_each(|phone| w.nest("phone", |w| phone_inner(w, phone)));
        });
        w.leaf("handle", &poc.handle);
        w.some("postalCode", poc.address.postal_code.as_deref());
        w.leaf("registrationDate", &poc.registration_date);
        state(w, &poc.address);
    })
}

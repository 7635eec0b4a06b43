//! What the registry refuses, by its own reading of ARIN's method and payload pages.
//!
//! Owns the rules of entities, one file an object; here is what they share. Must not know: the
//! checker's rules, HTTP, who asks.

pub(super) mod customer;
pub(super) mod net;
pub(super) mod org;
pub(super) mod poc;
pub(super) mod zone;

use crate::domain::{Country, PocFunction};

use super::answer::Refusal;
use super::world::{Address, AttachmentRecord, MessageRecord, PocLink, World};
use super::xml::Element;

/// Fields that break a rule, gathered so that one answer names them all.
#[derive(Debug, Default)]
pub(super) struct Complaints(Vec<(&'static str, String)>);

impl Complaints {
    /// Notes a field.
    pub(super) fn add(&mut self, name: &'static str, message: impl Into<String>) {
        self.0.push((name, message.into()));
    }

    /// A text that must be there and be ASCII.
    pub(super) fn need(&mut self, payload: &Element, name: &'static str) -> String {
        match payload.text_of(name) {
            Some(text) => self.ascii(name, text.to_owned()),
            None => {
                self.add(name, "Value is required.");
                String::new()
            }
        }
    }

    /// A text that may be there and must be ASCII.
    pub(super) fn may(&mut self, payload: &Element, name: &'static str) -> Option<String> {
        payload.text_of(name).map(|text| self.ascii(name, text.to_owned()))
    }

    fn ascii(&mut self, name: &'static str, text: String) -> String {
        if !text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            self.add(name, "Only ASCII characters are allowed here.");
        }
        text
    }

    /// Fields that only the registry sets: they may be blank, not filled.
    pub(super) fn ungenerated(&mut self, payload: &Element, names: &[&'static str]) {
        for name in names {
            if payload.text_of(name).is_some() {
                self.add(name, GENERATED);
            }
        }
    }

    /// A field that a modification must repeat as it is held.
    pub(super) fn echoed(&mut self, payload: &Element, name: &'static str, held: &str) {
        match payload.text_of(name) {
            None => self.add(name, "Value is required."),
            Some(found) if found == held => {}
            Some(_) => self.add(name, GENERATED),
        }
    }

    /// A field that may not change.
    pub(super) fn immutable(&mut self, name: &'static str, same: bool) {
        if !same {
            self.add(name, "This element cannot be modified.");
        }
    }

    /// Whether nothing was found.
    pub(super) fn settle<T>(self, value: T) -> Result<T, Refusal> {
        if self.0.is_empty() {
            return Ok(value);
        }
        Err(Refusal { components: self.0, ..Refusal::entity("", "") })
    }
}

/// What is said of a field that only the registry sets.
const GENERATED: &str = "This element is a system generated value and cannot be modified.";

/// Comment lines: ASCII and accented letters; `None` when there is no comment.
pub(super) fn comment(found: &mut Complaints, payload: &Element) -> Option<Vec<String>> {
    let lines = payload.lines_of("comment")?;
    let fine = |c: char| (' '..='~').contains(&c) || c == '\t' || accented(c);
    if !lines.iter().all(|line| line.chars().all(fine)) {
        found.add("comment", "Only ASCII characters and accented letters are allowed in comments.");
    }
    Some(lines.into_iter().filter(|line| !line.trim().is_empty()).collect())
}

fn accented(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') && c.is_alphabetic()
}

/// A postal address: street and country always, state and postal code in the US and Canada.
pub(super) fn address(found: &mut Complaints, payload: &Element) -> Address {
    let street: Vec<String> = payload.lines_of("streetAddress").unwrap_or_default();
    let street: Vec<String> = street.into_iter().filter(|line| !line.trim().is_empty()).collect();
    if street.is_empty() {
        found.add("streetAddress", "Value is required.");
    }
    if !street.iter().all(|line| line.is_ascii()) {
        found.add("streetAddress", "Only ASCII characters are allowed here.");
    }
    let mut address = Address {
        street_address: street,
        city: found.may(payload, "city"),
        state: found.may(payload, "iso3166-2"),
        postal_code: found.may(payload, "postalCode"),
        country: String::new(),
    };
    let Some(country) = country(found, payload) else { return address };
    country.code2().clone_into(&mut address.country);
    if country.needs_state() {
        match &address.state {
            None => found.add("iso3166-2", "Value is required."),
            Some(state) if country.has_subdivision(state) => {}
            Some(_) => found.add("iso3166-2", "It is not a state or province of the country."),
        }
        if address.postal_code.is_none() {
            found.add("postalCode", "Value is required.");
        }
    }
    address
}

fn country(found: &mut Complaints, payload: &Element) -> Option<Country> {
    let parse = |name| payload.child("iso3166-1")?.text_of(name).map(Country::parse);
    match (parse("code2"), parse("code3")) {
        (Some(Ok(a)), Some(Ok(b))) if a == b => Some(a),
        (Some(Ok(country)), None) | (None, Some(Ok(country))) => Some(country),
        (None, None) => {
            found.add("iso3166-1", "Value is required.");
            None
        }
        _ => {
            found.add("iso3166-1", "The country codes are unknown or disagree.");
            None
        }
    }
}

/// Links to contacts that exist; `None` when the payload has none.
pub(super) fn poc_links(
    found: &mut Complaints,
    payload: &Element,
    world: &World,
) -> Option<Vec<PocLink>> {
    let mut links: Vec<PocLink> = Vec::new();
    for link in payload.members("pocLinks") {
        let handle = link.attribute("handle").unwrap_or_default().to_owned();
        let function = link.attribute("function").and_then(PocFunction::from_code);
        let Some(function) = function else { continue };
        if !world.pocs.contains_key(&handle) {
            found.add("pocLinks", format!("The POC `{handle}` does not exist."));
        }
        let link = PocLink { function, handle };
        if !links.contains(&link) {
            links.push(link);
        }
    }
    (!links.is_empty()).then_some(links)
}

/// Messages that ride along or are added to a ticket, numbered from `next`.
pub(super) fn messages(
    payload: &Element,
    ticket: &str,
    next: u32,
) -> Result<Vec<MessageRecord>, Refusal> {
    let messages = payload.members("messages").zip(next..);
    messages.map(|(message, id)| self::message(message, ticket, id)).collect()
}

/// One message.
pub(super) fn message(payload: &Element, ticket: &str, id: u32) -> Result<MessageRecord, Refusal> {
    use super::xml::Space;
    for name in ["messageId", "createdDate"] {
        if payload.in_space(Space::Messages, name).is_some_and(|e| !e.text.trim().is_empty()) {
            return Err(Refusal::generated(name));
        }
    }
    let category = payload.text_of("category").unwrap_or("NONE");
    if !["NONE", "JUSTIFICATION"].contains(&category) {
        return Err(Refusal::entity("category", "It is NONE or JUSTIFICATION."));
    }
    let text = payload.lines_of("text").unwrap_or_default();
    let attachments = payload.members("attachments").enumerate();
    let attachments: Vec<AttachmentRecord> = attachments
        .map(|(index, attachment)| self::attachment(attachment, &format!("{ticket}/{id}/{index}")))
        .collect::<Result<_, _>>()?;
    let empty = attachments.is_empty() && text.iter().all(|line| line.trim().is_empty());
    if empty {
        return Err(Refusal::required("text"));
    }
    Ok(MessageRecord {
        message_id: id,
        created_date: super::now(),
        category: category.to_owned(),
        subject: payload.text_of("subject").map(str::to_owned),
        text,
        attachments,
    })
}

fn attachment(payload: &Element, seed: &str) -> Result<AttachmentRecord, Refusal> {
    use base64::Engine;
    let filename = payload.text_of("filename").ok_or_else(|| Refusal::required("filename"))?;
    let data = payload.text_of("data").ok_or_else(|| Refusal::required("data"))?;
    let data: String = data.split_ascii_whitespace().collect();
    if base64::engine::general_purpose::STANDARD.decode(&data).is_err() {
        return Err(Refusal::entity("data", "It is not base64."));
    }
    Ok(AttachmentRecord { id: opaque_id(seed), filename: filename.to_owned(), data })
}

/// An id of 32 hexadecimal digits that says nothing.
pub(super) fn opaque_id(seed: &str) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(seed.as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

//! RDAP answers (RFC 9083; searches up and down: RFC 9536) as registrations.
//!
//! Owns their JSON names, and what counts as cut off. Must not know: HTTP.

use serde::Deserialize;

use crate::domain::{
    AddressRange, CustomerHandle, Holder, NetHandle, NetType, OrgHandle, Registered, Registration,
    Source,
};

/// Results after which ARIN's public services cut a list off, whether they say so or not.
const CUT_OFF_AT: usize = 256;

/// One net of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RdapNet {
    handle: Option<String>,
    start_address: Option<String>,
    end_address: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    parent_handle: Option<String>,
    events: Vec<Event>,
    entities: Vec<Entity>,
    notices: Vec<Notice>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Event {
    event_action: String,
    event_date: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Entity {
    handle: Option<String>,
    roles: Vec<String>,
    vcard_array: serde_json::Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Notice {
    title: String,
    #[serde(rename = "type")]
    kind: String,
}

impl Notice {
    fn says_cut_off(&self) -> bool {
        let says = |text: &str| text.to_ascii_lowercase().contains("truncated");
        says(&self.kind) || says(&self.title)
    }
}

/// What a search found.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SearchAnswer {
    ip_search_results: Vec<RdapNet>,
    notices: Vec<Notice>,
}

impl SearchAnswer {
    /// Whether there may be more: the answer says so, or is as long as the longest.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.notices.iter().any(Notice::says_cut_off) || self.ip_search_results.len() >= CUT_OFF_AT
    }

    /// The nets that could be read, and how many could not.
    #[must_use]
    pub fn nets(&self, at: &str) -> (Vec<Registered>, usize) {
        let nets: Vec<Registered> =
            self.ip_search_results.iter().filter_map(|net| net.registered(at)).collect();
        let lost = self.ip_search_results.len() - nets.len();
        (nets, lost)
    }
}

/// Reads the answer of a search.
///
/// # Errors
/// Why it is none.
pub fn search(body: &[u8]) -> Result<SearchAnswer, String> {
    serde_json::from_slice(body).map_err(|fault| format!("no RDAP search answer: {fault}"))
}

/// Reads the answer of a look-up of one net.
///
/// # Errors
/// Why it is none.
pub fn net(body: &[u8]) -> Result<RdapNet, String> {
    serde_json::from_slice(body).map_err(|fault| format!("no RDAP ip network: {fault}"))
}

/// ARIN's words for the types; anything else stays as it is.
fn kind(words: &str) -> NetType {
    let upper = words.to_ascii_uppercase();
    if upper.contains("REALLOC") {
        NetType::Reallocation
    } else if upper.contains("REASSIGN") {
        NetType::Reassignment
    } else if upper.contains("DIRECT") {
        NetType::DirectAllocation
    } else {
        NetType::from(upper)
    }
}

impl RdapNet {
    /// The net as it is public; `None` without a usable handle and range.
    #[must_use]
    pub fn registered(&self, at: &str) -> Option<Registered> {
        let handle = |text: &Option<String>| NetHandle::from_registry(text.as_deref()?.trim()).ok();
        let ends = (self.start_address.as_deref()?, self.end_address.as_deref()?);
        let block = AddressRange::parse_ends(ends.0, ends.1).ok()?;
        let registrant =
            self.entities.iter().find(|entity| entity.roles.iter().any(|r| r == "registrant"));
        let event = self.events.iter().find(|event| event.event_action == "registration");
        let registration = Registration {
            net_handle: handle(&self.handle)?,
            parent: handle(&self.parent_handle),
            block,
            kind: kind(self.kind.as_deref().unwrap_or_default()),
            net_name: self.name.clone().unwrap_or_default(),
            holder: registrant.map_or(Holder::Unknown, Entity::holder),
            comment: Vec::new(),
            registered_at: event.and_then(|event| event.event_date.clone()),
        };
        let mut found = Registered::summary(registration, Source::Rdap, Some(at.to_owned()));
        found.recipient = registrant.and_then(Entity::name);
        Some(found)
    }
}

impl Entity {
    /// Customers and orgs are told apart by their handles alone.
    fn holder(&self) -> Holder {
        let Some(text) = self.handle.as_deref() else { return Holder::Unknown };
        let digits = text
            .strip_prefix('C')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
        if digits && let Ok(customer) = CustomerHandle::from_registry(text) {
            return Holder::Customer(customer);
        }
        OrgHandle::from_registry(text).map_or(Holder::Unknown, Holder::Org)
    }

    /// `fn` of the jCard (RFC 7095).
    fn name(&self) -> Option<String> {
        let properties = self.vcard_array.get(1)?.as_array()?;
        let full = properties.iter().find(|p| p.get(0).is_some_and(|name| name == "fn"))?;
        full.get(3)?.as_str().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"rdapConformance":["rdap_level_0"],"notices":[{"title":"Search Policy","type":"result set truncated due to unexplainable reasons"}],
"ipSearchResults":[{"objectClassName":"ip network","handle":"NET-198-18-0-8-1","startAddress":"198.18.0.8","endAddress":"198.18.0.15","name":"CUST-1","type":"REASSIGNMENT","parentHandle":"NET-198-18-0-0-1",
"events":[{"eventAction":"last changed","eventDate":"2020-01-01"},{"eventAction":"registration","eventDate":"2009-01-01T00:00:00-05:00"}],
"entities":[{"handle":"C10000001","roles":["registrant"],"vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text","Private Customer"]]]}]},{"handle":"NET-X"}]}"#;

    #[test]
    fn a_search_answer_gives_nets_and_says_when_it_is_cut_off() {
        let answer = search(ANSWER.as_bytes()).unwrap();
        assert!(answer.is_cut_off());
        let (nets, lost) = answer.nets("2026-11-25T00:00:00Z");
        assert_eq!((nets.len(), lost), (1, 1));
        assert_eq!(nets[0].net.kind, NetType::Reassignment);
        assert_eq!(nets[0].recipient(), "Private Customer");
        assert!(matches!(&nets[0].net.holder, Holder::Customer(c) if c.as_str() == "C10000001"));
        assert!(!search(br#"{"ipSearchResults":[]}"#).unwrap().is_cut_off());
        assert!(search(b"<html>").is_err());
    }
}

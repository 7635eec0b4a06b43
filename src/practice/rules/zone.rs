//! What a reverse DNS zone may hold.
//!
//! Owns nameservers and delegation signer records (ARIN, Delegation Payload). Must not know: who
//! asks, which net a zone belongs to.

use super::Complaints;
use crate::practice::answer::Refusal;
use crate::practice::answer::delegation::{DIGESTS, algorithm};
use crate::practice::world::{DelegationKey, DelegationRecord, Nameserver};
use crate::practice::xml::{Element, Space};

/// Longest host name and label (RFC 1035).
const HOST_MAX: usize = 253;
const LABEL_MAX: usize = 63;
/// Longest time to live, in seconds: one week.
const TTL_MAX: u32 = 604_800;

/// Judges a modification of a zone.
pub(in crate::practice) fn modify(
    name: &str,
    payload: &Element,
) -> Result<DelegationRecord, Refusal> {
    let mut found = Complaints::default();
    let sent = payload.text_of("name").map(crate::practice::world::zone::canonical);
    match sent {
        None => found.add("name", "Value is required."),
        Some(sent) => found.immutable("name", sent == name),
    }
    let mut record = DelegationRecord { name: name.to_owned(), ..DelegationRecord::default() };
    for server in payload.members("nameservers") {
        let ttl = server.attribute_in(Space::Ttl, "ttl");
        match nameserver(server.text.trim(), ttl) {
            Ok(server) if record.nameservers.iter().any(|held| held.name == server.name) => {
                found.add("nameservers", "Nameservers must be unique.");
            }
            Ok(server) => record.nameservers.push(server),
            Err(refusal) => found.0.extend(refusal.components),
        }
    }
    for key in payload.members("delegationKeys") {
        match self::key(key) {
            Some(key) => record.keys.push(key),
            None => found.add("delegationKeys", "The delegation signer record is not valid."),
        }
    }
    if !record.keys.is_empty() && record.nameservers.is_empty() {
        found.add("nameservers", "A delegation with DS records has at least one nameserver.");
    }
    found.settle(record)
}

/// A nameserver and its time to live.
pub(in crate::practice) fn nameserver(
    name: &str,
    ttl: Option<&str>,
) -> Result<Nameserver, Refusal> {
    let name = name.trim_end_matches('.').to_ascii_uppercase();
    let label = |label: &str| {
        let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        plain && !label.is_empty() && label.len() <= LABEL_MAX && !label.starts_with('-')
    };
    if name.len() > HOST_MAX || !name.contains('.') || !name.split('.').all(label) {
        return Err(Refusal::entity("nameserver", "It is not a host name."));
    }
    let ttl = ttl.map(str::trim).filter(|ttl| !ttl.is_empty()).map(self::ttl).transpose()?;
    Ok(Nameserver { name, ttl })
}

fn ttl(text: &str) -> Result<u32, Refusal> {
    let ttl = text.parse().ok().filter(|ttl| (1..=TTL_MAX).contains(ttl));
    ttl.ok_or_else(|| {
        Refusal::entity("ttl", format!("It is a number of seconds from 1 to {TTL_MAX}."))
    })
}

fn key(payload: &Element) -> Option<DelegationKey> {
    let number = payload.text_of("algorithm")?.parse().ok().filter(|n| algorithm(*n).is_some())?;
    let digest_type: u8 = payload.text_of("digestType")?.parse().ok()?;
    let (_, _, length) = DIGESTS.iter().find(|(known, ..)| *known == digest_type)?;
    let digest = payload.text_of("digest")?.to_ascii_uppercase();
    let fits = digest.len() == *length && digest.bytes().all(|b| b.is_ascii_hexdigit());
    let ttl = payload.in_space(Space::Ttl, "ttl").map(|ttl| ttl.text.trim());
    let ttl = ttl.filter(|ttl| !ttl.is_empty()).map(self::ttl).transpose().ok()?;
    fits.then_some(DelegationKey {
        algorithm: number,
        digest,
        digest_type,
        key_tag: payload.text_of("keyTag")?.parse().ok()?,
        ttl,
    })
}

//! `<delegation>`: a reverse DNS zone.
//!
//! Owns the names of algorithms and digest types. Must not know: who may change a zone.

use crate::practice::world::{DelegationKey, DelegationRecord};
use crate::practice::xml::writer::Writer;

/// DNSSEC algorithms (IANA, DNS Security Algorithm Numbers).
const ALGORITHMS: [(u8, &str); 7] = [
    (5, "RSA/SHA-1"),
    (7, "RSASHA1-NSEC3-SHA1"),
    (8, "RSA/SHA-256"),
    (10, "RSA/SHA-512"),
    (13, "ECDSA Curve P-256 with SHA-256"),
    (14, "ECDSA Curve P-384 with SHA-384"),
    (15, "Ed25519"),
];
/// Digest types (IANA, DS RR Type Digest Algorithms).
pub(in crate::practice) const DIGESTS: [(u8, &str, usize); 3] =
    [(1, "SHA-1", 40), (2, "SHA-256", 64), (4, "SHA-384", 96)];

/// Whether an algorithm is known.
pub(in crate::practice) fn algorithm(number: u8) -> Option<&'static str> {
    ALGORITHMS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

fn key_inner(w: &mut Writer, key: &DelegationKey) {
    w.with("algorithm", &[("name", algorithm(key.algorithm))], &key.algorithm.to_string());
    w.leaf("digest", &key.digest);
    w.some("ns2:ttl", key.ttl.map(|ttl| ttl.to_string()).as_deref());
    let name = DIGESTS.iter().find(|(known, ..)| *known == key.digest_type).map(|(_, n, _)| *n);
    w.with("digestType", &[("name", name)], &key.digest_type.to_string());
    w.leaf("keyTag", &key.key_tag.to_string());
}

fn inner(w: &mut Writer, zone: &DelegationRecord) {
    w.nest("delegationKeys", |w| {
        zone.keys.iter().for_each(|key| w.nest("delegationKey", |w| key_inner(w, key)));
    });
    w.leaf("name", &zone.name);
    w.nest("nameservers", |w| {
        for server in &zone.nameservers {
            let ttl = server.ttl.map(|ttl| ttl.to_string());
            w.with("nameserver", &[("ns2:ttl", ttl.as_deref())], &server.name);
        }
    });
}

/// `<delegation>`.
pub(in crate::practice) fn delegation(zone: &DelegationRecord) -> String {
    Writer::delegated("delegation", |w| inner(w, zone))
}

/// `<collection>` of delegations.
pub(in crate::practice) fn list(zones: &[DelegationRecord]) -> String {
    Writer::delegated("collection", |w| {
        zones.iter().for_each(|zone| w.nest("delegation", |w| inner(w, zone)));
    })
}

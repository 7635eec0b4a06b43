//! `delegation` (ARIN "Delegation Payload"): a reverse-DNS zone, its nameservers and DS keys.
//!
//! The times to live are in the ttl namespace: an attribute of a nameserver, an element of a
//! key. Must not know: the net the zone belongs to.

use super::element::{list, payload};

payload! {
    /// `nameserver`.
    Nameserver {
        /// Host name.
        name: String = "$text",
        /// Time to live, in seconds.
        ttl: u32 = "@t:ttl" / "@t.ttl",
    }
}

list! {
    /// `nameservers`.
    Nameservers { nameserver: Nameserver = "nameserver" }
}

payload! {
    /// A code of the DNSSEC registries with its name (`algorithm`, `digestType`).
    NamedCode {
        /// The number, as in `13`.
        code: String = "$text",
        /// In words; the registry's.
        name: String = "@name",
    }
}

payload! {
    /// `delegationKey`: a delegation signer (DS) record.
    DelegationKey {
        /// DNSSEC algorithm, as in `13`.
        algorithm: NamedCode = "algorithm",
        /// Digest in hexadecimal digits.
        digest: String = "digest",
        /// Digest type, as in `2`.
        digest_type: NamedCode = "digestType",
        /// Key tag.
        key_tag: String = "keyTag",
        /// Time to live, in seconds.
        ttl: u32 = "t:ttl" / "t.ttl",
    }
}

list! {
    /// `delegationKeys`.
    DelegationKeys { key: DelegationKey = "delegationKey" }
}

payload! {
    /// A reverse-DNS zone. A zone with keys keeps at least one nameserver.
    ///
    /// ```
    /// use swip::regrws::GetDelegation;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let zone = arin.send(&GetDelegation("2.0.192.in-addr.arpa.".parse()?)).await?;
    /// assert_eq!(zone.name.as_deref(), Some("2.0.192.in-addr.arpa."));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    DelegationPayload as "delegation" {
        /// Its name, as in `2.0.192.in-addr.arpa.`
        name: String = "name",
        /// Its nameservers.
        nameservers: Nameservers = "nameservers",
        /// Its DS keys.
        keys: DelegationKeys = "delegationKeys",
    }
}

impl DelegationPayload {
    /// Whether the zone is in use: the registry lists every zone of a net, used or not.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.nameservers.as_ref().is_some_and(|servers| !servers.nameserver.is_empty())
            || self.keys.as_ref().is_some_and(|keys| !keys.key.is_empty())
    }

    /// This zone as a modification of `current`: the name, which cannot change, is the
    /// registry's.
    #[must_use]
    pub fn echoing(self, current: &Self) -> Self {
        Self { name: current.name.clone(), ..self }
    }
}

//! Delegation methods (ARIN "Delegation Methods"): reverse-DNS zones. Changes take effect in the
//! DNS within 24 hours.
//!
//! Must not know: reassignments, which are no delegations here.

use super::segment::{HostName, ZoneName};
use super::{bare, calls, get, write};
use crate::regrws::payload::DelegationPayload;
use crate::regrws::wire::Method;

calls! {
    /// Get a zone: `GET /delegation/NAME`.
    GetDelegation(name: ZoneName) -> DelegationPayload {
        get(format!("/rest/delegation/{}", name.encoded()))
    }

    /// Modify a zone: `PUT /delegation/NAME`; its nameservers and DS keys are those that are sent.
    ModifyDelegation {
        /// Which zone.
        name: ZoneName,
        /// As it shall be, with the name echoed ([`DelegationPayload::echoing`]).
        delegation: DelegationPayload,
    } -> DelegationPayload {
        write(Method::Put, format!("/rest/delegation/{}", name.encoded()), delegation)
    }

    /// Add a nameserver: `POST /delegation/NAME/nameserver/NAMESERVER?ttl=TTL`. Refused with 409
    /// when it is there already.
    AddNameserver {
        /// Which zone.
        name: ZoneName,
        /// The nameserver.
        nameserver: HostName,
        /// Time to live, in seconds; the registry's default without.
        ttl: Option<u32>,
    } -> DelegationPayload {
        bare(Method::Post, format!(
            "/rest/delegation/{}/nameserver/{}{}",
            name.encoded(),
            nameserver.encoded(),
            ttl.map(|ttl| format!("?ttl={ttl}")).unwrap_or_default(),
        ))
    }

    /// Delete a nameserver: `DELETE /delegation/NAME/nameserver/NAMESERVER`. Refused with 409 for
    /// the last one of a zone with DS keys.
    DeleteNameserver {
        /// Which zone.
        name: ZoneName,
        /// The nameserver.
        nameserver: HostName,
    } -> DelegationPayload {
        bare(Method::Delete, format!(
            "/rest/delegation/{}/nameserver/{}",
            name.encoded(),
            nameserver.encoded(),
        ))
    }

    /// Delete all nameservers: `DELETE /delegation/NAME/nameservers`. Refused with 409 for a zone
    /// with DS keys.
    DeleteNameservers(name: ZoneName) -> DelegationPayload {
        bare(Method::Delete, format!("/rest/delegation/{}/nameservers", name.encoded()))
    }
}

//! A client for each org's key, all at one pace.
//!
//! Must not know: which org a request is about.

use std::collections::BTreeMap;

use super::client::Client;
use crate::domain::OrgHandle;

/// Clients by whose key they carry.
#[derive(Clone, Debug)]
pub struct Clients {
    /// For orgs without a key of their own.
    pub common: Client,
    /// For orgs with one.
    pub by_org: BTreeMap<OrgHandle, Client>,
}

impl Clients {
    /// The client with the key of an org.
    #[must_use]
    pub fn of(&self, org: Option<&OrgHandle>) -> &Client {
        org.and_then(|org| self.by_org.get(org)).unwrap_or(&self.common)
    }
}

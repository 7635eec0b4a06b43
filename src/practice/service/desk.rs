//! One request at the registry's desk: who asks, for what, and what may be done for them.
//!
//! Owns authority and the reading of bodies. Must not know: any one method.

use super::State;
use crate::practice::answer::Refusal;
use crate::practice::request::Route;
use crate::practice::world::{Change, CustomerRecord, KeyRecord, NetRecord, PocRecord, World};
use crate::practice::xml::{self, Element, schema};
use crate::practice::{Behaviour, Profile};

/// One request.
pub(super) struct Desk<'s> {
    pub(super) state: &'s mut State,
    pub(super) behaviour: &'s Behaviour,
    pub(super) key: KeyRecord,
    pub(super) route: Route,
    pub(super) method: &'s str,
    pub(super) body: &'s [u8],
    /// Whether the registry fails just before it would commit.
    pub(super) cut: bool,
    /// Whether staff review whatever is registered, as the fault `ticket-only` has it.
    pub(super) reviewed: bool,
}

impl Desk<'_> {
    /// The world as it is.
    pub(super) const fn world(&self) -> &World {
        &self.state.world
    }

    /// Whether the older document holds.
    pub(super) fn is_classic(&self) -> bool {
        self.behaviour.profile == Profile::Classic
    }

    /// Makes changes durable, then true.
    pub(super) fn commit(&mut self, changes: Vec<Change>) -> Result<(), Refusal> {
        if self.cut {
            return Err(Refusal::unspecified());
        }
        self.state.commit(changes)
    }

    /// The body under the expected root, valid by the schema.
    pub(super) fn payload(&self, root: &str) -> Result<Element, Refusal> {
        let element = xml::parse(self.body).map_err(Refusal::schema)?;
        schema::check(&element, root).map_err(Refusal::schema)?;
        Ok(element)
    }

    /// Whether the key's user speaks for an org.
    pub(super) fn speaks_for(&self, org: &str) -> bool {
        self.key.orgs.iter().any(|held| held == org)
    }

    fn holds(&self, net: &NetRecord) -> bool {
        net.org_handle.as_deref().is_some_and(|org| self.speaks_for(org))
            || self.key.nets.contains(&net.handle)
    }

    /// Whether the key's user may see and change a net: that of its holder, or of its parent's.
    pub(super) fn may_manage(&self, net: &NetRecord) -> bool {
        self.holds(net) || self.world().parent(net).is_some_and(|parent| self.holds(parent))
    }

    /// A net, which the key's user may manage.
    pub(super) fn net(&self, handle: &str) -> Result<NetRecord, Refusal> {
        let net = self.world().nets.get(handle).ok_or_else(|| Refusal::not_found("net"))?;
        if self.may_manage(net) {
            return Ok(net.clone());
        }
        Err(Refusal::unauthorized(401))
    }

    /// A net that the key's user may reassign from.
    pub(super) fn parent(&self, handle: &str) -> Result<NetRecord, Refusal> {
        let parent = self.world().nets.get(handle);
        let parent = parent.ok_or_else(|| Refusal::not_found("parent net"))?;
        if self.holds(parent) {
            return Ok(parent.clone());
        }
        // ARIN: "if you attempt to reallocate resources from a parent NET not associated with
        // the API key, you will receive" 403.
        Err(Refusal::unauthorized(403))
    }

    /// A customer, which the key's user may manage.
    pub(super) fn customer(&self, handle: &str) -> Result<CustomerRecord, Refusal> {
        let customer = self.world().customers.get(handle);
        let customer = customer.ok_or_else(|| Refusal::not_found("customer"))?;
        let net = self.world().net_of_customer(handle).and_then(|net| self.world().nets.get(net));
        if self.speaks_for(&customer.parent_org_handle)
            || net.is_some_and(|net| self.may_manage(net))
        {
            return Ok(customer.clone());
        }
        Err(Refusal::unauthorized(401))
    }

    /// A contact, which the key's user may change: linked to a user, and of none but its orgs.
    pub(super) fn poc(&self, handle: &str) -> Result<PocRecord, Refusal> {
        let poc = self.world().pocs.get(handle).ok_or_else(|| Refusal::not_found("POC"))?;
        let of = |org: &&crate::practice::world::OrgRecord| {
            org.pocs.iter().any(|link| link.handle == handle)
        };
        let mut orgs = self.world().orgs.values().filter(of).peekable();
        let ours = orgs.peek().is_none() || orgs.any(|org| self.speaks_for(&org.handle));
        if poc.linked && ours {
            return Ok(poc.clone());
        }
        Err(Refusal::unauthorized(401))
    }
}

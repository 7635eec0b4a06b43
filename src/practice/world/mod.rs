//! The registry's world: nets, customers, orgs, contacts, reverse zones, tickets, keys, and every
//! change of them.
//!
//! Owns the indexes and the durable form of a change. Must not know: HTTP, XML, rules.

mod children;
pub mod record;
pub mod ticket;
pub mod zone;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::domain::{AddressRange, Family};
use children::Children;
pub use record::{
    Address, CustomerRecord, DelegationKey, DelegationRecord, KeyRecord, Nameserver, NetRecord,
    OrgRecord, PhoneRecord, PocLink, PocRecord,
};
pub use ticket::{AttachmentRecord, Effect, MessageRecord, TicketRecord};

/// One durable change: a line of the commit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A world begins.
    World {
        /// Its id.
        id: String,
        /// When, in milliseconds since the Unix epoch.
        began_ms: i64,
    },
    /// A net is there, new or changed.
    Net(NetRecord),
    /// A net is gone.
    NetGone(String),
    /// A customer is there, new or changed.
    Customer(CustomerRecord),
    /// A customer is gone.
    CustomerGone(String),
    /// An org is there, new or changed.
    Org(OrgRecord),
    /// An org is gone.
    OrgGone(String),
    /// A contact is there, new or changed.
    Poc(PocRecord),
    /// A contact is gone.
    PocGone(String),
    /// A reverse zone is there, new or changed.
    Delegation(DelegationRecord),
    /// A ticket is there, new or changed.
    Ticket(TicketRecord),
    /// A key is there, new or changed.
    Key(KeyRecord),
    /// Number of the last customer handle given out.
    LastCustomer(u64),
}

/// Everything the registry holds.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Its id; a journal is bound to it.
    pub id: String,
    /// When it began, in milliseconds since the Unix epoch.
    pub began_ms: i64,
    /// Nets by handle.
    pub nets: BTreeMap<String, NetRecord>,
    /// Customers by handle.
    pub customers: BTreeMap<String, CustomerRecord>,
    /// Orgs by handle.
    pub orgs: BTreeMap<String, OrgRecord>,
    /// Contacts by handle.
    pub pocs: BTreeMap<String, PocRecord>,
    /// Filled reverse zones by name.
    pub delegations: BTreeMap<String, DelegationRecord>,
    /// Tickets by number.
    pub tickets: BTreeMap<String, TicketRecord>,
    /// Keys.
    pub keys: BTreeMap<String, KeyRecord>,
    /// Children per parent and family; the parent of the tops of the world is "".
    children: HashMap<String, [Children; 2]>,
    /// Handles of the nets of exactly a range.
    by_range: HashMap<AddressRange, Vec<String>>,
    /// Customer handle → its net.
    net_of_customer: HashMap<String, String>,
    /// Org handle → how many nets it holds.
    nets_of_org: HashMap<String, usize>,
    last_customer: u64,
}

/// Number of the first customer handle.
const FIRST_CUSTOMER: u64 = 10_000_000;
/// Deepest nesting of nets that is followed.
const DEPTH_MAX: usize = 64;

const fn slot(family: Family) -> usize {
    match family {
        Family::V4 => 0,
        Family::V6 => 1,
    }
}

fn put<T>(map: &mut BTreeMap<String, T>, handle: &str, value: T) {
    map.insert(handle.to_owned(), value);
}

impl World {
    /// Applies a change; the same changes in the same order give the same world.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::World { id, began_ms } => (self.id, self.began_ms) = (id, began_ms),
            Change::Net(net) => self.put_net(net),
            Change::NetGone(handle) => self.take_net(&handle),
            Change::Customer(customer) => {
                let number = customer.handle.get(1..).and_then(|digits| digits.parse().ok());
                self.last_customer = self.last_customer.max(number.unwrap_or(0));
                put(&mut self.customers, &customer.handle.clone(), customer);
            }
            Change::CustomerGone(handle) => drop(self.customers.remove(&handle)),
            Change::Org(org) => put(&mut self.orgs, &org.handle.clone(), org),
            Change::OrgGone(handle) => drop(self.orgs.remove(&handle)),
            Change::Poc(poc) => put(&mut self.pocs, &poc.handle.clone(), poc),
            Change::PocGone(handle) => drop(self.pocs.remove(&handle)),
            Change::Delegation(zone) => put(&mut self.delegations, &zone.name.clone(), zone),
            Change::Ticket(ticket) => put(&mut self.tickets, &ticket.ticket_no.clone(), ticket),
            Change::Key(key) => put(&mut self.keys, &key.key.clone(), key),
            Change::LastCustomer(number) => self.last_customer = self.last_customer.max(number),
        }
    }

    fn put_net(&mut self, net: NetRecord) {
        self.take_net(&net.handle.clone());
        let (first, last) = net.range.bounds();
        let parent = net.parent_net_handle.clone().unwrap_or_default();
        let children = self.children.entry(parent).or_default();
        children[slot(net.range.family())].insert(first, last, &net.handle);
        self.by_range.entry(net.range).or_default().push(net.handle.clone());
        if let Some(customer) = &net.customer_handle {
            self.net_of_customer.insert(customer.clone(), net.handle.clone());
        }
        if let Some(org) = &net.org_handle {
            *self.nets_of_org.entry(org.clone()).or_default() += 1;
        }
        put(&mut self.nets, &net.handle.clone(), net);
    }

    fn take_net(&mut self, handle: &str) {
        let Some(net) = self.nets.remove(handle) else { return };
        let parent = net.parent_net_handle.as_deref().unwrap_or_default();
        if let Some(children) = self.children.get_mut(parent) {
            children[slot(net.range.family())].remove(net.range.bounds().0, handle);
            if children.iter().all(Children::is_empty) {
                self.children.remove(parent);
            }
        }
        if let Some(handles) = self.by_range.get_mut(&net.range) {
            handles.retain(|other| other != handle);
            if handles.is_empty() {
                self.by_range.remove(&net.range);
            }
        }
        if let Some(customer) = &net.customer_handle {
            self.net_of_customer.remove(customer);
        }
        if let Some(count) = net.org_handle.as_ref().and_then(|org| self.nets_of_org.get_mut(org)) {
            *count = count.saturating_sub(1);
        }
    }

    fn below(&self, parent: &str, family: Family) -> Option<&Children> {
        self.children.get(parent).map(|families| &families[slot(family)])
    }

    /// The nets of exactly a range, the outermost first.
    #[must_use]
    pub fn at(&self, range: &AddressRange) -> Vec<&NetRecord> {
        let handles = self.by_range.get(range).into_iter().flatten();
        let mut nets: Vec<&NetRecord> =
            handles.filter_map(|handle| self.nets.get(handle)).collect();
        nets.sort_by_key(|net| self.depth(net));
        nets
    }

    fn depth(&self, net: &NetRecord) -> usize {
        std::iter::successors(Some(net), |net| self.parent(net)).take(DEPTH_MAX).count()
    }

    /// A net's parent.
    #[must_use]
    pub fn parent(&self, net: &NetRecord) -> Option<&NetRecord> {
        net.parent_net_handle.as_ref().and_then(|parent| self.nets.get(parent))
    }

    /// A child of a net that shares an address with a range.
    #[must_use]
    pub fn overlapping_child(&self, parent: &str, range: &AddressRange) -> Option<&NetRecord> {
        let (first, last) = range.bounds();
        let handle = self.below(parent, range.family())?.overlapping(first, last)?;
        self.nets.get(handle)
    }

    /// Whether a net has children.
    #[must_use]
    pub fn has_children(&self, handle: &str) -> bool {
        self.children.contains_key(handle)
    }

    /// The immediate children of a net, in address order, IPv4 first.
    pub fn children(&self, handle: &str) -> impl Iterator<Item = &NetRecord> {
        let families = self.children.get(handle).into_iter().flatten();
        families.flat_map(Children::handles).filter_map(|handle| self.nets.get(handle))
    }

    /// Everything below a net, parents before children.
    #[must_use]
    pub fn descendants(&self, handle: &str) -> Vec<&NetRecord> {
        let mut found: Vec<&NetRecord> = self.children(handle).collect();
        let mut next = 0;
        while let Some(net) = found.get(next) {
            next += 1;
            if net.handle != handle {
                found.extend(self.children(&net.handle));
            }
            if found.len() > self.nets.len() {
                break; // A state file whose parents go in a circle.
            }
        }
        found
    }

    /// The net that a customer holds.
    #[must_use]
    pub fn net_of_customer(&self, customer: &str) -> Option<&String> {
        self.net_of_customer.get(customer)
    }

    /// How many nets an org holds.
    #[must_use]
    pub fn nets_of_org(&self, org: &str) -> usize {
        self.nets_of_org.get(org).copied().unwrap_or(0)
    }

    /// The nets around a range, from the outermost inwards, one of exactly the range included.
    #[must_use]
    pub fn path_to(&self, range: &AddressRange) -> Vec<&NetRecord> {
        let (first, last) = range.bounds();
        let mut path: Vec<&NetRecord> = Vec::new();
        let mut parent = "";
        while path.len() < DEPTH_MAX {
            let Some(children) = self.below(parent, range.family()) else { break };
            let around = children.around(first, last).filter_map(|handle| self.nets.get(handle));
            let Some(next) = around.max_by_key(|net| net.range.size()) else { break };
            path.push(next);
            parent = &next.handle;
        }
        path
    }

    /// The net a range could be reassigned from: the smallest net of type DA or A around it, one
    /// of exactly the range only if there is no larger one.
    #[must_use]
    pub fn parent_of(&self, range: &AddressRange) -> Option<&NetRecord> {
        let path = self.path_to(range);
        let fits = |net: &&&NetRecord| net.kind.can_be_subdivided();
        let larger = path.iter().rev().filter(fits).find(|net| net.range != *range);
        larger.or_else(|| path.iter().rev().find(fits)).copied()
    }

    /// The handle a new net of a range gets: the lowest counter that is free, so that a freed
    /// handle is used again.
    #[must_use]
    pub fn free_net_handle(&self, range: &AddressRange) -> String {
        let stem = handle_stem(range);
        (1_u64..)
            .map(|counter| format!("{stem}-{counter}"))
            .find(|handle| !self.nets.contains_key(handle))
            .unwrap_or(stem)
    }

    /// The handle the next customer gets; never used again.
    #[must_use]
    pub fn next_customer_handle(&self) -> String {
        format!("C{:08}", self.last_customer.max(FIRST_CUSTOMER) + 1)
    }

    /// Whether a contact is linked to an org or a net.
    #[must_use]
    pub fn poc_is_linked(&self, handle: &str) -> bool {
        let links = |pocs: &[PocLink]| pocs.iter().any(|link| link.handle == handle);
        self.orgs.values().any(|org| links(&org.pocs))
            || self.nets.values().any(|net| links(&net.pocs))
    }

    /// The world as changes.
    pub fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        std::iter::once(Change::World { id: self.id.clone(), began_ms: self.began_ms })
            .chain(self.keys.values().cloned().map(Change::Key))
            .chain(self.pocs.values().cloned().map(Change::Poc))
            .chain(self.orgs.values().cloned().map(Change::Org))
            .chain(self.customers.values().cloned().map(Change::Customer))
            .chain(self.nets.values().cloned().map(Change::Net))
            .chain(self.delegations.values().cloned().map(Change::Delegation))
            .chain(self.tickets.values().cloned().map(Change::Ticket))
            .chain(std::iter::once(Change::LastCustomer(self.last_customer)))
    }

    /// Number of the last customer handle given out: it is never given out again.
    #[must_use]
    pub const fn last_customer(&self) -> u64 {
        self.last_customer
    }
}

/// `NET-198-51-100-8` or `NET6-2001-DB8-40`.
fn handle_stem(range: &AddressRange) -> String {
    match range.first() {
        std::net::IpAddr::V4(address) => format!("NET-{}", address.to_string().replace('.', "-")),
        std::net::IpAddr::V6(address) => {
            let mut groups: Vec<u16> = address.segments().to_vec();
            while groups.len() > 1 && groups.last() == Some(&0) {
                groups.pop();
            }
            let groups: Vec<String> = groups.iter().map(|group| format!("{group:X}")).collect();
            format!("NET6-{}", groups.join("-"))
        }
    }
}

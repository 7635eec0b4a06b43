//! The registry's world: nets, customers, orgs, tickets, and every change of them.
//!
//! Owns records, indexes and the durable form of a change. Must not know: HTTP, XML, rules.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::domain::{AddressRange, Country, Family, NetType};

/// A net. Its JSON is what `/_practice/world` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetRecord {
    /// Handle.
    pub handle: String,
    /// Parent, unless it is the top of the world.
    pub parent_net_handle: Option<String>,
    /// Name, upper case.
    pub net_name: String,
    /// Type code.
    #[serde(rename = "type")]
    pub kind: NetType,
    /// The one range it covers.
    pub range: AddressRange,
    /// First address.
    pub start_address: String,
    /// Last address.
    pub end_address: String,
    /// Whether its status is active.
    pub active: bool,
    /// The customer that holds it.
    pub customer_handle: Option<String>,
    /// The org that holds it.
    pub org_handle: Option<String>,
    /// Comment lines.
    pub comment: Vec<String>,
    /// Registration date.
    pub registration_date: String,
}

/// A customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerRecord {
    /// Handle.
    pub handle: String,
    /// Name.
    pub customer_name: String,
    /// Org of the parent net it was created under.
    pub parent_org_handle: String,
    /// Street lines.
    pub street_address: Vec<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, two letters.
    pub country: String,
    /// Residential privacy.
    pub private_customer: bool,
    /// Comment lines.
    pub comment: Vec<String>,
    /// Registration date.
    pub registration_date: String,
}

/// An org.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrgRecord {
    /// Handle.
    pub handle: String,
    /// Name.
    pub org_name: String,
    /// Contacts: function code and POC handle.
    pub pocs: Vec<(String, String)>,
    /// Whether it takes reassignments.
    pub accept_reassignments: bool,
    /// Whether the key has authority over it.
    pub managed: bool,
    /// Registration date.
    pub registration_date: String,
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TicketRecord {
    /// Number.
    pub ticket_no: String,
    /// Type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Status.
    pub status: String,
    /// Resolution, once there is one.
    pub resolution: Option<String>,
    /// Created.
    pub created_date: String,
    /// How often it was asked for.
    pub polls: u32,
    /// The net it will register.
    pub net: Option<NetRecord>,
}

/// One durable change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A world begins.
    World(String),
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
    /// A ticket is there, new or changed.
    Ticket(TicketRecord),
}

/// Everything the registry holds.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Its id; a journal is bound to it.
    pub id: String,
    /// Nets by handle.
    pub nets: BTreeMap<String, NetRecord>,
    /// Customers by handle.
    pub customers: BTreeMap<String, CustomerRecord>,
    /// Orgs by handle.
    pub orgs: BTreeMap<String, OrgRecord>,
    /// Tickets by number.
    pub tickets: BTreeMap<String, TicketRecord>,
    /// First address → (last address, handle), per parent and family: siblings never overlap.
    siblings: HashMap<(String, Family), BTreeMap<u128, (u128, String)>>,
    /// Handles of the nets of exactly a range.
    by_range: HashMap<AddressRange, Vec<String>>,
    /// Customer handle → its net.
    net_of_customer: HashMap<String, String>,
    last_customer: u64,
}

/// Number of the first customer handle.
const FIRST_CUSTOMER: u64 = 10_000_000;

impl World {
    /// Applies a change; the same changes in the same order give the same world.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::World(id) => self.id = id,
            Change::Net(net) => self.put_net(net),
            Change::NetGone(handle) => self.take_net(&handle),
            Change::Customer(customer) => {
                let number = customer.handle.get(1..).and_then(|digits| digits.parse().ok());
                self.last_customer = self.last_customer.max(number.unwrap_or(0));
                self.customers.insert(customer.handle.clone(), customer);
            }
            Change::CustomerGone(handle) => {
                self.customers.remove(&handle);
            }
            Change::Org(org) => {
                self.orgs.insert(org.handle.clone(), org);
            }
            Change::Ticket(ticket) => {
                self.tickets.insert(ticket.ticket_no.clone(), ticket);
            }
        }
    }

    fn put_net(&mut self, net: NetRecord) {
        self.take_net(&net.handle.clone());
        let (first, last) = net.range.bounds();
        if let Some(parent) = &net.parent_net_handle {
            let key = (parent.clone(), net.range.family());
            self.siblings.entry(key).or_default().insert(first, (last, net.handle.clone()));
        }
        self.by_range.entry(net.range).or_default().push(net.handle.clone());
        if let Some(customer) = &net.customer_handle {
            self.net_of_customer.insert(customer.clone(), net.handle.clone());
        }
        self.nets.insert(net.handle.clone(), net);
    }

    fn take_net(&mut self, handle: &str) {
        let Some(net) = self.nets.remove(handle) else { return };
        if let Some(parent) = &net.parent_net_handle {
            let key = (parent.clone(), net.range.family());
            self.siblings.entry(key).or_default().remove(&net.range.bounds().0);
        }
        if let Some(handles) = self.by_range.get_mut(&net.range) {
            handles.retain(|other| other != handle);
        }
        if let Some(customer) = &net.customer_handle {
            self.net_of_customer.remove(customer);
        }
    }

    /// The nets of exactly a range.
    pub fn at(&self, range: &AddressRange) -> Vec<&NetRecord> {
        let handles = self.by_range.get(range).into_iter().flatten();
        handles.filter_map(|handle| self.nets.get(handle)).collect()
    }

    /// Whether a range shares an address with a child of a net.
    #[must_use]
    pub fn overlaps_child(&self, parent: &str, range: &AddressRange) -> bool {
        let (first, last) = range.bounds();
        let children = self.siblings.get(&(parent.to_owned(), range.family()));
        let before = children.and_then(|c| c.range(..=last).next_back());
        before.is_some_and(|(_, (end, _))| *end >= first)
    }

    /// Whether a net has children.
    #[must_use]
    pub fn has_children(&self, handle: &str) -> bool {
        let has =
            |family| self.siblings.get(&(handle.to_owned(), family)).is_some_and(|c| !c.is_empty());
        has(Family::V4) || has(Family::V6)
    }

    /// The net that a customer holds.
    #[must_use]
    pub fn net_of_customer(&self, customer: &str) -> Option<&String> {
        self.net_of_customer.get(customer)
    }

    /// The smallest net of type DA or A that contains a range and is not the range itself.
    #[must_use]
    pub fn parent_of(&self, range: &AddressRange) -> Option<&NetRecord> {
        let fits = |net: &&NetRecord| {
            net.kind.can_be_subdivided() && net.range.contains(range) && net.range != *range
        };
        self.nets.values().filter(fits).min_by_key(|net| net.range.size())
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

    /// The world as changes, for a snapshot.
    pub fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        std::iter::once(Change::World(self.id.clone()))
            .chain(self.orgs.values().cloned().map(Change::Org))
            .chain(self.customers.values().cloned().map(Change::Customer))
            .chain(self.nets.values().cloned().map(Change::Net))
            .chain(self.tickets.values().cloned().map(Change::Ticket))
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

/// ISO 3166-1 alpha-3 and name of a country the registry knows.
pub(super) fn country(code: &str) -> Option<Country> {
    Country::parse(code).ok()
}

//! The plan held against registrations that swip did not make: which rows may take over which net.
//!
//! Pure. Owns the groups, the protection of space by rows that cannot speak for themselves, and
//! what is never adopted. A row meets a net by parent and block alone, never by name. Must not
//! know: where registrations were read, the journal, printing.

mod likeness;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

pub use likeness::Difference;

use super::diff::spans::Spans;
use super::{Fate, Plan, PlannedRow, Step};
use crate::domain::{AddressRange, CustomerHandle, NetHandle, NetType, Parent, Registered};
use likeness::Likeness;

/// How a row stands to what is registered at its space; what `--accept` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Same block and parent, and no filled column differs.
    Equal,
    /// The net's name or the customer's name differs, nothing else.
    Name,
    /// Only case, spaces or punctuation differ.
    Spelling,
    /// Same recipient: its address, its privacy or the net's comment differs.
    Address,
    /// Another recipient: another handle, another kind, or both name and address differ.
    Recipient,
    /// One block here and several there, or the other way round.
    Split,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Equal, Self::Name, Self::Spelling, Self::Address, Self::Recipient, Self::Split];

    /// As `--accept` and JSON write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Name => "name",
            Self::Spelling => "spelling",
            Self::Address => "address",
            Self::Recipient => "recipient",
            Self::Split => "split",
        }
    }
}

/// What reading the exact range of a block proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// The registry holds nothing at exactly this range.
    Absent,
    /// No information, and why.
    Failed(String),
}

/// What is known of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Inventory<'i> {
    /// Registrations, each net once.
    pub registered: &'i [Registered],
    /// Blocks of rows at which no net was found, and what that proves.
    pub looked: &'i HashMap<AddressRange, Look>,
    /// Parents of which every child is listed.
    pub listed: &'i HashSet<NetHandle>,
}

/// A row with the nets that it may take over; the nets are indexes into the inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Number of the row.
    pub row: u64,
    /// Its group.
    pub group: Group,
    /// The net of its very block; for a split, every sibling net that shares its space.
    pub nets: Vec<usize>,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// A row or a net, and why it is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Number of the row.
    pub row: Option<u64>,
    /// The net.
    pub net: Option<usize>,
    /// Why, for people.
    pub why: String,
}

/// Every row that is to be registered and every registered net, each in one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grouping {
    /// Rows that may take over a net, in input order.
    pub matches: Vec<Match>,
    /// In the plan, not registered: proved by reading.
    pub not_registered: Vec<u64>,
    /// Registered under a managed parent, and no row stands on its space.
    pub not_in_plan: Vec<usize>,
    /// Space that is not managed: rows and nets under reallocations and foreign parents.
    pub not_managed: Vec<Aside>,
    /// Nets on the space of a row that cannot speak for itself: left alone.
    pub protected: Vec<Aside>,
    /// Rows of which reading proved neither presence nor absence, or not all that must be equal.
    pub unknown: Vec<Aside>,
    /// Rows whose net is never taken over.
    pub refused: Vec<Aside>,
}

impl Grouping {
    /// The rows of a group.
    pub fn of(&self, group: Group) -> impl Iterator<Item = &Match> {
        self.matches.iter().filter(move |found| found.group == group)
    }
}

/// Groups a plan and an inventory.
#[must_use]
pub fn group(plan: &Plan, inventory: Inventory<'_>) -> Grouping {
    let sides = Sides::new(plan, inventory);
    let mut grouping = Grouping::default();
    for row in &plan.rows {
        match &row.fate {
            Fate::Send(step) => sides.row(row.at.row, step, &mut grouping),
            Fate::NotManaged => {
                let why = "its parent is not managed".to_owned();
                grouping.not_managed.push(Aside { row: Some(row.at.row), net: None, why });
            }
            _ => {}
        }
    }
    sides.nets(&mut grouping);
    grouping
}

/// Both sides, indexed.
struct Sides<'p> {
    plan: &'p Plan,
    inventory: Inventory<'p>,
    parents: HashMap<&'p NetHandle, &'p Parent>,
    /// The managed parent of each net; `None` for a net that is not ours to manage.
    managed: Vec<Option<NetHandle>>,
    nets: Spans,
    /// Customers that hold more than one net.
    shared: HashSet<&'p CustomerHandle>,
}

impl<'p> Sides<'p> {
    fn new(plan: &'p Plan, inventory: Inventory<'p>) -> Self {
        let all = inventory.registered;
        let parents: HashMap<_, _> = plan.parents.iter().map(|p| (&p.net_handle, p)).collect();
        let nets = Spans::new(all.iter().map(|net| &net.net.block).enumerate());
        let mut holders = HashSet::new();
        let shared = all.iter().filter_map(Registered::customer_handle);
        let shared = shared.filter(|customer| !holders.insert(*customer)).collect();
        let mut sides = Self { plan, inventory, parents, managed: Vec::new(), nets, shared };
        sides.managed = all.iter().map(|net| sides.managed_parent(net)).collect();
        sides
    }

    fn net(&self, at: usize) -> &'p Registered {
        &self.inventory.registered[at]
    }

    fn is_parent(&self, net: &Registered) -> bool {
        self.parents.contains_key(&net.net.net_handle)
    }

    /// The managed parent that a net was taken from. Where the net does not name it, that is the
    /// nearest allocation around it, known from the plan or the inventory.
    fn managed_parent(&self, net: &Registered) -> Option<NetHandle> {
        let named = net.net.parent.as_ref();
        let handle = named.or_else(|| self.nearest(net))?;
        let parent = self.parents.get(handle).filter(|parent| parent.managed)?;
        parent.block.contains(&net.net.block).then(|| parent.net_handle.clone())
    }

    fn nearest(&self, net: &Registered) -> Option<&NetHandle> {
        let block = &net.net.block;
        let around = |other: &AddressRange, kind: &NetType| {
            kind.can_be_subdivided() && other.contains(block) && other != block
        };
        let parents = self.plan.parents.iter().filter(|p| around(&p.block, &p.kind));
        let parents = parents.map(|p| (p.block.size(), &p.net_handle));
        let found = self.nets.sharing(block).into_iter().map(|at| &self.net(at).net);
        let nets = found.filter(|other| around(&other.block, &other.kind));
        let nets = nets.map(|other| (other.block.size(), &other.net_handle));
        parents.chain(nets).min().map(|(_, handle)| handle)
    }

    /// Nets on a row's space, parents and what is around the row's parent aside.
    fn on_space(&self, step: &Step) -> Vec<usize> {
        let within = self.parents.get(&step.parent).map(|parent| parent.block);
        let outer = |block: &AddressRange| {
            within.is_some_and(|within| block.contains(&within) && *block != step.block)
        };
        let sharing = self.nets.sharing(&step.block).into_iter();
        sharing
            .filter(|at| !self.is_parent(self.net(*at)) && !outer(&self.net(*at).net.block))
            .collect()
    }

    /// Puts a row that is to be registered into its place.
    fn row(&self, row: u64, step: &Step, grouping: &mut Grouping) {
        let aside = |net: Option<usize>, why: String| Aside { row: Some(row), net, why };
        let (siblings, others): (Vec<usize>, Vec<usize>) = self
            .on_space(step)
            .into_iter()
            .partition(|at| self.managed[*at].as_ref() == Some(&step.parent));
        if let Some(at) = siblings.iter().find(|at| self.net(**at).net.block == step.block) {
            return self.exact(row, step, *at, grouping);
        }
        let given_away = siblings.iter().find(|at| {
            let net = &self.net(**at).net;
            net.kind == NetType::Reallocation && net.block.contains(&step.block)
        });
        let elsewhere = others.iter().find(|at| self.managed[**at].is_none());
        if let Some(at) = given_away.or(elsewhere) {
            let net = &self.net(*at).net;
            let why = match &net.parent {
                Some(parent) if given_away.is_none() => {
                    format!("{} there belongs to {parent}, not to {}", net.net_handle, step.parent)
                }
                _ => format!("it lies in {}, which is reallocated", net.net_handle),
            };
            grouping.not_managed.push(aside(Some(*at), why));
        } else if let Some(at) = others.first() {
            let net = &self.net(*at).net;
            let found = self.managed[*at].as_ref().map_or("", NetHandle::as_str);
            let why = format!(
                "{} is registered under {found}, the row is under {}",
                net.net_handle, step.parent
            );
            grouping.refused.push(aside(Some(*at), why));
        } else {
            self.nothing_exact(row, step, siblings, grouping);
        }
    }

    /// A row whose very block is registered under its parent.
    fn exact(&self, row: u64, step: &Step, at: usize, grouping: &mut Grouping) {
        let net = self.net(at);
        let aside = |why| Aside { row: Some(row), net: Some(at), why };
        if let Some(why) = self.is_shared(net) {
            return grouping.refused.push(aside(why));
        }
        match likeness::of(step, net) {
            Likeness::Group(group, differences) => {
                grouping.matches.push(Match { row, group, nets: vec![at], differences });
            }
            Likeness::Unread(why) => grouping.unknown.push(aside(why)),
        }
    }

    /// A customer must never serve two rows.
    fn is_shared(&self, net: &Registered) -> Option<String> {
        let customer = net.customer_handle().filter(|customer| self.shared.contains(customer))?;
        let all = self.inventory.registered.iter();
        let nets = all.filter(|other| other.customer_handle() == Some(customer));
        let nets: Vec<&str> = nets.map(|other| other.net.net_handle.as_str()).collect();
        Some(format!("its customer {customer} holds {} nets: {}", nets.len(), nets.join(", ")))
    }

    /// A row at whose very block nothing was found.
    fn nothing_exact(&self, row: u64, step: &Step, nets: Vec<usize>, grouping: &mut Grouping) {
        let aside = |why| Aside { row: Some(row), net: nets.first().copied(), why };
        match self.inventory.looked.get(&step.block) {
            Some(Look::Absent) => {}
            Some(Look::Failed(why)) => return grouping.unknown.push(aside(why.clone())),
            None => {
                let why = "its exact range was not read".to_owned();
                return grouping.unknown.push(aside(why));
            }
        }
        if let Some(why) = nets.iter().find_map(|at| self.is_shared(self.net(*at))) {
            grouping.refused.push(aside(why));
        } else if !nets.is_empty() {
            let differences = vec![self.blocks(step, &nets)];
            grouping.matches.push(Match { row, group: Group::Split, nets, differences });
        } else if self.inventory.listed.contains(&step.parent) {
            grouping.not_registered.push(row);
        } else {
            let why = format!(
                "nothing is registered at exactly this block, but {} is not listed completely: smaller or larger nets may be there",
                step.parent
            );
            grouping.unknown.push(aside(why));
        }
    }

    fn blocks(&self, step: &Step, nets: &[usize]) -> Difference {
        let registered: Vec<String> =
            nets.iter().map(|at| self.net(*at).net.block.to_string()).collect();
        Difference {
            column: "prefix",
            registered: registered.join(", "),
            plan: step.block.to_string(),
        }
    }

    /// Puts every net that no row took into its place.
    fn nets(&self, grouping: &mut Grouping) {
        let undecided = grouping.refused.iter().chain(&grouping.unknown);
        let undecided = undecided.filter_map(|aside| aside.net);
        let matched = grouping.matches.iter().flat_map(|found| found.nets.iter().copied());
        let taken: HashSet<usize> = matched.chain(undecided).collect();
        let rows: Vec<&PlannedRow> = self.plan.rows.iter().collect();
        let blocks =
            rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.block.as_ref()?)));
        let spans = Spans::new(blocks);
        let unread = rows.iter().find(|row| row.block.is_none());
        for (at, net) in self.inventory.registered.iter().enumerate() {
            if taken.contains(&at) || self.is_parent(net) {
                continue;
            }
            let aside = |row: Option<&PlannedRow>, why: String| Aside {
                row: row.map(|row| row.at.row),
                net: Some(at),
                why,
            };
            let standing = spans.sharing(&net.net.block);
            let standing = standing.first().and_then(|first| rows.get(*first)).copied();
            match (&self.managed[at], standing, unread) {
                (None, ..) => {
                    let parent =
                        net.net.parent.as_ref().map_or("an unknown net", NetHandle::as_str);
                    grouping.not_managed.push(aside(None, format!("it belongs to {parent}")));
                }
                (Some(_), Some(row), _) => {
                    grouping.protected.push(aside(Some(row), standing_why(row)));
                }
                (Some(_), None, Some(row)) => {
                    let why = format!(
                        "the block of row {} cannot be read, and it might be this one",
                        row.at.row
                    );
                    grouping.protected.push(aside(Some(row), why));
                }
                (Some(_), None, None) => grouping.not_in_plan.push(at),
            }
        }
    }
}

/// Why a row keeps what stands on its space.
fn standing_why(row: &PlannedRow) -> String {
    let number = row.at.row;
    match &row.fate {
        Fate::Invalid { rule, .. } => format!("row {number} stands there and is invalid ({rule})"),
        Fate::Withheld { rule, .. } => {
            format!("row {number} stands there and is withheld ({rule})")
        }
        Fate::Recorded => format!("row {number} stands there and is only recorded"),
        Fate::NotRequired => format!("row {number} stands there; NRPM does not require it"),
        Fate::NotManaged => format!("row {number} stands there under a parent that is not managed"),
        Fate::Send(_) | Fate::AlreadyRegistered(_) => {
            format!("row {number} stands there with another block")
        }
    }
}

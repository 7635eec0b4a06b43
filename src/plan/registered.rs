//! What is registered already, held against the rows: equal nets are no error, overlapping ones are.
//!
//! Owns the look-up, what "equal" means, and which rules give way to a value that is registered
//! as it stands. Must not know: where the nets were read, other rows.

use super::interval_tree::IntervalTree;
use crate::domain::net_name::normalised;
use crate::domain::{
    Action, AddressRange, CustomerHandle, Family, Finding, NetHandle, NetType, OrgHandle, Parent,
    RegisteredNet, RowAt, Rule, Severity,
};

/// What a row says of itself, as it is compared: text as written, whether or not it passes
/// today's rules.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claim<'r> {
    /// The parent it names.
    pub named: Option<&'r str>,
    /// Its net name; `None` is made by swip and not compared.
    pub net_name: Option<&'r str>,
    /// What it asks for.
    pub action: Option<Action>,
    /// An existing customer.
    pub customer: Option<&'r str>,
    /// An existing org.
    pub org: Option<&'r str>,
    /// The name of a new customer or org.
    pub recipient: Option<&'r str>,
}

/// Nets that are registered, for look-up by block.
#[derive(Clone, Debug, Default)]
pub struct RegisteredSet {
    nets: Vec<RegisteredNet>,
    v4: IntervalTree<u32>,
    v6: IntervalTree<u32>,
}

/// How a row stands to what is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'s> {
    /// No registered net shares its addresses.
    Free,
    /// This net is registered as the row says.
    Equal(&'s RegisteredNet),
    /// These nets share addresses with it; the nearest first, never empty.
    Taken(Vec<&'s RegisteredNet>),
}

impl RegisteredSet {
    /// Nothing is registered.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a net.
    pub fn insert(&mut self, net: RegisteredNet) {
        let at = u32::try_from(self.nets.len()).unwrap_or(u32::MAX);
        let (first, last) = net.block.bounds();
        match net.block.family() {
            Family::V4 => self.v4.insert(first, last, at),
            Family::V6 => self.v6.insert(first, last, at),
        }
        self.nets.push(net);
    }

    /// Whether nothing is registered.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.nets.is_empty()
    }

    /// All nets, in the order they were added.
    #[must_use]
    pub fn all(&self) -> &[RegisteredNet] {
        &self.nets
    }

    /// Every net that shares an address with a block, in address order.
    pub fn sharing(&self, block: &AddressRange) -> impl Iterator<Item = &RegisteredNet> + '_ {
        let (first, last) = block.bounds();
        let tree = match block.family() {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        };
        tree.overlapping(first, last).filter_map(|(_, _, at)| self.nets.get(*at as usize))
    }

    /// How a row under `parent` stands to what is registered.
    #[must_use]
    pub fn standing(
        &self,
        block: &AddressRange,
        parent: Option<&Parent>,
        claim: &Claim<'_>,
    ) -> Standing<'_> {
        let handle = parent.map(|parent| parent.net_handle.as_str()).or(claim.named);
        let mut taken: Vec<&RegisteredNet> = Vec::new();
        for net in self.sharing(block) {
            // The parent itself, and what it was taken from, hold every row.
            let is_parent = handle.is_some_and(|handle| net.net_handle.as_str() == handle);
            let around = parent.map_or_else(
                || {
                    net.kind.as_ref().is_some_and(NetType::can_be_subdivided)
                        && net.block != *block
                        && net.block.contains(block)
                        && handle.is_none()
                },
                |parent| net.block.contains(&parent.block) && parent.block != *block,
            );
            if is_parent || around {
                continue;
            }
            if net.block == *block && differences(net, handle, claim).is_empty() {
                return Standing::Equal(net);
            }
            taken.push(net);
        }
        taken.sort_by_key(|net| (net.block != *block, net.block.size()));
        if taken.is_empty() { Standing::Free } else { Standing::Taken(taken) }
    }
}

/// What differs between a registered net of the same block and a row: the columns, and both sides.
fn differences(
    net: &RegisteredNet,
    parent: Option<&str>,
    claim: &Claim<'_>,
) -> Vec<(&'static str, String, String)> {
    let mut found = Vec::new();
    let mut compare = |column, registered: Option<&str>, row: Option<&str>, same: bool| {
        if let (Some(registered), Some(row), false) = (registered, row, same) {
            found.push((column, registered.to_owned(), row.to_owned()));
        }
    };
    let net_parent = net.parent.as_ref().map(NetHandle::as_str);
    compare("parent_net", net_parent, parent, net_parent == parent);
    let kind = claim.action.and_then(kind_of);
    let same = net.kind.as_ref().is_none_or(|other| kind.is_none_or(|kind| other.code() == kind));
    compare("type", net.kind.as_ref().map(NetType::code), kind, same);
    let same = |a: Option<&str>, b: Option<&str>| match (a, b) {
        (Some(a), Some(b)) => normalised(a) == normalised(b),
        _ => true,
    };
    let name = net.net_name.as_deref();
    compare("net_name", name, claim.net_name, same(name, claim.net_name));
    let customer = net.customer.as_ref().map(CustomerHandle::as_str);
    let org = net.org.as_ref().map(OrgHandle::as_str);
    compare("customer_handle", customer, claim.customer, customer == claim.customer);
    compare("org_handle", org, claim.org, org == claim.org);
    // A customer cannot be an org.
    compare("customer_handle", customer, claim.org, false);
    compare("org_handle", org, claim.customer, false);
    let recipient =
        net.recipient.as_deref().filter(|name| Some(*name) != customer && Some(*name) != org);
    let said = claim.recipient;
    let equal = recipient.zip(said).is_none_or(|(a, b)| spelled_alike(a, b));
    compare("recipient", recipient, said, equal);
    found
}

/// The type a net of an action has.
const fn kind_of(action: Action) -> Option<&'static str> {
    match action {
        Action::ReassignSimple | Action::ReassignDetailed => Some("S"),
        Action::Reallocate => Some("A"),
        Action::RecordOnly => None,
    }
}

/// Whether two names differ in case, spaces and punctuation alone, which is no difference.
fn spelled_alike(a: &str, b: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
    };
    letters(a) == letters(b)
}

/// `overlaps-registered`: the row shares addresses with nets that are registered otherwise.
#[must_use]
pub fn overlaps_registered(
    at: RowAt,
    block: &AddressRange,
    handle: Option<&str>,
    claim: &Claim<'_>,
    taken: &[&RegisteredNet],
) -> Option<Finding> {
    let nearest = taken.first()?;
    let (relation, help) = if nearest.block == *block {
        let differs = differences(nearest, handle, claim);
        let sides: Vec<String> = differs
            .iter()
            .map(|(column, registered, row)| format!("{column} is `{registered}`, here `{row}`"))
            .collect();
        (
            format!(
                "is registered as {} with other facts: {}",
                nearest.net_handle,
                sides.join("; ")
            ),
            "correct the row if the registry is right; else change the registration with swip sync"
                .to_owned(),
        )
    } else {
        let relation = relation(block, &nearest.block);
        let holder = nearest.recipient.as_deref().or(nearest.net_name.as_deref());
        let holder = holder.map_or_else(String::new, |holder| format!(", held by {holder}"));
        (
            format!("{relation} {}, registered as {}{holder}", nearest.block, nearest.net_handle),
            "correct the block, or remove the registered net first".to_owned(),
        )
    };
    let others = match taken.len() - 1 {
        0 => String::new(),
        1 => ", and shares addresses with 1 more registered net".to_owned(),
        more => format!(", and shares addresses with {more} more registered nets"),
    };
    let message = format!("{block} {relation}{others}");
    let mut finding = Finding::new(at, Rule::OverlapsRegistered, message, help);
    finding.column = Some("prefix".into());
    finding.value = block.to_string();
    Some(finding)
}

/// How a block lies to another that shares addresses with it.
#[must_use]
pub(super) fn relation(block: &AddressRange, other: &AddressRange) -> &'static str {
    if block == other {
        "is the same block as"
    } else if other.contains(block) {
        "lies inside"
    } else if block.contains(other) {
        "contains"
    } else {
        "overlaps"
    }
}

/// Rules that bind new registrations only: a row that equals what is registered may break them.
const BINDS_NEW_ONLY: [Rule; 12] = [
    Rule::Ipv6TooSmall,
    Rule::WholeParent,
    Rule::ParentNotNearest,
    Rule::ParentNotActive,
    Rule::ParentNotAllocation,
    Rule::NetNameCharset,
    Rule::NetNameLength,
    Rule::NonAscii,
    Rule::ControlCharacter,
    Rule::OrgNotEligible,
    Rule::BadHandle,
    Rule::CustomerReused,
];

/// The findings of a row that equals `net`: errors under rules for new registrations become notes
/// `legacy-value`; the rest stay.
pub fn forgive(findings: &mut [Finding], net: &RegisteredNet) {
    for finding in findings.iter_mut().filter(|finding| forgivable(finding.rule)) {
        finding.message = format!(
            "{} ({}); {} is registered like this, so nothing is sent",
            finding.message, finding.rule, net.net_handle
        );
        finding.rule = Rule::LegacyValue;
    }
}

/// Whether a rule gives way to what is registered.
#[must_use]
pub fn forgivable(rule: Rule) -> bool {
    rule.severity() == Severity::Error && BINDS_NEW_ONLY.contains(&rule)
}

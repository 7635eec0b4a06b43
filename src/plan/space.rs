//! Space per parent: what the plan uses, and what stays free by block size.
//!
//! Set algebra on nets, which is what `iprange` is good at; never used for overlap, which it
//! hides. Must not know: rows beyond their blocks.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use iprange::IpRange;

use super::step::Plan;
use crate::domain::Parent;

/// One parent's space.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// Rows under it.
    pub rows: u64,
    /// Share of its addresses that rows take, in percent.
    pub used_percent: f64,
    /// Free blocks by prefix length: length and how many.
    pub free: BTreeMap<u8, u64>,
}

/// The space of a parent under a plan.
#[must_use]
pub fn of(plan: &Plan, parent: &Parent) -> Space {
    let rows = plan.rows.iter().filter(|row| row.parent.as_ref() == Some(&parent.net_handle));
    let blocks: Vec<_> = rows.filter_map(|row| row.block).collect();
    let nets: Vec<IpNet> =
        blocks.iter().flat_map(super::super::domain::block::AddressRange::cidrs).collect();
    let v4 = |net: &IpNet| if let IpNet::V4(net) = net { Some(*net) } else { None };
    let v6 = |net: &IpNet| if let IpNet::V6(net) = net { Some(*net) } else { None };
    let parents = parent.block.cidrs();
    let mut free = BTreeMap::new();
    let whole: IpRange<Ipv4Net> = parents.iter().filter_map(v4).collect();
    let used: IpRange<Ipv4Net> = nets.iter().filter_map(v4).collect();
    for net in whole.exclude(&used).iter() {
        *free.entry(net.prefix_len()).or_insert(0) += 1;
    }
    let whole: IpRange<Ipv6Net> = parents.iter().filter_map(v6).collect();
    let used: IpRange<Ipv6Net> = nets.iter().filter_map(v6).collect();
    for net in whole.exclude(&used).iter() {
        *free.entry(net.prefix_len()).or_insert(0) += 1;
    }
    let bits = parent.block.family().bits();
    // A share shown with one decimal: the rounding of floating point does not show.
    let left: f64 =
        free.iter().map(|(length, count)| addresses(bits - length) * *count as f64).sum();
    #[expect(clippy::cast_precision_loss, reason = "a share shown with one decimal")]
    let total = parent.block.size() as f64;
    Space { rows: blocks.len() as u64, used_percent: 100.0 * (1.0 - left / total), free }
}

/// Two to the power of `host_bits`.
fn addresses(host_bits: u8) -> f64 {
    2_f64.powi(i32::from(host_bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{NetType, RowAt};
    use crate::plan::{Fate, PlannedRow};

    #[test]
    fn free_space_is_the_parent_without_the_rows() {
        let parent = Parent {
            net_handle: "NET-1".parse().unwrap(),
            block: "198.51.100.0/24".parse().unwrap(),
            kind: NetType::DirectAllocation,
            active: true,
            org: None,
            managed: true,
        };
        let row = |number: u64, block: &str| PlannedRow {
            at: RowAt { row: number, ..RowAt::default() },
            reference: None,
            action: None,
            parent: Some(parent.net_handle.clone()),
            block: Some(block.parse().unwrap()),
            net_name: None,
            recipient: None,
            private: false,
            assigned_on: None,
            fate: Fate::Recorded,
        };
        let rows = vec![row(1, "198.51.100.0/25"), row(2, "198.51.100.128 - 198.51.100.191")];
        let plan = Plan { rows, ..Plan::default() };
        let space = of(&plan, &parent);
        assert_eq!((space.rows, space.used_percent), (2, 75.0));
        assert_eq!(space.free, BTreeMap::from([(26, 1)]));
    }
}

//! Space per parent: what the plan uses, and what stays free by block size.
//!
//! Set algebra on nets, which is what `iprange` is good at; never used for overlap, which it
//! hides. Must not know: rows beyond their blocks.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use iprange::IpRange;

use crate::domain::{AddressRange, Parent};

/// One parent's space.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// Rows under it.
    pub rows: u64,
    /// Addresses that rows take.
    pub used: u128,
    /// Share of its addresses that rows take, in percent.
    pub used_percent: f64,
    /// Free blocks by prefix length: length and how many.
    pub free: BTreeMap<u8, u64>,
}

/// The space of a parent of which `blocks` are taken.
#[must_use]
pub fn of(parent: &Parent, blocks: &[AddressRange]) -> Space {
    let nets: Vec<IpNet> = blocks.iter().flat_map(AddressRange::cidrs).collect();
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
    let free_addresses = free.iter().fold(0_u128, |sum, (length, count)| {
        let size = 1_u128.checked_shl(u32::from(bits - length)).unwrap_or(u128::MAX);
        sum.saturating_add(size.saturating_mul(u128::from(*count)))
    });
    let used = parent.block.size() - free_addresses.min(parent.block.size());
    let used_percent = 100.0 * (1.0 - left / total);
    Space { rows: blocks.len() as u64, used, used_percent, free }
}

/// Two to the power of `host_bits`.
fn addresses(host_bits: u8) -> f64 {
    2_f64.powi(i32::from(host_bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NetType;

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
        let blocks: Vec<AddressRange> =
            ["198.51.100.0/25", "198.51.100.0/26", "198.51.100.128 - 198.51.100.191"]
                .map(|block| block.parse().unwrap())
                .into();
        let space = of(&parent, &blocks);
        assert_eq!((space.rows, space.used, space.used_percent), (3, 192, 75.0));
        assert_eq!(space.free, BTreeMap::from([(26, 1)]));
    }
}

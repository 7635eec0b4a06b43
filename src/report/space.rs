//! How much of each parent is used, and by what: the numbers ARIN judges a request by.
//!
//! Counts addresses as sets, so that rows that share addresses are not counted twice. Must not
//! know: files, how a number is shown.

use std::collections::HashMap;

use super::model::Line;
use crate::domain::{AddressRange, Family, Parent, Status};

/// Bits of an IPv6 subnet that one site gets; NRPM 6 counts in /48s.
const IPV6_SITE_LEN: u8 = 48;

/// Addresses of a parent, each counted once, under the first heading that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// The parent's handle.
    pub net_handle: String,
    /// Its block.
    pub block: AddressRange,
    /// Rows under it.
    pub rows: u64,
    /// Registered before the run.
    pub before: u128,
    /// Registered by the run.
    pub by_run: u128,
    /// Assigned; NRPM does not require the registration.
    pub not_required: u128,
    /// Recorded only: own use, infrastructure.
    pub recorded: u128,
    /// Asked for, not registered yet: tickets, rejections, rows not reached.
    pub open: u128,
}

impl Space {
    /// Addresses of the parent.
    #[must_use]
    pub const fn size(&self) -> u128 {
        self.block.size()
    }

    /// Addresses used before the run: registered, not required, recorded.
    #[must_use]
    pub const fn used_before(&self) -> u128 {
        self.before + self.not_required + self.recorded
    }

    /// Addresses used after the run.
    #[must_use]
    pub const fn used(&self) -> u128 {
        self.used_before() + self.by_run
    }

    /// Addresses nobody has asked for.
    #[must_use]
    pub const fn free(&self) -> u128 {
        self.size().saturating_sub(self.used() + self.open)
    }

    /// A number of addresses as a share of the parent, in percent.
    #[must_use]
    pub fn percent(&self, addresses: u128) -> f64 {
        percent(addresses, self.size())
    }
}

/// A share in percent.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a share is shown with two decimals")]
pub fn percent(part: u128, whole: u128) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// A number of addresses for people: IPv4 in addresses, IPv6 in /48s, the size of a site.
#[must_use]
pub fn amount(addresses: u128, family: Family) -> String {
    match family {
        Family::V4 => grouped(addresses),
        Family::V6 => {
            let site = 1_u128 << (Family::V6.bits() - IPV6_SITE_LEN);
            let (whole, part) = (addresses / site, addresses % site);
            let more = if part > 0 { "+" } else { "" };
            format!("{}{more} x /{IPV6_SITE_LEN}", grouped(whole))
        }
    }
}

/// A number with its thousands apart: `65 536`.
#[must_use]
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A line's block.
#[must_use]
pub fn block(line: &Line) -> Option<AddressRange> {
    AddressRange::new(line.start?, line.end?).ok()
}

/// The lines under each parent, in the parents' order.
#[must_use]
pub fn by_parent<'l>(parents: &[Parent], lines: &'l [Line]) -> Vec<Vec<&'l Line>> {
    let index: HashMap<&str, usize> =
        parents.iter().enumerate().map(|(at, p)| (p.net_handle.as_str(), at)).collect();
    let mut groups = vec![Vec::new(); parents.len()];
    for line in lines {
        let at = line.parent_net.as_deref().and_then(|handle| index.get(handle));
        if let Some(group) = at.and_then(|at| groups.get_mut(*at)) {
            group.push(line);
        }
    }
    groups
}

/// The space of one parent; `lines` are those under it.
#[must_use]
pub fn of(parent: &Parent, lines: &[&Line]) -> Space {
    let covered = |counts: &dyn Fn(Status) -> bool| {
        let spans = lines.iter().filter(|line| line.status.is_some_and(counts));
        union(spans.filter_map(|line| Some(clipped(&block(line)?, &parent.block)?.bounds())))
    };
    let registered_before =
        |status| matches!(status, Status::AlreadyRegistered | Status::Unchanged | Status::Modified);
    let registered = |status| {
        registered_before(status) || matches!(status, Status::Registered | Status::Replaced)
    };
    let required = |status| registered(status) || status == Status::NotRequired;
    let used = |status| required(status) || matches!(status, Status::Recorded | Status::NotManaged);
    let asked = |status| status != Status::Removed;
    let (a, b, c, d, e) = (
        covered(&registered_before),
        covered(&registered),
        covered(&required),
        covered(&used),
        covered(&asked),
    );
    Space {
        net_handle: parent.net_handle.to_string(),
        block: parent.block,
        rows: lines.len() as u64,
        before: a,
        by_run: b - a,
        not_required: c - b,
        recorded: d - c,
        open: e - d,
    }
}

/// The part of a block that lies in another.
fn clipped(block: &AddressRange, within: &AddressRange) -> Option<AddressRange> {
    if !block.overlaps(within) {
        return None;
    }
    let ((a, b), (c, d)) = (block.bounds(), within.bounds());
    AddressRange::from_bounds(within.family(), a.max(c), b.min(d))
}

/// How many addresses spans cover together.
fn union(spans: impl Iterator<Item = (u128, u128)>) -> u128 {
    let mut spans: Vec<(u128, u128)> = spans.collect();
    spans.sort_unstable();
    let (mut total, mut next) = (0_u128, 0_u128);
    for (first, last) in spans {
        let begin = first.max(next);
        if last >= begin {
            total += last - begin + 1;
            next = last.saturating_add(1);
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::NetType;

    fn parent() -> Parent {
        Parent {
            net_handle: "NET-1".parse().unwrap(),
            block: "198.51.100.0/24".parse().unwrap(),
            kind: NetType::DirectAllocation,
            active: true,
            org: None,
            managed: true,
        }
    }

    fn line(first: u8, last: u8, status: Status) -> Line {
        let address = |octet| format!("198.51.100.{octet}").parse().ok();
        Line {
            parent_net: Some("NET-1".to_owned()),
            start: address(first),
            end: address(last),
            status: Some(status),
            ..Line::default()
        }
    }

    proptest! {
        /// Every address counts once, whatever overlaps: the parts and the free make the whole.
        #[test]
        fn the_parts_make_the_whole(rows in prop::collection::vec((any::<u8>(), any::<u8>(), 0_usize..16), 0..20)) {
            let lines: Vec<Line> =
                rows.iter().map(|(a, b, s)| line(*a.min(b), *a.max(b), Status::ALL[*s])).collect();
            let lines: Vec<&Line> = lines.iter().collect();
            let space = of(&parent(), &lines);
            let asked = |octet: u8| lines.iter().any(|l| {
                let (s, e) = (block(l).unwrap().bounds(), 0xc633_6400 + u128::from(octet));
                l.status != Some(Status::Removed) && s.0 <= e && e <= s.1
            });
            let free = (0..=255).filter(|octet| !asked(*octet)).count() as u128;
            prop_assert_eq!(space.free(), free);
            prop_assert_eq!(space.used() + space.open + space.free(), 256);
        }
    }

    #[test]
    fn each_address_counts_under_the_first_heading() {
        let lines = [
            line(0, 63, Status::AlreadyRegistered),
            line(64, 127, Status::Registered),
            line(120, 135, Status::Recorded),
            line(200, 207, Status::Rejected),
        ];
        let lines: Vec<&Line> = lines.iter().collect();
        let space = of(&parent(), &lines);
        assert_eq!((space.before, space.by_run, space.recorded, space.open), (64, 64, 8, 8));
        assert!((space.percent(space.used()) - 53.125).abs() < 1e-9);
        assert_eq!(amount(65_536, Family::V4), "65\u{202f}536");
        assert_eq!(amount(1 << 81, Family::V6), "2 x /48");
    }
}

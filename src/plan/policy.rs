//! What NRPM requires: which blocks must be registered, how small, and by when.
//!
//! Owns the thresholds and the rules about single blocks. Must not know: other rows.

use jiff::civil::Date;

use crate::domain::{AddressRange, Family, Finding, Parent, RowAt, Rule};

/// NRPM 4.2.3.7.1: IPv4 blocks of a /29 or more are registered.
pub const IPV4_REQUIRED_LEN: u8 = 29;
/// NRPM 6.5.5.1: IPv6 blocks of a /47 or more are registered.
pub const IPV6_REQUIRED_LEN: u8 = 47;
/// ARIN "Reassign": IPv6 blocks are no smaller than a /64.
pub const IPV6_SMALLEST_LEN: u8 = 64;
/// NRPM 4.2.3.7.2: registrations are visible within seven days.
pub const DEADLINE_DAYS: i32 = 7;

/// Whether NRPM requires the block to be registered.
#[must_use]
pub fn required(block: &AddressRange) -> bool {
    let least = match block.family() {
        Family::V4 => IPV4_REQUIRED_LEN,
        Family::V6 => IPV6_REQUIRED_LEN,
    };
    block.holds_prefix(least)
}

/// `policy-optional`.
pub(super) fn optional(at: RowAt, block: &AddressRange) -> Option<Finding> {
    if required(block) {
        return None;
    }
    let (least, section) = match block.family() {
        Family::V4 => (IPV4_REQUIRED_LEN, "4.2.3.7.1"),
        Family::V6 => (IPV6_REQUIRED_LEN, "6.5.5.1"),
    };
    let message = format!("{block} is smaller than a /{least}: NRPM {section} does not require it");
    let help = "fine to register; --below-policy skip leaves out such rows that name no action";
    Some(on_block(at, Rule::PolicyOptional, message, help.to_owned()))
}

/// `ipv6-too-small`: some block of the cover is smaller than a /64.
pub(super) fn too_small(at: RowAt, block: &AddressRange) -> Option<Finding> {
    let low = u128::from(u64::MAX);
    let (first, last) = block.bounds();
    if block.family() == Family::V4 || (first & low == 0 && last & low == low) {
        return None;
    }
    let smallest = block.cidrs().iter().map(ipnet::IpNet::prefix_len).max()?;
    let message = format!(
        "{block} holds a /{smallest}; the registry takes IPv6 blocks of a /{IPV6_SMALLEST_LEN} or larger"
    );
    let first = AddressRange::from_bounds(
        Family::V6,
        block.bounds().0 >> 64 << 64,
        block.bounds().0 | u128::from(u64::MAX),
    );
    let help = first.map_or_else(String::new, |first| format!("register the {first} around it"));
    Some(on_block(at, Rule::Ipv6TooSmall, message, help))
}

/// `whole-parent`.
pub(super) fn whole(at: RowAt, block: &AddressRange, parent: &Parent) -> Option<Finding> {
    if *block != parent.block {
        return None;
    }
    let message = format!("{block} is the whole of its parent {}", parent.net_handle);
    let help = "correct the block, or say --allow-whole-parent if all of it goes to one recipient";
    Some(on_block(at, Rule::WholeParent, message, help.to_owned()))
}

/// `policy-deadline`.
pub(super) fn late(at: RowAt, assigned: Date, today: Date, days: i32) -> Option<Finding> {
    let age = today.since(assigned).ok()?.get_days();
    if age <= days {
        return None;
    }
    let message = format!(
        "assigned on {assigned}, {age} days before {today}; NRPM 4.2.3.7.2 asks for {days} days"
    );
    let mut finding =
        Finding::new(at, Rule::PolicyDeadline, message, "register it now; it can still be sent");
    finding.column = Some("assigned_on".into());
    finding.value = assigned.to_string();
    Some(finding)
}

fn on_block(at: RowAt, rule: Rule, message: String, help: String) -> Finding {
    let mut finding = Finding::new(at, rule, message, help);
    finding.column = Some("prefix".into());
    finding
}

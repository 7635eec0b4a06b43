//! Reverse DNS zones: which ones a net has, and which addresses a zone's name stands for.
//!
//! Owns the arithmetic of `in-addr.arpa` (octets) and `ip6.arpa` (nibbles). Must not know: who
//! may change a zone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::domain::AddressRange;

/// Suffix of IPv4 zones.
const V4_SUFFIX: &str = ".in-addr.arpa.";
/// Suffix of IPv6 zones.
const V6_SUFFIX: &str = ".ip6.arpa.";
/// Longest IPv4 prefix that is a zone of its own.
const V4_LONGEST: u8 = 24;
/// Longest IPv6 prefix that is listed as a zone.
const V6_LONGEST: u8 = 64;
/// Bits of an octet and of a nibble.
const OCTET: u8 = 8;
const NIBBLE: u8 = 4;
/// Most zones that are listed for one net.
pub const ZONES_MAX: usize = 1024;

/// A zone's name in the registry's spelling: lower case with a final dot.
#[must_use]
pub fn canonical(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.').to_ascii_lowercase())
}

/// The addresses that a zone's name stands for.
#[must_use]
pub fn range_of(name: &str) -> Option<AddressRange> {
    let name = canonical(name);
    if let Some(labels) = name.strip_suffix(V4_SUFFIX) {
        let mut octets = [0_u8; 4];
        let labels: Vec<&str> = labels.split('.').collect();
        for (octet, label) in octets.iter_mut().zip(labels.iter().rev()) {
            *octet = label.parse().ok().filter(|n: &u8| n.to_string() == *label)?;
        }
        let length = u8::try_from(labels.len()).ok()?.checked_mul(OCTET)?;
        let net = Ipv4Net::new(Ipv4Addr::from(octets), length).ok()?;
        return (length <= V4_LONGEST).then(|| net.into());
    }
    let labels: Vec<&str> = name.strip_suffix(V6_SUFFIX)?.split('.').collect();
    let length = u8::try_from(labels.len()).ok()?.checked_mul(NIBBLE)?;
    let mut bits = 0_u128;
    for label in labels.iter().rev() {
        let nibble = u128::from_str_radix(label, 16).ok().filter(|_| label.len() == 1)?;
        bits = bits << NIBBLE | nibble;
    }
    let shift = u32::from(128_u8.checked_sub(length)?);
    let net = Ipv6Net::new(Ipv6Addr::from_bits(bits.checked_shl(shift)?), length).ok()?;
    (length <= V6_LONGEST).then(|| net.into())
}

/// The zones of a net, in address order: whole octets or nibbles, nothing smaller than a /24 or
/// a /64, at most [`ZONES_MAX`].
#[must_use]
pub fn zones_of(range: &AddressRange) -> Vec<String> {
    let blocks = range.cidrs().into_iter();
    blocks.flat_map(zones_of_block).take(ZONES_MAX).collect()
}

fn zones_of_block(block: IpNet) -> Vec<String> {
    let (step, longest) = match block {
        IpNet::V4(_) => (OCTET, V4_LONGEST),
        IpNet::V6(_) => (NIBBLE, V6_LONGEST),
    };
    let length = block.prefix_len().div_ceil(step).max(1) * step;
    if length > longest {
        return Vec::new();
    }
    let zones = block.subnets(length).ok().into_iter().flatten();
    zones.take(ZONES_MAX).map(|zone| name(zone, length)).collect()
}

fn name(zone: IpNet, length: u8) -> String {
    match zone.network() {
        IpAddr::V4(address) => {
            let labels = address.octets().into_iter().take(usize::from(length / OCTET));
            let labels: Vec<String> = labels.map(|octet| octet.to_string()).collect();
            reversed(labels, V4_SUFFIX)
        }
        IpAddr::V6(address) => {
            let digits = format!("{:032x}", address.to_bits());
            let labels = digits.chars().take(usize::from(length / NIBBLE));
            reversed(labels.map(String::from).collect(), V6_SUFFIX)
        }
    }
}

fn reversed(mut labels: Vec<String>, suffix: &str) -> String {
    labels.reverse();
    labels.join(".") + suffix
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(block: &str) -> Vec<String> {
        zones_of(&block.parse().unwrap())
    }

    #[test]
    fn zones_are_whole_octets_and_nibbles() {
        assert_eq!(zones("198.51.100.0/24"), ["100.51.198.in-addr.arpa."]);
        assert_eq!(zones("198.18.0.0/15").len(), 2);
        assert_eq!(zones("198.51.100.0/23").len(), 2);
        assert!(zones("198.51.100.8/29").is_empty());
        assert_eq!(zones("2001:db8::/32"), ["8.b.d.0.1.0.0.2.ip6.arpa."]);
        assert_eq!(zones("2001:db8::/46").len(), 4);
    }

    #[test]
    fn a_zone_s_name_gives_its_addresses_back() {
        for block in ["198.51.100.0/24", "10.0.0.0/8", "2001:db8::/32", "2001:db8:40::/48"] {
            let range: AddressRange = block.parse().unwrap();
            assert_eq!(range_of(&zones_of(&range)[0].to_uppercase()), Some(range));
        }
        for odd in [
            "",
            "arpa",
            "300.in-addr.arpa",
            "01.in-addr.arpa",
            "1.2.3.4.5.in-addr.arpa",
            "10.ip6.arpa",
            "g.ip6.arpa",
            ".in-addr.arpa",
        ] {
            assert_eq!(range_of(odd), None, "{odd}");
        }
    }
}

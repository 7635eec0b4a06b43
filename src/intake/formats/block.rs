//! The ways systems write a block: CIDR, address and mask or bits, ends, start and size, hex.
//!
//! Owns turning them into one range. Must not know: columns, rows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::domain::block::{BlockError, parse_address};
use crate::domain::{AddressRange, Rule};

/// Hexadecimal digits of an IPv4 address.
const HEX_V4: usize = 8;
/// Hexadecimal digits of an IPv6 address.
const HEX_V6: usize = 32;
/// Marks that NetBox puts before a nested prefix, one a level.
const DEPTH_MARKS: [char; 4] = ['•', '·', '●', ' '];

/// The cells that tell a block, empty where there is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts<'r> {
    /// A CIDR, `address/mask`, or `first - last`.
    pub prefix: &'r str,
    /// First address.
    pub start: &'r str,
    /// Last address.
    pub end: &'r str,
    /// First address, beside a mask.
    pub address: &'r str,
    /// Dotted mask, wildcard mask, or prefix length.
    pub mask: &'r str,
    /// Number of addresses.
    pub size: &'r str,
    /// Addresses are hexadecimal numbers.
    pub hexadecimal: bool,
}

/// What the cells tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Nothing.
    Nothing,
    /// A block.
    Block(AddressRange),
    /// Text for the reader of the canonical CSV, which says what is wrong with it.
    Text {
        /// For `prefix`.
        prefix: String,
        /// For `start`.
        start: String,
        /// For `end`.
        end: String,
    },
    /// Something that only this way of writing can have wrong.
    Fault {
        /// Which rule.
        rule: Rule,
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
        /// What was found.
        value: String,
    },
}

impl Told {
    fn prefix(text: &str) -> Self {
        Self::Text { prefix: text.to_owned(), start: String::new(), end: String::new() }
    }
}

/// Reads a block from its cells.
#[must_use]
pub fn told(parts: Parts<'_>) -> Told {
    if !parts.prefix.is_empty() {
        let without_marks = parts.prefix.trim_start_matches(DEPTH_MARKS);
        if without_marks.is_empty() {
            return lost_prefix(parts.prefix);
        }
        if let (false, None) = (parts.mask.is_empty(), without_marks.find(['/', '-'])) {
            return masked(without_marks, parts.mask);
        }
        return prefix(without_marks);
    }
    let start = address_text(parts.start, parts.hexadecimal);
    let end = address_text(parts.end, parts.hexadecimal);
    let address = address_text(parts.address, parts.hexadecimal);
    let first = if address.is_empty() { start.clone() } else { address };
    match (first.is_empty(), parts.mask.is_empty(), parts.size.is_empty(), end.is_empty()) {
        (true, _, _, true) => Told::Nothing,
        (false, false, ..) if end.is_empty() => masked(&first, parts.mask),
        (false, _, false, _) => sized(&first, parts.size, &end),
        (false, _, _, true) if parts.start.is_empty() => prefix(&first),
        _ => match AddressRange::parse_ends(&start, &end) {
            Ok(block) => Told::Block(block),
            Err(_) => Told::Text { prefix: String::new(), start, end },
        },
    }
}

fn lost_prefix(text: &str) -> Told {
    Told::Fault {
        rule: Rule::BadPrefix,
        message: "the export lost this prefix: only the mark of its depth is left (NetBox 3.2, issue 9407)".to_owned(),
        help: "export again with the column `Prefix (Flat)`, or update NetBox".to_owned(),
        value: text.to_owned(),
    }
}

fn prefix(text: &str) -> Told {
    if let Some((address, mask)) = text.split_once('/')
        && mask.contains('.')
    {
        return masked(address.trim(), mask.trim());
    }
    let parsed = if text.contains('-') && !text.contains('/') {
        text.parse()
    } else {
        AddressRange::parse_cidr(text)
    };
    parsed.map_or_else(|_| Told::prefix(text), Told::Block)
}

/// An address and its mask: `255.255.255.248`, `0.0.0.7` or `29`.
fn masked(address: &str, mask: &str) -> Told {
    let mask = mask.trim_start_matches('/');
    if !mask.contains('.') {
        return prefix(&format!("{address}/{mask}"));
    }
    let bits = mask.parse::<Ipv4Addr>().ok().and_then(|mask| mask_bits(mask.to_bits()));
    match bits {
        Some(bits) => prefix(&format!("{address}/{bits}")),
        None => Told::Fault {
            rule: Rule::BadPrefix,
            message: format!("`{mask}` is no mask: its bits are not one run of ones"),
            help: "write it as in 255.255.255.248, or as a prefix length".to_owned(),
            value: mask.to_owned(),
        },
    }
}

/// Length of a netmask, or of the netmask that a wildcard mask inverts.
fn mask_bits(mask: u32) -> Option<u32> {
    let ones = mask.leading_ones();
    if mask.count_ones() == ones {
        return Some(ones);
    }
    let wildcard = !mask;
    (wildcard.count_ones() == wildcard.leading_ones()).then_some(wildcard.leading_ones())
}

/// A first address and a number of addresses; an end, if given, must agree.
fn sized(first: &str, size: &str, end: &str) -> Told {
    let fault = |message: String, help: &str| Told::Fault {
        rule: Rule::BadRange,
        message,
        help: help.to_owned(),
        value: size.to_owned(),
    };
    let Ok(address) = parse_address(first) else { return prefix(first) };
    let last =
        size.parse::<u128>().ok().filter(|size| *size > 0).and_then(|size| add(address, size - 1));
    let Some(last) = last else {
        return fault(
            format!("`{size}` is no number of addresses from {address} on"),
            "export it again; the size is a whole number above 0",
        );
    };
    if !end.is_empty() && parse_address(end).is_ok_and(|end| end != last) {
        return fault(
            format!("{size} addresses from {address} on end at {last}, but the row says {end}"),
            "export it again; start, end and size contradict each other",
        );
    }
    match AddressRange::new(address, last) {
        Ok(block) => Told::Block(block),
        Err(fault) => Told::Fault {
            rule: match fault {
                BlockError::MixedFamily { .. } => Rule::MixedFamily,
                _ => Rule::BadRange,
            },
            message: fault.to_string(),
            help: "export it again".to_owned(),
            value: size.to_owned(),
        },
    }
}

fn add(address: IpAddr, more: u128) -> Option<IpAddr> {
    match address {
        IpAddr::V4(a) => {
            let last = u32::try_from(u128::from(a.to_bits()).checked_add(more)?).ok()?;
            Some(IpAddr::V4(Ipv4Addr::from_bits(last)))
        }
        IpAddr::V6(a) => Some(IpAddr::V6(Ipv6Addr::from_bits(a.to_bits().checked_add(more)?))),
    }
}

/// An address as text; of a hexadecimal number its usual form.
fn address_text(text: &str, hexadecimal: bool) -> String {
    let digits = text.len() == HEX_V4 || text.len() == HEX_V6;
    if !(hexadecimal && digits && text.bytes().all(|b| b.is_ascii_hexdigit())) {
        return text.to_owned();
    }
    if text.len() == HEX_V4 {
        u32::from_str_radix(text, 16)
            .map_or_else(|_| text.to_owned(), |n| Ipv4Addr::from_bits(n).to_string())
    } else {
        u128::from_str_radix(text, 16)
            .map_or_else(|_| text.to_owned(), |n| Ipv6Addr::from_bits(n).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(parts: Parts<'_>) -> String {
        match told(parts) {
            Told::Block(block) => block.to_string(),
            Told::Fault { rule, .. } => rule.as_str().to_owned(),
            Told::Text { prefix, start, end } => format!("text {prefix}{start}{end}"),
            Told::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn every_way_of_writing_a_block_is_read() {
        let none = Parts::default();
        let cases = [
            (Parts { prefix: "198.51.100.8/29", ..none }, "198.51.100.8/29"),
            (Parts { prefix: "• • 198.51.100.8/29", ..none }, "198.51.100.8/29"),
            (Parts { prefix: "•", ..none }, "bad-prefix"),
            (Parts { prefix: "198.51.100.8/255.255.255.248", ..none }, "198.51.100.8/29"),
            (
                Parts { prefix: "198.51.100.8-198.51.100.10", ..none },
                "198.51.100.8 - 198.51.100.10",
            ),
            (Parts { prefix: "2001:DB8:40::/48", ..none }, "2001:db8:40::/48"),
            (Parts { prefix: "198.51.100.010/29", ..none }, "text 198.51.100.010/29"),
            (Parts { prefix: "198.51.100.9/29", ..none }, "text 198.51.100.9/29"),
            (Parts { prefix: "198.51.100.8", mask: "29", ..none }, "198.51.100.8/29"),
            (Parts { address: "198.51.100.8", mask: "255.255.255.248", ..none }, "198.51.100.8/29"),
            (Parts { address: "198.51.100.8", mask: "0.0.0.7", ..none }, "198.51.100.8/29"),
            (Parts { address: "198.51.100.8", mask: "255.0.255.0", ..none }, "bad-prefix"),
            (Parts { address: "2001:db8::", mask: "56", ..none }, "2001:db8::/56"),
            (Parts { start: "198.51.100.8", end: "198.51.100.15", ..none }, "198.51.100.8/29"),
            (Parts { start: "c6336408", size: "8", hexadecimal: true, ..none }, "198.51.100.8/29"),
            (
                Parts { start: "c6336408", size: "8", end: "c6336410", hexadecimal: true, ..none },
                "bad-range",
            ),
            (
                Parts {
                    start: "20010db8000000000000000000000000",
                    size: "4722366482869645213696",
                    hexadecimal: true,
                    ..none
                },
                "2001:db8::/56",
            ),
            (Parts { start: "255.255.255.254", size: "8", ..none }, "bad-range"),
            (Parts { start: "198.51.100.8", size: "0", ..none }, "bad-range"),
            (none, "nothing"),
        ];
        for (parts, expected) in cases {
            assert_eq!(block(parts), expected, "{parts:?}");
        }
    }

    proptest! {
        #[test]
        fn mask_wildcard_bits_ends_and_size_tell_the_same_block(number in any::<u32>(), bits in 1_u8..=32) {
            let net = ipnet::Ipv4Net::new(Ipv4Addr::from_bits(number), bits).unwrap().trunc();
            let (first, last) = (net.network().to_string(), net.broadcast().to_string());
            let expected = Told::Block(AddressRange::from(net));
            let size = (1_u64 << (32 - bits)).to_string();
            let hex = format!("{:08x}", net.network().to_bits());
            let none = Parts::default();
            for parts in [
                Parts { address: &first, mask: &net.netmask().to_string(), ..none },
                Parts { address: &first, mask: &bits.to_string(), ..none },
                Parts { start: &first, end: &last, ..none },
                Parts { start: &hex, size: &size, hexadecimal: true, ..none },
            ] {
                prop_assert_eq!(told(parts), expected.clone());
            }
            if bits < 32 {
                let wildcard = net.hostmask().to_string();
                prop_assert_eq!(told(Parts { address: &first, mask: &wildcard, ..none }), expected);
            }
        }
    }
}

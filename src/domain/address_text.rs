//! Addresses and CIDR blocks read from text by hand: the hot path of reading a plan.
//!
//! Takes only what the strict grammar of `block` takes, and gives what the standard library gives
//! (a property holds it to that); whatever it does not take is read again by `block`, which says
//! why. Must not know: what is wrong with a text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::block::{AddressRange, Family, IPV4_BITS, IPV6_BITS};

/// Groups of an IPv6 address.
const GROUPS: usize = 8;
/// Most hexadecimal digits of a group.
const GROUP_DIGITS: usize = 4;

/// An address of either family, without zone or embedded IPv4.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let bytes = text.as_bytes();
    if memchr::memchr(b':', bytes).is_some() {
        v6(bytes).map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)))
    } else {
        v4(bytes).map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
    }
}

/// `address/length` without host bits.
pub(super) fn cidr(text: &str) -> Option<AddressRange> {
    let bytes = text.as_bytes();
    let slash = bytes.iter().rposition(|byte| *byte == b'/')?;
    let length = length(&bytes[slash + 1..])?;
    let (family, bits) = match v4(&bytes[..slash]) {
        Some(bits) => (Family::V4, u128::from(bits)),
        None => (Family::V6, v6(&bytes[..slash])?),
    };
    let most = if family == Family::V4 { IPV4_BITS } else { IPV6_BITS };
    let host = most.checked_sub(length)?;
    let mask = if host == IPV6_BITS { u128::MAX } else { (1 << host) - 1 };
    if bits & mask != 0 {
        return None;
    }
    AddressRange::from_bounds(family, bits, bits | mask)
}

/// A number of one to three digits without leading zero.
fn length(digits: &[u8]) -> Option<u8> {
    if digits.len() > 1 && digits[0] == b'0' || digits.len() > 3 || digits.is_empty() {
        return None;
    }
    let mut number = 0_u16;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u16::from(digit);
    }
    u8::try_from(number).ok()
}

/// Dotted decimal: four octets without leading zeros.
fn v4(text: &[u8]) -> Option<u32> {
    let mut bits = 0_u32;
    let mut octet = 0_u32;
    let mut digits = 0_u32;
    let mut dots = 0_u32;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            if digits > 0 && octet == 0 {
                return None;
            }
            octet = octet * 10 + u32::from(digit);
            digits += 1;
            if octet > 255 {
                return None;
            }
        } else if *byte == b'.' && digits > 0 && dots < 3 {
            bits = bits << 8 | octet;
            (octet, digits) = (0, 0);
            dots += 1;
        } else {
            return None;
        }
    }
    (dots == 3 && digits > 0).then_some(bits << 8 | octet)
}

/// Groups of hexadecimal digits, at most one `::`, which stands for one group or more.
fn v6(text: &[u8]) -> Option<u128> {
    let mut groups = [0_u16; GROUPS];
    let mut count = 0;
    let mut gap = None;
    let mut rest = text;
    if let Some(after) = rest.strip_prefix(b"::") {
        gap = Some(0);
        rest = after;
    }
    while !rest.is_empty() {
        if count == GROUPS {
            return None;
        }
        let (group, used) = group(rest)?;
        groups[count] = group;
        count += 1;
        rest = &rest[used..];
        match rest {
            [] => break,
            [b':', b':', after @ ..] if gap.is_none() => {
                gap = Some(count);
                rest = after;
            }
            [b':', after @ ..] if !after.is_empty() => rest = after,
            _ => return None,
        }
    }
    match gap {
        None if count == GROUPS => {}
        Some(at) if count < GROUPS => {
            let behind = count - at;
            groups.copy_within(at..count, GROUPS - behind);
            groups[at..GROUPS - behind].fill(0);
        }
        _ => return None,
    }
    Some(groups.iter().fold(0, |bits, group| bits << 16 | u128::from(*group)))
}

/// The group at the front of a text, and its number of digits.
fn group(text: &[u8]) -> Option<(u16, usize)> {
    let mut value = 0_u32;
    let mut digits = 0;
    for byte in text {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => break,
        };
        if digits == GROUP_DIGITS {
            return None;
        }
        value = value << 4 | u32::from(digit);
        digits += 1;
    }
    let group = u16::try_from(value).ok()?;
    (digits > 0).then_some((group, digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the standard library reads, without the forms that operators must not use.
    fn by_std(text: &str) -> Option<IpAddr> {
        text.parse().ok().filter(|_| !(text.contains(':') && text.contains('.')))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn written_addresses_are_read_as_std_reads_them(bits in any::<u128>(), low in any::<u32>(), zeros in 0_u32..128) {
            let six = Ipv6Addr::from_bits(bits >> zeros << zeros);
            for text in [six.to_string(), six.to_string().to_uppercase(), Ipv4Addr::from_bits(low).to_string()] {
                prop_assert_eq!(address(&text), by_std(&text), "{}", text);
            }
        }

        #[test]
        fn texts_like_addresses_are_taken_exactly_when_std_takes_them(
            text in "[0-9a-fA-F:.]{0,24}|([0-9]{1,3}\\.){3}[0-9]{1,3}|([0-9a-f]{0,5}:){1,9}[0-9a-f]{0,5}|(::?[0-9a-f]{1,4}){1,9}:{0,2}"
        ) {
            prop_assert_eq!(address(&text), by_std(&text), "{}", text);
        }

        #[test]
        fn blocks_are_read_as_ipnet_reads_them(bits in any::<u128>(), low in any::<u32>(), length in "[0-9]{0,4}", at in 0_u32..140) {
            let six = Ipv6Addr::from_bits(bits.checked_shr(at).unwrap_or(0).checked_shl(at).unwrap_or(0));
            let four = Ipv4Addr::from_bits(low.checked_shr(at % 34).unwrap_or(0).checked_shl(at % 34).unwrap_or(0));
            for text in [format!("{six}/{length}"), format!("{four}/{length}")] {
                let plain = length == "0" || !length.starts_with('0');
                let net = text.parse::<ipnet::IpNet>().ok().filter(|net| plain && net.addr() == net.network());
                let net = net.filter(|_| !(text.contains(':') && text.contains('.')));
                prop_assert_eq!(cidr(&text), net.map(AddressRange::from), "{}", text);
            }
        }
    }
}

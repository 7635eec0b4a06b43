//! Addresses and CIDR blocks read from text by hand: the hot path of reading a plan.
//!
//! Takes only what the strict grammar of `block` takes, and gives what the standard library gives
//! (a property holds it to that); whatever it does not take is read again by `block`, which says
//! why. Must not know: what is wrong with a text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::block::{AddressRange, Family, IPV4_BITS, IPV6_BITS};

/// Groups of an IPv6 address.
const GROUPS: usize = 8;
/// Bits of a group.
const GROUP_BITS: usize = 16;
/// Most hexadecimal digits of a group.
const GROUP_DIGITS: usize = 4;
/// Most digits of an octet.
const OCTET_DIGITS: usize = 3;

/// An address of either family, without zone or embedded IPv4.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let (address, rest) = leading(text.as_bytes())?;
    let address = match address {
        Bits::V4(bits) => IpAddr::V4(Ipv4Addr::from_bits(bits)),
        Bits::V6(bits) => IpAddr::V6(Ipv6Addr::from_bits(bits)),
    };
    rest.is_empty().then_some(address)
}

/// `address/length` without host bits.
pub(super) fn cidr(text: &[u8]) -> Option<AddressRange> {
    let (address, rest) = leading(text)?;
    let length = length(rest.strip_prefix(b"/")?)?;
    match address {
        Bits::V4(bits) => {
            let mask = u32::MAX.checked_shr(length).unwrap_or_default();
            let sound = length <= u32::from(IPV4_BITS) && bits & mask == 0;
            let (first, last) = (u128::from(bits), u128::from(bits | mask));
            AddressRange::from_bounds(Family::V4, first, last).filter(|_| sound)
        }
        Bits::V6(bits) => {
            let mask = u128::MAX.checked_shr(length).unwrap_or_default();
            let sound = length <= u32::from(IPV6_BITS) && bits & mask == 0;
            AddressRange::from_bounds(Family::V6, bits, bits | mask).filter(|_| sound)
        }
    }
}

/// An address as a number.
enum Bits {
    V4(u32),
    V6(u128),
}

/// The address at the front of a text, and what follows it.
fn leading(text: &[u8]) -> Option<(Bits, &[u8])> {
    // Behind one octet at most there is a dot; a group of IPv6 has a colon there or further on.
    match text.iter().take(OCTET_DIGITS + 1).position(|byte| *byte == b'.') {
        Some(_) => v4(text).map(|(bits, rest)| (Bits::V4(bits), rest)),
        None => v6(text).map(|(bits, rest)| (Bits::V6(bits), rest)),
    }
}

/// A number of one to three digits without leading zero.
fn length(digits: &[u8]) -> Option<u32> {
    match octet(digits)? {
        (number, []) => Some(number),
        _ => None,
    }
}

/// The value of a decimal digit.
const fn digit(byte: u8) -> Option<u32> {
    let digit = byte.wrapping_sub(b'0');
    if digit <= 9 { Some(digit as u32) } else { None }
}

/// One to three digits without leading zero at the front of a text, at most 255, and the rest.
#[inline]
fn octet(text: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = text.split_first()?;
    let first = digit(*first)?;
    let Some((second, behind)) = next_digit(rest) else { return Some((first, rest)) };
    if first == 0 {
        return None;
    }
    let number = first * 10 + second;
    let Some((third, behind)) = next_digit(behind) else { return Some((number, behind)) };
    let number = number * 10 + third;
    (number <= u32::from(u8::MAX)).then_some((number, behind))
}

#[inline]
fn next_digit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (byte, rest) = text.split_first()?;
    Some((digit(*byte)?, rest))
}

/// Dotted decimal: four octets without leading zeros, and the rest of the text.
fn v4(text: &[u8]) -> Option<(u32, &[u8])> {
    let (a, rest) = octet(text)?;
    let (b, rest) = octet(rest.strip_prefix(b".")?)?;
    let (c, rest) = octet(rest.strip_prefix(b".")?)?;
    let (d, rest) = octet(rest.strip_prefix(b".")?)?;
    Some((a << 24 | b << 16 | c << 8 | d, rest))
}

/// Groups of hexadecimal digits, at most one `::`, which stands for one group or more, and the
/// rest of the text, which begins with no character of an address.
fn v6(text: &[u8]) -> Option<(u128, &[u8])> {
    // What stands before the gap, and what stands behind it.
    let (mut head, mut tail) = (0_u128, 0_u128);
    let (mut count, mut gap) = (0, None);
    let mut rest = text;
    if let Some(after) = rest.strip_prefix(b"::") {
        (gap, rest) = (Some(0), after);
    }
    while let Some((group, behind)) = group(rest)? {
        if count == GROUPS {
            return None;
        }
        count += 1;
        tail = tail << GROUP_BITS | u128::from(group);
        match behind {
            [b':', b':', after @ ..] if gap.is_none() => {
                (gap, head, tail) = (Some(count), tail, 0);
                rest = after;
            }
            [b':', after @ ..] if after.first().is_some_and(u8::is_ascii_hexdigit) => rest = after,
            [b':', ..] => return None,
            _ => {
                rest = behind;
                break;
            }
        }
    }
    let bits = match gap {
        None if count == GROUPS => tail,
        Some(0) if count < GROUPS => tail,
        Some(at) if count < GROUPS => head << (GROUP_BITS * (GROUPS - at)) | tail,
        _ => return None,
    };
    Some((bits, rest))
}

/// The value of each hexadecimal digit; what is none has [`NO_DIGIT`].
const HEX: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789abcdef"[value as usize] as usize] = value;
        table[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    table
};
/// What no digit is worth.
const NO_DIGIT: u8 = u8::MAX;

/// The group at the front of a text and what follows it; none where no digit stands there, an
/// error where there are too many.
#[inline]
fn group(text: &[u8]) -> Option<Option<(u16, &[u8])>> {
    let mut value = 0_u16;
    for (at, byte) in text.iter().enumerate() {
        let digit = HEX[usize::from(*byte)];
        if digit == NO_DIGIT {
            return Some((at > 0).then_some((value, &text[at..])));
        }
        if at == GROUP_DIGITS {
            return None;
        }
        value = value << 4 | u16::from(digit);
    }
    Some((!text.is_empty()).then_some((value, &[])))
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
                prop_assert_eq!(cidr(text.as_bytes()), net.map(AddressRange::from), "{}", text);
            }
        }
    }
}

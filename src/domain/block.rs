//! The address block of a row: one contiguous, non-empty range of one family.
//!
//! Owns parsing of operator input (strict) and of registry answers (zero-padded),
//! containment, order and the minimal CIDR cover. Must not know: files, rows, the registry.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv4Subnets, Ipv6Net, Ipv6Subnets};
use serde::{Deserialize, Serialize};

use super::address_text;

/// Bits of an IPv4 address.
pub const IPV4_BITS: u8 = 32;
/// Bits of an IPv6 address.
pub const IPV6_BITS: u8 = 128;
/// What stands above the IPv4 address in an IPv4-mapped one (RFC 4291 2.5.5.2).
const MAPPED: u128 = 0xffff;

/// Address family of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// Bits of an address of this family.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::V4 => IPV4_BITS,
            Self::V6 => IPV6_BITS,
        }
    }

    /// The registry's `version` element: `4` or `6`.
    #[must_use]
    pub const fn version(self) -> u8 {
        match self {
            Self::V4 => 4,
            Self::V6 => 6,
        }
    }
}

/// One contiguous range of addresses of one family, both ends included; never empty.
///
/// A range that is no single CIDR is still one net at ARIN: it is registered with its minimal
/// CIDR cover as net blocks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange {
    family: Family,
    first: u128,
    last: u128,
}

/// Why a text or a pair of addresses is no block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Not an IP address as RFC 4291 or dotted decimal writes it.
    #[error("`{0}` is not an IPv4 or IPv6 address")]
    NotAnAddress(String),
    /// A dotted octet with a leading zero: octal for some programs, decimal for others.
    #[error("`{0}` has an octet with a leading zero, which some programs read as octal")]
    LeadingZero(String),
    /// An IPv4 address written inside an IPv6 one, or a zone id.
    #[error("`{0}` mixes IPv4 or a zone into an IPv6 address")]
    EmbeddedForm(String),
    /// No `/length` where a CIDR block was expected.
    #[error("`{0}` has no prefix length")]
    NoLength(String),
    /// A prefix length that is no plain number within the family's bits.
    #[error("`/{found}` is no prefix length between 0 and {most}")]
    BadLength {
        /// The text after the slash.
        found: String,
        /// Bits of the family.
        most: u8,
    },
    /// Bits are set right of the prefix length.
    #[error("{given} has bits set to the right of /{length}; the block is {aligned}")]
    HostBits {
        /// As written.
        given: String,
        /// The prefix length given.
        length: u8,
        /// The block that contains the address.
        aligned: IpNet,
    },
    /// The first address lies behind the last.
    #[error("the range starts at {first}, behind its end {last}")]
    Reversed {
        /// First address given.
        first: IpAddr,
        /// Last address given.
        last: IpAddr,
    },
    /// One end is IPv4, the other IPv6.
    #[error("{first} and {last} are not of one address family")]
    MixedFamily {
        /// First address given.
        first: IpAddr,
        /// Last address given.
        last: IpAddr,
    },
}

impl AddressRange {
    /// The range from `first` to `last`, both included.
    ///
    /// # Errors
    /// [`BlockError::MixedFamily`] and [`BlockError::Reversed`].
    pub fn new(first: IpAddr, last: IpAddr) -> Result<Self, BlockError> {
        let family = match (first, last) {
            (IpAddr::V4(_), IpAddr::V4(_)) => Family::V4,
            (IpAddr::V6(_), IpAddr::V6(_)) => Family::V6,
            _ => return Err(BlockError::MixedFamily { first, last }),
        };
        Self::from_bounds(family, to_u128(first), to_u128(last))
            .ok_or(BlockError::Reversed { first, last })
    }

    /// Parses `address/length` as an operator writes it: no leading zeros, no host bits, no spaces.
    ///
    /// # Errors
    /// Every [`BlockError`] that concerns one address or its length.
    pub fn parse_cidr(text: &str) -> Result<Self, BlockError> {
        if let Some(range) = address_text::cidr(text.as_bytes()) {
            return range.unless_mapped(text);
        }
        let Some((address, length)) = text.split_once('/') else {
            parse_address(text)?;
            return Err(BlockError::NoLength(text.to_owned()));
        };
        let address = parse_address(address)?;
        let most = if address.is_ipv4() { IPV4_BITS } else { IPV6_BITS };
        let plain = !length.is_empty()
            && length.bytes().all(|b| b.is_ascii_digit())
            && (length == "0" || !length.starts_with('0'));
        let bits = length.parse::<u8>().ok().filter(|bits| plain && *bits <= most);
        let Some(bits) = bits else {
            return Err(BlockError::BadLength { found: length.to_owned(), most });
        };
        let Ok(net) = IpNet::new(address, bits) else {
            return Err(BlockError::BadLength { found: length.to_owned(), most });
        };
        if net.network() != net.addr() {
            let given = text.to_owned();
            return Err(BlockError::HostBits { given, length: bits, aligned: net.trunc() });
        }
        Ok(Self::from(net))
    }

    /// The block that a sound text gives, as [`parse_cidr`](Self::parse_cidr) does, without saying
    /// what is wrong with any other.
    #[must_use]
    pub fn sound_cidr(text: &[u8]) -> Option<Self> {
        address_text::cidr(text).filter(|range| !range.is_mapped())
    }

    /// Parses the two ends of a range as an operator writes them.
    ///
    /// # Errors
    /// Every [`BlockError`] that concerns addresses or their order.
    pub fn parse_ends(first: &str, last: &str) -> Result<Self, BlockError> {
        Self::new(parse_address(first)?, parse_address(last)?)?.unless_mapped(first)
    }

    /// Refuses IPv4-mapped IPv6 (RFC 4291 2.5.5.2), however it is written: it means IPv4.
    fn unless_mapped(self, text: &str) -> Result<Self, BlockError> {
        if self.is_mapped() {
            return Err(BlockError::EmbeddedForm(text.to_owned()));
        }
        Ok(self)
    }

    fn is_mapped(&self) -> bool {
        self.family == Family::V6 && self.last >> IPV4_BITS == MAPPED
    }

    /// Address family.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// First address.
    #[must_use]
    pub fn first(&self) -> IpAddr {
        from_u128(self.family, self.first)
    }

    /// Last address.
    #[must_use]
    pub fn last(&self) -> IpAddr {
        from_u128(self.family, self.last)
    }

    /// Both ends as numbers, for sorting and sweeping; compare only within one family.
    #[must_use]
    pub const fn bounds(&self) -> (u128, u128) {
        (self.first, self.last)
    }

    /// A range from numbers of one family.
    ///
    /// Returns `None` when `first > last` or a bound exceeds the family's bits.
    #[must_use]
    pub fn from_bounds(family: Family, first: u128, last: u128) -> Option<Self> {
        let fits = family == Family::V6 || last <= u128::from(u32::MAX);
        (first <= last && fits).then_some(Self { family, first, last })
    }

    /// Number of addresses, saturating at `u128::MAX` for the whole of IPv6.
    #[must_use]
    pub const fn size(&self) -> u128 {
        (self.last - self.first).saturating_add(1)
    }

    /// Whether every address of `other` is in `self`.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.family == other.family && self.first <= other.first && other.last <= self.last
    }

    /// Whether the two share an address.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.family == other.family && self.first <= other.last && other.first <= self.last
    }

    /// The block as one CIDR, if it is one.
    #[must_use]
    pub fn as_cidr(&self) -> Option<IpNet> {
        let size = self.size();
        let whole = self.family == Family::V6 && self.first == 0 && self.last == u128::MAX;
        if whole {
            return IpNet::new(self.first(), 0).ok();
        }
        // Of a power of two, the bits below it are what is left over.
        if !size.is_power_of_two() || self.first & (size - 1) != 0 {
            return None;
        }
        let host_bits = u8::try_from(size.trailing_zeros()).ok()?;
        IpNet::new(self.first(), self.family.bits() - host_bits).ok()
    }

    /// The minimal CIDR cover, in address order: what one net of this range holds as net blocks.
    #[must_use]
    pub fn cidrs(&self) -> Vec<IpNet> {
        match (self.first(), self.last()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => Ipv4Subnets::new(a, b, 0).map(IpNet::V4).collect(),
            (IpAddr::V6(a), IpAddr::V6(b)) => Ipv6Subnets::new(a, b, 0).map(IpNet::V6).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether some CIDR block of this prefix length, or a larger one, lies within.
    #[must_use]
    pub fn holds_prefix(&self, length: u8) -> bool {
        let host_bits = u32::from(self.family.bits().saturating_sub(length));
        let Some(host) = 1_u128.checked_shl(host_bits).map(|size| size - 1) else {
            return (self.first, self.last) == (0, u128::MAX);
        };
        // The first block that begins within, if there is one.
        let begin = self.first.checked_add(host).map(|end| end & !host);
        begin.is_some_and(|begin| begin | host <= self.last)
    }

    /// Prefix length of the block if it is one CIDR, else that of the largest CIDR inside it:
    /// what "a /29 or more" of NRPM 4.2.3.7.1 is measured by.
    #[must_use]
    pub fn largest_prefix_len(&self) -> u8 {
        if let Some(net) = self.as_cidr() {
            return net.prefix_len();
        }
        self.cidrs().iter().map(IpNet::prefix_len).min().unwrap_or(self.family.bits())
    }
}

impl From<IpNet> for AddressRange {
    fn from(net: IpNet) -> Self {
        let family = if net.addr().is_ipv4() { Family::V4 } else { Family::V6 };
        Self { family, first: to_u128(net.network()), last: to_u128(net.broadcast()) }
    }
}

impl From<Ipv4Net> for AddressRange {
    fn from(net: Ipv4Net) -> Self {
        Self::from(IpNet::V4(net))
    }
}

impl From<Ipv6Net> for AddressRange {
    fn from(net: Ipv6Net) -> Self {
        Self::from(IpNet::V6(net))
    }
}

impl fmt::Display for AddressRange {
    /// One CIDR as `address/length`, any other range as `first - last`; RFC 5952.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_cidr() {
            Some(net) => write!(f, "{net}"),
            None => write!(f, "{} - {}", self.first(), self.last()),
        }
    }
}

impl fmt::Debug for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressRange({self})")
    }
}

impl FromStr for AddressRange {
    type Err = BlockError;

    /// Reads `address/length`, or `first - last` with or without spaces.
    fn from_str(text: &str) -> Result<Self, BlockError> {
        match text.split_once('-') {
            Some((first, last)) => Self::parse_ends(first.trim(), last.trim()),
            None => Self::parse_cidr(text),
        }
    }
}

impl TryFrom<String> for AddressRange {
    type Error = BlockError;

    fn try_from(text: String) -> Result<Self, BlockError> {
        text.parse()
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        range.to_string()
    }
}

/// Parses one address as an operator writes it: refuses octets with a leading zero (RFC 6943
/// 3.1.1), IPv4 notation inside IPv6, and zones.
///
/// # Errors
/// [`BlockError::NotAnAddress`], [`BlockError::LeadingZero`], [`BlockError::EmbeddedForm`].
pub fn parse_address(text: &str) -> Result<IpAddr, BlockError> {
    if let Some(address) = address_text::address(text) {
        return Ok(address);
    }
    let v6 = text.contains(':');
    if v6 && (text.contains('.') || text.contains('%')) {
        return Err(BlockError::EmbeddedForm(text.to_owned()));
    }
    if !v6 && parse_registry_address(text).is_some() {
        return Err(BlockError::LeadingZero(text.to_owned()));
    }
    Err(BlockError::NotAnAddress(text.to_owned()))
}

/// Parses one address as the registry writes it: IPv4 octets padded to three digits are decimal.
#[must_use]
pub fn parse_registry_address(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    }
    let mut octets = [0_u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        let digits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        *octet = digits.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then(|| IpAddr::V4(Ipv4Addr::from(octets)))
}

fn to_u128(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(a) => u128::from(a.to_bits()),
        IpAddr::V6(a) => a.to_bits(),
    }
}

fn from_u128(family: Family, number: u128) -> IpAddr {
    match family {
        // The low 32 bits are the address: bounds of a V4 range never exceed them.
        #[expect(clippy::cast_possible_truncation, reason = "V4 bounds are at most u32::MAX")]
        Family::V4 => IpAddr::V4(Ipv4Addr::from_bits(number as u32)),
        Family::V6 => IpAddr::V6(Ipv6Addr::from_bits(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn a_block_holds_a_prefix_when_its_cover_has_one_as_large(
            six in any::<bool>(), length in 0..=128_u8, zeros in 0..128_u32,
            ends in (any::<u128>(), prop_oneof![0..300_u128, any::<u128>()]),
        ) {
            let family = if six { Family::V6 } else { Family::V4 };
            let most = u128::MAX >> (IPV6_BITS - family.bits());
            let first = ends.0 >> zeros << zeros & most;
            let last = first.saturating_add(ends.1 & most).min(most);
            let block = AddressRange::from_bounds(family, first, last).unwrap();
            let length = length.min(family.bits());
            prop_assert_eq!(block.holds_prefix(length), block.largest_prefix_len() <= length, "{} /{}", block, length);
        }
    }
}

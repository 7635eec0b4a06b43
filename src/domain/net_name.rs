//! Net names: the registry's rules for them, and the names swip makes when a row has none.
//!
//! Owns charset, length, comparison and generation. Must not know: rows, files, the registry.

use std::fmt;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::ascii::Letters;
use super::block::AddressRange;

/// Longest net name the registry takes (ARIN template guide).
pub const NET_NAME_MAX_LEN: usize = 50;
/// What a generated name of a private row begins with: never the customer's name (promise 7).
pub const PRIVATE_PREFIX: &str = "PRIVATE";

/// A net name the registry accepts: letters, digits, hyphens and single spaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NetName(String);

/// Why a text is no net name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetNameError {
    /// Nothing but blanks.
    #[error("the net name is empty")]
    Empty,
    /// A character other than letters, digits, hyphens and spaces.
    #[error("a net name takes letters, digits, hyphens and spaces; `{}` is not one", found.escape_default())]
    Charset {
        /// The first such character.
        found: char,
    },
    /// Leading, trailing or doubled spaces.
    #[error("a net name takes single spaces between words only")]
    Spaces,
    /// Longer than [`NET_NAME_MAX_LEN`].
    #[error("the net name has {found} characters; the registry takes {NET_NAME_MAX_LEN}")]
    TooLong {
        /// Characters found.
        found: usize,
    },
}

impl NetName {
    /// Parses a net name as an operator writes it; nothing is changed silently.
    ///
    /// # Errors
    /// [`NetNameError`] for the first fault.
    pub fn parse(text: &str) -> Result<Self, NetNameError> {
        Self::check(text).map(|()| Self(text.to_owned()))
    }

    /// Whether a text is a net name, without owning it.
    ///
    /// # Errors
    /// As [`NetName::parse`].
    pub fn check(text: &str) -> Result<(), NetNameError> {
        if Self::is_word(text.as_bytes()) {
            return Ok(());
        }
        if text.trim().is_empty() {
            return Err(NetNameError::Empty);
        }
        let allowed = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-' || *b == b' ';
        if !text.as_bytes().iter().all(allowed) {
            let found = text.chars().find(|c| !c.is_ascii() || !allowed(&(*c as u8)));
            return Err(NetNameError::Charset { found: found.unwrap_or_default() });
        }
        if text.trim() != text || text.as_bytes().windows(2).any(|pair| pair == b"  ") {
            return Err(NetNameError::Spaces);
        }
        if text.len() > NET_NAME_MAX_LEN {
            return Err(NetNameError::TooLong { found: text.len() });
        }
        Ok(())
    }

    /// Whether a text is a net name of one word, as most are: it breaks no rule.
    #[must_use]
    pub fn is_word(text: &[u8]) -> bool {
        (1..=NET_NAME_MAX_LEN).contains(&text.len()) && Letters::WORD.make_up(text)
    }

    /// The nearest name the registry would take: other characters become single hyphens.
    #[must_use]
    pub fn cleaned(text: &str) -> Option<Self> {
        let mut name = hyphenated(text, NET_NAME_MAX_LEN + 1);
        if name.len() > NET_NAME_MAX_LEN {
            // Cut between words, unless there is only one.
            name.truncate(NET_NAME_MAX_LEN);
            name.truncate(name.rfind('-').unwrap_or(NET_NAME_MAX_LEN));
        }
        name.truncate(name.trim_end_matches('-').len());
        Self::parse(&name).ok()
    }

    /// The name made for a row that has none: customer or org and block,
    /// `MAPLE-STREET-BAKERY-198-51-100-8-29`.
    #[must_use]
    pub fn generated(recipient: &str, block: &AddressRange) -> Self {
        let suffix = block_suffix(block);
        let room = NET_NAME_MAX_LEN.saturating_sub(suffix.len() + 1);
        let stem = hyphenated(recipient, room);
        let stem = stem.trim_matches('-');
        if stem.is_empty() {
            Self(format!("NET-{suffix}"))
        } else {
            Self(format!("{stem}-{suffix}"))
        }
    }

    /// The name made for a private row: [`PRIVATE_PREFIX`] and the block, never the customer.
    #[must_use]
    pub fn generated_private(block: &AddressRange) -> Self {
        Self(format!("{PRIVATE_PREFIX}-{}", block_suffix(block)))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the registry would call the two the same: it upper-cases names and may turn
    /// spaces into hyphens.
    #[must_use]
    pub fn same_as(&self, other: &str) -> bool {
        normalised(&self.0) == normalised(other)
    }
}

/// A net name as it is compared: upper case, spaces as hyphens.
#[must_use]
pub fn normalised(name: &str) -> String {
    name.trim().to_ascii_uppercase().replace(' ', "-")
}

/// Upper-case ASCII letters and digits of `text`, everything between them one hyphen.
fn hyphenated(text: &str, most: usize) -> String {
    let mut name = String::new();
    for c in any_ascii::any_ascii(text).chars() {
        if name.len() >= most {
            break;
        }
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_uppercase());
        } else if c != '\'' && !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name
}

/// The block in characters a net name takes; at most 44 of them.
fn block_suffix(block: &AddressRange) -> String {
    match block.as_cidr() {
        Some(net) => format!("{}-{}", address_text(&net), net.prefix_len()),
        None => block
            .cidrs()
            .first()
            .map(|net| format!("{}-X{:X}", address_text(net), block.size()))
            .unwrap_or_default(),
    }
}

/// The address with hyphens; IPv6 in capitals without its trailing zero groups.
fn address_text(net: &IpNet) -> String {
    match net {
        IpNet::V4(net) => net.network().to_string().replace('.', "-"),
        IpNet::V6(net) => {
            let mut groups: Vec<u16> = net.network().segments().to_vec();
            while groups.len() > 1 && groups.last() == Some(&0) {
                groups.pop();
            }
            groups.iter().map(|g| format!("{g:X}")).collect::<Vec<_>>().join("-")
        }
    }
}

impl fmt::Display for NetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for NetName {
    type Error = NetNameError;

    fn try_from(text: String) -> Result<Self, NetNameError> {
        Self::parse(&text)
    }
}

impl From<NetName> for String {
    fn from(name: NetName) -> Self {
        name.0
    }
}

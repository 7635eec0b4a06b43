//! What the registry holds: a net as it answers with one.
//!
//! Owns the registered side of every comparison. Must not know: XML, HTTP, rows.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::block::AddressRange;
use super::handle::{CustomerHandle, NetHandle, OrgHandle};

/// Type of a net block, as the registry codes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum NetType {
    /// `DA`, direct allocation: can be subdivided.
    DirectAllocation,
    /// `A`, reallocation: can be subdivided.
    Reallocation,
    /// `S`, reassignment: cannot be subdivided.
    Reassignment,
    /// Any other code the registry uses.
    Other(String),
}

impl NetType {
    /// The registry's code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::DirectAllocation => "DA",
            Self::Reallocation => "A",
            Self::Reassignment => "S",
            Self::Other(code) => code,
        }
    }

    /// Whether nets of this type may be reassigned or reallocated from: `DA` and `A` only.
    #[must_use]
    pub const fn can_be_subdivided(&self) -> bool {
        matches!(self, Self::DirectAllocation | Self::Reallocation)
    }
}

impl From<String> for NetType {
    fn from(code: String) -> Self {
        match code.as_str() {
            "DA" => Self::DirectAllocation,
            "A" => Self::Reallocation,
            "S" => Self::Reassignment,
            _ => Self::Other(code),
        }
    }
}

impl From<NetType> for String {
    fn from(kind: NetType) -> Self {
        kind.code().to_owned()
    }
}

impl fmt::Display for NetType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// Who holds a registered net.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// A customer: a simple reassignment.
    Customer(CustomerHandle),
    /// An org.
    Org(OrgHandle),
    /// The answer named neither.
    Unknown,
}

impl Holder {
    /// The org that holds it, if one does.
    #[must_use]
    pub const fn org(&self) -> Option<&OrgHandle> {
        match self {
            Self::Org(org) => Some(org),
            Self::Customer(_) | Self::Unknown => None,
        }
    }
}

/// A net as the registry holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Its handle; reused by the registry after a deletion, see `registered_at`.
    pub net_handle: NetHandle,
    /// Its parent, if the answer named one.
    pub parent: Option<NetHandle>,
    /// Its block.
    pub block: AddressRange,
    /// Its type.
    pub kind: NetType,
    /// Its name as the registry writes it: often upper-cased.
    pub net_name: String,
    /// Who holds it.
    pub holder: Holder,
    /// Its comment, line by line.
    pub comment: Vec<String>,
    /// Its registration date, byte for byte as the registry wrote it.
    pub registered_at: Option<String>,
}

/// A net that was registered before the run, as a file or a reading of the registry tells of it:
/// what is `None` is not known and never differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredNet {
    /// Its handle.
    pub net_handle: NetHandle,
    /// Its block.
    pub block: AddressRange,
    /// Its parent.
    pub parent: Option<NetHandle>,
    /// Its type.
    pub kind: Option<NetType>,
    /// Its name as the registry writes it.
    pub net_name: Option<String>,
    /// The customer that holds it.
    pub customer: Option<CustomerHandle>,
    /// The org that holds it.
    pub org: Option<OrgHandle>,
    /// The holder's name, or its handle where the name is not known.
    pub recipient: Option<String>,
    /// Its registration date, byte for byte as the registry wrote it.
    pub registered_at: Option<String>,
}

impl From<Registration> for RegisteredNet {
    fn from(net: Registration) -> Self {
        let (customer, org) = match net.holder {
            Holder::Customer(handle) => (Some(handle), None),
            Holder::Org(handle) => (None, Some(handle)),
            Holder::Unknown => (None, None),
        };
        Self {
            net_handle: net.net_handle,
            block: net.block,
            parent: net.parent,
            kind: Some(net.kind),
            net_name: Some(net.net_name).filter(|name| !name.is_empty()),
            customer,
            org,
            recipient: None,
            registered_at: net.registered_at,
        }
    }
}

//! A registration as swip knows it: the net, who holds it, where that was read and when.
//!
//! Owns the registered side of `sync` and `adopt`, complete enough to be restored from: the
//! before-image. Must not know: XML, HTTP, the journal, rows.

use serde::{Deserialize, Serialize};

use super::handle::CustomerHandle;
use super::recipient::OrgPoc;
use super::registration::{Holder, NetType, RegisteredNet, Registration};

/// A customer as the registry holds it: any text, also such as today's rules refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerValues {
    /// Name.
    pub name: String,
    /// Street lines.
    pub street: Vec<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, two letters where ISO 3166-1 knows it.
    pub country: Option<String>,
    /// Residential privacy.
    pub private: bool,
    /// Its own public comment, line by line.
    #[serde(default)]
    pub comment: Vec<String>,
    /// The customer's registration date, byte for byte.
    #[serde(default)]
    pub registered_at: Option<String>,
}

/// Where a record was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The registry itself, by handle.
    Handle,
    /// The registry itself, by exact range.
    Range,
    /// The journal: what the registry answered to an earlier run.
    Journal,
    /// RDAP: public, and delayed.
    Rdap,
    /// A file the user gave, by name.
    File(String),
    /// The attachment of a reassignment report.
    Report,
}

impl Source {
    /// What people and CSV columns call it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Handle => "handle",
            Self::Range => "range",
            Self::Journal => "journal",
            Self::Rdap => "rdap",
            Self::File(_) => "file",
            Self::Report => "report",
        }
    }
}

/// Where a record was read, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Where.
    pub source: Source,
    /// RFC 3339; `None` when the source does not say.
    pub at: Option<String>,
}

/// How much of a record is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Detail {
    /// Net, POC links, comment and customer, as an authenticated read gives them.
    Full,
    /// Handle, block, name: customer values and comment were not read and are not compared.
    Summary,
}

/// How the record came to be swip's, or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// An earlier run registered it.
    Registered,
    /// `adopt` took it over, or a run found it equal to its row.
    Adopted,
    /// Somebody else's; swip only reads it.
    #[default]
    Unowned,
}

/// One registration with its origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The net.
    pub net: Registration,
    /// The net's own points of contact; none means the parent org's serve.
    #[serde(default)]
    pub pocs: Vec<OrgPoc>,
    /// The customer's values, where the net has one and it was read.
    pub customer: Option<CustomerValues>,
    /// The recipient's name, where only that is known.
    #[serde(default)]
    pub recipient: Option<String>,
    /// Reverse-DNS zones on the net, where they were read.
    #[serde(default)]
    pub zones: Vec<String>,
    /// Where and when it was read.
    pub seen: Seen,
    /// How much of it is known.
    pub detail: Detail,
    /// Whose it is.
    #[serde(default)]
    pub owner: Owner,
    /// Whether swip created or adopted the customer together with this net: only then is the
    /// customer deleted with it.
    #[serde(default)]
    pub customer_is_ours: bool,
    /// The `reference` of the row it was registered for.
    #[serde(default)]
    pub reference: Option<String>,
}

impl Registered {
    /// A record of which no more is known than the net.
    #[must_use]
    pub const fn summary(net: Registration, source: Source, at: Option<String>) -> Self {
        Self {
            net,
            pocs: Vec::new(),
            customer: None,
            recipient: None,
            zones: Vec::new(),
            seen: Seen { source, at },
            detail: Detail::Summary,
            owner: Owner::Unowned,
            customer_is_ours: false,
            reference: None,
        }
    }

    /// What a file or a list tells of a net.
    #[must_use]
    pub fn listed(listed: RegisteredNet, source: Source) -> Self {
        let holder = match (listed.customer, listed.org) {
            (Some(customer), _) => Holder::Customer(customer),
            (None, Some(org)) => Holder::Org(org),
            (None, None) => Holder::Unknown,
        };
        let net = Registration {
            net_handle: listed.net_handle,
            parent: listed.parent,
            block: listed.block,
            kind: listed.kind.unwrap_or_else(|| NetType::from(String::new())),
            net_name: listed.net_name.unwrap_or_default(),
            holder,
            comment: Vec::new(),
            registered_at: listed.registered_at,
        };
        Self { recipient: listed.recipient, ..Self::summary(net, source, None) }
    }

    /// The customer that holds the net.
    #[must_use]
    pub const fn customer_handle(&self) -> Option<&CustomerHandle> {
        match &self.net.holder {
            Holder::Customer(handle) => Some(handle),
            _ => None,
        }
    }

    /// What a person calls the recipient: its name, else its handle.
    #[must_use]
    pub fn recipient(&self) -> &str {
        let named = self.customer.as_ref().map(|customer| customer.name.as_str());
        named.or(self.recipient.as_deref()).unwrap_or(match &self.net.holder {
            Holder::Customer(handle) => handle.as_str(),
            Holder::Org(handle) => handle.as_str(),
            Holder::Unknown => "",
        })
    }

    /// Whether the customer is private, or might be: an unread customer counts as private.
    #[must_use]
    pub fn is_private(&self) -> bool {
        match (&self.customer, &self.net.holder) {
            (Some(customer), _) => customer.private,
            (None, Holder::Org(_)) => false,
            (None, _) => true,
        }
    }

    /// Whether two readings are of one registration: handles are reused by the registry, so the
    /// registration date, the block and the holder must agree too.
    #[must_use]
    pub fn is_same_registration(&self, other: &Self) -> bool {
        self.net.net_handle == other.net.net_handle
            && self.net.registered_at == other.net.registered_at
            && self.net.block == other.net.block
            && self.net.holder == other.net.holder
    }
}

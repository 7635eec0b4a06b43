//! The registry's records. Their JSON is what `/_practice/world` shows and a state file holds.
//!
//! Owns field names and defaults. Must not know: HTTP, XML, rules.

use serde::{Deserialize, Serialize};

use crate::domain::{AddressRange, NetType, PocFunction};

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Address {
    /// Street lines.
    pub street_address: Vec<String>,
    /// City.
    pub city: Option<String>,
    /// State or province: ISO 3166-2 without its country.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, two letters.
    pub country: String,
}

/// A contact and what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PocLink {
    /// What for.
    pub function: PocFunction,
    /// Who.
    pub handle: String,
}

/// A net.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetRecord {
    /// Handle.
    pub handle: String,
    /// Parent, unless it is the top of the world.
    #[serde(default)]
    pub parent_net_handle: Option<String>,
    /// Name, upper case.
    pub net_name: String,
    /// Type code.
    #[serde(rename = "type")]
    pub kind: NetType,
    /// The one range it covers: a CIDR block, or `first - last`.
    pub range: AddressRange,
    /// First address; made from the range.
    #[serde(default)]
    pub start_address: String,
    /// Last address; made from the range.
    #[serde(default)]
    pub end_address: String,
    /// Whether its status is active.
    #[serde(default = "yes")]
    pub active: bool,
    /// The customer that holds it.
    #[serde(default)]
    pub customer_handle: Option<String>,
    /// The org that holds it.
    #[serde(default)]
    pub org_handle: Option<String>,
    /// Contacts of its own.
    #[serde(default)]
    pub pocs: Vec<PocLink>,
    /// Origin AS numbers left from before July 2025, when the registry took them; shown, and
    /// discarded when they are sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origin_ases: Vec<String>,
    /// Comment lines.
    #[serde(default)]
    pub comment: Vec<String>,
    /// Registration date.
    #[serde(default = "crate::practice::now")]
    pub registration_date: String,
}

/// A customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerRecord {
    /// Handle.
    pub handle: String,
    /// Name.
    pub customer_name: String,
    /// Org of the parent net it was created under.
    #[serde(default)]
    pub parent_org_handle: String,
    /// Address.
    #[serde(flatten)]
    pub address: Address,
    /// Residential privacy.
    #[serde(default)]
    pub private_customer: bool,
    /// Comment lines.
    #[serde(default)]
    pub comment: Vec<String>,
    /// Registration date.
    #[serde(default = "crate::practice::now")]
    pub registration_date: String,
}

/// An org.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrgRecord {
    /// Handle.
    pub handle: String,
    /// Name.
    pub org_name: String,
    /// The name it does business under.
    #[serde(default)]
    pub dba_name: Option<String>,
    /// Its RWhois server, host and port.
    #[serde(default)]
    pub org_url: Option<String>,
    /// Address.
    #[serde(flatten)]
    pub address: Address,
    /// Contacts.
    #[serde(default)]
    pub pocs: Vec<PocLink>,
    /// Comment lines.
    #[serde(default)]
    pub comment: Vec<String>,
    /// Whether it takes reassignments.
    #[serde(default = "yes")]
    pub accept_reassignments: bool,
    /// Registration date.
    #[serde(default = "crate::practice::now")]
    pub registration_date: String,
}

/// A phone number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneRecord {
    /// Number.
    pub number: String,
    /// Extension.
    #[serde(default)]
    pub extension: Option<String>,
    /// `O` office, `F` fax, `M` mobile.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A point of contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PocRecord {
    /// Handle.
    pub handle: String,
    /// `PERSON` or `ROLE`.
    pub contact_type: String,
    /// Company; a role needs one.
    #[serde(default)]
    pub company_name: Option<String>,
    /// First name; a role has none.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Middle name.
    #[serde(default)]
    pub middle_name: Option<String>,
    /// Last name, or the role's name.
    pub last_name: String,
    /// Address.
    #[serde(flatten)]
    pub address: Address,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Phones.
    #[serde(default)]
    pub phones: Vec<PhoneRecord>,
    /// Comment lines.
    #[serde(default)]
    pub comment: Vec<String>,
    /// Registration date.
    #[serde(default = "crate::practice::now")]
    pub registration_date: String,
    /// Whether a user is linked to it, so that a key may change it.
    #[serde(default = "yes")]
    pub linked: bool,
}

/// A nameserver of a reverse zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nameserver {
    /// Host name, upper case.
    pub name: String,
    /// Time to live, in seconds.
    #[serde(default)]
    pub ttl: Option<u32>,
}

/// A delegation signer record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DelegationKey {
    /// Algorithm number.
    pub algorithm: u8,
    /// Digest, hexadecimal.
    pub digest: String,
    /// Digest type number.
    pub digest_type: u8,
    /// Key tag.
    pub key_tag: u16,
    /// Time to live, in seconds.
    #[serde(default)]
    pub ttl: Option<u32>,
}

/// A reverse zone that somebody filled; every other zone of a net is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DelegationRecord {
    /// Zone name with its final dot.
    pub name: String,
    /// Nameservers.
    #[serde(default)]
    pub nameservers: Vec<Nameserver>,
    /// Delegation signer records.
    #[serde(default)]
    pub keys: Vec<DelegationKey>,
}

/// A key and what it may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRecord {
    /// The key; begins `API-0000-0000-`.
    pub key: String,
    /// Orgs whose Admin or Tech POC its user is.
    #[serde(default)]
    pub orgs: Vec<String>,
    /// Nets whose Tech POC its user is.
    #[serde(default)]
    pub nets: Vec<String>,
    /// Whether it may ask for WhoWas reports.
    #[serde(default = "yes")]
    pub who_was: bool,
    /// Whether it is active.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

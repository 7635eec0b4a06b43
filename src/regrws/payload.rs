//! Payloads: the only place with Reg-RWS element names.
//!
//! Owns the XML of net, customer, org, ticket and error, and their domain values. Empty elements
//! are never written; on reading, an empty element is an absent one. Must not know: HTTP, calls.

use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::block::parse_registry_address;
use crate::domain::{
    AddressRange, Assignment, Comment, Country, Customer, CustomerHandle, Family, Holder,
    NetHandle, NetName, NetType, NewOrg, OrgHandle, OrgRecipient, Registration, SimpleRecipient,
};

/// The core namespace as an attribute value.
const XMLNS: &str = "http://www.arin.net/regrws/core/v1";
/// What stands before every body.
const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// Reads an element that may be empty, blank or absent.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}

macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty = $element:literal $(($with:literal))?,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[$fdoc])*
                #[serde(rename = $element, skip_serializing_if = "Option::is_none" $(, deserialize_with = $with)?)]
                pub $field: Option<$type>,
            )+
        }
    };
}

/// One numbered line of a comment or an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number; the registry counts from 0.
    #[serde(rename = "@number", default)]
    pub number: i64,
    /// Its text.
    #[serde(rename = "$text", default)]
    pub text: String,
}

/// Numbered lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// In any order on the wire.
    #[serde(rename = "line", default)]
    pub line: Vec<Line>,
}

impl Lines {
    /// Lines from texts; `None` when there are none.
    fn of<T: ToString>(texts: &[T]) -> Option<Self> {
        let line = |(number, text): (usize, &T)| Line {
            number: i64::try_from(number).unwrap_or_default(),
            text: text.to_string(),
        };
        let line: Vec<Line> = texts.iter().enumerate().map(line).collect();
        (!line.is_empty()).then_some(Self { line })
    }

    /// The texts in the order of their numbers.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let mut lines: Vec<&Line> = self.line.iter().collect();
        lines.sort_by_key(|line| line.number);
        lines.into_iter().map(|line| line.text.clone()).collect()
    }
}

payload! {
    /// `iso3166-1`.
    CountryPayload {
        /// Two letters.
        code2: String = "code2" ("text"),
        /// Three letters.
        code3: String = "code3" ("text"),
    }
}

payload! {
    /// `customer`.
    CustomerPayload {
        /// Name.
        name: String = "customerName" ("text"),
        /// Country.
        country: CountryPayload = "iso3166-1",
        /// Street lines.
        street: Lines = "streetAddress",
        /// City.
        city: String = "city" ("text"),
        /// State or province.
        state: String = "iso3166-2" ("text"),
        /// Postal code.
        postal_code: String = "postalCode" ("text"),
        /// Public comment.
        comment: Lines = "comment",
        /// Residential privacy.
        private: String = "privateCustomer" ("text"),
        /// Handle; the registry's.
        handle: String = "handle" ("text"),
        /// Org of the parent net; the registry's.
        parent_org: String = "parentOrgHandle" ("text"),
        /// Date; the registry's.
        registered_at: String = "registrationDate" ("text"),
    }
}

impl From<&Customer> for CustomerPayload {
    fn from(customer: &Customer) -> Self {
        let address = &customer.address;
        Self {
            name: Some(customer.name.to_string()),
            country: Some(country(address.country)),
            street: Lines::of(&address.street),
            city: Some(address.city.to_string()),
            state: address.state.as_ref().map(ToString::to_string),
            postal_code: address.postal_code.as_ref().map(ToString::to_string),
            private: Some(customer.private.to_string()),
            ..Self::default()
        }
    }
}

fn country(country: Country) -> CountryPayload {
    CountryPayload {
        code2: Some(country.code2().to_owned()),
        code3: Some(country.code3().to_owned()),
    }
}

impl CustomerPayload {
    /// Which fields differ from a wanted customer, compared without case, blanks and punctuation.
    #[must_use]
    pub fn differences(&self, wanted: &Customer) -> Vec<&'static str> {
        let wanted = Self::from(wanted);
        let lines = |payload: &Self| {
            payload.street.as_ref().map(Lines::texts).unwrap_or_default().join(" ")
        };
        let code = |payload: &Self| {
            let country = payload.country.clone().unwrap_or_default();
            let code = country.code2.or(country.code3).unwrap_or_default();
            Country::parse(&code).map(|c| c.code2().to_owned()).unwrap_or(code)
        };
        let private = |payload: &Self| {
            matches!(payload.private.as_deref().map(str::trim), Some("true" | "1"))
        };
        let same = |a: &Option<String>, b: &Option<String>| {
            plain(a.as_deref().unwrap_or_default()) == plain(b.as_deref().unwrap_or_default())
        };
        let checks = [
            ("customer_name", same(&self.name, &wanted.name)),
            ("street", plain(&lines(self)) == plain(&lines(&wanted))),
            ("city", same(&self.city, &wanted.city)),
            ("state", same(&self.state, &wanted.state)),
            ("postal_code", same(&self.postal_code, &wanted.postal_code)),
            ("country", code(self) == code(&wanted)),
            ("private", private(self) == private(&wanted)),
        ];
        checks.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }
}

/// A text without case, blanks and punctuation.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// `pocLinkRef`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PocLink {
    /// POC handle.
    #[serde(rename = "@handle", default)]
    pub handle: String,
    /// `AD AB N T R D`.
    #[serde(rename = "@function", default)]
    pub function: String,
}

/// `pocLinks`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PocLinks {
    /// Its members.
    #[serde(rename = "pocLinkRef", default)]
    pub links: Vec<PocLink>,
}

payload! {
    /// `org`.
    OrgPayload {
        /// Name.
        name: String = "orgName" ("text"),
        /// Country.
        country: CountryPayload = "iso3166-1",
        /// Street lines.
        street: Lines = "streetAddress",
        /// City.
        city: String = "city" ("text"),
        /// State or province.
        state: String = "iso3166-2" ("text"),
        /// Postal code.
        postal_code: String = "postalCode" ("text"),
        /// Contacts.
        poc_links: PocLinks = "pocLinks",
        /// Handle; the registry's.
        handle: String = "handle" ("text"),
        /// Whether it takes reassignments; newer than the schemas.
        accepts: String = "acceptReassignments" ("text"),
    }
}

impl From<&NewOrg> for OrgPayload {
    fn from(org: &NewOrg) -> Self {
        let address = &org.address;
        let link = |poc: &crate::domain::OrgPoc| PocLink {
            handle: poc.handle.to_string(),
            function: poc.function.code().to_owned(),
        };
        Self {
            name: Some(org.name.to_string()),
            country: Some(country(address.country)),
            street: Lines::of(&address.street),
            city: Some(address.city.to_string()),
            state: address.state.as_ref().map(ToString::to_string),
            postal_code: address.postal_code.as_ref().map(ToString::to_string),
            poc_links: Some(PocLinks { links: org.pocs.iter().map(link).collect() }),
            ..Self::default()
        }
    }
}

payload! {
    /// `netBlock`.
    NetBlock {
        /// Type code.
        kind: String = "type" ("text"),
        /// First address, zero-padded in answers.
        start: String = "startAddress" ("text"),
        /// Last address.
        end: String = "endAddress" ("text"),
        /// Prefix length.
        length: String = "cidrLength" ("text"),
    }
}

/// `netBlocks`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetBlocks {
    /// Its members.
    #[serde(rename = "netBlock", default)]
    pub blocks: Vec<NetBlock>,
}

payload! {
    /// `net`.
    NetPayload {
        /// 4 or 6.
        version: String = "version" ("text"),
        /// Public comment.
        comment: Lines = "comment",
        /// The blocks of its one range.
        net_blocks: NetBlocks = "netBlocks",
        /// The customer created with it.
        customer: CustomerPayload = "customer",
        /// The customer that holds it.
        customer_handle: String = "customerHandle" ("text"),
        /// The org that holds it.
        org_handle: String = "orgHandle" ("text"),
        /// Its parent.
        parent: String = "parentNetHandle" ("text"),
        /// Its name.
        net_name: String = "netName" ("text"),
        /// Handle; the registry's.
        handle: String = "handle" ("text"),
        /// Date; the registry's.
        registered_at: String = "registrationDate" ("text"),
    }
}

/// Who a new net goes to, once recipients that are created first have their handles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// A customer created with the net.
    NewCustomer(Customer),
    /// An existing customer.
    Customer(CustomerHandle),
    /// An existing org.
    Org(OrgHandle),
}

impl To {
    /// The recipient of an assignment; `None` for an org that must be created first.
    #[must_use]
    pub fn of(assignment: &Assignment) -> Option<Self> {
        match assignment {
            Assignment::ReassignSimple(SimpleRecipient::New(customer)) => {
                Some(Self::NewCustomer(customer.clone()))
            }
            Assignment::ReassignSimple(SimpleRecipient::Existing(handle)) => {
                Some(Self::Customer(handle.clone()))
            }
            Assignment::ReassignDetailed(org) | Assignment::Reallocate(org) => match org {
                OrgRecipient::Existing(handle) => Some(Self::Org(handle.clone())),
                OrgRecipient::New(_) => None,
            },
        }
    }
}

impl NetPayload {
    /// The body of a reassignment or reallocation (ARIN "Reassign", "Reallocate").
    #[must_use]
    pub fn new(
        parent: &NetHandle,
        block: &AddressRange,
        kind: &NetType,
        name: &NetName,
        comment: &Comment,
        to: &To,
    ) -> Self {
        let net_block = |net: ipnet::IpNet| NetBlock {
            kind: Some(kind.code().to_owned()),
            start: Some(net.network().to_string()),
            end: None,
            length: Some(net.prefix_len().to_string()),
        };
        let blocks = block.cidrs().into_iter().map(net_block).collect();
        let mut net = Self {
            version: Some(block.family().version().to_string()),
            comment: Lines::of(comment.lines()),
            net_blocks: Some(NetBlocks { blocks }),
            parent: Some(parent.to_string()),
            net_name: Some(name.to_string()),
            ..Self::default()
        };
        match to {
            To::NewCustomer(customer) => net.customer = Some(customer.into()),
            To::Customer(handle) => net.customer_handle = Some(handle.to_string()),
            To::Org(handle) => net.org_handle = Some(handle.to_string()),
        }
        net
    }

    /// The one contiguous range of its blocks, and their type.
    fn range(&self) -> Option<(AddressRange, NetType)> {
        let blocks = &self.net_blocks.as_ref()?.blocks;
        let mut ranges = blocks.iter().map(block_range).collect::<Option<Vec<_>>>()?;
        ranges.sort_unstable();
        let (first, last) = (ranges.first()?, ranges.last()?);
        let contiguous = ranges
            .windows(2)
            .all(|pair| pair[0].bounds().1.checked_add(1) == Some(pair[1].bounds().0));
        let range = AddressRange::from_bounds(first.family(), first.bounds().0, last.bounds().1)?;
        let kind = blocks.first()?.kind.clone().unwrap_or_default();
        (contiguous && first.family() == last.family()).then(|| (range, NetType::from(kind)))
    }

    /// The net as the domain knows it.
    ///
    /// Returns `None` when handle or blocks are missing, or contradict each other.
    #[must_use]
    pub fn registration(&self) -> Option<Registration> {
        let (block, kind) = self.range()?;
        let handle = |text: &Option<String>| {
            text.as_deref().and_then(|t| NetHandle::from_registry(t.trim()).ok())
        };
        let customer = self
            .customer_handle
            .as_deref()
            .or(self.customer.as_ref().and_then(|c| c.handle.as_deref()));
        let holder = customer
            .and_then(|text| CustomerHandle::from_registry(text.trim()).ok())
            .map(Holder::Customer)
            .or_else(|| {
                OrgHandle::from_registry(self.org_handle.as_deref()?.trim()).ok().map(Holder::Org)
            })
            .unwrap_or(Holder::Unknown);
        Some(Registration {
            net_handle: handle(&self.handle)?,
            parent: handle(&self.parent),
            block,
            kind,
            net_name: self.net_name.clone().unwrap_or_default(),
            holder,
            comment: self.comment.as_ref().map(Lines::texts).unwrap_or_default(),
            registered_at: self.registered_at.clone(),
        })
    }
}

/// The range of one block; end and length must agree where both are given.
fn block_range(block: &NetBlock) -> Option<AddressRange> {
    let start = parse_registry_address(block.start.as_deref()?.trim())?;
    let by_end = match &block.end {
        Some(end) => Some(AddressRange::new(start, parse_registry_address(end.trim())?).ok()?),
        None => None,
    };
    let by_length = match &block.length {
        Some(length) => {
            Some(AddressRange::from(ipnet::IpNet::new(start, length.trim().parse().ok()?).ok()?))
        }
        None => None,
    };
    match (by_end, by_length) {
        (Some(end), Some(length)) => (end == length).then_some(end),
        (range, None) | (None, range) => range,
    }
    .filter(|range| range.first() == start && matches!(range.family(), Family::V4 | Family::V6))
}

payload! {
    /// `ticket`, as far as swip follows it.
    TicketPayload {
        /// Ticket number.
        number: String = "ticketNo" ("text"),
        /// Type.
        kind: String = "webTicketType" ("text"),
        /// Status.
        status: String = "webTicketStatus" ("text"),
        /// Resolution, once there is one.
        resolution: String = "webTicketResolution" ("text"),
        /// Created.
        created_at: String = "createdDate" ("text"),
    }
}

payload! {
    /// `ticketedRequest`: a net, a ticket, or by a careless server both.
    TicketedRequestPayload {
        /// The net.
        net: NetPayload = "net",
        /// The ticket.
        ticket: TicketPayload = "ticket",
    }
}

/// `collection` of nets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct NetCollection {
    /// Its members.
    #[serde(rename = "net", default)]
    pub nets: Vec<NetPayload>,
}

payload! {
    /// `component` of an error.
    ComponentPayload {
        /// The payload field.
        name: String = "name" ("text"),
        /// What is wrong with it.
        message: String = "message" ("text"),
    }
}

/// `components`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Components {
    /// Its members.
    #[serde(rename = "component", default)]
    pub component: Vec<ComponentPayload>,
}

payload! {
    /// `error`.
    ErrorPayload {
        /// `E_…`
        code: String = "code" ("text"),
        /// What happened.
        message: String = "message" ("text"),
        /// Which fields.
        components: Components = "components",
    }
}

/// The body of a payload under its root element.
#[must_use]
pub fn body<P: Serialize>(root: &str, payload: &P) -> String {
    let inner = quick_xml::se::to_string_with_root(root, payload).unwrap_or_default();
    let open = format!("<{root}");
    let rest = inner.strip_prefix(&open).unwrap_or_default();
    let rest: String =
        rest.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    format!("{DECLARATION}\n{open} xmlns=\"{XMLNS}\"{rest}")
}

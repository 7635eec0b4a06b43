//! `net` (ARIN "NET Payload"), its blocks, and its domain values.
//!
//! IPv4 addresses come zero-padded per octet, IPv6 in full. Must not know: how a net is asked
//! for.

use super::address::Lines;
use super::customer::CustomerPayload;
use super::element::{Element, list, payload, typed};
use super::message::{MessageReferences, Messages};
use super::org::PocLinks;
use crate::domain::block::parse_registry_address;
use crate::domain::{
    AddressRange, Assignment, Comment, Customer, CustomerHandle, Family, Holder, NetHandle,
    NetName, NetType, OrgHandle, OrgRecipient, Registration, SimpleRecipient,
};

impl Element for NetType {
    fn is_absent(&self) -> bool {
        self.code().is_empty()
    }

    fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let code = String::read(deserializer)?;
        Ok(code.map(|code| Self::from(code.trim().to_owned())))
    }
}

payload! {
    /// `netBlock`: one block of a net. A request has the length or the last address, or both.
    NetBlock {
        /// Type, as in `S` for a reassignment.
        kind: NetType = "type",
        /// The type in words; the registry's.
        description: String = "description",
        /// First address.
        start: String = "startAddress",
        /// Last address.
        end: String = "endAddress",
        /// Prefix length, in bits.
        length: u8 = "cidrLength",
    }
}

list! {
    /// `netBlocks`: together one contiguous range.
    NetBlocks { blocks: NetBlock = "netBlock" }
}

list! {
    /// `originASes`; retired in July 2025, read and never sent.
    OriginAses { origin: String = "originAS" }
}

/// `version`: which protocol's addresses a net has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpVersion(pub Family);

impl serde::Serialize for IpVersion {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0.version())
    }
}

impl Element for IpVersion {
    fn is_absent(&self) -> bool {
        false
    }

    fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        typed(deserializer, |text| match text {
            "4" => Some(Self(Family::V4)),
            "6" => Some(Self(Family::V6)),
            _ => None,
        })
    }
}

payload! {
    /// A net. Its recipient is a customer handle, a customer created with it, or an org handle.
    ///
    /// ```
    /// use swip::regrws::{Call, GetNet};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let call = GetNet("NET-192-0-2-0-1".parse()?);
    /// let net = GetNet::payload(&arin.exchange(&call.request()).await?)?;
    /// let block = &net.net_blocks.as_ref().ok_or("a net has blocks")?.blocks[0];
    /// assert_eq!(block.start.as_deref(), Some("192.000.002.000")); // as on the wire
    /// assert_eq!(net.block(), Some("192.0.2.0/24".parse()?)); // as the domain has it
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    NetPayload as "net" {
        /// 4 or 6.
        version: IpVersion = "version",
        /// Public comment.
        comment: Lines = "comment",
        /// The blocks of its one range.
        net_blocks: NetBlocks = "netBlocks",
        /// The customer created with it.
        customer: CustomerPayload = "customer",
        /// The customer that holds it.
        customer_handle: String = "customerHandle",
        /// The org that holds it.
        org_handle: String = "orgHandle",
        /// Its parent.
        parent: String = "parentNetHandle",
        /// Its name: letters, digits, hyphens and spaces, at most 50.
        net_name: String = "netName",
        /// Contacts of the net itself: tech, abuse and NOC only; none on a create.
        poc_links: PocLinks = "pocLinks",
        /// Origin autonomous systems.
        origin_ases: OriginAses = "originASes",
        /// Messages to ARIN's staff that ride along with a request.
        messages: Messages = "messages",
        /// References to messages, in an answer.
        message_references: MessageReferences = "messageReferences",
        /// Handle; the registry's.
        handle: String = "handle",
        /// Date; the registry's.
        registered_at: String = "registrationDate",
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
            kind: Some(kind.clone()),
            start: Some(net.network().to_string()),
            length: Some(net.prefix_len()),
            ..NetBlock::default()
        };
        let blocks = block.cidrs().into_iter().map(net_block).collect();
        let mut net = Self {
            version: Some(IpVersion(block.family())),
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

    /// This net as a modification of `current`: handle and registration date are the registry's,
    /// and what cannot change (version, blocks, parent, recipient) is echoed where it is left out.
    #[must_use]
    pub fn echoing(self, current: &Self) -> Self {
        Self {
            handle: current.handle.clone(),
            registered_at: current.registered_at.clone(),
            version: self.version.or(current.version),
            net_blocks: self.net_blocks.or_else(|| current.net_blocks.clone()),
            parent: self.parent.or_else(|| current.parent.clone()),
            customer_handle: self.customer_handle.or_else(|| current.customer_handle.clone()),
            org_handle: self.org_handle.or_else(|| current.org_handle.clone()),
            ..self
        }
        .sendable()
    }

    /// This net without what only an answer has: origin systems, which the registry discards, and
    /// references to messages.
    fn sendable(self) -> Self {
        Self { origin_ases: None, message_references: None, ..self }
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
        let kind = blocks.first()?.kind.clone();
        let kind = kind.unwrap_or_else(|| NetType::Other(String::new()));
        (contiguous && first.family() == last.family()).then_some((range, kind))
    }

    /// Its one contiguous range; `None` when blocks are missing or contradict each other.
    #[must_use]
    pub fn block(&self) -> Option<AddressRange> {
        self.range().map(|(block, _)| block)
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
    let by_length = match block.length {
        Some(length) => Some(AddressRange::from(ipnet::IpNet::new(start, length).ok()?)),
        None => None,
    };
    match (by_end, by_length) {
        (Some(end), Some(length)) => (end == length).then_some(end),
        (range, None) | (None, range) => range,
    }
    .filter(|range| range.first() == start && matches!(range.family(), Family::V4 | Family::V6))
}

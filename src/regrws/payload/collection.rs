//! `collection` (ARIN "Payload List"): a list of payloads, of one kind or mixed.
//!
//! Must not know: which call answers with which kind.

use serde::{Deserialize, Serialize};

use super::delegation::DelegationPayload;
use super::element::{filled, members};
use super::net::NetPayload;
use super::org::PocLink;
use super::phone::PhonePayload;
use super::ticket::TicketPayload;
use super::{Payload, json};

macro_rules! collection {
    ($($(#[$doc:meta])* $field:ident : $type:ty = $element:literal,)+) => {
        /// A list of payloads. Kinds that swip does not use (ROA specifications) are passed over.
        ///
        /// ```
        /// use swip::regrws::{Call, NetsByIpRange};
        ///
        /// # swip::rehearsal::run(async |arin| {
        /// let call = NetsByIpRange("192.0.2.0/24".parse()?);
        /// let list = NetsByIpRange::payload(&arin.exchange(&call.request()).await?)?;
        /// assert_eq!((list.nets.len(), list.tickets.len()), (1, 0));
        /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
        /// ```
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct CollectionPayload {
            $(
                $(#[$doc])*
                #[serde(
                    rename = $element,
                    skip_serializing_if = "Vec::is_empty",
                    serialize_with = "filled",
                    deserialize_with = "members"
                )]
                pub $field: Vec<$type>,
            )+
        }

        impl CollectionPayload {
            /// All members as JSON, one after the other.
            fn array(&self) -> Vec<serde_json::Value> {
                let mut all = Vec::new();
                $(all.extend(self.$field.iter().map(json::of));)+
                all
            }
        }
    };
}

collection! {
    /// Nets (`netsByIpRange`).
    nets: NetPayload = "net",
    /// Reverse-DNS zones (a net's delegations).
    delegations: DelegationPayload = "delegation",
    /// Phones (those a delete removed).
    phones: PhonePayload = "phone",
    /// Tickets (the ticket lists).
    tickets: TicketPayload = "ticket",
    /// POC links (those a delete removed, by the older method document).
    links: PocLink = "pocLinkRef",
}

impl Payload for CollectionPayload {
    const ROOT: &'static str = "collection";

    fn to_json(&self) -> serde_json::Value {
        self.array().into()
    }
}

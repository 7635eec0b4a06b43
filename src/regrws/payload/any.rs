//! A payload of whatever kind its root says.
//!
//! Owns the list of all kinds. Must not know: which kind is expected.

use super::{
    CollectionPayload, CustomerPayload, DelegationPayload, ErrorPayload, MessagePayload,
    NetPayload, OrgPayload, Payload, PayloadError, PhonePayload, PocPayload, TicketPayload,
    TicketedRequestPayload, document,
};

macro_rules! any {
    ($($variant:ident($payload:ty),)+) => {
        /// Any payload.
        ///
        /// ```
        /// use swip::regrws::payload::{AnyPayload, Payload};
        /// use swip::rehearsal;
        ///
        /// let payload = AnyPayload::from_xml(rehearsal::poc().to_xml().as_bytes())?;
        /// assert_eq!(payload.root(), "poc");
        /// assert_eq!(payload.to_json()["emails"][0], "noc@example.net");
        /// # Ok::<_, swip::rehearsal::Fault>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(clippy::large_enum_variant, reason = "one at a time, for people")]
        pub enum AnyPayload {
            $(
                #[doc = concat!("A [`", stringify!($payload), "`].")]
                $variant($payload),
            )+
        }

        impl AnyPayload {
            /// Reads a document as the payload of its root element.
            ///
            /// # Errors
            /// [`PayloadError`]; [`PayloadError::Root`] for a root that no payload has.
            pub fn from_xml(bytes: &[u8]) -> Result<Self, PayloadError> {
                let document = document::read(bytes)?;
                match document.root.as_str() {
                    $(
                        <$payload>::ROOT => {
                            <$payload>::from_document(&document).map(Self::$variant)
                        }
                    )+
                    _ => {
                        let found = document.root.clone();
                        Err(PayloadError::Root { found, expected: "a payload of Reg-RWS" })
                    }
                }
            }

            /// The payload as a document.
            #[must_use]
            pub fn to_xml(&self) -> String {
                match self {
                    $(Self::$variant(payload) => payload.to_xml(),)+
                }
            }

            /// The payload as JSON.
            #[must_use]
            pub fn to_json(&self) -> serde_json::Value {
                match self {
                    $(Self::$variant(payload) => payload.to_json(),)+
                }
            }

            /// Its root element.
            #[must_use]
            pub const fn root(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => <$payload>::ROOT,)+
                }
            }
        }
    };
}

any! {
    Net(NetPayload),
    Customer(CustomerPayload),
    Org(OrgPayload),
    Poc(PocPayload),
    Phone(PhonePayload),
    Message(MessagePayload),
    Ticket(TicketPayload),
    TicketedRequest(TicketedRequestPayload),
    Delegation(DelegationPayload),
    Collection(CollectionPayload),
    Error(ErrorPayload),
}

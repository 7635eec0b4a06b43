//! Payloads: the only place with Reg-RWS element names.
//!
//! Owns the XML of every payload ARIN's "Reg-RWS Payloads" lists outside IRR and RPKI, one file an
//! object. The structs mirror the wire: every field is optional, dates and handles are the
//! registry's text; what the schema types (booleans, numbers, some codes) is typed here. Empty
//! elements are never written; on reading, an empty element is an absent one. Elements of other
//! namespaces and unknown ones are passed over. Must not know: HTTP, calls.
//!
//! ```
//! use swip::regrws::payload::{NetPayload, Payload};
//!
//! let net = NetPayload::from_xml(br#"
//!     <a:net xmlns:a="http://www.arin.net/regrws/core/v1">
//!       <a:netName>R&amp;D</a:netName><a:pocLinks/><a:version>4</a:version>
//!     </a:net>"#)?;
//! assert_eq!(net.net_name.as_deref(), Some("R&D"));
//! assert!(net.to_xml().ends_with("<version>4</version><netName>R&amp;D</netName></net>"));
//! # Ok::<(), swip::regrws::payload::PayloadError>(())
//! ```

mod address;
mod any;
mod collection;
mod customer;
mod delegation;
mod element;
mod error;
pub mod image;
mod json;
mod message;
mod net;
mod org;
mod phone;
mod poc;
mod record;
#[cfg(test)]
mod tests;
mod ticket;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::document::{self, ARIN_NAMESPACES, CORE, Document, DocumentError};

pub use address::{CountryPayload, Line, Lines};
pub use any::AnyPayload;
pub use collection::CollectionPayload;
pub use customer::CustomerPayload;
pub use delegation::{
    DelegationKey, DelegationKeys, DelegationPayload, NamedCode, Nameserver, Nameservers,
};
pub use error::{AdditionalInfo, ComponentPayload, Components, ErrorPayload};
pub use message::{
    AttachmentPayload, AttachmentReference, AttachmentReferences, Attachments, MessageCategory,
    MessagePayload, MessageReference, MessageReferences, Messages,
};
pub use net::{IpVersion, NetBlock, NetBlocks, NetPayload, OriginAses, To};
pub use org::{OrgPayload, PocLink, PocLinks};
pub use phone::{PhoneKind, PhonePayload, PhoneType, Phones};
pub use poc::{ContactType, Emails, PocPayload};
pub use ticket::{
    TicketPayload, TicketResolution, TicketStatus, TicketType, TicketedRequestPayload,
};

/// What stands before every body.
const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// Why bytes are no payload of the kind that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// No document of Reg-RWS.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A document of another kind.
    #[error("it holds <{found}>; <{expected}> was expected")]
    Root {
        /// Its root element.
        found: String,
        /// The root element of the payload.
        expected: &'static str,
    },
    /// An element in a file to be sent that the payload does not have.
    #[error("<{element}> is no element of <{root}> and would not be sent; correct or remove it")]
    Unknown {
        /// The root element.
        root: &'static str,
        /// The element.
        element: String,
    },
    /// Content that does not fit the payload: an element twice, or a value of the wrong type.
    #[error("<{root}> cannot be read: {reason}")]
    Content {
        /// The root element.
        root: &'static str,
        /// What is wrong.
        reason: String,
    },
}

/// A payload that stands on its own in a request or an answer.
pub trait Payload: Serialize + DeserializeOwned {
    /// Its root element, in the core namespace.
    const ROOT: &'static str;

    /// The payload as a document, as it is sent.
    #[must_use]
    fn to_xml(&self) -> String {
        body(Self::ROOT, self)
    }

    /// The payload in a document.
    ///
    /// # Errors
    /// [`PayloadError`].
    fn from_xml(bytes: &[u8]) -> Result<Self, PayloadError> {
        Self::from_document(&document::read(bytes)?)
    }

    /// The payload in a canonical document.
    ///
    /// # Errors
    /// [`PayloadError::Root`] and [`PayloadError::Content`].
    fn from_document(document: &Document) -> Result<Self, PayloadError> {
        if document.root != Self::ROOT {
            let found = document.root.clone();
            return Err(PayloadError::Root { found, expected: Self::ROOT });
        }
        content(document)
    }

    /// The payload in a file that is to be sent: as [`Payload::from_xml`], but an element that
    /// would get lost is refused, since its writer relies on it. Elements of other namespaces
    /// than ARIN's are notes, which the registry passes over too.
    ///
    /// # Errors
    /// [`PayloadError`].
    fn from_request(bytes: &[u8]) -> Result<Self, PayloadError> {
        let document = document::read(bytes)?;
        let payload = Self::from_document(&document)?;
        complete(&document, &payload)?;
        Ok(payload)
    }

    /// The payload in a file that is to be sent, laid over the record it changes: what the file
    /// leaves out stays as it is, an element that is empty in the file is cleared.
    ///
    /// # Errors
    /// [`PayloadError`], as for [`Payload::from_request`].
    fn from_changes(bytes: &[u8], current: &Self) -> Result<Self, PayloadError> {
        let document = document::read(bytes)?;
        complete(&document, &Self::from_document(&document)?)?;
        let current = document::read(current.to_xml().as_bytes())?;
        Self::from_document(&document.over(&current))
    }

    /// The payload as JSON, under the element names: a list element is an array, numbered lines
    /// are texts in the order of their numbers, numbers and booleans are such.
    #[must_use]
    fn to_json(&self) -> serde_json::Value {
        json::of(self)
    }
}

/// Refuses a file of which something would not be sent.
fn complete<P: Payload>(file: &Document, payload: &P) -> Result<(), PayloadError> {
    let kept = document::read(payload.to_xml().as_bytes())?.elements();
    match file.elements().into_iter().find(|element| !kept.contains(element)) {
        Some(element) => Err(PayloadError::Unknown { root: P::ROOT, element }),
        None => Ok(()),
    }
}

/// The content of a document whose root is known to fit.
fn content<P: Payload>(document: &Document) -> Result<P, PayloadError> {
    quick_xml::de::from_str(&document.xml)
        .map_err(|fault| PayloadError::Content { root: P::ROOT, reason: fault.to_string() })
}

/// The body of a payload under its root element; namespaces beside core only where used.
fn body<P: Serialize>(root: &str, payload: &P) -> String {
    // No payload holds anything that the serializer refuses: names are constant, values text.
    let inner = quick_xml::se::to_string_with_root(root, payload).unwrap_or_default();
    let open = format!("<{root}");
    let rest = inner.strip_prefix(&open).unwrap_or_default();
    let mut out = format!("{DECLARATION}\n{open} xmlns=\"{CORE}\"");
    for (prefix, uri) in ARIN_NAMESPACES {
        if rest.contains(&format!("<{prefix}:")) || rest.contains(&format!(" {prefix}:")) {
            out.push_str(&format!(" xmlns:{prefix}=\"{uri}\""));
        }
    }
    for c in rest.chars() {
        match c {
            // Else XML would read it as a line feed.
            '\r' => out.push_str("&#13;"),
            c if is_xml(c) => out.push(c),
            _ => {}
        }
    }
    out
}

/// Whether XML 1.0 has the character.
const fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{20}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

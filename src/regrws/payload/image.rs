//! What a kept answer shows, whichever document it was and however little of it came.
//!
//! Owns reading it back. Must not know: where an answer is kept.

use std::fmt;

use super::{CollectionPayload, NetPayload, Payload, TicketedRequestPayload, document};

/// The nets of a `net`, `ticketedRequest` or `collection`; none for anything else.
#[must_use]
pub fn nets(answer: &[u8]) -> Vec<NetPayload> {
    let Ok(document) = document::read(answer) else { return Vec::new() };
    NetPayload::from_document(&document)
        .map(|net| vec![net])
        .or_else(|_| {
            let answered = TicketedRequestPayload::from_document(&document);
            answered.map(|answered| answered.net.into_iter().collect())
        })
        .or_else(|_| CollectionPayload::from_document(&document).map(|list| list.nets))
        .unwrap_or_default()
}

/// What a name found in an answer is a name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// The record itself, whichever it is.
    Record,
    /// A customer.
    Customer,
    /// An org.
    Org,
    /// A ticket.
    Ticket,
}

impl Named {
    const ALL: [Self; 4] = [Self::Record, Self::Customer, Self::Org, Self::Ticket];

    /// The element it stands in.
    const fn element(self) -> &'static str {
        match self {
            Self::Record => "handle",
            Self::Customer => "customerHandle",
            Self::Org => "orgHandle",
            Self::Ticket => "ticketNo",
        }
    }
}

impl fmt::Display for Named {
    /// As the registry calls it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.element())
    }
}

/// Handles and ticket numbers in bytes that may be cut off anywhere.
///
/// For people, and for finding again what was on the wire: no decision is made from a handle
/// alone.
///
/// ```
/// use swip::regrws::image::{Named, names};
///
/// let torn = b"<net><handle>NET-10-0-0-0-2</handle><customerHandle>C1";
/// assert_eq!(names(torn), [(Named::Record, "NET-10-0-0-0-2".to_owned())]);
/// ```
#[must_use]
pub fn names(bytes: &[u8]) -> Vec<(Named, String)> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    let mut tags: Vec<&str> = text.split('<').skip(1).collect();
    // Behind the last bracket the text may have been cut short.
    tags.pop();
    for tag in tags {
        let Some((name, content)) = tag.split_once('>') else { continue };
        let local = name.rsplit(':').next().unwrap_or(name);
        let content = content.trim();
        let plain = content.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if let Some(named) = Named::ALL.into_iter().find(|named| named.element() == local)
            && !content.is_empty()
            && plain
        {
            found.push((named, content.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_a_torn_answer() {
        let torn = b"<a:ticketedRequest xmlns:a='x'><a:net><a:handle>NET-10-0-0-0-2</a:handle><customerHandle>C1</customerHandle><ticketNo>2026";
        let found = names(torn);
        assert_eq!(found[0], (Named::Record, "NET-10-0-0-0-2".to_owned()));
        assert_eq!(found[1], (Named::Customer, "C1".to_owned()));
        assert_eq!(found.len(), 2, "half a ticket number is none");
    }
}

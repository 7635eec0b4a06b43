//! The nets inside an answer kept whole: whichever document it was.
//!
//! Owns reading them back. Must not know: where an answer is kept.

use super::document;
use super::payload::{CollectionPayload, NetPayload, Payload, TicketedRequestPayload};

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

/// Handles and ticket numbers in bytes that may be cut off anywhere: `(element, text)`.
///
/// For people, and for finding again what was on the wire: no decision is made from a handle
/// alone.
#[must_use]
pub fn names(bytes: &[u8]) -> Vec<(&'static str, String)> {
    const ELEMENTS: [&str; 4] = ["handle", "customerHandle", "orgHandle", "ticketNo"];
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
        if let Some(element) = ELEMENTS.iter().find(|e| **e == local)
            && !content.is_empty()
            && plain
        {
            found.push((*element, content.to_owned()));
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
        assert_eq!(found[0], ("handle", "NET-10-0-0-0-2".to_owned()));
        assert_eq!(found[1], ("customerHandle", "C1".to_owned()));
        assert_eq!(found.len(), 2, "half a ticket number is none");
    }
}

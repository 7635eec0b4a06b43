//! Carrying a fault out: the answer as it will be sent.
//!
//! Owns bodies, headers and the way of sending. Must not know: sockets, when a fault strikes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::kind::Fault;
use super::rewrite::{Style, write};
use crate::practice::answer::Refusal;
use crate::practice::request::Asked;
use crate::practice::service::Answered;
use crate::practice::xml::{self, CORE, Element, Space};

/// Seconds after which a client that gets 429 may come back.
const RETRY_AFTER_SECONDS: i64 = 1;
/// How long a slow answer takes unless its rule says otherwise.
const SLOW: Duration = Duration::from_secs(2);
/// A page such as a proxy or a portal sends.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body><h1>We'll be right back</h1></body></html>\n";
/// Levels of the entity bomb: ten to this power.
const BOMB_LEVELS: u32 = 9;

/// How an answer is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::practice) enum Delivery {
    /// Whole.
    #[default]
    Whole,
    /// Not at all: the connection closes.
    Drop,
    /// Not at all: the connection is reset.
    Reset,
    /// In pieces, over this time.
    Slow(Duration),
    /// Half of it, though the whole length was promised.
    Truncated,
    /// Half of it in chunks, and no last chunk.
    ChunkCut,
    /// Without an end.
    Huge,
}

/// An answer after its fault.
#[derive(Clone, Debug, Default)]
pub(in crate::practice) struct Disturbed {
    pub(in crate::practice) answered: Answered,
    pub(in crate::practice) headers: Vec<(&'static str, String)>,
    pub(in crate::practice) delivery: Delivery,
}

impl From<Answered> for Disturbed {
    fn from(answered: Answered) -> Self {
        Self { answered, ..Self::default() }
    }
}

impl Disturbed {
    /// What was done stays; what is said is this.
    fn said(self, status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let answered = Answered { status, content_type, body: body.into(), ..self.answered };
        Self { answered, ..self }
    }

    fn refused(self, refusal: &Refusal) -> Self {
        self.said(refusal.status, "application/xml", refusal.xml())
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn sent(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        if matches!(delivery, Delivery::Drop | Delivery::Reset) {
            self.answered.status = 0;
        }
        self
    }

    /// The body written another way.
    fn rewritten(self, change: impl FnOnce(&mut Element), style: Style) -> Self {
        match xml::parse(&self.answered.body) {
            Ok(mut root) => {
                change(&mut root);
                let (status, kind) = (self.answered.status, self.answered.content_type);
                self.said(status, kind, write(&root, style))
            }
            Err(_) => self,
        }
    }
}

/// The request as the registry takes it: some fields may get lost on the way.
pub(in crate::practice) fn received(fault: Option<Fault>, asked: Asked) -> Asked {
    if fault != Some(Fault::DroppedFields) {
        return asked;
    }
    match xml::parse(&asked.body) {
        Ok(mut root) => {
            root.children.retain(|child| !["comment", "originASes"].contains(&child.name.as_str()));
            Asked { body: write(&root, Style::default()).into_bytes(), ..asked }
        }
        Err(_) => asked,
    }
}

/// Carries a fault out on an answer.
pub(in crate::practice) fn disturb(
    fault: Fault,
    delay: Option<Duration>,
    asked: &Asked,
    answered: Answered,
) -> Disturbed {
    let answer = Disturbed::from(answered);
    match fault {
        Fault::DropBefore | Fault::DropAfter | Fault::LateCommit => answer.sent(Delivery::Drop),
        Fault::ResetBefore | Fault::ResetAfter => answer.sent(Delivery::Reset),
        Fault::Slow => answer.sent(Delivery::Slow(delay.unwrap_or(SLOW))),
        Fault::Truncated => answer.sent(Delivery::Truncated),
        Fault::ChunkCut => answer.sent(Delivery::ChunkCut),
        Fault::Huge => answer.sent(Delivery::Huge),
        Fault::TooMany => answer.refused(&too_many()),
        Fault::TooManySeconds => {
            answer.refused(&too_many()).with("retry-after", RETRY_AFTER_SECONDS.to_string())
        }
        Fault::TooManyDate => answer.refused(&too_many()).with("retry-after", http_date()),
        Fault::Error500Before | Fault::Error500After => answer.refused(&Refusal::unspecified()),
        Fault::Error502Before | Fault::Error502After => answer.said(502, "text/html", PAGE),
        Fault::Error503Before | Fault::Error503After => answer.said(503, "text/html", PAGE),
        Fault::Outage => {
            let message = "The service is currently undergoing maintenance.";
            answer.refused(&Refusal::new(503, "E_OUTAGE", message))
        }
        Fault::Html => answer.said(200, "text/html", PAGE),
        Fault::Redirect => {
            // Another host, yet on loopback: whoever follows reaches nobody outside.
            answer
                .said(307, "text/html", "")
                .with("location", format!("http://127.0.0.2{}", asked.path))
        }
        Fault::WrongRoot => {
            let asn = format!("<asn xmlns=\"{CORE}\"><handle>AS64496</handle></asn>");
            answer.said(200, "application/xml", asn)
        }
        Fault::WrongNet => answer.rewritten(another_net, Style::default()),
        Fault::Neither => answer.rewritten(|root| root.children.clear(), Style::default()),
        Fault::EntityBomb => {
            let body = bomb(&answer.answered.body);
            answer.said(200, "application/xml", body)
        }
        Fault::Gzip => {
            let (status, body) = (answer.answered.status, gzip(&answer.answered.body));
            answer.said(status, "application/xml", body).with("content-encoding", "gzip".to_owned())
        }
        Fault::Shuffled => answer.rewritten(|_| {}, Style { shuffled: true, ..Style::default() }),
        Fault::Prefixes => answer.rewritten(|_| {}, Style { prefixes: true, ..Style::default() }),
        Fault::Foreign => answer.rewritten(|_| {}, Style { foreign: true, ..Style::default() }),
        Fault::TicketOnly | Fault::DroppedFields => answer,
    }
}

/// What is said when there were too many requests.
pub(in crate::practice) fn too_many() -> Refusal {
    let message = "You have exceeded the allowed number of requests for the measured time period.";
    Refusal::new(429, "E_TOO_MANY_REQUESTS", message)
}

/// The HTTP date after which a client may come back (RFC 9110, 5.6.7).
fn http_date() -> String {
    // Dates have whole seconds: one more, so that the date is not past already.
    let at = Timestamp::now() + SignedDuration::from_secs(RETRY_AFTER_SECONDS + 1);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Turns every net into one of documentation space.
fn another_net(element: &mut Element) {
    let replacement = match element.name.as_str() {
        "startAddress" => "192.000.002.000",
        "endAddress" => "192.000.002.255",
        "cidrLength" => "24",
        "handle" if element.text.starts_with("NET") => "NET-192-0-2-0-1",
        _ => "",
    };
    if element.space == Space::Core && !replacement.is_empty() {
        replacement.clone_into(&mut element.text);
    }
    element.children.iter_mut().for_each(another_net);
}

/// Entities of which each is ten of the one before, used once, before the answer itself.
fn bomb(body: &[u8]) -> String {
    let mut text = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e0 \"boom\">".to_owned();
    for level in 1..=BOMB_LEVELS {
        let ten = format!("&e{};", level - 1).repeat(10);
        text.push_str(&format!("<!ENTITY e{level} \"{ten}\">"));
    }
    text.push_str("]>");
    let answer = String::from_utf8_lossy(body).into_owned();
    let root = answer.split_once("?>").map_or(answer.as_str(), |(_, root)| root);
    let end = root.rfind("</").unwrap_or(root.len());
    text + &root[..end] + &format!("<comment>&e{BOMB_LEVELS};</comment>") + &root[end..]
}

/// Longest stored block of the deflate format (RFC 1951, 3.2.4).
const STORED_MAX: usize = 65_535;

/// A body in the gzip format (RFC 1952), stored, not compressed: who reads it need not know.
fn gzip(body: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = body.chunks(STORED_MAX).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(crc32(body).to_le_bytes());
    out.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    out
}

/// Reversed polynomial of CRC-32 (RFC 1952, 8).
const CRC_POLYNOMIAL: u32 = 0xedb8_8320;

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ CRC_POLYNOMIAL } else { crc >> 1 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_rewritten_answer_holds_the_same() {
        let net = format!(
            "<net xmlns=\"{CORE}\" xmlns:n=\"urn:x\"><comment><line number=\"0\">a &amp; b</line></comment><handle>NET-1</handle></net>"
        );
        let same = |style| {
            let text = write(&xml::parse(net.as_bytes()).unwrap(), style);
            let root = xml::parse(text.as_bytes()).unwrap();
            assert_eq!(root.text_of("handle"), Some("NET-1"), "{text}");
            assert_eq!(root.lines_of("comment"), Some(vec!["a & b".to_owned()]), "{text}");
            text
        };
        let plain = same(Style::default());
        for style in [
            Style { shuffled: true, ..Style::default() },
            Style { prefixes: true, ..Style::default() },
            Style { foreign: true, ..Style::default() },
        ] {
            assert_ne!(same(style), plain, "{style:?}");
        }
    }
}

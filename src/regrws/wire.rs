//! What goes over the wire: one request, one raw answer, or the way it failed.
//!
//! The seam between the client, the journal (which stores these before anything is parsed) and
//! whoever sends them. Must not know: XML, sockets, the API key (no request holds it).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// HTTP methods that Reg-RWS uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads, and the reports, which open a ticket.
    Get,
    /// Creates.
    Post,
    /// Modifies, reassigns, reallocates, removes.
    Put,
    /// Deletes.
    Delete,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a request does at the registry. Only [`Effect::Read`] may ever be repeated by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// A GET that opens a ticket (reports): refused under `--read-only`, never repeated.
    OpensTicket,
    /// Changes the registry.
    Write,
}

/// One request, without key and host: safe to store and to log.
///
/// ```
/// use swip::regrws::{AssociationsReport, Call, Effect};
///
/// # swip::rehearsal::run(async |arin| {
/// let request = AssociationsReport {}.request();
/// assert_eq!(request.effect, Effect::OpensTicket, "though it is a GET");
/// let answer = arin.exchange(&request).await?;
/// assert_eq!((answer.status, answer.truncated), (200, false));
/// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireRequest {
    /// HTTP method.
    pub method: Method,
    /// Path from `/rest` on, percent-encoded, with matrix and query parameters but no key:
    /// `/rest/net/NET-192-0-2-0-1/reassign`.
    pub path: String,
    /// XML body, if the method has one.
    pub body: Option<String>,
    /// What it does at the registry.
    pub effect: Effect,
}

/// One answer as it came: status, the few headers that matter, and the bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawAnswer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Encoding`: anything but `identity` was not asked for.
    pub content_encoding: Option<String>,
    /// `Retry-After` headers, in order.
    pub retry_after: Vec<String>,
    /// `Date`.
    pub date: Option<String>,
    /// Host of a `Location` that was not followed.
    pub location_host: Option<String>,
    /// Name in `Content-Disposition`.
    pub filename: Option<String>,
    /// Body, up to the size cap.
    pub body: Vec<u8>,
    /// Whether the body ended before its announced length, or broke off.
    pub truncated: bool,
}

impl RawAnswer {
    /// The pause that is asked for: `Retry-After` as seconds, or as an HTTP date measured against
    /// the answer's own `Date`; the longest where several are given, `None` where none can be read.
    #[must_use]
    pub fn asked_pause(&self) -> Option<Duration> {
        let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok();
        let wait = |text: &String| {
            let text = text.trim();
            if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
                return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
            }
            if text.starts_with('-') && text[1..].parse::<u64>().is_ok() {
                return Some(Duration::ZERO);
            }
            let until = date(text)?;
            let now = self.date.as_deref().and_then(date);
            let now = now.map_or_else(jiff::Timestamp::now, |now| now.timestamp());
            let seconds = until.timestamp().as_second() - now.as_second();
            Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
        };
        self.retry_after.iter().filter_map(wait).max()
    }
}

/// Why there is no answer. Never carries a URL, a header or the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum WireError {
    /// Proved not sent: name lookup, connect or TLS handshake failed, before any byte of HTTP.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Refused here: `--read-only`, or a body over the size cap. Not sent.
    #[error("refused before sending: {0}")]
    Refused(String),
    /// Sent in whole or in part, and no usable answer came: the outcome is unknown.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

impl WireError {
    /// Whether it is proved that the registry cannot have acted.
    #[must_use]
    pub const fn proves_not_sent(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::Refused(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_measured_against_the_answers_own_clock() {
        let wait = |texts: &[&str]| {
            RawAnswer {
                status: 429,
                retry_after: texts.iter().map(|text| (*text).to_owned()).collect(),
                date: Some("Tue, 24 Nov 2015 10:00:00 GMT".to_owned()),
                ..RawAnswer::default()
            }
            .asked_pause()
        };
        assert_eq!(wait(&["30"]), Some(Duration::from_secs(30)));
        assert_eq!(wait(&["Tue, 24 Nov 2015 10:01:30 GMT"]), Some(Duration::from_secs(90)));
        assert_eq!(wait(&["Tue, 24 Nov 2015 09:00:00 GMT"]), Some(Duration::ZERO));
        assert_eq!(wait(&["-1"]), Some(Duration::ZERO));
        assert_eq!(wait(&["soon"]), None);
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&["5", "soon", "9"]), Some(Duration::from_secs(9)));
        assert!(wait(&["99999999999999999999999"]) > Some(super::super::limits().retry_after_max));
    }
}

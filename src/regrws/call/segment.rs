//! Texts that stand in a path: parsed, so that a request cannot be sent elsewhere by one.
//!
//! Owns their spelling and their encoding. Must not know: which call uses them.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::regrws::payload::{TicketStatus, TicketType};

/// What is percent-encoded in a path segment: everything but RFC 3986's unreserved characters
/// and `@`.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');
/// Longest text taken; the longest mail address has 254 characters, the longest host name 253.
const LEN_MAX: usize = 254;

/// A text that cannot stand in a path as what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no {kind}; one looks like `{example}`")]
pub struct SegmentError {
    /// What was expected.
    pub kind: &'static str,
    /// As written.
    pub found: String,
    /// One of its kind.
    pub example: &'static str,
}

macro_rules! segment {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $example:literal, $is:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = SegmentError;

            fn from_str(text: &str) -> Result<Self, SegmentError> {
                let is: fn(&str) -> bool = $is;
                if !text.is_empty() && text.len() <= LEN_MAX && is(text) {
                    return Ok(Self(text.to_owned()));
                }
                let found = text.chars().take(LEN_MAX).collect();
                Err(SegmentError { kind: $kind, found, example: $example })
            }
        }

        impl $name {
            /// As written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// As it stands in a path.
            pub(super) fn encoded(&self) -> String {
                encoded(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

/// A text as it stands in a path segment.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Codes of tickets as a person writes them; the lists are open, their spelling is not.
macro_rules! code {
    ($name:ident, $kind:literal, $example:literal) => {
        impl FromStr for $name {
            type Err = SegmentError;

            fn from_str(text: &str) -> Result<Self, SegmentError> {
                let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
                if !text.is_empty() && text.len() <= LEN_MAX && text.bytes().all(plain) {
                    return Ok(Self::from(text));
                }
                let found = text.chars().take(LEN_MAX).collect();
                Err(SegmentError { kind: $kind, found, example: $example })
            }
        }
    };
}

code!(TicketType, "ticket type", "NET_DELETE_REQUEST");
code!(TicketStatus, "ticket status", "PENDING_REVIEW");

/// Whether all bytes are letters, digits or among `others`.
fn only(text: &str, others: &[u8]) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

segment!(
    /// A mail address of a POC.
    Email,
    "mail address",
    "noc@example.net",
    |text| {
        let plain = text.chars().all(|c| c.is_ascii_graphic() && c != '/');
        let parts = text.rsplit_once('@');
        plain && parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
    }
);
segment!(
    /// A telephone number of a POC.
    PhoneNumber,
    "telephone number",
    "+1-703-555-0100",
    |text| {
        only(text, b"+-.() ") && text.bytes().any(|byte| byte.is_ascii_digit())
    }
);
segment!(
    /// A host name of a nameserver.
    HostName,
    "host name",
    "ns1.example.net",
    |text| only(text, b"-._") && !text.starts_with(['.', '-']) && !text.contains("..")
);
segment!(
    /// The name of a reverse-DNS zone; `/` stands in those of RFC 2317.
    ZoneName,
    "reverse-DNS zone",
    "2.0.192.in-addr.arpa.",
    |text| {
        let name = text.trim_end_matches('.').to_ascii_lowercase();
        only(text, b"-._/")
            && !text.contains("..")
            && (name.ends_with(".in-addr.arpa") || name.ends_with(".ip6.arpa"))
    }
);
segment!(
    /// Id of an attachment, from a reference; opaque.
    AttachmentId,
    "attachment id",
    "8a8180b13a5597b1013a55a9d42f0007",
    |text| only(text, b"-._") && !text.starts_with('.')
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_segment() {
        for text in ["", "noc", "a/../b@example.net", "a b@example.net", "@example.net", "a@"] {
            assert!(text.parse::<Email>().is_err(), "{text}");
        }
        assert_eq!(
            "a+b;c=d?e@example.net".parse::<Email>().unwrap().encoded(),
            "a%2Bb%3Bc%3Dd%3Fe@example.net"
        );
        assert_eq!(
            "+1-703-555-0100".parse::<PhoneNumber>().unwrap().encoded(),
            "%2B1-703-555-0100"
        );
        for text in ["", "x/y", "a..b", ".", "ns1?x"] {
            assert!(text.parse::<HostName>().is_err(), "{text}");
        }
        for text in ["", "example.net.", "../in-addr.arpa", "in-addr.arpa"] {
            assert!(text.parse::<ZoneName>().is_err(), "{text}");
        }
        let rfc2317 = "0/25.2.0.192.in-addr.arpa.".parse::<ZoneName>().unwrap();
        assert_eq!(rfc2317.encoded(), "0%2F25.2.0.192.in-addr.arpa.");
        assert!("pending review".parse::<TicketStatus>().is_err());
        assert_eq!("CLOSED".parse(), Ok(TicketStatus::Closed));
        assert_eq!("NEW_TYPE".parse(), Ok(TicketType::Other("NEW_TYPE".to_owned())));
        assert!("../x".parse::<AttachmentId>().is_err());
    }
}

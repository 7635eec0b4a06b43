//! The registry's complaints, and what each means for a write.
//!
//! Owns the error codes and the one table from (status, code) to a verdict. Must not know: what a
//! caller does about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::payload::ErrorPayload;

/// A well-formed Reg-RWS error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryError {
    /// HTTP status.
    pub status: u16,
    /// `E_…`, as sent.
    pub code: String,
    /// Message and component messages in one line.
    pub message: String,
    /// Whether it says that the range overlaps existing nets: a hint to go and look.
    pub overlap: bool,
}

/// Why an answer is not the one that was asked for.
///
/// ```
/// use swip::regrws::{CallError, Complaint, DeleteNet, Verdict};
///
/// # swip::rehearsal::run(async |arin| {
/// let refused = arin.send(&DeleteNet("NET-192-0-2-0-1".parse()?)).await;
/// let Err(CallError::Complaint(complaint)) = refused else { unreachable!() };
/// assert_eq!((complaint.status(), complaint.verdict()), (400, Verdict::Rejected));
/// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Complaint {
    /// The registry said no, in its own words.
    #[error("{0}")]
    Registry(RegistryError),
    /// Nothing that can be relied on.
    #[error("unusable answer with status {status}: {reason}")]
    Unusable {
        /// HTTP status.
        status: u16,
        /// What is wrong with it.
        reason: String,
    },
}

/// What an answer to a write proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The registry did not act, and will not for this row.
    Rejected,
    /// The registry did not act because of the key.
    KeyRefused,
    /// The registry did not act; it may later.
    TooMany,
    /// The registry did not act; it is in maintenance.
    Outage,
    /// Nothing is proved: the registry may have acted.
    Unknown,
}

/// Codes that, with a matching status, prove that the registry did not act.
const DEFINITE: [&str; 8] = [
    "E_SCHEMA_VALIDATION",
    "E_ENTITY_VALIDATION",
    "E_BAD_REQUEST",
    "E_OBJECT_NOT_FOUND",
    "E_NOT_REMOVEABLE",
    "E_METHOD_NOT_ALLOWED",
    "E_NOT_ACCEPTABLE",
    "E_UNSUPPORTED_MEDIA_TYPE",
];

impl RegistryError {
    /// From a payload.
    #[must_use]
    pub fn new(status: u16, payload: ErrorPayload) -> Self {
        let components = payload.components.unwrap_or_default().component;
        let told: Vec<String> = components
            .iter()
            .map(|c| {
                let (name, message) = (c.name.as_deref(), c.message.as_deref());
                format!("{}: {}", name.unwrap_or("?"), message.unwrap_or("?"))
            })
            .collect();
        let general = payload.message.unwrap_or_default();
        let message = if told.is_empty() { general } else { told.join("; ") };
        let overlap = message.to_ascii_lowercase().contains("overlap");
        Self { status, code: payload.code.unwrap_or_default(), message, overlap }
    }

    /// The verdict on a write that was answered with this error.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let refused = (400..500).contains(&self.status);
        match self.code.as_str() {
            "E_AUTHENTICATION" if refused => Verdict::KeyRefused,
            "E_TOO_MANY_REQUESTS" if self.status == 429 || self.status == 503 => Verdict::TooMany,
            "E_OUTAGE" if refused || self.status == 503 => Verdict::Outage,
            code if refused && DEFINITE.contains(&code) => Verdict::Rejected,
            _ => Verdict::Unknown,
        }
    }
}

impl Complaint {
    /// The verdict on a write that was answered with this.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Registry(error) => error.verdict(),
            // 429 means refused whoever in front of the registry says it.
            Self::Unusable { status: 429, .. } => Verdict::TooMany,
            Self::Unusable { status: 401 | 403, .. } => Verdict::Unknown,
            Self::Unusable { .. } => Verdict::Unknown,
        }
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Registry(error) => error.status,
            Self::Unusable { status, .. } => *status,
        }
    }

    /// Whether a read was answered with "no such object", in the registry's own words.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Registry(e) if e.status == 404 && e.code == "E_OBJECT_NOT_FOUND")
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (HTTP {}): {}", self.code, self.status, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, code: &str) -> Verdict {
        let payload = ErrorPayload { code: Some(code.to_owned()), ..ErrorPayload::default() };
        Complaint::Registry(RegistryError::new(status, payload)).verdict()
    }

    #[test]
    fn only_definite_refusals_prove_anything() {
        assert_eq!(verdict(400, "E_ENTITY_VALIDATION"), Verdict::Rejected);
        assert_eq!(verdict(409, "E_BAD_REQUEST"), Verdict::Rejected);
        assert_eq!(verdict(400, "E_AUTHENTICATION"), Verdict::KeyRefused);
        assert_eq!(verdict(401, "E_AUTHENTICATION"), Verdict::KeyRefused);
        assert_eq!(verdict(429, "E_TOO_MANY_REQUESTS"), Verdict::TooMany);
        assert_eq!(verdict(503, "E_OUTAGE"), Verdict::Outage);
        for (status, code) in [
            (500, "E_UNSPECIFIED"),
            (200, "E_ENTITY_VALIDATION"),
            (500, "E_ENTITY_VALIDATION"),
            (400, "E_NEW"),
            (503, ""),
        ] {
            assert_eq!(verdict(status, code), Verdict::Unknown, "{status} {code}");
        }
    }
}

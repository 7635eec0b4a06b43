//! Handles and ticket numbers as types: what the registry gives out as names of its records.
//!
//! Owns their spelling. Must not know: who holds them, or where they were read.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ascii::Letters;

/// Longest handle taken from operator or registry; none is known to exceed a third of it.
pub const HANDLE_MAX_LEN: usize = 64;

/// Why a text is no handle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    /// Empty.
    #[error("a {kind} must not be empty")]
    Empty {
        /// What was expected, as people call it.
        kind: &'static str,
    },
    /// Too long or with characters that cannot stand in a handle.
    #[error("`{found}` is no {kind}: letters A-Z, digits and hyphens, as in `{example}`")]
    Charset {
        /// What was expected.
        kind: &'static str,
        /// As written.
        found: String,
        /// A handle of that kind.
        example: &'static str,
    },
    /// Right characters, wrong form for this kind.
    #[error("`{found}` is no {kind}; one looks like `{example}`")]
    Shape {
        /// What was expected.
        kind: &'static str,
        /// As written.
        found: String,
        /// A handle of that kind.
        example: &'static str,
    },
}

/// Whether `text` can stand in a URL path and in a report unescaped.
fn is_plain(text: &str) -> bool {
    text.len() <= HANDLE_MAX_LEN
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

macro_rules! handle {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $example:literal, $shape:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What people call it.
            pub const KIND: &'static str = $kind;

            /// Parses what an operator wrote: upper case, and of the form of its kind.
            ///
            /// # Errors
            /// [`HandleError`], which says what was expected.
            pub fn parse(text: &str) -> Result<Self, HandleError> {
                Self::check(text).map(|()| Self(text.to_owned()))
            }

            /// Whether an operator's text is a handle of this kind, without owning it.
            ///
            /// # Errors
            /// As `parse`.
            pub fn check(text: &str) -> Result<(), HandleError> {
                if Self::fits(text.as_bytes()) {
                    return Ok(());
                }
                Self::check_plain(text)?;
                let found = text.to_owned();
                Err(HandleError::Shape { kind: $kind, found, example: $example })
            }

            /// Whether a text is a handle of this kind, without saying what is wrong with it.
            #[must_use]
            pub fn fits(text: &[u8]) -> bool {
                let shape: fn(&[u8]) -> bool = $shape;
                (1..=HANDLE_MAX_LEN).contains(&text.len())
                    && !text.starts_with(b"-")
                    && Letters::HANDLE.make_up(text)
                    && shape(text)
            }

            fn check_plain(text: &str) -> Result<(), HandleError> {
                if text.is_empty() {
                    return Err(HandleError::Empty { kind: $kind });
                }
                if !is_plain(text) {
                    let found = text.chars().take(HANDLE_MAX_LEN).collect();
                    return Err(HandleError::Charset { kind: $kind, found, example: $example });
                }
                Ok(())
            }

            /// Takes what the registry wrote: any case and form, but safe in a URL path.
            ///
            /// # Errors
            /// [`HandleError::Empty`] and [`HandleError::Charset`].
            pub fn from_registry(text: &str) -> Result<Self, HandleError> {
                Self::check_plain(text).map(|()| Self(text.to_owned()))
            }

            /// The handle as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = HandleError;

            fn from_str(text: &str) -> Result<Self, HandleError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = HandleError;

            fn try_from(text: String) -> Result<Self, HandleError> {
                Self::from_registry(&text)
            }
        }

        impl From<$name> for String {
            fn from(handle: $name) -> Self {
                handle.0
            }
        }
    };
}

handle!(
    /// Handle of a net: `NET-198-51-100-0-1`, `NET6-2001-DB8-1`. Reused by the registry after a
    /// net is deleted, so it identifies a net only together with its registration date.
    NetHandle,
    "net handle",
    "NET-198-51-100-0-1",
    |text| text.starts_with(b"NET-") || text.starts_with(b"NET6-")
);
handle!(
    /// Handle of a customer: `C` and digits. Never reused.
    CustomerHandle,
    "customer handle",
    "C07361391",
    |text| text.len() > 1 && text[0] == b'C' && text[1..].iter().all(u8::is_ascii_digit)
);
handle!(
    /// Org ID: letters and digits, often with `-` and a number.
    OrgHandle,
    "Org ID",
    "EXAMPLE-1",
    |_| true
);
handle!(
    /// Handle of a point of contact.
    PocHandle,
    "POC handle",
    "NOC512-ARIN",
    |_| true
);
handle!(
    /// Ticket number: `20261123-X17`, in mail also `ARIN-20221019-X541735`.
    TicketNumber,
    "ticket number",
    "20261123-X17",
    |_| true
);

impl OrgHandle {
    /// Org IDs with `-Z` are not eligible to receive reassignments (ARIN, "Reporting
    /// Reassignments").
    #[must_use]
    pub fn is_not_eligible(&self) -> bool {
        Self::text_is_not_eligible(&self.0)
    }

    /// The same of a handle as text.
    #[must_use]
    pub fn text_is_not_eligible(text: &str) -> bool {
        text.contains("-Z")
    }
}

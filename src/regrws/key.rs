//! The API key: a secret that never expires, so it has a type that cannot be printed.
//!
//! Owns its form. Must not know: where it was read.

use std::fmt::{self, Write as _};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

pub use crate::domain::secret::PRACTICE_PREFIX;

/// Groups of four hex digits behind `API`.
const GROUPS: std::ops::RangeInclusive<usize> = 4..=8;

/// Bytes of a fingerprint.
const FINGERPRINT_BYTES: usize = 4;

/// An API key of Reg-RWS.
///
/// ```
/// use swip::regrws::ApiKey;
///
/// let key = ApiKey::parse(swip::practice::KEY)?;
/// assert_eq!(format!("{key:?}"), "ApiKey(…)");
/// assert!(key.is_practice());
/// # Ok::<_, swip::rehearsal::Fault>(())
/// ```
#[derive(Clone)]
pub struct ApiKey(SecretString);

/// A text that is no API key; the text is never repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the API key is not of ARIN's form: API and four to eight groups of four digits 0-9 A-F in capitals, as in API-XXXX-XXXX-XXXX-XXXX"
)]
pub struct KeyError;

impl ApiKey {
    /// Parses a key; one trailing line end is passed over.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let groups: Vec<&str> = text.strip_prefix("API-").ok_or(KeyError)?.split('-').collect();
        let hex = |group: &&str| {
            group.len() == 4
                && group.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
        };
        if GROUPS.contains(&groups.len()) && groups.iter().all(hex) {
            Ok(Self(SecretString::from(text)))
        } else {
            Err(KeyError)
        }
    }

    /// Whether a practice registry made it.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        self.0.expose_secret().starts_with(PRACTICE_PREFIX)
    }

    /// A short hash by which a journal knows the key again; the salt keeps it from being
    /// recognised elsewhere, and eight digits tell nothing of the key.
    #[must_use]
    pub fn fingerprint(&self, salt: &str) -> String {
        let digest = Sha256::new().chain_update(salt).chain_update(self.expose()).finalize();
        digest.iter().take(FINGERPRINT_BYTES).fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// The key itself, for the transport alone.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_arins_form_is_a_key_and_none_is_printed() {
        let key = ApiKey::parse("API-0123-4567-89AB-CDEF\n").unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(…)");
        let print = key.fingerprint("salt");
        assert_eq!((print.len(), print == key.fingerprint("pepper")), (8, false));
        assert!(ApiKey::parse("API-0000-0000-0000-0001").unwrap().is_practice());
        for text in [
            "",
            "API",
            "api-0123-4567-89ab-cdef",
            "API-0123-4567-89AB",
            " API-0123-4567-89AB-CDEF",
            "API-0123-4567-89AB-CDEF\n\n",
        ] {
            assert!(ApiKey::parse(text).is_err(), "{text:?}");
        }
    }
}

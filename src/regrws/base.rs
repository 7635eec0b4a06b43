//! Which registry is spoken to: ARIN, its test environment, or a server on loopback.
//!
//! Owns the addresses that a key may be sent to. Must not know: HTTP.

use std::fmt;

use url::{Host, Url};

/// ARIN's registry.
pub const ARIN: &str = "https://reg.arin.net";
/// ARIN's test environment (OT&E).
pub const OTE: &str = "https://reg.ote.arin.net";

/// The address of a registry, without `/rest`.
///
/// ```
/// use swip::regrws::base::{BaseUrl, BaseUrlError};
///
/// assert!(BaseUrl::parse("https://reg.arin.net")?.is_https());
/// assert_eq!(BaseUrl::parse("http://reg.arin.net"), Err(BaseUrlError::PlainHttp));
/// # Ok::<_, swip::rehearsal::Fault>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// An address that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not a URL with a host.
    #[error("the registry is no URL; write practice, ote, arin, or as in https://reg.arin.net")]
    NotAUrl,
    /// Plain HTTP beyond this machine would show the key to anyone on the way.
    #[error("plain http is for loopback only; the key would cross the network unprotected")]
    PlainHttp,
    /// More than scheme, host and port.
    #[error("the registry's URL has more than scheme, host and port; /rest is added by swip")]
    Extra,
}

impl BaseUrl {
    /// Parses an address.
    ///
    /// # Errors
    /// [`BaseUrlError`]; the text, which may hold a key, is not repeated.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text).map_err(|_| BaseUrlError::NotAUrl)?;
        let base = Self(url);
        let url = &base.0;
        if url.host().is_none() {
            return Err(BaseUrlError::NotAUrl);
        }
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(BaseUrlError::Extra);
        }
        match url.scheme() {
            "https" => Ok(base),
            "http" if base.is_loopback() => Ok(base),
            "http" => Err(BaseUrlError::PlainHttp),
            _ => Err(BaseUrlError::NotAUrl),
        }
    }

    /// Whether it is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }

    /// Whether it is encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The URL of a path from `/rest` on.
    pub(super) fn join(&self, path: &str) -> Option<Url> {
        let text = format!("{}{path}", self.0.as_str().trim_end_matches('/'));
        Url::parse(&text)
            .ok()
            .filter(|url| url.host() == self.0.host() && url.port() == self.0.port())
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_addresses_are_taken() {
        for text in [
            "https://reg.arin.net",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost:1",
        ] {
            assert!(BaseUrl::parse(text).is_ok(), "{text}");
        }
        for (text, fault) in [
            ("http://reg.arin.net", BaseUrlError::PlainHttp),
            ("http://127.0.0.1.example.net", BaseUrlError::PlainHttp),
            ("https://reg.arin.net/rest", BaseUrlError::Extra),
            ("https://u:p@reg.arin.net", BaseUrlError::Extra),
            ("https://reg.arin.net/?apikey=API-1", BaseUrlError::Extra),
            ("reg.arin.net", BaseUrlError::NotAUrl),
            ("ftp://127.0.0.1", BaseUrlError::NotAUrl),
        ] {
            assert_eq!(BaseUrl::parse(text), Err(fault), "{text}");
        }
    }
}

//! The transport of RDAP: look-ups and searches, without a key.
//!
//! Follows no redirect: another registry's answer is not ARIN's. Must not know: JSON.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::domain::AddressRange;
use crate::regrws::{Pacer, limits};

/// What an RDAP client is made of.
#[derive(Debug)]
pub struct RdapOptions {
    /// Address of the service, as in `https://rdap.arin.net/registry`.
    pub base: String,
    /// Time allowed for one request.
    pub timeout: Duration,
    /// The one proxy to use.
    pub proxy: Option<String>,
    /// The pace; shared with the registry's client.
    pub pacer: Arc<Pacer>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RdapError {
    /// The service knows no such net, in its own words.
    #[error("not found")]
    Absent,
    /// No connection, no time, no usable status.
    #[error("{0}")]
    NoAnswer(String),
    /// The service asks for a pause.
    #[error("RDAP asks for a pause")]
    TooMany(Option<Duration>),
}

/// A client of one RDAP service.
#[derive(Clone, Debug)]
pub struct Rdap {
    http: reqwest::Client,
    base: Url,
    pacer: Arc<Pacer>,
}

impl Rdap {
    /// Makes a client.
    ///
    /// # Errors
    /// Why the address or the proxy cannot be used.
    pub fn new(options: RdapOptions) -> Result<Self, String> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let text = options.base.trim_end_matches('/');
        let base = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
        let base = base.filter(Url::has_host);
        let base =
            base.ok_or("the RDAP service is no URL, as in https://rdap.arin.net/registry")?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("swip/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(limits().connect_timeout)
            .timeout(options.timeout);
        if let Some(proxy) = &options.proxy {
            let proxy = reqwest::Proxy::all(proxy);
            builder = builder.proxy(proxy.map_err(|_| "the proxy is no URL of an HTTP proxy")?);
        }
        let http = builder.build().map_err(|_| "cannot set up the RDAP client")?;
        Ok(Self { http, base, pacer: options.pacer })
    }

    /// Its address.
    #[must_use]
    pub fn base(&self) -> &str {
        self.base.as_str()
    }

    /// Path of the nets immediately below a block.
    #[must_use]
    pub fn down(block: &ipnet::IpNet) -> String {
        format!("ips/rirSearch1/rdap-down/{block}")
    }

    /// Path of the most specific net around an address.
    #[must_use]
    pub fn at(address: std::net::IpAddr) -> String {
        format!("ip/{}", AddressRange::from(ipnet::IpNet::from(address)).first())
    }

    /// Asks once.
    ///
    /// # Errors
    /// [`RdapError`].
    pub async fn get(&self, path: &str) -> Result<Vec<u8>, RdapError> {
        let text = format!("{}/{path}", self.base.as_str().trim_end_matches('/'));
        let url = Url::parse(&text).map_err(|_| RdapError::NoAnswer("no such path".to_owned()))?;
        // A pause that came up after the turn: wait for another.
        loop {
            self.pacer.turn().await;
            if self.pacer.handed().await.is_ok() {
                break;
            }
        }
        let sent = self.http.get(url).header("accept", "application/rdap+json").send().await;
        let mut answer = sent.map_err(|fault| {
            let what = if fault.is_timeout() { "no answer in time" } else { "cannot be reached" };
            RdapError::NoAnswer(format!("RDAP: {what}"))
        })?;
        let status = answer.status().as_u16();
        match status {
            200 | 404 => {}
            429 => return Err(RdapError::TooMany(pause(&answer))),
            _ => return Err(RdapError::NoAnswer(format!("RDAP answered with status {status}"))),
        }
        let broke = || RdapError::NoAnswer("the RDAP answer broke off".to_owned());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| broke())? {
            body.extend_from_slice(&chunk);
            if body.len() as u64 > limits().answer_max_bytes {
                return Err(broke());
            }
        }
        match status {
            404 if says_absent(&body) => Err(RdapError::Absent),
            404 => Err(RdapError::NoAnswer(
                "404 that is no RDAP answer: is the address right?".to_owned(),
            )),
            _ => Ok(body),
        }
    }
}

/// Whether a 404 is the service's own word: an empty search, or an RDAP error of that code.
fn says_absent(body: &[u8]) -> bool {
    let Ok(answer) = serde_json::from_slice::<serde_json::Value>(body) else { return false };
    let empty = answer.get("ipSearchResults").and_then(|list| list.as_array());
    empty.is_some_and(Vec::is_empty) || answer.get("errorCode").is_some_and(|code| code == 404)
}

/// `Retry-After` in seconds.
fn pause(answer: &reqwest::Response) -> Option<Duration> {
    let value = answer.headers().get("retry-after")?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

//! The transport: one request out, one answer or one reason in. The only place that sees the key.
//!
//! Owns HTTP settings, limits and the one border where errors of the HTTP crate are converted.
//! Never repeats a request, follows no redirect, logs no URL. Must not know: XML, rows, journal.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use url::Url;

use super::base::BaseUrl;
use super::call::Call;
use super::error::Complaint;
use super::hand_over::{self, HandOver};
use super::key::ApiKey;
use super::pace::Pacer;
use super::wire::{Effect, Method, RawAnswer, WireError, WireRequest};

/// Time allowed to connect, TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest answer that is read.
pub const ANSWER_MAX_BYTES: usize = 8 * 1024 * 1024;
/// The one media type of Reg-RWS.
const XML: HeaderValue = HeaderValue::from_static("application/xml");

/// How the key is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthStyle {
    /// `Authorization: ApiKey …`, preferred by ARIN since July 2026.
    #[default]
    Header,
    /// `?apikey=…`, which leaks into logs on the way.
    Query,
}

/// What a client is made of.
#[derive(Debug)]
pub struct ClientOptions {
    /// Which registry.
    pub base: BaseUrl,
    /// The key.
    pub key: ApiKey,
    /// How it is sent.
    pub auth: AuthStyle,
    /// Time allowed for one request.
    pub timeout: Duration,
    /// Refuse everything that changes the registry.
    pub read_only: bool,
    /// The one proxy to use.
    pub proxy: Option<String>,
    /// The only roots to trust, as PEM.
    pub ca_file: Option<PathBuf>,
    /// The pace of all requests.
    pub pacer: Arc<Pacer>,
}

/// Options no client can be made of.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A practice key for a real registry.
    #[error("the key was made by a practice registry and is refused at {0}")]
    PracticeKey(String),
    /// A proxy that is no URL.
    #[error("the proxy is no URL of an HTTP proxy")]
    Proxy,
    /// A root file that cannot be used.
    #[error("cannot use {path} as root certificates: {reason}")]
    Roots {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// TLS or client set-up failed.
    #[error(
        "cannot set up the HTTP client: this machine has no usable root certificates; install ca-certificates, or give --ca-file"
    )]
    Setup,
}

/// Why a call has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No answer.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// An answer, but not the one asked for.
    #[error(transparent)]
    Complaint(#[from] Complaint),
}

/// Why one try gave no answer.
enum Failed {
    Wire(WireError),
    Paused,
}

/// A client of one registry with one key.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: BaseUrl,
    key: ApiKey,
    auth: AuthStyle,
    read_only: bool,
    pacer: Arc<Pacer>,
}

impl Client {
    /// Makes a client.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        if options.key.is_practice() && !options.base.is_loopback() {
            return Err(ClientError::PracticeKey(options.base.to_string()));
        }
        // A provider that is there already serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = builder(&options)?.build().map_err(|_| ClientError::Setup)?;
        let ClientOptions { base, key, auth, read_only, pacer, .. } = options;
        Ok(Self { http, base, key, auth, read_only, pacer })
    }

    /// Sends one request at the pace, once.
    ///
    /// # Errors
    /// [`WireError`], which tells "proved not sent" from "no answer".
    pub async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        if self.read_only && request.effect != Effect::Read {
            return Err(WireError::Refused("--read-only refuses everything but reads".to_owned()));
        }
        let url = self.url(request)?;
        loop {
            self.pacer.turn().await;
            match self.once(request, url.clone()).await {
                // A pause came up while the connection was made: nothing was sent.
                Err(Failed::Paused) => {}
                Err(Failed::Wire(fault)) => return Err(fault),
                Ok(answer) => return Ok(answer),
            }
        }
    }

    /// Sends a request on a connection of its own.
    async fn once(&self, request: &WireRequest, url: Url) -> Result<RawAnswer, Failed> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut sending = self.http.request(method, url);
        if self.auth == AuthStyle::Header {
            sending = sending.header(AUTHORIZATION, self.authorization().map_err(Failed::Wire)?);
        }
        if let Some(body) = &request.body {
            sending = sending.body(body.clone());
        }
        match sending.send().await {
            Ok(response) => Ok(receive(response).await),
            Err(fault) if hand_over::is_paused(&fault) => Err(Failed::Paused),
            Err(fault) => Err(Failed::Wire(converted(&fault))),
        }
    }

    /// Sends a call and reads its answer.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn send<C: Call>(&self, call: &C) -> Result<C::Response, CallError> {
        let answer = self.exchange(&call.request()).await?;
        Ok(C::decode(&answer)?)
    }

    /// The pacer of this client.
    #[must_use]
    pub fn pacer(&self) -> &Pacer {
        &self.pacer
    }

    fn url(&self, request: &WireRequest) -> Result<Url, WireError> {
        let refused = || WireError::Refused("the path is no path of the registry".to_owned());
        let mut url = self.base.join(&request.path).ok_or_else(refused)?;
        if self.auth == AuthStyle::Query {
            url.query_pairs_mut().append_pair("apikey", self.key.expose());
        }
        Ok(url)
    }

    fn authorization(&self) -> Result<HeaderValue, WireError> {
        let mut value = HeaderValue::from_str(&format!("ApiKey {}", self.key.expose()))
            .map_err(|_| WireError::Refused("the key cannot stand in a header".to_owned()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

fn builder(options: &ClientOptions) -> Result<reqwest::ClientBuilder, ClientError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, XML);
    headers.insert(ACCEPT, XML);
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("swip/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .https_only(options.base.is_https())
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(options.timeout)
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        // A connection for each request: an idle one that the server just closed would make the
        // outcome of a write unknown for nothing, and a fresh one is counted as it is used.
        .pool_max_idle_per_host(0)
        .connector_layer(HandOver::new(Arc::clone(&options.pacer)));
    if let Some(proxy) = &options.proxy {
        let proxy = reqwest::Proxy::all(proxy).map_err(|_| ClientError::Proxy)?;
        builder = builder.proxy(proxy);
    }
    if let Some(path) = &options.ca_file {
        let roots = |reason: String| ClientError::Roots { path: path.clone(), reason };
        let pem = std::fs::read(path).map_err(|fault| roots(fault.to_string()))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|_| roots("it holds no PEM certificate".to_owned()))?;
        if certificates.is_empty() {
            return Err(roots("it holds no PEM certificate".to_owned()));
        }
        builder = builder.tls_certs_only(certificates);
    } else if !options.base.is_https() {
        // Plain HTTP on loopback must work on a machine that has no root certificates at all.
        builder = builder.tls_certs_only([]);
    }
    Ok(builder)
}

/// Converts an error of the HTTP crate, which may hold the URL, into ours, which never does.
fn converted(fault: &reqwest::Error) -> WireError {
    if fault.is_connect() {
        return WireError::NotSent(
            "cannot connect to the registry (name, address, or TLS)".to_owned(),
        );
    }
    if fault.is_builder() {
        return WireError::Refused("the request could not be built".to_owned());
    }
    if fault.is_timeout() {
        return WireError::NoAnswer("the time allowed for the answer ran out".to_owned());
    }
    WireError::NoAnswer("the connection ended before an answer came".to_owned())
}

/// Reads an answer up to the cap; what came before it broke off is kept.
async fn receive(mut response: reqwest::Response) -> RawAnswer {
    let text = |name: &str| {
        let value = response.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let mut answer = RawAnswer {
        status: response.status().as_u16(),
        content_type: text("content-type"),
        content_encoding: text("content-encoding"),
        retry_after: response
            .headers()
            .get_all("retry-after")
            .iter()
            .filter_map(|value| value.to_str().ok().map(str::to_owned))
            .collect(),
        date: text("date"),
        location_host: text("location")
            .and_then(|location| Url::parse(&location).ok()?.host_str().map(str::to_owned)),
        filename: None,
        body: Vec::new(),
        truncated: false,
    };
    loop {
        match response.chunk().await {
            Ok(None) => return answer,
            Ok(Some(chunk)) => answer.body.extend_from_slice(&chunk),
            Err(_) => {
                answer.truncated = true;
                return answer;
            }
        }
        if answer.body.len() > ANSWER_MAX_BYTES {
            answer.body.truncate(ANSWER_MAX_BYTES);
            answer.truncated = true;
            return answer;
        }
    }
}

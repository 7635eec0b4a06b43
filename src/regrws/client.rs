//! The transport: one request out, one answer or one reason in. The only place that sees the key.
//!
//! Owns HTTP settings and limits. Never repeats a request, follows no redirect, logs no URL. Must not know: XML, rows, journal.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response};
use url::Url;

use super::base::BaseUrl;
use super::border::converted;
use super::call::{self, Call};
use super::error::Complaint;
use super::hand_over::{self, HandOver};
use super::key::ApiKey;
use super::limits::limits;
use super::pace::Pacer;
use super::payload::ErrorPayload;
use super::wire::{Effect, Method, RawAnswer, WireError, WireRequest};

/// The media type of all but attachments.
const XML: HeaderValue = HeaderValue::from_static("application/xml");
/// What an attachment may be.
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

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

/// Why a file could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// No answer, or a refusal.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The file could not be written here.
    #[error("cannot write the file: {0}")]
    Write(#[from] std::io::Error),
}

impl From<WireError> for DownloadError {
    fn from(fault: WireError) -> Self {
        Self::Call(fault.into())
    }
}

/// A file that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Its name as the registry gave it: not to be trusted as a path.
    pub filename: Option<String>,
    /// How many bytes it has.
    pub bytes: u64,
}

/// A client of one registry with one key.
///
/// ```
/// use std::sync::Arc;
/// use swip::practice::{self, PracticeOptions};
/// use swip::regrws::{ApiKey, AuthStyle, BaseUrl, Client, ClientOptions, GetNet, Pacer};
///
/// # let parent = swip::domain::Parent {
/// #     net_handle: "NET-192-0-2-0-1".parse().unwrap(),
/// #     block: "192.0.2.0/24".parse().unwrap(),
/// #     kind: swip::domain::NetType::DirectAllocation,
/// #     active: true,
/// #     org: None,
/// #     managed: true,
/// # };
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let options = PracticeOptions { parents: vec![parent], ..PracticeOptions::default() };
/// let registry = practice::start(options).await?;
/// let client = Client::new(ClientOptions {
///     base: BaseUrl::parse(&registry.url())?,
///     key: ApiKey::parse(practice::KEY)?,
///     auth: AuthStyle::Header,
///     timeout: std::time::Duration::from_secs(30),
///     read_only: true,
///     proxy: None,
///     ca_file: None,
///     pacer: Arc::new(Pacer::new(None)),
/// })?;
/// let net = client.send(&GetNet("NET-192-0-2-0-1".parse()?)).await?;
/// assert_eq!(net.block.to_string(), "192.0.2.0/24");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: BaseUrl,
    key: ApiKey,
    auth: AuthStyle,
    read_only: bool,
    timeout: Duration,
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
        let ClientOptions { base, key, auth, read_only, timeout, pacer, .. } = options;
        Ok(Self { http, base, key, auth, read_only, timeout, pacer })
    }

    /// Sends one request at the pace, once.
    ///
    /// # Errors
    /// [`WireError`], which tells "proved not sent" from "no answer".
    pub async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        Ok(receive(self.begun(request, |sending| sending).await?).await)
    }

    /// Fetches a file at the pace, once, part by part into `file`; it is never whole in memory.
    ///
    /// # Errors
    /// [`DownloadError`]; what came before is in `file` then.
    pub async fn download(
        &self,
        request: &WireRequest,
        file: &mut (dyn std::io::Write + Send),
    ) -> Result<Download, DownloadError> {
        let any = |sending: RequestBuilder| sending.header(ACCEPT, ANYTHING);
        let response =
            self.begun(request, |sending| any(sending).timeout(limits().attachment_timeout));
        let mut response = response.await?;
        let head = headed(&response);
        if !response.status().is_success() || is_page(&head) {
            let complaint = call::read::<ErrorPayload>(&receive(response).await);
            let refusal = complaint.err().unwrap_or_else(|| Complaint::Unusable {
                status: head.status,
                reason: "it holds an error".to_owned(),
            });
            return Err(CallError::Complaint(refusal).into());
        }
        let mut bytes = 0;
        loop {
            let part = tokio::time::timeout(self.timeout, response.chunk()).await;
            let late = |_| WireError::NoAnswer("the time allowed for the file ran out".to_owned());
            let Some(part) = part.map_err(late)?.map_err(|fault| converted(&fault))? else {
                return Ok(Download { filename: head.filename, bytes });
            };
            bytes += part.len() as u64;
            let most = limits().attachment_max_bytes;
            if bytes > most {
                let reason = format!("the file is larger than {most} bytes");
                return Err(WireError::NoAnswer(reason).into());
            }
            file.write_all(&part)?;
        }
    }

    /// Sends one request at the pace, once, and waits for the head of its answer.
    async fn begun(
        &self,
        request: &WireRequest,
        with: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, WireError> {
        if self.read_only && request.effect != Effect::Read {
            return Err(WireError::Refused("--read-only refuses everything but reads".to_owned()));
        }
        let url = self.url(request)?;
        loop {
            self.pacer.turn().await;
            match with(self.sending(request, url.clone())?).send().await {
                Ok(response) => return Ok(response),
                // A pause came up while the connection was made: nothing was sent.
                Err(fault) if hand_over::is_paused(&fault) => {}
                Err(fault) => return Err(converted(&fault)),
            }
        }
    }

    /// A request with its key, on a connection of its own.
    fn sending(&self, request: &WireRequest, url: Url) -> Result<RequestBuilder, WireError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut sending = self.http.request(method, url);
        if self.auth == AuthStyle::Header {
            sending = sending.header(AUTHORIZATION, self.authorization()?);
        }
        if let Some(body) = &request.body {
            sending = sending.body(body.clone());
        }
        Ok(sending)
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

    /// The same, for a service beside it that shares the rate.
    #[must_use]
    pub fn shared_pacer(&self) -> Arc<Pacer> {
        Arc::clone(&self.pacer)
    }

    /// Where the registry is.
    #[must_use]
    pub const fn base(&self) -> &BaseUrl {
        &self.base
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
        .connect_timeout(limits().connect_timeout)
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

/// Whether an answer is a web page, as a proxy in front of the registry would send.
fn is_page(head: &RawAnswer) -> bool {
    head.content_type.as_deref().is_some_and(|kind| kind.starts_with("text/html"))
}

/// The name in `Content-Disposition`.
fn filename(disposition: &str) -> Option<String> {
    let (_, name) = disposition.split_once("filename=")?;
    let name = match name.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => name.split(';').next()?,
    };
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The head of an answer, without its body.
pub(crate) fn headed(response: &Response) -> RawAnswer {
    let text = |name: &str| {
        let value = response.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    RawAnswer {
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
        filename: text("content-disposition").as_deref().and_then(filename),
        body: Vec::new(),
        truncated: false,
    }
}

/// Reads an answer up to the cap; what came before it broke off is kept.
async fn receive(mut response: Response) -> RawAnswer {
    let mut answer = headed(&response);
    loop {
        match response.chunk().await {
            Ok(None) => return answer,
            Ok(Some(chunk)) => answer.body.extend_from_slice(&chunk),
            Err(_) => {
                answer.truncated = true;
                return answer;
            }
        }
        let most = usize::try_from(limits().answer_max_bytes).unwrap_or(usize::MAX);
        if answer.body.len() > most {
            answer.body.truncate(most);
            answer.truncated = true;
            return answer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_found() {
        for (disposition, name) in [
            ("attachment; filename=\"a b.csv\"", Some("a b.csv")),
            ("attachment; filename=report.zip; size=3", Some("report.zip")),
            ("attachment; filename=\"\"", None),
            ("attachment", None),
        ] {
            assert_eq!(filename(disposition).as_deref(), name, "{disposition}");
        }
    }
}

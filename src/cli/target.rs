//! Which registry a command speaks to, with which key and which defaults.
//!
//! Owns the choice, the key's sources and the defaults that depend on it. Must not know: rows.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::args::{Auth, Global};
use super::failure::Failure;
use super::units::{Rate, duration_text};
use crate::regrws::base::{ARIN, OTE};
use crate::regrws::{ApiKey, AuthStyle, BaseUrl, Client, ClientOptions, Limit, Pacer};
use crate::submission::LookFirst;

/// Time allowed for one request.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// Rate at ARIN and its test environment: two requests a second.
pub const RATE: &str = "2/s";
/// Requests in flight at ARIN and its test environment.
pub const CONCURRENCY: u16 = 4;
/// Requests in flight at a practice registry.
pub const CONCURRENCY_PRACTICE: u16 = 32;
/// Wait before an unknown outcome is read back, at ARIN and its test environment.
pub const SETTLE: Duration = Duration::from_secs(120);
/// The same at a practice registry.
pub const SETTLE_PRACTICE: Duration = Duration::from_secs(2);
/// Environment variable that may hold the key.
const KEY_VARIABLE: &str = "SWIP_API_KEY";
/// Name of the systemd credential that may hold the key.
const CREDENTIAL: &str = "swip-api-key";

/// Which registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One started inside this process.
    Practice,
    /// A server elsewhere.
    At {
        /// As the report names it.
        name: String,
        /// Where.
        base: BaseUrl,
    },
}

impl Target {
    /// Reads `--registry`.
    ///
    /// # Errors
    /// An address that is refused.
    pub fn parse(text: Option<&str>) -> Result<Self, Failure> {
        let name = text.unwrap_or("practice");
        let address = match name {
            "practice" => return Ok(Self::Practice),
            "arin" => ARIN,
            "ote" => OTE,
            url => url,
        };
        let base = BaseUrl::parse(address).map_err(|fault| Failure::usage(fault.to_string()))?;
        let name = if matches!(name, "arin" | "ote") { name.to_owned() } else { base.to_string() };
        Ok(Self::At { name, base })
    }

    /// As the report names it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Practice => "practice",
            Self::At { name, .. } => name,
        }
    }

    /// Whether it has the defaults of a practice registry.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Practice => true,
            Self::At { base, .. } => base.is_loopback(),
        }
    }

    /// The rate, if none is asked for.
    #[must_use]
    pub fn rate(&self) -> Option<Rate> {
        if self.is_local() { None } else { RATE.parse().ok() }
    }

    /// Requests in flight, if no number is asked for.
    #[must_use]
    pub fn concurrency(&self) -> u16 {
        if self.is_local() { CONCURRENCY_PRACTICE } else { CONCURRENCY }
    }

    /// The settle delay, if none is asked for.
    #[must_use]
    pub fn settle(&self) -> Duration {
        if self.is_local() { SETTLE_PRACTICE } else { SETTLE }
    }

    /// What *auto* means here: at ARIN *always*, until embedded customers are known to be atomic.
    #[must_use]
    pub fn look_first(&self) -> LookFirst {
        if self.is_local() { LookFirst::Auto } else { LookFirst::Always }
    }
}

/// The key for a registry: a file, else a systemd credential, else the environment.
///
/// # Errors
/// No key, an unreadable or public file, or a text that is no key.
pub fn key(global: &Global) -> Result<ApiKey, Failure> {
    let credential = std::env::var_os("CREDENTIALS_DIRECTORY")
        .map(|directory| PathBuf::from(directory).join(CREDENTIAL))
        .filter(|path| path.is_file());
    let text = match (&global.api_key_file, credential, std::env::var(KEY_VARIABLE)) {
        (Some(path), ..) => private_file(path)?,
        (None, Some(path), _) => std::fs::read_to_string(&path).map_err(|fault| {
            Failure::usage(format!("cannot read the credential {CREDENTIAL}: {fault}"))
        })?,
        (None, None, Ok(text)) => text,
        (None, None, Err(_)) => {
            return Err(Failure::usage(format!(
                "no API key: give --api-key-file PATH, or set {KEY_VARIABLE}; nothing was read or sent"
            )));
        }
    };
    ApiKey::parse(&text).map_err(|fault| Failure::usage(fault.to_string()))
}

/// Where the key would be read, without reading it.
#[must_use]
pub fn key_origin(global: &Global) -> String {
    let credential = std::env::var_os("CREDENTIALS_DIRECTORY")
        .is_some_and(|directory| PathBuf::from(directory).join(CREDENTIAL).is_file());
    match &global.api_key_file {
        Some(path) => format!("from the file {}", path.display()),
        None if credential => format!("from the systemd credential {CREDENTIAL}"),
        None if std::env::var_os(KEY_VARIABLE).is_some() => {
            format!("from the environment, {KEY_VARIABLE}")
        }
        None => "none".to_owned(),
    }
}

/// The default of an option that depends on the registry, as its option writes it.
#[must_use]
pub fn default_of(option: &str, target: &Target) -> Option<String> {
    match option {
        "registry" => Some(target.name().to_owned()),
        "auth" => Some("header".to_owned()),
        "timeout" => Some(duration_text(TIMEOUT)),
        "rate" => target.rate().map(|rate| rate.to_string()),
        "concurrency" => Some(target.concurrency().to_string()),
        "settle" => Some(duration_text(target.settle())),
        "customers" => Some("inline".to_owned()),
        "look-first" => Some("auto".to_owned()),
        "max-errors" => Some(crate::submission::MAX_ERRORS.to_string()),
        "log-format" => Some("text".to_owned()),
        "color" | "progress" => Some("auto".to_owned()),
        _ => None,
    }
}

/// Permission bits of group and others.
const NOT_OWNER: u32 = 0o077;

fn private_file(path: &Path) -> Result<String, Failure> {
    let fault =
        |reason: String| Failure::usage(format!("the key file {}: {reason}", path.display()));
    let kind = std::fs::metadata(path).map_err(|e| fault(format!("cannot be read: {e}")))?;
    if !kind.is_file() {
        return Err(fault("is no regular file".to_owned()));
    }
    if kind.mode() & NOT_OWNER != 0 {
        return Err(fault("others can read it; run chmod 600 on it".to_owned()));
    }
    std::fs::read_to_string(path).map_err(|e| fault(format!("cannot be read: {e}")))
}

/// Whether there is any key to begin with: the common one, or one of an org.
///
/// # Errors
/// As [`key`].
pub fn some_key(global: &Global, target: &Target) -> Result<(), Failure> {
    match target {
        Target::At { .. } if !global.settings.has_org_keys() => key(global).map(drop),
        _ => Ok(()),
    }
}

/// The key in a file that its owner alone can read.
///
/// # Errors
/// An unreadable or public file, or a text that is no key.
pub fn key_in(path: &Path) -> Result<ApiKey, Failure> {
    let text = private_file(path)?;
    ApiKey::parse(&text)
        .map_err(|fault| Failure::usage(format!("the key file {}: {fault}", path.display())))
}

/// A client of a registry.
///
/// # Errors
/// Options no client can be made of.
pub fn client(
    global: &Global,
    base: BaseUrl,
    key: ApiKey,
    rate: Option<Rate>,
) -> Result<Client, Failure> {
    client_at(global, base, key, &pacer(global, rate))
}

/// The pace of all requests of this process, whoever makes them and whatever key they carry: the
/// first rate that is asked for holds.
#[must_use]
pub fn pacer(global: &Global, rate: Option<Rate>) -> Arc<Pacer> {
    let limit = rate.map(|rate| Limit { count: rate.count.get(), window: rate.window() });
    Arc::clone(global.pacer.get_or_init(|| Arc::new(Pacer::new(limit))))
}

/// A client of a registry at a pace that others share.
///
/// # Errors
/// Options no client can be made of.
pub fn client_at(
    global: &Global,
    base: BaseUrl,
    key: ApiKey,
    pacer: &Arc<Pacer>,
) -> Result<Client, Failure> {
    let options = ClientOptions {
        base,
        key,
        auth: match global.auth {
            Some(Auth::Query) => AuthStyle::Query,
            _ => AuthStyle::Header,
        },
        timeout: global.timeout.unwrap_or(TIMEOUT),
        read_only: global.read_only,
        proxy: global.proxy.clone(),
        ca_file: global.ca_file.clone(),
        pacer: Arc::clone(pacer),
    };
    Client::new(options).map_err(|fault| Failure::usage(fault.to_string()))
}

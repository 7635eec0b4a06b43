//! The practice registry: a Reg-RWS server on loopback, strict and durable, to rehearse on.
//!
//! Judges by its own reading of ARIN's documents, with its own XML. Knows domain. Must never
//! know: intake, plan, regrws, journal, submission.
//!
//! A request goes from `http` through faults to the `service`, whose methods judge it by `rules`
//! on the [`world`], commit to the `store` and write the `answer`; every request ends in the
//! `ledger`.

mod answer;
mod faults;
mod http;
mod ledger;
mod rate;
mod rdap;
mod request;
mod rules;
mod seed;
mod service;
mod state;
mod store;
#[cfg(test)]
mod tests;
pub mod world;
mod xml;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::domain::{CustomerHandle, OrgHandle, Parent};
pub use faults::{Fault, FaultRule, Faults, Phase, When};
pub use rate::RateLimit;
pub use seed::DEFAULT_ORG;
use service::Service;
use store::Store;
pub use store::StorePaths;
use world::World;

/// The key of every practice registry; no secret.
pub const KEY: &str = "API-0000-0000-5A1D-CAFE";

/// How the registry behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// ARIN in 2026.
    #[default]
    Current,
    /// The older method document: large requests get tickets, recipient orgs can be created.
    Classic,
}

/// Whether a customer inside a net is created together with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmbeddedCustomer {
    /// Both or neither, as ARIN's own client relies on.
    #[default]
    Atomic,
    /// The customer first, in a transaction of its own: it stays when the net is refused.
    Separate,
}

/// When tickets are resolved, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TicketPolicy {
    /// Requests for a ticket after which it is resolved, unless time decides.
    pub polls: u32,
    /// Time after which a ticket is resolved, however often it is asked for.
    pub after: Option<Duration>,
    /// Percentage of requests (not reports) that are denied.
    pub denied: f64,
}

impl Default for TicketPolicy {
    fn default() -> Self {
        Self { polls: 2, after: None, denied: 0.0 }
    }
}

/// What the public directory shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RdapPolicy {
    /// How long after a commit it shows there.
    pub lag: Duration,
    /// Most nets in one answer; more are left out, and a notice says so.
    pub limit: usize,
}

impl Default for RdapPolicy {
    fn default() -> Self {
        Self { lag: Duration::ZERO, limit: 256 }
    }
}

/// How the registry judges and answers; nothing of it changes while it runs.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// Which document holds.
    pub profile: Profile,
    /// When tickets are resolved.
    pub tickets: TicketPolicy,
    /// Whether embedded customers are atomic with their nets.
    pub embedded_customer: EmbeddedCustomer,
    /// What chance is decided by.
    pub seed: u64,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// How many requests it takes in any window.
    pub rate: Option<RateLimit>,
    /// How long every answer waits.
    pub latency: Option<Duration>,
    /// What RDAP shows.
    pub rdap: RdapPolicy,
}

/// What a practice registry is made of.
#[derive(Clone, Debug)]
pub struct PracticeOptions {
    /// Where it listens; loopback only.
    pub listen: SocketAddr,
    /// The nets at the top of its world.
    pub parents: Vec<Parent>,
    /// Recipient orgs it knows.
    pub orgs: Vec<OrgHandle>,
    /// Customers it knows.
    pub customers: Vec<CustomerHandle>,
    /// How it behaves.
    pub behaviour: Behaviour,
    /// Where its world is kept; in memory alone without.
    pub store: Option<StorePaths>,
}

impl Default for PracticeOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            parents: Vec::new(),
            orgs: Vec::new(),
            customers: Vec::new(),
            behaviour: Behaviour::default(),
            store: None,
        }
    }
}

/// Why a practice registry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// It would be reachable from elsewhere.
    #[error("the practice registry listens on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The socket or the world's files.
    #[error("the practice registry cannot start: {0}")]
    Io(#[from] std::io::Error),
}

/// A running practice registry.
#[derive(Debug)]
pub struct Practice {
    address: SocketAddr,
    service: Arc<Service>,
    accept: JoinHandle<()>,
}

/// Starts a practice registry.
///
/// # Errors
/// [`PracticeError`].
pub async fn start(options: PracticeOptions) -> Result<Practice, PracticeError> {
    if !options.listen.ip().is_loopback() {
        return Err(PracticeError::NotLoopback(options.listen));
    }
    let (mut store, mut world) = match options.store {
        Some(paths) => {
            let (store, world) = Store::open(paths)?;
            (Some(store), world)
        }
        None => (None, World::default()),
    };
    let missing = seed::changes(&world, &options.parents, &options.orgs, &options.customers);
    if let Some(store) = &mut store {
        store.append(&missing)?;
    }
    missing.into_iter().for_each(|change| world.apply(change));
    let service = Arc::new(Service::new(world, store, options.behaviour));
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let accept = tokio::spawn(http::accept(listener, Arc::clone(&service)));
    Ok(Practice { address, service, accept })
}

impl Practice {
    /// Its address, without `/rest`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The id of its world.
    #[must_use]
    pub fn world_id(&self) -> String {
        self.service.world(|world| world.id.clone())
    }

    /// Its keys, the one that speaks for most first.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let mut keys = self.service.world(|world| world.keys.values().cloned().collect::<Vec<_>>());
        keys.sort_by_key(|key| std::cmp::Reverse(key.orgs.len()));
        keys.into_iter().map(|key| key.key).collect()
    }

    /// Stops: takes no request any more, and writes the snapshot.
    ///
    /// # Errors
    /// Whatever writing the snapshot raises.
    pub fn stop(self) -> std::io::Result<()> {
        self.accept.abort();
        self.service.close()
    }
}

/// Seconds by which the registry's clock lies behind UTC: that of ARIN's office in winter.
const OFFSET_SECONDS: i64 = 5 * 3600;

/// The registry's clock: ISO 8601 with offset, as `2026-11-23T09:35:14-05:00`.
fn now() -> String {
    let local = Timestamp::now() - SignedDuration::from_secs(OFFSET_SECONDS);
    format!("{}-05:00", local.to_string().get(..19).unwrap_or_default())
}

/// Milliseconds since the Unix epoch.
fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

//! The practice registry: a Reg-RWS server on loopback, strict and durable, to rehearse on.
//!
//! Judges by its own reading of ARIN's documents, with its own XML. Knows domain. Must never
//! know: intake, plan, regrws, journal, submission.

mod answer;
mod rules;
mod service;
mod store;
#[cfg(test)]
mod tests;
pub mod world;
mod xml;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::domain::{CustomerHandle, OrgHandle, Parent};
use service::{Asked, Service};
use store::Store;
pub use store::StorePaths;
use world::{Change, CustomerRecord, NetRecord, OrgRecord, World};

/// The org that holds parents whose file names none.
pub const DEFAULT_ORG: &str = "EXAMPLE-1";
/// Largest body that is read.
const BODY_MAX_BYTES: usize = 1024 * 1024;
/// The key of every practice registry; no secret.
pub const KEY: &str = "API-0000-0000-5A1D-CAFE";

/// How the registry behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// ARIN in 2026.
    #[default]
    Current,
    /// The older method document: large requests get tickets.
    Classic,
}

/// What a practice registry is made of.
#[derive(Debug)]
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
    pub profile: Profile,
    /// Where its world is kept; in memory alone without.
    pub store: Option<StorePaths>,
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
    let missing = seed(&world, &options.parents, &options.orgs, &options.customers);
    if let Some(store) = &mut store {
        store.append(&missing)?;
    }
    missing.into_iter().for_each(|change| world.apply(change));
    let service = Arc::new(Service::new(world, store, KEY.to_owned(), options.profile));
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let accept = tokio::spawn(accept(listener, Arc::clone(&service)));
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
        self.service.world_id()
    }

    /// Stops accepting and writes the snapshot.
    ///
    /// # Errors
    /// Whatever writing the snapshot raises.
    pub fn stop(self) -> std::io::Result<()> {
        self.accept.abort();
        self.service.snapshot()
    }
}

async fn accept(listener: TcpListener, service: Arc<Service>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            let handle = service_fn(move |request| respond(Arc::clone(&service), request));
            let connection = hyper::server::conn::http1::Builder::new();
            // A client that goes away is no fault of ours.
            let _ = connection.serve_connection(TokioIo::new(stream), handle).await;
        });
    }
}

async fn respond(
    service: Arc<Service>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
    let (head, body) = request.into_parts();
    let header = |name: &str| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
    let read = Limited::new(body, BODY_MAX_BYTES).collect().await;
    let asked = Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: header("authorization"),
        content_type: header("content-type"),
        accept: header("accept"),
        body: read.map(|body| body.to_bytes().to_vec()).unwrap_or_default(),
    };
    let answered = service.answer(&asked);
    let mut response = Response::new(Full::from(answered.body));
    *response.status_mut() = hyper::StatusCode::from_u16(answered.status).unwrap_or_default();
    let kind = hyper::header::HeaderValue::from_static(answered.content_type);
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
    Ok(response)
}

/// The registry's clock: ISO 8601 with offset.
fn now() -> String {
    let now = Timestamp::now().to_string();
    format!("{}+00:00", now.get(..19).unwrap_or_default())
}

/// What the world lacks of what the options name.
fn seed(
    world: &World,
    parents: &[Parent],
    orgs: &[OrgHandle],
    customers: &[CustomerHandle],
) -> Vec<Change> {
    let mut changes = Vec::new();
    if world.id.is_empty() {
        let id = Timestamp::now().as_nanosecond();
        changes.push(Change::World(format!("world-{:x}-{:x}", id, std::process::id())));
    }
    let holder =
        |parent: &Parent| parent.org.as_ref().map_or(DEFAULT_ORG, OrgHandle::as_str).to_owned();
    let managed: std::collections::BTreeSet<String> =
        parents.iter().filter(|p| p.managed).map(holder).collect();
    let all = parents.iter().map(holder).chain(orgs.iter().map(ToString::to_string));
    for handle in all.collect::<std::collections::BTreeSet<String>>() {
        if !world.orgs.contains_key(&handle) {
            let ours = managed.contains(&handle);
            changes.push(org(handle, ours));
        }
    }
    changes.extend(
        customers.iter().filter(|c| !world.customers.contains_key(c.as_str())).map(customer),
    );
    let mut sorted: Vec<&Parent> = parents.iter().collect();
    sorted.sort_by_key(|parent| std::cmp::Reverse(parent.block.size()));
    for parent in &sorted {
        if !world.nets.contains_key(parent.net_handle.as_str()) {
            changes.push(Change::Net(top(parent, holder(parent), &sorted)));
        }
    }
    changes
}

fn org(handle: String, managed: bool) -> Change {
    let poc = |kind: &str| format!("{kind}-{handle}");
    let pocs = [("AD", "ADMIN"), ("T", "TECH"), ("AB", "ABUSE")];
    Change::Org(OrgRecord {
        org_name: handle.clone(),
        pocs: pocs.iter().map(|(code, kind)| ((*code).to_owned(), poc(kind))).collect(),
        accept_reassignments: true,
        managed,
        registration_date: now(),
        handle,
    })
}

fn customer(handle: &CustomerHandle) -> Change {
    Change::Customer(CustomerRecord {
        handle: handle.to_string(),
        customer_name: format!("Customer {handle}"),
        parent_org_handle: DEFAULT_ORG.to_owned(),
        street_address: vec!["1 Example Street".to_owned()],
        city: Some("Reston".to_owned()),
        state: Some("VA".to_owned()),
        postal_code: Some("20190".to_owned()),
        country: "US".to_owned(),
        registration_date: now(),
        ..CustomerRecord::default()
    })
}

/// A parent as a net; inside a larger parent that can be subdivided, it is that one's child.
fn top(parent: &Parent, org: String, all: &[&Parent]) -> NetRecord {
    let around = |other: &&&Parent| {
        other.block != parent.block
            && other.kind.can_be_subdivided()
            && other.block.contains(&parent.block)
    };
    let outer = all.iter().filter(around).min_by_key(|other| other.block.size());
    NetRecord {
        handle: parent.net_handle.to_string(),
        parent_net_handle: outer.map(|other| other.net_handle.to_string()),
        net_name: parent.net_handle.to_string(),
        kind: parent.kind.clone(),
        range: parent.block,
        start_address: parent.block.first().to_string(),
        end_address: parent.block.last().to_string(),
        active: parent.active,
        customer_handle: None,
        org_handle: Some(org),
        comment: Vec::new(),
        registration_date: now(),
    }
}

//! The methods: a request in, an answer out, changes made durable in between.
//!
//! Owns authentication, routing and the commit. Must not know: sockets, how XML is written.

use std::sync::Mutex;
use std::time::Instant;

use serde_json::json;

use super::answer::{self, Refusal};
use super::rules::{self, Recipient};
use super::store::Store;
use super::world::{Change, NetRecord, TicketRecord, World};
use super::xml::{self, Element};
use super::{Profile, now};
use crate::domain::AddressRange;
use crate::domain::block::parse_registry_address;

/// Largest IPv4 simple reassignment that the classic profile decides at once: a /21.
const CLASSIC_AT_ONCE: u128 = 1 << 11;
/// Polls after which a ticket of the classic profile closes.
const POLLS_TO_CLOSE: u32 = 2;

/// A request as the server hands it over.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) authorization: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) accept: Option<String>,
    pub(super) body: Vec<u8>,
}

/// An answer, and what it did.
#[derive(Clone, Debug, Default)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: String,
    pub(super) committed: bool,
    net_handle: Option<String>,
    customer_handle: Option<String>,
    ticket: Option<String>,
}

impl Answered {
    fn xml(body: String) -> Self {
        Self { status: 200, content_type: "application/xml", body, ..Self::default() }
    }
}

impl From<Refusal> for Answered {
    fn from(refusal: Refusal) -> Self {
        Self { status: refusal.status, ..Self::xml(refusal.xml()) }
    }
}

/// The registry without its sockets.
#[derive(Debug)]
pub(super) struct Service {
    state: Mutex<State>,
    key: String,
    profile: Profile,
    begin: Instant,
}

#[derive(Debug)]
struct State {
    world: World,
    store: Option<Store>,
    ledger: Vec<String>,
}

impl Service {
    pub(super) fn new(world: World, store: Option<Store>, key: String, profile: Profile) -> Self {
        let state = State { world, store, ledger: Vec::new() };
        Self { state: Mutex::new(state), key, profile, begin: Instant::now() }
    }

    fn state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The world's id.
    pub(super) fn world_id(&self) -> String {
        self.state(|state| state.world.id.clone())
    }

    /// Writes the snapshot.
    pub(super) fn snapshot(&self) -> std::io::Result<()> {
        self.state(|state| match state.store.as_mut() {
            Some(store) => store.snapshot(&state.world),
            None => Ok(()),
        })
    }

    /// Answers a request and notes it in the ledger.
    pub(super) fn answer(&self, asked: &Asked) -> Answered {
        if let Some(what) = asked.path.strip_prefix("/_practice/") {
            return self.about(what);
        }
        self.state(|state| {
            let answered = self.judged(state, asked).unwrap_or_else(Answered::from);
            state.note(asked, &answered, self.begin);
            answered
        })
    }

    fn about(&self, what: &str) -> Answered {
        self.state(|state| match what {
            "world" => Answered {
                content_type: "application/json",
                ..Answered::xml(state.world_json(&self.key))
            },
            "ledger" => Answered {
                content_type: "application/x-ndjson",
                ..Answered::xml(state.ledger.concat())
            },
            _ => Refusal::new(404, "E_OBJECT_NOT_FOUND", "There is no such page.").into(),
        })
    }

    fn judged(&self, state: &mut State, asked: &Asked) -> Result<Answered, Refusal> {
        self.authenticate(asked)?;
        let xml = |text: &Option<String>| text.as_deref().map(|t| t.starts_with("application/xml"));
        if xml(&asked.content_type) != Some(true) {
            return Err(Refusal::new(
                415,
                "E_UNSUPPORTED_MEDIA_TYPE",
                "Content-Type must be application/xml.",
            ));
        }
        let any = asked.accept.as_deref().is_none_or(|accept| accept.contains("*/*"));
        if !any && xml(&asked.accept) != Some(true) {
            return Err(Refusal::new(
                406,
                "E_NOT_ACCEPTABLE",
                "Only application/xml can be produced.",
            ));
        }
        let path = asked.path.trim_end_matches('/');
        let Some(path) = path.strip_prefix("/rest/") else { return Err(no_method()) };
        let parts: Vec<&str> = path.split('/').collect();
        match (asked.method.as_str(), parts.as_slice()) {
            ("PUT", ["net", parent, verb @ ("reassign" | "reallocate")]) => {
                self.assign(state, parent, &body(asked, "net")?, *verb == "reallocate")
            }
            ("POST", ["net", parent, "customer"]) => {
                create_customer(state, parent, &body(asked, "customer")?)
            }
            ("DELETE", ["net", handle]) => delete_net(state, handle),
            ("DELETE", ["customer", handle]) => delete_customer(state, handle),
            ("GET", ["ticket", number, "summary"]) => summary(state, number),
            ("GET", parts) => read(&state.world, parts),
            _ => Err(no_method()),
        }
    }

    fn authenticate(&self, asked: &Asked) -> Result<(), Refusal> {
        let header = asked.authorization.as_deref().and_then(|value| value.strip_prefix("ApiKey "));
        let query = asked.query.split('&').find_map(|pair| pair.strip_prefix("apikey="));
        if header.or(query) == Some(self.key.as_str()) {
            return Ok(());
        }
        let message = "The API key specified was missing or invalid.";
        Err(Refusal::new(400, "E_AUTHENTICATION", message))
    }

    fn assign(
        &self,
        state: &mut State,
        parent: &str,
        net: &Element,
        reallocate: bool,
    ) -> Result<Answered, Refusal> {
        let sound = rules::judge(&state.world, parent, net, reallocate)?;
        let mut changes = Vec::new();
        let (customer_handle, org_handle) = match sound.recipient {
            Recipient::Customer(handle) => (Some(handle), None),
            Recipient::Org(handle) => (None, Some(handle)),
            Recipient::NewCustomer(customer) => {
                let handle = customer.handle.clone();
                changes.push(Change::Customer(*customer));
                (Some(handle), None)
            }
        };
        let simple = customer_handle.is_some();
        let record = NetRecord {
            handle: state.world.free_net_handle(&sound.range),
            parent_net_handle: Some(parent.to_owned()),
            net_name: sound.net_name,
            kind: rules::kind(reallocate),
            start_address: sound.range.first().to_string(),
            end_address: sound.range.last().to_string(),
            range: sound.range,
            active: true,
            customer_handle: customer_handle.clone(),
            org_handle,
            comment: sound.comment,
            registration_date: now(),
        };
        let v4 = record.range.family() == crate::domain::Family::V4;
        let large = v4 && record.range.size() > CLASSIC_AT_ONCE;
        if self.profile == Profile::Classic && large {
            let ticket = state
                .ticket(if simple { "IPV4_SIMPLE_REASSIGN" } else { "IPV4_REALLOCATE" }, record);
            changes.push(Change::Ticket(ticket.clone()));
            state.commit(changes)?;
            let number = Some(ticket.ticket_no.clone());
            return Ok(Answered {
                committed: true,
                ticket: number,
                customer_handle,
                ..Answered::xml(answer::ticketed(&ticket))
            });
        }
        changes.push(Change::Net(record.clone()));
        state.commit(changes)?;
        let net_handle = Some(record.handle.clone());
        Ok(Answered {
            committed: true,
            net_handle,
            customer_handle,
            ..Answered::xml(answer::done(&record))
        })
    }
}

impl State {
    /// Makes changes durable, then true.
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), Refusal> {
        if let Some(store) = &mut self.store
            && store.append(&changes).is_err()
        {
            return Err(Refusal::new(
                500,
                "E_UNSPECIFIED",
                "An error occurred while attempting to process your request.",
            ));
        }
        changes.into_iter().for_each(|change| self.world.apply(change));
        Ok(())
    }

    fn ticket(&self, kind: &str, net: NetRecord) -> TicketRecord {
        let day = now().get(..10).unwrap_or_default().replace('-', "");
        TicketRecord {
            ticket_no: format!("{day}-X{}", self.world.tickets.len() + 1),
            kind: kind.to_owned(),
            status: "PENDING_REVIEW".to_owned(),
            resolution: None,
            created_date: now(),
            polls: 0,
            net: Some(net),
        }
    }

    fn note(&mut self, asked: &Asked, answered: &Answered, begin: Instant) {
        let key_in = if asked.authorization.is_some() {
            "header"
        } else if asked.query.contains("apikey=") {
            "query"
        } else {
            "none"
        };
        let line = json!({
            "seq": self.ledger.len() + 1,
            "t_ms": u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
            "method": asked.method,
            "path": asked.path,
            "status": answered.status,
            "key_in": key_in,
            "fault": null,
            "committed": answered.committed,
            "net_handle": answered.net_handle,
            "customer_handle": answered.customer_handle,
            "ticket": answered.ticket,
        });
        let line = format!("{line}\n");
        if let Some(store) = &mut self.store {
            // The ledger is for people; a full disk shows in the commit log.
            let _ = store.note(&line);
        }
        self.ledger.push(line);
    }

    fn world_json(&self, key: &str) -> String {
        let world = &self.world;
        let values = json!({
            "id": world.id,
            "orgs": world.orgs.values().collect::<Vec<_>>(),
            "pocs": world.orgs.values().flat_map(|org| &org.pocs).map(|(_, poc)| poc).collect::<std::collections::BTreeSet<_>>(),
            "nets": world.nets.values().collect::<Vec<_>>(),
            "customers": world.customers.values().collect::<Vec<_>>(),
            "delegations": [],
            "tickets": world.tickets.values().collect::<Vec<_>>(),
            "keys": [key],
        });
        format!("{values:#}\n")
    }
}

fn no_method() -> Refusal {
    Refusal::new(405, "E_METHOD_NOT_ALLOWED", "The method and URL match no service.")
}

/// The body under the expected root, valid by the schema.
fn body(asked: &Asked, root: &str) -> Result<Element, Refusal> {
    let element = xml::parse(&asked.body).map_err(Refusal::schema)?;
    if element.name != root {
        return Err(Refusal::schema(format!(
            "<{}> stands where <{root}> is expected",
            element.name
        )));
    }
    xml::check(&element).map_err(Refusal::schema)?;
    Ok(element)
}

fn create_customer(
    state: &mut State,
    parent: &str,
    customer: &Element,
) -> Result<Answered, Refusal> {
    let parent = rules::parent(&state.world, parent)?;
    let record = rules::new_customer(&state.world, customer, parent)?;
    state.commit(vec![Change::Customer(record.clone())])?;
    let customer_handle = Some(record.handle.clone());
    Ok(Answered { committed: true, customer_handle, ..Answered::xml(answer::customer(&record)) })
}

fn delete_net(state: &mut State, handle: &str) -> Result<Answered, Refusal> {
    let net = state.world.nets.get(handle).cloned().ok_or_else(|| Refusal::not_found("net"))?;
    let parent = net.parent_net_handle.as_deref().unwrap_or_default();
    rules::parent(&state.world, parent)?;
    if !matches!(net.kind.code(), "A" | "S") {
        return Err(Refusal::entity(
            "type",
            "Only reallocations and reassignments can be deleted.",
        ));
    }
    if state.world.has_children(handle) {
        let message = "The net has children; removing it takes a ticket.";
        return Err(Refusal::new(409, "E_NOT_REMOVEABLE", message));
    }
    state.commit(vec![Change::NetGone(handle.to_owned())])?;
    Ok(Answered {
        committed: true,
        net_handle: Some(net.handle.clone()),
        ..Answered::xml(answer::done(&net))
    })
}

fn delete_customer(state: &mut State, handle: &str) -> Result<Answered, Refusal> {
    let customer = state.world.customers.get(handle).cloned();
    let customer = customer.ok_or_else(|| Refusal::not_found("customer"))?;
    if state.world.net_of_customer(handle).is_some() {
        return Err(Refusal::new(
            409,
            "E_NOT_REMOVEABLE",
            "The customer is still linked to a net.",
        ));
    }
    state.commit(vec![Change::CustomerGone(handle.to_owned())])?;
    let customer_handle = Some(customer.handle.clone());
    Ok(Answered { committed: true, customer_handle, ..Answered::xml(answer::customer(&customer)) })
}

/// A ticket's summary; in the classic profile asking moves it on, until it closes.
fn summary(state: &mut State, number: &str) -> Result<Answered, Refusal> {
    let ticket = state.world.tickets.get(number).cloned();
    let mut ticket = ticket.ok_or_else(|| Refusal::not_found("ticket"))?;
    if ticket.status != "CLOSED" {
        ticket.polls += 1;
        let mut changes = Vec::new();
        if ticket.polls >= POLLS_TO_CLOSE {
            ticket.status = "CLOSED".to_owned();
            let net = ticket.net.take();
            let free = net.filter(|net| {
                let parent = net.parent_net_handle.as_deref().unwrap_or_default();
                !state.world.overlaps_child(parent, &net.range)
            });
            let resolution = if free.is_some() { "PROCESSED" } else { "DENIED" };
            ticket.resolution = Some(resolution.to_owned());
            changes.extend(free.map(Change::Net));
        }
        changes.push(Change::Ticket(ticket.clone()));
        state.commit(changes)?;
    }
    Ok(Answered {
        ticket: Some(ticket.ticket_no.clone()),
        ..Answered::xml(answer::ticket(&ticket))
    })
}

/// The reads.
fn read(world: &World, parts: &[&str]) -> Result<Answered, Refusal> {
    match parts {
        ["net", handle] => {
            let net = world.nets.get(*handle).ok_or_else(|| Refusal::not_found("net"))?;
            Ok(Answered::xml(answer::net(net)))
        }
        ["customer", handle] => {
            let customer =
                world.customers.get(*handle).ok_or_else(|| Refusal::not_found("customer"))?;
            Ok(Answered::xml(answer::customer(customer)))
        }
        ["org", handle] => {
            let org = world.orgs.get(*handle).ok_or_else(|| Refusal::not_found("org"))?;
            Ok(Answered::xml(answer::org(org)))
        }
        ["net", "netsByIpRange", start, end] => {
            let nets = world.at(&ends(start, end)?);
            if nets.is_empty() {
                Err(Refusal::not_found("net"))
            } else {
                Ok(Answered::xml(answer::nets(&nets)))
            }
        }
        ["net", "mostSpecificNet", start, end] => {
            let nets = world.at(&ends(start, end)?);
            let net = nets.into_iter().max_by_key(|net| net.registration_date.clone());
            Ok(Answered::xml(answer::net(net.ok_or_else(|| Refusal::not_found("net"))?)))
        }
        ["net", "parentNet", start, end] => {
            let net =
                world.parent_of(&ends(start, end)?).ok_or_else(|| Refusal::not_found("net"))?;
            Ok(Answered::xml(answer::net(net)))
        }
        _ => Err(no_method()),
    }
}

fn ends(start: &str, end: &str) -> Result<AddressRange, Refusal> {
    let address = |text: &str| {
        let text = percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        parse_registry_address(&text)
    };
    let range = address(start).zip(address(end)).and_then(|(a, b)| AddressRange::new(a, b).ok());
    range.ok_or_else(|| Refusal::new(400, "E_BAD_REQUEST", "The range is not valid."))
}

//! The methods: a request in, an answer out, changes made durable in between.
//!
//! Owns authentication, media types, routing and the commit; one file an object. Must not know:
//! sockets, how XML is written.

mod customer;
mod delegation;
mod desk;
mod net;
mod org;
mod poc;
mod report;
mod ticket;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::answer::Refusal;
use super::faults::{self, Fault, FaultRule, Phase};
use super::ledger::{Entry, Ledger};
use super::rate::RateWindow;
use super::rdap::Public;
use super::request::{Asked, Route};
use super::store::{Flush, Store};
use super::world::{Change, World};
use super::{Behaviour, now_ms, state};
use desk::Desk;

/// XML, as every payload is.
const XML: &str = "application/xml";
/// JSON, as everything about the registry itself is.
const JSON: &str = "application/json";

/// An answer, and what it did.
#[derive(Clone, Debug, Default)]
pub(super) struct Answered {
    /// HTTP status.
    pub(super) status: u16,
    /// Its `Content-Type`.
    pub(super) content_type: &'static str,
    /// Its `Content-Disposition`.
    pub(super) disposition: Option<String>,
    /// Body.
    pub(super) body: Vec<u8>,
    /// Whether the registry changed.
    pub(super) committed: bool,
    /// The net that was made, changed or removed.
    pub(super) net_handle: Option<String>,
    /// The customer that was made, changed or removed.
    pub(super) customer_handle: Option<String>,
    /// The ticket that was made.
    pub(super) ticket: Option<String>,
    /// Why it was refused, for people.
    pub(super) verdict: String,
    /// How many bytes the commit log had when it was judged, if it added to them.
    pub(super) logged: Option<u64>,
}

impl Answered {
    pub(super) fn of(content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, content_type, body: body.into(), ..Self::default() }
    }

    /// A good answer in XML.
    fn xml(body: String) -> Self {
        Self::of(XML, body)
    }

    /// A good answer to a write.
    fn committed(body: String) -> Self {
        Self { committed: true, ..Self::xml(body) }
    }

    /// The same, about a net and its customer.
    fn net(self, handle: &str, customer: Option<String>) -> Self {
        Self { net_handle: Some(handle.to_owned()), customer_handle: customer, ..self }
    }

    /// The same, about a customer.
    fn customer(self, handle: &str) -> Self {
        Self { customer_handle: Some(handle.to_owned()), ..self }
    }

    /// The same, about a ticket.
    fn ticket(self, number: &str) -> Self {
        Self { ticket: Some(number.to_owned()), ..self }
    }

    /// The body as text.
    #[cfg(test)]
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl From<Refusal> for Answered {
    fn from(refusal: Refusal) -> Self {
        let verdict = refusal.to_string();
        Self { status: refusal.status, verdict, ..Self::xml(refusal.xml()) }
    }
}

/// A request that arrived: its number and time in the ledger, and what will go wrong with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    seq: u64,
    t_ms: u64,
    /// The fault it gets, and how long that takes if its rule says so.
    pub(super) fault: Option<(Fault, Option<Duration>)>,
    /// Seconds after which there is room again, if there were too many requests.
    pub(super) too_many: Option<u64>,
}

/// The registry without its sockets.
#[derive(Debug)]
pub(super) struct Service {
    state: Mutex<State>,
    flush: Option<Flush>,
    behaviour: Behaviour,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) world: World,
    store: Option<Store>,
    ledger: Ledger,
    faults: faults::Desk,
    window: RateWindow,
    public: Public,
    /// Whether the registry has stopped: nothing is taken any more.
    closed: bool,
}

impl Service {
    pub(super) fn new(world: World, store: Option<Store>, behaviour: Behaviour) -> Self {
        let age = u64::try_from(now_ms() - world.began_ms).unwrap_or(0);
        let noted = store.as_ref().map_or(0, |store| store.noted);
        let flush = store.as_ref().map(Store::flush);
        let state = State {
            ledger: Ledger::new(noted, Duration::from_millis(age)),
            faults: faults::Desk::new(behaviour.seed, behaviour.faults.rules()),
            window: RateWindow::default(),
            public: Public::new(&world, behaviour.rdap),
            closed: false,
            world,
            store,
        };
        Self { state: Mutex::new(state), flush, behaviour }
    }

    fn state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the world.
    pub(super) fn world<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        self.state(|state| look(&state.world))
    }

    /// How it behaves.
    pub(super) const fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Takes nothing any more, and writes the snapshot.
    pub(super) fn close(&self) -> std::io::Result<()> {
        self.state(|state| {
            state.closed = true;
            match state.store.as_mut() {
                Some(store) => store.snapshot(&state.world),
                None => Ok(()),
            }
        })
    }

    /// A request arrives; `None` when the registry has stopped.
    pub(super) fn arrive(&self, asked: &Asked) -> Option<Arrival> {
        self.state(|state| {
            if state.closed {
                return None;
            }
            let (seq, t_ms) = state.ledger.arrive();
            let limit = self.behaviour.rate;
            let too_many = limit.and_then(|limit| state.window.take(limit, Instant::now()));
            let fault = if too_many.is_none() { state.faults.draw(asked) } else { None };
            Some(Arrival { seq, t_ms, fault, too_many })
        })
    }

    /// Judges a request and does what it asks for, unless its fault strikes before the commit.
    pub(super) fn perform(&self, asked: &Asked, fault: Option<Fault>) -> Answered {
        self.state(|state| {
            let before = state.logged();
            let judged = self.judged(state, asked, fault);
            let logged = Some(state.logged()).filter(|now| *now > before);
            Answered { logged, ..judged.unwrap_or_else(Answered::from) }
        })
    }

    /// Waits until what an answer tells of is on the disk: an answer that leaves is true after a
    /// power cut too. If the disk fails, the client is told of an unknown outcome.
    pub(super) async fn durable(&self, answered: Answered) -> Answered {
        let (Some(upto), Some(flush)) = (answered.logged, &self.flush) else { return answered };
        match flush.upto(upto).await {
            Ok(()) => answered,
            Err(_) => {
                let refusal = Answered::from(Refusal::unspecified());
                Answered { status: refusal.status, body: refusal.body, ..answered }
            }
        }
    }

    /// Notes what became of a request.
    pub(super) fn note(
        &self,
        arrival: &Arrival,
        asked: &Asked,
        fault: Option<&'static str>,
        answered: &Answered,
    ) {
        let entry = Entry {
            seq: arrival.seq,
            t_ms: arrival.t_ms,
            method: asked.method.clone(),
            path: asked.path.clone(),
            status: answered.status,
            key_in: asked.key_in(),
            fault,
            committed: answered.committed,
            net_handle: answered.net_handle.clone(),
            customer_handle: answered.customer_handle.clone(),
            ticket: answered.ticket.clone(),
        };
        tracing::debug!("{}", entry.line(&answered.verdict));
        self.state(|state| state.ledger.note(&entry, state.store.as_mut()));
    }

    /// Judges, does and notes a request: a registry without faults and sockets.
    #[cfg(test)]
    pub(super) fn answer(&self, asked: &Asked) -> Answered {
        let arrival = self.arrive(asked).unwrap();
        let fault = arrival.fault.map(|(fault, _)| fault);
        let answered = self.perform(asked, fault);
        self.note(&arrival, asked, fault.map(Fault::name), &answered);
        answered
    }

    /// Answers what is about the registry itself, or public; `None` when it is Reg-RWS.
    pub(super) fn about(&self, asked: &Asked) -> Option<Answered> {
        let path = asked.path.as_str();
        match (asked.method.as_str(), path) {
            ("GET", "/_practice/world") => Some(self.world_json()),
            ("GET", "/_practice/ledger") => Some(self.ledger_text()),
            ("GET", "/_practice/faults") => Some(self.rules()),
            ("POST", "/_practice/faults") => Some(self.replace_rules(&asked.body)),
            _ if path.starts_with("/_practice") => Some(Refusal::not_found("page").into()),
            (_, path) => {
                let path = path.strip_prefix("/rdap/")?;
                Some(self.state(|state| state.public.answer(&state.world, path)))
            }
        }
    }

    fn world_json(&self) -> Answered {
        let mut text = Vec::new();
        match self.state(|state| state::write(&state.world, &mut text)) {
            Ok(()) => Answered::of(JSON, text),
            Err(_) => Refusal::unspecified().into(),
        }
    }

    fn ledger_text(&self) -> Answered {
        let text = self.state(|state| state.ledger.text(state.store.as_ref()));
        Answered::of("application/x-ndjson", text)
    }

    fn rules(&self) -> Answered {
        let rules = self.state(|state| state.faults.rules().to_vec());
        Answered::of(JSON, serde_json::to_vec_pretty(&rules).unwrap_or_default())
    }

    /// Puts the rules of a JSON list in force instead of those before.
    fn replace_rules(&self, body: &[u8]) -> Answered {
        match serde_json::from_slice::<Vec<FaultRule>>(body) {
            Ok(rules) => {
                self.state(|state| state.faults.replace(rules));
                self.rules()
            }
            Err(fault) => {
                let text = format!("{{\"error\":{}}}\n", serde_json::json!(fault.to_string()));
                Answered { status: 400, ..Answered::of(JSON, text) }
            }
        }
    }

    fn judged(
        &self,
        state: &mut State,
        asked: &Asked,
        fault: Option<Fault>,
    ) -> Result<Answered, Refusal> {
        let key = asked.key().and_then(|key| state.world.keys.get(&key).cloned());
        let Some(key) = key.filter(|key| key.active) else {
            let message = "The API key specified was missing or invalid.";
            return Err(Refusal::new(400, "E_AUTHENTICATION", message));
        };
        let route = Route::of(&asked.path, &asked.query).ok_or_else(Refusal::no_method)?;
        media(asked)?;
        ticket::settle_due(state, &self.behaviour)?;
        let segments = route.segments.clone();
        let mut desk = Desk {
            state,
            behaviour: &self.behaviour,
            key,
            route,
            method: &asked.method,
            body: &asked.body,
            cut: fault.is_some_and(|fault| fault.phase() == Phase::Before),
            reviewed: fault == Some(Fault::TicketOnly),
        };
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        match parts.split_first() {
            Some((&"net", rest)) => net::serve(&mut desk, rest),
            Some((&"customer", rest)) => customer::serve(&mut desk, rest),
            Some((&"org", rest)) => org::serve(&mut desk, rest),
            Some((&"poc", rest)) => poc::serve(&mut desk, rest),
            Some((&"delegation", rest)) => delegation::serve(&mut desk, rest),
            Some((&"ticket", rest)) => ticket::serve(&mut desk, rest),
            Some((&"report", rest)) => report::serve(&mut desk, rest),
            _ => Err(Refusal::no_method()),
        }
    }
}

/// Content type and accepted type. The real service asks for the first where there can be a body;
/// clients that leave it out of a GET are in use.
fn media(asked: &Asked) -> Result<(), Refusal> {
    let bare = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let bodied = matches!(asked.method.as_str(), "POST" | "PUT");
    if bodied && asked.content_type.as_deref().map(bare).as_deref() != Some(XML) {
        let message = "Content-Type must be application/xml.";
        return Err(Refusal::new(415, "E_UNSUPPORTED_MEDIA_TYPE", message));
    }
    let file = asked.path.contains("/attachment/");
    let fits = |kind: String| match kind.as_str() {
        "*/*" | "application/*" | XML => true,
        "application/octet-stream" => file,
        _ => false,
    };
    if asked.accept.as_deref().is_none_or(|accept| accept.split(',').map(bare).any(fits)) {
        return Ok(());
    }
    Err(Refusal::new(406, "E_NOT_ACCEPTABLE", "Only application/xml can be produced."))
}

impl State {
    /// Bytes of changes that the commit log was given.
    fn logged(&self) -> u64 {
        self.store.as_ref().map_or(0, Store::logged)
    }

    /// Makes changes durable, then true.
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), Refusal> {
        if let Some(store) = &mut self.store
            && store.append(&changes).is_err()
        {
            return Err(Refusal::unspecified());
        }
        for change in changes {
            self.public.later(&change);
            self.world.apply(change);
        }
        Ok(())
    }
}

//! Every way the answer to a change can be lost, against a scripted registry: no write is repeated
//! that may have happened, and a reused handle is never taken for the old net.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::{Owner, Registered};
use crate::journal::{Event, Journal, Outcome, RunRecord, Totals};
use crate::plan::Plan;
use crate::plan::diff::{Change, Diff, Edit, Field, REGISTRY_SIDE, Verb};
use crate::regrws::{Method, RawAnswer, WireError, WireRequest};
use crate::submission::{
    KeyOptions, LookFirst, MAX_ERRORS, Registry, Stop, SubmitOptions, record, submit,
};

/// What the registry does with a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Commits,
    LosesAfterCommit,
    LosesBeforeCommit,
    Answers500AfterCommit,
    Rejects,
    NotSent,
    TooMany,
    RefusesKey,
    /// The net is deleted, the answer lost, and the handle given to another net at once.
    ReusesHandle,
}

/// A registry with one net and its customer.
#[derive(Debug)]
struct World {
    name: String,
    date: &'static str,
    net: bool,
    customer: bool,
    script: Vec<Does>,
    writes: Vec<String>,
}

#[derive(Clone, Debug)]
struct Scripted(Arc<Mutex<World>>);

const HANDLE: &str = "NET-10-0-0-0-2";
const OLD: &str = "2024-01-01T00:00:00-05:00";
const NEW: &str = "2026-11-25T00:00:00-05:00";
const CUSTOMER: &str = "<handle>C00000001</handle><customerName>Acme</customerName><iso3166-1><code2>US</code2></iso3166-1><streetAddress><line number=\"0\">1 Main Street</line></streetAddress><city>Reston</city><iso3166-2>VA</iso3166-2><postalCode>20190</postalCode><registrationDate>2024-01-01T00:00:00-05:00</registrationDate>";

fn xml(status: u16, root: &str, inner: &str) -> RawAnswer {
    let body = format!("<{root} xmlns=\"http://www.arin.net/regrws/core/v1\">{inner}</{root}>");
    RawAnswer { status, body: body.into_bytes(), ..RawAnswer::default() }
}

fn error(status: u16, code: &str) -> RawAnswer {
    xml(status, "error", &format!("<code>{code}</code><message>no</message>"))
}

impl World {
    fn net(&self) -> String {
        format!(
            "<handle>{HANDLE}</handle><netName>{}</netName><customerHandle>C00000001</customerHandle><parentNetHandle>NET-10-0-0-0-1</parentNetHandle><registrationDate>{}</registrationDate><netBlocks><netBlock><type>S</type><startAddress>010.000.000.000</startAddress><cidrLength>29</cidrLength></netBlock></netBlocks>",
            self.name, self.date
        )
    }

    fn read(&self, path: &str) -> RawAnswer {
        let absent = || error(404, "E_OBJECT_NOT_FOUND");
        match path {
            _ if path.ends_with("/delegations") => xml(200, "collection", ""),
            _ if path.ends_with(HANDLE) && self.net => xml(200, "net", &self.net()),
            _ if path.contains("netsByIpRange") && self.net => {
                xml(200, "collection", &format!("<net>{}</net>", self.net()))
            }
            _ if path.contains("/customer/") && self.customer => xml(200, "customer", CUSTOMER),
            _ if path.ends_with("NET-10-0-0-0-1") => xml(
                200,
                "net",
                "<handle>NET-10-0-0-0-1</handle><netBlocks><netBlock><type>DA</type><startAddress>010.000.000.000</startAddress><cidrLength>8</cidrLength></netBlock></netBlocks>",
            ),
            _ => absent(),
        }
    }

    fn commit(&mut self, request: &WireRequest) -> RawAnswer {
        let of_net = request.path.contains("/net/");
        match (request.method, of_net) {
            (Method::Delete, true) => {
                let was = xml(200, "ticketedRequest", &format!("<net>{}</net>", self.net()));
                self.net = false;
                was
            }
            (Method::Delete, false) => {
                self.customer = false;
                xml(200, "customer", CUSTOMER)
            }
            _ => {
                let body = request.body.as_deref().unwrap_or_default();
                let name = body.split("<netName>").nth(1).and_then(|rest| rest.split('<').next());
                self.name = name.unwrap_or_default().to_owned();
                xml(200, "net", &self.net())
            }
        }
    }

    fn write(&mut self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        self.writes.push(format!("{:?} {}", request.method, request.path));
        let does = if self.script.is_empty() { Does::Commits } else { self.script.remove(0) };
        let lost = || Err(WireError::NoAnswer("reset".to_owned()));
        match does {
            Does::Commits => Ok(self.commit(request)),
            Does::LosesAfterCommit => {
                self.commit(request);
                lost()
            }
            Does::ReusesHandle => {
                self.commit(request);
                (self.net, self.date) = (true, NEW);
                lost()
            }
            Does::LosesBeforeCommit => lost(),
            Does::Answers500AfterCommit => {
                self.commit(request);
                Ok(error(500, "E_UNSPECIFIED"))
            }
            Does::Rejects => Ok(error(400, "E_ENTITY_VALIDATION")),
            Does::NotSent => Err(WireError::NotSent("refused".to_owned())),
            Does::TooMany => Ok(error(429, "E_TOO_MANY_REQUESTS")),
            Does::RefusesKey => Ok(error(400, "E_AUTHENTICATION")),
        }
    }
}

impl Registry for Scripted {
    async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        let mut world = self.0.lock().unwrap();
        match request.method {
            Method::Get => Ok(world.read(&request.path)),
            _ => world.write(request),
        }
    }

    fn pause(&self, _: Duration) {}

    fn slow_down(&self) {}

    fn retried(&self) {}

    fn totals(&self) -> Totals {
        Totals::default()
    }
}

fn rename() -> Verb {
    let (from, to) = ("ACME".to_owned(), "RENAMED".to_owned());
    Verb::Modify(vec![Edit { field: Field::NetName, from, to }])
}

fn plan(before: Registered, verb: Verb) -> Plan {
    let change = Change {
        id: REGISTRY_SIDE,
        row: None,
        reference: None,
        parent: "NET-10-0-0-0-1".parse().unwrap(),
        block: before.net.block,
        verb,
        before: Some(Box::new(before)),
        moves: None,
        needs: Vec::new(),
        held: None,
        notes: Vec::new(),
    };
    let diff = Diff { changes: vec![change], attended: true, ..Diff::default() };
    Plan { sync: Some(Box::new(diff)), ..Plan::default() }
}

fn options() -> SubmitOptions {
    SubmitOptions {
        concurrency: 1,
        settle: Duration::from_secs(120),
        look_first: LookFirst::Never,
        separate_customers: false,
        max_errors: MAX_ERRORS,
        limit: None,
        only: Vec::new(),
        refused: HashMap::new(),
        retry_refused: false,
        settle_only: false,
        key: KeyOptions::default(),
    }
}

struct Ended {
    outcome: Option<Outcome>,
    stop: Option<Stop>,
    writes: Vec<String>,
    world: Arc<Mutex<World>>,
}

/// Drives one change in one process; with `keep`, a crash leaves only so many events, and another
/// process goes on. `meanwhile` is what somebody else does after the before-image was read.
async fn run(
    verb: Verb,
    script: &[Does],
    keep: Option<usize>,
    meanwhile: impl Fn(&mut World),
) -> Ended {
    let world = Arc::new(Mutex::new(World {
        name: "ACME".to_owned(),
        date: OLD,
        net: true,
        customer: true,
        script: script.to_vec(),
        writes: Vec::new(),
    }));
    let registry = Scripted(Arc::clone(&world));
    let read = record::by_handle(&registry, &HANDLE.parse().unwrap()).await.unwrap().unwrap();
    let (owner, customer_is_ours) = (Owner::Registered, true);
    let plan = plan(Registered { owner, customer_is_ours, ..read.registered }, verb);
    meanwhile(&mut world.lock().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(&directory.path().join("j")).unwrap();
    let mut id = journal.begin(&RunRecord::default(), &plan, |_| Vec::new()).unwrap();
    let go = |journal, id| {
        let (plan, registry) = (&plan, registry.clone());
        async move {
            let (_keep, cancel) = watch::channel(false);
            submit(plan, journal, id, registry, options(), cancel, |_| {}).await.unwrap()
        }
    };
    let mut end = go(journal, id).await;
    if let Some(keep) = keep {
        let events = end.journal.events(id).unwrap().into_iter().map(|(_, event)| event);
        let events: Vec<Event> = events.take(keep).collect();
        id = end.journal.begin(&RunRecord::default(), &plan, |_| Vec::new()).unwrap();
        end.journal.append(id, REGISTRY_SIDE, &events).unwrap();
        end = go(end.journal, id).await;
    }
    let events = end.journal.events(id).unwrap();
    let outcome = events.into_iter().rev().find_map(|(_, event)| match event {
        Event::Concluded(outcome) => Some(outcome),
        _ => None,
    });
    let writes = world.lock().unwrap().writes.clone();
    Ended { outcome, stop: end.stop, writes, world }
}

fn count(ended: &Ended, what: &str) -> usize {
    ended.writes.iter().filter(|write| write.contains(what)).count()
}

/// What may become of a write, and how often it is sent in all.
const LOST: [(Does, usize); 6] = [
    (Does::Commits, 1),
    (Does::LosesAfterCommit, 1),
    (Does::Answers500AfterCommit, 1),
    (Does::LosesBeforeCommit, 2),
    (Does::NotSent, 2),
    (Does::TooMany, 2),
];

#[tokio::test(start_paused = true)]
async fn a_lost_removal_is_settled_by_reading_and_repeated_only_when_proved_absent() {
    for (does, times) in LOST {
        let ended = run(Verb::Remove, &[does], None, |_| {}).await;
        assert!(matches!(ended.outcome, Some(Outcome::Removed { .. })), "{does:?}");
        assert_eq!(count(&ended, "/net/"), times, "{does:?} {:?}", ended.writes);
        assert_eq!(count(&ended, "/customer/"), 1, "{does:?} {:?}", ended.writes);
        // The same for its customer, which goes once its net is proved gone.
        let ended = run(Verb::Remove, &[Does::Commits, does], None, |_| {}).await;
        assert!(matches!(ended.outcome, Some(Outcome::Removed { .. })), "{does:?}");
        assert_eq!(count(&ended, "/customer/"), times, "{does:?} {:?}", ended.writes);
        let world = ended.world.lock().unwrap();
        assert!(!world.net && !world.customer);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_modification_is_settled_by_reading_and_repeated_only_when_proved_absent() {
    for (does, times) in LOST {
        let ended = run(rename(), &[does], None, |_| {}).await;
        assert!(matches!(ended.outcome, Some(Outcome::Modified(_))), "{does:?}");
        assert_eq!(ended.writes.len(), times, "{does:?} {:?}", ended.writes);
        assert_eq!(ended.world.lock().unwrap().name, "RENAMED");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_any_event_repeats_no_write_that_happened() {
    for verb in [Verb::Remove, rename()] {
        for does in [Does::Commits, Does::LosesAfterCommit, Does::Answers500AfterCommit] {
            for keep in 0..9 {
                let ended = run(verb.clone(), &[does], Some(keep), |_| {}).await;
                let place = format!("{verb:?} {does:?} {keep} {:?}", ended.writes);
                assert!(count(&ended, "/net/") <= 1, "{place}");
                assert!(count(&ended, "/customer/") <= 1, "{place}");
                // Without its intent, the process does not know the change: it is compared anew.
                assert!(ended.outcome.is_some(), "{place}");
                assert_eq!(ended.stop, None, "{place}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_reused_handle_is_never_taken_for_the_old_net() {
    // Our removal happened, and the handle went to somebody else before we could look.
    let ended = run(Verb::Remove, &[Does::ReusesHandle], None, |_| {}).await;
    assert!(
        matches!(&ended.outcome, Some(Outcome::Unresolved { message, .. }) if message.contains("registered anew"))
    );
    assert_eq!(ended.writes.len(), 1, "{:?}", ended.writes);
    assert!(ended.world.lock().unwrap().customer);
    // The handle went to somebody else before anything was sent.
    for verb in [Verb::Remove, rename()] {
        let ended = run(verb, &[], None, |world| world.date = NEW).await;
        assert!(matches!(&ended.outcome, Some(Outcome::Held { code, .. }) if code == "stale"));
        assert_eq!(ended.writes, Vec::<String>::new());
    }
    // Somebody renamed the net meanwhile.
    let ended = run(Verb::Remove, &[], None, |world| "THEIRS".clone_into(&mut world.name)).await;
    assert!(
        matches!(&ended.outcome, Some(Outcome::Held { message, .. }) if message.contains("net_name"))
    );
    assert_eq!(ended.writes, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn refusals_and_losses_end_where_a_person_must_look() {
    let ended = run(Verb::Remove, &[Does::Rejects], None, |_| {}).await;
    assert!(matches!(ended.outcome, Some(Outcome::Rejected { .. })));
    let ended = run(rename(), &[Does::RefusesKey], None, |_| {}).await;
    assert!(
        matches!(&ended.outcome, Some(Outcome::Rejected { code, .. }) if code == "E_AUTHENTICATION")
    );
    let ended = run(rename(), &[Does::LosesBeforeCommit; 2], None, |_| {}).await;
    assert!(matches!(ended.outcome, Some(Outcome::Unresolved { .. })));
    assert_eq!(ended.writes.len(), 2);
    // A net that somebody else removed: the aim is reached, only its customer is left.
    let ended = run(Verb::Remove, &[], None, |world| world.net = false).await;
    assert!(matches!(ended.outcome, Some(Outcome::Removed { .. })));
    assert_eq!(count(&ended, "/net/"), 0);
}

//! Every way an answer can be lost, against a scripted registry.

mod disk;
mod line;

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use super::*;
use crate::domain::{Assignment, Comment};
use crate::domain::{NetName, OrgRecipient};
use crate::journal::{Outcome, RunRecord};
use crate::plan::{Fate, PlannedRow, Step};
use crate::regrws::{Effect, Method};

/// What the scripted registry does with a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Commits,
    LosesAfterCommit,
    LosesBeforeCommit,
    /// The commit follows only when the row is sent again, just before that.
    LosesAndCommitsLate,
    Answers500AfterCommit,
    AnswersHtml,
    Rejects,
    NotSent,
    RefusesKey,
    TooMany,
}

/// A registry that does with each write what its script says, then commits.
#[derive(Debug, Default)]
struct Scripted {
    script: Mutex<Vec<Does>>,
    held: Mutex<bool>,
    late: Mutex<bool>,
    writes: AtomicUsize,
    reads_fail: bool,
    /// What it holds at a range that it was asked about, besides what was written.
    shares: Option<&'static str>,
    /// What was asked for, and when, by the runtime's clock.
    asked: Mutex<Vec<(Asked, tokio::time::Instant)>>,
}

/// Kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Write,
    Range,
    MostSpecific,
    Other,
}

impl Asked {
    fn of(request: &WireRequest) -> Self {
        match request.path.as_str() {
            _ if request.effect == Effect::Write => Self::Write,
            path if path.contains("netsByIpRange") => Self::Range,
            path if path.contains("mostSpecificNet") => Self::MostSpecific,
            _ => Self::Other,
        }
    }
}

const NET: &str = "<handle>NET-10-0-0-0-2</handle><netName>ACME</netName><orgHandle>MAPLE-7</orgHandle><parentNetHandle>NET-10-0-0-0-1</parentNetHandle><registrationDate>2026-11-24T00:00:00-05:00</registrationDate><netBlocks><netBlock><type>S</type><startAddress>010.000.000.000</startAddress><cidrLength>29</cidrLength></netBlock></netBlocks>";
const PARENT: &str = "<handle>NET-10-0-0-0-1</handle><netBlocks><netBlock><type>DA</type><startAddress>010.000.000.000</startAddress><cidrLength>8</cidrLength></netBlock></netBlocks>";

fn xml(status: u16, root: &str, inner: &str) -> RawAnswer {
    let body = format!("<{root} xmlns=\"http://www.arin.net/regrws/core/v1\">{inner}</{root}>");
    RawAnswer { status, body: body.into_bytes(), ..RawAnswer::default() }
}

fn error(status: u16, code: &str, message: &str) -> RawAnswer {
    xml(status, "error", &format!("<code>{code}</code><message>{message}</message>"))
}

impl Scripted {
    fn write(&self) -> Result<RawAnswer, WireError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        let mut script = self.script.lock().unwrap();
        let does = if script.is_empty() { Does::Commits } else { script.remove(0) };
        let mut held = self.held.lock().unwrap();
        *held |= std::mem::take(&mut *self.late.lock().unwrap());
        let commits = matches!(
            does,
            Does::Commits
                | Does::LosesAfterCommit
                | Does::Answers500AfterCommit
                | Does::AnswersHtml
        );
        if commits && *held {
            return Ok(error(
                400,
                "E_ENTITY_VALIDATION",
                "IP range overlaps with existing network(s).",
            ));
        }
        *held |= commits;
        *self.late.lock().unwrap() = does == Does::LosesAndCommitsLate;
        match does {
            Does::Commits => Ok(xml(200, "ticketedRequest", &format!("<net>{NET}</net>"))),
            Does::LosesAfterCommit | Does::LosesBeforeCommit | Does::LosesAndCommitsLate => {
                Err(WireError::NoAnswer("reset".to_owned()))
            }
            Does::Answers500AfterCommit => Ok(error(500, "E_UNSPECIFIED", "oops")),
            Does::AnswersHtml => {
                Ok(RawAnswer { status: 200, body: b"<html/>".to_vec(), ..RawAnswer::default() })
            }
            Does::Rejects => Ok(error(400, "E_ENTITY_VALIDATION", "no")),
            Does::NotSent => Err(WireError::NotSent("refused".to_owned())),
            Does::RefusesKey => Ok(error(400, "E_AUTHENTICATION", "key")),
            Does::TooMany => Ok(error(429, "E_TOO_MANY_REQUESTS", "slow down")),
        }
    }
}

impl Registry for Scripted {
    async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        self.asked.lock().unwrap().push((Asked::of(request), tokio::time::Instant::now()));
        if request.effect == Effect::Write {
            assert_eq!(request.method, Method::Put);
            return self.write();
        }
        let held = *self.held.lock().unwrap();
        let absent = error(404, "E_OBJECT_NOT_FOUND", "none");
        Ok(match request.path.as_str() {
            path if path.ends_with("NET-10-0-0-0-1") => xml(200, "net", PARENT),
            _ if self.reads_fail => error(500, "E_UNSPECIFIED", "down"),
            path if path.contains("netsByIpRange") && held => {
                xml(200, "collection", &format!("<net>{NET}</net>"))
            }
            path if path.contains("mostSpecificNet") && held => xml(200, "net", NET),
            path if path.contains("netsByIpRange") && self.shares.is_some() => {
                xml(200, "collection", self.shares.unwrap_or_default())
            }
            _ => absent,
        })
    }

    fn pause(&self, _: Duration) {}

    fn slow_down(&self) {}

    fn retried(&self) {}

    fn totals(&self) -> Totals {
        Totals::default()
    }
}

fn plan() -> Plan {
    let step = Step {
        parent: "NET-10-0-0-0-1".parse().unwrap(),
        block: "10.0.0.0/29".parse().unwrap(),
        net_name: NetName::parse("Acme").unwrap(),
        name_generated: false,
        assignment: Assignment::ReassignDetailed(OrgRecipient::Existing(
            "MAPLE-7".parse().unwrap(),
        )),
        comment: Comment::default(),
        given: crate::domain::Given::default(),
    };
    let row = PlannedRow {
        at: crate::domain::RowAt { row: 1, line: 2, ..crate::domain::RowAt::default() },
        reference: None,
        action: None,
        parent: None,
        block: Some(step.block),
        net_name: None,
        recipient: None,
        private: false,
        assigned_on: None,
        fate: Fate::Send(Box::new(step)),
    };
    Plan { files: vec!["plan.csv".to_owned()], rows: vec![row], ..Plan::default() }
}

fn options(look_first: LookFirst) -> SubmitOptions {
    SubmitOptions {
        concurrency: 4,
        settle: SETTLE,
        look_first,
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
    machine: RowMachine,
    writes: usize,
    stop: Option<Stop>,
    asked: Vec<(Asked, tokio::time::Instant)>,
}

/// The settle delay of these runs.
const SETTLE: Duration = Duration::from_secs(120);

/// Runs the script in one process, or with `crash` keeps only so many events and resumes.
async fn run(
    script: &[Does],
    look_first: LookFirst,
    reads_fail: bool,
    keep: Option<usize>,
) -> Ended {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("j");
    let plan = plan();
    let mut journal = Journal::open(&path).unwrap();
    let begin = |journal: &mut Journal| {
        journal.begin(&RunRecord::default(), &plan, |_| Vec::new()).unwrap()
    };
    let mut id = begin(&mut journal);
    let registry = Arc::new(Scripted {
        script: Mutex::new(script.to_vec()),
        reads_fail,
        ..Scripted::default()
    });
    let options = options(look_first);
    let go = |journal, id| {
        let (registry, options) = (Arc::clone(&registry), options.clone());
        let (_keep, cancel) = watch::channel(false);
        let plan = &plan;
        async move {
            submit(plan, journal, id, Shared(registry), options, cancel, |_| {}).await.unwrap()
        }
    };
    let mut end = go(journal, id).await;
    if let Some(keep) = keep {
        let events: Vec<Event> =
            end.journal.events(id).unwrap().into_iter().map(|(_, e)| e).take(keep).collect();
        id = begin(&mut end.journal);
        end.journal.append(id, 1, &events).unwrap();
        end = go(end.journal, id).await;
    }
    let mut machine = RowMachine::new(&plan.steps().next().unwrap().1.assignment, false);
    end.journal.events(id).unwrap().iter().for_each(|(_, event)| machine.apply(event));
    let asked = registry.asked.lock().unwrap().clone();
    Ended { machine, writes: registry.writes.load(Ordering::SeqCst), stop: end.stop, asked }
}

/// The scripted registry, so that the test can look at it afterwards.
struct Shared(Arc<Scripted>);

impl Registry for Shared {
    async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        self.0.exchange(request).await
    }

    fn pause(&self, wait: Duration) {
        self.0.pause(wait);
    }

    fn slow_down(&self) {}

    fn retried(&self) {}

    fn totals(&self) -> Totals {
        Totals::default()
    }
}

fn registered(ended: &Ended) -> bool {
    matches!(ended.machine.outcome(), Some(Outcome::Registered(net)) if net.net_handle.as_str() == "NET-10-0-0-0-2")
}

#[tokio::test(start_paused = true)]
async fn each_doubt_is_settled_by_reading_and_sent_again_only_when_proved_absent() {
    let cases = [
        (Does::Commits, 1),
        (Does::LosesAfterCommit, 1),
        (Does::Answers500AfterCommit, 1),
        (Does::AnswersHtml, 1),
        (Does::LosesBeforeCommit, 2),
        (Does::NotSent, 2),
        (Does::TooMany, 2),
    ];
    for (does, writes) in cases {
        for look in [LookFirst::Always, LookFirst::Never] {
            let ended = run(&[does], look, false, None).await;
            assert!(registered(&ended), "{does:?} {:?}", ended.machine);
            assert_eq!((ended.writes, ended.stop), (writes, None), "{does:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_comes_as_a_row_ends_stops_the_run() {
    let directory = tempfile::tempdir().unwrap();
    // Which of the two is heard first is left to chance.
    for at in 0..16 {
        let plan = plan();
        let mut journal = Journal::open(&directory.path().join(at.to_string())).unwrap();
        let id = journal.begin(&RunRecord::default(), &plan, |_| Vec::new()).unwrap();
        let shared = Shared(Arc::new(Scripted::default()));
        let (signal, cancel) = watch::channel(false);
        let done = move |_| {
            signal.send_replace(true);
        };
        let options = options(LookFirst::Never);
        let ended = submit(&plan, journal, id, shared, options, cancel, done).await;
        assert_eq!(ended.unwrap().stop, Some(Stop::Signal));
    }
}

#[tokio::test(start_paused = true)]
async fn a_net_read_inside_the_range_is_told_before_anything_is_written() {
    const INSIDE: &str = "<net><handle>NET-10-0-0-4-1</handle><netName>OTHER</netName><orgHandle>OTHER-7</orgHandle><parentNetHandle>NET-10-0-0-0-1</parentNetHandle><netBlocks><netBlock><type>S</type><startAddress>010.000.000.004</startAddress><cidrLength>30</cidrLength></netBlock></netBlocks></net>";
    const AROUND: &str = "<net><handle>NET-10-0-0-0-9</handle><netName>OTHER</netName><netBlocks><netBlock><type>DA</type><startAddress>010.000.000.000</startAddress><cidrLength>7</cidrLength></netBlock></netBlocks></net>";
    let directory = tempfile::tempdir().unwrap();
    for (at, shares) in [INSIDE, AROUND].into_iter().enumerate() {
        let plan = plan();
        let mut journal = Journal::open(&directory.path().join(at.to_string())).unwrap();
        let id = journal.begin(&RunRecord::default(), &plan, |_| Vec::new()).unwrap();
        let registry = Arc::new(Scripted { shares: Some(shares), ..Scripted::default() });
        let (_keep, cancel) = watch::channel(false);
        let shared = Shared(Arc::clone(&registry));
        let ended =
            submit(&plan, journal, id, shared, options(LookFirst::Always), cancel, |_| {}).await;
        let events = ended.unwrap().journal.events(id).unwrap();
        let writes = registry.writes.load(Ordering::SeqCst);
        match events.last().map(|(_, event)| event) {
            Some(Event::Concluded(Outcome::Rejected { code, message, .. })) if shares == INSIDE => {
                assert_eq!((code.as_str(), writes), ("overlaps-registered", 0));
                assert!(
                    message.contains("10.0.0.4/30 is registered as NET-10-0-0-4-1"),
                    "{message}"
                );
            }
            Some(Event::Concluded(Outcome::Registered(_))) if shares == AROUND => {
                assert_eq!(writes, 1);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_any_event_never_registers_twice() {
    for does in
        [Does::Commits, Does::LosesAfterCommit, Does::AnswersHtml, Does::Answers500AfterCommit]
    {
        for keep in 1..5 {
            let ended = run(&[does], LookFirst::Never, false, Some(keep)).await;
            assert!(registered(&ended), "{does:?} {keep} {:?}", ended.machine);
            assert_eq!(ended.writes, 1, "{does:?} {keep}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_read_is_no_absence() {
    let ended = run(&[Does::LosesBeforeCommit], LookFirst::Never, true, None).await;
    assert_eq!((ended.writes, ended.machine.outcome()), (1, None));
    assert!(ended.machine.is_open());
    let ended = run(&[], LookFirst::Always, true, None).await;
    assert_eq!(ended.writes, 0);
    assert!(matches!(ended.stop, Some(Stop::Registry(_))));
}

#[tokio::test(start_paused = true)]
async fn what_is_unknown_is_read_no_sooner_than_the_settle_delay() {
    // In the process that lost the answer, and in one that found only the intent.
    for keep in [None, Some(1)] {
        let script = [Does::LosesBeforeCommit, Does::LosesBeforeCommit, Does::LosesBeforeCommit];
        let ended = run(&script, LookFirst::Never, false, keep).await;
        let asked: Vec<_> = ended.asked.iter().filter(|(what, _)| *what != Asked::Other).collect();
        let writes = asked.iter().filter(|(what, _)| *what == Asked::Write).count();
        assert!(writes >= 2, "{asked:?}");
        for pair in asked.windows(2) {
            let ((before, then), (after, now)) = (pair[0], pair[1]);
            let least = match (before, after) {
                (Asked::Write, Asked::Range) => SETTLE,
                (Asked::Range, Asked::MostSpecific) => SETTLE / 4,
                // Only two agreeing reads of two kinds let it be sent again.
                (Asked::MostSpecific, Asked::Write) => Duration::ZERO,
                // A process that ended there, and the next.
                (Asked::MostSpecific | Asked::Write, _) if keep.is_some() => Duration::ZERO,
                other => panic!("{other:?} in {asked:?}"),
            };
            assert!(*now >= *then + least, "{before:?} {after:?} {:?}", *now - *then);
        }
    }
}

/// Nothing is there after the settle delay, so the row is sent once more, and just then the first
/// write comes through.
#[tokio::test(start_paused = true)]
async fn an_overlap_after_a_lost_write_is_our_own_echo() {
    let ended = run(&[Does::LosesAndCommitsLate], LookFirst::Never, false, None).await;
    assert!(registered(&ended), "{:?}", ended.machine);
    assert_eq!((ended.writes, ended.stop), (2, None));
}

#[tokio::test(start_paused = true)]
async fn a_write_lost_and_absent_twice_needs_a_person() {
    let ended = run(
        &[Does::LosesBeforeCommit, Does::LosesBeforeCommit, Does::Commits],
        LookFirst::Never,
        false,
        None,
    )
    .await;
    assert!(
        matches!(ended.machine.outcome(), Some(Outcome::Unresolved { .. })),
        "{:?}",
        ended.machine
    );
    assert_eq!(ended.writes, 2);
}

#[tokio::test(start_paused = true)]
async fn refusals_end_the_row_or_the_run() {
    let ended = run(&[Does::Rejects], LookFirst::Never, false, None).await;
    assert!(
        matches!(ended.machine.outcome(), Some(Outcome::Rejected { code, .. }) if code == "E_ENTITY_VALIDATION")
    );
    let ended = run(&[Does::RefusesKey], LookFirst::Never, false, None).await;
    assert!(
        matches!(ended.machine.outcome(), Some(Outcome::Rejected { code, .. }) if code == "E_AUTHENTICATION")
    );
    let ended = run(&[Does::NotSent; 3], LookFirst::Never, false, None).await;
    assert!(matches!(ended.stop, Some(Stop::Registry(_))));
    assert_eq!((ended.machine.attempts(), ended.machine.outcome()), (0, None));
}

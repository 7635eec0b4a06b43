//! What stops a run: each stop leaves a full report, and a journal that `resume` finishes without
//! the input.

use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::desk::{Desk, Registry, code, told};
use crate::relay::{Asked, Does, Relay};

const ROWS: usize = 30;
const SUBMIT: [&str; 6] =
    ["submit", "plan.csv", "--parents", "parents.csv", "--look-first", "never"];

/// A run over a line that misbehaves until it is mended.
struct Story {
    desk: Desk,
    registry: Registry,
    relay: Relay,
    mended: Arc<AtomicBool>,
}

impl Story {
    fn new(
        parents: &[(u8, usize)],
        decide: impl Fn(&Asked) -> Option<Does> + Send + Sync + 'static,
    ) -> Self {
        let desk = Desk::new();
        desk.plan(parents);
        let registry = Registry::start(&desk);
        let mended = Arc::new(AtomicBool::new(false));
        let well = Arc::clone(&mended);
        let relay = Relay::start(&registry.url, move |asked| {
            let trouble = if well.load(Ordering::SeqCst) { None } else { decide(asked) };
            trouble.unwrap_or(Does::Pass)
        });
        Self { desk, registry, relay, mended }
    }

    fn submit(&self, more: &[&str]) -> Output {
        self.registry.swip(&self.desk, &self.relay.url, &[&SUBMIT[..], more].concat())
    }

    /// Every row is in the report once, so many of them done; the last line says how to go on.
    fn stopped(&self, output: &Output, exit: i32, done: usize, idle: &str) {
        assert_eq!(code(output), exit, "{}", told(output));
        let told = told(output);
        let last = told.lines().last().unwrap();
        assert!(last.contains("next: swip resume plan.csv.swip-journal"), "{last}");
        let rows = self.desk.outcomes();
        assert_eq!(rows.len(), ROWS);
        let count = |status: &str| rows.values().filter(|(found, _)| found == status).count();
        assert_eq!(count("registered"), done, "{rows:?}");
        assert!(count("not-attempted") > 0, "{rows:?}");
        for (status, code) in rows.values() {
            assert!(status != "not-attempted" || code == idle, "{code}");
        }
        assert_eq!(self.desk.json("plan.csv.swip-report/report.json")["run"]["exit_code"], exit);
    }

    /// The line is mended and the input gone: `resume` does the rest, nothing twice.
    fn resumed(&self, exit: i32, registered: usize) {
        self.mended.store(true, Ordering::SeqCst);
        std::fs::remove_file(self.desk.path("plan.csv")).unwrap();
        let args = ["resume", "plan.csv.swip-journal", "--settle", "20ms"];
        let output = self.registry.swip(&self.desk, &self.relay.url, &args);
        assert_eq!(code(&output), exit, "{}", told(&output));
        assert_eq!(self.desk.counts()["registered"], registered, "{}", told(&output));
        assert_eq!(self.registry.commits(&self.desk), registered);
    }
}

#[test]
fn a_refused_key_stops_after_the_requests_in_flight_and_one_probe() {
    let gone = Arc::new(AtomicBool::new(false));
    let story = Story::new(&[(18, ROWS)], move |asked| {
        if asked.write >= 8 {
            gone.store(true, Ordering::SeqCst);
        }
        gone.load(Ordering::SeqCst).then(|| Does::refuse(401, "E_AUTHENTICATION"))
    });
    let output = story.submit(&["--concurrency", "4"]);
    story.stopped(&output, 7, 7, "key-refused");
    let seen = story.relay.seen();
    let first = seen.iter().position(|asked| asked.write == 8).unwrap();
    let after = &seen[first + 1..];
    let probes = after.iter().filter(|asked| !asked.writes()).count();
    assert_eq!(probes, 1, "one probe tells whether the key is dead");
    assert!(after.len() <= 3 + 1, "in flight, and the probe: {after:?}");
    story.resumed(0, ROWS);
}

#[test]
fn a_key_without_authority_over_one_parent_blocks_that_parent_alone() {
    let story = Story::new(&[(18, 20), (19, 10)], |asked| {
        let foreign = asked.writes() && asked.path.contains("NET-198-19-0-0-1");
        foreign.then(|| Does::refuse(400, "E_AUTHENTICATION"))
    });
    let output = story.submit(&["--concurrency", "1"]);
    assert_eq!(code(&output), 4, "{}", told(&output));
    for (reference, outcome) in story.desk.outcomes() {
        let expected = match reference.starts_with("R18") {
            true => ("registered", ""),
            false => ("rejected", "E_AUTHENTICATION"),
        };
        assert_eq!((outcome.0.as_str(), outcome.1.as_str()), expected, "{reference}");
    }
    let foreign = story.relay.writes();
    let foreign = foreign.iter().filter(|asked| asked.path.contains("NET-198-19")).count();
    assert_eq!(foreign, 1, "the parent is blocked at once");
    assert!(told(&output).lines().last().unwrap().contains("next: swip status"));
    // Authority is no fault of the row: with it, the same command registers the rest.
    story.mended.store(true, Ordering::SeqCst);
    let output = story.submit(&[]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(story.registry.commits(&story.desk), ROWS);
}

#[test]
fn the_first_five_writes_all_rejected_stop_the_run() {
    let story = Story::new(&[(18, ROWS)], |asked| {
        asked.writes().then(|| Does::refuse(400, "E_ENTITY_VALIDATION"))
    });
    let output = story.submit(&["--concurrency", "1"]);
    story.stopped(&output, 6, 0, "stopped-by-guard");
    assert_eq!(story.relay.writes().len(), 5);
    assert!(told(&output).contains("the first 5 writes were all rejected"));
    story.resumed(4, ROWS - 5);
}

#[test]
fn so_many_rejections_in_all_stop_the_run() {
    let story = Story::new(&[(18, ROWS)], |asked| {
        (asked.writes() && asked.write % 2 == 0).then(|| Does::refuse(400, "E_ENTITY_VALIDATION"))
    });
    let output = story.submit(&["--concurrency", "1", "--max-errors", "4"]);
    story.stopped(&output, 6, 4, "stopped-by-guard");
    assert_eq!(story.relay.writes().len(), 8);
    assert!(told(&output).contains("rejected 4 rows; correct them, or raise --max-errors"));
    story.resumed(4, ROWS - 4);
}

/// Three answers are lost; until their rows are settled no further write begins.
#[test]
fn at_three_unknowns_writes_pause_until_they_are_settled() {
    let lost = AtomicUsize::new(0);
    let story = Story::new(&[(18, ROWS)], move |asked| {
        let loses = asked.writes() && asked.write >= 8 && lost.fetch_add(1, Ordering::SeqCst) < 3;
        loses.then_some(Does::PassAndCut)
    });
    let output = story.submit(&["--concurrency", "4", "--settle", "400ms"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(story.desk.counts()["registered"], ROWS);
    assert_eq!((story.relay.writes().len(), story.registry.commits(&story.desk)), (ROWS, ROWS));
    let seen = story.relay.seen();
    let third = seen.iter().position(|asked| asked.write == 10).unwrap();
    let settled: Vec<usize> =
        (third..seen.len()).filter(|at| seen[*at].path.contains("netsByIpRange")).collect();
    let meanwhile = seen[third + 1..settled[2]].iter().filter(|asked| asked.writes()).count();
    assert!(meanwhile <= 3, "only what was in flight: {meanwhile} writes");
}

#[test]
fn an_outage_stops_the_run() {
    let story = Story::new(&[(18, ROWS)], |asked| {
        (asked.write >= 4).then(|| Does::refuse(503, "E_OUTAGE"))
    });
    let output = story.submit(&["--concurrency", "1"]);
    story.stopped(&output, 8, 3, "registry-unreachable");
    assert_eq!(story.relay.writes().len(), 4);
    story.resumed(0, ROWS);
}

#[test]
fn a_registry_that_is_not_there_leaves_a_run_to_resume() {
    let story = Story::new(&[(18, ROWS)], |_| None);
    let output = story.registry.swip(&story.desk, "http://127.0.0.1:1", &SUBMIT);
    story.stopped(&output, 8, 0, "registry-unreachable");
    story.resumed(0, ROWS);
}

#[test]
fn a_pause_that_is_too_long_ends_the_run_with_rows_deferred() {
    let story = Story::new(&[(18, ROWS)], |asked| {
        let pause = || Does::Say(429, "retry-after: 3600\r\n".to_owned(), String::new());
        (asked.write >= 4).then(pause)
    });
    let output = story.submit(&["--concurrency", "1"]);
    assert_eq!(code(&output), 8, "{}", told(&output));
    assert_eq!(story.relay.writes().len(), 4);
    let rows = story.desk.outcomes();
    let deferred = rows.values().filter(|(s, code)| s == "deferred" && code == "rate-pause");
    assert_eq!((rows.len(), deferred.count()), (ROWS, ROWS - 3));
    let said = told(&output);
    assert!(said.lines().last().unwrap().contains("next: swip resume"), "{said}");
    story.resumed(0, ROWS);
}

//! The wire below the registry's protocol: whatever a server does with a connection, a write is
//! on it once, and what became of it is read.

use std::collections::HashSet;
use std::sync::Mutex;

use crate::desk::{Desk, Registry, code, told};
use crate::relay::{Asked, Does, Relay};

const ROWS: usize = 6;
const SUBMIT: [&str; 8] =
    ["submit", "plan.csv", "--parents", "parents.csv", "--settle", "20ms", "--look-first", "never"];

/// A desk with a small plan and its registry.
fn desk() -> (Desk, Registry) {
    let desk = Desk::new();
    desk.plan(&[(18, ROWS)]);
    let registry = Registry::start(&desk);
    (desk, registry)
}

fn reads_of_ranges(seen: &[Asked]) -> usize {
    seen.iter().filter(|asked| asked.path.contains("netsByIpRange")).count()
}

#[test]
fn a_server_that_reads_a_write_and_closes_has_it_once() {
    let (desk, registry) = desk();
    let relay = Relay::start(&registry.url, |asked| match asked.writes() {
        true => Does::PassAndCut,
        false => Does::Pass,
    });
    let output = registry.swip(&desk, &relay.url, &SUBMIT);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(desk.counts()["registered"], ROWS);
    let writes = relay.writes();
    let bodies: HashSet<&str> = writes.iter().map(|asked| asked.body.as_str()).collect();
    assert_eq!((writes.len(), bodies.len()), (ROWS, ROWS), "each write once");
    assert_eq!(registry.commits(&desk), ROWS);
    assert!(reads_of_ranges(&relay.seen()) >= ROWS, "each row is settled by reading its range");
}

#[test]
fn a_write_that_did_not_happen_is_sent_once_more_after_two_reads_that_agree() {
    let (desk, registry) = desk();
    let met: Mutex<HashSet<String>> = Mutex::default();
    let relay = Relay::start(&registry.url, move |asked| {
        match asked.writes() && met.lock().unwrap().insert(asked.body.clone()) {
            true => Does::Cut,
            false => Does::Pass,
        }
    });
    let output = registry.swip(&desk, &relay.url, &SUBMIT);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(desk.counts()["registered"], ROWS);
    assert_eq!((relay.writes().len(), registry.commits(&desk)), (2 * ROWS, ROWS));
    let seen = relay.seen();
    // Rows go side by side: that of the block below need not be the first on the wire.
    let mut writes = seen.iter().filter(|asked| asked.writes());
    let first = writes.find(|asked| asked.body.contains("<startAddress>198.18.0.0<")).unwrap();
    let again = seen.iter().filter(|asked| asked.body == first.body && asked.writes()).nth(1);
    let between = &seen[first.nth..again.unwrap().nth];
    let range = |path: &str| {
        let block = "198.18.0.0/198.18.0.7";
        between.iter().any(|asked| asked.path.contains(path) && asked.path.contains(block))
    };
    assert!(range("netsByIpRange") && range("mostSpecificNet"), "{between:?}");
}

/// The trap: on a connection that was kept alive, an HTTP library may send a request anew when
/// the server closes before it answers.
#[test]
fn a_kept_connection_that_the_server_closes_is_no_reason_to_send_again() {
    let (desk, registry) = desk();
    let relay = Relay::start(&registry.url, |asked| match asked.on_connection {
        1 => Does::Pass,
        _ => Does::Cut,
    });
    let output = registry.swip(&desk, &relay.url, &[&SUBMIT[..], &["--concurrency", "1"]].concat());
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(relay.writes().len(), ROWS);
    assert_eq!(registry.commits(&desk), ROWS);
    let report = desk.json("plan.csv.swip-report/report.json");
    assert_eq!(report["requests"]["sent"], relay.seen().len(), "the server's count is ours");
    assert!(relay.seen().iter().all(|asked| asked.on_connection == 1), "each has its own");
}

//! The disk is full: sending stops at once, and what is in hand is told.

use std::process::Command;

use crate::desk::{Desk, Registry, code, told};

const ROWS: usize = 200;

/// A limit on the size of files does what a full disk does, to this process alone.
#[test]
fn a_full_disk_stops_the_run_and_nothing_that_was_answered_is_lost() {
    let desk = Desk::new();
    desk.plan(&[(18, ROWS)]);
    let registry = Registry::start(&desk);
    // In blocks of 512 bytes: the plan fits, the events of all rows do not.
    let script = "ulimit -f 1600; exec \"$@\"";
    let mut command = Command::new("sh");
    command.current_dir(desk.0.path()).args(["-c", script, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_swip")).args(["submit", "plan.csv", "--parents"]);
    command.args(["parents.csv", "--look-first", "never", "--registry", &registry.url]);
    let output = command.env("SWIP_API_KEY", &registry.key).output().unwrap();
    let said = told(&output);
    assert_eq!(output.status.code(), Some(9), "{said}");
    let committed = registry.commits(&desk);
    assert!(committed > 0 && committed < ROWS, "{committed}");
    let last = said.lines().last().unwrap();
    assert!(last.contains("the journal failed, so sending stopped"), "{last}");
    // Each net is in the report, which is made of the journal, or on the screen.
    let world = registry_nets(&desk);
    let report = std::fs::read_to_string(desk.path("plan.csv.swip-report/report.csv")).unwrap();
    for net in &world {
        assert!(report.contains(net) || said.contains(net), "{net} is lost: {said}");
    }
    assert_eq!(world.len(), committed);
    let args = ["resume", "plan.csv.swip-journal", "--settle", "20ms"];
    let output = registry.swip(&desk, &registry.url, &args);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(desk.counts()["registered"], ROWS);
    assert_eq!(registry.commits(&desk), ROWS);
}

/// Handles of the nets that were made, from the registry's own ledger.
fn registry_nets(desk: &Desk) -> Vec<String> {
    let ledger = desk.lines("world.swip-practice-ledger.ndjson");
    let made = ledger.iter().filter(|line| line["committed"] == true);
    made.filter_map(|line| line["net_handle"].as_str().map(str::to_owned)).collect()
}

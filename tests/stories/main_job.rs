//! The main job: check, submit, resume, and what stops them.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::desk::{Desk, Registry, code};

const SUBMIT: [&str; 4] = ["submit", "plan.csv", "--parents", "parents.csv"];

#[test]
fn the_main_job_registers_every_row_once_and_again_sends_nothing() {
    let desk = Desk::new();
    let first = desk.swip(&SUBMIT);
    assert_eq!(code(&first), 0, "{}", String::from_utf8_lossy(&first.stderr));
    let report = desk.json("plan.csv.swip-report/report.json");
    assert_eq!(report["summary"], serde_json::json!({ "registered": 250 }));
    assert_eq!(report["rows"].as_array().unwrap().len(), 250);
    assert_eq!(desk.registered("plan.csv").len(), 250);
    let ledger = "plan.csv.swip-practice-ledger.ndjson";
    let requests = desk.lines(ledger).len();
    assert_eq!(report["requests"]["sent"], requests);

    assert_eq!(code(&desk.swip(&SUBMIT)), 0);
    assert_eq!(desk.lines(ledger).len(), requests, "a second run with the journal sends nothing");

    std::fs::remove_file(desk.path("plan.csv.swip-journal")).unwrap();
    assert_eq!(code(&desk.swip(&SUBMIT)), 0);
    let report = desk.json("plan.csv.swip-report/report.json");
    assert_eq!(report["summary"], serde_json::json!({ "already-registered": 250 }));
    assert!(desk.lines(ledger)[requests..].iter().all(|line| line["method"] == "GET"));
}

#[test]
fn the_netbox_export_gives_the_same_nets() {
    let desk = Desk::new();
    assert_eq!(code(&desk.swip(&SUBMIT)), 0);
    let netbox =
        ["submit", "netbox-prefixes.csv", "--mapping", "netbox.toml", "--parents", "parents.csv"];
    assert_eq!(code(&desk.swip(&netbox)), 0);
    assert_eq!(desk.registered("plan.csv"), desk.registered("netbox-prefixes.csv"));
}

#[test]
fn customers_may_be_created_in_calls_of_their_own() {
    let desk = Desk::new();
    assert_eq!(code(&desk.swip(&SUBMIT)), 0);
    let inline = desk.registered("plan.csv");
    std::fs::copy(desk.path("plan.csv"), desk.path("two.csv")).unwrap();
    let output =
        desk.swip(&["submit", "two.csv", "--parents", "parents.csv", "--customers", "separate"]);
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(desk.registered("two.csv"), inline);
}

#[test]
fn a_broken_plan_is_explained_and_never_sent() {
    let desk = Desk::new();
    let check = desk.swip(&["check", "broken.csv", "--parents", "parents.csv", "--format", "json"]);
    assert_eq!(code(&check), 3);
    let findings: Value = serde_json::from_slice(&check.stdout).unwrap();
    let rules: std::collections::BTreeSet<&str> = findings["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["rule"].as_str().unwrap())
        .collect();
    assert!(rules.len() >= 20, "{rules:?}");
    assert_eq!(code(&desk.swip(&["submit", "broken.csv", "--parents", "parents.csv"])), 3);
    assert!(!desk.path("broken.csv.swip-journal").exists());
    let report = desk.json("broken.csv.swip-report/report.json");
    assert_eq!(report["requests"]["sent"], 0);
    let skipped =
        desk.swip(&["submit", "broken.csv", "--parents", "parents.csv", "--skip-invalid"]);
    assert_eq!(code(&skipped), 3);
    let report = desk.json("broken.csv.swip-report/report.json");
    assert_eq!(report["summary"]["registered"], 3, "{}", report["summary"]);
}

#[test]
fn usage_faults_end_with_2_before_anything_is_read() {
    let desk = Desk::new();
    for args in [
        &["submit", "nowhere.csv", "--registry", "ote"][..],
        &["submit", "nowhere.csv", "--registry", "http://192.0.2.1"],
        &["submit", "plan.csv"],
        &["check", "plan.csv", "--no-such-option"],
        &["practice", "--listen", "0.0.0.0:0"],
    ] {
        assert_eq!(code(&desk.swip(args)), 2, "{args:?}");
    }
    assert_eq!(code(&desk.swip(&["check", "nowhere.csv"])), 3);
}

#[test]
fn a_dry_run_leaves_nothing_behind() {
    let desk = Desk::new();
    let before = std::fs::read_dir(desk.0.path()).unwrap().count();
    let dry = ["submit", "plan.csv", "--parents", "parents.csv", "--dry-run"];
    assert_eq!(code(&desk.swip(&dry)), 0);
    assert_eq!(std::fs::read_dir(desk.0.path()).unwrap().count(), before);
}

/// A practice registry in a process of its own; ended with the test.
#[test]
fn a_killed_run_is_resumed_and_every_row_is_at_the_registry_once() {
    let desk = Desk::new();
    let registry = Registry::start(&desk);
    let ledger = "world.swip-practice-ledger.ndjson";
    let rate = ["--rate", "400/s", "--settle", "200ms"];
    let args = [&SUBMIT[..], &["--registry", &registry.url], &rate].concat();
    let mut child = desk.command(&args).env("SWIP_API_KEY", &registry.key).spawn().unwrap();
    let begin = Instant::now();
    while desk.lines(ledger).iter().filter(|line| line["committed"] == true).count() < 60 {
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing was registered");
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let args = ["resume", "plan.csv.swip-journal", "--settle", "200ms"];
    let resumed = desk.command(&args).env("SWIP_API_KEY", &registry.key).output().unwrap();
    assert_eq!(code(&resumed), 0, "{}", String::from_utf8_lossy(&resumed.stderr));
    let committed = desk.lines(ledger).iter().filter(|line| line["committed"] == true).count();
    assert_eq!(committed, 250);
    let report = desk.json("plan.csv.swip-report/report.json");
    assert_eq!(report["summary"], serde_json::json!({ "registered": 250 }));
    for file in ["plan.csv.swip-journal", "plan.csv.swip-report/report.json", ledger] {
        let bytes = std::fs::read(desk.path(file)).unwrap();
        let found =
            bytes.windows(registry.key.len()).any(|window| window == registry.key.as_bytes());
        assert!(!found, "the key is in {file}");
    }
}

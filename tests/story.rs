//! The main job as a user runs it: the binary, the samples, a practice registry.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for name in ["plan.csv", "parents.csv", "broken.csv", "netbox-prefixes.csv", "netbox.toml"]
        {
            std::fs::copy(
                Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name),
                desk.path(name),
            )
            .unwrap();
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_swip"));
        command
            .current_dir(self.0.path())
            .args(args)
            .env_remove("SWIP_API_KEY")
            .env_remove("SWIP_REGISTRY");
        command.stdin(Stdio::null());
        command
    }

    fn swip(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }

    fn lines(&self, name: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What is registered at the inner practice registry, by range, without handles and dates.
    fn registered(&self, input: &str) -> BTreeMap<String, Value> {
        let changes = self.lines(&format!("{input}.swip-practice.json"));
        let strip = |record: &Value| {
            let mut record = record.clone();
            for field in ["handle", "registrationDate", "customerHandle"] {
                record.as_object_mut().unwrap().remove(field);
            }
            record
        };
        let customers: BTreeMap<String, Value> = changes
            .iter()
            .filter_map(|change| change.get("customer"))
            .map(|customer| (customer["handle"].as_str().unwrap().to_owned(), strip(customer)))
            .collect();
        let nets = changes.iter().filter_map(|change| change.get("net"));
        nets.filter(|net| net["type"] != "DA" && net["handle"] != "NET-203-0-113-0-1")
            .map(|net| {
                let customer =
                    net["customerHandle"].as_str().and_then(|handle| customers.get(handle));
                let mut record = strip(net);
                record["customer"] = customer.cloned().unwrap_or(Value::Null);
                (net["range"].as_str().unwrap().to_owned(), record)
            })
            .collect()
    }
}

const SUBMIT: [&str; 4] = ["submit", "plan.csv", "--parents", "parents.csv"];

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

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
struct Registry {
    child: Child,
    url: String,
    key: String,
}

impl Registry {
    fn start(desk: &Desk) -> Self {
        let args =
            ["practice", "--parents", "parents.csv", "--plan", "plan.csv", "--state", "world"];
        let mut child = desk.command(&args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut last_word =
            || lines.next().unwrap().unwrap().rsplit(' ').next().unwrap().to_owned();
        let (url, key) = (last_word(), last_word());
        Self { child, url, key }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

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

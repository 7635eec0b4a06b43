//! Every fault that the practice registry has, met by `swip submit`: what it makes of each.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use swip::practice::{Fault, Phase};

use crate::desk::{Desk, code};

/// Where the table is kept; `SWIP_WRITE_TABLES=1` writes it again.
const TABLE: &str = "src/practice/FAULTS.md";
/// How the table begins.
const HEAD: &str = "\
# What `swip submit` makes of each fault

Written and checked by a test (`tests/stories/faults.rs`): a plan with a row for each fault of the
practice registry, whose first write meets that fault; `submit`, then `resume` until nothing is left
to do. `SWIP_WRITE_TABLES=1` writes it again.

| fault | at the registry | writes committed | nets there in the end | the row ends as |
|---|---|---|---|---|
";
/// Most resumptions that a run may need.
const RESUMES: usize = 5;

/// Parent of the row that meets a fault.
fn parent(index: usize) -> String {
    format!("NET-10-{index}-0-0-1")
}

/// A plan with a row a fault, each under a parent of its own, and the rules.
fn files(desk: &Desk) {
    let mut parents = "net_handle,prefix\n".to_owned();
    let mut plan =
        "reference,prefix,customer_name,street,city,state,postal_code,country\n".to_owned();
    let mut rules = Vec::new();
    for (index, fault) in Fault::ALL.iter().enumerate() {
        let name = fault.name();
        writeln!(parents, "{},10.{index}.0.0/16", parent(index)).unwrap();
        writeln!(plan, "{name},10.{index}.0.8/29,Customer {index},1 Main St,Reston,VA,20190,US")
            .unwrap();
        let path = format!("/rest/net/{}/reassign", parent(index));
        rules.push(json!({"method": "PUT", "path": path, "fault": name, "nth": 1}));
    }
    std::fs::write(desk.path("fault-parents.csv"), parents).unwrap();
    std::fs::write(desk.path("fault-plan.csv"), plan).unwrap();
    std::fs::write(desk.path("rules.json"), Value::from(rules).to_string()).unwrap();
}

/// Submits and resumes until nothing is left; everything that was said.
fn sent(desk: &Desk, url: &str, key: &str) -> String {
    let common = ["--registry", url, "--settle", "300ms", "--yes"];
    let submit = ["submit", "fault-plan.csv", "--parents", "fault-parents.csv"];
    let resume = ["resume", "fault-plan.csv.swip-journal"];
    let (mut told, mut last) = (String::new(), 8);
    for round in 0..=RESUMES {
        // 5: a person must look, which no resumption changes.
        if matches!(last, 0 | 5) {
            break;
        }
        let args = if round == 0 { &submit[..] } else { &resume };
        let done = desk.command(&[args, &common].concat()).env("SWIP_API_KEY", key).output();
        let done = done.unwrap();
        told.push_str(&String::from_utf8_lossy(&done.stderr));
        last = code(&done);
    }
    assert!(matches!(last, 0 | 5), "still not done: {told}");
    told
}

#[test]
fn every_fault_is_met_and_no_row_is_registered_twice() {
    let desk = Desk::new();
    files(&desk);
    let mut practice = desk.command(&[
        "practice",
        "--parents",
        "fault-parents.csv",
        "--faults",
        "rules.json",
        "--state",
        "fault-world.json",
    ]);
    let mut practice = practice.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(practice.stdout.take().unwrap()).lines();
    let mut last = || lines.next().unwrap().unwrap().rsplit(' ').next().unwrap().to_owned();
    let (url, key) = (last(), last());
    let told = sent(&desk, &url, &key);
    assert!(!told.contains(&key), "{told}");
    practice.kill().unwrap();
    practice.wait().unwrap();

    let report = desk.json("fault-plan.csv.swip-report/report.json");
    let ledger = desk.lines("fault-world-ledger.ndjson");
    let log = desk.lines("fault-world.log");
    let mut table = HEAD.to_owned();
    for (index, fault) in Fault::ALL.iter().enumerate() {
        let row = &report["rows"][index];
        let name = fault.name();
        assert_eq!(row["reference"], name);
        let about = format!("/rest/net/{}/reassign", parent(index));
        let writes: Vec<&Value> = ledger.iter().filter(|line| line["path"] == about).collect();
        assert!(writes.iter().any(|line| line["fault"] == name), "{name} was not met: {writes:?}");
        let committed = writes.iter().filter(|line| line["committed"] == true).count();
        let range = format!("10.{index}.0.8/29");
        let nets = log.iter().filter(|change| change["net"]["range"] == range.as_str()).count();
        let when = match fault.phase() {
            Phase::Before => "nothing was done",
            Phase::After => "it was done",
            Phase::Late => "it was done later",
        };
        let status = row["status"].as_str().unwrap();
        writeln!(table, "| `{name}` | {when} | {committed} | {nets} | {status} |").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    if std::env::var_os("SWIP_WRITE_TABLES").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, table, "{TABLE} is not what was done; SWIP_WRITE_TABLES=1 writes it again");
}

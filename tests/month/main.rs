//! A month of nights, simulated: a registry as an operator inherits it, adopted, then kept equal to
//! a plan that changes by seeded dice, while exports arrive empty, truncated or with errors, the
//! registry goes away, a key is renewed, a recipient refuses and a removal takes a ticket. At the
//! end the registry equals the plan, every night ended as it should, and nothing was removed that
//! was not allowed.
//!
//! Short by default: 350 records, fewer nights. `SWIP_MONTH=long` plays 2,000 rows and 30 nights,
//! `SWIP_MONTH_FAULTS=some` puts the published mix of faults in; then a night that ends with exit
//! code 8 is tried again, as the timer does it, and a person settles what reading cannot.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

#[path = "../stories/desk.rs"]
#[expect(dead_code, reason = "the stories use the rest")]
mod desk;
mod plan;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use desk::{Desk, code};
use plan::Plan;
use serde_json::Value;
use world::{Held, Registry, differs, http, registered};

/// The key that reads and writes everything of ours, and one that is renewed on the way.
const KEY: &str = "API-0000-0000-5A1D-CAFE";
const RENEWED: &str = "API-0000-0000-0000-2026";
/// Parents that are ours.
const OURS: [&str; 5] = [
    "NET-198-18-0-0-1",
    "NET-198-19-0-0-1",
    "NET-198-51-100-128-1",
    "NET6-2001-DB8-1",
    "NET6-3FFF-1",
];
/// How often the timer tries a night again that found the registry away.
const RETRIES: u32 = 10;
/// Everything that a guard would hold.
const ALL: [&str; 4] = ["--allow-removals", "9999", "--allow-changes", "9999"];

struct Month {
    desk: Desk,
    registry: Option<Registry>,
    url: String,
    key: String,
    plan: Plan,
    night: u32,
    long: bool,
    faults: bool,
    log: Vec<String>,
    /// Ranges that may be gone from the registry by now.
    allowed: BTreeSet<String>,
    /// What was there before the first night.
    inherited: BTreeMap<String, Held>,
}

/// Where the inherited registry is: made for the long month, kept for the short one.
fn inherited(desk: &Desk, records: Option<u32>) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some(records) = records else { return here.join("tests/fixtures/inherited") };
    let made = desk.path("made");
    std::fs::create_dir(&made).unwrap();
    let mut python = Command::new("python3");
    python.arg(here.join("samples/practice/inherited.py")).arg(records.to_string()).arg(&made);
    assert!(python.status().unwrap().success(), "the long month needs python3");
    made
}

impl Month {
    fn begin() -> Self {
        let long = std::env::var_os("SWIP_MONTH").is_some_and(|value| value == "long");
        let faults = std::env::var_os("SWIP_MONTH_FAULTS").is_some_and(|value| value != "off");
        let desk = Desk::new();
        // 2,140 records make a plan of 2,000 rows.
        let from = inherited(&desk, long.then_some(2_140));
        for name in ["inherited.json", "inherited-plan.csv", "inherited-parents.csv"] {
            std::fs::copy(from.join(name), desk.path(name)).unwrap();
        }
        let world = std::fs::read_to_string(desk.path("inherited.json")).unwrap();
        let renewed = format!(
            "\"keys\":[\n{{\"key\":\"{RENEWED}\",\"orgs\":[\"EXAMPLE-1\",\"EXAMPLE-2\"]}},"
        );
        let world = world.replacen("\"keys\":[", &renewed, 1);
        std::fs::write(desk.path("inherited.json"), world).unwrap();
        let (registry, url) = Registry::start(&desk, "127.0.0.1:0");
        let inherited = registered(&url, &OURS);
        let plan = Plan::read(&desk.path("inherited-plan.csv"), inherited.keys());
        let (registry, key) = (Some(registry), KEY.to_owned());
        let (log, allowed) = (Vec::new(), BTreeSet::new());
        Self { desk, registry, url, key, plan, night: 0, long, faults, log, allowed, inherited }
    }

    fn run(&mut self, args: &[&str]) -> i32 {
        let mut command = self.desk.command(args);
        command.args(["--registry", &self.url]).env("SWIP_API_KEY", &self.key);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        self.log.push(format!("    {}", said.lines().last().unwrap_or_default()));
        code(&output)
    }

    fn adopt(&mut self, groups: &[&str]) {
        std::fs::write(self.desk.path("night.csv"), self.plan.csv()).unwrap();
        let mut args = vec!["adopt", "night.csv", "--parents", "inherited-parents.csv"];
        args.extend(["--journal", "J", "--max-age", "0s"]);
        groups.iter().for_each(|group| args.extend(["--accept", group]));
        let mut exit = self.run(&args);
        for _ in 1..RETRIES {
            if exit != 8 {
                break;
            }
            exit = self.run(&args);
        }
        assert!(matches!(exit, 0 | 3), "{exit} {:?}", self.log);
    }

    /// One night with this plan; `--as-of` moves on by a day. Tried again as the timer does.
    fn night(&mut self, text: &str, more: &[&str]) -> i32 {
        self.night += 1;
        std::fs::write(self.desk.path("night.csv"), text).unwrap();
        let date = format!("2026-12-{:02}", self.night);
        let args = ["sync", "night.csv", "--parents", "inherited-parents.csv", "--journal", "J"];
        let how = ["--as-of", &date, "--report", "R", "--settle", "250ms"];
        let args = [&args[..], &how, &["--removal-grace", "24h"], more].concat();
        let mut exit = self.run(&args);
        let mut tries = 1;
        while self.registry.is_some() && tries < RETRIES && self.is_to_be_tried_again(exit) {
            exit = self.run(&args);
            tries += 1;
        }
        let rows = text.lines().count().saturating_sub(1);
        let line =
            format!("night {:2}: exit {exit}, {tries} runs, {rows} lines, {more:?}", self.night);
        self.log.push(line);
        if self.registry.is_some() {
            self.nothing_is_lost();
        }
        exit
    }

    /// Whether the registry was away or has not decided, or a person settled something.
    fn is_to_be_tried_again(&mut self, exit: i32) -> bool {
        self.faults && (exit == 8 || self.waits(exit) || (exit == 5 && self.settle()))
    }

    /// Whether rows wait only for what the registry has not decided yet.
    fn waits(&self, exit: i32) -> bool {
        exit == 6 && self.counted("deferred") > 0 && self.counted("held") == 0
    }

    /// What a person does about an outcome that reading alone cannot settle: looks, and says so.
    fn settle(&mut self) -> bool {
        let report = self.desk.json("R/report.json");
        let rows = report["rows"].as_array().unwrap().clone();
        let open = rows.into_iter().filter(|row| row["status"] == "unresolved");
        let held = registered(&self.url, &OURS);
        let mut settled = false;
        for row in open {
            let range = row["prefix"].as_str().map(str::to_owned);
            let range = range.unwrap_or_else(|| format!("{} - {}", row["start"], row["end"]));
            let found = held.get(&range).map(|held| held.handle.clone());
            let place = row["row"].as_u64().map_or(range, |row| row.to_string());
            let mut args = vec!["resolve", "J", &place, "--note", "looked"];
            match &found {
                Some(handle) => args.extend(["--adopt", handle]),
                None => args.push("--absent"),
            }
            settled |= self.run(&args) == 0;
        }
        settled
    }

    /// Whatever was inherited is still registered, unless it was allowed to go.
    fn nothing_is_lost(&self) {
        let now = registered(&self.url, &OURS);
        let lost = self.inherited.keys().filter(|range| !now.contains_key(*range));
        let lost: Vec<&String> = lost.filter(|range| !self.allowed.contains(*range)).collect();
        assert!(lost.is_empty(), "{lost:?} {:?}", self.log);
    }

    fn report(&self) -> Vec<Value> {
        self.desk.json("R/report.json")["rows"].as_array().unwrap().clone()
    }

    fn counted(&self, status: &str) -> u64 {
        let summary: BTreeMap<String, u64> =
            serde_json::from_value(self.desk.json("R/report.json")["summary"].clone()).unwrap();
        summary.get(status).copied().unwrap_or_default()
    }

    /// Numbers of rows with one of these statuses.
    fn with(&self, statuses: &[&str]) -> BTreeSet<u64> {
        let wanted = |row: &&Value| statuses.contains(&row["status"].as_str().unwrap());
        let rows = self.report();
        rows.iter().filter(wanted).filter_map(|row| row["row"].as_u64()).collect()
    }

    /// Every row that is to be registered is, as it says.
    fn equals(&self) {
        let now = registered(&self.url, &OURS);
        for row in &self.plan.rows {
            let range = match row["prefix"].as_str() {
                "" => format!("{} - {}", row["start"], row["end"]),
                prefix => prefix.to_owned(),
            };
            let found = now.get(&range);
            let wrong =
                found.map_or(vec!["is not registered".to_owned()], |held| differs(row, held));
            assert!(wrong.is_empty(), "{range} {row:?}: {wrong:?} {:?}", self.log);
        }
    }
}

#[test]
fn a_month_of_nights_ends_with_the_registry_equal_to_the_plan() {
    let mut month = Month::begin();
    inherit(&mut month);
    for _ in 0..if month.long { 6 } else { 1 } {
        ordinary(&mut month);
    }
    exports_that_go_wrong(&mut month);
    a_renewed_key(&mut month);
    for _ in 0..if month.long { 4 } else { 1 } {
        ordinary(&mut month);
    }
    an_outage(&mut month);
    a_recipient_that_refuses(&mut month);
    leavers(&mut month);
    a_ticket(&mut month);
    while month.long && month.night < 29 {
        ordinary(&mut month);
    }
    let text = month.plan.csv();
    assert_eq!(month.night(&text, &["--verify", "all"]), 0, "{:?}", month.log);
    assert_eq!(month.counted("unchanged"), month.report().len() as u64, "{:?}", month.log);
    month.equals();
    if month.long {
        eprintln!("{}", month.log.join("\n"));
    }
}

/// The first nights: what others registered is adopted, what differs is corrected.
fn inherit(month: &mut Month) {
    month.adopt(&["equal", "name", "spelling", "address"]);
    let text = month.plan.csv();
    // Rows with errors, nets of others in the way, nets that were not adopted.
    assert_eq!(
        month.night(&text, &["--skip-invalid", "--allow-changes", "999"]),
        6,
        "{:?}",
        month.log
    );
    let held = month.with(&["held"]);
    assert!(!held.is_empty() && held.len() < 100, "{held:?}");
    assert!(month.counted("modified") > 0 && month.counted("registered") > 0);
    // The operator takes the rows out that cannot be registered: errors, space given away.
    let mut out = month.with(&["invalid", "not-managed", "recorded"]);
    let beyond = month.report();
    let beyond =
        beyond.iter().filter(|row| row["status"] == "rejected" && row["code"] != "conflict");
    out.extend(beyond.filter_map(|row| row["row"].as_u64()));
    let away = |row: &plan::Row| {
        (192..=199).any(|third| row["prefix"].starts_with(&format!("198.19.{third}.")))
            && row["action"] != "reallocate"
    };
    let most = month.plan.rows.len() / 5;
    let mut number = 0;
    month.plan.rows.retain(|row| {
        number += 1;
        !out.contains(&number) && !away(row)
    });
    assert!(out.len() < most, "{} rows were left out", out.len());
    // Other recipients and blocks cut otherwise are taken over too: they are replaced.
    month.adopt(&["recipient", "split"]);
    let text = month.plan.csv();
    let exit = month.night(&text, &ALL);
    assert!(matches!(exit, 0 | 6), "{exit} {:?}", month.log);
    let going = month.report();
    let going = going.iter().filter(|row| row["row"].is_null() && row["status"] == "held");
    let going: Vec<String> = going
        .map(|row| match row["prefix"].as_str() {
            Some(prefix) => prefix.to_owned(),
            None => {
                format!("{} - {}", row["start"].as_str().unwrap(), row["end"].as_str().unwrap())
            }
        })
        .collect();
    month.allowed.extend(going);
    let exit = month.night(&text, &ALL);
    assert!(matches!(exit, 0), "{exit} {:?}", month.log);
    month.equals();
}

/// A day's changes: renames, moves of house, newcomers.
fn ordinary(month: &mut Month) {
    month.plan.rename();
    month.plan.readdress();
    month.plan.readdress();
    month.plan.add();
    let text = month.plan.csv();
    assert_eq!(month.night(&text, &[]), 0, "{:?}", month.log);
    assert_eq!((month.counted("modified"), month.counted("registered")), expected(month, 3, 1));
    month.equals();
}

/// With faults a night may have needed several runs, and the last tells only of its own.
fn expected(month: &Month, modified: u64, registered: u64) -> (u64, u64) {
    if month.faults {
        return (month.counted("modified"), month.counted("registered"));
    }
    (modified, registered)
}

/// Empty, truncated, with errors.
fn exports_that_go_wrong(month: &mut Month) {
    let (before, text) = (registered(&month.url, &OURS), month.plan.csv());
    let header = text.lines().next().unwrap().to_owned() + "\n";
    assert_eq!(month.night(&header, &ALL), 3);
    let half: Vec<&str> = text.lines().take(text.lines().count() / 2).collect();
    assert_eq!(month.night(&half.join("\n"), &ALL), 6);
    let broken = text.replacen(",US,", ",Absurdistan,", 3);
    assert_eq!(month.night(&broken, &ALL), 3);
    let skipping = [&ALL[..], &["--skip-invalid"]].concat();
    assert_eq!(month.night(&broken, &skipping), 3, "{:?}", month.log);
    assert_eq!(month.counted("invalid"), 3);
    assert_eq!(registered(&month.url, &OURS), before);
}

/// The key is renewed: refused until a person says so, then taken.
fn a_renewed_key(month: &mut Month) {
    month.key = "API-0000-0000-DEAD-BEEF".to_owned();
    let text = month.plan.csv();
    let refused = month.night(&text, &["--verify", "all"]);
    assert!(matches!(refused, 2 | 6 | 7 | 9), "{refused} {:?}", month.log);
    month.night -= 1;
    month.key = RENEWED.to_owned();
    assert_ne!(month.night(&text, &[]), 0, "another key than before is not taken silently");
    month.night -= 1;
    assert_eq!(month.night(&text, &["--accept-new-key"]), 0, "{:?}", month.log);
}

/// The registry goes away for a night.
fn an_outage(month: &mut Month) {
    let (before, text) = (registered(&month.url, &OURS), month.plan.csv());
    month.registry = None;
    assert_eq!(month.night(&text, &["--verify", "all"]), 8);
    let listen = month.url.strip_prefix("http://").unwrap().to_owned();
    month.registry = Some(Registry::start(&month.desk, &listen).0);
    assert_eq!(registered(&month.url, &OURS), before, "the registry came back as it was");
}

/// Another org is to hold a net: one that nobody knows, then one that takes it.
fn a_recipient_that_refuses(month: &mut Month) {
    let before = registered(&month.url, &OURS);
    let at = month.plan.of_org();
    let held = month.plan.rows[at]["org_handle"].clone();
    month.plan.set(at, &[("org_handle", "NONE-1")]);
    let text = month.plan.csv();
    assert_eq!(month.night(&text, &["--allow-removals", "1"]), 6);
    assert_eq!(
        registered(&month.url, &OURS),
        before,
        "nothing is removed for a recipient that cannot take it"
    );
    let other = ["MAPLE-7", "SUMMIT-21"].into_iter().find(|org| *org != held).unwrap();
    month.plan.set(at, &[("org_handle", other)]);
    let text = month.plan.csv();
    assert_eq!(month.night(&text, &["--allow-removals", "1"]), 0, "{:?}", month.log);
    month.equals();
}

/// Customers leave, move to other blocks, and a block is split; nothing goes before it may.
fn leavers(month: &mut Month) {
    let mut gone: Vec<String> = (0..3).map(|_| month.plan.leave()).collect();
    gone.push(month.plan.relocate());
    gone.push(month.plan.split());
    let (before, text) = (registered(&month.url, &OURS), month.plan.csv());
    assert_eq!(month.night(&text, &["--allow-removals", "5"]), 6);
    let now = registered(&month.url, &OURS);
    assert!(before.keys().all(|range| now.contains_key(range)), "the grace holds all");
    assert_eq!(month.night(&text, &["--allow-removals", "4"]), 6, "one too many, so none");
    let now = registered(&month.url, &OURS);
    assert!(before.keys().all(|range| now.contains_key(range)));
    month.allowed.extend(gone.iter().cloned());
    assert_eq!(month.night(&text, &["--allow-removals", "5"]), 0, "{:?}", month.log);
    let now = registered(&month.url, &OURS);
    assert!(gone.iter().all(|range| !now.contains_key(range)), "{:?}", month.log);
    month.equals();
}

/// A removal that the registry decides by ticket.
fn a_ticket(month: &mut Month) {
    let gone = month.plan.leave();
    let text = month.plan.csv();
    assert_eq!(month.night(&text, &["--allow-removals", "1"]), 6);
    let rules = r#"[{"method":"DELETE","path":"/rest/net/","fault":"ticket-only","nth":1}]"#;
    if !month.faults {
        http(&month.url, "POST", "/_practice/faults", rules);
    }
    month.allowed.insert(gone.clone());
    assert_eq!(month.night(&text, &["--allow-removals", "1"]), 0, "{:?}", month.log);
    for _ in 0..2 {
        assert_eq!(month.night(&text, &[]), 0, "{:?}", month.log);
    }
    assert!(!registered(&month.url, &OURS).contains_key(&gone), "{:?}", month.log);
    month.equals();
}

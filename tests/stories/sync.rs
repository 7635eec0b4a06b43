//! Nights of `swip sync`: what is changed, what is held, what is refused, and what can be undone.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::desk::{Desk, code};

const PARENTS: &str = "net_handle,prefix\nNET-198-51-100-0-1,198.51.100.0/24\n";
const HEADER: &str = "reference,prefix,customer_name,street,city,state,postal_code,country,private,comment,org_handle\n";

/// Rows by block; a night's plan is this, changed.
type Rows = BTreeMap<u8, String>;

fn customer(number: u8, name: &str) -> String {
    format!("R-{number},198.51.100.{}/29,{name},1 Main Street,Reston,VA,20190,US,,,", number * 8)
}

fn org(number: u8, handle: &str) -> String {
    format!("R-{number},198.51.100.{}/29,,,,,,,,,{handle}", number * 8)
}

fn plan() -> Rows {
    let rows = (0..20).map(|n| (n, customer(n, &format!("Customer {n}"))));
    rows.chain([(20, org(20, "MAPLE-7"))]).collect()
}

struct Nights(Desk);

impl Nights {
    /// The registry after a first night that registered everything.
    fn begin() -> Self {
        let nights = Self(Desk::new());
        std::fs::write(nights.0.path("p.csv"), PARENTS).unwrap();
        let exit = nights.sync(&plan(), &[]);
        assert_eq!(exit, 0);
        nights
    }

    fn write(&self, rows: &Rows) {
        let lines: Vec<&str> = rows.values().map(String::as_str).collect();
        std::fs::write(self.0.path("rows.csv"), format!("{HEADER}{}\n", lines.join("\n"))).unwrap();
    }

    fn sync(&self, rows: &Rows, more: &[&str]) -> i32 {
        self.write(rows);
        let args = ["sync", "rows.csv", "--parents", "p.csv", "--journal", "J", "--report", "R"];
        code(&self.0.swip(&[&args[..], more].concat()))
    }

    fn report(&self) -> Vec<Value> {
        self.0.json("R/report.json")["rows"].as_array().unwrap().clone()
    }

    /// Status and code of every line that is not unchanged.
    fn told(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told = self.report().into_iter().map(|row| (text(&row["status"]), text(&row["code"])));
        told.filter(|(status, _)| status != "unchanged").collect()
    }

    fn world(&self) -> BTreeMap<String, Value> {
        self.0.registered("rows.csv")
    }

    fn writes(&self) -> usize {
        let lines = self.0.lines("rows.csv.swip-practice-ledger.ndjson");
        lines.iter().filter(|line| line["method"] != "GET").count()
    }
}

fn told(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn an_unchanged_night_writes_nothing() {
    let nights = Nights::begin();
    let (world, writes) = (nights.world(), nights.writes());
    assert_eq!(nights.sync(&plan(), &["--as-of", "2026-11-20"]), 0);
    assert_eq!(nights.told(), told(&[]));
    let requests = nights.0.json("R/report.json")["requests"]["sent"].as_u64().unwrap();
    assert!(requests <= 4, "{requests}");
    assert_eq!((nights.world(), nights.writes()), (world, writes));
}

#[test]
fn what_differs_is_modified_in_place_and_the_rest_of_the_net_stays() {
    let nights = Nights::begin();
    let mut rows = plan();
    rows.insert(1, customer(1, "Renamed LLC"));
    rows.insert(2, customer(2, "Customer 2").replace(",,,", ",true,Hours 9 to 5,"));
    rows.insert(3, customer(3, "Renamed Inc"));
    assert_eq!(nights.sync(&rows, &[]), 6, "three of 21 are more than ten percent");
    assert_eq!(nights.sync(&rows, &["--allow-changes", "3"]), 0);
    assert_eq!(nights.told(), told(&[("modified", ""); 3]));
    let world = nights.world();
    assert_eq!(world["198.51.100.8/29"]["customer"]["customerName"], "Renamed LLC");
    let private = &world["198.51.100.16/29"];
    assert_eq!(private["customer"]["privateCustomer"], true);
    assert_eq!(private["netName"], "PRIVATE-198-51-100-16-29");
    assert_eq!(private["comment"][0], "Hours 9 to 5");
    // Back to public needs a word.
    rows.insert(2, customer(2, "Customer 2").replace(",,,", ",false,,"));
    assert_eq!(nights.sync(&rows, &["--allow-changes", "9"]), 6);
    assert_eq!(nights.told(), told(&[("held", "unprivate-not-allowed")]));
    assert_eq!(nights.sync(&rows, &["--allow-changes", "9", "--allow-unprivate", "1"]), 0);
    assert_eq!(nights.world()["198.51.100.16/29"]["customer"]["privateCustomer"], false);
}

#[test]
fn a_removal_waits_for_two_inputs_and_for_permission_and_takes_its_customer_along() {
    let nights = Nights::begin();
    let mut rows = plan();
    rows.remove(&5);
    assert_eq!(nights.sync(&rows, &["--allow-removals", "1"]), 6);
    assert_eq!(nights.told(), told(&[("held", "removal-grace")]));
    assert_eq!(nights.sync(&rows, &[]), 6);
    assert_eq!(nights.told(), told(&[("held", "removal-not-allowed")]));
    assert_eq!(nights.sync(&rows, &["--allow-removals", "1"]), 0);
    assert_eq!(nights.told(), told(&[("removed", "not-in-input")]));
    assert!(!nights.world().contains_key("198.51.100.40/29"));
    let world = nights.0.json("rows.csv.swip-practice.json");
    let customers = world["customers"].as_array().unwrap();
    assert!(!customers.iter().any(|customer| customer["customerName"] == "Customer 5"));
    assert_eq!(nights.sync(&rows, &[]), 0);
}

#[test]
fn another_org_and_another_size_are_replaced_after_the_old_net_is_gone() {
    let nights = Nights::begin();
    let mut rows = plan();
    rows.insert(20, org(20, "OAK-3"));
    rows.remove(&9);
    rows.insert(8, customer(8, "Customer 8").replace(".64/29", ".64/28"));
    let allow = ["--allow-removals", "9", "--allow-changes", "9"];
    assert_eq!(nights.sync(&rows, &allow), 6);
    assert_eq!(
        nights.told(),
        told(&[
            ("held", "removal-held"),
            ("replaced", ""),
            ("held", "removal-grace"),
            ("held", "removal-grace")
        ])
    );
    assert_eq!(nights.world()["198.51.100.160/29"]["orgHandle"], "OAK-3");
    assert_eq!(nights.sync(&rows, &allow), 0);
    let world = nights.world();
    assert_eq!(world["198.51.100.64/28"]["customer"]["customerName"], "Customer 8");
    assert!(!world.contains_key("198.51.100.64/29") && !world.contains_key("198.51.100.72/29"));
}

#[test]
fn rows_with_errors_protect_their_space() {
    let nights = Nights::begin();
    let mut rows = plan();
    rows.remove(&3);
    rows.insert(4, customer(4, "Customer 4").replace(",VA,", ",Virginia,"));
    let allow = ["--allow-removals", "9", "--skip-invalid"];
    assert_eq!(nights.sync(&rows, &allow), 6);
    rows.insert(4, customer(4, "Customer 4").replace("198.51.100.32/29", "198.51.100.x/29"));
    assert_eq!(nights.sync(&rows, &allow), 6);
    assert!(nights.told().contains(&("held".to_owned(), "unread-row".to_owned())));
    assert_eq!(nights.world().len(), plan().len());
    // Sound again, and its neighbour is still gone.
    rows.insert(4, customer(4, "Customer 4"));
    assert_eq!(nights.sync(&rows, &allow), 0);
    assert_eq!(nights.world().len(), plan().len() - 1);
}

#[test]
fn an_empty_or_truncated_export_changes_nothing() {
    let nights = Nights::begin();
    let writes = nights.writes();
    assert_eq!(nights.sync(&Rows::new(), &["--allow-removals", "99"]), 3);
    let half: Rows = plan().into_iter().take(10).collect();
    assert_eq!(nights.sync(&half, &["--allow-removals", "99", "--allow-changes", "99"]), 6);
    assert_eq!(nights.writes(), writes);
    let accept = ["--accept-shrink", "10"];
    assert_eq!(nights.sync(&half, &accept), 6);
    assert_eq!(nights.told().len(), 11, "all held by grace");
    assert_eq!(nights.writes(), writes);
}

#[test]
fn a_saved_plan_is_applied_once_and_only_while_nothing_moved() {
    let nights = Nights::begin();
    let mut rows = plan();
    rows.insert(1, customer(1, "Renamed LLC"));
    assert_eq!(nights.sync(&rows, &["--plan-out", "night.json"]), 0);
    let apply = |nights: &Nights| {
        let output =
            nights.0.swip(&["sync", "--plan", "night.json", "--journal", "J", "--report", "R"]);
        (code(&output), String::from_utf8(output.stderr).unwrap())
    };
    rows.insert(2, customer(2, "Renamed too"));
    nights.write(&rows);
    let (exit, said) = apply(&nights);
    assert!(exit == 6 && said.contains("row 3 (198.51.100.16/29)"), "{said}");
    rows.insert(2, customer(2, "Customer 2"));
    nights.write(&rows);
    assert_eq!(apply(&nights).0, 0);
    assert_eq!(nights.world()["198.51.100.8/29"]["customer"]["customerName"], "Renamed LLC");
    let (exit, said) = apply(&nights);
    assert!(exit == 6 && said.contains("applied already"), "{said}");
}

#[test]
fn undo_takes_a_night_back() {
    let nights = Nights::begin();
    let before = nights.world();
    let mut rows = plan();
    rows.remove(&5);
    assert_eq!(nights.sync(&rows, &[]), 6);
    rows.insert(1, customer(1, "Renamed LLC"));
    rows.insert(22, customer(22, "Newcomer"));
    assert_eq!(nights.sync(&rows, &["--allow-removals", "1"]), 0);
    assert_ne!(nights.world(), before);
    let output = nights.0.swip(&["undo", "J", "--plan-out", "back.json"]);
    assert_eq!(code(&output), 0, "{output:?}");
    let output = nights.0.swip(&["sync", "--plan", "back.json", "--journal", "J", "--report", "R"]);
    assert_eq!(code(&output), 0, "{output:?}");
    assert_eq!(nights.world(), before);
}

#[test]
fn a_dry_run_shows_what_would_change_and_changes_nothing() {
    let nights = Nights::begin();
    let (world, journal) = (nights.world(), std::fs::read(nights.0.path("J")).unwrap());
    let mut rows = plan();
    rows.insert(1, customer(1, "Renamed LLC"));
    rows.insert(22, customer(22, "Newcomer"));
    rows.remove(&5);
    nights.write(&rows);
    let args = ["sync", "rows.csv", "--parents", "p.csv", "--journal", "J", "--dry-run"];
    let output = nights.0.swip(&args);
    assert_eq!(code(&output), 0);
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "customer_name: Customer 1 -> Renamed LLC",
        "  +   198.51.100.176/29",
        "held (removal-grace)",
        "Not checked: the ranges of 1 rows",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let output = nights.0.swip(&[&args[..], &["--format", "json"]].concat());
    let diff: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(diff["summary"]["modify"], 1);
    assert_eq!(diff["changes"][0]["edits"][0]["to"], "Renamed LLC");
    assert_eq!((nights.world(), std::fs::read(nights.0.path("J")).unwrap()), (world, journal));
}

#[test]
fn metrics_name_the_registry_and_the_last_success() {
    let nights = Nights::begin();
    assert_eq!(nights.sync(&plan(), &["--metrics", "swip.prom"]), 0);
    let text = std::fs::read_to_string(nights.0.path("swip.prom")).unwrap();
    assert!(text.contains("swip_rows{registry=\"practice\",status=\"unchanged\"} 21"), "{text}");
    assert!(text.contains("swip_seconds_since_last_success{registry=\"practice\"} "), "{text}");
    assert_eq!(nights.sync(&Rows::new(), &["--metrics", "swip.prom"]), 3);
    let text = std::fs::read_to_string(nights.0.path("swip.prom")).unwrap();
    assert!(text.contains("swip_last_run_exit_code{registry=\"practice\"} 3"), "{text}");
}

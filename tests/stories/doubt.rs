//! What reading cannot settle goes to a person, and tickets to their end: `status`, `resolve`.

use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::desk::{Desk, Registry, code, told};
use crate::relay::{Does, Relay};

const JOURNAL: &str = "plan.csv.swip-journal";
const SUBMIT: [&str; 6] = ["submit", "plan.csv", "--parents", "parents.csv", "--settle", "20ms"];

fn out(output: &Output) -> String {
    assert_eq!(code(output), 0, "{}", told(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn status(desk: &Desk) -> Value {
    let output = desk.swip(&["status", JOURNAL, "--format", "json"]);
    serde_json::from_str(&out(&output)).unwrap()
}

/// Events of a kind in the journal.
fn events(desk: &Desk, kind: &str) -> usize {
    let journal = rusqlite::Connection::open(desk.path(JOURNAL)).unwrap();
    let select = "SELECT count(*) FROM event WHERE event LIKE ?1";
    journal.query_row(select, [format!("{{\"{kind}\"%")], |row| row.get::<_, i64>(0)).unwrap()
        as usize
}

/// The answers to the first two "create customer" are lost; both customers exist.
struct Lost {
    desk: Desk,
    registry: Registry,
    customers: Vec<String>,
}

impl Lost {
    fn new() -> Self {
        let desk = Desk::new();
        desk.plan(&[(18, 3)]);
        let plan = std::fs::read_to_string(desk.path("plan.csv")).unwrap();
        let plan = plan.replace("R18-0", "TWICE").replace("R18-1", "TWICE");
        std::fs::write(desk.path("plan.csv"), plan).unwrap();
        let registry = Registry::start(&desk);
        let relay = Relay::start(&registry.url, |asked| {
            let lost = asked.method == "POST"
                && ["Acme 18 0", "Acme 18 1"].iter().any(|name| asked.body.contains(name));
            if lost { Does::PassAndCut } else { Does::Pass }
        });
        let more = ["--customers", "separate", "--concurrency", "1"];
        let output = registry.swip(&desk, &relay.url, &[&SUBMIT[..], &more].concat());
        assert_eq!(code(&output), 5, "{}", told(&output));
        assert!(told(&output).lines().last().unwrap().contains("next: swip status"));
        let posts = relay.writes().into_iter().filter(|asked| asked.method == "POST").count();
        assert_eq!(posts, 3, "a lost customer is never sent again");
        let ledger = desk.lines("world.swip-practice-ledger.ndjson");
        let made = ledger.iter().filter(|line| line["method"] == "POST");
        let customers = made.map(|line| line["customer_handle"].as_str().unwrap().to_owned());
        let customers = customers.collect();
        Self { desk, registry, customers }
    }

    fn resolve(&self, row: &str, how: &[&str]) -> Output {
        let args = [&["resolve", JOURNAL, row][..], how].concat();
        self.registry.swip(&self.desk, &self.registry.url, &args)
    }
}

#[test]
fn a_lost_customer_is_told_with_where_to_look_and_what_to_type() {
    let lost = Lost::new();
    let text = out(&lost.desk.swip(&["status", JOURNAL]));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[1].starts_with("row 1, 198.18.0.0/29: unresolved: the answer to creating `Acme 18 0` under NET-198-18-0-0-1 was lost"), "{text}");
    for part in [
        "https://whois.arin.net/rest/customers;name=Acme%2018%200",
        "swip resolve plan.csv.swip-journal 1 --adopt C12345678",
        "swip resolve plan.csv.swip-journal 1 --absent",
    ] {
        assert!(lines[1].contains(part), "{text}");
    }
    let document = status(&lost.desk);
    assert_eq!(document["summary"], serde_json::json!({ "unresolved": 2, "registered": 1 }));
    assert_eq!(document["open"][0]["reference"], "TWICE");
    assert_eq!(document["exit_code"], 5);
}

#[test]
fn a_person_settles_rows_by_any_of_their_names_and_the_registry_is_asked_first() {
    let lost = Lost::new();
    let refused = |row: &str, how: &[&str], exit: i32, why: &str| {
        let output = lost.resolve(row, how);
        assert_eq!(code(&output), exit, "{row} {how:?}: {}", told(&output));
        assert!(told(&output).contains(why), "{row} {how:?}: {}", told(&output));
    };
    refused("TWICE", &["--absent"], 2, "TWICE may be 1:1 or 1:2; say which");
    refused("3", &["--absent"], 2, "no row of that number");
    refused("9:1", &["--absent"], 2, "no row of that number");
    refused("1", &[], 2, "");
    refused("1", &["--hold"], 2, "--note");
    refused(
        "1",
        &["--adopt", "C99999999"],
        5,
        "the registry has no C99999999; nothing was changed",
    );
    let (first, second) = (lost.customers[0].as_str(), lost.customers[1].as_str());
    refused("1", &["--adopt", second], 5, "differs in");
    assert_eq!(events(&lost.desk, "resolved"), 0, "nothing was changed");
    assert_eq!(status(&lost.desk)["summary"]["unresolved"], 2);

    let output = lost.resolve("1", &["--adopt", first, "--note", "seen at ARIN Online"]);
    let text = format!("row 1: has the customer {first}; swip resume registers its net\n");
    assert_eq!(out(&output), text);
    let shown = "Row 1 of run 1: 198.18.0.0/29 under NET-198-18-0-0-1, Acme 18 0";
    assert!(told(&output).contains(shown), "shown before it acts: {}", told(&output));
    let output = lost.resolve("198.18.0.8/29", &["--hold", "--note", "asked ARIN"]);
    assert_eq!(out(&output), "row 2: is held as it is\n");
    assert!(status(&lost.desk)["open"][0]["message"].as_str().unwrap().contains("asked ARIN"));
    // Only the row that was settled goes on.
    let resume = ["resume", JOURNAL, "--settle", "20ms"];
    let output = lost.registry.swip(&lost.desk, &lost.registry.url, &resume);
    assert_eq!(code(&output), 5, "{}", told(&output));
    assert_eq!(lost.desk.counts()["registered"], 2);
    // TWICE names one open row now.
    let output = lost.resolve("TWICE", &["--absent"]);
    assert_eq!(out(&output), "row 2: is absent; swip resume sends it again\n");
    let output = lost.registry.swip(&lost.desk, &lost.registry.url, &resume);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(lost.desk.counts()["registered"], 3);
    assert_eq!(events(&lost.desk, "resolved"), 3, "each word of a person is journaled");
    refused("2", &["--absent"], 2, "no row of that number");
}

#[test]
fn a_net_that_was_answered_differently_is_adopted_only_as_it_is_read() {
    let desk = Desk::new();
    desk.plan(&[(18, 2)]);
    let faults = r#"[{"method":"PUT","path":"/reassign","fault":"wrong-net","nth":1}]"#;
    std::fs::write(desk.path("faults.json"), faults).unwrap();
    let registry = Registry::with(&desk, &["--faults", "faults.json"]);
    let submit = [&SUBMIT[..], &["--concurrency", "1"]].concat();
    let output = registry.swip(&desk, &registry.url, &submit);
    assert_eq!(code(&output), 5, "{}", told(&output));
    let open = status(&desk)["open"][0].clone();
    let (row, block) = (open["row"].as_str().unwrap(), open["block"].as_str().unwrap());
    let ledger = desk.lines("world.swip-practice-ledger.ndjson");
    let made: Vec<&str> = ledger.iter().filter_map(|line| line["net_handle"].as_str()).collect();
    let resolve = |name: &str, how: &[&str]| {
        registry.swip(&desk, &registry.url, &[&["resolve", JOURNAL, name], how].concat())
    };
    let refused = |name: &str, how: &[&str]| {
        let output = resolve(name, how);
        assert_eq!(code(&output), 5, "{}", told(&output));
        told(&output)
    };
    let said = refused(row, &["--absent"]);
    assert!(said.contains("so it is not absent; say --adopt"), "{said}");
    let said = refused(row, &["--adopt", "NET-198-18-0-0-1"]);
    assert!(said.contains("differs in"), "{said}");
    let said = refused(row, &["--adopt", "NET-203-0-113-99-1"]);
    assert!(said.contains("the registry has no"), "{said}");
    let named = open["net_handle"].as_str().unwrap_or(block);
    let output = resolve(named, &["--adopt", made[0]]);
    assert_eq!(out(&output), format!("row {row}: is registered as {}\n", made[0]));
    let report = ["report", JOURNAL, "--report", "plan.csv.swip-report"];
    assert_eq!(code(&desk.swip(&report)), 0);
    assert_eq!(desk.counts()["registered"], 2);
    let before = registry.commits(&desk);
    assert_eq!(code(&registry.swip(&desk, &registry.url, &submit)), 0);
    assert_eq!(registry.commits(&desk), before, "later runs know it");
}

/// A registry that answers the first row with a ticket.
fn ticketed(more: &[&str]) -> (Desk, Registry) {
    let desk = Desk::new();
    desk.plan(&[(18, 2)]);
    let faults = r#"[{"method":"PUT","path":"/reassign","fault":"ticket-only","nth":1}]"#;
    std::fs::write(desk.path("faults.json"), faults).unwrap();
    let registry = Registry::with(&desk, &[&["--faults", "faults.json"], more].concat());
    let output = registry.swip(&desk, &registry.url, &SUBMIT);
    assert_eq!(code(&output), 0, "{}", told(&output));
    (desk, registry)
}

#[test]
fn an_open_ticket_is_followed_to_its_end() {
    let (desk, registry) = ticketed(&["--tickets", "4"]);
    let open = status(&desk)["open"][0].clone();
    assert_eq!(open["status"], "ticketed");
    let ticket = open["ticket"].as_str().unwrap();
    let asked = |args: &[&str]| registry.swip(&desk, &registry.url, args);
    let output = asked(&["status", JOURNAL, "--refresh"]);
    assert!(out(&output).contains(ticket), "{}", out(&output));
    assert!(told(&output).contains("1 asked for, 1 still open"), "{}", told(&output));
    let text = out(&asked(&["status", JOURNAL, "--wait", "60s"]));
    assert!(text.contains(" 2  registered") && !text.contains(ticket), "{text}");
    assert_eq!(status(&desk)["summary"], serde_json::json!({ "registered": 2 }));
    assert_eq!(events(&desk, "ticket-read"), 1, "what it came to is journaled");
    let commits = registry.commits(&desk);
    assert_eq!(code(&asked(&SUBMIT)), 0);
    assert_eq!(registry.commits(&desk), commits, "nothing is sent again");
}

#[test]
fn a_denied_ticket_rejects_its_row() {
    let (desk, registry) = ticketed(&["--tickets", "1", "--denied", "100"]);
    let wait = ["status", JOURNAL, "--wait", "60s", "--format", "json"];
    let text = out(&registry.swip(&desk, &registry.url, &wait));
    let open = serde_json::from_str::<Value>(&text).unwrap()["open"][0].clone();
    assert_eq!((&open["status"], &open["code"]), (&"rejected".into(), &"ticket-denied".into()));
    assert!(open["message"].as_str().unwrap().contains("nothing is registered"), "{open}");
}

#[test]
fn what_an_earlier_run_left_to_a_person_is_named_by_its_run() {
    let lost = Lost::new();
    // The next run is of another plan.
    lost.desk.plan(&[(19, 1)]);
    let output = lost.registry.swip(&lost.desk, &lost.registry.url, &SUBMIT);
    assert_eq!(code(&output), 0, "{}", told(&output));
    let open = status(&lost.desk)["open"].clone();
    let names: Vec<&str> =
        open.as_array().unwrap().iter().map(|item| item["row"].as_str().unwrap()).collect();
    assert_eq!(names, ["1:1", "1:2"]);
    let output = lost.resolve("1:2", &["--adopt", &lost.customers[1]]);
    let text = format!("row 2: has the customer {}", lost.customers[1]);
    assert!(out(&output).starts_with(&text), "{}", out(&output));
}

/// A removal whose answers are lost, and which did not happen, twice: a person must look.
#[test]
fn an_open_removal_is_settled_by_a_person_too() {
    let desk = Desk::new();
    desk.plan(&[(18, 3)]);
    let registry = Registry::start(&desk);
    let mended = Arc::new(AtomicBool::new(false));
    let well = Arc::clone(&mended);
    let relay = Relay::start(&registry.url, move |asked| {
        match asked.method == "DELETE" && !well.load(Ordering::SeqCst) {
            true => Does::Cut,
            false => Does::Pass,
        }
    });
    let night = ["sync", "plan.csv", "--parents", "parents.csv", "--journal", "nightly"];
    let lenient = ["--settle", "20ms", "--max-change", "100", "--accept-shrink", "2"];
    let sync = |more: &[&str]| registry.swip(&desk, &relay.url, &[&night[..], more].concat());
    assert_eq!(code(&sync(&["--settle", "20ms"])), 0);
    desk.plan(&[(18, 2)]);
    assert_eq!(code(&sync(&lenient)), 6, "missing once is not enough");
    let allow = [&lenient[..4], &["--allow-removals", "1"]].concat();
    let output = sync(&allow);
    assert_eq!(code(&output), 5, "{}", told(&output));
    // The number that a later run has for a row on its space names it too.
    desk.plan(&[(18, 3)]);
    let plan = std::fs::read_to_string(desk.path("plan.csv")).unwrap();
    let moved = plan.replace("Acme 18 2,1 Main St", "Acme 18 2,2 Oak Ave");
    std::fs::write(desk.path("plan.csv"), moved).unwrap();
    let output = sync(&["--settle", "20ms", "--max-change", "100"]);
    assert_eq!(code(&output), 5, "{}", told(&output));
    let unresolved = |row: &Value| row["status"] == "unresolved";
    let rows = desk.json("plan.csv.swip-report/report.json")["rows"].clone();
    let rows: Vec<Value> =
        rows.as_array().unwrap().iter().filter(|r| unresolved(r)).cloned().collect();
    assert_eq!((rows.len(), rows[0]["row"].as_u64()), (1, Some(3)), "{rows:?}");
    let resolve = |name: &str, how: &[&str]| {
        registry.swip(&desk, &relay.url, &[&["resolve", "nightly", name], how].concat())
    };
    let output = resolve("3", &["--absent"]);
    assert!(told(&output).contains("so it is not absent"), "{}", told(&output));
    desk.plan(&[(18, 2)]);
    assert_eq!(code(&sync(&[&lenient[..4], &["--accept-shrink", "2"]].concat())), 5);
    let text = out(&desk.swip(&["status", "nightly"]));
    assert!(text.contains("198.18.0.16/29: unresolved: the write was lost twice"), "{text}");
    let output = resolve("198.18.0.16/29", &["--absent"]);
    assert_eq!(code(&output), 5, "{}", told(&output));
    assert!(told(&output).contains("so it is not absent"), "{}", told(&output));
    let ledger = desk.lines("world.swip-practice-ledger.ndjson");
    let mut made = ledger.iter().filter_map(|line| line["net_handle"].as_str());
    let third = made.find(|handle| handle.contains("198-18-0-16")).unwrap().to_owned();
    let output = resolve(&third, &["--adopt", &third, "--note", "it stands"]);
    assert!(out(&output).starts_with("198.18.0.16/29: is taken as"), "{}", out(&output));
    assert!(told(&output).contains("198.18.0.16/29 under NET-198-18-0-0-1, Acme 18 2"));
    assert_eq!(code(&resolve(&third, &["--absent"])), 2, "nothing is open any more");
    mended.store(true, Ordering::SeqCst);
    let output = sync(&allow);
    assert_eq!(code(&output), 0, "the next night removes it: {}", told(&output));
    let deletes = relay.writes().into_iter().filter(|asked| asked.method == "DELETE");
    assert!(deletes.count() >= 3);
}

//! What a night removes, and what comes back: reverse zones, tickets, refusals after the removal.

use crate::desk::code;
use crate::nights::{Beside, customer, org, plan};

/// A removal that waited for its second input.
fn removed(beside: &Beside, row: u8, more: &[&str]) -> i32 {
    let mut rows = plan();
    rows.remove(&row);
    assert_eq!(beside.sync(&rows, &[]), 6, "{:?}", beside.told());
    beside.sync(&rows, &[&["--allow-removals", "1"], more].concat())
}

#[test]
fn reverse_zones_are_marked_saved_and_named_by_undo() {
    let mut rows = plan();
    let whole = customer(21, "Zoned Inc").replace("198.51.100.168/29", "198.51.7.0/24");
    rows.insert(21, whole);
    let beside = Beside::begin(&rows, &[]);
    let zone = "7.51.198.in-addr.arpa.";
    let server = "ns1.example.net";
    let args = ["registry", "delegation", "add-nameserver", zone, server];
    assert_eq!(code(&beside.swip(&args)), 0);
    rows.remove(&21);
    assert_eq!(beside.sync(&rows, &[]), 6);
    let asked = ["--allow-removals", "1", "--look-first", "always", "--dry-run"];
    let output = beside.night(&rows, &asked);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains(&format!("note: it has reverse zones: {zone}")), "{shown}");
    assert_eq!(beside.sync(&rows, &["--allow-removals", "1"]), 0);
    let told = beside.told();
    assert_eq!(told.len(), 1);
    assert!(told[0].0 == "removed" && told[0].2.contains(zone), "{told:?}");
    let said = beside.said(&["undo", "J", "--plan-out", "back.json"]);
    let command = format!("swip registry delegation add-nameserver {zone} ");
    let line = said.lines().find(|line| line.contains(&command)).unwrap_or(&said);
    assert!(line.to_lowercase().contains(server), "{said}");
    let back = ["sync", "--plan", "back.json", "--journal", "J", "--report", "R"];
    assert_eq!(code(&beside.swip(&back)), 0);
    assert_eq!(beside.world()["198.51.7.0/24"], "Zoned Inc");
}

#[test]
fn a_ticketed_removal_is_followed_to_its_end_and_takes_its_customer_along() {
    let beside = Beside::begin(&plan(), &["--tickets", "2"]);
    beside.faults(r#"[{"method":"DELETE","path":"/rest/net/","fault":"ticket-only","nth":1}]"#);
    assert_eq!(removed(&beside, 5, &[]), 0);
    let told = beside.told();
    assert_eq!((told.len(), told[0].0.as_str()), (1, "ticketed"), "{told:?}");
    // Meanwhile somebody wants its space: it waits.
    let mut rows = plan();
    rows.insert(5, customer(5, "Newcomer").replace(".40/29", ".40/30"));
    assert_eq!(beside.sync(&rows, &[]), 6);
    let told = beside.told();
    assert!(told.iter().any(|t| t.0 == "deferred" && t.1 == "waits-for-ticket"), "{told:?}");
    let waiting = told.iter().find(|t| t.0 == "ticketed").unwrap();
    assert!(waiting.2.contains("open since"), "{told:?}");
    assert!(beside.world().contains_key("198.51.100.40/29"));
    // The second question resolves it.
    assert_eq!(beside.sync(&rows, &[]), 0, "{:?}", beside.told());
    let world = beside.world();
    assert!(!world.contains_key("198.51.100.40/29"));
    assert_eq!(world["198.51.100.40/30"], "Newcomer");
    let whole = beside.whole();
    let customers = whole["customers"].as_array().unwrap();
    assert!(!customers.iter().any(|customer| customer["customerName"] == "Customer 5"));
    assert_eq!(beside.asked("DELETE").len(), 2, "the net once, its customer once");
    assert_eq!(beside.sync(&rows, &[]), 0);
}

#[test]
fn a_removal_whose_ticket_is_denied_is_told_every_night_and_never_sent_again() {
    let beside = Beside::begin(&plan(), &["--tickets", "1", "--denied", "100"]);
    beside.faults(r#"[{"method":"DELETE","path":"/rest/net/","fault":"ticket-only","nth":1}]"#);
    assert_eq!(removed(&beside, 5, &[]), 0);
    let mut rows = plan();
    rows.remove(&5);
    for _ in 0..2 {
        assert_eq!(beside.sync(&rows, &["--allow-removals", "9"]), 4);
        let told = beside.told();
        assert_eq!((told[0].0.as_str(), told[0].1.as_str()), ("rejected", "ticket-refused"));
        assert!(told[0].2.contains("DENIED") && told[0].2.contains("swip adopt"), "{told:?}");
    }
    assert_eq!(beside.asked("DELETE").len(), 1);
    assert!(beside.world().contains_key("198.51.100.40/29"));
}

#[test]
fn removed_and_not_replaced_comes_first_with_the_command_that_restores_it() {
    let beside = Beside::begin(&plan(), &[]);
    // A customer that has a net already: the registry refuses it a second one.
    let other = customer(25, "Other").replace("R-25", "O-1");
    std::fs::write(beside.desk.path("o.csv"), format!("{}{other}\n", crate::nights::HEADER))
        .unwrap();
    let args = ["submit", "o.csv", "--parents", "parents.csv", "--journal", "O", "--report", "O.r"];
    assert_eq!(code(&beside.swip(&args)), 0);
    let handle = beside.desk.json("O.r/report.json")["rows"][0]["customer_handle"].clone();
    let before = beside.world();
    let mut rows = plan();
    let taken = format!("R-3,198.51.100.24/29,,,,,,,,,,{}", handle.as_str().unwrap());
    rows.insert(3, taken);
    let output = beside.night(&rows, &["--allow-removals", "1"]);
    assert_eq!(code(&output), 5, "{:?}", beside.told());
    assert!(!beside.world().contains_key("198.51.100.24/29"));
    let shown = String::from_utf8(output.stdout).unwrap();
    let first = shown.lines().next().unwrap();
    assert!(first.starts_with("REMOVED AND NOT REPLACED: row 4, 198.51.100.24/29"), "{shown}");
    let last = String::from_utf8(output.stderr).unwrap();
    assert!(last.contains("REMOVED and NOT REPLACED"), "{last}");
    let restore = first.split("To restore it: ").nth(1).unwrap();
    let mut commands = restore.split(", then ");
    let words =
        |command: &str| -> Vec<String> { command.split(' ').skip(1).map(str::to_owned).collect() };
    let undo = words(commands.next().unwrap());
    let undo: Vec<&str> = undo.iter().map(String::as_str).collect();
    assert_eq!(code(&beside.swip(&undo)), 0);
    let apply = words(commands.next().unwrap());
    let apply: Vec<&str> = apply.iter().map(String::as_str).chain(["--report", "R"]).collect();
    assert_eq!(code(&beside.swip(&apply)), 0);
    assert_eq!(beside.world(), before);
    let page = beside.said(&["status", "J"]);
    assert!(!page.contains("NOT REPLACED"), "{page}");
    // The row is still wrong: nothing is removed for it a second time.
    assert_eq!(beside.sync(&rows, &["--allow-removals", "1"]), 6, "{:?}", beside.told());
    assert_eq!(beside.told()[0].1, "refused-before");
    assert_eq!(beside.world(), before);
}

#[test]
fn what_an_overlap_refused_is_sent_once_the_overlap_is_gone() {
    let beside = Beside::begin(&plan(), &[]);
    let mut rows = plan();
    // Somebody else's net in the way, and no list that shows it.
    let other = customer(28, "Other").replace(".224/29", ".224/28");
    std::fs::write(beside.desk.path("o.csv"), format!("{}{other}\n", crate::nights::HEADER))
        .unwrap();
    let args = ["submit", "o.csv", "--parents", "parents.csv", "--journal", "O", "--report", "O.r"];
    assert_eq!(code(&beside.swip(&args)), 0);
    let handle = beside.desk.json("O.r/report.json")["rows"][0]["net_handle"].clone();
    rows.insert(28, customer(28, "Wanted"));
    assert_eq!(beside.sync(&rows, &["--rdap", "off"]), 4);
    // Now it is known, and may go.
    let listed = format!(
        "net_handle,prefix,parent_net,type\n{},198.51.100.224/28,NET-198-51-0-0-1,S\n",
        handle.as_str().unwrap()
    );
    std::fs::write(beside.desk.path("listed.csv"), listed).unwrap();
    let more = ["--registered", "listed.csv", "--include-unowned", "--allow-removals", "9"];
    assert_eq!(beside.sync(&rows, &more), 6);
    assert_eq!(beside.sync(&rows, &more), 0, "{:?}", beside.told());
    assert_eq!(beside.world()["198.51.100.224/29"], "Wanted");
}

#[test]
fn nothing_is_removed_for_a_recipient_that_cannot_take_it() {
    let beside = Beside::begin(&plan(), &[]);
    let mut rows = plan();
    rows.insert(20, org(20, "NONE-1"));
    assert_eq!(beside.sync(&rows, &["--allow-removals", "1"]), 6);
    let told = beside.told();
    assert_eq!(told[0].1, "recipient-unchecked");
    assert_eq!(beside.world()["198.51.100.160/29"], "MAPLE-7");
    assert_eq!(beside.asked("DELETE").len(), 0);
}

#[test]
fn a_refused_key_is_told_from_an_outage() {
    let beside = Beside::begin(&plan(), &[]);
    let mut command = beside.desk.command(&[
        "sync",
        "rows.csv",
        "--parents",
        "parents.csv",
        "--journal",
        "J",
        "--report",
        "R",
        "--verify",
        "all",
        "--registry",
        &beside.registry.url,
    ]);
    command.env("SWIP_API_KEY", "API-0000-0000-DEAD-BEEF");
    let output = command.output().unwrap();
    assert_eq!(code(&output), 7, "{output:?}");
}

#[test]
fn rdap_shows_what_nobody_named_and_its_absence_is_no_evidence() {
    let beside = Beside::begin(&plan(), &[]);
    let other = customer(26, "Another tool").replace("R-26", "O-2");
    std::fs::write(beside.desk.path("o.csv"), format!("{}{other}\n", crate::nights::HEADER))
        .unwrap();
    let args = ["submit", "o.csv", "--parents", "parents.csv", "--journal", "O", "--report", "O.r"];
    assert_eq!(code(&beside.swip(&args)), 0);
    let unplanned = || {
        let report = beside.desk.json("R/report.json");
        let rows = report["rows"].as_array().unwrap().iter();
        let own = rows.filter(|row| row["code"] == "not-in-input");
        own.map(|row| row["message"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(beside.sync(&plan(), &["--rdap", "off"]), 0);
    assert_eq!(unplanned(), Vec::<String>::new());
    assert_eq!(beside.sync(&plan(), &[]), 0);
    let found = unplanned();
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("neither registered nor adopted by swip"), "{found:?}");
    // A list that cannot be had stops nothing.
    assert_eq!(beside.sync(&plan(), &["--rdap", "http://127.0.0.1:9/rdap"]), 0);
    assert_eq!(beside.world().len(), plan().len() + 1);
}

//! What keeps a night from doing harm: rows that cannot speak for themselves, files that changed,
//! columns that may not be modified, cells left blank.

use crate::desk::code;
use crate::nights::{Beside, PARENTS, customer, plan};

/// Everything a guard would let pass.
const ALL: [&str; 4] = ["--allow-removals", "99", "--allow-changes", "99"];

const EXPORT: &str = "Id,Block,State,Client,Street,City,Region,Zip,Country\n";
const MAPPING: &str = r#"
[columns]
reference = "Id"
prefix = "Block"
customer_name = "Client"
street = "Street"
city = "City"
state = "Region"
postal_code = "Zip"
country = "Country"
[status]
column = "State"
register = ["Active"]
skip = ["Free"]
"#;

fn export(rows: &[(u8, &str, &str)]) -> String {
    let line = |(number, state, block): &(u8, &str, &str)| {
        let own = format!("198.51.100.{}/29", u16::from(*number) * 8);
        let block = if block.is_empty() { own.as_str() } else { block };
        format!("R-{number},{block},{state},Customer {number},1 Main Street,Reston,VA,20190,US")
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    format!("{EXPORT}{}\n", lines.join("\n"))
}

#[test]
fn a_row_left_out_for_an_unknown_status_protects_its_space() {
    let customers = plan().into_iter().filter(|(number, _)| *number < 20).collect();
    let beside = Beside::begin(&customers, &[]);
    std::fs::write(beside.desk.path("m.toml"), MAPPING).unwrap();
    let all: Vec<(u8, &str, &str)> = (0..20).map(|n| (n, "Active", "")).collect();
    let night = |rows: &[(u8, &str, &str)]| {
        std::fs::write(beside.desk.path("export.csv"), export(rows)).unwrap();
        let args = ["sync", "export.csv", "--mapping", "m.toml", "--parents", "parents.csv"];
        let how = ["--journal", "K", "--report", "R", "--below-policy", "register"];
        code(&beside.swip(&[&args[..], &how, &ALL, &["--include-unowned"]].concat()))
    };
    let held = || {
        let told = beside.told().into_iter().filter(|told| told.0 == "held");
        told.map(|told| told.1).collect::<Vec<_>>()
    };
    // A word that neither registers nor skips: what stands there stays, what is free goes.
    let mut rows = all.clone();
    rows[3] = (3, "Quarantine", "");
    rows[4] = (4, "Free", "");
    assert_eq!(night(&all), 0, "{:?}", beside.told());
    assert_eq!(night(&rows), 6);
    assert_eq!(held(), ["protected-by-row", "removal-grace"], "{:?}", beside.told());
    // The block of such a row cannot be read: it might be any.
    rows[3] = (3, "Quarantine", "198.51.100.x/29");
    assert_eq!(night(&rows), 6);
    assert_eq!(held(), ["unread-row"; 2], "{:?}", beside.told());
    assert_eq!(beside.asked("DELETE").len(), 0);
    // Sound again: what is free goes, and what was protected was never missing.
    rows[3] = (3, "Active", "");
    assert_eq!(night(&rows), 0, "{:?}", beside.told());
    let world = beside.world();
    assert!(!world.contains_key("198.51.100.32/29") && world.contains_key("198.51.100.24/29"));
}

#[test]
fn a_changed_file_beside_the_input_is_named_and_holds_removals() {
    let beside = Beside::begin(&plan(), &[]);
    let mut rows = plan();
    rows.remove(&5);
    let recipients = |name: &str| {
        let text = format!(
            "tenant,customer_name,street,city,state,postal_code,country\n{name},{name},1 Main Street,Reston,VA,20190,US\n"
        );
        std::fs::write(beside.desk.path("recipients.csv"), text).unwrap();
    };
    let night = || {
        let more = [&ALL[..], &["--recipients", "recipients.csv"]].concat();
        let output = beside.night(&rows, &more);
        (code(&output), String::from_utf8(output.stderr).unwrap())
    };
    recipients("Acme");
    assert_eq!(night().0, 6);
    // The second night without the row; the recipients file is another one.
    recipients("Others");
    let (exit, said) = night();
    assert_eq!(exit, 6);
    assert!(said.contains("changed since the last accepted run: the recipients file"), "{said}");
    assert_eq!(beside.told()[0].1, "files-changed");
    std::fs::write(
        beside.desk.path("parents.csv"),
        format!("{PARENTS}NET-10-0-0-0-1,10.0.0.0/8\n"),
    )
    .unwrap();
    let (exit, said) = night();
    assert!(exit == 6 && said.contains("the parents file"), "{said}");
    assert_eq!(beside.asked("DELETE").len(), 0);
    // Nothing changed since: now it goes.
    assert_eq!(night().0, 0, "{:?}", beside.told());
    assert_eq!(beside.asked("DELETE").len(), 2);
}

#[test]
fn blank_cells_and_missing_columns_leave_what_is_registered() {
    let beside = Beside::begin(&plan(), &[]);
    let before = beside.world();
    let bare = |rows: &[(u8, &str)], header: &str| {
        let lines: Vec<String> = rows
            .iter()
            .map(|(n, rest)| format!("198.51.100.{}/29{rest}", u16::from(*n) * 8))
            .collect();
        std::fs::write(beside.desk.path("bare.csv"), format!("{header}\n{}\n", lines.join("\n")))
            .unwrap();
        let args = ["sync", "bare.csv", "--parents", "parents.csv", "--journal", "J"];
        let output = beside.swip(&[&args[..], &["--report", "R"], &ALL].concat());
        (code(&output), String::from_utf8(output.stderr).unwrap())
    };
    // Blocks alone: whoever holds them keeps them.
    let all: Vec<(u8, &str)> = (0..21).map(|n| (n, "")).collect();
    assert_eq!(bare(&all, "prefix").0, 0, "{:?}", beside.told());
    assert_eq!(beside.told(), Vec::new());
    // One cell of a row: the others stay.
    let mut rows: Vec<(u8, &str)> = (0..21).map(|n| (n, ",,")).collect();
    rows[2].1 = ",Renamed Inc,";
    rows[3].1 = ",,Herndon";
    assert_eq!(bare(&rows, "prefix,customer_name,city").0, 0, "{:?}", beside.told());
    assert_eq!(beside.told().len(), 2);
    let world = beside.world();
    assert_eq!(world["198.51.100.16/29"], "Renamed Inc");
    assert_eq!(world.len(), before.len());
    let whole = beside.whole();
    let moved = whole["customers"].as_array().unwrap().iter();
    let moved = moved.filter(|customer| customer["city"] == "Herndon");
    let moved: Vec<_> = moved.map(|customer| customer["customerName"].clone()).collect();
    assert_eq!(moved, ["Customer 3"]);
    // A newcomer has nothing to leave as it is.
    rows.push((23, ",Newcomer,"));
    let (exit, said) = bare(&rows, "prefix,customer_name,city");
    assert!(exit == 3 && said.contains("missing-field"), "{said}");
}

#[test]
fn modify_limits_what_is_changed_and_says_what_it_leaves() {
    let beside = Beside::begin(&plan(), &[]);
    std::fs::write(beside.desk.path("swip.toml"), "modify = [\"city\"]\n").unwrap();
    let mut rows = plan();
    rows.insert(1, customer(1, "Renamed LLC").replace("Reston", "Herndon"));
    rows.insert(2, customer(2, "Renamed too"));
    assert_eq!(beside.sync(&rows, &ALL), 0);
    assert_eq!(beside.told().len(), 1);
    assert_eq!(beside.world()["198.51.100.8/29"], "Customer 1");
    let report = beside.desk.json("R/report.json");
    let left = report["rows"][2]["message"].as_str().unwrap();
    assert!(left.contains("differs in customer_name, which `modify` leaves alone"), "{left}");
}

#[test]
fn a_row_that_moves_is_one_move_and_its_old_net_goes_last() {
    let beside = Beside::begin(&plan(), &[]);
    let mut rows = plan();
    rows.insert(5, customer(5, "Customer 5").replace("198.51.100.40/29", "198.51.101.0/29"));
    assert_eq!(beside.sync(&rows, &ALL), 6, "{:?}", beside.told());
    assert_eq!(beside.told()[1].1, "removal-grace");
    assert_eq!(beside.world().len(), plan().len() + 1, "the new one first");
    assert_eq!(beside.sync(&rows, &ALL), 0);
    let told = beside.told();
    assert_eq!((told.len(), told[0].0.as_str()), (1, "removed"), "{told:?}");
    assert_eq!(beside.world().len(), plan().len());
}

#[test]
fn a_parent_that_lost_all_its_rows_stops_the_night() {
    let parents = format!("{PARENTS}NET-203-0-113-0-1,203.0.113.0/24\n");
    let mut rows = plan();
    let apart = customer(30, "Apart").replace("198.51.100.240/29", "203.0.113.0/29");
    rows.insert(30, apart);
    let beside = Beside::under(&rows, &parents);
    rows.remove(&30);
    let output = beside.night(&rows, &ALL);
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(code(&output), 6, "{said}");
    assert!(
        said.contains("NET-203-0-113-0-1 had 1 rows") && said.contains("--accept-shrink 21"),
        "{said}"
    );
    let output = beside.night(&rows, &["--max-change", "0"]);
    assert_eq!(code(&output), 6);
    // Said once, with the very number of rows.
    assert_eq!(beside.sync(&rows, &["--accept-shrink", "20"]), 6);
    assert_eq!(beside.sync(&rows, &["--accept-shrink", "21"]), 6);
    assert_eq!(beside.told()[0].1, "removal-grace");
}

#[test]
fn limits_are_exact_and_name_what_lets_them_pass() {
    let beside = Beside::begin(&plan(), &[]);
    let mut rows = plan();
    for number in 1..4 {
        rows.insert(number, customer(number, "Renamed"));
    }
    let said = |more: &[&str]| {
        let output = beside.night(&rows, more);
        (code(&output), String::from_utf8(output.stderr).unwrap())
    };
    let (exit, words) = said(&[]);
    assert!(exit == 6 && words.contains("--allow-changes 3 allows it for this run"), "{words}");
    assert_eq!(said(&["--allow-changes", "2"]).0, 6);
    assert_eq!(said(&["--max-change", "14"]).0, 6, "three of 21 are more than 14 percent");
    assert_eq!(beside.asked("PUT").len(), plan().len(), "only what the first night registered");
    assert_eq!(said(&["--max-change", "15"]).0, 0);
    let mut rows = rows.clone();
    rows.insert(22, customer(22, "New 22"));
    rows.insert(23, customer(23, "New 23"));
    assert_eq!(beside.sync(&rows, &["--allow-additions", "1"]), 6);
    assert_eq!(beside.told()[0].1, "addition-not-allowed");
    assert_eq!(beside.sync(&rows, &["--allow-additions", "2"]), 0);
}

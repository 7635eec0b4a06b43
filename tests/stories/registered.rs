//! `--registered FILE`: equal nets are no error and are not sent, overlapping ones are refused.

use serde_json::Value;

use crate::desk::{Desk, code};

const PARENTS: &str =
    "net_handle,prefix\nNET-198-51-100-0-1,198.51.100.0/24\nNET6-2001-DB8-1,2001:db8::/32\n";
const HEADER: &str = "prefix,net_name,org_handle,customer_handle\n";
const REGISTERED: &str = "net_handle,prefix,parent_net,type,net_name,customer_handle,org_handle\n";

fn findings(desk: &Desk, plan: &str, registered: &str) -> (i32, Vec<Value>) {
    std::fs::write(desk.path("p.csv"), PARENTS).unwrap();
    std::fs::write(desk.path("rows.csv"), format!("{HEADER}{plan}")).unwrap();
    std::fs::write(desk.path("r.csv"), format!("{REGISTERED}{registered}")).unwrap();
    let args = ["check", "rows.csv", "--parents", "p.csv", "--registered", "r.csv"];
    let output = desk.swip(&[&args[..], &["--format", "json"]].concat());
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    (code(&output), all["findings"].as_array().unwrap().clone())
}

fn rules(findings: &[Value]) -> Vec<(u64, &str)> {
    findings.iter().map(|f| (f["row"].as_u64().unwrap(), f["rule"].as_str().unwrap())).collect()
}

#[test]
fn what_overlaps_a_registered_net_is_refused_and_named() {
    let desk = Desk::new();
    let registered = "NET-198-51-100-8-1,198.51.100.8/29,NET-198-51-100-0-1,S,ACME,C07361391,\n";
    let plan = "198.51.100.8/30,,MAPLE-7,\n198.51.100.0/28,,MAPLE-7,\n198.51.100.8/29,,MAPLE-7,\n198.51.100.16/29,,MAPLE-7,\n";
    let (exit, found) = findings(&desk, plan, registered);
    assert_eq!(exit, 3);
    let taken: Vec<&Value> = found.iter().filter(|f| f["rule"] == "overlaps-registered").collect();
    assert_eq!(taken.iter().map(|f| f["row"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    let message = taken[2]["message"].as_str().unwrap();
    assert!(message.contains("customer_handle is `C07361391`, here `MAPLE-7`"), "{message}");
}

#[test]
fn a_value_that_is_registered_as_it_stands_is_a_note() {
    let desk = Desk::new();
    let registered = "NET-198-51-100-8-1,198.51.100.8/29,NET-198-51-100-0-1,S,ACME_NET,,MAPLE-7\n\
                      NET6-2001-DB8-2,2001:db8:1::/65,NET6-2001-DB8-1,S,SMALL,,MAPLE-7\n";
    let plan = "198.51.100.8/29,ACME_NET,MAPLE-7,\n2001:db8:1::/65,small,MAPLE-7,\n198.51.100.16/29,ACME_NET,MAPLE-7,\n";
    let (exit, found) = findings(&desk, plan, registered);
    let errors: Vec<(u64, &str)> =
        rules(&found).into_iter().filter(|(_, rule)| !rule.starts_with("policy")).collect();
    assert_eq!(errors, [(1, "legacy-value"), (2, "legacy-value"), (3, "net-name-charset")]);
    assert_eq!(exit, 3);
}

#[test]
fn a_report_is_taken_as_what_is_registered_and_nothing_is_sent_again() {
    let desk = Desk::new();
    let submit = ["submit", "plan.csv", "--parents", "parents.csv"];
    assert_eq!(code(&desk.swip(&submit)), 0);
    std::fs::copy(desk.path("plan.csv.swip-report/report.csv"), desk.path("report.csv")).unwrap();
    std::fs::copy(desk.path("plan.csv"), desk.path("again.csv")).unwrap();
    let again = ["submit", "again.csv", "--parents", "parents.csv", "--registered", "report.csv"];
    let output = desk.swip(&again);
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    let report = desk.json("again.csv.swip-report/report.json");
    assert_eq!(report["summary"], serde_json::json!({ "already-registered": 250 }));
    assert_eq!(report["requests"]["sent"], 0);
    let handles = |name: &str| -> Vec<Value> {
        let report = desk.json(name);
        report["rows"].as_array().unwrap().iter().map(|row| row["net_handle"].clone()).collect()
    };
    assert_eq!(
        handles("again.csv.swip-report/report.json"),
        handles("plan.csv.swip-report/report.json")
    );
}

#[test]
fn a_faulty_registered_file_is_named() {
    let desk = Desk::new();
    std::fs::write(desk.path("r.csv"), "net_handle,prefix,parnet\nNET-1,10.0.0.0/8,\n").unwrap();
    let args = ["check", "plan.csv", "--parents", "parents.csv", "--registered", "r.csv"];
    let output = desk.swip(&[&args[..], &["--format", "json"]].concat());
    assert_eq!(code(&output), 3);
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let finding = &all["findings"][0];
    assert_eq!((&finding["rule"], &finding["file"]), (&"unknown-column".into(), &"r.csv".into()));
    assert!(finding["help"].as_str().unwrap().contains("parent_net"), "{finding}");
}

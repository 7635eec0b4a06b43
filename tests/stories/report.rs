//! What people read afterwards: the page, the spreadsheet, the evidence, the report of a check.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::desk::{Desk, code};

const SUBMIT: [&str; 5] = ["submit", "plan.csv", "--parents", "parents.csv", "--report-xlsx"];

fn page(desk: &Desk, name: &str) -> String {
    std::fs::read_to_string(desk.path(name)).unwrap()
}

/// The rows inside the page.
fn data(page: &str) -> Value {
    let begin = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
    let end = begin + page[begin..].find("</script>").unwrap();
    serde_json::from_str(&page[begin..end]).unwrap()
}

#[test]
fn the_page_holds_every_row_names_no_private_customer_and_loads_nothing() {
    let desk = Desk::new();
    assert_eq!(code(&desk.swip(&SUBMIT)), 0);
    let page = page(&desk, "plan.csv.swip-report/report.html");
    let rows = data(&page);
    assert_eq!(rows["n"], 250);
    assert!(page.contains("Private Customer") && !page.contains("Residence 1<"));
    assert!(!page.contains("Residence 1\""), "nor in the data");
    for outside in ["http://", "https://", "url(//", "@import", " src=", "style=\""] {
        let found = page.find(outside).map(|at| &page[at..page.len().min(at + 60)]);
        assert_eq!(found, None, "{outside}");
    }
    for part in
        ["default-src 'none'", "practice", "Hilbert map", "50 %", "<caption", "scope=\"col\""]
    {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn the_policy_lets_in_exactly_the_style_and_script_of_the_page() {
    let desk = Desk::new();
    assert_eq!(code(&desk.swip(&SUBMIT)), 0);
    let page = page(&desk, "plan.csv.swip-report/report.html");
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
        let open = format!("<{tag}>");
        let begin = page.find(&open).unwrap() + open.len();
        let text = &page[begin..begin + page[begin..].find(&format!("</{tag}>")).unwrap()];
        let hash = STANDARD.encode(Sha256::digest(text.as_bytes()));
        assert!(page.contains(&format!("{directive} 'sha256-{hash}'")), "{directive}");
    }
}

#[test]
fn the_spreadsheet_has_typed_cells_a_frozen_header_filters_and_no_formula() {
    let desk = Desk::new();
    let plan = page(&desk, "plan.csv").replace("CIR-00003", "=1+1");
    std::fs::write(desk.path("plan.csv"), plan).unwrap();
    assert_eq!(code(&desk.swip(&SUBMIT)), 0);
    let file = std::fs::File::open(desk.path("plan.csv.swip-report/report.xlsx")).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let sheet = part("xl/worksheets/sheet2.xml");
    assert!(sheet.contains("state=\"frozen\"") && sheet.contains("<autoFilter"));
    assert!(!sheet.contains("<f>"), "no formula");
    assert!(
        sheet.contains("<c r=\"A2\" s=\"1\"><v>1</v></c>")
            || sheet.contains("<c r=\"A2\"><v>1</v></c>"),
        "{}",
        &sheet[..900]
    );
    let texts = part("xl/sharedStrings.xml");
    assert!(texts.contains("=1+1") && texts.contains("Private Customer"));
    assert!(!texts.contains("Residence 1<"), "private names are not shown");
    let csv = page(&desk, "plan.csv.swip-report/report.csv");
    assert!(csv.contains(",'=1+1,") || csv.contains("\n3,'=1+1,"), "the CSV guards it");
}

#[test]
fn a_check_writes_the_same_report_for_its_findings() {
    let desk = Desk::new();
    let args = ["check", "broken.csv", "--parents", "parents.csv", "--report", "out"];
    let output = desk.swip(&[&args[..], &["--format", "json"]].concat());
    assert_eq!(code(&output), 3);
    let check: Value = serde_json::from_slice(&output.stdout).unwrap();
    let page = page(&desk, "out/report.html");
    for part in
        ["Findings by rule", "<code>host-bits</code>", "Address plan", "The plan has errors"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("nothing in this report is at ARIN"), "a check asks no registry");
    let report = desk.json("out/report.json");
    assert_eq!(report["rows"].as_array().unwrap().len() as u64, check["rows"]);
    assert_eq!(report["run"]["exit_code"], 3);
    let found = |document: &Value| document["findings"].as_array().unwrap().len();
    assert_eq!(found(&report), found(&check));
}

#[test]
fn evidence_counts_each_parent_and_names_its_sources() {
    let desk = Desk::new();
    assert_eq!(code(&desk.swip(&SUBMIT)), 0);
    let run = |args: &[&str]| {
        let output = desk.swip(&[&["evidence", "plan.csv.swip-journal"], args].concat());
        assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let text = run(&[]);
    for part in ["CONFIDENTIAL", "NET-198-18-0-0-1 198.18.0.0/16", "IPv4 in total", "SHA-256"] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert!(text.contains("below the threshold"));
    assert!(run(&["--threshold-block", "0", "--threshold-total", "0"]).contains("meets"));
    let csv = run(&["--format", "csv"]);
    let count = |record: &str| csv.lines().filter(|line| line.starts_with(record)).count();
    assert_eq!((count("parent,"), count("total,"), count("assignment,")), (6, 2, 250));
    let html = page(&desk, "plan.csv.swip-report/report.html");
    assert!(html.contains("id=\"evidence\""), "and the report has it as a section");
    assert!(
        html.contains("Against 50 %")
            && html.contains("<th scope=\"row\">registered by swip</th><td>250")
    );
    let marks = ["report", "plan.csv.swip-journal", "--report", "own", "--threshold-block", "60"];
    assert_eq!(code(&desk.swip(&marks)), 0);
    assert!(page(&desk, "own/report.html").contains("Against 60 %"));
}

#[test]
fn evidence_speaks_of_every_run_and_says_when_each_fact_was_read() {
    let desk = Desk::new();
    let mut reader = csv::Reader::from_path(desk.path("plan.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let (first, second) = rows.split_at(100);
    let run = |rows: &[csv::StringRecord]| {
        let mut writer = csv::Writer::from_path(desk.path("plan.csv")).unwrap();
        writer.write_record(&header).unwrap();
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        writer.flush().unwrap();
        let sent = desk.swip(&SUBMIT);
        assert_eq!(code(&sent), 0, "{}", String::from_utf8_lossy(&sent.stderr));
    };
    run(first);
    // Times are told in seconds: the second run belongs to another one.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    run(second);
    let csv = desk.swip(&["evidence", "plan.csv.swip-journal", "--format", "csv"]).stdout;
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (mut nets, mut times) =
        (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for record in reader.records().map(Result::unwrap).filter(|r| &r[0] == "assignment") {
        assert!(nets.insert(record[at("net_handle")].to_owned()), "{record:?}");
        let source = record[at("source")].to_owned();
        assert!(source.starts_with("registered by swip, read 20"), "{source}");
        assert!(!record[at("confidential_recipient")].is_empty(), "{record:?}");
        times.insert(source);
    }
    assert_eq!(nets.len(), 250);
    assert!(times.len() > 1, "each fact has its own time: {times:?}");
}

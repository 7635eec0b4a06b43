//! Rows and their findings, read as an operator would write them.

use std::io::Write as _;

use super::*;
use crate::domain::{Assignment, Intent};

const HEADER: &str = "prefix,net_name,action,org_handle,customer_handle,customer_name,street,city,state,postal_code,country,private,comment,assigned_on";

fn read(bytes: &[u8]) -> (Vec<ReadRow>, InputFacts) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let inputs = Inputs::open(&[file.path().to_owned()], IntakeOptions::default()).unwrap();
    let mut rows = Vec::new();
    let facts = inputs.rows(|row| rows.push(row)).unwrap();
    (rows, facts)
}

fn rules(line: &str) -> Vec<(&'static str, String)> {
    let (rows, facts) = read(format!("{HEADER}\n{line}\n").as_bytes());
    let all = facts.findings.iter().chain(rows.iter().flat_map(|row| &row.findings));
    all.map(|f| (f.rule.as_str(), f.column.clone().unwrap_or_default().into_owned())).collect()
}

fn file_rules(bytes: &[u8]) -> Vec<&'static str> {
    let (rows, facts) = read(bytes);
    let all = facts.findings.iter().chain(rows.iter().flat_map(|row| &row.findings));
    all.map(|f| f.rule.as_str()).collect()
}

#[test]
fn a_sound_row_becomes_a_request() {
    let line = "198.51.100.8/29,,,,,Maple Street Bakery LLC,412 Maple Street,Oak Park,il,60302,usa,yes,\"Géré par nous\nDeuxième ligne\",2026-11-01";
    let (rows, facts) = read(format!("{HEADER}\r\n{line}\r\n").as_bytes());
    assert_eq!((rows.len(), facts.findings.len()), (1, 0));
    let request = rows[0].request.as_ref().unwrap();
    assert_eq!(request.comment.lines().len(), 2);
    assert!(rows[0].facts.private);
    let Intent::Register(Assignment::ReassignSimple(crate::domain::SimpleRecipient::New(customer))) =
        &request.intent
    else {
        panic!("{:?}", request.intent);
    };
    assert_eq!(customer.address.state.as_ref().unwrap().as_str(), "IL");
    assert_eq!(customer.address.country.code3(), "USA");
}

#[test]
fn every_cell_fault_has_its_rule_and_column() {
    let ok = "Acme,1 Main St,Reston,VA,20190,US";
    let cases = [
        (format!("198.51.100.9/29,,,,,{ok},,,"), "host-bits", "prefix"),
        (format!("198.51.100.300/29,,,,,{ok},,,"), "bad-prefix", "prefix"),
        (format!("198.51.100.010/29,,,,,{ok},,,"), "bad-prefix", "prefix"),
        (format!("198.51.100.8/33,,,,,{ok},,,"), "bad-prefix", "prefix"),
        (format!(",,,,,{ok},,,"), "missing-field", "prefix"),
        (format!("198.51.100.8/29,A_B,,,,{ok},,,"), "net-name-charset", "net_name"),
        (format!("198.51.100.8/29,Café,,,,{ok},,,"), "non-ascii", "net_name"),
        (format!("198.51.100.8/29,{},,,,{ok},,,", "A".repeat(51)), "net-name-length", "net_name"),
        (format!("198.51.100.8/29,,reasign,,,{ok},,,"), "bad-action", "action"),
        (format!("198.51.100.8/29,,reallocate,,,{ok},,,"), "action-recipient-mismatch", "action"),
        ("198.51.100.8/29,,,,,,,,,,,,,".to_owned(), "recipient-missing", "customer_name"),
        (format!("198.51.100.8/29,,,ORG-1,,{ok},,,"), "recipient-ambiguous", "org_handle"),
        ("198.51.100.8/29,,,ORG-Z1,,,,,,,,,,".to_owned(), "org-not-eligible", "org_handle"),
        ("198.51.100.8/29,,,,X99,,,,,,,,,".to_owned(), "bad-handle", "customer_handle"),
        (
            "198.51.100.8/29,,,,,Acme,1 Main St,Reston,VA,20190,UK,,,".to_owned(),
            "country",
            "country",
        ),
        (
            "198.51.100.8/29,,,,,Acme,1 Main St,Reston,Virginia,20190,US,,,".to_owned(),
            "state",
            "state",
        ),
        (
            "198.51.100.8/29,,,,,Acme,1 Main St,Reston,MA,2151,US,,,".to_owned(),
            "postal-code",
            "postal_code",
        ),
        (
            "198.51.100.8/29,,,,,Acme,1 Main St,Reston,,20190,US,,,".to_owned(),
            "missing-field",
            "state",
        ),
        (
            "198.51.100.8/29,,,,,Société,1 Main St,Reston,VA,20190,US,,,".to_owned(),
            "non-ascii",
            "customer_name",
        ),
        (format!("198.51.100.8/29,,,,,{ok},ja,,"), "bad-boolean", "private"),
        (format!("198.51.100.8/29,,,,,{ok},,株式,"), "non-ascii", "comment"),
        (format!("198.51.100.8/29,,,,,{ok},,,2026-13-01"), "bad-date", "assigned_on"),
        (format!("198.51.100.8/29,ACME-1,,,,{ok},true,,"), "private-name-exposed", "net_name"),
    ];
    for (line, rule, column) in cases {
        assert_eq!(rules(&line), [(rule, column.to_owned())], "{line}");
    }
}

#[test]
fn a_cell_of_many_blanks_is_an_empty_cell() {
    let blanks = " ".repeat(60_000);
    let (rows, _) = read(format!("prefix,org_handle\n{blanks},MAPLE-7\n").as_bytes());
    let rules: Vec<_> = rows[0].findings.iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(rules, ["missing-field"]);
    let (rows, _) =
        read(format!("prefix,org_handle\n{blanks}10.0.0.0/29{blanks},MAPLE-7\n").as_bytes());
    assert!(
        rows[0].findings.iter().all(|f| f.rule.as_str() == "field-too-long"),
        "{:?}",
        rows[0].findings
    );
    let half = &blanks[..20_000];
    let (rows, _) =
        read(format!("prefix,org_handle\n{half}10.0.0.0/29{half},MAPLE-7\n").as_bytes());
    assert!(rows[0].request.is_some());
}

#[test]
fn file_faults_are_findings_of_row_0() {
    let cases: [(&[u8], &str); 12] = [
        (b"", "empty-input"),
        (b"\n\n", "empty-input"),
        (b"prefix,org_handle\n", "empty-input"),
        (b"\xff\xfep\0r\0", "bad-encoding"),
        (b"prefix,customer_name\n192.0.2.0/29,caf\xe9\n", "bad-encoding"),
        (b"PK\x03\x04rest", "bad-encoding"),
        (b"prefix,a\0b\n", "bad-encoding"),
        (b"prefix,prefix\n", "duplicate-column"),
        (b"prefix,net_nmae\n1,2\n", "unknown-column"),
        (b"net_name\nA\n", "missing-field"),
        (b"sep=,\nprefix\n", "unknown-column"),
        (b"# made today\nprefix\n", "unknown-column"),
    ];
    for (bytes, rule) in cases {
        let (rows, facts) = read(bytes);
        assert!(rows.is_empty() && facts.unusable, "{:?}", String::from_utf8_lossy(bytes));
        assert_eq!(facts.findings.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>(), [rule]);
        assert_eq!(facts.findings[0].at.row, 0);
    }
}

#[test]
fn structure_faults_of_rows_name_their_line() {
    assert_eq!(file_rules(b"prefix,org_handle\n192.0.2.0/29,A,B\n"), ["ragged-row"]);
    assert_eq!(file_rules(b"prefix,org_handle\n192.0.2.0/29,a\"b\n"), ["unterminated-quote"]);
    let (rows, facts) =
        read(b"prefix,org_handle\n192.0.2.0/29,A\n192.0.2.8/29,\"B\n192.0.2.16/29,C\n");
    assert_eq!(rows.len(), 1);
    assert!(facts.unusable);
    assert_eq!(
        (facts.findings[0].rule.as_str(), facts.findings[0].at.line),
        ("unterminated-quote", 3)
    );
}

#[test]
fn ranges_may_be_given_by_their_ends() {
    let read_one = |line: &str| {
        let (rows, _) = read(format!("prefix,start,end,org_handle\n{line}\n").as_bytes());
        let rules: Vec<_> = rows[0].findings.iter().map(|f| f.rule.as_str()).collect();
        (rows[0].facts.block.map(|block| block.to_string()), rules)
    };
    assert_eq!(read_one(",192.0.2.8,192.0.2.20,A").0.unwrap(), "192.0.2.8 - 192.0.2.20");
    assert_eq!(read_one("192.0.2.8/29,192.0.2.8,192.0.2.15,A").0.unwrap(), "192.0.2.8/29");
    assert_eq!(read_one("192.0.2.8/29,192.0.2.8,192.0.2.16,A").1, ["bad-range"]);
    assert_eq!(read_one("192.0.2.8/29,192.0.2.8,,A").1, ["bad-range"]);
    assert_eq!(read_one(",192.0.2.20,192.0.2.8,A").1, ["bad-range"]);
    assert_eq!(read_one(",192.0.2.20,,A").1, ["bad-range"]);
    assert_eq!(read_one(",192.0.2.20,2001:db8::,A").1, ["mixed-family"]);
}

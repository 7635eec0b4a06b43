//! Every rule by a plan that breaks it, as a person reads it: `tests/rules/NAME.txt`.
//!
//! Such a file is a command, the files it runs beside, and what it prints. `<<x09>>` stands for
//! a byte, `<<a*70000>>` for many of one letter. With `SWIP_BLESS=1` the test writes what is
//! printed into the files: read the difference before it is committed.

use std::path::{Path, PathBuf};

use swip::domain::Rule;

use crate::desk::{Desk, code};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

/// A plan that breaks a rule.
struct Case {
    command: String,
    /// Name and text of each file.
    files: Vec<(String, String)>,
    exit: i32,
    printed: String,
}

impl Case {
    fn read(name: &str) -> Self {
        let path = directory().join(format!("{name}.txt"));
        assert!(path.exists(), "{name} has no case: tests/rules/{name}.txt");
        let text = std::fs::read_to_string(&path).unwrap();
        let mut sections = text.split("--- ");
        let command = sections.next().unwrap().strip_prefix("$ swip ").unwrap().trim().to_owned();
        let mut case = Self { command, files: Vec::new(), exit: 0, printed: String::new() };
        for section in sections {
            let (title, body) = section.split_once('\n').unwrap();
            match title.strip_prefix("exit ") {
                Some(exit) => (case.exit, case.printed) = (exit.parse().unwrap(), body.to_owned()),
                None => case.files.push((title.to_owned(), body.to_owned())),
            }
        }
        case
    }

    /// The command in a directory with its files.
    fn run(&self) -> (i32, String) {
        let desk = Desk::new();
        for (name, text) in &self.files {
            std::fs::write(desk.path(name), bytes(text)).unwrap();
        }
        let output = desk.swip(&self.command.split(' ').collect::<Vec<_>>());
        (code(&output), String::from_utf8(output.stdout).unwrap())
    }

    fn write(&self, name: &str, exit: i32, printed: &str) {
        let mut text = format!("$ swip {}\n", self.command);
        for (name, body) in &self.files {
            text.push_str(&format!("--- {name}\n{body}"));
        }
        text.push_str(&format!("--- exit {exit}\n{printed}"));
        std::fs::write(directory().join(format!("{name}.txt")), text).unwrap();
    }
}

/// A text with what stands for bytes and repetitions.
fn bytes(text: &str) -> Vec<u8> {
    let mut pieces = text.split("<<");
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (code, rest) = piece.split_once(">>").unwrap();
        match code.split_once('*') {
            Some((letter, count)) => {
                bytes.extend(letter.repeat(count.parse().unwrap()).into_bytes());
            }
            None => bytes.push(u8::from_str_radix(&code[1..], 16).unwrap()),
        }
        bytes.extend(rest.as_bytes());
    }
    bytes
}

#[test]
fn every_rule_explains_itself_on_a_plan_that_breaks_it() {
    let mut wrong = Vec::new();
    for rule in Rule::ALL {
        let name = rule.as_str();
        let case = Case::read(name);
        let (exit, printed) = case.run();
        assert!(printed.contains(&format!("[{name}]")), "{name} is not found:\n{printed}");
        if (exit, &printed) != (case.exit, &case.printed) {
            wrong.push(format!("{name}: exit {exit}, printed\n{printed}"));
            if std::env::var_os("SWIP_BLESS").is_some() {
                case.write(name, exit, &printed);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn check_and_submit_find_the_same() {
    let desk = Desk::new();
    let check = desk.swip(&["check", "broken.csv", "--parents", "parents.csv"]);
    let submit = desk.swip(&["submit", "broken.csv", "--parents", "parents.csv"]);
    let (found, told) =
        (String::from_utf8_lossy(&check.stdout), String::from_utf8_lossy(&submit.stderr));
    assert!(found.contains("error[overlap]") && told.contains(&*found), "{told}");
    let check = desk.swip(&["check", "broken.csv", "--parents", "parents.csv", "--format", "json"]);
    let check: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let report = desk.json("broken.csv.swip-report/report.json");
    for row in report["rows"].as_array().unwrap() {
        let errors = check["findings"].as_array().unwrap().iter();
        let mut errors = errors.filter(|f| f["row"] == row["row"] && f["severity"] == "error");
        let first = errors.next().map(|finding| finding["rule"].clone());
        match first {
            Some(rule) => assert_eq!((&row["status"], &row["code"]), (&"invalid".into(), &rule)),
            // An earlier row is kept back with the later one that collides with it.
            None if row["status"] == "invalid" => {
                assert!(row["code"] == "overlap" || row["code"] == "customer-reused", "{row}");
            }
            None => {}
        }
    }
}

//! What a person asks swip itself: explain, help, doctor, man page, completions.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::desk::{Desk, Registry, code};

fn text(desk: &Desk, args: &[&str]) -> String {
    let output = desk.swip(args);
    assert_eq!(code(&output), 0, "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_rule_status_and_exit_code_is_explained_within_80_columns() {
    let desk = Desk::new();
    let list = text(&desk, &["explain"]);
    let names: BTreeSet<&str> = list
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()))
        .filter_map(|line| line.split(' ').next())
        .collect();
    for rule in swip::domain::Rule::ALL {
        assert!(names.contains(rule.as_str()), "{rule} is not listed");
        let said = text(&desk, &["explain", rule.as_str()]);
        for part in ["means", "source", "to fix"] {
            assert!(said.contains(&format!("\n{part}")), "{rule}: {said}");
        }
    }
    for name in ["registered", "held", "0", "9"] {
        assert!(names.contains(name), "{name} is not listed");
        assert!(text(&desk, &["explain", name]).contains("to do"));
    }
    assert!(list.lines().all(|line| line.chars().count() <= 80));
    let unknown = desk.swip(&["explain", "overlaps"]);
    assert_eq!(code(&unknown), 2);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `overlap`?"));
}

#[test]
fn packagers_get_completions_and_man_pages_of_every_command() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(text(&desk, &["completions", shell]).contains("submit"), "{shell}");
    }
    let page = text(&desk, &["manpage"]);
    for part in ["SH \"EXIT STATUS\"", "SH ENVIRONMENT", "SH FILES", "swip.toml"] {
        assert!(page.contains(part), "{part}:\n{page}");
    }
    assert!(text(&desk, &["manpage", "submit"]).contains("swip\\-submit"));
    assert_eq!(code(&desk.swip(&["manpage", "nothing"])), 2);
}

#[test]
fn doctor_tells_what_a_run_would_end_with() {
    let desk = Desk::new();
    let registry = Registry::start(&desk);
    let doctor = |url: &str, key: &str| {
        let args = ["doctor", "--registry", url, "--format", "json"];
        let output = desk.command(&args).env("SWIP_API_KEY", key).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["exit_code"], code(&output));
        (code(&output), document)
    };
    let before = desk.lines("world.swip-practice.log").len();
    let (exit, document) = doctor(&registry.url, &registry.key);
    assert_eq!(exit, 0, "{document:#}");
    assert_eq!(desk.lines("world.swip-practice.log").len(), before, "doctor reads only");
    let (exit, document) = doctor("http://127.0.0.1:1", &registry.key);
    assert_eq!(exit, 8, "{document:#}");
    let (exit, document) = doctor(&registry.url, "no key at all");
    assert_eq!(exit, 2, "{document:#}");
    assert!(!document.to_string().contains("no key at all"));
}

//! The config file: any option, its precedence, and faults with their place.

use serde_json::Value;

use crate::desk::{Desk, code};

fn shown(desk: &Desk, args: &[&str], envs: &[(&str, &str)]) -> Value {
    let mut command = desk.command(&[args, &["config", "show", "--format", "json"]].concat());
    let output = command.envs(envs.iter().copied()).output().unwrap();
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn setting(document: &Value, name: &str) -> (Value, String) {
    let list = document["settings"].as_array().unwrap();
    let found = list.iter().find(|s| s["name"] == name).unwrap();
    (found["value"].clone(), found["origin"].as_str().unwrap().to_owned())
}

#[test]
fn the_command_line_beats_the_environment_beats_the_file_beats_the_default() {
    let desk = Desk::new();
    std::fs::write(desk.path("swip.toml"), "registry = \"ote\"\nrate = \"1/s\"\n").unwrap();
    let registry =
        |args: &[&str], envs: &[(&str, &str)]| setting(&shown(&desk, args, envs), "registry");
    assert_eq!(registry(&[], &[]), ("ote".into(), "swip.toml:1".into()));
    let env = [("SWIP_REGISTRY", "arin")];
    assert_eq!(registry(&[], &env), ("arin".into(), "environment SWIP_REGISTRY".into()));
    let line = registry(&["--registry", "practice"], &env);
    assert_eq!(line, ("practice".into(), "command line".into()));
    std::fs::remove_file(desk.path("swip.toml")).unwrap();
    assert_eq!(registry(&[], &[]), ("practice".into(), "default at practice".into()));
}

#[test]
fn what_is_shown_is_a_config_file_again_and_holds_no_key() {
    let desk = Desk::new();
    let text = "registry = \"ote\"\n[submit]\nrate = \"1/s\"\n[orgs.\"EXAMPLE-1\"]\napi_key_file = \"/k\"\n";
    std::fs::write(desk.path("mine.toml"), text).unwrap();
    let key = "API-0123-4567-89AB-CDEF";
    let show = |file: &str| {
        let mut command = desk.command(&["--config", file, "config", "show"]);
        let output = command.env("SWIP_API_KEY", key).output().unwrap();
        assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let first = show("mine.toml");
    assert!(first.contains("SWIP_API_KEY") && !first.contains("0123"), "{first}");
    std::fs::write(desk.path("again.toml"), &first).unwrap();
    let settings = |text: &str| -> Vec<String> {
        let kept = text.lines().filter(|line| !line.starts_with('#'));
        kept.map(|line| line.split(" # ").next().unwrap().trim().to_owned()).collect()
    };
    assert_eq!(settings(&show("again.toml")), settings(&first));
}

#[test]
fn any_option_can_live_in_the_file_and_a_switch_can_be_unset() {
    let desk = Desk::new();
    let text = "parents = \"parents.csv\"\n[submit]\ndry-run = true\n[check]\nformat = \"json\"\n";
    std::fs::write(desk.path("swip.toml"), text).unwrap();
    let check = desk.swip(&["check", "plan.csv"]);
    assert_eq!(code(&check), 0, "{}", String::from_utf8_lossy(&check.stderr));
    serde_json::from_slice::<Value>(&check.stdout).unwrap();
    assert_eq!(code(&desk.swip(&["submit", "plan.csv"])), 0);
    assert!(!desk.path("plan.csv.swip-journal").exists(), "the file asks for a dry run");
    assert_eq!(code(&desk.swip(&["submit", "plan.csv", "--dry-run=false"])), 0);
    assert!(desk.path("plan.csv.swip-journal").exists());
}

#[test]
fn faults_end_with_2_and_name_file_line_and_the_nearest_name() {
    let desk = Desk::new();
    for (text, expected) in [
        (
            "registri = \"ote\"",
            "swip.toml:1: `registri` is no option or setting; did you mean `registry`?",
        ),
        ("\n[submit]\nrate = \"fast\"", "swip.toml:3: invalid value 'fast' for '--rate <RATE>'"),
        ("registry = ", "swip.toml: TOML parse error at line 1"),
    ] {
        std::fs::write(desk.path("swip.toml"), text).unwrap();
        let output = desk.swip(&["submit", "plan.csv", "--parents", "parents.csv"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(code(&output), 2, "{said}");
        assert!(said.contains(expected), "{said}");
    }
    assert_eq!(code(&desk.swip(&["--help"])), 0, "help is given although the file is broken");
    assert_eq!(code(&desk.swip(&["--config", "nowhere.toml", "config", "show"])), 2);
}

#[test]
fn a_file_that_others_can_change_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    std::fs::write(desk.path("swip.toml"), "registry = \"https://example.net\"\n").unwrap();
    let open = std::fs::Permissions::from_mode(0o666);
    std::fs::set_permissions(desk.path("swip.toml"), open).unwrap();
    let output = desk.swip(&["config", "show"]);
    assert_eq!(code(&output), 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("chmod"));
}

#[test]
fn machines_read_one_object_a_line_with_the_run_on_each() {
    let desk = Desk::new();
    let args = ["submit", "plan.csv", "--parents", "parents.csv", "--log-format", "json"];
    let output = desk.swip(&args);
    assert_eq!(code(&output), 0);
    let lines: Vec<Value> = String::from_utf8(output.stderr)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let last = lines.last().unwrap();
    assert_eq!((&last["level"], &last["exit_code"]), (&"info".into(), &0.into()));
    let id = desk.json("plan.csv.swip-report/report.json")["run"]["id"].clone();
    assert_eq!(last["run"], id);
    let quiet = desk.swip(&["submit", "plan.csv", "--parents", "parents.csv", "--quiet"]);
    assert!(quiet.stderr.is_empty(), "{}", String::from_utf8_lossy(&quiet.stderr));
}

#[test]
fn findings_on_stderr_follow_the_form_of_the_log() {
    let desk = Desk::new();
    let run = |option: &[&str]| {
        let args = ["submit", "broken.csv", "--parents", "parents.csv"];
        let output = desk.swip(&[&args, option].concat());
        assert_eq!(code(&output), 3);
        String::from_utf8(output.stderr).unwrap()
    };
    let text = run(&["--log-format", "json"]);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let findings: Vec<&Value> = lines.iter().filter(|line| !line["rule"].is_null()).collect();
    assert_eq!(findings.iter().filter(|line| line["level"] == "error").count(), 28);
    assert!(findings.iter().all(|f| f["row"].is_u64() && f["help"].is_string()), "{text}");
    assert_eq!(lines.last().unwrap()["exit_code"], 3);
    let quiet = run(&["--quiet"]);
    assert_eq!(quiet.lines().count(), 1, "{quiet}");
    assert!(quiet.contains("next: swip check broken.csv"), "{quiet}");
    assert!(run(&[]).contains("error"), "people read the rows quoted");
}

#[test]
fn every_failure_names_what_happened_and_the_next_command() {
    let desk = Desk::new();
    for (args, exit) in [
        ("submit no.csv --parents parents.csv", 3),
        ("submit plan.csv", 2),
        ("submit plan.csv --registry ote", 2),
        ("submit plan.csv --registry http://192.0.2.1", 2),
        ("submit plan.csv --parents parents.csv --rate 5", 2),
        ("check", 2),
        ("frobnicate", 2),
        ("status no.journal", 9),
        ("resume no.journal", 9),
        ("explain nothing", 2),
        ("config show --config no.toml", 2),
        ("inventory --parents no.csv", 3),
        ("registry net get NET-9", 4),
        ("practice --state no/such/dir/x", 9),
    ] {
        let words: Vec<&str> = args.split(' ').collect();
        let output = desk.swip(&words);
        let text = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(code(&output), exit, "{args}: {text}");
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("swip: "), "{args}: {last}");
        assert!(last.contains("next: ") || last.contains("swip "), "{args}: {last}");
    }
}

#[test]
fn a_reader_who_leaves_changes_neither_verdict_nor_calm() {
    use std::io::Read as _;
    let desk = Desk::new();
    let rows: String = (0..20_000).map(|_| "198.18.0.9/29,Acme\n").collect();
    std::fs::write(desk.path("long.csv"), format!("prefix,customer_name\n{rows}")).unwrap();
    let mut command = desk.command(&["check", "long.csv", "--format", "csv"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 3, "the verdict stays");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said.lines().count(), 1, "{said}");
}

//! A person stops a run, or lets it go only so far: signals, `--limit`, `--only`.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::desk::{Desk, Registry, code, told};

const ROWS: usize = 24;
const SUBMIT: [&str; 4] = ["submit", "plan.csv", "--parents", "parents.csv"];

/// A desk, and a registry that takes its time.
fn slow(latency: &str) -> (Desk, Registry) {
    let desk = Desk::new();
    desk.plan(&[(18, ROWS)]);
    let registry = Registry::with(&desk, &["--latency", latency]);
    (desk, registry)
}

/// A run under way: so many rows are committed.
fn under_way(desk: &Desk, registry: &Registry, committed: usize) -> Child {
    let more = ["--registry", &registry.url, "--concurrency", "4", "--look-first", "never"];
    let mut command = desk.command(&[&SUBMIT[..], &more].concat());
    command.env("SWIP_API_KEY", &registry.key).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let begin = Instant::now();
    while registry.commits(desk) < committed {
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing was registered");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

fn resumed(desk: &Desk, registry: &Registry) -> Output {
    std::fs::remove_file(desk.path("plan.csv")).unwrap();
    let args = ["resume", "plan.csv.swip-journal", "--settle", "20ms"];
    let output = registry.swip(desk, &registry.url, &args);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(desk.counts()["registered"], ROWS);
    assert_eq!(registry.commits(desk), ROWS);
    output
}

#[test]
fn a_signal_drains_what_is_in_flight_and_the_report_is_whole() {
    for name in ["-INT", "-TERM"] {
        let (desk, registry) = slow("200ms");
        let child = under_way(&desk, &registry, 6);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 6, "{}", told(&output));
        let rows = desk.outcomes();
        let count = |status: &str| rows.values().filter(|(found, _)| found == status).count();
        assert_eq!(rows.len(), ROWS);
        assert_eq!(count("registered"), registry.commits(&desk), "nothing in flight was lost");
        assert_eq!(count("registered") + count("not-attempted"), ROWS, "{rows:?}");
        assert!(count("not-attempted") > 0, "{rows:?}");
        assert!(rows.values().all(|(_, code)| code.is_empty() || code == "signal"));
        let told = told(&output);
        let last = told.lines().last().unwrap();
        let next = "stopped by a signal; next: swip resume plan.csv.swip-journal";
        assert!(last.contains(next), "{last}");
        resumed(&desk, &registry);
    }
}

#[test]
fn a_second_signal_ends_at_once_and_the_journal_is_safe() {
    let (desk, registry) = slow("700ms");
    let child = under_way(&desk, &registry, 1);
    // Answers are on their way for a while yet.
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, "-INT");
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 6, "{}", told(&output));
    assert!(told(&output).contains("ended at once; swip resume goes on"), "{}", told(&output));
    assert!(!desk.path("plan.csv.swip-report").exists(), "it did not wait for the answers");
    resumed(&desk, &registry);
}

#[test]
fn only_so_many_rows_are_sent_and_resume_sends_the_rest() {
    let desk = Desk::new();
    desk.plan(&[(18, ROWS)]);
    let registry = Registry::start(&desk);
    let output = registry.swip(&desk, &registry.url, &[&SUBMIT[..], &["--limit", "5"]].concat());
    assert_eq!(code(&output), 6, "{}", told(&output));
    assert_eq!(registry.commits(&desk), 5);
    let counts = desk.counts();
    assert_eq!((&counts["registered"], &counts["not-attempted"]), (&5.into(), &19.into()));
    let told = told(&output);
    assert!(
        told.contains("--limit 5 is reached; next: swip resume plan.csv.swip-journal"),
        "{told}"
    );
    resumed(&desk, &registry);
}

#[test]
fn all_is_checked_and_only_the_rows_named_are_written() {
    let desk = Desk::new();
    desk.plan(&[(18, ROWS)]);
    let registry = Registry::start(&desk);
    let submit = |more: &[&str]| registry.swip(&desk, &registry.url, &[&SUBMIT[..], more].concat());
    for wrong in ["99", "R18-99", "10.0.0.0/29"] {
        let output = submit(&["--only", wrong]);
        assert_eq!(code(&output), 2, "{}", told(&output));
    }
    assert_eq!(registry.commits(&desk), 0);
    let output = submit(&["--only", "3", "--only", "R18-9", "--only", "198.18.0.32/29"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    let rows = desk.outcomes();
    for (reference, (status, code)) in &rows {
        let named = ["R18-2", "R18-9", "R18-4"].contains(&reference.as_str());
        let expected = if named { ("registered", "") } else { ("not-attempted", "not-selected") };
        assert_eq!((status.as_str(), code.as_str()), expected, "{reference}");
    }
    assert_eq!((rows.len(), registry.commits(&desk)), (ROWS, 3));
    // An error elsewhere in the plan still stops them.
    let broken = std::fs::read_to_string(desk.path("plan.csv")).unwrap() + "R,198.18.0.1/29\n";
    std::fs::write(desk.path("plan.csv"), broken).unwrap();
    assert_eq!(code(&submit(&["--only", "5"])), 3);
    assert_eq!(registry.commits(&desk), 3);
}

//! The journal as a person meets it: who holds it, whom it belongs to, its care, an old copy.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;

use crate::desk::{Desk, Registry, code, told};
use crate::relay::{Does, Relay};

const ROWS: usize = 8;
const JOURNAL: &str = "plan.csv.swip-journal";
const SUBMIT: [&str; 4] = ["submit", "plan.csv", "--parents", "parents.csv"];

fn desk() -> Desk {
    let desk = Desk::new();
    desk.plan(&[(18, ROWS)]);
    desk
}

#[test]
fn a_second_process_is_refused_at_once_and_told_who_holds_the_journal() {
    let desk = desk();
    let registry = Registry::with(&desk, &["--latency", "300ms"]);
    let args = [&SUBMIT[..], &["--registry", &registry.url]].concat();
    let mut command = desk.command(&args);
    let mut first =
        command.env("SWIP_API_KEY", &registry.key).stderr(Stdio::null()).spawn().unwrap();
    while registry.commits(&desk) == 0 {
        assert!(first.try_wait().unwrap().is_none(), "the first run ended");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let holder = format!("in use by process {} since 2", first.id());
    for args in [&SUBMIT[..], &["resume", JOURNAL], &["status", JOURNAL, "--refresh"]] {
        let output = registry.swip(&desk, &registry.url, args);
        assert_eq!(code(&output), 9, "{}", told(&output));
        assert!(told(&output).contains(&holder), "{}", told(&output));
    }
    for args in [&["status", JOURNAL][..], &["report", JOURNAL, "--report", "seen"]] {
        assert_eq!(code(&desk.swip(args)), 0, "{args:?} needs no lock");
    }
    assert_eq!(code(&desk.swip(&["journal", "backup", JOURNAL, "copy"])), 0, "nor has a backup");
    assert!(first.wait().unwrap().success());
    let known = registry.commits(&desk);
    assert_eq!(known, ROWS, "the refused ones sent nothing");
}

#[test]
fn a_place_that_others_can_touch_is_refused() {
    let desk = desk();
    let run = |journal: &str| desk.swip(&[&SUBMIT[..], &["--journal", journal]].concat());
    assert_eq!(code(&run("j")), 0);
    let mode = |name: &str| std::fs::metadata(desk.path(name)).unwrap().permissions().mode();
    for name in ["j", "j-lock", "j-mark"] {
        assert_eq!(mode(name) & 0o777, 0o600, "{name}");
    }
    symlink(desk.path("j"), desk.path("link")).unwrap();
    let allow = |name: &str, mode: u32| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(desk.path(name), mode).unwrap();
    };
    let refused = |journal: &str, why: &str| {
        let output = run(journal);
        assert_eq!(code(&output), 9, "{}", told(&output));
        assert!(told(&output).contains(why), "{}", told(&output));
    };
    refused("link", "never opened through a link");
    allow("j", 0o640);
    refused("j", "run chmod 600 on it");
    allow("j", 0o600);
    std::fs::create_dir(desk.path("open")).unwrap();
    allow("open", 0o777);
    refused("open/j", "run chmod go-w on it");
    allow("open", 0o1777);
    assert_eq!(code(&run("open/j")), 0);
}

#[test]
fn a_practice_registry_is_known_by_its_world_not_its_port() {
    let desk = desk();
    let submit = |registry: &Registry| registry.swip(&desk, &registry.url, &SUBMIT);
    let first = Registry::start(&desk);
    assert_eq!(code(&submit(&first)), 0);
    let url = first.url.clone();
    drop(first);
    let again = Registry::start(&desk);
    assert_ne!(again.url, url, "another port");
    let before = again.commits(&desk);
    let output = submit(&again);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(again.commits(&desk), before, "the same world: the journal knows every row");
    // The world in this process is the same one, once it is told where it lies.
    drop(again);
    let other = Registry::with(&desk, &["--state", "elsewhere"]);
    let output = submit(&other);
    assert_eq!(code(&output), 2, "{}", told(&output));
    assert!(told(&output).contains("belongs to world-"), "{}", told(&output));
    let line = Relay::start(&other.url, |_| Does::Pass);
    let output = other.swip(&desk, &line.url, &["resume", JOURNAL]);
    assert_eq!(code(&output), 2, "{}", told(&output));
    assert!(line.seen().is_empty(), "nothing was asked of it");
    let output = desk.swip(&SUBMIT);
    assert_eq!(code(&output), 2, "a third world: {}", told(&output));
}

#[test]
fn a_new_key_is_taken_only_when_told_so() {
    let desk = desk();
    let world = "{\"id\":\"two-keys\",\"keys\":[\"API-0000-0000-AAAA-0001\",\"API-0000-0000-AAAA-0002\"],\"orgs\":[{\"handle\":\"EXAMPLE-1\",\"orgName\":\"Example\"}]}";
    std::fs::write(desk.path("keys.json"), world).unwrap();
    let registry = Registry::with(&desk, &["--state", "keys.json"]);
    let with = |key: &str, more: &[&str]| {
        let args = [&SUBMIT[..], &["--registry", &registry.url], more].concat();
        desk.command(&args).env("SWIP_API_KEY", key).output().unwrap()
    };
    let (old, new) = ("API-0000-0000-AAAA-0001", "API-0000-0000-AAAA-0002");
    let output = with(old, &["--limit", "2"]);
    assert_eq!(code(&output), 6, "{}", told(&output));
    let output = with(new, &[]);
    assert_eq!(code(&output), 2, "{}", told(&output));
    assert!(told(&output).contains("--accept-new-key"), "{}", told(&output));
    let output = with(new, &["--accept-new-key"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(code(&with(new, &[])), 0, "from now on it is the journal's key");
    assert_eq!(code(&with(old, &[])), 2, "and the old one is not");
    let bytes = std::fs::read(desk.path(JOURNAL)).unwrap();
    for key in [old, new] {
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()));
    }
}

#[test]
fn a_journal_is_checked_copied_and_pruned() {
    let desk = desk();
    for _ in 0..3 {
        assert_eq!(code(&desk.swip(&SUBMIT)), 0);
    }
    let text = |args: &[&str]| {
        let output = desk.swip(args);
        assert_eq!(code(&output), 0, "{args:?}: {}", told(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let check = text(&["journal", "check", JOURNAL]);
    for line in ["runs           3", "registrations  8", "open outcomes  0"] {
        assert!(check.contains(line), "{check}");
    }
    text(&["journal", "backup", JOURNAL, "copy"]);
    let mode = std::fs::metadata(desk.path("copy")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(text(&["journal", "check", "copy"]), check);
    assert_eq!(code(&desk.swip(&["journal", "backup", JOURNAL, "copy"])), 2, "never over a file");
    assert_eq!(text(&["journal", "prune", JOURNAL, "--keep", "1"]), "dropped 2 runs, kept 1\n");
    assert!(text(&["journal", "check", JOURNAL]).contains("registrations  8"));
    let ledger = desk.lines("plan.csv.swip-practice-ledger.ndjson").len();
    assert_eq!(code(&desk.swip(&SUBMIT)), 0);
    assert_eq!(desk.lines("plan.csv.swip-practice-ledger.ndjson").len(), ledger, "all is known");
    // Damage in the middle is found, and nothing is sent on its word.
    let mut bytes = std::fs::read(desk.path("copy")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xAA);
    std::fs::write(desk.path("copy"), &bytes).unwrap();
    let output = desk.swip(&["journal", "check", "copy"]);
    assert_eq!(code(&output), 9, "{}", told(&output));
    assert!(told(&output).contains("damaged"), "{}", told(&output));
    assert_eq!(code(&desk.swip(&["journal", "check", "nowhere"])), 9);
    assert!(!desk.path("nowhere").exists(), "a journal that is not there is not made");
}

#[test]
fn a_journal_of_the_first_release_is_read_and_goes_on() {
    let desk = desk();
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/journals/v1.sqlite");
    std::fs::copy(kept, desk.path("old")).unwrap();
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(desk.path("old"), mode).unwrap();
    let output = desk.swip(&["journal", "check", "old"]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(code(&output), 0, "{}", told(&output));
    for line in ["runs           1", "registrations  4", "open tickets   1", "open outcomes  1"] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(code(&desk.swip(&["status", "old"])), 0);
    let report = desk.swip(&["report", "old", "--report", "old.report"]);
    assert_eq!(code(&report), 0, "{}", told(&report));
    assert_eq!(desk.json("old.report/report.json")["rows"].as_array().unwrap().len(), 6);
}

#[test]
fn an_old_copy_put_back_is_noticed_and_every_row_is_read_before_a_write() {
    let desk = desk();
    let registry = Registry::start(&desk);
    let run = |args: &[&str]| registry.swip(&desk, &registry.url, args);
    assert_eq!(code(&run(&[&SUBMIT[..], &["--limit", "2"]].concat())), 6);
    assert_eq!(code(&desk.swip(&["journal", "backup", JOURNAL, "copy"])), 0);
    assert_eq!(code(&run(&[&["resume", JOURNAL][..], &["--settle", "20ms"]].concat())), 0);
    assert_eq!(registry.commits(&desk), ROWS);
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(desk.path(&format!("{JOURNAL}{suffix}")));
    }
    std::fs::copy(desk.path("copy"), desk.path(JOURNAL)).unwrap();
    // Two rows more than the copy knows of: they are new, and sent only after all are read.
    desk.plan(&[(18, ROWS + 2)]);
    let line = Relay::start(&registry.url, |_| Does::Pass);
    let output =
        registry.swip(&desk, &line.url, &[&SUBMIT[..], &["--look-first", "never"]].concat());
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(desk.counts()["already-registered"], ROWS, "{}", desk.counts());
    assert_eq!(registry.commits(&desk), ROWS + 2, "nothing twice");
    let seen = line.seen();
    let first = seen.iter().position(super::relay::Asked::writes).unwrap();
    let ranges = seen[..first].iter().filter(|asked| asked.path.contains("netsByIpRange"));
    assert_eq!(ranges.count(), ROWS + 2, "every row is read before the first write");
}

#[test]
fn sync_wants_to_be_told_when_its_memory_begins() {
    let desk = desk();
    let night = ["sync", "plan.csv", "--parents", "parents.csv", "--journal", "nightly", "--yes"];
    // Nothing leaves this machine: the proxy is nobody.
    let far = ["--registry", "ote", "--proxy", "http://127.0.0.1:1"];
    let run = |more: &[&str]| {
        let args = [&night[..], &far, more].concat();
        desk.command(&args).env("SWIP_API_KEY", "API-1234-5678-9ABC-DEF0").output().unwrap()
    };
    let output = run(&[]);
    assert_eq!(code(&output), 2, "{}", told(&output));
    assert!(told(&output).contains("say --new-journal the first time"), "{}", told(&output));
    assert!(!desk.path("nightly").exists());
    let output = run(&["--new-journal"]);
    assert_eq!(code(&output), 8, "it goes on to the registry: {}", told(&output));
    assert!(desk.path("nightly").exists());
    assert_eq!(code(&run(&[])), 8, "and is not asked for again");
    let output = desk.swip(&night[..4]);
    assert_eq!(code(&output), 2, "{}", told(&output));
    assert!(told(&output).contains("sync needs --journal"), "{}", told(&output));
}

/// Two journals at one registry, or two machines with one key: the registry's own rule about
/// overlaps and the read after it keep every row single.
#[test]
fn two_runs_of_one_plan_with_two_journals_register_each_row_once() {
    let desk = desk();
    let registry = Registry::with(&desk, &["--latency", "20ms"]);
    let start = |journal: &str| {
        let more = ["--journal", journal, "--report", &format!("{journal}.report")];
        let args = [&SUBMIT[..], &["--registry", &registry.url], &more].concat();
        desk.command(&args).env("SWIP_API_KEY", &registry.key).spawn().unwrap()
    };
    let runs = [start("one"), start("two")];
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    assert_eq!(registry.commits(&desk), ROWS);
    let done = |journal: &str, status: &str| {
        let report = desk.json(&format!("{journal}.report/report.json"));
        report["summary"][status].as_u64().unwrap_or_default()
    };
    let registered = done("one", "registered") + done("two", "registered");
    let found = done("one", "already-registered") + done("two", "already-registered");
    assert_eq!((registered, found), (ROWS as u64, ROWS as u64));
}

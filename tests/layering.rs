//! Dependencies point at the pure domain, and every file says what it owns.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// What each room may use of the crate.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("domain", &[]),
    ("intake", &["domain"]),
    ("plan", &["domain"]),
    ("regrws", &["domain"]),
    ("rdap", &["domain", "regrws"]),
    ("inventory", &["domain", "plan", "regrws", "rdap"]),
    ("practice", &["domain"]),
    ("journal", &["domain", "plan", "regrws", "crash"]),
    ("submission", &["domain", "plan", "regrws", "journal", "crash"]),
    ("report", &["domain", "plan", "journal", "crash"]),
    ("rehearsal.rs", &["domain", "regrws", "practice"]),
    (
        "cli",
        &[
            "domain",
            "intake",
            "plan",
            "regrws",
            "rdap",
            "inventory",
            "practice",
            "journal",
            "submission",
            "report",
            "rehearsal",
        ],
    ),
];
/// Longest source file.
const LINES_MAX: usize = 600;

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn all() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    assert!(found.len() > ALLOWED.len());
    let name = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn rooms_use_only_what_they_may() {
    for (name, text) in all() {
        let room = name.split('/').next().unwrap();
        let found = ALLOWED.iter().find(|(known, _)| *known == room);
        let Some((_, allowed)) = found else {
            assert!(room.ends_with(".rs"), "{room} is not listed");
            continue;
        };
        for used in text.split("crate::").skip(1) {
            let used: String = used.chars().take_while(char::is_ascii_lowercase).collect();
            let fine = used.is_empty() || used == room || allowed.contains(&used.as_str());
            assert!(fine, "{name} uses crate::{used}");
        }
    }
}

#[test]
fn files_say_what_they_own_and_stay_short() {
    for (name, text) in all() {
        assert!(text.starts_with("//!"), "{name} does not open with what it owns");
        assert!(text.lines().count() <= LINES_MAX, "{name} is too long");
    }
}

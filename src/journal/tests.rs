//! What a journal keeps, and from whom.

use super::*;
use crate::plan::Plan;

#[test]
fn a_second_holder_is_refused_and_told_who_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("j");
    let first = Journal::open(&path).unwrap();
    let fault = Journal::open(&path).unwrap_err();
    let JournalError::Locked { holder, .. } = &fault else { panic!("{fault}") };
    assert!(holder.contains(&format!("process {}", std::process::id())));
    Journal::read(&path).unwrap();
    drop(first);
    Journal::open(&path).unwrap();
}

#[test]
fn events_come_back_in_order_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("j");
    let mut journal = Journal::open(&path).unwrap();
    let run = journal.begin(&RunRecord::default(), &Plan::default()).unwrap();
    let events = [Event::NotSent { reason: "x".to_owned() }, Event::ProvedAbsent];
    journal.append(run, 7, &events).unwrap();
    drop(journal);
    let journal = Journal::open(&path).unwrap();
    let stored: Vec<Event> =
        journal.events(run).unwrap().into_iter().map(|(_, event)| event).collect();
    assert_eq!(stored, events);
    assert_eq!(journal.last_run().unwrap().0, run);
}

#[test]
fn a_journal_belongs_to_one_registry() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(&directory.path().join("j")).unwrap();
    journal.bind("world-1").unwrap();
    journal.bind("world-1").unwrap();
    assert!(matches!(journal.bind("https://reg.arin.net"), Err(JournalError::Foreign { .. })));
}

#[test]
fn links_are_refused_and_the_file_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let (path, link) = (directory.path().join("j"), directory.path().join("link"));
    drop(Journal::open(&path).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(Journal::open(&link), Err(JournalError::NotAFile(_))));
}

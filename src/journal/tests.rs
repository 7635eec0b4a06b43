//! What a journal keeps, from whom, and from which version on.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::domain::{Comment, NetName, OrgRecipient};
use crate::plan::{Fate, Plan, PlannedRow, Step};
use crate::regrws::RawAnswer;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn journal(&self) -> PathBuf {
        self.0.path().join("j")
    }

    fn mode(&self, path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The journal that the first release wrote.
    fn first_schema(&self) -> PathBuf {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals/v1.sqlite");
        std::fs::copy(kept, self.journal()).unwrap();
        self.mode(&self.journal(), 0o600);
        self.journal()
    }
}

fn step(block: &str) -> Step {
    Step {
        parent: "NET-10-0-0-0-1".parse().unwrap(),
        block: block.parse().unwrap(),
        net_name: NetName::parse("Acme").unwrap(),
        name_generated: false,
        assignment: crate::domain::Assignment::ReassignDetailed(OrgRecipient::Existing(
            "MAPLE-7".parse().unwrap(),
        )),
        comment: Comment::default(),
        given: Default::default(),
    }
}

fn begin(journal: &mut Journal, plan: &Plan) -> i64 {
    journal.begin(&RunRecord::default(), plan, |_| Vec::new()).unwrap()
}

#[test]
fn a_second_holder_is_refused_and_told_who_has_it() {
    let desk = Desk::new();
    let first = Journal::open(&desk.journal()).unwrap();
    let fault = Journal::open(&desk.journal()).unwrap_err();
    let JournalError::Locked { holder, .. } = &fault else { panic!("{fault}") };
    assert!(holder.contains(&format!("process {}", std::process::id())));
    Journal::read(&desk.journal()).unwrap();
    drop(first);
    Journal::open(&desk.journal()).unwrap();
}

#[test]
fn runs_come_back_each_with_its_plan_and_events() {
    let desk = Desk::new();
    let mut journal = Journal::open(&desk.journal()).unwrap();
    let plan = |name: &str| Plan { files: vec![name.to_owned()], ..Plan::default() };
    let first = begin(&mut journal, &plan("monday.csv"));
    let events = [Event::NotSent { reason: "x".to_owned() }, Event::ProvedAbsent];
    journal.append(first, 7, &events).unwrap();
    let second = begin(&mut journal, &plan("tuesday.csv"));
    journal.append(second, 7, &events[..1]).unwrap();
    drop(journal);
    let journal = Journal::read(&desk.journal()).unwrap();
    let stored: Vec<Event> = journal.events(first).unwrap().into_iter().map(|(_, e)| e).collect();
    assert_eq!(stored, events);
    assert_eq!(journal.run(Some(first)).unwrap().1, plan("monday.csv"));
    let (head, last) = journal.run(None).unwrap();
    assert_eq!((head.run, last), (second, plan("tuesday.csv")));
    assert!(matches!(journal.run(Some(9)), Err(JournalError::NoRun { first: 1, last: 2, .. })));
}

#[test]
fn a_journal_belongs_to_one_registry_its_orgs_and_their_keys() {
    let desk = Desk::new();
    let mut journal = Journal::open(&desk.journal()).unwrap();
    journal.bind("world-1").unwrap();
    journal.bind("world-1").unwrap();
    assert!(matches!(journal.bind("https://reg.arin.net"), Err(JournalError::Foreign { .. })));
    let orgs = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    journal.check_orgs(&orgs(&["MAPLE-7"])).unwrap();
    journal.check_key("aaaa", false).unwrap();
    journal.accept_key("MAPLE-7".parse().unwrap(), "aaaa").unwrap();
    journal.check_orgs(&orgs(&["MAPLE-7", "OAK-9"])).unwrap();
    assert!(matches!(journal.check_orgs(&orgs(&["OAK-9"])), Err(JournalError::Foreign { .. })));
    journal.check_key("aaaa", false).unwrap();
    assert!(matches!(journal.check_key("bbbb", false), Err(JournalError::OtherKey { .. })));
    journal.check_key("bbbb", true).unwrap();
}

#[test]
fn a_place_that_others_can_touch_is_refused() {
    let desk = Desk::new();
    let path = desk.journal();
    drop(Journal::open(&path).unwrap());
    for file in ["j", "j-lock", "j-mark"] {
        let facts = std::fs::metadata(desk.0.path().join(file)).unwrap();
        assert_eq!(facts.permissions().mode() & 0o777, 0o600, "{file}");
    }
    let link = desk.0.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(Journal::open(&link), Err(JournalError::NotAFile(_))));
    let refused = || matches!(Journal::open(&path), Err(JournalError::Unsafe { .. }));
    desk.mode(&path, 0o644);
    assert!(refused(), "readable by others");
    desk.mode(&path, 0o600);
    desk.mode(desk.0.path(), 0o777);
    assert!(refused(), "in a directory that others can write");
    desk.mode(desk.0.path(), 0o1777);
    Journal::open(&path).unwrap();
    std::fs::hard_link(&path, desk.0.path().join("second")).unwrap();
    assert!(refused(), "with a second name");
}

#[test]
fn what_is_remembered_across_runs_comes_back() {
    let desk = Desk::new();
    let mut journal = Journal::open(&desk.journal()).unwrap();
    let key = step("10.0.0.0/29").key();
    let body = b"<net xmlns=\"http://www.arin.net/regrws/core/v1\"><pocLinks><pocLinkRef handle=\"NOC1-ARIN\" function=\"N\"/></pocLinks><handle>NET-10-0-0-0-2</handle><netBlocks><netBlock><type>S</type><startAddress>010.000.000.000</startAddress><cidrLength>29</cidrLength></netBlock></netBlocks></net>";
    let answer = RawAnswer { status: 200, body: body.to_vec(), ..RawAnswer::default() };
    let net = crate::regrws::image::nets(body)[0].registration().unwrap();
    let at = || "2026-11-24T00:00:00Z".to_owned();
    let image = Image::new(&answer, None, at());
    assert!(image.net.contains("NOC1-ARIN"));
    let outcome = Outcome::Registered(net.clone());
    let known = Known::of(&step("10.0.0.0/29"), &outcome, Some(image), at()).unwrap();
    let missing = Missing { key: key.clone(), since: at(), inputs: 1 };
    let refused = Refused {
        key: key.clone(),
        body_sha256: "00".to_owned(),
        code: "E_ENTITY_VALIDATION".to_owned(),
        message: "no".to_owned(),
        at: at(),
    };
    let name = GeneratedName { block: key.block, name: NetName::parse("ACME-1").unwrap() };
    let input = AcceptedInput { at: at(), rows: 9, ..AcceptedInput::default() };
    let changes = [
        Change::Know(Box::new(known.clone())),
        Change::Missing(missing.clone()),
        Change::Refused(refused.clone()),
        Change::Name(name.clone()),
        Change::Input(input.clone()),
    ];
    journal.commit(&changes).unwrap();
    drop(journal);
    let mut journal = Journal::open(&desk.journal()).unwrap();
    assert_eq!(journal.known().unwrap()[&key], known);
    assert!(known.image.as_ref().unwrap().payload(&net).is_some());
    assert_eq!(journal.refused().unwrap()[&key], refused);
    assert_eq!(journal.names().unwrap()[&key.block], name.name);
    assert_eq!(journal.store().missing().unwrap(), [missing]);
    assert_eq!(journal.store().inputs().unwrap(), [input]);
    let unrefused = |sha: &str| Change::Unrefused { key: key.clone(), body_sha256: sha.to_owned() };
    journal.commit(&[unrefused("of other content")]).unwrap();
    assert_eq!(journal.refused().unwrap()[&key], refused);
    let gone = [
        Change::Forget(key.clone()),
        Change::Present(key.clone()),
        unrefused(&refused.body_sha256),
        Change::Unname(key.block),
    ];
    journal.commit(&gone).unwrap();
    assert!(journal.known().unwrap().is_empty() && journal.names().unwrap().is_empty());
    assert!(journal.refused().unwrap().is_empty() && journal.store().missing().unwrap().is_empty());
}

#[test]
fn a_commit_is_made_whole_or_not_at_all() {
    let desk = Desk::new();
    let mut journal = Journal::open(&desk.journal()).unwrap();
    let run = begin(&mut journal, &Plan::default());
    let good = Change::Event { run, row: 1, event: Event::ProvedAbsent };
    let record = Box::new(RunRecord::default());
    let twice = Change::Begin { run, record, plan: Box::new(Plan::default()) };
    assert!(matches!(journal.commit(&[good, twice]), Err(StoreError::Failed(_))));
    assert!(journal.events(run).unwrap().is_empty());
}

#[test]
fn an_old_copy_that_was_put_back_is_noticed() {
    let desk = Desk::new();
    let path = desk.journal();
    let mut journal = Journal::open(&path).unwrap();
    let run = begin(&mut journal, &Plan::default());
    let copy = desk.0.path().join("copy");
    journal.store().backup(&copy).unwrap();
    journal.append(run, 1, &[Event::ProvedAbsent]).unwrap();
    drop(journal);
    assert!(!Journal::open(&path).unwrap().store().is_restored().unwrap());
    std::fs::rename(&copy, &path).unwrap();
    desk.mode(&path, 0o600);
    let mut journal = Journal::open(&path).unwrap();
    assert!(journal.store().is_restored().unwrap());
    journal.append(run, 2, &[Event::ProvedAbsent]).unwrap();
    drop(journal);
    let mut journal = Journal::open(&path).unwrap();
    assert!(journal.store().is_restored().unwrap(), "until everything was read again");
    journal.commit(&[Change::Reread]).unwrap();
    drop(journal);
    assert!(!Journal::open(&path).unwrap().store().is_restored().unwrap());
}

/// The journal of the first schema holds six rows: registered (1, 2, 4), ticketed (3), rejected
/// (5), and one whose answer never came (6).
#[test]
fn a_journal_of_the_first_schema_keeps_all_it_knew() {
    let desk = Desk::new();
    let path = desk.first_schema();
    let journal = Journal::read(&path).unwrap();
    let (head, plan) = journal.run(None).unwrap();
    assert_eq!((head.run, plan.rows.len(), head.record.command.as_str()), (1, 6, "submit"));
    assert_eq!(journal.events(1).unwrap().len(), 16);
    let known = journal.known().unwrap();
    assert_eq!(known.len(), 4);
    assert!(known.values().all(|known| known.provenance == Provenance::Registered));
    let ticketed: Vec<&Known> = known.values().filter(|known| known.ticket.is_some()).collect();
    assert_eq!(ticketed[0].ticket.as_ref().unwrap().number, "20261124-X1");
    let doubts = journal.doubts().unwrap();
    let doubt = doubts.values().next().unwrap();
    assert_eq!((doubts.len(), doubt.row, doubt.unresolved.as_ref()), (1, 6, None));
    assert_eq!(doubt.key.block.to_string(), "198.18.3.0/29");
}

#[test]
fn a_journal_of_a_later_schema_is_refused() {
    let desk = Desk::new();
    drop(Journal::open(&desk.journal()).unwrap());
    let connection = rusqlite::Connection::open(desk.journal()).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let fault = Journal::open(&desk.journal()).unwrap_err();
    assert!(matches!(fault, JournalError::Version { found: 99 }), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_of_many_rows_go_together_and_a_failure_is_final() {
    let desk = Desk::new();
    let mut journal = Journal::open(&desk.journal()).unwrap();
    let row = PlannedRow {
        at: crate::domain::RowAt::default(),
        reference: None,
        action: None,
        parent: None,
        block: None,
        net_name: None,
        recipient: None,
        private: false,
        assigned_on: None,
        fate: Fate::Recorded,
    };
    let run = begin(&mut journal, &Plan { rows: vec![row], ..Plan::default() });
    let writer = Writer::new(journal);
    let mut tasks = tokio::task::JoinSet::new();
    for row in 0..200 {
        let writer = writer.clone();
        let event = Change::Event { run, row, event: Event::ProvedAbsent };
        tasks.spawn(async move { writer.commit(vec![event]).await });
    }
    assert!(tasks.join_all().await.iter().all(Result::is_ok));
    let record = Box::new(RunRecord::default());
    let twice = Change::Begin { run, record, plan: Box::new(Plan::default()) };
    let fault = writer.commit(vec![twice]).await.unwrap_err();
    let event = Change::Event { run, row: 999, event: Event::ProvedAbsent };
    assert_eq!(writer.commit(vec![event]).await, Err(fault));
    let journal = writer.end().unwrap();
    assert_eq!(journal.events(run).unwrap().len(), 200);
    let commits: u64 = journal.store().meta("commits").unwrap().unwrap().parse().unwrap();
    assert!(commits < 200, "{commits} commits for 200 rows");
}

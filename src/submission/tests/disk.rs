//! The store fails at each of its calls in turn: sending stops, and what is in hand is told.

use std::path::Path;
use std::sync::atomic::AtomicU64;

use super::*;
use crate::journal::{
    AcceptedInput, Change, GeneratedName, KnownKey, Missing, Refused, RunHead, Store,
};

/// A store whose commits fail from the nth on, and which counts those asked for.
struct Failing {
    journal: Journal,
    left: u64,
    asked: Arc<AtomicU64>,
}

impl Store for Failing {
    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.left == 0 {
            return Err(StoreError::Failed("the disk is full".to_owned()));
        }
        self.left -= 1;
        self.journal.commit(changes)
    }

    fn meta(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.journal.store().meta(name)
    }

    fn runs(&self) -> Result<Vec<RunHead>, StoreError> {
        self.journal.store().runs()
    }

    fn plan(&self, run: i64) -> Result<Plan, StoreError> {
        self.journal.store().plan(run)
    }

    fn events(&self, run: i64) -> Result<Vec<(u64, Event)>, StoreError> {
        self.journal.store().events(run)
    }

    fn known(&self) -> Result<Vec<Known>, StoreError> {
        self.journal.store().known()
    }

    fn names(&self) -> Result<Vec<GeneratedName>, StoreError> {
        self.journal.store().names()
    }

    fn inputs(&self) -> Result<Vec<AcceptedInput>, StoreError> {
        self.journal.store().inputs()
    }

    fn missing(&self) -> Result<Vec<Missing>, StoreError> {
        self.journal.store().missing()
    }

    fn keys(&self) -> Result<Vec<KnownKey>, StoreError> {
        self.journal.store().keys()
    }

    fn refused(&self) -> Result<Vec<Refused>, StoreError> {
        self.journal.store().refused()
    }

    fn doubts(&self) -> Result<Vec<Doubt>, StoreError> {
        self.journal.store().doubts()
    }

    fn is_restored(&self) -> Result<bool, StoreError> {
        self.journal.store().is_restored()
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        self.journal.store().check()
    }

    fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.journal.store().backup(to)
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_stops_sending_and_what_was_answered_is_told() {
    for left in 0..3 {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("j");
        let plan = plan();
        let mut journal = Journal::open(&path).unwrap();
        let id = journal.begin(&RunRecord::default(), &plan, |_| Vec::new()).unwrap();
        let asked = Arc::new(AtomicU64::new(0));
        let failing = Failing { journal, left, asked: Arc::clone(&asked) };
        let journal = Journal::of(path.clone(), Box::new(failing));
        let registry = Arc::new(Scripted::default());
        let (_keep, cancel) = watch::channel(false);
        let shared = Shared(Arc::clone(&registry));
        let options = options(LookFirst::Never);
        let end = submit(&plan, journal, id, shared, options, cancel, |_| {}).await.unwrap();
        assert!(matches!(end.stop, Some(Stop::Journal(_))), "{left}: {:?}", end.stop);
        assert_eq!(asked.load(Ordering::SeqCst), left + 1, "a failed store is not asked again");
        let writes = registry.writes.load(Ordering::SeqCst);
        assert_eq!(writes, usize::from(left > 0), "nothing leaves without a durable intent");
        let expected: &[&str] = match left {
            0 => &[],
            // The answer could not be stored …
            1 => &["row 1, 10.0.0.0/29: answered with status 200 (", "NET-10-0-0-0-2"],
            // … or what it means.
            _ => &["row 1, 10.0.0.0/29: NET-10-0-0-0-2, MAPLE-7"],
        };
        assert_eq!(end.in_hand.len(), usize::from(left > 0), "{left}: {:?}", end.in_hand);
        let in_hand = end.in_hand.join("");
        assert!(expected.iter().all(|part| in_hand.contains(part)), "{left}: {in_hand}");
        drop(end);
        // The disk has room again: the row is settled by reading or by its stored answer.
        let journal = Journal::open(&path).unwrap();
        let (_keep, cancel) = watch::channel(false);
        let (shared, options) = (Shared(Arc::clone(&registry)), super::options(LookFirst::Never));
        let end = submit(&plan, journal, id, shared, options, cancel, |_| {}).await.unwrap();
        assert_eq!(end.stop, None);
        assert_eq!(registry.writes.load(Ordering::SeqCst), 1, "{left}: registered once");
        let mut machine = RowMachine::new(&plan.steps().next().unwrap().1.assignment, false);
        end.journal.events(id).unwrap().iter().for_each(|(_, event)| machine.apply(event));
        assert!(matches!(machine.outcome(), Some(Outcome::Registered(_))), "{left}: {machine:?}");
    }
}

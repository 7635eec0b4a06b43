//! The line to the registry: pauses for everyone, and reads repeated within their budget.

use std::sync::atomic::AtomicU32;

use super::*;
use crate::regrws::limits::limits;
use crate::regrws::{Call as _, GetNet};

/// A registry that answers everything alike, and counts.
#[derive(Debug, Default)]
struct Alike {
    answer: RawAnswer,
    sent: AtomicU64,
    retried: AtomicU64,
    slowed: AtomicU32,
    paused: Mutex<Vec<Duration>>,
}

impl Alike {
    fn saying(answer: RawAnswer) -> Self {
        Self { answer, ..Self::default() }
    }

    fn pausing(status: u16, retry_after: &[&str], date: Option<&str>) -> Self {
        Self::saying(RawAnswer {
            status,
            retry_after: retry_after.iter().map(|text| (*text).to_owned()).collect(),
            date: date.map(str::to_owned),
            ..RawAnswer::default()
        })
    }
}

impl Registry for Alike {
    async fn exchange(&self, _: &WireRequest) -> Result<RawAnswer, WireError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        Ok(self.answer.clone())
    }

    fn pause(&self, wait: Duration) {
        self.paused.lock().unwrap().push(wait);
    }

    fn slow_down(&self) {
        self.slowed.fetch_add(1, Ordering::SeqCst);
    }

    fn retried(&self) {
        self.retried.fetch_add(1, Ordering::SeqCst);
    }

    fn totals(&self) -> Totals {
        let load = |count: &AtomicU64| count.load(Ordering::SeqCst);
        Totals { sent: load(&self.sent), retried: load(&self.retried), worst: 0 }
    }
}

fn parent() -> GetNet {
    GetNet("NET-10-0-0-0-1".parse().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_wish_for_a_pause_holds_everyone_and_only_429_slows_down() {
    let date = "Tue, 24 Nov 2015 10:00:00 GMT";
    for (status, retry_after, wait, slowed) in
        [(429, "30", 30, 1), (429, "Tue, 24 Nov 2015 10:01:30 GMT", 90, 1), (503, "12", 12, 0)]
    {
        let alike = Arc::new(Alike::pausing(status, &[retry_after], Some(date)));
        let line = Reader::new(Arc::clone(&alike));
        line.exchange(&parent().request()).await.unwrap();
        line.exchange(&parent().request()).await.unwrap();
        let wait = Duration::from_secs(wait);
        assert_eq!(*alike.paused.lock().unwrap(), [wait, wait], "{status} {retry_after}");
        let told = alike.slowed.load(Ordering::SeqCst);
        assert_eq!(told, slowed, "two refusals of one burst slow down once");
        assert_eq!(line.too_much(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_better_word_pauses_double_and_too_many_end_the_run() {
    let alike = Arc::new(Alike::pausing(429, &[], None));
    let line = Reader::new(Arc::clone(&alike));
    for _ in 0..limits().pauses_max {
        assert_eq!(line.too_much(), None);
        line.exchange(&parent().request()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(61)).await;
    }
    let paused: Vec<u64> = alike.paused.lock().unwrap().iter().map(Duration::as_secs).collect();
    assert_eq!(paused, [1, 2, 4, 8, 16, 32, 60, 60]);
    line.exchange(&parent().request()).await.unwrap();
    assert!(line.too_much().unwrap().contains("8 pauses in a row"));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_too_long_is_not_waited_for() {
    let long = (limits().retry_after_max.as_secs() + 1).to_string();
    let alike = Arc::new(Alike::pausing(429, &[&long], None));
    let line = Reader::new(Arc::clone(&alike));
    let fault = line.read(&parent()).await.unwrap_err();
    assert!(matches!(fault, ReadFault::Pause(_)), "{fault}");
    assert!(alike.paused.lock().unwrap().is_empty());
    assert_eq!(alike.sent.load(Ordering::SeqCst), 1, "nor is the read repeated");
}

#[tokio::test(start_paused = true)]
async fn reads_that_prove_nothing_are_repeated_within_a_tenth_of_all_requests() {
    let alike = Arc::new(Alike::saying(error(500, "E_UNSPECIFIED", "down")));
    let line = Reader::new(Arc::clone(&alike));
    let begun = tokio::time::Instant::now();
    line.read(&parent()).await.unwrap_err();
    assert_eq!(alike.totals(), Totals { sent: 3, retried: 2, worst: 0 }, "three tries at most");
    assert!(begun.elapsed() <= Duration::from_millis(400 + 800), "waits are drawn below these");
    for _ in 0..300 {
        line.read(&parent()).await.unwrap_err();
    }
    // One that says "no such object" and breaks off proves nothing either.
    let cut = RawAnswer { truncated: true, ..error(404, "E_OBJECT_NOT_FOUND", "none") };
    let broken = Arc::new(Alike::saying(cut));
    Reader::new(Arc::clone(&broken)).read(&parent()).await.unwrap_err();
    assert_eq!(broken.totals().sent, 3);
    let Totals { sent, retried, .. } = alike.totals();
    assert!(retried <= sent / 10 + 3, "{retried} of {sent}");
    assert!(retried >= sent / 11, "the budget is used: {retried} of {sent}");
}

#[tokio::test(start_paused = true)]
async fn what_is_definite_is_asked_once_and_a_write_is_never_repeated() {
    for (answer, fault) in [
        (error(404, "E_OBJECT_NOT_FOUND", "none"), ReadFault::Absent),
        (error(401, "E_AUTHENTICATION", "key"), ReadFault::KeyRefused(String::new())),
        (error(503, "E_OUTAGE", "down"), ReadFault::Outage(String::new())),
    ] {
        let alike = Arc::new(Alike::saying(answer));
        let line = Reader::new(Arc::clone(&alike));
        let found = line.read(&parent()).await.unwrap_err();
        assert_eq!(std::mem::discriminant(&found), std::mem::discriminant(&fault), "{found}");
        assert_eq!(alike.sent.load(Ordering::SeqCst), 1);
    }
    let alike = Arc::new(Alike::saying(error(500, "E_UNSPECIFIED", "down")));
    let write = WireRequest {
        method: Method::Put,
        path: "/rest/net/NET-10-0-0-0-1/reassign".to_owned(),
        body: Some("<net/>".to_owned()),
        effect: Effect::Write,
    };
    Reader::new(Arc::clone(&alike)).exchange(&write).await.unwrap();
    assert_eq!(alike.sent.load(Ordering::SeqCst), 1);
}

//! The pace of all requests of a process: so many in every window, whoever asks.
//!
//! Owns slots, pauses and the count of what was handed over. Must not know: what is requested.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// So many requests in every window of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub count: u32,
    /// In which window.
    pub window: Duration,
}

/// Added to every window, because a timer may fire late and the next one on time.
const SLACK: Duration = Duration::from_millis(1);

/// Hands out slots, one request each, in the order they are asked for.
#[derive(Debug)]
pub struct Pacer {
    limit: Option<Limit>,
    turn: tokio::sync::Mutex<()>,
    log: Mutex<Log>,
}

#[derive(Debug)]
struct Log {
    /// Slots of the last window.
    recent: VecDeque<Instant>,
    /// No slot before this.
    not_before: Instant,
    sent: u64,
    worst: u64,
}

impl Pacer {
    /// A pacer; with a limit, the first slot comes after one interval, so that restarts in a row
    /// cannot exceed it.
    #[must_use]
    pub fn new(limit: Option<Limit>) -> Self {
        let interval = limit.map_or(Duration::ZERO, |limit| limit.window / limit.count.max(1));
        let not_before = Instant::now() + interval;
        let log = Log { recent: VecDeque::new(), not_before, sent: 0, worst: 0 };
        Self { limit, turn: tokio::sync::Mutex::new(()), log: Mutex::new(log) }
    }

    /// Waits for the next slot.
    pub async fn slot(&self) {
        // Tokio's mutex is first come, first served.
        let _turn = self.turn.lock().await;
        loop {
            let due = self.log(|log| log.due(self.limit));
            if due <= Instant::now() {
                break;
            }
            sleep_until(due).await;
        }
        self.log(|log| log.take(self.limit));
    }

    /// No slot before `until`.
    pub fn pause_until(&self, until: Instant) {
        self.log(|log| log.not_before = log.not_before.max(until));
    }

    /// Requests handed over, and the most in any window.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        self.log(|log| (log.sent, log.worst))
    }

    fn log<T>(&self, act: impl FnOnce(&mut Log) -> T) -> T {
        let mut log = self.log.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        act(&mut log)
    }
}

impl Log {
    /// When the next slot is due.
    fn due(&self, limit: Option<Limit>) -> Instant {
        let Some(limit) = limit else { return self.not_before };
        let interval = limit.window / limit.count.max(1);
        let spaced = self.recent.back().map_or(self.not_before, |last| *last + interval);
        let count = limit.count as usize;
        let full = self.recent.len().checked_sub(count).and_then(|at| self.recent.get(at));
        let windowed = full.map_or(self.not_before, |oldest| *oldest + limit.window + SLACK);
        spaced.max(windowed).max(self.not_before)
    }

    /// Takes a slot now.
    fn take(&mut self, limit: Option<Limit>) {
        let now = Instant::now();
        let window = limit.map_or(Duration::from_secs(1), |limit| limit.window);
        while self.recent.front().is_some_and(|first| *first + window + SLACK <= now) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        self.sent += 1;
        let inside = self.recent.iter().rev().take_while(|at| **at + window > now).count();
        self.worst = self.worst.max(inside as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_window_holds_more_than_the_limit_and_most_of_it_is_used() {
        let limit = Limit { count: 50, window: Duration::from_secs(1) };
        let pacer = Pacer::new(Some(limit));
        let begin = Instant::now();
        let mut slots = Vec::new();
        for _ in 0..500 {
            pacer.slot().await;
            slots.push(Instant::now() - begin);
        }
        assert!(slots[0] >= limit.window / limit.count);
        for (at, slot) in slots.iter().enumerate() {
            let inside = slots[at..].iter().take_while(|s| **s < *slot + limit.window).count();
            assert!(inside <= 50, "{inside}");
        }
        assert!(*slots.last().unwrap() < Duration::from_millis(10_400), "{:?}", slots.last());
        assert_eq!(pacer.counts(), (500, 50));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everyone() {
        let pacer = Pacer::new(None);
        let begin = Instant::now();
        pacer.pause_until(begin + Duration::from_secs(30));
        pacer.slot().await;
        assert!(begin.elapsed() >= Duration::from_secs(30));
    }
}

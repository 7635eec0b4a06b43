//! The pace of all requests of a process: so many in every window, whoever asks.
//!
//! Owns turns, the hand-over to the kernel, pauses and slowing down. Must not know: what is
//! requested.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
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

impl Limit {
    /// Between two turns: a little more than the window's share, so that a request that was
    /// handed over late does not make the one a window later wait, and so on for ever.
    fn interval(self) -> Duration {
        (self.window + (self.window / SPACING_DIVISOR).min(SPACING_MAX)) / self.count.max(1)
    }
}

/// Window in which requests are counted when no limit names one.
const WINDOW: Duration = Duration::from_secs(1);
/// A window is kept longer by this share, since requests do not all travel equally fast.
const SLACK_DIVISOR: u32 = 1000;
/// The most that is added to a window.
const SLACK_MAX: Duration = Duration::from_millis(10);
/// Turns are spaced as if the window were longer by this share, which is more than its slack.
const SPACING_DIVISOR: u32 = 400;
/// The most that is added to it.
const SPACING_MAX: Duration = Duration::from_millis(25);
/// Turns missed for this long are made up for; the window is kept all the same.
const CATCH_UP: Duration = Duration::from_millis(100);
/// By how much "too many requests" slows down.
const SLOWER: f64 = 2.0;
/// The slowest pace, as a part of the limit.
const SLOWEST: f64 = 32.0;
/// By how much the pace grows back in each [`CREEP`].
const FASTER: f64 = 1.1;
/// How often the pace grows back.
const CREEP: Duration = Duration::from_secs(60);
/// How often it grows back where no limit is kept, as on loopback: what it was slowed down from
/// was measured in one second, so it is not held against the registry for long.
const CREEP_UNLIMITED: Duration = Duration::from_secs(1);

/// The registry asked for a pause after the turn was given: nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the registry asked for a pause")]
pub struct Paused;

/// Gives turns, one request each, in the order they are asked for, and counts what is handed to
/// the kernel.
///
/// ```
/// use std::time::Duration;
/// use swip::regrws::{GetNet, Limit, Pacer};
///
/// # swip::rehearsal::run(async |arin| {
/// let _two_a_second = Pacer::new(Some(Limit { count: 2, window: Duration::from_secs(1) }));
///
/// arin.send(&GetNet("NET-192-0-2-0-1".parse()?)).await?;
/// assert_eq!(arin.pacer().counts(), (1, 1)); // sent, most in any window
/// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
/// ```
#[derive(Debug)]
pub struct Pacer {
    limit: Option<Limit>,
    turn: tokio::sync::Mutex<()>,
    log: Mutex<Log>,
}

#[derive(Debug)]
struct Log {
    /// When requests of the last window were handed over.
    handed: VecDeque<Instant>,
    /// When the last turn was due.
    turn: Option<Instant>,
    /// No turn before this.
    not_before: Instant,
    /// How much slower than the limit; 1 is not at all.
    slow: f64,
    /// Since when.
    slow_since: Instant,
    /// What an unlimited pacer keeps to once it was told to slow down.
    learned: Option<Limit>,
    sent: u64,
    worst: u64,
}

impl Pacer {
    /// A pacer; with a limit, the first turn comes after one interval, and what the process before
    /// may have made up for, so that restarts in a row cannot exceed it.
    #[must_use]
    pub fn new(limit: Option<Limit>) -> Self {
        let now = Instant::now();
        let wait =
            limit.map_or(Duration::ZERO, |limit| limit.interval() + slack(limit.window) + CATCH_UP);
        let log = Log {
            handed: VecDeque::new(),
            turn: None,
            not_before: now + wait,
            slow: 1.0,
            slow_since: now,
            learned: None,
            sent: 0,
            worst: 0,
        };
        Self { limit, turn: tokio::sync::Mutex::new(()), log: Mutex::new(log) }
    }

    /// Waits for a turn.
    pub async fn turn(&self) {
        let asked = Instant::now();
        // Tokio's mutex is first come, first served.
        let _turn = self.turn.lock().await;
        loop {
            let now = Instant::now();
            let due = self.log(|log| log.due(self.limit, asked, now));
            if due <= now {
                self.log(|log| log.turn = Some(due));
                return;
            }
            sleep_until(due).await;
        }
    }

    /// Counts a request that goes to the kernel now; waits where the window would be exceeded.
    ///
    /// # Errors
    /// [`Paused`] when a pause came up since the turn: nothing may be sent.
    pub async fn handed(&self) -> Result<(), Paused> {
        loop {
            let now = Instant::now();
            let (not_before, room) = self.log(|log| {
                let room = log.room(self.limit, now);
                if room.is_none() && log.not_before <= now {
                    log.count(self.limit, now);
                }
                (log.not_before, room)
            });
            if not_before > now {
                return Err(Paused);
            }
            let Some(room) = room else { return Ok(()) };
            sleep_until(room).await;
        }
    }

    /// No turn before `until`.
    pub fn pause_until(&self, until: Instant) {
        self.log(|log| log.not_before = log.not_before.max(until));
    }

    /// Whether a pause is in force.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.log(|log| log.sent > 0 && log.not_before > Instant::now())
    }

    /// Halves the pace; it grows back by a tenth each minute, without a limit each second.
    pub fn slow_down(&self) {
        let now = Instant::now();
        self.log(|log| {
            log.creep(now);
            if self.limit.is_none() && log.learned.is_none() {
                let recent = log.handed.iter().filter(|at| **at + WINDOW > now).count();
                let count = u32::try_from(recent.max(1)).unwrap_or(u32::MAX);
                log.learned = Some(Limit { count, window: WINDOW });
            }
            log.slow = (log.slow * SLOWER).min(SLOWEST);
        });
    }

    /// Requests handed over, and the most in any window.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        self.log(|log| (log.sent, log.worst))
    }

    fn log<T>(&self, act: impl FnOnce(&mut Log) -> T) -> T {
        act(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn slack(window: Duration) -> Duration {
    (window / SLACK_DIVISOR).min(SLACK_MAX)
}

impl Log {
    /// Lets the pace grow back for the time that has passed.
    fn creep(&mut self, now: Instant) {
        let creep = if self.learned.is_some() { CREEP_UNLIMITED } else { CREEP };
        while self.slow > 1.0 && self.slow_since + creep <= now {
            self.slow /= FASTER;
            self.slow_since += creep;
        }
        if self.slow <= 1.0 {
            self.slow = 1.0;
            self.slow_since = now;
            self.learned = None;
        }
    }

    /// When the turn of one who asked for it at `asked` is due: one interval after the last was
    /// due, so that late timers do not add up. Turns that nobody asked for are not made up for,
    /// and those missed in a stall of the process only for [`CATCH_UP`].
    fn due(&mut self, limit: Option<Limit>, asked: Instant, now: Instant) -> Instant {
        self.creep(now);
        let Some(limit) = limit.or(self.learned) else { return self.not_before };
        let interval = limit.interval().mul_f64(self.slow);
        let spaced = self.turn.map_or(self.not_before, |last| {
            let missed = now.checked_sub(CATCH_UP).unwrap_or(now);
            (last + interval).max(asked).max(missed)
        });
        spaced.max(self.not_before)
    }

    /// When the window has room again; `None` when it has now.
    fn room(&self, limit: Option<Limit>, now: Instant) -> Option<Instant> {
        let limit = limit?;
        let full = self.handed.len().checked_sub(limit.count as usize)?;
        let free = *self.handed.get(full)? + limit.window + slack(limit.window);
        (free > now).then_some(free)
    }

    fn count(&mut self, limit: Option<Limit>, now: Instant) {
        let window = limit.map_or(WINDOW, |limit| limit.window);
        while self.handed.front().is_some_and(|at| *at + window + slack(window) <= now) {
            self.handed.pop_front();
        }
        self.handed.push_back(now);
        self.sent += 1;
        let inside = self.handed.iter().rev().take_while(|at| **at + window > now).count();
        self.worst = self.worst.max(inside as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: Limit = Limit { count: 50, window: Duration::from_secs(1) };

    async fn send(pacer: &Pacer, count: usize) -> Vec<Duration> {
        let begin = Instant::now();
        let mut sent = Vec::new();
        for _ in 0..count {
            pacer.turn().await;
            pacer.handed().await.unwrap();
            sent.push(begin.elapsed());
        }
        sent
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_holds_more_than_the_limit_and_most_of_it_is_used() {
        let pacer = Pacer::new(Some(LIMIT));
        let sent = send(&pacer, 500).await;
        assert!(sent[0] >= LIMIT.interval());
        for (at, first) in sent.iter().enumerate() {
            let inside = sent[at..].iter().take_while(|s| **s < *first + LIMIT.window).count();
            assert!(inside <= 50, "{inside}");
        }
        assert!(*sent.last().unwrap() < Duration::from_millis(10_200), "{:?}", sent.last());
        assert_eq!(pacer.counts(), (500, 50));
    }

    #[tokio::test(start_paused = true)]
    async fn turns_missed_in_a_stall_are_made_up_for_and_those_nobody_asked_for_are_not() {
        let pacer = Pacer::new(Some(LIMIT));
        send(&pacer, 10).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let idle = send(&pacer, 10).await;
        assert!(idle[9] - idle[0] >= LIMIT.interval() * 9, "{idle:?}");
        let asked = Instant::now();
        tokio::time::advance(Duration::from_millis(70)).await;
        let begin = Instant::now();
        let late: Vec<Instant> = (0..5)
            .map(|_| {
                pacer.log(|log| {
                    let due = log.due(pacer.limit, asked, begin);
                    log.turn = Some(due);
                    due
                })
            })
            .collect();
        // It woke 70 ms late: three turns were missed, and are due at once.
        assert_eq!(late.iter().filter(|due| **due <= begin).count(), 3, "{late:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_late_does_not_squeeze_the_window() {
        let pacer = Pacer::new(Some(Limit { count: 2, window: Duration::from_secs(1) }));
        let begin = Instant::now();
        let mut sent = Vec::new();
        for late in [0, 480, 0, 0] {
            pacer.turn().await;
            // A slow handshake between the turn and the hand-over.
            tokio::time::sleep(Duration::from_millis(late)).await;
            pacer.handed().await.unwrap();
            sent.push(begin.elapsed());
        }
        for pair in sent.windows(3) {
            assert!(pair[2] - pair[0] >= Duration::from_secs(1), "{sent:?}");
        }
    }

    /// What happens to a process while it sends.
    #[derive(Clone, Debug)]
    struct Life {
        limit: Limit,
        /// How long after its turn each request is handed over, in milliseconds.
        late: Vec<u64>,
        /// After which request it is slowed down, paused, or ended and started again.
        slowed: usize,
        paused: usize,
        ended: Option<usize>,
    }

    fn life() -> impl Strategy<Value = Life> {
        let limit = (1_u32..30, prop_oneof![Just(1_u64), Just(60)])
            .prop_map(|(count, seconds)| Limit { count, window: Duration::from_secs(seconds) });
        let late = prop::collection::vec(prop_oneof![3 => Just(0), 1 => 0_u64..700], 20..90);
        (limit, late, 0..90_usize, 0..90_usize, prop::option::of(1..90_usize)).prop_map(
            |(limit, mut late, slowed, paused, ended)| {
                if ended.is_some() {
                    // A handshake that a process did not live to see is not on the wire.
                    late.fill(0);
                }
                Life { limit, late, slowed, paused, ended }
            },
        )
    }

    /// Sends four at a time; gives when each request was handed over.
    async fn lived(life: &Life) -> Vec<Duration> {
        let begin = Instant::now();
        let mut sent = Vec::new();
        let mut pacer = std::sync::Arc::new(Pacer::new(Some(life.limit)));
        let mut flying = tokio::task::JoinSet::new();
        for (at, late) in life.late.iter().copied().enumerate() {
            if at == life.slowed {
                pacer.slow_down();
            }
            if at == life.paused {
                pacer.pause_until(Instant::now() + Duration::from_secs(3));
            }
            if life.ended == Some(at) {
                while let Some(handed) = flying.join_next().await {
                    sent.extend(handed);
                }
                pacer = std::sync::Arc::new(Pacer::new(Some(life.limit)));
            }
            if flying.len() >= 4 {
                sent.extend(flying.join_next().await.unwrap());
            }
            let pacer = std::sync::Arc::clone(&pacer);
            flying.spawn(async move {
                loop {
                    pacer.turn().await;
                    tokio::time::sleep(Duration::from_millis(late)).await;
                    if pacer.handed().await.is_ok() {
                        return begin.elapsed();
                    }
                }
            });
        }
        while let Some(handed) = flying.join_next().await {
            sent.extend(handed);
        }
        sent.sort();
        sent
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Whatever happens to a process, and across its restarts.
        #[test]
        fn no_sliding_window_ever_holds_more_than_the_limit(life in life()) {
            let clock = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .unwrap();
            let sent = clock.block_on(lived(&life));
            prop_assert_eq!(sent.len(), life.late.len());
            let most = life.limit.count as usize;
            for pair in sent.windows(most + 1) {
                prop_assert!(pair[most] - pair[0] >= life.limit.window, "{:?}", pair);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everyone_even_one_who_has_his_turn() {
        let pacer = Pacer::new(None);
        let begin = Instant::now();
        pacer.turn().await;
        pacer.pause_until(begin + Duration::from_secs(30));
        assert_eq!(pacer.handed().await, Err(Paused));
        send(&pacer, 1).await;
        assert!(begin.elapsed() >= Duration::from_secs(30));
        assert_eq!(pacer.counts().0, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_pace_halves_and_creeps_back() {
        let pacer = Pacer::new(Some(LIMIT));
        send(&pacer, 10).await;
        pacer.slow_down();
        let slow = send(&pacer, 26).await;
        assert!(slow[25] >= LIMIT.interval() * 50, "{:?}", slow[25]);
        tokio::time::sleep(CREEP * 8).await;
        let again = send(&pacer, 51).await;
        assert!(again[50] - again[0] < LIMIT.interval() * 52, "{again:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_the_pace_that_was_too_much_is_halved() {
        let pacer = Pacer::new(None);
        for _ in 0..100 {
            send(&pacer, 1).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        pacer.slow_down();
        let slow = send(&pacer, 51).await;
        assert!(slow[50] >= Duration::from_millis(900), "{:?}", slow[50]);
        tokio::time::sleep(CREEP_UNLIMITED * 9).await;
        let again = send(&pacer, 50).await;
        assert_eq!(again[49], Duration::ZERO, "no limit is left");
    }
}

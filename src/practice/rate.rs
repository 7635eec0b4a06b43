//! Real rate windows: no more than so many requests in any window of time.
//!
//! Owns the log of the last window. Must not know: what is asked.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests.
    pub count: NonZeroU32,
    /// In any window of this length.
    pub window: Duration,
}

/// The requests of the last window; those that were refused are not among them.
#[derive(Debug, Default)]
pub(super) struct RateWindow(VecDeque<Instant>);

impl RateWindow {
    /// Takes a request, or tells the seconds after which there is room again.
    pub(super) fn take(&mut self, limit: RateLimit, now: Instant) -> Option<u64> {
        while self.0.front().is_some_and(|first| now.duration_since(*first) >= limit.window) {
            self.0.pop_front();
        }
        if self.0.len() < usize::try_from(limit.count.get()).unwrap_or(usize::MAX) {
            self.0.push_back(now);
            return None;
        }
        let first = self.0.front().map_or(Duration::ZERO, |first| now.duration_since(*first));
        Some(limit.window.saturating_sub(first).as_secs_f64().ceil().max(1.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_window_holds_more_than_the_limit() {
        let limit =
            RateLimit { count: NonZeroU32::new(3).unwrap(), window: Duration::from_secs(1) };
        let (mut window, begin) = (RateWindow::default(), Instant::now());
        let at = |ms| begin + Duration::from_millis(ms);
        let taken: Vec<u64> =
            (0..40).map(|n| n * 100).filter(|ms| window.take(limit, at(*ms)).is_none()).collect();
        assert_eq!(taken[..6], [0, 100, 200, 1000, 1100, 1200]);
        assert_eq!(window.take(limit, at(3950)), Some(1));
    }
}

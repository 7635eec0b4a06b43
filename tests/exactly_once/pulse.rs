//! How late this machine runs what is due: what is judged by time allows for it.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often it is felt.
const BEAT: Duration = Duration::from_millis(10);
/// Lags below this are no news.
const NOTABLE: Duration = Duration::from_millis(5);

static LAGS: Mutex<Vec<(Instant, Duration)>> = Mutex::new(Vec::new());

/// Begins to feel it, for as long as the harness runs.
pub(crate) fn begin() {
    std::thread::spawn(|| {
        loop {
            let due = Instant::now() + BEAT;
            std::thread::sleep(BEAT);
            let lag = due.elapsed();
            if lag > NOTABLE {
                LAGS.lock().unwrap().push((due, lag));
            }
        }
    });
}

/// The longest lag between two moments.
pub(crate) fn worst(from: Instant, to: Instant) -> Duration {
    let lags = LAGS.lock().unwrap();
    let first = lags.partition_point(|(due, lag)| *due + *lag < from);
    let within = lags[first..].iter().take_while(|(due, _)| *due <= to);
    within.map(|(_, lag)| *lag).max().unwrap_or_default()
}

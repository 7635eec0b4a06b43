//! When requests arrived: pauses that were asked for, and windows.
//!
//! Must not know: what the requests are.

use std::time::{Duration, Instant};

use swip::regrws::Limits;

use crate::proxy::Seen;
use crate::pulse;

/// Requests within so short a time of each other may have been on their way together.
pub(super) const IN_FLIGHT: Duration = Duration::from_millis(150);
/// How often a lag of the machine delays a request on its way, from the client's timer to here.
const LAGS: u32 = 4;

/// No request between a wish for a pause and its end. One that is too long ends the process, and
/// a process that was killed takes what it was told along: the next waits its interval.
pub(super) fn pauses(seen: &[Seen], killed: &[Instant], broken: &mut Vec<String>) {
    for paused in seen {
        let Some(pause) = paused.pause.filter(|pause| *pause <= Limits::DEFAULT.retry_after_max)
        else {
            continue;
        };
        let told = paused.answered;
        // Requests that were on their way already could not know.
        let known = |at: Instant| !killed.iter().any(|end| (told..at).contains(end));
        let way = IN_FLIGHT + LAGS * pulse::worst(told, told + pause);
        let within = |at: Instant| at > told + way && at + way < told + pause;
        let early = seen.iter().find(|seen| within(seen.at) && known(seen.at));
        if let Some(early) = early {
            let after = early.at - told;
            broken.push(format!("I9 a request {after:?} after a pause of {pause:?} was asked for"));
        }
    }
}

/// Most requests in any window.
pub(super) fn worst(seen: &[Seen], window: Duration) -> usize {
    let mut times: Vec<_> = seen.iter().map(|seen| seen.at).collect();
    times.sort_unstable();
    let (mut first, mut worst) = (0, 0);
    for (at, time) in times.iter().enumerate() {
        while *time >= times[first] + window {
            first += 1;
        }
        worst = worst.max(at + 1 - first);
    }
    worst
}

//! How often a row waits and tries again before the run stops: writes proved not sent, and "too
//! many requests".
//!
//! Must not know: what is sent.

use std::time::Duration;

use tokio::time::sleep;

use super::row::Halted;
use super::{Registry, Run, Stop};
use crate::regrws::{RawAnswer, WireError};

/// Writes proved not sent before the run stops.
const NOT_SENT_MAX: u32 = 3;
/// Wait before such a write is tried again.
const NOT_SENT_WAIT: Duration = Duration::from_millis(500);
/// Times in a row a row is told to come later before the run stops.
const POSTPONED_MAX: u32 = 5;
/// Wait after "too many requests" without a better word; doubled each time.
const POSTPONED_WAIT: Duration = Duration::from_secs(1);
/// Longest wait a registry may ask for; more ends the run.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(15 * 60);

/// Of one row, or one change.
#[derive(Debug, Default)]
pub(super) struct Patience {
    not_sent: u32,
    postponed: u32,
}

impl Patience {
    /// A write is proved not sent: waits a little, and stops the run when it happens too often.
    pub(super) async fn not_sent<R: Registry>(
        &mut self,
        run: &Run<R>,
        fault: &WireError,
    ) -> Result<(), Halted> {
        self.not_sent += 1;
        if self.not_sent >= NOT_SENT_MAX {
            run.halt(Stop::Registry(fault.to_string()));
            return Err(Halted);
        }
        sleep(NOT_SENT_WAIT).await;
        run.registry.retried();
        Ok(())
    }

    /// "Too many requests": pauses everybody, and stops the run when it is asked for too much.
    pub(super) fn too_many<R: Registry>(
        &mut self,
        run: &Run<R>,
        answer: &RawAnswer,
    ) -> Result<(), Halted> {
        self.postponed += 1;
        let wait = retry_after(answer).unwrap_or(POSTPONED_WAIT * 2_u32.pow(self.postponed - 1));
        if self.postponed > POSTPONED_MAX || wait > RETRY_AFTER_MAX {
            let wait = wait.as_secs();
            run.halt(Stop::Registry(format!("the registry asks for a pause of {wait} s")));
            return Err(Halted);
        }
        run.registry.pause(wait);
        run.registry.retried();
        Ok(())
    }
}

/// `Retry-After` as seconds, or as an HTTP date measured against the answer's own `Date`.
fn retry_after(answer: &RawAnswer) -> Option<Duration> {
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok();
    let wait = |text: &String| {
        if let Ok(seconds) = text.trim().parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let (until, now) = (date(text)?, date(answer.date.as_deref()?)?);
        let seconds = until.timestamp().as_second() - now.timestamp().as_second();
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
    };
    answer.retry_after.iter().filter_map(wait).max()
}

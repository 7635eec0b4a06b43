//! What reading will cost, said before it begins.
//!
//! Must not know: what is read.

use std::time::Duration;

use super::Reading;
use crate::cli::units::about;

/// Reads that are about to be made.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Price {
    /// Reads that need a request each.
    pub(in crate::cli) requests: u64,
    /// Reads that kept answers serve.
    pub(in crate::cli) kept: u64,
}

impl Price {
    /// Counts one more read.
    pub(in crate::cli) const fn add(&mut self, is_kept: bool) {
        if is_kept {
            self.kept += 1;
        } else {
            self.requests += 1;
        }
    }

    /// Says what it is for, and how long it takes at the rate.
    pub(in crate::cli) fn say(self, reading: &Reading, what: &str) {
        let kept = match self.kept {
            0 => String::new(),
            kept => {
                format!(", {kept} more are kept in {}", reading.reader.cache().path().display())
            }
        };
        tracing::info!("Reads     {} {what}{kept}; {}", self.requests, self.time(reading));
    }

    fn time(self, reading: &Reading) -> String {
        let Some(rate) = reading.rate else { return "no rate limit".to_owned() };
        let count = u32::try_from(self.requests).unwrap_or(u32::MAX);
        let time: Duration = rate.interval().saturating_mul(count);
        format!("at {rate} about {}", about(time))
    }
}

//! Limits of work over the network: time-outs, repeats, pauses, sizes. Each is stated here once,
//! shown by `swip config show`, and changed by `[limits]` in the config file.
//!
//! They are settings of a process: set once before the first request, read wherever they hold.
//! Must not know: files, or who asks.

use std::sync::OnceLock;
use std::time::Duration;

/// A limit that can be set.
#[derive(Debug, PartialEq, Eq)]
pub enum Slot<'l> {
    /// A time.
    Time(&'l mut Duration),
    /// A number of things, at least one.
    Count(&'l mut u32),
    /// A number of bytes, at least one.
    Bytes(&'l mut u64),
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ident = $default:expr;)+) => {
        /// The limits of a process.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[doc = $doc])+ pub $name: limits!(@type $kind),)+
        }

        impl Limits {
            /// Those that hold where nobody says otherwise.
            pub const DEFAULT: Self = Self { $($name: $default,)+ };
            /// Their names, as the config file has them, and what each is.
            pub const NAMES: &'static [(&'static str, &'static str)] =
                &[$((stringify!($name), concat!($($doc),+)),)+];

            /// The limit of a name.
            pub fn slot(&mut self, name: &str) -> Option<Slot<'_>> {
                match name {
                    $(stringify!($name) => Some(Slot::$kind(&mut self.$name)),)+
                    _ => None,
                }
            }
        }
    };
    (@type Time) => { Duration };
    (@type Count) => { u32 };
    (@type Bytes) => { u64 };
}

limits! {
    /// Time allowed to connect, TLS included
    connect_timeout: Time = Duration::from_secs(10);
    /// Largest answer that is read
    answer_max_bytes: Bytes = 8 * 1024 * 1024;
    /// Largest attachment that is saved
    attachment_max_bytes: Bytes = 4 * 1024 * 1024 * 1024;
    /// Time allowed for a whole attachment; each part of it has the time-out of a request
    attachment_timeout: Time = Duration::from_secs(60 * 60);
    /// Tries of a read before it counts as no information
    read_tries: Count = 3;
    /// Wait before the first repeat of a read; doubled each time
    read_backoff: Time = Duration::from_millis(400);
    /// First pause after 429 or 503 without Retry-After; doubled each time
    pause: Time = Duration::from_secs(1);
    /// Longest such pause
    pause_max: Time = Duration::from_secs(60);
    /// Longest Retry-After that is waited for
    retry_after_max: Time = Duration::from_secs(15 * 60);
    /// Pauses in a row before a run stops
    pauses_max: Count = 8;
    /// Tries of a request that provably was not sent
    not_sent_tries: Count = 3;
    /// Wait between them
    not_sent_wait: Time = Duration::from_millis(500);
    /// Rounds of reading that settle an unknown outcome
    settle_rounds: Count = 3;
    /// Unknown outcomes at which writes pause until all are settled
    unknown_max: Count = 3;
    /// Reads in a row that proved nothing, after which an inventory stops
    failed_reads_max: Count = 5;
    /// Looks in a row that proved nothing, after which a run stops
    failed_looks_max: Count = 3;
    /// Absent rows in a row after which rows are sent before they are looked up
    look_until_absent: Count = 20;
    /// Writes at the start of a run that may not all be rejected
    first_writes: Count = 5;
    /// Lost answers to creating a recipient after which a run stops
    lost_recipients_max: Count = 3;
    /// Days before a refused row is sent again unchanged
    refused_days: Count = 7;
    /// Time that requests in flight have to end after a signal
    drain: Time = Duration::from_secs(30);
    /// First wait between two looks at a report's ticket; doubled each time
    report_poll: Time = Duration::from_secs(2);
    /// Longest such wait
    report_poll_max: Time = Duration::from_secs(60);
    /// Time a report's ticket is followed before it is left for the next run
    report_patience: Time = Duration::from_secs(10 * 60);
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

static LIMITS: OnceLock<Limits> = OnceLock::new();

/// Sets the limits of this process; the first setting stays.
pub fn set(limits: Limits) {
    let _ = LIMITS.set(limits);
}

/// The limits of this process.
#[must_use]
pub fn limits() -> &'static Limits {
    LIMITS.get().unwrap_or(&Limits::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_a_name_a_text_and_a_place() {
        let mut limits = Limits::default();
        for (name, text) in Limits::NAMES {
            assert!(text.len() > 10, "{name}");
            assert!(limits.slot(name).is_some(), "{name}");
        }
        if let Some(Slot::Count(tries)) = limits.slot("read_tries") {
            *tries = 9;
        }
        assert_eq!((limits.read_tries, limits.slot("nothing")), (9, None));
    }
}

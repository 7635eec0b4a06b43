//! Crash points: places where the test harness ends the process, as a power cut would.
//!
//! Without the feature `crash-points`, which no release has, a point is nothing at all. Must not
//! know: what is stored or sent.

/// Environment variable: the number of the point at which the process ends; 0 for none.
#[cfg(feature = "crash-points")]
const AT: &str = "SWIP_CRASH_AT";
/// Environment variable: file to which the name of every point is appended.
#[cfg(feature = "crash-points")]
const LOG: &str = "SWIP_CRASH_LOG";

/// Ends the process by SIGKILL if this is the point that was asked for.
#[cfg(feature = "crash-points")]
pub(crate) fn point(name: &str) {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicU64, Ordering};

    static PASSED: AtomicU64 = AtomicU64::new(0);
    let here = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
    if let Some(path) = std::env::var_os(LOG)
        && let Ok(mut log) = std::fs::OpenOptions::new().create(true).append(true).open(path)
    {
        let _ = writeln!(log, "{here} {name}");
    }
    let at = std::env::var(AT).ok().and_then(|text| text.parse::<u64>().ok());
    if at == Some(here) {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        // The signal is on its way; nothing more may happen.
        loop {
            std::thread::park();
        }
    }
}

/// Nothing.
#[cfg(not(feature = "crash-points"))]
pub(crate) const fn point(_: &str) {}

/// Environment variable: the one promise that this build breaks on purpose.
#[cfg(feature = "crash-points")]
const CONTROL: &str = "SWIP_CONTROL";

/// Whether a promise is broken on purpose, so that the harness can be seen to notice.
#[cfg(feature = "crash-points")]
pub(crate) fn breaks(promise: &str) -> bool {
    std::env::var(CONTROL).is_ok_and(|control| control == promise)
}

/// Never.
#[cfg(not(feature = "crash-points"))]
pub(crate) const fn breaks(_: &str) -> bool {
    false
}

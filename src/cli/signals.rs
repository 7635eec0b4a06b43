//! SIGINT and SIGTERM: the first drains, the second ends at once; the journal is safe both ways.
//! SIGXFSZ: a full disk by another name.
//!
//! Owns waiting for them. Must not know: what is drained.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Exit code of a process ended by the second signal: stopped, resumable.
const STOPPED: i32 = 6;

/// Lets a write beyond the limit on the size of files fail as one on a full disk does, where the
/// kernel would end the process; as long as the value is kept.
pub(super) fn survive_file_limit() -> Option<Signal> {
    signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())).ok()
}

/// Waits for a signal that asks to end.
pub(super) async fn first() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Ends the process at the next signal.
pub(super) async fn second() {
    first().await;
    tracing::warn!("ended at once; swip resume goes on");
    std::process::exit(STOPPED);
}

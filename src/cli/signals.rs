//! SIGINT and SIGTERM: the first drains, the second ends at once; the journal is safe both ways.
//!
//! Owns waiting for them. Must not know: what is drained.

use tokio::signal::unix::{SignalKind, signal};

/// Exit code of a process ended by the second signal: stopped, resumable.
const STOPPED: i32 = 6;

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

//! The gate of writes: one first, then two, four, … ; none while too much is unknown.
//!
//! Must not know: what is written.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::regrws::limits;

/// Lets writes through.
#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    /// Writes that may be in flight now.
    open: usize,
    /// Writes that may ever be in flight.
    most: usize,
    in_flight: usize,
    /// Whether any write was verified yet.
    verified: bool,
    unknown: usize,
    holding: bool,
    closed: bool,
}

/// What one look at the gate gives.
enum Look {
    Closed,
    Through,
    Wait,
}

/// A write's place; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Pass<'g>(&'g Gate);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.in_flight -= 1);
    }
}

impl Gate {
    pub(super) fn new(most: usize) -> Self {
        let state = State {
            open: 1,
            most: most.max(1),
            in_flight: 0,
            verified: false,
            unknown: 0,
            holding: false,
            closed: false,
        };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let done = act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_waiters();
        done
    }

    /// Waits for a place; `None` once the run has stopped.
    pub(super) async fn pass(&self) -> Option<Pass<'_>> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before the look, so that no change is missed.
            changed.as_mut().enable();
            match self.look() {
                Look::Closed => return None,
                Look::Through => return Some(Pass(self)),
                Look::Wait => changed.await,
            }
        }
    }

    /// Takes a place if there is one.
    fn look(&self) -> Look {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Look::Closed;
        }
        if state.holding || state.in_flight >= state.open {
            return Look::Wait;
        }
        state.in_flight += 1;
        Look::Through
    }

    /// Lets nobody through any more.
    pub(super) fn close(&self) {
        self.change(|state| state.closed = true);
    }

    /// Whether the next good write should be read back before the gate opens.
    pub(super) fn wants_proof(&self) -> bool {
        self.change(|state| !state.verified)
    }

    /// A write was verified: each lets one more through, so that twice as many follow as went.
    pub(super) fn verified(&self) {
        self.change(|state| {
            state.verified = true;
            state.open = (state.open + 1).min(state.most);
        });
    }

    /// The registry asked for a pause: one at a time again.
    pub(super) fn narrow(&self) {
        self.change(|state| {
            state.open = 1;
        });
    }

    /// An outcome is unknown.
    pub(super) fn unknown(&self) {
        self.change(|state| {
            state.unknown += 1;
            state.holding |= state.unknown >= limits().unknown_max as usize;
        });
    }

    /// An unknown outcome is settled.
    pub(super) fn settled(&self) {
        self.change(|state| {
            state.unknown = state.unknown.saturating_sub(1);
            state.holding &= state.unknown > 0;
        });
    }

    /// Whether writes wait for unknown outcomes.
    pub(super) fn is_holding(&self) -> bool {
        self.change(|state| state.holding)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn passes(gate: &Gate) -> Vec<Pass<'_>> {
        let mut passes = Vec::new();
        while let Ok(Some(pass)) = tokio::time::timeout(Duration::from_millis(1), gate.pass()).await
        {
            passes.push(pass);
        }
        passes
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_one_two_four_and_narrows_again() {
        let gate = Gate::new(6);
        for expected in [1, 2, 4, 6, 6] {
            let passes = passes(&gate).await;
            assert_eq!(passes.len(), expected);
            passes.iter().for_each(|_| gate.verified());
        }
        gate.narrow();
        assert_eq!(passes(&gate).await.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn three_unknowns_hold_it_until_all_are_settled() {
        let gate = Gate::new(4);
        gate.unknown();
        gate.unknown();
        assert_eq!(passes(&gate).await.len(), 1);
        gate.unknown();
        assert_eq!(passes(&gate).await.len(), 0);
        gate.settled();
        gate.settled();
        assert_eq!(passes(&gate).await.len(), 0, "until all are settled");
        gate.settled();
        assert_eq!(passes(&gate).await.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn once_closed_nobody_waits() {
        let gate = Gate::new(1);
        let _pass = gate.pass().await;
        let waiting = gate.pass();
        gate.close();
        assert!(waiting.await.is_none());
    }
}

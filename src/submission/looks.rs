//! How many rows are looked up before their first write: until enough in a row are absent.
//!
//! Must not know: what a look reads.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::regrws::limits;

/// The looks of a run that looks no further than it has to.
#[derive(Debug, Default)]
pub(super) struct Looks {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Looks in a row that found nothing.
    absent: u32,
    in_flight: u32,
}

/// A look in flight; dropped when it is over.
#[derive(Debug)]
pub(super) struct Looking<'l>(&'l Looks);

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.in_flight -= 1);
    }
}

impl Looks {
    fn change(&self, act: impl FnOnce(&mut State)) {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_waiters();
    }

    /// A row was looked up.
    pub(super) fn found(&self, absent: bool) {
        self.change(|state| state.absent = if absent { state.absent + 1 } else { 0 });
    }

    /// A place for one more look; `None` once no more are needed. Where the looks in flight may
    /// be enough, it waits for them.
    pub(super) async fn turn(&self) -> Option<Looking<'_>> {
        let enough = limits().look_until_absent;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before the look, so that no change is missed.
            changed.as_mut().enable();
            {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                if state.absent >= enough {
                    return None;
                }
                if state.absent + state.in_flight < enough {
                    state.in_flight += 1;
                    return Some(Looking(self));
                }
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The places that can be had now, and whether more would be.
    async fn places(looks: &Looks) -> (Vec<Looking<'_>>, bool) {
        let mut places = Vec::new();
        loop {
            match tokio::time::timeout(Duration::from_millis(1), looks.turn()).await {
                Ok(Some(place)) => places.push(place),
                Ok(None) => return (places, false),
                Err(_) => return (places, true),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_in_flight_than_are_needed_and_then_there_are_none() {
        let looks = Looks::default();
        let enough = limits().look_until_absent as usize;
        let (first, waits) = places(&looks).await;
        assert_eq!((first.len(), waits), (enough, true));
        for look in first {
            looks.found(true);
            drop(look);
        }
        assert!(matches!(places(&looks).await, (none, false) if none.is_empty()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_there_or_fails_makes_room_for_others() {
        let looks = Looks::default();
        let enough = limits().look_until_absent as usize;
        let (mut first, _) = places(&looks).await;
        drop(first.pop());
        let (again, waits) = places(&looks).await;
        assert_eq!((again.len(), waits), (1, true), "a look that failed proved nothing");
        looks.found(true);
        looks.found(false);
        drop((first, again));
        assert_eq!(places(&looks).await.0.len(), enough, "counted from the start");
    }
}

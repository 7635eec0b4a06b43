//! The line to the registry: one request after another, pauses heeded, reads repeated.
//!
//! Owns what 429 and 503 mean for everyone, and when a read is repeated. No write is ever
//! repeated here. Must not know: rows, the journal.

use std::collections::BTreeSet;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{RwLock, RwLockWriteGuard};
use tokio::time::{Instant, sleep};

use crate::crash::{breaks, point};
use crate::journal::Totals;
use crate::regrws::{
    Call, Complaint, Effect, RawAnswer, Verdict, WireError, WireRequest, image, limits,
};

/// Reads may be repeated as often as one in so many requests …
const REPEATS_DIVISOR: u64 = 10;
/// … and so many times besides.
const REPEATS_FREE: u64 = 3;

/// The registry as submission sees it.
pub trait Registry: Send + Sync + 'static {
    /// Sends one request, once.
    fn exchange(
        &self,
        request: &WireRequest,
    ) -> impl Future<Output = Result<RawAnswer, WireError>> + Send;

    /// No request before so long from now.
    fn pause(&self, wait: Duration);

    /// Halves the pace, which creeps back.
    fn slow_down(&self);

    /// Notes that the next request repeats one.
    fn retried(&self);

    /// Requests so far.
    fn totals(&self) -> Totals;

    /// Why the registry's wish for pauses ends the run, if it does.
    fn too_much(&self) -> Option<String> {
        None
    }
}

impl<R: Registry> Registry for Arc<R> {
    async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        R::exchange(self, request).await
    }

    fn pause(&self, wait: Duration) {
        R::pause(self, wait);
    }

    fn slow_down(&self) {
        R::slow_down(self);
    }

    fn retried(&self) {
        R::retried(self);
    }

    fn totals(&self) -> Totals {
        R::totals(self)
    }

    fn too_much(&self) -> Option<String> {
        R::too_much(self)
    }
}

/// Why a read gave no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    /// "No such object", in the registry's own words.
    #[error("the registry has no such object")]
    Absent,
    /// The registry refused the key for this object.
    #[error("{0}")]
    KeyRefused(String),
    /// The registry is in maintenance.
    #[error("{0}")]
    Outage(String),
    /// The registry asks for too long a pause, or for one again and again.
    #[error("{0}")]
    Pause(String),
    /// The registry has no such method.
    #[error("{0}")]
    NoMethod(String),
    /// Anything else: no information.
    #[error("{0}")]
    Nothing(String),
}

/// A value with the answer it was read from.
#[derive(Clone, Debug)]
pub struct Read<T> {
    /// The value.
    pub value: T,
    /// The registry's own words.
    pub answer: RawAnswer,
}

/// One registry, shared by every row.
#[derive(Debug)]
pub struct Reader<R> {
    registry: R,
    pauses: Mutex<Pauses>,
    /// Held for reading by each request in flight, for writing by a probe of the key.
    dispatch: RwLock<()>,
    /// Tickets known to be some row's.
    tickets: Mutex<BTreeSet<String>>,
}

#[derive(Debug, Default)]
struct Pauses {
    until: Option<Instant>,
    in_a_row: u32,
    too_much: Option<String>,
}

impl<R: Registry> Reader<R> {
    /// A line to a registry.
    pub fn new(registry: R) -> Self {
        Self {
            registry,
            pauses: Mutex::default(),
            dispatch: RwLock::new(()),
            tickets: Mutex::default(),
        }
    }

    /// Waits until no request is in flight, and lets none begin until the guard is dropped.
    pub(super) async fn hold(&self) -> RwLockWriteGuard<'_, ()> {
        self.dispatch.write().await
    }

    /// Sends one request while everyone else is held back.
    pub(super) async fn probe(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        self.send(request).await
    }

    async fn send(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        point("before the wire");
        let mut answer = self.registry.exchange(request).await;
        if breaks("retry-on-time-out") && matches!(answer, Err(WireError::NoAnswer(_))) {
            answer = self.registry.exchange(request).await;
        }
        point("after the wire");
        if let Ok(answer) = &answer {
            self.heed(answer);
            if request.effect != Effect::Read {
                let names = image::names(&answer.body).into_iter();
                names
                    .filter(|(what, _)| *what == image::Named::Ticket)
                    .for_each(|(_, n)| self.claim(&n));
            }
        }
        answer
    }

    /// Notes that a ticket is some row's.
    pub(super) fn claim(&self, ticket: &str) {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner).insert(ticket.to_owned());
    }

    /// Whether a ticket is known to be some row's.
    pub(super) fn is_claimed(&self, ticket: &str) -> bool {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner).contains(ticket)
    }

    fn pauses<T>(&self, act: impl FnOnce(&mut Pauses) -> T) -> T {
        act(&mut self.pauses.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Pauses everyone after 429 and 503; slows down after 429.
    fn heed(&self, answer: &RawAnswer) {
        if !matches!(answer.status, 429 | 503) {
            self.pauses(|pauses| pauses.in_a_row = 0);
            return;
        }
        let (now, limits) = (Instant::now(), limits());
        let asked = answer.asked_pause();
        let (wait, first) = self.pauses(|pauses| {
            let first = pauses.until.is_none_or(|until| until <= now);
            if first {
                pauses.in_a_row += 1;
            }
            let doubled =
                limits.pause.saturating_mul(2_u32.saturating_pow(pauses.in_a_row.clamp(1, 8) - 1));
            let wait = asked.unwrap_or_else(|| doubled.min(limits.pause_max));
            if wait > limits.retry_after_max {
                let text = format!("the registry asks for a pause of {} s", wait.as_secs());
                pauses.too_much.get_or_insert(text);
                return (None, first);
            }
            let most = limits.pauses_max;
            if pauses.in_a_row > most {
                let text = format!("the registry asked for {most} pauses in a row");
                pauses.too_much.get_or_insert(text);
            }
            pauses.until = pauses.until.max(Some(now + wait));
            (Some(wait), first)
        });
        if let Some(wait) = wait {
            self.registry.pause(wait);
        }
        if first && answer.status == 429 {
            self.registry.slow_down();
        }
    }

    /// Sends a read; repeats it while it proves nothing, within the budget.
    ///
    /// # Errors
    /// [`ReadFault`]; an error is never taken for absence.
    pub async fn read<C: Call>(&self, call: &C) -> Result<Read<C::Response>, ReadFault> {
        read_of::<C>(registry_answer(self, call).await?)
    }

    /// The same while everyone else is held back.
    pub(super) async fn read_alone<C: Call>(
        &self,
        call: &C,
    ) -> Result<Read<C::Response>, ReadFault> {
        let request = call.request();
        read_of::<C>(repeated::<C, _>(self, || self.probe(&request)).await?)
    }
}

impl<R: Registry> Registry for Reader<R> {
    async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        let _in_flight = self.dispatch.read().await;
        self.send(request).await
    }

    fn pause(&self, wait: Duration) {
        self.registry.pause(wait);
    }

    fn slow_down(&self) {
        self.registry.slow_down();
    }

    fn retried(&self) {
        self.registry.retried();
    }

    fn totals(&self) -> Totals {
        self.registry.totals()
    }

    fn too_much(&self) -> Option<String> {
        self.pauses(|pauses| pauses.too_much.clone())
    }
}

fn read_of<C: Call>(answer: RawAnswer) -> Result<Read<C::Response>, ReadFault> {
    match C::decode(&answer) {
        Ok(value) => Ok(Read { value, answer }),
        Err(complaint) => Err(ReadFault::Nothing(complaint.to_string())),
    }
}

/// The answer to a read whole, once it can be decoded; the read is repeated while it proves
/// nothing, within the budget.
///
/// # Errors
/// [`ReadFault`]; an error is never taken for absence.
pub(super) async fn registry_answer<C: Call>(
    registry: &impl Registry,
    call: &C,
) -> Result<RawAnswer, ReadFault> {
    let request = call.request();
    repeated::<C, _>(registry, || registry.exchange(&request)).await
}

async fn repeated<C: Call, F>(
    registry: &impl Registry,
    ask: impl Fn() -> F,
) -> Result<RawAnswer, ReadFault>
where
    F: Future<Output = Result<RawAnswer, WireError>>,
{
    let mut tries = 0;
    loop {
        let reason = match ask().await {
            Err(fault) => fault.to_string(),
            Ok(answer) => match C::decode(&answer) {
                Ok(_) => return Ok(answer),
                Err(complaint) => match for_good(&answer, &complaint) {
                    Some(fault) => return Err(fault),
                    None => complaint.to_string(),
                },
            },
        };
        if let Some(reason) = registry.too_much() {
            return Err(ReadFault::Pause(reason));
        }
        tries += 1;
        if tries >= limits().read_tries || !may_repeat(registry.totals()) {
            return Err(ReadFault::Nothing(reason));
        }
        sleep(full_jitter(limits().read_backoff.saturating_mul(2_u32.pow(tries - 1)))).await;
        registry.retried();
    }
}

/// What an answer says for good; `None` when asking again may help.
fn for_good(answer: &RawAnswer, complaint: &Complaint) -> Option<ReadFault> {
    if complaint.is_absent() {
        return Some(ReadFault::Absent);
    }
    match complaint.verdict() {
        Verdict::KeyRefused => Some(ReadFault::KeyRefused(complaint.to_string())),
        Verdict::Outage => Some(ReadFault::Outage(complaint.to_string())),
        Verdict::Rejected => Some(match complaint {
            Complaint::Registry(error) if error.code == "E_METHOD_NOT_ALLOWED" => {
                ReadFault::NoMethod(complaint.to_string())
            }
            _ => ReadFault::Nothing(complaint.to_string()),
        }),
        Verdict::TooMany | Verdict::Unknown => {
            // What is wrong with the request stays wrong; but an answer that broke off said nothing.
            let refused = (400..429).contains(&answer.status) && !answer.truncated;
            refused.then(|| ReadFault::Nothing(complaint.to_string()))
        }
    }
}

/// Whether the budget of repeats has room.
const fn may_repeat(totals: Totals) -> bool {
    totals.retried < totals.sent / REPEATS_DIVISOR + REPEATS_FREE
}

/// A wait between nothing and `most`, so that many do not come back at once.
fn full_jitter(most: Duration) -> Duration {
    // The standard library seeds each hasher anew.
    let random = RandomState::new().build_hasher().finish();
    let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % most.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_full() {
        let most = Duration::from_millis(400);
        let waits: Vec<Duration> = (0..200).map(|_| full_jitter(most)).collect();
        assert!(waits.iter().all(|wait| *wait <= most));
        assert!(waits.iter().any(|wait| *wait < most / 4));
        assert!(waits.iter().any(|wait| *wait > most / 4 * 3));
    }
}

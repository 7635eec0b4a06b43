//! The registry with someone watching: requests in flight, the last refusal, `-vv`.
//!
//! Owns nothing of the exchange itself. Must not know: rows, the journal.

use std::time::{Duration, Instant};

use super::terminal::Progress;
use crate::journal::Totals;
use crate::regrws::{Call as _, Effect, GetNet, RawAnswer, WireError, WireRequest};
use crate::submission::Registry;

/// Least status of an answer that refuses.
const REFUSED: u16 = 400;

/// A registry whose exchanges are shown.
#[derive(Debug)]
pub(super) struct Watched<R> {
    inner: R,
    progress: Progress,
}

impl<R> Watched<R> {
    /// Watches a registry.
    pub(super) const fn new(inner: R, progress: Progress) -> Self {
        Self { inner, progress }
    }
}

impl<R: Registry> Registry for Watched<R> {
    async fn exchange(&self, request: &WireRequest) -> Result<RawAnswer, WireError> {
        self.progress.sent();
        let begun = Instant::now();
        let answer = self.inner.exchange(request).await;
        self.progress.answered(trouble(request, &answer));
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (method, path) = (request.method.as_str(), request.path.as_str());
        match &answer {
            Ok(answer) => {
                tracing::trace!(status = answer.status, millis, "{method} {path}");
            }
            Err(fault) => tracing::debug!(millis, "{method} {path}: {fault}"),
        }
        answer
    }

    fn pause(&self, wait: Duration) {
        tracing::debug!(seconds = wait.as_secs(), "the registry asked for a pause");
        self.inner.pause(wait);
    }

    fn slow_down(&self) {
        tracing::debug!("the registry asked to slow down");
        self.inner.slow_down();
    }

    fn retried(&self) {
        self.inner.retried();
    }

    fn totals(&self) -> Totals {
        self.inner.totals()
    }
}

/// What went wrong with a write, for the line of the last finding.
fn trouble(request: &WireRequest, answer: &Result<RawAnswer, WireError>) -> Option<String> {
    if request.effect != Effect::Write {
        return None;
    }
    let path = request.path.strip_prefix("/rest/").unwrap_or(&request.path);
    match answer {
        Ok(answer) if answer.status < REFUSED => None,
        Ok(answer) => {
            let reason = GetNet::decode(answer).err().map(|fault| fault.to_string());
            Some(format!("{path}: {}", reason.unwrap_or_else(|| answer.status.to_string())))
        }
        Err(fault) => Some(format!("{path}: {fault}")),
    }
}

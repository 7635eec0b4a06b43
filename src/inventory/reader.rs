//! Reads of the registry and of RDAP: kept answers first, then a request, repeated while it
//! proves nothing.
//!
//! Owns what a read proves, and when reading stops altogether. An error is never absence. Must
//! not know: what is read for.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::cache::{Cache, CacheError, Kept};
use crate::domain::OrgHandle;
use crate::rdap::{Rdap, RdapError};
use crate::regrws::{Call, Clients, Complaint, RawAnswer, Verdict, limits};

/// Status under which "no such object" is kept.
const NOT_FOUND: u16 = 404;
/// What is kept of it.
const ABSENT: &str = "E_OBJECT_NOT_FOUND";

/// Why reading stops altogether.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The registry refused the key.
    Key(String),
    /// Unreachable, in outage, or the pause it asks for is too long.
    Registry(String),
    /// The cache cannot be written.
    Storage(String),
    /// A signal.
    Signal,
}

/// Why a read gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// "No such object", in the registry's own words.
    Absent,
    /// The key has no authority to see it.
    NoAuthority(String),
    /// It proves nothing.
    Nothing(String),
    /// No more reads.
    Stop(Stop),
}

/// An answer that proves something.
#[derive(Clone, Debug)]
pub struct Got<T> {
    /// Its value.
    pub value: T,
    /// As it came.
    pub answer: RawAnswer,
    /// When; RFC 3339.
    pub at: String,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadCounts {
    /// Requests sent, repeats included.
    pub sent: u64,
    /// Answers taken from the cache.
    pub kept: u64,
}

/// Reads through the cache.
#[derive(Debug)]
pub struct Reader {
    clients: Clients,
    rdap: Option<Rdap>,
    cache: Cache,
    sent: AtomicU64,
    kept: AtomicU64,
    failed_in_a_row: AtomicU32,
}

/// What one try of a read ended with.
enum Try {
    Done(Fault),
    Pause(Option<Duration>),
    Again(String),
}

impl Reader {
    /// A reader; RDAP is asked where there is a client for it.
    #[must_use]
    pub fn new(clients: Clients, rdap: Option<Rdap>, cache: Cache) -> Self {
        let counters = (AtomicU64::new(0), AtomicU64::new(0), AtomicU32::new(0));
        let (sent, kept, failed_in_a_row) = counters;
        Self { clients, rdap, cache, sent, kept, failed_in_a_row }
    }

    /// The clients.
    #[must_use]
    pub const fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The RDAP client.
    #[must_use]
    pub const fn rdap(&self) -> Option<&Rdap> {
        self.rdap.as_ref()
    }

    /// The cache.
    #[must_use]
    pub const fn cache(&self) -> &Cache {
        &self.cache
    }

    /// How much was read so far.
    #[must_use]
    pub fn counts(&self) -> ReadCounts {
        let (sent, kept) = (&self.sent, &self.kept);
        ReadCounts { sent: sent.load(Ordering::Relaxed), kept: kept.load(Ordering::Relaxed) }
    }

    /// Whether a read will be answered from the cache.
    #[must_use]
    pub fn has<C: Call>(&self, call: &C) -> bool {
        self.cache.get(&call.request().path).is_some()
    }

    /// Reads with the key of an org.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn read<C: Call>(
        &self,
        org: Option<&OrgHandle>,
        call: &C,
    ) -> Result<Got<C::Response>, Fault> {
        let request = call.request();
        if let Some(kept) = self.cache.get(&request.path) {
            self.kept.fetch_add(1, Ordering::Relaxed);
            let answer = kept.answer();
            if kept.status == NOT_FOUND {
                return Err(Fault::Absent);
            }
            let value = C::decode(&answer).map_err(|e| Fault::Nothing(e.to_string()))?;
            return Ok(Got { value, answer, at: kept.at.to_string() });
        }
        let (answer, value) = match self.send(org, call).await {
            Err(Fault::Absent) => {
                self.store(&request.path, NOT_FOUND, ABSENT.as_bytes())?;
                return Err(Fault::Absent);
            }
            sent => sent?,
        };
        let at = self.store(&request.path, answer.status, &answer.body)?.to_string();
        Ok(Got { value, answer, at })
    }

    /// Reads past the cache: what changes while it is watched.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn fresh<C: Call>(
        &self,
        org: Option<&OrgHandle>,
        call: &C,
    ) -> Result<C::Response, Fault> {
        Ok(self.send(org, call).await?.1)
    }

    /// Sends a read until it proves something.
    async fn send<C: Call>(
        &self,
        org: Option<&OrgHandle>,
        call: &C,
    ) -> Result<(RawAnswer, C::Response), Fault> {
        let (client, request) = (self.clients.of(org), call.request());
        let mut reason = String::new();
        let (mut tries, mut pauses) = (0, 0);
        while tries < limits().read_tries {
            self.sent.fetch_add(1, Ordering::Relaxed);
            let found = match client.exchange(&request).await {
                Err(fault) => Try::Again(fault.to_string()),
                Ok(answer) => match C::decode(&answer) {
                    Ok(value) => {
                        self.failed_in_a_row.store(0, Ordering::Relaxed);
                        return Ok((answer, value));
                    }
                    Err(complaint) => judge(&answer, &complaint),
                },
            };
            match found {
                Try::Done(fault) => return Err(fault),
                Try::Pause(wait) => {
                    pauses += 1;
                    self.pause(wait, pauses)?;
                }
                Try::Again(why) => {
                    tries += 1;
                    tokio::time::sleep(limits().read_backoff * 2_u32.pow(tries - 1)).await;
                    reason = why;
                }
            }
        }
        Err(self.failed(reason))
    }

    fn store(&self, path: &str, status: u16, body: &[u8]) -> Result<Timestamp, Fault> {
        self.failed_in_a_row.store(0, Ordering::Relaxed);
        let at = Timestamp::now();
        let body = String::from_utf8_lossy(body).into_owned();
        let kept = Kept { path: path.to_owned(), at, status, body };
        let stored = self.cache.put(kept);
        stored.map_err(|e: CacheError| Fault::Stop(Stop::Storage(e.to_string())))?;
        Ok(at)
    }

    /// Holds every request for as long as was asked for.
    fn pause(&self, wait: Option<Duration>, pauses: u32) -> Result<(), Fault> {
        let limits = limits();
        let doubled = limits.pause.saturating_mul(2_u32.saturating_pow(pauses.saturating_sub(1)));
        let wait = wait.unwrap_or_else(|| doubled.min(limits.pause_max));
        if wait > limits.retry_after_max || pauses > limits.pauses_max {
            let why = format!("the registry asks for a pause of {} s", wait.as_secs());
            return Err(Fault::Stop(Stop::Registry(why)));
        }
        let pacer = self.clients.common.pacer();
        pacer.slow_down();
        pacer.pause_until(Instant::now() + wait);
        Ok(())
    }

    fn failed(&self, reason: String) -> Fault {
        let failed = self.failed_in_a_row.fetch_add(1, Ordering::Relaxed) + 1;
        if failed >= limits().failed_reads_max {
            return Fault::Stop(Stop::Registry(reason));
        }
        Fault::Nothing(reason)
    }

    /// Asks RDAP; gives the body and its time.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn ask_rdap(&self, path: &str) -> Result<(Vec<u8>, String), Fault> {
        let Some(rdap) = &self.rdap else {
            return Err(Fault::Nothing("RDAP is off".to_owned()));
        };
        let name = format!("{} {path}", rdap.base());
        if let Some(kept) = self.cache.get(&name) {
            self.kept.fetch_add(1, Ordering::Relaxed);
            let found = (kept.body.into_bytes(), kept.at.to_string());
            return if kept.status == NOT_FOUND { Err(Fault::Absent) } else { Ok(found) };
        }
        let mut reason = String::new();
        let (mut tries, mut pauses) = (0, 0);
        while tries < limits().read_tries {
            self.sent.fetch_add(1, Ordering::Relaxed);
            match rdap.get(path).await {
                Ok(body) => {
                    let at = self.store(&name, 200, &body)?;
                    return Ok((body, at.to_string()));
                }
                Err(RdapError::Absent) => {
                    self.store(&name, NOT_FOUND, b"")?;
                    return Err(Fault::Absent);
                }
                Err(RdapError::TooMany(wait)) => {
                    pauses += 1;
                    self.pause(wait, pauses)?;
                }
                Err(RdapError::NoAnswer(why)) => {
                    tries += 1;
                    tokio::time::sleep(limits().read_backoff * 2_u32.pow(tries - 1)).await;
                    reason = why;
                }
            }
        }
        Err(self.failed(reason))
    }
}

/// What a complaint about a read proves.
fn judge(answer: &RawAnswer, complaint: &Complaint) -> Try {
    if complaint.is_absent() {
        return Try::Done(Fault::Absent);
    }
    let text = complaint.to_string();
    match (complaint.verdict(), answer.status) {
        (Verdict::KeyRefused, 401 | 403) => Try::Done(Fault::NoAuthority(text)),
        (Verdict::KeyRefused, _) => Try::Done(Fault::Stop(Stop::Key(text))),
        (Verdict::Outage, _) => Try::Done(Fault::Stop(Stop::Registry(text))),
        (Verdict::TooMany, _) => Try::Pause(answer.asked_pause()),
        (_, 403) => Try::Done(Fault::NoAuthority(text)),
        (Verdict::Rejected, _) => Try::Done(Fault::Nothing(text)),
        _ => Try::Again(text),
    }
}

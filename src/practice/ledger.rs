//! The ledger: every request and what became of it, one line each.
//!
//! Owns the fields and their order. Must not know: how a request is judged.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::store::Store;

/// A line of the ledger.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Entry {
    /// Number, from 1 over the whole life of the world, in order of arrival.
    pub(super) seq: u64,
    /// Milliseconds from the beginning of the world to the request's arrival.
    pub(super) t_ms: u64,
    /// Method.
    pub(super) method: String,
    /// Path without query.
    pub(super) path: String,
    /// Status that was sent; 0 when none was.
    pub(super) status: u16,
    /// Where the key stood: `header`, `query`, `none`.
    pub(super) key_in: &'static str,
    /// The fault that was put in, if any.
    pub(super) fault: Option<&'static str>,
    /// Whether the registry changed.
    pub(super) committed: bool,
    /// The net that was made, changed or removed.
    pub(super) net_handle: Option<String>,
    /// The customer that was made, changed or removed.
    pub(super) customer_handle: Option<String>,
    /// The ticket that was made.
    pub(super) ticket: Option<String>,
}

impl Entry {
    /// The line for people: what was asked, and what became of it.
    pub(super) fn line(&self, verdict: &str) -> String {
        let mut line = format!("{:>6}  {:<6} {}  ", self.seq, self.method, self.path);
        line.push_str(&match self.status {
            0 => "no answer".to_owned(),
            status => status.to_string(),
        });
        let handles = [&self.net_handle, &self.customer_handle, &self.ticket];
        for handle in handles.into_iter().flatten() {
            line.push_str(&format!("  {handle}"));
        }
        if self.committed {
            line.push_str("  committed");
        }
        if let Some(fault) = self.fault {
            line.push_str(&format!("  fault {fault}"));
        }
        if !verdict.is_empty() {
            line.push_str(&format!("  {verdict}"));
        }
        line
    }
}

/// The ledger of a world.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Age of the world when this process began, and when that was.
    begun: (Duration, Instant),
    arrived: u64,
    /// Lines that are in no file.
    lines: Vec<(u64, String)>,
}

impl Ledger {
    /// A ledger that goes on after `noted` lines, in a world of a certain age.
    pub(super) fn new(noted: u64, age: Duration) -> Self {
        Self { begun: (age, Instant::now()), arrived: noted, lines: Vec::new() }
    }

    /// A request arrives: its number and time.
    pub(super) fn arrive(&mut self) -> (u64, u64) {
        self.arrived += 1;
        let (age, begin) = self.begun;
        let time = (age + begin.elapsed()).as_millis();
        (self.arrived, u64::try_from(time).unwrap_or(u64::MAX))
    }

    /// Notes what became of a request: in the file if there is one, else in memory.
    pub(super) fn note(&mut self, entry: &Entry, store: Option<&mut Store>) {
        let Ok(mut line) = serde_json::to_string(entry) else { return };
        line.push('\n');
        // The ledger is for people; a full disk shows in the commit log.
        match store {
            Some(store) => drop(store.note(&line)),
            None => self.lines.push((entry.seq, line)),
        }
    }

    /// All lines in order of arrival.
    pub(super) fn text(&self, store: Option<&Store>) -> String {
        let mut lines = match store {
            Some(store) => store.ledger(),
            None => self.lines.clone(),
        };
        lines.sort_by_key(|(seq, _)| *seq);
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

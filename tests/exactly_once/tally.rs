//! The figures that the harness prints at its end, and every violation.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::check::Searched;

/// Shared by all workers.
#[derive(Default)]
pub(crate) struct Tally(Mutex<Figures>);

#[derive(Default)]
struct Figures {
    counts: BTreeMap<&'static str, u64>,
    statuses: BTreeMap<String, u64>,
    /// Per limit the most requests in one window.
    windows: BTreeMap<u64, u64>,
    worst_free: u64,
    faults: BTreeMap<String, u64>,
    violations: Vec<String>,
}

/// At most so many violations are printed.
const SHOWN: usize = 40;

impl Tally {
    /// Adds to a figure.
    pub(crate) fn add(&self, name: &'static str, count: u64) {
        *self.0.lock().unwrap().counts.entry(name).or_default() += count;
    }

    /// What was searched for the key.
    pub(crate) fn searched(&self, searched: Searched) {
        self.add("artefacts searched for the key", searched.files);
        self.add("bytes searched for the key", searched.bytes);
        self.add("key bytes in all artefacts", searched.key_bytes);
    }

    /// Rows of a status.
    pub(crate) fn status(&self, status: &str, count: u64) {
        *self.0.lock().unwrap().statuses.entry(status.to_owned()).or_default() += count;
    }

    /// Keeps the worst window of a limit, or of none.
    pub(crate) fn window(&self, requests: u64, limit: Option<u64>) {
        let mut figures = self.0.lock().unwrap();
        let worst = match limit {
            Some(limit) => figures.windows.entry(limit).or_default(),
            None => &mut figures.worst_free,
        };
        *worst = (*worst).max(requests);
    }

    /// A fault struck.
    pub(crate) fn fault(&self, name: &str) {
        *self.0.lock().unwrap().faults.entry(name.to_owned()).or_default() += 1;
    }

    /// Something that must never be.
    pub(crate) fn violation(&self, what: String) {
        eprintln!("VIOLATION {what}");
        self.0.lock().unwrap().violations.push(what);
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.0.lock().unwrap().violations.is_empty()
    }

    pub(crate) fn print(&self) {
        let figures = self.0.lock().unwrap();
        println!();
        for (name, count) in &figures.counts {
            println!("{count:>10}  {name}");
        }
        for (status, count) in &figures.statuses {
            println!("{count:>10}  rows {status}");
        }
        for (limit, count) in &figures.windows {
            println!("{count:>10}  requests in the worst window of 1 s, of {limit} allowed");
        }
        println!(
            "{:>10}  requests in the worst window of 1 s where none is set",
            figures.worst_free
        );
        let struck: u64 = figures.faults.values().sum();
        println!("{struck:>10}  faults struck, of {} kinds:", figures.faults.len());
        for (name, count) in &figures.faults {
            println!("           {count:>7} {name}");
        }
        println!("{:>10}  violations", figures.violations.len());
        for violation in figures.violations.iter().take(SHOWN) {
            println!("           {violation}");
        }
    }
}

//! The figures that the harness prints at its end, and every violation.

use std::collections::BTreeMap;
use std::sync::Mutex;

/// Shared by all workers.
#[derive(Default)]
pub(crate) struct Tally(Mutex<Figures>);

#[derive(Default)]
struct Figures {
    counts: BTreeMap<&'static str, u64>,
    worst: BTreeMap<&'static str, u64>,
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

    /// Keeps the largest.
    pub(crate) fn worst(&self, name: &'static str, value: u64) {
        let mut figures = self.0.lock().unwrap();
        let worst = figures.worst.entry(name).or_default();
        *worst = (*worst).max(value);
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
        for (name, count) in figures.counts.iter().chain(&figures.worst) {
            println!("{count:>9}  {name}");
        }
        let struck: u64 = figures.faults.values().sum();
        println!("{struck:>9}  faults struck, of {} kinds:", figures.faults.len());
        for (name, count) in &figures.faults {
            println!("           {count:>7} {name}");
        }
        println!("{:>9}  violations", figures.violations.len());
        for violation in figures.violations.iter().take(SHOWN) {
            println!("           {violation}");
        }
    }
}

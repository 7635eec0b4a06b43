//! Faults: what goes wrong on purpose, when, and how chance is decided.
//!
//! Owns the rules and their counters. A chance is decided by hash(seed, rule, method, path, body,
//! how often exactly this was asked), never by order or time, so that the same seed gives each
//! request the same fault, whatever the interleaving. Must not know: sockets, the world.

pub(super) mod disturb;
mod kind;
mod rewrite;
mod rule;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::request::Asked;
pub use kind::{Fault, Phase};
pub use rule::{FaultRule, When};

/// Which faults a registry has when it starts.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Faults {
    /// None.
    #[default]
    Off,
    /// The published mix, [`FaultRule::some`].
    Some,
    /// These.
    Rules(Vec<FaultRule>),
}

impl Faults {
    /// The rules.
    #[must_use]
    pub fn rules(&self) -> Vec<FaultRule> {
        match self {
            Self::Off => Vec::new(),
            Self::Some => FaultRule::some(),
            Self::Rules(rules) => rules.clone(),
        }
    }
}

/// The rules in force, and what they have seen.
#[derive(Debug)]
pub(super) struct Desk {
    seed: u64,
    rules: Vec<FaultRule>,
    /// When the rules were put in force.
    since: Instant,
    /// How many requests each rule has matched.
    matched: Vec<u64>,
    /// How often each request was asked.
    asked: HashMap<[u8; 16], u64>,
}

impl Desk {
    pub(super) fn new(seed: u64, rules: Vec<FaultRule>) -> Self {
        let matched = vec![0; rules.len()];
        Self { seed, rules, since: Instant::now(), matched, asked: HashMap::new() }
    }

    /// The rules in force.
    pub(super) fn rules(&self) -> &[FaultRule] {
        &self.rules
    }

    /// Puts other rules in force.
    pub(super) fn replace(&mut self, rules: Vec<FaultRule>) {
        *self = Self { asked: std::mem::take(&mut self.asked), ..Self::new(self.seed, rules) };
    }

    /// The fault of a request, if it gets one: the first rule that matches and whose turn it is.
    pub(super) fn draw(&mut self, asked: &Asked) -> Option<(Fault, Option<Duration>)> {
        if self.rules.is_empty() {
            return None;
        }
        let identity = digest(&[asked.method.as_bytes(), asked.path.as_bytes(), &asked.body]);
        let count = self.asked.entry(identity).or_default();
        *count += 1;
        let about = [identity.as_slice(), &count.to_le_bytes()].concat();
        let age = self.since.elapsed();
        for (index, rule) in self.rules.iter().enumerate() {
            if !rule.matches(&asked.method, &asked.path, age) {
                continue;
            }
            self.matched[index] += 1;
            let number = self.matched[index];
            let fires = match rule.when {
                When::Always => true,
                When::Nth(nth) => number == nth,
                When::Every(every) => number.is_multiple_of(every),
                When::Probability(probability) => {
                    let seed = self.seed.to_le_bytes();
                    fraction(&[&seed, &(index as u64).to_le_bytes(), &about]) < probability
                }
            };
            if fires {
                return Some((rule.fault, rule.delay));
            }
        }
        None
    }
}

/// Whether a chance of `percent` comes true, decided by what it is about alone.
pub(super) fn chance(percent: f64, about: &[&str]) -> bool {
    let about: Vec<&[u8]> = about.iter().map(|text| text.as_bytes()).collect();
    fraction(&about) * 100.0 < percent
}

/// A number from 0 up to 1, made of what it is about.
fn fraction(about: &[&[u8]]) -> f64 {
    let digest = digest(about);
    let head = u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]);
    f64::from(head) / (f64::from(u32::MAX) + 1.0)
}

fn digest(about: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in about {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut half = [0; 16];
    half.copy_from_slice(&hash.finalize()[..16]);
    half
}

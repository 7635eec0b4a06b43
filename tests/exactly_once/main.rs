//! Exactly once, shown: the real binary is killed at every boundary of storage and wire, answers
//! are lost, cut and delayed, and after each the same invariants are asserted.
//!
//!     cargo test --features crash-points --test exactly_once            short, for CI
//!     cargo test --features crash-points --test exactly_once -- --long  every point, every seed
//!
//! `--only crash|doubles|campaign|storm|kill|controls` runs one part, `--seeds N` so many seeds.
#![expect(clippy::unwrap_used, reason = "a harness ends where it fails")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its figures are what it is for")]

mod check;
mod controls;
mod crash;
mod desk;
mod faults;
mod proxy;
mod rows;
mod tally;
mod world;

use std::process::ExitCode;
use std::time::Instant;

use tally::Tally;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Every how many-th crash point is tried.
    stride: usize,
    /// Every how many-th pair of crash points.
    stride_doubles: usize,
    /// Seeds of the campaign.
    seeds: u64,
    /// Seeds of the lost-answer storm.
    storms: u64,
    /// Rows of a storm.
    storm_rows: u32,
    /// Kills from outside.
    kills: u32,
}

const SHORT: Effort =
    Effort { stride: 9, stride_doubles: 211, seeds: 12, storms: 1, storm_rows: 120, kills: 4 };
const LONG: Effort =
    Effort { stride: 1, stride_doubles: 1, seeds: 2_000, storms: 20, storm_rows: 1_000, kills: 60 };

/// A part of the harness.
type Part = fn(&Effort, &Tally);

const PARTS: [(&str, Part); 6] = [
    ("controls", controls::run),
    ("crash", crash::singles),
    ("doubles", crash::doubles),
    ("kill", crash::kills),
    ("campaign", faults::campaign),
    ("storm", faults::storm),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned()
    };
    let mut effort = if args.iter().any(|arg| arg == "--long") { LONG } else { SHORT };
    if let Some(seeds) = value("--seeds") {
        effort.seeds = seeds.parse().unwrap();
    }
    let only = value("--only");
    let tally = Tally::default();
    for (name, part) in PARTS {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let begin = Instant::now();
        part(&effort, &tally);
        println!("{name:<10} {:>7.1} s", begin.elapsed().as_secs_f64());
    }
    tally.print();
    if tally.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

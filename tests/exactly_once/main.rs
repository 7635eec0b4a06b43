//! Exactly once, shown: the real binary is killed at every boundary of storage and wire, answers
//! are lost, cut and delayed, and after each the same invariants are asserted.
//!
//!     cargo test --features crash-points --test exactly_once            short, for CI
//!     cargo test --features crash-points --test exactly_once -- --long  every point, every seed
//!
//! `--only PART` runs one part (names: [`PARTS`]), `--seeds N` so many seeds of the campaign,
//! `--seeds FIRST+N` those from one on.
#![expect(clippy::unwrap_used, reason = "a harness ends where it fails")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its figures are what it is for")]

mod answers;
mod check;
mod controls;
mod crash;
mod desk;
mod fault;
mod faults;
mod matrix;
mod pace;
mod proxy;
mod pulse;
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
    /// The first seed of the campaign, and how many.
    first_seed: u64,
    seeds: u64,
    /// Seeds of the lost-answer storm.
    storms: u64,
    /// Rows of a storm.
    storm_rows: u32,
    /// Kills from outside.
    kills: u32,
    /// Rows of the run that is measured against its rate.
    pace_rows: u32,
    /// Whether the share of the rate is demanded too: not on a machine with other work.
    pace_share: bool,
}

const SHORT: Effort = Effort {
    stride: 9,
    stride_doubles: 211,
    first_seed: 0,
    seeds: 16,
    storms: 1,
    storm_rows: 120,
    kills: 4,
    pace_rows: 200,
    pace_share: false,
};
const LONG: Effort = Effort {
    stride: 1,
    stride_doubles: 1,
    first_seed: 0,
    seeds: 2_000,
    storms: 20,
    storm_rows: 1_000,
    kills: 60,
    pace_rows: 5_000,
    pace_share: true,
};

/// A part of the harness.
type Part = fn(&Effort, &Tally);

const PARTS: [(&str, Part); 10] = [
    ("controls", controls::run),
    ("crash", crash::singles),
    ("doubles", crash::doubles),
    ("matrix", matrix::run),
    ("kill", crash::kills),
    ("campaign", faults::campaign),
    ("storm", faults::storm),
    ("again", faults::not_atomic),
    ("pace", pace::pace),
    ("requests", pace::requests),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned()
    };
    let mut effort = if args.iter().any(|arg| arg == "--long") { LONG } else { SHORT };
    if let Some(seeds) = value("--seeds") {
        // `40` are the first forty; `54+1` is the one.
        let (first, count) = seeds.split_once('+').unwrap_or(("0", &seeds));
        (effort.first_seed, effort.seeds) = (first.parse().unwrap(), count.parse().unwrap());
    }
    let only = value("--only");
    pulse::begin();
    let tally = Tally::default();
    for (name, part) in PARTS {
        if only.as_deref().is_some_and(|only| !only.split(',').any(|one| one == name)) {
            continue;
        }
        let begin = Instant::now();
        part(&effort, &tally);
        println!("{name:<10} {:>7.1} s", begin.elapsed().as_secs_f64());
    }
    tally.print();
    if tally.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

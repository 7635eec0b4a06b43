//! The rows of the matrix.

mod around;
mod network;
mod process;

use swip::practice::Fault as Registry;

use super::How::{Act, Not, Part, Test};
use super::trial::{KILLED, PLAIN, Trial, rule};
use super::{How, Line, acts};
use crate::fault::Fault;
use crate::rows::Kind;

/// A fault of the line on the first write.
const fn first(fault: Fault, writes: usize) -> How {
    How::Trial(Trial { first: Some(fault), writes: (writes, writes), ..PLAIN })
}

/// A kill at a moment of the first write, seen from the line.
const fn killed(rules: &'static [crate::proxy::Rule], writes: usize) -> How {
    How::Trial(Trial { rules, exit: KILLED, writes: (writes, writes), ..PLAIN })
}

/// A fault of the registry itself on the first write.
const fn registry(list: &'static [(&'static str, u64, Registry)], writes: usize) -> How {
    How::Trial(Trial { registry: list, writes: (writes, writes), ..PLAIN })
}

/// An answer by name to some of the requests.
const fn says(
    rules: &'static [crate::proxy::Rule],
    exit: i32,
    writes: usize,
    ends: &'static [(&'static str, u64)],
) -> How {
    How::Trial(Trial { rules, exit, writes: (writes, writes), ends, ..PLAIN })
}

const SEPARATE: &[&str] = &["--concurrency", "1", "--customers", "separate"];
const WIDE: &[&str] = &["--concurrency", "8", "--look-first", "never"];
const HASTY: &[&str] = &["--concurrency", "1", "--look-first", "never", "--timeout", "1s"];
const SIX: &[Kind] = &[Kind::Simple; 6];
const EIGHT: &[Kind] = &[Kind::Simple; 8];
const TWO_PARENTS: &[Kind] = &[Kind::Simple, Kind::Elsewhere, Kind::Simple, Kind::Elsewhere];
const MODEL: &str = "power loss is the disk's and SQLite's own (WAL, synchronous=FULL); no disk that loses writes is modelled";

/// All of them.
pub(crate) fn all() -> Vec<&'static Line> {
    process::ROWS.iter().chain(&network::ROWS).chain(&around::ROWS).collect()
}

/// The separate customers of the acts.
pub(super) const CUSTOMERS_APART: &[&str] = SEPARATE;

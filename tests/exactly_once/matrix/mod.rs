//! The fault matrix: 115 faults by phase, each with how it is tried, or why it does not apply.
//!
//! A trial runs here, with the same invariants as everything else. A part is another part of this
//! harness, a test one of the crate's own tests: that it is there is looked up in the sources.

mod acts;
mod rows;
mod trial;

use std::path::Path;
use std::sync::Mutex;

use crate::Effort;
use crate::crash::{CAMPAIGNS, many_side_by_side};
use crate::tally::Tally;
use trial::Trial;

/// How a fault is tried.
#[derive(Clone, Copy)]
pub(crate) enum How {
    /// Here, by rules of the line or the registry.
    Trial(Trial),
    /// Here, by more than rules; what is wrong is given back.
    Act(fn() -> Vec<String>),
    /// By a part of this harness, and where in it.
    Part(&'static str, &'static str),
    /// By a test of this name.
    Test(&'static str),
    /// Not here, for this reason.
    Not(&'static str),
}

/// A fault: its number, what goes wrong and when, how it is tried.
pub(crate) type Line = (u16, &'static str, How);

/// Tries every fault that is tried here, and prints the table.
pub(crate) fn run(_: &Effort, tally: &Tally) {
    let sources = sources();
    let results: Mutex<Vec<(u16, String)>> = Mutex::default();
    many_side_by_side(CAMPAIGNS, rows::all(), |(number, what, how)| {
        let (kind, broken) = match how {
            How::Trial(trial) => ("tried".to_owned(), trial.broken(*number, tally)),
            How::Act(act) => ("tried".to_owned(), act()),
            How::Part(part, how) => (format!("part `{part}`: {how}"), Vec::new()),
            How::Test(name) => {
                let there = sources.contains(&format!("fn {name}("));
                let missing = (!there).then(|| format!("there is no test {name}"));
                (format!("test {name}"), missing.into_iter().collect())
            }
            How::Not(why) => (format!("does not apply here: {why}"), Vec::new()),
        };
        let column = match how {
            How::Trial(_) | How::Act(_) => "fault rows tried here",
            How::Part(..) => "fault rows tried by another part",
            How::Test(_) => "fault rows tried by a test of the crate",
            How::Not(_) => "fault rows that do not apply",
        };
        tally.add(column, 1);
        let verdict = if broken.is_empty() { "ok" } else { "BROKEN" };
        results
            .lock()
            .unwrap()
            .push((*number, format!("F{number:03} {verdict:<6} {what}: {kind}")));
        for text in broken {
            tally.violation(format!("F{number:03} {what}: {text}"));
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort();
    results.iter().for_each(|(_, line)| println!("{line}"));
}

/// All sources, in which tests are looked up.
fn sources() -> String {
    fn read(directory: &Path, text: &mut String) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, text);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    ["src", "tests"].iter().for_each(|room| read(&root.join(room), &mut text));
    text
}

//! Controls that must fail: the binary with one promise broken on purpose, and the invariant that
//! has to catch it. A harness that finds nothing here finds nothing anywhere.

use swip::practice::Profile;

use crate::Effort;
use crate::check::Case;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::proxy::Script;
use crate::rows::{Kind, plan, same};
use crate::tally::Tally;
use crate::world::World;

/// A broken promise, the faults that bring it to light, and the invariant named for it.
const CONTROLS: [(&str, &str); 3] = [
    ("retry-on-time-out", "I3"),
    ("parse-before-journaling", "I20"),
    ("failed-read-is-absence", "I4"),
];

/// Reads of ranges that fail: more than one process tries.
const BLIND: u64 = 10;

fn script(control: &str) -> Script {
    match control {
        "failed-read-is-absence" => Script::LostAndBlind(BLIND),
        "retry-on-time-out" => Script::Writes(vec![(1, Fault::DropAfter)]),
        _ => Script::Clean,
    }
}

/// What is broken with a promise broken, or with none.
fn broken(control: Option<&str>, script: Script) -> Vec<String> {
    let world = World::start(Profile::Current, script);
    let kinds = same(Kind::Simple, 3);
    let more = ["--concurrency", "1", "--look-first", "never"];
    let mut desk = Desk::new(&plan(&kinds), &world.url(), &more);
    desk.control = control.map(str::to_owned);
    desk.until_settled();
    let name = control.unwrap_or("none").to_owned();
    let case = Case { name, desk: &desk, world: &world, rows: kinds.len(), ends: None };
    let broken = case.broken();
    world.stop();
    broken
}

/// Each control is caught by its invariant, and without it nothing is.
pub(crate) fn run(_: &Effort, tally: &Tally) {
    for (control, invariant) in CONTROLS {
        let found = broken(Some(control), script(control));
        let caught = found.iter().find(|text| text.starts_with(&format!("{invariant} ")));
        match caught {
            Some(text) => println!("control {control}: caught by {text}"),
            None => tally
                .violation(format!("control {control} was not caught by {invariant}: {found:?}")),
        }
        for text in broken(None, script(control)) {
            tally.violation(format!("without the control {control}: {text}"));
        }
        tally.add("controls that must fail, and do", 1);
    }
}

//! The process ends itself by SIGKILL at the k-th boundary of storage or wire, for every k.

use std::sync::Mutex;
use std::time::Duration;

use swip::practice::Profile;

use crate::Effort;
use crate::check::Case;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::proxy::Script;
use crate::rows::{Kind, mixed, plan, same};
use crate::tally::Tally;
use crate::world::World;

/// Cases side by side: much of their time is waiting for the disk.
const WORKERS: usize = 6;
/// Campaigns side by side: most of their time is waiting for pauses.
pub(crate) const CAMPAIGNS: usize = 12;

/// What is submitted, and to what.
#[derive(Clone)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) profile: Profile,
    pub(crate) script: Script,
    pub(crate) more: &'static [&'static str],
}

/// The eight scenarios.
fn scenarios() -> Vec<Scenario> {
    let plain = Scenario {
        name: "simple inline",
        kinds: same(Kind::Simple, 3),
        profile: Profile::Current,
        script: Script::Clean,
        more: &["--concurrency", "1"],
    };
    let separate: &[&str] = &["--concurrency", "1", "--customers", "separate"];
    let lost = vec![(1, Fault::DropAfter), (2, Fault::DropBefore), (4, Fault::Truncated)];
    vec![
        plain.clone(),
        Scenario { name: "simple separate", more: separate, ..plain.clone() },
        Scenario { name: "detailed", kinds: same(Kind::Detailed, 3), ..plain.clone() },
        Scenario { name: "reallocate", kinds: same(Kind::Reallocate, 3), ..plain.clone() },
        Scenario {
            name: "ticketed",
            kinds: same(Kind::Ticketed, 3),
            profile: Profile::Classic,
            ..plain.clone()
        },
        Scenario {
            name: "429 storm",
            kinds: same(Kind::Simple, 2),
            script: Script::Writes(vec![(1, Fault::TooManySeconds), (2, Fault::TooMany)]),
            ..plain.clone()
        },
        Scenario { name: "lost answers", script: Script::Writes(lost), ..plain.clone() },
        Scenario {
            name: "mixed, 50 rows",
            kinds: mixed(50),
            more: &["--concurrency", "4"],
            ..plain
        },
    ]
}

impl Scenario {
    /// Crashes at these points one after the other, then starts again until settled.
    fn crash(&self, at: &[usize], tally: &Tally) {
        let world = World::start(self.profile, self.script.clone());
        let mut desk = Desk::new(&plan(&self.kinds), &world.url(), self.more);
        let name = format!("{} at {at:?}", self.name);
        for point in at {
            desk.start(Some(*point));
            for broken in report_is_whole_or_absent(&desk, self.kinds.len()) {
                tally.violation(format!("{name}: {broken}"));
            }
        }
        desk.until_settled();
        let case = Case { name, desk: &desk, world: &world, rows: self.kinds.len(), ends: None };
        case.judge(tally);
        tally.add("crash points tried", at.len() as u64);
        world.stop();
    }

    /// How many points the first process passes, or the one after a crash.
    fn points(&self, first: Option<usize>) -> usize {
        let world = World::start(self.profile, self.script.clone());
        let mut desk = Desk::new(&plan(&self.kinds), &world.url(), self.more);
        if let Some(first) = first {
            desk.start(Some(first));
        }
        let points = desk.points(None);
        world.stop();
        points
    }
}

/// Each file of the report is whole, whenever the process ended.
pub(crate) fn report_is_whole_or_absent(desk: &Desk, rows: usize) -> Vec<String> {
    let read = |name: &str| std::fs::read_to_string(desk.path("plan.csv.swip-report").join(name));
    let mut broken = Vec::new();
    let json = read("report.json").ok().map(|text| {
        serde_json::from_str::<serde_json::Value>(&text)
            .is_ok_and(|report| report["rows"].as_array().is_some_and(|list| list.len() == rows))
    });
    let csv = read("report.csv").ok().map(|text| text.lines().count() == rows + 1);
    let html = read("report.html").ok().map(|text| text.trim_end().ends_with("</html>"));
    for (name, whole) in [("report.json", json), ("report.csv", csv), ("report.html", html)] {
        if whole == Some(false) {
            broken.push(format!("I10 {name} is there in part"));
        }
    }
    broken
}

/// Does many things, a few at a time.
pub(crate) fn side_by_side<T: Send>(work: Vec<T>, act: impl Fn(T) + Sync) {
    many_side_by_side(WORKERS, work, act);
}

/// Does many things, so many at a time.
pub(crate) fn many_side_by_side<T: Send>(workers: usize, work: Vec<T>, act: impl Fn(T) + Sync) {
    let work = Mutex::new(work.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = work.lock().unwrap().next();
                    let Some(item) = next else { return };
                    act(item);
                }
            });
        }
    });
}

/// Every boundary of the eight scenarios.
pub(crate) fn singles(effort: &Effort, tally: &Tally) {
    let mut work = Vec::new();
    for scenario in scenarios() {
        let points = scenario.points(None);
        println!("{:>6} boundaries in `{}`", points, scenario.name);
        work.extend((1..=points).step_by(effort.stride).map(|at| (scenario.clone(), at)));
    }
    side_by_side(work, |(scenario, at)| scenario.crash(&[at], tally));
}

/// A crash during the recovery from a crash, for every pair of the three-row scenario.
pub(crate) fn doubles(effort: &Effort, tally: &Tally) {
    let scenario = scenarios().remove(0);
    let firsts: Vec<usize> = (1..=scenario.points(None)).collect();
    let pairs = Mutex::new(Vec::new());
    side_by_side(firsts, |first| {
        let points = scenario.points(Some(first));
        pairs.lock().unwrap().extend((1..=points).map(|second| [first, second]));
    });
    let mut pairs = pairs.into_inner().unwrap();
    pairs.sort_unstable();
    println!("{:>6} pairs of boundaries in `{}`", pairs.len(), scenario.name);
    let work: Vec<_> = pairs.into_iter().step_by(effort.stride_doubles).collect();
    tally.add("of them in pairs", 2 * work.len() as u64);
    side_by_side(work, |pair| scenario.crash(&pair, tally));
}

/// SIGKILL from outside at any moment, inside SQLite's own steps too.
pub(crate) fn kills(effort: &Effort, tally: &Tally) {
    let scenario = scenarios().remove(7);
    side_by_side((0..effort.kills).collect(), |kill| {
        let world = World::start(scenario.profile, scenario.script.clone());
        let mut desk = Desk::new(&plan(&scenario.kinds), &world.url(), scenario.more);
        for round in 0..2 {
            let mut child = desk.spawn();
            desk.forced += 1;
            // Spread over the life of a process by a fixed pattern.
            let moment = u64::from(kill * 37 + round * 101) % 400 + 20;
            std::thread::sleep(Duration::from_millis(moment));
            let title = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap_or_default();
            if memchr::memmem::find(&title, crate::desk::KEY.as_bytes()).is_some() {
                tally.violation("I7 the key is in the process's title".to_owned());
            }
            let _ = child.kill();
            let output = child.wait_with_output().unwrap();
            desk.took(&output);
        }
        desk.until_settled();
        let name = format!("killed from outside, {kill}");
        let rows = scenario.kinds.len();
        let case = Case { name, desk: &desk, world: &world, rows, ends: None };
        case.judge(tally);
        tally.add("kills from outside", 2);
        world.stop();
    });
}

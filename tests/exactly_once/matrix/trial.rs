//! One trial: a small plan over a line and a registry with rules, started until settled.

use swip::practice::{Behaviour, Fault as Registry, FaultRule, Faults};

use crate::check::Case;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::proxy::{Rule, Script};
use crate::rows::{Kind, plan};
use crate::tally::Tally;
use crate::world::World;

/// What is set up, and how it must end.
#[derive(Clone, Copy)]
pub(crate) struct Trial {
    pub(crate) kinds: &'static [Kind],
    /// What the line does wrong to the first write.
    pub(crate) first: Option<Fault>,
    pub(crate) rules: &'static [Rule],
    /// Method, nth such request, what the registry does wrong.
    pub(crate) registry: &'static [(&'static str, u64, Registry)],
    pub(crate) args: &'static [&'static str],
    pub(crate) env: &'static [(&'static str, &'static str)],
    /// How the first process ends; 137 when it is killed.
    pub(crate) exit: i32,
    /// Writes on the wire, all processes together.
    pub(crate) writes: Between,
    /// Statuses at the end, where not every row is registered.
    pub(crate) ends: &'static [(&'static str, u64)],
    /// Whether there is one process only.
    pub(crate) once: bool,
}

/// At least and at most.
pub(crate) type Between = (usize, usize);

/// Exit code that stands for "killed".
pub(crate) const KILLED: i32 = 137;

/// Three simple rows; nothing goes wrong.
pub(crate) const PLAIN: Trial = Trial {
    kinds: &[Kind::Simple; 3],
    first: None,
    rules: &[],
    registry: &[],
    args: &["--concurrency", "1", "--look-first", "never"],
    env: &[],
    exit: 0,
    writes: (3, 3),
    ends: &[],
    once: false,
};

/// A rule of the line.
pub(crate) const fn rule(part: &'static str, from: u64, count: u64, fault: Fault) -> Rule {
    Rule { part, from, count, fault }
}

impl Trial {
    /// Runs it; what is broken.
    pub(crate) fn broken(&self, number: u16, tally: &Tally) -> Vec<String> {
        let rules = self.registry.iter().map(|(method, nth, fault)| FaultRule {
            delay: None,
            ..FaultRule::nth(method, "", *fault, *nth)
        });
        let faults = Faults::Rules(rules.collect());
        let behaviour = Behaviour { faults, ..Behaviour::default() };
        let first = self.first.map(|fault| rule("PUT ", 1, 1, fault));
        let rules = first.into_iter().chain(self.rules.iter().copied()).collect();
        let world = World::behaving(behaviour, Script::Rules(rules));
        let mut desk = Desk::new(&plan(self.kinds), &world.url(), self.args);
        desk.env = self.env.to_vec();
        desk.start_watched(&world);
        let first = desk.exits[0].unwrap_or(KILLED);
        desk.forced += u32::from(first == KILLED);
        if !self.once && !desk.is_settled() {
            desk.until_settled();
        }
        let name = format!("F{number:03}");
        let ends = (!self.ends.is_empty()).then_some(self.ends);
        let case = Case { name, desk: &desk, world: &world, rows: self.kinds.len(), ends };
        let mut broken = case.broken();
        case.count(tally);
        let writes = world.proxy.seen().iter().filter(|seen| seen.write).count();
        let (least, most) = self.writes;
        if !(least..=most).contains(&writes) {
            broken.push(format!("{writes} writes on the wire, not {least} to {most}"));
        }
        if first != self.exit {
            let text = String::from_utf8_lossy(&desk.printed).into_owned();
            let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("");
            broken.push(format!("the first process ended with {first}, not {}: {last}", self.exit));
        }
        world.stop();
        broken
    }
}

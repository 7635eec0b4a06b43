//! Seeded campaigns: the practice registry's own mix, the line's, and a storm of lost answers.

use swip::practice::{Behaviour, EmbeddedCustomer, Faults, Profile};

use crate::Effort;
use crate::check::{Case, Searched};
use crate::crash::{CAMPAIGNS, many_side_by_side, side_by_side};
use crate::desk::Desk;
use crate::proxy::Script;
use crate::rows::{Kind, mixed, plan, same};
use crate::tally::Tally;
use crate::world::World;

/// Rows of one seed of the campaign.
const CAMPAIGN_ROWS: usize = 12;
/// Answers lost after the commit in a storm, in thousandths of the writes.
const STORM: u32 = 200;
/// How long the registry's own late commits take, and a little.
const LATE: std::time::Duration = std::time::Duration::from_millis(1_200);
/// The points within which a campaign's crash falls.
const CRASH_WITHIN: u64 = 120;
/// The rate of the seeds that have one.
const RATE: usize = 40;

/// What a seed adds to the mix of faults.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Twist {
    None,
    /// Customers in calls of their own.
    Separate,
    /// The process ends itself somewhere.
    Crash,
    /// A rate, and the key in the query.
    Rate,
}

impl Twist {
    const fn of(seed: u64) -> Self {
        match seed % 4 {
            1 => Self::Crash,
            2 => Self::Separate,
            3 => Self::Rate,
            _ => Self::None,
        }
    }

    const fn args(self) -> &'static [&'static str] {
        match self {
            Self::Separate => &["--customers", "separate"],
            Self::Rate => &["--rate", "40/s", "--auth", "query"],
            Self::None | Self::Crash => &[],
        }
    }
}

/// So many seeds of the registry's mix `--faults some`; each eighth also over the faulty line.
pub(crate) fn campaign(effort: &Effort, tally: &Tally) {
    let seeds = effort.first_seed..effort.first_seed + effort.seeds;
    many_side_by_side(CAMPAIGNS, seeds.collect(), |seed| {
        let twist = Twist::of(seed);
        let script = if seed % 8 < 4 { Script::Clean } else { Script::Mix(seed) };
        let (faults, profile) = (Faults::Some, Profile::Current);
        let behaviour = Behaviour { profile, faults, seed, ..Behaviour::default() };
        let world = World::behaving(behaviour, script);
        let kinds = mixed(CAMPAIGN_ROWS);
        let mut desk = Desk::new(&plan(&kinds), &world.url(), twist.args());
        match twist {
            Twist::Crash => {
                let at = usize::try_from(seed * 31 % CRASH_WITHIN + 1).unwrap();
                desk.start(Some(at));
                tally.add("crash points within campaigns", 1);
            }
            Twist::Rate => desk.limit = Some(RATE),
            Twist::None | Twist::Separate => {}
        }
        desk.until_settled();
        if world.proxy.seen().iter().any(|seen| seen.write && seen.upstream.is_empty()) {
            // The registry left a write without an answer: it may commit late.
            std::thread::sleep(LATE);
        }
        let name = format!("campaign, seed {seed}");
        let case = Case { name, desk: &desk, world: &world, rows: kinds.len(), ends: None };
        case.judge(tally);
        tally.add("seeds", 1);
        world.stop();
    });
}

/// A fifth of the answers to writes is lost after the commit.
pub(crate) fn storm(effort: &Effort, tally: &Tally) {
    side_by_side((0..effort.storms).collect(), |seed| {
        let world = World::start(Profile::Current, Script::Storm(seed, STORM));
        let kinds = same(Kind::Simple, effort.storm_rows as usize);
        let mut desk = Desk::new(&plan(&kinds), &world.url(), &[]);
        desk.until_settled();
        exactly(&world, kinds.len(), &format!("storm {seed}"), tally);
        let name = format!("storm, seed {seed}");
        let case = Case { name, desk: &desk, world: &world, rows: kinds.len(), ends: None };
        case.judge(tally);
        tally.add("storms", 1);
        tally.add("rows in storms", kinds.len() as u64);
        world.stop();
    });
}

/// As many nets and customers as rows, each customer with its own net.
fn exactly(world: &World, rows: usize, what: &str, tally: &Tally) {
    let (nets, customers, _) = world.nets();
    let used: std::collections::BTreeSet<&str> =
        nets.iter().filter_map(|net| net["customerHandle"].as_str()).collect();
    if (nets.len(), customers.len(), used.len()) != (rows, rows, rows) {
        let (nets, customers, used) = (nets.len(), customers.len(), used.len());
        tally.violation(format!(
            "I1 {what}: {rows} rows, {nets} nets, {customers} customers, {used} of them used"
        ));
    }
}

/// A registry that keeps the customer of a net it refuses, and rows that are always looked up: no
/// orphan; then the same plan with a fresh journal: nothing is written.
pub(crate) fn not_atomic(effort: &Effort, tally: &Tally) {
    let embedded_customer = EmbeddedCustomer::Separate;
    let behaviour = Behaviour { embedded_customer, ..Behaviour::default() };
    let world = World::behaving(behaviour, Script::Storm(1, STORM));
    let kinds = same(Kind::Simple, effort.storm_rows as usize / 4);
    let always: &[&str] = &["--look-first", "always"];
    let mut desk = Desk::new(&plan(&kinds), &world.url(), always);
    desk.until_settled();
    let name = "not atomic, always looked up".to_owned();
    Case { name, desk: &desk, world: &world, rows: kinds.len(), ends: None }.judge(tally);
    let (nets, customers, _) = world.nets();
    let used = nets.iter().filter(|net| !net["customerHandle"].is_null()).count();
    tally.add("orphans where customer and net are not atomic", (customers.len() - used) as u64);
    if customers.len() != used {
        tally.violation(format!("I2 not atomic: {} customers, {used} used", customers.len()));
    }
    world.stop();
    fresh_journal(effort, tally);
    inner(tally);
}

/// The practice registry inside the process, killed once: its log and ledger are artefacts too.
fn inner(tally: &Tally) {
    let kinds = mixed(CAMPAIGN_ROWS);
    let mut desk = Desk::inner(&plan(&kinds));
    desk.start(Some(60));
    desk.until_settled();
    let mut searched = Searched::default();
    searched.below(desk.directory.path());
    searched.add(&desk.printed);
    tally.searched(searched);
    if searched.key_bytes > 0 {
        tally.violation(format!("I7 inner registry: {} bytes of the key", searched.key_bytes));
    }
    let summary = desk.report().map(|report| report["summary"].clone()).unwrap_or_default();
    if summary["registered"] != kinds.len() {
        tally.violation(format!("I16 inner registry: {summary}"));
    }
}

/// The same plan with a fresh journal at the same registry.
fn fresh_journal(effort: &Effort, tally: &Tally) {
    let world = World::start(Profile::Current, Script::Clean);
    let kinds = mixed(effort.storm_rows as usize / 4);
    for round in 0..2 {
        let before = world.proxy.seen().iter().filter(|seen| seen.write).count();
        let mut desk = Desk::new(&plan(&kinds), &world.url(), &[]);
        desk.until_settled();
        let writes = world.proxy.seen().iter().filter(|seen| seen.write).count() - before;
        if round == 1 {
            tally.add("writes of the same plan with a fresh journal", writes as u64);
            let report = desk.report().unwrap();
            if writes > 0 || report["summary"]["already-registered"] != kinds.len() {
                tally.violation(format!(
                    "I4 a fresh journal: {writes} writes, {}",
                    report["summary"]
                ));
            }
        }
    }
    world.stop();
}

//! Seeded campaigns: the line's mix of faults, and a storm of lost answers.

use swip::practice::Profile;

use crate::Effort;
use crate::check::{Case, Expect};
use crate::crash::side_by_side;
use crate::desk::Desk;
use crate::proxy::Script;
use crate::rows::{Kind, mixed, plan, same};
use crate::tally::Tally;
use crate::world::World;

/// Rows of one seed of the campaign.
const CAMPAIGN_ROWS: usize = 12;
/// Answers lost after the commit in a storm, in thousandths of the writes.
const STORM: u32 = 200;

/// So many seeds of the mix; every third with customers in calls of their own.
pub(crate) fn campaign(effort: &Effort, tally: &Tally) {
    side_by_side((0..effort.seeds).collect(), |seed| {
        let world = World::start(Profile::Current, Script::Mix(seed));
        let separate = seed % 3 == 2;
        let more: &[&str] = if separate { &["--customers", "separate"] } else { &[] };
        let kinds = mixed(CAMPAIGN_ROWS);
        let mut desk = Desk::new(&plan(&kinds), &world.url(), more);
        desk.until_settled();
        let expect = Expect { unresolved: true, tickets: false };
        let name = format!("campaign, seed {seed}");
        let case = Case { name, desk: &desk, world: &world, rows: kinds.len(), expect };
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
        let (nets, customers, _) = world.nets();
        if nets.len() != kinds.len() || customers.len() != kinds.len() {
            tally.violation(format!(
                "storm {seed}: {} rows, {} nets, {} customers",
                kinds.len(),
                nets.len(),
                customers.len()
            ));
        }
        let name = format!("storm, seed {seed}");
        let expect = Expect::default();
        let case = Case { name, desk: &desk, world: &world, rows: kinds.len(), expect };
        case.judge(tally);
        tally.add("storms", 1);
        world.stop();
    });
}

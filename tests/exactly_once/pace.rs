//! How the rate is used and kept, and how many requests a new row takes.

use std::time::Duration;

use swip::practice::{Behaviour, Profile};

use crate::Effort;
use crate::check::Case;
use crate::desk::Desk;
use crate::proxy::Script;
use crate::rows::{Kind, plan, same};
use crate::tally::Tally;
use crate::world::World;

/// What every answer waits.
const LATENCY: Duration = Duration::from_millis(300);
/// Requests allowed in a second.
const RATE: usize = 50;
/// The least share of the rate that is used, in percent.
const SHARE: f64 = 98.0;
/// The most requests besides one for each of a thousand new rows, or of fewer.
const BESIDES: usize = 50;

/// A plan at 50 requests a second, with every answer 300 ms late.
pub(crate) fn pace(effort: &Effort, tally: &Tally) {
    let world = World::behaving(
        Behaviour { latency: Some(LATENCY), ..Behaviour::default() },
        Script::Clean,
    );
    let kinds = same(Kind::Simple, effort.pace_rows as usize);
    let mut desk = Desk::new(&plan(&kinds), &world.url(), &["--rate", "50/s"]);
    desk.limit = Some(RATE);
    let begun = std::time::Instant::now();
    desk.until_settled();
    let whole = begun.elapsed().as_secs_f64();
    let seen = world.proxy.seen();
    let times = || seen.iter().map(|seen| seen.at);
    let first_to_last = times().max().zip(times().min()).map(|(last, first)| last - first);
    let took = first_to_last.unwrap_or_default().as_secs_f64();
    let used = 100.0 * (seen.len() - 1) as f64 / (took * RATE as f64);
    println!(
        "pace: {} rows at {RATE}/s with answers {LATENCY:?} late: {} requests in {took:.1} s from the first to the last: {used:.1} % of the rate; the whole process {whole:.1} s, rows/rate {:.1} s",
        kinds.len(),
        seen.len(),
        kinds.len() as f64 / RATE as f64,
    );
    let report = desk.report().unwrap();
    println!(
        "pace: worst window of 1 s, as swip counts when it hands a request to the kernel: {} of {RATE}",
        report["requests"]["worst_window"]
    );
    if report["requests"]["worst_window"].as_u64().is_none_or(|worst| worst > RATE as u64) {
        tally.violation(format!("I8 swip counts {}", report["requests"]));
    }
    if effort.pace_share && used < SHARE {
        tally.violation(format!("pace: {used:.1} % of the rate were used"));
    }
    let name = "pace".to_owned();
    Case { name, desk: &desk, world: &world, rows: kinds.len(), ends: None }.judge(tally);
    world.stop();
}

/// Requests for each new row where nothing goes wrong, with `--look-first auto`.
pub(crate) fn requests(effort: &Effort, tally: &Tally) {
    let world = World::start(Profile::Current, Script::Clean);
    let kinds = same(Kind::Simple, effort.storm_rows as usize);
    let mut desk = Desk::new(&plan(&kinds), &world.url(), &["--look-first", "auto"]);
    desk.until_settled();
    let (count, rows) = (world.proxy.seen().len(), kinds.len());
    let each = count as f64 / rows as f64;
    println!("requests: {count} for {rows} new simple rows, {each:.3} each");
    if count > rows + BESIDES {
        tally.violation(format!("{count} requests for {rows} rows"));
    }
    let name = "requests".to_owned();
    Case { name, desk: &desk, world: &world, rows, ends: None }.judge(tally);
    world.stop();
}

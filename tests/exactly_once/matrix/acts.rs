//! Trials that take more than rules: signals, two processes, tickets, files.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use swip::practice::{Behaviour, Profile, TicketPolicy};

use super::rows::CUSTOMERS_APART;
use super::trial::rule;
use crate::answers;
use crate::check::Case;
use crate::crash::report_is_whole_or_absent;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::proxy::{Rule, Script};
use crate::rows::{Kind, plan, same};
use crate::world::World;

const ONE_BY_ONE: &[&str] = &["--concurrency", "1", "--look-first", "never"];
/// Time in which a process has come to its writes.
const UNDER_WAY: Duration = Duration::from_millis(50);
/// The longest that anything is waited for.
const PATIENCE: u32 = 200;
/// Rows of the runs that are interrupted.
const MANY: usize = 40;

/// A plan of simple rows over a line with rules.
struct Stage {
    world: World,
    desk: Desk,
    rows: usize,
}

impl Stage {
    fn new(rows: usize, rules: &[Rule], args: &[&str]) -> Self {
        Self::of(Behaviour::default(), &same(Kind::Simple, rows), rules, args)
    }

    fn of(behaviour: Behaviour, kinds: &[Kind], rules: &[Rule], args: &[&str]) -> Self {
        let world = World::behaving(behaviour, Script::Rules(rules.to_vec()));
        let desk = Desk::new(&plan(kinds), &world.url(), args);
        Self { world, desk, rows: kinds.len() }
    }

    fn writes(&self) -> usize {
        self.world.proxy.seen().iter().filter(|seen| seen.write).count()
    }

    /// Waits until so many writes were seen.
    fn until_writes(&self, count: usize) {
        for _ in 0..PATIENCE {
            if self.writes() >= count {
                return;
            }
            std::thread::sleep(UNDER_WAY);
        }
    }

    /// The invariants, and that these are the statuses; none: all registered.
    fn end(self, ends: &[(&str, u64)], mut broken: Vec<String>) -> Vec<String> {
        let name = String::new();
        let ends = (!ends.is_empty()).then_some(ends);
        let case = Case { name, desk: &self.desk, world: &self.world, rows: self.rows, ends };
        broken.extend(case.broken());
        self.world.stop();
        broken
    }
}

/// What is broken unless it holds.
fn unless(holds: bool, what: impl FnOnce() -> String) -> Vec<String> {
    (!holds).then(what).into_iter().collect()
}

fn signal(child: &Child, signal: rustix::process::Signal) {
    let process = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(process) = process {
        let _ = rustix::process::kill_process(process, signal);
    }
}

/// F14, F33: a customer whose answer was lost is asked of a person, also by the next three runs.
pub(super) fn lost_customer_is_never_sent_again() -> Vec<String> {
    let kill = rule("POST ", 1, 1, Fault::KillAfter);
    let drop = rule("POST ", 2, 1, Fault::DropAfter);
    let mut stage = Stage::new(3, &[kill, drop], CUSTOMERS_APART);
    stage.desk.start_watched(&stage.world);
    stage.desk.forced += 1;
    stage.desk.until_settled();
    let before = stage.writes();
    for _ in 0..3 {
        stage.desk.start(None);
        stage.desk.starts -= 1;
    }
    let after = stage.writes();
    let broken = unless(before == after, || format!("{before} writes became {after}"));
    stage.end(&[("registered", 1), ("unresolved", 2)], broken)
}

/// F16: `status --refresh` is killed at each of its points; another goes on.
pub(super) fn polling_is_gone_on_with() -> Vec<String> {
    let behaviour = Behaviour { profile: Profile::Classic, ..Behaviour::default() };
    let mut stage = Stage::of(behaviour, &same(Kind::Ticketed, 2), &[], ONE_BY_ONE);
    stage.desk.until_settled();
    let before = stage.writes();
    for point in 1..=POLLING_POINTS {
        let mut command = stage.desk.with_journal(&["status", "--refresh"]);
        command.env("SWIP_CRASH_AT", point.to_string());
        let output = command.output().unwrap();
        stage.desk.printed.extend(output.stderr);
    }
    for _ in 0..2 {
        stage.desk.with_journal(&["status", "--refresh"]).output().unwrap();
    }
    stage.desk.start(None);
    let after = stage.writes();
    let broken = unless(before == after, || format!("{before} writes became {after}"));
    stage.end(&[("registered", 2)], broken)
}

/// Points of `status --refresh` at which it is killed.
const POLLING_POINTS: usize = 16;

/// F21: after SIGTERM what is in flight ends, the report is whole, and `resume` goes on.
pub(super) fn a_signal_drains() -> Vec<String> {
    let late = Behaviour { latency: Some(UNDER_WAY), ..Behaviour::default() };
    let mut stage = Stage::of(late, &same(Kind::Simple, MANY), &[], ONE_BY_ONE);
    let child = stage.desk.spawn();
    stage.until_writes(3);
    signal(&child, rustix::process::Signal::TERM);
    let output = child.wait_with_output().unwrap();
    stage.desk.took(&output);
    let mut broken = unless(output.status.code() == Some(6), || {
        format!("SIGTERM ends with {:?}", output.status.code())
    });
    broken.extend(report_is_whole_or_absent(&stage.desk, MANY));
    let summary = stage.desk.report().map(|report| report["summary"].clone()).unwrap_or_default();
    broken.extend(unless(summary["deferred"].is_null(), || format!("not drained: {summary}")));
    stage.desk.until_settled();
    let writes = stage.writes();
    broken.extend(unless(writes == MANY, || format!("{writes} writes for {MANY} rows")));
    stage.end(&[], broken)
}

/// F22: a process that stood still while its answers waited takes them for lost, not for refused.
pub(super) fn a_stopped_process_goes_on() -> Vec<String> {
    let late = Behaviour { latency: Some(4 * UNDER_WAY), ..Behaviour::default() };
    let args = ["--concurrency", "1", "--look-first", "never", "--timeout", "1s"];
    let mut stage = Stage::of(late, &same(Kind::Simple, 5), &[], &args);
    let child = stage.desk.spawn();
    stage.until_writes(2);
    signal(&child, rustix::process::Signal::STOP);
    std::thread::sleep(Duration::from_secs(2));
    signal(&child, rustix::process::Signal::CONT);
    stage.desk.unread = 1;
    let output = child.wait_with_output().unwrap();
    stage.desk.took(&output);
    stage.desk.until_settled();
    stage.end(&[], Vec::new())
}

/// F25: nobody listens: exit 8, and nothing is taken for sent.
pub(super) fn a_closed_port_sends_nothing() -> Vec<String> {
    let stage = Stage::new(3, &[], ONE_BY_ONE);
    let mut desk = Desk::new(&plan(&same(Kind::Simple, 3)), "http://127.0.0.1:1", ONE_BY_ONE);
    desk.start(None);
    let broken = unless(desk.exits == [Some(8)], || format!("ended with {:?}", desk.exits));
    stage.world.stop();
    broken
}

/// F51: a range that somebody else holds is a conflict that names the net; equal is registered.
pub(super) fn held_by_somebody_else() -> Vec<String> {
    let mut stage = Stage::new(3, &[], ONE_BY_ONE);
    stage.desk.until_settled();
    let other = plan(&same(Kind::Simple, 3)).replace("Customer 1", "Somebody Else");
    let mut desk = Desk::new(&other, &stage.world.url(), ONE_BY_ONE);
    desk.start(None);
    let report = desk.report().unwrap_or_default();
    let (summary, line) = (&report["summary"], &report["rows"][1]);
    let named = line["message"].as_str().is_some_and(|text| text.contains("NET-10-0-1-0-"));
    let conflict = line["code"] == "conflict" && named && summary["already-registered"] == 2;
    let broken = unless(conflict, || format!("{summary} {line}"));
    stage.world.stop();
    broken
}

/// F53: a dead key costs the read of a parent and its probe, and nothing else.
pub(super) fn a_dead_key_asks_no_more() -> Vec<String> {
    let mut stage = Stage::new(3, &[rule("/rest/", 1, 99, Fault::Says("key-400"))], ONE_BY_ONE);
    stage.desk.start(None);
    let (exits, asked) = (stage.desk.exits.clone(), stage.world.proxy.seen().len());
    let mut broken = unless(exits == [Some(7)], || format!("ended with {exits:?}"));
    broken.extend(unless(asked <= 2, || format!("I14 {asked} requests with a dead key")));
    stage.end(&[("not-attempted", 3)], broken)
}

/// F54: from one moment on the key is dead: those in flight and one probe are all that follows.
pub(super) fn a_key_that_dies_stops_all() -> Vec<String> {
    const WIDTH: usize = 4;
    let rules = [
        rule("PUT ", 6, 99, Fault::Says("key-400")),
        rule("GET /rest/net/NET-10-0-0-0-1 ", 2, 99, Fault::Says("key-400")),
    ];
    let args = ["--concurrency", "4", "--look-first", "never"];
    let mut stage = Stage::new(MANY, &rules, &args);
    stage.desk.start(None);
    let exits = stage.desk.exits.clone();
    let mut broken = unless(exits == [Some(7)], || format!("ended with {exits:?}"));
    let seen = stage.world.proxy.seen();
    let refused = |seen: &crate::proxy::Seen| seen.fault == Some(Fault::Says("key-400"));
    let after = seen.iter().skip_while(|seen| !refused(seen)).count();
    broken.extend(unless(after <= WIDTH + 1, || format!("I14 {after} requests from the first on")));
    let registered = stage.world.nets().0.len() as u64;
    let rest = MANY as u64 - registered;
    stage.end(&[("not-attempted", rest), ("registered", registered)], broken)
}

/// F74, F75: nobody comes to where a redirect points; the write is settled by reading.
pub(super) fn a_redirect_is_not_followed() -> Vec<String> {
    let mut stage = Stage::new(3, &[rule("PUT ", 1, 2, Fault::Redirect)], ONE_BY_ONE);
    stage.desk.until_settled();
    let visitors = answers::visitors();
    let broken = unless(visitors == 0, || format!("I7 {visitors} came to the other host"));
    stage.end(&[], broken)
}

/// F81, F102: of two starts one runs, and the other ends with 9 without a request.
pub(super) fn two_starts_exclude_each_other() -> Vec<String> {
    let late = Behaviour { latency: Some(UNDER_WAY), ..Behaviour::default() };
    let mut stage = Stage::of(late, &same(Kind::Simple, MANY), &[], ONE_BY_ONE);
    let child = stage.desk.spawn();
    stage.until_writes(2);
    let second = stage.desk.command().output().unwrap();
    let output = child.wait_with_output().unwrap();
    stage.desk.took(&output);
    let text = String::from_utf8_lossy(&second.stderr).into_owned();
    let mut broken =
        unless(second.status.code() == Some(9), || format!("the second: {} {text}", second.status));
    broken.extend(unless(text.contains("process"), || format!("I17 no holder is named: {text}")));
    let writes = stage.writes();
    broken.extend(unless(writes == MANY, || format!("{writes} writes for {MANY} rows")));
    stage.desk.until_settled();
    stage.end(&[], broken)
}

/// F82, F83: two journals, one registry and key, at once: each row once, no customer twice.
pub(super) fn two_journals_share_a_registry() -> Vec<String> {
    let mut stage = Stage::new(MANY, &[], &["--concurrency", "4", "--look-first", "never"]);
    let text = plan(&same(Kind::Simple, MANY));
    let mut other = Desk::new(&text, &stage.world.url(), &["--concurrency", "4"]);
    std::thread::scope(|scope| {
        scope.spawn(|| other.until_settled());
        // A lock for the whole machine may send one of them away until the other has ended.
        stage.desk.until_settled();
    });
    other.until_settled();
    stage.desk.until_settled();
    let (nets, customers, _) = stage.world.nets();
    let found = (nets.len(), customers.len());
    let broken = unless(found == (MANY, MANY), || format!("{found:?} nets and customers"));
    let open = |desk: &Desk| !desk.is_settled();
    let broken = [broken, unless(!open(&other), || "the other is not settled".to_owned())].concat();
    stage.world.stop();
    broken
}

/// F90: a report that cannot be written ends with 9; the journal writes it later.
pub(super) fn a_report_that_cannot_be_written_is_written_later() -> Vec<String> {
    let mut stage = Stage::new(3, &[], ONE_BY_ONE);
    let place = stage.desk.path("plan.csv.swip-report");
    std::fs::write(&place, "in the way").unwrap();
    stage.desk.start(None);
    let exits = std::mem::take(&mut stage.desk.exits);
    let mut broken = unless(exits == [Some(9)], || format!("ended with {exits:?}"));
    std::fs::remove_file(&place).unwrap();
    let report = ["report", "--report", "plan.csv.swip-report"];
    let output = stage.desk.with_journal(&report).output().unwrap();
    broken.extend(unless(output.status.success(), || format!("swip report: {output:?}")));
    stage.end(&[], broken)
}

/// F94: a journal with a flipped byte is refused before any request.
pub(super) fn a_damaged_journal_is_refused() -> Vec<String> {
    let mut stage = Stage::new(3, &[rule("PUT ", 3, 1, Fault::Says("outage"))], ONE_BY_ONE);
    stage.desk.start(None);
    let path = stage.desk.path("plan.csv.swip-journal");
    let mut bytes = std::fs::read(&path).unwrap();
    // Every page's head, so that no query can miss it.
    bytes.iter_mut().skip(4096).step_by(512).for_each(|byte| *byte ^= 0x55);
    std::fs::write(&path, &bytes).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let before = stage.world.proxy.seen().len();
    let mut resume = stage.desk.with_journal(&["resume"]);
    let output = resume.args(["--registry", &stage.world.url()]).output().unwrap();
    let after = stage.world.proxy.seen().len();
    let code = output.status.code();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut broken = unless(code == Some(9), || format!("ended with {code:?}: {text}"));
    broken.extend(unless(before == after, || format!("{} requests", after - before)));
    broken.extend(unless(mode == 0o600, || format!("mode {mode:o}")));
    stage.world.stop();
    broken
}

fn ticketed(tickets: TicketPolicy) -> Stage {
    let behaviour = Behaviour { profile: Profile::Classic, tickets, ..Behaviour::default() };
    let mut stage = Stage::of(behaviour, &same(Kind::Ticketed, 2), &[], ONE_BY_ONE);
    stage.desk.until_settled();
    stage
}

/// F103: what a ticket denies is rejected, and nothing is registered.
pub(super) fn a_denied_ticket_is_told() -> Vec<String> {
    let stage = ticketed(TicketPolicy { polls: 1, denied: 100.0, ..TicketPolicy::default() });
    for _ in 0..3 {
        stage.desk.with_journal(&["status", "--refresh"]).output().unwrap();
    }
    let report = ["report", "--report", "plan.csv.swip-report"];
    stage.desk.with_journal(&report).output().unwrap();
    let writes = stage.writes();
    let broken = unless(writes == 2, || format!("{writes} writes for 2 rows"));
    stage.end(&[("rejected", 2)], broken)
}

/// F105: a ticket that stays open is asked for again and again, and its row never sent again.
pub(super) fn an_open_ticket_is_never_sent_again() -> Vec<String> {
    let mut stage = ticketed(TicketPolicy { polls: 1_000, ..TicketPolicy::default() });
    for _ in 0..5 {
        stage.desk.with_journal(&["status", "--refresh"]).output().unwrap();
        stage.desk.start(None);
        stage.desk.starts -= 1;
    }
    let writes = stage.writes();
    let broken = unless(writes == 2, || format!("{writes} writes for 2 rows"));
    stage.end(&[("ticketed", 2)], broken)
}

/// F41: at three unknown outcomes nothing more is written until they are settled, in this run.
pub(super) fn three_unknowns_pause_writes() -> Vec<String> {
    const SETTLE: Duration = Duration::from_secs(3);
    let args = ["--concurrency", "8", "--look-first", "never", "--settle", "3s"];
    let rules = [rule("PUT ", 4, 3, Fault::Html)];
    let mut stage = Stage::new(MANY, &rules, &args);
    stage.desk.start(None);
    let seen = stage.world.proxy.seen();
    let third = seen.iter().rfind(|seen| seen.fault == Some(Fault::Html));
    let exits = stage.desk.exits.clone();
    let mut broken = unless(exits == [Some(0)], || format!("ended with {exits:?}"));
    match third.map(|seen| seen.at) {
        // Those on their way when the third answer came are let through.
        Some(third) => {
            let within = third + SETTLE / 2..third + SETTLE;
            let early = seen.iter().filter(|seen| seen.write && within.contains(&seen.at)).count();
            broken.extend(unless(early == 0, || format!("{early} writes while three are unknown")));
        }
        None => broken.push("no answer was lost".to_owned()),
    }
    stage.end(&[], broken)
}

/// Rows of the plan from which one is removed: few enough changes for every guard.
const NIGHTS: usize = 20;

/// A night without the last row, by so many inputs that it may be removed.
fn removing(stage: &mut Stage, more: &[&str]) {
    let mut command = stage.desk.sync(more);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stage.world.proxy.victim.store(child.id(), Ordering::SeqCst);
    let output = child.wait_with_output().unwrap();
    stage.world.proxy.victim.store(0, Ordering::SeqCst);
    stage.desk.took(&output);
}

/// Registers all rows, then removes the last; its process is killed once the net is gone.
fn killed_at_a_removal() -> Stage {
    let mut stage = Stage::new(NIGHTS, &[rule("DELETE ", 1, 1, Fault::KillAfter)], &[]);
    removing(&mut stage, &[]);
    std::fs::write(stage.desk.path("plan.csv"), plan(&same(Kind::Simple, NIGHTS - 1))).unwrap();
    removing(&mut stage, &[]);
    removing(&mut stage, &["--allow-removals", "1"]);
    stage
}

fn removals(stage: &Stage) -> usize {
    let of_net = |seen: &&crate::proxy::Seen| {
        seen.upstream.starts_with(b"HTTP") && seen.path.starts_with("/rest/net/")
    };
    let seen = stage.world.proxy.seen();
    seen.iter().filter(|seen| seen.write && seen.body.is_empty()).filter(of_net).count()
}

/// F19: a removal whose answer was lost is proved by reading, and not sent again.
pub(super) fn a_lost_removal_is_not_sent_again() -> Vec<String> {
    let mut stage = killed_at_a_removal();
    let killed = stage.desk.exits.last() == Some(&None);
    let mut broken = unless(killed, || format!("not killed: {:?}", stage.desk.exits));
    removing(&mut stage, &["--allow-removals", "1"]);
    let (sent, nets) = (removals(&stage), stage.world.nets().0.len());
    broken.extend(unless(sent == 1, || format!("I11 {sent} removals of one net")));
    broken.extend(unless(nets == NIGHTS - 1, || format!("{nets} nets")));
    let last = stage.desk.exits.last().copied().flatten();
    broken.extend(unless(last == Some(0), || format!("the next night ends with {last:?}")));
    stage.world.stop();
    broken
}

/// F20, F109: before the next night somebody else registers the space, under the same handle.
pub(super) fn a_net_of_somebody_else_is_not_removed() -> Vec<String> {
    let mut stage = killed_at_a_removal();
    let seen = stage.world.proxy.seen();
    let before = stage.world.nets().0.len();
    let last = format!("Customer {}<", NIGHTS - 1);
    let theirs = seen.iter().find(|seen| seen.body.contains(&last)).unwrap();
    stage.world.put(&theirs.path, &theirs.body.replace(&last, "Somebody Else<"));
    for _ in 0..2 {
        removing(&mut stage, &["--allow-removals", "1"]);
    }
    let (sent, nets) = (removals(&stage), stage.world.nets().0.len());
    let mut broken = unless(before == NIGHTS - 1, || format!("{before} nets before"));
    broken.extend(unless(sent == 1, || format!("I11 {sent} removals, one of somebody else's net")));
    broken.extend(unless(nets == NIGHTS, || format!("{nets} nets")));
    stage.world.stop();
    broken
}

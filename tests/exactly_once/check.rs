//! The invariants, from what the registry holds, what was on the wire, and the files left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::path::Path;

use serde_json::Value;
use swip::journal::{Event, Journal};

use crate::desk::{Desk, KEY, STARTS_MAX};
use crate::proxy::{Fault, Seen};
use crate::tally::Tally;
use crate::world::World;

/// What is expected besides the invariants that always hold.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expect {
    /// Rows may end unresolved: a customer's lost answer cannot be read back.
    pub(crate) unresolved: bool,
    /// Rows may be ticketed.
    pub(crate) tickets: bool,
}

/// A finished case.
pub(crate) struct Case<'c> {
    pub(crate) name: String,
    pub(crate) desk: &'c Desk,
    pub(crate) world: &'c World,
    pub(crate) rows: usize,
    pub(crate) expect: Expect,
}

/// Handles and tickets in bytes that were delivered whole.
fn names(bytes: &[u8]) -> Vec<String> {
    let body = bytes.windows(4).position(|w| w == b"\r\n\r\n").map_or(&[][..], |at| &bytes[at..]);
    swip::regrws::image::names(body)
        .into_iter()
        .filter(|(what, _)| *what != "orgHandle")
        .map(|(_, name)| name)
        .collect()
}

impl Case<'_> {
    /// Asserts every invariant; what is broken is named.
    pub(crate) fn judge(&self, tally: &Tally) {
        for broken in self.broken() {
            tally.violation(format!("{}: {broken}", self.name));
        }
        self.count(tally);
    }

    /// What is broken, each beginning with the invariant's name.
    pub(crate) fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let Some(report) = self.desk.report() else {
            broken.push(format!(
                "I16 no report after {} starts {:?}",
                self.desk.starts, self.desk.exits
            ));
            return broken;
        };
        let seen = self.world.proxy.seen();
        self.nets_and_customers(&report, &mut broken);
        self.rows(&report, &mut broken);
        self.wire(&report, &seen, &mut broken);
        self.journal(&seen, &mut broken);
        self.artefacts(&mut broken);
        broken
    }

    fn nets_and_customers(&self, report: &Value, broken: &mut Vec<String>) {
        let (nets, customers, tickets) = self.world.nets();
        let mut spans: Vec<(Ipv4Addr, Ipv4Addr)> = nets
            .iter()
            .map(|net| {
                let address = |name: &str| net[name].as_str().unwrap().parse().unwrap();
                (address("startAddress"), address("endAddress"))
            })
            .collect();
        spans.sort_unstable();
        if spans.windows(2).any(|pair| pair[1].0 <= pair[0].1) {
            broken.push("I1 two nets overlap".to_owned());
        }
        if nets.len() > self.rows {
            broken.push(format!("I1 {} nets for {} rows", nets.len(), self.rows));
        }
        let linked: BTreeSet<&str> =
            nets.iter().filter_map(|net| net["customerHandle"].as_str()).collect();
        let mut ticketed: BTreeSet<&str> = BTreeSet::new();
        ticketed.extend(
            tickets.iter().filter_map(|t| t["effect"]["register"]["customerHandle"].as_str()),
        );
        let text = report.to_string();
        let orphans = customers.iter().filter(|customer| {
            let handle = customer["handle"].as_str().unwrap_or_default();
            !linked.contains(handle) && !ticketed.contains(handle) && !text.contains(handle)
        });
        let unresolved = report["summary"]["unresolved"].as_u64().unwrap_or(0);
        let orphans = orphans.count() as u64;
        if orphans > unresolved {
            broken.push(format!("I2 {orphans} orphan customers, {unresolved} rows unresolved"));
        }
        if tickets.len() > self.rows {
            broken.push(format!("I1 {} tickets for {} rows", tickets.len(), self.rows));
        }
        let done = ["registered", "already-registered"].iter();
        let done: u64 = done.filter_map(|status| report["summary"][*status].as_u64()).sum();
        if done > nets.len() as u64 {
            broken.push(format!("I5 {done} rows are called registered, {} nets are", nets.len()));
        }
    }

    fn rows(&self, report: &Value, broken: &mut Vec<String>) {
        let rows = report["rows"].as_array().unwrap();
        let numbers: BTreeSet<u64> = rows.iter().filter_map(|row| row["row"].as_u64()).collect();
        if rows.len() != self.rows || numbers.len() != self.rows {
            broken.push(format!("I5 {} report rows for {}", rows.len(), self.rows));
        }
        let mut allowed = vec!["registered", "already-registered"];
        allowed.extend(self.expect.unresolved.then_some("unresolved"));
        allowed.extend(self.expect.tickets.then_some("ticketed"));
        for row in rows {
            let status = row["status"].as_str().unwrap_or_default();
            if !allowed.contains(&status) {
                broken.push(format!(
                    "I16 row {} is {status} ({}: {}) after {} starts {:?}",
                    row["row"], row["code"], row["message"], self.desk.starts, self.desk.exits
                ));
            }
        }
        if self.desk.starts > STARTS_MAX {
            broken.push(format!("I16 {} starts", self.desk.starts));
        }
        let strange = self.desk.exits.iter().flatten().find(|exit| !matches!(**exit, 0 | 3..=8));
        if let Some(exit) = strange {
            broken.push(format!("I19 exit code {exit}"));
        }
        if String::from_utf8_lossy(&self.desk.printed).contains("panicked") {
            broken.push("I19 a panic".to_owned());
        }
    }

    /// Each write at most once, each name delivered whole in the report, no request in a pause.
    fn wire(&self, report: &Value, seen: &[Seen], broken: &mut Vec<String>) {
        let text = report.to_string();
        let unresolved = report["summary"]["unresolved"].as_u64().unwrap_or(0);
        let mut lost = BTreeSet::new();
        for name in seen.iter().filter(|seen| seen.write).flat_map(|seen| names(&seen.delivered)) {
            if name.starts_with("NET-10-0-0-0-1") || text.contains(&name) {
                continue;
            }
            lost.insert(name);
        }
        // A process that died with an answer in hand leaves its row to a person.
        if lost.len() as u64 > unresolved {
            broken.push(format!("I6 on the wire and not in the report: {lost:?}"));
        }
        let committed = self.world.ledger();
        let committed =
            committed.iter().filter(|line| line["committed"] == true && line["method"] != "GET");
        let mut by_net: BTreeMap<String, u32> = BTreeMap::new();
        for line in committed {
            if let Some(net) = line["net_handle"].as_str() {
                *by_net.entry(net.to_owned()).or_default() += 1;
            }
        }
        if let Some((net, count)) = by_net.iter().find(|(_, count)| **count > 1) {
            broken.push(format!("I4 {net} was committed {count} times"));
        }
        self.sent_again(seen, broken);
        for paused in seen {
            let Some(pause) = paused.pause else { continue };
            let told = paused.at;
            let early = seen.iter().find(|seen| {
                // Requests that were on their way already could not know.
                seen.at > told + IN_FLIGHT && seen.at < told + pause - IN_FLIGHT
            });
            if let Some(early) = early {
                broken.push(format!(
                    "I9 a request {:?} after a pause of {pause:?} was asked for",
                    early.at - told
                ));
            }
        }
    }

    /// No body is sent again once it was committed.
    fn sent_again(&self, seen: &[Seen], broken: &mut Vec<String>) {
        let writes: Vec<&Seen> = seen.iter().filter(|seen| seen.write).collect();
        for (at, first) in writes.iter().enumerate() {
            let again = writes[at + 1..].iter().any(|later| later.body == first.body);
            if again && first.fault.is_some_and(Fault::commits) {
                broken.push(format!("I4 sent again although committed: {}", first.path));
            }
        }
    }

    /// Every write on the wire has an intent with its very body.
    fn journal(&self, seen: &[Seen], broken: &mut Vec<String>) {
        let journal = match Journal::read(&self.desk.path("plan.csv.swip-journal")) {
            Ok(journal) => journal,
            Err(fault) => return broken.push(format!("I3 no journal: {fault}")),
        };
        let mut intents: BTreeMap<String, i64> = BTreeMap::new();
        let mut stored = 0;
        for head in journal.runs().unwrap() {
            for (_, event) in journal.events(head.run).unwrap() {
                match event {
                    Event::Intended { request, .. } => {
                        *intents.entry(request.body.unwrap_or_default()).or_default() += 1;
                    }
                    Event::Answered { .. } => stored += 1,
                    _ => {}
                }
            }
        }
        for seen in seen.iter().filter(|seen| seen.write) {
            let left = intents.entry(seen.body.clone()).or_default();
            *left -= 1;
            if *left < 0 {
                broken.push(format!("I3 a write to {} without an intent of its own", seen.path));
            }
        }
        let whole =
            |seen: &&Seen| seen.write && seen.delivered.windows(4).any(|w| w == b"\r\n\r\n");
        let delivered = seen.iter().filter(whole).count();
        let killed = self.desk.exits.iter().filter(|exit| exit.is_none()).count();
        if delivered > stored + killed * IN_FLIGHT_MAX {
            broken.push(format!("I20 {delivered} answers were delivered, {stored} are stored raw"));
        }
        let damage = journal.store().check().unwrap();
        if !damage.is_empty() {
            broken.push(format!("I10 the journal is damaged: {damage:?}"));
        }
    }

    /// The key is in nothing that was left behind or printed.
    fn artefacts(&self, broken: &mut Vec<String>) {
        let found = key_bytes(self.desk.directory.path()) + occurrences(&self.desk.printed);
        if found > 0 {
            broken.push(format!("I7 the key was found {found} times"));
        }
    }

    fn count(&self, tally: &Tally) {
        let (nets, customers, _) = self.world.nets();
        let report = self.desk.report();
        let rows = report.as_ref().and_then(|report| Some(report["rows"].as_array()?.len()));
        tally.add("cases", 1);
        tally.add("rows in", self.rows as u64);
        tally.add("rows out", rows.unwrap_or(0) as u64);
        tally.add("nets at the registry", nets.len() as u64);
        tally.add("customers at the registry", customers.len() as u64);
        tally.add("processes started", u64::from(self.desk.starts));
        let seen = self.world.proxy.seen();
        let names = seen.iter().filter(|seen| seen.write).flat_map(|seen| names(&seen.delivered));
        tally.add("handles and tickets on the wire, all in the report", names.count() as u64);
        tally.add("key bytes in all artefacts", 0);
        for fault in seen.iter().filter_map(|seen| seen.fault) {
            tally.fault(&format!("{fault:?}"));
        }
        let times: Vec<_> = seen.iter().map(|seen| seen.at).collect();
        let window = std::time::Duration::from_secs(1);
        let worst = times.iter().enumerate().map(|(at, first)| {
            times[at..].iter().take_while(|time| **time < *first + window).count()
        });
        tally.worst("worst 1 s window (no limit set)", worst.max().unwrap_or(0) as u64);
    }
}

/// Answers that a killed process may have had in hand.
const IN_FLIGHT_MAX: usize = 32;
/// Requests within so short a time of each other may have been on their way together.
const IN_FLIGHT: std::time::Duration = std::time::Duration::from_millis(150);

fn occurrences(bytes: &[u8]) -> usize {
    bytes.windows(KEY.len()).filter(|window| *window == KEY.as_bytes()).count()
}

fn key_bytes(directory: &Path) -> usize {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                key_bytes(&path)
            } else {
                occurrences(&std::fs::read(path).unwrap())
            }
        })
        .sum()
}

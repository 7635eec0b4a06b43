//! The invariants, from what the registry holds, what was on the wire, and the files left behind.

mod artefacts;
mod person;
mod time;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::Value;
use swip::journal::{Event, Journal};

pub(crate) use artefacts::Searched;
use person::Reason;
use time::{pauses, worst};

use crate::desk::{Desk, STARTS_MAX};
use crate::fault::Fault;
use crate::proxy::Seen;
use crate::tally::Tally;
use crate::world::World;

/// A finished case.
pub(crate) struct Case<'c> {
    pub(crate) name: String,
    pub(crate) desk: &'c Desk,
    pub(crate) world: &'c World,
    pub(crate) rows: usize,
    /// The statuses at the end, where not every row is to be registered.
    pub(crate) ends: Option<&'c [(&'c str, u64)]>,
}

/// A row of the report with what the registry holds for it.
pub(crate) struct Row<'r> {
    line: &'r Value,
    start: Ipv4Addr,
    /// The net at its block.
    net: Option<&'r str>,
    /// Open tickets that may be its.
    tickets: usize,
    /// Whether a commit came late.
    late: bool,
}

impl Row<'_> {
    /// Whether a write is this row's: its block, or its customer's name, is in the body.
    fn wrote(&self, seen: &Seen) -> bool {
        let padded: Vec<String> = self.start.octets().iter().map(|b| format!("{b:03}")).collect();
        let address = [self.start.to_string(), padded.join(".")];
        let of_block = |address: &String| seen.body.contains(&format!("startAddress>{address}<"));
        let recipient = self.line["recipient"].as_str().unwrap_or("\0");
        let of_customer = seen.is_customer() && seen.body.contains(&format!(">{recipient}<"));
        address.iter().any(of_block) || of_customer
    }

    /// Whether the answer that was delivered holds a net, and not the row's.
    fn is_answered_with_another(&self, seen: &Seen) -> bool {
        let padded: Vec<String> = self.start.octets().iter().map(|b| format!("{b:03}")).collect();
        let text = String::from_utf8_lossy(&seen.delivered);
        let ours = [self.start.to_string(), padded.join(".")];
        text.contains("startAddress>") && !ours.iter().any(|o| text.contains(&format!(">{o}<")))
    }
}

/// Handles that some faults put into answers; they are nobody's.
const FOREIGN: [&str; 2] = ["NET-0-0-0-0-0", "AS64496"];

/// Handles and tickets in bytes that were delivered.
fn names(bytes: &[u8]) -> Vec<String> {
    let body = bytes.windows(4).position(|w| w == b"\r\n\r\n").map_or(&[][..], |at| &bytes[at..]);
    swip::regrws::image::names(body)
        .into_iter()
        .filter(|(what, name)| {
            *what != swip::regrws::image::Named::Org && !FOREIGN.contains(&name.as_str())
        })
        .map(|(_, name)| name)
        .collect()
}

/// Answers that a killed process may have had in hand.
const IN_FLIGHT_MAX: usize = 32;
/// The window of a rate.
const WINDOW: Duration = Duration::from_secs(1);

/// Everything there is to judge by.
struct Facts {
    report: Value,
    seen: Vec<Seen>,
    nets: Vec<Value>,
    customers: Vec<Value>,
    tickets: Vec<Value>,
    ledger: Vec<Value>,
}

impl Case<'_> {
    /// Asserts every invariant; what is broken is named.
    pub(crate) fn judge(&self, tally: &Tally) {
        for broken in self.broken() {
            tally.violation(format!("{}: {broken}", self.name));
        }
        self.count(tally);
    }

    fn facts(&self) -> Option<Facts> {
        let (nets, customers, tickets) = self.world.nets();
        let (seen, ledger) = (self.world.proxy.seen(), self.world.ledger());
        Some(Facts { report: self.desk.report()?, seen, nets, customers, tickets, ledger })
    }

    /// What is broken, each beginning with the invariant's name.
    pub(crate) fn broken(&self) -> Vec<String> {
        let Some(facts) = self.facts() else {
            let (starts, exits) = (self.desk.starts, &self.desk.exits);
            return vec![format!("I16 no report after {starts} starts {exits:?}")];
        };
        let mut broken = Vec::new();
        let journal = match Journal::read(&self.desk.path("plan.csv.swip-journal")) {
            Ok(journal) => journal,
            Err(fault) => return vec![format!("I3 no journal: {fault}")],
        };
        let people = self.rows(&facts, &journal, &mut broken);
        let lost_customers = people.iter().filter(|why| **why == Reason::LostCustomer).count();
        self.nets_and_customers(&facts, lost_customers, &mut broken);
        self.wire(&facts, lost_customers, &mut broken);
        self.journal(&facts.seen, &journal, &mut broken);
        let searched = self.searched();
        if searched.key_bytes > 0 {
            broken.push(format!("I7 {} bytes of the key were found", searched.key_bytes));
        }
        broken
    }

    fn nets_and_customers(&self, facts: &Facts, lost: usize, broken: &mut Vec<String>) {
        let Facts { nets, customers, tickets, .. } = facts;
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
        let used = facts.used_customers();
        let text = facts.report.to_string();
        let orphan = |customer: &&Value| {
            let handle = customer["handle"].as_str().unwrap_or_default();
            !used.contains(handle) && !text.contains(handle)
        };
        let orphans = customers.iter().filter(orphan).count();
        if orphans > lost {
            broken.push(format!("I2 {orphans} orphan customers, {lost} rows ask for one"));
        }
        let mine = tickets.iter().filter(|t| !t["effect"]["register"].is_null()).count();
        if mine > self.rows {
            broken.push(format!("I1 {mine} tickets for {} rows", self.rows));
        }
        let done = ["registered", "already-registered"].iter();
        let done: u64 = done.filter_map(|status| facts.report["summary"][*status].as_u64()).sum();
        if done > nets.len() as u64 {
            broken.push(format!("I5 {done} rows are called registered, {} nets are", nets.len()));
        }
    }

    /// Every row once, with a status that the facts bear out; gives who is left to a person.
    fn rows(&self, facts: &Facts, journal: &Journal, broken: &mut Vec<String>) -> Vec<Reason> {
        let rows = facts.report["rows"].as_array().unwrap();
        let numbers: BTreeSet<u64> = rows.iter().filter_map(|row| row["row"].as_u64()).collect();
        if rows.len() != self.rows || numbers.len() != self.rows {
            broken.push(format!("I5 {} report rows for {}", rows.len(), self.rows));
        }
        let stories = person::stories(journal);
        let mut people = Vec::new();
        for line in rows {
            let row = facts.row(line);
            let events = stories.get(&line["row"].as_u64().unwrap_or(0));
            let events = events.map_or(&[][..], Vec::as_slice);
            let status = line["status"].as_str().unwrap_or_default();
            let wrong = match status {
                "registered" | "already-registered" if row.net == line["net_handle"].as_str() => {
                    None
                }
                "registered" | "already-registered" => {
                    Some(format!("the registry holds {:?}", row.net))
                }
                "ticketed" if facts.has_ticket(&line["ticket"]) => None,
                "unresolved" => match person::reason(&row, events, &facts.seen) {
                    Ok(reason) => {
                        people.push(reason);
                        None
                    }
                    Err(why) => Some(why),
                },
                _ if self.ends.is_some_and(|ends| ends.iter().any(|(end, _)| *end == status)) => {
                    None
                }
                _ => Some("not settled".to_owned()),
            };
            if let Some(wrong) = wrong {
                let Desk { starts, exits, .. } = self.desk;
                let (code, message) = (&line["code"], &line["message"]);
                broken.push(format!(
                    "I16 row {} is {status}, {wrong} ({code}: {message}) after {starts} starts {exits:?}",
                    line["row"]
                ));
            }
        }
        let summary = &facts.report["summary"];
        if let Some(ends) = self.ends
            && serde_json::json!(ends.iter().copied().collect::<BTreeMap<_, _>>()) != *summary
        {
            broken.push(format!("I16 {summary} instead of {ends:?}"));
        }
        self.process(broken);
        people
    }

    fn process(&self, broken: &mut Vec<String>) {
        if self.desk.starts > STARTS_MAX + self.desk.forced {
            broken.push(format!("I16 {} starts", self.desk.starts));
        }
        let strange = self.desk.exits.iter().flatten().find(|exit| !matches!(**exit, 0 | 3..=8));
        if let Some(exit) = strange {
            broken.push(format!("I19 exit code {exit}"));
        }
        if memchr::memmem::find(&self.desk.printed, b"panicked").is_some() {
            broken.push("I19 a panic".to_owned());
        }
    }

    /// Each write at most once, each name delivered in the report, no request in a pause.
    fn wire(&self, facts: &Facts, lost_customers: usize, broken: &mut Vec<String>) {
        let Facts { seen, ledger, .. } = facts;
        let text = facts.report.to_string();
        let mut lost = BTreeSet::new();
        let mut lost_by_killed = BTreeSet::new();
        for one in seen.iter().filter(|seen| seen.write) {
            for name in names(&one.delivered).into_iter().filter(|name| !text.contains(name)) {
                // A customer alone cannot be read back: its row asks a person for it.
                let set = if one.is_customer() { &mut lost_by_killed } else { &mut lost };
                set.insert(name);
            }
        }
        if !lost.is_empty() || lost_by_killed.len() > lost_customers {
            broken.push(format!("I6 not in the report: {lost:?} {lost_by_killed:?}"));
        }
        let mut by_net: BTreeMap<&str, u32> = BTreeMap::new();
        for line in ledger.iter().filter(|l| l["committed"] == true && l["method"] != "GET") {
            if let Some(net) = line["net_handle"].as_str() {
                *by_net.entry(net).or_default() += 1;
            }
        }
        if let Some((net, count)) = by_net.iter().find(|(_, count)| **count > 1) {
            broken.push(format!("I4 {net} was committed {count} times"));
        }
        facts.sent_again(broken);
        pauses(seen, &self.desk.killed, broken);
        if let Some(limit) = self.desk.limit
            && worst(seen, WINDOW - time::IN_FLIGHT) > limit
        {
            broken.push(format!("I8 {} requests in a window of {limit}", worst(seen, WINDOW)));
        }
        if !self.desk.key_in_query && seen.iter().any(|seen| seen.key_in_line) {
            broken.push("I7 the key was in a request's line".to_owned());
        }
    }

    /// Every write on the wire has an intent with its very body.
    fn journal(&self, seen: &[Seen], journal: &Journal, broken: &mut Vec<String>) {
        let mut intents: BTreeMap<String, i64> = BTreeMap::new();
        let (mut stored, mut given_up) = (0_usize, 0_usize);
        for head in journal.runs().unwrap() {
            for (_, event) in journal.events(head.run).unwrap() {
                match event {
                    Event::Intended { request, .. } => {
                        *intents.entry(request.body.unwrap_or_default()).or_default() += 1;
                    }
                    Event::Answered { .. } => stored += 1,
                    Event::NoAnswer { .. } => given_up += 1,
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
        let whole = |seen: &&Seen| seen.write && seen.fault.is_none_or(Fault::answers_whole);
        let whole = |seen: &&Seen| whole(seen) && is_whole(&seen.delivered);
        let delivered = seen.iter().filter(whole).count();
        // One that came after the client's time-out is given up, and the journal says so.
        let in_part = seen.iter().filter(|seen| seen.write).count() - delivered;
        stored += given_up.saturating_sub(in_part);
        let killed = self.desk.exits.iter().filter(|exit| exit.is_none()).count();
        if delivered > stored + killed * IN_FLIGHT_MAX + self.desk.unread {
            broken.push(format!("I20 {delivered} answers were delivered, {stored} are stored raw"));
        }
        let damage = journal.store().check().unwrap();
        if !damage.is_empty() {
            broken.push(format!("I10 the journal is damaged: {damage:?}"));
        }
    }

    /// Everything that was left behind or printed, the registry's ledger too.
    fn searched(&self) -> Searched {
        let mut searched = Searched::default();
        searched.below(self.desk.directory.path());
        searched.add(&self.desk.printed);
        searched.add(self.world.page("ledger").as_bytes());
        searched
    }

    pub(crate) fn count(&self, tally: &Tally) {
        let Some(facts) = self.facts() else { return };
        let rows = facts.report["rows"].as_array().map_or(0, Vec::len);
        tally.add("cases", 1);
        tally.add("rows in", self.rows as u64);
        tally.add("rows out", rows as u64);
        for (status, count) in facts.report["summary"].as_object().into_iter().flatten() {
            tally.status(status, count.as_u64().unwrap_or(0));
        }
        tally.add("nets at the registry", facts.nets.len() as u64);
        tally.add("customers at the registry", facts.customers.len() as u64);
        let used = facts.used_customers().len();
        tally.add("customers that a net or a ticket names", used as u64);
        tally.add("processes started", u64::from(self.desk.starts));
        let journal = Journal::read(&self.desk.path("plan.csv.swip-journal"));
        if let Ok(journal) = journal {
            for reason in self.rows(&facts, &journal, &mut Vec::new()) {
                tally.add(reason.column(), 1);
            }
        }
        let writes = facts.seen.iter().filter(|seen| seen.write);
        let names: BTreeSet<String> = writes.flat_map(|seen| names(&seen.delivered)).collect();
        let text = facts.report.to_string();
        tally.add("handles and tickets delivered on the wire", names.len() as u64);
        let reported = names.iter().filter(|name| text.contains(*name)).count();
        tally.add("of them in the report", reported as u64);
        tally.searched(self.searched());
        for fault in facts.seen.iter().filter_map(|seen| seen.fault) {
            tally.fault(&format!("line: {fault:?}"));
        }
        for fault in facts.ledger.iter().filter_map(|line| line["fault"].as_str()) {
            tally.fault(&format!("registry: {fault}"));
        }
        tally.window(worst(&facts.seen, WINDOW) as u64, self.desk.limit.map(|n| n as u64));
    }
}

impl Facts {
    fn row<'r>(&'r self, line: &'r Value) -> Row<'r> {
        let address = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
        let start: Ipv4Addr = address(&line["start"]).unwrap_or(Ipv4Addr::UNSPECIFIED);
        let here = |net: &&Value| {
            address(&net["startAddress"]) == Some(start)
                && address(&net["endAddress"]) == address(&line["end"])
        };
        let net = self.nets.iter().find(here).and_then(|net| net["handle"].as_str());
        let lines = self.report["rows"].as_array();
        let others: Vec<&Value> = lines.into_iter().flatten().map(|line| &line["ticket"]).collect();
        let open = |ticket: &&Value| {
            !ticket["effect"]["register"].is_null() && !others.contains(&&ticket["ticketNo"])
        };
        let tickets = self.tickets.iter().filter(open).count();
        let late = self.ledger.iter().any(|line| line["fault"] == "late-commit");
        Row { line, start, net, tickets, late }
    }

    /// Customers that are a net's, or will be when a ticket is decided.
    fn used_customers(&self) -> BTreeSet<&str> {
        let nets = self.nets.iter().map(|net| &net["customerHandle"]);
        let tickets = self.tickets.iter().map(|t| &t["effect"]["register"]["customerHandle"]);
        let known: BTreeSet<&str> =
            self.customers.iter().filter_map(|customer| customer["handle"].as_str()).collect();
        nets.chain(tickets).filter_map(Value::as_str).filter(|c| known.contains(c)).collect()
    }

    fn has_ticket(&self, number: &Value) -> bool {
        self.tickets.iter().any(|ticket| !number.is_null() && ticket["ticketNo"] == *number)
    }

    /// No body is sent again once it was committed, or refused only because it was.
    fn sent_again(&self, broken: &mut Vec<String>) {
        let writes: Vec<&Seen> = self.seen.iter().filter(|seen| seen.write).collect();
        let late = self.ledger.iter().any(|line| line["fault"] == "late-commit")
            || writes.iter().any(|seen| seen.fault == Some(Fault::LateCommit));
        let mut later: BTreeMap<&str, &Seen> = BTreeMap::new();
        for seen in writes.iter().rev() {
            let again = later.insert(seen.body.as_str(), seen).is_some();
            if again && seen.fault.is_some_and(Fault::commits) && seen.is_done() {
                broken.push(format!("I4 sent again although committed: {}", seen.path));
            }
            let echo = memchr::memmem::find(&seen.upstream, b"overlap").is_some();
            if echo && !late {
                broken.push(format!("I4 refused as our own echo: {}", seen.path));
            }
        }
    }
}

/// Whether an answer came to its promised end.
fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&answer[..head]).to_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse::<usize>().ok());
    length.is_none_or(|length| answer.len() >= head + 4 + length)
}

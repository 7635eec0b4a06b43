//! A month of nights, simulated: seeded changes of a plan, a registry in a process of its own that
//! goes away and comes back, exports that arrive empty, truncated or with errors. At the end the
//! registry equals the plan, every night ended as it should, and nothing was removed that was not
//! allowed.
//!
//! Short by default; `SWIP_MONTH=long` plays 2,000 rows and 30 nights.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

#[path = "stories/desk.rs"]
#[expect(dead_code, reason = "the stories use the rest")]
mod desk;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use desk::{Desk, code};
use serde_json::Value;

/// One registration of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    reference: u64,
    length: u8,
    name: String,
    city: String,
    /// `None` is a customer; else the org.
    org: Option<String>,
}

/// Rows by first address, in blocks of eight.
type Plan = BTreeMap<u32, Row>;

/// A generator of small numbers, the same for the same seed (Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn pick(&mut self, plan: &Plan, fits: impl Fn(&Row) -> bool) -> u32 {
        let keys: Vec<u32> = plan.iter().filter(|(_, row)| fits(row)).map(|(at, _)| *at).collect();
        keys[self.below(keys.len())]
    }
}

fn address(at: u32) -> String {
    std::net::Ipv4Addr::from_bits(0x0a00_0000 + at * 8).to_string()
}

fn csv(plan: &Plan) -> String {
    let mut text =
        "reference,prefix,customer_name,street,city,state,postal_code,country,org_handle\n"
            .to_owned();
    for (at, row) in plan {
        let block = format!("{}/{}", address(*at), row.length);
        let line = match &row.org {
            Some(org) => format!("S-{},{block},,,,,,,{org}\n", row.reference),
            None => format!(
                "S-{},{block},{},1 Main Street,{},VA,20190,US,\n",
                row.reference, row.name, row.city
            ),
        };
        text += &line;
    }
    text
}

/// A practice registry in a process of its own, always at the same address.
struct Registry(Child);

impl Registry {
    fn start(desk: &Desk, listen: &str) -> (Self, String, String) {
        let faults = std::env::var("SWIP_MONTH_FAULTS").unwrap_or_else(|_| "off".to_owned());
        let files = ["practice", "--parents", "parents.csv", "--plan", "plan.csv"];
        let how = ["--state", "world", "--listen", listen, "--faults", &faults];
        let mut command = desk.command(&[&files[..], &how].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut word = || lines.next().unwrap().unwrap().rsplit(' ').next().unwrap().to_owned();
        let (url, key) = (word(), word());
        (Self(child), url, key)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Month {
    desk: Desk,
    registry: Option<Registry>,
    url: String,
    key: String,
    dice: Dice,
    plan: Plan,
    next: u64,
    night: u32,
    log: Vec<String>,
}

impl Month {
    fn begin(rows: u32) -> Self {
        let desk = Desk::new();
        std::fs::write(desk.path("parents.csv"), "net_handle,prefix\nNET-10-0-0-0-1,10.0.0.0/8\n")
            .unwrap();
        let row = |at: u32| Row {
            reference: u64::from(at),
            // Every tenth is a /28, to be split one day.
            length: if at.is_multiple_of(10) { 28 } else { 29 },
            name: format!("Customer {at}"),
            city: "Reston".to_owned(),
            org: (at % 25 == 7).then(|| "MAPLE-7".to_owned()),
        };
        let plan: Plan = (0..rows).map(|at| (at * 2, row(at))).collect();
        // The world knows OAK-3 as well; nobody knows NONE-1.
        let mut seen = plan.clone();
        let behind = rows * 2 + 1_000;
        seen.insert(behind, Row { org: Some("OAK-3".to_owned()), length: 29, ..row(behind) });
        std::fs::write(desk.path("plan.csv"), csv(&seen)).unwrap();
        let (registry, url, key) = Registry::start(&desk, "127.0.0.1:0");
        let (registry, log) = (Some(registry), Vec::new());
        let next = u64::from(rows) * 10;
        Self { desk, registry, url, key, dice: Dice(20_261_124), plan, next, night: 0, log }
    }

    fn run(&mut self, args: &[&str]) -> i32 {
        let mut command = self.desk.command(args);
        command.args(["--registry", &self.url]).env("SWIP_API_KEY", &self.key);
        let output = command.output().unwrap();
        if std::env::var_os("SWIP_MONTH").is_some() {
            let said = String::from_utf8_lossy(&output.stderr);
            self.log.push(said.lines().last().unwrap_or_default().to_owned());
        }
        code(&output)
    }

    /// One night with this plan; `--as-of` moves on by a day.
    fn night(&mut self, text: &str, more: &[&str]) -> i32 {
        self.night += 1;
        std::fs::write(self.desk.path("night.csv"), text).unwrap();
        let date = format!("2026-12-{:02}", self.night);
        let args =
            ["sync", "night.csv", "--parents", "parents.csv", "--journal", "J", "--as-of", &date];
        let args =
            [&args[..], &["--report", "R", "--settle", "250ms", "--removal-grace", "24h"], more]
                .concat();
        let exit = self.run(&args);
        self.log.push(format!(
            "night {:2}: exit {exit}, {} rows, {more:?}",
            self.night,
            text.lines().count() - 1
        ));
        exit
    }

    fn statuses(&self) -> BTreeMap<String, u64> {
        let summary = self.desk.json("R/report.json")["summary"].clone();
        serde_json::from_value(summary).unwrap()
    }

    fn counted(&self, status: &str) -> u64 {
        self.statuses().get(status).copied().unwrap_or_default()
    }

    /// Registrations at the registry: block to name or org, and city.
    fn world(&self) -> BTreeMap<String, (String, String)> {
        let url = format!("{}/_practice/world", self.url);
        let text = get(&url);
        let world: Value = serde_json::from_str(&text).unwrap();
        let customers: BTreeMap<&str, &Value> = world["customers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|customer| (customer["handle"].as_str().unwrap(), customer))
            .collect();
        let nets = world["nets"].as_array().unwrap().iter();
        nets.filter(|net| net["type"] != "DA")
            .map(|net| {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let held = match net["customerHandle"].as_str() {
                    Some(handle) => {
                        (text(&customers[handle]["customerName"]), text(&customers[handle]["city"]))
                    }
                    None => (text(&net["orgHandle"]), String::new()),
                };
                (text(&net["range"]), held)
            })
            .collect()
    }

    fn wanted(&self) -> BTreeMap<String, (String, String)> {
        let held = |row: &Row| match &row.org {
            Some(org) => (org.clone(), String::new()),
            None => (row.name.clone(), row.city.clone()),
        };
        self.plan
            .iter()
            .map(|(at, row)| (format!("{}/{}", address(*at), row.length), held(row)))
            .collect()
    }

    /// A day's ordinary changes.
    fn day(&mut self) {
        let customer = |row: &Row| row.org.is_none();
        for _ in 0..2 {
            let at = self.dice.pick(&self.plan, customer);
            self.plan.get_mut(&at).unwrap().city =
                ["Herndon", "Vienna", "Sterling"][self.dice.below(3)].to_owned();
        }
        let at = self.dice.pick(&self.plan, customer);
        self.plan.get_mut(&at).unwrap().name = format!("Taken over {}", self.next);
        // A newcomer behind everybody.
        let at = self.plan.keys().last().unwrap() + 2;
        self.next += 1;
        let row = Row {
            reference: self.next,
            length: 29,
            name: format!("New {}", self.next),
            city: "Reston".to_owned(),
            org: None,
        };
        self.plan.insert(at, row);
    }
}

/// A plain HTTP read.
fn get(url: &str) -> String {
    use std::io::{Read as _, Write as _};
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn a_month_of_nights_ends_with_the_registry_equal_to_the_plan() {
    let long = std::env::var_os("SWIP_MONTH").is_some_and(|value| value == "long");
    let mut month = Month::begin(if long { 2_000 } else { 120 });
    // Another tool was here before: some of it right, some of it in the wrong city.
    let mut inherited: Plan =
        month.plan.iter().take(10).map(|(at, row)| (*at, row.clone())).collect();
    inherited.values_mut().skip(5).for_each(|row| "Reston Old".clone_into(&mut row.city));
    std::fs::write(month.desk.path("other.csv"), csv(&inherited)).unwrap();
    let args =
        ["submit", "other.csv", "--parents", "parents.csv", "--journal", "other", "--report", "O"];
    assert_eq!(month.run(&args), 0);
    let (first, all) = (csv(&month.plan), ["--allow-changes", "9"]);
    assert_eq!(month.night(&first, &all), 6);
    assert_eq!(
        (month.counted("held"), month.counted("unchanged")),
        (4, 6),
        "{:?}",
        month.statuses()
    );
    assert_eq!(month.night(&first, &["--include-unowned", "--allow-changes", "9"]), 0);
    assert_eq!(month.world(), month.wanted());
    for _ in 0..if long { 20 } else { 2 } {
        let before = month.plan.clone();
        month.day();
        let changed =
            month.plan.iter().filter(|(at, row)| before.get(at).is_some_and(|old| old != *row));
        let changed = changed.count() as u64;
        let text = csv(&month.plan);
        assert_eq!(month.night(&text, &[]), 0, "{:?}", month.log);
        assert_eq!((month.counted("modified"), month.counted("registered")), (changed, 1));
        assert_eq!(month.world(), month.wanted());
    }
    nights_that_go_wrong(&mut month);
    removals_and_splits(&mut month);
    if long {
        eprintln!("{}", month.log.join("\n"));
    }
}

/// Empty, truncated, with errors, without registry, with a recipient nobody knows.
fn nights_that_go_wrong(month: &mut Month) {
    let (world, text) = (month.world(), csv(&month.plan));
    let header = text.lines().next().unwrap().to_owned() + "\n";
    let generous = ["--allow-removals", "9999", "--allow-changes", "9999"];
    assert_eq!(month.night(&header, &generous), 3);
    let half: Vec<&str> = text.lines().take(text.lines().count() / 2).collect();
    assert_eq!(month.night(&half.join("\n"), &generous), 6);
    // A row with an error, while its neighbour is gone: the grace holds one, the row its own.
    let broken = text.replacen(",VA,20190,US,", ",Virginia,20190,US,", 3);
    assert_eq!(month.night(&broken, &generous), 3);
    let skipping = [&generous[..], &["--skip-invalid"]].concat();
    assert_eq!(month.night(&broken, &skipping), 3);
    assert_eq!(month.counted("invalid"), 3);
    assert_eq!(month.world(), world);
    month.registry = None;
    assert_eq!(month.night(&text, &["--verify", "all"]), 8);
    let listen = month.url.strip_prefix("http://").unwrap().to_owned();
    month.registry = Some(Registry::start(&month.desk, &listen).0);
    assert_eq!(month.world(), world, "the registry came back as it was");
    let at = month.dice.pick(&month.plan, |row| row.org.is_some());
    let mut refused = month.plan.clone();
    refused.get_mut(&at).unwrap().org = Some("NONE-1".to_owned());
    assert_eq!(month.night(&csv(&refused), &["--allow-removals", "1"]), 6);
    assert_eq!(month.world(), world, "nothing is removed for a recipient that cannot take it");
    month.plan.get_mut(&at).unwrap().org = Some("OAK-3".to_owned());
    assert_eq!(month.night(&csv(&month.plan.clone()), &["--allow-removals", "1"]), 0);
    assert_eq!(month.counted("replaced"), 1);
    assert_eq!(month.world(), month.wanted());
}

/// Customers leave, a /28 becomes two /29; nothing goes before it may.
fn removals_and_splits(month: &mut Month) {
    for _ in 0..3 {
        let at = month.dice.pick(&month.plan, |row| row.org.is_none() && row.length == 29);
        month.plan.remove(&at);
    }
    let at = month.dice.pick(&month.plan, |row| row.length == 28 && row.org.is_none());
    let whole = month.plan.remove(&at).unwrap();
    for (half, number) in [(at, 1), (at + 1, 2)] {
        month.next += 1;
        let name = format!("{} part {number}", whole.name);
        let row = Row { reference: month.next, length: 29, name, ..whole.clone() };
        month.plan.insert(half, row);
    }
    let (before, text) = (month.world(), csv(&month.plan));
    // Some of them were there before the first night: those leave only when that is said.
    let enough = ["--allow-removals", "4", "--allow-changes", "4", "--include-unowned"];
    assert_eq!(month.night(&text, &enough), 6);
    assert_eq!((month.counted("held"), month.world()), (6, before.clone()));
    assert_eq!(
        month.night(&text, &["--allow-removals", "3", "--include-unowned"]),
        6,
        "one too many, so none"
    );
    assert_eq!(month.world(), before);
    assert_eq!(month.night(&text, &enough), 0, "{:?}", month.log);
    assert_eq!((month.counted("removed"), month.counted("registered")), (4, 2));
    assert_eq!(month.world(), month.wanted());
    assert_eq!(month.night(&text, &["--verify", "all"]), 0);
    assert_eq!(month.counted("unchanged"), u64::try_from(month.plan.len()).unwrap());
}

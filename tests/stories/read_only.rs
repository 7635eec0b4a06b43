//! `--read-only`: a property of the transport. Every command that writes is tried with it, and
//! the registry's ledger holds nothing but reads.

use std::process::Output;

use serde_json::Value;

use crate::desk::{Desk, Registry, code, told};

const PARENT: &str = "NET-198-18-0-0-1";
const SUBMIT: [&str; 4] = ["submit", "plan.csv", "--parents", "parents.csv"];
const SYNC: [&str; 6] = ["sync", "plan.csv", "--parents", "parents.csv", "--journal", "nightly"];

/// A registry with something to write to: a net, its customer, a ticket.
struct Scene {
    desk: Desk,
    registry: Registry,
    before: usize,
    net: String,
    customer: String,
    ticket: String,
}

impl Scene {
    fn new() -> Self {
        let desk = Desk::new();
        desk.plan(&[(18, 2)]);
        let registry = Registry::start(&desk);
        let done = registry.swip(&desk, &registry.url, &SUBMIT);
        assert_eq!(code(&done), 0, "{}", told(&done));
        let report = ["registry", "report", "associations", "--wait", "0s"];
        assert_eq!(code(&registry.swip(&desk, &registry.url, &report)), 0);
        let ledger = ledger(&desk);
        let last = |name: &str| {
            let found = ledger.iter().rev().find_map(|line| line[name].as_str());
            found.unwrap().to_owned()
        };
        let (net, customer, ticket) = (last("net_handle"), last("customer_handle"), last("ticket"));
        let before = ledger.len();
        desk.plan(&[(18, 4)]);
        Self { desk, registry, before, net, customer, ticket }
    }

    fn tried(&self, args: &[&str]) -> Output {
        self.registry.swip(&self.desk, &self.registry.url, args)
    }

    /// Nothing but reads reached the registry since the scene was set; gives how many.
    fn untouched(&self) -> usize {
        let since = &ledger(&self.desk)[self.before..];
        for line in since {
            assert_eq!((&line["method"], &line["committed"]), (&"GET".into(), &false.into()));
            assert!(!line["path"].as_str().unwrap().contains("/report/"), "{line}");
        }
        since.len()
    }
}

fn ledger(desk: &Desk) -> Vec<Value> {
    desk.lines("world.swip-practice-ledger.ndjson")
}

fn payload(desk: &Desk, root: &str, inner: &str) {
    let text = format!("<{root} xmlns=\"http://www.arin.net/regrws/core/v1\">{inner}</{root}>");
    std::fs::write(desk.path(&format!("{root}.xml")), text).unwrap();
}

#[test]
fn no_verb_of_registry_that_writes_or_opens_a_ticket_gets_through() {
    let scene = Scene::new();
    let desk = &scene.desk;
    payload(desk, "poc", "<lastName>X</lastName>");
    payload(desk, "phone", "<number>+1-703-555-0100</number><type><code>O</code></type>");
    payload(desk, "org", "<orgName>X</orgName>");
    payload(desk, "customer", "<customerName>X</customerName>");
    payload(desk, "net", "<netName>X</netName>");
    payload(desk, "delegation", "<name>18.198.in-addr.arpa.</name>");
    payload(desk, "ticket", &format!("<ticketNo>{}</ticketNo>", scene.ticket));
    payload(desk, "message", "<subject>X</subject>");
    let poc = "ADMIN-EXAMPLE-1";
    let (net, customer, ticket) = (&scene.net, &scene.customer, &scene.ticket);
    let zone = "18.198.in-addr.arpa.";
    let calls = format!(
        "poc create poc.xml
poc create poc.xml --link
poc modify {poc} poc.xml
poc delete {poc}
poc add-phone {poc} phone.xml
poc delete-phone {poc} +1-703-555-0100
poc delete-phone {poc} --type O
poc add-email {poc} a@example.net
poc delete-email {poc} a@example.net
org create org.xml
org modify EXAMPLE-1 org.xml
org delete EXAMPLE-1
org add-poc EXAMPLE-1 {poc} --function T
org remove-poc EXAMPLE-1 {poc} --function T
org remove-poc EXAMPLE-1 --function T
customer create {PARENT} customer.xml
customer modify {customer} customer.xml
customer delete {customer}
net modify {net} --name X
net modify {net} --comment X
net modify {net} net.xml
net delete {net}
net remove {net}
net reassign {PARENT} net.xml
net reallocate {PARENT} net.xml
net create-org {PARENT} org.xml
delegation modify {zone} delegation.xml
delegation add-nameserver {zone} ns1.example.net
delegation delete-nameserver {zone} ns1.example.net
delegation delete-nameservers {zone}
ticket add-message {ticket} message.xml
ticket modify {ticket} ticket.xml
ticket set-status {ticket} CLOSED
report reassignment {net}
report associations
report whowas-net 198.18.0.0
report whowas-asn 64500"
    );
    for line in calls.lines() {
        let args: Vec<&str> = ["registry"].into_iter().chain(line.split(' ')).collect();
        let output = scene.tried(&[&args[..], &["--read-only"]].concat());
        assert_eq!(code(&output), 2, "{line}: {}", told(&output));
        assert!(told(&output).contains("--read-only refuses"), "{line}: {}", told(&output));
    }
    scene.untouched();
}

#[test]
fn a_plan_is_read_to_the_point_where_it_would_write() {
    let scene = Scene::new();
    let stopped = |output: &Output| {
        assert_eq!(code(output), 6, "{}", told(output));
        let told = told(output);
        let last = told.lines().last().unwrap();
        assert!(last.contains("--read-only refuses everything but reads; next: swip"), "{last}");
    };
    stopped(&scene.tried(&[&SUBMIT[..], &["--read-only"]].concat()));
    assert_eq!(scene.desk.counts()["already-registered"], 2, "{}", scene.desk.counts());
    let resume = ["resume", "plan.csv.swip-journal"];
    stopped(&scene.tried(&[&resume[..], &["--read-only"]].concat()));
    stopped(&scene.tried(&[&SYNC[..], &["--read-only"]].concat()));
    assert!(scene.untouched() > 0, "reads are no writes");
    let inventory = ["inventory", "--parents", "parents.csv", "--ask-report", "--read-only"];
    assert_eq!(code(&scene.tried(&inventory)), 2);
    // Without it, what was held back goes through.
    assert_eq!(code(&scene.tried(&resume)), 0);
    assert_eq!(scene.registry.commits(&scene.desk), 5);
}

#[test]
fn nothing_overrides_it() {
    let scene = Scene::new();
    let net = ["registry", "net", "delete", scene.net.as_str()];
    for (config, more) in [
        ("read-only = true\n", &[][..]),
        ("read-only = false\n", &["--read-only"]),
        ("[registry]\nread-only = false\n", &["--read-only"]),
    ] {
        std::fs::write(scene.desk.path("swip.toml"), config).unwrap();
        for args in [&net[..], &SUBMIT, &SYNC] {
            let args = [args, more, &["--registry", &scene.registry.url]].concat();
            let mut command = scene.desk.command(&args);
            command.env("SWIP_API_KEY", &scene.registry.key);
            command.env("SWIP_READ_ONLY", "false");
            let output = command.output().unwrap();
            let exit = if args.contains(&"net") { 2 } else { 6 };
            assert_eq!(code(&output), exit, "{config} {args:?}: {}", told(&output));
            assert!(told(&output).contains("--read-only refuses"), "{config} {args:?}");
        }
    }
    scene.untouched();
}

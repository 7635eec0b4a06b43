//! Day one: a registry that others filled, listed and taken over without a write.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Output, Stdio};

use serde_json::Value;
use swip::journal::{Journal, Provenance};

use crate::desk::{Desk, code};

const FILES: [&str; 4] =
    ["inherited.json", "inherited-plan.csv", "inherited-parents.csv", "inherited-key.json"];
const KEYS: &str =
    "[orgs.\"EXAMPLE-1\"]\napi_key_file = \"one\"\n[orgs.\"EXAMPLE-2\"]\napi_key_file = \"two\"\n";
const GROUPS: [&str; 6] = ["equal", "name", "spelling", "address", "recipient", "split"];

struct Inherited {
    desk: Desk,
    child: Child,
    url: String,
}

impl Inherited {
    fn start(more: &[&str]) -> Self {
        Self::with(more, |world| world)
    }

    /// A registry whose world is edited before it starts.
    fn with(more: &[&str], edit: impl FnOnce(String) -> String) -> Self {
        let desk = Desk::new();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/inherited");
        for name in FILES {
            std::fs::copy(fixtures.join(name), desk.path(name)).unwrap();
        }
        let state = std::fs::read_to_string(desk.path("inherited.json")).unwrap();
        std::fs::write(desk.path("inherited.json"), edit(state)).unwrap();
        let args = [&["practice", "--state", "inherited.json"], more].concat();
        let mut child = desk.command(&args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let url = first.rsplit(' ').next().unwrap().to_owned();
        Self { desk, child, url }
    }

    fn run(&self, args: &[&str]) -> Output {
        let at = ["--parents", "inherited-parents.csv", "--registry", &self.url];
        let mut command = self.desk.command(&[args, &at].concat());
        command.env("SWIP_API_KEY", "API-0000-0000-5A1D-CAFE").output().unwrap()
    }

    fn adopt(&self, more: &[&str]) -> (Value, Output) {
        let args = [&["adopt", "inherited-plan.csv", "--format", "json"], more].concat();
        let output = self.run(&args);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.stdout.starts_with(b"{"), "{told}");
        let json = serde_json::from_slice(&output.stdout).unwrap();
        (json, output)
    }

    /// Requests that were no reads, and those that committed something.
    fn writes(&self) -> usize {
        let ledger = self.desk.lines("inherited-ledger.ndjson");
        assert!(!ledger.is_empty());
        ledger.iter().filter(|line| line["method"] != "GET" || line["committed"] == true).count()
    }

    /// Writes a key file that its owner alone can read.
    fn key_file(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::write(self.desk.path(name), text).unwrap();
        let owner = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(self.desk.path(name), owner).unwrap();
    }

    fn key(&self) -> Value {
        self.desk.json("inherited-key.json")
    }
}

impl Drop for Inherited {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the output counts, in the form of the generator's own key.
fn counts(found: &Value) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = GROUPS
        .iter()
        .map(|group| {
            let group = *group;
            let rows = found["groups"][group]["rows"].as_array().unwrap().len() as u64;
            assert_eq!(found["groups"][group]["count"], rows);
            (group.to_owned(), rows)
        })
        .collect();
    for list in ["not_registered", "not_in_plan", "protected", "refused", "unknown"] {
        counts.insert(list.to_owned(), found[list].as_array().unwrap().len() as u64);
    }
    let (rows, nets): (Vec<&Value>, Vec<&Value>) =
        found["not_managed"].as_array().unwrap().iter().partition(|aside| !aside["row"].is_null());
    counts.insert("not_managed rows".to_owned(), rows.len() as u64);
    counts.insert("not_managed nets".to_owned(), nets.len() as u64);
    counts
}

fn expected(key: &Value) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for group in GROUPS {
        counts.insert(group.to_owned(), key["groups"][group].as_u64().unwrap());
    }
    for list in ["not_registered", "not_in_plan", "protected", "refused", "unknown"] {
        counts.insert(list.to_owned(), key[list].as_u64().unwrap());
    }
    for what in ["rows", "nets"] {
        counts.insert(format!("not_managed {what}"), key["not_managed"][what].as_u64().unwrap());
    }
    counts
}

#[test]
fn groups_are_those_of_the_key_and_only_the_journal_is_written() {
    let world = Inherited::start(&[]);
    let (found, output) = world.adopt(&["--dry-run"]);
    assert_eq!(code(&output), 3, "some rows of the plan are invalid on purpose");
    assert_eq!(counts(&found), expected(&world.key()));

    let take = ["--journal", "j", "--accept", "equal", "--accept", "address", "--accept", "split"];
    let (taken, output) = world.adopt(&take);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains(", 0 writes"), "{told}");
    assert_eq!(counts(&taken), expected(&world.key()));
    assert_eq!(world.writes(), 0);

    let known = Journal::read(&world.desk.path("j")).unwrap().known().unwrap();
    assert_eq!(taken["taken_over"], known.len() as u64);
    let rows = |group: &str| taken["groups"][group]["rows"].as_array().unwrap().clone();
    for row in ["equal", "address", "split"].iter().flat_map(|group| rows(group)) {
        for net in row["nets"].as_array().unwrap() {
            let held = known.values().find(|known| {
                known.net.as_ref().is_some_and(|held| held.net_handle.as_str() == net["net_handle"])
            });
            let held = held.unwrap();
            assert_eq!(held.provenance, Provenance::Adopted);
            let date = held.net.as_ref().unwrap().registered_at.as_deref();
            assert_eq!(date, net["registered_at"].as_str());
            let image = held.image.as_ref().unwrap();
            assert!(image.net.contains(net["net_handle"].as_str().unwrap()));
            assert_eq!(image.customer.is_some(), !net["customer_handle"].is_null());
        }
    }
    let with_pocs = known.values().filter(|k| k.image.as_ref().unwrap().net.contains("NOC7-ARIN"));
    assert!(with_pocs.count() > 0, "contacts of a net are part of its before-image");

    let (again, output) = world.adopt(&take);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("swip: practice: ") && told.contains("were known before"), "{told}");
    assert_eq!(counts(&again), counts(&taken));
}

#[test]
fn lists_that_are_cut_off_are_split_until_nothing_is_missing() {
    let world = Inherited::start(&["--rdap-limit", "12"]);
    let (found, _) = world.adopt(&["--dry-run"]);
    assert_eq!(counts(&found), expected(&world.key()));
}

#[test]
fn an_outage_in_the_middle_is_gone_on_from() {
    let faults = r#"[{"method":"GET","path":"/rest/","fault":"outage","nth":200}]"#;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("faults.json");
    std::fs::write(&file, faults).unwrap();
    let world = Inherited::start(&["--faults", file.to_str().unwrap()]);
    let args = ["adopt", "inherited-plan.csv", "--journal", "j", "--concurrency", "4"];
    let broken = world.run(&args);
    assert_eq!(code(&broken), 8, "{}", String::from_utf8_lossy(&broken.stderr));
    assert!(Journal::read(&world.desk.path("j")).unwrap().known().unwrap().is_empty());
    let before = world.desk.lines("inherited-ledger.ndjson").len();
    let (found, output) = world.adopt(&["--dry-run"]);
    assert_eq!(counts(&found), expected(&world.key()));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!told.contains(" 0 kept answers"), "{told}");
    let all = world.desk.lines("inherited-ledger.ndjson").len();
    let (_, once_more) = world.adopt(&["--dry-run"]);
    let told = String::from_utf8_lossy(&once_more.stderr).into_owned();
    let third = world.desk.lines("inherited-ledger.ndjson").len() - all;
    assert!(before >= 200 && third <= 2, "all but the proof of the keys is kept: {told}");
    assert_eq!(world.writes(), 0);
}

#[test]
fn an_inventory_is_a_plan_that_equals_the_registry() {
    let world = Inherited::start(&[]);
    let listed = world.run(&["inventory"]);
    let told = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert_eq!(code(&listed), 0, "{told}");
    assert!(
        told.contains("complete by RDAP") && told.contains("known from the list only"),
        "{told}"
    );
    std::fs::write(world.desk.path("now.csv"), &listed.stdout).unwrap();
    let mut reader = csv::Reader::from_reader(listed.stdout.as_slice());
    let header = reader.headers().unwrap().clone();
    let cell = |record: &csv::StringRecord, name: &str| {
        record.get(header.iter().position(|h| h == name).unwrap()).unwrap().to_owned()
    };
    let mut sources: BTreeMap<String, u64> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        *sources.entry(cell(&record, "x_source")).or_default() += 1;
        assert!(cell(&record, "x_net_handle").starts_with("NET"));
        assert!(!cell(&record, "x_registered_at").is_empty());
    }
    assert_eq!(sources.keys().collect::<Vec<_>>(), ["handle rdap", "rdap"]);
    // What is known of it serves as --registered, and all is kept.
    let (found, _) = world.adopt(&["--dry-run", "--registered", "now.csv", "--rdap", "off"]);
    let equal = |found: &Value| found["groups"]["equal"]["count"].clone();
    assert_eq!(equal(&found), world.key()["groups"]["equal"]);
    assert_eq!(world.writes(), 0);
}

/// A report of the registry's own, a part of it missing.
fn report(world: &Inherited, without: impl Fn(usize) -> bool) {
    let listed = world.run(&["inventory", "--detail", "list", "--cache", "other"]);
    let mut reader = csv::Reader::from_reader(listed.stdout.as_slice());
    let mut out = csv::Writer::from_path(world.desk.path("report.csv")).unwrap();
    out.write_record(["Net", "CIDR", "From", "To", "Parent"]).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    for (number, record) in reader.records().enumerate() {
        let record = record.unwrap();
        if without(number) || record[at("prefix")].is_empty() {
            continue;
        }
        let cells =
            ["x_net_handle", "prefix", "start", "end", "parent_net"].map(|n| &record[at(n)]);
        out.write_record(cells).unwrap();
    }
    out.flush().unwrap();
    let mapping = "[columns]\nnet_handle = \"Net\"\nprefix = \"CIDR\"\nparent_net = \"Parent\"\n";
    std::fs::write(world.desk.path("report.toml"), mapping).unwrap();
}

const REPORT: [&str; 5] =
    ["--dry-run", "--report-file", "report.csv", "--report-mapping", "report.toml"];

#[test]
fn a_report_that_lacks_nets_is_filled_by_the_other_sources_and_never_means_absence() {
    let world = Inherited::start(&[]);
    report(&world, |number| number % 20 == 0);
    let (found, _) = world.adopt(&REPORT);
    assert_eq!(counts(&found), expected(&world.key()));

    let alone = [REPORT.as_slice(), &["--rdap", "off", "--cache", "alone"]].concat();
    let (found, _) = world.adopt(&alone);
    let (found, key) = (counts(&found), expected(&world.key()));
    for group in ["equal", "name", "spelling", "address", "recipient", "refused"] {
        assert_eq!(found[group], key[group], "{group}: exact ranges show what the report lacks");
    }
    assert_eq!(found["not_registered"], 0, "a report is no proof of absence");
    assert!(found["unknown"] >= key["not_registered"]);
}

#[test]
fn a_report_is_asked_for_once_and_never_under_read_only() {
    let world = Inherited::start(&[]);
    let mapping = "[columns]\nnet_handle = \"net_handle\"\nstart = \"start\"\nend = \"end\"\nparent_net = \"parent_net\"\ntype = \"type\"\n";
    std::fs::write(world.desk.path("report.toml"), mapping).unwrap();
    let ask = ["inventory", "--ask-report", "--report-mapping", "report.toml", "--detail", "list"];
    let refused = world.run(&[ask.as_slice(), &["--read-only"]].concat());
    assert_eq!(code(&refused), 2, "{}", String::from_utf8_lossy(&refused.stderr));
    let tickets = |world: &Inherited| {
        let ledger = world.desk.path("inherited-ledger.ndjson");
        let text = std::fs::read_to_string(ledger).unwrap_or_default();
        text.lines().filter(|line| line.contains("/rest/report/")).count()
    };
    assert_eq!(tickets(&world), 0);
    for _ in 0..2 {
        let asked = world.run(&ask);
        let told = String::from_utf8_lossy(&asked.stderr).into_owned();
        assert_eq!(code(&asked), 0, "{told}");
        assert!(told.contains("saved as") && told.contains("shows"), "{told}");
        assert_eq!(tickets(&world), 5, "one ticket a managed parent, however often it is run");
    }
}

#[test]
fn each_parent_is_read_with_its_orgs_key_and_a_new_key_must_be_accepted() {
    let world = Inherited::start(&[]);
    world.key_file("one", "API-0000-0000-0001-0001\n");
    world.key_file("two", "API-0000-0000-0002-0002\n");
    std::fs::write(world.desk.path("swip.toml"), KEYS).unwrap();
    let (found, _) = world.adopt(&["--journal", "j"]);
    assert_eq!(counts(&found), expected(&world.key()));
    let keys: Vec<Value> = world.desk.lines("inherited-ledger.ndjson");
    assert!(
        keys.iter().all(|line| line["status"] != 401),
        "no net is asked for with the wrong key"
    );
    assert_eq!(Journal::read(&world.desk.path("j")).unwrap().store().keys().unwrap().len(), 2);

    std::fs::remove_file(world.desk.path("swip.toml")).unwrap();
    let args = ["adopt", "inherited-plan.csv", "--journal", "j"];
    let refused = world.run(&args);
    assert_eq!(code(&refused), 2, "{}", String::from_utf8_lossy(&refused.stderr));
    let accepted = world.run(&[args.as_slice(), &["--accept-new-key"]].concat());
    assert_eq!(code(&accepted), 3, "{}", String::from_utf8_lossy(&accepted.stderr));
}

#[test]
fn submit_and_sync_write_each_parent_with_its_orgs_key() {
    let world = Inherited::start(&[]);
    world.key_file("one", "API-0000-0000-0001-0001\n");
    world.key_file("two", "API-0000-0000-0002-0002\n");
    let plan = "prefix,customer_name,street,city,state,postal_code,country\n\
        198.18.29.216/29,Acme,1 Main Street,Reston,VA,20190,US\n\
        198.19.9.0/30,Acme,1 Main Street,Reston,VA,20190,US\n\
        198.19.9.4/30,Acme,1 Main Street,Reston,VA,20190,US\n";
    std::fs::write(world.desk.path("new.csv"), plan).unwrap();
    let run = |args: &[&str]| {
        let at = ["--parents", "inherited-parents.csv", "--registry", &world.url];
        // No common key: there is none to fall back on.
        world.desk.command(&[args, &at].concat()).output().unwrap()
    };
    let without = run(&["submit", "new.csv"]);
    assert_eq!(code(&without), 2, "{}", String::from_utf8_lossy(&without.stderr));
    std::fs::write(world.desk.path("swip.toml"), KEYS).unwrap();
    let sent = run(&["submit", "new.csv"]);
    assert_eq!(code(&sent), 0, "{}", String::from_utf8_lossy(&sent.stderr));
    let changed = plan.replace(",Acme,", ",Acme Inc,");
    std::fs::write(world.desk.path("new.csv"), changed).unwrap();
    let night = |allowed: &[&str]| {
        let args = ["sync", "new.csv", "--journal", "new.csv.swip-journal", "--verify", "all"];
        let night = run(&[args.as_slice(), allowed].concat());
        (code(&night), String::from_utf8_lossy(&night.stderr).into_owned())
    };
    let (ended, told) = night(&["--allow-changes", "3"]);
    assert_eq!(ended, 0, "{told}");
    // The reverse zones of a net that goes are asked for with that key, too.
    let all = plan.replace(",Acme,", ",Acme Inc,");
    let (fewer, _) = all.rsplit_once("198.19.9.4").unwrap();
    std::fs::write(world.desk.path("new.csv"), fewer).unwrap();
    let (ended, told) = night(&["--accept-shrink", "2"]);
    assert_eq!(ended, 6, "{told}");
    let (ended, told) = night(&["--allow-removals", "1", "--allow-changes", "1"]);
    assert_eq!(ended, 0, "{told}");
    let ledger = world.desk.lines("inherited-ledger.ndjson");
    assert_eq!(ledger.iter().filter(|line| line["committed"] == true).count(), 8);
    assert!(ledger.iter().all(|line| line["status"] != 401 && line["status"] != 403));
    let keys = Journal::read(&world.desk.path("new.csv.swip-journal")).unwrap();
    assert_eq!(keys.store().keys().unwrap().len(), 2);

    // The other org's key is of no use under this parent.
    std::fs::write(world.desk.path("swip.toml"), KEYS.replace("\"two\"", "\"one\"")).unwrap();
    let wrong = run(&["adopt", "inherited-plan.csv", "--dry-run"]);
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(code(&wrong), 7, "{told}");
    assert!(told.contains("no authority over NET-198-19-0-0-1 of EXAMPLE-2"), "{told}");
}

#[test]
fn read_only_takes_over_as_well_and_what_differs_is_proposed_by_the_next_sync() {
    let world = Inherited::start(&[]);
    let listed = world.run(&["inventory", "--detail", "list", "--read-only"]);
    assert_eq!(code(&listed), 0, "{}", String::from_utf8_lossy(&listed.stderr));
    let accept = ["--accept", "equal", "--accept", "name", "--accept", "address"];
    let take = [["--read-only", "--journal", "j"].as_slice(), &accept].concat();
    let (taken, _) = world.adopt(&take);
    let count = |group: &str| taken["groups"][group]["count"].as_u64().unwrap();
    assert_eq!(taken["taken_over"], count("equal") + count("name") + count("address"));
    assert_eq!(world.writes(), 0);
    let night = ["sync", "inherited-plan.csv", "--journal", "j", "--dry-run", "--skip-invalid"];
    let night = world.run(&[night.as_slice(), &["--format", "json"]].concat());
    let diff: Value = serde_json::from_slice(&night.stdout).unwrap();
    assert_eq!(diff["summary"]["modify"], count("name") + count("address"));
    assert_eq!(diff["summary"].get("remove"), None, "what is not in the plan stays");
    assert_eq!(world.writes(), 0);
}

#[test]
fn only_nets_of_managed_parents_are_taken_over_each_with_a_customer_of_its_own() {
    let world = Inherited::start(&[]);
    let all = GROUPS.map(|group| ["--accept", group]).concat();
    let (taken, _) = world.adopt(&[["--journal", "j"].as_slice(), &all].concat());
    let known = Journal::read(&world.desk.path("j")).unwrap().known().unwrap();
    let parents = std::fs::read_to_string(world.desk.path("inherited-parents.csv")).unwrap();
    let foreign = parents.lines().find(|line| line.contains("UPSTREAM-9")).unwrap();
    let mut customers = std::collections::BTreeSet::new();
    for known in known.values() {
        let net = known.net.as_ref().unwrap();
        let parent = net.parent.as_ref().unwrap().as_str();
        assert!(parents.contains(parent) && !foreign.starts_with(parent), "{parent}");
        if let swip::domain::Holder::Customer(customer) = &net.holder {
            assert!(customers.insert(customer.clone()), "{customer} would serve two rows");
        }
    }
    let handles: Vec<&str> =
        known.values().map(|known| known.net.as_ref().unwrap().net_handle.as_str()).collect();
    for list in ["not_in_plan", "protected", "refused", "unknown", "not_managed"] {
        for aside in taken[list].as_array().unwrap() {
            let handle = aside["net_handle"].as_str().unwrap_or_default();
            assert!(!handles.contains(&handle), "{handle} of {list} was taken over");
        }
    }
}

#[test]
fn the_price_is_said_before_the_first_request_and_holds() {
    let world = Inherited::start(&[]);
    let number = |text: &str, before: &str| -> u64 {
        let words: Vec<&str> = text.split_whitespace().collect();
        let at = words.windows(2).position(|pair| pair[1].trim_end_matches(',') == before);
        words[at.unwrap_or_else(|| panic!("{text}"))].parse().unwrap()
    };
    let (_, output) = world.adopt(&["--dry-run", "--rate", "5000/s"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let price = told.lines().find(|line| line.starts_with("Price")).unwrap();
    assert!(price.contains("0 writes; at 5000/s about"), "{price}");
    let last = told.lines().last().unwrap();
    let lists = number(&told, "lists");
    assert!(number(last, "requests") <= number(price, "requests") + lists, "{told}");
    assert!(told.find("Price").unwrap() < told.find("Reads").unwrap());
    let again = world.run(&["inventory", "--detail", "list"]);
    let told = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(told.contains("answers are kept in inherited-parents.csv.swip-inventory"), "{told}");
}

#[test]
fn a_report_larger_than_any_answer_is_saved_whole() {
    use std::os::unix::fs::PermissionsExt as _;
    let long = "x".repeat(9 << 20);
    let world = Inherited::with(&[], |state| {
        state.replacen("\"customerName\":\"", &format!("\"customerName\":\"{long}"), 1)
    });
    let mapping = "[columns]\nnet_handle = \"net_handle\"\nstart = \"start\"\nend = \"end\"\n";
    std::fs::write(world.desk.path("report.toml"), mapping).unwrap();
    let ask = ["inventory", "--ask-report", "--report-mapping", "report.toml", "--rdap", "off"];
    let asked = world.run(&[ask.as_slice(), &["--detail", "list"]].concat());
    let told = String::from_utf8_lossy(&asked.stderr).into_owned();
    assert_eq!(code(&asked), 0, "{told}");
    let saved = std::fs::read_dir(world.desk.0.path()).unwrap().map(|entry| entry.unwrap());
    let saved = saved.filter(|f| f.file_name().to_string_lossy().contains("swip-inventory-NET"));
    let sizes: Vec<(u64, u32)> = saved
        .map(|file| file.metadata().unwrap())
        .map(|facts| (facts.len(), facts.permissions().mode() & 0o777))
        .collect();
    assert_eq!(sizes.len(), 5, "{told}");
    assert!(sizes.iter().any(|(bytes, _)| *bytes > 9 << 20), "{sizes:?}");
    assert!(sizes.iter().all(|(_, mode)| *mode == 0o600), "{sizes:?}");
}

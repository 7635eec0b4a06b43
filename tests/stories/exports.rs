//! Exports on their way to the registry: parents, recipients, what is left out, a format of one's
//! own.

use std::process::Output;

use serde_json::Value;

use crate::desk::{Desk, Registry, code};

const HEADER: &str = "ID,Prefix,Status,Tenant,Tags,SWIP Type,Customer Street,Customer City,Customer State,Customer Zip,Customer Country";
const ADDRESS: &str = "1 Main St,Reston,VA,20190,US";
const AGGREGATES: &str = "Aggregate,RIR,Tenant,Prefixes,Utilization,Added,Description";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn write(desk: &Desk, name: &str, header: &str, rows: &[&str]) {
    std::fs::write(desk.path(name), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
}

/// Runs against a registry of its own.
fn at(desk: &Desk, registry: &Registry, args: &[&str]) -> Output {
    let mut command = desk.command(args);
    command.args(["--registry", &registry.url]).env("SWIP_API_KEY", &registry.key);
    command.output().unwrap()
}

fn plan(desk: &Desk) {
    write(
        desk,
        "aggregates.csv",
        AGGREGATES,
        &[
            "198.18.0.0/16,ARIN,,3,1%,2020-01-01,our first",
            "198.19.0.0/18,ARIN,,3,1%,2020-01-01,ARIN NET-198-19-0-0-1",
            "10.0.0.0/8,RFC 1918,,3,1%,2020-01-01,inside",
        ],
    );
    write(
        desk,
        "prefixes.csv",
        HEADER,
        &[
            &format!("1,198.18.200.0/29,Active,Maple,,,{ADDRESS}"),
            &format!("2,198.19.60.0/29,Active,Cedar,,,{ADDRESS}"),
            &format!("3,198.51.100.240/29,Active,Pine,,,{ADDRESS}"),
        ],
    );
}

#[test]
fn parents_are_those_of_the_export_and_the_registry_completes_them() {
    let desk = Desk::new();
    plan(&desk);
    let offline = desk.swip(&["parents", "aggregates.csv", "prefixes.csv"]);
    assert_eq!(
        String::from_utf8_lossy(&offline.stdout),
        "net_handle,prefix,start,end,x_source\n,198.18.0.0/16,,,aggregates.csv:2\nNET-198-19-0-0-1,198.19.0.0/18,,,aggregates.csv:3\n"
    );
    assert!(said(&offline).contains("--parents-from-registry"), "{}", said(&offline));

    let registry = Registry::start(&desk);
    let ask = ["parents", "aggregates.csv", "prefixes.csv", "--parents-from-registry"];
    let asked = at(&desk, &registry, &ask);
    assert_eq!(code(&asked), 0, "{}", said(&asked));
    assert_eq!(
        String::from_utf8_lossy(&asked.stdout),
        "net_handle,prefix,start,end,x_source\nNET-198-18-0-0-1,198.18.0.0/16,,,aggregates.csv:2\nNET-198-19-0-0-1,198.19.0.0/18,,,aggregates.csv:3\nNET-198-51-100-0-1,198.51.100.0/24,,,registry\n"
    );

    // A handle that is another net's is no parent.
    write(&desk, "aggregates.csv", AGGREGATES, &["198.19.0.0/19,ARIN,,3,1%,,NET-198-19-0-0-1"]);
    let wrong = at(&desk, &registry, &ask);
    assert_eq!(code(&wrong), 3);
    assert!(said(&wrong).contains("holds it for 198.19.0.0/18"), "{}", said(&wrong));
    let refused = desk.swip(&ask);
    assert_eq!(code(&refused), 2, "the inner practice registry knows nothing to be asked");
}

#[test]
fn without_a_parents_file_submit_and_sync_read_the_parents_before_the_first_write() {
    let desk = Desk::new();
    plan(&desk);
    let registry = Registry::start(&desk);
    let inputs = ["aggregates.csv", "prefixes.csv"];
    let submit = at(&desk, &registry, &[&["submit", "--yes"], &inputs[..]].concat());
    assert_eq!(code(&submit), 0, "{}", said(&submit));
    let report = desk.json("aggregates.csv.swip-report/report.json");
    assert_eq!(report["summary"], serde_json::json!({ "registered": 3 }));
    let parents: Vec<&str> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["parent_net"].as_str().unwrap())
        .collect();
    assert_eq!(parents, ["NET-198-18-0-0-1", "NET-198-19-0-0-1", "NET-198-51-100-0-1"]);

    let options = ["sync", "--yes", "--journal", "night", "--dry-run", "--format", "json"];
    let sync = at(&desk, &registry, &[&options, &inputs[..]].concat());
    assert_eq!(code(&sync), 0, "{}", said(&sync));
    // A handle the registry does not have ends it before anything is sent.
    write(&desk, "aggregates.csv", AGGREGATES, &["198.19.0.0/18,ARIN,,3,1%,,NET-198-19-0-0-9"]);
    for command in ["submit", "sync"] {
        let args = [&[command, "--yes", "--journal", "other"], &inputs[..]].concat();
        let output = at(&desk, &registry, &args);
        assert_eq!(code(&output), 3, "{command}: {}", said(&output));
        assert!(said(&output).contains("NET-198-19-0-0-9 cannot be read"), "{}", said(&output));
    }
}

#[test]
fn an_export_from_aggregates_to_report_in_one_command() {
    let desk = Desk::new();
    let mapping = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/large.toml");
    let lines = std::fs::read_to_string(&mapping).unwrap();
    assert_eq!(lines.lines().filter(|line| !line.starts_with('#')).count(), 10);
    write(&desk, "aggregates.csv", AGGREGATES, &["198.18.0.0/15,ARIN,,2,1%,,NET-198-18-0-0-1"]);
    let header = "ID,Prefix,Status,Tenant,Tags,Circuit,Cust Street,Cust Town,Cust Region,Cust Zip,Cust Country";
    write(
        &desk,
        "prefixes.csv",
        header,
        &[
            "1,198.18.0.0/29,Active,Maple LLC,swip,C-1,1 Main St,Reston,VA,20190,US",
            "2,198.18.0.8/29,Active,Cedar LLC,,C-2,1 Main St,Reston,VA,20190,US",
            "3,198.18.0.16/29,Reserved,Pine LLC,swip,C-3,1 Main St,Reston,VA,20190,US",
        ],
    );
    let mapping = mapping.to_str().unwrap();
    for command in [&["submit"][..], &["sync", "--journal", "night"][..]] {
        let args = [command, &["aggregates.csv", "prefixes.csv", "--mapping", mapping]].concat();
        let output = desk.swip(&args);
        assert_eq!(code(&output), 0, "{command:?}: {}", said(&output));
        let report = desk.json("aggregates.csv.swip-report/report.json");
        let row = &report["rows"][0];
        assert_eq!(report["rows"].as_array().unwrap().len(), 1, "{report}");
        assert_eq!(
            (&row["reference"], &row["file"], &row["line"]),
            (&"C-1".into(), &"prefixes.csv".into(), &2.into())
        );
        assert_eq!(row["net_name"], "MAPLE-LLC-198-18-0-0");
    }
}

#[test]
fn small_ipv6_blocks_of_an_export_are_left_out_unless_their_row_names_an_action() {
    let desk = Desk::new();
    let small = (0..20_000).map(|at| {
        format!("{at},2001:db8:{:x}:{:x}00::/56,Active,Home {at},,,{ADDRESS}", at / 256, at % 256)
    });
    let sites = (0..40)
        .map(|at| format!("9{at},2001:db8:f{at:03}::/48,Active,Site {at},,simple,{ADDRESS}"));
    let rows: Vec<String> = small.chain(sites).collect();
    std::fs::write(desk.path("prefixes.csv"), format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
    let sent = |more: &[&str]| {
        let args = ["check", "prefixes.csv", "--parents", "parents.csv", "--max-findings", "1"];
        said(&desk.swip(&[&args, more].concat()))
    };
    let skipped = sent(&[]);
    assert!(skipped.contains("20040 rows, 40 to be sent"), "{skipped}");
    let all = sent(&["--below-policy", "register"]);
    assert!(all.contains("20040 rows, 20040 to be sent"), "{all}");
}

#[test]
fn recipients_are_joined_by_key_and_doubt_is_told() {
    let desk = Desk::new();
    write(
        &desk,
        "prefixes.csv",
        "ID,Prefix,Status,Tenant",
        &[
            "1,198.18.0.0/29,Active,maple  street bakery LLC",
            "2,198.18.0.8/29,Active,Maple Street Bakery",
            "3,198.18.0.16/29,Active,Lakeview",
            "4,198.18.0.24/29,Active,Gone Inc",
            "5,198.18.0.32/29,Active,Nobody At All",
        ],
    );
    write(
        &desk,
        "recipients.csv",
        "tenant,street,city,state,postal_code,country,status,ended_on",
        &[
            "Maple Street Bakery LLC,1 Main St,Reston,VA,20190,US,active,",
            "Lakeview,2 Main St,Reston,VA,20190,US,,",
            "Lakeview,3 Main St,Reston,VA,20190,US,,",
            "Gone Inc,4 Main St,Reston,VA,20190,US,,2026-10-31",
        ],
    );
    let args =
        ["check", "prefixes.csv", "--recipients", "recipients.csv", "--parents", "parents.csv"];
    let output = desk.swip(&[&args[..], &["--format", "json", "--as-of", "2026-11-24"]].concat());
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found: Vec<String> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            format!("{} {} {}", f["row"], f["rule"].as_str().unwrap(), f["help"].as_str().unwrap())
        })
        .collect();
    let begins = [
        "2 recipient-missing did you mean `Maple Street Bakery LLC`?",
        "3 recipient-ambiguous give each its own key",
        "4 recipient-ended set the row to a status that is not registered",
        "5 recipient-missing add it to the recipients file",
    ];
    assert_eq!(found.len(), begins.len(), "{found:?}");
    for (found, begin) in found.iter().zip(begins) {
        assert!(found.starts_with(begin), "{found}");
    }
}

#[test]
fn what_is_left_out_and_refused_is_counted_with_examples() {
    let desk = Desk::new();
    write(
        &desk,
        "prefixes.csv",
        "ID,Prefix,Status,Tenant,VRF",
        &[
            "1,198.18.0.0/29,Active,Maple,",
            "2,198.18.0.9/29,Active,Cedar,",
            "3,198.18.0.16/29,Reserved,Pine,",
            "4,198.18.0.24/29,Parked,Pine,",
            "5,198.18.0.32/29,Active,,",
            "6,198.18.0.40/29,Active,Oak",
        ],
    );
    let explained = desk.swip(&["convert", "prefixes.csv", "--explain"]);
    assert_eq!(code(&explained), 3, "rows were refused");
    let expected =
        "prefixes.csv: netbox: NetBox 3.x and 4.x, prefixes, table export in any column order
  6 rows: 1 taken, 2 refused, 3 left out; 0 parents found
  column ID                       `reference` (5 filled)
  column Prefix                   `prefix` (5 filled)
  column Status                   row selection (5 filled)
  column Tenant                   `customer_name`, the key of the recipient (4 filled)
  ignored VRF (0 filled)
  refused       1  host-bits: line 3
  refused       1  ragged-row: line 7
  left out      1  it names no tenant, customer or org: line 6: 198.18.0.32/29
  left out      1  its Status is `Parked`: line 5: 198.18.0.24/29
  left out      1  its Status is `Reserved`: line 4: 198.18.0.16/29
";
    assert_eq!(String::from_utf8_lossy(&explained.stdout), expected);
    let text = said(&explained);
    assert!(text.contains("prefixes.csv:3: error[host-bits]"), "{text}");
    assert!(text.contains("prefixes.csv:7: error[ragged-row]"), "{text}");
}

#[test]
fn a_format_of_ones_own_is_one_declarative_file() {
    let desk = Desk::new();
    std::fs::write(
        desk.path("ourtool.toml"),
        "key = [\"Holder\"]\n[format]\nname = \"ourtool\"\ntitle = \"Our own tool\"\nrecognise = [\"Net Block\", \"Holder\"]\n[columns]\nprefix = \"Net Block\"\ncustomer_name = \"Holder\"\n[status]\ncolumn = \"Stage\"\nregister = [\"live\"]\nskip = [\"planned\"]\n",
    )
    .unwrap();
    write(
        &desk,
        "export.csv",
        "Net Block;Holder;Stage",
        &["198.18.0.0/29;Maple;live", "198.18.0.8/29;Cedar;planned", "198.18.0.16/29;Pine;dead"],
    );
    let args = ["convert", "export.csv", "--mapping", "ourtool.toml"];
    let output = desk.swip(&args);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let rows = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(rows.lines().count(), 2, "{rows}");
    assert!(rows.contains(",198.18.0.0/29,") && rows.contains(",Maple,"), "{rows}");
    assert!(said(&output).contains("its Stage is `dead`"), "{}", said(&output));
    let explained = desk.swip(&[&args[..], &["--explain"]].concat());
    let text = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert!(text.starts_with("export.csv: ourtool: Our own tool\n"), "{text}");
    // A file of another shape is not read by it.
    write(&desk, "export.csv", "a;b", &["1;2"]);
    assert_eq!(code(&desk.swip(&args)), 3);
}

#[test]
fn the_format_table_says_which_were_never_tried_on_a_real_export() {
    let desk = Desk::new();
    let output = desk.swip(&["convert", "--formats"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let untested = text.split("\n    untested against a real export").map(|before| {
        before.lines().last().unwrap_or_default().split_whitespace().next().unwrap_or_default()
    });
    let mut untested: Vec<&str> = untested.collect();
    untested.pop();
    untested.sort_unstable();
    untested.dedup();
    assert_eq!(
        untested,
        [
            "6connect",
            "bluecat",
            "efficientip",
            "gestioip",
            "micetro",
            "solarwinds",
            "swip-template",
            "windows-ipam"
        ]
    );
}

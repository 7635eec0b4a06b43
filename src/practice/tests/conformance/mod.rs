//! Every method under both profiles: the status and code of each case, as a table, and every
//! answer against ARIN's published schemas.

mod cases;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::{Asked, Profile, Service, ask, parent};
use crate::practice::world::{Effect, KeyRecord, TicketRecord, World};
use crate::practice::{Behaviour, KEY, now, seed};
use cases::Body::{Edited, Nothing, Xml};
use cases::{Case, cases};

/// Where the table is kept.
const TABLE: &str = "src/practice/CONFORMANCE.md";
/// A ticket that was resolved before anything is asked.
const QUESTION: &str = "20260101-X9";
/// A key that speaks for nobody.
const STRANGER: &str = "API-0000-0000-5A1D-BEEF";

fn service(profile: Profile) -> Service {
    let mut world = World::default();
    let mut parents = vec![
        parent("NET-10-0-0-0-1", "10.0.0.0/8"),
        parent("NET6-2001-DB8-1", "2001:db8::/32"),
        parent("NET-172-16-0-0-1", "172.16.0.0/12"),
        parent("NET-192-168-0-0-1", "192.168.0.0/16"),
    ];
    parents[2].org = Some("OTHER-1".parse().unwrap());
    parents[2].managed = false;
    parents[3].active = false;
    let orgs =
        ["MAPLE-7", "CLOSED-1", "OAK-Z", "BARE-1", "SPARE-1"].map(|org| org.parse().unwrap());
    let changes = seed::changes(&world, &parents, &orgs, &[]);
    changes.into_iter().for_each(|change| world.apply(change));
    world.orgs.get_mut("CLOSED-1").unwrap().accept_reassignments = false;
    world.orgs.get_mut("BARE-1").unwrap().pocs.clear();
    world.keys.get_mut(KEY).unwrap().orgs.push("SPARE-1".to_owned());
    let stranger = KeyRecord { key: STRANGER.to_owned(), active: true, ..KeyRecord::default() };
    world.keys.insert(STRANGER.to_owned(), stranger);
    let question = TicketRecord {
        ticket_no: QUESTION.to_owned(),
        kind: "QUESTION".to_owned(),
        status: "RESOLVED".to_owned(),
        resolution: Some("ANSWERED".to_owned()),
        created_date: now(),
        updated_date: now(),
        resolved_date: Some(now()),
        closed_date: None,
        org_handle: None,
        key: KEY.to_owned(),
        polls: 2,
        opened_ms: 0,
        denied: false,
        messages: Vec::new(),
        effect: Effect::None,
    };
    world.tickets.insert(QUESTION.to_owned(), question);
    Service::new(world, None, Behaviour { profile, ..Behaviour::default() })
}

/// Ticket and attachment of the case before, in the path's place.
fn resolved(service: &Service, path: &str) -> String {
    service.world(|world| {
        let ticket = world.tickets.values().find(|ticket| ticket.kind == "ORG_CREATE");
        let number = ticket.map_or("NONE", |ticket| ticket.ticket_no.as_str());
        let attachment = ticket.and_then(|t| t.messages.first()?.attachments.first());
        let id = attachment.map_or("NONE", |attachment| attachment.id.as_str());
        path.replace("TICKET-ORG", number).replace("ATTACHMENT", id)
    })
}

/// What keeps any request out, whatever it asks for.
const BARS: [(&str, &str); 4] = [
    ("without a key", "400 E_AUTHENTICATION"),
    ("with an unknown key", "400 E_AUTHENTICATION"),
    ("a body of another Content-Type", "415 E_UNSUPPORTED_MEDIA_TYPE"),
    ("another Accept", "406 E_NOT_ACCEPTABLE"),
];

/// Asks for the same in each way that is kept out.
fn barred(service: &Service, case: &Case) {
    let path = resolved(service, case.path);
    let (bare, query) = path.split_once('?').unwrap_or((&path, ""));
    let good = super::request(case.method, bare, query, "");
    let unknown = Some("ApiKey API-0000-0000-5A1D-0000".to_owned());
    let json = Some("application/json".to_owned());
    let ways = [
        Asked { authorization: None, ..good.clone() },
        Asked { authorization: unknown, ..good.clone() },
        Asked { content_type: json.clone(), ..good.clone() },
        Asked { accept: json, ..good },
    ];
    for (asked, (what, expected)) in ways.into_iter().zip(BARS) {
        if expected.starts_with("415") && !matches!(case.method, "POST" | "PUT") {
            continue;
        }
        let answered = service.answer(&asked);
        let (status, code) = expected.split_once(' ').unwrap();
        assert_eq!(answered.status.to_string(), status, "{} {path} {what}", case.method);
        assert!(answered.text().contains(code), "{} {path} {what}", case.method);
    }
}

/// Status and root or code of a case, and the body.
fn outcome(service: &Service, case: &Case) -> (String, Vec<u8>) {
    let path = resolved(service, case.path);
    let body = match &case.body {
        Nothing => String::new(),
        Xml(body) => body.clone(),
        Edited(path, changes) => {
            let got = ask(service, "GET", &resolved(service, path), "");
            assert_eq!(got.status, 200, "{path}");
            changes.iter().fold(got.text(), |text, (from, to)| {
                assert!(text.contains(from), "{from} in {text}");
                text.replace(from, to)
            })
        }
    };
    let (bare, query) = path.split_once('?').unwrap_or((&path, ""));
    let answered = super::asked(service, case.method, bare, query, &body);
    let text = answered.text();
    let what = if answered.content_type != "application/xml" {
        answered.content_type.to_owned()
    } else if let Some((_, code)) = text.split_once("<code>E_") {
        format!("E_{}", code.split('<').next().unwrap())
    } else {
        let root = text.split_once("?><").unwrap().1;
        let root = root.split([' ', '>']).next().unwrap().to_owned();
        if root == "ticketedRequest" && text.contains("<ticket>") {
            format!("{root} (ticket)")
        } else {
            root
        }
    };
    (format!("{} {what}", answered.status), answered.body)
}

#[test]
fn every_method_answers_with_its_status_under_both_profiles() {
    let services = [service(Profile::Current), service(Profile::Classic)];
    let mut table = "# What the practice registry answers\n\nWritten and checked by a test; `SWIP_WRITE_TABLES=1` writes it again.\n\n| method | case | current | classic |\n|---|---|---|---|\n".to_owned();
    let mut wrong = Vec::new();
    let mut bodies: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for case in cases() {
        let mut found = Vec::new();
        for (service, expected) in services.iter().zip(case.expected) {
            barred(service, &case);
            let (outcome, body) = outcome(service, &case);
            if outcome != expected {
                let body = String::from_utf8_lossy(&body).into_owned();
                wrong.push(format!(
                    "{} {} ({}): {outcome}, not {expected}: {body}",
                    case.method, case.path, case.what
                ));
            }
            let root = outcome.split(' ').nth(1).unwrap();
            if !root.contains('/') {
                let root = if root.starts_with("E_") { "error" } else { root };
                bodies.entry(root.to_owned()).or_default().push(body);
            }
            found.push(outcome);
        }
        writeln!(
            table,
            "| `{} {}` | {} | {} | {} |",
            case.method, case.path, case.what, found[0], found[1]
        )
        .unwrap();
    }
    for (what, outcome) in BARS {
        writeln!(table, "| each of these | {what} | {outcome} | {outcome} |").unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    if std::env::var_os("SWIP_WRITE_TABLES").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == table, "{TABLE} is out of date; SWIP_WRITE_TABLES=1 writes it again");
    against_the_schemas(&bodies);
}

/// Schema of a root; `None` is what `schemas/README.md` says the archive does not cover.
fn schema(root: &str, body: &str) -> Option<&'static str> {
    match root {
        "net" => Some("NetPayload"),
        "customer" => Some("CustomerPayload"),
        "org" => Some("OrgPayload"),
        "poc" => Some("PocPayload"),
        "phone" => Some("PhonePayload"),
        "ticket" => Some("TicketPayload"),
        "message" => Some("MessagePayload"),
        "delegation" => Some("DelegationPayload"),
        "error" => Some("ErrorPayload"),
        "ticketedRequest" => Some("TicketedRequestPayload"),
        // A list of nets is not in the archive.
        "collection" if body.contains("<net>") => None,
        "collection" => Some("PayloadList"),
        other => panic!("no schema of <{other}>"),
    }
}

/// Every answer is valid, but for `acceptReassignments`, which is newer than the archive.
fn against_the_schemas(bodies: &BTreeMap<String, Vec<Vec<u8>>>) {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/schemas/rng");
    if !schemas.is_dir() || Command::new("xmllint").arg("--version").output().is_err() {
        println!("skipped: ARIN's schemas or xmllint are not on this machine");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut files: BTreeMap<&str, Vec<std::path::PathBuf>> = BTreeMap::new();
    for (number, (root, body)) in
        bodies.iter().flat_map(|(root, all)| all.iter().map(move |body| (root, body))).enumerate()
    {
        let text = String::from_utf8(body.clone()).unwrap();
        let text = ["true", "false"].iter().fold(text, |text, value| {
            text.replace(&format!("<acceptReassignments>{value}</acceptReassignments>"), "")
        });
        let Some(schema) = schema(root, &text) else { continue };
        let file = directory.path().join(format!("{number}-{root}.xml"));
        std::fs::write(&file, text).unwrap();
        files.entry(schema).or_default().push(file);
    }
    assert!(files.len() >= 10, "{:?}", files.keys());
    for (schema, files) in files {
        let schema = schemas.join(format!("{schema}.rng"));
        let output = Command::new("xmllint")
            .args(["--nonet", "--noout", "--relaxng"])
            .arg(schema)
            .args(files)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

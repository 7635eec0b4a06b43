//! The registry as a client meets it, one request at a time.

mod conformance;
mod faults;
mod robust;
mod worlds;

use super::request::Asked;
use super::service::{Answered, Service};
use super::*;

fn parent(handle: &str, block: &str) -> Parent {
    Parent {
        net_handle: handle.parse().unwrap(),
        block: block.parse().unwrap(),
        kind: crate::domain::NetType::DirectAllocation,
        active: true,
        org: None,
        managed: true,
    }
}

fn service(profile: Profile) -> Service {
    let mut world = World::default();
    let parents =
        [parent("NET-10-0-0-0-1", "10.0.0.0/8"), parent("NET6-2001-DB8-1", "2001:db8::/32")];
    let orgs = ["MAPLE-7".parse().unwrap()];
    seed::changes(&world, &parents, &orgs, &[]).into_iter().for_each(|change| world.apply(change));
    Service::new(world, None, Behaviour { profile, ..Behaviour::default() })
}

fn ask(service: &Service, method: &str, path: &str, body: &str) -> Answered {
    asked(service, method, path, "", body)
}

fn asked(service: &Service, method: &str, path: &str, query: &str, body: &str) -> Answered {
    service.answer(&request(method, path, query, body))
}

fn request(method: &str, path: &str, query: &str, body: &str) -> Asked {
    Asked {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        authorization: Some(format!("ApiKey {KEY}")),
        content_type: Some("application/xml".to_owned()),
        accept: Some("*/*".to_owned()),
        body: body.as_bytes().to_vec(),
    }
}

fn net(inner: &str, start: &str, length: u8) -> String {
    format!(
        "<net xmlns=\"{}\"><netName>Acme Inc</netName><netBlocks><netBlock><startAddress>{start}</startAddress><cidrLength>{length}</cidrLength></netBlock></netBlocks>{inner}</net>",
        xml::CORE
    )
}

const CUSTOMER: &str = "<customer><customerName>A &amp; B</customerName><iso3166-1><code2>US</code2></iso3166-1><streetAddress><line number=\"1\">1 Main St</line></streetAddress><city>Reston</city><iso3166-2>VA</iso3166-2><postalCode>20190</postalCode></customer>";

#[test]
fn a_reassignment_is_answered_as_the_real_service_does() {
    let service = service(Profile::Current);
    let put = "/rest/net/NET-10-0-0-0-1/reassign";
    let done = ask(&service, "PUT", put, &net(CUSTOMER, "10.1.2.8", 29));
    assert_eq!(done.status, 200, "{}", done.text());
    for part in [
        "<startAddress>010.001.002.008</startAddress>",
        "<endAddress>010.001.002.015</endAddress>",
        "<netName>ACME-INC</netName>",
        "<handle>NET-10-1-2-8-1</handle>",
        "<customerHandle>C10000001</customerHandle>",
        "<originASes/>",
    ] {
        assert!(done.text().contains(part), "{part} in {}", done.text());
    }
    let again = ask(&service, "PUT", put, &net(CUSTOMER, "10.1.2.12", 30));
    assert_eq!((again.status, again.committed), (400, false));
    assert!(again.text().contains("IP range overlaps with existing network(s)."));
    let found = ask(&service, "GET", "/rest/net/netsByIpRange/10.1.2.8/10.1.2.15", "");
    assert!(found.text().contains("NET-10-1-2-8-1"));
    assert_eq!(
        ask(&service, "GET", "/rest/net/mostSpecificNet/10.1.2.8/10.1.2.11", "").status,
        404
    );
    assert_eq!(ask(&service, "DELETE", "/rest/customer/C10000001", "").status, 409);
    assert_eq!(ask(&service, "DELETE", "/rest/net/NET-10-1-2-8-1", "").status, 200);
    assert_eq!(ask(&service, "DELETE", "/rest/customer/C10000001", "").status, 200);
}

#[test]
fn each_rule_refuses_with_its_status_and_code() {
    let service = service(Profile::Current);
    let reassign = "/rest/net/NET-10-0-0-0-1/reassign";
    let org = "<orgHandle>MAPLE-7</orgHandle>";
    let cases = [
        (reassign, net(org, "11.0.0.0", 24), 409, "E_BAD_REQUEST"),
        (reassign, net("", "10.0.0.0", 24), 400, "E_ENTITY_VALIDATION"),
        (
            reassign,
            net("<orgHandle>NONE-1</orgHandle>", "10.0.0.0", 24),
            400,
            "E_ENTITY_VALIDATION",
        ),
        (
            reassign,
            net("<customerHandle>C1</customerHandle>", "10.0.0.0", 24),
            400,
            "E_ENTITY_VALIDATION",
        ),
        (reassign, net(&format!("{org}{CUSTOMER}"), "10.0.0.0", 24), 400, "E_SCHEMA_VALIDATION"),
        (reassign, net(&format!("{org}<surprise/>"), "10.0.0.0", 24), 400, "E_SCHEMA_VALIDATION"),
        (reassign, net(&format!("{org}<version/>"), "10.0.0.0", 24), 400, "E_SCHEMA_VALIDATION"),
        (reassign, net(org, "10.0.0.1", 24), 400, "E_ENTITY_VALIDATION"),
        (
            reassign,
            "<org xmlns=\"http://www.arin.net/regrws/core/v1\"/>".to_owned(),
            400,
            "E_SCHEMA_VALIDATION",
        ),
        (
            "/rest/net/NET6-2001-DB8-1/reassign",
            net(org, "2001:db8::", 65),
            400,
            "E_ENTITY_VALIDATION",
        ),
        ("/rest/net/NET-9/reassign", net(org, "10.0.0.0", 24), 404, "E_OBJECT_NOT_FOUND"),
        (
            "/rest/net/NET-10-0-0-0-1/reallocate",
            net(CUSTOMER, "10.0.0.0", 24),
            400,
            "E_ENTITY_VALIDATION",
        ),
        ("/rest/nothing", String::new(), 405, "E_METHOD_NOT_ALLOWED"),
    ];
    for (path, body, status, code) in cases {
        let answered = ask(&service, "PUT", path, &body);
        assert_eq!(answered.status, status, "{body} {}", answered.text());
        assert!(answered.text().contains(code), "{body} {}", answered.text());
    }
}

#[test]
fn keys_and_media_types_are_checked() {
    let service = service(Profile::Current);
    let asked = Asked {
        method: "GET".to_owned(),
        path: "/rest/net/NET-10-0-0-0-1".to_owned(),
        ..Asked::default()
    };
    let status = |asked: Asked| service.answer(&asked).status;
    assert_eq!(status(asked.clone()), 400);
    let keyed = Asked { query: format!("apikey={KEY}"), ..asked };
    assert_eq!(status(keyed.clone()), 200, "a GET has no body");
    assert_eq!(status(Asked { method: "PUT".to_owned(), ..keyed.clone() }), 415);
    let typed = Asked { content_type: Some("application/xml".to_owned()), ..keyed };
    assert_eq!(status(typed.clone()), 200);
    assert_eq!(status(Asked { accept: Some("text/html".to_owned()), ..typed }), 406);
}

#[test]
fn the_classic_profile_opens_tickets_that_close() {
    let service = service(Profile::Classic);
    let asked =
        ask(&service, "PUT", "/rest/net/NET-10-0-0-0-1/reassign", &net(CUSTOMER, "10.16.0.0", 20));
    assert!(asked.text().contains("<ticket>"), "{}", asked.text());
    let number =
        asked.text().split("<ticketNo>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let path = format!("/rest/ticket/{number}/summary");
    assert!(ask(&service, "GET", &path, "").text().contains("PENDING_REVIEW"));
    assert!(ask(&service, "GET", &path, "").text().contains("<webTicketResolution>PROCESSED"));
    assert_eq!(
        ask(&service, "GET", "/rest/net/mostSpecificNet/10.16.0.0/10.16.15.255", "").status,
        200
    );
}

#[test]
fn the_world_outlives_its_process_and_a_torn_line() {
    let directory = tempfile::tempdir().unwrap();
    let paths = StorePaths {
        log: directory.path().join("log"),
        snapshot: directory.path().join("json"),
        ledger: directory.path().join("ledger"),
    };
    let (mut store, mut world) = Store::open(paths.clone()).unwrap();
    let changes = seed::changes(&world, &[parent("NET-10-0-0-0-1", "10.0.0.0/8")], &[], &[]);
    store.append(&changes).unwrap();
    changes.into_iter().for_each(|change| world.apply(change));
    let service = Service::new(world, Some(store), Behaviour::default());
    assert_eq!(
        ask(&service, "PUT", "/rest/net/NET-10-0-0-0-1/reassign", &net(CUSTOMER, "10.1.2.8", 29))
            .status,
        200
    );
    let id = service.world(|world| world.id.clone());
    drop(service);
    let mut log = std::fs::OpenOptions::new().append(true).open(&paths.log).unwrap();
    std::io::Write::write_all(&mut log, b"{\"net\":{\"han").unwrap();
    let (mut store, world) = Store::open(paths.clone()).unwrap();
    assert_eq!((world.id.clone(), world.nets.len(), world.customers.len()), (id, 2, 1));
    store.snapshot(&world).unwrap();
    drop(store);
    let (_, again) = Store::open(paths).unwrap();
    assert_eq!(again.changes().collect::<Vec<_>>(), world.changes().collect::<Vec<_>>());
}

//! Worlds from state files, several keys, tickets over time, and what the public sees.

use std::time::Duration;

use super::{ask, net};
use crate::practice::service::Service;
use crate::practice::world::World;
use crate::practice::{Behaviour, KEY, RdapPolicy, TicketPolicy, seed, state};

const SAMPLES: [&str; 2] = ["small-isp", "years-of-dirt"];

fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/samples/practice/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

fn service(name: &str, behaviour: Behaviour) -> Service {
    let mut world = World::default();
    state::read(&sample(name)).unwrap().into_iter().for_each(|change| world.apply(change));
    let missing = seed::changes(&world, &[], &[], &[]);
    missing.into_iter().for_each(|change| world.apply(change));
    Service::new(world, None, behaviour)
}

fn json(service: &Service, path: &str) -> (u16, serde_json::Value) {
    let asked = crate::practice::request::Asked {
        method: "GET".to_owned(),
        path: path.to_owned(),
        ..Default::default()
    };
    let answered = service.about(&asked).unwrap();
    (answered.status, serde_json::from_slice(&answered.body).unwrap())
}

#[test]
fn the_sample_worlds_hold_together() {
    for name in SAMPLES {
        let service = service(name, Behaviour::default());
        let (status, world) = json(&service, "/_practice/world");
        assert_eq!(status, 200);
        for list in ["orgs", "pocs", "nets", "customers", "delegations", "tickets", "keys"] {
            assert!(world[list].is_array(), "{list} of {name}");
        }
        service.world(|world| {
            for net in world.nets.values() {
                let parent = net.parent_net_handle.as_ref();
                assert!(parent.is_none_or(|parent| world.nets.contains_key(parent)), "{net:?}");
                let customer = net.customer_handle.as_ref();
                assert!(customer.is_none_or(|c| world.customers.contains_key(c)), "{net:?}");
                let org = net.org_handle.as_ref();
                assert!(org.is_none_or(|org| world.orgs.contains_key(org)), "{net:?}");
            }
        });
    }
}

#[test]
fn rdap_tells_children_parents_and_when_it_left_some_out() {
    let rdap = RdapPolicy { limit: 3, ..RdapPolicy::default() };
    let service = service("years-of-dirt", Behaviour { rdap, ..Behaviour::default() });
    let top = service.world(|world| {
        world.nets.values().find(|net| world.children(&net.handle).count() > 3).cloned().unwrap()
    });
    let (status, found) = json(&service, &format!("/rdap/ip/{}", top.range));
    assert_eq!((status, found["handle"].as_str()), (200, Some(top.handle.as_str())));
    let (status, down) = json(&service, &format!("/rdap/ips/rirSearch1/rdap-down/{}", top.range));
    assert_eq!((status, down["ipSearchResults"].as_array().unwrap().len()), (200, 3));
    assert!(down["notices"][1]["type"].as_str().unwrap().contains("truncated"), "{down}");
    let child = down["ipSearchResults"][0]["startAddress"].as_str().unwrap();
    let (_, up) = json(&service, &format!("/rdap/ips/rirSearch1/rdap-up/{child}"));
    assert_eq!(up["ipSearchResults"].as_array().unwrap().len(), 1);
    let (status, none) = json(&service, "/rdap/ip/9.9.9.9");
    assert_eq!((status, &none["errorCode"]), (404, &404.into()));
    let (status, none) = json(&service, "/rdap/ips/rirSearch1/rdap-down/9.9.9.0/24");
    assert_eq!((status, none["ipSearchResults"].as_array().unwrap().len()), (404, 0));
}

#[test]
fn rdap_lags_behind() {
    let lag = Duration::from_millis(40);
    let rdap = RdapPolicy { lag, ..RdapPolicy::default() };
    let service = service("small-isp", Behaviour { rdap, ..Behaviour::default() });
    let body = net("<orgHandle>BIRCH-3</orgHandle>", "198.51.100.192", 29);
    let path = "/rest/net/NET-198-51-100-0-1/reassign";
    let answered = ask(&service, "PUT", path, &body);
    assert_eq!(answered.status, 200, "{}", answered.text());
    let handle =
        |service: &Service| json(service, "/rdap/ip/198.51.100.192/29").1["handle"].clone();
    assert_eq!(handle(&service), "NET-198-51-100-0-1");
    std::thread::sleep(lag * 2);
    assert_eq!(handle(&service), "NET-198-51-100-192-1");
}

#[test]
fn each_key_has_authority_over_its_own() {
    let service = service("small-isp", Behaviour::default());
    let keys = service.world(|world| world.keys.keys().cloned().collect::<Vec<_>>());
    assert_eq!(keys.len(), 3, "{keys:?}");
    let statuses: Vec<u16> = keys
        .iter()
        .map(|key| {
            let mut asked = super::request("GET", "/rest/net/NET-203-0-113-0-1", "", "");
            asked.authorization = Some(format!("ApiKey {key}"));
            service.answer(&asked).status
        })
        .collect();
    // The provider's, the downstream's, and one that was deactivated.
    assert_eq!(statuses, [200, 200, 400]);
    let foreign =
        service.world(|world| world.keys.values().find(|k| k.key != KEY).cloned().unwrap());
    let mut asked = super::request(
        "PUT",
        "/rest/net/NET-198-51-100-0-1/reassign",
        "",
        "<net xmlns=\"http://www.arin.net/regrws/core/v1\"/>",
    );
    asked.authorization = Some(format!("ApiKey {}", foreign.key));
    assert_eq!(service.answer(&asked).status, 403);
}

#[test]
fn a_net_with_children_goes_by_ticket_unless_it_is_denied() {
    for (denied, stays, resolution) in [(0.0, false, "PROCESSED"), (100.0, true, "DENIED")] {
        let tickets =
            TicketPolicy { after: Some(Duration::ZERO), denied, ..TicketPolicy::default() };
        let service = service("small-isp", Behaviour { tickets, ..Behaviour::default() });
        let answered = ask(&service, "DELETE", "/rest/net/NET-203-0-113-0-1", "");
        assert!(answered.text().contains("NET_DELETE_REQUEST"), "{}", answered.text());
        let number = answered.ticket.unwrap();
        let ticket = ask(&service, "GET", &format!("/rest/ticket/{number}/summary"), "");
        assert!(ticket.text().contains(resolution), "{}", ticket.text());
        for net in ["NET-203-0-113-0-1", "NET-203-0-113-0-2"] {
            assert_eq!(service.world(|world| world.nets.contains_key(net)), stays);
        }
    }
}

#[test]
fn a_state_file_with_a_handle_twice_is_refused() {
    let net = r#"{"handle":"NET-1","netName":"N","type":"DA","range":"10.0.0.0/8"}"#;
    let text = format!(r#"{{"nets":[{net},{net}]}}"#);
    let told = state::read(text.as_bytes()).unwrap_err().to_string();
    assert!(told.contains("`NET-1` stands twice"), "{told}");
}

#[test]
fn a_reassignment_report_lists_what_lies_below() {
    use base64::Engine;
    let service = service("years-of-dirt", Behaviour::default());
    let (top, below) = service.world(|world| {
        let top = world.nets.values().max_by_key(|n| world.descendants(&n.handle).len()).unwrap();
        (top.handle.clone(), world.descendants(&top.handle).len())
    });
    let opened = ask(&service, "GET", &format!("/rest/report/reassignment/{top}"), "");
    let number = opened.ticket.unwrap();
    for _ in 0..2 {
        ask(&service, "GET", &format!("/rest/ticket/{number}/summary"), "");
    }
    let attachment =
        service.world(|world| world.tickets[&number].messages[0].attachments[0].clone());
    let got = ask(
        &service,
        "GET",
        &format!("/rest/ticket/{number}/message/1/attachment/{}", attachment.id),
        "",
    );
    assert_eq!(
        got.disposition.unwrap(),
        format!("attachment; filename=\"reassignments-{top}.csv\"")
    );
    assert_eq!(base64::engine::general_purpose::STANDARD.encode(&got.body), attachment.data);
    let text = String::from_utf8(got.body).unwrap();
    assert_eq!(text.lines().count(), below + 1);
}

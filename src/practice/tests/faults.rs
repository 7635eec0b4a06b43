//! Faults as a client meets them on the socket, and what the registry did all the same.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{CUSTOMER, net, parent};
use crate::practice::faults::Desk;
use crate::practice::request::Asked;
use crate::practice::{
    Behaviour, EmbeddedCustomer, Fault, FaultRule, Faults, KEY, Phase, Practice, PracticeOptions,
    RateLimit, start,
};

const REASSIGN: &str = "/rest/net/NET-10-0-0-0-1/reassign";

async fn practice(behaviour: Behaviour) -> Practice {
    let parents = vec![parent("NET-10-0-0-0-1", "10.0.0.0/8")];
    start(PracticeOptions { parents, behaviour, ..PracticeOptions::default() }).await.unwrap()
}

/// Sends a request and reads until the connection ends.
async fn send(
    practice: &Practice,
    method: &str,
    path: &str,
    body: &str,
) -> (Vec<u8>, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(practice.address).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ApiKey {KEY}\r\n\
         Content-Type: application/xml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).await.unwrap();
    let mut got = Vec::new();
    let ended = stream.read_to_end(&mut got).await.err().map(|fault| fault.kind());
    (got, ended)
}

async fn get(practice: &Practice, path: &str) -> String {
    let (got, _) = send(practice, "GET", path, "").await;
    String::from_utf8_lossy(&got).into_owned()
}

/// The last line of the ledger about a method.
async fn noted(practice: &Practice, method: &str) -> serde_json::Value {
    let text = get(practice, "/_practice/ledger").await;
    let about = format!("\"method\":\"{method}\"");
    serde_json::from_str(text.lines().rfind(|line| line.contains(&about)).unwrap()).unwrap()
}

/// What a client sees of a fault.
fn as_named(fault: Fault, got: &[u8], ended: Option<ErrorKind>) {
    let text = String::from_utf8_lossy(got).into_owned();
    let status = text.get(9..12).unwrap_or_default().to_owned();
    let has = |part: &str| assert!(text.contains(part), "{fault:?}: {part} in {text}");
    match fault {
        Fault::DropBefore | Fault::DropAfter | Fault::LateCommit => {
            assert_eq!((got.len(), ended), (0, None), "{fault:?}");
        }
        Fault::ResetBefore | Fault::ResetAfter => {
            assert_eq!((got.len(), ended), (0, Some(ErrorKind::ConnectionReset)), "{fault:?}");
        }
        Fault::Truncated => {
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let length = head.split("content-length: ").nth(1).unwrap();
            let length: usize = length.split('\r').next().unwrap().parse().unwrap();
            assert!(!body.is_empty() && body.len() < length, "{text}");
        }
        Fault::ChunkCut => {
            has("transfer-encoding: chunked");
            assert!(!text.ends_with("0\r\n\r\n"), "{text}");
        }
        Fault::TooMany => {
            has("E_TOO_MANY_REQUESTS");
            assert!(!text.contains("retry-after"), "{text}");
        }
        Fault::TooManySeconds => has("retry-after: 1\r\n"),
        Fault::TooManyDate => has(" GMT\r\n"),
        Fault::Error500Before | Fault::Error500After => has("E_UNSPECIFIED"),
        Fault::Error502Before | Fault::Error502After => assert_eq!(status, "502"),
        Fault::Error503Before | Fault::Error503After => assert_eq!(status, "503"),
        Fault::Outage => has("E_OUTAGE"),
        Fault::Html => has("<!DOCTYPE html>"),
        Fault::WrongRoot => has("<asn "),
        Fault::WrongNet => has("NET-192-0-2-0-1"),
        Fault::TicketOnly => has("<ticketNo>"),
        Fault::Neither => assert!(status == "200" && !text.contains("netName"), "{text}"),
        Fault::Redirect => has("location: http://127.0.0.2/rest"),
        Fault::Huge => assert!(got.len() > 200 << 20),
        Fault::EntityBomb => has("&e9;"),
        Fault::Gzip => has("content-encoding: gzip"),
        Fault::Foreign => has("urn:example:extension"),
        Fault::Prefixes => has("<r:netName>"),
        Fault::Slow | Fault::Shuffled => has("netName>"),
        Fault::DroppedFields => assert!(!text.contains("kept?"), "{text}"),
    }
}

#[tokio::test]
async fn each_fault_does_on_the_wire_what_its_name_says() {
    for fault in Fault::ALL {
        let rule = FaultRule {
            delay: Some(Duration::from_millis(60)),
            ..FaultRule::nth("PUT", "reassign", *fault, 1)
        };
        let faults = Faults::Rules(vec![rule]);
        let practice = practice(Behaviour { faults, ..Behaviour::default() }).await;
        let inner = format!("<comment><line number=\"0\">kept?</line></comment>{CUSTOMER}");
        let body = net(&inner, "10.1.2.8", 29);
        let (got, ended) = send(&practice, "PUT", REASSIGN, &body).await;
        as_named(*fault, &got, ended);
        let find = "/rest/net/mostSpecificNet/10.1.2.8/10.1.2.15";
        if fault.phase() == Phase::Late {
            assert!(get(&practice, find).await.contains(" 404 "), "{fault:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let line = noted(&practice, "PUT").await;
        assert_eq!(line["fault"], fault.name());
        assert_eq!(line["committed"], fault.phase() != Phase::Before, "{fault:?}");
        let found = get(&practice, find).await.contains(" 200 ");
        let expected = fault.phase() != Phase::Before && *fault != Fault::TicketOnly;
        assert_eq!(found, expected, "{fault:?}");
    }
}

#[test]
fn the_same_seed_gives_each_request_the_same_fault_whatever_the_order() {
    let asked = |n: usize| Asked {
        method: "PUT".to_owned(),
        path: REASSIGN.to_owned(),
        body: n.to_string().into_bytes(),
        ..Asked::default()
    };
    let draw = |seed, order: Vec<usize>| {
        let mut desk = Desk::new(seed, FaultRule::some());
        let mut drawn: Vec<(usize, Option<Fault>)> =
            order.into_iter().map(|n| (n, desk.draw(&asked(n)).map(|(fault, _)| fault))).collect();
        drawn.sort_by_key(|(n, _)| *n);
        drawn
    };
    let forward = draw(7, (0..1000).collect());
    assert_eq!(forward, draw(7, (0..1000).rev().collect()));
    assert_ne!(forward, draw(8, (0..1000).collect()));
    let struck = forward.iter().filter(|(_, fault)| fault.is_some()).count();
    assert!((300..600).contains(&struck), "{struck} of 1000");
    // Asked again, a request draws again.
    let twice = draw(7, (0..1000).chain(0..1000).collect());
    assert_ne!(
        twice.iter().step_by(2).collect::<Vec<_>>(),
        twice.iter().skip(1).step_by(2).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn rules_are_put_in_force_over_http() {
    let practice = practice(Behaviour::default()).await;
    let rules = r#"[{"method":"GET","path":"/rest/net/*","fault":"outage","every":2}]"#;
    let (got, _) = send(&practice, "POST", "/_practice/faults", rules).await;
    assert!(String::from_utf8_lossy(&got).contains("\"outage\""));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(get(&practice, "/rest/net/NET-10-0-0-0-1").await[9..12].to_owned());
    }
    assert_eq!(statuses, ["200", "503", "200", "503"]);
    let (got, _) = send(&practice, "POST", "/_practice/faults", r#"[{"fault":"flood"}]"#).await;
    let got = String::from_utf8_lossy(&got).into_owned();
    assert!(got.contains(" 400 ") && got.contains("there are: drop-before-commit"), "{got}");
    let (_, _) = send(&practice, "POST", "/_practice/faults", "[]").await;
    assert!(get(&practice, "/rest/net/NET-10-0-0-0-1").await.contains(" 200 "));
}

#[tokio::test]
async fn above_its_rate_the_registry_says_when_to_come_back() {
    let rate = RateLimit { count: 2.try_into().unwrap(), window: Duration::from_secs(60) };
    let practice = practice(Behaviour { rate: Some(rate), ..Behaviour::default() }).await;
    for expected in [" 200 ", " 200 ", " 429 "] {
        let got = get(&practice, "/rest/net/NET-10-0-0-0-1").await;
        assert!(got.contains(expected), "{got}");
    }
    let got = get(&practice, "/rest/net/NET-10-0-0-0-1").await;
    assert!(got.contains("retry-after: 6"), "{got}");
    assert_eq!(noted(&practice, "GET").await["fault"], "rate");
}

#[tokio::test]
async fn an_embedded_customer_may_outlive_its_net_s_refusal() {
    let embedded_customer = EmbeddedCustomer::Separate;
    let faults = Faults::Rules(vec![FaultRule::nth("PUT", "reassign", Fault::Error500Before, 3)]);
    let behaviour = Behaviour { embedded_customer, faults, ..Behaviour::default() };
    let practice = practice(behaviour).await;
    for (block, status, customers) in
        [("10.1.2.8", 200, 1), ("10.1.2.8", 400, 2), ("10.1.3.0", 500, 3)]
    {
        send(&practice, "PUT", REASSIGN, &net(CUSTOMER, block, 29)).await;
        let line = noted(&practice, "PUT").await;
        assert_eq!((line["status"].as_u64(), &line["committed"]), (Some(status), &true.into()));
        assert!(line["customer_handle"].is_string(), "{line}");
        let world = practice.service.world(|world| (world.customers.len(), world.nets.len()));
        assert_eq!(world, (customers, 2));
    }
}

#[tokio::test]
async fn a_stopped_registry_takes_nothing_any_more() {
    let practice = practice(Behaviour::default()).await;
    let mut kept = TcpStream::connect(practice.address).await.unwrap();
    let request = format!(
        "GET /rest/net/NET-10-0-0-0-1?apikey={KEY} HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\n\r\n"
    );
    kept.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    kept.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    practice.stop().unwrap();
    kept.write_all(request.as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    kept.read_to_end(&mut rest).await.unwrap();
    assert!(!rest.windows(4).any(|window| window == b"HTTP"), "a second answer came");
}

//! Nothing a client or a file can hold makes the registry fall over.
//!
//! Each target runs a bounded number of times on stable Rust; `PROPTEST_CASES` runs it longer.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{CUSTOMER, Profile, net, parent, service};
use crate::practice::request::Asked;
use crate::practice::world::World;
use crate::practice::xml::{parse, schema};
use crate::practice::{FaultRule, KEY, Practice, PracticeOptions, http, start, state};

/// Words that lead somewhere, to be put together at random.
const WORDS: [&str; 40] = [
    "net",
    "customer",
    "org",
    "poc",
    "delegation",
    "ticket",
    "report",
    "reassign",
    "reallocate",
    "remove",
    "delegations",
    "parentNet",
    "mostSpecificNet",
    "netsByIpRange",
    "10.0.0.0",
    "10.255.255.255",
    "::",
    "2001:db8::",
    "NET-10-0-0-0-1",
    "NET6-2001-DB8-1",
    "EXAMPLE-1",
    "ADMIN-EXAMPLE-1",
    "MAPLE-7",
    "phone",
    "email",
    "nameserver",
    "nameservers",
    "summary",
    "message",
    "attachment",
    "ticketStatus",
    "CLOSED",
    "associations",
    "reassignment",
    "whoWas",
    "asn",
    "10.in-addr.arpa",
    "4294967296",
    "-1",
    "",
];

fn path() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned),
        1 => "[;=%?/a-zA-Z0-9.é-]{0,12}",
    ];
    let parameter = prop_oneof![
        Just(String::new()),
        "(;(type|pocFunction|makeLink|ticketType)=[A-Za-z]{0,4}){0,2}"
    ];
    (prop::collection::vec(word, 1..6), parameter)
        .prop_map(|(words, parameter)| format!("/rest/{}{parameter}", words.join("/")))
}

/// A body that nearly makes sense: a good one with a piece taken out, doubled or replaced.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let sound = net(CUSTOMER, "10.1.2.8", 29).into_bytes();
    let mutated = (0..sound.len(), 0..60_usize, prop::collection::vec(any::<u8>(), 0..20))
        .prop_map(move |(at, length, put)| {
            let mut bytes = sound.clone();
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, put);
            bytes
        });
    let elements = prop::collection::vec(
        prop::sample::select(
            &[
                "<net xmlns=\"http://www.arin.net/regrws/core/v1\">",
                "<netBlocks>",
                "<netBlock>",
                "<a:b xmlns:a=\"u\"/>",
                "</net>",
                "</netBlocks>",
                "<![CDATA[]]>",
                "&#x10;",
                "&amp;",
                "<line number=\"99999999999999999999\"/>",
                "<cidrLength>999</cidrLength>",
                "<!DOCTYPE x>",
                "<?pi?>",
                "text",
            ][..],
        ),
        0..30,
    )
    .prop_map(|parts| parts.concat().into_bytes());
    prop_oneof![mutated, elements, prop::collection::vec(any::<u8>(), 0..300)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_request_makes_it_fall_over(
        method in prop::sample::select(&["GET", "PUT", "POST", "DELETE", "BREW"][..]),
        path in path(),
        query in "(msgRefs|ttl|apikey|type)?=?[a-z0-9%]{0,6}",
        body in body(),
        classic in any::<bool>(),
    ) {
        let service = service(if classic { Profile::Classic } else { Profile::Current });
        let asked = Asked {
            method: method.to_owned(),
            path,
            query,
            authorization: Some(format!("ApiKey {KEY}")),
            content_type: Some("application/xml".to_owned()),
            accept: None,
            body,
        };
        let answered = service.answer(&asked);
        prop_assert!(answered.status < 500, "{} {}", answered.status, answered.text());
        prop_assert!(answered.content_type != "application/xml" || parse(&answered.body).is_ok());
    }

    #[test]
    fn no_document_makes_the_schema_fall_over(body in body()) {
        if let Ok(root) = parse(&body) {
            for payload in ["net", "org", "poc", "customer", "ticket", "message", "delegation", "phone", "x"] {
                let _ = schema::check(&root, payload);
            }
        }
    }

    #[test]
    fn no_file_makes_it_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}:,\"a-z0-9 -]{0,200}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let _ = state::read(bytes);
            let _ = serde_json::from_slice::<Vec<FaultRule>>(bytes);
        }
    }
}

async fn practice() -> Practice {
    let parents = vec![parent("NET-10-0-0-0-1", "10.0.0.0/8")];
    start(PracticeOptions { parents, ..PracticeOptions::default() }).await.unwrap()
}

/// What comes back on a connection that sends these bytes.
async fn talk(practice: &Practice, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(practice.address).await.unwrap();
    // A server that has seen enough may close before all is written.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut got = Vec::new();
    let _ = stream.read_to_end(&mut got).await;
    String::from_utf8_lossy(&got).into_owned()
}

fn get() -> Vec<u8> {
    format!("GET /rest/net/NET-10-0-0-0-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ApiKey {KEY}\r\nContent-Type: application/xml\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn no_bytes_on_the_socket_make_it_fall_over() {
    let practice = practice().await;
    let seeds: Vec<Vec<u8>> = vec![
        b"\r\n\r\n".to_vec(),
        b"GET".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"PUT /rest/net/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabc"
            .to_vec(),
        b"PUT /rest/net/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        [b"GET /", vec![b'a'; 100_000].as_slice(), b" HTTP/1.1\r\n\r\n"].concat(),
        [b"GET / HTTP/1.1\r\nX: ", vec![b'a'; 200_000].as_slice(), b"\r\n\r\n"].concat(),
        [b"GET / HTTP/1.1\r\n", b"X: y\r\n".repeat(5_000).as_slice(), b"\r\n"].concat(),
        (0..=255).collect(),
    ];
    for bytes in &seeds {
        talk(&practice, bytes).await;
    }
    let mut random = proptest::test_runner::TestRunner::deterministic();
    let strategy = (0..get().len(), prop::collection::vec(any::<u8>(), 0..12));
    for _ in 0..200 {
        let (at, put) = strategy.new_tree(&mut random).unwrap().current();
        let mut bytes = get();
        bytes.splice(at..at, put);
        talk(&practice, &bytes).await;
    }
    assert!(talk(&practice, &get()).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn what_a_client_may_send_is_capped() {
    let practice = practice().await;
    let many = [b"GET / HTTP/1.1\r\n", b"X: y\r\n".repeat(100).as_slice(), b"\r\n"].concat();
    assert!(talk(&practice, &many).await.starts_with("HTTP/1.1 431"));
    let long = [b"GET /", vec![b'a'; 100_000].as_slice(), b" HTTP/1.1\r\n\r\n"].concat();
    let got = talk(&practice, &long).await;
    assert!(got.is_empty() || got.starts_with("HTTP/1.1 4"), "{got}");
    let length = http::BODY_MAX_BYTES + 1;
    let mut large = format!("PUT /rest/net/NET-10-0-0-0-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    large.resize(large.len() + length, b'x');
    let got = talk(&practice, &large).await;
    assert!(got.is_empty() || got.starts_with("HTTP/1.1 413"), "{got}");
    let ledger = b"GET /_practice/ledger HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let ledger = talk(&practice, ledger).await;
    assert!(ledger.contains("\"status\":413"), "{ledger}");
    assert!(talk(&practice, &get()).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn five_hundred_connections_are_served_together() {
    let practice = practice().await;
    let mut open = Vec::new();
    for _ in 0..500 {
        open.push(TcpStream::connect(practice.address).await.unwrap());
    }
    for stream in &mut open {
        stream.write_all(&get()).await.unwrap();
    }
    for stream in &mut open {
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200");
    }
}

#[tokio::test]
async fn other_addresses_than_loopback_are_refused() {
    for listen in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let options =
            PracticeOptions { listen: listen.parse().unwrap(), ..PracticeOptions::default() };
        assert!(start(options).await.is_err(), "{listen}");
    }
}

#[test]
fn a_world_of_many_nets_is_written_and_read_back_whole() {
    let mut world = World::default();
    super::seed::changes(&world.clone(), &[parent("NET-10-0-0-0-1", "10.0.0.0/8")], &[], &[])
        .into_iter()
        .for_each(|change| world.apply(change));
    let mut text = Vec::new();
    state::write(&world, &mut text).unwrap();
    let mut again = World::default();
    state::read(&text).unwrap().into_iter().for_each(|change| again.apply(change));
    assert_eq!(again.changes().collect::<Vec<_>>(), world.changes().collect::<Vec<_>>());
}

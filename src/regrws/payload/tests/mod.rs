//! Laws of the payloads: what is written is valid by ARIN's schemas and reads back unchanged;
//! every body at hand, from the wire or from documents, is read.

mod draw;
mod schema;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use draw::Draw;

/// Longest list of numbers a payload is drawn from.
const NUMBERS: usize = 500;
/// Kinds of payloads that are sent.
const KINDS: usize = 8;
/// Payloads that are checked by the schemas.
const CHECKED: usize = 400;

/// A document, and whether it reads back as the payload it was written from.
struct Written {
    root: &'static str,
    xml: String,
    same: bool,
}

fn written<P: Payload + PartialEq>(payload: &P) -> Written {
    let xml = payload.to_xml();
    let same = P::from_xml(xml.as_bytes()).is_ok_and(|read| read == *payload);
    Written { root: P::ROOT, xml, same }
}

fn draw(kind: usize, numbers: &[u32]) -> Written {
    let mut draw = Draw::new(numbers);
    match kind {
        0 => written(&draw.net()),
        1 => written(&draw.customer()),
        2 => written(&draw.org()),
        3 => written(&draw.poc()),
        4 => written(&draw.phone()),
        5 => written(&draw.message()),
        6 => written(&draw.ticket()),
        _ => written(&draw.delegation()),
    }
}

fn numbers() -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::vec(any::<u32>(), 0..NUMBERS)
}

proptest! {
    #[test]
    fn what_is_written_reads_back_unchanged(kind in 0..KINDS, numbers in numbers()) {
        let written = draw(kind, &numbers);
        prop_assert!(written.same, "{}", written.xml);
    }

    #[test]
    fn no_empty_element_is_written(kind in 0..KINDS, numbers in numbers()) {
        let xml = draw(kind, &numbers).xml;
        let document = document::read(xml.as_bytes()).unwrap();
        // What is left of an element without text and attributes is `<name></name>`.
        for (at, _) in document.xml.match_indices("></").skip(1) {
            let before = &document.xml[..at];
            let tag = &before[before.rfind('<').unwrap_or_default()..];
            prop_assert!(tag.starts_with("</") || tag.contains('='), "{tag} in {xml}");
        }
    }

    #[test]
    fn bytes_of_any_kind_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = NetPayload::from_xml(&bytes);
    }
}

/// One law in one place: what can be sent is valid by ARIN's own schemas. `acceptReassignments`
/// is newer than these and taken out.
#[test]
fn what_is_written_is_valid_by_arins_schemas() {
    let Some(directory) = schema::at_hand() else { return };
    let mut runner = TestRunner::deterministic();
    let mut documents = Vec::new();
    for at in 0..CHECKED {
        let drawn = numbers().new_tree(&mut runner).unwrap().current();
        let Written { root, xml, .. } = draw(at % KINDS, &drawn);
        documents.push((root.to_owned(), without_newer(&xml)));
    }
    let faults = schema::faults(&directory, &documents);
    let first = faults.values().next();
    assert!(faults.is_empty(), "{} of {CHECKED}, as {}", faults.len(), first.unwrap());
}

fn without_newer(xml: &str) -> String {
    ["true", "false"].iter().fold(xml.to_owned(), |xml, value| {
        xml.replace(&format!("<acceptReassignments>{value}</acceptReassignments>"), "")
    })
}

/// A document read as the payload of its root, and written again.
fn again(bytes: &[u8]) -> Result<(String, String), PayloadError> {
    AnyPayload::from_xml(bytes).map(|payload| (payload.root().to_owned(), payload.to_xml()))
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "xml"));
    files.sort();
    files
}

/// Bodies from the wire, and every example body of ARIN's payload pages as the facts have it.
#[test]
fn every_fixture_is_read_and_what_is_written_from_it_is_valid() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/regrws");
    let all = files(&fixtures);
    assert!(all.len() >= 18, "{} fixtures", all.len());
    let mut documents = Vec::new();
    for path in all {
        let (root, xml) = again(&std::fs::read(&path).unwrap())
            .unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        documents.push((root, without_newer(&xml)));
    }
    let Some(directory) = schema::at_hand() else { return };
    let faults = schema::faults(&directory, &documents);
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_valid_document_is_read_and_stays_valid() {
    let Some(directory) = schema::at_hand() else { return };
    let mut documents = Vec::new();
    for path in files(&directory.join("valid")) {
        let written = again(&std::fs::read(&path).unwrap())
            .unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        documents.push(written);
    }
    assert!(documents.len() >= 32, "{} documents", documents.len());
    let faults = schema::faults(&directory, &documents);
    assert!(faults.is_empty(), "{faults:#?}");
}

/// How a document that ARIN's schemas refuse is taken. Answers are read tolerantly, files that
/// are to be sent strictly; whatever is read is written valid, unless its fault is a code that
/// swip leaves to the registry.
#[test]
fn no_invalid_document_is_sent_on_as_it_is() {
    let Some(directory) = schema::at_hand() else { return };
    let codes = [
        "net.block-type-unknown.xml",
        "org.poc-link-unknown-function.xml",
        "net.poc-link-without-function.xml",
        "poc.contact-type-lower-case.xml",
        // References are in answers alone.
        "ticket.reference-without-id.xml",
        "message.attachment-id-blank.xml",
        "message.filename-misspelt.xml",
        // The schema lists no such collections; the service answers with nets.
        "collection.nets.xml",
        "collection.pocs.xml",
        // Each is allowed alone.
        "net.messages-and-references.xml",
        "message.attachments-and-references.xml",
        "ticketed-request.both.xml",
        "ticketed-request.empty.xml",
    ];
    let (mut documents, mut names, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for path in files(&directory.join("invalid")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match again(&std::fs::read(&path).unwrap()) {
            Err(_) => refused.push(name),
            Ok((root, xml)) => {
                documents.push((root, without_newer(&xml)));
                names.push(name);
            }
        }
    }
    for name in [
        "net.no-namespace.xml",
        "net.two-names.xml",
        "net.version-5.xml",
        "customer.private-yes.xml",
    ] {
        assert!(refused.iter().any(|r| r == name), "{name} is read");
    }
    let faults = schema::faults(&directory, &documents);
    let faulty: BTreeMap<&str, &String> =
        faults.iter().map(|(at, why)| (names[*at].as_str(), why)).collect();
    for (name, why) in faulty {
        assert!(codes.contains(&name), "{name} is written as {why}");
    }
}

#[test]
fn a_file_to_be_sent_may_not_lose_anything() {
    let customer = |inner: &str| {
        let file = format!("<customer xmlns=\"{CORE}\"><city>X</city>{inner}</customer>");
        CustomerPayload::from_request(file.as_bytes())
    };
    assert!(customer("<x:note xmlns:x=\"urn:notes\">kept by us</x:note>").is_ok());
    assert!(customer("<handle/><comment> </comment>").is_ok());
    let fault = customer("<custmerName>Acme</custmerName>").unwrap_err();
    assert_eq!(
        fault.to_string(),
        "<custmerName> is no element of <customer> and would not be sent; correct or remove it"
    );
    let fault = customer("<iso3166-1><code>US</code></iso3166-1>").unwrap_err();
    assert!(fault.to_string().starts_with("<iso3166-1/code>"), "{fault}");
}

#[test]
fn a_change_leaves_the_rest_and_clears_what_is_empty() {
    let customer = |inner: &str| format!("<customer xmlns=\"{CORE}\">{inner}</customer>");
    let now = customer(
        "<city>Reston</city><privateCustomer>true</privateCustomer><comment><line number=\"0\">&amp;</line></comment><streetAddress><line number=\"0\">1 Main St</line></streetAddress>",
    );
    let now = CustomerPayload::from_xml(now.as_bytes()).unwrap();
    let changed =
        |inner: &str| CustomerPayload::from_changes(customer(inner).as_bytes(), &now).unwrap();
    assert_eq!(changed(""), now);
    let moved = changed("<city>Herndon</city>");
    assert_eq!(moved, CustomerPayload { city: Some("Herndon".to_owned()), ..now.clone() });
    assert_eq!(changed("<comment/>"), CustomerPayload { comment: None, ..now.clone() });
}

#[test]
fn namespaces_are_matched_by_uri() {
    let ticket = |space: &str| {
        let xml = format!(
            "<q:ticket xmlns:q=\"{CORE}\" xmlns:any=\"{space}\"><any:orgHandle>EXNET-1</any:orgHandle></q:ticket>"
        );
        TicketPayload::from_xml(xml.as_bytes()).unwrap().org_handle
    };
    assert_eq!(ticket("http://www.arin.net/regrws/shared-ticket/v1").as_deref(), Some("EXNET-1"));
    for other in [CORE, "http://www.arin.net/regrws/messages/v1", "urn:other"] {
        assert_eq!(ticket(other), None, "{other}");
    }
    let xml = format!(
        "<delegation xmlns=\"{CORE}\" xmlns:m=\"http://www.arin.net/regrws/ttl/v1\"><nameservers><nameserver m:ttl=\"60\" ttl=\"7\">NS1.EXAMPLE.NET</nameserver></nameservers></delegation>"
    );
    let zone = DelegationPayload::from_xml(xml.as_bytes()).unwrap();
    assert_eq!(zone.nameservers.as_ref().unwrap().nameserver[0].ttl, Some(60));
    assert!(zone.to_xml().contains("xmlns:t=\"http://www.arin.net/regrws/ttl/v1\""));
}

#[test]
fn json_is_made_of_element_names() {
    let xml = format!(
        "<net xmlns=\"{CORE}\"><version>4</version><netBlocks><netBlock><cidrLength>29</cidrLength></netBlock></netBlocks><comment><line number=\"1\">b</line><line number=\"0\">a</line></comment><pocLinks><pocLinkRef handle=\"X\" function=\"T\"/></pocLinks></net>"
    );
    let net = NetPayload::from_xml(xml.as_bytes()).unwrap();
    assert_eq!(
        net.to_json(),
        serde_json::json!({
            "version": 4,
            "netBlocks": [{ "cidrLength": 29 }],
            "comment": ["a", "b"],
            "pocLinks": [{ "handle": "X", "function": "T" }],
        })
    );
    assert_eq!(CollectionPayload::default().to_json(), serde_json::json!([]));
}

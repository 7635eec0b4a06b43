//! `swip registry`: single calls as a person makes them, and what they say when it goes wrong.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use crate::desk::{Desk, Registry, code};

/// A call at the practice registry in the process itself.
fn call(desk: &Desk, args: &[&str]) -> (i32, String, String) {
    let output = desk.swip(&[&["registry"], args].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (code(&output), text(&output.stdout), text(&output.stderr))
}

fn json(desk: &Desk, args: &[&str]) -> Value {
    let (code, out, err) = call(desk, &[args, &["--json"]].concat());
    assert_eq!(code, 0, "{args:?}: {err}");
    serde_json::from_str(&out).unwrap()
}

fn write(desk: &Desk, name: &str, root: &str, inner: &str) {
    let text = format!("<{root} xmlns=\"http://www.arin.net/regrws/core/v1\">{inner}</{root}>");
    std::fs::write(desk.path(name), text).unwrap();
}

const ADDRESS: &str = "<iso3166-1><code2>US</code2></iso3166-1><streetAddress><line number=\"1\">1 Main St</line></streetAddress><city>Reston</city><iso3166-2>VA</iso3166-2><postalCode>20190</postalCode>";
const NET: &str = "NET-192-0-2-0-1";

/// Reassigns a /29 with a private customer; answers with the handles of net and customer.
fn reassigned(desk: &Desk) -> (String, String) {
    let inner = format!(
        "<netName>MAPLE</netName><comment><line number=\"0\">d'été</line></comment><netBlocks><netBlock><startAddress>192.0.2.8</startAddress><cidrLength>29</cidrLength></netBlock></netBlocks><customer><customerName>Maple &amp; Sons</customerName>{ADDRESS}<privateCustomer>true</privateCustomer></customer>"
    );
    write(desk, "net.xml", "net", &inner);
    let done = json(desk, &["net", "reassign", NET, "net.xml"]);
    let text = |name: &str| done["net"][name].as_str().unwrap().to_owned();
    (text("handle"), text("customerHandle"))
}

#[test]
fn a_poc_is_created_and_linked_to_an_org() {
    let desk = Desk::new();
    let inner = format!(
        "<contactType>ROLE</contactType><lastName>Night Shift</lastName><companyName>Example</companyName>{ADDRESS}<emails><email>noc@example.net</email></emails><phones><phone><number>+1-703-555-0100</number><type><code>O</code></type></phone></phones>"
    );
    write(&desk, "poc.xml", "poc", &inner);
    let poc = json(&desk, &["poc", "create", "poc.xml", "--link"]);
    let handle = poc["handle"].as_str().unwrap();
    let org = json(&desk, &["org", "add-poc", "EXAMPLE-1", handle, "--function", "noc"]);
    let linked = org["pocLinks"].as_array().unwrap().iter();
    assert_eq!(
        linked.filter(|link| link["handle"] == handle && link["function"] == "N").count(),
        1
    );
    let (code, out, _) = call(&desk, &["org", "get", "EXAMPLE-1"]);
    assert!(code == 0 && out.contains("orgName") && out.contains(handle), "{out}");
    let org = json(&desk, &["org", "remove-poc", "EXAMPLE-1", "--function", "N"]);
    assert!(!org["pocLinks"].to_string().contains(handle));
}

#[test]
fn a_net_is_renamed_and_all_else_stays() {
    let desk = Desk::new();
    let (net, customer) = reassigned(&desk);
    let before = json(&desk, &["net", "get", &net]);
    let dry = ["net", "modify", &net, "--name", "EDGE EAST", "--dry-run", "--xml"];
    let (code, sent, told) = call(&desk, &dry);
    assert!(code == 0 && told.contains(&format!("not sent: PUT /rest/net/{net}")), "{told}");
    for part in ["<netName>EDGE EAST</netName>", "<registrationDate>", &customer, "d'été"] {
        assert!(sent.contains(part), "{part} in {sent}");
    }
    assert_eq!(json(&desk, &["net", "get", &net]), before, "a dry run changes nothing");
    let after = json(&desk, &["net", "modify", &net, "--name", "EDGE EAST"]);
    let mut expected = before;
    expected["netName"] = "EDGE-EAST".into();
    assert_eq!(after, expected);
    let cleared = json(&desk, &["net", "modify", &net, "--comment", "-"]);
    assert_eq!(cleared["comment"], Value::Null);
}

#[test]
fn a_file_of_changes_leaves_the_rest_and_never_publishes_a_private_customer() {
    let desk = Desk::new();
    let (_, customer) = reassigned(&desk);
    write(&desk, "moved.xml", "customer", "<city>Herndon</city>");
    let moved = json(&desk, &["customer", "modify", &customer, "moved.xml"]);
    assert_eq!(moved["city"], "Herndon");
    assert_eq!(moved["privateCustomer"], true);
    assert_eq!(moved["customerName"], "Maple & Sons");
    write(&desk, "slip.xml", "customer", "<citty>Herndon</citty>");
    let (code, _, told) = call(&desk, &["customer", "modify", &customer, "slip.xml"]);
    assert!(code == 2 && told.contains("<citty> is no element of <customer>"), "{told}");
}

#[test]
fn a_report_is_waited_for_and_its_attachment_saved() {
    let desk = Desk::new();
    let (net, _) = reassigned(&desk);
    let report = ["report", "reassignment", NET, "--out", "report.csv"];
    let done = json(&desk, &report);
    assert_eq!(done["ticket"]["webTicketStatus"], "CLOSED");
    let saved = std::fs::read_to_string(desk.path("report.csv")).unwrap();
    assert!(saved.contains(&net), "{saved}");
    assert_eq!(done["files"][0]["bytes"], saved.len());

    let opened = json(&desk, &["report", "associations", "--wait", "0s"]);
    let number = opened["ticketNo"].as_str().unwrap();
    let ticket = json(&desk, &["ticket", "summary", number, "--wait", "30s"]);
    assert_eq!(ticket["webTicketResolution"], "PROCESSED");
    let ticket = json(&desk, &["ticket", "get", number, "--refs"]);
    let message = &ticket["messageReferences"][0];
    let (id, file) = (message["messageId"].to_string(), &message["attachmentReferences"][0]);
    let file = file["attachmentId"].as_str().unwrap();
    let args = ["ticket", "attachment", number, &id, file, "--out", "associations.csv"];
    assert_eq!(call(&desk, &args).0, 0);
    let saved = std::fs::read_to_string(desk.path("associations.csv")).unwrap();
    assert!(saved.contains("EXAMPLE-1"), "{saved}");
    assert_eq!(json(&desk, &["ticket", "summaries", "--type", "ANY"]).as_array().unwrap().len(), 2);
}

#[test]
fn a_net_is_removed_with_a_message_and_an_attachment() {
    let desk = Desk::new();
    let (net, customer) = reassigned(&desk);
    std::fs::write(desk.path("order.pdf"), b"%PDF-\0\xff").unwrap();
    let args = ["net", "remove", &net, "--message", "Gone.", "--attach", "order.pdf"];
    let (code, sent, _) = call(&desk, &[&args[..], &["--dry-run", "--json"]].concat());
    let sent: Value = serde_json::from_str(&sent).unwrap();
    let message = &sent["body"]["messages"][0];
    assert_eq!((code, message["text"][0].as_str()), (0, Some("Gone.")));
    assert_eq!(message["attachments"][0]["data"], "JVBERi0A/w==");
    assert_eq!(json(&desk, &args)["net"]["handle"], net.as_str());
    let (code, out, told) = call(&desk, &["net", "get", &net, "--xml"]);
    assert!(code == 4 && told.contains("E_OBJECT_NOT_FOUND"), "{told}");
    assert!(out.contains("<code>E_OBJECT_NOT_FOUND</code>"), "{out}");
    assert_eq!(call(&desk, &["customer", "delete", &customer]).0, 0);
}

#[test]
fn what_a_registry_withdrew_is_explained() {
    let desk = Desk::new();
    write(&desk, "org.xml", "org", &format!("<orgName>Elm Inc</orgName>{ADDRESS}"));
    let (code, _, told) = call(&desk, &["net", "create-org", NET, "org.xml"]);
    assert_eq!(code, 4);
    for part in ["HTTP 405", "withdrew", "2020", "Org ID in ARIN Online", "reassign to a customer"]
    {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn read_only_refuses_writes_and_gets_that_open_a_ticket() {
    let desk = Desk::new();
    let (net, _) = reassigned(&desk);
    for args in [
        &["net", "delete", &net][..],
        &["report", "associations"],
        &["report", "reassignment", NET, "--wait", "0s"],
        &["net", "modify", &net, "--name", "X"],
    ] {
        let (code, _, told) = call(&desk, &[args, &["--read-only"]].concat());
        assert!(code == 2 && told.contains("--read-only"), "{args:?}: {told}");
    }
    let args = ["net", "delete", &net, "--read-only", "--dry-run"];
    assert_eq!(call(&desk, &args).0, 0, "nothing is sent, so nothing is refused");
    assert_eq!(json(&desk, &["net", "get", &net, "--read-only"])["handle"], net.as_str());
    assert_eq!(json(&desk, &["ticket", "summaries", "--type", "ANY"]), serde_json::json!([]));
}

#[test]
fn usage_keys_and_silence_have_their_exit_codes() {
    let desk = Desk::new();
    for args in [
        &["net", "get", "net-1"][..],
        &["net", "modify", NET],
        &["poc", "delete-phone", "X-ARIN"],
        &["org", "remove-poc", "EXAMPLE-1"],
        &["ticket", "list"],
        &["net", "by-range", "192.0.2.9", "192.0.2.1"],
        &["net", "reassign", NET, "no-such-file.xml"],
        &["net", "get", NET, "--xml", "--json"],
    ] {
        assert_eq!(call(&desk, args).0, 2, "{args:?}");
    }
    let registry = Registry::start(&desk);
    let wrong = ["registry", "--registry", &registry.url, "org", "get", "EXAMPLE-1"];
    let said =
        desk.command(&wrong).env("SWIP_API_KEY", "API-0000-0000-0000-0000").output().unwrap();
    assert_eq!(code(&said), 7, "{}", String::from_utf8_lossy(&said.stderr));
    drop(registry);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let gone = ["registry", "--registry", &free, "org", "get", "EXAMPLE-1"];
    let said = desk.command(&gone).env("SWIP_API_KEY", "API-0000-0000-0000-0000").output().unwrap();
    assert_eq!(code(&said), 8, "{}", String::from_utf8_lossy(&said.stderr));
}

/// A server that reads a request and hangs up: a write's outcome is unknown, a read's is not.
#[test]
fn a_lost_answer_to_a_write_says_where_to_look() {
    let desk = Desk::new();
    write(
        &desk,
        "net.xml",
        "net",
        "<netBlocks><netBlock><startAddress>192.0.2.8</startAddress><endAddress>192.0.2.15</endAddress></netBlock></netBlocks>",
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for stream in listener.incoming().take(2) {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.flush();
        }
    });
    let send = |args: &[&str]| {
        let args = [&["registry", "--registry", &url], args].concat();
        let said = desk.command(&args).env("SWIP_API_KEY", "API-0000-0000-0000-0000").output();
        let said = said.unwrap();
        (code(&said), String::from_utf8_lossy(&said.stderr).into_owned())
    };
    let (code, told) = send(&["net", "reassign", NET, "net.xml"]);
    assert_eq!(code, 5, "{told}");
    assert!(told.contains("look: swip registry net by-range 192.0.2.8 192.0.2.15"), "{told}");
    assert!(!told.contains("API-0000"), "{told}");
    let (code, told) = send(&["net", "get", NET]);
    assert!(code == 8 && told.contains("it was a read, so try again"), "{told}");
    server.join().unwrap();
}

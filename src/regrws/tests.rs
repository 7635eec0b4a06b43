//! Answers from the wire, and bodies as they go out.

use super::*;
use crate::domain::{
    Assignment, Comment, Country, Customer, Holder, NetType, PostalAddress, SimpleRecipient,
};

fn answer(status: u16, body: &str) -> RawAnswer {
    RawAnswer { status, body: body.as_bytes().to_vec(), ..RawAnswer::default() }
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../tests/fixtures/regrws/", $name))
    };
}

#[test]
fn a_real_net_is_read() {
    let net =
        GetNet::decode(&answer(200, fixture!("real-ote-net-direct-allocation-2026-08-12.xml")))
            .unwrap();
    assert_eq!(net.net_handle.as_str(), "NET-23-161-104-0-1");
    assert_eq!(net.block.to_string(), "23.161.104.0/24");
    assert_eq!(net.kind, NetType::DirectAllocation);
    assert_eq!(net.comment.len(), 2);
    assert_eq!(net.registered_at.as_deref(), Some("2023-08-31T17:50:06-04:00"));
}

#[test]
fn a_documented_reassignment_is_read() {
    let accepted =
        Assign::decode(&answer(200, fixture!("documented-quickstart-reassign-response-2019.xml")))
            .unwrap();
    let Accepted::Net(net) = accepted else { panic!("{accepted:?}") };
    assert_eq!(net.block.to_string(), "2001:db8::/36");
    assert_eq!(net.holder, Holder::Customer("C07361391".parse().unwrap()));
}

#[test]
fn a_real_overlap_is_a_rejection_that_says_so() {
    let fault = Assign::decode(&answer(
        400,
        fixture!("real-error-reassign-overlap-E_ENTITY_VALIDATION.xml"),
    ))
    .unwrap_err();
    let Complaint::Registry(error) = &fault else { panic!("{fault:?}") };
    assert!(error.overlap);
    assert_eq!(fault.verdict(), Verdict::Rejected);
}

#[test]
fn other_real_answers_are_read() {
    let fault =
        GetNet::decode(&answer(401, fixture!("peer-error-E_AUTHENTICATION-empty-components.xml")))
            .unwrap_err();
    assert_eq!(fault.verdict(), Verdict::KeyRefused);
    let handle = CreateCustomer::decode(&answer(
        200,
        fixture!("documented-quickstart-customer-create-response-2019.xml"),
    ))
    .unwrap();
    assert_eq!(handle.as_str(), "C07361391");
    let ticket =
        TicketSummary::decode(&answer(200, fixture!("real-ticket-summary-2012.xml"))).unwrap();
    assert_eq!(ticket.number.as_deref(), Some("20121012-X1"));
    assert_eq!(ticket.status, Some(TicketStatus::PendingReview));
}

#[test]
fn nothing_but_the_expected_answer_is_taken() {
    let net = "<net xmlns=\"http://www.arin.net/regrws/core/v1\"/>";
    let evil = "<ticketedRequest xmlns=\"urn:evil\"><net/></ticketedRequest>";
    let dtd = "<!DOCTYPE x [<!ENTITY a \"b\">]><ticketedRequest xmlns=\"http://www.arin.net/regrws/core/v1\"/>";
    let neither = "<ticketedRequest xmlns=\"http://www.arin.net/regrws/core/v1\"/>";
    let two = "<ticketedRequest xmlns=\"http://www.arin.net/regrws/core/v1\"/><x/>";
    for body in [net, evil, dtd, neither, two, "<html/>", "", "{}", "<ticketedRequest"] {
        let fault = Assign::decode(&answer(200, body)).unwrap_err();
        assert_eq!(fault.verdict(), Verdict::Unknown, "{body}");
    }
    let cut = RawAnswer {
        truncated: true,
        ..answer(200, fixture!("documented-quickstart-reassign-response-2019.xml"))
    };
    assert_eq!(Assign::decode(&cut).unwrap_err().verdict(), Verdict::Unknown);
}

#[test]
fn prefixes_order_and_foreign_elements_do_not_matter() {
    let body = r#"<a:net xmlns:a="http://www.arin.net/regrws/core/v1" xmlns:f="urn:other"><f:x><a:handle>NO</a:handle></f:x>
      <a:version>4</a:version><a:handle><![CDATA[NET-1]]></a:handle><a:pocLinks/><a:unknown>1</a:unknown>
      <a:netBlocks><a:netBlock><a:startAddress>198.051.100.008</a:startAddress><a:type>S</a:type><a:endAddress>198.051.100.020</a:endAddress></a:netBlock></a:netBlocks></a:net>"#;
    let net = GetNet::decode(&answer(200, body)).unwrap();
    assert_eq!(
        (net.net_handle.as_str(), net.block.to_string().as_str()),
        ("NET-1", "198.51.100.8 - 198.51.100.20")
    );
}

#[test]
fn contradicting_blocks_are_refused() {
    let body = r#"<net xmlns="http://www.arin.net/regrws/core/v1"><handle>NET-1</handle><netBlocks><netBlock><startAddress>198.51.100.8</startAddress><endAddress>198.51.100.9</endAddress><cidrLength>29</cidrLength></netBlock></netBlocks></net>"#;
    assert!(GetNet::decode(&answer(200, body)).is_err());
}

/// A simple reassignment with a customer created in the same call.
pub(super) fn embedded() -> Assign {
    let text = |t: &str| crate::domain::PlainText::parse(t).unwrap();
    let customer = Customer {
        name: text("A & B <C> \"D\" 'E' ]]>"),
        address: PostalAddress {
            street: vec![text("1 Main St"), text("Suite 2")],
            city: text("Reston"),
            state: Some(text("VA")),
            postal_code: Some(text("20190")),
            country: Country::US,
        },
        private: true,
    };
    let parent = "NET-198-51-100-0-1".parse().unwrap();
    let block = "198.51.100.8 - 198.51.100.20".parse().unwrap();
    let name = crate::domain::NetName::parse("PRIVATE-1").unwrap();
    let comment = Comment::parse("Géré par nous\nL'été & l'hiver").unwrap();
    let assignment = Assignment::ReassignSimple(SimpleRecipient::New(customer));
    let to = To::of(&assignment).unwrap();
    let net = NetPayload::new(&parent, &block, &NetType::Reassignment, &name, &comment, &to);
    Assign { parent, reallocate: false, net }
}

#[test]
fn bodies_read_back_as_written() {
    let call = embedded();
    let body = call.request().body.unwrap();
    let document = document::read(body.as_bytes()).unwrap();
    assert_eq!(document.root, "net");
    let again: NetPayload = quick_xml::de::from_str(&document.xml).unwrap();
    assert_eq!(again, call.net);
    assert!(!body.contains("<handle"), "{body}");
}

/// Every body that can be sent, checked against ARIN's RELAX NG schemas where they are at hand.
#[test]
fn bodies_are_valid_by_arins_schemas() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/validate.sh");
    if !std::path::Path::new(script).exists() {
        println!("not checked: ARIN's schemas are not at hand");
        return;
    }
    let call = embedded();
    let customer = call.net.customer.clone().unwrap();
    let by_handle =
        NetPayload { customer: None, customer_handle: Some("C1".to_owned()), ..call.net.clone() };
    let by_org =
        NetPayload { customer: None, org_handle: Some("MAPLE-7".to_owned()), ..call.net.clone() };
    let org = OrgPayload { name: Some("A & B".to_owned()), ..OrgPayload::default() };
    for (kind, body) in [
        ("net", call.request().body.unwrap()),
        ("net", by_handle.to_xml()),
        ("net", by_org.to_xml()),
        ("customer", customer.to_xml()),
        ("org", org.to_xml()),
    ] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &body).unwrap();
        let out = std::process::Command::new(script).arg(kind).arg(file.path()).output().unwrap();
        if out.status.code() == Some(2) {
            println!("not checked: {}", String::from_utf8_lossy(&out.stderr));
            return;
        }
        assert!(out.status.success(), "{body}\n{}", String::from_utf8_lossy(&out.stderr));
    }
}

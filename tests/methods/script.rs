//! The methods in an order in which each finds what it needs.

use std::fs;

use serde_json::Value;
use swip::domain::{
    AddressRange, Comment, CustomerHandle, NetHandle, NetName, NetType, OrgHandle, PocFunction,
    PocHandle, TicketNumber,
};
use swip::practice::Profile;
use swip::regrws::payload::{
    AttachmentPayload, ContactType, CountryPayload, DelegationKey, DelegationKeys, Emails, Lines,
    MessageCategory, MessagePayload, Messages, NamedCode, PhoneKind, PhonePayload, PhoneType,
    Phones, PocLink, PocLinks, PocPayload,
};
use swip::regrws::*;

use super::reports::reports;
use super::{Bench, World};

/// The parent of all nets here.
pub(super) const PARENT: &str = "NET-10-0-0-0-1";
/// Its org.
const ORG: &str = "EXAMPLE-1";
/// A zone of it.
const ZONE: &str = "10.in-addr.arpa.";

pub(super) async fn all() -> Bench {
    let mut bench = Bench::new().await;
    let poc = pocs(&mut bench).await;
    orgs(&mut bench, &poc).await;
    nets(&mut bench).await;
    looks(&mut bench).await;
    delegations(&mut bench).await;
    tickets(&mut bench).await;
    reports(&mut bench).await;
    recipient_org(&mut bench).await;
    bench
}

fn country() -> Option<CountryPayload> {
    Some(CountryPayload { code2: Some("US".to_owned()), ..CountryPayload::default() })
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn phone(number: &str, kind: PhoneKind) -> PhonePayload {
    let kind = Some(PhoneType { code: Some(kind), description: None });
    PhonePayload { number: text(number), extension: None, kind }
}

fn poc() -> PocPayload {
    PocPayload {
        contact_type: Some(ContactType::Person),
        first_name: text("Jane"),
        last_name: text("Doe"),
        company: text("Maple & Sons"),
        country: country(),
        street: Lines::of(&["1 Main St"]),
        city: text("Reston"),
        state: text("VA"),
        postal_code: text("20190"),
        emails: Some(Emails::from(vec!["jane@example.net".to_owned()])),
        phones: Some(Phones::from(vec![phone("+1-703-555-0100", PhoneKind::Office)])),
        ..PocPayload::default()
    }
}

async fn pocs(bench: &mut Bench) -> PocHandle {
    let file = bench.file("poc.xml", &poc());
    let create = CreatePoc { poc: poc(), make_link: true };
    let args = ["poc", "create", &file, "--link"];
    let made = bench.step("POC: create", "POST /poc;makeLink=…", &args, &create).await;
    let name = made.handle.unwrap();
    let handle: PocHandle = name.parse().unwrap();
    let get = GetPoc(handle.clone());
    bench.step("POC: get", "GET /poc/H", &["poc", "get", &name], &get).await;

    let moved = PocPayload { city: text("Herndon"), ..PocPayload::default() };
    let file = bench.file("moved.xml", &moved);
    let now = bench.now(&get).await;
    let poc = PocPayload { city: moved.city, ..now.clone() }.echoing(&now);
    let modify = ModifyPoc { handle: handle.clone(), poc };
    bench.step("POC: modify", "PUT /poc/H", &["poc", "modify", &name, &file], &modify).await;

    let mobile = phone("+1-703-555-0199", PhoneKind::Mobile);
    let file = bench.file("phone.xml", &mobile);
    let add = AddPhone { handle: handle.clone(), phone: mobile };
    let args = ["poc", "add-phone", &name, &file];
    bench.step("POC: add phone", "PUT /poc/H/phone", &args, &add).await;
    let which = PhoneSelector::Both("+1-703-555-0199".parse().unwrap(), PhoneKind::Mobile);
    let delete = DeletePhone { handle: handle.clone(), which };
    let args = ["poc", "delete-phone", &name, "+1-703-555-0199", "--type", "M"];
    let removed =
        bench.step("POC: delete phone", "DELETE /poc/H/phone/NUMBER;type=T", &args, &delete).await;
    assert_eq!(removed.phones.len(), 1);

    let email: Email = "doe@example.net".parse().unwrap();
    let add = AddEmail { handle: handle.clone(), email: email.clone() };
    let args = ["poc", "add-email", &name, "doe@example.net"];
    bench.step("POC: add email", "POST /poc/H/email/ADDR", &args, &add).await;
    let delete = DeleteEmail { handle: handle.clone(), email };
    let args = ["poc", "delete-email", &name, "doe@example.net"];
    bench.step("POC: delete email", "DELETE /poc/H/email/ADDR", &args, &delete).await;
    handle
}

fn org(name: &str) -> OrgPayload {
    let link = |kind: &str, function| PocLink::new(format!("{kind}-{ORG}"), function);
    OrgPayload {
        name: text(name),
        country: country(),
        street: Lines::of(&["1 Elm St"]),
        city: text("Reston"),
        state: text("VA"),
        postal_code: text("20190"),
        poc_links: Some(PocLinks::from(vec![
            link("ADMIN", PocFunction::Admin),
            link("TECH", PocFunction::Tech),
            link("ABUSE", PocFunction::Abuse),
        ])),
        ..OrgPayload::default()
    }
}

async fn orgs(bench: &mut Bench, poc: &PocHandle) {
    let handle: OrgHandle = ORG.parse().unwrap();
    let get = GetOrg(handle.clone());
    bench.step("Org: get", "GET /org/H", &["org", "get", ORG], &get).await;

    let moved = OrgPayload { city: text("Herndon"), ..OrgPayload::default() };
    let file = bench.file("org-moved.xml", &moved);
    let now = bench.now(&get).await;
    let payload = OrgPayload { city: moved.city, ..now.clone() }.echoing(&now);
    let modify = ModifyOrg { handle: handle.clone(), org: payload };
    bench.step("Org: modify", "PUT /org/H", &["org", "modify", ORG, &file], &modify).await;

    let add = AddOrgPoc { handle: handle.clone(), poc: poc.clone(), function: PocFunction::Noc };
    let args = ["org", "add-poc", ORG, poc.as_str(), "--function", "N"];
    bench.step("Org: add POC", "PUT /org/H/poc/POC;pocFunction=F", &args, &add).await;
    let which = LinkSelector::Both(poc.clone(), PocFunction::Noc);
    let remove = RemoveOrgPoc { handle, which };
    let args = ["org", "remove-poc", ORG, poc.as_str(), "--function", "N"];
    bench.step("Org: remove POC", "DELETE /org/H/poc/POC;pocFunction=F", &args, &remove).await;
    let delete = DeletePoc(poc.clone());
    bench.step("POC: delete", "DELETE /poc/H", &["poc", "delete", poc.as_str()], &delete).await;
}

fn customer(name: &str) -> CustomerPayload {
    CustomerPayload {
        name: text(name),
        country: country(),
        street: Lines::of(&["418 Maple Street", "Suite 200"]),
        city: text("Reston"),
        state: text("VA"),
        postal_code: text("20190"),
        comment: Lines::of(&["Géré <par> nous & ]]>"]),
        private: Some(false),
        ..CustomerPayload::default()
    }
}

fn net(block: &str, kind: &NetType, to: &To) -> NetPayload {
    let parent = PARENT.parse().unwrap();
    let comment = Comment::parse("Été & hiver").unwrap();
    let name = NetName::parse("MAPLE SONS").unwrap();
    NetPayload::new(&parent, &block.parse().unwrap(), kind, &name, &comment, to)
}

async fn assign(bench: &mut Bench, method: &str, verb: &str, net: NetPayload) -> NetHandle {
    let file = bench.file("net.xml", &net);
    let call = Assign { parent: PARENT.parse().unwrap(), reallocate: verb == "reallocate", net };
    let arin = format!("PUT /net/PARENT/{verb}");
    let done = bench.step(method, &arin, &["net", verb, PARENT, &file], &call).await;
    done.net.unwrap().handle.unwrap().parse().unwrap()
}

async fn nets(bench: &mut Bench) {
    let file = bench.file("customer.xml", &customer("Two & Co"));
    let create = CreateCustomer { parent: PARENT.parse().unwrap(), customer: customer("Two & Co") };
    let args = ["customer", "create", PARENT, &file];
    let made =
        bench.step("Net: create recipient customer", "POST /net/PARENT/customer", &args, &create);
    let name = made.await.handle.unwrap();
    let held: CustomerHandle = name.parse().unwrap();

    let s = NetType::Reassignment;
    let by_handle = net("10.1.0.16/29", &s, &To::Customer(held.clone()));
    let simple = assign(bench, "Net: reassign, simple by handle", "reassign", by_handle).await;
    let mut embedded = net("10.1.0.8/29", &s, &To::Org(ORG.parse().unwrap()));
    (embedded.org_handle, embedded.customer) = (None, Some(customer("Maple <& Sons>")));
    let one = assign(bench, "Net: reassign, simple embedded", "reassign", embedded).await;
    let to = To::Org("MAPLE-7".parse().unwrap());
    assign(bench, "Net: reassign, detailed", "reassign", net("10.2.0.0/24", &s, &to)).await;
    let to = To::Org(ORG.parse().unwrap());
    let a = net("10.4.0.0/20", &NetType::Reallocation, &to);
    let big = assign(bench, "Net: reallocate", "reallocate", a).await;

    let get = GetNet(one.clone());
    bench.step("Net: get", "GET /net/H", &["net", "get", one.as_str()], &get).await;
    let now = bench.now(&get).await;
    let payload = NetPayload { net_name: text("EDGE-EAST"), ..now.clone() }.echoing(&now);
    let modify = ModifyNet { handle: one.clone(), net: payload };
    let args = ["net", "modify", one.as_str(), "--name", "EDGE-EAST"];
    bench.step("Net: modify", "PUT /net/H", &args, &modify).await;
    customers(bench, &held).await;

    let delete = DeleteNet(simple.clone());
    let args = ["net", "delete", simple.as_str()];
    bench.step("Net: delete", "DELETE /net/H", &args, &delete).await;
    let delete = DeleteCustomer(held.clone());
    let args = ["customer", "delete", held.as_str()];
    bench.step("Customer: delete", "DELETE /customer/H", &args, &delete).await;

    let message = message("Removal");
    let file = bench.file("message.xml", &message);
    let now = bench.now(&GetNet(big.clone())).await;
    let messages = Some(Messages::from(vec![message]));
    let payload = NetPayload { messages, ..now.clone().echoing(&now) };
    let remove = RemoveNet { handle: big.clone(), net: payload };
    let args = ["net", "remove", big.as_str(), &file];
    bench
        .step("Net: remove, with message and attachment", "PUT /net/H/remove", &args, &remove)
        .await;
}

async fn customers(bench: &mut Bench, held: &CustomerHandle) {
    let get = GetCustomer(held.clone());
    let args = ["customer", "get", held.as_str()];
    bench.step("Customer: get", "GET /customer/H", &args, &get).await;
    let moved = CustomerPayload { city: text("Herndon"), ..CustomerPayload::default() };
    let file = bench.file("moved-customer.xml", &moved);
    let now = bench.now(&get).await;
    let payload = CustomerPayload { city: moved.city, ..now.clone() }.echoing(&now);
    let modify = ModifyCustomer { handle: held.clone(), customer: payload };
    let args = ["customer", "modify", held.as_str(), &file];
    bench.step("Customer: modify", "PUT /customer/H", &args, &modify).await;
}

async fn looks(bench: &mut Bench) {
    let range: AddressRange = "10.1.0.8/29".parse().unwrap();
    let args = |verb| ["net", verb, "10.1.0.8", "10.1.0.15"];
    let call = ParentNet(range);
    bench.step("Net: parentNet", "GET /net/parentNet/START/END", &args("parent"), &call).await;
    let call = MostSpecificNet(range);
    let verb = args("most-specific");
    bench.step("Net: mostSpecificNet", "GET /net/mostSpecificNet/START/END", &verb, &call).await;
    let call = NetsByIpRange(range);
    let verb = args("by-range");
    bench.step("Net: netsByIpRange", "GET /net/netsByIpRange/START/END", &verb, &call).await;
    let call = NetDelegations(PARENT.parse().unwrap());
    let args = ["net", "delegations", PARENT];
    bench.step("Net: get delegations", "GET /net/H/delegations", &args, &call).await;
}

async fn delegations(bench: &mut Bench) {
    let name: ZoneName = ZONE.parse().unwrap();
    let nameserver: HostName = "ns1.example.net".parse().unwrap();
    let add = AddNameserver { name: name.clone(), nameserver, ttl: Some(3600) };
    let args = ["delegation", "add-nameserver", ZONE, "ns1.example.net", "--ttl", "3600"];
    let arin = "POST /delegation/NAME/nameserver/NS?ttl=N";
    bench.step("Delegation: add nameserver, with ttl", arin, &args, &add).await;
    let nameserver: HostName = "ns2.example.net".parse().unwrap();
    let add = AddNameserver { name: name.clone(), nameserver: nameserver.clone(), ttl: None };
    let args = ["delegation", "add-nameserver", ZONE, "ns2.example.net"];
    let arin = "POST /delegation/NAME/nameserver/NS";
    bench.step("Delegation: add nameserver", arin, &args, &add).await;
    let get = GetDelegation(name.clone());
    let args = ["delegation", "get", ZONE];
    let now = bench.step("Delegation: get", "GET /delegation/NAME", &args, &get).await;

    let code = |code: &str| Some(NamedCode { code: text(code), name: None });
    let key = DelegationKey {
        algorithm: code("8"),
        digest: text("0123456789012345678901234567890123456789"),
        digest_type: code("1"),
        key_tag: text("7"),
        ttl: Some(86_400),
    };
    let mut signed = now.clone();
    signed.keys = Some(DelegationKeys::from(vec![key]));
    let file = bench.file("signed.xml", &signed);
    let modify = ModifyDelegation { name: name.clone(), delegation: signed.echoing(&now) };
    let args = ["delegation", "modify", ZONE, &file];
    let arin = "PUT /delegation/NAME";
    let done = bench.step("Delegation: modify, with a DS key", arin, &args, &modify).await;
    assert_eq!(done.keys.unwrap().key.len(), 1);

    let delete = DeleteNameserver { name, nameserver };
    let args = ["delegation", "delete-nameserver", ZONE, "ns2.example.net"];
    let arin = "DELETE /delegation/NAME/nameserver/NS";
    bench.step("Delegation: delete nameserver", arin, &args, &delete).await;
    let zone = "8.b.d.0.1.0.0.2.ip6.arpa.";
    let delete = DeleteNameservers(zone.parse().unwrap());
    let args = ["delegation", "delete-nameservers", zone];
    let arin = "DELETE /delegation/NAME/nameservers";
    bench.step("Delegation: delete all nameservers", arin, &args, &delete).await;
}

fn message(subject: &str) -> MessagePayload {
    let attachment = AttachmentPayload { data: text("UmVtb3ZlZA=="), filename: text("order.txt") };
    MessagePayload {
        subject: text(subject),
        text: Lines::of(&["Customer <disconnected> & gone."]),
        category: Some(MessageCategory::None),
        attachments: Some(vec![attachment].into()),
        ..MessagePayload::default()
    }
}

/// Opens a ticket for an org.
async fn opened(bench: &mut Bench, name: &str) -> TicketNumber {
    let file = bench.file("org.xml", &org(name));
    let create = CreateOwnOrg(org(name));
    let made = bench.step("Org: create", "POST /org", &["org", "create", &file], &create).await;
    made.number.unwrap().parse().unwrap()
}

async fn tickets(bench: &mut Bench) {
    let ticket = opened(bench, "Elm Networks Inc").await;
    let number = ticket.as_str().to_owned();
    let call = AddMessage { number: ticket.clone(), message: message("More detail") };
    let file = bench.file("message.xml", &call.message);
    let args = ["ticket", "add-message", &number, &file];
    let arin = "PUT /ticket/N/message";
    let added = bench.step("Ticket: add message, with attachment", arin, &args, &call).await;
    let id = added.id.unwrap();
    let call = GetMessage { number: ticket.clone(), message: id };
    let arin = "GET /ticket/N/message/ID";
    let args = ["ticket", "message", &number, &id.to_string()];
    let got = bench.step("Ticket: get message", arin, &args, &call).await;
    attachment(bench, &ticket, id, &got).await;

    let call = GetTicket { number: ticket.clone(), references: true };
    let args = ["ticket", "get", &number, "--refs"];
    let arin = "GET /ticket/N?msgRefs=true";
    bench.step("Ticket: details, by references", arin, &args, &call).await;
    let call = GetTicket { number: ticket.clone(), references: false };
    let arin = "GET /ticket/N?msgRefs=false";
    bench.step("Ticket: details", arin, &["ticket", "get", &number], &call).await;
    let call = TicketSummary(ticket.clone());
    let args = ["ticket", "summary", &number];
    let now = bench.step("Ticket: summary", "GET /ticket/N/summary", &args, &call).await;
    lists(bench).await;

    let closed = TicketPayload { status: Some(TicketStatus::Closed), ..TicketPayload::default() };
    let file = bench.file("ticket.xml", &closed);
    let call = ModifyTicket { number: ticket, ticket: closed.echoing(&now) };
    let args = ["ticket", "modify", &number, &file];
    bench.step("Ticket: modify", "PUT /ticket/N", &args, &call).await;

    let ticket = opened_again(bench).await;
    let number = ticket.as_str().to_owned();
    let call = CloseTicket(ticket);
    let args = ["ticket", "set-status", &number, "CLOSED"];
    let arin = "PUT /ticket/N/ticketStatus/CLOSED";
    bench.step("Ticket: set status CLOSED", arin, &args, &call).await;
    deleted_org(bench).await;
}

/// A second ticket, resolved by asking for it on both sides; its rows are not entered again.
async fn opened_again(bench: &mut Bench) -> TicketNumber {
    let rows = bench.rows.len();
    let ticket = opened(bench, "Oak Networks Inc").await;
    let call = TicketSummary(ticket.clone());
    for _ in 0..2 {
        bench.step("", "", &["ticket", "summary", ticket.as_str()], &call).await;
    }
    bench.rows.truncate(rows);
    ticket
}

async fn attachment(bench: &mut Bench, ticket: &TicketNumber, id: i64, message: &MessagePayload) {
    let references = message.attachment_references.as_ref().unwrap();
    let name = references.reference[0].id.clone().unwrap();
    let attachment = name.parse().unwrap();
    let call = TicketAttachment { number: ticket.clone(), message: id, attachment };
    let mut file = Vec::new();
    let request = call.request();
    let done = bench.client.download(&request, &mut file).await.unwrap();
    assert_eq!((file.as_slice(), done.filename.as_deref()), (&b"Removed"[..], Some("order.txt")));
    let args =
        ["ticket", "attachment", ticket.as_str(), &id.to_string(), &name, "--out", "order.txt"];
    assert!(bench.swip(&args).status.success());
    assert_eq!(fs::read(bench.desk.path().join("order.txt")).unwrap(), file);
    let answer = RawAnswer { status: 200, body: file, ..RawAnswer::default() };
    let arin = "GET /ticket/N/message/ID/attachment/AID";
    bench.enter("Ticket: get attachment", arin, "TicketAttachment", &args, &request, &answer);
}

async fn lists(bench: &mut Bench) {
    let both = TicketFilter::Both(TicketType::Any, TicketStatus::AnyOpen);
    let args = ["ticket", "list", "--type", "ANY", "--status", "ANY_OPEN"];
    let arin = "GET /ticket;ticketType=T;ticketStatus=S";
    let list = bench.step("Ticket: list", arin, &args, &ListTickets(both)).await;
    assert!(!list.tickets.is_empty());
    let kind = TicketFilter::Kind(TicketType::OrgCreate);
    let args = ["ticket", "summaries", "--type", "ORG_CREATE"];
    let arin = "GET /ticket/summary;ticketType=T";
    let call = ListTicketSummaries(kind);
    let list = bench.step("Ticket: list summaries, by type", arin, &args, &call).await;
    assert_eq!(list.tickets.len(), 1);
    let status = TicketFilter::Status(TicketStatus::Resolved);
    let args = ["ticket", "summaries", "--status", "RESOLVED"];
    let arin = "GET /ticket/summary;ticketStatus=S";
    let call = ListTicketSummaries(status);
    bench.step("Ticket: list summaries, by status", arin, &args, &call).await;
}

/// The org that the second ticket made, deleted.
async fn deleted_org(bench: &mut Bench) {
    let world: Value = serde_json::from_str(&bench.library.about("world")).unwrap();
    let all = world["orgs"].as_array().unwrap();
    let made = all.iter().find(|org| org["orgName"] == "Oak Networks Inc").unwrap();
    let name = made["handle"].as_str().unwrap();
    let delete = DeleteOrg(name.parse().unwrap());
    bench.step("Org: delete", "DELETE /org/H", &["org", "delete", name], &delete).await;
}

/// Under the current profile the command explains the withdrawal; under the classic one both work.
async fn recipient_org(bench: &mut Bench) {
    let file = bench.file("recipient.xml", &org("Ash Networks Inc"));
    let args = ["net", "create-org", PARENT, &file];
    let refused = bench.swip(&args);
    assert_eq!(refused.status.code(), Some(4));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        told.contains("withdrew") && told.contains("2020") && told.contains("Org ID"),
        "{told}"
    );

    bench.library = World::start(Profile::Classic).await;
    bench.client = bench.library.client();
    bench.command = World::start(Profile::Classic).await;
    let call = CreateOrg { parent: PARENT.parse().unwrap(), org: org("Ash Networks Inc") };
    let method = "Net: create recipient org (classic; withdrawn in 2020)";
    bench.step(method, "POST /net/PARENT/org", &args, &call).await;
}

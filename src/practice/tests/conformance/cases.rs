//! The cases: what is asked of each method, and what comes under the current and the classic
//! profile.

/// What a case sends.
pub(super) enum Body {
    Nothing,
    Xml(String),
    /// What a GET of the path answers, with texts replaced.
    Edited(&'static str, &'static [(&'static str, &'static str)]),
}
use Body::{Edited, Nothing, Xml};

pub(super) struct Case {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) what: &'static str,
    pub(super) body: Body,
    /// Status and root or code, under the current and the classic profile.
    pub(super) expected: [&'static str; 2],
}

fn case(call: &'static str, what: &'static str, body: Body, expected: impl Into<Expected>) -> Case {
    let (method, path) = call.split_once(' ').unwrap();
    Case { method, path, what, body, expected: expected.into().0 }
}

struct Expected([&'static str; 2]);

impl From<&'static str> for Expected {
    fn from(both: &'static str) -> Self {
        Self([both, both])
    }
}

impl From<[&'static str; 2]> for Expected {
    fn from(each: [&'static str; 2]) -> Self {
        Self(each)
    }
}

fn xml(root: &str, inner: &str) -> Body {
    Xml(format!("<{root} xmlns=\"http://www.arin.net/regrws/core/v1\">{inner}</{root}>"))
}

fn net(inner: &str, start: &str, length: u8) -> Body {
    xml(
        "net",
        &format!(
            "<netName>N</netName><netBlocks><netBlock><startAddress>{start}</startAddress><cidrLength>{length}</cidrLength></netBlock></netBlocks>{inner}"
        ),
    )
}

const ADDRESS: &str = "<iso3166-1><code2>US</code2></iso3166-1><streetAddress><line number=\"1\">1 Main St</line></streetAddress><city>Reston</city><iso3166-2>VA</iso3166-2><postalCode>20190</postalCode>";
const LINKS: &str = "<pocLinks><pocLinkRef function=\"AD\" handle=\"ADMIN-EXAMPLE-1\"/><pocLinkRef function=\"T\" handle=\"TECH-EXAMPLE-1\"/><pocLinkRef function=\"AB\" handle=\"ABUSE-EXAMPLE-1\"/></pocLinks>";
const MESSAGE: &str = "<subject>S</subject><text><line number=\"0\">T &amp; U</line></text><category>NONE</category><attachments><attachment><data>UmVtb3ZlZA==</data><filename>order.txt</filename></attachment></attachments>";
const DS: &str = "<delegationKeys><delegationKey><algorithm>8</algorithm><digest>0123456789012345678901234567890123456789</digest><digestType>1</digestType><keyTag>7</keyTag></delegationKey></delegationKeys>";

fn customer(name: &str) -> String {
    format!("<customerName>{name}</customerName>{ADDRESS}")
}

fn embedded() -> String {
    format!("<customer>{}</customer>", customer("Maple &amp; Sons"))
}

#[rustfmt::skip] // a table: one case a line
fn nets() -> Vec<Case> {
    let reassign = "PUT /rest/net/NET-10-0-0-0-1/reassign";
    let org = "<orgHandle>MAPLE-7</orgHandle>";
    vec![
        case("GET /rest/net/NET-10-0-0-0-1", "", Nothing, "200 net"),
        case("GET /rest/net/NET-9-9-9-9-9", "no such net", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("GET /rest/net/NET-172-16-0-0-1", "another's net", Nothing, "401 E_AUTHENTICATION"),
        case(reassign, "simple, embedded customer", net(&embedded(), "10.1.0.8", 29), "200 ticketedRequest"),
        case(reassign, "the same again: overlap", net(&embedded(), "10.1.0.8", 29), "400 E_ENTITY_VALIDATION"),
        case("POST /rest/net/NET-10-0-0-0-1/customer", "", xml("customer", &customer("Two")), "200 customer"),
        case("POST /rest/net/NET-10-0-0-0-1/customer", "no street", xml("customer", "<customerName>X</customerName>"), "400 E_ENTITY_VALIDATION"),
        case(reassign, "simple, by handle", net("<customerHandle>C10000002</customerHandle>", "10.1.0.16", 29), "200 ticketedRequest"),
        case(reassign, "customer has a net already", net("<customerHandle>C10000002</customerHandle>", "10.1.0.32", 29), "400 E_ENTITY_VALIDATION"),
        case(reassign, "no such customer", net("<customerHandle>C1</customerHandle>", "10.1.0.32", 29), "400 E_ENTITY_VALIDATION"),
        case(reassign, "detailed", net(org, "10.2.0.0", 24), "200 ticketedRequest"),
        case(reassign, "no such org", net("<orgHandle>NOBODY</orgHandle>", "10.3.0.0", 24), "400 E_ENTITY_VALIDATION"),
        case(reassign, "org takes no reassignments", net("<orgHandle>CLOSED-1</orgHandle>", "10.3.0.0", 24), "403 E_BAD_REQUEST"),
        case(reassign, "org with -Z", net("<orgHandle>OAK-Z</orgHandle>", "10.3.0.0", 24), "403 E_BAD_REQUEST"),
        case(reassign, "org without contacts", net("<orgHandle>BARE-1</orgHandle>", "10.3.0.0", 24), "400 E_ENTITY_VALIDATION"),
        case(reassign, "no recipient", net("", "10.3.0.0", 24), "400 E_ENTITY_VALIDATION"),
        case(reassign, "two recipients", net(&format!("{org}{}", embedded()), "10.3.0.0", 24), "400 E_SCHEMA_VALIDATION"),
        case(reassign, "outside the parent", net(org, "11.0.0.0", 24), "409 E_BAD_REQUEST"),
        case(reassign, "POC links at creation", net(&format!("{org}{LINKS}"), "10.3.0.0", 24), "400 E_ENTITY_VALIDATION"),
        case(reassign, "net name with _", xml("net", &format!("<netName>A_B</netName><netBlocks><netBlock><startAddress>10.3.0.0</startAddress><cidrLength>24</cidrLength></netBlock></netBlocks>{org}" )), "400 E_ENTITY_VALIDATION"),
        case(reassign, "unknown element", net(&format!("{org}<surprise/>"), "10.3.0.0", 24), "400 E_SCHEMA_VALIDATION"),
        case(reassign, "bad enumeration", net(&format!("{org}<version>5</version>"), "10.3.0.0", 24), "400 E_SCHEMA_VALIDATION"),
        case(reassign, "wrong root", xml("org", ""), "400 E_SCHEMA_VALIDATION"),
        case(reassign, "no XML", Xml("{}".to_owned()), "400 E_SCHEMA_VALIDATION"),
        case("PUT /rest/net/NET-172-16-0-0-1/reassign", "another's parent", net(org, "172.16.0.0", 24), "403 E_AUTHENTICATION"),
        case("PUT /rest/net/NET-10-2-0-0-1/reassign", "parent of type S", net(org, "10.2.0.0", 28), "403 E_AUTHENTICATION"),
        case("PUT /rest/net/NET-192-168-0-0-1/reassign", "parent not active", net(org, "192.168.0.0", 24), "403 E_BAD_REQUEST"),
        case("PUT /rest/net/NET-9-9-9-9-9/reassign", "no such parent", net(org, "9.9.9.0", 24), "404 E_OBJECT_NOT_FOUND"),
        case("PUT /rest/net/NET6-2001-DB8-1/reassign", "IPv6", net(&embedded(), "2001:db8:40::", 48), "200 ticketedRequest"),
        case("PUT /rest/net/NET6-2001-DB8-1/reassign", "IPv6 smaller than /64", net(org, "2001:db8:41::", 65), "400 E_ENTITY_VALIDATION"),
        case("PUT /rest/net/NET-10-0-0-0-1/reallocate", "", net("<orgHandle>EXAMPLE-1</orgHandle>", "10.4.0.0", 20), "200 ticketedRequest"),
        case("PUT /rest/net/NET-10-0-0-0-1/reallocate", "to a customer", net(&embedded(), "10.5.0.0", 24), "400 E_ENTITY_VALIDATION"),
        case("PUT /rest/net/NET-10-4-0-0-1/reassign", "under the reallocation", net(&embedded(), "10.4.0.0", 29), "200 ticketedRequest"),
        case(reassign, "/20 to a customer (a ticket in classic)", net(&embedded(), "10.16.0.0", 20), ["200 ticketedRequest", "200 ticketedRequest (ticket)"]),
        case("PUT /rest/net/NET-10-0-0-0-1/reallocate", "/16 (a ticket in classic)", net(org, "10.32.0.0", 16), ["200 ticketedRequest", "200 ticketedRequest (ticket)"]),
        case("GET /rest/net/NET-10-0-0-0-1/delegations", "", Nothing, "200 collection"),
        case("GET /rest/net/parentNet/10.1.0.8/10.1.0.15", "", Nothing, "200 net"),
        case("GET /rest/net/parentNet/9.0.0.0/9.0.0.255", "nobody's space", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("GET /rest/net/mostSpecificNet/10.1.0.8/10.1.0.15", "", Nothing, "200 net"),
        case("GET /rest/net/mostSpecificNet/10.1.0.8/10.1.0.9", "no net of exactly this range", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("GET /rest/net/netsByIpRange/10.1.0.8/10.1.0.15", "", Nothing, "200 collection"),
        case("GET /rest/net/netsByIpRange/10.9.0.8/10.9.0.15", "free space", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("GET /rest/net/netsByIpRange/10.9.0.8/x", "no address", Nothing, "400 E_BAD_REQUEST"),
        case("PUT /rest/net/NET-10-1-0-8-1", "new name", Edited("/rest/net/NET-10-1-0-8-1", &[("<netName>N<", "<netName>Renamed One<")]), "200 net"),
        case("PUT /rest/net/NET-10-1-0-8-1", "other blocks", Edited("/rest/net/NET-10-1-0-8-1", &[("<cidrLength>29<", "<cidrLength>30<")]), "400 E_ENTITY_VALIDATION"),
        case("PUT /rest/net/NET-10-1-0-8-1", "registration date left out", xml("net", "<handle>NET-10-1-0-8-1</handle>"), "400 E_ENTITY_VALIDATION"),
        case("PUT /rest/net/NET-10-2-0-0-1", "Admin POC on a net", Edited("/rest/net/NET-10-2-0-0-1", &[("<pocLinks/>", LINKS)]), "400 E_ENTITY_VALIDATION"),
        case("DELETE /rest/net/NET-10-0-0-0-1", "direct allocation", Nothing, "400 E_ENTITY_VALIDATION"),
        case("DELETE /rest/net/NET-10-1-0-16-1", "", Nothing, "200 ticketedRequest"),
        case("DELETE /rest/net/NET-10-1-0-16-1", "again", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("PUT /rest/net/NET-10-4-0-0-1/remove", "with children: a ticket", Edited("/rest/net/NET-10-4-0-0-1", &[("<originASes/>", "<messages><message><text><line number=\"0\">gone</line></text></message></messages>")]), "200 ticketedRequest (ticket)"),
        case("DELETE /rest/net/NET-10-4-0-0-1", "its ticket is open", Nothing, "409 E_BAD_REQUEST"),
        case("POST /rest/net/NET-10-0-0-0-1/org", "withdrawn in 2020", xml("org", &format!("<orgName>Elm Inc</orgName>{ADDRESS}{LINKS}")), ["405 E_METHOD_NOT_ALLOWED", "200 org"]),
        case("PATCH /rest/net/NET-10-0-0-0-1", "no such method", Nothing, "405 E_METHOD_NOT_ALLOWED"),
    ]
}

#[rustfmt::skip] // a table: one case a line
fn parties() -> Vec<Case> {
    let poc = |inner: &str| {
        xml(
            "poc",
            &format!(
                "<contactType>PERSON</contactType><lastName>Doe</lastName><firstName>Jane</firstName>{ADDRESS}{inner}"
            ),
        )
    };
    let reach = "<emails><email>jane@example.net</email></emails><phones><phone><number>+1-703-555-0100</number><type><code>O</code></type></phone></phones>";
    vec![
        case("GET /rest/customer/C10000001", "", Nothing, "200 customer"),
        case("GET /rest/customer/C1", "no such customer", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("PUT /rest/customer/C10000001", "new name, private", Edited("/rest/customer/C10000001", &[("Maple", "Oak"), ("false</privateCustomer>", "true</privateCustomer>")]), "200 customer"),
        case("PUT /rest/customer/C10000001", "no postal code in the US", Edited("/rest/customer/C10000001", &[("<postalCode>20190</postalCode>", "")]), "400 E_ENTITY_VALIDATION"),
        case("DELETE /rest/customer/C10000001", "still linked", Nothing, "409 E_NOT_REMOVEABLE"),
        case("DELETE /rest/customer/C10000002", "", Nothing, "200 customer"),
        case("POST /rest/poc;makeLink=true", "", poc(reach), "200 poc"),
        case("POST /rest/poc", "without a link", poc(reach), "200 poc"),
        case("POST /rest/poc", "no phone", poc("<emails><email>a@example.net</email></emails>"), "400 E_ENTITY_VALIDATION"),
        case("POST /rest/poc", "unknown contact type", xml("poc", "<contactType>DOG</contactType>"), "400 E_SCHEMA_VALIDATION"),
        case("GET /rest/poc/DOEJA1-ARIN", "", Nothing, "200 poc"),
        case("GET /rest/poc/NOBODY-ARIN", "no such POC", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("PUT /rest/poc/DOEJA1-ARIN", "new city", Edited("/rest/poc/DOEJA1-ARIN", &[("Reston", "Herndon")]), "200 poc"),
        case("PUT /rest/poc/DOEJA1-ARIN", "new last name", Edited("/rest/poc/DOEJA1-ARIN", &[("Doe", "Roe")]), "400 E_ENTITY_VALIDATION"),
        case("PUT /rest/poc/DOEJA2-ARIN", "not linked to the user", Edited("/rest/poc/DOEJA2-ARIN", &[]), "401 E_AUTHENTICATION"),
        case("PUT /rest/poc/DOEJA1-ARIN/phone", "", xml("phone", "<number>+1-703-555-0199</number><type><code>M</code></type>"), "200 phone"),
        case("PUT /rest/poc/DOEJA1-ARIN/phone", "unknown type", xml("phone", "<number>+1-703-555-0199</number><type><code>X</code></type>"), "400 E_ENTITY_VALIDATION"),
        case("DELETE /rest/poc/DOEJA1-ARIN/phone/+1-703-555-0199;type=M", "", Nothing, "200 collection"),
        case("DELETE /rest/poc/DOEJA1-ARIN/phone;type=F", "by type; none there", Nothing, "200 collection"),
        case("DELETE /rest/poc/DOEJA1-ARIN/phone/+1-703-555-0100", "the last office phone", Nothing, "400 E_ENTITY_VALIDATION"),
        case("DELETE /rest/poc/DOEJA1-ARIN/phone", "neither number nor type", Nothing, "400 E_BAD_REQUEST"),
        case("POST /rest/poc/DOEJA1-ARIN/email/doe@example.net", "", Nothing, "200 poc"),
        case("POST /rest/poc/DOEJA1-ARIN/email/doe", "no address", Nothing, "400 E_ENTITY_VALIDATION"),
        case("DELETE /rest/poc/DOEJA1-ARIN/email/doe@example.net", "", Nothing, "200 poc"),
        case("DELETE /rest/poc/DOEJA1-ARIN/email/jane@example.net", "the last one", Nothing, "400 E_ENTITY_VALIDATION"),
        case("DELETE /rest/poc/ADMIN-EXAMPLE-1", "still linked", Nothing, "409 E_NOT_REMOVEABLE"),
        case("POST /rest/org", "answered by a ticket", xml("org", &format!("<orgName>Own Inc</orgName>{ADDRESS}{LINKS}")), "200 ticket"),
        case("POST /rest/org", "no contacts", xml("org", &format!("<orgName>Own Inc</orgName>{ADDRESS}")), "400 E_ENTITY_VALIDATION"),
        case("GET /rest/org/EXAMPLE-1", "", Nothing, "200 org"),
        case("GET /rest/org/NOBODY", "no such org", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("PUT /rest/org/EXAMPLE-1", "new street", Edited("/rest/org/EXAMPLE-1", &[("1 Example Street", "2 Example Street")]), "200 org"),
        case("PUT /rest/org/EXAMPLE-1", "new name", Edited("/rest/org/EXAMPLE-1", &[("<orgName>EXAMPLE-1", "<orgName>Other")]), "400 E_ENTITY_VALIDATION"),
        case("PUT /rest/org/CLOSED-1", "another's org", Edited("/rest/org/CLOSED-1", &[]), "401 E_AUTHENTICATION"),
        case("PUT /rest/org/EXAMPLE-1/poc/DOEJA1-ARIN;pocFunction=N", "", Nothing, "200 org"),
        case("PUT /rest/org/EXAMPLE-1/poc/DOEJA1-ARIN;pocFunction=AD", "a second Admin", Nothing, ["400 E_ENTITY_VALIDATION", "200 org"]),
        case("PUT /rest/org/EXAMPLE-1/poc/DOEJA1-ARIN", "no function", Nothing, "400 E_BAD_REQUEST"),
        case("PUT /rest/org/EXAMPLE-1/poc/NOBODY;pocFunction=N", "no such POC", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("DELETE /rest/org/EXAMPLE-1/poc/DOEJA1-ARIN;pocFunction=N", "", Nothing, "200 org"),
        case("DELETE /rest/org/EXAMPLE-1/poc;pocFunction=T", "all Techs", Nothing, "400 E_ENTITY_VALIDATION"),
        case("DELETE /rest/org/EXAMPLE-1", "still linked", Nothing, "409 E_NOT_REMOVEABLE"),
        case("DELETE /rest/org/SPARE-1", "", Nothing, "200 org"),
        case("DELETE /rest/poc/DOEJA1-ARIN", "in classic now an Admin", Nothing, ["200 poc", "409 E_NOT_REMOVEABLE"]),
    ]
}

#[rustfmt::skip] // a table: one case a line
fn zones() -> Vec<Case> {
    vec![
        case("GET /rest/delegation/10.in-addr.arpa", "", Nothing, "200 delegation"),
        case("GET /rest/delegation/9.in-addr.arpa", "nobody's zone", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("GET /rest/delegation/x", "no zone", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("POST /rest/delegation/10.in-addr.arpa/nameserver/ns1.example.net?ttl=3600", "", Nothing, "200 delegation"),
        case("POST /rest/delegation/10.in-addr.arpa/nameserver/ns1.example.net?ttl=7200", "again: updated, or a conflict", Nothing, ["200 delegation", "409 E_BAD_REQUEST"]),
        case("POST /rest/delegation/10.in-addr.arpa/nameserver/ns1.example.net", "again without a ttl", Nothing, "409 E_BAD_REQUEST"),
        case("POST /rest/delegation/10.in-addr.arpa/nameserver/ns3.example.net", "", Nothing, "200 delegation"),
        case("DELETE /rest/delegation/10.in-addr.arpa/nameserver/ns3.example.net", "", Nothing, "200 delegation"),
        case("POST /rest/delegation/10.in-addr.arpa/nameserver/ns2.example.net?ttl=x", "bad ttl", Nothing, "400 E_ENTITY_VALIDATION"),
        case("PUT /rest/delegation/10.in-addr.arpa", "with a DS record", Edited("/rest/delegation/10.in-addr.arpa", &[("<delegationKeys/>", DS)]), "200 delegation"),
        case("PUT /rest/delegation/10.in-addr.arpa", "another name", Edited("/rest/delegation/10.in-addr.arpa", &[("<name>10.", "<name>11.")]), "400 E_ENTITY_VALIDATION"),
        case("DELETE /rest/delegation/10.in-addr.arpa/nameserver/ns9.example.net", "none such", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("DELETE /rest/delegation/10.in-addr.arpa/nameserver/ns1.example.net", "the last one of a signed zone", Nothing, "409 E_BAD_REQUEST"),
        case("DELETE /rest/delegation/10.in-addr.arpa/nameservers", "of a signed zone", Nothing, "409 E_BAD_REQUEST"),
        case("DELETE /rest/delegation/8.b.d.0.1.0.0.2.ip6.arpa/nameservers", "", Nothing, "200 delegation"),
    ]
}

/// Numbers of the tickets so far: in classic two reassignments came first.
#[rustfmt::skip] // a table: one case a line
fn tickets() -> Vec<Case> {
    vec![
        case("GET /rest/ticket/TICKET-ORG?msgRefs=true", "", Nothing, "200 ticket"),
        case("GET /rest/ticket/NONE", "no such ticket", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("PUT /rest/ticket/TICKET-ORG/ticketStatus/CLOSED", "not resolved yet", Nothing, "400 E_BAD_REQUEST"),
        case("PUT /rest/ticket/TICKET-ORG/message", "", xml("message", MESSAGE), "200 message"),
        case("PUT /rest/ticket/TICKET-ORG/message", "unknown category", xml("message", "<category>X</category><text><line number=\"0\">T</line></text>"), "400 E_ENTITY_VALIDATION"),
        case("GET /rest/ticket/TICKET-ORG/message/1", "", Nothing, "200 message"),
        case("GET /rest/ticket/TICKET-ORG/message/9", "no such message", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("GET /rest/ticket/TICKET-ORG/message/1/attachment/ATTACHMENT", "", Nothing, "200 application/octet-stream"),
        case("GET /rest/ticket/TICKET-ORG/message/1/attachment/x", "none such", Nothing, "404 E_OBJECT_NOT_FOUND"),
        case("GET /rest/ticket/TICKET-ORG", "with its messages; now resolved", Nothing, "200 ticket"),
        case("GET /rest/ticket/TICKET-ORG/summary", "", Nothing, "200 ticket"),
        case("GET /rest/ticket;ticketType=ANY;ticketStatus=ANY_OPEN", "", Nothing, "200 collection"),
        case("GET /rest/ticket/summary;ticketType=ORG_CREATE", "", Nothing, "200 collection"),
        case("GET /rest/ticket/summary", "neither type nor status", Nothing, "400 E_BAD_REQUEST"),
        case("PUT /rest/ticket/TICKET-ORG?msgRefs=true", "another type", Edited("/rest/ticket/TICKET-ORG/summary", &[("ORG_CREATE", "QUESTION")]), "400 E_ENTITY_VALIDATION"),
        case("PUT /rest/ticket/TICKET-ORG?msgRefs=true", "closed", Edited("/rest/ticket/TICKET-ORG/summary", &[("RESOLVED", "CLOSED")]), "200 ticket"),
        case("PUT /rest/ticket/TICKET-ORG/ticketStatus/CLOSED", "closed already", Nothing, "400 E_BAD_REQUEST"),
        case("PUT /rest/ticket/TICKET-ORG/message", "closed already", xml("message", MESSAGE), "400 E_BAD_REQUEST"),
        case("PUT /rest/ticket/20260101-X9/ticketStatus/RESOLVED", "another status", Nothing, "400 E_BAD_REQUEST"),
        case("PUT /rest/ticket/20260101-X9/ticketStatus/CLOSED", "a resolved one", Nothing, "200 ticket"),
        case("GET /rest/report/reassignment/NET-10-0-0-0-1", "", Nothing, "200 ticket"),
        case("GET /rest/report/reassignment/NET-10-2-0-0-1", "of a reassignment", Nothing, "400 E_BAD_REQUEST"),
        case("GET /rest/report/reassignment/NET-172-16-0-0-1", "of another's net", Nothing, "401 E_AUTHENTICATION"),
        case("GET /rest/report/associations", "", Nothing, "200 ticket"),
        case("GET /rest/report/whoWas/net/10.1.0.8", "", Nothing, "200 ticket"),
        case("GET /rest/report/whoWas/net/10.0.0.0%2F8", "a prefix", Nothing, "400 E_BAD_REQUEST"),
        case("GET /rest/report/whoWas/asn/64496", "", Nothing, "200 ticket"),
        case("GET /rest/report/whoWas/asn/x", "no number", Nothing, "400 E_BAD_REQUEST"),
    ]
}

/// All of them, in the order in which they are asked.
pub(super) fn cases() -> Vec<Case> {
    nets().into_iter().chain(parties()).chain(zones()).chain(tickets()).collect()
}

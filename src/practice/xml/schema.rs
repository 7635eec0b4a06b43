//! What ARIN's RELAX NG schemas allow, as a table: the judge behind `E_SCHEMA_VALIDATION`.
//!
//! Owns element names, types, repetition and which records take elements of other namespaces.
//! Must not know: rules of the service (required fields, who may do what).

use super::{Element, Space};

/// What an element's text must be.
#[derive(Clone, Copy, Debug)]
enum Text {
    /// Anything.
    Any,
    /// Anything but nothing.
    Filled,
    /// `true`, `false`, `1`, `0`, blanks around allowed.
    Boolean,
    /// A whole number of any size, blanks around allowed.
    Integer,
    /// A whole number of 32 bits, blanks around allowed.
    Int,
    /// One of these, to the letter.
    OneOf(&'static [&'static str]),
    /// One of these, blanks around allowed.
    Token(&'static [&'static str]),
}

/// How often a child may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Once,
    Needed,
    Many,
}

/// What stands in an element.
#[derive(Debug)]
enum Content {
    Text(Text),
    Children {
        children: &'static [Child],
        /// Whether elements of other namespaces may stand among them.
        foreign: bool,
        /// Two children that exclude each other.
        exclusive: Option<(&'static str, &'static str)>,
    },
}

#[derive(Debug)]
struct Child {
    space: Space,
    name: &'static str,
    times: Times,
    shape: &'static Shape,
}

/// An attribute: its space, name, type, and whether it must be there.
type Attr = (Space, &'static str, Text, bool);

#[derive(Debug)]
struct Shape {
    attributes: &'static [Attr],
    content: Content,
}

const fn text(text: Text) -> Shape {
    Shape { attributes: &[], content: Content::Text(text) }
}

const fn record(children: &'static [Child]) -> Shape {
    let content = Content::Children { children, foreign: true, exclusive: None };
    Shape { attributes: &[], content }
}

const fn either(children: &'static [Child], a: &'static str, b: &'static str) -> Shape {
    let content = Content::Children { children, foreign: true, exclusive: Some((a, b)) };
    Shape { attributes: &[], content }
}

const fn list(children: &'static [Child]) -> Shape {
    let content = Content::Children { children, foreign: false, exclusive: None };
    Shape { attributes: &[], content }
}

const fn one(name: &'static str, shape: &'static Shape) -> Child {
    Child { space: Space::Core, name, times: Times::Once, shape }
}

const fn needed(name: &'static str, shape: &'static Shape) -> Child {
    Child { space: Space::Core, name, times: Times::Needed, shape }
}

const fn many(name: &'static str, shape: &'static Shape) -> Child {
    Child { space: Space::Core, name, times: Times::Many, shape }
}

const fn of(space: Space, name: &'static str, shape: &'static Shape) -> Child {
    Child { space, name, times: Times::Once, shape }
}

static ANY: Shape = text(Text::Any);
static FILLED: Shape = text(Text::Filled);
static BOOLEAN: Shape = text(Text::Boolean);
static INTEGER: Shape = text(Text::Integer);
static INT: Shape = text(Text::Int);
static VERSION: Shape = text(Text::Token(&["4", "6"]));
static CONTACT_TYPE: Shape = text(Text::OneOf(&["PERSON", "ROLE"]));
static NET_TYPE: Shape = text(Text::OneOf(&[
    "IU", "IR", "AF", "AP", "AR", "LN", "RN", "RD", "PV", "AV", "RV", "LX", "PX", "RX", "FX", "DA",
    "DS", "A", "S",
]));

static LINE: Shape = Shape {
    attributes: &[(Space::None, "number", Text::Integer, true)],
    content: Content::Text(Text::Any),
};
static LINES: Shape = list(&[many("line", &LINE)]);
static POC_LINK: Shape = Shape {
    attributes: &[
        (Space::None, "handle", Text::Any, false),
        (Space::None, "function", Text::OneOf(&["AD", "AB", "N", "T", "R", "D"]), true),
        (Space::None, "description", Text::Any, false),
    ],
    content: Content::Children { children: &[], foreign: false, exclusive: None },
};
static POC_LINKS: Shape = list(&[many("pocLinkRef", &POC_LINK)]);
static COUNTRY: Shape =
    record(&[one("code2", &ANY), one("code3", &ANY), one("name", &ANY), one("e164", &ANY)]);
static ATTACHMENT: Shape = record(&[one("data", &ANY), one("filename", &ANY)]);
static ATTACHMENTS: Shape = list(&[many("attachment", &ATTACHMENT)]);
static ATTACHMENT_REF: Shape =
    record(&[needed("attachmentId", &FILLED), needed("attachmentFilename", &FILLED)]);
static ATTACHMENT_REFS: Shape = list(&[many("attachmentReference", &ATTACHMENT_REF)]);
static MESSAGE: Shape = either(
    &[
        one("attachments", &ATTACHMENTS),
        one("attachmentReferences", &ATTACHMENT_REFS),
        one("category", &ANY),
        one("subject", &ANY),
        one("text", &LINES),
        of(Space::Messages, "messageId", &INTEGER),
        of(Space::Messages, "createdDate", &ANY),
    ],
    "attachments",
    "attachmentReferences",
);
static MESSAGES: Shape = list(&[many("message", &MESSAGE)]);
static MESSAGE_REF: Shape =
    record(&[needed("messageId", &INT), one("attachmentReferences", &ATTACHMENT_REFS)]);
static MESSAGE_REFS: Shape = list(&[many("messageReference", &MESSAGE_REF)]);
static CUSTOMER: Shape = record(&[
    one("city", &ANY),
    one("iso3166-1", &COUNTRY),
    one("handle", &ANY),
    one("customerName", &ANY),
    one("parentOrgHandle", &ANY),
    one("postalCode", &ANY),
    one("privateCustomer", &BOOLEAN),
    one("comment", &LINES),
    one("registrationDate", &ANY),
    one("iso3166-2", &ANY),
    one("streetAddress", &LINES),
]);
static NET_BLOCK: Shape = record(&[
    one("cidrLength", &ANY),
    one("description", &ANY),
    one("endAddress", &ANY),
    one("startAddress", &ANY),
    one("type", &NET_TYPE),
]);
static NET_BLOCKS: Shape = list(&[many("netBlock", &NET_BLOCK)]);
static ORIGIN_ASES: Shape = list(&[many("originAS", &ANY)]);
static NET: Shape = either(
    &[
        one("customerHandle", &ANY),
        one("customer", &CUSTOMER),
        one("netBlocks", &NET_BLOCKS),
        one("handle", &ANY),
        one("netName", &ANY),
        one("orgHandle", &ANY),
        one("originASes", &ORIGIN_ASES),
        one("parentNetHandle", &ANY),
        one("registrationDate", &ANY),
        one("pocLinks", &POC_LINKS),
        one("version", &VERSION),
        one("comment", &LINES),
        one("messages", &MESSAGES),
        one("messageReferences", &MESSAGE_REFS),
    ],
    "messages",
    "messageReferences",
);
/// `acceptReassignments` is newer than the published schema.
static ORG: Shape = either(
    &[
        one("city", &ANY),
        one("iso3166-1", &COUNTRY),
        one("dbaName", &ANY),
        one("pocLinks", &POC_LINKS),
        one("handle", &ANY),
        one("orgName", &ANY),
        one("orgUrl", &ANY),
        one("postalCode", &ANY),
        one("comment", &LINES),
        one("registrationDate", &ANY),
        one("iso3166-2", &ANY),
        one("streetAddress", &LINES),
        one("taxId", &ANY),
        one("acceptReassignments", &BOOLEAN),
        one("messages", &MESSAGES),
        one("messageReferences", &MESSAGE_REFS),
    ],
    "messages",
    "messageReferences",
);
static PHONE_TYPE: Shape = list(&[one("description", &ANY), one("code", &ANY)]);
static PHONE: Shape =
    record(&[one("extension", &ANY), one("number", &ANY), one("type", &PHONE_TYPE)]);
static PHONES: Shape = list(&[many("phone", &PHONE)]);
static EMAILS: Shape = list(&[many("email", &ANY)]);
static POC: Shape = record(&[
    one("city", &ANY),
    one("companyName", &ANY),
    one("contactType", &CONTACT_TYPE),
    one("iso3166-1", &COUNTRY),
    one("emails", &EMAILS),
    one("firstName", &ANY),
    one("lastModified", &ANY),
    one("lastName", &ANY),
    one("middleName", &ANY),
    one("phones", &PHONES),
    one("handle", &ANY),
    one("postalCode", &ANY),
    one("comment", &LINES),
    one("registrationDate", &ANY),
    one("iso3166-2", &ANY),
    one("streetAddress", &LINES),
]);
static TICKET: Shape = either(
    &[
        one("closedDate", &ANY),
        one("createdDate", &ANY),
        one("flagged", &ANY),
        one("messages", &MESSAGES),
        one("messageReferences", &MESSAGE_REFS),
        of(Space::Shared, "orgHandle", &ANY),
        one("resolvedDate", &ANY),
        of(Space::Shared, "shared", &BOOLEAN),
        one("ticketNo", &ANY),
        one("updatedDate", &ANY),
        one("webTicketResolution", &ANY),
        one("webTicketStatus", &ANY),
        one("webTicketType", &ANY),
    ],
    "messages",
    "messageReferences",
);
static NAMED: Shape = Shape {
    attributes: &[(Space::None, "name", Text::Any, false)],
    content: Content::Text(Text::Any),
};
static DELEGATION_KEY: Shape = list(&[
    one("algorithm", &NAMED),
    one("digest", &ANY),
    of(Space::Ttl, "ttl", &ANY),
    one("digestType", &NAMED),
    one("keyTag", &ANY),
]);
static DELEGATION_KEYS: Shape = list(&[many("delegationKey", &DELEGATION_KEY)]);
static NAMESERVER: Shape = Shape {
    attributes: &[(Space::Ttl, "ttl", Text::Any, false)],
    content: Content::Text(Text::Any),
};
static NAMESERVERS: Shape = list(&[many("nameserver", &NAMESERVER)]);
static DELEGATION: Shape = record(&[
    one("name", &ANY),
    one("nameservers", &NAMESERVERS),
    one("delegationKeys", &DELEGATION_KEYS),
]);

/// The payloads a body may hold.
static ROOTS: [Child; 7] = [
    one("net", &NET),
    one("customer", &CUSTOMER),
    one("org", &ORG),
    one("poc", &POC),
    one("phone", &PHONE),
    one("ticket", &TICKET),
    one("delegation", &DELEGATION),
];
static MESSAGE_ROOT: Child = one("message", &MESSAGE);

/// Checks a document against the schema of its payload.
pub(in crate::practice) fn check(root: &Element, payload: &str) -> Result<(), String> {
    if root.space != Space::Core || root.name != payload {
        let found = shown(root);
        return Err(format!("{found} stands where <{payload}> is expected"));
    }
    let known = ROOTS.iter().chain([&MESSAGE_ROOT]).find(|child| child.name == payload);
    known.map_or_else(
        || Err(format!("<{payload}> is no payload")),
        |child| element(root, child.shape),
    )
}

/// An element's name with what is odd about its namespace.
fn shown(element: &Element) -> String {
    let space = match element.space {
        Space::Core => "",
        Space::None => " of no namespace",
        _ => " of another namespace",
    };
    format!("<{}>{space}", element.name)
}

fn element(found: &Element, shape: &Shape) -> Result<(), String> {
    attributes(found, shape)?;
    match &shape.content {
        Content::Text(kind) if found.children.is_empty() => {
            let what = || format!("<{}>", found.name);
            typed(&found.text, *kind, &what)
        }
        Content::Text(_) => {
            Err(format!("<{}> holds elements, but only text is allowed", found.name))
        }
        Content::Children { children: allowed, foreign, exclusive } => {
            if !found.text.trim().is_empty() {
                return Err(format!("<{}> holds text beside its elements", found.name));
            }
            children(found, allowed, *foreign)?;
            match exclusive {
                Some((a, b)) if found.child(a).is_some() && found.child(b).is_some() => {
                    Err(format!("<{a}> and <{b}> may not both stand in <{}>", found.name))
                }
                _ => Ok(()),
            }
        }
    }
}

fn attributes(found: &Element, shape: &Shape) -> Result<(), String> {
    for attribute in &found.attributes {
        let known = shape
            .attributes
            .iter()
            .find(|(space, name, ..)| *space == attribute.space && *name == attribute.name);
        let Some((_, name, kind, _)) = known else {
            return Err(format!("<{}> may not have `{}`", found.name, attribute.name));
        };
        typed(&attribute.value, *kind, &|| format!("`{name}` of <{}>", found.name))?;
    }
    let missing = shape
        .attributes
        .iter()
        .find(|(space, name, _, needed)| *needed && found.attribute_in(*space, name).is_none());
    missing.map_or(Ok(()), |(_, name, ..)| Err(format!("<{}> needs `{name}`", found.name)))
}

fn children(found: &Element, allowed: &[Child], foreign: bool) -> Result<(), String> {
    let mut seen = vec![false; allowed.len()];
    for child in &found.children {
        let known =
            allowed.iter().position(|one| one.space == child.space && one.name == child.name);
        let Some(index) = known else {
            // The list of namespaces that are never foreign leaves that of the TTLs out.
            if foreign && matches!(child.space, Space::Foreign | Space::Ttl) {
                continue;
            }
            return Err(format!("{} may not stand in <{}>", shown(child), found.name));
        };
        if seen[index] && allowed[index].times != Times::Many {
            return Err(format!("<{}> stands twice in <{}>", child.name, found.name));
        }
        seen[index] = true;
        element(child, allowed[index].shape)?;
    }
    let missing = allowed.iter().zip(seen).find(|(one, seen)| one.times == Times::Needed && !seen);
    missing.map_or(Ok(()), |(one, _)| Err(format!("<{}> needs <{}>", found.name, one.name)))
}

fn typed(value: &str, kind: Text, what: &dyn Fn() -> String) -> Result<(), String> {
    let blanks = [' ', '\t', '\r', '\n'];
    let bare = value.trim_matches(blanks);
    let integer = || {
        let digits = bare.strip_prefix(['+', '-']).unwrap_or(bare);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let (fits, expected) = match kind {
        Text::Any => (true, String::new()),
        Text::Filled => (!value.is_empty(), "some text".to_owned()),
        Text::Boolean => (["true", "false", "1", "0"].contains(&bare), "true or false".to_owned()),
        Text::Integer => (integer(), "a whole number".to_owned()),
        Text::Int => (bare.parse::<i32>().is_ok(), "a whole number of 32 bits".to_owned()),
        Text::OneOf(words) => (words.contains(&value), words.join(", ")),
        Text::Token(words) => (words.contains(&bare), words.join(", ")),
    };
    if fits {
        return Ok(());
    }
    let shown: String = value.chars().take(40).collect();
    Err(format!("{} holds `{shown}`; expected: {expected}", what()))
}

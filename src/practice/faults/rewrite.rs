//! An XML document written another way: the same to whoever reads by namespace and name.
//!
//! Owns order, prefixes and foreign elements. Must not know: which request gets which.

use quick_xml::escape::escape;

use super::fraction;
use crate::practice::xml::{CORE, Element, MESSAGES, RPKI, SHARED, Space, TTL};

/// How a document is written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    /// Elements in another order.
    pub(super) shuffled: bool,
    /// Every namespace under a prefix of its own.
    pub(super) prefixes: bool,
    /// Elements of another namespace among a record's own.
    pub(super) foreign: bool,
}

/// Records, in which the schema lets foreign elements stand.
const RECORDS: [&str; 9] =
    ["net", "netBlock", "customer", "org", "poc", "phone", "ticket", "message", "delegation"];
/// A foreign element with a name that would mislead whoever looks at names alone.
const FOREIGN: &str = "<odd:extra xmlns:odd=\"urn:example:extension\"><odd:handle>NET-0-0-0-0-0</odd:handle></odd:extra>";

/// Namespaces and the prefixes they get, plain and odd; the first is the default when plain.
const PREFIXES: [(Space, &str, &str, &str); 5] = [
    (Space::Core, CORE, "", "r:"),
    (Space::Messages, MESSAGES, "ns2:", "core:"),
    (Space::Shared, SHARED, "ns3:", "ns1:"),
    (Space::Ttl, TTL, "ns4:", "ns2:"),
    (Space::Rpki, RPKI, "ns5:", "ns9:"),
];

/// Writes a document in a style.
pub(super) fn write(root: &Element, style: Style) -> String {
    let mut text = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#.to_owned();
    let mut declared = String::new();
    for (_, namespace, plain, odd) in PREFIXES {
        let prefix = if style.prefixes { odd } else { plain }.trim_end_matches(':');
        let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
        declared.push_str(&format!(" {name}=\"{namespace}\""));
    }
    element(&mut text, root, &declared, style);
    text
}

fn prefix(space: Space, style: Style) -> &'static str {
    let found = PREFIXES.iter().find(|(known, ..)| *known == space);
    found.map_or("", |(.., plain, odd)| if style.prefixes { odd } else { plain })
}

fn element(text: &mut String, found: &Element, declared: &str, style: Style) {
    let name = format!("{}{}", prefix(found.space, style), found.name);
    text.push_str(&format!("<{name}{declared}"));
    for attribute in &found.attributes {
        let space =
            if attribute.space == Space::None { "" } else { prefix(attribute.space, style) };
        let value = escape(&attribute.value);
        text.push_str(&format!(" {space}{}=\"{value}\"", attribute.name));
    }
    text.push('>');
    text.push_str(&escape(&found.text));
    let mut children: Vec<&Element> = found.children.iter().collect();
    if style.shuffled {
        let key = |(index, child): &(usize, &&Element)| {
            let about = [index.to_le_bytes().as_slice(), child.name.as_bytes()].concat();
            fraction(&[&about])
        };
        let mut order: Vec<(usize, &&Element)> = children.iter().enumerate().collect();
        order.sort_by(|a, b| key(a).total_cmp(&key(b)));
        children = order.into_iter().map(|(_, child)| *child).collect();
    }
    if style.foreign && RECORDS.contains(&found.name.as_str()) {
        text.push_str(FOREIGN);
    }
    for child in children {
        element(text, child, "", style);
    }
    text.push_str(&format!("</{name}>"));
}

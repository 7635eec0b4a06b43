//! The practice registry's own XML: elements in, elements out.
//!
//! Owns parsing by namespace URI; shares nothing with the client, so that the two cannot share a
//! mistake. Must not know: what an element means.

pub(super) mod schema;
pub(super) mod writer;

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;

/// Namespace of the payloads.
pub(super) const CORE: &str = "http://www.arin.net/regrws/core/v1";
/// Namespace of a message's id and date.
pub(super) const MESSAGES: &str = "http://www.arin.net/regrws/messages/v1";
/// Namespace of routing certificates.
pub(super) const RPKI: &str = "http://www.arin.net/regrws/rpki/v1";
/// Namespace of who shares a ticket.
pub(super) const SHARED: &str = "http://www.arin.net/regrws/shared-ticket/v1";
/// Namespace of times to live of reverse DNS records.
pub(super) const TTL: &str = "http://www.arin.net/regrws/ttl/v1";

/// Deepest nesting that is read.
const DEPTH_MAX: usize = 32;
/// Most elements that are read of one body.
const ELEMENTS_MAX: usize = 50_000;
/// Most attributes of one element, namespace declarations included.
const ATTRIBUTES_MAX: usize = 64;

/// Where a name comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Space {
    /// The payloads' own.
    #[default]
    Core,
    /// Of a message.
    Messages,
    /// Routing certificates.
    Rpki,
    /// Of a shared ticket.
    Shared,
    /// Times to live.
    Ttl,
    /// Somebody else's: allowed in most records, and ignored.
    Foreign,
    /// In no namespace.
    None,
}

impl Space {
    fn of(resolved: &ResolveResult<'_>) -> Self {
        match resolved {
            ResolveResult::Bound(namespace) => match namespace.as_ref() {
                CORE => Self::Core,
                MESSAGES => Self::Messages,
                RPKI => Self::Rpki,
                SHARED => Self::Shared,
                TTL => Self::Ttl,
                _ => Self::Foreign,
            },
            _ => Self::None,
        }
    }
}

/// An attribute as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) space: Space,
    pub(super) name: String,
    pub(super) value: String,
}

/// An element as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) space: Space,
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Self>,
    pub(super) text: String,
}

impl Element {
    /// The child of a name in the core namespace.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.in_space(Space::Core, name)
    }

    /// The child of a name.
    pub(super) fn in_space(&self, space: Space, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.space == space && child.name == name)
    }

    /// The members of a list, those of other namespaces left out.
    pub(super) fn members(&self, list: &str) -> impl Iterator<Item = &Self> {
        let members = self.child(list).into_iter().flat_map(|list| &list.children);
        members.filter(|member| member.space == Space::Core)
    }

    /// A child's text, unless blank or absent.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    /// The numbered lines of a child, in order; `None` when the child is absent.
    pub(super) fn lines_of(&self, name: &str) -> Option<Vec<String>> {
        let number = |line: &Self| line.attribute("number").and_then(|n| n.trim().parse().ok());
        let mut lines: Vec<&Self> = self.child(name)?.children.iter().collect();
        lines.sort_by_key(|line| number(line).unwrap_or(0_i128));
        Some(lines.into_iter().map(|line| line.text.clone()).collect())
    }

    /// An unqualified attribute's value.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attribute_in(Space::None, name)
    }

    /// An attribute's value.
    pub(super) fn attribute_in(&self, space: Space, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|a| a.space == space && a.name == name);
        found.map(|attribute| attribute.value.as_str())
    }
}

/// A document that is being read.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    fn begin(&mut self, element: Element) -> Result<(), String> {
        self.count += 1;
        if self.open.len() >= DEPTH_MAX {
            return Err(format!("the elements are nested deeper than {DEPTH_MAX}"));
        }
        if self.count > ELEMENTS_MAX {
            return Err(format!("there are more than {ELEMENTS_MAX} elements"));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err("there is a second root element".to_owned());
        }
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let done = self.open.pop().ok_or("an element ends that did not begin")?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => self.root = Some(done),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        match self.open.last_mut() {
            Some(top) => top.text.push_str(text),
            None if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => {}
            None => return Err("there is text outside the root element".to_owned()),
        }
        Ok(())
    }
}

/// Parses a body; the reason is for the `E_SCHEMA_VALIDATION` message.
pub(super) fn parse(body: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8".to_owned())?;
    if let Some(bad) = text.chars().find(|c| !is_xml_character(*c)) {
        return Err(format!("`{}` is no character of XML 1.0", bad.escape_default()));
    }
    let mut reader = NsReader::from_str(text);
    let mut tree = Tree::default();
    loop {
        let event = reader.read_event().map_err(|fault| fault.to_string())?;
        match event {
            Event::Eof => break,
            Event::DocType(_) => return Err("a document type declaration is refused".to_owned()),
            Event::Start(start) => tree.begin(element(&reader, &start)?)?,
            Event::Empty(start) => {
                tree.begin(element(&reader, &start)?)?;
                tree.end()?;
            }
            Event::End(_) => tree.end()?,
            Event::Text(text) => tree.text(&text.xml10_content())?,
            Event::CData(data) => tree.text(&data)?,
            Event::GeneralRef(reference) => tree.text(&resolved(&reference)?)?,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    match tree.root {
        Some(root) if tree.open.is_empty() => Ok(root),
        Some(_) => Err("the body ends early".to_owned()),
        None if tree.open.is_empty() => Err("the body is empty".to_owned()),
        None => Err("the body ends early".to_owned()),
    }
}

const fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(c) = reference.resolve_char_ref().map_err(|fault| fault.to_string())? {
        return match is_xml_character(c) {
            true => Ok(c.to_string()),
            false => Err("a reference to no character of XML 1.0".to_owned()),
        };
    }
    quick_xml::escape::resolve_predefined_entity(reference)
        .map(str::to_owned)
        .ok_or_else(|| "an entity that XML does not define".to_owned())
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, String> {
    let (space, name) = reader.resolver().resolve_element(start.name());
    let mut element =
        Element { space: Space::of(&space), name: name.as_ref().to_owned(), ..Element::default() };
    for (count, attribute) in start.attributes().enumerate() {
        if count >= ATTRIBUTES_MAX {
            return Err(format!("an element has more than {ATTRIBUTES_MAX} attributes"));
        }
        let attribute = attribute.map_err(|fault| fault.to_string())?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (space, name) = reader.resolver().resolve_attribute(attribute.key);
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|e| e.to_string())?;
        element.attributes.push(Attribute {
            space: Space::of(&space),
            name: name.as_ref().to_owned(),
            value: value.into_owned(),
        });
    }
    Ok(element)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_are_none_are_refused() {
        for body in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "<!DOCTYPE a><a/>",
            "<a>&b;</a>",
            "<a>&#0;</a>",
            "<a b='1' b='2'/>",
            "\u{1}<a/>",
        ] {
            assert!(parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(parse(&[0xff, 0xfe, b'<']).is_err());
        assert!(parse("<a>".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn names_are_known_by_their_namespace() {
        let body = format!(
            "<?xml version=\"1.0\"?><!-- c --><n:net xmlns:n=\"{CORE}\" xmlns:o=\"urn:other\" \
             xmlns:t=\"{TTL}\"><n:netName><![CDATA[A & ]]>B &amp; C</n:netName><o:x/><plain/>\
             <n:nameserver t:ttl=\"5\"/></n:net>"
        );
        let net = parse(body.as_bytes()).unwrap();
        assert_eq!((net.space, net.name.as_str()), (Space::Core, "net"));
        assert_eq!(net.text_of("netName"), Some("A & B & C"));
        assert!(net.in_space(Space::Foreign, "x").is_some());
        assert!(net.in_space(Space::None, "plain").is_some());
        let server = net.child("nameserver").unwrap();
        assert_eq!(server.attribute_in(Space::Ttl, "ttl"), Some("5"));
    }
}

//! The practice registry's own XML: elements in, elements out.
//!
//! Owns parsing by namespace URI and writing; shares nothing with the client, so that the two
//! cannot share a mistake. Must not know: what an element means.

use quick_xml::NsReader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

/// Namespace of the payloads.
pub(super) const CORE: &str = "http://www.arin.net/regrws/core/v1";
/// What a namespace of ARIN begins with.
const ARIN: &str = "http://www.arin.net/regrws/";
/// Deepest nesting that is read.
const DEPTH_MAX: usize = 32;

/// An element as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Self>,
    pub(super) text: String,
}

impl Element {
    /// The child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// A child's text, unless blank or absent.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    /// The numbered lines of a child, in order.
    pub(super) fn lines_of(&self, name: &str) -> Vec<String> {
        let number =
            |line: &Self| line.attribute("number").and_then(|n| n.trim().parse::<i64>().ok());
        let mut lines: Vec<&Self> =
            self.child(name).map(|c| c.children.iter().collect()).unwrap_or_default();
        lines.sort_by_key(|line| number(line));
        lines.into_iter().map(|line| line.text.clone()).collect()
    }

    /// An attribute's value.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Parses a body; the reason is for the `E_SCHEMA_VALIDATION` message.
pub(super) fn parse(body: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8".to_owned())?;
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut foreign = 0_usize;
    let mut root = None;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|e| e.to_string())?;
        let known = match &namespace {
            ResolveResult::Bound(ns) if ns.as_ref() == CORE => Some(true),
            ResolveResult::Bound(ns) if !ns.as_ref().starts_with(ARIN) => Some(false),
            _ => None,
        };
        match event {
            Event::Eof => break,
            Event::DocType(_) => return Err("a DTD is refused".to_owned()),
            Event::Start(_) | Event::Empty(_) if open.len() + foreign >= DEPTH_MAX => {
                return Err("too deep".to_owned());
            }
            Event::Start(_) if foreign > 0 || known == Some(false) => foreign += 1,
            Event::Empty(_) if foreign > 0 || known == Some(false) => {}
            Event::Start(start) => open.push(element(&start, known)?),
            Event::Empty(start) => close(element(&start, known)?, &mut open, &mut root)?,
            Event::End(_) if foreign > 0 => foreign -= 1,
            Event::End(_) => {
                let done = open.pop().ok_or("an end without a start")?;
                close(done, &mut open, &mut root)?;
            }
            Event::Text(text) if foreign == 0 => {
                add_text(&mut open, &text.xml10_content());
            }
            Event::CData(data) if foreign == 0 => add_text(&mut open, &data),
            Event::GeneralRef(reference) if foreign == 0 => {
                add_text(&mut open, &resolved(&reference)?);
            }
            _ => {}
        }
    }
    if open.is_empty() {
        root.ok_or_else(|| "the body is empty".to_owned())
    } else {
        Err("the body ends early".to_owned())
    }
}

fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, String> {
    if let Some(c) = reference.resolve_char_ref().map_err(|e| e.to_string())? {
        return Ok(c.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(reference)
        .map(str::to_owned)
        .ok_or_else(|| "an entity that XML does not define".to_owned())
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(top) = open.last_mut() {
        top.text.push_str(text);
    }
}

fn element(start: &BytesStart<'_>, known: Option<bool>) -> Result<Element, String> {
    let name = start.local_name().as_ref().to_owned();
    if known.is_none() {
        return Err(format!("<{name}> is in no namespace of the schema"));
    }
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| e.to_string())?;
        let key = attribute.key.as_ref();
        if key != "xmlns" && !key.starts_with("xmlns:") {
            let value = quick_xml::escape::unescape(&attribute.value).map_err(|e| e.to_string())?;
            attributes.push((key.to_owned(), value.into_owned()));
        }
    }
    Ok(Element { name, attributes, ..Element::default() })
}

fn close(done: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), String> {
    match (open.last_mut(), root.is_some()) {
        (Some(parent), _) => parent.children.push(done),
        (None, false) => *root = Some(done),
        (None, true) => return Err("two roots".to_owned()),
    }
    Ok(())
}

/// Elements that may stand in each payload element; `*` may come more than once.
const SCHEMA: [(&str, &str); 14] = [
    (
        "net",
        "customerHandle customer netBlocks handle netName orgHandle originASes parentNetHandle registrationDate pocLinks version comment messages",
    ),
    ("netBlocks", "netBlock*"),
    ("netBlock", "cidrLength description endAddress startAddress type"),
    (
        "customer",
        "city iso3166-1 handle customerName parentOrgHandle postalCode privateCustomer comment registrationDate iso3166-2 streetAddress",
    ),
    (
        "org",
        "city iso3166-1 dbaName pocLinks handle orgName orgUrl postalCode comment registrationDate iso3166-2 streetAddress taxId messages acceptReassignments",
    ),
    ("iso3166-1", "code2 code3 name e164"),
    ("comment", "line*"),
    ("streetAddress", "line*"),
    ("originASes", "originAS*"),
    ("pocLinks", "pocLinkRef*"),
    ("messages", "message*"),
    ("message", "attachments category subject text"),
    ("text", "line*"),
    ("attachments", "attachment*"),
];

/// Values that the schema enumerates.
const ENUMERATED: [(&str, &[&str]); 3] = [
    ("version", &["4", "6"]),
    ("privateCustomer", &["true", "false", "1", "0"]),
    (
        "type",
        &[
            "IU", "IR", "AF", "AP", "AR", "LN", "RN", "RD", "PV", "AV", "RV", "LX", "PX", "RX",
            "FX", "DA", "DS", "A", "S",
        ],
    ),
];

/// Checks an element and all below it against the schema.
pub(super) fn check(element: &Element) -> Result<(), String> {
    if let Some((_, words)) = ENUMERATED.iter().find(|(name, _)| *name == element.name)
        && !words.contains(&element.text.trim())
    {
        return Err(format!(
            "<{}> holds `{}`, which the schema does not list",
            element.name, element.text
        ));
    }
    if element.name == "line"
        && element.attribute("number").is_none_or(|n| n.trim().parse::<i64>().is_err())
    {
        return Err("<line> needs an integer number".to_owned());
    }
    let allowed =
        SCHEMA.iter().find(|(name, _)| *name == element.name).map_or("", |(_, list)| list);
    let mut seen = Vec::new();
    for child in &element.children {
        let rule = allowed.split(' ').find(|word| word.trim_end_matches('*') == child.name);
        let Some(rule) = rule else {
            return Err(format!("<{}> may not stand in <{}>", child.name, element.name));
        };
        if !rule.ends_with('*') && seen.contains(&&child.name) {
            return Err(format!("<{}> stands twice in <{}>", child.name, element.name));
        }
        seen.push(&child.name);
        check(child)?;
    }
    Ok(())
}

/// Builds XML text.
#[derive(Debug, Default)]
pub(super) struct Writer(String);

impl Writer {
    /// A document under a root in the core namespace.
    pub(super) fn document(root: &str, inner: impl FnOnce(&mut Self)) -> String {
        let mut writer =
            Self(r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#.to_owned());
        writer.0.push_str(&format!("<{root} xmlns=\"{CORE}\">"));
        inner(&mut writer);
        writer.0.push_str(&format!("</{root}>"));
        writer.0
    }

    /// An element with children.
    pub(super) fn nest(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        self.0.push_str(&format!("<{name}>"));
        inner(self);
        self.0.push_str(&format!("</{name}>"));
    }

    /// An element with text.
    pub(super) fn leaf(&mut self, name: &str, text: &str) {
        self.0.push_str(&format!("<{name}>{}</{name}>", escape(text)));
    }

    /// An element with text, if there is any.
    pub(super) fn some(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(name, text);
        }
    }

    /// An element without anything.
    pub(super) fn empty(&mut self, name: &str) {
        self.0.push_str(&format!("<{name}/>"));
    }

    /// An element with attributes only.
    pub(super) fn attributes(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push_str(&format!("<{name}"));
        for (key, value) in attributes {
            self.0.push_str(&format!(" {key}=\"{}\"", escape(*value)));
        }
        self.0.push_str("/>");
    }

    /// Numbered lines, counted from 0, if there are any.
    pub(super) fn lines(&mut self, name: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.nest(name, |w| {
            for (number, line) in lines.iter().enumerate() {
                w.0.push_str(&format!(
                    "<line number=\"{number}\">{}</line>",
                    escape(line.as_str())
                ));
            }
        });
    }
}

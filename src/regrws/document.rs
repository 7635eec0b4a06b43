//! Any document made canonical: namespaces matched by URI, nothing foreign, within limits.
//!
//! In a canonical document an element of the core namespace has its local name, one of ARIN's
//! other namespaces has a mark before it (`m.messageId`), whatever the prefixes were; attributes
//! likewise. Owns what is refused (DTDs, other encodings, depth, attributes, text beside the root)
//! and the root check. Must not know: what the elements mean.

use std::collections::BTreeSet;

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::{NamespaceResolver, QName, ResolveResult};
use quick_xml::{NsReader, Writer};

/// Namespace of nearly every Reg-RWS element.
pub const CORE: &str = "http://www.arin.net/regrws/core/v1";
/// ARIN's other namespaces with the prefix they are written with, which followed by a dot is
/// their mark in a canonical document.
pub(super) const ARIN_NAMESPACES: [(&str, &str); 3] = [
    ("m", "http://www.arin.net/regrws/messages/v1"),
    ("s", "http://www.arin.net/regrws/shared-ticket/v1"),
    ("t", "http://www.arin.net/regrws/ttl/v1"),
];
/// Encodings a document may declare: UTF-8, and what is part of it.
const ENCODINGS: [&str; 3] = ["utf-8", "utf8", "us-ascii"];
/// Deepest nesting; ARIN's payloads have seven levels.
pub const DEPTH_MAX: usize = 32;
/// Most attributes of one element; ARIN's have three.
pub const ATTRIBUTES_MAX: usize = 64;

/// Why bytes are no Reg-RWS document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not UTF-8, or declared to be something else.
    #[error("it is not UTF-8")]
    Encoding,
    /// Not well-formed XML.
    #[error("it is not well-formed XML: {0}")]
    Malformed(String),
    /// A document type declaration, which Reg-RWS never uses.
    #[error("it has a DTD, which is refused")]
    Dtd,
    /// Too deep, or too many attributes.
    #[error("it exceeds the limit of {limit} {of}")]
    Limit {
        /// What there is too much of.
        of: &'static str,
        /// How much of it there may be.
        limit: usize,
    },
    /// No element of ARIN's core namespace at the root.
    #[error("its root is no element of ARIN's core namespace, {CORE}")]
    ForeignRoot,
}

/// A document without prefixes and foreign elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Local name of its root.
    pub root: String,
    /// Its canonical text.
    pub xml: String,
}

impl Document {
    /// The elements that hold a text, an attribute or such elements, by their paths below the
    /// root: `netBlocks/netBlock/type`.
    pub(super) fn elements(&self) -> BTreeSet<String> {
        let mut reader = quick_xml::Reader::from_str(&self.xml);
        let (mut open, mut found) = (Vec::new(), BTreeSet::new());
        // A canonical document is well-formed, so that it can be read to its end.
        while let Ok(event) = reader.read_event() {
            let holds = match event {
                Event::Eof => return found,
                Event::Start(start) => {
                    open.push(start.name().as_ref().to_owned());
                    start.attributes().next().is_some()
                }
                Event::End(_) => open.pop().is_none(),
                Event::Text(text) => !text.trim_ascii().is_empty(),
                event => matches!(event, Event::GeneralRef(_)),
            };
            if holds && open.len() > 1 {
                found.insert(open[1..].join("/"));
            }
        }
        found
    }
}

impl Document {
    /// This document laid over another: children of the root that are in this one, and those of
    /// the other one that are not. An element without content stands here as any other.
    pub(super) fn over(&self, below: &Self) -> Self {
        let own = self.children();
        let kept = below
            .children()
            .into_iter()
            .filter(|(name, _)| !own.iter().any(|(known, _)| known == name));
        let all: String = own.iter().map(|(_, text)| *text).chain(kept.map(|(_, t)| t)).collect();
        Self { root: self.root.clone(), xml: format!("<{0}>{all}</{0}>", self.root) }
    }

    /// Name and text of each child of the root.
    fn children(&self) -> Vec<(String, &str)> {
        let mut reader = quick_xml::Reader::from_str(&self.xml);
        let (mut depth, mut begin, mut found) = (0_usize, 0, Vec::new());
        let place = |reader: &quick_xml::Reader<&[u8]>| {
            usize::try_from(reader.buffer_position()).unwrap_or_default()
        };
        let mut before = 0;
        // A canonical document is well-formed, so that it can be read to its end.
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Eof => break,
                Event::Start(_) => {
                    if depth == 1 {
                        begin = before;
                    }
                    depth += 1;
                }
                Event::End(end) => {
                    depth = depth.saturating_sub(1);
                    if depth == 1 {
                        let text = &self.xml[begin..place(&reader)];
                        found.push((end.name().as_ref().to_owned(), text));
                    }
                }
                _ => {}
            }
            before = place(&reader);
        }
        found
    }
}

/// Reads bytes into a canonical document.
///
/// # Errors
/// [`DocumentError`].
pub fn read(bytes: &[u8]) -> Result<Document, DocumentError> {
    let text = std::str::from_utf8(bytes).map_err(|_| DocumentError::Encoding)?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = NsReader::from_str(text);
    let mut pass = Pass { out: Writer::new(Vec::new()), root: None, open: Vec::new(), skipping: 0 };
    loop {
        let event = reader.read_event().map_err(malformed)?;
        if let Event::Eof = event {
            return pass.finish();
        }
        pass.take(event, reader.resolver())?;
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the form `map_err` takes")]
fn malformed(fault: impl ToString) -> DocumentError {
    DocumentError::Malformed(fault.to_string())
}

/// The mark of a namespace: empty for core; `None` for one that is not ARIN's, or none.
fn mark(namespace: &ResolveResult<'_>) -> Option<String> {
    let ResolveResult::Bound(uri) = namespace else { return None };
    if uri.as_ref() == CORE {
        return Some(String::new());
    }
    let found = ARIN_NAMESPACES.iter().find(|(_, known)| *known == uri.as_ref());
    found.map(|(prefix, _)| format!("{prefix}."))
}

/// The state of one pass over a document.
struct Pass {
    out: Writer<Vec<u8>>,
    root: Option<String>,
    /// Canonical names of the open elements.
    open: Vec<String>,
    /// How many of the innermost open elements are passed over.
    skipping: usize,
}

impl Pass {
    fn take(&mut self, event: Event<'_>, names: &NamespaceResolver) -> Result<(), DocumentError> {
        match event {
            Event::Decl(declaration) => encoding(&declaration),
            Event::DocType(_) => Err(DocumentError::Dtd),
            Event::Start(start) => self.start(&start, names),
            Event::Empty(start) => {
                self.start(&start, names)?;
                self.end()
            }
            Event::End(_) => self.end(),
            Event::Text(text) if self.open.is_empty() && text.trim_ascii().is_empty() => Ok(()),
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if self.open.is_empty() => {
                Err(malformed("text beside the root"))
            }
            Event::CData(data) if self.skipping == 0 => {
                self.write(Event::Text(BytesText::new(data.as_ref())))
            }
            event @ (Event::Text(_) | Event::GeneralRef(_)) if self.skipping == 0 => {
                self.write(event)
            }
            _ => Ok(()),
        }
    }

    /// An element that begins: its depth, the root, and whether it is passed over.
    fn start(
        &mut self,
        start: &BytesStart<'_>,
        names: &NamespaceResolver,
    ) -> Result<(), DocumentError> {
        if self.open.len() >= DEPTH_MAX {
            return Err(DocumentError::Limit { of: "levels", limit: DEPTH_MAX });
        }
        let (namespace, local) = names.resolve_element(start.name());
        let mark = mark(&namespace);
        if self.open.is_empty() {
            if self.root.is_some() {
                return Err(malformed("two roots"));
            }
            if mark.as_deref() != Some("") {
                return Err(DocumentError::ForeignRoot);
            }
            self.root = Some(local.as_ref().to_owned());
        }
        let name = format!("{}{}", mark.as_deref().unwrap_or_default(), local.as_ref());
        if self.skipping > 0 || mark.is_none() {
            self.skipping += 1;
        } else {
            let canonical = canonical(&name, start, names)?;
            self.write(Event::Start(canonical))?;
        }
        self.open.push(name);
        Ok(())
    }

    /// The innermost open element ends.
    fn end(&mut self) -> Result<(), DocumentError> {
        let name = self.open.pop().ok_or_else(|| malformed("an end without a start"))?;
        if self.skipping > 0 {
            self.skipping -= 1;
            return Ok(());
        }
        self.write(Event::End(BytesEnd::new(name)))
    }

    fn write(&mut self, event: Event<'_>) -> Result<(), DocumentError> {
        self.out.write_event(event).map_err(malformed)
    }

    fn finish(self) -> Result<Document, DocumentError> {
        if !self.open.is_empty() {
            return Err(malformed("it ends before its root does"));
        }
        let root = self.root.ok_or(DocumentError::ForeignRoot)?;
        let xml = String::from_utf8(self.out.into_inner()).map_err(|_| DocumentError::Encoding)?;
        Ok(Document { root, xml })
    }
}

/// Refuses a declared encoding that is not UTF-8.
fn encoding(declaration: &BytesDecl<'_>) -> Result<(), DocumentError> {
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name)) if ENCODINGS.contains(&name.to_ascii_lowercase().as_str()) => Ok(()),
        Some(_) => Err(DocumentError::Encoding),
    }
}

/// The element under its canonical name, with the attributes of no or of ARIN's namespaces.
fn canonical(
    name: &str,
    start: &BytesStart<'_>,
    names: &NamespaceResolver,
) -> Result<BytesStart<'static>, DocumentError> {
    let mut out = BytesStart::new(name.to_owned());
    for (count, attribute) in start.attributes().enumerate() {
        if count >= ATTRIBUTES_MAX {
            return Err(DocumentError::Limit { of: "attributes", limit: ATTRIBUTES_MAX });
        }
        let attribute = attribute.map_err(malformed)?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (namespace, local) = names.resolve_attribute(attribute.key);
        let mark = match namespace {
            ResolveResult::Unbound => Some(String::new()),
            namespace => mark(&namespace).filter(|mark| !mark.is_empty()),
        };
        let Some(mark) = mark else { continue };
        let key = format!("{mark}{}", local.as_ref());
        out.push_attribute(Attribute { key: QName(key.as_str()), value: attribute.value });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        let inner = "<a>".repeat(levels - 1) + &"</a>".repeat(levels - 1);
        format!("<net xmlns=\"{CORE}\">{inner}</net>")
    }

    fn attributed(count: usize) -> String {
        let all: String = (1..count).map(|number| format!(" a{number}=\"\"")).collect();
        format!("<net xmlns=\"{CORE}\"{all}/>")
    }

    #[test]
    fn what_is_too_deep_or_has_too_many_attributes_is_refused() {
        for (text, of, limit) in [
            (nested as fn(usize) -> String, "levels", DEPTH_MAX),
            (attributed, "attributes", ATTRIBUTES_MAX),
        ] {
            assert!(read(text(limit).as_bytes()).is_ok(), "{limit} {of}");
            let refused = read(text(limit + 1).as_bytes());
            assert_eq!(refused, Err(DocumentError::Limit { of, limit }));
        }
    }

    #[test]
    fn dtds_and_other_encodings_are_refused() {
        let net = format!("<net xmlns=\"{CORE}\"/>");
        let dtd = format!("<!DOCTYPE net [<!ENTITY a \"b\">]>{net}");
        assert_eq!(read(dtd.as_bytes()), Err(DocumentError::Dtd));
        let latin = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{net}");
        assert_eq!(read(latin.as_bytes()), Err(DocumentError::Encoding));
        assert_eq!(read(b"<net>\xe9</net>"), Err(DocumentError::Encoding));
    }
}

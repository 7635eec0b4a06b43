//! Any answer made canonical: one namespace, no prefixes, nothing foreign, within limits.
//!
//! Owns what is refused (DTDs, other encodings, depth, attributes, trailing text) and the root
//! check. Must not know: what the elements mean.

use quick_xml::events::{BytesStart, BytesText, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, Writer};

/// Namespace of nearly every Reg-RWS element.
pub const CORE: &str = "http://www.arin.net/regrws/core/v1";
/// Deepest nesting; ARIN's payloads have seven levels.
pub const DEPTH_MAX: usize = 32;
/// Most attributes of one element; ARIN's have three.
pub const ATTRIBUTES_MAX: usize = 64;

/// Why bytes are no Reg-RWS document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not UTF-8.
    #[error("the answer is not UTF-8")]
    Encoding,
    /// Not well-formed XML.
    #[error("the answer is not well-formed XML: {0}")]
    Malformed(String),
    /// A document type declaration, which Reg-RWS never sends.
    #[error("the answer has a DTD, which is refused")]
    Dtd,
    /// Too deep, or too many attributes.
    #[error("the answer exceeds the limit of {0}")]
    Limit(&'static str),
    /// No element of ARIN's core namespace at the root.
    #[error("the answer's root is no element of ARIN's core namespace")]
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

/// Reads bytes into a canonical document.
///
/// # Errors
/// [`DocumentError`].
pub fn read(bytes: &[u8]) -> Result<Document, DocumentError> {
    let text = std::str::from_utf8(bytes).map_err(|_| DocumentError::Encoding)?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = NsReader::from_str(text);
    let mut pass = Pass { out: Writer::new(Vec::new()), root: None, depth: 0, skipping: 0 };
    loop {
        let (namespace, event) = reader
            .read_resolved_event()
            .map_err(|fault| DocumentError::Malformed(fault.to_string()))?;
        let core = matches!(&namespace, ResolveResult::Bound(ns) if ns.as_ref() == CORE);
        match event {
            Event::Eof => break,
            event => pass.take(event, core)?,
        }
    }
    pass.finish()
}

/// The state of one pass over a document.
struct Pass {
    out: Writer<Vec<u8>>,
    root: Option<String>,
    depth: usize,
    skipping: usize,
}

impl Pass {
    fn take(&mut self, event: Event<'_>, core: bool) -> Result<(), DocumentError> {
        match event {
            Event::DocType(_) => Err(DocumentError::Dtd),
            Event::Start(start) => {
                self.enter(&start, core)?;
                self.depth += 1;
                if self.skipping == 0 { self.write(Event::Start(local(&start)?)) } else { Ok(()) }
            }
            Event::Empty(start) => {
                self.enter(&start, core)?;
                if self.skipping == 0 {
                    return self.write(Event::Empty(local(&start)?));
                }
                self.skipping -= 1;
                Ok(())
            }
            Event::End(end) => {
                self.depth = self.depth.saturating_sub(1);
                if self.skipping > 0 {
                    self.skipping -= 1;
                    return Ok(());
                }
                let name = end.local_name().as_ref().to_owned();
                self.write(Event::End(quick_xml::events::BytesEnd::new(name)))
            }
            Event::CData(data) if self.skipping == 0 => {
                self.write(Event::Text(BytesText::new(data.as_ref())))
            }
            Event::Text(text) if self.depth == 0 => {
                let blank = text.trim_ascii().is_empty();
                if blank {
                    Ok(())
                } else {
                    Err(DocumentError::Malformed("text beside the root".to_owned()))
                }
            }
            event @ (Event::Text(_) | Event::GeneralRef(_)) if self.skipping == 0 => {
                self.write(event)
            }
            _ => Ok(()),
        }
    }

    /// Judges an element that begins: its depth, the root, and whether it is skipped.
    fn enter(&mut self, start: &BytesStart<'_>, core: bool) -> Result<(), DocumentError> {
        if self.depth >= DEPTH_MAX {
            return Err(DocumentError::Limit("depth"));
        }
        if self.depth == 0 {
            if self.root.is_some() {
                return Err(DocumentError::Malformed("two roots".to_owned()));
            }
            if !core {
                return Err(DocumentError::ForeignRoot);
            }
            self.root = Some(start.local_name().as_ref().to_owned());
        }
        if self.skipping > 0 || !core {
            self.skipping += 1;
        }
        Ok(())
    }

    fn write(&mut self, event: Event<'_>) -> Result<(), DocumentError> {
        self.out.write_event(event).map_err(|fault| DocumentError::Malformed(fault.to_string()))
    }

    fn finish(self) -> Result<Document, DocumentError> {
        let root = self.root.ok_or(DocumentError::ForeignRoot)?;
        if self.depth > 0 {
            return Err(DocumentError::Malformed("it ends before its root does".to_owned()));
        }
        let xml = String::from_utf8(self.out.into_inner()).map_err(|_| DocumentError::Encoding)?;
        Ok(Document { root, xml })
    }
}

/// The element under its local name, with its attributes but without namespace declarations.
fn local(start: &BytesStart<'_>) -> Result<BytesStart<'static>, DocumentError> {
    let name = start.local_name().as_ref().to_owned();
    let mut out = BytesStart::new(name);
    for (count, attribute) in start.attributes().enumerate() {
        if count >= ATTRIBUTES_MAX {
            return Err(DocumentError::Limit("attributes"));
        }
        let attribute = attribute.map_err(|fault| DocumentError::Malformed(fault.to_string()))?;
        let key = attribute.key;
        if key.as_ref() == "xmlns" || key.as_ref().starts_with("xmlns:") {
            continue;
        }
        let local = key.local_name().as_ref().to_owned();
        out.push_attribute(quick_xml::events::attributes::Attribute {
            key: quick_xml::name::QName(local.as_str()),
            value: attribute.value,
        });
    }
    Ok(out)
}

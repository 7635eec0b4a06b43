//! Writes XML as the real service does: one line, the payload's namespace as the default.
//!
//! Owns escaping and prefixes. Must not know: which elements a record has.

use quick_xml::escape::escape;

use super::{CORE, MESSAGES, SHARED, TTL};

/// Builds XML text.
#[derive(Debug, Default)]
pub(in crate::practice) struct Writer(String);

/// Characters that XML 1.0 cannot hold never get in, so that none has to be dropped here.
impl Writer {
    /// A document under a root in the core namespace.
    pub(in crate::practice) fn document(root: &str, inner: impl FnOnce(&mut Self)) -> String {
        Self::declaring(root, &[], inner)
    }

    /// A document whose records may hold messages and tickets: `m:` and `s:` of the real
    /// service are `ns2` and `ns3`.
    pub(in crate::practice) fn ticketed(root: &str, inner: impl FnOnce(&mut Self)) -> String {
        Self::declaring(root, &[("ns2", MESSAGES), ("ns3", SHARED)], inner)
    }

    /// A document with delegations, where `ns2` is the namespace of times to live.
    pub(in crate::practice) fn delegated(root: &str, inner: impl FnOnce(&mut Self)) -> String {
        Self::declaring(root, &[("ns2", TTL)], inner)
    }

    fn declaring(root: &str, others: &[(&str, &str)], inner: impl FnOnce(&mut Self)) -> String {
        let mut writer =
            Self(r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#.to_owned());
        writer.0.push_str(&format!("<{root} xmlns=\"{CORE}\""));
        for (prefix, namespace) in others {
            writer.0.push_str(&format!(" xmlns:{prefix}=\"{namespace}\""));
        }
        writer.0.push('>');
        inner(&mut writer);
        writer.0.push_str(&format!("</{root}>"));
        writer.0
    }

    /// An element with children; `<name/>` when it has none.
    pub(in crate::practice) fn nest(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        self.0.push('<');
        self.0.push_str(name);
        let bare = self.0.len();
        self.0.push('>');
        let begin = self.0.len();
        inner(self);
        if self.0.len() == begin {
            self.0.truncate(bare);
            self.0.push_str("/>");
        } else {
            self.close(name);
        }
    }

    fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element with text.
    pub(in crate::practice) fn leaf(&mut self, name: &str, text: &str) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
        self.0.push_str(&escape(text));
        self.close(name);
    }

    /// An element with text, if there is any.
    pub(in crate::practice) fn some(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(name, text);
        }
    }

    /// An element without anything.
    pub(in crate::practice) fn empty(&mut self, name: &str) {
        self.nest(name, |_| {});
    }

    /// An element with attributes, and text if there is any.
    pub(in crate::practice) fn with(
        &mut self,
        name: &str,
        attributes: &[(&str, Option<&str>)],
        text: &str,
    ) {
        self.0.push('<');
        self.0.push_str(name);
        for (key, value) in attributes {
            if let Some(value) = value {
                self.0.push_str(&format!(" {key}=\"{}\"", escape(*value)));
            }
        }
        if text.is_empty() {
            self.0.push_str("/>");
        } else {
            self.0.push('>');
            self.0.push_str(&escape(text));
            self.close(name);
        }
    }

    /// Numbered lines, counted from 0, if there are any.
    pub(in crate::practice) fn lines(&mut self, name: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.nest(name, |w| {
            for (number, line) in lines.iter().enumerate() {
                w.0.push_str(&format!("<line number=\"{number}\">{}</line>", escape(line)));
            }
        });
    }
}

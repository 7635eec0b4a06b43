//! Answers, refusals and requests on stdout: for people, as XML, as JSON.
//!
//! Owns the three forms. Must not know: which call it was.

use std::io::Write;

use serde_json::{Value, json};

use super::super::args::Output;
use super::super::failure::Failure;
use super::super::terminal;
use super::file::Saved;
use crate::regrws::payload::{AnyPayload, Payload};
use crate::regrws::{Complaint, RawAnswer, WireRequest};

/// How something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Text,
    /// As it came, or would be sent.
    Xml,
    /// The same as JSON.
    Json,
}

impl Form {
    /// The form that was asked for.
    pub(super) const fn of(output: &Output) -> Self {
        match (output.xml, output.json) {
            (true, _) => Self::Xml,
            (_, true) => Self::Json,
            _ => Self::Text,
        }
    }
}

/// Shows a payload and the answer it came in.
pub(super) fn show_payload<P: Payload>(
    form: Form,
    answer: &RawAnswer,
    payload: &P,
) -> Result<(), Failure> {
    match form {
        Form::Xml => xml(&answer.body),
        Form::Json => json(&payload.to_json()),
        Form::Text => text(&payload.to_json()),
    }
}

/// Shows what the registry said no with; people read it in the message that follows.
pub(super) fn show_refusal(
    form: Form,
    answer: &RawAnswer,
    complaint: &Complaint,
) -> Result<(), Failure> {
    match (form, complaint) {
        (Form::Xml, _) => xml(&answer.body),
        (Form::Json, Complaint::Registry(_)) => {
            let error = AnyPayload::from_xml(&answer.body).map(|error| error.to_json());
            json(&json!({ "status": answer.status, "error": error.unwrap_or_default() }))
        }
        (Form::Json, Complaint::Unusable { reason, .. }) => {
            json(&json!({ "status": answer.status, "unusable": reason }))
        }
        (Form::Text, _) => Ok(()),
    }
}

/// Shows a request in place of sending it.
pub(super) fn show_request(form: Form, request: &WireRequest) -> Result<(), Failure> {
    let (method, path) = (request.method, &request.path);
    tracing::info!("not sent: {method} {path}");
    let body = request.body.as_deref();
    match form {
        Form::Xml => xml(body.unwrap_or_default().as_bytes()),
        Form::Json | Form::Text => {
            let body = body.and_then(|body| AnyPayload::from_xml(body.as_bytes()).ok());
            let body = body.map(|body| body.to_json());
            if form == Form::Json {
                return json(&json!({ "method": method, "path": path, "body": body }));
            }
            text(&body.unwrap_or_default())
        }
    }
}

/// Shows the files that were saved, after the record they belong to (as JSON and as XML).
pub(super) fn saved(
    form: Form,
    record: Option<(Value, String)>,
    files: &[Saved],
) -> Result<(), Failure> {
    let facts = |saved: &Saved| json!({ "path": saved.path, "bytes": saved.bytes });
    let files: Vec<Value> = files.iter().map(facts).collect();
    for file in &files {
        tracing::info!("saved {} ({} bytes)", file["path"].as_str().unwrap_or("?"), file["bytes"]);
    }
    match (form, record) {
        (Form::Xml, Some((_, document))) => xml(document.as_bytes()),
        (Form::Xml, None) => Ok(()),
        (Form::Json, Some((ticket, _))) => json(&json!({ "ticket": ticket, "files": files })),
        (Form::Json, None) => json(&json!({ "files": files })),
        (Form::Text, Some((ticket, _))) => text(&json!({ "ticket": ticket, "files": files })),
        (Form::Text, None) => text(&json!({ "files": files })),
    }
}

/// Shows XML as it is, with a line end.
pub(super) fn xml(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = terminal::out();
    out.write_all(bytes)?;
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        writeln!(out)?;
    }
    Ok(out.flush()?)
}

/// Shows one JSON document.
pub(super) fn json(value: &Value) -> Result<(), Failure> {
    let mut out = terminal::out();
    writeln!(out, "{value:#}")?;
    Ok(out.flush()?)
}

/// Shows a value as indented lines.
pub(super) fn text(value: &Value) -> Result<(), Failure> {
    let mut lines = Vec::new();
    match value {
        Value::Array(items) if items.is_empty() => lines.push("none".to_owned()),
        value => indented(value, 0, &mut lines),
    }
    let mut out = terminal::out();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

/// Spaces a level is moved in by.
const INDENT: usize = 2;
/// Width of a name, so that values stand below each other.
const NAME_WIDTH: usize = 20;

fn indented(value: &Value, level: usize, lines: &mut Vec<String>) {
    let pad = " ".repeat(level * INDENT);
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::Object(_) | Value::Array(_) => {
                        lines.push(format!("{pad}{name}"));
                        indented(value, level + 1, lines);
                    }
                    value => {
                        let width = NAME_WIDTH.saturating_sub(pad.len());
                        lines.push(format!("{pad}{name:width$} {}", plain(value)));
                    }
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                // Records are told apart by a blank line, plain values by their lines.
                if at > 0 && item.is_object() {
                    lines.push(String::new());
                }
                indented(item, level, lines);
            }
        }
        Value::Null => {}
        value => lines.push(format!("{pad}{}", plain(value))),
    }
}

/// A plain value for people; control characters cannot reach the terminal.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text
            .chars()
            .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
            .collect(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_see_names_and_values_below_each_other() {
        let value = json!({
            "handle": "NET-1",
            "netBlocks": [{ "type": "S", "cidrLength": 29 }, { "type": "S" }],
            "comment": ["one", "tw\u{1b}o"],
        });
        let mut lines = Vec::new();
        indented(&value, 0, &mut lines);
        assert_eq!(
            lines,
            [
                "comment",
                "  one",
                "  tw\u{fffd}o",
                "handle               NET-1",
                "netBlocks",
                "  cidrLength         29",
                "  type               S",
                "",
                "  type               S",
            ]
        );
    }
}

//! JSON documents as records: an API's page with `results`, a list, or an object a line.
//!
//! Owns flattening (`tenant.name`, tags joined by commas) and that a page is whole. Must not know:
//! formats.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::Rule;

use super::record::{Place, Records, SourceFault};

/// A page of a REST API.
#[derive(Deserialize)]
struct Page<'t> {
    count: Option<u64>,
    next: Option<String>,
    #[serde(borrow, alias = "data")]
    results: Vec<&'t RawValue>,
}

/// Reads every object of a document.
pub(super) fn read(text: &str, taker: &mut dyn Records) {
    let text = text.trim_start_matches('\u{feff}');
    let trimmed = text.trim_start();
    let items = if trimmed.starts_with('[') {
        serde_json::from_str::<Vec<&RawValue>>(text)
    } else {
        match serde_json::from_str::<Page<'_>>(text) {
            Ok(page) => {
                if let Some(fault) = not_whole(&page) {
                    return taker.broken(fault, true);
                }
                Ok(page.results)
            }
            Err(_) if is_lines(trimmed) => return lines(text, taker),
            Err(fault) => Err(fault),
        }
    };
    match items {
        Ok(items) => {
            for item in items {
                object(item.get(), place_of(text, item.get()), taker);
            }
        }
        Err(fault) => taker.broken(not_json(&fault, 0), true),
    }
}

/// Whether the first line is an object on its own.
fn is_lines(text: &str) -> bool {
    text.lines()
        .next()
        .is_some_and(|line| serde_json::from_str::<Value>(line).is_ok_and(|v| v.is_object()))
}

fn lines(text: &str, taker: &mut dyn Records) {
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = place_of(text, line);
        if serde_json::from_str::<&RawValue>(line).is_ok() {
            object(line, place, taker);
        } else if let Err(fault) = serde_json::from_str::<Value>(line) {
            return taker.broken(not_json(&fault, index), true);
        }
    }
}

/// Place of a part of a text.
fn place_of(text: &str, part: &str) -> Place {
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    let line = 1 + memchr::memchr_iter(b'\n', before).count() as u64;
    Place { line, offset: offset as u64, sheet: None }
}

fn not_whole(page: &Page<'_>) -> Option<SourceFault> {
    let found = page.results.len() as u64;
    let message = match (&page.next, page.count) {
        (Some(_), Some(count)) => {
            format!(
                "this is one page of several: {found} of {count} objects, and `next` names another page"
            )
        }
        (Some(_), None) => "this is one page of several: `next` names another page".to_owned(),
        (None, Some(count)) if count != found => {
            format!("`count` says {count} objects, but `results` holds {found}")
        }
        _ => return None,
    };
    Some(SourceFault {
        place: Place { line: 1, ..Place::default() },
        rule: Rule::RaggedRow,
        message,
        help: "ask the API for all of them, as with ?limit=0, or give a list of all results"
            .to_owned(),
        value: String::new(),
    })
}

fn not_json(fault: &serde_json::Error, lines_before: usize) -> SourceFault {
    let line = (fault.line().max(1) + lines_before) as u64;
    SourceFault {
        place: Place { line, ..Place::default() },
        rule: Rule::BadEncoding,
        message: format!("the JSON cannot be read: {fault}"),
        help: "export it again; it may be cut off".to_owned(),
        value: String::new(),
    }
}

fn object(text: &str, place: Place, taker: &mut dyn Records) {
    match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => {
            let mut cells = Vec::new();
            flatten("", &value, &mut cells);
            taker.named(&cells, &place);
        }
        Ok(_) => taker.broken(
            SourceFault {
                place,
                rule: Rule::RaggedRow,
                message: "an item of the list is no object".to_owned(),
                help: "export it again".to_owned(),
                value: super::super::cells::shown(text),
            },
            false,
        ),
        Err(fault) => taker.broken(not_json(&fault, 0), true),
    }
}

/// An object's values under their paths; a choice or a named thing also under its own key.
fn flatten(path: &str, value: &Value, cells: &mut Vec<(String, String)>) {
    match value {
        Value::Null => cells.push((path.to_owned(), String::new())),
        Value::Bool(value) => cells.push((path.to_owned(), value.to_string())),
        Value::Number(value) => cells.push((path.to_owned(), value.to_string())),
        Value::String(text) => cells.push((path.to_owned(), text.clone())),
        Value::Array(items) => {
            let words: Vec<String> = items.iter().map(word).collect();
            cells.push((path.to_owned(), words.join(",")));
        }
        Value::Object(map) => {
            if !path.is_empty() {
                cells.push((path.to_owned(), word(value)));
            }
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(&path, value, cells);
            }
        }
    }
}

/// What a person would call a value: of a choice its label, of a named thing its name.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Object(map) => {
            let named = ["label", "name", "display", "value"];
            named
                .iter()
                .find_map(|key| map.get(*key))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        }
        other => other.to_string(),
    }
}

//! Payloads as JSON.
//!
//! Owns what XML has and JSON has not: wrappers of lists, attributes, numbered lines, prefixes.
//! Must not know: any element's name.

use serde::Serialize;
use serde_json::{Map, Value};

/// Key of an element's own text beside its attributes.
const TEXT: &str = "value";

/// A payload as JSON.
pub(super) fn of<P: Serialize>(payload: &P) -> Value {
    // A payload has text keys only, which JSON always takes.
    plain(serde_json::to_value(payload).unwrap_or_default())
}

fn plain(value: Value) -> Value {
    match value {
        Value::Object(mut map) if map.len() == 1 && map.values().all(Value::is_array) => {
            map.values_mut().next().map(Value::take).map(plain).unwrap_or_default()
        }
        Value::Object(map) => Value::Object(map.into_iter().map(member).collect()),
        Value::Array(mut items) => {
            if items.iter().all(|item| line(item).is_some()) {
                items.sort_by_key(|item| line(item).map(|(number, _)| number));
                return items.iter().filter_map(|item| Some(Value::from(line(item)?.1))).collect();
            }
            items.into_iter().map(plain).collect()
        }
        value => value,
    }
}

/// A key without the marks of XML, and its value.
fn member((key, value): (String, Value)) -> (String, Value) {
    let key = match key.as_str() {
        "$text" => TEXT.to_owned(),
        key => {
            let key = key.trim_start_matches('@');
            key.split_once(':').map_or(key, |(_, local)| local).to_owned()
        }
    };
    (key, plain(value))
}

/// Number and text of a numbered line.
fn line(item: &Value) -> Option<(i64, &str)> {
    let map: &Map<String, Value> = item.as_object()?;
    let number = map.get("@number")?.as_i64()?;
    Some((number, map.get("$text").map_or(Some(""), Value::as_str)?))
}

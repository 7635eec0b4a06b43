//! JSON as records: an API's page with `results`, a list, or an object a line, each object handed on
//! as it is read.
//!
//! Owns flattening (`tenant.name`, tags joined by commas) and that a page is whole. Must not know:
//! formats.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Deserializer, Map, Value};

use crate::domain::Rule;

use super::record::{Place, Records, SourceFault};

/// Keys under which APIs give the objects of a page.
const LISTS: [&str; 2] = ["results", "data"];
/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads every object; the error is one of reading itself.
pub(super) fn read(source: impl Read, taker: &mut dyn Records) -> io::Result<()> {
    let mut source = BufReader::new(source);
    let mark = source.fill_buf()?.starts_with(BYTE_ORDER_MARK);
    let begin = if mark { BYTE_ORDER_MARK.len() } else { 0 };
    source.consume(begin);
    let reached = Rc::new(Cell::new(Reached { offset: begin as u64, line: 1 }));
    let counted = Counted { source, reached: Rc::clone(&reached) };
    let mut json = Deserializer::from_reader(counted);
    let mut document = Document { taker, reached };
    let first = (&mut json).deserialize_any(&mut document);
    let whole = first.and_then(|kind| match kind {
        Kind::Object => json.into_iter::<Box<RawValue>>().try_for_each(|item| {
            document.object(&item?);
            Ok(())
        }),
        Kind::List => json.end(),
    });
    match whole {
        Err(fault) if fault.is_io() => Err(fault.into()),
        Err(fault) => {
            document.taker.broken(not_json(&fault), true);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// How far a source was read.
#[derive(Clone, Copy, Debug)]
struct Reached {
    offset: u64,
    line: u64,
}

/// Counts what passes.
struct Counted<R> {
    source: R,
    reached: Rc<Cell<Reached>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        let mut reached = self.reached.get();
        reached.offset += count as u64;
        reached.line += memchr::memchr_iter(b'\n', &buffer[..count]).count() as u64;
        self.reached.set(reached);
        Ok(count)
    }
}

/// What a document is.
enum Kind {
    /// A list of objects, or a page that holds one: nothing may follow.
    List,
    /// An object of its own: others may follow, as in a file of JSON lines.
    Object,
}

struct Document<'t> {
    taker: &'t mut dyn Records,
    reached: Rc<Cell<Reached>>,
}

impl Document<'_> {
    /// Place of a value that was just read to its end.
    fn place(&self, raw: &str) -> Place {
        let reached = self.reached.get();
        let lines = memchr::memchr_iter(b'\n', raw.as_bytes()).count() as u64;
        let offset = reached.offset.saturating_sub(raw.len() as u64);
        Place { line: reached.line.saturating_sub(lines), offset, sheet: None }
    }

    fn object(&mut self, raw: &RawValue) {
        let place = self.place(raw.get());
        match serde_json::from_str::<Value>(raw.get()) {
            Ok(value @ Value::Object(_)) => self.taker.named(&flat(&value), &place),
            Ok(_) => self.taker.broken(no_object(raw.get(), place), false),
            Err(fault) => self.taker.broken(not_json(&fault), true),
        }
    }

    /// The objects of a list; their number.
    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<u64, A::Error> {
        let mut count = 0;
        while let Some(item) = list.next_element::<Box<RawValue>>()? {
            count += 1;
            self.object(&item);
        }
        Ok(count)
    }

    /// Judges what stands beside a list of objects.
    fn page(&mut self, beside: &Map<String, Value>, found: Option<u64>) {
        let count = beside.get("count").and_then(Value::as_u64);
        let next = beside.get("next").is_some_and(|next| !next.is_null());
        let message = match (next, count, found) {
            (true, Some(count), _) => {
                format!(
                    "this is one page of several: of {count} objects it holds a part, and `next` names another page"
                )
            }
            (true, None, _) => "this is one page of several: `next` names another page".to_owned(),
            (false, Some(count), Some(found)) if count != found => {
                format!("`count` says {count} objects, but the list holds {found}")
            }
            _ => return,
        };
        let fault = SourceFault {
            place: Place { line: 1, ..Place::default() },
            rule: Rule::RaggedRow,
            message,
            help: "ask the API for all of them, as with ?limit=0, or give a list of all results"
                .to_owned(),
            value: String::new(),
        };
        self.taker.broken(fault, true);
    }
}

impl<'de> Visitor<'de> for &mut Document<'_> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects, a page with `results`, or an object a line")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Kind, A::Error> {
        self.list(list).map(|_| Kind::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        // Its brace was read already.
        let place = self.place("{");
        let mut beside = Map::new();
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            if LISTS.contains(&key.as_str()) {
                // Further pages are known before thousands of objects are read for nothing.
                self.page(&beside, None);
                found = Some(found.unwrap_or(0) + map.next_value_seed(List(&mut *self))?);
            } else {
                beside.insert(key, map.next_value()?);
            }
        }
        if found.is_some() {
            self.page(&beside, found);
            return Ok(Kind::List);
        }
        self.taker.named(&flat(&Value::Object(beside)), &place);
        Ok(Kind::Object)
    }
}

/// The list of a page.
struct List<'d, 't>(&'d mut Document<'t>);

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = u64;

    fn deserialize<D: serde::Deserializer<'de>>(self, value: D) -> Result<u64, D::Error> {
        value.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<u64, A::Error> {
        self.0.list(list)
    }
}

fn no_object(raw: &str, place: Place) -> SourceFault {
    SourceFault {
        place,
        rule: Rule::RaggedRow,
        message: "an item of the list is no object".to_owned(),
        help: "export it again".to_owned(),
        value: super::super::cells::shown(raw),
    }
}

fn not_json(fault: &serde_json::Error) -> SourceFault {
    SourceFault {
        place: Place { line: fault.line().max(1) as u64, ..Place::default() },
        rule: Rule::BadEncoding,
        message: format!("the JSON cannot be read: {fault}"),
        help: "export it again; it may be cut off".to_owned(),
        value: String::new(),
    }
}

/// An object's values under their paths; a choice or a named thing also under its own key.
fn flat(object: &Value) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    flatten("", object, &mut cells);
    cells
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use csv::ByteRecord;

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Records for Seen {
        fn record(&mut self, _: &ByteRecord, _: &Place) {}

        fn broken(&mut self, fault: SourceFault, lost: bool) {
            let SourceFault { place, message, .. } = fault;
            self.0.push(format!("{}! {message}{}", place.line, if lost { " (lost)" } else { "" }));
        }

        fn named(&mut self, cells: &[(String, String)], place: &Place) {
            let cells: Vec<String> = cells.iter().map(|(k, v)| format!("{k}={v}")).collect();
            self.0.push(format!("{}@{} {}", place.line, place.offset, cells.join(" ")));
        }

        fn sheet(&mut self) {}
    }

    fn seen(text: &str) -> Vec<String> {
        let mut seen = Seen::default();
        read(text.as_bytes(), &mut seen).unwrap();
        seen.0
    }

    #[test]
    fn objects_are_handed_on_with_their_places() {
        assert_eq!(
            seen(
                "\u{feff}{\"count\":2,\"next\":null,\"results\":[\n {\"a\":{\"id\":1,\"name\":\"x\"}},\n {\"a\":null,\n\"tags\":[{\"name\":\"p\"},\"q\"]}]}"
            ),
            ["2@39 a=x a.id=1 a.name=x", "3@67 a= tags=p,q"]
        );
        assert_eq!(seen("[{\"a\":1},{\"a\":true}]"), ["1@1 a=1", "1@9 a=true"]);
        assert_eq!(seen("{\"a\":1}\n\n{\"a\":2}\n"), ["1@0 a=1", "3@9 a=2"]);
        assert!(seen("[]").is_empty());
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        let last = |text: &str| seen(text).pop().unwrap();
        let more = "1! this is one page of several: of 9 objects it holds a part, and `next` names another page (lost)";
        assert_eq!(last("{\"count\":9,\"next\":\"https://x\",\"results\":[]}"), more);
        assert_eq!(last("{\"results\":[{\"a\":1}],\"count\":9,\"next\":\"https://x\"}"), more);
        assert_eq!(
            last("{\"count\":3,\"results\":[{\"a\":1}]}"),
            "1! `count` says 3 objects, but the list holds 1 (lost)"
        );
        for cut in ["[{\"a\":1},", "{\"results\":[{\"a\":1}", "{\"a\":1}\n{\"a\":", "[{\"a\":1}] x"]
        {
            assert!(last(cut).contains("cannot be read"), "{cut}: {}", last(cut));
        }
        assert_eq!(last("[{\"a\":1},\n7]"), "2! an item of the list is no object");
        assert!(last("7").contains("a list of objects"));
    }
}

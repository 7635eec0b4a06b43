//! The recipients file: keys, then address fields or a handle; also tenants, contacts and orgs as
//! IPAM systems export them.
//!
//! Must not know: rows of the plan.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use csv::ByteRecord;
use jiff::civil::Date;

use crate::domain::{Finding, RowAt, Rule};
use crate::intake::bytes::{self, ReadError};
use crate::intake::columns::Field;
use crate::intake::records::detect_delimiter;

use super::bind::Binding;
use super::draft::Draft;
use super::encoding::Decoded;
use super::join::{Recipient, Recipients};
use super::layout::Layout;
use super::record::{Place, Records, SourceFault};
use super::row::RowMaker;
use super::schema::{Container, Role, Target};
use super::{Format, delimited, json, sheet, text};

/// Reads a recipients file into `into`; findings have row 0 and the file's name.
///
/// # Errors
/// [`ReadError`] when it cannot be read, or changed meanwhile.
pub fn read(
    path: &Path,
    encoding: Option<&'static encoding_rs::Encoding>,
    into: &mut Recipients,
) -> Result<Vec<Finding>, ReadError> {
    let input = bytes::read(path)?;
    let nobody = Recipients::default();
    let mut reader = Reader {
        name: input.name,
        container: Container::Table,
        nobody: &nobody,
        found: None,
        keys: HashMap::new(),
        into,
        findings: Vec::new(),
    };
    let bytes = input.bytes;
    if sheet::is_excel(&bytes) {
        sheet::read(bytes, &mut reader);
    } else {
        let mut decoded = Vec::new();
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        match encoding {
            Some(encoding) => {
                Decoded::new(bytes.as_slice(), encoding).read_to_end(&mut decoded).map_err(io)?;
            }
            None => decoded = bytes,
        }
        match bytes::text(&decoded) {
            Ok((text, _)) => reader.text(text).map_err(io)?,
            Err(fault) => {
                reader.fault(&Place { line: 1, ..Place::default() }, Rule::BadEncoding, fault.what);
            }
        }
    }
    Ok(reader.finish())
}

/// The format of a file of recipients, by its header.
#[must_use]
pub fn recognised(head: &str) -> Option<&'static Format> {
    let mut lines =
        head.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next()?;
    let named = head.lines().take_while(|line| !line.starts_with("---"));
    let keys = named.filter_map(|line| line.split_once(':')).map(|(key, _)| key.trim().to_owned());
    let records = Layout::new(&keys.collect::<Vec<_>>());
    let delimiter = detect_delimiter(first);
    let labels = first.trim_start_matches('\u{feff}').split(char::from(delimiter));
    let table =
        Layout::new(&labels.map(|label| label.trim_matches('"').to_owned()).collect::<Vec<_>>());
    let of = |layout, container| super::recognise(layout, container, None, &[Role::Recipients]);
    of(&records, Container::Records).or_else(|| of(&table, Container::Table))
}

struct Reader<'r> {
    name: String,
    container: Container,
    nobody: &'r Recipients,
    found: Option<(RowMaker<'r>, Binding)>,
    keys: HashMap<String, usize>,
    into: &'r mut Recipients,
    findings: Vec<Finding>,
}

impl<'r> Reader<'r> {
    fn text(&mut self, text: &str) -> std::io::Result<()> {
        let begin = text.trim_start();
        let first = begin.lines().next().unwrap_or_default();
        if begin.starts_with(['{', '[']) {
            self.container = Container::Json;
            json::read(text.as_bytes(), self)
        } else if first
            .split_once(": ")
            .is_some_and(|(key, _)| !key.contains([',', ';', '\t', ' ']))
        {
            self.container = Container::Records;
            text::records(text.as_bytes(), self)
        } else {
            delimited::read(text.as_bytes(), detect_delimiter(first), self)
        }
    }

    fn fault(&mut self, place: &Place, rule: Rule, message: impl Into<String>) {
        let at = RowAt { line: place.line, ..RowAt::default() };
        let help = "a recipients file has a key (key, tenant, customer, id or name) and address fields or a handle";
        self.findings.push(Finding::new(at, rule, message, help));
    }

    fn header(&mut self, layout: Layout, place: &Place) {
        let own = || super::recognise(&layout, self.container, None, &[Role::Recipients]);
        let fallback = || super::all().iter().find(|format| format.file == "recipients");
        let Some(format) = own().or_else(fallback) else { return };
        let binding = Binding::new(layout, &format.rules);
        if binding.key.is_empty() {
            let message = format!("the header names no key: {}", binding.layout.labels.join(", "));
            self.fault(place, Rule::MissingField, message);
        }
        let at = RowAt { line: place.line, ..RowAt::default() };
        self.findings.extend(binding.faults(None, at));
        let maker = RowMaker {
            about: format.about.clone(),
            rules: format.rules.clone(),
            recipients: self.nobody,
            transliterate: false,
            as_of: Date::default(),
        };
        self.found = Some((maker, binding));
    }

    fn take(&mut self, record: &ByteRecord, place: &Place) {
        let Some((maker, binding)) = &self.found else { return };
        let mut draft = Draft::default();
        let keys: Vec<String> =
            binding.key.iter().map(|index| maker.cell(record, *index).to_owned()).collect();
        maker.fields(binding, record, &mut draft);
        let text = |target| {
            let columns = maker.rules.columns.get(&target);
            let index =
                columns.into_iter().flatten().find_map(|label| binding.layout.position(label));
            index.map_or("", |index| maker.cell(record, index)).to_owned()
        };
        let name = draft.get(Field::CustomerName);
        let name = if name.is_empty() {
            keys.first().cloned().unwrap_or_default()
        } else {
            name.to_owned()
        };
        let recipient = Recipient {
            name,
            problem: draft.findings.pop().map(|finding| finding.message),
            texts: draft.texts,
            status: binding.status.map_or("", |index| maker.cell(record, index)).to_owned(),
            ended_on: text(Target::EndedOn),
            source: format!("{}:{}", self.name, place.line),
        };
        self.into.insert(recipient, &keys);
    }

    fn finish(mut self) -> Vec<Finding> {
        if self.findings.is_empty() && self.found.is_none() {
            let place = Place { line: 1, ..Place::default() };
            self.fault(&place, Rule::EmptyInput, "the recipients file is empty");
        }
        for finding in &mut self.findings {
            finding.other_file = Some(self.name.clone());
        }
        self.findings
    }
}

impl Records for Reader<'_> {
    fn record(&mut self, record: &ByteRecord, place: &Place) {
        let Some((_, binding)) = &self.found else {
            let labels = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
            return self.header(Layout::new(&labels.collect::<Vec<_>>()), place);
        };
        let expected = binding.layout.labels.len();
        if record.len() == expected {
            self.take(record, place);
        } else {
            let message = format!("the row has {} cells; the header has {expected}", record.len());
            self.fault(place, Rule::RaggedRow, message);
        }
    }

    fn broken(&mut self, fault: SourceFault, _lost: bool) {
        self.fault(&fault.place, fault.rule, fault.message);
    }

    fn named(&mut self, cells: &[(String, String)], place: &Place) {
        let grown = cells.iter().any(|(key, _)| !self.keys.contains_key(key));
        if grown || self.found.is_none() {
            let mut labels: Vec<(usize, String)> =
                self.keys.iter().map(|(key, index)| (*index, key.clone())).collect();
            labels.sort_unstable();
            let mut layout =
                Layout::new(&labels.into_iter().map(|(_, key)| key).collect::<Vec<_>>());
            for (key, _) in cells {
                if !self.keys.contains_key(key) {
                    self.keys.insert(key.clone(), layout.push(key));
                }
            }
            self.header(layout, place);
        }
        let mut texts = vec![""; self.keys.len()];
        for (key, value) in cells {
            if let Some(slot) = self.keys.get(key).and_then(|index| texts.get_mut(*index)) {
                *slot = value;
            }
        }
        self.take(&ByteRecord::from(texts), place);
    }

    fn sheet(&mut self) {
        self.found = None;
    }
}

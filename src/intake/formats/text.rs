//! Text forms that are no tables: `Key: value` records, and the registry's numbered template.
//!
//! Owns their grammar. Must not know: formats.

use std::io::{self, BufRead as _, BufReader, Read};

use crate::domain::Rule;
use crate::intake::bytes;

use super::record::{Place, Records, SourceFault};

/// What a template begins with.
pub(super) const TEMPLATE_BEGIN: &str = "Template:";
/// The only template that is read, whatever its minor version.
const TEMPLATE_READ: &str = "ARIN-REASSIGN-SIMPLE-5.";
/// What a template ends with.
const TEMPLATE_END: &str = "END OF TEMPLATE";
/// The field of a template that has a line for each line of its text.
const PUBLIC_COMMENTS: &str = "12";
/// Between records.
const RECORD_END: &str = "---";
/// Longest line; one without end is no text of this kind.
const LINE_MAX_BYTES: u64 = 1 << 20;

/// Cells under way: a key that comes again is numbered, as `Street-Address 2`.
#[derive(Default)]
struct Cells {
    cells: Vec<(String, String)>,
    place: Place,
}

impl Cells {
    fn push(&mut self, key: &str, value: &str, place: &Place) {
        if self.cells.is_empty() {
            self.place = place.clone();
        }
        let numbered = |count: usize| {
            if count == 1 { key.to_owned() } else { format!("{key} {count}") }
        };
        let mut count = 1;
        while self.cells.iter().any(|(other, _)| *other == numbered(count)) {
            count += 1;
        }
        self.cells.push((numbered(count), value.to_owned()));
    }

    /// Adds a line to a text of several lines.
    fn join(&mut self, key: &str, line: &str, place: &Place) {
        match self.cells.iter_mut().find(|(other, _)| other == key) {
            Some((_, text)) => {
                text.push('\n');
                text.push_str(line);
            }
            None => self.push(key, line, place),
        }
    }

    fn flush(&mut self, taker: &mut dyn Records) {
        if !self.cells.is_empty() {
            taker.named(&self.cells, &self.place);
            self.cells.clear();
        }
    }
}

/// Hands on every line with its place, until one is no text; the error is one of reading itself.
fn lines(
    source: impl Read,
    taker: &mut dyn Records,
    mut line: impl FnMut(&str, Place, &mut dyn Records),
) -> io::Result<()> {
    let mut source = BufReader::new(source);
    let mut place = Place { line: 1, ..Place::default() };
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let count = source.by_ref().take(LINE_MAX_BYTES).read_until(b'\n', &mut bytes)?;
        if count == 0 {
            return Ok(());
        }
        match bytes::text_within(&bytes) {
            Ok(text) => {
                let text = text.trim_start_matches('\u{feff}').trim_end();
                line(text, place.clone(), taker);
            }
            Err(fault) => {
                taker.broken(no_text(&fault, place), true);
                return Ok(());
            }
        }
        place.line += u64::from(bytes.ends_with(b"\n"));
        place.offset += count as u64;
    }
}

fn no_text(fault: &bytes::NotText, place: Place) -> SourceFault {
    let offset = place.offset + fault.offset as u64;
    SourceFault {
        place,
        rule: Rule::BadEncoding,
        message: format!("at byte {offset}: {}", fault.what),
        help: "export it as UTF-8, or name its encoding with --encoding".to_owned(),
        value: String::new(),
    }
}

/// Reads `Key: value` records apart by `---` or a blank line.
///
/// # Errors
/// Those of reading.
pub(super) fn records(source: impl Read, taker: &mut dyn Records) -> io::Result<()> {
    let mut cells = Cells::default();
    lines(source, taker, |line, place, taker| {
        if line.is_empty() || line.starts_with(RECORD_END) {
            cells.flush(taker);
        } else if let Some((key, value)) = line.split_once(':') {
            cells.push(key.trim(), value.trim(), &place);
        } else if !line.starts_with('#') {
            taker.broken(no_field(line, place, "`Key: value`"), false);
        }
    })?;
    cells.flush(taker);
    Ok(())
}

/// Reads templates, one after another; other text between them is passed over.
///
/// # Errors
/// Those of reading.
pub(super) fn templates(source: impl Read, taker: &mut dyn Records) -> io::Result<()> {
    let mut cells = Cells::default();
    let mut kind: Option<String> = None;
    lines(source, taker, |line, place, taker| {
        if let Some(name) = line.strip_prefix(TEMPLATE_BEGIN) {
            unended(&mut cells, taker);
            kind = Some(name.trim().to_owned());
            cells.push("Template", name.trim(), &place);
        } else if line.starts_with(TEMPLATE_END) {
            finish(&mut cells, kind.take().as_deref(), taker);
        } else if kind.is_some() {
            field(line, &place, &mut cells, taker);
        }
    })?;
    unended(&mut cells, taker);
    Ok(())
}

fn finish(cells: &mut Cells, kind: Option<&str>, taker: &mut dyn Records) {
    match kind {
        Some(kind) if !kind.starts_with(TEMPLATE_READ) => {
            taker.broken(
                SourceFault {
                    place: cells.place.clone(),
                    rule: Rule::BadAction,
                    message: format!("`{kind}` is not read; {TEMPLATE_READ}x is"),
                    help: "write this assignment as a row of a CSV plan".to_owned(),
                    value: kind.to_owned(),
                },
                false,
            );
            cells.cells.clear();
        }
        _ => cells.flush(taker),
    }
}

/// A template that another follows, or the end of the file, before it is complete.
fn unended(cells: &mut Cells, taker: &mut dyn Records) {
    if cells.cells.is_empty() {
        return;
    }
    let fault = SourceFault {
        place: cells.place.clone(),
        rule: Rule::RaggedRow,
        message: format!("the template has no line `{TEMPLATE_END}`; it may be cut off"),
        help: format!("complete it, and close it with `{TEMPLATE_END}`"),
        value: String::new(),
    };
    taker.broken(fault, false);
    cells.cells.clear();
}

/// `07. Customer Address: 412 Maple Street`: the number is the key.
fn field(line: &str, place: &Place, cells: &mut Cells, taker: &mut dyn Records) {
    if line.is_empty() || line.starts_with("**") || line.starts_with("##") {
        return;
    }
    let numbered = line.split_once('.').and_then(|(number, rest)| {
        let digits = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
        rest.split_once(':').filter(|_| digits).map(|(_, value)| (number, value.trim()))
    });
    match numbered {
        // The API key: never kept, so that nothing can show it.
        Some(("00", _)) => {}
        Some((PUBLIC_COMMENTS, value)) => cells.join(PUBLIC_COMMENTS, value, place),
        Some((number, value)) => cells.push(number, value, place),
        None => taker.broken(no_field(line, place.clone(), "`NN. Label: value`"), false),
    }
}

fn no_field(line: &str, place: Place, form: &str) -> SourceFault {
    SourceFault {
        place,
        rule: Rule::RaggedRow,
        message: format!("expected {form}"),
        help: "join the line with the one above, or remove it".to_owned(),
        value: super::super::cells::shown(line),
    }
}

//! What a finding quotes: the line of its source, and which part of it is meant.
//!
//! Owns finding the line again, in whatever form the source has. Must not know: what is wrong.

use std::io::{self, Read};
use std::ops::Range;

use serde_json::value::RawValue;

use crate::domain::{Finding, secret};

use super::bytes;
use super::excerpt;
use super::export::Export;
use super::formats::draft::SHEET_DELIMITER;
use super::formats::encoding::Decoded;
use super::formats::schema::Container;
use super::source::Source;
use super::split::Splitter;

/// Bytes read to find the end of a record of an export.
const READ_BYTES: usize = 1 << 16;
/// Most bytes shown of a text: more helps nobody, and may be what nobody should see.
const SHOWN_MAX_BYTES: usize = 240;
/// Of these, those before the part that is meant.
const SHOWN_BEFORE_BYTES: usize = 60;
/// What stands between the cells of a sheet's row where it is quoted.
const CELL_BORDER: &str = " | ";

/// A line of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its text; of a record whose quoted cells have line ends, several lines.
    pub text: String,
    /// Physical line of its first byte.
    pub line: u64,
    /// Which bytes of it are meant.
    pub span: Range<usize>,
}

impl Quote {
    /// Quotes a text, or of a long one what stands around the part that is meant.
    pub(super) fn new(text: &str, line: u64, span: Option<Range<usize>>) -> Self {
        let span = span.filter(|span| span.end <= text.len()).unwrap_or(0..text.len());
        let text = secret::blotted(text);
        if text.len() <= SHOWN_MAX_BYTES {
            return Self { text, line, span };
        }
        let begin = floor(&text, span.start.saturating_sub(SHOWN_BEFORE_BYTES));
        let end = floor(&text, (begin + SHOWN_MAX_BYTES).min(text.len()));
        let cut =
            |part: &str, more: bool| if more { format!("{part}…") } else { part.to_owned() };
        let line = line + memchr::memchr_iter(b'\n', &text.as_bytes()[..begin]).count() as u64;
        let before = if begin > 0 { "…" } else { "" };
        let shown = format!("{before}{}", cut(&text[begin..end], end < text.len()));
        let at = |place: usize| (place.clamp(begin, end) - begin) + before.len();
        Self { span: at(span.start)..at(span.end), text: shown, line }
    }
}

/// The last place up to `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

impl Export {
    /// What a finding of this export quotes; `spool` is its canonical CSV.
    pub(super) fn quote(&self, finding: &Finding, spool: &Source) -> Option<Quote> {
        let at = finding.at;
        if !self.sheets.is_empty() {
            return (at.row > 0).then(|| self.of_sheet(finding, spool)).flatten();
        }
        let window = self.window(at.offset).ok()?;
        let text = bytes::valid_prefix(&window);
        match self.converted.container {
            Container::Table => self.of_table(finding, text),
            Container::Json => of_object(text, at.line, finding.column.as_deref()),
            Container::Records | Container::Template => {
                of_lines(text, at.line, finding.column.as_deref())
            }
        }
    }

    /// The text of the source from an offset on.
    fn window(&self, offset: u64) -> io::Result<Vec<u8>> {
        let mut window = Vec::new();
        let Some(encoding) = self.encoding else {
            window.resize(READ_BYTES, 0);
            let count = self.given.read_at(offset, &mut window).map_err(io::Error::other)?;
            window.truncate(count);
            return Ok(window);
        };
        // Offsets are those of the decoded text.
        let mut decoded = Decoded::new(self.given.stream(), encoding);
        io::copy(&mut decoded.by_ref().take(offset), &mut io::sink())?;
        decoded.take(READ_BYTES as u64).read_to_end(&mut window)?;
        Ok(window)
    }

    /// Index of a column by its label, in rows of a kind.
    fn position(&self, kind: &str, column: &str) -> Option<usize> {
        let headers = &self.converted.headers;
        let header = headers.get(kind).or_else(|| headers.get(""))?;
        header.iter().position(|label| label == column)
    }

    fn of_table(&self, finding: &Finding, text: &str) -> Option<Quote> {
        let excerpt = excerpt::at(text, self.converted.delimiter, 0, finding.at.line)?;
        let first = excerpt.cells.first().and_then(|cell| excerpt.text.get(cell.clone()));
        let kind = first.unwrap_or_default().to_ascii_lowercase();
        let column = finding.column.as_deref();
        let cell = column.and_then(|column| self.position(&kind, column));
        let span = cell.and_then(|cell| excerpt.cells.get(cell).cloned());
        Some(Quote::new(&excerpt.text, excerpt.line, span))
    }

    /// The row of a sheet, as the spool kept it.
    fn of_sheet(&self, finding: &Finding, spool: &Source) -> Option<Quote> {
        let mut window = vec![0; READ_BYTES];
        let count = spool.read_at(finding.at.offset, &mut window).ok()?;
        let mut splitter = Splitter::new(b',');
        splitter.next(bytes::valid_prefix(&window[..count]).as_bytes()).then_some(())?;
        let column = finding.column.as_deref();
        let wanted = column.and_then(|column| self.position("", column));
        let (mut text, mut span) = (String::new(), None);
        for (index, cell) in Self::record(&splitter.split).split(SHEET_DELIMITER).enumerate() {
            if index > 0 {
                text.push_str(CELL_BORDER);
            }
            let begin = text.len();
            text.push_str(cell);
            if wanted == Some(index) {
                span = Some(begin..text.len());
            }
        }
        Some(Quote::new(&text, finding.at.line, span))
    }
}

/// The line of an object that holds a value, by the path of its keys.
fn of_object(text: &str, line: u64, path: Option<&str>) -> Option<Quote> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let object = values.next().and_then(Result::ok).map_or(text, RawValue::get);
    let mut found = None;
    let mut from = 0;
    for key in path.unwrap_or_default().split('.').filter(|key| !key.is_empty()) {
        let quoted = format!("\"{key}\"");
        let Some(at) = object[from..].find(&quoted) else { break };
        from += at;
        found = Some(from..from + quoted.len());
        from += quoted.len();
    }
    let Some(key) = found else {
        let first = object.lines().next().unwrap_or_default();
        return Some(Quote::new(first, line, None));
    };
    let value = object[key.end..].trim_start().strip_prefix(':').and_then(|rest| {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let raw = values.next()?.ok()?.get();
        let begin = object.len() - rest.len() + rest.find(raw)?;
        (!raw.contains('\n')).then_some(begin..begin + raw.len())
    });
    Some(line_around(object, line, &value.unwrap_or(key)))
}

/// The line of a text that holds a part of it.
fn line_around(text: &str, line: u64, part: &Range<usize>) -> Quote {
    let begin = text[..part.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[part.start..].find('\n').map_or(text.len(), |at| part.start + at);
    let before = memchr::memchr_iter(b'\n', &text.as_bytes()[..begin]).count() as u64;
    let span = part.start - begin..part.end.min(end) - begin;
    Quote::new(&text[begin..end], line + before, Some(span))
}

/// The line of a record of `Key: value` lines, or of a numbered template, that has a key; a key
/// that comes again is counted: `Street-Address 2`.
fn of_lines(text: &str, line: u64, key: Option<&str>) -> Option<Quote> {
    let key = key.unwrap_or_default();
    let counted = key.rsplit_once(' ').and_then(|(key, n)| Some((key, n.parse::<usize>().ok()?)));
    let (key, number) = counted.unwrap_or((key, 1));
    let mut offset = 0;
    let mut seen = 0;
    for found in text.split_inclusive('\n') {
        let begins = found.strip_prefix(key).filter(|_| !key.is_empty());
        if begins.is_some_and(|rest| rest.starts_with([':', '.'])) {
            seen += 1;
            if seen == number {
                let value = found.find(':').map_or(0, |at| at + 1);
                let blank = found[value..].len() - found[value..].trim_start().len();
                let span = offset + value + blank..offset + found.trim_end().len();
                return Some(line_around(text, line, &(span.start.min(span.end)..span.end)));
            }
        }
        if found.trim().is_empty() || found.starts_with("---") {
            break;
        }
        offset += found.len();
    }
    Some(Quote::new(text.lines().next()?, line, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(quote: Option<Quote>) -> (u64, String) {
        let quote = quote.unwrap();
        (quote.line, quote.text[quote.span].to_owned())
    }

    #[test]
    fn of_a_long_text_only_what_stands_around_is_shown() {
        let text = format!("{}é\"X\"{}", "a".repeat(1000), "b".repeat(1000));
        let quote = Quote::new(&text, 3, Some(1002..1005));
        assert_eq!(&quote.text[quote.span.clone()], "\"X\"");
        assert!(quote.text.starts_with("…a") && quote.text.ends_with("b…"), "{}", quote.text);
        assert!(quote.text.len() < SHOWN_MAX_BYTES + 10);
        let whole = Quote::new(&text, 3, None);
        assert_eq!((whole.span.start, whole.line), (0, 3));
    }

    #[test]
    fn a_value_of_an_object_is_found_by_its_path() {
        let text =
            "{\"id\": 1,\n \"custom_fields\": {\"state\": \"XX\"},\n \"tags\": [\n1]} , {\"x\": 1}";
        let of = |path| marked(of_object(text, 7, path));
        assert_eq!(of(Some("custom_fields.state")), (8, "\"XX\"".to_owned()));
        assert_eq!(of(Some("tags")), (9, "\"tags\"".to_owned()));
        assert_eq!(of(None), (7, "{\"id\": 1,".to_owned()));
        assert_eq!(of(Some("x")), (7, "{\"id\": 1,".to_owned()), "of the next object");
    }

    #[test]
    fn a_line_of_a_record_is_found_by_its_key_and_count() {
        let text = "ID: 1\nStreet: 4 A\nStreet: Suite 2\n---\nCity: X\n";
        let of = |key| marked(of_lines(text, 3, key));
        assert_eq!(of(Some("Street")), (4, "4 A".to_owned()));
        assert_eq!(of(Some("Street 2")), (5, "Suite 2".to_owned()));
        assert_eq!(of(Some("City")), (3, "ID: 1".to_owned()), "of the next record");
        assert_eq!(
            marked(of_lines("Template: x\n07. Name: Y\n", 1, Some("07"))),
            (2, "Y".to_owned())
        );
    }
}

//! What a head of a file tells: its kind of text, its format, its delimiter.
//!
//! Must not know: rows.

use super::XLSX;
use super::layout::Layout;
use super::schema::{Container, Role};
use super::text::TEMPLATE_BEGIN;
use crate::intake::records::detect_delimiter;

/// Most lines above a header.
pub(super) const PREAMBLE_MAX: u32 = 40;

/// What kind of text a head is.
pub(super) fn container(head: &str, format: Option<&str>) -> Container {
    let begin = head.trim_start_matches('\u{feff}').trim_start();
    if begin.starts_with(['{', '[']) {
        return Container::Json;
    }
    if head.lines().any(|line| line.starts_with(TEMPLATE_BEGIN)) {
        return Container::Template;
    }
    let mut lines = begin.lines().filter(|line| !line.starts_with('#'));
    let key_value = |line: &str| {
        line.split_once(": ").is_some_and(|(key, _)| !key.contains([',', ';', '\t', '|', ' ']))
    };
    if format == Some("rwhois")
        || lines.by_ref().take(2).filter(|line| key_value(line)).count() == 2
    {
        return Container::Records;
    }
    Container::Table
}

/// What a head is recognised as: its container, and the delimiter of its header.
pub(crate) fn recognised(head: &str, format: Option<&str>) -> Option<(Container, u8)> {
    let kind = container(head, format);
    if kind != Container::Table {
        return Some((kind, b','));
    }
    let format = format.filter(|name| *name != XLSX);
    let known = |line: &str| {
        let delimiter = detect_delimiter(line);
        let labels =
            line.split(char::from(delimiter)).map(|label| label.trim_matches('"').to_owned());
        let layout = Layout::new(&labels.collect::<Vec<_>>());
        let roles = [Role::Rows, Role::Parents, Role::Recipients];
        super::recognise(&layout, Container::Table, format, &roles)
            .filter(|format| format.about.role != Role::Recipients)
            .map(|_| (kind, delimiter))
    };
    head.lines().take(PREAMBLE_MAX as usize).find_map(known)
}

/// The delimiter of the first line that may be a header.
pub(super) fn header_delimiter(head: &str) -> u8 {
    let mut lines = head.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines.next().map_or(b',', detect_delimiter)
}

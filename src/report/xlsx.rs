//! `report.xlsx`: the rows as a spreadsheet with typed cells, a frozen header and filters.
//!
//! Texts are written as texts, so that no cell can become a formula. Owns sheets and widths.
//! Must not know: how a line came about.

use std::io::{self, Write};

use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;

use super::class::Class;
use super::model::{Line, Report};
use super::write::{columns, shown_recipient};

/// Rows that a sheet can hold, its header left out.
const SHEET_ROWS: usize = 1_048_575;
/// Characters of a cell that a spreadsheet can hold.
const CELL_CHARS: usize = 32_767;
/// Widths of columns, in characters.
const WIDTH: f64 = 18.0;
const WIDTH_WIDE: f64 = 44.0;

/// Writes the workbook.
///
/// # Errors
/// Whatever writing raises.
pub(super) fn write(out: &mut dyn Write, report: &Report, show_private: bool) -> io::Result<()> {
    let bytes = workbook(report, show_private)
        .and_then(|mut workbook| workbook.save_to_buffer())
        .map_err(io::Error::other)?;
    out.write_all(&bytes)
}

fn workbook(report: &Report, show_private: bool) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    summary(workbook.add_worksheet(), report)?;
    let mut rest = report.lines.as_slice();
    let mut number = 1;
    loop {
        let (now, later) = rest.split_at(rest.len().min(SHEET_ROWS));
        let name = if number == 1 { "Rows".to_owned() } else { format!("Rows {number}") };
        rows(workbook.add_worksheet().set_name(name)?, now, show_private)?;
        rest = later;
        number += 1;
        if rest.is_empty() {
            return Ok(workbook);
        }
    }
}

fn summary(sheet: &mut Worksheet, report: &Report) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.set_name("Summary")?.set_column_width(0, WIDTH)?.set_column_width(1, WIDTH_WIDE)?;
    let run = &report.run;
    let practice = if run.practice { " (practice: nothing is at ARIN)" } else { "" };
    let facts = [
        ("registry", format!("{}{practice}", run.registry)),
        ("run", run.id.clone()),
        ("input", run.input.join(", ")),
        ("sha-256", run.input_sha256.clone()),
        ("started", run.started_at.clone()),
        ("finished", run.finished_at.clone()),
    ];
    let mut at = 0;
    for (name, value) in facts {
        sheet.write_string_with_format(at, 0, name, &bold)?.write_string(at, 1, value)?;
        at += 1;
    }
    at += 1;
    sheet.write_string_with_format(at, 0, "status", &bold)?;
    sheet.write_string_with_format(at, 1, "rows", &bold)?;
    for (status, count) in report.summary() {
        at += 1;
        sheet.write_string(at, 0, status.as_str())?.write_number(at, 1, number(count))?;
    }
    Ok(())
}

fn rows(sheet: &mut Worksheet, lines: &[Line], show_private: bool) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let header = columns(&Line::default());
    for (at, (name, _)) in (0_u16..).zip(&header) {
        sheet.write_string_with_format(0, at, *name, &bold)?;
        let wide = matches!(*name, "message" | "recipient" | "net_name");
        sheet.set_column_width(at, if wide { WIDTH_WIDE } else { WIDTH })?;
    }
    let person = Format::new().set_background_color(Color::RGB(0x00FB_E3E0));
    let plain = Format::new();
    for (at, line) in (1_u32..).zip(lines) {
        let urgent = line.status.is_some_and(|status| Class::of(status) == Class::Person);
        let format = if urgent { &person } else { &plain };
        for (column, (name, value)) in (0_u16..).zip(columns(line)) {
            match value {
                Value::Null => {}
                Value::Number(value) => {
                    let value = value.as_f64().unwrap_or_default();
                    sheet.write_number_with_format(at, column, value, format)?;
                }
                _ if name == "recipient" => {
                    let text = shown_recipient(line, show_private);
                    sheet.write_string_with_format(at, column, cell(&text), format)?;
                }
                Value::String(text) => {
                    sheet.write_string_with_format(at, column, cell(&text), format)?;
                }
                other => {
                    sheet.write_string_with_format(at, column, other.to_string(), format)?;
                }
            }
        }
    }
    let last = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let last_column = u16::try_from(header.len() - 1).unwrap_or(u16::MAX);
    sheet.set_freeze_panes(1, 0)?.autofilter(0, 0, last, last_column)?;
    Ok(())
}

/// A text that fits a cell.
fn cell(text: &str) -> String {
    text.chars().take(CELL_CHARS).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
const fn number(count: u64) -> f64 {
    count as f64
}

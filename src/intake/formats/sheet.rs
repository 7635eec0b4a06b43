//! Excel files as records: each sheet a table.
//!
//! Owns how a cell of a sheet is written as text. Must not know: formats.

use std::cell::Cell;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Once;

use calamine::{Data, Reader as _, Sheets, Xls, Xlsx, open_workbook_auto_from_rs};
use csv::ByteRecord;

use crate::domain::Rule;

use super::record::{Place, Records, SourceFault};

/// First bytes of an .xls, an OLE compound file.
const OLE: &[u8] = b"\xd0\xcf\x11\xe0";
/// First bytes of an Excel file, .xlsx and .xls.
const MAGIC: [&[u8]; 2] = [b"PK\x03\x04", OLE];

/// Columns of the widest sheet there is, A to XFD.
const WIDEST: usize = 16_384;

/// Whether a head is that of an Excel file.
pub(super) fn is_excel(head: &[u8]) -> bool {
    MAGIC.iter().any(|magic| head.starts_with(magic))
}

/// Reads every row of every sheet.
pub(super) fn read(bytes: Vec<u8>, taker: &mut dyn Records) {
    let opened = guarded(|| {
        if bytes.starts_with(OLE) {
            sound(&bytes).map_err(|e| e.to_string())?;
        }
        open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| e.to_string())
    });
    match opened {
        Ok(Sheets::Xlsx(book)) => xlsx(book, taker),
        Ok(Sheets::Xls(book)) => xls(book, taker),
        Ok(_) => taker.broken(unreadable("it is neither .xlsx nor .xls", None), true),
        Err(fault) => taker.broken(unreadable(&fault, None), true),
    }
}

/// Whether the chains of sectors of an .xls come to an end: `calamine` would follow one that runs
/// in a circle until no memory is left.
fn sound(bytes: &[u8]) -> std::io::Result<()> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes))?;
    let streams: Vec<_> = file.walk().filter(cfb::Entry::is_stream).collect();
    for stream in streams {
        std::io::copy(&mut file.open_stream(stream.path())?, &mut std::io::sink())?;
    }
    Ok(())
}

/// Reads .xlsx cell by cell: a sheet with one cell far out takes no memory for those between.
fn xlsx(mut book: Xlsx<Cursor<Vec<u8>>>, taker: &mut dyn Records) {
    for name in book.sheet_names() {
        let mut rows = Rows { sheet: Rc::from(name.as_str()), at: 0, width: 0, cells: Vec::new() };
        let opened = guarded(|| book.worksheet_cells_reader(&name).map_err(|e| e.to_string()));
        let mut reader = match opened {
            Ok(reader) => reader,
            Err(fault) => {
                taker.broken(unreadable(&fault, Some(rows.sheet)), true);
                continue;
            }
        };
        taker.sheet();
        let fault = loop {
            match guarded(|| reader.next_cell().map_err(|e| e.to_string())) {
                Ok(Some(cell)) => {
                    let (row, column) = cell.get_position();
                    rows.cell(row, column, &cell.get_value().clone().into(), taker);
                }
                Ok(None) => break None,
                Err(fault) => break Some(fault),
            }
        };
        rows.end(taker);
        if let Some(fault) = fault {
            taker.broken(unreadable(&fault, Some(rows.sheet)), true);
        }
    }
}

/// Reads .xls, whose sheets have at most 65,536 rows and 256 columns.
fn xls(mut book: Xls<Cursor<Vec<u8>>>, taker: &mut dyn Records) {
    for name in book.sheet_names() {
        let mut rows = Rows { sheet: Rc::from(name.as_str()), at: 0, width: 0, cells: Vec::new() };
        match guarded(|| book.worksheet_range(&name).map_err(|e| e.to_string())) {
            Ok(range) => {
                taker.sheet();
                let (first, left) = range.start().unwrap_or_default();
                for (row, column, cell) in range.used_cells() {
                    let at =
                        |from: u32, by: usize| from + u32::try_from(by).unwrap_or(u32::MAX - from);
                    rows.cell(at(first, row), at(left, column), cell, taker);
                }
                rows.end(taker);
            }
            Err(fault) => taker.broken(unreadable(&fault, Some(rows.sheet)), true),
        }
    }
}

/// Cells of a sheet, in the order of its rows, as records.
struct Rows {
    sheet: Rc<str>,
    /// The row being filled, 0-based.
    at: u32,
    /// Cells of the widest row so far: empty cells at a row's end are not stored.
    width: usize,
    cells: Vec<String>,
}

impl Rows {
    fn cell(&mut self, row: u32, column: u32, cell: &Data, taker: &mut dyn Records) {
        if row != self.at {
            self.end(taker);
            self.at = row;
        }
        let (column, text) = (column as usize, text(cell));
        if text.is_empty() || column >= WIDEST {
            return;
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
    }

    /// Hands the row on, if it has any text.
    fn end(&mut self, taker: &mut dyn Records) {
        if !self.cells.is_empty() {
            self.width = self.width.max(self.cells.len());
            self.cells.resize(self.width, String::new());
            let record: ByteRecord = self.cells.drain(..).collect();
            let line = u64::from(self.at) + 1;
            let place = Place { line, offset: 0, sheet: Some(Rc::clone(&self.sheet)) };
            taker.record(&record, &place);
        }
    }
}

thread_local! {
    /// Whether this thread is inside `calamine`.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Calls into `calamine`, which panics on some damaged files (one that was cut off, for one): for
/// us they are files that cannot be read.
fn guarded<T>(call: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                before(info);
            }
        }));
    });
    INSIDE.set(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    INSIDE.set(false);
    result.unwrap_or_else(|_| Err("it is damaged or cut off".to_owned()))
}

fn unreadable(fault: &str, sheet: Option<Rc<str>>) -> SourceFault {
    SourceFault {
        place: Place { line: 1, offset: 0, sheet },
        rule: Rule::BadEncoding,
        message: format!("the Excel file cannot be read: {fault}"),
        help: "save it again as .xlsx, or as CSV UTF-8".to_owned(),
        value: String::new(),
    }
}

/// A cell as a person would have typed it.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(moment) => date(moment.to_ymd_hms_milli()),
        // Rust writes 60302.0 as "60302", as the sheet shows it.
        other => other.to_string(),
    }
}

/// A date, with its clock only if that is not midnight.
fn date((year, month, day, hour, minute, second, _): (u16, u8, u8, u8, u8, u8, u16)) -> String {
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    }
}

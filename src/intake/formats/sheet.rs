//! Excel files as records: each sheet a table.
//!
//! Owns how a cell of a sheet is written as text. Must not know: formats.

use std::cell::Cell;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Once;

use calamine::{Data, Reader as _, open_workbook_auto_from_rs};
use csv::ByteRecord;

use crate::domain::Rule;

use super::record::{Place, Records, SourceFault};

/// First bytes of an Excel file, .xlsx and .xls.
const MAGIC: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// Whether a head is that of an Excel file.
pub(super) fn is_excel(head: &[u8]) -> bool {
    MAGIC.iter().any(|magic| head.starts_with(magic))
}

/// Reads every row of every sheet.
pub(super) fn read(bytes: Vec<u8>, taker: &mut dyn Records) {
    let opened =
        guarded(|| open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| e.to_string()));
    let mut book = match opened {
        Ok(book) => book,
        Err(fault) => return taker.broken(unreadable(&fault, None), true),
    };
    for name in book.sheet_names() {
        let sheet: Rc<str> = Rc::from(name.as_str());
        match guarded(|| book.worksheet_range(&name).map_err(|e| e.to_string())) {
            Ok(range) => {
                taker.sheet();
                let first = range.start().map_or(0, |(row, _)| row);
                for (index, row) in range.rows().enumerate() {
                    let line = u64::from(first) + index as u64 + 1;
                    let place = Place { line, offset: 0, sheet: Some(Rc::clone(&sheet)) };
                    let record: ByteRecord = row.iter().map(text).collect();
                    if record.iter().any(|cell| !cell.is_empty()) {
                        taker.record(&record, &place);
                    }
                }
            }
            Err(fault) => taker.broken(unreadable(&fault, Some(sheet)), true),
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

//! Delimited text as records.
//!
//! Owns finding the delimiter of a head, and quoting faults. Must not know: formats.

use std::io::Read;

use csv::ByteRecord;

use crate::domain::Rule;
use crate::intake::cells::shown;
use crate::intake::records::{self, QuoteFault};

use super::record::{Place, Records, SourceFault};
use super::stream::{Pieces, StreamFault};

/// Reads every record; the error is one of reading itself.
pub(super) fn read(
    source: impl Read,
    delimiter: u8,
    taker: &mut dyn Records,
) -> std::io::Result<()> {
    let mut pieces = Pieces::new(source, delimiter);
    let mut record = ByteRecord::new();
    loop {
        let piece = match pieces.next_piece() {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(()),
            Err(StreamFault::Io(fault)) => return Err(fault),
            Err(fault) => {
                taker.broken(stream_fault(fault), true);
                return Ok(());
            }
        };
        let mut records = records::Records::new(piece.text, delimiter);
        while let Some(found) = records.next(&mut record) {
            let place = Place {
                line: piece.place.line + found.line - 1,
                offset: piece.place.offset + found.offset as u64,
                sheet: None,
            };
            match found.cells(delimiter) {
                Ok(_) => taker.record(&record, &place),
                Err(fault) => {
                    let lost = matches!(fault, QuoteFault::Unterminated(_));
                    taker.broken(quote_fault(fault, found.raw, place), lost);
                    if lost {
                        return Ok(());
                    }
                }
            }
        }
    }
}

fn stream_fault(fault: StreamFault) -> SourceFault {
    match fault {
        StreamFault::NotText { place, what } => SourceFault {
            message: format!("at byte {}: {what}", place.offset),
            place,
            rule: Rule::BadEncoding,
            help: "export it as UTF-8, or name its encoding with --encoding".to_owned(),
            value: String::new(),
        },
        StreamFault::TooLong(place) => SourceFault {
            place,
            rule: Rule::UnterminatedQuote,
            message: "a record has no end: a quote is open, or the file is no table".to_owned(),
            help: "close the quote that opens near this line".to_owned(),
            value: String::new(),
        },
        StreamFault::Io(fault) => SourceFault {
            place: Place::default(),
            rule: Rule::BadEncoding,
            message: fault.to_string(),
            help: "read the file again".to_owned(),
            value: String::new(),
        },
    }
}

fn quote_fault(fault: QuoteFault, raw: &str, place: Place) -> SourceFault {
    let (offset, message, help) = match fault {
        QuoteFault::Unterminated(offset) => (
            offset,
            "a quote opens here and never closes; the rest of the file is swallowed",
            "close the quote, or double it if it is meant",
        ),
        QuoteFault::Stray(offset) => (
            offset,
            "text stands beside a quote; a cell is quoted as a whole, and a quote in it is doubled",
            "write \"a \"\"b\"\" c\" for a \"b\" c",
        ),
    };
    let before = raw.get(..offset).unwrap_or_default();
    let line = place.line + before.matches('\n').count() as u64;
    SourceFault {
        place: Place { line, ..place },
        rule: Rule::UnterminatedQuote,
        message: message.to_owned(),
        help: help.to_owned(),
        value: shown(raw.get(offset.saturating_sub(1)..).unwrap_or_default()),
    }
}

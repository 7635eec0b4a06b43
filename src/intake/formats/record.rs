//! What every reader of a source hands on: records with their place, headers, faults.
//!
//! Must not know: formats.

use std::rc::Rc;

use csv::ByteRecord;

use crate::domain::Rule;

/// Where a record stands in its source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Physical line, from 1; the row of a sheet.
    pub line: u64,
    /// Byte offset; 0 where the source has none.
    pub offset: u64,
    /// Sheet of an Excel file.
    pub sheet: Option<Rc<str>>,
}

/// A fault of a source's structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFault {
    /// Where.
    pub place: Place,
    /// Which rule.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// What was found.
    pub value: String,
}

/// Takes what a reader finds.
pub trait Records {
    /// A record of a table; the taker finds the header among them.
    fn record(&mut self, record: &ByteRecord, place: &Place);

    /// A record whose structure is broken; `lost` when nothing behind it can be trusted.
    fn broken(&mut self, fault: SourceFault, lost: bool);

    /// A record of named cells, for sources without a header row.
    fn named(&mut self, cells: &[(String, String)], place: &Place);

    /// A new sheet begins: the next record is in search of a header again.
    fn sheet(&mut self);
}

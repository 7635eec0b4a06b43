//! Records split into cells, where their bytes stand.
//!
//! Owns the parser of the `csv` crate (`csv-core`), which is asked directly: its reader would copy
//! every byte once more, and count what is counted here. Must not know: quoting rules, columns.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Bytes and cells of a record that there is room for at first; almost every record has it.
const FIRST_BYTES: usize = 1 << 10;
const FIRST_CELLS: usize = 1 << 5;

/// The cells of one record, side by side.
#[derive(Debug, Default)]
pub struct Split {
    /// Text of the cells, and room behind it.
    text: Vec<u8>,
    /// Where each cell ends, and room behind it.
    ends: Vec<usize>,
    /// How many cells there are.
    cells: usize,
}

impl Split {
    /// How many cells there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.cells
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cells == 0
    }

    /// The text of all cells.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        let end = self.cells.checked_sub(1).and_then(|last| self.ends.get(last));
        self.text.get(..end.copied().unwrap_or_default()).unwrap_or_default()
    }

    /// The cells, in order.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let ends = self.ends.get(..self.cells).unwrap_or_default();
        ends.iter().scan(0, |from, end| {
            let cell = self.text.get(*from..*end);
            *from = *end;
            cell
        })
    }

    /// A cell.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let end = self.ends.get(..self.cells)?.get(index)?;
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(begin..*end)
    }
}

impl<'c> FromIterator<&'c [u8]> for Split {
    fn from_iter<I: IntoIterator<Item = &'c [u8]>>(cells: I) -> Self {
        let mut split = Self::default();
        for cell in cells {
            split.text.extend_from_slice(cell);
            split.ends.push(split.text.len());
            split.cells += 1;
        }
        split
    }
}

/// Splits the records of one text after the other. Making one takes as long as splitting some
/// hundred records.
pub(super) struct Splitter {
    reader: Reader,
    /// The record in hand.
    pub(super) split: Split,
    /// Offset behind it.
    pub(super) at: usize,
}

impl Splitter {
    /// Of records with this delimiter.
    pub(super) fn new(delimiter: u8) -> Self {
        let split = Split { text: vec![0; FIRST_BYTES], ends: vec![0; FIRST_CELLS], cells: 0 };
        Self { reader: ReaderBuilder::new().delimiter(delimiter).build(), split, at: 0 }
    }

    /// Goes to an offset where a record begins; line feeds are counted from there.
    pub(super) fn seek(&mut self, at: usize) {
        self.reader.reset();
        self.at = at;
    }

    /// Line feeds from where it went to, to where it stands.
    pub(super) fn line_feeds(&self) -> u64 {
        self.reader.line().saturating_sub(1)
    }

    /// Splits the next record of a text, if there is one; blank lines are passed over.
    #[inline]
    pub(super) fn next(&mut self, text: &[u8]) -> bool {
        let Split { text: out, ends, cells } = &mut self.split;
        let mut written = 0;
        *cells = 0;
        loop {
            let (rest, room) = (text.get(self.at..), out.get_mut(written..));
            let (rest, room) = (rest.unwrap_or_default(), room.unwrap_or_default());
            let cells_room = ends.get_mut(*cells..).unwrap_or_default();
            let (found, read, more, ended) = self.reader.read_record(rest, room, cells_room);
            self.at += read;
            written += more;
            *cells += ended;
            match found {
                ReadRecordResult::Record => return true,
                ReadRecordResult::End => return false,
                // It ends where the text does, which is told when there is nothing left of it.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => out.resize(2 * out.len(), 0),
                ReadRecordResult::OutputEndsFull => ends.resize(2 * ends.len(), 0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn records_are_split_as_the_csv_reader_splits_them(
            text in "([ab\",\n\r]|\"\"|\r\n|,\"|\u{feff}|x{300}){0,40}|(,{20}[a\n]{0,2}){0,20}",
            before in "[a,\"\n]{0,6}",
        ) {
            let mut splitter = Splitter::new(b',');
            while splitter.next(before.as_bytes()) {}
            splitter.seek(0);
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let mut record = csv::ByteRecord::new();
            while reader.read_byte_record(&mut record).unwrap() {
                prop_assert!(splitter.next(text.as_bytes()));
                let split = &splitter.split;
                let cells: Vec<&[u8]> = split.iter().collect();
                prop_assert_eq!(&cells, &record.iter().collect::<Vec<_>>());
                prop_assert_eq!(split.as_slice(), record.as_slice());
                for index in 0..=cells.len() {
                    prop_assert_eq!(split.get(index), record.get(index));
                }
                prop_assert_eq!(splitter.at as u64, reader.position().byte());
                prop_assert_eq!(splitter.line_feeds() + 1, reader.position().line());
            }
            prop_assert!(!splitter.next(text.as_bytes()));
        }
    }
}

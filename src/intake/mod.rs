//! Rows → requests: inputs as operators have them, parsed into typed requests with positions.
//!
//! Knows domain. Must not know: the network, the plan, the journal.

pub mod bytes;
pub mod cells;
pub mod columns;
pub mod excerpt;
pub mod export;
pub mod formats;
mod layout;
pub mod left;
pub mod mapping;
pub mod parents;
pub mod parts;
mod quote;
mod reader;
mod recipient;
pub mod records;
pub mod registered;
pub mod report_file;
mod request;
pub mod source;
mod split;
mod spreadsheet;
mod structure;
mod table;
#[cfg(test)]
mod tests;
mod walk;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::iter::{ParallelBridge, ParallelIterator};
use sha2::{Digest, Sha256};

use crate::domain::{FileId, Finding, Protected, ReadRow, RowAt, Rule, Severity};

pub use bytes::ReadError;
pub use columns::{Columns, Field};
pub use export::Export;
pub use formats::row::FoundParent;
pub use mapping::{Mapping, MappingError};
pub use quote::Quote;
pub use reader::{PartFacts, Row};

use layout::Layout;
use parts::{PART_BYTES, Part, Parts, Spare};
use reader::Reader;
use source::Source;
use walk::Walk;

/// How inputs are read.
#[derive(Clone, Debug, Default)]
pub struct IntakeOptions {
    /// How exports become canonical CSV.
    pub formats: formats::convert::Options,
    /// Whether new recipient orgs may be asked for.
    pub recipient_orgs: bool,
    /// In `sync`: what empty cells leave as it is.
    pub left: Arc<left::Left>,
}

/// All inputs of a plan, open: their bytes stay on disk and are read part by part.
#[derive(Debug)]
pub struct Inputs {
    files: Vec<Input>,
    options: IntakeOptions,
    part_bytes: usize,
}

#[derive(Debug)]
struct Input {
    source: Source,
    layout: Result<Layout, Vec<Finding>>,
    /// What it was before it became canonical CSV.
    export: Option<Export>,
}

impl Input {
    /// Whether the file is still the one that was opened.
    fn unchanged(&self) -> Result<(), ReadError> {
        self.export.as_ref().map_or(&self.source, |export| &export.given).unchanged()
    }
}

/// What reads part after part on one thread.
struct Hand<G, T> {
    walk: Option<Walk>,
    gathered: G,
    /// Each part's number, and what it left behind.
    read: Vec<(usize, PartFacts, T)>,
}

/// A part by its number in input order, and who reads it.
type Numbered<'p> = (usize, (Reader<'p>, Result<Part, ReadError>));

/// What is known of the inputs after reading.
#[derive(Clone, Debug, Default)]
pub struct InputFacts {
    /// Data rows handed on.
    pub rows: u64,
    /// Rows the mapping's selection left out.
    pub deselected: u64,
    /// Header and file findings (row 0), and rows whose structure is lost.
    pub findings: Vec<Finding>,
    /// Whether a file's structure is lost, so that no row of the plan can be trusted.
    pub unusable: bool,
    /// Space of rows left out without anyone saying so: nothing there may be removed. Rows count
    /// through all inputs.
    pub protected: Vec<Protected>,
    /// What each part held, in input order.
    pub parts: Vec<PartFacts>,
    /// Number of the row before each part, and line of its first byte, in input order.
    starts: Vec<(u64, u64)>,
}

impl InputFacts {
    /// The part of a row, and its number within the part, from 0.
    #[must_use]
    pub fn find(&self, row: u64) -> Option<(usize, u32)> {
        let part = self.starts.partition_point(|(before, _)| *before < row).checked_sub(1)?;
        let local = u32::try_from(row - self.starts[part].0 - 1).ok()?;
        (local < self.parts[part].rows).then_some((part, local))
    }

    /// Number of the row before a part.
    #[must_use]
    pub fn row_before(&self, part: usize) -> u64 {
        self.starts.get(part).map_or(0, |(before, _)| *before)
    }

    /// Physical line of a row in its file.
    #[must_use]
    pub fn line(&self, row: u64) -> Option<u64> {
        let (part, local) = self.find(row)?;
        let within = self.parts[part].lines.as_ref();
        let within = within.map_or(local, |lines| lines[local as usize]);
        Some(self.starts[part].1 + u64::from(within))
    }

    fn start(&self, part: usize) -> RowAt {
        let (row, line) = self.starts.get(part).copied().unwrap_or_default();
        RowAt { row, line, ..RowAt::default() }
    }

    /// Adds the facts of the part that follows, and gives its fault its place.
    fn follow(&mut self, mut part: PartFacts, first_line: u64) {
        let (row, line) = match (self.parts.last(), self.starts.last()) {
            (Some(last), Some((row, line))) => {
                let same = last.file == part.file;
                let line = if same { line + last.line_ends } else { first_line };
                (row + u64::from(last.rows), line)
            }
            _ => (0, first_line),
        };
        // Lines of an export are those of its source.
        let line = part.first_line.unwrap_or(line);
        if let Some(mut fault) = part.fault.take() {
            fault.at.line += line;
            fault.at.row += if fault.at.row > 0 { row } else { 0 };
            self.findings.push(fault);
        }
        self.rows += u64::from(part.rows - part.deselected);
        self.deselected += u64::from(part.deselected);
        self.starts.push((row, line));
        self.parts.push(part);
    }
}

impl Inputs {
    /// Opens every input and reads its header.
    ///
    /// # Errors
    /// [`ReadError`] for the first that cannot be read.
    pub fn open(paths: &[PathBuf], options: IntakeOptions) -> Result<Self, ReadError> {
        let mut files = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            let id = file_id(index);
            let given = Source::open(path)?;
            files.push(if formats::is_canonical(&given, &options.formats)? {
                let layout = layout::read(&given, id)?;
                Input { source: given, layout, export: None }
            } else {
                let (source, export) = export::open(given, id, &options.formats)?;
                let layout = layout::read(&source, id)?;
                Input { layout: export.layout(layout), source, export: Some(export) }
            });
        }
        number_sheets(&mut files);
        Ok(Self { files, options, part_bytes: PART_BYTES })
    }

    /// What each export turned out to be.
    pub fn exports(&self) -> impl Iterator<Item = &Export> {
        self.files.iter().filter_map(|file| file.export.as_ref())
    }

    /// Parents that exports tell.
    #[must_use]
    pub fn parents(&self) -> Vec<FoundParent> {
        self.exports().flat_map(|export| export.converted.parents.iter().cloned()).collect()
    }

    /// Reads parts of another size: it changes nothing but speed and memory.
    #[must_use]
    pub const fn with_part_bytes(mut self, part_bytes: usize) -> Self {
        self.part_bytes = part_bytes;
        self
    }

    /// Names of the inputs as given, and behind them those of the sheets of Excel files.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let inputs = self.files.iter().map(|file| file.source.name.clone());
        let sheets = self.exports().flat_map(|export| {
            export.sheets.iter().map(|sheet| format!("{}!{sheet}", export.given.name))
        });
        inputs.chain(sheets).collect()
    }

    /// The input that a name of [`Inputs::names`] is of.
    fn input(&self, file: FileId) -> Option<&Input> {
        self.files.get(usize::from(file.0)).or_else(|| {
            self.files.iter().find(|input| {
                let export = input.export.as_ref().filter(|export| file.0 >= export.first_sheet);
                export.is_some_and(|e| usize::from(file.0 - e.first_sheet) < e.sheets.len())
            })
        })
    }

    /// SHA-256 over the bytes of all inputs in order, in hex.
    ///
    /// # Errors
    /// [`ReadError`] when one cannot be read any more.
    pub fn sha256(&self) -> Result<String, ReadError> {
        let mut hash = Sha256::new();
        for file in &self.files {
            match &file.export {
                Some(export) => export.hash(&mut hash)?,
                None => file.source.hash(&mut hash)?,
            }
        }
        Ok(hash.finalize().iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }

    /// Reads every part, side by side: `new` makes what rows are gathered in, `take` is handed the
    /// rows of a part, numbered within it from 0, `leave` is told the part's number in input order,
    /// and gives what the part leaves behind. That comes in input order, and behind it what was
    /// gathered, of which there are a few.
    ///
    /// # Errors
    /// [`ReadError`] when an input cannot be read, or changed meanwhile.
    pub fn survey<G: Send, T: Send>(
        &self,
        new: impl Fn() -> G + Sync,
        take: impl Fn(&mut G, u32, &mut Row<'_>) + Sync,
        leave: impl Fn(&mut G, usize) -> T + Sync,
    ) -> Result<(InputFacts, Vec<T>, Vec<G>), ReadError> {
        let spare = Spare::default();
        let start = || Box::new(Hand { walk: None, gathered: new(), read: Vec::new() });
        let read = |mut hand: Box<Hand<G, T>>, (index, (reader, part)): Numbered<'_>| {
            // Not before there is a part: a small plan has one for all threads.
            let walk = hand.walk.get_or_insert_with(|| Walk::new(reader.layout.delimiter));
            let gathered = &mut hand.gathered;
            let from = RowAt::default();
            let facts = reader.rows(walk, part?, from, |local, row| take(gathered, local, row));
            spare.give(walk.spare());
            let left = leave(gathered, index);
            hand.read.push((index, facts, left));
            Ok(hand)
        };
        let parts = self.parts(Some(&spare)).enumerate().par_bridge();
        let hands: Result<Vec<_>, ReadError> = parts.try_fold(start, read).collect();
        let (mut read, mut gathered) = (Vec::new(), Vec::new());
        for hand in hands? {
            read.extend(hand.read);
            gathered.push(hand.gathered);
        }
        read.sort_unstable_by_key(|(index, ..)| *index);
        let mut facts = self.head_facts();
        let mut left = Vec::with_capacity(read.len());
        for (_, part, value) in read {
            let first_line = self.layout(part.file).map_or(1, |layout| layout.line);
            facts.follow(part, first_line);
            left.push(value);
        }
        self.files.iter().try_for_each(Input::unchanged)?;
        Ok((self.ended(facts), left, gathered))
    }

    /// Reads chosen rows of a part again: `chosen` are ascending numbers within it.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read any more.
    pub fn again(
        &self,
        facts: &InputFacts,
        part: usize,
        chosen: &[u32],
        sink: impl FnMut(u32, &mut Row<'_>),
    ) -> Result<(), ReadError> {
        let Some(known) = facts.parts.get(part) else { return Ok(()) };
        let Some(reader) = self.reader(known.file) else { return Ok(()) };
        let source = &self.files[usize::from(known.file.0)].source;
        let mut parts = Parts::new(source, reader.layout.delimiter, known.offset, known.bytes);
        let Some(bytes) = parts.exactly(known.bytes)? else { return Ok(()) };
        reader.chosen(bytes, known, facts.start(part), chosen, sink);
        Ok(())
    }

    /// Hands every row to the sink in order, numbered through all inputs.
    ///
    /// # Errors
    /// [`ReadError`] when an input cannot be read.
    pub fn rows(&self, mut sink: impl FnMut(ReadRow)) -> Result<InputFacts, ReadError> {
        let mut facts = self.head_facts();
        let mut walk = Walk::new(records::DELIMITERS[0]);
        for (reader, part) in self.parts(None) {
            let part = part?;
            let mut rows = Vec::new();
            let from = RowAt::default();
            let found = reader.rows(&mut walk, part, from, |_, row| rows.push(row.own()));
            facts.follow(found, reader.layout.line);
            let index = facts.parts.len() - 1;
            let before = facts.row_before(index);
            for mut row in rows {
                row.at.row += before;
                row.at.line = facts.line(row.at.row).unwrap_or_default();
                row.findings.iter_mut().for_each(|finding| finding.at = row.at);
                if let Some(request) = row.request.as_mut() {
                    request.at = row.at;
                }
                sink(row);
            }
        }
        Ok(self.ended(facts))
    }

    /// Index of the cell that a file's header calls `column`, or of `start` for `prefix`.
    fn cell_index(&self, file: FileId, column: &str) -> Option<usize> {
        let columns = &self.layout(file)?.columns;
        let label = |name: &String| name.eq_ignore_ascii_case(column);
        columns.header.iter().position(label).or_else(|| {
            let field = Field::parse(column)?;
            let start = || (field == Field::Prefix).then(|| columns.index(Field::Start)).flatten();
            columns.index(field).or_else(start)
        })
    }

    /// What a finding quotes: the line of its source, and the part that is meant.
    #[must_use]
    pub fn quote(&self, finding: &Finding) -> Option<Quote> {
        let at = finding.at;
        // What is about no line of an input quotes none.
        if finding.other_file.is_some() || at.line == 0 {
            return None;
        }
        let input = self.input(at.file)?;
        if let Some(export) = &input.export {
            return export.quote(finding, &input.source);
        }
        let delimiter = self.layout(at.file).map_or(b',', |layout| layout.delimiter);
        let mut parts = Parts::new(&input.source, delimiter, at.offset, excerpt::READ_BYTES);
        let part = parts.next()?.ok()?;
        let excerpt = excerpt::at(bytes::valid_prefix(&part.bytes), delimiter, 0, at.line)?;
        let column = finding.column.as_deref();
        let cell = finding.cell.or_else(|| self.cell_index(at.file, column?));
        let span = cell.and_then(|cell| excerpt.cells.get(cell).cloned());
        // Where quotes are broken, the record may be the rest of the file: its line is enough.
        let first = excerpt.text.lines().next().filter(|_| excerpt.cells.is_empty());
        Some(Quote::new(first.unwrap_or(&excerpt.text), excerpt.line, span))
    }

    fn layout(&self, file: FileId) -> Option<&Layout> {
        self.input(file)?.layout.as_ref().ok()
    }

    fn reader(&self, file: FileId) -> Option<Reader<'_>> {
        let export = self.files.get(usize::from(file.0))?.export.as_ref();
        Some(Reader { layout: self.layout(file)?, options: &self.options, file, export })
    }

    /// Every part of every input whose header can be used, in order.
    fn parts<'p>(
        &'p self,
        spare: Option<&'p Spare>,
    ) -> impl Iterator<Item = (Reader<'p>, Result<Part, ReadError>)> + Send + 'p {
        self.files.iter().enumerate().flat_map(move |(index, file)| {
            let parts = self.reader(file_id(index)).map(|reader| {
                let Layout { delimiter, begin, .. } = *reader.layout;
                let parts = Parts::new(&file.source, delimiter, begin, self.part_bytes);
                parts.filling(spare).map(move |part| (reader, part))
            });
            parts.into_iter().flatten()
        })
    }

    /// What the headers alone tell.
    fn head_facts(&self) -> InputFacts {
        let faults = self.files.iter().filter_map(|file| file.layout.as_ref().err());
        let found = self.exports().flat_map(|export| export.converted.findings.iter());
        let warnings = found.filter(|finding| finding.severity() != Severity::Error);
        let findings = faults.flatten().chain(warnings).cloned().collect();
        InputFacts { findings, ..InputFacts::default() }
    }

    /// The facts once everything was read.
    fn ended(&self, mut facts: InputFacts) -> InputFacts {
        if facts.rows == 0 && facts.deselected == 0 && facts.findings.is_empty() {
            let at = RowAt { line: 1, ..RowAt::default() };
            let message = "the input has a header and no data rows";
            let help = "export it again; nothing is done with an empty plan";
            facts.findings.push(Finding::new(at, Rule::EmptyInput, message, help));
        }
        for (index, file) in self.files.iter().enumerate() {
            let Some(export) = &file.export else { continue };
            let first = facts.parts.iter().position(|part| part.file == file_id(index));
            let before = first.map_or(0, |part| facts.row_before(part));
            let protected = export.converted.protected.iter();
            facts.protected.extend(protected.map(|p| Protected { row: before + p.row, ..*p }));
        }
        facts.unusable = facts.findings.iter().any(|f| f.severity() == Severity::Error);
        facts
    }
}

/// Gives the sheets of Excel files their numbers, behind those of the inputs.
fn number_sheets(files: &mut [Input]) {
    let mut next = files.len();
    for export in files.iter_mut().filter_map(|file| file.export.as_mut()) {
        export.first_sheet = file_id(next).0;
        next += export.sheets.len();
    }
}

fn file_id(index: usize) -> FileId {
    FileId(u16::try_from(index).unwrap_or(u16::MAX))
}

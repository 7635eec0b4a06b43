//! One export → rows of the canonical CSV, one at a time: headers found, records counted, faults
//! placed.
//!
//! Owns the walk over a file. Must not know: where the rows go, printing.

use std::collections::{BTreeMap, HashMap};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use csv::ByteRecord;
use jiff::civil::Date;
use sha2::Sha256;

use crate::domain::{AddressRange, FileId, Finding, RowAt, Rule};
use crate::intake::bytes::{self, ReadError};
use crate::intake::columns::{Columns, Field};
use crate::intake::records::COLUMNS_MAX;

use super::bind::Binding;
use super::draft::Draft;
use super::explain::Explanation;
use super::head::{PREAMBLE_MAX, container, header_delimiter, recognised};
use super::join::Recipients;
use super::layout::Layout;
use super::record::{Place, Records, SourceFault};
use super::row::{Fate, FoundParent, RowMaker};
use super::schema::{About, Container, Role, Rules};
use super::source::{Decoded, Source};
use super::{CANONICAL, XLSX, delimited, json, sheet, text};

/// Examples of rows with an unknown status that a finding lists.
const RELATED_MAX: usize = crate::domain::finding::RELATED_ROWS_MAX;

/// How exports are read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Rules laid over the format's.
    pub mapping: Option<Rules>,
    /// The format, where it is not to be recognised.
    pub format: Option<String>,
    /// The encoding, where it is not UTF-8.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Whether names are written in ASCII.
    pub transliterate: bool,
    /// Recipients by key.
    pub recipients: Arc<Recipients>,
    /// Today, for recipients that ended.
    pub as_of: Date,
}

/// Space that nothing may be removed from: a row that swip left out without knowing it is no
/// customer's (DESIGN 1.7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protected {
    /// Number of the row in its file.
    pub row: u64,
    /// The block; `None` when it cannot be read, which holds every removal.
    pub block: Option<AddressRange>,
}

/// What one file turned out to be.
#[derive(Clone, Debug, Default)]
pub struct Converted {
    /// Recognised, mapped, ignored, left out.
    pub explanation: Explanation,
    /// Faults of the header or the whole file, and statuses nobody knows.
    pub findings: Vec<Finding>,
    /// Data rows read.
    pub rows: u64,
    /// Rows that were left out.
    pub left_out: u64,
    /// Space that nothing may be removed from.
    pub protected: Vec<Protected>,
    /// Parents found.
    pub parents: Vec<FoundParent>,
    /// Labels of columns by field, as the last header has them.
    pub labels: BTreeMap<&'static str, String>,
    /// Whether the format is one of an IPAM.
    pub is_export: bool,
    /// Whether the rest of the file cannot be trusted.
    pub lost: bool,
}

/// Converts one file; each row goes to `sink`. The hash goes on with the file's bytes.
///
/// # Errors
/// [`ReadError`] when it cannot be read, or changed meanwhile.
pub fn convert(
    path: &Path,
    file: FileId,
    options: &Options,
    hash: Sha256,
    sink: &mut dyn FnMut(&Draft),
) -> Result<(Converted, Sha256), ReadError> {
    let mut source = Source::open(path, hash)?;
    let mut walk = Walk::new(file, &source.name, options, sink);
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    if sheet::is_excel(source.head()) {
        walk.is_known = true;
        sheet::read(source.read_all()?, &mut walk);
    } else {
        let mut head = Vec::new();
        let decoding = options.encoding.unwrap_or(encoding_rs::UTF_8);
        let given = source.head().to_vec();
        Decoded::new(given.as_slice(), decoding).read_to_end(&mut head).map_err(io)?;
        if let (None, Some(fault)) = (options.encoding, bytes::foreign(source.head())) {
            walk.broken(foreign(fault), true);
        } else {
            let head = String::from_utf8_lossy(&head).into_owned();
            walk.container = container(&head, options.format.as_deref());
            walk.read(&mut source, &head, options, path)?;
        }
    }
    let hash = source.finish()?;
    Ok((walk.finish(), hash))
}

/// A head that is no UTF-8 text, as a fault.
fn foreign(what: &str) -> SourceFault {
    SourceFault {
        place: Place { line: 1, ..Place::default() },
        rule: Rule::BadEncoding,
        message: what.to_owned(),
        help: "export it as UTF-8, or name its encoding with --encoding".to_owned(),
        value: String::new(),
    }
}

/// The rules that hold for a header, and its columns.
struct Active<'o> {
    maker: RowMaker<'o>,
    about: About,
    /// By kind of row; one under "" where rows have no kinds.
    bindings: HashMap<String, Binding>,
}

/// The walk over one file.
struct Walk<'o, 's> {
    file: FileId,
    options: &'o Options,
    sink: &'s mut dyn FnMut(&Draft),
    container: Container,
    active: Option<Active<'o>>,
    /// Whether a header is known to come.
    is_known: bool,
    above: u32,
    /// Cells of the header, before parameters became columns.
    header_cells: usize,
    /// Index by key, for records of named cells.
    keys: HashMap<String, usize>,
    named: ByteRecord,
    draft: Draft,
    unknown_status: BTreeMap<String, (u64, Vec<u64>)>,
    converted: Converted,
}

impl<'o, 's> Walk<'o, 's> {
    fn new(
        file: FileId,
        name: &str,
        options: &'o Options,
        sink: &'s mut dyn FnMut(&Draft),
    ) -> Self {
        let mut converted = Converted::default();
        name.clone_into(&mut converted.explanation.file);
        Self {
            file,
            options,
            sink,
            container: Container::Table,
            active: None,
            is_known: false,
            above: 0,
            header_cells: 0,
            keys: HashMap::new(),
            named: ByteRecord::new(),
            draft: Draft::default(),
            unknown_status: BTreeMap::new(),
            converted,
        }
    }

    /// Reads a text of the container found.
    fn read(
        &mut self,
        source: &mut Source,
        head: &str,
        options: &Options,
        path: &Path,
    ) -> Result<(), ReadError> {
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        let encoding = options.encoding.unwrap_or(encoding_rs::UTF_8);
        if self.container == Container::Table {
            let known = recognised(head, options.format.as_deref());
            self.is_known = known.is_some();
            let delimiter =
                known.map_or_else(|| header_delimiter(head), |(_, delimiter)| delimiter);
            return match options.encoding {
                Some(encoding) => {
                    delimited::read(Decoded::new(source, encoding), delimiter, self).map_err(io)
                }
                None => delimited::read(source, delimiter, self).map_err(io),
            };
        }
        let bytes = source.read_all()?;
        let mut decoded = Vec::new();
        if options.encoding.is_some() {
            Decoded::new(bytes.as_slice(), encoding).read_to_end(&mut decoded).map_err(io)?;
        } else {
            decoded = bytes;
        }
        match bytes::text(&decoded) {
            Ok((text, _)) => match self.container {
                Container::Json => json::read(text, self),
                Container::Template => text::templates(text, self),
                _ => text::records(text, self),
            },
            Err(fault) => {
                let message = format!("at byte {}: {}", fault.offset, fault.what);
                self.broken(foreign(&message), true);
            }
        }
        Ok(())
    }

    fn at(&self, row: u64, place: &Place) -> RowAt {
        RowAt { row, file: self.file, line: place.line, offset: place.offset }
    }

    fn fail(&mut self, place: &Place, rule: Rule, message: impl Into<String>, help: &str) {
        let at = self.at(0, place);
        self.converted.findings.push(Finding::new(at, rule, message, help));
        self.converted.lost = true;
    }

    /// Takes a header if it is one.
    fn header(&mut self, layout: Layout, place: &Place) -> bool {
        let known = self.active.as_ref().map(|a| (a.about.clone(), a.maker.rules.clone()));
        let Some((about, rules)) = known.or_else(|| self.rules_for(&layout)) else { return false };
        let title = format!("{}: {}", about.name, about.title);
        self.converted.explanation.format = title;
        self.converted.is_export = about.name != CANONICAL;
        let kind = self.kind_of_header(&about, &layout);
        self.header_cells = layout.labels.len();
        let layout = if kind.is_some() { layout.with_first("kind") } else { layout };
        let mut active = self.active.take().unwrap_or_else(|| Active {
            maker: RowMaker {
                about: about.clone(),
                rules,
                recipients: &self.options.recipients,
                transliterate: self.options.transliterate,
                as_of: self.options.as_of,
            },
            about,
            bindings: HashMap::new(),
        });
        let mut binding = Binding::new(layout, &active.maker.rules);
        self.judge_header(&active, &mut binding, kind.is_some(), place);
        active.bindings.insert(kind.unwrap_or_default(), binding);
        self.active = Some(active);
        true
    }

    /// The kind that a header of a file with kinds is for.
    fn kind_of_header(&self, about: &About, layout: &Layout) -> Option<String> {
        let prefix = about.kinds.as_ref()?;
        let first = layout.labels.first()?.to_ascii_lowercase();
        first.strip_prefix(prefix.as_str()).map(str::to_owned)
    }

    fn judge_header(
        &mut self,
        active: &Active<'_>,
        binding: &mut Binding,
        kinds: bool,
        place: &Place,
    ) {
        let at = self.at(0, place);
        if active.about.name == CANONICAL
            && let Err(findings) = Columns::read(binding.layout.labels.clone(), at)
        {
            self.converted.lost = true;
            return self.converted.findings.extend(findings);
        }
        let uses = binding.uses();
        binding.explained = self.converted.explanation.columns(&binding.layout.labels, &uses);
        for (field, columns) in &binding.fields {
            if let Some(label) = columns.first().and_then(|index| binding.layout.labels.get(*index))
            {
                self.converted.labels.insert(field.name(), label.clone());
            }
        }
        // In a file with kinds, a column may stand in the header of another kind.
        let mapping =
            self.options.mapping.as_ref().filter(|_| !kinds && active.about.role == Role::Rows);
        let faults = binding.faults(mapping, at);
        self.converted.lost |= !faults.is_empty();
        self.converted.findings.extend(faults);
        if !self.converted.lost && !kinds && !binding.tells_a_block(&active.maker.rules) {
            let help = "name the column in a mapping: [columns] prefix, or start and end, or address and mask";
            self.fail(place, Rule::MissingField, "the header names no address block", help);
        }
    }

    /// Format and rules for a header, if it is recognised.
    fn rules_for(&self, layout: &Layout) -> Option<(About, Rules)> {
        let name = self.options.format.as_deref().filter(|name| *name != XLSX);
        let mapping = self.options.mapping.as_ref();
        let roles = [Role::Rows, Role::Parents];
        let format = match name {
            Some(name) => super::recognise(layout, self.container, Some(name), &roles)
                .or_else(|| super::first_of(name, self.container).filter(|_| self.is_full(layout))),
            None => super::recognise(layout, self.container, None, &roles),
        };
        if let Some(format) = format {
            let rules = mapping
                .filter(|_| format.about.role == Role::Rows)
                .map_or_else(|| format.rules.clone(), |mapping| format.rules.overlaid(mapping));
            return Some((format.about.clone(), rules));
        }
        if super::is_canonical_header(&layout.labels) || (!self.is_known && mapping.is_none()) {
            let canonical = super::first_of(CANONICAL, self.container)?;
            return Some((canonical.about.clone(), canonical.rules.clone()));
        }
        let mapping = mapping.filter(|_| self.is_full(layout))?;
        let about = About {
            name: "mapped".to_owned(),
            title: "by its mapping".to_owned(),
            ..About::default()
        };
        Some((about, mapping.clone()))
    }

    /// Whether a record may be a header that only the user vouches for.
    fn is_full(&self, layout: &Layout) -> bool {
        !layout.labels.is_empty() && layout.labels.iter().all(|label| !label.is_empty())
    }

    /// A record before any header was found.
    fn seek(&mut self, record: &ByteRecord, place: &Place) {
        if record.get(0).is_some_and(|cell| cell.starts_with(b"#")) || record.len() > COLUMNS_MAX {
            return;
        }
        let labels = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
        if self.header(Layout::new(&labels.collect::<Vec<_>>()), place) {
            return;
        }
        self.above += 1;
        if self.above == PREAMBLE_MAX && place.sheet.is_none() {
            self.not_recognised(place);
        }
    }

    fn not_recognised(&mut self, place: &Place) {
        let name = self.options.format.as_deref().unwrap_or("any known format");
        let message = format!("no header of {name} was found");
        let help = "see `swip convert --formats`; localised or unusual headers need --input-format and --mapping";
        self.fail(place, Rule::UnknownColumn, message, help);
    }

    /// The kind of a record, and whether it is a header or repeats one.
    fn table_record(&mut self, record: &ByteRecord, place: &Place) {
        let Some(active) = &self.active else { return self.seek(record, place) };
        let first = String::from_utf8_lossy(record.get(0).unwrap_or_default()).to_ascii_lowercase();
        let kinds = active.about.kinds.as_deref();
        if kinds.is_some_and(|prefix| first.starts_with(prefix)) {
            let labels = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
            let layout = Layout::new(&labels.collect::<Vec<_>>());
            self.header(layout, place);
            return;
        }
        let kind = if kinds.is_some() { first.as_str() } else { "" };
        let Some(binding) = active.bindings.get(kind) else {
            let message = format!("a row of kind `{first}` has no header above it");
            let help = "export the file with its header rows";
            return self.refuse(place, Rule::RaggedRow, message, help, &first.clone());
        };
        let cells = record.iter().map(|cell| std::str::from_utf8(cell).unwrap_or_default());
        if kinds.is_none() && binding.layout.is_repeated_by(cells) {
            return;
        }
        let expected = if active.about.parameters.is_empty() {
            binding.layout.labels.len()
        } else {
            self.header_cells
        };
        if record.len() != expected {
            let message = format!("the row has {} cells; the header has {expected}", record.len());
            let help = "quote cells that hold the delimiter, or complete the row; the export may be cut off";
            return self.refuse(place, Rule::RaggedRow, message, help, "");
        }
        if active.about.parameters.is_empty() {
            let kind = kind.to_owned();
            self.row(&kind, record, place);
        } else {
            let cells = with_parameters(&binding.layout, record, &active.about.parameters);
            self.named(&cells, place);
        }
    }

    /// A data row.
    fn row(&mut self, kind: &str, record: &ByteRecord, place: &Place) {
        self.converted.rows += 1;
        let at = self.at(self.converted.rows, place);
        let Some(active) = &self.active else { return };
        let Some(binding) = active.bindings.get(kind) else { return };
        self.converted.explanation.rows += 1;
        for (index, cell) in binding.explained.iter().zip(record) {
            if let Some(column) = self.converted.explanation.columns.get_mut(*index) {
                column.filled += u64::from(!cell.is_empty());
            }
        }
        if let Some(mut parent) = active.maker.parent(binding, record) {
            parent.source = format!("{}:{}", self.converted.explanation.file, place.line);
            self.converted.explanation.parents += 1;
            self.converted.parents.push(parent);
        }
        self.draft.clear(at, place);
        let fate = if active.about.role == Role::Parents {
            Fate::LeftOut {
                why: "it is a parent, never registered".into(),
                protects: false,
                unknown_status: false,
            }
        } else {
            active.maker.make(binding, record, &mut self.draft)
        };
        match fate {
            Fate::Taken => {
                self.converted.explanation.taken += 1;
                (self.sink)(&self.draft);
            }
            Fate::LeftOut { why, protects, unknown_status } => {
                let block = active.maker.block_of(binding, record);
                if protects {
                    self.converted.protected.push(Protected { row: at.row, block });
                }
                self.leave_out(&why, block, unknown_status, at);
                self.draft.clear(at, place);
                self.draft.left_out = true;
                (self.sink)(&self.draft);
            }
        }
    }

    fn leave_out(&mut self, why: &str, block: Option<AddressRange>, unknown: bool, at: RowAt) {
        self.converted.left_out += 1;
        if unknown {
            let (count, rows) = self.unknown_status.entry(why.to_owned()).or_default();
            *count += 1;
            if rows.len() < RELATED_MAX {
                rows.push(at.row);
            }
        }
        self.converted.explanation.skip(why, || {
            let block = block.map_or_else(|| "no block".to_owned(), |block| block.to_string());
            format!("line {}: {block}", at.line)
        });
    }

    /// A row whose structure is broken: it is a row of the plan, with its finding.
    fn refuse(&mut self, place: &Place, rule: Rule, message: String, help: &str, value: &str) {
        self.converted.rows += 1;
        self.converted.explanation.rows += 1;
        let at = self.at(self.converted.rows, place);
        self.draft.clear(at, place);
        self.draft.find(rule, None, value, message, help, Field::ALL);
        self.converted.explanation.taken += 1;
        (self.sink)(&self.draft);
    }

    fn finish(mut self) -> Converted {
        let place = Place { line: 1, ..Place::default() };
        let recognised = !self.converted.explanation.format.is_empty();
        if !recognised && self.converted.findings.is_empty() {
            if self.above == 0 && self.converted.rows == 0 {
                let help = "export it again; nothing is done with an empty plan";
                self.fail(&place, Rule::EmptyInput, "the file is empty", help);
            } else {
                self.not_recognised(&place);
            }
        }
        for (why, (count, rows)) in std::mem::take(&mut self.unknown_status) {
            let message = format!(
                "{count} rows are left out because {why}, which neither registers nor skips a row; their space is protected"
            );
            let help = "list the word under [status] in a mapping: register or skip";
            let at = self.at(0, &place);
            let mut finding = Finding::new(at, Rule::UnknownStatus, message, help);
            finding.related_rows = rows;
            finding.related_total = count;
            self.converted.findings.push(finding);
        }
        self.converted
    }
}

/// The cells of a record by label, and those inside its URL-encoded parameters.
fn with_parameters(
    layout: &Layout,
    record: &ByteRecord,
    parameters: &[String],
) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    for (label, cell) in layout.labels.iter().zip(record) {
        cells.push((label.clone(), String::from_utf8_lossy(cell).into_owned()));
        if parameters.iter().any(|name| name.eq_ignore_ascii_case(label)) {
            for (key, value) in url::form_urlencoded::parse(cell) {
                cells.push((key.into_owned(), value.into_owned()));
            }
        }
    }
    cells
}

impl Records for Walk<'_, '_> {
    fn record(&mut self, record: &ByteRecord, place: &Place) {
        if !self.converted.lost {
            self.table_record(record, place);
        }
    }

    fn broken(&mut self, fault: SourceFault, lost: bool) {
        if self.converted.lost {
            return;
        }
        if lost || self.active.is_none() {
            let at = self.at(0, &fault.place);
            let mut finding = Finding::new(at, fault.rule, fault.message, fault.help);
            finding.value = fault.value;
            self.converted.findings.push(finding);
            self.converted.lost = true;
        } else {
            let help = fault.help.clone();
            self.refuse(&fault.place, fault.rule, fault.message, &help, &fault.value);
        }
    }

    fn named(&mut self, cells: &[(String, String)], place: &Place) {
        if self.converted.lost {
            return;
        }
        let layout = Layout::new(&cells.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>());
        if self.active.is_none() && !self.header(layout, place) {
            return self.not_recognised(place);
        }
        let Some(active) = &mut self.active else { return };
        let Some(binding) = active.bindings.get_mut("") else { return };
        if self.keys.is_empty() {
            let labels = binding.layout.labels.iter().enumerate();
            self.keys = labels.map(|(index, label)| (label.clone(), index)).collect();
        }
        let mut layout = std::mem::take(&mut binding.layout);
        let before = layout.labels.len();
        for (key, _) in cells {
            if !self.keys.contains_key(key) {
                self.keys.insert(key.clone(), layout.push(key));
            }
        }
        let grown = layout.labels.len() > before;
        if grown {
            *binding = Binding::new(layout, &active.maker.rules);
            let uses = binding.uses();
            binding.explained = self.converted.explanation.columns(&binding.layout.labels, &uses);
        } else {
            binding.layout = layout;
        }
        let mut texts = vec![""; binding.layout.labels.len()];
        for (key, value) in cells {
            if let Some(slot) = self.keys.get(key).and_then(|index| texts.get_mut(*index)) {
                *slot = value;
            }
        }
        let mut record = std::mem::take(&mut self.named);
        record.clear();
        texts.iter().for_each(|text| record.push_field(text.as_bytes()));
        self.row("", &record, place);
        self.named = record;
    }

    fn sheet(&mut self) {
        self.active = None;
        self.above = 0;
    }
}

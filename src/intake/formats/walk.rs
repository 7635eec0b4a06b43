//! The walk over one export: records counted, rows made, faults placed.
//!
//! Owns what becomes of a record behind its header. Must not know: how a header is recognised, where
//! the rows go, printing.

use std::collections::{BTreeMap, HashMap};

use csv::ByteRecord;

use crate::domain::{AddressRange, FileId, Finding, Protected, RowAt, Rule, secret};
use crate::intake::columns::Field;
use crate::intake::structure::secret_finding;

use super::bind::Binding;
use super::convert::{Converted, Options};
use super::draft::Draft;
use super::layout::Layout;
use super::record::{Place, Records, SourceFault};
use super::row::{Fate, RowMaker};
use super::schema::{About, Container, Role};

/// Examples of rows with an unknown status that a finding lists.
const RELATED_MAX: usize = crate::domain::finding::RELATED_ROWS_MAX;

/// The rules that hold for a header, and its columns.
pub(super) struct Active<'o> {
    pub(super) maker: RowMaker<'o>,
    pub(super) about: About,
    /// By kind of row; one under "" where rows have no kinds.
    pub(super) bindings: HashMap<String, Binding>,
}

/// The walk over one file.
pub(super) struct Walk<'o, 's> {
    pub(super) file: FileId,
    pub(super) options: &'o Options,
    sink: &'s mut dyn FnMut(&Draft),
    pub(super) container: Container,
    pub(super) active: Option<Active<'o>>,
    /// Whether a header is known to come.
    pub(super) is_known: bool,
    pub(super) above: u32,
    /// Cells of the header, before parameters became columns.
    pub(super) header_cells: usize,
    /// Index by key, for records of named cells.
    keys: HashMap<String, usize>,
    named: ByteRecord,
    draft: Draft,
    unknown_status: BTreeMap<String, (u64, Vec<u64>)>,
    pub(super) converted: Converted,
}

impl<'o, 's> Walk<'o, 's> {
    pub(super) fn new(
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

    pub(super) fn at(&self, row: u64, place: &Place) -> RowAt {
        RowAt { row, file: self.file, line: place.line, offset: place.offset }
    }

    pub(super) fn fail(
        &mut self,
        place: &Place,
        rule: Rule,
        message: impl Into<String>,
        help: &str,
    ) {
        let at = self.at(0, place);
        self.converted.findings.push(Finding::new(at, rule, message, help));
        self.converted.lost = true;
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
            let sheet = place.sheet.as_ref().map_or_else(String::new, |sheet| format!("!{sheet}"));
            parent.source = format!("{}{sheet}:{}", self.converted.explanation.file, place.line);
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
                if self.draft.texts.iter().any(|text| secret::find(text.as_bytes()).is_some()) {
                    self.draft.clear(at, place);
                    self.draft.findings.push(secret_finding(at));
                    self.draft.covered.extend_from_slice(Field::ALL);
                }
                if place.sheet.is_some() {
                    self.draft.keep(record);
                }
                (self.sink)(&self.draft);
            }
            Fate::LeftOut { why, protects, unknown_status } => {
                let block = active.maker.block_of(binding, record);
                if protects {
                    protect(&mut self.converted.protected, at.row, block);
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

    pub(super) fn finish(mut self) -> Converted {
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

/// Protects a block; what continues the block before it is one with it, so that a long run of rows
/// takes no memory.
fn protect(protected: &mut Vec<Protected>, row: u64, block: Option<AddressRange>) {
    let joined = |last: &Protected| {
        let (last, block) = last.block.zip(block)?;
        let ((first, end), (begin, new_end)) = (last.bounds(), block.bounds());
        let touches =
            last.family() == block.family() && (first..=end.saturating_add(1)).contains(&begin);
        touches.then(|| AddressRange::from_bounds(last.family(), first, end.max(new_end))).flatten()
    };
    match protected.last_mut() {
        Some(last) if last.block.is_none() && block.is_none() => {}
        Some(last) => match joined(last) {
            Some(both) => last.block = Some(both),
            None => protected.push(Protected { row, block }),
        },
        None => protected.push(Protected { row, block }),
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
        if self.active.is_none() {
            let labels = cells.iter().map(|(key, _)| key.clone());
            if !self.header(Layout::new(&labels.collect::<Vec<_>>()), place) {
                return self.not_recognised(place);
            }
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

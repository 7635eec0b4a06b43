//! The walk over an export where it meets a header: whose it is, what its columns are for, what is
//! wrong with it.
//!
//! Must not know: rows.

use std::collections::HashMap;

use csv::ByteRecord;

use crate::domain::Rule;
use crate::intake::columns::{Columns, Field};
use crate::intake::records::COLUMNS_MAX;

use super::bind::Binding;
use super::head::PREAMBLE_MAX;
use super::layout::Layout;
use super::record::Place;
use super::row::RowMaker;
use super::schema::{About, Role, Rules};
use super::walk::{Active, Walk};
use super::{CANONICAL, XLSX};

impl Walk<'_, '_> {
    /// Takes a header if it is one.
    pub(super) fn header(&mut self, layout: Layout, place: &Place) -> bool {
        let known = self.active.as_ref().map(|a| (a.about.clone(), a.maker.rules.clone()));
        let Some((about, rules)) = known.or_else(|| self.rules_for(&layout)) else { return false };
        let title = format!("{}: {}", about.name, about.title);
        self.converted.explanation.format = title;
        self.converted.is_export = about.name != CANONICAL;
        let kind = self.kind_of_header(&about, &layout);
        self.header_cells = layout.labels.len();
        let of_kind = kind.clone().unwrap_or_default();
        self.converted.headers.insert(of_kind, layout.labels.clone());
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
        // A block in several columns is shown where it begins.
        let begins = binding.address.first().or_else(|| binding.columns(Field::Start).first());
        if let Some(label) = begins.and_then(|index| binding.layout.labels.get(*index)) {
            let labels = &mut self.converted.labels;
            labels.entry(Field::Prefix.name()).or_insert_with(|| label.clone());
        }
        // In a file with kinds, a column may stand in the header of another kind.
        let laid_over = !kinds
            && active.about.role == Role::Rows
            && self.options.own.as_ref().is_none_or(|own| own.name == active.about.name);
        let mapping = self.options.mapping.as_ref().filter(|_| laid_over);
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
        let mut mapping = self.options.mapping.as_ref();
        if let Some((own, rules)) = self.options.own.as_ref().zip(mapping) {
            if super::fits(own, layout, self.container) {
                return Some((own.clone(), rules.clone()));
            }
            // It is a format of its own, and is laid over no other.
            mapping = None;
        }
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
    pub(super) fn seek(&mut self, record: &ByteRecord, place: &Place) {
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

    pub(super) fn not_recognised(&mut self, place: &Place) {
        let name = self.options.format.as_deref().unwrap_or("any known format");
        let message = format!("no header of {name} was found");
        let help = "see `swip convert --formats`; localised or unusual headers need --input-format and --mapping";
        self.fail(place, Rule::UnknownColumn, message, help);
    }
}

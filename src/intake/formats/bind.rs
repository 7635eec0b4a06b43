//! Rules whose columns are found in one header.
//!
//! Owns header faults of exports. Must not know: what cells hold.

use std::borrow::Cow;

use crate::domain::{Action, Finding, RowAt, Rule};
use crate::intake::columns::{Field, nearest};

use super::condition::{BoundConditions, Conditions};
use super::explain::Use;
use super::layout::Layout;
use super::schema::{Rules, Target};

/// A header, and where the rules find what they need in it.
#[derive(Debug, Default)]
pub(super) struct Binding {
    /// The header.
    pub(super) layout: Layout,
    /// Index of each column in the explanation of the file.
    pub(super) explained: Vec<usize>,
    /// Columns by field, the first filled one counts.
    pub(super) fields: Vec<(Field, Vec<usize>)>,
    /// Columns of `address`.
    pub(super) address: Vec<usize>,
    /// Columns of `mask`.
    pub(super) mask: Vec<usize>,
    /// Columns of `size`.
    pub(super) size: Vec<usize>,
    /// Column of the status.
    pub(super) status: Option<usize>,
    /// What a row must meet to count.
    pub(super) selection: BoundConditions,
    /// Rows that are left out.
    pub(super) skip: Vec<BoundConditions>,
    /// What decides the action.
    pub(super) actions: Vec<(BoundConditions, Action)>,
    /// Columns of street lines beyond those that a recipient has.
    pub(super) surplus: Vec<usize>,
    /// Columns of the key.
    pub(super) key: Vec<usize>,
    /// Columns of the address to split.
    pub(super) one_address: Vec<usize>,
    /// Rows that are parents without a handle.
    pub(super) parent_when: Option<BoundConditions>,
    /// Columns that may hold a parent's handle.
    pub(super) parent_handle: Vec<usize>,
    /// Which rows may be parents.
    pub(super) parent_only: BoundConditions,
}

impl Binding {
    pub(super) fn new(layout: Layout, rules: &Rules) -> Self {
        let find = |labels: &[String]| found(&layout, labels);
        let target = |target| rules.columns.get(&target).map_or_else(Vec::new, |l| find(l));
        let bind = |conditions: &Conditions| conditions.bind(&layout);
        let fields = rules.columns.iter().filter_map(|(target, labels)| match target {
            Target::Field(field) => Some((*field, find(labels))),
            _ => None,
        });
        let parents = rules.parents.as_ref();
        Self {
            fields: fields.filter(|(_, columns)| !columns.is_empty()).collect(),
            address: target(Target::Address),
            mask: target(Target::Mask),
            size: target(Target::Size),
            status: rules.status.as_ref().and_then(|status| layout.position(&status.column)),
            selection: rules.selection.as_ref().map(bind).unwrap_or_default(),
            skip: rules.skip.iter().map(|skip| bind(&skip.when)).collect(),
            actions: rules.actions.iter().map(|(when, action)| (bind(when), *action)).collect(),
            key: find(&rules.key),
            surplus: surplus(&layout, rules),
            one_address: rules.address.as_ref().map_or_else(Vec::new, |a| find(&a.columns)),
            parent_when: parents.and_then(|p| p.when.as_ref()).map(bind),
            parent_handle: parents.map_or_else(Vec::new, |p| find(&p.handle)),
            parent_only: parents.and_then(|p| p.only.as_ref()).map(bind).unwrap_or_default(),
            explained: Vec::new(),
            layout,
        }
    }

    /// Columns of a field.
    pub(super) fn columns(&self, field: Field) -> &[usize] {
        let entry = self.fields.iter().find(|(other, _)| *other == field);
        entry.map_or(&[], |(_, columns)| columns.as_slice())
    }

    /// Whether a block can be told from these columns.
    pub(super) fn tells_a_block(&self, rules: &Rules) -> bool {
        let has = |field| !self.columns(field).is_empty() || rules.constants.contains_key(&field);
        has(Field::Prefix) || !self.address.is_empty() || has(Field::Start)
    }

    /// Every column that is used, and for what.
    pub(super) fn uses(&self) -> Vec<(usize, Use)> {
        let mut uses = Vec::new();
        let mut add = |columns: &[usize], what: Use| {
            uses.extend(columns.iter().map(|column| (*column, what.clone())));
        };
        for (field, columns) in &self.fields {
            add(columns, Use::Field(field.name()));
        }
        add(&self.address, Use::Field("address"));
        add(&self.mask, Use::Field("mask"));
        add(&self.size, Use::Field("size"));
        add(&self.key, Use::Key);
        add(&self.one_address, Use::Address);
        add(&self.parent_handle, Use::Parents);
        add(self.status.as_slice(), Use::Selection);
        let conditions = self.skip.iter().chain([&self.selection, &self.parent_only]);
        let conditions = conditions.chain(self.parent_when.iter());
        for conditions in conditions.chain(self.actions.iter().map(|(when, _)| when)) {
            add(&conditions.columns(), Use::Selection);
        }
        uses
    }

    /// Header faults: labels the mapping names and the file lacks, and used columns that stand
    /// twice.
    pub(super) fn faults(&self, mapping: Option<&Rules>, at: RowAt) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (place, labels) in mapping.map_or_else(Vec::new, named) {
            if found(&self.layout, &labels).is_empty() {
                findings.push(absent(&place, &labels, &self.layout, at));
            }
        }
        let mut seen = Vec::new();
        for (column, what) in self.uses() {
            if let Some(twin) = self.layout.twin(column).filter(|_| !seen.contains(&column)) {
                seen.push(column);
                findings.push(twice(&self.layout, column, twin, &what, at));
            }
        }
        findings
    }
}

/// Columns that go on counting where those of the street end: `Street 4`, or a fourth `07`.
fn surplus(layout: &Layout, rules: &Rules) -> Vec<usize> {
    let streets = [Field::Street, Field::Street2, Field::Street3].map(Target::Field);
    let used: Vec<usize> =
        rules.columns.values().flat_map(|labels| found(layout, labels)).collect();
    let is_street = |base: &str| {
        let labels = streets.iter().filter_map(|street| rules.columns.get(street));
        layout
            .position(base)
            .is_some_and(|at| labels.into_iter().any(|labels| found(layout, labels).contains(&at)))
    };
    let counted = |label: &str| {
        let (base, number) = label.rsplit_once(' ')?;
        (number.parse::<u32>().is_ok() && is_street(base)).then_some(())
    };
    let labels = layout.labels.iter().enumerate();
    let beyond = labels.filter(|(index, label)| !used.contains(index) && counted(label).is_some());
    beyond.map(|(index, _)| index).collect()
}

/// Indexes of the labels that a header has.
fn found(layout: &Layout, labels: &[String]) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for index in labels.iter().filter_map(|label| layout.position(label)) {
        if !found.contains(&index) {
            found.push(index);
        }
    }
    found
}

/// What a mapping takes from columns: where it says so, and the labels of which one must be there.
fn named(mapping: &Rules) -> Vec<(String, Vec<String>)> {
    let columns = mapping.columns.iter().map(|(t, labels)| (t.name().to_owned(), labels.clone()));
    let selection = mapping.selection.iter().flat_map(Conditions::labels);
    let selection = selection.map(|label| ("where".to_owned(), vec![label.to_owned()]));
    let key = (!mapping.key.is_empty()).then(|| ("key".to_owned(), mapping.key.clone()));
    let address = mapping.address.iter().map(|a| ("address".to_owned(), a.columns.clone()));
    let status = mapping.status.iter().map(|s| ("status".to_owned(), vec![s.column.clone()]));
    columns.chain(selection).chain(key).chain(address).chain(status).collect()
}

fn absent(place: &str, labels: &[String], layout: &Layout, at: RowAt) -> Finding {
    let label = labels.join("` or `");
    let message = format!(
        "the mapping takes `{place}` from the column `{label}`, which the file does not have"
    );
    let known = layout.labels.iter().map(String::as_str);
    let first = labels.first().map_or("", String::as_str);
    let help = match nearest(first, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the file has: {}", layout.labels.join(", ")),
    };
    let mut finding = Finding::new(at, Rule::UnknownColumn, message, help);
    finding.value = label;
    finding
}

fn twice(layout: &Layout, column: usize, twin: usize, what: &Use, at: RowAt) -> Finding {
    let label = layout.labels.get(column).cloned().unwrap_or_default();
    let message = format!(
        "the column `{label}`, taken for {what}, stands twice, as column {} and column {}",
        column + 1,
        twin + 1
    );
    let help = "leave one of them out of the export, or rename it";
    let mut finding = Finding::new(at, Rule::DuplicateColumn, message, help);
    finding.column = Some(Cow::Owned(label));
    finding.cell = Some(twin);
    finding
}

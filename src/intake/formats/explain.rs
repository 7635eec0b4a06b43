//! What was recognised, mapped, ignored and left out, in counts and examples.
//!
//! Owns the counting. Must not know: printing.

use std::collections::BTreeMap;
use std::fmt;

/// Examples kept of each reason.
pub const EXAMPLES_MAX: usize = 3;

/// What a column is taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// A field of the canonical CSV, or a part of the block.
    Field(&'static str),
    /// Deciding which rows count.
    Selection,
    /// Looking the recipient up.
    Key,
    /// The address that is split.
    Address,
    /// Finding parents.
    Parents,
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, "`{name}`"),
            Self::Selection => f.write_str("row selection"),
            Self::Key => f.write_str("the key of the recipient"),
            Self::Address => f.write_str("the address, which is split"),
            Self::Parents => f.write_str("handles of parents"),
        }
    }
}

/// How often, and some places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often.
    pub count: u64,
    /// The first places.
    pub examples: Vec<String>,
}

impl Tally {
    fn add(&mut self, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(example());
        }
    }
}

/// One file, explained.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Its name.
    pub file: String,
    /// Format and title.
    pub format: String,
    /// Each column: label, uses, filled cells.
    pub columns: Vec<ColumnUse>,
    /// Data rows read.
    pub rows: u64,
    /// Rows that became rows of the plan.
    pub taken: u64,
    /// Rows that were refused, by rule.
    pub refused: BTreeMap<String, Tally>,
    /// Rows that were left out, by reason.
    pub skipped: BTreeMap<String, Tally>,
    /// Parents found.
    pub parents: u64,
    /// Recipients read.
    pub recipients: u64,
}

/// One column, explained.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnUse {
    /// As the file writes it.
    pub label: String,
    /// What it is taken for; nothing when it is ignored.
    pub uses: Vec<Use>,
    /// Cells that are not empty.
    pub filled: u64,
}

impl Explanation {
    /// Counts a row that is left out.
    pub fn skip(&mut self, why: &str, example: impl FnOnce() -> String) {
        match self.skipped.get_mut(why) {
            Some(tally) => tally.add(example),
            None => self.skipped.entry(why.to_owned()).or_default().add(example),
        }
    }

    /// Counts a row that is refused.
    pub fn refuse(&mut self, rule: &str, example: impl FnOnce() -> String) {
        self.refused.entry(rule.to_owned()).or_default().add(example);
    }

    /// Notes a header's columns, those seen before once; gives the index here of each.
    pub fn columns(&mut self, labels: &[String], uses: &[(usize, Use)]) -> Vec<usize> {
        let mut indexes = Vec::with_capacity(labels.len());
        for (index, label) in labels.iter().enumerate() {
            let known = self.columns.iter().position(|column| column.label == *label);
            let here = known.unwrap_or(self.columns.len());
            if known.is_none() {
                self.columns.push(ColumnUse { label: label.clone(), ..ColumnUse::default() });
            }
            let of_column = uses.iter().filter(|(at, _)| *at == index);
            if let Some(column) = self.columns.get_mut(here) {
                for (_, what) in of_column {
                    if !column.uses.contains(what) {
                        column.uses.push(what.clone());
                    }
                }
            }
            indexes.push(here);
        }
        indexes
    }
}

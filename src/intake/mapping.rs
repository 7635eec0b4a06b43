//! The mapping file: how an IPAM export's columns become fields, and which rows count.
//!
//! Owns its TOML schema and row selection. Must not know: what a field's text means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::columns::{Field, nearest};

/// A mapping, checked against the canonical fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Field → label of the export's column.
    pub columns: BTreeMap<Field, String>,
    /// Field → the same text for every row, where the row has none.
    pub constants: BTreeMap<Field, String>,
    /// Field → words of the export → words of the canonical CSV.
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
    /// Conditions a row must meet; all of them.
    conditions: Vec<(String, Condition)>,
}

/// What the cell of a column must hold for a row to count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Condition {
    /// One of these, in any case.
    OneOf(Vec<String>),
    /// A comma-separated list with this item.
    Has(HasItem),
}

/// `{ has = "swip" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct HasItem {
    has: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MappingToml {
    columns: BTreeMap<String, String>,
    constants: BTreeMap<String, String>,
    values: BTreeMap<String, BTreeMap<String, String>>,
    r#where: BTreeMap<String, Condition>,
}

/// A mapping file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The operating system refused.
    #[error("cannot read the mapping {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not TOML, or a key or type the schema does not have; the message shows the place.
    #[error("{path}: {source}")]
    Toml {
        /// Which file.
        path: PathBuf,
        /// What and where.
        source: Box<toml::de::Error>,
    },
    /// A field that the canonical CSV does not have.
    #[error("{path}: [{table}] names `{found}`, which is no field of the canonical CSV{hint}")]
    UnknownField {
        /// Which file.
        path: PathBuf,
        /// Which table.
        table: &'static str,
        /// The name.
        found: String,
        /// A near name, if there is one.
        hint: String,
    },
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`MappingError`] with file, place and what was expected.
    pub fn read(path: &Path) -> Result<Self, MappingError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| MappingError::Io { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// Parses a mapping; `path` is named in errors.
    ///
    /// # Errors
    /// As [`Mapping::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, MappingError> {
        let raw: MappingToml = toml::from_str(text).map_err(|source| MappingError::Toml {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        Ok(Self {
            columns: by_field(raw.columns, "columns", path)?,
            constants: by_field(raw.constants, "constants", path)?,
            values: by_field(raw.values, "values", path)?,
            conditions: raw.r#where.into_iter().collect(),
        })
    }

    /// Labels of the columns that decide which rows count.
    pub fn selected_columns(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(|(label, _)| label.as_str())
    }

    /// Whether a row counts; `cell` gives the text under a label.
    pub fn selects<'r>(&self, cell: impl Fn(&str) -> &'r str) -> bool {
        self.conditions.iter().all(|(label, condition)| {
            let text = cell(label).trim();
            match condition {
                Condition::OneOf(words) => words.iter().any(|word| word.eq_ignore_ascii_case(text)),
                Condition::Has(item) => {
                    text.split(',').any(|part| part.trim().eq_ignore_ascii_case(&item.has))
                }
            }
        })
    }

    /// The canonical word for an export's word of a field.
    #[must_use]
    pub fn translate<'v>(&'v self, field: Field, text: &'v str) -> &'v str {
        let words = self.values.get(&field);
        words.and_then(|words| words.get(text)).map_or(text, String::as_str)
    }
}

fn by_field<V>(
    table: BTreeMap<String, V>,
    name: &'static str,
    path: &Path,
) -> Result<BTreeMap<Field, V>, MappingError> {
    let entries = table.into_iter().map(|(key, value)| match Field::parse(&key) {
        Some(field) => Ok((field, value)),
        None => {
            let known = Field::ALL.iter().map(|field| field.name());
            let near = nearest(&key, known);
            let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            Err(MappingError::UnknownField { path: path.to_owned(), table: name, found: key, hint })
        }
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
[columns]
prefix = "Prefix"
[constants]
country = "US"
[where]
"Status" = ["Active"]
"Tags" = { has = "swip" }
[values.action]
simple = "reassign-simple"
"#;

    #[test]
    fn all_conditions_must_hold() {
        let mapping = Mapping::parse(TEXT, Path::new("m.toml")).unwrap();
        let row = |status: &'static str, tags: &'static str| {
            mapping.selects(move |label| if label == "Status" { status } else { tags })
        };
        assert!(row("active", "arin, SWIP"));
        assert!(!row("Active", "arin"));
        assert!(!row("Reserved", "swip"));
        assert_eq!(mapping.translate(Field::Action, "simple"), "reassign-simple");
    }

    #[test]
    fn faults_name_place_and_nearest_field() {
        let fault = |text| Mapping::parse(text, Path::new("m.toml")).unwrap_err().to_string();
        assert!(fault("[columns]\nprefx = \"P\"").ends_with("did you mean `prefix`?"));
        assert!(fault("[column]\nprefix = \"P\"").contains("line 1"));
    }
}

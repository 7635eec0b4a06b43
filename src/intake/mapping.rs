//! The mapping file: how an export's columns become fields, and which rows count.
//!
//! Owns reading it. Its schema is that of the format files (`formats/schema`), over which it is
//! laid. Must not know: what a field's text means.

use std::path::Path;

use super::formats::schema::{self, Rules};

pub use super::formats::fault::MappingError;

/// A mapping, checked against the canonical fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// What it lays over the format.
    pub rules: Rules,
    /// The format it names, for headers that are not recognised.
    pub format: Option<String>,
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
        let (about, rules) = schema::parse(text, path)?;
        let format = about.map(|about| about.name).filter(|name| !name.is_empty());
        Ok(Self { rules, format })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_show_place_and_help() {
        let fault = |text| Mapping::parse(text, Path::new("m.toml")).unwrap_err().to_string();
        assert_eq!(
            fault("[columns]\nprefx = \"P\""),
            "m.toml:2:1: `prefx` is no field of the canonical CSV\n  |\n2 | prefx = \"P\"\n  | ^^^^^\nhelp: did you mean `prefix`?"
        );
        assert_eq!(
            fault("where = 'Status is active'\n"),
            "m.toml:1:20: expected a text in quotes\n  |\n1 | where = 'Status is active'\n  |                    ^^^^^^\nhelp: as in 'Status in [\"Active\"] and Tags has \"swip\"'"
        );
        assert_eq!(
            fault("[templates]\nnet_name = \"{customer_name-{start}\"\n"),
            "m.toml:2:12: a brace opens inside a brace\n  |\n2 | net_name = \"{customer_name-{start}\"\n  |            ^^^^^^^^^^^^^^^^^^^^^^^^\nhelp: as in \"{customer_name}-{start}\""
        );
        let unknown = fault("[column]\nprefix = \"P\"");
        assert!(unknown.starts_with("m.toml:1:2: unknown field `column`"), "{unknown}");
        let typed = fault("[columns]\nprefix = 7\n");
        assert!(typed.starts_with("m.toml:2:10: "), "{typed}");
    }

    #[test]
    fn a_mapping_is_laid_over_a_format() {
        let netbox =
            super::super::formats::all().iter().find(|f| f.file == "netbox-prefixes").unwrap();
        let over = "where = 'Status in [\"Active\", \"Quarantine\"]'\n[columns]\nreference = \"Circuit\"\n";
        let mapping = Mapping::parse(over, Path::new("m.toml")).unwrap();
        let rules = netbox.rules.overlaid(&mapping.rules);
        let status = rules.status.unwrap();
        assert_eq!(status.register, ["Active", "Quarantine"]);
        assert!(status.skip.contains(&"Reserved".to_owned()));
        let reference = schema::Target::Field(super::super::columns::Field::Reference);
        assert_eq!(rules.columns[&reference], ["Circuit"]);
    }
}

//! The mapping file: how an export's columns become fields, and which rows count.
//!
//! Owns reading it. Its schema is that of the format files (`formats/schema`), over which it is
//! laid. Must not know: what a field's text means.

use std::path::Path;

use super::formats::schema::{self, About, Rules};

pub use super::formats::fault::MappingError;

/// A mapping, checked against the canonical fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// What it lays over the format.
    pub rules: Rules,
    /// The format it names, for headers that are not recognised.
    pub format: Option<String>,
    /// The format it is itself: it says by which columns files of that format are recognised.
    pub own: Option<About>,
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
        let (own, other) = match about {
            Some(about) if !about.recognise.is_empty() => (Some(about), None),
            about => (None, about),
        };
        let format = other.map(|about| about.name).filter(|name| !name.is_empty());
        Ok(Self { rules, format, own })
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

    /// The page that documents the schema.
    const PAGE: &str = include_str!("../../docs/mapping.md");

    /// Blocks of the page fenced as a language.
    fn blocks(language: &str) -> Vec<&'static str> {
        let open = format!("```{language}\n");
        let blocks = PAGE.split(open.as_str()).skip(1);
        blocks.map(|rest| rest.split("```").next().unwrap()).collect()
    }

    /// Keys that the schema takes in a table, as its own error lists them.
    fn keys(table: &str) -> Vec<String> {
        let fault = Mapping::parse(&format!("{table}no-such-key = 1\n"), Path::new("m.toml"));
        let text = fault.unwrap_err().to_string();
        let listed = text.split("expected ").nth(1).unwrap_or_else(|| panic!("{text}"));
        let listed = listed.lines().next().unwrap().split('`').skip(1).step_by(2);
        listed.map(str::to_owned).collect()
    }

    #[test]
    fn every_key_is_documented_and_every_example_is_read() {
        let mut all = keys("");
        assert!(all.len() > 10, "{all:?}");
        for table in [
            "[format]\n",
            "[status]\n",
            "[[skip]]\n",
            "[[actions]]\n",
            "[address]\n",
            "[parents]\n",
        ] {
            let found = keys(table);
            assert!(found.len() > 1, "{table}: {found:?}");
            all.extend(found);
        }
        let fields = super::super::columns::Field::ALL.iter().map(|field| field.name().to_owned());
        all.extend(fields.chain(["address", "mask", "size", "ended_on"].map(str::to_owned)));
        for key in all {
            assert!(PAGE.contains(&format!("`{key}`")), "`{key}` is not in docs/mapping.md");
        }
        let examples = blocks("toml");
        assert!(examples.len() >= 5);
        for example in examples {
            Mapping::parse(example, Path::new("m.toml")).unwrap();
        }
    }

    #[test]
    fn faults_are_shown_as_the_page_shows_them() {
        let (wrong, shown) = (blocks("toml wrong"), blocks("text"));
        assert_eq!((wrong.len(), shown.len()), (3, 3));
        for (wrong, shown) in wrong.into_iter().zip(shown) {
            let fault = Mapping::parse(wrong, Path::new("mapping.toml")).unwrap_err();
            assert_eq!(format!("{fault}\n"), shown);
        }
    }

    #[test]
    fn templates_values_constants_and_columns_make_a_row() {
        use crate::domain::FileId;
        use crate::intake::formats::convert::{Options, convert};
        use crate::intake::source::Source;
        let mapping = "[columns]\nprefix = [\"Net\", \"Block\"]\ncustomer_name = \"Who\"\nprivate = \"Home\"\n[constants]\ncountry = \"US\"\n[templates]\nnet_name = \"{customer_name}-{start}\"\nreference = \"R-{Id}\"\n[values.private]\nja = \"yes\"\n";
        let mapping = Mapping::parse(mapping, Path::new("m.toml")).unwrap();
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("own.csv");
        std::fs::write(
            &path,
            "Id,Net,Block,Who,Home\n7,,198.51.100.0/29,Maple & Co.,\n8,198.51.100.8/29,x,Doe,ja\n",
        )
        .unwrap();
        let options = Options { mapping: Some(mapping.rules), ..Options::default() };
        let mut rows = Vec::new();
        let mut take = |draft: &super::super::formats::draft::Draft| {
            use super::super::columns::Field::{Country, NetName, Prefix, Private, Reference};
            let texts =
                [Reference, Prefix, NetName, Private, Country].map(|f| draft.get(f).to_owned());
            rows.push(texts.join("|"));
        };
        let source = Source::open(&path).unwrap();
        let converted = convert(&source, FileId(0), &options, &mut take).unwrap();
        assert!(converted.findings.is_empty(), "{:?}", converted.findings);
        // The name of a private customer is in nothing that is made up.
        assert_eq!(
            rows,
            ["R-7|198.51.100.0/29|MAPLE-CO-198-51-100-0||US", "|198.51.100.8/29||yes|US"]
        );
    }
}

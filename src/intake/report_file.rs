//! A reassignment report of the registry, read through a mapping file: its columns are not
//! published, so they are named by the user and never guessed.
//!
//! Owns the mapping's schema. What a mapped row means is `registered`'s. Must not know: how the
//! report was fetched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use csv::ByteRecord;
use serde::Deserialize;

use super::bytes::{self, InputBytes};
use super::records::{Records, detect_delimiter};
use super::registered::{self, COLUMNS};
use crate::domain::block::parse_registry_address;
use crate::domain::{Finding, RegisteredNet};

/// Largest report that is read; it is held in memory, some hundred bytes a net.
pub const REPORT_MAX_BYTES: u64 = 1 << 30;

/// Which label of the report is which column, and what its words mean.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportMapping {
    /// Column → label in the report's header.
    columns: BTreeMap<String, String>,
    /// Column → word of the report → word of the registry, as in `[values.type] Reassigned = "S"`.
    #[serde(default)]
    values: BTreeMap<String, BTreeMap<String, String>>,
}

/// Why a report or its mapping cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A mapping that cannot be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A report that cannot be read, or changed meanwhile.
    #[error(transparent)]
    Read(#[from] bytes::ReadError),
    /// Too large to be held.
    #[error(
        "{path} has {bytes} bytes, and at most {REPORT_MAX_BYTES} are read; split it by parent and give each part with --report-file"
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// Not TOML, or not this schema.
    #[error("{path}: {source}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// What and where.
        source: Box<toml::de::Error>,
    },
    /// A column that a registered net does not have.
    #[error("{path}: `{found}` is no column of a registered net; they are {}", COLUMNS.join(", "))]
    Column {
        /// The file.
        path: PathBuf,
        /// The name.
        found: String,
    },
    /// Net handle or block are not mapped.
    #[error("{0}: [columns] must map net_handle, and prefix or start and end")]
    Incomplete(PathBuf),
    /// A label that the report does not have.
    #[error(
        "{report}: no column is called `{label}`, which the mapping gives for {column}; its columns are: {found}"
    )]
    Label {
        /// The report.
        report: String,
        /// The label.
        label: String,
        /// What it is mapped to.
        column: String,
        /// The labels there are.
        found: String,
    },
    /// Not a CSV.
    #[error("{report}: {why}")]
    NotCsv {
        /// The report.
        report: String,
        /// What it is.
        why: String,
    },
    /// A row that cannot be read.
    #[error("{0}")]
    Row(String),
}

impl ReportMapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ReportError::Io { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, ReportError> {
        let mapping: Self = toml::from_str(text).map_err(|source| ReportError::Toml {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let names = mapping.columns.keys().chain(mapping.values.keys());
        if let Some(found) = names.into_iter().find(|name| !COLUMNS.contains(&name.as_str())) {
            return Err(ReportError::Column { path: path.to_owned(), found: found.clone() });
        }
        let has = |name: &str| mapping.columns.contains_key(name);
        if !has("net_handle") || !(has("prefix") || (has("start") && has("end"))) {
            return Err(ReportError::Incomplete(path.to_owned()));
        }
        Ok(mapping)
    }

    /// The nets of a report file.
    ///
    /// # Errors
    /// [`ReportError`]; a report is read whole or not at all.
    pub fn nets_of(&self, path: &Path) -> Result<Vec<RegisteredNet>, ReportError> {
        let fault = |source| ReportError::Io { path: path.to_owned(), source };
        let size = std::fs::metadata(path).map_err(fault)?.len();
        if size > REPORT_MAX_BYTES {
            return Err(ReportError::TooLarge { path: path.to_owned(), bytes: size });
        }
        let InputBytes { name, bytes } = bytes::read(path)?;
        self.nets(&name, &bytes)
    }

    /// The nets of a report; `name` is named in errors.
    ///
    /// # Errors
    /// [`ReportError`]; a report is read whole or not at all.
    pub fn nets(&self, name: &str, bytes: &[u8]) -> Result<Vec<RegisteredNet>, ReportError> {
        let Some(table) = self.table(name, bytes)? else { return Ok(Vec::new()) };
        let input = InputBytes { name: name.to_owned(), bytes: table };
        let (nets, findings) = registered::read_bytes(&input);
        match findings.first() {
            None => Ok(nets),
            Some(finding) => Err(ReportError::Row(told(name, finding))),
        }
    }

    /// The report as a table with our columns alone; `None` for one without nets, which is what a
    /// parent without nets has.
    fn table(&self, name: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, ReportError> {
        let not_csv = |why: String| ReportError::NotCsv { report: name.to_owned(), why };
        let (text, _) = bytes::text(bytes).map_err(|fault| {
            not_csv(format!("byte {}: {}; save it as CSV in UTF-8", fault.offset, fault.what))
        })?;
        let mut records = Records::new(text, detect_delimiter(text));
        let mut cells = ByteRecord::new();
        records.next(&mut cells).ok_or_else(|| not_csv("it is empty".to_owned()))?;
        let labels: Vec<String> = cells.iter().map(text_of).collect();
        let places = self.places(name, &labels)?;
        let mut writer = csv::Writer::from_writer(Vec::new());
        // A writer into memory does not fail.
        let _ = writer.write_record(places.iter().map(|(column, _)| *column));
        let mut rows = 0_u64;
        while records.next(&mut cells).is_some() {
            rows += 1;
            let row = places.iter().map(|(column, at)| {
                let text = cells.get(*at).map(text_of).unwrap_or_default();
                self.meaning(column, &text)
            });
            let _ = writer.write_record(row);
        }
        let table = writer.into_inner().map_err(|fault| not_csv(fault.to_string()))?;
        Ok((rows > 0).then_some(table))
    }

    /// Where each mapped column stands.
    fn places(&self, name: &str, labels: &[String]) -> Result<Vec<(&str, usize)>, ReportError> {
        let place = |(column, label): (&'_ String, &String)| {
            labels.iter().position(|found| found.eq_ignore_ascii_case(label)).ok_or_else(|| {
                ReportError::Label {
                    report: name.to_owned(),
                    label: label.clone(),
                    column: column.clone(),
                    found: labels.join(", "),
                }
            })
        };
        self.columns.iter().map(|pair| Ok((pair.0.as_str(), place(pair)?))).collect()
    }

    /// A cell in the registry's words; its zero-padded addresses without the padding.
    fn meaning(&self, column: &str, text: &str) -> String {
        let words = self.values.get(column);
        let word =
            words.and_then(|words| words.iter().find(|(from, _)| from.eq_ignore_ascii_case(text)));
        let text = word.map_or(text, |(_, to)| to);
        match column {
            "start" | "end" => plain_address(text),
            "prefix" => match text.split_once('/') {
                Some((address, length)) => format!("{}/{}", plain_address(address), length.trim()),
                None => text
                    .split('-')
                    .map(|end| plain_address(end.trim()))
                    .collect::<Vec<_>>()
                    .join("-"),
            },
            _ => text.to_owned(),
        }
    }
}

fn plain_address(text: &str) -> String {
    parse_registry_address(text.trim()).map_or_else(|| text.to_owned(), |a| a.to_string())
}

fn text_of(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_owned()
}

fn told(name: &str, finding: &Finding) -> String {
    format!("{name}, line {}: {}; {}", finding.at.line, finding.message, finding.help)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &[u8] = b"Net Handle;From;To;Kind;Held By\nNET-198-18-0-8-1;198.018.000.008;198.018.000.015;Reassigned;Acme\n";
    const MAPPING: &str = "[columns]\nnet_handle = \"Net Handle\"\nstart = \"From\"\nend = \"To\"\ntype = \"Kind\"\nrecipient = \"held by\"\n[values.type]\nReassigned = \"S\"\n";

    fn mapping(text: &str) -> Result<ReportMapping, ReportError> {
        ReportMapping::parse(text, Path::new("map.toml"))
    }

    #[test]
    fn a_report_is_read_by_the_names_its_mapping_gives() {
        let nets = mapping(MAPPING).unwrap().nets("report.csv", REPORT).unwrap();
        assert_eq!(nets.len(), 1);
        assert_eq!(nets[0].block.to_string(), "198.18.0.8/29");
        assert_eq!(nets[0].kind.as_ref().unwrap().code(), "S");
        assert_eq!(nets[0].recipient.as_deref(), Some("Acme"));
    }

    #[test]
    fn nothing_is_guessed_and_every_fault_says_where() {
        let text = |fault: ReportError| fault.to_string();
        let wrong = MAPPING.replace("\"From\"", "\"First\"");
        let fault = text(mapping(&wrong).unwrap().nets("report.csv", REPORT).unwrap_err());
        assert!(fault.contains("`First`") && fault.contains("Net Handle, From, To"), "{fault}");
        assert!(text(mapping("[columns]\nprefix = \"Net\"").unwrap_err()).contains("net_handle"));
        assert!(text(mapping("[columns]\nnet = \"Net\"").unwrap_err()).contains("`net`"));
        assert!(text(mapping("[column]\n").unwrap_err()).contains("map.toml"));
        let header = REPORT.split_inclusive(|byte| *byte == b'\n').next().unwrap();
        assert!(mapping(MAPPING).unwrap().nets("report.csv", header).unwrap().is_empty());
        let dir = tempfile::tempdir().unwrap();
        let large = dir.path().join("large.csv");
        std::fs::File::create(&large).unwrap().set_len(REPORT_MAX_BYTES + 1).unwrap();
        let fault = text(mapping(MAPPING).unwrap().nets_of(&large).unwrap_err());
        assert!(fault.contains("large.csv has 1073741825 bytes"), "{fault}");
        let torn = [REPORT, b"NET-198-18-0-16-1;198.018.000.016\n"].concat();
        let fault = text(mapping(MAPPING).unwrap().nets("report.csv", &torn).unwrap_err());
        assert!(fault.contains("line 3"), "{fault}");
        let zip = text(mapping(MAPPING).unwrap().nets("r.zip", b"PK\x03\x04\xff\xfe").unwrap_err());
        assert!(zip.starts_with("r.zip:"), "{zip}");
    }
}

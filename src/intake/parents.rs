//! The parents file: `net_handle`, `prefix` (or `start`, `end`), `type`, `status`, `org_handle`,
//! `managed`.
//!
//! Owns its columns and defaults. Must not know: rows of the plan.

use std::collections::BTreeMap;
use std::path::Path;

use csv::ByteRecord;

use crate::domain::{
    AddressRange, FileId, Finding, NetHandle, NetType, OrgHandle, Parent, RowAt, Rule,
};

use super::bytes::{self, ReadError};
use super::recipient::boolean;
use super::records::{Records, detect_delimiter};

const COLUMNS: [&str; 8] =
    ["net_handle", "prefix", "start", "end", "type", "status", "org_handle", "managed"];

/// Reads a parents file. Findings have row 0 and the file's name.
///
/// # Errors
/// [`ReadError`] when it cannot be read at all.
pub fn read(path: &Path) -> Result<(Vec<Parent>, Vec<Finding>), ReadError> {
    let input = bytes::read(path)?;
    let (mut parents, mut findings) = parse(&input.bytes);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, parent) in parents.iter().enumerate() {
        if let Some(first) = seen.insert(parent.net_handle.to_string(), index) {
            let message = format!(
                "{} stands twice, as entries {} and {}",
                parent.net_handle,
                first + 1,
                index + 1
            );
            let at = RowAt::default();
            findings.push(Finding::new(at, Rule::DuplicateColumn, message, "keep one of them"));
        }
    }
    for finding in &mut findings {
        finding.other_file = Some(input.name.clone());
    }
    if !findings.is_empty() {
        parents.clear();
    }
    Ok((parents, findings))
}

fn parse(bytes: &[u8]) -> (Vec<Parent>, Vec<Finding>) {
    let at = RowAt { row: 0, file: FileId(0), line: 1, offset: 0 };
    let text = match bytes::text(bytes) {
        Ok((text, _)) => text,
        Err(fault) => {
            let message = format!("byte {}: {}", fault.offset, fault.what);
            return (
                Vec::new(),
                vec![Finding::new(at, Rule::BadEncoding, message, "export it as UTF-8")],
            );
        }
    };
    let mut records = Records::new(text, detect_delimiter(text));
    let mut record = ByteRecord::new();
    let Some(_) = records.next(&mut record) else {
        let finding = Finding::new(
            at,
            Rule::EmptyInput,
            "the parents file is empty",
            "list the parent nets: net_handle,prefix",
        );
        return (Vec::new(), vec![finding]);
    };
    let header: Vec<String> =
        record.iter().map(|cell| text_of(cell).to_ascii_lowercase()).collect();
    let mut findings = header_findings(&header, at);
    let mut parents = Vec::new();
    while findings.is_empty() {
        let Some(found) = records.next(&mut record) else {
            break;
        };
        let at = RowAt { line: found.line, offset: found.offset as u64, ..at };
        let row = |name: &str| {
            let index = header.iter().position(|column| column == name)?;
            record.get(index).map(text_of).filter(|text| !text.is_empty())
        };
        match parent(row, at) {
            Ok(parent) => parents.push(parent),
            Err(finding) => findings.push(*finding),
        }
    }
    if findings.is_empty() && parents.is_empty() {
        findings.push(Finding::new(
            at,
            Rule::EmptyInput,
            "the parents file has no rows",
            "list the parent nets: net_handle,prefix",
        ));
    }
    (parents, findings)
}

fn text_of(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_owned()
}

fn header_findings(header: &[String], at: RowAt) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in header.iter().filter(|name| !name.starts_with("x_")) {
        if !COLUMNS.contains(&name.as_str()) {
            let near = super::columns::nearest(name, COLUMNS.into_iter());
            let help = near.map_or_else(
                || format!("the columns are {}", COLUMNS.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            let mut finding = Finding::new(
                at,
                Rule::UnknownColumn,
                format!("`{name}` is no column of a parents file"),
                help,
            );
            finding.value.clone_from(name);
            findings.push(finding);
        }
    }
    let has = |name: &str| header.iter().any(|column| column == name);
    if !has("net_handle") || !(has("prefix") || (has("start") && has("end"))) {
        let message = "a parents file needs `net_handle` and `prefix` (or `start` and `end`)";
        findings.push(Finding::new(at, Rule::MissingField, message, "add the column"));
    }
    findings
}

fn parent(row: impl Fn(&str) -> Option<String>, at: RowAt) -> Result<Parent, Box<Finding>> {
    let fault = |rule, column: &'static str, message: String, help: &str| {
        let mut finding = Finding::new(at, rule, message, help);
        finding.column = Some(column.into());
        Box::new(finding)
    };
    let handle = row("net_handle").unwrap_or_default();
    let net_handle = NetHandle::parse(&handle).map_err(|e| {
        fault(Rule::BadHandle, "net_handle", e.to_string(), "copy the handle from ARIN Online")
    })?;
    let block = match (row("prefix"), row("start"), row("end")) {
        (Some(prefix), ..) => prefix.parse::<AddressRange>(),
        (None, start, end) => {
            AddressRange::parse_ends(&start.unwrap_or_default(), &end.unwrap_or_default())
        }
    };
    let block = block.map_err(|e| {
        fault(Rule::BadPrefix, "prefix", e.to_string(), "write it as in 198.51.100.0/24")
    })?;
    let org = row("org_handle").map(|text| OrgHandle::parse(&text)).transpose().map_err(|e| {
        fault(Rule::BadHandle, "org_handle", e.to_string(), "copy the Org ID from ARIN Online")
    })?;
    let managed = row("managed").map_or(Some(true), |text| boolean(&text)).ok_or_else(|| {
        fault(
            Rule::BadBoolean,
            "managed",
            "`managed` is neither true nor false".to_owned(),
            "write yes or no",
        )
    })?;
    let kind = row("type")
        .map_or(NetType::DirectAllocation, |code| NetType::from(code.to_ascii_uppercase()));
    let active = row("status").is_none_or(|status| status.eq_ignore_ascii_case("active"));
    Ok(Parent { net_handle, block, kind, active, org, managed })
}

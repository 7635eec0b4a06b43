//! The report as files: `report.csv`, `report.html`, `report.xlsx` on request, and `report.json`
//! last.
//!
//! Owns their columns, keys and atomic replacement. Must not know: how a line came about.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::evidence::Thresholds;
use super::model::{Line, Report};
use super::{csv_safe, html, xlsx};
use crate::crash::point;
use crate::domain::Finding;

/// What a private customer is called, as NRPM 4.2.3.7.3.2 has it.
const PRIVATE_CUSTOMER: &str = "Private Customer";

/// What a report is written as, besides CSV, HTML and JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Name private customers in HTML and XLSX.
    pub show_private: bool,
    /// `report.xlsx` too.
    pub xlsx: bool,
    /// What utilisation is measured against.
    pub thresholds: Thresholds,
}

/// A report that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {source}; the journal has everything: swip report writes it again")]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

/// The columns: names and values, in order. The one place that lists them.
pub(super) fn columns(line: &Line) -> [(&'static str, Value); 21] {
    let text = |text: &Option<String>| json!(text);
    let shown = |value: Option<String>| json!(value);
    [
        ("row", json!(line.row)),
        ("reference", text(&line.reference)),
        ("action", shown(line.action.map(|action| action.to_string()))),
        ("parent_net", text(&line.parent_net)),
        ("start", shown(line.start.map(|address| address.to_string()))),
        ("end", shown(line.end.map(|address| address.to_string()))),
        ("prefix", shown(line.prefix.map(|net| net.to_string()))),
        ("net_name", text(&line.net_name)),
        ("recipient", text(&line.recipient)),
        ("status", shown(line.status.map(|status| status.to_string()))),
        ("net_handle", text(&line.net_handle)),
        ("customer_handle", text(&line.customer_handle)),
        ("org_handle", text(&line.org_handle)),
        ("ticket", text(&line.ticket)),
        ("ticket_status", text(&line.ticket_status)),
        ("registered_at", text(&line.registered_at)),
        ("attempts", json!(line.attempts)),
        ("code", text(&line.code)),
        ("message", text(&line.message)),
        ("file", text(&line.file)),
        ("line", json!(line.line)),
    ]
}

/// Writes the files into a directory, which is made if need be.
///
/// # Errors
/// [`WriteError`].
pub fn write(directory: &Path, report: &Report, how: Form) -> Result<(), WriteError> {
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |source| WriteError { path, source }
    };
    std::fs::create_dir_all(directory).map_err(fault(directory))?;
    type Body<'b> = Box<dyn Fn(&mut dyn Write) -> io::Result<()> + 'b>;
    let mut files: Vec<(&str, Body<'_>)> = vec![
        ("report.csv", Box::new(|out| csv(out, report))),
        ("report.html", Box::new(|out| html::write(out, report, how))),
    ];
    if how.xlsx {
        files.push(("report.xlsx", Box::new(|out| xlsx::write(out, report, how.show_private))));
    }
    files.push(("report.json", Box::new(|out| json(out, report))));
    for (name, body) in files {
        let path = directory.join(name);
        point("before a file of the report");
        replace(directory, &path, &*body).map_err(fault(&path))?;
        point("after a file of the report");
    }
    Ok(())
}

/// Writes a file beside its place, then moves it there: whole or not at all.
fn replace(
    directory: &Path,
    path: &Path,
    body: &dyn Fn(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    // Temporary files are private to the user; so is the report, which holds customers' names.
    let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(directory)?);
    body(&mut file)?;
    point("with a file of the report beside its place");
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|fault| fault.error)?;
    std::fs::File::open(directory)?.sync_all()
}

fn csv(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(columns(&Line::default()).map(|(name, _)| name))?;
    for line in &report.lines {
        let cell = |(_, value): (&str, Value)| match value {
            Value::Null => String::new(),
            Value::String(text) => csv_safe(&text),
            other => other.to_string(),
        };
        writer.write_record(columns(line).map(cell))?;
    }
    writer.flush()
}

fn json(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let run = &report.run;
    let facts = json!({
        "id": run.id,
        "registry": run.registry,
        "input": run.input.join(", "),
        "input_sha256": run.input_sha256,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "swip_version": env!("CARGO_PKG_VERSION"),
        "exit_code": run.exit_code,
    });
    let summary: Map<String, Value> = report
        .summary()
        .into_iter()
        .map(|(status, count)| (status.to_string(), json!(count)))
        .collect();
    let requests = &report.requests;
    let requests = json!({
        "sent": requests.sent,
        "retried": requests.retried,
        "rate_limit": requests.rate_limit,
        "worst_window": requests.worst_window,
    });
    write!(
        out,
        "{{\"run\":{facts},\n\"summary\":{},\n\"requests\":{requests},\n",
        Value::Object(summary)
    )?;
    if let Some(found) = &report.findings {
        let found: Vec<Value> = found.iter().map(finding).collect();
        writeln!(out, "\"findings\":{},", Value::Array(found))?;
    }
    write!(out, "\"rows\":[")?;
    for (index, line) in report.lines.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let object: Map<String, Value> =
            columns(line).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        write!(out, "{comma}\n{}", Value::Object(object))?;
    }
    writeln!(out, "]}}")
}

/// A finding of a check as JSON, all but the name of its file.
#[must_use]
pub fn finding(finding: &Finding) -> Value {
    json!({
        "row": finding.at.row,
        "line": finding.at.line,
        "column": finding.column,
        "rule": finding.rule.as_str(),
        "severity": finding.severity().as_str(),
        "value": finding.value,
        "message": finding.message,
        "help": finding.help,
        "related_rows": finding.related_rows,
        "related_total": finding.related_total,
    })
}

/// A line's recipient for people: private customers are named only on request.
pub(super) fn shown_recipient(line: &Line, show_private: bool) -> String {
    if line.private && !show_private {
        return PRIVATE_CUSTOMER.to_owned();
    }
    line.recipient.clone().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Status;

    fn report() -> Report {
        let mut report = Report::default();
        report.run.id = "run-1".to_owned();
        report.run.practice = true;
        report.lines.push(Line {
            row: Some(1),
            net_name: Some("=1+1".to_owned()),
            recipient: Some("Doe Residence <b>".to_owned()),
            private: true,
            status: Some(Status::Registered),
            attempts: 1,
            ..Line::default()
        });
        report
    }

    #[test]
    fn the_three_files_tell_the_same_and_guard_formulas_in_csv_alone() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), &report(), Form::default()).unwrap();
        let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
        let csv = read("report.csv");
        let header = "row,reference,action,parent_net,start,end,prefix,net_name,recipient,status,net_handle,customer_handle,org_handle,ticket,ticket_status,registered_at,attempts,code,message,file,line";
        assert_eq!(csv.lines().next(), Some(header));
        assert!(csv.contains(",'=1+1,"), "{csv}");
        let json: Value = serde_json::from_str(&read("report.json")).unwrap();
        assert_eq!(json["rows"][0]["net_name"], "=1+1");
        assert_eq!(json["rows"][0]["ticket"], Value::Null);
        assert_eq!(json["summary"]["registered"], 1);
        let html = read("report.html");
        assert!(html.contains("Private Customer") && !html.contains("Doe Residence"));
        assert!(html.contains("practice") && html.contains("run-1"));
    }

    #[test]
    fn a_shown_name_is_escaped() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), &report(), Form { show_private: true, ..Form::default() }).unwrap();
        let html = std::fs::read_to_string(directory.path().join("report.html")).unwrap();
        assert!(!html.contains("Residence <b>"), "{html}");
    }
}

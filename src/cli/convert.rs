//! `swip convert`: exports as canonical CSV, with `x_source`, or explained.
//!
//! Owns its output. Must not know: the plan, the network.

use std::io::{BufWriter, Write};
use std::path::Path;

use csv::Writer;

use super::args;
use super::failure::{Exit, Failure};
use super::plan_input::formats as read_options;
use crate::domain::{FileId, Finding, Rule, Severity};
use crate::intake::export::judge;
use crate::intake::formats::convert::{Converted, Options, convert};
use crate::intake::formats::draft::Draft;
use crate::intake::formats::explain::{Explanation, Tally};
use crate::intake::formats::{self, CANONICAL};
use crate::intake::source::Source;
use crate::intake::{Field, ReadError};

/// Column that says where a row came from.
const SOURCE_COLUMN: &str = "x_source";
/// Most refused rows and notes that are shown one by one.
const SHOWN_MAX: u64 = 100;

/// Rules of the canonical CSV for which a row is refused already here: what stands in its cells is
/// no address, or no text that can be registered.
const REFUSED: [Rule; 6] = [
    Rule::BadPrefix,
    Rule::HostBits,
    Rule::BadRange,
    Rule::MixedFamily,
    Rule::NonAscii,
    Rule::ControlCharacter,
];

/// Runs the command.
///
/// # Errors
/// Unreadable inputs, mapping, recipients, or output.
pub(super) fn run(args: &args::Convert) -> Result<Exit, Failure> {
    if args.formats {
        return table().map(|()| Exit::Done);
    }
    let (options, inputs, findings) = read_options(&args.reading, &args.inputs, None)?;
    let mut shown = Shown::default();
    findings.iter().for_each(|finding| shown.finding(finding, "recipients", Severity::Error));
    let out: Box<dyn Write> =
        if args.explain { Box::new(std::io::sink()) } else { Box::new(std::io::stdout().lock()) };
    let mut rows = Rows { writer: Writer::from_writer(BufWriter::new(out)), shown, fault: None };
    let mut refused = !findings.is_empty();
    if !refused {
        rows.header()?;
        for (index, path) in inputs.iter().enumerate() {
            let id = FileId(u16::try_from(index).unwrap_or(u16::MAX));
            let (explanation, whole) = rows.file(path, id, &options)?;
            refused |= !whole;
            if args.explain {
                explain(&mut std::io::stdout().lock(), &explanation)?;
            }
        }
    }
    rows.writer.flush()?;
    rows.shown.close();
    Ok(if refused { Exit::Input } else { Exit::Done })
}

/// Writes rows, and shows what is wrong with those it refuses.
struct Rows {
    writer: Writer<BufWriter<Box<dyn Write>>>,
    shown: Shown,
    fault: Option<std::io::Error>,
}

impl Rows {
    fn header(&mut self) -> Result<(), Failure> {
        let names = Field::ALL.iter().map(|field| field.name());
        self.writer.write_record(names.chain([SOURCE_COLUMN])).map_err(unwritable)
    }

    /// Converts a file; the second is false when rows or the file were refused.
    fn file(
        &mut self,
        path: &Path,
        id: FileId,
        options: &Options,
    ) -> Result<(Explanation, bool), Failure> {
        let unreadable = |fault: ReadError| Failure::new(Exit::Input, fault.to_string());
        let name = path.display().to_string();
        let mut options = options.clone();
        let source = Source::open(path).map_err(unreadable)?;
        if formats::is_canonical(&source, &options).map_err(unreadable)? {
            options.format = Some(CANONICAL.to_owned());
        }
        let mut refused = Explanation::default();
        let mut count = 0;
        let mut sink = |draft: &Draft| {
            if draft.left_out {
                return;
            }
            if let Some(rule) = self.row(draft, &name) {
                count += 1;
                refused.refuse(rule.as_str(), || place(draft));
            }
        };
        let mut converted = convert(&source, id, &options, &mut sink).map_err(unreadable)?;
        if let Some(fault) = self.fault.take() {
            return Err(fault.into());
        }
        converted.explanation.taken -= count;
        converted.explanation.refused = refused.refused;
        let whole = self.whole(&converted, &name) && count == 0;
        Ok((converted.explanation, whole))
    }

    /// Shows the findings of a whole file; false if one of them is an error.
    fn whole(&mut self, converted: &Converted, name: &str) -> bool {
        for finding in &converted.findings {
            self.shown.finding(finding, name, finding.severity());
        }
        !converted.findings.iter().any(|finding| finding.severity() == Severity::Error)
    }

    /// Writes a row, or gives the rule for which it is refused.
    fn row(&mut self, draft: &Draft, name: &str) -> Option<Rule> {
        let judged = judge(draft);
        let own = draft.findings.iter();
        let canonical = judged.iter().filter(|f| REFUSED.contains(&f.rule));
        let canonical = canonical.filter(|finding| {
            let field = finding.column.as_deref().and_then(Field::parse);
            !field.is_some_and(|field| draft.covered.contains(&field))
        });
        let all: Vec<&Finding> = own.chain(canonical).collect();
        let file = file_of(draft, name);
        for finding in &all {
            self.shown.finding(finding, &file, finding.severity());
        }
        let error = all.iter().find(|finding| finding.severity() == Severity::Error);
        if let Some(error) = error {
            return Some(error.rule);
        }
        let source = format!("{}:{}", file_of(draft, name), draft.place.line);
        let texts = draft.texts.iter().map(String::as_str);
        if let Err(fault) = self.writer.write_record(texts.chain([source.as_str()])) {
            self.fault.get_or_insert(std::io::Error::other(fault));
        }
        None
    }
}

/// The file of a row, with its sheet.
fn file_of(draft: &Draft, name: &str) -> String {
    draft.place.sheet.as_ref().map_or_else(|| name.to_owned(), |sheet| format!("{name}!{sheet}"))
}

/// Where a row stands, for an example.
fn place(draft: &Draft) -> String {
    let sheet = draft.place.sheet.as_ref().map_or_else(String::new, |sheet| format!("{sheet} "));
    format!("{sheet}line {}", draft.place.line)
}

fn unwritable(fault: csv::Error) -> Failure {
    Failure::from(std::io::Error::other(fault))
}

/// Findings on stderr, a line each, the first of them.
#[derive(Default)]
struct Shown {
    count: u64,
}

impl Shown {
    fn finding(&mut self, finding: &Finding, name: &str, severity: Severity) {
        self.count += 1;
        if self.count <= SHOWN_MAX {
            let file = finding.other_file.as_deref().unwrap_or(name);
            let (line, rule) = (finding.at.line, finding.rule);
            let (message, help) = (&finding.message, &finding.help);
            let text = format!("{file}:{line}: {}[{rule}]: {message}; {help}", severity.as_str());
            match severity {
                Severity::Error => tracing::error!("{text}"),
                Severity::Warning | Severity::Note => tracing::info!("{text}"),
            }
        }
    }

    fn close(&self) {
        if self.count > SHOWN_MAX {
            tracing::error!("and {} more; --explain counts them", self.count - SHOWN_MAX);
        }
    }
}

/// Prints what a file turned out to be.
fn explain(out: &mut dyn Write, explanation: &Explanation) -> std::io::Result<()> {
    let Explanation { file, format, rows, taken, parents, .. } = explanation;
    let format = if format.is_empty() { "not recognised" } else { format };
    writeln!(out, "{file}: {format}")?;
    let refused: u64 = explanation.refused.values().map(|tally| tally.count).sum();
    let skipped: u64 = explanation.skipped.values().map(|tally| tally.count).sum();
    writeln!(
        out,
        "  {rows} rows: {taken} taken, {refused} refused, {skipped} left out; {parents} parents found"
    )?;
    let (used, ignored): (Vec<_>, Vec<_>) =
        explanation.columns.iter().partition(|column| !column.uses.is_empty());
    for column in used {
        let uses: Vec<String> = column.uses.iter().map(ToString::to_string).collect();
        writeln!(
            out,
            "  column {:<24} {} ({} filled)",
            column.label,
            uses.join(", "),
            column.filled
        )?;
    }
    if !ignored.is_empty() {
        let labels: Vec<String> =
            ignored.iter().map(|c| format!("{} ({} filled)", c.label, c.filled)).collect();
        writeln!(out, "  ignored {}", labels.join(", "))?;
    }
    tallies(out, "refused ", &explanation.refused)?;
    tallies(out, "left out", &explanation.skipped)
}

fn tallies(
    out: &mut dyn Write,
    what: &str,
    tallies: &std::collections::BTreeMap<String, Tally>,
) -> std::io::Result<()> {
    for (why, Tally { count, examples }) in tallies {
        let more = if *count > examples.len() as u64 { ", …" } else { "" };
        writeln!(out, "  {what} {count:>6}  {why}: {}{more}", examples.join("; "))?;
    }
    Ok(())
}

/// Prints the format table.
fn table() -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for format in formats::all() {
        let about = &format.about;
        let name = if about.name.is_empty() { "(--recipients)" } else { &about.name };
        let untested = if about.untested { "\n    untested against a real export" } else { "" };
        writeln!(out, "{name:<14}  {}{untested}", about.title)?;
        writeln!(out, "    from: {}", about.source)?;
        if !about.recognise.is_empty() {
            writeln!(out, "    recognised by: {}", about.recognise.join(", "))?;
        }
    }
    out.flush()?;
    Ok(())
}

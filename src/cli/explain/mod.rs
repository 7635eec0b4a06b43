//! `swip explain RULE`: what a rule, a status or an exit code means, and what to do.
//!
//! Owns finding the name and laying the text out. Must not know: how rules are judged.

mod ending;
mod text;

use std::io::Write;

use super::args;
use super::failure::{Exit, Failure};
use super::terminal::{self, WIDTH, wrapped};
use crate::domain::{Rule, Status};
use crate::intake::columns::nearest;

/// Width of the names before the text.
const LABEL: usize = 9;

/// Runs the command; without a name it lists all.
///
/// # Errors
/// A name no one knows.
pub(super) fn run(args: &args::Explain) -> Result<Exit, Failure> {
    let mut out = terminal::out();
    match args.name.as_deref() {
        Some(name) => explain(&mut out, &name.to_lowercase())?,
        None => list(&mut out)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn explain(out: &mut dyn Write, name: &str) -> Result<(), Failure> {
    if let Some(rule) = Rule::parse(name) {
        return Ok(about_rule(out, rule)?);
    }
    if let Some(status) = Status::ALL.into_iter().find(|status| status.as_str() == name) {
        let (means, fix) = ending::status(status);
        writeln!(out, "{status} (status of a row in the report)\n")?;
        paragraph(out, "means", means)?;
        return Ok(paragraph(out, "to do", fix)?);
    }
    if let Some((code, means, fix)) = Exit::ALL
        .into_iter()
        .map(|exit| (exit.code(), ending::exit(exit)))
        .find_map(|(code, (means, fix))| (code.to_string() == name).then_some((code, means, fix)))
    {
        writeln!(out, "exit code {code}\n")?;
        paragraph(out, "means", means)?;
        return Ok(paragraph(out, "to do", fix)?);
    }
    let statuses = Status::ALL.iter().map(|status| status.as_str());
    let near = nearest(name, Rule::ALL.iter().map(|rule| rule.as_str()).chain(statuses));
    let hint = near.map_or_else(
        || "; swip explain without a name lists all".to_owned(),
        |near| format!("; did you mean `{near}`? swip explain without a name lists all"),
    );
    Err(Failure::usage(format!("`{name}` is no rule, status or exit code{hint}")))
}

fn about_rule(out: &mut dyn Write, rule: Rule) -> std::io::Result<()> {
    let text = text::of(rule);
    writeln!(out, "{rule} ({})\n", rule.severity().as_str())?;
    paragraph(out, "means", text.means)?;
    paragraph(out, "source", text.source)?;
    paragraph(out, "to fix", text.fix)
}

/// Every name with the first sentence about it.
fn list(out: &mut dyn Write) -> std::io::Result<()> {
    let name_width = Rule::ALL.iter().map(|rule| rule.as_str().len()).max().unwrap_or_default() + 2;
    let mut item = |name: &str, means: &str| -> std::io::Result<()> {
        let first = means.find(". ").map_or(means, |at| &means[..=at]);
        for (at, line) in wrapped(first, usize::from(WIDTH) - name_width).iter().enumerate() {
            writeln!(out, "{:name_width$}{line}", if at == 0 { name } else { "" })?;
        }
        Ok(())
    };
    item("RULES", "what swip check finds")?;
    Rule::ALL.iter().try_for_each(|rule| item(rule.as_str(), text::of(*rule).means))?;
    item("", "")?;
    item("STATUSES", "where a row stands in the report")?;
    Status::ALL.iter().try_for_each(|status| item(status.as_str(), ending::status(*status).0))?;
    item("", "")?;
    item("EXIT CODES", "how a command ended")?;
    Exit::ALL.iter().try_for_each(|exit| item(&exit.code().to_string(), ending::exit(*exit).0))
}

/// A labelled paragraph, indented under its label.
fn paragraph(out: &mut dyn Write, label: &str, text: &str) -> std::io::Result<()> {
    for (at, line) in wrapped(text, usize::from(WIDTH) - LABEL).iter().enumerate() {
        writeln!(out, "{:LABEL$}{line}", if at == 0 { label } else { "" })?;
    }
    Ok(())
}

/// What an exit code means, in a sentence.
pub(super) const fn exit_code(exit: Exit) -> &'static str {
    ending::exit(exit).0
}

/// What to do about a status, in a sentence.
pub(super) const fn to_do(status: Status) -> &'static str {
    ending::status(status).1
}

//! A TOML value as the command line would give it, or a fault with its line.
//!
//! Owns positions, "did you mean" and the conversion of values. Must not know: which options
//! exist beyond what the parser's own definition says.

use std::ops::Range;
use std::path::Path;

use clap::{Arg, ArgAction, Command, ValueHint};
use toml::Spanned;
use toml::de::DeValue;

use super::{Entry, Key};
use crate::cli::failure::Failure;
use crate::intake::columns::nearest;

/// A file's text and path, for positions and relative paths.
pub(super) struct Place<'p> {
    pub(super) text: &'p str,
    pub(super) path: &'p Path,
}

impl Place<'_> {
    /// The line of a span.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        self.text.get(..span.start).unwrap_or(self.text).matches('\n').count() + 1
    }

    /// A fault at a place.
    pub(super) fn fault(&self, span: Range<usize>, what: &str) -> Failure {
        Failure::usage(format!("{}:{}: {what}", self.path.display(), self.line(&span)))
    }

    /// A name that no one knows, with the nearest that someone does.
    pub(super) fn unknown<'n>(
        &self,
        key: &Key<'_>,
        kind: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> Failure {
        let name = key.get_ref();
        let hint = nearest(name, known).map(|near| format!("; did you mean `{near}`?"));
        self.fault(key.span(), &format!("`{name}` is no {kind}{}", hint.unwrap_or_default()))
    }

    /// A path of the file, taken from the file's own directory.
    pub(super) fn path(&self, path: &str) -> String {
        self.path.parent().unwrap_or(Path::new("")).join(path).display().to_string()
    }
}

/// An option of a command or of those inside it.
pub(super) fn option<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let own = command.get_arguments().find(|arg| arg.get_long() == Some(name));
    own.or_else(|| command.get_subcommands().find_map(|inner| option(inner, name)))
}

/// Long names of all options of a command and of those inside it.
fn names<'c>(command: &'c Command, found: &mut Vec<&'c str>) {
    found.extend(command.get_arguments().filter_map(Arg::get_long));
    command.get_subcommands().for_each(|inner| names(inner, found));
}

/// One `name = value` of the file. `table` is the command whose table it stands in.
pub(super) fn entry(
    key: &Key<'_>,
    value: &Spanned<DeValue<'_>>,
    root: &Command,
    table: Option<(&str, &Command)>,
    place: &Place<'_>,
) -> Result<Entry, Failure> {
    let name = key.get_ref().replace('_', "-");
    let global = || root.get_arguments().find(|arg| arg.get_long() == Some(&name));
    let found = match table {
        Some((_, command)) => option(command, &name).or_else(global),
        None => option(root, &name),
    };
    let Some(arg) = found.filter(|_| name != "config") else {
        let mut known = Vec::new();
        names(table.map_or(root, |(_, command)| command), &mut known);
        if table.is_some() {
            known.extend(root.get_arguments().filter_map(Arg::get_long));
        }
        let kind = table.map_or_else(
            || "option or setting".to_owned(),
            |(command, _)| format!("option of `swip {command}`"),
        );
        return Err(place.unknown(key, &kind, known.into_iter()));
    };
    let command = table.map(|(command, _)| command.to_owned());
    let values = values(arg, value, place)?;
    Ok(Entry { command, name, values, line: place.line(&key.span()) })
}

/// The texts that the command line would give for a value.
fn values(
    arg: &Arg,
    value: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
) -> Result<Vec<String>, Failure> {
    let span = || value.span();
    match (arg.get_action(), value.get_ref()) {
        (ArgAction::SetTrue, DeValue::Boolean(on)) => Ok(vec![on.to_string()]),
        (ArgAction::SetTrue, _) => Err(place.fault(span(), "a switch is true or false")),
        (ArgAction::Append, DeValue::Array(items)) => {
            items.iter().map(|item| scalar(arg, item, place)).collect()
        }
        (_, DeValue::Array(_)) => {
            Err(place.fault(span(), "this option is given once, not as a list"))
        }
        _ => Ok(vec![scalar(arg, value, place)?]),
    }
}

fn scalar(arg: &Arg, value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<String, Failure> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(on) => on.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(_) | DeValue::Table(_) => {
            return Err(place.fault(value.span(), "an option's value is a text or a number"));
        }
    };
    let is_path = arg.get_value_hint() == ValueHint::AnyPath && text != "-";
    Ok(if is_path { place.path(&text) } else { text })
}

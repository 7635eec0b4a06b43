//! The file's values as defaults of the arguments, before these are parsed.
//!
//! Owns the order of precedence. Must not know: what an option means.

use std::ffi::OsString;

use clap::error::ContextKind;
use clap::{Arg, ArgAction, Command};

use super::{Config, Entry};

/// A command whose arguments have the file's values as defaults; so have those inside it.
pub(super) fn apply(config: &Config, mut root: Command) -> Command {
    let globals: Vec<Arg> = root.get_arguments().cloned().collect();
    root = with(root, config, None);
    let names: Vec<String> = root.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in names {
        root = root.mut_subcommand(name.clone(), |mut command| {
            // A global option in a command's table becomes that command's own, with its default.
            let own = config.entries.iter().filter(|e| e.command.as_deref() == Some(&name));
            for arg in own.filter_map(|e| globals.iter().find(|a| a.get_long() == Some(&e.name))) {
                command = command.arg(arg.clone());
            }
            with(command, config, Some(&name))
        });
    }
    root
}

fn with(mut command: Command, config: &Config, table: Option<&str>) -> Command {
    let found: Vec<(String, Entry)> = command
        .get_arguments()
        .filter_map(|arg| {
            let entry = config.entry(table, arg.get_long()?)?;
            Some((arg.get_id().to_string(), entry.clone()))
        })
        .collect();
    for (id, entry) in found {
        command = command.mut_arg(id, |arg| defaulted(arg, &entry));
    }
    if table.is_some() {
        let inner: Vec<String> =
            command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
        for name in inner {
            command = command.mut_subcommand(name, |inner| with(inner, config, table));
        }
    }
    command
}

/// An argument with the file's value as its default. A switch that the file sets can be unset on
/// the command line with `--switch=false`; `--read-only` cannot, since nothing overrides it.
fn defaulted(arg: Arg, entry: &Entry) -> Arg {
    let on = entry.values.iter().any(|value| value == "true");
    match arg.get_action() {
        ArgAction::SetTrue if !on => arg,
        ArgAction::SetTrue if entry.name != "read-only" => arg
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .hide_possible_values(true)
            .default_value("true"),
        _ => arg.required(false).default_values(entry.values.clone()),
    }
}

/// A complaint about a value that stands in the file, with its place there.
pub(super) fn explain(config: &Config, fault: &clap::Error, args: &[OsString]) -> Option<String> {
    let about = fault.get(ContextKind::InvalidArg)?.to_string();
    let option = about.split([' ', '=']).next()?.to_owned();
    let typed = |arg: &OsString| arg.to_string_lossy().starts_with(&option);
    if args.iter().any(typed) {
        return None;
    }
    let name = option.strip_prefix("--")?;
    let command = args
        .iter()
        .filter_map(|arg| arg.to_str())
        .find(|arg| config.entries.iter().any(|e| e.command.as_deref() == Some(arg)));
    let entry = config.entry(command, name)?;
    let text = fault.to_string();
    let first = text.lines().next().unwrap_or_default();
    let what = first.strip_prefix("error: ").unwrap_or(first);
    Some(format!("{}: {what}", config.origin(entry)))
}

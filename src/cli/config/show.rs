//! `swip config show`: every setting in force and where it came from, as a valid `swip.toml`.
//!
//! Owns the listing. Must not know: the API key; it tells only where one would be read.

use std::collections::BTreeMap;
use std::io::Write;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory};
use serde_json::{Value, json};

use super::Config;
use super::settings::limit_value;
use crate::cli::args::{self, Cli, Global, PlainFormat};
use crate::cli::failure::{Exit, Failure};
use crate::cli::target::{self, Target};
use crate::cli::terminal;
use crate::regrws::Limits;

/// Width to which settings are padded before their origin.
const COLUMN: usize = 44;
/// Options that say what a command is to do now, and are no settings.
const NOT_SETTINGS: [&str; 3] = ["help", "version", "config"];

/// One setting in force.
struct Setting {
    name: String,
    /// `None` when it is not set.
    value: Option<Value>,
    origin: String,
}

/// Runs the command.
///
/// # Errors
/// Output that cannot be written.
pub(in crate::cli) fn run(
    global: &Global,
    args: &args::Config,
    config: &Config,
    found: &ArgMatches,
) -> Result<Exit, Failure> {
    let args::ConfigCommand::Show(show) = &args.command;
    let target = Target::parse(global.registry.as_deref())?;
    let settings = settings(config, found, &target);
    let tables = tables(config);
    let key = target::key_origin(global);
    let mut out = terminal::out();
    match show.format {
        PlainFormat::Json => json_document(&mut out, config, &settings, &tables, &key)?,
        PlainFormat::Text => text(&mut out, config, &settings, &tables, &key)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// Every option once, then the settings that are no options.
fn settings(config: &Config, found: &ArgMatches, target: &Target) -> Vec<Setting> {
    let root = Cli::command();
    let mut options = BTreeMap::new();
    collect(&root, &mut options);
    let globals: Vec<&str> = root.get_arguments().filter_map(Arg::get_long).collect();
    let mut settings: Vec<Setting> = options
        .iter()
        .map(|(name, arg)| {
            let given = globals.contains(name).then(|| given(arg, found)).flatten();
            given.unwrap_or_else(|| setting(name, arg, config, target))
        })
        .collect();
    for (name, value) in config.settings.shown() {
        let line = config.site.get(name).map(|line| config.at(*line));
        let origin = line.unwrap_or_else(|| "default".to_owned());
        settings.push(Setting { name: name.to_owned(), value, origin });
    }
    settings
}

fn collect<'c>(command: &'c Command, found: &mut BTreeMap<&'c str, &'c Arg>) {
    for arg in command.get_arguments() {
        if let Some(name) = arg.get_long().filter(|name| !NOT_SETTINGS.contains(name)) {
            found.entry(name).or_insert(arg);
        }
    }
    command.get_subcommands().for_each(|inner| collect(inner, found));
}

/// A setting that the command line or the environment gives.
fn given(arg: &Arg, found: &ArgMatches) -> Option<Setting> {
    let id = arg.get_id().as_str();
    let origin = match found.value_source(id)? {
        ValueSource::CommandLine => "command line".to_owned(),
        ValueSource::EnvVariable => {
            format!("environment {}", arg.get_env().unwrap_or_default().to_string_lossy())
        }
        _ => return None,
    };
    let texts: Vec<String> = match found.try_get_raw(id) {
        Ok(Some(raw)) => raw.map(|text| text.to_string_lossy().into_owned()).collect(),
        _ => return None,
    };
    Some(Setting { name: arg.get_long()?.to_owned(), value: Some(typed(arg, &texts)), origin })
}

/// A setting from the top of the file, or its default.
fn setting(name: &str, arg: &Arg, config: &Config, target: &Target) -> Setting {
    let name = name.to_owned();
    if let Some(entry) = config.entry(None, &name) {
        let value = Some(typed(arg, &entry.values));
        return Setting { name, value, origin: config.origin(entry) };
    }
    let built_in: Vec<String> =
        arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
    if !built_in.is_empty() {
        return Setting { value: Some(typed(arg, &built_in)), name, origin: "default".to_owned() };
    }
    if let Some(value) = target::default_of(&name, target) {
        let origin = format!("default at {}", target.name());
        return Setting { value: Some(typed(arg, &[value])), name, origin };
    }
    let switch = matches!(arg.get_action(), ArgAction::SetTrue);
    let origin = if switch { "default" } else { "not set" }.to_owned();
    Setting { name, value: switch.then_some(Value::Bool(false)), origin }
}

/// A value in its own type, as the file would have it.
fn typed(arg: &Arg, texts: &[String]) -> Value {
    let one = |text: &String| match (arg.get_action(), text.parse::<i64>()) {
        (ArgAction::SetTrue, _) => json!(text == "true"),
        (_, Ok(number)) => json!(number),
        _ => json!(text),
    };
    match (arg.get_action(), texts) {
        (ArgAction::Append, texts) => texts.iter().map(one).collect(),
        (_, [text]) => one(text),
        (_, texts) => texts.iter().map(one).collect(),
    }
}

/// The commands' own tables.
fn tables(config: &Config) -> BTreeMap<&str, Vec<Setting>> {
    let root = Cli::command();
    let mut tables: BTreeMap<&str, Vec<Setting>> = BTreeMap::new();
    for entry in &config.entries {
        let Some(command) = entry.command.as_deref() else { continue };
        let within = root.find_subcommand(command);
        let arg = within
            .and_then(|within| super::value::option(within, &entry.name))
            .or_else(|| super::value::option(&root, &entry.name));
        let value = arg.map(|arg| typed(arg, &entry.values));
        let (name, origin) = (entry.name.clone(), config.origin(entry));
        tables.entry(command).or_default().push(Setting { name, value, origin });
    }
    tables
}

/// Limits of work over the network, those of the file and the others.
fn limits(config: &Config) -> Vec<Setting> {
    let mut limits = config.settings.limits.clone();
    let shown = Limits::NAMES.iter().map(|(name, _)| {
        let line = config.limits.get(*name).map(|line| config.at(*line));
        let origin = line.unwrap_or_else(|| "default".to_owned());
        let value = limits.slot(name).map(limit_value);
        Setting { name: (*name).to_owned(), value, origin }
    });
    shown.collect()
}

fn text(
    out: &mut dyn Write,
    config: &Config,
    settings: &[Setting],
    tables: &BTreeMap<&str, Vec<Setting>>,
    key: &str,
) -> std::io::Result<()> {
    match &config.path {
        Some(path) => writeln!(out, "# config file: {}", path.display())?,
        None => writeln!(out, "# config file: none")?,
    }
    writeln!(out, "# API key: {key} (never shown)")?;
    settings.iter().try_for_each(|setting| line(out, setting))?;
    for (command, settings) in tables {
        writeln!(out, "\n[{command}]")?;
        settings.iter().try_for_each(|setting| line(out, setting))?;
    }
    writeln!(out, "\n[limits]")?;
    limits(config).iter().try_for_each(|setting| line(out, setting))?;
    for (org, own) in &config.settings.orgs {
        writeln!(out, "\n[orgs.\"{org}\"]")?;
        if let Some(path) = &own.api_key_file {
            writeln!(out, "api_key_file = {}", json!(path))?;
        }
    }
    Ok(())
}

fn line(out: &mut dyn Write, setting: &Setting) -> std::io::Result<()> {
    let text = match &setting.value {
        Some(value) => format!("{} = {value}", setting.name),
        None => format!("# {} =", setting.name),
    };
    writeln!(out, "{text:COLUMN$} # {}", setting.origin)
}

fn json_document(
    out: &mut dyn Write,
    config: &Config,
    settings: &[Setting],
    tables: &BTreeMap<&str, Vec<Setting>>,
    key: &str,
) -> std::io::Result<()> {
    let list = |settings: &[Setting]| -> Value {
        let one = |s: &Setting| json!({ "name": s.name, "value": s.value, "origin": s.origin });
        settings.iter().map(one).collect()
    };
    let tables: BTreeMap<&str, Value> = tables.iter().map(|(c, s)| (*c, list(s))).collect();
    let orgs: BTreeMap<String, Value> = config
        .settings
        .orgs
        .iter()
        .map(|(org, own)| (org.to_string(), json!({ "api_key_file": own.api_key_file })))
        .collect();
    let document = json!({
        "file": config.path,
        "api_key": key,
        "settings": list(settings),
        "commands": tables,
        "limits": list(&limits(config)),
        "orgs": orgs,
    });
    writeln!(out, "{document:#}")
}

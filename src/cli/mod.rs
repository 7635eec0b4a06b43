//! The command line: arguments, wiring, printing, exit codes.
//!
//! Knows everything; nothing knows it but `main`.

pub mod adopt;
pub mod args;
mod check;
mod closing;
pub mod config;
mod convert;
mod doctor;
mod evidence;
mod explain;
pub mod failure;
pub mod findings;
mod identity;
mod inner;
mod inventory;
mod journal;
mod line;
mod outcome;
mod packaging;
mod parents;
mod plan_input;
mod practice;
mod reading;
mod refresh;
mod registry;
mod resolve;
mod signals;
mod status;
mod submit;
mod survey;
mod sync;
pub mod target;
pub mod terminal;
pub mod units;
mod watched;

use std::ffi::OsString;
use std::io::Write as _;

use clap::{ArgMatches, FromArgMatches};

use crate::regrws::limits;
use args::{Cli, Command};
use config::Config;
pub use failure::{Exit, Failure};

/// Parses the arguments and runs the command.
#[must_use]
pub fn run() -> Exit {
    let args: Vec<OsString> = std::env::args_os().collect();
    let (mut cli, config, found) = match parsed(&args) {
        Ok(parsed) => parsed,
        Err(exit) => return exit,
    };
    terminal::log::start(&cli.global);
    cli.global.settings = config.settings.clone();
    limits::set(config.settings.limits.clone());
    match dispatch(&cli, &config, &found) {
        Ok(exit) => exit,
        Err(failure) => {
            let line = closing::failed(&failure, found.subcommand_name());
            tracing::error!(exit_code = failure.exit.code(), "swip: {line}");
            failure.exit
        }
    }
}

/// The arguments, with the config file's values where they give none.
fn parsed(line: &[OsString]) -> Result<(Cli, Config, ArgMatches), Exit> {
    // Help and version are asked for first: a broken config file must not be in their way.
    let mut found = args::command().try_get_matches_from(line);
    if let Err(help) = &found
        && !help.use_stderr()
    {
        return Err(printed(help));
    }
    let config = Config::find(line, args::command).map_err(|failure| early(&failure))?;
    if config.path.is_some() {
        found = config.apply(args::command()).try_get_matches_from(line);
    }
    match found.and_then(|found| Ok((Cli::from_arg_matches(&found)?, found))) {
        Ok((cli, found)) => Ok((cli, config, found)),
        Err(fault) => Err(match config.explain(&fault, line) {
            Some(text) => early(&Failure::usage(text)),
            None => complained(&fault, line),
        }),
    }
}

/// Prints help or the version.
fn printed(help: &clap::Error) -> Exit {
    // Printing fails only when no one reads it.
    let _ = help.print();
    Exit::Done
}

/// Prints the parser's complaint; its last line names the next command.
fn complained(fault: &clap::Error, line: &[OsString]) -> Exit {
    if !fault.use_stderr() {
        return printed(fault);
    }
    let text = fault.render();
    let text = match terminal::colour(None, &std::io::stderr()) {
        true => text.ansi().to_string(),
        false => text.to_string(),
    };
    let mut lines: Vec<&str> = text.trim_end().lines().collect();
    lines.pop_if(|last| last.starts_with("For more information"));
    let known = args::command();
    let of = |arg: &&OsString| arg.to_str().is_some_and(|arg| known.find_subcommand(arg).is_some());
    let command = line.iter().skip(1).find(of).and_then(|arg| arg.to_str());
    let failure = Failure::usage("the command line is not understood");
    let last = closing::failed(&failure, command);
    // Printing fails only when no one reads it.
    let _ = writeln!(std::io::stderr(), "{}\n\nswip: {last}", lines.join("\n").trim_end());
    Exit::Usage
}

/// A failure from before it is known how to log.
fn early(failure: &Failure) -> Exit {
    terminal::log::start(&args::Global::default());
    tracing::error!(exit_code = failure.exit.code(), "swip: {}", closing::failed(failure, None));
    failure.exit
}

fn dispatch(cli: &Cli, config: &Config, found: &ArgMatches) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Convert(args) => convert::run(args),
        Command::Parents(args) => block_on(parents::run(&cli.global, args)),
        Command::Check(args) => check::run(&cli.global, args),
        Command::Submit(args) => block_on(submit::run(&cli.global, args)),
        Command::Sync(args) => block_on(sync::run(&cli.global, args)),
        Command::Undo(args) => sync::undo::run(args),
        Command::Resume(args) => block_on(submit::resume(&cli.global, args)),
        Command::Status(args) => block_on(status::run(&cli.global, args)),
        Command::Resolve(args) => block_on(resolve::run(&cli.global, args)),
        Command::Journal(args) => journal::run(args),
        Command::Report(args) => outcome::rewrite(args),
        Command::Evidence(args) => evidence::run(args),
        Command::Inventory(args) => block_on(inventory::run(&cli.global, args)),
        Command::Adopt(args) => block_on(adopt::run(&cli.global, args)),
        Command::Explain(args) => explain::run(args),
        Command::Doctor(args) => block_on(doctor::run(&cli.global, args)),
        Command::Completions(args) => packaging::completions(args),
        Command::Manpage(args) => packaging::manpage(args),
        Command::Config(args) => config::show::run(&cli.global, args, config, found),
        Command::Practice(args) => block_on(practice::run(args)),
        Command::Registry(args) => block_on(registry::run(&cli.global, args)),
    }
}

/// Runs an asynchronous command.
fn block_on(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::new(Exit::Bug, format!("no runtime: {e}")))?;
    runtime.block_on(async {
        let _kept = signals::survive_file_limit();
        command.await
    })
}

//! The command line: arguments, wiring, printing, exit codes.
//!
//! Knows everything; nothing knows it but `main`.

pub mod args;
mod check;
pub mod failure;
pub mod findings;
mod inner;
mod outcome;
mod plan_input;
mod practice;
mod signals;
mod submit;
pub mod target;
pub mod units;

use std::io::IsTerminal;

use clap::Parser;

use args::{Cli, Command, When};
pub use failure::{Exit, Failure};

/// Parses the arguments and runs the command.
#[must_use]
pub fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(help) => {
            // Printing fails only when no one reads it.
            let _ = help.print();
            return if help.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    match dispatch(&cli) {
        Ok(exit) => exit,
        Err(failure) => {
            eprintln!("swip: {}", redacted(&failure.message));
            failure.exit
        }
    }
}

fn dispatch(cli: &Cli) -> Result<Exit, Failure> {
    let colour = colour(cli.global.color);
    match &cli.command {
        Command::Check(args) => check::run(args, colour),
        Command::Submit(args) => block_on(submit::run(&cli.global, args)),
        Command::Resume(args) => block_on(submit::resume(&cli.global, args)),
        Command::Status(args) => outcome::status(args),
        Command::Report(args) => outcome::rewrite(args),
        Command::Practice(args) => block_on(practice::run(args)),
    }
}

/// Runs an asynchronous command.
fn block_on(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::new(Exit::Bug, format!("no runtime: {e}")))?;
    runtime.block_on(command)
}

/// Whether stdout takes colours.
fn colour(when: Option<When>) -> bool {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    match when {
        Some(When::Always) => true,
        Some(When::Never) => false,
        _ => std::io::stdout().is_terminal() && !plain,
    }
}

/// A message in which nothing looks like an API key.
fn redacted(message: &str) -> String {
    let parts: Vec<&str> = message.split("API-").collect();
    let mut out = parts.first().copied().unwrap_or_default().to_owned();
    for part in parts.iter().skip(1) {
        let secret = part.find(|c: char| !c.is_ascii_hexdigit() && c != '-').unwrap_or(part.len());
        out.push_str("API-[redacted]");
        out.push_str(&part[secret..]);
    }
    out
}

//! `swip completions` and `swip manpage`: made from the same definitions as the parser.
//!
//! Owns the sections a man page adds. Must not know: what commands do.

use std::io::Write;

use clap::CommandFactory;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::args::{self, Cli};
use super::config::{FILE_NAME, VARIABLE};
use super::explain;
use super::failure::{Exit, Failure};
use super::terminal;

/// Runs `swip completions`.
///
/// # Errors
/// Output that cannot be written.
pub(super) fn completions(args: &args::Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "swip", &mut script);
    let mut out = terminal::out();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Done)
}

/// Runs `swip manpage`.
///
/// # Errors
/// A command that does not exist.
pub(super) fn manpage(args: &args::Manpage) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    let mut name = "swip".to_owned();
    for part in &args.command {
        let inner = command.find_subcommand(part).ok_or_else(|| {
            Failure::usage(format!("`{part}` is no command of `{name}`; swip --help lists them"))
        })?;
        name = format!("{name} {part}");
        command = inner.clone();
    }
    let page = name.replace(' ', "-");
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.name(page).version(version)).manual("swip manual");
    let mut out = terminal::out();
    man.render(&mut out)?;
    if args.command.is_empty() {
        sections().to_writer(&mut out)?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// Exit codes, environment and files: what a person looks for in a man page.
fn sections() -> Roff {
    let mut roff = Roff::new();
    let mut list = |title: &str, items: &[(String, &str)]| {
        roff.control("SH", [title]);
        for (name, text) in items {
            roff.control("TP", []);
            roff.text([roman(name.as_str())]);
            roff.text([roman(*text)]);
        }
    };
    let codes: Vec<(String, &str)> = Exit::ALL
        .into_iter()
        .map(|exit| (exit.code().to_string(), explain::exit_code(exit)))
        .collect();
    list("EXIT STATUS", &codes);
    let own = |name: &str| name.to_owned();
    list(
        "ENVIRONMENT",
        &[
            (own("SWIP_REGISTRY"), "the registry, as --registry"),
            (own("SWIP_API_KEY"), "the API key, if no file holds it"),
            (own("CREDENTIALS_DIRECTORY"), "set by systemd; its file swip-api-key holds the key"),
            (own(VARIABLE), "the config file, as --config"),
            (own("NO_COLOR, CLICOLOR_FORCE, TERM=dumb"), "no colour; colour anyway; no colour"),
        ],
    );
    list(
        "FILES",
        &[
            (own(FILE_NAME), "in the working directory: the config file, if none is named"),
            (own("INPUT.swip-journal"), "the journal of INPUT's runs: keep it, and back it up"),
            (own("INPUT.swip-report/"), "report.html, report.csv, report.json"),
        ],
    );
    roff
}

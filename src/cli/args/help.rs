//! `swip --help`: commands in groups, options in groups, examples; under sixty lines.
//!
//! Owns the order people read commands in. Must not know: what a command does.

use std::fmt::Write as _;

use clap::{Command, CommandFactory};

use super::Cli;

/// Commands by what they are for, in the order of a day's work.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Plan", &["check", "convert", "parents"]),
    ("Register", &["submit", "resume", "status", "resolve", "report"]),
    ("Keep in step", &["inventory", "adopt", "sync", "undo", "evidence"]),
    ("Registry", &["practice", "registry"]),
    ("Care", &["explain", "config", "doctor", "journal", "completions", "manpage"]),
];

/// Shown at the end.
const EXAMPLES: &str = "\
Examples:
  swip check plan.csv --parents parents.csv     check a plan, send nothing
  swip submit plan.csv --parents parents.csv    rehearse on a practice registry
  swip submit plan.csv --registry arin --api-key-file key
  swip explain overlap                          what a finding means";

/// The command line with its help in groups.
#[must_use]
pub fn command() -> Command {
    let mut command = Cli::command();
    let template = template(&command);
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in names {
        // Only so that the list of the groups is not followed by one without.
        command = command.mut_subcommand(name, |inner| inner.hide(true));
    }
    command
        .mut_subcommand("sync", |sync| {
            // A saved plan knows its own inputs.
            sync.mut_arg("inputs", |inputs| inputs.required(false).required_unless_present("plan"))
        })
        .override_usage("swip [OPTIONS] COMMAND …")
        .help_template(template)
        .after_help(EXAMPLES)
        .mut_args(|arg| {
            let valued = arg.get_action().takes_values();
            arg.hide_possible_values(valued).hide_env(true)
        })
}

fn template(command: &Command) -> String {
    let mut text = "{about}\n\n{usage-heading} {usage}\n".to_owned();
    for (group, names) in GROUPS {
        let commands = names.iter().filter_map(|name| command.find_subcommand(name));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{group}:");
        for command in commands {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {:12} {about}", command.get_name());
        }
    }
    text + "\n{all-args}{after-help}"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_fits_a_screen_and_names_every_command_once() {
        let help = command().term_width(80);
        let help = help.try_get_matches_from(["swip", "--help"]).unwrap_err().to_string();
        let lines: Vec<&str> = help.lines().collect();
        assert!(lines.len() < 60, "{} lines:\n{help}", lines.len());
        let wide: Vec<&&str> = lines.iter().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{wide:#?}");
        for name in Cli::command().get_subcommands().map(Command::get_name) {
            let groups = GROUPS.iter().filter(|(_, names)| names.contains(&name)).count();
            assert_eq!(groups, 1, "{name} is in {groups} groups of the help");
        }
    }

    #[test]
    fn the_definitions_are_sound() {
        command().debug_assert();
    }
}

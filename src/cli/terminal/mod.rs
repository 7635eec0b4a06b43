//! What the person at the terminal, or the log of a timer, sees.
//!
//! Owns colour, width, log lines, stdout that survives a reader who goes away, and progress. Must not
//! know: what any command does.

pub mod log;
mod out;
mod progress;

use std::io::{self, IsTerminal, Write as _};

pub use out::{Leavable, Out, out};
pub use progress::Progress;

use super::args::When;

/// Whether a stream takes colours: `--color`, then `NO_COLOR`, `TERM=dumb`, `CLICOLOR_FORCE`,
/// then whether it is a terminal.
#[must_use]
pub fn colour(asked: Option<When>, stream: &impl IsTerminal) -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    match asked {
        Some(When::Always) => true,
        Some(When::Never) => false,
        _ if set("NO_COLOR").is_some() => false,
        _ if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        _ => stream.is_terminal() && set("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// Puts a question to the person at the terminal; the answer is read from standard input.
///
/// # Errors
/// A terminal that takes no output.
pub fn ask(question: &str) -> io::Result<()> {
    let mut terminal = io::stderr().lock();
    write!(terminal, "{question}")?;
    terminal.flush()
}

/// Columns of a terminal: what people read is no wider.
pub const WIDTH: u16 = 80;

/// A text in lines of at most `width` characters, broken between words.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let full = |line: &String| !line.is_empty() && line.len() + 1 + word.len() > width;
        if lines.last().is_some_and(full) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

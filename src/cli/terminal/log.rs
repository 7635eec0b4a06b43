//! What stderr says: plain sentences for people, or one JSON object a line for machines.
//!
//! Owns levels, form and the run id of every line. Every other room says things with `tracing`.
//! Must not know: what is said.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use indicatif::MultiProgress;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::cli::args::{Global, PlainFormat};

/// Only this program's own events are shown; a library's could hold a request's headers.
const OWN: &str = "swip";
/// `-v` shows debug, `-vv` every request.
const LEVELS: [Level; 3] = [Level::INFO, Level::DEBUG, Level::TRACE];

/// Id of the run the process works on; every JSON line carries it.
static RUN: OnceLock<String> = OnceLock::new();
/// The bars on the screen, which a line must not tear.
static BARS: Mutex<Option<MultiProgress>> = Mutex::new(None);

/// Starts the log as the options ask.
pub fn start(global: &Global) {
    let most = LEVELS[usize::from(global.verbose).min(LEVELS.len() - 1)];
    let log = Log {
        most: if global.quiet { Level::ERROR } else { most },
        json: global.log_format == Some(PlainFormat::Json),
    };
    // It is set once a process, at its start; a second setting would change nothing.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(log));
}

/// Names the run the process works on; the first name stays.
pub fn run_id(id: &str) {
    let _ = RUN.set(id.to_owned());
}

/// Puts bars on the screen, above which lines are printed from now on; `None` takes them away.
pub fn bars(bars: Option<MultiProgress>) {
    *BARS.lock().unwrap_or_else(PoisonError::into_inner) = bars;
}

/// Events to stderr.
struct Log {
    most: Level,
    json: bool,
}

impl<S: Subscriber> Layer<S> for Log {
    fn enabled(&self, of: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *of.level() <= self.most && of.target().split("::").next() == Some(OWN)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let level = *event.metadata().level();
        let line = if self.json { said.json(level) } else { said.text(level) };
        print(&redacted(&line));
    }
}

/// Writes a line to stderr above the bars. A log that no one can read any more stops no work.
fn print(line: &str) {
    let write = || {
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    };
    match &*BARS.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(bars) => bars.suspend(write),
        None => write(),
    }
}

/// The message of an event and its fields.
#[derive(Default)]
struct Said {
    message: String,
    fields: Map<String, Value>,
}

impl Said {
    fn take(&mut self, field: &Field, value: Value) {
        self.fields.insert(field.name().to_owned(), value);
    }

    /// For people: the message; `warning:` before one, the fields only from `-v` on.
    fn text(&self, level: Level) -> String {
        let mut line = match level {
            Level::WARN => format!("warning: {}", self.message),
            _ => self.message.clone(),
        };
        if level > Level::INFO {
            for (name, value) in &self.fields {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                // Writing to a String cannot fail.
                let _ = write!(line, "  {name}={text}");
            }
        }
        line
    }

    fn json(mut self, level: Level) -> String {
        let mut line = Map::new();
        line.insert("time".to_owned(), json!(jiff::Timestamp::now().to_string()));
        line.insert("level".to_owned(), json!(level.as_str().to_lowercase()));
        line.insert("run".to_owned(), json!(RUN.get()));
        line.insert("message".to_owned(), json!(self.message));
        line.append(&mut self.fields);
        Value::Object(line).to_string()
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.take(field, json!(text));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.take(field, json!(value));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, json!(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, json!(value));
    }
}

/// A line in which nothing looks like an API key: the last guard, behind the key's own type.
fn redacted(line: &str) -> String {
    let parts: Vec<&str> = line.split("API-").collect();
    let mut out = parts.first().copied().unwrap_or_default().to_owned();
    for part in parts.iter().skip(1) {
        let secret = part.find(|c: char| !c.is_ascii_hexdigit() && c != '-').unwrap_or(part.len());
        out.push_str("API-[redacted]");
        out.push_str(&part[secret..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_in_a_line() {
        let line = "GET /rest/net?apikey=API-0123-4567-89AB-CDEF&x=1 by API-FFFF-0000-1111-2222";
        assert_eq!(redacted(line), "GET /rest/net?apikey=API-[redacted]&x=1 by API-[redacted]");
        assert_eq!(redacted("nothing here"), "nothing here");
    }

    #[test]
    fn people_read_sentences_and_machines_read_fields() {
        let mut said = Said { message: "row 7 is registered".to_owned(), ..Said::default() };
        said.fields.insert("row".to_owned(), json!(7));
        assert_eq!(said.text(Level::INFO), "row 7 is registered");
        assert_eq!(said.text(Level::DEBUG), "row 7 is registered  row=7");
        assert_eq!(said.text(Level::WARN), "warning: row 7 is registered");
        let line: Value = serde_json::from_str(&said.json(Level::INFO)).unwrap();
        assert_eq!((&line["row"], &line["level"]), (&json!(7), &json!("info")));
    }
}

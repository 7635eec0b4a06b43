//! `swip doctor`: is everything there that a run needs? Reads only, here and at the registry.
//!
//! Owns the checks and their advice. Must not know: plans.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use rustix::fs::{Access, StatVfs};
use serde_json::json;

use super::args::{self, Global, PlainFormat};
use super::failure::{Exit, Failure};
use super::target::{self, Target};
use super::terminal;
use crate::regrws::{Effect, Method, RawAnswer, WireRequest};

/// Least space that journal and report should find.
const SPACE_LEAST: u64 = 1 << 30;
/// Difference of the clocks above which dates and Retry-After are misread.
const SKEW_MOST_SECONDS: i64 = 60;
/// File systems over a network, on which locks and SQLite are not safe: NFS, SMB, CIFS, FUSE.
const REMOTE: [u64; 5] = [0x6969, 0xfe53_4d42, 0xff53_4d42, 0x517b, 0x6573_5546];
/// What is asked for to see that the registry answers: a path that holds nothing.
const PROBE: &str = "/rest/";

/// What one check found.
struct Verdict {
    what: &'static str,
    /// `Err` holds the exit code a run would end with.
    found: Result<String, (Exit, String)>,
}

/// Runs the command.
///
/// # Errors
/// Output that cannot be written.
pub(super) async fn run(global: &Global, args: &args::Doctor) -> Result<Exit, Failure> {
    let mut verdicts = Vec::new();
    let mut note = |what, found| verdicts.push(Verdict { what, found });
    let target = Target::parse(global.registry.as_deref())?;
    note("registry", Ok(target.name().to_owned()));
    for (org, own) in &global.settings.orgs {
        if let Some(path) = &own.api_key_file {
            note(
                "key of an org",
                key_of(global, path).map(|()| format!("{org}: {}", path.display())),
            );
        }
    }
    match &target {
        Target::Practice => note("key", Ok("none needed: practice makes its own".to_owned())),
        Target::At { base, .. } => {
            let key = target::key(global);
            let origin = target::key_origin(global);
            note("key", key.as_ref().map(|_| origin).map_err(|f| (f.exit, f.message.clone())));
            if let Ok(key) = key {
                let client = target::client(global, base.clone(), key, None)?;
                let asked = Instant::now();
                let answer = client.exchange(&probe()).await;
                let took = asked.elapsed();
                let secure = if base.is_https() { "over TLS" } else { "over plain HTTP" };
                match answer {
                    Ok(answer) => {
                        note("connection", reached(&answer, secure, took.as_millis()));
                        note("clock", clock(&answer));
                    }
                    Err(fault) => note("connection", Err((Exit::Registry, fault.to_string()))),
                }
            }
        }
    }
    let journal = args.journal.clone().unwrap_or_else(|| PathBuf::from("."));
    directory(&journal, &mut note);
    print(&verdicts, args.format)
}

fn key_of(global: &Global, path: &Path) -> Result<(), (Exit, String)> {
    let own = Global {
        api_key_file: Some(path.to_owned()),
        registry: global.registry.clone(),
        ..Global::default()
    };
    target::key(&own).map(|_| ()).map_err(|fault| (fault.exit, fault.message))
}

fn probe() -> WireRequest {
    WireRequest { method: Method::Get, path: PROBE.to_owned(), body: None, effect: Effect::Read }
}

fn reached(answer: &RawAnswer, secure: &str, millis: u128) -> Result<String, (Exit, String)> {
    match answer.status {
        401 | 403 => Err((Exit::Key, "the registry answers, and refuses the API key".to_owned())),
        500.. => Err((Exit::Registry, format!("the registry answers with HTTP {}", answer.status))),
        status => Ok(format!("answers {secure} in {millis} ms (HTTP {status})")),
    }
}

fn clock(answer: &RawAnswer) -> Result<String, (Exit, String)> {
    let told = answer.date.as_deref().and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let Some(told) = told else {
        return Ok("the registry tells no date to compare with".to_owned());
    };
    let skew = Timestamp::now().as_second() - told.timestamp().as_second();
    if skew.abs() > SKEW_MOST_SECONDS {
        let text = format!("this machine's clock is {skew} s off the registry's: set it (NTP)");
        return Err((Exit::Usage, text));
    }
    Ok(format!("{skew} s off the registry's"))
}

/// The directory that will hold the journal.
fn directory(journal: &Path, note: &mut impl FnMut(&'static str, Result<String, (Exit, String)>)) {
    let directory = match journal.parent() {
        _ if journal.is_dir() => journal,
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => journal,
    };
    let shown = directory.display();
    let storage = |text: String| Err((Exit::Storage, text));
    note(
        "directory",
        match rustix::fs::access(directory, Access::WRITE_OK | Access::EXEC_OK) {
            Ok(()) => Ok(format!("{shown} is writable")),
            Err(fault) => storage(format!("{shown} cannot be written to: {fault}")),
        },
    );
    note(
        "disk",
        match rustix::fs::statvfs(directory) {
            Ok(disk) => space(&disk),
            Err(fault) => storage(format!("{shown} tells no free space: {fault}")),
        },
    );
    if let Ok(disk) = rustix::fs::statfs(directory) {
        let kind = u64::try_from(disk.f_type).unwrap_or_default();
        note(
            "file system",
            if REMOTE.contains(&kind) {
                storage(format!(
                    "{shown} lies on a network; a journal needs a local disk, for its lock and its safety in a crash"
                ))
            } else {
                Ok("local".to_owned())
            },
        );
    }
}

fn space(disk: &StatVfs) -> Result<String, (Exit, String)> {
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let text = format!("{} MiB free", free >> 20);
    if free < SPACE_LEAST {
        return Err((Exit::Storage, format!("{text}; make room for journal and report")));
    }
    Ok(text)
}

fn print(verdicts: &[Verdict], format: PlainFormat) -> Result<Exit, Failure> {
    let exit = verdicts
        .iter()
        .filter_map(|verdict| verdict.found.as_ref().err())
        .fold(Exit::Done, |worst, (exit, _)| worst.worst(*exit));
    let mut out = terminal::out();
    if format == PlainFormat::Json {
        let one = |verdict: &Verdict| {
            let (ok, text) = match &verdict.found {
                Ok(text) => (true, text),
                Err((_, text)) => (false, text),
            };
            json!({ "check": verdict.what, "ok": ok, "text": text })
        };
        let checks: Vec<_> = verdicts.iter().map(one).collect();
        writeln!(out, "{:#}", json!({ "checks": checks, "exit_code": exit.code() }))?;
    } else {
        for verdict in verdicts {
            let (mark, text) = match &verdict.found {
                Ok(text) => ("ok   ", text),
                Err((_, text)) => ("FAULT", text),
            };
            writeln!(out, "{mark}  {:14}{text}", verdict.what)?;
        }
    }
    out.flush()?;
    if exit != Exit::Done {
        let faults = verdicts.iter().filter(|verdict| verdict.found.is_err()).count();
        let them = if faults == 1 {
            "1 fault; correct it"
        } else {
            &format!("{faults} faults; correct them")
        };
        tracing::error!("swip: {them}, then run swip doctor again");
    }
    Ok(exit)
}

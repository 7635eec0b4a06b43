//! A directory with a plan, and the real binary run in it until nothing is left to do.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::Ordering;
use std::time::Instant;

use serde_json::Value;

use crate::rows::PARENTS;
use crate::world::World;

/// The key of every practice registry.
pub(crate) const KEY: &str = "API-0000-0000-5A1D-CAFE";
/// Starts, those that are ended on purpose aside, after which a run must have come to its end.
pub(crate) const STARTS_MAX: u32 = 5;

pub(crate) struct Desk {
    pub(crate) directory: tempfile::TempDir,
    args: Vec<String>,
    pub(crate) starts: u32,
    /// Everything the processes printed.
    pub(crate) printed: Vec<u8>,
    pub(crate) exits: Vec<Option<i32>>,
    /// Answers that came when nobody waited for them any more.
    pub(crate) unread: usize,
    /// When a process that was killed had ended.
    pub(crate) killed: Vec<Instant>,
    /// Starts that were ended on purpose.
    pub(crate) forced: u32,
    /// Requests allowed in a second.
    pub(crate) limit: Option<usize>,
    /// Whether the key is sent in the query.
    pub(crate) key_in_query: bool,
    /// More of the environment.
    pub(crate) env: Vec<(&'static str, &'static str)>,
    /// The promise that is broken on purpose.
    pub(crate) control: Option<String>,
}

impl Desk {
    pub(crate) fn new(plan: &str, url: &str, more: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("plan.csv"), plan).unwrap();
        std::fs::write(directory.path().join("parents.csv"), PARENTS).unwrap();
        let common = [["--registry", url], ["--settle", "20ms"], ["--timeout", "5s"]];
        let common = common.iter().filter(|[name, _]| !more.contains(name)).flatten();
        let args = common.chain(more).map(|arg| (*arg).to_owned()).collect();
        Self {
            directory,
            args,
            starts: 0,
            printed: Vec::new(),
            exits: Vec::new(),
            unread: 0,
            killed: Vec::new(),
            forced: 0,
            limit: None,
            key_in_query: more.contains(&"query"),
            env: Vec::new(),
            control: None,
        }
    }

    /// With the practice registry inside the process.
    pub(crate) fn inner(plan: &str) -> Self {
        let mut desk = Self::new(plan, "practice", &[]);
        desk.args.drain(..2);
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The binary in its directory.
    fn binary(&self) -> Command {
        // Another build may be tried, with the same crash points.
        let binary = std::env::var("SWIP_BINARY");
        let mut command =
            Command::new(binary.unwrap_or_else(|_| env!("CARGO_BIN_EXE_swip").to_owned()));
        command.current_dir(self.directory.path()).env("SWIP_API_KEY", KEY).stdin(Stdio::null());
        if let Some(control) = &self.control {
            command.env("SWIP_CONTROL", control);
        }
        command.env_remove("SWIP_REGISTRY").env_remove("SWIP_CONFIG");
        command.envs(self.env.iter().copied());
        command
    }

    /// A process that begins the run, or goes on with it.
    pub(crate) fn command(&self) -> Command {
        if self.has_run() {
            let kept = ["--rate", "--concurrency", "--settle", "--timeout", "--registry", "--auth"];
            let pairs = self.args.chunks(2).filter(|pair| kept.contains(&pair[0].as_str()));
            let args: Vec<&str> = pairs.flatten().map(String::as_str).collect();
            let mut command = self.with_journal(&["resume"]);
            command.args(args);
            return command;
        }
        let mut command = self.binary();
        command.args(["submit", "plan.csv", "--parents", "parents.csv"]).args(&self.args);
        command
    }

    /// A command for the journal: its first word, the journal, the rest.
    pub(crate) fn with_journal(&self, words: &[&str]) -> Command {
        let mut command = self.binary();
        command.arg(words[0]).arg("plan.csv.swip-journal").args(&words[1..]);
        if words[0] == "status" {
            command.args(&self.args[..2]);
        }
        command
    }

    /// A night of `sync` with the plan as it is now.
    pub(crate) fn sync(&self, more: &[&str]) -> Command {
        let mut command = self.binary();
        command.args(["sync", "plan.csv", "--parents", "parents.csv"]);
        command.args(["--journal", "plan.csv.swip-journal", "--report", "plan.csv.swip-report"]);
        command.args(&self.args).args(more);
        command
    }

    /// A process whose end is not waited for.
    pub(crate) fn spawn(&self) -> Child {
        self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// One process that the line may kill.
    pub(crate) fn start_watched(&mut self, world: &World) {
        let child = self.spawn();
        world.proxy.victim.store(child.id(), Ordering::SeqCst);
        let output = child.wait_with_output().unwrap();
        world.proxy.victim.store(0, Ordering::SeqCst);
        self.took(&output);
    }

    /// Whether nothing is left that another start could do.
    pub(crate) fn is_settled(&self) -> bool {
        self.report().is_some_and(|report| !is_open(&report))
    }

    fn has_run(&self) -> bool {
        let path = self.path("plan.csv.swip-journal");
        path.exists()
            && swip::journal::Journal::read(&path).is_ok_and(|journal| journal.run(None).is_ok())
    }

    /// One process; with `at`, it ends itself at that crash point.
    pub(crate) fn start(&mut self, at: Option<usize>) -> Output {
        let mut command = self.command();
        if let Some(at) = at {
            command.env("SWIP_CRASH_AT", at.to_string());
            self.forced += 1;
        }
        let output = command.output().unwrap();
        self.took(&output);
        output
    }

    pub(crate) fn took(&mut self, output: &Output) {
        self.starts += 1;
        self.exits.push(output.status.code());
        if output.status.code().is_none() {
            self.killed.push(Instant::now());
        }
        self.printed.extend_from_slice(&output.stdout);
        self.printed.extend_from_slice(&output.stderr);
    }

    /// Starts it again until nothing is left that another start could do.
    pub(crate) fn until_settled(&mut self) {
        while self.starts < STARTS_MAX + self.forced {
            self.start(None);
            if self.is_settled() {
                return;
            }
        }
    }

    /// The report, if there is a whole one.
    pub(crate) fn report(&self) -> Option<Value> {
        let bytes = std::fs::read(self.path("plan.csv.swip-report/report.json")).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// How many crash points a process passes.
    pub(crate) fn points(&mut self, at: Option<usize>) -> usize {
        let log = self.path("points.log");
        let mut command = self.command();
        command.env("SWIP_CRASH_LOG", &log);
        if let Some(at) = at {
            command.env("SWIP_CRASH_AT", at.to_string());
        }
        let output = command.output().unwrap();
        self.took(&output);
        let points = std::fs::read_to_string(&log).unwrap_or_default().lines().count();
        // The log is no artefact of swip.
        let _ = std::fs::remove_file(log);
        points
    }
}

/// Whether another start has something to do.
fn is_open(report: &Value) -> bool {
    let statuses = report["summary"].as_object().unwrap().keys();
    statuses.into_iter().any(|status| matches!(status.as_str(), "deferred" | "not-attempted"))
}

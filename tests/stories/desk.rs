//! A desk: a directory with the samples, the binary run in it, and a practice registry beside it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

pub(crate) struct Desk(pub(crate) tempfile::TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for name in ["plan.csv", "parents.csv", "broken.csv", "netbox-prefixes.csv", "netbox.toml"]
        {
            std::fs::copy(
                Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name),
                desk.path(name),
            )
            .unwrap();
        }
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_swip"));
        command
            .current_dir(self.0.path())
            .args(args)
            .env_remove("SWIP_API_KEY")
            .env_remove("SWIP_REGISTRY")
            .env_remove("SWIP_CONFIG");
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn swip(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Writes `plan.csv` anew: so many simple reassignments under each of these /16s of
    /// `198.{18,19}`.
    pub(crate) fn plan(&self, parents: &[(u8, usize)]) {
        let mut text =
            "reference,prefix,customer_name,street,city,state,postal_code,country\n".to_owned();
        for (second, rows) in parents {
            for row in 0..*rows {
                let (third, fourth) = (row / 32, row % 32 * 8);
                text.push_str(&format!(
                    "R{second}-{row},198.{second}.{third}.{fourth}/29,Acme {second} {row},1 Main St,Reston,VA,20190,US\n"
                ));
            }
        }
        std::fs::write(self.path("plan.csv"), text).unwrap();
    }

    /// Rows of the last report: status and code, by reference.
    pub(crate) fn outcomes(&self) -> BTreeMap<String, (String, String)> {
        let report = self.json("plan.csv.swip-report/report.json");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let rows = report["rows"].as_array().unwrap().iter();
        rows.map(|row| (text(&row["reference"]), (text(&row["status"]), text(&row["code"]))))
            .collect()
    }

    /// Rows of the last report by status.
    pub(crate) fn counts(&self) -> Value {
        self.json("plan.csv.swip-report/report.json")["summary"].clone()
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }

    pub(crate) fn lines(&self, name: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What is registered at the inner practice registry, by range, without handles and dates.
    pub(crate) fn registered(&self, input: &str) -> BTreeMap<String, Value> {
        let world = self.json(&format!("{input}.swip-practice.json"));
        let strip = |record: &Value| {
            let mut record = record.clone();
            for field in ["handle", "registrationDate", "customerHandle"] {
                record.as_object_mut().unwrap().remove(field);
            }
            record
        };
        let customers: BTreeMap<String, Value> = world["customers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|customer| (customer["handle"].as_str().unwrap().to_owned(), strip(customer)))
            .collect();
        let nets = world["nets"].as_array().unwrap().iter();
        nets.filter(|net| net["type"] != "DA" && net["handle"] != "NET-203-0-113-0-1")
            .map(|net| {
                let customer =
                    net["customerHandle"].as_str().and_then(|handle| customers.get(handle));
                let mut record = strip(net);
                record["customer"] = customer.cloned().unwrap_or(Value::Null);
                (net["range"].as_str().unwrap().to_owned(), record)
            })
            .collect()
    }
}

/// What a command said on stderr.
pub(crate) fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) struct Registry {
    child: Child,
    pub(crate) url: String,
    pub(crate) key: String,
}

impl Registry {
    pub(crate) fn start(desk: &Desk) -> Self {
        Self::with(desk, &[])
    }

    /// One with more options.
    pub(crate) fn with(desk: &Desk, more: &[&str]) -> Self {
        let mut args = vec!["practice", "--parents", "parents.csv", "--plan", "plan.csv"];
        if !more.contains(&"--state") {
            args.extend(["--state", "world"]);
        }
        args.extend(more);
        let mut child = desk.command(&args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut last_word =
            || lines.next().unwrap().unwrap().rsplit(' ').next().unwrap().to_owned();
        let (url, key) = (last_word(), last_word());
        Self { child, url, key }
    }

    /// Runs swip against it, or against a line to it.
    pub(crate) fn swip(&self, desk: &Desk, url: &str, args: &[&str]) -> Output {
        let args = [args, &["--registry", url]].concat();
        desk.command(&args).env("SWIP_API_KEY", &self.key).output().unwrap()
    }

    /// Writes that it committed.
    pub(crate) fn commits(&self, desk: &Desk) -> usize {
        let ledger = desk.lines("world.swip-practice-ledger.ndjson");
        ledger.iter().filter(|line| line["committed"] == true).count()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! Nights of `swip sync` on a small plan, against a registry inside the process or beside it.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::process::Output;

use serde_json::Value;

use crate::desk::{Desk, Registry, code};

pub(crate) const PARENTS: &str = "net_handle,prefix\nNET-198-51-0-0-1,198.51.0.0/16\n";
pub(crate) const HEADER: &str = "reference,prefix,customer_name,street,city,state,postal_code,country,private,comment,org_handle,customer_handle\n";

/// Rows by number; a night's plan is this, changed.
pub(crate) type Rows = BTreeMap<u8, String>;

pub(crate) fn customer(number: u8, name: &str) -> String {
    format!("R-{number},198.51.100.{}/29,{name},1 Main Street,Reston,VA,20190,US,,,,", number * 8)
}

pub(crate) fn org(number: u8, handle: &str) -> String {
    format!("R-{number},198.51.100.{}/29,,,,,,,,,{handle},", number * 8)
}

/// Twenty customers and an org.
pub(crate) fn plan() -> Rows {
    let rows = (0..20).map(|n| (n, customer(n, &format!("Customer {n}"))));
    rows.chain([(20, org(20, "MAPLE-7"))]).collect()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A registry in a process of its own, and a journal that lives from night to night.
pub(crate) struct Beside {
    pub(crate) desk: Desk,
    pub(crate) registry: Registry,
}

impl Beside {
    /// A registry started with these options; it knows the orgs of `plan()` and OAK-3. The first
    /// night registered `rows`.
    pub(crate) fn begin(rows: &Rows, practice: &[&str]) -> Self {
        Self::with(rows, PARENTS, practice)
    }

    /// The same under other parents.
    pub(crate) fn under(rows: &Rows, parents: &str) -> Self {
        Self::with(rows, parents, &[])
    }

    fn with(rows: &Rows, parents: &str, practice: &[&str]) -> Self {
        let desk = Desk::new();
        std::fs::write(desk.path("parents.csv"), parents).unwrap();
        let oak = org(31, "OAK-3");
        let seen = plan().into_values().chain([oak]).collect::<Vec<_>>().join("\n");
        std::fs::write(desk.path("plan.csv"), format!("{HEADER}{seen}\n")).unwrap();
        let registry = Registry::with(&desk, practice);
        let beside = Self { desk, registry };
        assert_eq!(beside.sync(rows, &[]), 0, "{}", beside.said(&["status", "J"]));
        beside
    }

    pub(crate) fn swip(&self, args: &[&str]) -> Output {
        let mut command = self.desk.command(args);
        command.args(["--registry", &self.registry.url]).env("SWIP_API_KEY", &self.registry.key);
        command.output().unwrap()
    }

    /// Everything a command says.
    pub(crate) fn said(&self, args: &[&str]) -> String {
        let output = self.swip(args);
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    pub(crate) fn sync(&self, rows: &Rows, more: &[&str]) -> i32 {
        code(&self.night(rows, more))
    }

    pub(crate) fn night(&self, rows: &Rows, more: &[&str]) -> Output {
        let lines: Vec<&str> = rows.values().map(String::as_str).collect();
        let file = format!("{HEADER}{}\n", lines.join("\n"));
        std::fs::write(self.desk.path("rows.csv"), file).unwrap();
        let args = ["sync", "rows.csv", "--parents", "parents.csv", "--journal", "J"];
        let how = ["--report", "R", "--settle", "50ms"];
        self.swip(&[&args[..], &how, more].concat())
    }

    /// Status, code and message of every line that is not unchanged.
    pub(crate) fn told(&self) -> Vec<(String, String, String)> {
        let rows = self.desk.json("R/report.json")["rows"].as_array().unwrap().clone();
        let told = rows.iter().map(|r| (text(&r["status"]), text(&r["code"]), text(&r["message"])));
        told.filter(|(status, ..)| status != "unchanged").collect()
    }

    /// Puts these faults in force.
    pub(crate) fn faults(&self, rules: &str) {
        let answer = http(&self.registry.url, "POST", "/_practice/faults", rules);
        assert!(answer.starts_with("HTTP/1.") && answer.contains(" 20"), "{answer}");
    }

    /// What the registry holds: range to who holds it.
    pub(crate) fn world(&self) -> BTreeMap<String, String> {
        let world = self.whole();
        let customers = world["customers"].as_array().unwrap();
        let name = |handle: &Value| {
            let found = customers.iter().find(|customer| customer["handle"] == *handle);
            found.map_or_else(String::new, |customer| text(&customer["customerName"]))
        };
        let nets = world["nets"].as_array().unwrap().iter().filter(|net| net["type"] != "DA");
        nets.map(|net| {
            let org = text(&net["orgHandle"]);
            let held =
                if net["customerHandle"].is_string() { name(&net["customerHandle"]) } else { org };
            (text(&net["range"]), held)
        })
        .collect()
    }

    pub(crate) fn whole(&self) -> Value {
        let answer = http(&self.registry.url, "GET", "/_practice/world", "");
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Requests of a method that the registry saw.
    pub(crate) fn asked(&self, method: &str) -> Vec<Value> {
        let answer = http(&self.registry.url, "GET", "/_practice/ledger", "");
        let lines = answer.split_once("\r\n\r\n").unwrap().1.lines();
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["method"] == method).collect()
    }
}

fn http(url: &str, method: &str, path: &str, body: &str) -> String {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

//! A practice registry in a process of its own that goes away and comes back at the same address,
//! and what it holds.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::desk::Desk;
use crate::plan::Row;

pub(crate) struct Registry(Child);

impl Registry {
    /// Starts it with a state file; gives its address.
    pub(crate) fn start(desk: &Desk, listen: &str) -> (Self, String) {
        let faults = std::env::var("SWIP_MONTH_FAULTS").unwrap_or_else(|_| "off".to_owned());
        let args = ["practice", "--state", "inherited.json", "--listen", listen];
        let how = ["--faults", &faults, "--seed", "7", "--denied", "0", "--tickets", "2"];
        let mut command = desk.command(&[&args[..], &how].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        (Self(child), first.rsplit(' ').next().unwrap().to_owned())
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A plain HTTP exchange; the body of the answer.
pub(crate) fn http(url: &str, method: &str, path: &str, body: &str) -> String {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// One registration as the registry holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) handle: String,
    pub(crate) parent: String,
    pub(crate) org: String,
    /// Name, street, city, state, postal code, country and privacy of its customer.
    pub(crate) customer: Option<[String; 7]>,
}

/// Letters and digits in lower case: what counts in a comparison.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Everything that is registered below these parents, by range.
pub(crate) fn registered(url: &str, parents: &[&str]) -> BTreeMap<String, Held> {
    let world: Value = serde_json::from_str(&http(url, "GET", "/_practice/world", "")).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let customers: BTreeMap<String, &Value> = world["customers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|customer| (text(&customer["handle"]), customer))
        .collect();
    let nets = world["nets"].as_array().unwrap().iter();
    let ours = nets.filter(|net| parents.contains(&net["parentNetHandle"].as_str().unwrap_or("")));
    ours.map(|net| {
        let customer = net["customerHandle"].as_str().map(|handle| {
            let found = customers[handle];
            let street = found["streetAddress"].as_array().cloned().unwrap_or_default();
            let street: Vec<String> = street.iter().map(text).collect();
            let private = found["privateCustomer"] == true;
            [
                plain(&text(&found["customerName"])),
                plain(&street.join(" ")),
                plain(&text(&found["city"])),
                plain(&text(&found["state"])),
                plain(&text(&found["postalCode"])),
                plain(&text(&found["country"])),
                private.to_string(),
            ]
        });
        let held = Held {
            handle: text(&net["handle"]),
            parent: text(&net["parentNetHandle"]),
            org: text(&net["orgHandle"]),
            customer,
        };
        (text(&net["range"]), held)
    })
    .collect()
}

/// How a registration differs from the row of its block; empty when it does not.
pub(crate) fn differs(row: &Row, held: &Held) -> Vec<String> {
    let mut differs = Vec::new();
    if !row["org_handle"].is_empty() && row["org_handle"] != held.org {
        differs.push(format!("org {} for {}", held.org, row["org_handle"]));
    }
    if row["customer_name"].is_empty() {
        return differs;
    }
    let Some(found) = &held.customer else {
        differs.push("no customer".to_owned());
        return differs;
    };
    let street = [&row["street"], &row["street2"]].map(String::as_str).join(" ");
    let wanted = [
        ("name", row["customer_name"].as_str()),
        ("street", street.as_str()),
        ("city", row["city"].as_str()),
        ("state", row["state"].as_str()),
        ("postal code", row["postal_code"].as_str()),
        ("country", row["country"].as_str()),
        ("private", row["private"].as_str()),
    ];
    for ((what, wanted), found) in wanted.iter().zip(found) {
        // A blank cell leaves what is registered; a blank second line too.
        let same = wanted.trim().is_empty()
            || plain(wanted) == *found
            || (*what == "street" && found.starts_with(&plain(wanted)));
        if !same {
            differs.push(format!("{what} `{found}` for `{wanted}`"));
        }
    }
    differs
}

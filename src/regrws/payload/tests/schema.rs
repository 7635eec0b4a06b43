//! ARIN's RELAX NG schemas, where they lie beside the checkout, and xmllint to check by them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Schema of each root element.
const SCHEMAS: [(&str, &str); 11] = [
    ("net", "NetPayload"),
    ("customer", "CustomerPayload"),
    ("org", "OrgPayload"),
    ("poc", "PocPayload"),
    ("phone", "PhonePayload"),
    ("ticket", "TicketPayload"),
    ("ticketedRequest", "TicketedRequestPayload"),
    ("error", "ErrorPayload"),
    ("collection", "PayloadList"),
    ("delegation", "DelegationPayload"),
    ("message", "MessagePayload"),
];

/// The schemas' directory, if schemas and xmllint are at hand; else says what is not checked.
pub(super) fn at_hand() -> Option<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/schemas");
    if !directory.is_dir() {
        println!("not checked: ARIN's schemas are not at hand");
        return None;
    }
    if Command::new("xmllint").arg("--version").output().is_err() {
        println!("not checked: xmllint is not installed (Debian: libxml2-utils)");
        return None;
    }
    Some(directory)
}

/// Why each document is not valid, by its place in the list; one process a schema.
pub(super) fn faults(directory: &Path, documents: &[(String, String)]) -> BTreeMap<usize, String> {
    let work = tempfile::tempdir().unwrap();
    let mut faults = BTreeMap::new();
    for (root, schema) in SCHEMAS {
        let of: Vec<usize> = (0..documents.len()).filter(|at| documents[*at].0 == root).collect();
        if of.is_empty() {
            continue;
        }
        let mut xmllint = Command::new("xmllint");
        xmllint.current_dir(work.path()).args(["--nonet", "--noout", "--relaxng"]);
        xmllint.arg(directory.join("rng").join(format!("{schema}.rng")));
        for at in &of {
            std::fs::write(work.path().join(format!("{at}.xml")), &documents[*at].1).unwrap();
            xmllint.arg(format!("{at}.xml"));
        }
        let said = xmllint.output().unwrap();
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        let verdict =
            |line: &&str| line.ends_with(" validates") || line.ends_with(" fails to validate");
        let judged = said.lines().filter(verdict).count();
        assert_eq!(judged, of.len(), "{schema} did not judge every document:\n{said}");
        for at in of {
            if !said.lines().any(|line| line == format!("{at}.xml validates")) {
                let about = format!("{at}.xml");
                let why: Vec<&str> = said.lines().filter(|l| l.starts_with(&about)).collect();
                faults.insert(at, format!("{}\n{}", documents[at].1, why.join("\n")));
            }
        }
    }
    faults
}

//! Bad inputs: every file of `tests/bad` against what its sidecar expects.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde::Deserialize;
use serde_json::Value;

use crate::desk::{Desk, code};

/// How many cases the corpus has.
const CASES: usize = 102;
/// Header and a row of the files made here.
const HEADER: &str = "prefix,customer_name,street,city,state,postal_code,country";
const REST: &str = "412 Maple Street,Oak Park,IL,60302,US";

/// Findings shown where they are not those expected.
const SHOWN_MAX: usize = 10;

/// A sidecar: what is in the file, and what is expected of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "what people read beside what is tested")]
struct Case {
    /// What is wrong.
    case: String,
    /// Which part of the list of cases it is from.
    table: String,
    /// Where the contract differs from that list, and how.
    differs: Option<String>,
    /// What else is to be known.
    note: Option<String>,
    /// What a file cannot show, and where it is shown.
    elsewhere: Option<String>,
    run: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    /// A file beside the sidecar, or what is made.
    input: Option<String>,
    make: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    exit: i32,
    /// `ROW RULE`, and `@LINE` where the line matters.
    findings: Vec<String>,
    rows: Option<u64>,
    /// A part of what stderr says.
    stderr: Option<String>,
    /// What may be shown nowhere.
    never: Option<String>,
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

#[test]
fn every_bad_input_is_named_by_its_rule() {
    let entries = std::fs::read_dir(corpus()).unwrap();
    let mut sidecars: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    sidecars.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    sidecars.sort();
    assert_eq!(sidecars.len(), CASES);
    let mut faults = Vec::new();
    for sidecar in &sidecars {
        let text = std::fs::read_to_string(sidecar).unwrap();
        let case: Case = toml::from_str(&text).unwrap_or_else(|e| panic!("{sidecar:?}: {e}"));
        assert!(!case.run.is_empty(), "{sidecar:?} shows nothing");
        for run in &case.run {
            if let Err(fault) = judge(run) {
                faults.push(format!("{}: {fault}", sidecar.file_stem().unwrap().display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_of_the_corpus_has_a_sidecar_that_reads_it() {
    let names = |ending: fn(&str) -> bool| -> BTreeSet<String> {
        let entries = std::fs::read_dir(corpus()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| ending(name)).collect()
    };
    let mut inputs = names(|name| !name.ends_with(".toml"));
    inputs.remove("parents.csv");
    let mut read = BTreeSet::new();
    for sidecar in names(|name| name.ends_with(".toml")) {
        let text = std::fs::read_to_string(corpus().join(sidecar)).unwrap();
        let case: Case = toml::from_str(&text).unwrap();
        read.extend(case.run.into_iter().filter_map(|run| run.input));
    }
    assert_eq!(inputs, read);
}

fn judge(run: &Run) -> Result<(), String> {
    let desk = Desk::new();
    if run.make.as_deref() == Some("changing") {
        return changed_meanwhile(&desk);
    }
    let input = match (&run.input, &run.make) {
        (Some(input), None) => corpus().join(input),
        (None, Some(make)) => made(&desk, make),
        _ => return Err("a run has an input, or it is made".to_owned()),
    };
    let parents = corpus().join("parents.csv");
    let (input, parents) = (input.to_str().unwrap(), parents.to_str().unwrap());
    let mut args = vec!["check", input, "--parents", parents, "--as-of", "2026-11-24"];
    args.extend(run.args.iter().map(String::as_str));
    if run.never.is_some() || run.stderr.is_some() {
        expect(run, &desk.swip(&args))?;
    }
    if run.stderr.is_some() {
        return Ok(());
    }
    args.extend(["--format", "json"]);
    let json = desk.swip(&args);
    expect(run, &json)?;
    findings(run, input, &serde_json::from_slice(&json.stdout).map_err(|e| e.to_string())?)
}

/// What holds for the output in any form.
fn expect(run: &Run, output: &Output) -> Result<(), String> {
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].map(String::from_utf8_lossy);
    if code(output) != run.exit {
        return Err(format!("exit {} instead of {}: {}", code(output), run.exit, said[1]));
    }
    if let Some(never) = run.never.as_ref().filter(|n| said.iter().any(|s| s.contains(*n))) {
        return Err(format!("{never:?} is shown"));
    }
    match &run.stderr {
        Some(part) if !said[1].contains(part) => Err(format!("stderr says {:?}", said[1])),
        _ => Ok(()),
    }
}

fn findings(run: &Run, input: &str, json: &Value) -> Result<(), String> {
    let mut found = Vec::new();
    for finding in json["findings"].as_array().ok_or("no findings")? {
        let rule = finding["rule"].as_str().unwrap_or_default();
        if finding["file"] != input || finding["message"] == "" || finding["help"] == "" {
            return Err(format!("a finding does not say where, what or how: {finding}"));
        }
        found.push((format!("{} {rule}", finding["row"]), format!(" @{}", finding["line"])));
    }
    let fits = found.len() == run.findings.len()
        && run.findings.iter().zip(&found).all(|(expected, (rule, line))| {
            expected == rule || *expected == format!("{rule}{line}")
        });
    let found: Vec<String> =
        found.into_iter().map(|(rule, line)| rule + &line).take(SHOWN_MAX).collect();
    if !fits {
        return Err(format!("{input}: found {found:?}, expected {:?}", run.findings));
    }
    match run.rows {
        Some(rows) if json["rows"] != rows => {
            Err(format!("{} rows instead of {rows}", json["rows"]))
        }
        _ => Ok(()),
    }
}

/// A file that is too large to be kept, or is no file.
fn made(desk: &Desk, make: &str) -> PathBuf {
    let path = desk.path("made.csv");
    let number = || make.split(' ').find_map(|word| word.parse::<usize>().ok()).unwrap();
    let mut text = format!("{HEADER}\n");
    match make.split(' ').next().unwrap() {
        "device" => return PathBuf::from("/dev/zero"),
        "directory" => return desk.0.path().to_owned(),
        "pipe" => {
            let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
            assert!(made.success());
            return path;
        }
        "socket" => {
            std::os::unix::net::UnixListener::bind(&path).unwrap();
            return path;
        }
        "link" => {
            let secret = format!("{} tail-of-the-secret\n", "secret ".repeat(60));
            std::fs::write(desk.path("secret"), secret).unwrap();
            std::os::unix::fs::symlink(desk.path("secret"), &path).unwrap();
            return path;
        }
        "cell" => text += &format!("192.0.2.0/29,{},{REST}\n", "a".repeat(number())),
        "line" => text += &"a".repeat(number()),
        _ if make.ends_with("columns") => text = format!("{}\n", vec!["a"; number()].join(",")),
        _ if make.ends_with("rows") => {
            for row in 0..number() {
                let block = format!("198.18.{}.{}/29", row / 32, row % 32 * 8);
                text += &format!("{block},Maple Bakery {row},{REST}\n");
            }
        }
        other => panic!("{other:?} cannot be made"),
    }
    std::fs::write(&path, text).unwrap();
    path
}

/// A file that grows between its first and its last byte read.
fn changed_meanwhile(desk: &Desk) -> Result<(), String> {
    let path = desk.path("growing.csv");
    let row = format!("192.0.2.0/29,Maple Bakery,{REST}");
    std::fs::write(&path, format!("{HEADER}\n{row}\n")).unwrap();
    let options = swip::intake::IntakeOptions::default();
    let inputs = swip::intake::Inputs::open(std::slice::from_ref(&path), options)
        .map_err(|e| e.to_string())?;
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    writeln!(file, "{row}").unwrap();
    match inputs.survey(|| (), |(), _, _| (), |(), _| ()) {
        Err(fault) if fault.to_string().contains("changed while it was being read") => Ok(()),
        Err(fault) => Err(fault.to_string()),
        Ok(_) => Err("the change was not seen".to_owned()),
    }
}

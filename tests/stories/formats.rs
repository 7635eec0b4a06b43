//! Exports as they are: each format's sample against the canonical CSV expected of it.

use std::path::{Path, PathBuf};

use crate::desk::{Desk, code};

fn tables() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/intake/formats/tables")
}

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(tables()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .filter(|name| !name.contains('.'))
        .collect();
    names.sort();
    names
}

/// The samples of a format, `NAME.sample[-VARIANT].ENDING`, with their variants; of a format of
/// recipients the rows that they are joined with.
fn samples(name: &str) -> Vec<(String, String)> {
    let begin = format!("{name}.sample");
    let entries = std::fs::read_dir(tables()).unwrap();
    let files = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let rest = |file: &str| file.strip_prefix(&begin)?.rsplit_once('.').map(|(v, _)| v.to_owned());
    let mut samples: Vec<_> = files.filter_map(|file| Some((rest(&file)?, file))).collect();
    samples.sort();
    samples
}

fn desk_with_tables() -> Desk {
    let desk = Desk::new();
    for entry in std::fs::read_dir(tables()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), desk.path(entry.file_name().to_str().unwrap())).unwrap();
    }
    desk
}

#[test]
fn every_format_turns_its_sample_into_the_canonical_csv_expected_of_it() {
    let desk = desk_with_tables();
    let names = names();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let samples = samples(&name);
        assert!(!samples.is_empty(), "{name} has no sample");
        for (variant, sample) in samples {
            let read = |kind: &str| std::fs::read_to_string(desk.path(&format!("{name}.{kind}")));
            let arguments = read(&format!("args{variant}")).unwrap_or_default();
            // A file of recipients is joined with rows, which stand beside it.
            let rows = format!("{name}.rows.csv");
            let args: Vec<&str> = if desk.path(&rows).exists() {
                vec!["convert", &rows, "--recipients", &sample]
            } else {
                ["convert", &sample].into_iter().chain(arguments.split_whitespace()).collect()
            };
            let output = desk.swip(&args);
            assert_eq!(code(&output), 0, "{sample}: {}", String::from_utf8_lossy(&output.stderr));
            let expected = read(&format!("expected{variant}.csv")).unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{sample}");
        }
    }
}

#[test]
fn a_converted_sample_and_the_sample_itself_give_the_same_findings() {
    let desk = desk_with_tables();
    for name in ["netbox-prefixes", "infoblox", "rwhois", "swip-template"] {
        let (_, sample) = samples(name).remove(0);
        let arguments = std::fs::read_to_string(desk.path(&format!("{name}.args")));
        let arguments = arguments.unwrap_or_default();
        let options: Vec<&str> = arguments.split_whitespace().collect();
        let converted = desk.swip(&[&["convert", sample.as_str()], options.as_slice()].concat());
        std::fs::write(desk.path("converted.csv"), &converted.stdout).unwrap();
        // The canonical CSV holds no parents: those of the sample go beside it.
        let found = desk.swip(&[&["parents", sample.as_str()], options.as_slice()].concat());
        std::fs::write(desk.path("found.csv"), &found.stdout).unwrap();
        let any = found.stdout.iter().filter(|byte| **byte == b'\n').count() > 1;
        let parents: &[&str] = if any { &["--parents", "found.csv"] } else { &[] };
        let rules = |args: &[&str]| {
            let output = desk.swip(args);
            let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let findings = json["findings"].as_array().unwrap().clone();
            let rules = findings.iter().map(|f| f["rule"].as_str().unwrap().to_owned());
            let rules: Vec<String> = rules.filter(|rule| rule != "transliterated").collect();
            (rules, json["requests"].clone())
        };
        let below = ["--below-policy", "skip", "--format", "json"];
        let direct = rules(&[&["check", sample.as_str()], options.as_slice(), &below].concat());
        let canonical = rules(&[&["check", "converted.csv"][..], parents, &below].concat());
        assert_eq!(direct, canonical, "{name}");
    }
}

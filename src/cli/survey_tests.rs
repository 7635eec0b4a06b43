//! Both commands find the same, wherever the cuts fall and however many threads read; every row and
//! line is true.

use std::io::Write as _;
use std::path::PathBuf;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::cli::findings;
use crate::intake::IntakeOptions;
use crate::plan::registered::RegisteredSet;
use crate::plan::{BelowPolicy, CheckOptions};
use crate::report::space::grouped;

const HEADER: &str = "reference,prefix,net_name,org_handle,comment";
const PARENTS: &str = "net_handle,prefix\nNET-1,10.0.0.0/16\nNET-2,10.0.1.0/24\n";

/// A survey of a text, cut into parts of a size.
fn survey(file: &tempfile::NamedTempFile, part_bytes: usize) -> Survey {
    let mut parents = tempfile::NamedTempFile::new().unwrap();
    parents.write_all(PARENTS.as_bytes()).unwrap();
    let (parents, _) = crate::intake::parents::read(parents.path()).unwrap();
    let options = CheckOptions {
        allow_whole_parent: false,
        below_policy: BelowPolicy::Register,
        as_of: date(2026, 11, 24),
        deadline_days: crate::plan::policy::DEADLINE_DAYS,
    };
    let judge = Judge::new(Some(parents), RegisteredSet::new(), options);
    let paths: [PathBuf; 1] = [file.path().to_owned()];
    let inputs = Inputs::open(&paths, IntakeOptions::default()).unwrap();
    Survey::new(inputs.with_part_bytes(part_bytes), judge, Vec::new()).unwrap()
}

fn json(survey: &Survey) -> serde_json::Value {
    let mut out = Vec::new();
    findings::json(&mut out, survey).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn text(survey: &Survey) -> String {
    let mut out = Vec::new();
    findings::text(&mut out, survey, findings::MAX_FINDINGS, false).unwrap();
    String::from_utf8(out).unwrap()
}

/// A cell of each kind of fault, and sound ones; `NN` stands for the row's number.
const ROWS: [&str; 9] = [
    "RNN,10.0.0.8/29,,MAPLE-7,",
    "RNN,10.0.NN.0/29,,MAPLE-7,sound",
    "RNN,10.0.0.9/29,,MAPLE-7,host bits",
    "RNN,10.9.0.0/16,,MAPLE-7,outside",
    "RNN,10.0.2.0/29,A_B,MAPLE-7,\"two\nlines\"",
    "RNN,10.0.3.0/29,,,\"a \"\"quote\"\"\"",
    "RNN,10.0.0.0/24,,MAPLE-7,over the first",
    "RNN,10.0.4.0/29,a\"b,MAPLE-7,",
    "RNN,10.0.5.0/29,too,few",
];

fn plan() -> impl Strategy<Value = String> {
    let rows = prop::collection::vec((0..ROWS.len(), 0_usize..4), 1..40);
    (rows, any::<bool>()).prop_map(|(rows, mark)| {
        let mut text = format!("{}{HEADER}\n", if mark { "\u{feff}" } else { "" });
        for (number, (row, end)) in (1..).zip(rows) {
            text.push_str(&ROWS[row].replace("NN", &number.to_string()));
            text.push_str(["\n", "\r\n", "\n\n", "\r\n"][end]);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn cuts_and_threads_change_nothing_and_both_commands_find_the_same(
        plan in plan(),
        size in 1_usize..200,
    ) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(plan.as_bytes()).unwrap();
        let whole = survey(&file, 1 << 16);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let cut = one.install(|| survey(&file, size));
        let all = json(&whole);
        prop_assert_eq!(&all, &json(&cut));
        prop_assert_eq!(text(&whole), text(&cut));
        // `submit` holds the same findings in memory.
        let checked = cut.checked().unwrap();
        let listed: Vec<(u64, u64, &str, &str)> = checked
            .findings
            .iter()
            .map(|f| (f.at.row, f.at.line, f.rule.as_str(), f.message.as_str()))
            .collect();
        let told: Vec<(u64, u64, &str, &str)> = all["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| (
                f["row"].as_u64().unwrap(),
                f["line"].as_u64().unwrap(),
                f["rule"].as_str().unwrap(),
                f["message"].as_str().unwrap(),
            ))
            .collect();
        prop_assert_eq!(listed, told.clone());
        prop_assert_eq!(checked.plan.steps().count() as u64, cut.totals().requests);
        prop_assert_eq!(checked.plan.rows.len() as u64, cut.facts.rows);
        // Rows in file order, and the line is the one that the row begins on.
        let lines: Vec<&str> = plan.split('\n').collect();
        let begins: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with('R')).collect();
        for (row, line, ..) in told.iter().filter(|(row, ..)| *row > 0) {
            let begin = begins[usize::try_from(*row).unwrap() - 1] as u64 + 1;
            prop_assert_eq!(*line, begin);
        }
        for row in &checked.plan.rows {
            prop_assert_eq!(row.at.line, begins[usize::try_from(row.at.row).unwrap() - 1] as u64 + 1);
        }
    }
}

#[test]
fn one_cause_repeated_is_one_group_with_a_count() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{HEADER}").unwrap();
    for at in 0..5000 {
        let (high, low) = (16 + at / 32 % 200, at % 32 * 8);
        writeln!(file, "R{at},10.0.{high}.{low}/29,A_B,MAPLE-7,").unwrap();
    }
    let survey = survey(&file, 1 << 12);
    let text = text(&survey);
    let (others, all) = (grouped(4999), grouped(5000));
    let counts = format!("= {others} more like this, {all} in all: rows 1, 2, 3,");
    assert!(text.contains(&counts), "{text}");
    assert!(text.contains(&format!("{all}  error    net-name-charset in net_name")), "{text}");
    assert!(text.lines().count() < 20, "{text}");
    assert_eq!(json(&survey)["findings"].as_array().unwrap().len(), 5000);
}

#[test]
fn a_header_repeated_in_the_middle_is_one_finding() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "{HEADER}\nR1,10.0.0.8/29,,A-1,\n{HEADER}\nR2,10.0.0.16/29,,\tA-1,\n").unwrap();
    let all = json(&survey(&file, 1 << 12));
    let found: Vec<(u64, u64, &str)> = all["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            (f["row"].as_u64().unwrap(), f["line"].as_u64().unwrap(), f["rule"].as_str().unwrap())
        })
        .collect();
    assert_eq!(found, [(2, 3, "repeated-header"), (3, 4, "bad-handle")]);
}

//! The stages of a check, each alone and as often as asked, for counting instructions.

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};
use jiff::civil::date;
use swip::domain::{AddressRange, NetName};
use swip::intake::{self, Inputs, IntakeOptions};
use swip::plan::registered::RegisteredSet;
use swip::plan::{BelowPolicy, CheckOptions, Judge, RowIndex};

/// All of them: reading with the `csv` crate alone, reading and judging cells, blocks and net
/// names as text alone, relating what was read, and everything.
pub(super) const NAMES: [&str; 6] = ["csv", "parse", "address", "name", "overlap", "check"];

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Reads every record and does nothing else: how many there are.
pub(super) fn floor(plan: &Path) -> Outcome<u64> {
    let mut reader = ReaderBuilder::new().has_headers(true).from_path(plan)?;
    let mut record = ByteRecord::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut record)? {
        rows += 1;
    }
    Ok(rows)
}

/// Runs a stage so many times over a plan.
pub(super) fn run(stage: &str, plan: &Path, parents: &Path, passes: u32) -> Outcome<()> {
    match stage {
        "csv" => (0..passes).try_for_each(|_| floor(plan).map(|_| ())),
        "parse" => parse(plan, passes),
        "address" => {
            let blocks = column(plan, "prefix")?;
            each(passes, &blocks, |text| {
                let _ = black_box(AddressRange::parse_cidr(text));
            });
            Ok(())
        }
        "name" => {
            let names = column(plan, "net_name")?;
            each(passes, &names, |text| {
                let _ = black_box(NetName::check(text));
            });
            Ok(())
        }
        "overlap" => overlap(plan, parents, passes),
        "check" => check(plan, parents, passes),
        other => Err(format!("no stage is called {other}").into()),
    }
}

fn each(passes: u32, texts: &[String], work: impl Fn(&str)) {
    for _ in 0..passes {
        texts.iter().for_each(|text| work(text));
    }
}

/// The texts of a column.
fn column(plan: &Path, name: &str) -> Outcome<Vec<String>> {
    let mut reader = csv::Reader::from_path(plan)?;
    let at = reader.headers()?.iter().position(|header| header == name).ok_or("no such column")?;
    let records: Result<Vec<csv::StringRecord>, csv::Error> = reader.records().collect();
    Ok(records?.iter().map(|record| record.get(at).unwrap_or_default().to_owned()).collect())
}

fn inputs(plan: &Path) -> Outcome<Inputs> {
    Ok(Inputs::open(&[PathBuf::from(plan)], IntakeOptions::default())?)
}

fn parse(plan: &Path, passes: u32) -> Outcome<()> {
    let inputs = inputs(plan)?;
    for _ in 0..passes {
        inputs.survey(
            || (),
            |(), _, row| {
                black_box(row);
            },
            |(), _| (),
        )?;
    }
    Ok(())
}

fn judge(parents: &Path) -> Outcome<Judge> {
    let options = CheckOptions {
        allow_whole_parent: false,
        below_policy: BelowPolicy::Register,
        as_of: date(2026, 11, 24),
        deadline_days: 7,
    };
    let (parents, _) = intake::parents::read(parents)?;
    Ok(Judge::new(Some(parents), RegisteredSet::new(), options))
}

/// What is kept of every row, and the number of the row before each part.
fn indexes(inputs: &Inputs, judge: &Judge) -> Outcome<(Vec<RowIndex>, Vec<u64>)> {
    let take = |index: &mut RowIndex, local: u32, row: &mut intake::Row<'_>| {
        let judged = judge.judge(row.view, &mut row.findings);
        index.take(local, row.view, &judged);
    };
    let (facts, left, indexes) = inputs.survey(RowIndex::default, take, RowIndex::end_part)?;
    let bases = (0..left.len()).map(|part| facts.row_before(part)).collect();
    Ok((indexes, bases))
}

fn overlap(plan: &Path, parents: &Path, passes: u32) -> Outcome<()> {
    let (inputs, judge) = (inputs(plan)?, judge(parents)?);
    // Both are always read, so that only the relating differs between one pass and two.
    let read = [indexes(&inputs, &judge)?, indexes(&inputs, &judge)?];
    for (indexes, bases) in read.into_iter().take(passes as usize) {
        black_box(judge.relate(indexes, &bases));
    }
    Ok(())
}

fn check(plan: &Path, parents: &Path, passes: u32) -> Outcome<()> {
    let (inputs, judge) = (inputs(plan)?, judge(parents)?);
    for _ in 0..passes {
        let (indexes, bases) = indexes(&inputs, &judge)?;
        black_box(judge.relate(indexes, &bases));
    }
    Ok(())
}

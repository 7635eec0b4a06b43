//! Laws of every format: no damage makes the reader fall over, and every row is accounted for.

use std::path::Path;

use proptest::prelude::*;

use super::convert::{Options, convert};
use super::draft::Draft;
use crate::domain::FileId;
use crate::intake::source::Source;

/// The samples of all formats.
fn samples() -> Vec<Vec<u8>> {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/intake/formats/tables");
    let mut paths: Vec<_> =
        std::fs::read_dir(tables).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().contains(".sample"));
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Rows handed on, of which left out, rows counted, and whether the file was refused.
fn converted(bytes: &[u8], options: &Options) -> (u64, u64, super::convert::Converted) {
    let desk = tempfile::tempdir().unwrap();
    let path = desk.path().join("export");
    std::fs::write(&path, bytes).unwrap();
    let (mut rows, mut left_out) = (0, 0);
    let mut take = |draft: &Draft| {
        rows += 1;
        left_out += u64::from(draft.left_out);
        assert_eq!(draft.at.row, rows, "rows are numbered without gaps");
    };
    let source = Source::open(&path).unwrap();
    let converted = convert(&source, FileId(0), options, &mut take).unwrap();
    (rows, left_out, converted)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn damage_is_told_and_every_row_is_accounted_for(
        sample in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        doubled in any::<prop::sample::Index>(),
    ) {
        let samples = samples();
        let mut bytes = samples[sample.index(samples.len())].clone();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let line = doubled.index(bytes.len());
        let again: Vec<u8> = bytes[line..].iter().copied().take(100).collect();
        bytes.splice(line..line, again);
        bytes.truncate(1 + cut.index(bytes.len()));
        let (rows, left_out, converted) = converted(&bytes, &Options::default());
        prop_assert_eq!(converted.rows, rows);
        prop_assert_eq!(converted.left_out, left_out);
        let explanation = &converted.explanation;
        let skipped: u64 = explanation.skipped.values().map(|tally| tally.count).sum();
        prop_assert_eq!(explanation.rows, explanation.taken + skipped);
    }
}

#[test]
fn a_long_run_of_protected_space_takes_no_memory() {
    let mut text = String::from("ID,Prefix,Status,Tenant\n");
    for at in 0..512 {
        text += &format!("{at},198.18.{}.{}/29,Parked,Maple\n", at / 32, at % 32 * 8);
    }
    text += "900,198.19.0.0/29,Parked,Maple\n901,no block,Parked,Maple\n902,none,Parked,Maple\n";
    let (.., converted) = converted(text.as_bytes(), &Options::default());
    let blocks: Vec<String> = converted
        .protected
        .iter()
        .map(|p| format!("{} {}", p.row, p.block.map_or("?".to_owned(), |b| b.to_string())))
        .collect();
    assert_eq!(blocks, ["1 198.18.0.0/20", "513 198.19.0.0/29", "514 ?"]);
}

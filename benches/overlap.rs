//! Relating the rows of a plan: a clean plan, a plan inside one big block, identical rows, and
//! ranges that overlap in part.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use jiff::civil::date;
use swip::domain::{AddressRange, Family, RowView};
use swip::plan::registered::RegisteredSet;
use swip::plan::{BelowPolicy, CheckOptions, Judge, RowIndex};

/// Rows of each shape.
const ROWS: u32 = 100_000;

fn block(shape: &str, row: u32) -> AddressRange {
    let begin = u128::from(row) * 16;
    let (first, last) = match shape {
        "identical" => (0, 7),
        "nested" if row == 0 => (0, u128::from(u32::MAX)),
        "partial" => (begin, begin + 24),
        _ => (begin, begin + 7),
    };
    AddressRange::from_bounds(Family::V4, first, last).unwrap_or_else(|| unreachable!())
}

fn judge() -> Judge {
    let options = CheckOptions {
        allow_whole_parent: false,
        below_policy: BelowPolicy::Register,
        as_of: date(2026, 11, 24),
        deadline_days: 7,
    };
    Judge::new(None, RegisteredSet::new(), options)
}

fn index(judge: &Judge, shape: &str) -> RowIndex {
    let mut index = RowIndex::default();
    for row in 0..ROWS {
        let view = RowView { block: Some(block(shape, row)), sound: true, ..RowView::default() };
        index.take(row, &view, &judge.judge(&view, &mut Vec::new()));
    }
    index.end_part(0);
    index
}

fn overlap(c: &mut Criterion) {
    let mut group = c.benchmark_group("overlap");
    group.sample_size(10);
    let judge = judge();
    for shape in ["clean", "nested", "identical", "partial"] {
        group.bench_function(BenchmarkId::from_parameter(shape), |b| {
            b.iter_batched(
                || vec![index(&judge, shape)],
                |indexes| black_box(judge.relate(indexes, &[0])),
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, overlap);
criterion_main!(benches);

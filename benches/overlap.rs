//! The overlap sweep: a clean plan, a plan inside one big block, and identical rows.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use swip::plan::overlap::{Span, collisions};

/// Rows of each shape.
const ROWS: u64 = 100_000;

fn spans(shape: &str) -> Vec<Span> {
    let span = |row: u64| {
        let first = u128::from(row) * 16;
        let (first, last) = match shape {
            "identical" => (0, 7),
            "nested" if row == 1 => (0, u128::MAX),
            _ => (first, first + 7),
        };
        Span { group: 0, first, last, row }
    };
    (1..=ROWS).map(span).collect()
}

fn overlap(c: &mut Criterion) {
    let mut group = c.benchmark_group("overlap");
    group.sample_size(10);
    for shape in ["clean", "nested", "identical"] {
        let spans = spans(shape);
        group.bench_function(BenchmarkId::from_parameter(shape), |b| {
            b.iter(|| black_box(collisions(spans.clone())));
        });
    }
    group.finish();
}

criterion_group!(benches, overlap);
criterion_main!(benches);

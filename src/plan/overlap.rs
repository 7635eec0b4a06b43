//! Overlap among the rows of a plan: sort and sweep, by row and never by pair.
//!
//! Owns which earlier rows a row collides with. Must not know: what a row is beyond its span.

use std::collections::BTreeSet;

use rayon::slice::ParallelSliceMut;

use crate::domain::finding::RELATED_ROWS_MAX;

/// What the sweep needs to know of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Group of rows that must not overlap: one per parent and family.
    pub group: u32,
    /// First address.
    pub first: u128,
    /// Last address.
    pub last: u128,
    /// Row number.
    pub row: u64,
}

/// A row that overlaps earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// The later row.
    pub row: u64,
    /// The earlier rows: the lowest [`RELATED_ROWS_MAX`].
    pub earlier: Vec<u64>,
    /// How many there are: exact to [`RELATED_ROWS_MAX`], then a true lower bound.
    pub total: u64,
}

/// Every row that overlaps a row with a lower number in its group, by row number.
#[must_use]
pub fn collisions(mut spans: Vec<Span>) -> Vec<Collision> {
    spans.par_sort_unstable();
    let mut found = Vec::new();
    let mut begin = 0;
    // A cluster is a maximal run of spans whose union is contiguous: only inside one can rows
    // collide, and a sound plan has clusters of one.
    while begin < spans.len() {
        let mut end = begin + 1;
        let mut reach = spans[begin].last;
        while let Some(next) = spans.get(end) {
            if next.group != spans[begin].group || next.first > reach {
                break;
            }
            reach = reach.max(next.last);
            end += 1;
        }
        if end - begin > 1 {
            cluster(&spans[begin..end], &mut found);
        }
        begin = end;
    }
    found.sort_unstable_by_key(|collision| collision.row);
    found
}

/// Rows of sorted spans that share an address with any other row of their group.
#[must_use]
pub fn sharing(sorted: &[Span]) -> Vec<u64> {
    let mut rows = Vec::new();
    let mut reach: Option<(u32, u128)> = None;
    for (at, span) in sorted.iter().enumerate() {
        let before = reach.is_some_and(|(group, last)| group == span.group && span.first <= last);
        let next = sorted.get(at + 1);
        let behind = next.is_some_and(|n| n.group == span.group && n.first <= span.last);
        if before || behind {
            rows.push(span.row);
        }
        reach = match reach {
            Some((group, last)) if group == span.group => Some((group, last.max(span.last))),
            _ => Some((span.group, span.last)),
        };
    }
    rows
}

/// Collisions within one cluster: for each row its lowest overlapping rows, by a segment tree
/// over start order that holds the lowest row numbers of spans reaching far enough.
fn cluster(spans: &[Span], found: &mut Vec<Collision>) {
    let index = LowestRows::new(spans);
    for span in spans {
        let earlier = index.overlapping_below(span);
        if !earlier.is_empty() {
            let total = earlier.len() as u64;
            found.push(Collision { row: span.row, earlier, total });
        }
    }
}

/// An implicit tree over spans in start order; each node knows the furthest end and the lowest
/// row below it, so that the lowest overlapping rows are found best first.
struct LowestRows<'s> {
    spans: &'s [Span],
    size: usize,
    /// Per node: furthest end, lowest row.
    nodes: Vec<(u128, u64)>,
}

impl<'s> LowestRows<'s> {
    fn new(spans: &'s [Span]) -> Self {
        let size = spans.len().next_power_of_two();
        let mut nodes = vec![(0, u64::MAX); 2 * size];
        for (at, span) in spans.iter().enumerate() {
            nodes[size + at] = (span.last, span.row);
        }
        for at in (1..size).rev() {
            let (left, right) = (nodes[2 * at], nodes[2 * at + 1]);
            nodes[at] = (left.0.max(right.0), left.1.min(right.1));
        }
        Self { spans, size, nodes }
    }

    /// The lowest rows below `span.row` that overlap it, at most [`RELATED_ROWS_MAX`], ascending.
    fn overlapping_below(&self, span: &Span) -> Vec<u64> {
        let behind = self.spans.partition_point(|other| other.first <= span.last);
        let mut open = BTreeSet::from([(self.nodes[1].1, 1_usize)]);
        let mut rows = Vec::new();
        while let Some((row, at)) = open.pop_first() {
            if row >= span.row || rows.len() == RELATED_ROWS_MAX {
                break;
            }
            if at >= self.size {
                rows.push(row);
                continue;
            }
            for child in [2 * at, 2 * at + 1] {
                let (reach, lowest) = self.nodes[child];
                if reach >= span.first && self.leftmost(child) < behind && lowest < span.row {
                    open.insert((lowest, child));
                }
            }
        }
        rows
    }

    /// Index of the first span below a node.
    fn leftmost(&self, node: usize) -> usize {
        let depth = node.ilog2();
        let span = self.size >> depth;
        (node - (1 << depth)) * span
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn brute(spans: &[Span]) -> Vec<Collision> {
        let mut rows: Vec<&Span> = spans.iter().collect();
        rows.sort_by_key(|span| span.row);
        let overlaps =
            |a: &Span, b: &Span| a.group == b.group && a.first <= b.last && b.first <= a.last;
        rows.iter()
            .filter_map(|span| {
                let all: Vec<u64> = rows
                    .iter()
                    .filter(|other| other.row < span.row && overlaps(other, span))
                    .map(|other| other.row)
                    .collect();
                let earlier: Vec<u64> = all.iter().copied().take(RELATED_ROWS_MAX).collect();
                let total = earlier.len() as u64;
                (total > 0).then_some(Collision { row: span.row, earlier, total })
            })
            .collect()
    }

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        let shape = prop_oneof![
            (0_u128..40, 0_u128..8),
            (0_u128..8, 0_u128..64),
            (0_u128..1000, 0_u128..2),
            Just((0, u128::MAX)),
            Just((u128::MAX, 0)),
        ];
        prop::collection::vec((0_u32..3, shape), 0..60).prop_map(|shapes| {
            let span = |(row, (group, (first, length))): (usize, (u32, (u128, u128)))| Span {
                group,
                first,
                last: first.saturating_add(length),
                row: row as u64 + 1,
            };
            shapes.into_iter().enumerate().map(span).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn equals_the_brute_force(spans in spans(), rotate in 0_usize..60) {
            let mut shuffled = spans.clone();
            if !shuffled.is_empty() {
                let by = rotate % shuffled.len();
                shuffled.rotate_left(by);
            }
            prop_assert_eq!(collisions(shuffled), brute(&spans));
        }
    }

    proptest! {
        #[test]
        fn sharing_names_every_row_of_every_pair(spans in spans()) {
            let mut sorted = spans.clone();
            sorted.sort_unstable();
            let mut found = sharing(&sorted);
            found.sort_unstable();
            let shares = |a: &Span| spans.iter().any(|b| {
                a.row != b.row && a.group == b.group && a.first <= b.last && b.first <= a.last
            });
            let expected: Vec<u64> = spans.iter().filter(|s| shares(s)).map(|s| s.row).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_hundred_thousand_identical_rows_are_no_quadratic_matter() {
        let rows = 100_000;
        let spans = (1..=rows).map(|row| Span { group: 0, first: 8, last: 15, row });
        let found = collisions(spans.collect());
        assert_eq!(found.len(), usize::try_from(rows).unwrap() - 1);
        assert_eq!(found.last().unwrap().earlier, (1..=10).collect::<Vec<u64>>());
    }
}

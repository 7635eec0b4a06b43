//! Collisions within a cluster of ranges that overlap in part.
//!
//! A row's earlier rows are those that begin before it ends and end behind its begin. Rows are
//! asked in order of their ends, so that "begins before" means "was added"; a tree over the ends
//! holds the lowest row of each stretch, so that the ten lowest are found without a dead end,
//! whatever the shape. Must not know: groups, files.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::overlap::{Address, Collisions, Span};
use crate::domain::finding::RELATED_ROWS_MAX;

/// No row.
const NONE: u32 = u32::MAX;

/// Every row of a cluster, sorted by first address, that overlaps one with a lower number.
pub(super) fn collisions<A: Address>(cluster: &[Span<A>], found: &mut Collisions) {
    let mut by_end: Vec<u32> = (0..u32::try_from(cluster.len()).unwrap_or(NONE)).collect();
    by_end.sort_unstable_by_key(|at| (cluster[*at as usize].last, *at));
    let mut rank = vec![0_usize; cluster.len()];
    for (at, index) in by_end.iter().enumerate() {
        rank[*index as usize] = at;
    }
    let mut tree = Tree::new(cluster.len());
    let mut added = 0;
    for index in &by_end {
        let span = cluster[*index as usize];
        while let Some(next) = cluster.get(added).filter(|next| next.first <= span.last) {
            tree.add(rank[added], next.row);
            added += 1;
        }
        let from = by_end.partition_point(|at| cluster[*at as usize].last < span.first);
        let (rows, first) = tree.lowest(from, span.row);
        if let Some(first) = first.and_then(|at| by_end.get(at)) {
            let first = cluster[*first as usize];
            let block = A::widen(first.first, first.last);
            found.note((span.row, *index as usize), rows.len(), &rows, block);
        }
    }
}

/// The lowest row of every stretch of ranks.
struct Tree {
    size: usize,
    nodes: Vec<u32>,
}

impl Tree {
    fn new(leaves: usize) -> Self {
        let size = leaves.next_power_of_two();
        Self { size, nodes: vec![NONE; 2 * size] }
    }

    fn add(&mut self, rank: usize, row: u32) {
        let mut at = self.size + rank;
        while at > 0 && self.nodes[at] > row {
            self.nodes[at] = row;
            at /= 2;
        }
    }

    /// The lowest rows below `row` among the ranks from `from` on, ascending, and the rank of the
    /// lowest.
    fn lowest(&self, from: usize, row: u32) -> (Vec<u32>, Option<usize>) {
        let mut open = BinaryHeap::new();
        let offer = |open: &mut BinaryHeap<_>, at: usize| {
            if self.nodes[at] < row {
                open.push(Reverse((self.nodes[at], at)));
            }
        };
        // The stretches that together are everything from `from` on.
        let mut at = self.size + from;
        offer(&mut open, at);
        while at > 1 {
            if at.is_multiple_of(2) {
                offer(&mut open, at + 1);
            }
            at /= 2;
        }
        let (mut rows, mut first) = (Vec::new(), None);
        while let Some(Reverse((lowest, at))) = open.pop() {
            if at >= self.size {
                first = first.or(Some(at - self.size));
                rows.push(lowest);
                if rows.len() == RELATED_ROWS_MAX {
                    break;
                }
                continue;
            }
            offer(&mut open, 2 * at);
            offer(&mut open, 2 * at + 1);
        }
        (rows, first)
    }
}

//! The lowest rows of a set, at most as many as a finding lists.
//!
//! Must not know: why rows are compared.

use super::overlap::Span;
use crate::domain::finding::RELATED_ROWS_MAX;

/// The lowest rows of a set, ascending, each with the index of its span.
#[derive(Clone, Debug, Default)]
pub(super) struct Lowest {
    rows: [(u32, u32); RELATED_ROWS_MAX],
    count: usize,
}

impl Lowest {
    /// Adds a row; one that is no lower than the listed ones changes nothing.
    pub(super) fn take(&mut self, row: u32, index: usize) {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        if self.count == RELATED_ROWS_MAX {
            if self.rows[RELATED_ROWS_MAX - 1].0 <= row {
                return;
            }
            self.count -= 1;
        }
        let mut at = self.count;
        while at > 0 && self.rows[at - 1].0 > row {
            self.rows[at] = self.rows[at - 1];
            at -= 1;
        }
        self.rows[at] = (row, index);
        self.count += 1;
    }

    /// Adds equal spans, which stand in ascending order of their rows, from an index on.
    pub(super) fn take_all<A>(&mut self, spans: &[Span<A>], index: usize) {
        for (at, span) in spans.iter().take(RELATED_ROWS_MAX).enumerate() {
            self.take(span.row, index + at);
        }
    }

    /// Adds another set.
    pub(super) fn merge(&mut self, other: &Self) {
        for (row, index) in &other.rows[..other.count] {
            self.take(*row, *index as usize);
        }
    }

    /// How many of the listed rows are below `row`.
    pub(super) fn count_below(&self, row: u32) -> usize {
        self.rows[..self.count].iter().take_while(|(other, _)| *other < row).count()
    }

    /// Writes the listed rows below `row`: how many, and the index of the lowest.
    pub(super) fn below(
        &self,
        row: u32,
        into: &mut [u32; RELATED_ROWS_MAX],
    ) -> (usize, Option<usize>) {
        let listed = self.count_below(row);
        for (to, (row, _)) in into.iter_mut().zip(&self.rows[..listed]) {
            *to = *row;
        }
        (listed, (listed > 0).then(|| self.rows[0].1 as usize))
    }
}

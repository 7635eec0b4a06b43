//! The rows of one share of the groups, as they come: what is kept of each, and its part.
//!
//! Owns their room: pieces that are filled one after the other, so that no row is moved when more
//! come, and that are freed as they are gone through. Must not know: groups, what rows are to each
//! other.

/// Rows of a piece: so many that the allocator is seldom asked, so few that a piece which stays
/// half empty does not matter.
const PIECE: usize = 1 << 16;

/// A span with its group.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry<A> {
    pub(super) first: A,
    pub(super) last: A,
    pub(super) group: u32,
    /// Its number within its part, twice as large, with a mark in the lowest bit.
    pub(super) row: u32,
}

/// Rows of several parts, those of one part together.
#[derive(Debug)]
pub(super) struct Pile<A> {
    full: Vec<Vec<Entry<A>>>,
    open: Vec<Entry<A>>,
    /// The parts that have rows here, and how many rows there were behind each.
    ends: Vec<(u32, u32)>,
}

impl<A> Default for Pile<A> {
    fn default() -> Self {
        Self { full: Vec::new(), open: Vec::new(), ends: Vec::new() }
    }
}

impl<A> Pile<A> {
    /// Adds a row of the part in hand.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry<A>) {
        if self.open.len() == PIECE {
            self.full.push(std::mem::replace(&mut self.open, Vec::with_capacity(PIECE)));
        }
        self.open.push(entry);
    }

    /// Says which part the rows since the last one belong to.
    pub(super) fn end_part(&mut self, part: u32) {
        let rows = self.full.len() * PIECE + self.open.len();
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        if self.ends.last().map_or(0, |(_, end)| *end) < rows {
            self.ends.push((part, rows));
        }
    }

    /// Its rows, piece by piece.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[Entry<A>]> {
        self.full.iter().chain([&self.open]).map(Vec::as_slice)
    }

    /// The same, to be changed.
    pub(super) fn each_mut(&mut self) -> impl Iterator<Item = &mut Entry<A>> {
        self.full.iter_mut().flatten().chain(&mut self.open)
    }

    /// Hands over every row with the number of its part.
    pub(super) fn drain(self, mut sink: impl FnMut(usize, Entry<A>)) {
        let rows = self.pieces().map(<[_]>::len).sum::<usize>();
        let ended = self.ends.last().map_or(0, |(_, end)| *end as usize);
        debug_assert_eq!(ended, rows, "the part in hand was not ended: its rows would be lost");
        let mut ends = self.ends.into_iter();
        let (mut part, mut end) = (0, 0);
        let mut at = 0;
        for piece in self.full.into_iter().chain([self.open]) {
            for entry in piece {
                while at == end {
                    // Rows of a part that was not ended are none.
                    let Some(next) = ends.next() else { return };
                    (part, end) = (next.0 as usize, next.1);
                }
                sink(part, entry);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn every_row_comes_back_with_its_part(
            parts in prop::collection::btree_map(0..1000_u32, prop_oneof![0..5_usize, 0..3 * PIECE], 0..6),
        ) {
            let mut pile = Pile::default();
            let mut all = Vec::new();
            for (part, rows) in &parts {
                for row in 0..u32::try_from(*rows).unwrap() {
                    pile.push(Entry { first: *part, row, ..Entry::default() });
                    all.push((*part as usize, row));
                }
                pile.end_part(*part);
            }
            prop_assert_eq!(pile.pieces().map(<[_]>::len).sum::<usize>(), all.len());
            let mut found = Vec::new();
            pile.drain(|part, entry| found.push((part, entry.row)));
            prop_assert_eq!(found, all);
        }
    }
}

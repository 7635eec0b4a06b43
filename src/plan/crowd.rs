//! Which groups are crowded: some rows of them share an address, or it takes sorting to tell.
//!
//! Every row of a group is marked on a map of the group's space, whose cells are as fine as its
//! finest row; a cell that is marked twice makes the group crowded. Going through the rows twice in
//! the order they were read costs a third of sorting them. Must not know: rows' numbers, what is
//! done about an overlap.

use super::overlap::Address;
use super::pile::Pile;
use super::share::Share;

/// Most cells of a map for each row of its group: 8 bytes a row. A group with finer rows in a wider
/// space is sorted.
const CELLS_PER_ROW: u64 = 64;

/// An address that a map can be made of.
pub(super) trait Narrow: Address {
    /// The address as a number.
    fn number(self) -> u64;
}

impl Narrow for u32 {
    fn number(self) -> u64 {
        u64::from(self)
    }
}

impl Narrow for u64 {
    fn number(self) -> u64 {
        self
    }
}

/// What is known of one group.
#[derive(Clone, Copy, Debug)]
struct Crowd {
    rows: u64,
    lowest: u64,
    highest: u64,
    /// Every bit that is set in the first address of a row, or not set in the last.
    edges: u64,
    /// Bits of an address within a cell.
    shift: u32,
    /// Where its map begins, in words.
    map: usize,
    crowded: bool,
}

impl Crowd {
    const EMPTY: Self =
        Self { rows: 0, lowest: u64::MAX, highest: 0, edges: 0, shift: 0, map: 0, crowded: false };

    fn take(&mut self, first: u64, last: u64) {
        self.rows += 1;
        self.lowest = self.lowest.min(first);
        self.highest = self.highest.max(last);
        self.edges |= first | !last;
    }

    /// Gives the group its map behind `map` words: how many it takes.
    fn draw(&mut self, map: usize) -> usize {
        if self.rows < 2 {
            return 0;
        }
        self.shift = self.edges.trailing_zeros().min(u64::BITS - 1);
        let cells = (self.highest >> self.shift) - (self.lowest >> self.shift);
        if cells >= self.rows.saturating_mul(CELLS_PER_ROW) {
            self.crowded = true;
            return 0;
        }
        self.map = map;
        usize::try_from(cells / u64::from(u64::BITS) + 1).unwrap_or_default()
    }

    /// Marks a row's cells.
    fn mark(&mut self, words: &mut [u64], first: u64, last: u64) {
        let begin = self.lowest >> self.shift;
        let cell = |address: u64| (address >> self.shift) - begin;
        let (mut at, end) = (cell(first), cell(last));
        loop {
            let bit = at % u64::from(u64::BITS);
            // As many cells as there are, to the end of the word at most.
            let count = (end - at).min(u64::from(u64::BITS) - 1 - bit);
            let mask = (u64::MAX >> (u64::from(u64::BITS) - 1 - count)) << bit;
            let word = usize::try_from(at / u64::from(u64::BITS)).unwrap_or(usize::MAX);
            let Some(word) = words.get_mut(self.map.saturating_add(word)) else { return };
            if *word & mask != 0 {
                self.crowded = true;
                return;
            }
            *word |= mask;
            if count == end - at {
                return;
            }
            at += count + 1;
        }
    }
}

/// What is known of the groups of a share.
pub(super) struct Crowds(Vec<Crowd>);

impl Crowds {
    /// Looks at every row twice.
    pub(super) fn of<A: Narrow>(share: Share, piles: &[Pile<A>]) -> Self {
        let mut crowds = vec![Crowd::EMPTY; share.slots()];
        for piece in piles.iter().flat_map(Pile::pieces) {
            for entry in piece {
                crowds[share.slot(entry.group)].take(entry.first.number(), entry.last.number());
            }
        }
        let mut words = 0;
        for crowd in &mut crowds {
            words += crowd.draw(words);
        }
        let mut words = vec![0; words];
        for piece in piles.iter().flat_map(Pile::pieces) {
            for entry in piece {
                let crowd = &mut crowds[share.slot(entry.group)];
                if crowd.rows > 1 && !crowd.crowded {
                    crowd.mark(&mut words, entry.first.number(), entry.last.number());
                }
            }
        }
        Self(crowds)
    }

    /// How many rows a group has.
    pub(super) fn rows(&self, slot: usize) -> u64 {
        self.0[slot].rows
    }

    /// Whether the rows of a group must be sorted.
    pub(super) fn is_crowded(&self, slot: usize) -> bool {
        self.0[slot].crowded
    }

    /// Has the rows of a group sorted.
    pub(super) fn crowd(&mut self, slot: usize) {
        self.0[slot].crowded = true;
    }
}

#[cfg(test)]
mod tests {
    use super::super::pile::Entry;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn a_group_is_crowded_when_two_of_its_rows_share_an_address(
            rows in prop::collection::vec((0..5_u32, any::<u64>(), 0..70_u32, 0..4_u64), 0..24),
            near in any::<bool>(),
        ) {
            let entry = |(row, (group, at, bits, more)): (u32, (u32, u64, u32, u64))| {
                let bits = if near { bits % 8 } else { bits };
                let host = u64::MAX.checked_shr(u64::BITS - bits.min(u64::BITS)).unwrap_or(0);
                let first = if near { at % 512 } else { at } & !host;
                Entry { first, last: (first | host).saturating_add(more.saturating_mul(host / 2)), group, row }
            };
            let entries: Vec<Entry<u64>> = (0..).zip(rows).map(entry).collect();
            let share = Share { bucket: 0, stride_bits: 0, groups: 5 };
            let mut pile = Pile::default();
            entries.iter().for_each(|entry| pile.push(*entry));
            let crowds = Crowds::of(share, &[pile, Pile::default()]);
            for group in 0..5 {
                let own: Vec<_> = entries.iter().filter(|e| e.group == group).collect();
                let shared = own.iter().enumerate().any(|(at, a)| {
                    own[..at].iter().any(|b| a.first <= b.last && b.first <= a.last)
                });
                prop_assert_eq!(crowds.rows(share.slot(group)), own.len() as u64);
                // A group whose map would be too large is sorted whether it must be or not.
                prop_assert!(crowds.is_crowded(share.slot(group)) || !shared);
                if near {
                    let wide = own.iter().map(|e| e.last).max() >= own.iter().map(|e| e.first + CELLS_PER_ROW * own.len() as u64).min();
                    prop_assert!(shared || wide || !crowds.is_crowded(share.slot(group)));
                }
            }
        }
    }
}

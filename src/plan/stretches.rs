//! The number line of a family, cut where a parent begins or ends.
//!
//! Each stretch knows the parents that cover it, smallest first, however they nest or overlap; the
//! line lies in drawers, so that a look-up searches a few stretches. Must not know: what a row
//! says of its parent.

use std::collections::BTreeSet;

use super::parents::{ParentIndex, can_be_divided};
use crate::domain::{Family, Parent};

/// Drawers of a family's number line for each stretch, as a power of two: with more of them a
/// search looks at fewer stretches, with fewer they stay in the nearest cache.
const DRAWERS_PER_STRETCH_BITS: u32 = 1;

/// Bytes of the handle of a nearest parent: with them a stretch is one line of a cache, and almost
/// every handle of a net has room. Rows under one with a longer handle take the long way.
const HANDLE_BYTES: usize = 32;

/// The number line of one family, cut where a parent begins or ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Stretches {
    all: Vec<Stretch>,
    /// The first address of each.
    begins: Vec<u128>,
    /// How many bits no stretch begins within: addresses are counted from the first stretch without
    /// them, so that a drawer is small and more of them stay in the nearest cache.
    fine: u32,
    /// How far such a count is shifted to give its drawer.
    shift: u32,
    drawers: Vec<Drawer>,
    /// Parents that cover the stretches, one stretch after the other, smallest first.
    covering: Vec<ParentIndex>,
}

/// Where a search starts and ends, in one place: of most drawers it is all that is looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Drawer {
    /// Where the first stretch begins that does not begin before the drawer.
    begin: u64,
    /// Stretches that begin before it.
    before: u32,
    /// Stretches that begin in it.
    within: u32,
}

/// A stretch that the same parents cover throughout, and what most rows ask of the smallest of
/// them: reaching for the parent itself takes longer than all the rest of a look-up. It is one
/// line of a cache.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(super) struct Stretch {
    /// Last address of the smallest parent.
    pub(super) last: u128,
    /// Where its parents begin in `covering`; they end where those of the next stretch begin.
    from: u32,
    /// The smallest parent; any where there is none.
    pub(super) index: ParentIndex,
    /// Its handle, and how long that is.
    pub(super) handle: [u8; HANDLE_BYTES],
    pub(super) handle_len: u8,
    /// How many parents cover it.
    pub(super) cover: Cover,
    /// Whether the smallest can be divided, and its handle has room here and stands once.
    pub(super) plain: bool,
    /// Whether it is ours to manage.
    pub(super) managed: bool,
}

/// How many parents cover a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cover {
    #[default]
    None,
    One,
    More,
}

impl Stretch {
    /// Notes the smallest parent.
    fn nearest(mut self, parent: &Parent, index: ParentIndex, distinct: bool) -> Self {
        let text = parent.net_handle.as_str().as_bytes();
        if let Some(room) = self.handle.get_mut(..text.len()) {
            room.copy_from_slice(text);
            self.plain = distinct && can_be_divided(parent);
        }
        self.handle_len = u8::try_from(text.len()).unwrap_or(u8::MAX);
        (self.last, self.index, self.managed) = (parent.block.bounds().1, index, parent.managed);
        self
    }
}

impl Stretches {
    /// `distinct` when every handle stands once.
    pub(super) fn new(parents: &[Parent], family: Family, distinct: bool) -> Self {
        let mut cuts: Vec<(u128, bool, ParentIndex)> = Vec::new();
        for (index, parent) in (0..).zip(parents) {
            if parent.block.family() == family {
                let (first, last) = parent.block.bounds();
                cuts.push((first, true, index));
                cuts.extend(last.checked_add(1).map(|behind| (behind, false, index)));
            }
        }
        cuts.sort_unstable();
        let mut stretches = Self::default();
        let mut covering = BTreeSet::new();
        for group in cuts.chunk_by(|a, b| a.0 == b.0) {
            for (_, begins, index) in group {
                let key = (parents[*index as usize].block.size(), *index);
                if *begins {
                    covering.insert(key);
                } else {
                    covering.remove(&key);
                }
            }
            let from = u32::try_from(stretches.covering.len()).unwrap_or(u32::MAX);
            stretches.covering.extend(covering.iter().map(|(_, index)| *index));
            let cover = match covering.len() {
                0 => Cover::None,
                1 => Cover::One,
                _ => Cover::More,
            };
            stretches.begins.push(group[0].0);
            let stretch = Stretch { from, cover, ..Stretch::default() };
            let nearest = covering.first().map(|(_, index)| *index);
            stretches.all.push(nearest.map_or(stretch, |index| {
                stretch.nearest(&parents[index as usize], index, distinct)
            }));
        }
        stretches.index();
        stretches
    }

    /// Cuts the line into drawers of equal width, so that a search looks at a few stretches.
    fn index(&mut self) {
        let (Some(first), Some(last)) = (self.begins.first(), self.begins.last()) else { return };
        let (first, last) = (*first, *last);
        let all = self.begins.iter().fold(0, |bits, begin| bits | (begin - first));
        // At least so many that all counts have 64 bits: two stretches that differ in fewer bits are
        // searched for among all of a drawer.
        let least = (u128::BITS - all.leading_zeros()).saturating_sub(u64::BITS);
        self.fine = all.trailing_zeros().min(u128::BITS - 1).max(least);
        let exact = self.fine <= all.trailing_zeros();
        let span = self.count(first, last);
        let bits = u64::BITS - span.leading_zeros();
        self.shift = bits.saturating_sub(self.begins.len().ilog2() + 1 + DRAWERS_PER_STRETCH_BITS);
        let mut before = 0;
        for drawer in 0..=(span >> self.shift) {
            let behind = self.begins.get(before..).unwrap_or_default();
            let counts = behind.iter().map(|begin| self.count(first, *begin));
            let begin = counts.clone().next().unwrap_or(u64::MAX);
            let within = counts.take_while(|count| count >> self.shift == drawer).count();
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            let searched = if exact { within } else { within.max(2) };
            self.drawers.push(Drawer { begin, before: number(before), within: number(searched) });
            before += within;
        }
    }

    /// An address counted from the first stretch.
    fn count(&self, first: u128, address: u128) -> u64 {
        u64::try_from((address - first) >> self.fine).unwrap_or(u64::MAX)
    }

    /// The stretch of an address that some parent covers.
    pub(super) fn stretch(&self, address: u128) -> Option<(usize, &Stretch)> {
        let first = *self.begins.first()?;
        if address < first {
            return None;
        }
        let count = self.count(first, address);
        let last = self.drawers.len().checked_sub(1)?;
        let drawer = usize::try_from(count >> self.shift).unwrap_or(last).min(last);
        let Drawer { begin, before, within } = self.drawers[drawer];
        let before = before as usize;
        // Where no more than one stretch begins in the drawer no branch is taken on what was found:
        // the processor goes on with the row while the answer comes from memory.
        let within = match within {
            0 | 1 => usize::from(begin <= count),
            more => {
                let end = (before + more as usize).min(self.begins.len());
                let begins = self.begins.get(before..end)?;
                begins.partition_point(|begin| *begin <= address)
            }
        };
        // Behind the last drawer that has a stretch stands none that an address could be in.
        let at = (before + within).min(self.all.len()).checked_sub(1)?;
        let stretch = self.all.get(at)?;
        (stretch.cover != Cover::None).then_some((at, stretch))
    }

    /// The parents that cover an address, smallest first.
    pub(super) fn at(&self, address: u128) -> &[ParentIndex] {
        let Some((at, stretch)) = self.stretch(address) else { return &[] };
        let next = self.all.get(at + 1).map_or(self.covering.len(), |next| next.from as usize);
        &self.covering[stretch.from as usize..next]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn a_search_in_drawers_finds_what_a_search_of_all_finds(
            begins in prop::collection::btree_set(prop_oneof![0..200_u128, any::<u128>(), Just(u128::MAX)], 0..40),
            asked in prop::collection::vec(prop_oneof![0..220_u128, any::<u128>(), Just(u128::MAX)], 1..40),
            coarse in prop_oneof![Just(0), 0..10_u32, 0..128_u32],
        ) {
            let begins: BTreeSet<u128> = begins.into_iter().map(|begin| begin >> coarse << coarse).collect();
            let begins: Vec<u128> = begins.into_iter().collect();
            let covering = (0..).take(begins.len()).collect();
            let stretch = |from: u32| Stretch { from, cover: Cover::One, ..Stretch::default() };
            let all = (0..).take(begins.len()).map(stretch).collect();
            let mut stretches = Stretches { all, begins: begins.clone(), covering, ..Stretches::default() };
            stretches.index();
            for address in asked.into_iter().chain(begins.clone()) {
                let all = begins.iter().take_while(|begin| **begin <= address).count();
                let found = stretches.at(address).first().map(|index| *index as usize + 1);
                prop_assert_eq!(found.unwrap_or_default(), all, "{}", address);
            }
        }
    }
}

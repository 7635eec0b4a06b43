//! The rows of a share of the groups, brought together and related, one share at a time.
//!
//! Groups in which no two rows share an address, as almost all are, are told by [`Crowds`] and
//! never sorted. Must not know: how rows are judged, parts' numbers, texts.

use std::collections::HashMap;

use super::crowd::{Crowds, Narrow};
use super::free::Room;
use super::overlap::{Collisions, Span, collisions};
use super::pile::{Entry, Pile};

/// A share of the groups.
#[derive(Clone, Copy)]
pub(super) struct Share {
    pub(super) bucket: usize,
    /// Every how many-th group is in it, as a power of two; all may be where that is 0.
    pub(super) stride_bits: u32,
    pub(super) groups: usize,
}

/// How many rows a group has, and what they are to each other.
type Related = (Vec<(u32, u64)>, Vec<Collisions>);

impl Share {
    /// Number of a group within the share.
    pub(super) const fn slot(self, group: u32) -> usize {
        (group >> self.stride_bits) as usize
    }

    /// How many groups it may have.
    pub(super) const fn slots(self) -> usize {
        self.groups.div_ceil(1 << self.stride_bits)
    }

    fn group(self, slot: usize) -> u32 {
        let first = if self.stride_bits == 0 { 0 } else { self.bucket };
        u32::try_from((slot << self.stride_bits) + first).unwrap_or(u32::MAX)
    }

    /// Rows and collisions of every group; groups with `fine` spans are related in full width.
    /// `spans` is room for those that are sorted.
    pub(super) fn relate<'r, A: Narrow>(
        self,
        spans: &mut Vec<Span<A>>,
        piles: Vec<Pile<A>>,
        mut fine: HashMap<u32, Vec<Span<u128>>>,
        base: impl Fn(usize) -> u32,
        room: impl Fn(u32) -> Room<'r> + Sync,
    ) -> Related {
        let mut crowds = Crowds::of(self, &piles);
        fine.keys().for_each(|group| crowds.crowd(self.slot(*group)));
        let ends = self.gather(spans, piles, &crowds, base);
        let mut related: Related = (Vec::new(), Vec::new());
        let mut rest = spans.as_mut_slice();
        for (slot, end) in ends.windows(2).enumerate() {
            let group = self.group(slot);
            let (spans, behind) = rest.split_at_mut(end[1] - end[0]);
            rest = behind;
            let fine = fine.remove(&group).unwrap_or_default();
            let rows = crowds.rows(slot) + fine.len() as u64;
            if rows > 0 {
                related.0.push((group, rows));
            }
            if !fine.is_empty() {
                let mut all: Vec<_> = spans.iter().map(Span::widened).chain(fine).collect();
                related.1.push(collisions(&mut all, &room(group)));
            } else if spans.len() > 1 {
                related.1.push(collisions(spans, &room(group)));
            }
        }
        related
    }

    /// Puts every span of a crowded group where the group stands, and tells where that is.
    fn gather<A: Narrow>(
        self,
        spans: &mut Vec<Span<A>>,
        piles: Vec<Pile<A>>,
        crowds: &Crowds,
        base: impl Fn(usize) -> u32,
    ) -> Vec<usize> {
        let mut begins = Vec::with_capacity(self.slots() + 1);
        let mut count = 0;
        for slot in 0..self.slots() {
            begins.push(count);
            if crowds.is_crowded(slot) {
                count += usize::try_from(crowds.rows(slot)).unwrap_or_default();
            }
        }
        begins.push(count);
        spans.clear();
        spans.resize(count, Span::default());
        let mut next = begins.clone();
        for pile in piles {
            pile.drain(|part, Entry { first, last, group, row }| {
                let slot = self.slot(group);
                if crowds.is_crowded(slot) {
                    spans[next[slot]] = Span { first, last, row: row + base(part) };
                    next[slot] += 1;
                }
            });
        }
        begins
    }
}

/// Rows finer than a /64, by group.
pub(super) fn by_group(
    piles: Vec<Pile<u128>>,
    base: impl Fn(usize) -> u32,
) -> HashMap<u32, Vec<Span<u128>>> {
    let mut fine: HashMap<u32, Vec<Span<u128>>> = HashMap::new();
    for pile in piles {
        pile.drain(|part, Entry { first, last, group, row }| {
            let row = row + base(part);
            fine.entry(group).or_default().push(Span { first, last, row });
        });
    }
    fine
}

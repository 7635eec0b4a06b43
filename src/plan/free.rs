//! A free block beside an overlap: the nearest fix that can be named.
//!
//! Owns the search through the gaps of one group. Must not know: rows, texts.

use super::overlap::{Address, Span};

/// Gaps that are looked at before the search is given up: a help is worth no more.
const GAPS_MAX: usize = 64;

/// Where the rows of a group may lie.
pub struct Room<'r> {
    /// First and last address of the parent; `None` where no parent is known.
    pub parent: Option<(u128, u128)>,
    /// Whether a block is free of everything but rows: registered nets, nearer parents.
    pub is_free: Box<dyn Fn(u128, u128) -> bool + Sync + 'r>,
}

impl Room<'_> {
    /// The first free block of `size` more addresses than one behind the spans before `from`,
    /// which reach to `reach`; aligned, if the size is that of a CIDR block.
    pub(super) fn beside<A: Address>(
        &self,
        spans: &[Span<A>],
        from: usize,
        reach: A,
        size: u128,
    ) -> Option<(u128, u128)> {
        let (_, limit) = self.parent?;
        let mut reach = A::widen(reach, reach).1;
        let mut gaps = 0;
        for span in spans.get(from..)?.iter() {
            let (first, last) = A::widen(span.first, span.last);
            if first > reach {
                gaps += 1;
                if gaps > GAPS_MAX {
                    return None;
                }
                let fitting = self.fitting(reach.checked_add(1)?, first - 1, size);
                if fitting.is_some() {
                    return fitting;
                }
            }
            reach = reach.max(last);
        }
        self.fitting(reach.checked_add(1)?, limit, size)
    }

    /// The first block of a size within a gap.
    fn fitting(&self, from: u128, to: u128, size: u128) -> Option<(u128, u128)> {
        let count = size.checked_add(1)?;
        let first =
            if count.is_power_of_two() { from.checked_next_multiple_of(count)? } else { from };
        let last = first.checked_add(size)?;
        (last <= to && (self.is_free)(first, last)).then_some((first, last))
    }
}

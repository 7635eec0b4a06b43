//! Which blocks share an address with a given one, by family.
//!
//! Must not know: what a block belongs to.

use crate::domain::{AddressRange, Family};
use crate::plan::interval_tree::IntervalTree;

/// Blocks of both families, each with an index into the caller's list.
#[derive(Debug, Default)]
pub(in crate::plan) struct Spans {
    v4: IntervalTree<usize>,
    v6: IntervalTree<usize>,
}

impl Spans {
    /// Blocks may overlap and nest.
    pub(in crate::plan) fn new<'b>(
        blocks: impl Iterator<Item = (usize, &'b AddressRange)>,
    ) -> Self {
        let mut spans = Self::default();
        for (index, block) in blocks {
            let (first, last) = block.bounds();
            let tree = if block.family() == Family::V4 { &mut spans.v4 } else { &mut spans.v6 };
            tree.insert(first, last, index);
        }
        spans
    }

    /// Indexes of the blocks that share an address with `block`, in address order.
    pub(in crate::plan) fn sharing(&self, block: &AddressRange) -> Vec<usize> {
        let tree = if block.family() == Family::V4 { &self.v4 } else { &self.v6 };
        let (first, last) = block.bounds();
        tree.overlapping(first, last).map(|(_, _, index)| *index).collect()
    }
}

//! An interval tree for incremental look-ups: which of the nets held so far share an address with
//! a block.
//!
//! A treap in one vector, ordered by first address, each node knowing the furthest last address
//! below it. Equal and nested intervals are all kept. Must not know: what the values are.

/// No node.
const NONE: u32 = u32::MAX;
/// Multiplier of the mixer that spreads insertion numbers into heap priorities (SplitMix64).
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Intervals of one number line, both ends included, with a value each.
#[derive(Clone, Debug)]
pub struct IntervalTree<V> {
    nodes: Vec<Node<V>>,
    root: u32,
}

#[derive(Clone, Debug)]
struct Node<V> {
    first: u128,
    last: u128,
    /// Furthest last address of this node and everything below it.
    reach: u128,
    priority: u64,
    left: u32,
    right: u32,
    value: V,
}

impl<V> Default for IntervalTree<V> {
    fn default() -> Self {
        Self { nodes: Vec::new(), root: NONE }
    }
}

impl<V> IntervalTree<V> {
    /// Number of intervals.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds an interval; one that is held already is kept beside it.
    pub fn insert(&mut self, first: u128, last: u128, value: V) {
        let at = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let mut mixed = (self.nodes.len() as u64 + 1).wrapping_mul(MIX);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let priority = mixed ^ (mixed >> 27);
        let node = Node { first, last, reach: last, priority, left: NONE, right: NONE, value };
        self.nodes.push(node);
        self.root = self.inserted(self.root, at);
    }

    /// The tree at `tree` with the node `new`.
    fn inserted(&mut self, tree: u32, new: u32) -> u32 {
        let Some(node) = self.nodes.get(tree as usize) else { return new };
        if self.nodes[new as usize].priority > node.priority {
            let (left, right) = self.split(tree, self.nodes[new as usize].first);
            let node = &mut self.nodes[new as usize];
            (node.left, node.right) = (left, right);
            self.update(new);
            return new;
        }
        if self.nodes[new as usize].first < node.first {
            let left = self.inserted(node.left, new);
            self.nodes[tree as usize].left = left;
        } else {
            let right = self.inserted(node.right, new);
            self.nodes[tree as usize].right = right;
        }
        self.update(tree);
        tree
    }

    /// Splits a tree into the nodes that begin at or before `first` and those behind.
    fn split(&mut self, tree: u32, first: u128) -> (u32, u32) {
        let Some(node) = self.nodes.get(tree as usize) else { return (NONE, NONE) };
        if node.first <= first {
            let (left, right) = self.split(node.right, first);
            self.nodes[tree as usize].right = left;
            self.update(tree);
            (tree, right)
        } else {
            let (left, right) = self.split(node.left, first);
            self.nodes[tree as usize].left = right;
            self.update(tree);
            (left, tree)
        }
    }

    fn update(&mut self, tree: u32) {
        let reach = |at: u32| self.nodes.get(at as usize).map_or(0, |node| node.reach);
        let node = &self.nodes[tree as usize];
        let furthest = node.last.max(reach(node.left)).max(reach(node.right));
        self.nodes[tree as usize].reach = furthest;
    }

    /// Every interval that shares a number with `first..=last`, in order of its first number.
    pub fn overlapping(
        &self,
        first: u128,
        last: u128,
    ) -> impl Iterator<Item = (u128, u128, &V)> + '_ {
        // Subtrees that end before `first` are never entered, and the walk ends behind `last`:
        // O(log n) steps and a constant number more for each interval found.
        let mut open = Vec::new();
        let mut next = self.root;
        std::iter::from_fn(move || {
            loop {
                while let Some(node) = self.nodes.get(next as usize).filter(|n| n.reach >= first) {
                    open.push(next);
                    next = node.left;
                }
                let node = self.nodes.get(open.pop()? as usize)?;
                if node.first > last {
                    // Everything still open lies further behind.
                    open.clear();
                    return None;
                }
                next = node.right;
                if node.last >= first {
                    return Some((node.first, node.last, &node.value));
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn intervals() -> impl Strategy<Value = Vec<(u128, u128)>> {
        let interval = prop_oneof![
            (0_u128..60, 0_u128..8),
            (0_u128..8, 0_u128..64),
            Just((0, u128::MAX)),
            Just((u128::MAX, 0)),
        ];
        let span = interval.prop_map(|(first, length)| (first, first.saturating_add(length)));
        prop::collection::vec(span, 0..80)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]
        #[test]
        fn finds_what_a_scan_finds_after_every_insertion(spans in intervals(), ask in intervals()) {
            let mut tree = IntervalTree::default();
            for (at, (first, last)) in spans.iter().enumerate() {
                tree.insert(*first, *last, at);
                let (from, to) = ask.get(at % ask.len().max(1)).copied().unwrap_or((*first, *last));
                let mut found: Vec<usize> = tree.overlapping(from, to).map(|(.., v)| *v).collect();
                found.sort_unstable();
                let scan = spans[..=at].iter().enumerate();
                let expected: Vec<usize> =
                    scan.filter(|(_, s)| s.0 <= to && from <= s.1).map(|(at, _)| at).collect();
                prop_assert_eq!(found, expected);
            }
            prop_assert_eq!(tree.len(), spans.len());
        }
    }

    #[test]
    fn sorted_insertion_does_not_degenerate() {
        let mut tree = IntervalTree::default();
        for at in 0..20_000_u128 {
            tree.insert(at * 8, at * 8 + 7, at);
        }
        fn depth(tree: &IntervalTree<u128>, at: u32) -> usize {
            let Some(node) = tree.nodes.get(at as usize) else { return 0 };
            1 + depth(tree, node.left).max(depth(tree, node.right))
        }
        assert!(depth(&tree, tree.root) < 60);
    }
}

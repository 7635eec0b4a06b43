//! The children of one net, by address: overlap and containment in logarithmic time.
//!
//! Owns the index. Must not know: records, rules.

use std::collections::BTreeMap;

/// Spans of one parent and one family.
///
/// The registry's rules keep siblings apart, so a B-tree by first address decides overlap with one
/// look-up. A state file may hold siblings that overlap all the same; those stand aside, in a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Children {
    apart: BTreeMap<u128, (u128, String)>,
    aside: Vec<(u128, u128, String)>,
}

impl Children {
    /// Adds a span.
    pub(super) fn insert(&mut self, first: u128, last: u128, handle: &str) {
        if self.in_tree(first, last).is_some() {
            self.aside.push((first, last, handle.to_owned()));
        } else {
            self.apart.insert(first, (last, handle.to_owned()));
        }
    }

    /// Takes a span away.
    pub(super) fn remove(&mut self, first: u128, handle: &str) {
        if self.apart.get(&first).is_some_and(|(_, held)| held == handle) {
            self.apart.remove(&first);
        } else {
            self.aside.retain(|(.., held)| held != handle);
        }
    }

    fn in_tree(&self, first: u128, last: u128) -> Option<&str> {
        let (_, (end, handle)) = self.apart.range(..=last).next_back()?;
        (*end >= first).then_some(handle.as_str())
    }

    /// A span that shares an address with this one.
    pub(super) fn overlapping(&self, first: u128, last: u128) -> Option<&str> {
        let shares = |(a, b, _): &&(u128, u128, String)| *a <= last && *b >= first;
        let aside = || self.aside.iter().find(shares).map(|(.., handle)| handle.as_str());
        self.in_tree(first, last).or_else(aside)
    }

    /// The spans that contain this one.
    pub(super) fn around(&self, first: u128, last: u128) -> impl Iterator<Item = &str> {
        let before = self.apart.range(..=first).next_back();
        let tree = before.filter(|(_, (end, _))| *end >= last).map(|(_, (_, h))| h.as_str());
        let holds = move |(a, b, _): &&(u128, u128, String)| *a <= first && *b >= last;
        tree.into_iter().chain(self.aside.iter().filter(holds).map(|(.., h)| h.as_str()))
    }

    /// The children in address order.
    pub(super) fn handles(&self) -> impl Iterator<Item = &str> {
        let aside = self.aside.iter().map(|(.., handle)| handle.as_str());
        self.apart.values().map(|(_, handle)| handle.as_str()).chain(aside)
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.apart.is_empty() && self.aside.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_index_agrees_with_looking_at_every_span(
            spans in prop::collection::vec((0_u128..60, 0_u128..9), 0..30),
            gone in prop::collection::vec(0_usize..30, 0..10),
            (first, length) in (0_u128..60, 0_u128..9),
        ) {
            let mut all: Vec<(u128, u128, String)> = spans
                .iter()
                .enumerate()
                .map(|(n, (first, length))| (*first, first + length, n.to_string()))
                .collect();
            let mut children = Children::default();
            for (first, last, handle) in &all {
                children.insert(*first, *last, handle);
            }
            for index in gone {
                if index < all.len() {
                    let (first, _, handle) = all.remove(index);
                    children.remove(first, &handle);
                }
            }
            let last = first + length;
            let overlapping = all.iter().any(|(a, b, _)| *a <= last && *b >= first);
            prop_assert_eq!(children.overlapping(first, last).is_some(), overlapping);
            let mut around: Vec<&str> = children.around(first, last).collect();
            let mut expected: Vec<&str> = all
                .iter()
                .filter(|(a, b, _)| *a <= first && *b >= last)
                .map(|(.., handle)| handle.as_str())
                .collect();
            around.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(around, expected);
            prop_assert_eq!(children.handles().count(), all.len());
        }
    }
}

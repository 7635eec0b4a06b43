//! Which parent a block belongs to: containment, type, status and nearness.
//!
//! Owns the rules about parents. The address space is cut where a parent begins or ends; each
//! stretch knows the parents that cover it, smallest first, however they nest or overlap. Must not
//! know: other rows.

use std::collections::HashMap;

use super::stretches::{Cover, Stretch, Stretches};
use crate::domain::{AddressRange, Family, Finding, Parent, RowAt, Rule, Written};

/// Similarity above which a parent's handle is suggested.
const SUGGEST_ABOVE: f64 = 0.9;

/// Index of a parent in its set.
pub type ParentIndex = u32;

/// The parents of a plan, for look-up by handle and by block.
#[derive(Clone, Debug)]
pub struct ParentSet {
    /// Sorted by family and first address, larger first.
    parents: Vec<Parent>,
    by_handle: HashMap<Box<str>, ParentIndex>,
    v4: Stretches,
    v6: Stretches,
}

/// The parent of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which one.
    pub index: ParentIndex,
    /// Whether the row's block ends where the parent does: only such a block can be all of it.
    pub ends_with_it: bool,
    /// Whether it is ours to manage.
    pub managed: bool,
}

impl ParentSet {
    /// Builds the set.
    #[must_use]
    pub fn new(mut parents: Vec<Parent>) -> Self {
        parents.sort_by_key(|parent| {
            let (first, last) = parent.block.bounds();
            (parent.block.family(), first, u128::MAX - last)
        });
        let by_handle: HashMap<Box<str>, ParentIndex> =
            (0..).zip(&parents).map(|(at, p)| (p.net_handle.as_str().into(), at)).collect();
        let distinct = by_handle.len() == parents.len();
        let v4 = Stretches::new(&parents, Family::V4, distinct);
        let v6 = Stretches::new(&parents, Family::V6, distinct);
        Self { parents, by_handle, v4, v6 }
    }

    /// All parents, sorted.
    #[must_use]
    pub fn all(&self) -> &[Parent] {
        &self.parents
    }

    /// The parent of an index.
    #[must_use]
    pub fn get(&self, index: ParentIndex) -> Option<&Parent> {
        self.parents.get(index as usize)
    }

    /// Every parent that contains the block, smallest first.
    fn containing<'s>(
        &'s self,
        block: &'s AddressRange,
    ) -> impl Iterator<Item = (ParentIndex, &'s Parent)> + Clone {
        let covering = self.covering(block).iter();
        let parents = covering.filter_map(|at| Some((*at, self.get(*at)?)));
        parents.filter(|(_, parent)| parent.block.contains(block))
    }

    /// The parents that cover the first address of a block, smallest first.
    fn covering(&self, block: &AddressRange) -> &[ParentIndex] {
        self.line(block.family()).at(block.bounds().0)
    }

    const fn line(&self, family: Family) -> &Stretches {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    /// The parent of almost every row: the smallest around its block, which can be divided, and
    /// is the one it names, or has no rival if it names none.
    fn evident(&self, named: Option<Written<'_>>, block: &AddressRange) -> Option<Found> {
        let (first, last) = block.bounds();
        let (_, nearest) = self.line(block.family()).stretch(first)?;
        let meant = match named {
            Some(handle) => {
                let own = nearest.handle.get(..usize::from(nearest.handle_len));
                own == Some(handle.as_bytes())
            }
            None => nearest.cover == Cover::One,
        };
        // Of a parent that covers the first address only the last can lie before the block's.
        let Stretch { index, managed, .. } = *nearest;
        let found = Found { index, ends_with_it: last == nearest.last, managed };
        (meant && nearest.plain && last <= nearest.last).then_some(found)
    }

    /// The smallest parent around a block that can be subdivided, else the smallest: under it the
    /// block lies, whatever its row says.
    #[must_use]
    pub fn around(&self, block: &AddressRange) -> Option<Found> {
        let mut containing = self.containing(block);
        let usable = containing.clone().find(|(_, parent)| can_be_divided(parent));
        usable.or_else(|| containing.next()).map(|(index, _)| self.found(index, block))
    }

    /// The parent of a row: the one it names, or the smallest DA or A parent around its block.
    ///
    /// # Errors
    /// The one finding that says why there is none.
    pub fn resolve(
        &self,
        at: RowAt,
        named: Option<Written<'_>>,
        block: &AddressRange,
    ) -> Result<Found, Box<Finding>> {
        if let Some(found) = self.evident(named, block) {
            return Ok(found);
        }
        let named = named.map(Written::as_str);
        let index = match named {
            Some(handle) => self.named(at, handle, block)?,
            None => self.inferred(at, block)?,
        };
        let parent = &self.parents[index as usize];
        subdividable(at, parent)?;
        let nearest = self.containing(block).find(|(_, parent)| can_be_divided(parent));
        match nearest {
            Some((_, near)) if near.block.size() < parent.block.size() => {
                let message = format!(
                    "{} is inside {} ({}), which is nearer than {}",
                    block, near.net_handle, near.block, parent.net_handle
                );
                let help = format!("set parent_net to {}, or leave it empty", near.net_handle);
                Err(on_parent(at, Rule::ParentNotNearest, message, help, named))
            }
            _ => Ok(self.found(index, block)),
        }
    }

    fn found(&self, index: ParentIndex, block: &AddressRange) -> Found {
        let parent = &self.parents[index as usize];
        let ends_with_it = block.bounds().1 == parent.block.bounds().1;
        Found { index, ends_with_it, managed: parent.managed }
    }

    fn named(
        &self,
        at: RowAt,
        handle: &str,
        block: &AddressRange,
    ) -> Result<ParentIndex, Box<Finding>> {
        let Some(index) = self.by_handle.get(handle) else {
            let near = self.parents.iter().map(|parent| parent.net_handle.as_str());
            let near = near
                .map(|other| (strsim::jaro_winkler(handle, other), other))
                .filter(|(score, _)| *score > SUGGEST_ABOVE)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let help = match (self.containing(block).next(), near) {
                (Some((_, parent)), _) => {
                    format!("{} ({}) contains the block", parent.net_handle, parent.block)
                }
                (None, Some((_, near))) => format!("did you mean {near}?"),
                (None, None) => "add it to the parents file".to_owned(),
            };
            let message = format!("{handle} is not among the parents");
            return Err(on_parent(at, Rule::ParentUnknown, message, help, Some(handle)));
        };
        let parent = &self.parents[*index as usize];
        if parent.block.contains(block) {
            return Ok(*index);
        }
        let lies = if parent.block.overlaps(block) { "extends beyond" } else { "lies outside" };
        let message = format!("{block} {lies} its parent {handle}, which is {}", parent.block);
        let help = match self.around(block).and_then(|found| self.get(found.index)) {
            Some(other) => format!("{} ({}) contains it", other.net_handle, other.block),
            None => self.no_parent_help(block),
        };
        Err(on_block(at, block, Rule::OutsideParent, message, help))
    }

    fn inferred(&self, at: RowAt, block: &AddressRange) -> Result<ParentIndex, Box<Finding>> {
        let mut usable = self.containing(block).filter(|(_, parent)| can_be_divided(parent));
        match (usable.next(), usable.next()) {
            (Some((_, first)), Some((_, second))) if first.block.size() == second.block.size() => {
                let message = format!(
                    "{} ({}) and {} ({}) both cover {block}, and neither is smaller",
                    first.net_handle, first.block, second.net_handle, second.block
                );
                let help = format!(
                    "set parent_net to {} or {}, whichever is meant",
                    first.net_handle, second.net_handle
                );
                Err(on_parent(at, Rule::ParentAmbiguous, message, help, None))
            }
            (Some((index, _)), _) => Ok(index),
            (None, _) => match self.containing(block).next() {
                Some((index, _)) => Ok(index),
                None => {
                    let message = format!("no parent contains {block}");
                    let help = self.no_parent_help(block);
                    Err(on_block(at, block, Rule::OutsideParent, message, help))
                }
            },
        }
    }

    /// What to do with a block that no parent contains: split it, where parents hold its ends.
    fn no_parent_help(&self, block: &AddressRange) -> String {
        let end = |address| {
            let one = AddressRange::new(address, address).ok()?;
            self.get(self.around(&one)?.index)
        };
        match (end(block.first()), end(block.last())) {
            (Some(a), Some(b)) if a.net_handle != b.net_handle => format!(
                "it reaches from {} ({}) into {} ({}): make it one row for each",
                a.net_handle, a.block, b.net_handle, b.block
            ),
            (Some(part), _) | (_, Some(part)) => format!(
                "{} holds only a part of it, {}: shorten the block to fit",
                part.net_handle, part.block
            ),
            _ => "correct the block, or add its parent to the parents file".to_owned(),
        }
    }
}

/// Only active nets of type DA or A can be subdivided (ARIN "Reassign", rejection rules).
pub(super) fn can_be_divided(parent: &Parent) -> bool {
    parent.kind.can_be_subdivided() && parent.active
}

fn subdividable(at: RowAt, parent: &Parent) -> Result<(), Box<Finding>> {
    let handle = &parent.net_handle;
    if !parent.kind.can_be_subdivided() {
        let message =
            format!("{handle} is of type {}; only DA and A can be subdivided", parent.kind);
        let help = "name the allocation above it, or ask its holder to reassign".to_owned();
        let handle = Some(handle.as_str());
        return Err(on_parent(at, Rule::ParentNotAllocation, message, help, handle));
    }
    if !parent.active {
        let message = format!("{handle} is not active");
        let help =
            "the registry refuses reassignments from it; ask ARIN about its status".to_owned();
        let handle = Some(handle.as_str());
        return Err(on_parent(at, Rule::ParentNotActive, message, help, handle));
    }
    Ok(())
}

fn on_block(
    at: RowAt,
    block: &AddressRange,
    rule: Rule,
    message: String,
    help: String,
) -> Box<Finding> {
    let mut finding = Finding::new(at, rule, message, help);
    finding.column = Some("prefix".into());
    finding.value = block.to_string();
    Box::new(finding)
}

fn on_parent(
    at: RowAt,
    rule: Rule,
    message: String,
    help: String,
    named: Option<&str>,
) -> Box<Finding> {
    let mut finding = Finding::new(at, rule, message, help);
    finding.column = Some("parent_net".into());
    finding.value = named.map(ToOwned::to_owned).unwrap_or_default();
    Box::new(finding)
}

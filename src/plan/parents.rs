//! Which parent a block belongs to: containment, type, status and nearness.
//!
//! Owns the rules about parents. The address space is cut where a parent begins or ends; each
//! stretch knows the parents that cover it, smallest first, however they nest or overlap. Must not
//! know: other rows.

use std::collections::{BTreeSet, HashMap};

use crate::domain::{AddressRange, Family, Finding, Parent, RowAt, Rule, Written};

/// Similarity above which a parent's handle is suggested.
const SUGGEST_ABOVE: f64 = 0.9;

/// Drawers of a family's number line for each stretch, as a power of two: with more of them a
/// search looks at fewer stretches, with fewer they stay in the nearest cache.
const DRAWERS_PER_STRETCH_BITS: u32 = 1;

/// Bytes of the handle of a nearest parent: with them a stretch is one line of a cache, and almost
/// every handle of a net has room. Rows under one with a longer handle take the long way.
const HANDLE_BYTES: usize = 20;

/// Index of a parent in its set.
pub type ParentIndex = u32;

/// The parents of a plan, for look-up by handle and by block.
#[derive(Clone, Debug)]
pub struct ParentSet {
    /// Sorted by family and first address, larger first.
    parents: Vec<Parent>,
    by_handle: HashMap<Box<str>, ParentIndex>,
    /// Whether all of them are ours to manage.
    all_managed: bool,
    v4: Stretches,
    v6: Stretches,
}

/// The number line of one family, cut where a parent begins or ends.
#[derive(Clone, Debug, Default)]
struct Stretches {
    all: Vec<Stretch>,
    /// How far an address, counted from the first stretch, is shifted to give its drawer.
    shift: u32,
    /// Stretches that begin before each drawer: where a search starts and ends.
    drawers: Vec<u32>,
    /// Parents that cover the stretches, one stretch after the other, smallest first.
    covering: Vec<ParentIndex>,
}

/// A stretch that the same parents cover throughout; one line of a cache.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Stretch {
    /// Its first address.
    begin: u128,
    /// Where its parents stand in `covering`.
    from: u32,
    to: u32,
    /// What most rows ask of the smallest of them. It stands here too, since reaching for the
    /// parents themselves takes longer than all the rest of a look-up.
    nearest: Nearest,
}

/// The smallest parent of a stretch; nothing that is true where there is none.
#[derive(Clone, Copy, Debug, Default)]
struct Nearest {
    /// Its last address.
    last: u128,
    index: ParentIndex,
    /// Its handle, and how long that is.
    handle: [u8; HANDLE_BYTES],
    handle_len: u8,
    /// Whether it can be divided, and its handle has room here and stands once among the parents.
    plain: bool,
}

impl Nearest {
    fn new(index: ParentIndex, parent: &Parent, distinct: bool) -> Self {
        let text = parent.net_handle.as_str().as_bytes();
        let mut handle = [0; HANDLE_BYTES];
        let room = handle.get_mut(..text.len());
        let fits = room.is_some();
        room.unwrap_or_default().copy_from_slice(if fits { text } else { &[] });
        let handle_len = u8::try_from(text.len()).unwrap_or(u8::MAX);
        let plain = distinct && fits && can_be_divided(parent);
        Self { last: parent.block.bounds().1, index, handle, handle_len, plain }
    }
}

/// The parent of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which one.
    pub index: ParentIndex,
    /// Whether the row's block ends where the parent does: only such a block can be all of it.
    pub ends_with_it: bool,
}

impl Stretches {
    fn new(parents: &[Parent], nearest: &[Nearest], family: Family) -> Self {
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
            let from = stretches.covering.len();
            stretches.covering.extend(covering.iter().map(|(_, index)| *index));
            let nearest = stretches.covering.get(from).map(|index| nearest[*index as usize]);
            let nearest = nearest.unwrap_or_default();
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let (from, to) = (place(from), place(stretches.covering.len()));
            stretches.all.push(Stretch { begin: group[0].0, from, to, nearest });
        }
        stretches.index();
        stretches
    }

    /// Cuts the line into drawers of equal width, so that a search looks at a few stretches.
    fn index(&mut self) {
        let (Some(first), Some(last)) = (self.all.first(), self.all.last()) else { return };
        let (first, span) = (first.begin, last.begin - first.begin);
        let bits = u128::BITS - span.leading_zeros();
        self.shift = bits.saturating_sub(self.all.len().ilog2() + 1 + DRAWERS_PER_STRETCH_BITS);
        let begins = self.all.iter().map(|stretch| stretch.begin - first);
        let mut stretches = begins.map(|above| above >> self.shift).peekable();
        let drawers = (span >> self.shift) + 1;
        let mut before = 0;
        for drawer in 0..drawers {
            self.drawers.push(before);
            while stretches.next_if_eq(&drawer).is_some() {
                before += 1;
            }
        }
        self.drawers.push(before);
    }

    /// The stretch of an address that some parent covers.
    fn stretch(&self, address: u128) -> Option<&Stretch> {
        let above = address.checked_sub(self.all.first()?.begin)?;
        let last = self.drawers.len().saturating_sub(2);
        let drawer = usize::try_from(above >> self.shift).unwrap_or(last).min(last);
        let [from, to] = *self.drawers.get(drawer..)?.first_chunk()?;
        let (from, to) = (from as usize, to as usize);
        let within = self.all[from..to].partition_point(|stretch| stretch.begin <= address);
        let stretch = &self.all[(from + within).checked_sub(1)?];
        (stretch.from < stretch.to).then_some(stretch)
    }

    /// The parents that cover an address, smallest first.
    fn at(&self, address: u128) -> &[ParentIndex] {
        let stretch = self.stretch(address);
        stretch.map_or(&[], |s| &self.covering[s.from as usize..s.to as usize])
    }
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
        let nearest = |(index, parent)| Nearest::new(index, parent, distinct);
        let nearest: Vec<Nearest> = (0..).zip(&parents).map(nearest).collect();
        let v4 = Stretches::new(&parents, &nearest, Family::V4);
        let v6 = Stretches::new(&parents, &nearest, Family::V6);
        let all_managed = parents.iter().all(|parent| parent.managed);
        Self { parents, by_handle, all_managed, v4, v6 }
    }

    /// Whether a parent is ours to manage.
    pub(super) fn is_managed(&self, parent: &Parent) -> bool {
        self.all_managed || parent.managed
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
        let stretch = self.line(block.family()).stretch(first)?;
        let nearest = &stretch.nearest;
        let meant = match named {
            Some(handle) => {
                let own = nearest.handle.get(..usize::from(nearest.handle_len));
                own == Some(handle.as_bytes())
            }
            None => stretch.to - stretch.from == 1,
        };
        // Of a parent that covers the first address only the last can lie before the block's.
        let found = Found { index: nearest.index, ends_with_it: last == nearest.last };
        (meant && nearest.plain && last <= nearest.last).then_some(found)
    }

    /// The smallest parent around a block that can be subdivided, else the smallest: under it the
    /// block lies, whatever its row says.
    #[must_use]
    pub fn around(&self, block: &AddressRange) -> Option<ParentIndex> {
        let mut containing = self.containing(block);
        let usable = containing.clone().find(|(_, parent)| can_be_divided(parent));
        usable.or_else(|| containing.next()).map(|(at, _)| at)
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
            _ => Ok(Found { index, ends_with_it: block.bounds().1 == parent.block.bounds().1 }),
        }
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
        let help = match self.around(block).and_then(|at| self.get(at)) {
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
            self.get(self.around(&one)?)
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
fn can_be_divided(parent: &Parent) -> bool {
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
        ) {
            let begins: Vec<u128> = begins.into_iter().collect();
            let covering = (0..).take(begins.len()).collect();
            let stretch = |(from, begin): (u32, &u128)| Stretch { begin: *begin, from, to: from + 1, ..Stretch::default() };
            let all = (0..).zip(&begins).map(stretch).collect();
            let mut stretches = Stretches { all, covering, ..Stretches::default() };
            stretches.index();
            for address in asked.into_iter().chain(begins.clone()) {
                let all = begins.iter().take_while(|begin| **begin <= address).count();
                let found = stretches.at(address).first().map(|index| *index as usize + 1);
                prop_assert_eq!(found.unwrap_or_default(), all, "{}", address);
            }
        }
    }
}

//! Overlap among the rows of a plan: sort and sweep, by row and never by pair.
//!
//! Owns which earlier rows a row collides with. A cluster is a maximal run of spans whose union is
//! contiguous: only inside one can rows collide, and each row of a cluster of two or more shares an
//! address with another. CIDR blocks nest or are apart, so that one stack answers for a cluster;
//! only ranges that overlap in part need the tree of `partial`. Must not know: what a row is beyond
//! its span.

use std::num::NonZeroU32;

use rayon::slice::ParallelSliceMut;

use super::free::Room;
use super::lowest::Lowest;
use super::partial;

/// What the sweep needs to know of a row; the addresses of one family, of one width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span<A> {
    /// First address.
    pub first: A,
    /// Last address.
    pub last: A,
    /// Row number.
    pub row: u32,
}

impl<A: Address> Span<A> {
    /// The span in full width.
    pub(super) fn widened(&self) -> Span<u128> {
        let (first, last) = A::widen(self.first, self.last);
        Span { first, last, row: self.row }
    }
}

/// Groups up to this size are sorted by one thread each: the other threads have groups of their
/// own.
const SORTED_ALONE: usize = 1 << 15;

/// An address as a number.
pub trait Address: Copy + Ord + Default + Send + Sync {
    /// What spans are sorted by: a number, since comparing is most of sorting.
    type Key: Ord;

    /// First and last address of a span in full width.
    fn widen(first: Self, last: Self) -> (u128, u128);

    /// The order of the sweep: by first address, the longest first.
    fn key(span: &Span<Self>) -> Self::Key;
}

impl Address for u32 {
    type Key = u64;

    fn key(span: &Span<Self>) -> u64 {
        u64::from(span.first) << 32 | u64::from(!span.last)
    }

    fn widen(first: Self, last: Self) -> (u128, u128) {
        (u128::from(first), u128::from(last))
    }
}

/// The upper half of an IPv6 address: spans of whole /64.
impl Address for u64 {
    type Key = u128;

    fn key(span: &Span<Self>) -> u128 {
        u128::from(span.first) << 64 | u128::from(!span.last)
    }

    fn widen(first: Self, last: Self) -> (u128, u128) {
        (u128::from(first) << 64, u128::from(last) << 64 | u128::from(Self::MAX))
    }
}

impl Address for u128 {
    type Key = (Self, Self);

    fn key(span: &Span<Self>) -> (Self, Self) {
        (span.first, !span.last)
    }

    fn widen(first: Self, last: Self) -> (u128, u128) {
        (first, last)
    }
}

/// A row that overlaps earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Collision {
    /// The later row.
    pub(super) row: u32,
    /// How many earlier rows there are: exact to ten, then a true lower bound.
    pub(super) total: u32,
    /// Where the earlier rows stand in [`Collisions::related`].
    pub(super) from: u32,
    /// How many stand there.
    pub(super) listed: u32,
    /// Index of the first one's block in [`Collisions::blocks`].
    pub(super) other: u32,
    /// Index of a free block of the row's size in [`Collisions::blocks`].
    pub(super) free: Option<NonZeroU32>,
}

/// Every row that overlaps earlier ones. Lists that repeat are kept once.
#[derive(Clone, Debug, Default)]
pub(super) struct Collisions {
    /// The later rows, in the order they were found.
    pub(super) found: Vec<Collision>,
    /// Earlier rows, ascending within one collision.
    pub(super) related: Vec<u32>,
    /// First and last address of the first earlier rows, and of free blocks.
    pub(super) blocks: Vec<(u128, u128)>,
    /// Where the rows found last stand in their cluster, until that is done.
    own: Vec<u32>,
    /// Every row that shares an address with another.
    pub(super) sharing: Vec<u32>,
}

impl Collisions {
    /// Notes a row with its lowest earlier rows.
    pub(super) fn note(
        &mut self,
        (row, own): (u32, usize),
        total: usize,
        earlier: &[u32],
        block: (u128, u128),
    ) {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.own.push(narrow(own));
        let listed = earlier.len();
        let from = match self.found.last().map(|last| last.from as usize) {
            Some(from) if self.related.get(from..) == Some(earlier) => from,
            _ => {
                self.related.extend_from_slice(earlier);
                self.related.len() - listed
            }
        };
        let other = self.block(block);
        self.found.push(Collision {
            row,
            total: narrow(total),
            from: narrow(from),
            listed: narrow(listed),
            other,
            free: None,
        });
    }

    /// The index of a block; one that was noted last is not noted again.
    fn block(&mut self, block: (u128, u128)) -> u32 {
        if self.blocks.last() != Some(&block) {
            self.blocks.push(block);
        }
        u32::try_from(self.blocks.len() - 1).unwrap_or(u32::MAX)
    }

    /// Names a free block beside each row found from `from` on, where there is one.
    fn name_free<A: Address>(
        &mut self,
        from: usize,
        cluster: &[Span<A>],
        mut find: impl FnMut(u128) -> Option<(u128, u128)>,
    ) {
        let mut known = None;
        for (index, own) in (from..).zip(std::mem::take(&mut self.own)) {
            let own = cluster[own as usize].widened();
            let size = own.last - own.first;
            let free = match known {
                Some((of, free)) if of == size => free,
                _ => {
                    let free = find(size).map(|block| self.block(block));
                    // Blocks were noted before, so that no free one has index 0.
                    let free = free.and_then(NonZeroU32::new);
                    known = Some((size, free));
                    free
                }
            };
            self.found[index].free = free;
        }
    }

    /// Adds what another group found.
    pub(super) fn append(&mut self, mut other: Self) {
        // Of a plan under one parent this is all: it is not copied.
        if self.found.is_empty() && self.blocks.is_empty() && self.sharing.is_empty() {
            *self = other;
            return;
        }
        let shift = |number: &mut u32, by: usize| {
            *number = number.saturating_add(u32::try_from(by).unwrap_or(u32::MAX));
        };
        for collision in &mut other.found {
            shift(&mut collision.from, self.related.len());
            shift(&mut collision.other, self.blocks.len());
            let by = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
            collision.free = collision.free.map(|free| free.saturating_add(by));
        }
        self.found.append(&mut other.found);
        self.related.append(&mut other.related);
        self.blocks.append(&mut other.blocks);
        self.sharing.append(&mut other.sharing);
    }
}

/// Brings spans into the order of the sweep; equal ones by row.
fn sort<A: Address>(spans: &mut [Span<A>]) {
    if spans.len() <= SORTED_ALONE {
        spans.sort_unstable_by_key(A::key);
    } else {
        spans.par_sort_unstable_by_key(A::key);
    }
    let equal = |a: &Span<A>, b: &Span<A>| (a.first, a.last) == (b.first, b.last);
    for run in spans.chunk_by_mut(equal).filter(|run| run.len() > 1) {
        run.sort_unstable_by_key(|span| span.row);
    }
}

/// Every row of one group that overlaps a row with a lower number; sorts the spans.
pub(super) fn collisions<A: Address>(spans: &mut [Span<A>], room: &Room<'_>) -> Collisions {
    sort(spans);
    let mut found = Collisions::default();
    let mut begin = 0;
    while begin < spans.len() {
        let mut end = begin + 1;
        let mut reach = spans[begin].last;
        while let Some(next) = spans.get(end).filter(|next| next.first <= reach) {
            reach = reach.max(next.last);
            end += 1;
        }
        if end - begin > 1 {
            let cluster = &spans[begin..end];
            found.sharing.extend(cluster.iter().map(|span| span.row));
            let before = (found.found.len(), found.related.len(), found.blocks.len());
            if !nested(cluster, &mut found) {
                found.found.truncate(before.0);
                found.related.truncate(before.1);
                found.blocks.truncate(before.2);
                found.own.clear();
                partial::collisions(cluster, &mut found);
            }
            found.name_free(before.0, cluster, |size| room.beside(spans, end, reach, size));
        }
        begin = end;
    }
    found
}

/// Spans that are equal, on the stack of those around the sweep's place.
struct Open {
    /// Index of the first of them in the cluster, and behind the last.
    run: (usize, usize),
    /// Lowest spans among those around them.
    around: Lowest,
    /// Lowest spans among those inside them.
    inside: Lowest,
}

/// Collisions of a cluster whose spans nest or are apart; false when two overlap in part.
fn nested<A: Address>(cluster: &[Span<A>], found: &mut Collisions) -> bool {
    let mut stack: Vec<Open> = Vec::new();
    let mut at = 0;
    while at < cluster.len() {
        let span = cluster[at];
        let equal = |other: &&Span<A>| (other.first, other.last) == (span.first, span.last);
        let end = at + cluster[at..].iter().take_while(equal).count();
        while let Some(open) = stack.pop_if(|open| cluster[open.run.0].last < span.first) {
            close(cluster, &open, &mut stack, found);
        }
        let around = match stack.last() {
            None => Lowest::default(),
            Some(open) if cluster[open.run.0].last < span.last => return false,
            Some(open) => {
                let mut around = open.around.clone();
                around.take_all(&cluster[open.run.0..open.run.1], open.run.0);
                around
            }
        };
        stack.push(Open { run: (at, end), around, inside: Lowest::default() });
        at = end;
    }
    while let Some(open) = stack.pop() {
        close(cluster, &open, &mut stack, found);
    }
    true
}

/// Notes the collisions of equal spans whose inside is complete, and hands it to what is around.
fn close<A: Address>(cluster: &[Span<A>], open: &Open, stack: &mut [Open], found: &mut Collisions) {
    let (begin, end) = open.run;
    let mut earlier = open.around.clone();
    earlier.merge(&open.inside);
    for (before, span) in cluster[begin..end].iter().enumerate() {
        let mut rows = [0; crate::domain::finding::RELATED_ROWS_MAX];
        let (listed, first) = earlier.below(span.row, &mut rows);
        if let Some(first) = first.and_then(|index| cluster.get(index)) {
            let total =
                before + open.around.count_below(span.row) + open.inside.count_below(span.row);
            let block = A::widen(first.first, first.last);
            found.note((span.row, begin + before), total, &rows[..listed], block);
        }
        earlier.take(span.row, begin + before);
    }
    if let Some(outer) = stack.last_mut() {
        outer.inside.merge(&open.inside);
        outer.inside.take_all(&cluster[begin..end], begin);
    }
}

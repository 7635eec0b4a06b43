//! What is kept of a row until all are read: 16 bytes of an IPv4 row, 24 of an IPv6 row.
//!
//! Owns the compact index: spans by family and width, customers that are named. IPv4 ends are 32
//! bits; IPv6 ends are 64, since the registry takes nothing finer than a /64, and only rows that
//! break that rule are kept in full. Must not know: how rows are judged, texts.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::free::Room;
use super::judge::{Group, Judged};
use super::overlap::Collisions;
use super::pile::{Entry, Pile};
use super::share::{self, Share};
use crate::domain::{AddressRange, Family, RowView};

/// Most rows of a plan: a row number shares 32 bits with the mark of a row that would be sent.
pub const ROWS_MAX: u64 = (1 << 31) - 1;
/// Digits of a customer handle that are packed into a number.
const PACKED_DIGITS: usize = 16;
/// Bits of a packed handle that hold its digits as a number.
const PACKED_BITS: u32 = 56;
/// Shares of the groups, related one after the other by each thread: the room in which the rows of
/// one share are brought together serves for the next. A power of two, so that no row is divided.
const BUCKETS: usize = 1 << 4;

/// A group, and the share it is in.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    group: u32,
    bucket: usize,
}

/// Rows by the share that their group is in.
type Buckets<A> = [Pile<A>; BUCKETS];

/// What is kept of the rows of some parts.
#[derive(Debug, Default)]
pub struct RowIndex {
    v4: Buckets<u32>,
    v6: Buckets<u64>,
    /// IPv6 rows that are finer than a /64.
    fine: Buckets<u128>,
    /// Customers that the rows of a part name, and those of the part in hand.
    customers: Vec<(usize, Customers)>,
    open: Customers,
    /// Parents as rows name them, where none are known.
    names: Vec<Box<str>>,
    by_name: HashMap<Box<str>, Place>,
    /// Rows that would be sent.
    sendable: u64,
}

/// Customers that rows name.
#[derive(Debug, Default)]
struct Customers {
    /// As numbers.
    short: Vec<(u64, u32)>,
    /// Those whose digits are too many.
    long: Vec<(Box<str>, u32)>,
}

impl RowIndex {
    /// Takes a row, numbered within the part.
    pub fn take(&mut self, local: u32, row: &RowView<'_>, judged: &Judged<'_>) {
        self.sendable += u64::from(judged.sendable);
        let marked = local << 1 | u32::from(judged.sendable);
        if let Some(handle) = row.existing_customer().filter(|_| judged.already.is_none()) {
            match packed(handle) {
                Some(number) => self.open.short.push((number, marked)),
                None => self.open.long.push((handle.into(), marked)),
            }
        }
        let Some(block) = &row.block else { return };
        let place = match judged.group {
            Group::Under(parent) => Place { group: parent, bucket: parent as usize % BUCKETS },
            Group::Named(None) => Place::default(),
            Group::Named(Some(name)) => self.name(name),
            Group::Nowhere => return,
        };
        self.span(block, place, marked);
    }

    /// Says that the rows since the last one are those of a part, by its number in input order.
    pub fn end_part(&mut self, part: usize) {
        let number = u32::try_from(part).unwrap_or(u32::MAX);
        self.v4.iter_mut().for_each(|pile| pile.end_part(number));
        self.v6.iter_mut().for_each(|pile| pile.end_part(number));
        self.fine.iter_mut().for_each(|pile| pile.end_part(number));
        if !self.open.short.is_empty() || !self.open.long.is_empty() {
            self.customers.push((part, std::mem::take(&mut self.open)));
        }
    }

    fn span(&mut self, block: &AddressRange, Place { group, bucket }: Place, row: u32) {
        let (first, last) = block.bounds();
        match block.family() {
            Family::V4 => {
                let narrow = |bits: u128| u32::try_from(bits).unwrap_or(u32::MAX);
                let (first, last) = (narrow(first), narrow(last));
                self.v4[bucket].push(Entry { first, last, group, row });
            }
            Family::V6 => {
                let low = u128::from(u64::MAX);
                if first & low == 0 && last & low == low {
                    let upper = |bits: u128| u64::try_from(bits >> 64).unwrap_or(u64::MAX);
                    let (first, last) = (upper(first), upper(last));
                    self.v6[bucket].push(Entry { first, last, group, row });
                } else {
                    self.fine[bucket].push(Entry { first, last, group, row });
                }
            }
        }
    }

    /// The group of a parent that is only named, from 1.
    fn name(&mut self, name: &str) -> Place {
        if let Some(place) = self.by_name.get(name) {
            return *place;
        }
        self.names.push(name.into());
        let group = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        // Equal names of all indexes share a bucket, whatever their numbers.
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(name);
        let bucket = usize::try_from(hash % BUCKETS as u64).unwrap_or_default();
        let place = Place { group, bucket };
        self.by_name.insert(name.into(), place);
        place
    }
}

/// A customer handle as a number: its digits, and how many there are, since zeros count.
fn packed(handle: &str) -> Option<u64> {
    let digits = handle.strip_prefix('C').filter(|digits| digits.len() <= PACKED_DIGITS)?;
    let number: u64 = digits.parse().ok()?;
    Some((digits.len() as u64) << PACKED_BITS | number)
}

/// A customer handle that a later row names again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reuse {
    /// The later row.
    pub(super) row: u32,
    /// The first row that names it.
    pub(super) first: u32,
}

/// What the rows of a plan are to each other.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    /// Overlaps, by row.
    pub(super) collisions: Collisions,
    /// Customers used again, by row.
    pub(super) reused: Vec<Reuse>,
    /// Rows that would be sent, and share neither addresses nor a customer.
    pub requests: u64,
    /// Rows under each parent, by its index.
    pub rows_by_group: Vec<u64>,
}

/// Relates the rows of all indexes; `bases` are the numbers of the rows before each part.
///
/// `room` tells where a group's rows may lie, for the free block that is named beside an overlap.
#[must_use]
pub fn relate<'r>(
    mut indexes: Vec<RowIndex>,
    bases: &[u64],
    parents: usize,
    room: impl Fn(u32, Family) -> Room<'r> + Sync,
) -> Relations {
    let names = join_names(&mut indexes);
    let groups = parents.max(names + 1);
    // Numbers of rows are kept twice as large, the mark in the lowest bit, until all is related.
    let base = |part: usize| {
        let before = bases.get(part).and_then(|base| u32::try_from(*base).ok());
        (before.unwrap_or_default() + 1) << 1
    };
    let sendable: u64 = indexes.iter().map(|index| index.sendable).sum();
    let mut relations = Relations { rows_by_group: vec![0; groups], ..Relations::default() };
    let mut customers = take_customers(&mut indexes, base);
    customers.par_sort_unstable();
    relations.reused = reused(&customers);
    // Groups are numbered within their share, where that follows from their number.
    let stride_bits = if parents > 0 { BUCKETS.trailing_zeros() } else { 0 };
    let share = |bucket: usize| Share { bucket, stride_bits, groups };
    let v4 = turned(&mut indexes, |index| &mut index.v4);
    let v6 = turned(&mut indexes, |index| &mut index.v6);
    let fine = turned(&mut indexes, |index| &mut index.fine);
    let v4 = v4.into_par_iter().enumerate().map_init(Vec::new, |spans, (bucket, piles)| {
        let fine = HashMap::new();
        share(bucket).relate(spans, piles, fine, base, |group| room(group, Family::V4))
    });
    let v6 = v6.into_par_iter().zip(fine).enumerate();
    let v6 = v6.map_init(Vec::new, |spans, (bucket, (piles, fine))| {
        let fine = share::by_group(fine, base);
        share(bucket).relate(spans, piles, fine, base, |group| room(group, Family::V6))
    });
    let mut found = Vec::new();
    for (rows, collisions) in v4.chain(v6).collect::<Vec<_>>() {
        // Each group is in one share of each family.
        rows.into_iter().for_each(|(group, rows)| relations.rows_by_group[group as usize] += rows);
        found.extend(collisions);
    }
    for group in found {
        relations.collisions.append(group);
    }
    relations.requests = sendable - unmark(&mut relations, &customers);
    relations.collisions.found.par_sort_unstable_by_key(|collision| collision.row);
    relations
}

/// Gives equal names of all indexes one group: how many names there are.
fn join_names(indexes: &mut [RowIndex]) -> usize {
    let mut all: HashMap<Box<str>, u32> = HashMap::new();
    for index in indexes.iter_mut().filter(|index| !index.names.is_empty()) {
        let mut joined = vec![0];
        for name in index.names.drain(..) {
            let next = u32::try_from(all.len() + 1).unwrap_or(u32::MAX);
            joined.push(*all.entry(name).or_insert(next));
        }
        let join = |group: &mut u32| *group = joined.get(*group as usize).copied().unwrap_or(0);
        index.v4.iter_mut().flat_map(Pile::each_mut).for_each(|entry| join(&mut entry.group));
        index.v6.iter_mut().flat_map(Pile::each_mut).for_each(|entry| join(&mut entry.group));
        index.fine.iter_mut().flat_map(Pile::each_mut).for_each(|entry| join(&mut entry.group));
    }
    all.len()
}

/// A named customer, for sorting: equal handles come together, lowest row first.
type Customer = (u64, Option<Box<str>>, u32, bool);

fn take_customers(indexes: &mut [RowIndex], base: impl Fn(usize) -> u32) -> Vec<Customer> {
    let parts = || indexes.iter().flat_map(|index| &index.customers);
    let total = parts().map(|(_, named)| named.short.len() + named.long.len()).sum();
    let mut all = Vec::with_capacity(total);
    for (part, named) in indexes.iter_mut().flat_map(|index| index.customers.drain(..)) {
        let split = |row: u32| ((row + base(part)) >> 1, row & 1 != 0);
        for (number, row) in named.short {
            let (row, sendable) = split(row);
            all.push((number, None, row, sendable));
        }
        for (handle, row) in named.long {
            let (row, sendable) = split(row);
            all.push((u64::MAX, Some(handle), row, sendable));
        }
    }
    all
}

fn reused(sorted: &[Customer]) -> Vec<Reuse> {
    let same = |a: &Customer, b: &Customer| (a.0, &a.1) == (b.0, &b.1);
    let later = |users: &[Customer]| {
        let first = users[0].2;
        users[1..].iter().map(move |user| Reuse { row: user.2, first }).collect::<Vec<_>>()
    };
    let mut found: Vec<Reuse> = sorted.chunk_by(same).flat_map(later).collect();
    found.sort_unstable();
    found
}

/// What the indexes hold for each share.
fn turned<A>(
    indexes: &mut [RowIndex],
    of: impl Fn(&mut RowIndex) -> &mut Buckets<A>,
) -> Vec<Vec<Pile<A>>> {
    let bucket = |bucket: usize| -> Vec<_> {
        indexes.iter_mut().map(|index| std::mem::take(&mut of(index)[bucket])).collect()
    };
    (0..BUCKETS).map(bucket).collect()
}

/// Takes the marks off the row numbers: how many marked rows are kept back.
fn unmark(relations: &mut Relations, customers: &[Customer]) -> u64 {
    let collisions = &mut relations.collisions;
    let marked = collisions.sharing.iter().filter(|row| **row & 1 != 0);
    let mut kept: Vec<u32> = marked.map(|row| row >> 1).collect();
    let users: HashSet<u32> =
        relations.reused.iter().flat_map(|reuse| [reuse.row, reuse.first]).collect();
    if !users.is_empty() {
        let marked = customers.iter().filter(|user| user.3 && users.contains(&user.2));
        kept.extend(marked.map(|user| user.2));
    }
    kept.par_sort_unstable();
    kept.dedup();
    collisions.sharing.iter_mut().for_each(|row| *row >>= 1);
    collisions.sharing.par_sort_unstable();
    collisions.related.iter_mut().for_each(|row| *row >>= 1);
    collisions.found.iter_mut().for_each(|collision| collision.row >>= 1);
    kept.len() as u64
}

//! What is kept of a row until all are read: 16 bytes of an IPv4 row, 24 of an IPv6 row.
//!
//! Owns the compact index: spans by family and width, customers that are named. IPv4 ends are 32
//! bits; IPv6 ends are 64, since the registry takes nothing finer than a /64, and only rows that
//! break that rule are kept in full. Must not know: how rows are judged, texts.

use std::collections::{HashMap, HashSet};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::free::Room;
use super::judge::{Group, Judged};
use super::overlap::{Address, Collisions, Span, collisions};
use crate::domain::{AddressRange, Family, RowView};

/// Most rows of a plan: a row number shares 32 bits with the mark of a row that would be sent.
pub const ROWS_MAX: u64 = (1 << 31) - 1;
/// Digits of a customer handle that are packed into a number.
const PACKED_DIGITS: usize = 16;
/// Bits of a packed handle that hold its digits as a number.
const PACKED_BITS: u32 = 56;

/// A span with its group.
#[derive(Clone, Copy, Debug, Default)]
struct Entry<A> {
    first: A,
    last: A,
    group: u32,
    row: u32,
}

/// What one part of the input leaves behind.
#[derive(Debug, Default)]
pub struct PartIndex {
    v4: Vec<Entry<u32>>,
    v6: Vec<Entry<u64>>,
    /// IPv6 rows that are finer than a /64.
    fine: Vec<Entry<u128>>,
    /// Named customers as numbers, and those whose digits are too many.
    customers: Vec<(u64, u32)>,
    long_customers: Vec<(Box<str>, u32)>,
    /// Parents as rows name them, where none are known.
    names: Vec<Box<str>>,
    by_name: HashMap<Box<str>, u32>,
    /// Rows that would be sent.
    sendable: u64,
}

impl PartIndex {
    /// Takes a row, numbered within the part.
    pub fn take(&mut self, local: u32, row: &RowView<'_>, judged: &Judged<'_>) {
        self.sendable += u64::from(judged.sendable);
        let marked = local << 1 | u32::from(judged.sendable);
        if let Some(handle) = row.existing_customer().filter(|_| judged.already.is_none()) {
            match packed(handle) {
                Some(number) => self.customers.push((number, marked)),
                None => self.long_customers.push((handle.into(), marked)),
            }
        }
        let Some(block) = &row.block else { return };
        let group = match judged.group {
            Group::Under(parent) => parent,
            Group::Named(None) => 0,
            Group::Named(Some(name)) => self.name(name),
            Group::Nowhere => return,
        };
        self.span(block, group, marked);
    }

    fn span(&mut self, block: &AddressRange, group: u32, row: u32) {
        let (first, last) = block.bounds();
        match block.family() {
            Family::V4 => {
                let narrow = |bits: u128| u32::try_from(bits).unwrap_or(u32::MAX);
                let (first, last) = (narrow(first), narrow(last));
                self.v4.push(Entry { first, last, group, row });
            }
            Family::V6 => {
                let low = u128::from(u64::MAX);
                if first & low == 0 && last & low == low {
                    let upper = |bits: u128| u64::try_from(bits >> 64).unwrap_or(u64::MAX);
                    let (first, last) = (upper(first), upper(last));
                    self.v6.push(Entry { first, last, group, row });
                } else {
                    self.fine.push(Entry { first, last, group, row });
                }
            }
        }
    }

    /// The group of a parent that is only named, from 1.
    fn name(&mut self, name: &str) -> u32 {
        if let Some(group) = self.by_name.get(name) {
            return *group;
        }
        self.names.push(name.into());
        let group = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.by_name.insert(name.into(), group);
        group
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

/// Relates the rows of all parts; `bases` are the numbers of the rows before each part.
///
/// `room` tells where a group's rows may lie, for the free block that is named beside an overlap.
#[must_use]
pub fn relate<'r>(
    mut parts: Vec<PartIndex>,
    bases: &[u64],
    parents: usize,
    room: impl Fn(u32, Family) -> Room<'r> + Sync,
) -> Relations {
    let names = join_names(&mut parts);
    let groups = parents.max(names + 1);
    // Numbers of rows are kept twice as large, the mark in the lowest bit, until all is related.
    let base = |part: usize| {
        let before = bases.get(part).and_then(|base| u32::try_from(*base).ok());
        (before.unwrap_or_default() + 1) << 1
    };
    let sendable: u64 = parts.iter().map(|part| part.sendable).sum();
    let mut relations = Relations { rows_by_group: vec![0; groups], ..Relations::default() };
    let mut customers = take_customers(&mut parts, base);
    customers.sort_unstable();
    relations.reused = reused(&customers);
    let fine = take_fine(&mut parts, base);
    let mut found = Vec::new();
    let (of_v4, of_v6) = parts.into_iter().map(|part| (part.v4, part.v6)).unzip();
    let group_v4 = || Grouped::new(of_v4, base, groups);
    let (v4, v6) = rayon::join(group_v4, || Grouped::new(of_v6, base, groups));
    v4.count(&mut relations.rows_by_group);
    found.extend(v4.collisions(&HashMap::new(), |group| room(group, Family::V4)));
    v6.count(&mut relations.rows_by_group);
    fine.iter().for_each(|(group, spans)| {
        relations.rows_by_group[*group as usize] += spans.len() as u64;
    });
    found.extend(v6.collisions(&fine, |group| room(group, Family::V6)));
    for group in found {
        relations.collisions.append(group);
    }
    relations.requests = sendable - unmark(&mut relations, &customers);
    relations.collisions.found.par_sort_unstable_by_key(|collision| collision.row);
    relations
}

/// Gives equal names of all parts one group: how many names there are.
fn join_names(parts: &mut [PartIndex]) -> usize {
    let mut all: HashMap<Box<str>, u32> = HashMap::new();
    for part in parts.iter_mut().filter(|part| !part.names.is_empty()) {
        let mut joined = vec![0];
        for name in part.names.drain(..) {
            let next = u32::try_from(all.len() + 1).unwrap_or(u32::MAX);
            joined.push(*all.entry(name).or_insert(next));
        }
        let join = |group: &mut u32| *group = joined.get(*group as usize).copied().unwrap_or(0);
        part.v4.iter_mut().for_each(|entry| join(&mut entry.group));
        part.v6.iter_mut().for_each(|entry| join(&mut entry.group));
        part.fine.iter_mut().for_each(|entry| join(&mut entry.group));
    }
    all.len()
}

/// A named customer, for sorting: equal handles come together, lowest row first.
type Customer = (u64, Option<Box<str>>, u32, bool);

fn take_customers(parts: &mut [PartIndex], base: impl Fn(usize) -> u32) -> Vec<Customer> {
    let total = parts.iter().map(|part| part.customers.len() + part.long_customers.len()).sum();
    let mut all = Vec::with_capacity(total);
    for (index, part) in parts.iter_mut().enumerate() {
        let split = |row: u32| ((row + base(index)) >> 1, row & 1 != 0);
        for (number, row) in std::mem::take(&mut part.customers) {
            let (row, sendable) = split(row);
            all.push((number, None, row, sendable));
        }
        for (handle, row) in std::mem::take(&mut part.long_customers) {
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

/// Rows finer than a /64, by group.
fn take_fine(
    parts: &mut [PartIndex],
    base: impl Fn(usize) -> u32,
) -> HashMap<u32, Vec<Span<u128>>> {
    let mut fine: HashMap<u32, Vec<Span<u128>>> = HashMap::new();
    for (index, part) in parts.iter_mut().enumerate() {
        for entry in std::mem::take(&mut part.fine) {
            let row = entry.row + base(index);
            let Entry { first, last, group, .. } = entry;
            fine.entry(group).or_default().push(Span { first, last, row });
        }
    }
    fine
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

/// Spans of one width, group after group.
struct Grouped<A> {
    spans: Vec<Span<A>>,
    /// Where each group begins; one more for the end.
    begins: Vec<usize>,
}

impl<A: Address> Grouped<A> {
    /// Counts, then puts every span where its group stands: parts are freed as they are emptied.
    fn new(parts: Vec<Vec<Entry<A>>>, base: impl Fn(usize) -> u32, groups: usize) -> Self {
        let mut begins = vec![0; groups + 1];
        for entry in parts.iter().flatten() {
            begins[entry.group as usize + 1] += 1;
        }
        for group in 0..groups {
            begins[group + 1] += begins[group];
        }
        let mut next = begins.clone();
        let mut spans = vec![Span::default(); begins[groups]];
        for (index, part) in parts.into_iter().enumerate() {
            let base = base(index);
            for entry in part {
                let at = &mut next[entry.group as usize];
                spans[*at] = Span { first: entry.first, last: entry.last, row: entry.row + base };
                *at += 1;
            }
        }
        Self { spans, begins }
    }

    fn count(&self, rows: &mut [u64]) {
        for (group, ends) in self.begins.windows(2).enumerate() {
            rows[group] += (ends[1] - ends[0]) as u64;
        }
    }

    /// Collisions of every group; groups with `fine` spans are related in full width.
    fn collisions<'r>(
        mut self,
        fine: &HashMap<u32, Vec<Span<u128>>>,
        room: impl Fn(u32) -> Room<'r> + Sync,
    ) -> Vec<Collisions> {
        let mut groups = Vec::new();
        let mut rest = self.spans.as_mut_slice();
        for (group, ends) in (0_u32..).zip(self.begins.windows(2)) {
            let (spans, behind) = rest.split_at_mut(ends[1] - ends[0]);
            rest = behind;
            if spans.len() > 1 || fine.contains_key(&group) {
                groups.push((group, spans));
            }
        }
        let of_group = |(group, spans): (u32, &mut [Span<A>])| match fine.get(&group) {
            None => collisions(spans, &room(group)),
            Some(fine) => {
                let widen = |span: &Span<A>| {
                    let (first, last) = A::widen(span.first, span.last);
                    Span { first, last, row: span.row }
                };
                let mut all: Vec<Span<u128>> = spans.iter().map(widen).collect();
                all.extend_from_slice(fine);
                collisions(&mut all, &room(group))
            }
        };
        groups.into_par_iter().map(of_group).collect()
    }
}

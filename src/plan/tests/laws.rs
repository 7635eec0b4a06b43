//! The compact index against a brute force that compares every pair of rows.

use proptest::prelude::*;

use super::*;
use crate::domain::AddressRange;
use crate::domain::finding::RELATED_ROWS_MAX;

/// A row of a random plan: its block, the parent it names, its customer.
type Line = (AddressRange, Option<&'static str>, Option<u8>);

/// Parents of every relation: nested, equal, overlapping in part, of both families.
fn many_parents() -> Vec<Parent> {
    vec![
        parent("NET-A", "10.0.0.0/16", "DA"),
        parent("NET-B", "10.0.1.0/24", "A"),
        parent("NET-C", "10.0.2.0 - 10.0.3.127", "DA"),
        parent("NET-D", "10.0.3.0 - 10.0.4.255", "DA"),
        parent("NET-E", "255.255.255.0/24", "DA"),
        parent("NET6-A", "2001:db8::/32", "DA"),
        parent("NET6-B", "2001:db8:0:f00::/56", "A"),
        parent("NET6-Z", "ffff:ffff:ffff:ff00::/56", "DA"),
    ]
}

fn line() -> impl Strategy<Value = Line> {
    let v4 = |first: u32, size: u32| {
        AddressRange::from_bounds(
            crate::domain::Family::V4,
            u128::from(first),
            u128::from(first.saturating_add(size)),
        )
        .unwrap()
    };
    let v6 = |first: u128, size: u128| {
        AddressRange::from_bounds(crate::domain::Family::V6, first, first.saturating_add(size))
            .unwrap()
    };
    let base = 0x0a00_0000_u32;
    let six = 0x2001_0db8_u128 << 96;
    let block = prop_oneof![
        // Equal and nested CIDR blocks, many to the same few places.
        (0_u32..64, 0_u32..6)
            .prop_map(move |(at, bits)| v4(base + (at << 4 >> bits << bits), (1 << bits) - 1)),
        // Ranges that overlap in part, across the borders of parents.
        (0_u32..1400, 0_u32..200).prop_map(move |(at, size)| v4(base + at, size)),
        // Adjacent blocks.
        (0_u32..128).prop_map(move |at| v4(base + at * 8, 7)),
        // The last address, and a whole family.
        (0_u32..16).prop_map(move |size| v4(u32::MAX - size, size)),
        Just(v4(0, u32::MAX)),
        // IPv6: whole /64s, finer ones, the last address.
        (0_u128..24, 0_u32..4).prop_map(move |(at, bits)| v6(
            six + (at >> bits << bits << 64),
            (1 << (64 + bits)) - 1
        )),
        (0_u128..8, 0_u128..300).prop_map(move |(at, size)| v6(six + (at << 63), size)),
        (0_u128..4).prop_map(move |at| v6(u128::MAX - (at << 64), at << 64)),
        Just(v6(0, u128::MAX)),
    ];
    let named = prop_oneof![
        4 => Just(None),
        1 => Just(Some("NET-A")),
        1 => Just(Some("NET-B")),
        1 => Just(Some("NET-X")),
        1 => Just(Some("NET6-A")),
    ];
    let customer = prop_oneof![6 => Just(None), 1 => (0_u8..4).prop_map(Some)];
    (block, named, customer)
}

/// A handle: numbers that differ by their zeros alone, and one of too many digits to be packed.
fn handle(customer: u8) -> String {
    ["C1", "C01", "C001", "C00000000000000000001"][usize::from(customer)].to_owned()
}

struct Rows(Vec<(Line, Option<String>)>);

impl Rows {
    fn new(lines: Vec<Line>) -> Self {
        Self(lines.into_iter().map(|line| (line, line.2.map(handle))).collect())
    }

    fn views(&self) -> Vec<RowView<'_>> {
        (1..).zip(&self.0).map(|(row, line)| view_of(row, line)).collect()
    }
}

fn view_of(row: u64, line: &(Line, Option<String>)) -> RowView<'_> {
    let ((block, named, _), customer) = line;
    let simple = customer.is_some();
    RowView {
        at: RowAt { row, line: row + 1, ..RowAt::default() },
        parent_net: named.map(Into::into),
        block: Some(*block),
        action: Some(if simple { Action::ReassignSimple } else { Action::ReassignDetailed }),
        customer: customer.as_deref().map(Into::into),
        sound: true,
        ..RowView::default()
    }
}

fn judge(known: bool) -> Judge {
    let options = CheckOptions {
        allow_whole_parent: false,
        below_policy: BelowPolicy::Register,
        as_of: date(2026, 11, 12),
        deadline_days: policy::DEADLINE_DAYS,
    };
    let parents = known.then(many_parents);
    Judge::new(parents, registered::RegisteredSet::new(), options)
}

/// Relates rows cut into parts of a size.
fn related(judge: &Judge, views: &[RowView<'_>], size: usize) -> Relations {
    // Parts fall to two readers in turns of three.
    let (mut indexes, mut bases) = ([RowIndex::default(), RowIndex::default()], Vec::new());
    for (at, chunk) in views.chunks(size).enumerate() {
        let index = &mut indexes[usize::from(at % 3 == 0)];
        for (local, view) in (0..).zip(chunk) {
            index.take(local, view, &judge.judge(view, &mut Vec::new()));
        }
        index.end_part(at);
        bases.push((at * size) as u64);
    }
    judge.relate(indexes.into(), &bases)
}

/// Findings by row: rule, related rows, total, help.
type Found = (u64, &'static str, Vec<u64>, u64);

fn findings(relations: &Relations, views: &[RowView<'_>]) -> Vec<Found> {
    let of = |view: &RowView<'_>| relations.findings(view, |row| Some(row + 1));
    let all = views.iter().flat_map(of);
    all.map(|f| (f.at.row, f.rule.as_str(), f.related_rows, f.related_total)).collect()
}

/// The same by comparing every pair.
fn brute(judge: &Judge, views: &[RowView<'_>]) -> Vec<(u64, &'static str, Vec<u64>)> {
    let groups: Vec<_> = views.iter().map(|v| judge.judge(v, &mut Vec::new()).group).collect();
    let mut found = Vec::new();
    for (at, view) in views.iter().enumerate() {
        let sharing = (0..at).filter(|other| {
            groups[*other] == groups[at]
                && groups[at] != Group::Nowhere
                && views[*other].block.unwrap().overlaps(&view.block.unwrap())
        });
        let rows: Vec<u64> = sharing.map(|other| views[other].at.row).collect();
        let user = |other: &&RowView<'_>| other.customer == view.customer;
        let first = views[..at].iter().filter(|_| view.customer.is_some()).find(user);
        found.extend(first.map(|first| (view.at.row, "customer-reused", vec![first.at.row])));
        if !rows.is_empty() {
            found.push((view.at.row, "overlap", rows));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn equals_the_brute_force_wherever_the_parts_are_cut(
        lines in prop::collection::vec(line(), 0..70),
        size in 1_usize..80,
        known in any::<bool>(),
    ) {
        let (rows, judge) = (Rows::new(lines), judge(known));
        let views = rows.views();
        let relations = related(&judge, &views, size);
        let found = findings(&relations, &views);
        let expected = brute(&judge, &views);
        prop_assert_eq!(found.len(), expected.len());
        for ((row, rule, listed, total), (row2, rule2, all)) in found.iter().zip(&expected) {
            prop_assert_eq!((row, rule), (row2, rule2));
            prop_assert_eq!(listed.as_slice(), &all[..all.len().min(RELATED_ROWS_MAX)]);
            prop_assert!(*total as usize <= all.len() && *total as usize >= all.len().min(RELATED_ROWS_MAX));
        }
        let whole = related(&judge, &views, views.len().max(1));
        prop_assert_eq!(&found, &findings(&whole, &views));
        prop_assert_eq!(relations.requests, whole.requests);
    }

    #[test]
    fn a_named_free_block_is_free_and_under_the_same_parent(
        lines in prop::collection::vec(line(), 0..40),
    ) {
        let (rows, judge) = (Rows::new(lines), judge(true));
        let views = rows.views();
        let relations = related(&judge, &views, 16);
        for view in &views {
            for finding in relations.findings(view, |_| None) {
                let Some((_, named)) = finding.help.split_once("one of them, ") else { continue };
                let free: AddressRange = named.trim_end_matches(" is free").parse().unwrap();
                let block = view.block.unwrap();
                prop_assert_eq!(free.size(), block.size());
                let taken = |other: &RowView<'_>| {
                    judge.judge(other, &mut Vec::new()).group == judge.judge(view, &mut Vec::new()).group
                        && other.block.unwrap().overlaps(&free)
                };
                prop_assert!(!views.iter().any(taken), "{} for {}", free, block);
                let group = judge.judge(view, &mut Vec::new()).group;
                let moved = RowView { block: Some(free), parent_net: None, ..*view };
                prop_assert_eq!(judge.judge(&moved, &mut Vec::new()).group, group);
            }
        }
    }

    #[test]
    fn the_order_of_rows_moves_only_the_reported_side(
        lines in prop::collection::vec(line(), 0..40),
        by in 0_usize..40,
    ) {
        let judge = judge(true);
        let pairs = |rows: &Rows, shift: usize| {
            let views = rows.views();
            let relations = related(&judge, &views, 7);
            let count = views.len() as u64;
            let name = |row: u64| (row - 1 + shift as u64) % count;
            // Without those whose list may be cut.
            let mut pairs: Vec<(u64, u64)> = findings(&relations, &views)
                .into_iter()
                .filter(|(_, rule, ..)| *rule == "overlap")
                .flat_map(|(row, _, related, _)| related.into_iter().map(move |other| (row, other)))
                .map(|(a, b)| (name(a).min(name(b)), name(a).max(name(b))))
                .collect();
            pairs.sort_unstable();
            let long = findings(&relations, &views).iter().any(|(.., total)| *total >= 10);
            (pairs, relations.requests, long)
        };
        let by = if lines.is_empty() { 0 } else { by % lines.len() };
        let mut turned = lines.clone();
        turned.rotate_left(by);
        let (before, requests, long) = pairs(&Rows::new(lines), 0);
        let (after, same, longer) = pairs(&Rows::new(turned), by);
        prop_assert_eq!(requests, same);
        if !long && !longer {
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn containment_equals_a_scan_of_all_parents(lines in prop::collection::vec(line(), 1..20)) {
        let parents = many_parents();
        let set = parents::ParentSet::new(parents.clone());
        for (block, ..) in lines {
            let smallest = parents
                .iter()
                .filter(|parent| parent.block.contains(&block))
                .min_by_key(|parent| parent.block.size());
            let found = set.around(&block).and_then(|found| set.get(found.index));
            prop_assert_eq!(found.map(|p| p.block.size()), smallest.map(|p| p.block.size()));
        }
    }
}

#[test]
fn a_hundred_thousand_identical_rows_are_no_quadratic_matter() {
    let judge = judge(true);
    let block: AddressRange = "10.0.9.0/24".parse().unwrap();
    let rows = Rows::new(vec![(block, None, None); 100_000]);
    let views = rows.views();
    let relations = related(&judge, &views, 1000);
    let last = findings(&relations, &views[99_999..]);
    assert_eq!(last, [(100_000, "overlap", (1..=10).collect(), 99_999)]);
    assert_eq!(relations.requests, 0);
}

#[test]
fn short_rows_and_long_rows_to_one_far_end_are_no_quadratic_matter() {
    let judge = judge(true);
    let range = |first: u32, last: u32| {
        let bounds = (0x0a00_0000 + u128::from(first), 0x0a00_0000 + u128::from(last));
        AddressRange::from_bounds(crate::domain::Family::V4, bounds.0, bounds.1).unwrap()
    };
    let count = 15_000;
    let short = (0..count).map(|at| (range(4 * at, 4 * at + 1), None, None));
    let long = (0..count).map(|at| (range(4 * at + 2, 65_000), None, None));
    let rows = Rows::new(short.chain(long).collect());
    let views = rows.views();
    let found = findings(&related(&judge, &views, 1000), &views);
    assert_eq!(found.len(), count as usize);
    assert_eq!(found[0].2, (2..=11).collect::<Vec<u64>>());
}

//! Laws of the grouping: it agrees with a look at every pair, every row and net has one place,
//! a row without a voice protects its space, no customer serves two rows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::{
    Assignment, Comment, Country, Customer, CustomerValues, Detail, Family, Given, Holder, NetName,
    PlainText, PostalAddress, Registration, RowAt, Rule, SimpleRecipient, Source,
};
use crate::plan::StepKey;

const MANAGED: &str = "NET-10-0-0-0-1";
const SECOND: &str = "NET-10-0-1-0-1";
const FOREIGN: &str = "NET-10-0-2-0-1";
/// First address of the managed parents' and the foreign parent's space.
const BASE: u128 = 0x0a00_0000;
/// Addresses of each parent.
const SIZE: u128 = 32;

fn block(first: u128, length: u128) -> AddressRange {
    AddressRange::from_bounds(Family::V4, BASE + first, BASE + first + length - 1).unwrap()
}

fn parent(handle: &str, at: u128, managed: bool) -> Parent {
    Parent {
        net_handle: handle.parse().unwrap(),
        block: block(at * SIZE, SIZE),
        kind: NetType::DirectAllocation,
        active: true,
        org: None,
        managed,
    }
}

fn text(text: &str) -> PlainText {
    PlainText::parse(text).unwrap()
}

fn step(parent: &str, block: AddressRange, customer: &str) -> Step {
    let address = PostalAddress {
        street: vec![text("1 Main Street")],
        city: text("Reston"),
        state: Some(text("VA")),
        postal_code: Some(text("20190")),
        country: Country::US,
    };
    let customer = Customer { name: text(customer), address, private: false };
    Step {
        parent: parent.parse().unwrap(),
        block,
        net_name: NetName::parse("MAPLE-1").unwrap(),
        name_generated: false,
        assignment: Assignment::ReassignSimple(SimpleRecipient::New(customer)),
        comment: Comment::default(),
        given: Given::default(),
    }
}

fn row(number: u64, block: Option<AddressRange>, fate: Fate) -> PlannedRow {
    PlannedRow {
        at: RowAt { row: number, ..RowAt::default() },
        reference: None,
        action: None,
        parent: None,
        block,
        net_name: None,
        recipient: None,
        private: false,
        assigned_on: None,
        fate,
    }
}

fn net(number: usize, parent: Option<&str>, block: AddressRange, holder: u32) -> Registered {
    let values = CustomerValues {
        name: "Maple".to_owned(),
        street: vec!["1 Main Street".to_owned()],
        city: Some("Reston".to_owned()),
        state: Some("VA".to_owned()),
        postal_code: Some("20190".to_owned()),
        country: Some("US".to_owned()),
        ..CustomerValues::default()
    };
    let registration = Registration {
        net_handle: format!("NET-10-9-9-{number}-1").parse().unwrap(),
        parent: parent.map(|handle| handle.parse().unwrap()),
        block,
        kind: NetType::Reassignment,
        net_name: "MAPLE-1".to_owned(),
        holder: Holder::Customer(format!("C{:08}", 10_000_000 + holder).parse().unwrap()),
        comment: Vec::new(),
        registered_at: Some("2015-01-01T00:00:00-05:00".to_owned()),
    };
    let mut net = Registered::summary(registration, Source::Handle, None);
    net.detail = Detail::Full;
    net.customer = Some(values);
    net
}

fn plan(rows: Vec<PlannedRow>) -> Plan {
    let parents =
        vec![parent(MANAGED, 0, true), parent(SECOND, 1, true), parent(FOREIGN, 2, false)];
    Plan { parents, rows, ..Plan::default() }
}

/// One pair: a row and the net of its block.
fn pair(change: impl FnOnce(&mut Step, &mut Registered)) -> Grouping {
    let space = block(8, 8);
    let (mut wanted, mut held) = (step(MANAGED, space, "Maple"), net(0, Some(MANAGED), space, 0));
    change(&mut wanted, &mut held);
    let plan = plan(vec![row(1, Some(space), Fate::Send(Box::new(wanted)))]);
    let (looked, listed) = (HashMap::new(), HashSet::new());
    group(&plan, Inventory { registered: &[held], looked: &looked, listed: &listed })
}

#[test]
fn each_difference_has_its_group() {
    let customer = |held: &mut Registered| held.customer.clone().unwrap();
    let of = |change: &dyn Fn(&mut CustomerValues)| {
        pair(|_, held| {
            let mut values = customer(held);
            change(&mut values);
            held.customer = Some(values);
        })
    };
    let cases = [
        (of(&|_| ()), Group::Equal, vec![]),
        (of(&|c| c.name = "Oak".into()), Group::Name, vec!["customer_name"]),
        (pair(|_, held| held.net.net_name = "OLD".into()), Group::Name, vec!["net_name"]),
        (pair(|_, held| held.net.net_name = "Maple 1".into()), Group::Equal, vec![]),
        (pair(|_, held| held.net.net_name = "MAPLE1".into()), Group::Spelling, vec!["net_name"]),
        (of(&|c| c.name = "MAPLE.".into()), Group::Spelling, vec!["customer_name"]),
        (of(&|c| c.street = vec!["1 Main Street,".into()]), Group::Spelling, vec!["street"]),
        (of(&|c| c.street.push("Suite 2".into())), Group::Equal, vec![]),
        (of(&|c| c.city = Some("Boston".into())), Group::Address, vec!["city"]),
        (of(&|c| c.country = Some("USA".into())), Group::Equal, vec![]),
        (
            of(&|c| {
                c.name = "Oak".into();
                c.street = vec!["9 Elm".into()];
            }),
            Group::Recipient,
            vec!["customer_name", "street"],
        ),
        (
            pair(|_, held| held.net.holder = Holder::Org("OAK-1".parse().unwrap())),
            Group::Recipient,
            vec!["action"],
        ),
        (
            pair(|wanted, _| {
                wanted.assignment = Assignment::ReassignSimple(SimpleRecipient::Existing(
                    "C10000099".parse().unwrap(),
                ));
            }),
            Group::Recipient,
            vec!["customer_handle"],
        ),
        (pair(|wanted, _| wanted.given.private = true), Group::Equal, vec![]),
    ];
    for (at, (grouping, group, columns)) in cases.into_iter().enumerate() {
        let found = grouping.matches.first().unwrap_or_else(|| panic!("case {at}: {grouping:?}"));
        let differs: Vec<&str> = found.differences.iter().map(|d| d.column).collect();
        assert_eq!((found.group, differs), (group, columns), "case {at}");
    }
}

#[test]
fn a_name_never_makes_a_match() {
    // Same name, same customer, same parent: another block is another net.
    let (wanted, held) = (block(8, 8), block(16, 8));
    let sent = Fate::Send(Box::new(step(MANAGED, wanted, "Maple")));
    let plan = plan(vec![row(1, Some(wanted), sent)]);
    let looked = HashMap::from([(wanted, Look::Absent)]);
    let listed = HashSet::from([MANAGED.parse().unwrap()]);
    let nets = [net(0, Some(MANAGED), held, 0)];
    let found = group(&plan, Inventory { registered: &nets, looked: &looked, listed: &listed });
    assert!(found.matches.is_empty(), "{found:?}");
    assert_eq!((found.not_registered, found.not_in_plan), (vec![1], vec![0]));
}

#[test]
fn what_was_not_read_is_never_equal() {
    let unread = [
        pair(|_, held| held.customer = None),
        pair(|_, held| {
            held.detail = Detail::Summary;
            held.seen.source = Source::Rdap;
        }),
        pair(|_, held| held.net.holder = Holder::Unknown),
    ];
    for grouping in unread {
        assert!(grouping.matches.is_empty(), "{grouping:?}");
        assert_eq!(grouping.unknown.len(), 1, "{grouping:?}");
    }
}

#[test]
fn absence_takes_a_read_of_the_range_and_a_whole_list() {
    let space = block(8, 8);
    let plan = plan(vec![row(1, Some(space), Fate::Send(Box::new(step(MANAGED, space, "M"))))]);
    let handle: NetHandle = MANAGED.parse().unwrap();
    for (look, listed, absent) in [
        (Some(Look::Absent), true, true),
        (Some(Look::Absent), false, false),
        (Some(Look::Failed("503".to_owned())), true, false),
        (None, true, false),
    ] {
        let looked = look.into_iter().map(|look| (space, look)).collect();
        let listed = listed.then(|| handle.clone()).into_iter().collect();
        let found = group(&plan, Inventory { registered: &[], looked: &looked, listed: &listed });
        assert_eq!(found.not_registered.len(), usize::from(absent));
        assert_eq!(found.unknown.len(), usize::from(!absent));
    }
}

/// A row of the random plan.
#[derive(Clone, Debug)]
struct Drawn {
    place: (u128, u128),
    parent: usize,
    voice: u8,
}

const PARENTS: [&str; 3] = [MANAGED, SECOND, FOREIGN];

fn drawn() -> impl Strategy<Value = Drawn> {
    ((0_u128..28, 1_u128..5), 0_usize..3, 0_u8..7).prop_map(|(place, parent, voice)| Drawn {
        place,
        parent,
        voice,
    })
}

fn place(parent: usize, (first, length): (u128, u128)) -> AddressRange {
    block(parent as u128 * SIZE + first, length)
}

/// Rows as the checker leaves them: those to be sent never overlap, and lie in managed parents.
fn rows(drawn: &[Drawn]) -> Vec<PlannedRow> {
    let mut rows: Vec<PlannedRow> = Vec::new();
    for (at, drawn) in drawn.iter().enumerate() {
        let space = place(drawn.parent, drawn.place);
        let free = |row: &PlannedRow| {
            !matches!(row.fate, Fate::Send(_)) || !row.block.unwrap().overlaps(&space)
        };
        let invalid = || Fate::Invalid { rule: Rule::BadPrefix, message: String::new() };
        let (space, fate) = match drawn.voice {
            0 => (Some(space), invalid()),
            1 if at % 5 == 0 => (None, invalid()),
            2 => (Some(space), Fate::Recorded),
            _ if drawn.parent == 2 => (Some(space), Fate::NotManaged),
            _ if rows.iter().all(free) => {
                (Some(space), Fate::Send(Box::new(step(PARENTS[drawn.parent], space, "Maple"))))
            }
            _ => (Some(space), Fate::NotRequired),
        };
        rows.push(row(at as u64 + 1, space, fate));
    }
    rows
}

/// A net: place, parent, holder; parent 3 is a net that is neither listed nor a parent.
type DrawnNet = ((u128, u128), usize, u32, bool);

fn nets(drawn: &[DrawnNet]) -> Vec<Registered> {
    let mut taken: BTreeSet<(usize, u128)> = BTreeSet::new();
    let mut nets = Vec::new();
    for (number, (at, of, holder, reallocated)) in drawn.iter().enumerate() {
        let handle = PARENTS.get(*of).copied().unwrap_or("NET-10-77-0-0-1");
        // Siblings never overlap at the registry.
        let mine: Vec<(usize, u128)> = (at.0..at.0 + at.1).map(|address| (*of, address)).collect();
        if mine.iter().any(|address| taken.contains(address)) {
            continue;
        }
        taken.extend(mine);
        let mut found = net(number, Some(handle), place(of % 3, *at), *holder);
        if *reallocated {
            found.net.kind = NetType::Reallocation;
            found.net.holder = Holder::Org("OAK-1".parse().unwrap());
        }
        nets.push(found);
    }
    nets
}

/// Where a look at every pair puts a row.
fn oracle(wanted: &Step, nets: &[Registered]) -> &'static str {
    let managed = |net: &&Registered| {
        let parent = net.net.parent.as_ref().map(NetHandle::as_str);
        parent == Some(MANAGED) || parent == Some(SECOND)
    };
    let on: Vec<&Registered> =
        nets.iter().filter(|net| net.net.block.overlaps(&wanted.block)).collect();
    let own: Vec<&&Registered> =
        on.iter().filter(|net| net.net.parent.as_ref() == Some(&wanted.parent)).collect();
    let holders = |net: &Registered| {
        let handle = net.customer_handle();
        handle.map_or(1, |h| nets.iter().filter(|n| n.customer_handle() == Some(h)).count())
    };
    if let Some(same) = own.iter().find(|net| net.net.block == wanted.block) {
        return match (holders(same), &same.net.holder) {
            (2.., _) => "refused",
            (_, Holder::Org(_)) => "recipient",
            _ => "equal",
        };
    }
    let gone = own
        .iter()
        .any(|net| net.net.kind == NetType::Reallocation && net.net.block.contains(&wanted.block));
    if gone || on.iter().any(|net| !managed(net)) {
        "not-managed"
    } else if on.len() > own.len() || own.iter().any(|net| holders(net) > 1) {
        "refused"
    } else if own.is_empty() {
        "not-registered"
    } else {
        "split"
    }
}

fn placed(grouping: &Grouping) -> BTreeMap<u64, Vec<&'static str>> {
    let mut all: BTreeMap<u64, Vec<&'static str>> = BTreeMap::new();
    for found in &grouping.matches {
        all.entry(found.row).or_default().push(found.group.as_str());
    }
    for row in &grouping.not_registered {
        all.entry(*row).or_default().push("not-registered");
    }
    for (name, asides) in [
        ("not-managed", &grouping.not_managed),
        ("refused", &grouping.refused),
        ("unknown", &grouping.unknown),
    ] {
        for row in asides.iter().filter_map(|aside| aside.row) {
            all.entry(row).or_default().push(name);
        }
    }
    all
}

proptest! {
    #[test]
    fn grouping_agrees_with_a_look_at_every_pair(
        drawn_rows in prop::collection::vec(drawn(), 0..24),
        drawn_nets in prop::collection::vec(((0_u128..28, 1_u128..6), 0_usize..4, 0_u32..60, prop::bool::weighted(0.2)), 0..24),
    ) {
        let plan = plan(rows(&drawn_rows));
        let nets = nets(&drawn_nets);
        let looked = plan.rows.iter().filter_map(|row| Some((row.block?, Look::Absent))).collect();
        let listed = plan.parents.iter().map(|parent| parent.net_handle.clone()).collect();
        let found = group(&plan, Inventory { registered: &nets, looked: &looked, listed: &listed });
        let places = placed(&found);
        for row in &plan.rows {
            let expected = match &row.fate {
                Fate::Send(step) => vec![oracle(step, &nets)],
                Fate::NotManaged => vec!["not-managed"],
                _ => continue,
            };
            prop_assert_eq!(places.get(&row.at.row), Some(&expected), "row {}", row.at.row);
        }
        nets_have_one_place(&plan, &nets, &found)?;
        no_customer_serves_two(&nets, &found)?;
    }
}

/// Every net is taken, or in exactly one list of nets; rows protect what they stand on.
fn nets_have_one_place(
    plan: &Plan,
    nets: &[Registered],
    found: &Grouping,
) -> Result<(), TestCaseError> {
    let managed = |net: &Registered| {
        matches!(net.net.parent.as_ref().map(NetHandle::as_str), Some(MANAGED | SECOND))
    };
    let mut taken: BTreeSet<usize> = found.matches.iter().flat_map(|m| m.nets.clone()).collect();
    taken.extend(found.refused.iter().chain(&found.unknown).filter_map(|aside| aside.net));
    let lone =
        |asides: &[Aside]| -> Vec<usize> { asides.iter().filter_map(|aside| aside.net).collect() };
    let unread = plan.rows.iter().any(|row| row.block.is_none());
    for (at, net) in nets.iter().enumerate() {
        let standing =
            plan.rows.iter().any(|row| row.block.is_some_and(|b| b.overlaps(&net.net.block)));
        let listed = found.not_in_plan.contains(&at);
        let expected = managed(net) && !standing && !unread;
        prop_assert_eq!(listed, expected, "net {}", net.net.net_handle);
        let protected = lone(&found.protected).contains(&at);
        prop_assert_eq!(protected, managed(net) && !expected && !taken.contains(&at));
        let matched = found.matches.iter().any(|found| found.nets.contains(&at));
        prop_assert!(!matched || managed(net));
        prop_assert!(managed(net) || lone(&found.not_managed).contains(&at) || taken.contains(&at));
    }
    Ok(())
}

fn no_customer_serves_two(nets: &[Registered], found: &Grouping) -> Result<(), TestCaseError> {
    let mut users: BTreeMap<&CustomerHandle, BTreeSet<StepKey>> = BTreeMap::new();
    for at in found.matches.iter().flat_map(|found| &found.nets) {
        let net = &nets[*at];
        let key = StepKey { parent: net.net.parent.clone().unwrap(), block: net.net.block };
        if let Some(customer) = net.customer_handle() {
            users.entry(customer).or_default().insert(key);
        }
    }
    prop_assert!(users.values().all(|keys| keys.len() == 1));
    Ok(())
}

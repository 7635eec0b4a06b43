//! Applied once, nothing is left to do; and it agrees with a simple oracle.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// The registry after every change that acts.
fn applied(registered_side: &[Registered], diff: &Diff) -> Vec<Registered> {
    let mut side: BTreeMap<(NetHandle, AddressRange), Registered> = registered_side
        .iter()
        .map(|r| ((r.net.net_handle.clone(), r.net.block), r.clone()))
        .collect();
    let acting: Vec<&Change> = diff.changes.iter().filter(|change| change.acts()).collect();
    for change in &acting {
        let Some(before) = &change.before else { continue };
        let key = (before.net.net_handle.clone(), before.net.block);
        match &change.verb {
            Verb::Remove | Verb::Replace { .. } => {
                side.remove(&key);
            }
            Verb::Modify(edits) => {
                let net = side.get_mut(&key).unwrap();
                edits.iter().for_each(|edit| apply_edit(net, edit));
            }
            _ => {}
        }
    }
    for (serial, change) in acting.iter().enumerate() {
        if let Some(step) = change.step() {
            assert!(
                !side.values().any(|r| r.net.block.overlaps(&step.block)),
                "an addition meets a net that is still there"
            );
            let new = registered(step, 1000 + serial);
            side.insert((new.net.net_handle.clone(), new.net.block), new);
        }
    }
    side.into_values().collect()
}

fn apply_edit(net: &mut Registered, edit: &Edit) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    if edit.field == Field::NetName {
        net.net.net_name.clone_from(&edit.to);
        return;
    }
    if edit.field == Field::Comment {
        net.net.comment = edit.to.lines().map(str::to_owned).collect();
        return;
    }
    let customer = net.customer.as_mut().unwrap();
    match edit.field {
        Field::CustomerName => customer.name.clone_from(&edit.to),
        Field::Street => customer.street = edit.to.lines().map(str::to_owned).collect(),
        Field::City => customer.city = some(&edit.to),
        Field::State => customer.state = some(&edit.to),
        Field::PostalCode => customer.postal_code = some(&edit.to),
        Field::Country => customer.country = some(&edit.to),
        Field::Private => customer.private = edit.to == "true",
        Field::NetName | Field::Comment => {}
    }
}

/// Blocks of /29 to /26 of one /24 that do not overlap: a partition cut at random.
fn blocks() -> impl Strategy<Value = Vec<AddressRange>> {
    prop::collection::vec((0_u128..64, 0_u32..4), 0..14).prop_map(|shapes| {
        let mut taken: Vec<AddressRange> = Vec::new();
        for (at, size) in shapes {
            let length = 8_u128 << size;
            let first = (0x0a00_0000 + at * 8) / length * length;
            let range =
                AddressRange::from_bounds(crate::domain::Family::V4, first, first + length - 1)
                    .unwrap();
            if !taken.iter().any(|other| other.overlaps(&range)) {
                taken.push(range);
            }
        }
        taken
    })
}

#[derive(Clone, Debug)]
enum Kind {
    Simple(u8, bool, bool),
    Detailed(u8),
    Reallocate(u8),
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        4 => (0_u8..4, any::<bool>(), any::<bool>()).prop_map(|(name, private, given)| Kind::Simple(name, private, given)),
        1 => (0_u8..3).prop_map(Kind::Detailed),
        1 => (0_u8..3).prop_map(Kind::Reallocate),
    ]
}

fn step(range: AddressRange, kind: &Kind, comment: Option<u8>, named: bool) -> Step {
    let mut step = match kind {
        Kind::Simple(name, private, given) => {
            let mut step = simple(range, &format!("Customer {name}"));
            step.assignment = Assignment::ReassignSimple(SimpleRecipient::New(customer(
                &format!("Customer {name}"),
                &format!("{name} Main Street"),
                *private,
            )));
            step.given.private = *given;
            step
        }
        Kind::Detailed(org) => detailed(range, &format!("ORG-{org}")),
        Kind::Reallocate(org) => {
            let org = OrgRecipient::Existing(format!("ORG-{org}").parse().unwrap());
            Step { assignment: Assignment::Reallocate(org), ..simple(range, "x") }
        }
    };
    if let Some(comment) = comment {
        step.given.comment = true;
        let lines = if comment == 0 { String::new() } else { format!("Line {comment}") };
        step.comment = Comment::parse(&lines).unwrap();
    }
    if named {
        step.name_generated = false;
        step.net_name = NetName::parse(&format!("NAME-{}", comment.unwrap_or(9))).unwrap();
    }
    step
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    (blocks(), prop::collection::vec((kind(), prop::option::of(0_u8..3), any::<bool>()), 14))
        .prop_map(|(blocks, kinds)| {
            blocks
                .into_iter()
                .zip(kinds)
                .map(|(range, (kind, comment, named))| step(range, &kind, comment, named))
                .collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn applied_once_nothing_is_left_to_do(wanted in steps(), held in steps()) {
        let rows = wanted.into_iter().zip(1..).map(|(step, number)| send(number, step)).collect();
        let plan = plan(rows);
        let side: Vec<Registered> = held.iter().enumerate().map(|(n, step)| registered(step, n)).collect();
        let first = diff(&plan, known(&side), &DiffOptions::default());
        prop_assert!(first.changes.iter().all(|change| change.held.is_none()));
        let after = applied(&side, &first);
        let second = diff(&plan, known(&after), &DiffOptions::default());
        let left: Vec<_> = second.changes.iter().filter(|c| c.verb != Verb::Unchanged).collect();
        prop_assert!(left.is_empty(), "{left:?}");
        prop_assert_eq!(second.changes.len(), plan.rows.len());
    }

    #[test]
    fn it_agrees_with_a_simple_oracle(wanted in steps(), held in steps(), sick in prop::collection::btree_set(0_usize..14, 0..3)) {
        let rows: Vec<PlannedRow> = wanted.iter().cloned().enumerate().map(|(at, step)| {
            let number = at as u64 + 1;
            if sick.contains(&at) { invalid(number, Some(step.block)) } else { send(number, step) }
        }).collect();
        let plan = plan(rows);
        let side: Vec<Registered> = held.iter().enumerate().map(|(n, step)| registered(step, n)).collect();
        let found = diff(&plan, known(&side), &DiffOptions::default());
        let wanted_blocks: BTreeSet<AddressRange> = wanted.iter().map(|step| step.block).collect();
        let sick_blocks: Vec<AddressRange> =
            wanted.iter().enumerate().filter(|(at, _)| sick.contains(at)).map(|(_, s)| s.block).collect();
        for net in &side {
            let range = net.net.block;
            let change = found.changes.iter().find(|c| c.before.as_ref().is_some_and(|b| b.net.net_handle == net.net.net_handle));
            let protected = sick_blocks.iter().any(|sick| sick.overlaps(&range));
            match change {
                None => prop_assert!(wanted_blocks.contains(&range) && protected),
                Some(change) if wanted_blocks.contains(&range) => prop_assert!(change.row.is_some()),
                Some(change) => {
                    prop_assert_eq!(&change.verb, &Verb::Remove);
                    prop_assert_eq!(change.acts(), !protected);
                }
            }
        }
        for (at, step) in wanted.iter().enumerate().filter(|(at, _)| !sick.contains(at)) {
            let change = found.get(at as u64 + 1).unwrap();
            let exact = side.iter().any(|net| net.net.block == step.block);
            let sharing = side.iter().any(|net| net.net.block.overlaps(&step.block));
            prop_assert_eq!(matches!(change.verb, Verb::Add(_)), !exact, "{:?}", change);
            prop_assert_eq!(change.needs.is_empty(), exact || !sharing);
        }
    }
}

//! Laws of the diff: applying it leaves nothing to do; it agrees with a simple oracle; what may
//! not be removed is not; each guard holds what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::guards::{Facts, InputSize, Limits, Missing};
use super::*;
use crate::domain::{
    Assignment, Comment, Country, Customer, CustomerValues, Detail, Given, Holder, NetName,
    NetType, OrgRecipient, Parent, PlainText, PostalAddress, Registration, RowAt, Rule,
    SimpleRecipient, Source,
};

const PARENT: &str = "NET-10-0-0-0-1";

fn block(text: &str) -> AddressRange {
    text.parse().unwrap()
}

fn parent(handle: &str, range: &str, managed: bool) -> Parent {
    Parent {
        net_handle: handle.parse().unwrap(),
        block: block(range),
        kind: NetType::DirectAllocation,
        active: true,
        org: None,
        managed,
    }
}

fn text(text: &str) -> PlainText {
    PlainText::parse(text).unwrap()
}

fn customer(name: &str, street: &str, private: bool) -> Customer {
    let address = PostalAddress {
        street: vec![text(street)],
        city: text("Reston"),
        state: Some(text("VA")),
        postal_code: Some(text("20190")),
        country: Country::US,
    };
    Customer { name: text(name), address, private }
}

fn simple(range: AddressRange, name: &str) -> Step {
    Step {
        parent: PARENT.parse().unwrap(),
        block: range,
        net_name: NetName::generated(name, &range),
        name_generated: true,
        assignment: Assignment::ReassignSimple(SimpleRecipient::New(customer(
            name,
            "1 Main Street",
            false,
        ))),
        comment: Comment::default(),
        given: Given::default(),
    }
}

fn detailed(range: AddressRange, org: &str) -> Step {
    let org = OrgRecipient::Existing(org.parse().unwrap());
    Step { assignment: Assignment::ReassignDetailed(org), ..simple(range, "x") }
}

fn row(number: u64, fate: Fate, range: Option<AddressRange>) -> PlannedRow {
    PlannedRow {
        at: RowAt { row: number, line: number + 1, ..RowAt::default() },
        reference: None,
        action: None,
        parent: Some(PARENT.parse().unwrap()),
        block: range,
        net_name: None,
        recipient: None,
        private: false,
        fate,
    }
}

fn send(number: u64, step: Step) -> PlannedRow {
    let range = step.block;
    row(number, Fate::Send(Box::new(step)), Some(range))
}

fn invalid(number: u64, range: Option<AddressRange>) -> PlannedRow {
    row(number, Fate::Invalid { rule: Rule::State, message: "x".to_owned() }, range)
}

fn plan(rows: Vec<PlannedRow>) -> Plan {
    let parents =
        vec![parent(PARENT, "10.0.0.0/8", true), parent("NET-192-0-2-0-1", "192.0.2.0/24", false)];
    Plan { files: vec!["plan.csv".to_owned()], parents, rows }
}

/// What the registry holds after a step, told without the code under test.
fn registered(step: &Step, serial: usize) -> Registered {
    let (holder, values) = match &step.assignment {
        Assignment::ReassignSimple(SimpleRecipient::New(customer)) => {
            let values = CustomerValues {
                name: customer.name.to_string(),
                street: customer.address.street.iter().map(ToString::to_string).collect(),
                city: Some(customer.address.city.to_string()),
                state: customer.address.state.as_ref().map(ToString::to_string),
                postal_code: customer.address.postal_code.as_ref().map(ToString::to_string),
                country: Some(customer.address.country.code2().to_owned()),
                private: customer.private,
                ..CustomerValues::default()
            };
            (Holder::Customer(format!("C{serial:08}").parse().unwrap()), Some(values))
        }
        Assignment::ReassignDetailed(OrgRecipient::Existing(org))
        | Assignment::Reallocate(OrgRecipient::Existing(org)) => (Holder::Org(org.clone()), None),
        _ => unreachable!("not in these tests"),
    };
    let net = Registration {
        net_handle: format!("NET-{serial}").parse().unwrap(),
        parent: Some(step.parent.clone()),
        block: step.block,
        kind: match step.assignment {
            Assignment::Reallocate(_) => NetType::Reallocation,
            _ => NetType::Reassignment,
        },
        net_name: step.net_name.as_str().to_uppercase(),
        holder,
        comment: step.comment.lines().to_vec(),
        registered_at: Some(format!("2026-01-01T00:00:00-05:{:02}", serial % 60)),
    };
    Registered {
        customer: values,
        detail: Detail::Full,
        owner: Owner::Registered,
        customer_is_ours: true,
        ..Registered::summary(net, Source::Journal, None)
    }
}

fn known(registered: &[Registered]) -> Known<'_> {
    Known { registered, ..Known::default() }
}

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

fn one(step: Step, side: &[Registered]) -> Change {
    diff(&plan(vec![send(1, step)]), known(side), &DiffOptions::default()).changes.remove(0)
}

fn edits(change: &Change) -> Vec<(&'static str, &str, &str)> {
    let Verb::Modify(edits) = &change.verb else { return Vec::new() };
    edits.iter().map(|e| (e.field.as_str(), e.from.as_str(), e.to.as_str())).collect()
}

#[test]
fn case_spaces_and_punctuation_are_no_difference_and_blank_leaves_the_value() {
    let at = block("10.0.0.0/29");
    let mut held = registered(&simple(at, "Maple Street, Inc."), 1);
    held.net.comment = vec!["Operated by us".to_owned()];
    held.customer.as_mut().unwrap().private = true;
    held.customer.as_mut().unwrap().street.push("Suite 200".to_owned());
    assert_eq!(
        one(simple(at, "MAPLE  STREET INC"), std::slice::from_ref(&held)).verb,
        Verb::Unchanged
    );
    let mut cleared = simple(at, "Maple Street Inc");
    cleared.given.comment = true;
    let change = one(cleared, &[held]);
    assert_eq!(edits(&change), [("comment", "Operated by us", "")]);
}

#[test]
fn a_customer_who_moves_abroad_leaves_state_and_postal_code_behind() {
    let at = block("10.0.0.0/29");
    let held = registered(&simple(at, "Maple"), 1);
    let mut wanted = simple(at, "Maple");
    let mut moved = customer("Maple", "Hauptstr. 5", false);
    moved.address.country = Country::parse("DE").unwrap();
    (moved.address.state, moved.address.postal_code) = (None, None);
    wanted.assignment = Assignment::ReassignSimple(SimpleRecipient::New(moved));
    let change = one(wanted, &[held]);
    assert_eq!(
        edits(&change),
        [
            ("street", "1 Main Street", "Hauptstr. 5"),
            ("state", "VA", ""),
            ("postal_code", "20190", ""),
            ("country", "US", "DE"),
        ]
    );
}

#[test]
fn going_private_proposes_the_rename_and_going_public_is_held() {
    let at = block("10.0.0.0/29");
    let held = registered(&simple(at, "Jane Doe"), 1);
    let with = |private| {
        let mut step = simple(at, "Jane Doe");
        step.assignment = Assignment::ReassignSimple(SimpleRecipient::New(customer(
            "Jane Doe",
            "1 Main Street",
            private,
        )));
        step.given.private = true;
        step
    };
    let change = one(with(true), std::slice::from_ref(&held));
    assert_eq!(
        edits(&change),
        [("net_name", "JANE-DOE-10-0-0-0-29", "PRIVATE-10-0-0-0-29"), ("private", "false", "true")]
    );
    let mut hidden = held;
    hidden.customer.as_mut().unwrap().private = true;
    let mut found =
        diff(&plan(vec![send(1, with(false))]), known(&[hidden]), &DiffOptions::default());
    guards::hold(&mut found, &limits(), &facts());
    assert_eq!(held_codes(&found), [(1, "unprivate-not-allowed")]);
}

#[test]
fn another_org_or_action_replaces_and_modify_limits_what_is_changed() {
    let at = block("10.0.0.0/29");
    let held = registered(&detailed(at, "MAPLE-7"), 1);
    let change = one(detailed(at, "OAK-3"), std::slice::from_ref(&held));
    assert!(matches!(&change.verb, Verb::Replace { because, .. } if because == &["org_handle"]));
    let change = one(simple(at, "Maple"), &[held]);
    assert!(matches!(&change.verb, Verb::Replace { because, .. } if because == &["action"]));
    let mut side = registered(&simple(at, "Old"), 2);
    side.customer.as_mut().unwrap().city = Some("Herndon".to_owned());
    let options = DiffOptions { modify: Some(vec![Field::City]), ..DiffOptions::default() };
    let found = diff(&plan(vec![send(1, simple(at, "New"))]), known(&[side]), &options);
    assert_eq!(edits(&found.changes[0]), [("city", "Herndon", "Reston")]);
    assert!(found.changes[0].notes[0].contains("customer_name"), "{:?}", found.changes[0].notes);
}

#[test]
fn splits_and_merges_wait_for_the_removals() {
    let whole = registered(&simple(block("10.0.0.0/24"), "Whole"), 1);
    let halves = ["10.0.0.0/25", "10.0.0.128/25"].map(block);
    let rows = vec![send(1, simple(halves[0], "A")), send(2, simple(halves[1], "B"))];
    let found = diff(&plan(rows), known(&[whole]), &DiffOptions::default());
    assert_eq!(
        found.changes.iter().map(|c| c.needs.clone()).collect::<Vec<_>>(),
        [vec![REGISTRY_SIDE], vec![REGISTRY_SIDE], vec![]]
    );
    let side = [registered(&simple(halves[0], "A"), 1), registered(&simple(halves[1], "B"), 2)];
    let found = diff(
        &plan(vec![send(1, simple(block("10.0.0.0/24"), "Whole"))]),
        known(&side),
        &DiffOptions::default(),
    );
    assert_eq!(found.changes[0].needs, [REGISTRY_SIDE, REGISTRY_SIDE + 1]);
}

#[test]
fn the_same_reference_on_another_block_is_one_move_and_stays_private() {
    let mut old = registered(&simple(block("10.0.0.0/29"), "Jane Doe"), 1);
    old.reference = Some("J-1".to_owned());
    old.customer.as_mut().unwrap().private = true;
    let mut wanted = send(1, simple(block("10.0.1.0/29"), "Jane Doe"));
    wanted.reference = Some("J-1".to_owned());
    let found = diff(&plan(vec![wanted]), known(&[old]), &DiffOptions::default());
    assert_eq!(
        found.changes[0].moves,
        Some(Move { id: REGISTRY_SIDE, block: block("10.0.0.0/29") })
    );
    let step = found.changes[0].step().unwrap();
    assert!(step.assignment.is_private());
    assert_eq!(step.net_name.as_str(), "PRIVATE-10-0-1-0-29");
}

#[test]
fn rows_that_cannot_speak_for_themselves_protect_their_space() {
    let side = [
        registered(&simple(block("10.0.0.0/29"), "A"), 1),
        registered(&simple(block("10.0.1.0/29"), "B"), 2),
    ];
    let found = diff(
        &plan(vec![invalid(1, Some(block("10.0.0.0/24")))]),
        known(&side),
        &DiffOptions::default(),
    );
    assert_eq!(held_codes(&found), [(REGISTRY_SIDE, "protected-by-row")]);
    let found = diff(&plan(vec![invalid(1, None)]), known(&side), &DiffOptions::default());
    assert_eq!(
        held_codes(&found),
        [(REGISTRY_SIDE, "unread-row"), (REGISTRY_SIDE + 1, "unread-row")]
    );
    assert_eq!(found.unread, [1]);
    for fate in [Fate::Recorded, Fate::NotRequired, Fate::NotManaged] {
        let found = diff(
            &plan(vec![row(1, fate, Some(block("10.0.0.4/30")))]),
            known(&side[..1]),
            &DiffOptions::default(),
        );
        assert_eq!(held_codes(&found), [(REGISTRY_SIDE, "protected-by-row")]);
    }
}

#[test]
fn what_is_not_ours_is_only_looked_at() {
    let at = block("10.0.0.0/29");
    let mut side = registered(&simple(at, "Old"), 1);
    side.owner = Owner::Unowned;
    let found = diff(&plan(vec![]), known(&[side.clone()]), &DiffOptions::default());
    assert_eq!(found.changes[0].verb, Verb::Unplanned);
    let found = diff(
        &plan(vec![send(1, simple(at, "New"))]),
        known(&[side.clone()]),
        &DiffOptions::default(),
    );
    assert_eq!(held_codes(&found), [(1, "not-owned")]);
    let found = diff(
        &plan(vec![send(1, simple(block("10.0.0.0/28"), "New"))]),
        known(&[side.clone()]),
        &DiffOptions::default(),
    );
    assert!(
        matches!(&found.changes[0].verb, Verb::Conflict { with } if with[0].as_str() == "NET-1")
    );
    let ours = DiffOptions { include_unowned: true, ..DiffOptions::default() };
    assert_eq!(diff(&plan(vec![]), known(&[side.clone()]), &ours).changes[0].verb, Verb::Remove);
    side.net.parent = Some("NET-192-0-2-0-1".parse().unwrap());
    let found = diff(&plan(vec![]), known(&[side]), &ours);
    assert_eq!((found.changes.len(), found.elsewhere), (0, 1));
}

#[test]
fn children_keep_their_parent_and_go_before_it() {
    let org = OrgRecipient::Existing("MAPLE-7".parse().unwrap());
    let outer =
        Step { assignment: Assignment::Reallocate(org), ..simple(block("10.0.0.0/24"), "x") };
    let outer = registered(&outer, 1);
    let mut child = registered(&simple(block("10.0.0.0/29"), "C"), 2);
    child.net.parent = Some(outer.net.net_handle.clone());
    let side = [outer, child];
    let found = diff(&plan(vec![]), known(&side), &DiffOptions::default());
    assert_eq!(held_codes(&found), [(REGISTRY_SIDE, "has-children")]);
    let mut all = plan(vec![]);
    all.parents
        .push(Parent { kind: NetType::Reallocation, ..parent("NET-1", "10.0.0.0/24", true) });
    // Now the reallocation is a parent of the plan: never removed, its child may be.
    let found = diff(&all, known(&side), &DiffOptions::default());
    assert_eq!(found.changes.iter().map(|c| c.block).collect::<Vec<_>>(), [block("10.0.0.0/29")]);
}

#[test]
fn open_tickets_and_unknown_outcomes_are_waited_for() {
    let (first, second) = (block("10.0.0.0/29"), block("10.0.1.0/29"));
    let key = |block| StepKey { parent: PARENT.parse().unwrap(), block };
    let pending = [
        Pending { key: key(block("10.0.0.0/28")), ticket: "T-1".to_owned() },
        Pending { key: key(second), ticket: "T-2".to_owned() },
    ];
    let side = [registered(&simple(block("10.0.0.0/28"), "Gone"), 1)];
    let known = Known { registered: &side, pending: &pending, unsettled: &[] };
    let rows = vec![send(1, simple(first, "A")), send(2, simple(second, "B"))];
    let mut found = diff(&plan(rows.clone()), known, &DiffOptions::default());
    guards::hold(&mut found, &limits(), &facts());
    assert_eq!(held_codes(&found), [(1, "waits-for-ticket")]);
    assert_eq!(found.get(2).unwrap().verb, Verb::Waits { ticket: "T-2".to_owned() });
    let unsettled = [block("10.0.0.0/24")];
    let known = Known { registered: &side, pending: &[], unsettled: &unsettled };
    let found = diff(&plan(rows), known, &DiffOptions::default());
    assert_eq!(held_codes(&found), [(1, "outcome-unknown"), (REGISTRY_SIDE, "outcome-unknown")]);
}

fn held_codes(diff: &Diff) -> Vec<(u64, &'static str)> {
    let held = diff.changes.iter().filter_map(|c| Some((c.id, c.held.as_ref()?.code.as_str())));
    held.collect()
}

fn limits() -> Limits {
    Limits {
        removals: 0,
        grace: Duration::ZERO,
        max_change: guards::MAX_CHANGE_PERCENT,
        changes: None,
        additions: None,
        unprivate: 0,
        accept_shrink: None,
        unattended: true,
    }
}

fn facts() -> Facts {
    Facts { registrations: 100, now: "2026-11-20T02:00:00Z".parse().unwrap(), ..Facts::default() }
}

fn missing(blocks: &[AddressRange], since: &str, inputs: u64) -> HashMap<StepKey, Missing> {
    let since: Timestamp = since.parse().unwrap();
    let key = |block: &AddressRange| StepKey { parent: PARENT.parse().unwrap(), block: *block };
    blocks.iter().map(|block| (key(block), Missing { since, inputs })).collect()
}

#[test]
fn removals_wait_for_grace_two_inputs_and_permission() {
    let ranges = ["10.0.0.0/29", "10.0.1.0/29"].map(block);
    let side: Vec<Registered> =
        ranges.iter().enumerate().map(|(n, at)| registered(&simple(*at, "A"), n)).collect();
    let outcome = |limits: &Limits, facts: &Facts| {
        let mut found = diff(
            &plan(vec![send(1, simple(block("10.0.0.0/28"), "B"))]),
            known(&side),
            &DiffOptions::default(),
        );
        guards::hold(&mut found, limits, facts);
        found
            .changes
            .iter()
            .map(|c| c.held.as_ref().map_or("-", |h| h.code.as_str()))
            .collect::<Vec<_>>()
    };
    let gone = |since, inputs| Facts { missing: missing(&ranges, since, inputs), ..facts() };
    assert_eq!(outcome(&limits(), &facts()), ["removal-held", "removal-grace", "removal-grace"]);
    let lately = gone("2026-11-19T02:00:00Z", 5);
    let three_days = Limits { grace: guards::REMOVAL_GRACE, removals: 9, ..limits() };
    assert_eq!(outcome(&three_days, &lately), ["removal-held", "removal-grace", "removal-grace"]);
    let long = gone("2026-11-17T02:00:00Z", 2);
    assert_eq!(outcome(&three_days, &long), ["-", "-", "-"]);
    assert_eq!(
        outcome(&three_days, &gone("2026-11-17T02:00:00Z", 1)),
        ["removal-held", "removal-grace", "removal-grace"]
    );
    let one = Limits { removals: 1, ..three_days };
    assert_eq!(
        outcome(&one, &long),
        ["removal-held", "removal-not-allowed", "removal-not-allowed"]
    );
    let changed = Facts { files_changed: vec!["parents.csv".to_owned()], ..long };
    let all = Limits { removals: 9, ..one.clone() };
    assert_eq!(outcome(&all, &changed), ["removal-held", "files-changed", "files-changed"]);
    assert_eq!(outcome(&Limits { unattended: false, ..all }, &changed), ["-", "-", "-"]);
}

#[test]
fn too_many_changes_stop_the_run_and_additions_never_count() {
    let at = block("10.0.0.0/29");
    let side = [registered(&simple(at, "Old"), 1)];
    let rows = vec![send(1, simple(at, "New")), send(2, simple(block("10.0.1.0/29"), "B"))];
    let mut found = diff(&plan(rows), known(&side), &DiffOptions::default());
    let allowed = |limits: Limits, registrations| {
        guards::too_much(&found, &limits, &Facts { registrations, ..facts() })
    };
    assert_eq!(allowed(limits(), 10), Ok(()));
    assert!(allowed(limits(), 9).unwrap_err().contains("--allow-changes 1"));
    assert_eq!(allowed(Limits { changes: Some(1), ..limits() }, 0), Ok(()));
    assert!(allowed(Limits { changes: Some(0), ..limits() }, 1000).is_err());
    guards::hold(&mut found, &Limits { additions: Some(0), ..limits() }, &facts());
    assert_eq!(held_codes(&found), [(2, "addition-not-allowed")]);
}

#[test]
fn an_input_that_shrank_or_lost_a_parent_is_refused_until_accepted() {
    let size = |rows, of_parent| InputSize {
        rows,
        by_parent: BTreeMap::from([(PARENT.parse().unwrap(), of_parent)]),
    };
    let last = size(100, 100);
    let refused = |now: &InputSize, accept| guards::shrunk(now, Some(&last), |_| true, accept);
    assert_eq!(refused(&size(90, 90), None), Ok(()));
    assert!(refused(&size(89, 89), None).unwrap_err().contains("--accept-shrink 89"));
    assert_eq!(refused(&size(89, 89), Some(89)), Ok(()));
    assert!(refused(&size(89, 89), Some(88)).is_err());
    assert!(refused(&size(100, 0), None).unwrap_err().contains(PARENT));
    assert_eq!(guards::shrunk(&size(100, 0), Some(&last), |_| false, None), Ok(()));
    assert_eq!(guards::shrunk(&size(1, 1), None, |_| true, None), Ok(()));
}

#[test]
fn a_saved_plan_knows_when_it_was_changed_and_what_moved() {
    let at = block("10.0.0.0/29");
    let side = [registered(&simple(at, "Old"), 1)];
    let wanted = plan(vec![send(1, simple(at, "New"))]);
    let found = diff(&wanted, known(&side), &DiffOptions::default());
    let basis = saved::Basis::Undo { run: 1 };
    let saved = SavedPlan {
        version: saved::SAVED_VERSION,
        registry: "world".to_owned(),
        after_run: 1,
        made_at: "2026-11-20T02:00:00Z".to_owned(),
        basis,
        plan: wanted.clone(),
        diff: found.clone(),
        digest: String::new(),
    };
    let bytes = serde_json::to_vec(&saved.sealed()).unwrap();
    assert_eq!(SavedPlan::parse(&bytes).unwrap().diff, found);
    let forged = String::from_utf8(bytes).unwrap().replace("New", "Neu");
    assert_eq!(SavedPlan::parse(forged.as_bytes()), Err(saved::SavedError::Digest));
    assert!(saved::moved(&found, &found).is_empty());
    let mut again = side[0].clone();
    again.net.registered_at = Some("2026-11-19".to_owned());
    let later = diff(&wanted, known(&[again]), &DiffOptions::default());
    assert_eq!(saved::moved(&found, &later), ["row 1 (10.0.0.0/29)"]);
}

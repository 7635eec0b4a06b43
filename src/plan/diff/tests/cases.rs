//! One difference at a time.

use super::*;

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
        Pending {
            key: key(block("10.0.0.0/28")),
            ticket: "T-1".to_owned(),
            status: None,
            since: String::new(),
            removal: true,
        },
        Pending {
            key: key(second),
            ticket: "T-2".to_owned(),
            status: None,
            since: String::new(),
            removal: false,
        },
    ];
    let side = [registered(&simple(block("10.0.0.0/28"), "Gone"), 1)];
    let known = Known { registered: &side, pending: &pending, ..Known::default() };
    let rows = vec![send(1, simple(first, "A")), send(2, simple(second, "B"))];
    let mut found = diff(&plan(rows.clone()), known, &DiffOptions::default());
    guards::hold(&mut found, &limits(), &facts());
    assert_eq!(held_codes(&found), [(1, "waits-for-ticket")]);
    assert_eq!(
        found.get(2).unwrap().verb,
        Verb::Waits { ticket: "T-2".to_owned(), status: None, since: None, removal: false }
    );
    let unsettled = [block("10.0.0.0/24")];
    let known = Known { registered: &side, unsettled: &unsettled, ..Known::default() };
    let found = diff(&plan(rows), known, &DiffOptions::default());
    assert_eq!(held_codes(&found), [(1, "outcome-unknown"), (REGISTRY_SIDE, "outcome-unknown")]);
}

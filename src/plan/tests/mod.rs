//! Rules across rows and parents.

mod laws;

use jiff::civil::date;

use super::*;
use crate::domain::{
    Action, Assignment, Comment, CustomerHandle, Given, Intent, NetType, OrgRecipient, Parent,
    ReadRow, RowAt, RowFacts, RowView, Severity, SimpleRecipient, SwipRequest,
};

fn parent(handle: &str, block: &str, kind: &str) -> Parent {
    Parent {
        net_handle: handle.parse().unwrap(),
        block: block.parse().unwrap(),
        kind: NetType::from(kind.to_owned()),
        active: kind != "DA-inactive",
        org: None,
        managed: handle != "NET-9",
    }
}

fn parents() -> Vec<Parent> {
    vec![
        parent("NET-1", "198.51.100.0/24", "DA"),
        parent("NET-2", "198.51.100.128/25", "A"),
        parent("NET-3", "203.0.113.0/24", "S"),
        parent("NET6-1", "2001:db8::/32", "DA"),
        parent("NET-9", "192.0.2.0/24", "DA"),
    ]
}

fn row(number: u64, block: &str, named: Option<&str>, customer: Option<&str>) -> ReadRow {
    let at = RowAt { row: number, line: number + 1, ..RowAt::default() };
    let block = block.parse().unwrap();
    let parent_net = named.map(|handle| handle.parse().unwrap());
    let assignment = match customer {
        Some(handle) => Assignment::ReassignSimple(SimpleRecipient::Existing(
            CustomerHandle::parse(handle).unwrap(),
        )),
        None => Assignment::ReassignDetailed(OrgRecipient::Existing("MAPLE-7".parse().unwrap())),
    };
    let facts =
        RowFacts { block: Some(block), parent_net: parent_net.clone(), ..RowFacts::default() };
    let request = SwipRequest {
        at,
        reference: None,
        parent_net,
        block,
        net_name: None,
        intent: Intent::Register(assignment),
        action_named: false,
        comment: Comment::default(),
        given: Given::default(),
        assigned_on: Some(date(2026, 11, 10)),
    };
    ReadRow { at, facts, request: Some(request), findings: Vec::new() }
}

fn check(rows: impl AsRef<[ReadRow]>) -> Checked {
    let options = CheckOptions {
        allow_whole_parent: false,
        below_policy: BelowPolicy::Register,
        as_of: date(2026, 11, 12),
        deadline_days: policy::DEADLINE_DAYS,
    };
    let judge = Judge::new(Some(parents()), registered::RegisteredSet::new(), options);
    judged_alone(&judge, rows.as_ref())
}

/// One part, judged, related and planned.
fn judged_alone(judge: &Judge, rows: &[ReadRow]) -> Checked {
    let mut index = RowIndex::default();
    for (local, row) in (0..).zip(rows) {
        let view = view(row);
        index.take(local, &view, &judge.judge(&view, &mut Vec::new()));
    }
    index.end_part(0);
    let relations = judge.relate(vec![index], &[0]);
    let planner = Planner::new(judge, &relations);
    let mut checked = Checked { findings: judge.notes(), ..Checked::default() };
    let mut planned = Vec::new();
    for row in rows {
        let view = view(row);
        let mut findings = Vec::new();
        let judged = judge.judge(&view, &mut findings);
        findings.extend(relations.findings(&view, |row| Some(row + 1)));
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
        planned.push(planner.plan(row, &judged, &findings));
        checked.findings.extend(findings);
    }
    checked.plan = planner.finish(vec!["plan.csv".to_owned()], planned);
    assert_eq!(checked.plan.steps().count() as u64, relations.requests);
    checked
}

fn view(row: &ReadRow) -> RowView<'_> {
    let request = row.request.as_ref().unwrap();
    let customer = match &request.intent {
        Intent::Register(Assignment::ReassignSimple(SimpleRecipient::Existing(handle))) => {
            Some(handle.as_str().into())
        }
        _ => None,
    };
    RowView {
        at: row.at,
        parent_net: row.facts.parent_net.as_ref().map(|handle| handle.as_str().into()),
        block: row.facts.block,
        action: Some(request.intent.action()),
        customer,
        assigned_on: request.assigned_on,
        sound: true,
        ..RowView::default()
    }
}

fn errors(checked: &Checked) -> Vec<(u64, &'static str)> {
    let errors = checked.findings.iter().filter(|f| f.severity() == Severity::Error);
    errors.map(|f| (f.at.row, f.rule.as_str())).collect()
}

#[test]
fn each_parent_rule_gives_its_one_finding() {
    let cases = [
        ("198.51.100.8/29", Some("NET-1"), None),
        ("198.51.100.8/29", None, None),
        ("198.51.100.136/29", None, None),
        ("198.51.100.136/29", Some("NET-1"), Some("parent-not-nearest")),
        ("198.51.100.8/29", Some("NET-7"), Some("parent-unknown")),
        ("198.51.100.8/29", Some("NET-2"), Some("outside-parent")),
        ("10.0.0.0/29", None, Some("outside-parent")),
        ("203.0.113.0/29", None, Some("parent-not-allocation")),
        ("198.51.100.128/25", Some("NET-2"), Some("whole-parent")),
        ("2001:db8::/65", None, Some("ipv6-too-small")),
        ("2001:db8:1::/48", None, None),
    ];
    for (block, named, rule) in cases {
        let checked = check(vec![row(1, block, named, None)]);
        let expected: Vec<_> = rule.into_iter().map(|rule| (1, rule)).collect();
        assert_eq!(errors(&checked), expected, "{block} {named:?}");
    }
}

#[test]
fn the_later_row_of_an_overlap_is_reported_and_both_are_kept_back() {
    let checked = check(vec![
        row(1, "198.51.100.0/28", None, None),
        row(2, "198.51.100.8/29", None, None),
        row(3, "198.51.100.16/29", None, None),
    ]);
    assert_eq!(errors(&checked), [(2, "overlap")]);
    assert_eq!(
        checked
            .findings
            .iter()
            .find(|f| f.at.row == 2 && f.severity() == Severity::Error)
            .unwrap()
            .related_rows,
        [1]
    );
    let kept: Vec<u64> = checked.plan.steps().map(|(row, _)| row).collect();
    assert_eq!(kept, [3]);
    assert!(matches!(checked.plan.rows[0].fate, Fate::Withheld { .. }));
}

#[test]
fn rows_of_nested_parents_do_not_collide_with_rows_of_the_outer_one() {
    let checked =
        check(vec![row(1, "198.51.100.8/29", None, None), row(2, "198.51.100.136/29", None, None)]);
    assert_eq!(errors(&checked), []);
    let parents: Vec<_> = checked.plan.steps().map(|(_, step)| step.parent.to_string()).collect();
    assert_eq!(parents, ["NET-1", "NET-2"]);
}

#[test]
fn a_customer_has_one_net() {
    let checked = check(vec![
        row(1, "198.51.100.0/29", None, Some("C1")),
        row(2, "198.51.100.8/29", None, Some("C1")),
    ]);
    assert_eq!(errors(&checked), [(2, "customer-reused")]);
    assert_eq!(checked.plan.steps().count(), 0);
}

#[test]
fn rows_under_space_of_others_are_checked_and_not_sent() {
    let checked = check(vec![row(1, "192.0.2.8/29", None, None)]);
    assert_eq!(errors(&checked), []);
    assert_eq!(checked.plan.rows[0].fate, Fate::NotManaged);
    assert_eq!(checked.plan.rows[0].action, None::<Action>);
}

#[test]
fn policy_speaks_in_notes_and_warnings() {
    let mut late = row(1, "198.51.100.0/30", None, None);
    late.request.as_mut().unwrap().assigned_on = Some(date(2026, 11, 1));
    let checked = check(vec![late]);
    let rules: Vec<_> = checked.findings.iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(rules, ["policy-deadline", "policy-optional"]);
}

#[test]
fn every_row_of_an_overlap_is_kept_back_however_many_there_are() {
    let mut rows: Vec<ReadRow> =
        (0..12).map(|at| row(at + 1, &format!("198.51.100.{}/29", at * 8), None, None)).collect();
    rows.push(row(13, "198.51.100.0/25", None, None));
    let checked = check(rows);
    assert_eq!(errors(&checked), [(13, "overlap")]);
    assert_eq!(checked.plan.steps().count(), 0);
}

#[test]
fn a_row_with_a_fault_of_its_block_still_protects_its_space() {
    let checked = check(vec![
        row(1, "198.51.100.128/25", None, None),
        row(2, "198.51.100.136/29", None, None),
    ]);
    assert_eq!(errors(&checked), [(1, "whole-parent"), (2, "overlap")]);
    assert_eq!(checked.plan.steps().count(), 0);
}

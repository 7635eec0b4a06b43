//! Laws of the diff, single cases, and its guards: what all three tests share.

mod cases;
mod guarded;
mod laws;

use std::time::Duration;

use super::guards::{Facts, Limits};
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
        assigned_on: None,
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
    Plan { files: vec!["plan.csv".to_owned()], parents, rows, ..Plan::default() }
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

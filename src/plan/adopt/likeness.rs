//! How a row and the net of its very block are alike: which columns differ, and what that means.
//!
//! Owns the grouping of differences. What counts as a difference is `diff`'s judgement, so that
//! `sync` proposes what `adopt` showed. Must not know: other rows, other nets.

use crate::domain::net_name::normalised;
use crate::domain::{
    Assignment, Customer, CustomerValues, Detail, Holder, OrgRecipient, PlainText, Registered,
    SimpleRecipient, Source,
};
use crate::plan::Step;
use crate::plan::diff::edit::{self, Field, plain};

use super::Group;

/// One column in which both sides differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The column of the canonical CSV.
    pub column: &'static str,
    /// As registered.
    pub registered: String,
    /// As the plan has it.
    pub plan: String,
}

/// What comparing found.
pub(super) enum Likeness {
    /// The group, and what differs.
    Group(Group, Vec<Difference>),
    /// Something that must be equal was not read.
    Unread(String),
}

/// Compares a row with the net of its very block and parent.
pub(super) fn of(step: &Step, net: &Registered) -> Likeness {
    if let Some(why) = unread(step, net) {
        return Likeness::Unread(why);
    }
    let found = edit::compare(step, net);
    if !found.replace.is_empty() {
        let differences = found.replace.iter().map(|column| holder(column, step, net)).collect();
        return Likeness::Group(Group::Recipient, differences);
    }
    let has = |field: Field| found.edits.iter().any(|edit| edit.field == field);
    let moved = [Field::Street, Field::City, Field::State, Field::PostalCode, Field::Country];
    let moved = moved.into_iter().any(has);
    let group = if has(Field::CustomerName) && moved {
        Group::Recipient
    } else if moved || has(Field::Private) || has(Field::Comment) {
        Group::Address
    } else if has(Field::CustomerName) || has(Field::NetName) {
        Group::Name
    } else {
        let spelt = spelling(step, net);
        let group = if spelt.is_empty() { Group::Equal } else { Group::Spelling };
        return Likeness::Group(group, spelt);
    };
    let difference = |edit: edit::Edit| Difference {
        column: edit.field.as_str(),
        registered: edit.from,
        plan: edit.to,
    };
    Likeness::Group(group, found.edits.into_iter().map(difference).collect())
}

/// What must be compared and was not read: private customers hide from every public source.
fn unread(step: &Step, net: &Registered) -> Option<String> {
    let handle = &net.net.net_handle;
    let by_net = matches!(net.seen.source, Source::Handle | Source::Range);
    if net.detail == Detail::Summary && !by_net {
        return Some(format!(
            "{handle} is known from {} only; it could not be read by handle",
            net.seen.source.as_str()
        ));
    }
    let simple = matches!(step.assignment, Assignment::ReassignSimple(SimpleRecipient::New(_)));
    match &net.net.holder {
        Holder::Unknown => Some(format!("who holds {handle} could not be read")),
        Holder::Customer(customer) if simple && net.customer.is_none() => {
            Some(format!("customer {customer} of {handle} could not be read"))
        }
        _ => None,
    }
}

/// Both sides of a column that only a new registration can change.
fn holder(column: &&'static str, step: &Step, net: &Registered) -> Difference {
    let registered = match *column {
        "action" => match (&net.net.holder, net.net.kind.code()) {
            (_, "A") => "reallocate".to_owned(),
            (Holder::Org(org), _) => format!("reassign-detailed to {org}"),
            (Holder::Customer(customer), _) => format!("reassign-simple to {customer}"),
            (Holder::Unknown, code) => format!("type {code}"),
        },
        _ => match &net.net.holder {
            Holder::Org(org) => org.to_string(),
            Holder::Customer(customer) => customer.to_string(),
            Holder::Unknown => String::new(),
        },
    };
    let plan = match (*column, &step.assignment) {
        ("action", assignment) => assignment.action().to_string(),
        (_, Assignment::ReassignDetailed(org) | Assignment::Reallocate(org)) => match org {
            OrgRecipient::Existing(handle) => handle.to_string(),
            OrgRecipient::New(org) => org.name.to_string(),
        },
        (_, assignment) => assignment.recipient().to_owned(),
    };
    Difference { column, registered, plan }
}

/// Columns equal in letters and digits, and not in how they are written.
fn spelling(step: &Step, net: &Registered) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut compare = |column, registered: &str, plan: &str| {
        if registered.trim() != plan.trim() && plain(registered) == plain(plan) {
            let (registered, plan) = (registered.to_owned(), plan.to_owned());
            found.push(Difference { column, registered, plan });
        }
    };
    // The registry itself writes names in capitals, blanks as hyphens: that is no spelling.
    let (name, held) = (step.net_name.as_str(), net.net.net_name.as_str());
    if !step.name_generated && normalised(name) != normalised(held) {
        compare("net_name", held, name);
    }
    if step.given.comment {
        compare("comment", &net.net.comment.join("\n"), &step.comment.lines().join("\n"));
    }
    if let (Assignment::ReassignSimple(SimpleRecipient::New(wanted)), Some(held)) =
        (&step.assignment, &net.customer)
    {
        customer(wanted, held, &mut compare);
    }
    found
}

fn customer(
    wanted: &Customer,
    held: &CustomerValues,
    compare: &mut impl FnMut(&'static str, &str, &str),
) {
    let address = &wanted.address;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    compare("customer_name", &held.name, wanted.name.as_str());
    let lines: Vec<&str> = address.street.iter().map(PlainText::as_str).collect();
    // Further registered lines are left as they are; then only the given ones are compared.
    let given = held.street.get(..lines.len()).map(|held| held.join("\n"));
    let given = given.filter(|held| plain(held) == plain(&lines.join("\n")));
    compare("street", &given.unwrap_or_else(|| held.street.join("\n")), &lines.join("\n"));
    compare("city", &text(&held.city), address.city.as_str());
    for (column, held, wanted) in [
        ("state", &held.state, &address.state),
        ("postal_code", &held.postal_code, &address.postal_code),
    ] {
        if let Some(wanted) = wanted {
            compare(column, &text(held), wanted.as_str());
        }
    }
}

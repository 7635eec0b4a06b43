//! Before and after: what a change makes of what was read, and which of the two is there.
//!
//! Pure. Must not know: how anything was read or sent.

use crate::domain::{CustomerValues, Detail, Registered};
use crate::plan::diff::edit::plain;
use crate::plan::diff::{Edit, Field};
use crate::regrws::payload::{CountryPayload, Lines};
use crate::regrws::{CustomerPayload, NetPayload};

/// A net with the edits that concern it, everything else echoed.
pub(super) fn net_after(current: &NetPayload, edits: &[Edit]) -> NetPayload {
    let mut net = NetPayload {
        net_name: current.net_name.clone(),
        comment: current.comment.clone(),
        poc_links: current.poc_links.clone(),
        ..NetPayload::default()
    };
    for edit in edits {
        match edit.field {
            Field::NetName => net.net_name = some(&edit.to),
            Field::Comment => net.comment = lines(&edit.to),
            _ => {}
        }
    }
    net.echoing(current)
}

/// A customer with the edits that concern it, everything else as it is.
pub(super) fn customer_after(current: &CustomerPayload, edits: &[Edit]) -> CustomerPayload {
    let mut customer = current.clone();
    for edit in edits {
        match edit.field {
            Field::CustomerName => customer.name = some(&edit.to),
            Field::Street => customer.street = lines(&edit.to),
            Field::City => customer.city = some(&edit.to),
            Field::State => customer.state = some(&edit.to),
            Field::PostalCode => customer.postal_code = some(&edit.to),
            Field::Country => {
                let code2 = some(&edit.to);
                customer.country = Some(CountryPayload { code2, ..CountryPayload::default() });
            }
            Field::Private => customer.private = Some(edit.to == "true"),
            Field::NetName | Field::Comment => {}
        }
    }
    customer.echoing(current)
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn lines(text: &str) -> Option<Lines> {
    Lines::of(&text.lines().collect::<Vec<_>>())
}

/// The value of a field; `None` when it was not read.
fn value(registered: &Registered, field: Field) -> Option<String> {
    if field.is_of_net() {
        let net = &registered.net;
        return Some(match field {
            Field::NetName => net.net_name.clone(),
            _ => net.comment.join("\n"),
        });
    }
    registered.customer.as_ref().map(|customer| customer_value(customer, field))
}

fn customer_value(customer: &CustomerValues, field: Field) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    match field {
        Field::CustomerName => customer.name.clone(),
        Field::Street => customer.street.join("\n"),
        Field::City => text(&customer.city),
        Field::State => text(&customer.state),
        Field::PostalCode => text(&customer.postal_code),
        Field::Country => text(&customer.country),
        Field::Private => customer.private.to_string(),
        Field::NetName | Field::Comment => String::new(),
    }
}

/// Whether a record has every edit of the given fields.
pub(super) fn has_edits(registered: &Registered, edits: &[Edit], of_net: bool) -> bool {
    let mut edits = edits.iter().filter(|edit| edit.field.is_of_net() == of_net);
    edits.all(|edit| {
        value(registered, edit.field).is_some_and(|found| {
            plain(&found) == plain(&edit.to) && found.trim().is_empty() == edit.to.is_empty()
        })
    })
}

/// Fields in which what is there now differs from the before-image; empty when it is the same
/// registration, unchanged.
pub(super) fn moved(before: &Registered, now: &Registered) -> Vec<&'static str> {
    let (then, net) = (&before.net, &now.net);
    let known_holder = then.holder != crate::domain::Holder::Unknown;
    let dated = then.registered_at.is_some();
    let mut moved: Vec<&'static str> = [
        ("net_handle", then.net_handle != net.net_handle),
        ("registered_at", dated && then.registered_at != net.registered_at),
        ("block", then.block != net.block),
        ("recipient", known_holder && then.holder != net.holder),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(name, _)| name)
    .collect();
    if before.detail == Detail::Summary {
        return moved;
    }
    let differs = |field: &Field| match (value(before, *field), value(now, *field)) {
        (Some(a), Some(b)) => plain(&a) != plain(&b),
        (None, _) => false,
        (Some(_), None) => true,
    };
    moved.extend(Field::ALL.iter().filter(|field| differs(field)).map(|field| field.as_str()));
    moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regrws::payload::{PocLink, PocLinks};

    #[test]
    fn what_is_not_edited_is_echoed() {
        let links =
            PocLinks { links: vec![PocLink::new("T-ARIN", crate::domain::PocFunction::Tech)] };
        let current = NetPayload {
            handle: Some("NET-1".to_owned()),
            registered_at: Some("2026".to_owned()),
            net_name: Some("OLD".to_owned()),
            comment: lines("kept"),
            poc_links: Some(links.clone()),
            customer_handle: Some("C1".to_owned()),
            ..NetPayload::default()
        };
        let edit = Edit { field: Field::NetName, from: "OLD".to_owned(), to: "NEW".to_owned() };
        let after = net_after(&current, &[edit]);
        assert_eq!(after, NetPayload { net_name: Some("NEW".to_owned()), ..current });
        let current = CustomerPayload {
            name: Some("A".to_owned()),
            comment: lines("kept"),
            private: Some(true),
            state: Some("VA".to_owned()),
            ..CustomerPayload::default()
        };
        let edit = Edit { field: Field::State, from: "VA".to_owned(), to: String::new() };
        let after = customer_after(&current, &[edit]);
        assert_eq!(after, CustomerPayload { state: None, ..current });
    }
}

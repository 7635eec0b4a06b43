//! What an empty cell leaves as it is: the values of the registration on a row's block.
//!
//! In `sync` a missing column or an empty cell leaves the registered value (DESIGN 1.3), so a row
//! whose block is registered need not repeat recipient and address. Owns which values may stand
//! in for which cells. Must not know: where registrations were read, what is done with them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::columns::Field;
use crate::domain::{AddressRange, Country, Holder, PlainText, Registered};

/// Values that may stand in for the empty cells of one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    org_handle: Option<String>,
    customer_name: Option<String>,
    street: [Option<String>; 3],
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
}

/// Values by block; none where two registrations share a block.
#[derive(Clone, Debug, Default)]
pub struct Left(HashMap<AddressRange, Option<Values>>);

impl Left {
    /// What these registrations leave as it is.
    #[must_use]
    pub fn of<'r>(registered: impl Iterator<Item = &'r Registered>) -> Self {
        let mut left = HashMap::new();
        for net in registered {
            match left.entry(net.net.block) {
                Entry::Occupied(mut values) => drop(values.insert(None)),
                Entry::Vacant(place) => drop(place.insert(Some(values(net)))),
            }
        }
        Self(left)
    }

    /// What stands in for the empty cells of a row of this block.
    #[must_use]
    pub fn get(&self, block: Option<AddressRange>) -> Option<&Values> {
        self.0.get(&block?)?.as_ref()
    }
}

/// A value that a row could have: what today's rules refuse stands in for nothing.
fn usable(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && PlainText::check(text).is_ok()).then(|| text.to_owned())
}

fn values(net: &Registered) -> Values {
    let mut values = Values::default();
    match &net.net.holder {
        Holder::Org(org) => values.org_handle = Some(org.to_string()),
        Holder::Customer(_) | Holder::Unknown => {}
    }
    let Some(customer) = &net.customer else { return values };
    let text = |value: &Option<String>| value.as_deref().and_then(usable);
    values.customer_name = usable(&customer.name);
    for (line, place) in customer.street.iter().zip(&mut values.street) {
        *place = usable(line);
    }
    values.city = text(&customer.city);
    values.state = text(&customer.state);
    values.postal_code = text(&customer.postal_code);
    values.country = text(&customer.country);
    values
}

/// The texts of a row's cells, as far as they decide what may stand in.
pub(super) struct Given<'c> {
    /// Whether the row names a recipient of any kind.
    pub(super) recipient: bool,
    /// Whether that recipient is a customer by name.
    pub(super) customer: bool,
    /// Whether it has any street line.
    pub(super) street: bool,
    /// Its country.
    pub(super) country: Option<&'c str>,
}

impl Values {
    /// What stands in for an empty cell.
    pub(super) fn of(&self, field: Field, given: &Given<'_>) -> Option<&str> {
        let by_name = given.customer || (!given.recipient && self.customer_name.is_some());
        let code = |text: &str| Country::parse(text).ok();
        let held = self.country.as_deref().and_then(code);
        let here = given.country.is_none_or(|country| code(country) == held);
        match field {
            Field::OrgHandle if !given.recipient => self.org_handle.as_deref(),
            Field::CustomerName if !given.recipient => self.customer_name.as_deref(),
            _ if !by_name => None,
            Field::Street if !given.street => self.street[0].as_deref(),
            Field::Street2 if !given.street => self.street[1].as_deref(),
            Field::Street3 if !given.street => self.street[2].as_deref(),
            Field::City => self.city.as_deref(),
            // A state or postal code of another country says nothing about this one.
            Field::State if here => self.state.as_deref(),
            Field::PostalCode if here => self.postal_code.as_deref(),
            Field::Country => self.country.as_deref(),
            _ => None,
        }
    }
}

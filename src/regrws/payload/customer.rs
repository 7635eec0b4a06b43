//! `customer` (ARIN "Customer Payload"): the recipient of a simple reassignment.
//!
//! Must not know: the net it is made for.

use super::address::{CountryPayload, Lines};
use super::element::payload;
use crate::domain::{Country, Customer};

payload! {
    /// A customer. Handle, parent org and date are the registry's; they must be absent on a
    /// create, and handle and date unchanged on a modify.
    ///
    /// ```
    /// use swip::regrws::payload::Payload;
    /// use swip::rehearsal;
    ///
    /// let xml = rehearsal::customer().to_xml();
    /// assert!(xml.contains("<customerName>Maple Street Dental LLC</customerName>"));
    /// assert!(!xml.contains("<comment"), "what is not there is not sent");
    /// # Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    CustomerPayload as "customer" {
        /// Name.
        name: String = "customerName",
        /// Country.
        country: CountryPayload = "iso3166-1",
        /// Street lines, at least one.
        street: Lines = "streetAddress",
        /// City.
        city: String = "city",
        /// State or province, ISO 3166-2 without the country; required in the US and Canada.
        state: String = "iso3166-2",
        /// Postal code; required in the US and Canada.
        postal_code: String = "postalCode",
        /// Public comment.
        comment: Lines = "comment",
        /// Residential privacy: name and address are then hidden from the public.
        private: bool = "privateCustomer",
        /// Handle; the registry's.
        handle: String = "handle",
        /// Org of the parent net; the registry's.
        parent_org: String = "parentOrgHandle",
        /// Date; the registry's.
        registered_at: String = "registrationDate",
    }
}

impl From<&Customer> for CustomerPayload {
    fn from(customer: &Customer) -> Self {
        let address = &customer.address;
        Self {
            name: Some(customer.name.to_string()),
            country: Some(address.country.into()),
            street: Lines::of(&address.street),
            city: Some(address.city.to_string()),
            state: address.state.as_ref().map(ToString::to_string),
            postal_code: address.postal_code.as_ref().map(ToString::to_string),
            private: Some(customer.private),
            ..Self::default()
        }
    }
}

impl CustomerPayload {
    /// This customer as a modification of `current`: handle, parent org and registration date
    /// are the registry's. Privacy that is left out stays, since its default is public.
    #[must_use]
    pub fn echoing(self, current: &Self) -> Self {
        Self {
            handle: current.handle.clone(),
            parent_org: current.parent_org.clone(),
            registered_at: current.registered_at.clone(),
            private: self.private.or(current.private),
            ..self
        }
    }

    /// Which fields differ from a wanted customer, compared without case, blanks and punctuation.
    #[must_use]
    pub fn differences(&self, wanted: &Customer) -> Vec<&'static str> {
        let wanted = Self::from(wanted);
        let lines = |payload: &Self| {
            payload.street.as_ref().map(Lines::texts).unwrap_or_default().join(" ")
        };
        let code = |payload: &Self| {
            let country = payload.country.clone().unwrap_or_default();
            let code = country.code2.or(country.code3).unwrap_or_default();
            Country::parse(&code).map(|c| c.code2().to_owned()).unwrap_or(code)
        };
        let private = |payload: &Self| payload.private.unwrap_or(false);
        let same = |a: &Option<String>, b: &Option<String>| {
            plain(a.as_deref().unwrap_or_default()) == plain(b.as_deref().unwrap_or_default())
        };
        let checks = [
            ("customer_name", same(&self.name, &wanted.name)),
            ("street", plain(&lines(self)) == plain(&lines(&wanted))),
            ("city", same(&self.city, &wanted.city)),
            ("state", same(&self.state, &wanted.state)),
            ("postal_code", same(&self.postal_code, &wanted.postal_code)),
            ("country", code(self) == code(&wanted)),
            ("private", private(self) == private(&wanted)),
        ];
        checks.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }
}

/// A text without case, blanks and punctuation.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

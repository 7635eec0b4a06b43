//! Payloads as registrations: a net and its customer with everything a comparison or a
//! restoration needs.
//!
//! Must not know: how they were read, or what they are compared with.

use super::address::Lines;
use super::customer::CustomerPayload;
use super::net::NetPayload;
use crate::domain::{Country, CustomerValues, Detail, OrgPoc, PocHandle, Registered, Source};

impl NetPayload {
    /// The net's own contacts, as far as the domain knows their functions.
    #[must_use]
    pub fn contacts(&self) -> Vec<OrgPoc> {
        let links = self.poc_links.iter().flat_map(|links| &links.links);
        let poc = |link: &super::PocLink| {
            let handle = PocHandle::from_registry(link.handle.as_deref()?.trim()).ok()?;
            Some(OrgPoc { function: link.function()?, handle })
        };
        links.filter_map(poc).collect()
    }

    /// The net, with its customer if it was read too, as one record; `None` when handle or
    /// blocks are unusable.
    #[must_use]
    pub fn registered(
        &self,
        customer: Option<&CustomerPayload>,
        source: Source,
        at: String,
    ) -> Option<Registered> {
        let mut record = Registered::summary(self.registration()?, source, Some(at));
        record.pocs = self.contacts();
        record.customer = customer.map(CustomerPayload::values);
        let complete = record.customer.is_some() || record.customer_handle().is_none();
        if complete {
            record.detail = Detail::Full;
        }
        Some(record)
    }
}

impl CustomerPayload {
    /// The customer's values.
    #[must_use]
    pub fn values(&self) -> CustomerValues {
        let country = self.country.clone().unwrap_or_default();
        let code = country.code2.or(country.code3);
        let lines = |lines: &Option<Lines>| lines.as_ref().map(Lines::texts).unwrap_or_default();
        CustomerValues {
            name: self.name.clone().unwrap_or_default(),
            street: lines(&self.street),
            city: self.city.clone(),
            state: self.state.clone(),
            postal_code: self.postal_code.clone(),
            country: code.map(|code| {
                Country::parse(&code).map_or(code, |country| country.code2().to_owned())
            }),
            private: self.private.unwrap_or(false),
            comment: lines(&self.comment),
            registered_at: self.registered_at.clone(),
        }
    }
}

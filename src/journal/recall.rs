//! What the journal remembers, as records to compare with.
//!
//! Must not know: what is compared, or who asks.

use super::memory::{Known, Provenance};
use crate::domain::{
    Assignment, Customer, CustomerValues, Detail, Holder, Owner, Registered, SimpleRecipient,
    Source,
};
use crate::plan::Step;
use crate::regrws::{CustomerPayload, Payload};

impl Known {
    /// The registration as it was last answered or read; `None` while only a ticket is known.
    #[must_use]
    pub fn registered(&self) -> Option<Registered> {
        let net = self.net.clone()?;
        let holds_customer = matches!(net.holder, Holder::Customer(_));
        let payload = self.image.as_ref().and_then(|image| image.payload(&net));
        let step = self.step.as_ref().map(|step| &step.assignment);
        let customer = self.customer_image().or_else(|| step.and_then(values));
        let mut record = Registered::summary(net, Source::Journal, Some(self.read_at.clone()));
        record.pocs = payload.map(|payload| payload.contacts()).unwrap_or_default();
        record.owner = match self.provenance {
            Provenance::Registered => Owner::Registered,
            Provenance::Adopted => Owner::Adopted,
            Provenance::Found => Owner::Unowned,
        };
        let created = step.is_some_and(|assignment| {
            matches!(assignment, Assignment::ReassignSimple(SimpleRecipient::New(_)))
        });
        record.customer_is_ours = holds_customer
            && match self.provenance {
                Provenance::Registered => created,
                Provenance::Adopted => true,
                Provenance::Found => false,
            };
        record.customer = customer.filter(|_| holds_customer);
        if record.customer.is_some() || !holds_customer {
            record.detail = Detail::Full;
        }
        record.reference.clone_from(&self.reference);
        Some(record)
    }

    /// The customer as it was read, in the registry's own words.
    fn customer_image(&self) -> Option<CustomerValues> {
        let text = self.image.as_ref()?.customer.as_ref()?;
        CustomerPayload::from_xml(text.as_bytes()).ok().map(|customer| customer.values())
    }
}

/// The customer that a row asked for.
fn values(assignment: &Assignment) -> Option<CustomerValues> {
    match assignment {
        Assignment::ReassignSimple(SimpleRecipient::New(customer)) => Some(of(customer)),
        _ => None,
    }
}

fn of(customer: &Customer) -> CustomerValues {
    let address = &customer.address;
    CustomerValues {
        name: customer.name.to_string(),
        street: address.street.iter().map(ToString::to_string).collect(),
        city: Some(address.city.to_string()),
        state: address.state.as_ref().map(ToString::to_string),
        postal_code: address.postal_code.as_ref().map(ToString::to_string),
        country: Some(address.country.code2().to_owned()),
        private: customer.private,
        ..CustomerValues::default()
    }
}

impl Known {
    /// What is remembered of a record that was read, and of the row it was found equal to.
    #[must_use]
    pub fn read(
        key: crate::plan::StepKey,
        before: Option<&Self>,
        net: crate::domain::Registration,
        image: super::memory::Image,
        step: Option<&Step>,
    ) -> Self {
        let same = before.filter(|known| {
            known.net.as_ref().is_some_and(|old| {
                old.net_handle == net.net_handle && old.registered_at == net.registered_at
            })
        });
        Self {
            key,
            provenance: same.map_or(Provenance::Found, |known| known.provenance),
            step: same.and_then(|known| known.step.clone()).or_else(|| step.cloned()),
            net: Some(net),
            read_at: image.read_at.clone(),
            image: Some(image),
            ticket: same.and_then(|known| known.ticket.clone()),
            reference: before.and_then(|known| known.reference.clone()),
            open: None,
        }
    }
}

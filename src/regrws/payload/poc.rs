//! `poc` (ARIN "POC Payload"): a point of contact.
//!
//! Must not know: which orgs and nets it is linked to.

use super::address::{CountryPayload, Lines};
use super::element::{codes, list, payload};
use super::phone::Phones;

codes! {
    /// Whether a POC is a person or a role.
    ContactType {
        /// `PERSON`: has a first and a last name.
        Person = "PERSON",
        /// `ROLE`: has the name of the role as last name, no first name, and a company.
        Role = "ROLE",
    }
}

list! {
    /// `emails`; on a modify it replaces all addresses of the POC.
    Emails { email: String = "email" }
}

payload! {
    /// A point of contact. Contact type and names cannot be changed later.
    ///
    /// ```
    /// use swip::regrws::GetPoc;
    /// use swip::regrws::payload::ContactType;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let poc = arin.send(&GetPoc("TECH-EXAMPLE-1".parse()?)).await?;
    /// assert_eq!(poc.contact_type, Some(ContactType::Role));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    PocPayload as "poc" {
        /// Person or role.
        contact_type: ContactType = "contactType",
        /// First name; left out for a role.
        first_name: String = "firstName",
        /// Middle name.
        middle_name: String = "middleName",
        /// Last name, or the name of the role.
        last_name: String = "lastName",
        /// Company; a role needs one.
        company: String = "companyName",
        /// Country.
        country: CountryPayload = "iso3166-1",
        /// Street lines, at least one.
        street: Lines = "streetAddress",
        /// City.
        city: String = "city",
        /// State or province, ISO 3166-2 without the country.
        state: String = "iso3166-2",
        /// Postal code.
        postal_code: String = "postalCode",
        /// Mail addresses, at least one.
        emails: Emails = "emails",
        /// Phones, at least one of an office.
        phones: Phones = "phones",
        /// Public comment.
        comment: Lines = "comment",
        /// Handle; the registry's.
        handle: String = "handle",
        /// Date; the registry's.
        registered_at: String = "registrationDate",
        /// Date of the last change; the registry's.
        modified_at: String = "lastModified",
    }
}

impl PocPayload {
    /// This POC as a modification of `current`: handle and registration date are the registry's,
    /// and contact type and names, which cannot change, are echoed where they are left out.
    #[must_use]
    pub fn echoing(self, current: &Self) -> Self {
        Self {
            handle: current.handle.clone(),
            registered_at: current.registered_at.clone(),
            modified_at: None,
            contact_type: self.contact_type.or_else(|| current.contact_type.clone()),
            first_name: self.first_name.or_else(|| current.first_name.clone()),
            middle_name: self.middle_name.or_else(|| current.middle_name.clone()),
            last_name: self.last_name.or_else(|| current.last_name.clone()),
            ..self
        }
    }
}

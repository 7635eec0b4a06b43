//! `org` (ARIN "Org Payload") and its links to POCs.
//!
//! Must not know: the nets an org holds.

use super::address::{CountryPayload, Lines};
use super::element::{list, payload};
use super::message::{MessageReferences, Messages};
use crate::domain::{NewOrg, OrgPoc, PocFunction};

payload! {
    /// `pocLinkRef`: a POC in a function.
    PocLink {
        /// POC handle.
        handle: String = "@handle",
        /// Code of the function: `AD AB N T R D`.
        function: String = "@function",
        /// The function in words; the registry's.
        description: String = "@description",
    }
}

impl PocLink {
    /// A link.
    #[must_use]
    pub fn new(handle: impl Into<String>, function: PocFunction) -> Self {
        Self {
            handle: Some(handle.into()),
            function: Some(function.code().to_owned()),
            ..Self::default()
        }
    }

    /// The function; `None` for a code the schema does not list.
    #[must_use]
    pub fn function(&self) -> Option<PocFunction> {
        PocFunction::from_code(self.function.as_deref()?)
    }
}

list! {
    /// `pocLinks`; on a modify it replaces all links.
    PocLinks { links: PocLink = "pocLinkRef" }
}

payload! {
    /// An org. Names cannot be changed later; handle and date are the registry's.
    ///
    /// ```
    /// use swip::regrws::GetOrg;
    /// use swip::domain::PocFunction;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let org = arin.send(&GetOrg("EXAMPLE-1".parse()?)).await?;
    /// let links = org.poc_links.unwrap_or_default().links;
    /// assert_eq!(links[0].function(), Some(PocFunction::Admin));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    OrgPayload as "org" {
        /// Name.
        name: String = "orgName",
        /// Name it does business as.
        dba_name: String = "dbaName",
        /// Tax number.
        tax_id: String = "taxId",
        /// Host and port of its RWhois server; not a web site.
        rwhois: String = "orgUrl",
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
        /// Contacts: one admin, at least one tech and one abuse.
        poc_links: PocLinks = "pocLinks",
        /// Whether others may reassign nets to it; newer than ARIN's published schemas.
        accepts: bool = "acceptReassignments",
        /// Messages to ARIN's staff on a create.
        messages: Messages = "messages",
        /// References to messages, in an answer.
        message_references: MessageReferences = "messageReferences",
        /// Handle; the registry's.
        handle: String = "handle",
        /// Date; the registry's.
        registered_at: String = "registrationDate",
    }
}

impl OrgPayload {
    /// This org as a modification of `current`: handle and registration date are the registry's,
    /// the names, which cannot change, and whether it takes reassignments are echoed where they
    /// are left out.
    #[must_use]
    pub fn echoing(self, current: &Self) -> Self {
        Self {
            handle: current.handle.clone(),
            registered_at: current.registered_at.clone(),
            name: self.name.or_else(|| current.name.clone()),
            dba_name: self.dba_name.or_else(|| current.dba_name.clone()),
            accepts: self.accepts.or(current.accepts),
            message_references: None,
            ..self
        }
    }
}

impl From<&NewOrg> for OrgPayload {
    fn from(org: &NewOrg) -> Self {
        let address = &org.address;
        let link = |poc: &OrgPoc| PocLink::new(poc.handle.to_string(), poc.function);
        Self {
            name: Some(org.name.to_string()),
            country: Some(address.country.into()),
            street: Lines::of(&address.street),
            city: Some(address.city.to_string()),
            state: address.state.as_ref().map(ToString::to_string),
            postal_code: address.postal_code.as_ref().map(ToString::to_string),
            poc_links: Some(PocLinks { links: org.pocs.iter().map(link).collect() }),
            ..Self::default()
        }
    }
}

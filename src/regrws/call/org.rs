//! Org methods (ARIN "Org Methods"). A recipient's org is made by the recipient; the withdrawn
//! call that made one under a net is `CreateOrg`.
//!
//! Must not know: nets.

use super::{bare, calls, get, write};
use crate::domain::{OrgHandle, PocFunction, PocHandle};
use crate::regrws::document::Document;
use crate::regrws::payload::{
    CollectionPayload, OrgPayload, Payload, PayloadError, PocLink, TicketPayload,
};
use crate::regrws::wire::Method;

/// Which links of an org to POCs are meant; one of POC and function must be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkSelector {
    /// The POC in all its functions.
    Poc(PocHandle),
    /// All POCs in a function.
    Function(PocFunction),
    /// The POC in one function.
    Both(PocHandle, PocFunction),
}

impl LinkSelector {
    /// What follows `/poc` in the path.
    fn path(&self) -> String {
        match self {
            Self::Poc(poc) => format!("/{poc}"),
            Self::Function(function) => format!(";pocFunction={}", function.code()),
            Self::Both(poc, function) => format!("/{poc};pocFunction={}", function.code()),
        }
    }
}

/// The answer to the removal of links: the method table promises the org, the older document's
/// text the links that were removed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum OrgOrLinks {
    /// The org as it is now.
    Org(Box<OrgPayload>),
    /// The links that were removed, which may be none.
    Links(Vec<PocLink>),
}

impl Payload for OrgOrLinks {
    const ROOT: &'static str = OrgPayload::ROOT;

    fn from_document(document: &Document) -> Result<Self, PayloadError> {
        if document.root == CollectionPayload::ROOT {
            return CollectionPayload::from_document(document).map(|list| Self::Links(list.links));
        }
        OrgPayload::from_document(document).map(|org| Self::Org(Box::new(org)))
    }
}

calls! {
    /// Get an org: `GET /org/HANDLE` (ARIN "Get Org").
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`; 401 `E_AUTHENTICATION`, the key's user has no authority over
    /// it, which says nothing about its existence.
    ///
    /// ```
    /// use swip::regrws::GetOrg;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let org = arin.send(&GetOrg("EXAMPLE-1".parse()?)).await?;
    /// assert_eq!(org.poc_links.unwrap_or_default().links.len(), 3);
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    GetOrg(handle: OrgHandle) -> OrgPayload { get(format!("/rest/org/{handle}")) }

    /// Ask for an org of one's own: `POST /org` (ARIN "Create Org"). Answered with a ticket for ARIN's
    /// staff.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION` with the field, `pocLinks` unless there are one admin and at
    /// least one tech and one abuse POC.
    ///
    /// ```
    /// use swip::regrws::{CreateOwnOrg, TicketType};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let ticket = arin.send(&CreateOwnOrg(rehearsal::org())).await?;
    /// assert_eq!(ticket.kind, Some(TicketType::OrgCreate));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    CreateOwnOrg(org: OrgPayload) -> TicketPayload {
        write(Method::Post, "/rest/org".to_owned(), org)
    }

    /// Modify an org: `PUT /org/HANDLE` (ARIN "Modify Org"). POC links that are sent replace all; names
    /// cannot change.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION` with the field; 404 `E_OBJECT_NOT_FOUND`; 401
    /// `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::{GetOrg, ModifyOrg, OrgPayload};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let handle: swip::domain::OrgHandle = "EXAMPLE-1".parse()?;
    /// let current = arin.send(&GetOrg(handle.clone())).await?;
    /// let moved = OrgPayload { city: Some("Herndon".into()), ..current.clone() };
    /// let org = arin.send(&ModifyOrg { handle, org: moved.echoing(&current) }).await?;
    /// assert_eq!(org.city.as_deref(), Some("Herndon"));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ModifyOrg {
        /// Which org.
        handle: OrgHandle,
        /// As it shall be, with what the registry owns echoed ([`OrgPayload::echoing`]).
        org: OrgPayload,
    } -> OrgPayload { write(Method::Put, format!("/rest/org/{handle}"), org) }

    /// Delete an org: `DELETE /org/HANDLE` (ARIN "Delete Org").
    ///
    /// Errors: 409 `E_NOT_REMOVEABLE`, it holds nets or customers; 404 `E_OBJECT_NOT_FOUND`; 401
    /// `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::{CallError, DeleteOrg};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let held = arin.send(&DeleteOrg("EXAMPLE-1".parse()?)).await;
    /// assert!(matches!(held, Err(CallError::Complaint(refusal)) if refusal.status() == 409));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    DeleteOrg(handle: OrgHandle) -> OrgPayload {
        bare(Method::Delete, format!("/rest/org/{handle}"))
    }

    /// Link a POC to an org: `PUT /org/HANDLE/poc/POC;pocFunction=FUNCTION` (ARIN "Add POC"). The admin
    /// is changed by [`ModifyOrg`]; the older document let this call replace it.
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`, no such org or POC; 400 `E_ENTITY_VALIDATION`, a second admin;
    /// 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::AddOrgPoc;
    /// use swip::domain::PocFunction;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let (handle, poc) = ("EXAMPLE-1".parse()?, "TECH-EXAMPLE-1".parse()?);
    /// let org = arin.send(&AddOrgPoc { handle, poc, function: PocFunction::Noc }).await?;
    /// assert_eq!(org.poc_links.unwrap_or_default().links.len(), 4);
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    AddOrgPoc {
        /// Which org.
        handle: OrgHandle,
        /// Which POC.
        poc: PocHandle,
        /// In which function.
        function: PocFunction,
    } -> OrgPayload {
        bare(Method::Put, format!("/rest/org/{handle}/poc/{poc};pocFunction={}", function.code()))
    }

    /// Unlink POCs from an org: `DELETE /org/HANDLE/poc/POC;pocFunction=FUNCTION` (ARIN "Remove POC").
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION`, one admin, one tech and one abuse POC must stay; 404
    /// `E_OBJECT_NOT_FOUND`; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::{AddOrgPoc, LinkSelector, OrgOrLinks, RemoveOrgPoc};
    /// use swip::domain::{OrgHandle, PocFunction};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let handle: OrgHandle = "EXAMPLE-1".parse()?;
    /// let (poc, function) = ("TECH-EXAMPLE-1".parse()?, PocFunction::Noc);
    /// arin.send(&AddOrgPoc { handle: handle.clone(), poc, function }).await?;
    /// let which = LinkSelector::Function(function);
    /// let OrgOrLinks::Org(org) = arin.send(&RemoveOrgPoc { handle, which }).await? else { unreachable!() };
    /// assert_eq!(org.poc_links.unwrap_or_default().links.len(), 3);
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    RemoveOrgPoc {
        /// Which org.
        handle: OrgHandle,
        /// Which links.
        which: LinkSelector,
    } -> OrgOrLinks { bare(Method::Delete, format!("/rest/org/{handle}/poc{}", which.path())) }
}

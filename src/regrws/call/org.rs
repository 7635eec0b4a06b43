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
    /// Get an org: `GET /org/HANDLE`. One that the key has no authority over may be answered
    /// with 401, which says nothing about its existence.
    GetOrg(handle: OrgHandle) -> OrgPayload { get(format!("/rest/org/{handle}")) }

    /// Create an org of one's own: `POST /org`. Answered with a ticket for ARIN's staff.
    CreateOwnOrg(org: OrgPayload) -> TicketPayload {
        write(Method::Post, "/rest/org".to_owned(), org)
    }

    /// Modify an org: `PUT /org/HANDLE`. POC links that are sent replace all.
    ModifyOrg {
        /// Which org.
        handle: OrgHandle,
        /// As it shall be, with what the registry owns echoed ([`OrgPayload::echoing`]).
        org: OrgPayload,
    } -> OrgPayload { write(Method::Put, format!("/rest/org/{handle}"), org) }

    /// Delete an org: `DELETE /org/HANDLE`. Refused with 409 while it holds anything.
    DeleteOrg(handle: OrgHandle) -> OrgPayload {
        bare(Method::Delete, format!("/rest/org/{handle}"))
    }

    /// Link a POC to an org: `PUT /org/HANDLE/poc/POC;pocFunction=FUNCTION`. The admin is changed
    /// by [`ModifyOrg`]; the older document let this call replace it.
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

    /// Unlink POCs from an org: `DELETE /org/HANDLE/poc/POC;pocFunction=FUNCTION`. One admin, one
    /// tech and one abuse POC stay.
    RemoveOrgPoc {
        /// Which org.
        handle: OrgHandle,
        /// Which links.
        which: LinkSelector,
    } -> OrgOrLinks { bare(Method::Delete, format!("/rest/org/{handle}/poc{}", which.path())) }
}

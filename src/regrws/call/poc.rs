//! POC methods (ARIN "POC Methods").
//!
//! Must not know: orgs and nets that a POC is linked to.

use super::segment::{Email, PhoneNumber};
use super::{bare, calls, get, write};
use crate::domain::PocHandle;
use crate::regrws::payload::{CollectionPayload, PhoneKind, PhonePayload, PocPayload};
use crate::regrws::wire::Method;

/// Which phones of a POC are meant; one of number and type must be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneSelector {
    /// The number in all its types.
    Number(PhoneNumber),
    /// All numbers of a type.
    Kind(PhoneKind),
    /// The number in one type.
    Both(PhoneNumber, PhoneKind),
}

impl PhoneSelector {
    /// What follows `/phone` in the path.
    fn path(&self) -> String {
        match self {
            Self::Number(number) => format!("/{}", number.encoded()),
            Self::Kind(kind) => format!(";type={kind}"),
            Self::Both(number, kind) => format!("/{};type={kind}", number.encoded()),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the form of every call's value")]
fn phones(removed: CollectionPayload) -> Result<Vec<PhonePayload>, String> {
    Ok(removed.phones)
}

calls! {
    /// Get a POC: `GET /poc/HANDLE`.
    GetPoc(handle: PocHandle) -> PocPayload { get(format!("/rest/poc/{handle}")) }

    /// Create a POC: `POST /poc;makeLink=…`. A lost answer is never sent again: nothing in
    /// Reg-RWS finds a POC by its name.
    CreatePoc {
        /// The POC, without handle.
        poc: PocPayload,
        /// Whether the user of the key is linked to it.
        make_link: bool,
    } -> PocPayload { write(Method::Post, format!("/rest/poc;makeLink={make_link}"), poc) }

    /// Modify a POC: `PUT /poc/HANDLE`. Phones and mail addresses that are sent replace all.
    ModifyPoc {
        /// Which POC.
        handle: PocHandle,
        /// As it shall be, with what the registry owns echoed ([`PocPayload::echoing`]).
        poc: PocPayload,
    } -> PocPayload { write(Method::Put, format!("/rest/poc/{handle}"), poc) }

    /// Delete a POC: `DELETE /poc/HANDLE`. Refused with 409 while an org or net is linked to it.
    DeletePoc(handle: PocHandle) -> PocPayload {
        bare(Method::Delete, format!("/rest/poc/{handle}"))
    }

    /// Add a phone to a POC: `PUT /poc/HANDLE/phone`. One that is there already changes nothing.
    AddPhone {
        /// Which POC.
        handle: PocHandle,
        /// The phone.
        phone: PhonePayload,
    } -> PhonePayload { write(Method::Put, format!("/rest/poc/{handle}/phone"), phone) }

    /// Delete phones of a POC: `DELETE /poc/HANDLE/phone/NUMBER;type=TYPE`. Answers with the
    /// phones that were removed, which may be none. The last office phone stays.
    DeletePhone {
        /// Which POC.
        handle: PocHandle,
        /// Which phones.
        which: PhoneSelector,
    } -> CollectionPayload => Vec<PhonePayload>, phones {
        bare(Method::Delete, format!("/rest/poc/{handle}/phone{}", which.path()))
    }

    /// Add a mail address to a POC: `POST /poc/HANDLE/email/ADDRESS`.
    AddEmail {
        /// Which POC.
        handle: PocHandle,
        /// The address.
        email: Email,
    } -> PocPayload {
        bare(Method::Post, format!("/rest/poc/{handle}/email/{}", email.encoded()))
    }

    /// Delete a mail address of a POC: `DELETE /poc/HANDLE/email/ADDRESS`. The last one stays.
    DeleteEmail {
        /// Which POC.
        handle: PocHandle,
        /// The address.
        email: Email,
    } -> PocPayload {
        bare(Method::Delete, format!("/rest/poc/{handle}/email/{}", email.encoded()))
    }
}

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
    /// Get a POC: `GET /poc/HANDLE` (ARIN "Get POC").
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::GetPoc;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let poc = arin.send(&GetPoc("TECH-EXAMPLE-1".parse()?)).await?;
    /// assert_eq!(poc.emails.unwrap_or_default().email, ["tech@example.net"]);
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    GetPoc(handle: PocHandle) -> PocPayload { get(format!("/rest/poc/{handle}")) }

    /// Create a POC: `POST /poc;makeLink=…` (ARIN "Create POC"). A lost answer is never sent again:
    /// nothing in Reg-RWS finds a POC by its name.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION` with the field: a role needs a company, each POC an office
    /// phone and a mail address.
    ///
    /// ```
    /// use swip::regrws::CreatePoc;
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let poc = arin.send(&CreatePoc { poc: rehearsal::poc(), make_link: true }).await?;
    /// assert!(poc.handle.is_some_and(|handle| handle.ends_with("-ARIN")));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    CreatePoc {
        /// The POC, without handle.
        poc: PocPayload,
        /// Whether the user of the key is linked to it.
        make_link: bool,
    } -> PocPayload { write(Method::Post, format!("/rest/poc;makeLink={make_link}"), poc) }

    /// Modify a POC: `PUT /poc/HANDLE` (ARIN "Modify POC"). Phones and mail addresses that are sent
    /// replace all; contact type and names cannot change.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION` with the field; 401 `E_AUTHENTICATION`, the key's user is not
    /// linked to it; 404 `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::{GetPoc, ModifyPoc};
    /// use swip::regrws::payload::PocPayload;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let handle: swip::domain::PocHandle = "TECH-EXAMPLE-1".parse()?;
    /// let current = arin.send(&GetPoc(handle.clone())).await?;
    /// let moved = PocPayload { city: Some("Herndon".into()), ..current.clone() };
    /// let poc = arin.send(&ModifyPoc { handle, poc: moved.echoing(&current) }).await?;
    /// assert_eq!(poc.city.as_deref(), Some("Herndon"));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ModifyPoc {
        /// Which POC.
        handle: PocHandle,
        /// As it shall be, with what the registry owns echoed ([`PocPayload::echoing`]).
        poc: PocPayload,
    } -> PocPayload { write(Method::Put, format!("/rest/poc/{handle}"), poc) }

    /// Delete a POC: `DELETE /poc/HANDLE` (ARIN "Delete POC").
    ///
    /// Errors: 409 `E_NOT_REMOVEABLE`, an org or net is linked to it; 401 `E_AUTHENTICATION`; 404
    /// `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::{CreatePoc, DeletePoc};
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let poc = arin.send(&CreatePoc { poc: rehearsal::poc(), make_link: true }).await?;
    /// let handle = poc.handle.unwrap_or_default().parse()?;
    /// arin.send(&DeletePoc(handle)).await?;
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    DeletePoc(handle: PocHandle) -> PocPayload {
        bare(Method::Delete, format!("/rest/poc/{handle}"))
    }

    /// Add a phone to a POC: `PUT /poc/HANDLE/phone` (ARIN "Add Phone"). One that is there already
    /// changes nothing. Numbers of the North American plan are written `+1-703-555-0100`.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION`, an unknown type; 401 `E_AUTHENTICATION`; 404
    /// `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::AddPhone;
    /// use swip::regrws::payload::{PhoneKind, PhonePayload, PhoneType};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let kind = PhoneType { code: Some(PhoneKind::Mobile), ..PhoneType::default() };
    /// let phone = PhonePayload {
    ///     number: Some("+1-703-555-0199".into()),
    ///     kind: Some(kind),
    ///     ..PhonePayload::default()
    /// };
    /// arin.send(&AddPhone { handle: "TECH-EXAMPLE-1".parse()?, phone }).await?;
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    AddPhone {
        /// Which POC.
        handle: PocHandle,
        /// The phone.
        phone: PhonePayload,
    } -> PhonePayload { write(Method::Put, format!("/rest/poc/{handle}/phone"), phone) }

    /// Delete phones of a POC: `DELETE /poc/HANDLE/phone/NUMBER;type=TYPE` (ARIN "Delete Phone").
    /// Answers with the phones that were removed, which may be none.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION`, the last office phone; 401 `E_AUTHENTICATION`; 404
    /// `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::{DeletePhone, PhoneSelector};
    /// use swip::regrws::payload::PhoneKind;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let which = PhoneSelector::Kind(PhoneKind::Fax);
    /// let removed = arin.send(&DeletePhone { handle: "TECH-EXAMPLE-1".parse()?, which }).await?;
    /// assert!(removed.is_empty());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    DeletePhone {
        /// Which POC.
        handle: PocHandle,
        /// Which phones.
        which: PhoneSelector,
    } -> CollectionPayload => Vec<PhonePayload>, phones {
        bare(Method::Delete, format!("/rest/poc/{handle}/phone{}", which.path()))
    }

    /// Add a mail address to a POC: `POST /poc/HANDLE/email/ADDRESS` (ARIN "Add Email").
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION`, no mail address; 401 `E_AUTHENTICATION`; 404
    /// `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::AddEmail;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let (handle, email) = ("TECH-EXAMPLE-1".parse()?, "noc@example.net".parse()?);
    /// let poc = arin.send(&AddEmail { handle, email }).await?;
    /// assert_eq!(poc.emails.unwrap_or_default().email.len(), 2);
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    AddEmail {
        /// Which POC.
        handle: PocHandle,
        /// The address.
        email: Email,
    } -> PocPayload {
        bare(Method::Post, format!("/rest/poc/{handle}/email/{}", email.encoded()))
    }

    /// Delete a mail address of a POC: `DELETE /poc/HANDLE/email/ADDRESS` (ARIN "Delete Email").
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION`, the last one; 401 `E_AUTHENTICATION`; 404
    /// `E_OBJECT_NOT_FOUND`.
    ///
    /// ```
    /// use swip::regrws::{CallError, DeleteEmail};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let (handle, email) = ("TECH-EXAMPLE-1".parse()?, "tech@example.net".parse()?);
    /// let last = arin.send(&DeleteEmail { handle, email }).await;
    /// assert!(matches!(last, Err(CallError::Complaint(refusal)) if refusal.status() == 400));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    DeleteEmail {
        /// Which POC.
        handle: PocHandle,
        /// The address.
        email: Email,
    } -> PocPayload {
        bare(Method::Delete, format!("/rest/poc/{handle}/email/{}", email.encoded()))
    }
}

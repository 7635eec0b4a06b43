//! `error` (ARIN "Error Payload"): why the registry refused.
//!
//! Every child may be missing or empty. Must not know: what a code means (`regrws::error`).

use super::element::{list, payload};

payload! {
    /// `component`: one field at fault.
    ComponentPayload {
        /// The payload field.
        name: String = "name",
        /// What is wrong with it.
        message: String = "message",
    }
}

list! {
    /// `components`.
    Components { component: ComponentPayload = "component" }
}

list! {
    /// `additionalInfo`.
    AdditionalInfo { message: String = "message" }
}

payload! {
    /// A refusal.
    ///
    /// ```
    /// use swip::regrws::{Call, Complaint, GetNet};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let answer = arin.exchange(&GetNet("NET-10-0-0-0-1".parse()?).request()).await?;
    /// let Err(Complaint::Registry(error)) = GetNet::payload(&answer) else { unreachable!() };
    /// assert_eq!((error.status, error.code.as_str()), (404, "E_OBJECT_NOT_FOUND"));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ErrorPayload as "error" {
        /// Its code, as in `E_ENTITY_VALIDATION`.
        code: String = "code",
        /// What happened.
        message: String = "message",
        /// Which fields are at fault.
        components: Components = "components",
        /// More about it.
        additional_info: AdditionalInfo = "additionalInfo",
    }
}

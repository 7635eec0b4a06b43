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

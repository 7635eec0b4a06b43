//! `phone` (ARIN "Phone Payload") and `phones`.
//!
//! Must not know: the POC it belongs to.

use super::element::{codes, list, payload};

codes! {
    /// What a phone is for.
    PhoneKind {
        /// `O`, office; a POC needs one.
        Office = "O",
        /// `F`, fax.
        Fax = "F",
        /// `M`, mobile.
        Mobile = "M",
    }
}

payload! {
    /// `type` of a phone.
    PhoneType {
        /// The code.
        code: PhoneKind = "code",
        /// In words; the registry's.
        description: String = "description",
    }
}

payload! {
    /// A telephone number of a POC.
    PhonePayload as "phone" {
        /// As in `+1-703-555-0100`; numbers of the North American plan as `###-###-####`.
        number: String = "number",
        /// Extension.
        extension: String = "extension",
        /// What it is for.
        kind: PhoneType = "type",
    }
}

list! {
    /// `phones`; on a modify it replaces all phones of the POC.
    Phones { phone: PhonePayload = "phone" }
}

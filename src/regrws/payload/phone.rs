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
    ///
    /// ```
    /// use swip::regrws::GetPoc;
    /// use swip::regrws::payload::PhoneKind;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let poc = arin.send(&GetPoc("TECH-EXAMPLE-1".parse()?)).await?;
    /// let phone = &poc.phones.ok_or("a POC has a phone")?.phone[0];
    /// let kind = phone.kind.as_ref().and_then(|kind| kind.code.clone());
    /// assert_eq!(kind, Some(PhoneKind::Office));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
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

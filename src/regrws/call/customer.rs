//! Customer methods (ARIN "Customer Methods"); a customer is created under a net, see
//! `CreateCustomer`.
//!
//! Must not know: nets.

use super::{bare, calls, get, write};
use crate::domain::CustomerHandle;
use crate::regrws::payload::CustomerPayload;
use crate::regrws::wire::Method;

calls! {
    /// Get a customer: `GET /customer/HANDLE`.
    GetCustomer(handle: CustomerHandle) -> CustomerPayload {
        get(format!("/rest/customer/{handle}"))
    }

    /// Modify a customer: `PUT /customer/HANDLE`.
    ModifyCustomer {
        /// Which customer.
        handle: CustomerHandle,
        /// As it shall be, with what the registry owns echoed ([`CustomerPayload::echoing`]).
        customer: CustomerPayload,
    } -> CustomerPayload { write(Method::Put, format!("/rest/customer/{handle}"), customer) }

    /// Delete a customer: `DELETE /customer/HANDLE`. Refused with 409 while a net uses it; the
    /// deletion of its net leaves it behind.
    DeleteCustomer(handle: CustomerHandle) -> CustomerPayload {
        bare(Method::Delete, format!("/rest/customer/{handle}"))
    }
}

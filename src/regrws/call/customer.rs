//! Customer methods (ARIN "Customer Methods"); a customer is created under a net, see
//! `CreateCustomer`.
//!
//! Must not know: nets.

use super::{bare, calls, get, write};
use crate::domain::CustomerHandle;
use crate::regrws::payload::CustomerPayload;
use crate::regrws::wire::Method;

calls! {
    /// Get a customer: `GET /customer/HANDLE` (ARIN "Get Customer"). There is no search for customers.
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::GetCustomer;
    /// use swip::domain::Holder;
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let Holder::Customer(handle) = rehearsal::reassigned(arin).await?.holder else { unreachable!() };
    /// let customer = arin.send(&GetCustomer(handle)).await?;
    /// assert_eq!(customer.name.as_deref(), Some("Maple Street Dental LLC"));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    GetCustomer(handle: CustomerHandle) -> CustomerPayload {
        get(format!("/rest/customer/{handle}"))
    }

    /// Modify a customer: `PUT /customer/HANDLE` (ARIN "Modify Customer"). The whole record is replaced,
    /// so begin with the customer as it is.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION` with the field; 404 `E_OBJECT_NOT_FOUND`; 401
    /// `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::{CustomerPayload, GetCustomer, ModifyCustomer};
    /// use swip::domain::Holder;
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let Holder::Customer(handle) = rehearsal::reassigned(arin).await?.holder else { unreachable!() };
    /// let current = arin.send(&GetCustomer(handle.clone())).await?;
    /// let moved = CustomerPayload { city: Some("Herndon".into()), ..current.clone() };
    /// let customer = arin.send(&ModifyCustomer { handle, customer: moved.echoing(&current) }).await?;
    /// assert_eq!(customer.city.as_deref(), Some("Herndon"));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ModifyCustomer {
        /// Which customer.
        handle: CustomerHandle,
        /// As it shall be, with what the registry owns echoed ([`CustomerPayload::echoing`]).
        customer: CustomerPayload,
    } -> CustomerPayload { write(Method::Put, format!("/rest/customer/{handle}"), customer) }

    /// Delete a customer: `DELETE /customer/HANDLE` (ARIN "Delete Customer"). The deletion of its net
    /// leaves it behind.
    ///
    /// Errors: 409 `E_NOT_REMOVEABLE`, a net uses it; 404 `E_OBJECT_NOT_FOUND`; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::{CallError, DeleteCustomer, DeleteNet};
    /// use swip::domain::Holder;
    /// use swip::rehearsal;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let net = rehearsal::reassigned(arin).await?;
    /// let Holder::Customer(handle) = net.holder else { unreachable!() };
    /// let held = arin.send(&DeleteCustomer(handle.clone())).await;
    /// assert!(matches!(held, Err(CallError::Complaint(refusal)) if refusal.status() == 409));
    /// arin.send(&DeleteNet(net.net_handle)).await?;
    /// arin.send(&DeleteCustomer(handle)).await?;
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    DeleteCustomer(handle: CustomerHandle) -> CustomerPayload {
        bare(Method::Delete, format!("/rest/customer/{handle}"))
    }
}

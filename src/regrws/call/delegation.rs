//! Delegation methods (ARIN "Delegation Methods"): reverse-DNS zones. Changes take effect in the
//! DNS within 24 hours.
//!
//! Must not know: reassignments, which are no delegations here.

use super::segment::{HostName, ZoneName};
use super::{bare, calls, get, write};
use crate::regrws::payload::DelegationPayload;
use crate::regrws::wire::Method;

calls! {
    /// Get a zone: `GET /delegation/NAME` (ARIN "Get Delegation").
    ///
    /// Errors: 404 `E_OBJECT_NOT_FOUND`; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::GetDelegation;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let zone = arin.send(&GetDelegation("2.0.192.in-addr.arpa.".parse()?)).await?;
    /// assert!(zone.nameservers.is_none());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    GetDelegation(name: ZoneName) -> DelegationPayload {
        get(format!("/rest/delegation/{}", name.encoded()))
    }

    /// Modify a zone: `PUT /delegation/NAME` (ARIN "Modify Delegation"); its nameservers and DS keys are
    /// those that are sent. Times to live are seconds.
    ///
    /// Errors: 400 `E_ENTITY_VALIDATION`, another name, or keys without a nameserver; 404
    /// `E_OBJECT_NOT_FOUND`; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::{GetDelegation, ModifyDelegation, ZoneName};
    /// use swip::regrws::payload::{DelegationPayload, Nameserver};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let name: ZoneName = "2.0.192.in-addr.arpa.".parse()?;
    /// let current = arin.send(&GetDelegation(name.clone())).await?;
    /// let server = Nameserver { name: Some("NS1.EXAMPLE.NET".into()), ttl: Some(3600) };
    /// let nameservers = Some(vec![server].into());
    /// let delegation = DelegationPayload { nameservers, ..DelegationPayload::default() };
    /// let delegation = delegation.echoing(&current);
    /// arin.send(&ModifyDelegation { name, delegation }).await?;
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    ModifyDelegation {
        /// Which zone.
        name: ZoneName,
        /// As it shall be, with the name echoed ([`DelegationPayload::echoing`]).
        delegation: DelegationPayload,
    } -> DelegationPayload {
        write(Method::Put, format!("/rest/delegation/{}", name.encoded()), delegation)
    }

    /// Add a nameserver: `POST /delegation/NAME/nameserver/NAMESERVER?ttl=TTL` (ARIN "Add Nameserver").
    ///
    /// Errors: 409, it is there already; 400 `E_ENTITY_VALIDATION`, no host name; 404
    /// `E_OBJECT_NOT_FOUND`; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::AddNameserver;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let (name, nameserver) = ("2.0.192.in-addr.arpa.".parse()?, "ns1.example.net".parse()?);
    /// let zone = arin.send(&AddNameserver { name, nameserver, ttl: Some(3600) }).await?;
    /// assert_eq!(zone.nameservers.unwrap_or_default().nameserver[0].ttl, Some(3600));
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    AddNameserver {
        /// Which zone.
        name: ZoneName,
        /// The nameserver.
        nameserver: HostName,
        /// Time to live, in seconds; the registry's default without.
        ttl: Option<u32>,
    } -> DelegationPayload {
        bare(Method::Post, format!(
            "/rest/delegation/{}/nameserver/{}{}",
            name.encoded(),
            nameserver.encoded(),
            ttl.map(|ttl| format!("?ttl={ttl}")).unwrap_or_default(),
        ))
    }

    /// Delete a nameserver: `DELETE /delegation/NAME/nameserver/NAMESERVER` (ARIN "Delete Nameserver").
    ///
    /// Errors: 409, the last one of a zone with DS keys; 404 `E_OBJECT_NOT_FOUND`, no such zone or
    /// nameserver; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::{AddNameserver, DeleteNameserver, HostName, ZoneName};
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let name: ZoneName = "2.0.192.in-addr.arpa.".parse()?;
    /// let nameserver: HostName = "ns1.example.net".parse()?;
    /// let add = AddNameserver { name: name.clone(), nameserver: nameserver.clone(), ttl: None };
    /// arin.send(&add).await?;
    /// let zone = arin.send(&DeleteNameserver { name, nameserver }).await?;
    /// assert!(zone.nameservers.is_none());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    DeleteNameserver {
        /// Which zone.
        name: ZoneName,
        /// The nameserver.
        nameserver: HostName,
    } -> DelegationPayload {
        bare(Method::Delete, format!(
            "/rest/delegation/{}/nameserver/{}",
            name.encoded(),
            nameserver.encoded(),
        ))
    }

    /// Delete all nameservers: `DELETE /delegation/NAME/nameservers` (ARIN "Delete All Nameservers").
    ///
    /// Errors: 409, a zone with DS keys; 404 `E_OBJECT_NOT_FOUND`; 401 `E_AUTHENTICATION`.
    ///
    /// ```
    /// use swip::regrws::DeleteNameservers;
    ///
    /// # swip::rehearsal::run(async |arin| {
    /// let zone = arin.send(&DeleteNameservers("2.0.192.in-addr.arpa.".parse()?)).await?;
    /// assert!(zone.nameservers.is_none());
    /// # Ok(()) })?; Ok::<_, swip::rehearsal::Fault>(())
    /// ```
    DeleteNameservers(name: ZoneName) -> DelegationPayload {
        bare(Method::Delete, format!("/rest/delegation/{}/nameservers", name.encoded()))
    }
}

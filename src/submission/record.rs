//! What the registry holds, read whole: by handle, or by exact range.
//!
//! An error is never taken for absence. Must not know: why it is read, or what is decided.

use super::Registry;
use super::reader::{ReadFault, registry_answer};
use crate::domain::{AddressRange, CustomerHandle, NetHandle, Registered, Source};
use crate::journal::Image;
use crate::regrws::{
    Call, CustomerPayload, GetCustomer, GetNet, NetPayload, NetsByIpRange, RawAnswer,
};

/// A net and its customer, just read, in the registry's own words.
#[derive(Clone, Debug)]
pub struct Record {
    /// The net.
    pub net: NetPayload,
    /// Its customer, if it has one.
    pub customer: Option<CustomerPayload>,
    /// Both, as values.
    pub registered: Registered,
    /// Both, byte for byte.
    pub image: Image,
}

/// A read that proves nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unread(pub String);

/// Reads a net by its handle, and its customer; `None` when the registry has no such net.
///
/// # Errors
/// [`Unread`].
pub async fn by_handle(
    registry: &impl Registry,
    handle: &NetHandle,
) -> Result<Option<Record>, Unread> {
    let call = GetNet(handle.clone());
    let Some(answer) = present(registry_answer(registry, &call).await)? else { return Ok(None) };
    let net = GetNet::payload(&answer).map_err(|fault| Unread(fault.to_string()))?;
    record(registry, net, &answer, Source::Handle).await.map(Some)
}

/// Reads every net of exactly a range, each with its customer; empty when there is none.
///
/// # Errors
/// [`Unread`].
pub async fn by_range(
    registry: &impl Registry,
    range: AddressRange,
) -> Result<Vec<Record>, Unread> {
    let call = NetsByIpRange(range);
    let Some(answer) = present(registry_answer(registry, &call).await)? else {
        return Ok(Vec::new());
    };
    let list = NetsByIpRange::payload(&answer).map_err(|fault| Unread(fault.to_string()))?;
    let mut records = Vec::new();
    for net in list.nets {
        let read = record(registry, net, &answer, Source::Range).await?;
        if read.registered.net.block == range {
            records.push(read);
        }
    }
    Ok(records)
}

/// Reads a customer; `None` when the registry has no such customer.
///
/// # Errors
/// [`Unread`].
pub async fn customer(
    registry: &impl Registry,
    handle: &CustomerHandle,
) -> Result<Option<(CustomerPayload, RawAnswer)>, Unread> {
    let call = GetCustomer(handle.clone());
    let Some(answer) = present(registry_answer(registry, &call).await)? else { return Ok(None) };
    let customer = GetCustomer::payload(&answer).map_err(|fault| Unread(fault.to_string()))?;
    Ok(Some((customer, answer)))
}

/// Completes a net with its customer.
async fn record(
    registry: &impl Registry,
    net: NetPayload,
    answer: &RawAnswer,
    source: Source,
) -> Result<Record, Unread> {
    let at = jiff::Timestamp::now().to_string();
    let unusable = || Unread("the answer's net has no usable handle or blocks".to_owned());
    let bare = net.registered(None, source.clone(), at.clone()).ok_or_else(unusable)?;
    let held = match bare.customer_handle() {
        Some(handle) => customer(registry, handle).await?,
        None => None,
    };
    let image = Image::new(answer, held.as_ref().map(|(_, answer)| answer), at.clone());
    let customer = held.map(|(customer, _)| customer);
    let registered = net.registered(customer.as_ref(), source, at).ok_or_else(unusable)?;
    Ok(Record { net, customer, registered, image })
}

fn present(read: Result<RawAnswer, ReadFault>) -> Result<Option<RawAnswer>, Unread> {
    match read {
        Ok(answer) => Ok(Some(answer)),
        Err(ReadFault::Absent) => Ok(None),
        Err(fault) => Err(Unread(fault.to_string())),
    }
}

//! What the registry holds, read whole: by handle, or by exact range.
//!
//! An error is never taken for absence. Must not know: why it is read, or what is decided.

use super::Registry;
use super::reader::{ReadFault, registry_answer};
use crate::domain::{
    AddressRange, CustomerHandle, CustomerValues, Detail, NetHandle, Registered, Source,
};
use crate::journal::Image;
use crate::regrws::payload::DelegationPayload;
use crate::regrws::{
    Call, CustomerPayload, GetCustomer, GetNet, NetDelegations, NetPayload, NetsByIpRange,
    RawAnswer,
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
pub struct Unread(pub ReadFault);

impl Unread {
    /// An answer nothing can be made of.
    pub(super) fn unusable(reason: impl std::fmt::Display) -> Self {
        Self(ReadFault::Nothing(reason.to_string()))
    }
}

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
    let net = GetNet::payload(&answer).map_err(Unread::unusable)?;
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
    by_range_with(registry, range, |_| More::Customer).await
}

/// A customer as it was read or asked for earlier, and its answer where there is one.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Its values.
    pub values: CustomerValues,
    /// The registry's own words.
    pub image: Option<String>,
}

/// What is to be read of a net beyond the net itself.
#[derive(Clone, Debug)]
pub enum More {
    /// Its customer.
    Customer,
    /// Nothing: its customer is known.
    Known(Box<Remembered>),
    /// Nothing: the net is not wanted.
    Nothing,
}

/// The same, reading of each net what `more` says: a net whose customer is known costs nothing
/// beyond the one request.
///
/// # Errors
/// [`Unread`].
pub async fn by_range_with(
    registry: &impl Registry,
    range: AddressRange,
    more: impl Fn(&Registered) -> More,
) -> Result<Vec<Record>, Unread> {
    let call = NetsByIpRange(range);
    let Some(answer) = present(registry_answer(registry, &call).await)? else {
        return Ok(Vec::new());
    };
    let list = NetsByIpRange::payload(&answer).map_err(Unread::unusable)?;
    let mut records = Vec::new();
    for net in list.nets {
        let at = jiff::Timestamp::now().to_string();
        let bare = net.registered(None, Source::Range, at).ok_or_else(no_net)?;
        if bare.net.block != range {
            continue;
        }
        records.push(match more(&bare) {
            More::Nothing => continue,
            More::Known(customer) => kept(net, bare, &answer, *customer),
            More::Customer => record(registry, net, &answer, Source::Range).await?,
        });
    }
    Ok(records)
}

/// A net just read, with its customer as it was known before.
fn kept(net: NetPayload, bare: Registered, answer: &RawAnswer, customer: Remembered) -> Record {
    let at = bare.seen.at.clone().unwrap_or_default();
    let image = Image { customer: customer.image, ..Image::new(answer, None, at) };
    let customer = Some(customer.values);
    Record {
        net,
        customer: None,
        registered: Registered { customer, detail: Detail::Full, ..bare },
        image,
    }
}

fn no_net() -> Unread {
    Unread::unusable("the answer's net has no usable handle or blocks")
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
    let customer = GetCustomer::payload(&answer).map_err(Unread::unusable)?;
    Ok(Some((customer, answer)))
}

/// Reads the reverse-DNS zones of a net that are in use, and the answer that lists them.
///
/// # Errors
/// [`Unread`].
pub async fn zones(
    registry: &impl Registry,
    handle: &NetHandle,
) -> Result<(Vec<DelegationPayload>, Option<RawAnswer>), Unread> {
    let call = NetDelegations(handle.clone());
    let Some(answer) = present(registry_answer(registry, &call).await)? else {
        return Ok((Vec::new(), None));
    };
    let list = NetDelegations::payload(&answer).map_err(Unread::unusable)?;
    let used = list.delegations.into_iter().filter(DelegationPayload::is_used).collect();
    Ok((used, Some(answer)))
}

/// Completes a net with its customer.
async fn record(
    registry: &impl Registry,
    net: NetPayload,
    answer: &RawAnswer,
    source: Source,
) -> Result<Record, Unread> {
    let at = jiff::Timestamp::now().to_string();
    let bare = net.registered(None, source.clone(), at.clone()).ok_or_else(no_net)?;
    let held = match bare.customer_handle() {
        Some(handle) => customer(registry, handle).await?,
        None => None,
    };
    let image = Image::new(answer, held.as_ref().map(|(_, answer)| answer), at.clone());
    let customer = held.map(|(customer, _)| customer);
    let registered = net.registered(customer.as_ref(), source, at).ok_or_else(no_net)?;
    Ok(Record { net, customer, registered, image })
}

fn present(read: Result<RawAnswer, ReadFault>) -> Result<Option<RawAnswer>, Unread> {
    match read {
        Ok(answer) => Ok(Some(answer)),
        Err(ReadFault::Absent) => Ok(None),
        Err(fault) => Err(Unread(fault)),
    }
}

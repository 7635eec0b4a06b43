//! What the registry holds at exactly a row's range: present, absent, or no information.
//!
//! An error is never taken for absence. Must not know: what is decided from it.

use super::compare;
use super::reader::{Read, ReadFault, Reader, Registry};
use crate::crash::breaks;
use crate::domain::{Assignment, CustomerHandle, Holder, Registration, SimpleRecipient};
use crate::journal::{Created, Image};
use crate::plan::Step;
use crate::regrws::{CustomerPayload, GetCustomer, MostSpecificNet, NetsByIpRange, RawAnswer};

/// A net with exactly a row's range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The net.
    pub(super) net: Registration,
    /// In which fields it differs from the row.
    pub(super) differences: Vec<&'static str>,
    /// The registry's own words about it.
    pub(super) image: Image,
}

/// What a read proves about a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing is registered there under the parent.
    Absent,
    /// A net is.
    Present(Box<Found>),
    /// The read proves nothing.
    Nothing(ReadFault),
}

/// How much must be equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// A generated name may differ: somebody else may have registered the net.
    GivenOnly,
    /// Every name: the net is ours only if it has ours.
    All,
}

/// What a net is held against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'w> {
    /// The row.
    pub(super) step: &'w Step,
    /// Its recipient, if it was created before.
    pub(super) created: Option<&'w Created>,
    /// Which names count.
    pub(super) names: Names,
    /// When the write that made it was intended, if one was: it is no older.
    pub(super) since: Option<&'w str>,
}

/// Reads the nets of the exact range.
pub(super) async fn by_range<R: Registry>(reader: &Reader<R>, wanted: Wanted<'_>) -> Held {
    match reader.read(&NetsByIpRange(wanted.step.block)).await {
        Err(ReadFault::Absent) => Held::Absent,
        Err(_) if breaks("failed-read-is-absence") => Held::Absent,
        Err(fault) => Held::Nothing(fault),
        Ok(Read { value, answer }) => judge(reader, wanted, value, &answer, None).await,
    }
}

/// Reads the nets of the exact range before anything is written.
///
/// # Errors
/// A registered net shares addresses with the range, and none is exactly there.
pub(super) async fn look<R: Registry>(
    reader: &Reader<R>,
    wanted: Wanted<'_>,
) -> Result<Held, Box<Registration>> {
    match reader.read(&NetsByIpRange(wanted.step.block)).await {
        Err(ReadFault::Absent) => Ok(Held::Absent),
        Err(_) if breaks("failed-read-is-absence") => Ok(Held::Absent),
        Err(fault) => Ok(Held::Nothing(fault)),
        Ok(Read { value, answer }) => match overlapped(wanted.step, &value) {
            Some(net) => Err(Box::new(net.clone())),
            None => Ok(judge(reader, wanted, value, &answer, None).await),
        },
    }
}

/// The net in the way of a step, where none has its range. One that is around it is not: it may
/// be what the parent was taken from.
fn overlapped<'n>(step: &Step, nets: &'n [Registration]) -> Option<&'n Registration> {
    let others = || nets.iter().filter(|net| net.net_handle != step.parent);
    if others().any(|net| net.block == step.block) {
        return None;
    }
    others().find(|net| net.block.overlaps(&step.block) && !net.block.contains(&step.block))
}

/// Reads the nets of the exact range, and at the same time the customer that `net`, as the
/// registry answered it, names.
pub(super) async fn again<R: Registry>(
    reader: &Reader<R>,
    wanted: Wanted<'_>,
    net: &Registration,
) -> Held {
    let range = NetsByIpRange(wanted.step.block);
    let (nets, recipient) = tokio::join!(reader.read(&range), recipient(reader, wanted, net));
    match nets {
        Err(ReadFault::Absent) => Held::Absent,
        Err(_) if breaks("failed-read-is-absence") => Held::Absent,
        Err(fault) => Held::Nothing(fault),
        Ok(Read { value, answer }) => judge(reader, wanted, value, &answer, recipient).await,
    }
}

/// Reads the most specific net of the exact range.
pub(super) async fn most_specific<R: Registry>(reader: &Reader<R>, wanted: Wanted<'_>) -> Held {
    match reader.read(&MostSpecificNet(wanted.step.block)).await {
        Err(ReadFault::Absent) => Held::Absent,
        Err(_) if breaks("failed-read-is-absence") => Held::Absent,
        Err(fault) => Held::Nothing(fault),
        Ok(Read { value, answer }) => judge(reader, wanted, vec![value], &answer, None).await,
    }
}

async fn judge<R: Registry>(
    reader: &Reader<R>,
    wanted: Wanted<'_>,
    nets: Vec<Registration>,
    answer: &RawAnswer,
    ahead: Option<Recipient>,
) -> Held {
    let Wanted { step, created, names, since } = wanted;
    // The parent itself, or a net around it, is no answer about this range.
    let at =
        nets.into_iter().filter(|net| net.block == step.block && net.net_handle != step.parent);
    let mut at: Vec<Registration> = at.collect();
    at.sort_by_key(|net| compare::net(step, net, created, false).len());
    let Some(net) = at.into_iter().next() else { return Held::Absent };
    let compare_names = names == Names::All || !step.name_generated;
    let mut differences = compare::net(step, &net, created, compare_names);
    if since.is_some_and(|since| compare::is_older(&net, since)) {
        differences.push("registered_at");
    }
    let ahead = ahead.filter(|read| net.holder == Holder::Customer(read.handle.clone()));
    let recipient = match ahead {
        Some(read) => Some(read),
        None => recipient(reader, wanted, &net).await,
    };
    let mut customer = None;
    match recipient.map(|recipient| recipient.read) {
        None => {}
        Some(Ok(read)) => {
            differences.extend(compare::customer(step, &read.value));
            customer = Some(read.answer);
        }
        Some(Err(ReadFault::Absent)) => differences.push("recipient"),
        Some(Err(fault)) => return Held::Nothing(fault),
    }
    let image = Image::new(answer, customer.as_ref(), super::now());
    Held::Present(Box::new(Found { net, differences, image }))
}

/// A net's customer as it was read.
struct Recipient {
    handle: CustomerHandle,
    read: Result<Read<CustomerPayload>, ReadFault>,
}

/// Reads the customer of a net, where the row made one.
async fn recipient<R: Registry>(
    reader: &Reader<R>,
    wanted: Wanted<'_>,
    net: &Registration,
) -> Option<Recipient> {
    let assignment = &wanted.step.assignment;
    match (assignment, &net.holder) {
        (Assignment::ReassignSimple(SimpleRecipient::New(_)), Holder::Customer(handle)) => {
            let read = reader.read(&GetCustomer(handle.clone())).await;
            Some(Recipient { handle: handle.clone(), read })
        }
        _ => None,
    }
}

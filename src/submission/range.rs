//! What the registry holds at exactly a row's range: present, absent, or no information.
//!
//! An error is never taken for absence. Must not know: what is decided from it.

use super::Registry;
use super::compare;
use crate::domain::{Assignment, Holder, Registration, SimpleRecipient};
use crate::journal::Created;
use crate::plan::Step;
use crate::regrws::{Call, Complaint, GetCustomer, MostSpecificNet, NetsByIpRange, RawAnswer};

/// What a read proves about a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing is registered there under the parent.
    Absent,
    /// A net with exactly the range, and in which fields it differs from the step.
    Present(Box<Registration>, Vec<&'static str>),
    /// The read proves nothing.
    Nothing(String),
}

/// How much must be equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// A generated name may differ: somebody else may have registered the net.
    GivenOnly,
    /// Every name: the net is ours only if it has ours.
    All,
}

/// Reads the nets of the step's exact range.
pub(super) async fn by_range(
    registry: &impl Registry,
    step: &Step,
    created: Option<&Created>,
    names: Names,
) -> Held {
    match registry_read(registry, &NetsByIpRange(step.block)).await {
        Err(ReadFault::Absent) => Held::Absent,
        Err(ReadFault::Nothing(reason)) => Held::Nothing(reason),
        Ok(nets) => judge(registry, step, created, names, nets).await,
    }
}

/// Reads the most specific net of the step's exact range.
pub(super) async fn most_specific(
    registry: &impl Registry,
    step: &Step,
    created: Option<&Created>,
    names: Names,
) -> Held {
    match registry_read(registry, &MostSpecificNet(step.block)).await {
        Err(ReadFault::Absent) => Held::Absent,
        Err(ReadFault::Nothing(reason)) => Held::Nothing(reason),
        Ok(net) => judge(registry, step, created, names, vec![net]).await,
    }
}

async fn judge(
    registry: &impl Registry,
    step: &Step,
    created: Option<&Created>,
    names: Names,
    nets: Vec<Registration>,
) -> Held {
    // The parent itself, or a net around it, is no answer about this range.
    let at =
        nets.into_iter().filter(|net| net.block == step.block && net.net_handle != step.parent);
    let mut at: Vec<Registration> = at.collect();
    at.sort_by_key(|net| compare::net(step, net, created, false).len());
    let Some(net) = at.into_iter().next() else { return Held::Absent };
    let compare_names = names == Names::All || !step.name_generated;
    let mut differences = compare::net(step, &net, created, compare_names);
    let new = matches!(step.assignment, Assignment::ReassignSimple(SimpleRecipient::New(_)));
    if let (true, Holder::Customer(handle)) = (new, &net.holder) {
        match registry_read(registry, &GetCustomer(handle.clone())).await {
            Ok(customer) => differences.extend(compare::customer(step, &customer)),
            Err(ReadFault::Absent) => differences.push("recipient"),
            Err(ReadFault::Nothing(reason)) => return Held::Nothing(reason),
        }
    }
    Held::Present(Box::new(net), differences)
}

/// Why a read gave no value.
pub(super) enum ReadFault {
    /// "No such object", in the registry's own words.
    Absent,
    /// Anything else.
    Nothing(String),
}

/// Tries of a read before it counts as no information.
const READ_TRIES: u32 = 3;
/// Wait before the first repeat of a read; doubled each time.
const READ_BACKOFF: std::time::Duration = std::time::Duration::from_millis(200);

/// Sends a read; repeats it when it proves nothing.
pub(super) async fn registry_read<C: Call>(
    registry: &impl Registry,
    call: &C,
) -> Result<C::Response, ReadFault> {
    let answer = registry_answer(registry, call).await?;
    C::decode(&answer).map_err(|complaint| ReadFault::Nothing(complaint.to_string()))
}

/// The answer to a read whole, once it can be decoded; repeats it when it proves nothing.
pub(super) async fn registry_answer<C: Call>(
    registry: &impl Registry,
    call: &C,
) -> Result<RawAnswer, ReadFault> {
    let request = call.request();
    let mut reason = String::new();
    for again in 0..READ_TRIES {
        if again > 0 {
            tokio::time::sleep(READ_BACKOFF * 2_u32.pow(again - 1)).await;
            registry.retried();
        }
        match registry.exchange(&request).await {
            Err(fault) => reason = fault.to_string(),
            Ok(answer) => match C::decode(&answer) {
                Ok(_) => return Ok(answer),
                Err(complaint) if complaint.is_absent() => return Err(ReadFault::Absent),
                Err(complaint @ Complaint::Registry(_)) if (400..429).contains(&answer.status) => {
                    return Err(ReadFault::Nothing(complaint.to_string()));
                }
                Err(complaint) => reason = complaint.to_string(),
            },
        }
    }
    Err(ReadFault::Nothing(reason))
}

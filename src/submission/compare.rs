//! Is what the registry holds what the row asked for?
//!
//! Owns the comparison of a step with a registered net and its customer. Must not know: how
//! either was read.

use crate::domain::{Assignment, Holder, NetType, OrgRecipient, Registration, SimpleRecipient};
use crate::journal::Created;
use crate::plan::Step;
use crate::regrws::CustomerPayload;

/// The type a step registers.
pub(super) const fn kind(step: &Step) -> NetType {
    match step.assignment {
        Assignment::Reallocate(_) => NetType::Reallocation,
        _ => NetType::Reassignment,
    }
}

/// Fields in which a net differs from a step, its customer aside.
pub(super) fn net(
    step: &Step,
    net: &Registration,
    created: Option<&Created>,
    names: bool,
) -> Vec<&'static str> {
    let parent = net.parent.as_ref().is_none_or(|parent| *parent == step.parent);
    let name = !names || step.net_name.same_as(&net.net_name);
    let checks = [
        ("block", net.block == step.block),
        ("parent_net", parent),
        ("action", net.kind == kind(step)),
        ("net_name", name),
        ("recipient", holder(step, &net.holder, created)),
    ];
    checks.into_iter().filter(|(_, same)| !same).map(|(field, _)| field).collect()
}

/// Whether the holder can be the recipient; a new customer's fields are compared apart.
fn holder(step: &Step, holder: &Holder, created: Option<&Created>) -> bool {
    match (&step.assignment, holder, created) {
        (_, Holder::Customer(found), Some(Created::Customer(made))) => found == made,
        (_, Holder::Org(found), Some(Created::Org(made))) => found == made,
        (Assignment::ReassignSimple(SimpleRecipient::New(_)), Holder::Customer(_), _) => true,
        (
            Assignment::ReassignSimple(SimpleRecipient::Existing(handle)),
            Holder::Customer(found),
            _,
        ) => handle == found,
        (
            Assignment::ReassignDetailed(OrgRecipient::Existing(handle))
            | Assignment::Reallocate(OrgRecipient::Existing(handle)),
            Holder::Org(found),
            _,
        ) => handle == found,
        _ => false,
    }
}

/// Fields in which a customer differs from the one a step asked for.
pub(super) fn customer(step: &Step, found: &CustomerPayload) -> Vec<&'static str> {
    match &step.assignment {
        Assignment::ReassignSimple(SimpleRecipient::New(wanted)) => found.differences(wanted),
        _ => Vec::new(),
    }
}

/// Whether a net was registered before `since`, see [`is_before`].
pub(super) fn is_older(net: &Registration, since: &str) -> bool {
    net.registered_at.as_deref().is_some_and(|at| is_before(at, since))
}

/// Whether a date of the registry lies before the day before `since`: clocks and time zones
/// differ by less. A date in another form than ISO 8601 says nothing.
pub(super) fn is_before(at: &str, since: &str) -> bool {
    let day = |text: &str| text.trim().get(..10)?.parse::<jiff::civil::Date>().ok();
    let earliest = day(since).and_then(|day| day.yesterday().ok());
    matches!((day(at), earliest), (Some(at), Some(earliest)) if at < earliest)
}

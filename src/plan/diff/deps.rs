//! What must happen before what: moves, children before parents, space freed before it is used.
//!
//! Owns links between changes. Must not know: how changes are found, guards' numbers.

use std::collections::{HashMap, HashSet};

use super::change::{Change, HoldCode, Move, Verb};
use crate::domain::{
    AddressRange, Assignment, NetHandle, NetName, NetType, Registered, SimpleRecipient,
};
use crate::plan::Step;

/// A registered net on the space of an addition.
#[derive(Clone, Debug)]
pub(super) struct Blocker {
    pub(super) net: NetHandle,
    pub(super) block: AddressRange,
    /// Index of its own change.
    pub(super) change: Option<usize>,
}

/// Links a removal and an addition with the same reference, where each is the only one.
pub(super) fn link_moves(changes: &mut [Change]) {
    let mut ends: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for (at, change) in changes.iter().enumerate() {
        let Some(reference) = change.reference.clone() else { continue };
        let (from, to) = ends.entry(reference).or_default();
        match change.verb {
            Verb::Remove => from.push(at),
            Verb::Add(_) => to.push(at),
            _ => {}
        }
    }
    for (from, to) in ends.into_values() {
        let ([from], [to]) = (from.as_slice(), to.as_slice()) else { continue };
        let (from, to) = (*from, *to);
        changes[from].moves = Some(Move { id: changes[to].id, block: changes[to].block });
        changes[to].moves = Some(Move { id: changes[from].id, block: changes[from].block });
        let was_private = changes[from].before.as_ref().is_some_and(|before| before.is_private());
        if let Verb::Add(step) = &mut changes[to].verb {
            stay_private(step, was_private);
        }
    }
}

/// A blank privacy cell leaves the registered value, on another block too.
fn stay_private(step: &mut Step, was_private: bool) {
    let Assignment::ReassignSimple(SimpleRecipient::New(customer)) = &mut step.assignment else {
        return;
    };
    if was_private && !step.given.private {
        customer.private = true;
        if step.name_generated {
            step.net_name = NetName::generated_private(&step.block);
        }
    }
}

/// Never a net with children, unless the plan removes them all; they then go first.
pub(super) fn children(changes: &mut [Change], registered: &[Registered]) {
    let mut children: HashMap<&NetHandle, Vec<&Registered>> = HashMap::new();
    for net in registered {
        if let Some(parent) = &net.net.parent {
            children.entry(parent).or_default().push(net);
        }
    }
    let removed: HashMap<NetHandle, u64> = changes
        .iter()
        .filter(|change| change.verb == Verb::Remove && change.held.is_none())
        .filter_map(|change| Some((change.before.as_ref()?.net.net_handle.clone(), change.id)))
        .collect();
    for change in changes.iter_mut().filter(|change| change.removes()) {
        let Some(before) = &change.before else { continue };
        let own = children.get(&before.net.net_handle).map_or(&[][..], Vec::as_slice);
        let kept: Vec<&str> = own
            .iter()
            .filter(|child| !removed.contains_key(&child.net.net_handle))
            .map(|child| child.net.net_handle.as_str())
            .collect();
        if kept.is_empty() {
            let first = own.iter().filter_map(|child| removed.get(&child.net.net_handle));
            let first: Vec<u64> = first.copied().collect();
            change.needs.extend(first);
        } else {
            let message = format!(
                "it has children that the plan keeps ({}); its removal would take them along",
                kept.join(", ")
            );
            change.hold(HoldCode::HasChildren, message);
        }
    }
}

/// Whether a net of this kind may have children: a reassignment never has.
pub(super) const fn may_have_children(registered: &Registered) -> bool {
    !matches!(registered.net.kind, NetType::Reassignment)
}

/// Makes each addition wait for the removals on its space; anything else there is a conflict.
pub(super) fn order(changes: &mut [Change], blockers: &HashMap<usize, Vec<Blocker>>) {
    for (at, blockers) in blockers {
        let in_the_way = |blocker: &&Blocker| {
            let change = blocker.change.and_then(|at| changes.get(at));
            !change.is_some_and(|c| matches!(c.verb, Verb::Remove | Verb::Waits { .. }))
        };
        let with: Vec<&Blocker> = blockers.iter().filter(in_the_way).collect();
        if with.is_empty() {
            let needs: Vec<u64> =
                blockers.iter().filter_map(|b| Some(changes.get(b.change?)?.id)).collect();
            changes[*at].needs.extend(needs);
            continue;
        }
        let named: Vec<String> = with.iter().map(|b| format!("{} ({})", b.net, b.block)).collect();
        let with = with.iter().map(|b| b.net.clone()).collect();
        changes[*at].notes.push(format!("its space is held by {}", named.join(", ")));
        changes[*at].verb = Verb::Conflict { with };
    }
}

/// Holds what waits for something that is itself held, through any number of steps.
pub(super) fn propagate(changes: &mut [Change]) {
    loop {
        let blocked: HashMap<u64, (HoldCode, String)> = changes
            .iter()
            .filter_map(|change| {
                let net = change.before.as_ref().map(|b| b.net.net_handle.to_string());
                let net = net.unwrap_or_else(|| change.block.to_string());
                match (&change.verb, &change.held) {
                    (Verb::Waits { ticket, .. }, _) => {
                        let message = format!(
                            "its space is freed only when ticket {ticket} about {net} closes"
                        );
                        Some((change.id, (HoldCode::WaitsForTicket, message)))
                    }
                    (_, Some(hold)) => {
                        let message = format!(
                            "its space is freed only by removing {net}, which is held: {}",
                            hold.message
                        );
                        Some((change.id, (HoldCode::RemovalHeld, message)))
                    }
                    _ => None,
                }
            })
            .collect();
        let mut moved = HashSet::new();
        for change in changes.iter_mut().filter(|change| change.held.is_none() && change.acts()) {
            if let Some((code, message)) = change.needs.iter().find_map(|need| blocked.get(need)) {
                change.held = Some(super::Hold { code: *code, message: message.clone() });
                moved.insert(change.id);
            }
        }
        if moved.is_empty() {
            return;
        }
    }
}

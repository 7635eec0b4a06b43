//! The difference between what the plan wants and what is registered, as a value.
//!
//! Pure. Owns matching by (parent, block), the protection of space by rows that cannot speak for
//! themselves, moves and dependencies; [`guards`] holds back what is not allowed. Must not know:
//! where registrations were read, how changes are sent, files, time.

pub mod change;
mod deps;
pub mod edit;
pub mod guards;
mod protect;
pub mod saved;
pub(super) mod spans;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

pub use change::{Change, Hold, HoldCode, Move, REGISTRY_SIDE, REPLACED, Verb};
pub use edit::{Edit, Field};
pub use saved::SavedPlan;

use super::{Fate, Plan, PlannedRow, Step, StepKey};
use crate::domain::{AddressRange, NetHandle, Owner, Parent, Registered};
use edit::Differences;
use spans::Spans;

/// A ticket of an earlier run that is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// What it decides about.
    pub key: StepKey,
    /// Its number.
    pub ticket: String,
    /// Its last known status.
    pub status: Option<String>,
    /// When swip first heard of it; RFC 3339, empty where that is not known.
    pub since: String,
    /// Whether it decides about a removal.
    pub removal: bool,
}

impl Pending {
    fn verb(&self) -> Verb {
        let since = Some(self.since.clone()).filter(|since| !since.is_empty());
        let (ticket, status) = (self.ticket.clone(), self.status.clone());
        Verb::Waits { ticket, status, since, removal: self.removal }
    }
}

/// What is known of the registry.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'k> {
    /// Registrations, each net once.
    pub registered: &'k [Registered],
    /// Open tickets.
    pub pending: &'k [Pending],
    /// Space where the outcome of an earlier write is unknown.
    pub unsettled: &'k [AddressRange],
    /// Rows whose range the key has no authority over, with the registry's words.
    pub refused: &'k [(StepKey, String)],
}

/// How the two sides are compared.
#[derive(Clone, Debug, Default)]
pub struct DiffOptions {
    /// The only fields that may be modified; all when `None`.
    pub modify: Option<Vec<Field>>,
    /// Treat nets that swip neither registered nor adopted like its own.
    pub include_unowned: bool,
}

/// All changes: those of rows in input order, then those of nets that only the registry has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// The changes.
    pub changes: Vec<Change>,
    /// Rows whose block cannot be read: while there are any, nothing is removed.
    #[serde(default)]
    pub unread: Vec<u64>,
    /// Whether a person was there when it was made: an unattended run holds what it cannot see.
    #[serde(default)]
    pub attended: bool,
    /// Registrations under parents that are not ours to manage; looked at, never touched.
    #[serde(default)]
    pub elsewhere: u64,
}

impl Diff {
    /// The change of an id.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<&Change> {
        let at = self.changes.binary_search_by_key(&id, |change| change.id).ok()?;
        self.changes.get(at)
    }

    /// Whether nothing is to be sent.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        !self.changes.iter().any(Change::acts)
    }
}

/// Compares a plan with what is registered.
#[must_use]
pub fn diff(plan: &Plan, known: Known<'_>, options: &DiffOptions) -> Diff {
    let sides = Sides::new(plan, known, options);
    let mut changes: Vec<Change> = plan.rows.iter().filter_map(|row| sides.of_row(row)).collect();
    let gone = sides.gone();
    changes.extend(gone);
    sides.protect(&mut changes);
    deps::link_moves(&mut changes);
    deps::children(&mut changes, known.registered);
    let blockers = sides.blockers(&changes);
    deps::order(&mut changes, &blockers);
    let unread = protect::unread(plan);
    Diff { changes, unread, attended: false, elsewhere: sides.elsewhere() }
}

/// Both sides, indexed.
struct Sides<'p> {
    plan: &'p Plan,
    known: Known<'p>,
    options: &'p DiffOptions,
    /// The parent of each registration; `None` when it is under no managed parent.
    parents: Vec<Option<NetHandle>>,
    by_key: HashMap<StepKey, usize>,
    spans: Spans,
    /// Registrations that a row names by its very block.
    named: HashSet<usize>,
}

impl<'p> Sides<'p> {
    fn new(plan: &'p Plan, known: Known<'p>, options: &'p DiffOptions) -> Self {
        let parents: Vec<Option<NetHandle>> =
            known.registered.iter().map(|net| parent_of(&plan.parents, net)).collect();
        let mut by_key = HashMap::new();
        for (at, net) in known.registered.iter().enumerate() {
            if let Some(parent) = &parents[at] {
                let key = StepKey { parent: parent.clone(), block: net.net.block };
                by_key.entry(key).or_insert(at);
            }
        }
        let spans = Spans::new(known.registered.iter().map(|net| &net.net.block).enumerate());
        let named = plan.rows.iter().filter_map(|row| by_key.get(&row_key(row)?).copied());
        let named = named.collect();
        Self { plan, known, options, parents, by_key, spans, named }
    }

    /// The change of a row that is to be registered.
    fn of_row(&self, row: &PlannedRow) -> Option<Change> {
        let Fate::Send(step) = &row.fate else { return None };
        let key = step.key();
        let at = self.by_key.get(&key).copied();
        let mut change = Change {
            id: row.at.row,
            row: Some(row.at.row),
            reference: row.reference.clone(),
            parent: step.parent.clone(),
            block: step.block,
            verb: Verb::Unchanged,
            before: at.map(|at| Box::new(self.known.registered[at].clone())),
            moves: None,
            needs: Vec::new(),
            held: None,
            notes: Vec::new(),
        };
        if let Some(pending) = self.known.pending.iter().find(|pending| pending.key == key) {
            change.verb = pending.verb();
        } else if let Some((_, why)) =
            self.known.refused.iter().find(|(refused, _)| *refused == key)
        {
            change.verb = Verb::NoAuthority { why: why.clone() };
        } else if let Some(at) = at {
            self.compare(step, &self.known.registered[at], &mut change);
        } else {
            change.verb = Verb::Add(step.clone());
        }
        Some(change.marked())
    }

    /// Fills in the change of a row whose very block is registered.
    fn compare(&self, step: &Step, registered: &Registered, change: &mut Change) {
        let Differences { edits, replace, notes } = edit::compare(step, registered);
        change.notes.extend(notes);
        let allowed =
            |field: Field| self.options.modify.as_ref().is_none_or(|m| m.contains(&field));
        let (edits, left): (Vec<Edit>, Vec<Edit>) =
            edits.into_iter().partition(|e| allowed(e.field));
        if !left.is_empty() {
            let fields: Vec<&str> = left.iter().map(|edit| edit.field.as_str()).collect();
            change
                .notes
                .push(format!("differs in {}, which `modify` leaves alone", fields.join(", ")));
        }
        if !replace.is_empty() {
            let because = replace.into_iter().map(str::to_owned).collect();
            change.verb = Verb::Replace { step: Box::new(step.clone()), because };
        } else if !edits.is_empty() {
            change.verb = Verb::Modify(edits);
        }
        if !matches!(change.verb, Verb::Unchanged) && !self.is_ours(registered) {
            change.hold(HoldCode::NotOwned, not_owned(registered));
        }
    }

    fn is_ours(&self, registered: &Registered) -> bool {
        self.options.include_unowned || registered.owner != Owner::Unowned
    }

    /// Registrations under managed parents that no row names.
    fn gone(&self) -> Vec<Change> {
        let is_parent = |net: &Registered| {
            self.plan.parents.iter().any(|parent| parent.net_handle == net.net.net_handle)
        };
        let mut gone: Vec<(usize, &NetHandle)> = self
            .known
            .registered
            .iter()
            .enumerate()
            .filter(|(at, net)| !self.named.contains(at) && !is_parent(net))
            .filter_map(|(at, _)| Some((at, self.parents[at].as_ref()?)))
            .collect();
        gone.sort_by_key(|(at, parent)| (*parent, self.known.registered[*at].net.block));
        let ids = REGISTRY_SIDE..;
        gone.into_iter().zip(ids).map(|((at, parent), id)| self.gone_net(at, parent, id)).collect()
    }

    fn gone_net(&self, at: usize, parent: &NetHandle, id: u64) -> Change {
        let registered = &self.known.registered[at];
        let key = StepKey { parent: parent.clone(), block: registered.net.block };
        let pending = self.known.pending.iter().find(|pending| pending.key == key);
        let verb = match pending {
            Some(pending) => pending.verb(),
            None if self.is_ours(registered) => Verb::Remove,
            None => Verb::Unplanned,
        };
        let mut notes = Vec::new();
        if verb == Verb::Unplanned {
            notes.push(format!("no row names it, and {}", not_owned(registered)));
        }
        Change {
            id,
            row: None,
            reference: registered.reference.clone(),
            parent: parent.clone(),
            block: registered.net.block,
            verb,
            before: Some(Box::new(registered.clone())),
            moves: None,
            needs: Vec::new(),
            held: None,
            notes,
        }
        .marked()
    }

    /// Holds what stands on space of a row that cannot speak for itself, or of an unknown outcome.
    fn protect(&self, changes: &mut [Change]) {
        let guards = protect::Protectors::of(self.plan);
        let unsettled = Spans::new(self.known.unsettled.iter().enumerate());
        for change in changes {
            let acts = !matches!(
                change.verb,
                Verb::Unchanged
                    | Verb::Unplanned
                    | Verb::Conflict { .. }
                    | Verb::NoAuthority { .. }
            );
            if acts && !unsettled.sharing(&change.block).is_empty() {
                let message = "the outcome of an earlier write on this space is unknown; swip status shows it, swip resolve settles it";
                change.hold(HoldCode::OutcomeUnknown, message);
            }
            if change.removes() {
                guards.hold(change);
            }
        }
    }

    /// For each addition the changes of siblings that stand on its space, by index.
    fn blockers(&self, changes: &[Change]) -> HashMap<usize, Vec<deps::Blocker>> {
        let mut of_net = HashMap::new();
        for (at, change) in changes.iter().enumerate() {
            if let Some(before) = &change.before {
                of_net.insert((before.net.net_handle.clone(), before.net.block), at);
            }
        }
        let additions = changes.iter().enumerate().filter(|(_, c)| matches!(c.verb, Verb::Add(_)));
        let mut blockers = HashMap::new();
        for (at, change) in additions {
            let sharing = self.spans.sharing(&change.block).into_iter();
            let siblings =
                sharing.filter(|other| self.parents[*other].as_ref() == Some(&change.parent));
            let found: Vec<deps::Blocker> = siblings
                .map(|other| {
                    let net = &self.known.registered[other].net;
                    let change = of_net.get(&(net.net_handle.clone(), net.block)).copied();
                    deps::Blocker { net: net.net_handle.clone(), block: net.block, change }
                })
                .collect();
            if !found.is_empty() {
                blockers.insert(at, found);
            }
        }
        blockers
    }

    fn elsewhere(&self) -> u64 {
        self.parents.iter().filter(|parent| parent.is_none()).count() as u64
    }
}

fn row_key(row: &PlannedRow) -> Option<StepKey> {
    Some(StepKey { parent: row.parent.clone()?, block: row.block? })
}

fn not_owned(registered: &Registered) -> String {
    format!(
        "{} was neither registered nor adopted by swip; swip adopt takes it over, --include-unowned treats it as ours",
        registered.net.net_handle
    )
}

/// The managed parent of a registration: the one it names, else the smallest around its block.
fn parent_of(parents: &[Parent], registered: &Registered) -> Option<NetHandle> {
    let net = &registered.net;
    let found = match &net.parent {
        Some(handle) => parents.iter().find(|parent| parent.net_handle == *handle),
        None => parents
            .iter()
            .filter(|parent| parent.kind.can_be_subdivided() && parent.net_handle != net.net_handle)
            .filter(|parent| parent.block.contains(&net.block))
            .min_by_key(|parent| parent.block.size()),
    };
    found.filter(|parent| parent.managed).map(|parent| parent.net_handle.clone())
}

//! Guards: what a run may do unasked, as pure functions over the diff.
//!
//! Owns every limit and the message that names its override. Must not know: where the numbers
//! come from, or how changes are sent.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::{Change, HoldCode, Verb};
use super::{Diff, deps};
use crate::domain::NetHandle;
use crate::plan::StepKey;

/// Removals a run may make: none until asked.
pub const ALLOW_REMOVALS: u64 = 0;
/// Share of the journal's registrations that a run may modify, replace or remove, in percent.
pub const MAX_CHANGE_PERCENT: u8 = 10;
/// Additions a run may make at ARIN and its test environment.
pub const ALLOW_ADDITIONS: u64 = 500;
/// Rows a run may turn from private to public: none until asked.
pub const ALLOW_UNPRIVATE: u64 = 0;
/// How long a net must be missing at ARIN and its test environment before it is removed.
pub const REMOVAL_GRACE: Duration = Duration::from_secs(72 * 60 * 60);
/// Accepted inputs a net must be missing from before it is removed.
pub const REMOVAL_INPUTS: u64 = 2;
/// Smallest share of the last accepted input's rows that is taken without asking, in percent.
pub const SHRINK_PERCENT: u64 = 90;

/// What a run may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Removals and replacements; more, and all are held.
    pub removals: u64,
    /// How long a net must be missing.
    pub grace: Duration,
    /// Modifications, replacements and removals, as a share in percent.
    pub max_change: u8,
    /// The same as a number; replaces the share.
    pub changes: Option<u64>,
    /// Additions; more, and all are held. `None` is no limit.
    pub additions: Option<u64>,
    /// Rows going public; more, and all are held.
    pub unprivate: u64,
    /// Accept exactly this many rows, although they are far fewer than last time.
    pub accept_shrink: Option<u64>,
    /// Nobody is there to ask.
    pub unattended: bool,
}

/// Since when a registration is missing from the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// First accepted run without it.
    pub since: Timestamp,
    /// Accepted runs without it, this one included.
    pub inputs: u64,
}

/// What the guards need to know beyond the diff.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Registrations in the journal.
    pub registrations: u64,
    /// Since when nets are missing.
    pub missing: HashMap<StepKey, Missing>,
    /// Names of mapping, recipients or parents files that changed since the last accepted run.
    pub files_changed: Vec<String>,
    /// Whether children of nets that may have them were read from somewhere.
    pub children_seen: bool,
    /// New registrations that the registry refused not long ago for their own sake, with its words.
    pub refused: HashMap<StepKey, String>,
    /// Now, or `--as-of`.
    pub now: Timestamp,
}

/// Rows of an input, and under which parents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputSize {
    /// Data rows.
    pub rows: u64,
    /// Rows per parent.
    pub by_parent: BTreeMap<NetHandle, u64>,
}

/// Refuses an input that lost too much since the last accepted one; the message says what to do.
///
/// # Errors
/// The message.
pub fn shrunk(
    now: &InputSize,
    last: Option<&InputSize>,
    managed: impl Fn(&NetHandle) -> bool,
    accept: Option<u64>,
) -> Result<(), String> {
    let Some(last) = last else { return Ok(()) };
    if accept == Some(now.rows) {
        return Ok(());
    }
    if now.rows * 100 < last.rows * SHRINK_PERCENT {
        return Err(format!(
            "the input has {} rows, the last accepted one had {}: less than {SHRINK_PERCENT} %. Is the export complete? If so, --accept-shrink {} accepts it once",
            now.rows, last.rows, now.rows
        ));
    }
    let emptied = last.by_parent.iter().find(|(parent, rows)| {
        let left = now.by_parent.get(*parent).copied().unwrap_or(0);
        **rows > 0 && managed(parent) && left == 0
    });
    emptied.map_or(Ok(()), |(parent, rows)| {
        Err(format!(
            "{parent} had {rows} rows in the last accepted input and has none now. Is the export complete? If so, --accept-shrink {} accepts it once; or set managed=no for it in the parents file",
            now.rows
        ))
    })
}

/// Holds every change that a guard keeps back, and whatever waits for it.
pub fn hold(diff: &mut Diff, limits: &Limits, facts: &Facts) {
    for change in &mut diff.changes {
        grace(change, limits, facts);
        children(change, limits, facts);
        files(change, limits, facts);
    }
    refused(diff, facts);
    over(diff, limits.unprivate, HoldCode::UnprivateNotAllowed, unprivates, |wanted| {
        format!(
            "{wanted} rows would go from private to public; --allow-unprivate {wanted} lets them"
        )
    });
    over(diff, limits.removals, HoldCode::RemovalNotAllowed, Change::removes, |wanted| {
        format!(
            "{wanted} registrations would be removed or replaced; --allow-removals {wanted} lets them"
        )
    });
    if let Some(most) = limits.additions {
        let adds = |change: &Change| matches!(change.verb, Verb::Add(_));
        over(diff, most, HoldCode::AdditionNotAllowed, adds, |wanted| {
            format!("{wanted} nets would be registered; --allow-additions {wanted} lets them")
        });
    }
    deps::propagate(&mut diff.changes);
}

/// Holds all changes of a sort when more are wanted than allowed.
fn over(
    diff: &mut Diff,
    allowed: u64,
    code: HoldCode,
    sort: impl Fn(&Change) -> bool,
    message: impl Fn(u64) -> String,
) {
    let counts = |change: &&mut Change| change.acts() && sort(change);
    let wanted = diff.changes.iter_mut().filter(counts).count() as u64;
    if wanted > allowed {
        diff.changes
            .iter_mut()
            .filter(counts)
            .for_each(|change| change.hold(code, message(wanted)));
    }
}

fn unprivates(change: &Change) -> bool {
    matches!(&change.verb, Verb::Modify(edits) if edits.iter().any(super::Edit::unprivates))
}

/// A net that vanished only lately stays.
fn grace(change: &mut Change, limits: &Limits, facts: &Facts) {
    if change.verb != Verb::Remove {
        return;
    }
    let missing = facts.missing.get(&change.key()).copied();
    let Missing { since, inputs } = missing.unwrap_or(Missing { since: facts.now, inputs: 1 });
    let age = Duration::try_from(facts.now.duration_since(since)).unwrap_or_default();
    if inputs >= REMOVAL_INPUTS && age >= limits.grace {
        return;
    }
    let times = if inputs == 1 {
        "1 accepted input".to_owned()
    } else {
        format!("{inputs} accepted inputs")
    };
    let grace = match limits.grace.as_secs() / 3600 {
        0 => String::new(),
        hours => format!("for {hours} hours (--removal-grace) and "),
    };
    let message = format!(
        "it is missing from {times}, since {}; it is removed once it was missing {grace}from {REMOVAL_INPUTS} inputs",
        since.strftime("%Y-%m-%d %H:%M UTC"),
    );
    change.hold(HoldCode::RemovalGrace, message);
}

/// Whether a reallocation has children must be known before it goes.
fn children(change: &mut Change, limits: &Limits, facts: &Facts) {
    let may = change.before.as_ref().is_some_and(|before| deps::may_have_children(before));
    if change.removes() && may && limits.unattended && !facts.children_seen {
        let message = "it may have children, and no list of them was read; run it attended, or let the plan name them";
        change.hold(HoldCode::ChildrenUnknown, message);
    }
}

/// A changed mapping, recipients or parents file may be what made nets vanish.
fn files(change: &mut Change, limits: &Limits, facts: &Facts) {
    if change.removes() && limits.unattended && !facts.files_changed.is_empty() {
        let message = format!(
            "{} changed since the last accepted run; run it attended, or let the next night remove it",
            facts.files_changed.join(", ")
        );
        change.hold(HoldCode::FilesChanged, message);
    }
}

/// Nothing is removed for a registration that the registry is known to refuse.
fn refused(diff: &mut Diff, facts: &Facts) {
    let mut kept = HashMap::new();
    for change in &mut diff.changes {
        let why = facts.refused.get(&change.key()).filter(|_| change.waits_for_removal());
        if let Some(why) = why {
            let message = format!(
                "the registry refused this registration not long ago ({why}); nothing is removed for it. Correct the row, or say --retry-rejected"
            );
            change.needs.iter().for_each(|need| drop(kept.insert(*need, message.clone())));
            change.hold(HoldCode::RefusedBefore, message);
        }
    }
    for change in &mut diff.changes {
        if let Some(message) = kept.remove(&change.id) {
            change.hold(HoldCode::RefusedBefore, message);
        }
    }
}

/// Whether the run changes more than it may; then it stops before its first write.
///
/// # Errors
/// The message.
pub fn too_much(diff: &Diff, limits: &Limits, facts: &Facts) -> Result<(), String> {
    let counts = |change: &&Change| change.acts() && !matches!(change.verb, Verb::Add(_));
    let wanted = diff.changes.iter().filter(counts).count() as u64;
    let (allowed, limit) = match limits.changes {
        Some(changes) => (wanted <= changes, format!("--allow-changes is {changes}")),
        None => {
            let most = u64::from(limits.max_change) * facts.registrations;
            let limit = format!(
                "--max-change is {} % of the {} registrations in the journal",
                limits.max_change, facts.registrations
            );
            (wanted * 100 <= most, limit)
        }
    };
    if allowed {
        return Ok(());
    }
    Err(format!(
        "{wanted} registrations would be modified, replaced or removed, but {limit}; nothing was sent. If this is meant, --allow-changes {wanted} allows it for this run"
    ))
}

//! One difference between plan and registry, and what is to be done about it.
//!
//! Owns the words of a sync's plan. Must not know: how differences are found, or executed.

use serde::{Deserialize, Serialize};

use super::edit::Edit;
use crate::domain::{AddressRange, NetHandle, Registered};
use crate::plan::{Step, StepKey};

/// First id of changes that concern no row: nets that only the registry has.
pub const REGISTRY_SIDE: u64 = 1 << 40;
/// Added to a row's number: the removal that its replacement begins with.
pub const REPLACED: u64 = 1 << 41;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Register it.
    Add(Box<Step>),
    /// Change it in place.
    Modify(Vec<Edit>),
    /// Remove it, then register it anew: what differs cannot be changed in place.
    Replace {
        /// What is registered instead.
        step: Box<Step>,
        /// Which columns force it.
        because: Vec<String>,
    },
    /// Remove it: no row wants it.
    Remove,
    /// Nothing: both sides agree.
    Unchanged,
    /// Nothing: a ticket of an earlier run decides about this space.
    Waits {
        /// Its number.
        ticket: String,
        /// Its last known status.
        #[serde(default)]
        status: Option<String>,
        /// When swip first heard of it.
        #[serde(default)]
        since: Option<String>,
        /// Whether it decides about a removal.
        #[serde(default)]
        removal: bool,
    },
    /// Nothing: the space is held differently, a person must decide.
    Conflict {
        /// The nets in the way.
        with: Vec<NetHandle>,
    },
    /// Nothing: the key has no authority over its range.
    NoAuthority {
        /// The registry's words.
        why: String,
    },
    /// Nothing: only the registry has it, and it is not swip's.
    Unplanned,
}

impl Verb {
    /// As JSON names it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Modify(_) => "modify",
            Self::Replace { .. } => "replace",
            Self::Remove => "remove",
            Self::Unchanged => "unchanged",
            Self::Waits { .. } => "waits",
            Self::Conflict { .. } => "conflict",
            Self::NoAuthority { .. } => "no-authority",
            Self::Unplanned => "unplanned",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// Why a change is held.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum HoldCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl HoldCode {
            /// As the report writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

codes! {
    /// More removals than `--allow-removals`.
    RemovalNotAllowed = "removal-not-allowed",
    /// Not missing long enough, or from too few inputs.
    RemovalGrace = "removal-grace",
    /// A row that is invalid, unread or kept back stands on its space.
    ProtectedByRow = "protected-by-row",
    /// A row whose block cannot be read might be about it.
    UnreadRow = "unread-row",
    /// swip neither registered nor adopted it.
    NotOwned = "not-owned",
    /// It has children that the plan keeps.
    HasChildren = "has-children",
    /// Whether it has children could not be seen.
    ChildrenUnknown = "children-unknown",
    /// A file the plan is made from changed since the last accepted run.
    FilesChanged = "files-changed",
    /// More additions than `--allow-additions`.
    AdditionNotAllowed = "addition-not-allowed",
    /// More rows going public than `--allow-unprivate`.
    UnprivateNotAllowed = "unprivate-not-allowed",
    /// The outcome of an earlier write on this space is unknown.
    OutcomeUnknown = "outcome-unknown",
    /// Its space is freed only by a removal that is held.
    RemovalHeld = "removal-held",
    /// Its space is freed only when a ticket closes.
    WaitsForTicket = "waits-for-ticket",
    /// The new recipient cannot take it, or that could not be seen.
    RecipientUnchecked = "recipient-unchecked",
    /// The registry refused the new registration not long ago.
    RefusedBefore = "refused-before",
    /// What is registered changed since it was last read.
    Stale = "stale",
    /// `--only` names other rows.
    NotSelected = "not-selected",
}

/// A guard that keeps a change back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Which.
    pub code: HoldCode,
    /// For people: what was found, and what lets it pass.
    pub message: String,
}

/// The other end of a move: the same reference on another block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Id of the other change.
    pub id: u64,
    /// Its block.
    pub block: AddressRange,
}

/// One entry of a sync's plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its row's number, or [`REGISTRY_SIDE`] and on.
    pub id: u64,
    /// The row it concerns.
    pub row: Option<u64>,
    /// The user's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The parent net.
    pub parent: NetHandle,
    /// The block.
    pub block: AddressRange,
    /// What is to be done.
    pub verb: Verb,
    /// What is registered now: the before-image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Registered>>,
    /// Where it moves to, or comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moves: Option<Move>,
    /// Ids of the removals that must be proved first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<u64>,
    /// Why it is not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Hold>,
    /// What else a person should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Change {
    /// Whether something is to be sent for it.
    #[must_use]
    pub const fn acts(&self) -> bool {
        self.held.is_none()
            && matches!(
                self.verb,
                Verb::Add(_) | Verb::Modify(_) | Verb::Replace { .. } | Verb::Remove
            )
    }

    /// Whether it takes a registration away.
    #[must_use]
    pub const fn removes(&self) -> bool {
        matches!(self.verb, Verb::Replace { .. } | Verb::Remove)
    }

    /// Whether it is registered on space that is freed first.
    #[must_use]
    pub const fn waits_for_removal(&self) -> bool {
        self.step().is_some() && (!self.needs.is_empty() || self.removes())
    }

    /// The step that registers it.
    #[must_use]
    pub const fn step(&self) -> Option<&Step> {
        match &self.verb {
            Verb::Add(step) | Verb::Replace { step, .. } => Some(step),
            _ => None,
        }
    }

    /// Id under which the events of its removal are kept.
    #[must_use]
    pub const fn removal_id(&self) -> u64 {
        match self.verb {
            Verb::Replace { .. } => self.id + REPLACED,
            _ => self.id,
        }
    }

    /// The identity of what it concerns, across runs.
    #[must_use]
    pub fn key(&self) -> StepKey {
        StepKey { parent: self.parent.clone(), block: self.block }
    }

    /// Marks what a removal takes along that no addition brings back.
    #[must_use]
    pub(super) fn marked(mut self) -> Self {
        let Some(before) = self.before.as_deref().filter(|_| self.removes()) else { return self };
        if !before.pocs.is_empty() {
            let pocs = before.pocs.iter().map(|p| format!("{}:{}", p.function.code(), p.handle));
            let pocs: Vec<String> = pocs.collect();
            self.notes.push(format!("it has points of contact of its own: {}", pocs.join(" ")));
        }
        self.mark_zones(&before.zones.clone());
        self
    }

    /// Marks a removal whose net has reverse zones.
    pub fn mark_zones(&mut self, zones: &[String]) {
        if !zones.is_empty() && self.removes() {
            self.notes.push(format!("it has reverse zones: {}", zones.join(", ")));
        }
    }

    /// Keeps it back; the first reason stays.
    pub fn hold(&mut self, code: HoldCode, message: impl Into<String>) {
        if self.held.is_none() {
            self.held = Some(Hold { code, message: message.into() });
        }
    }
}

//! The plan as a value: every row of the input with its fate, and the steps to be submitted.
//!
//! Owns `Plan`, `PlannedRow`, `Fate` and `Step`. A `Step` exists only for a request without an
//! error finding: the plan builder is its only maker. Must not know: HTTP, time, the journal.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::diff::Diff;

use crate::domain::{
    Action, AddressRange, Assignment, Comment, Given, NetHandle, NetName, Parent, Protected,
    RegisteredNet, RowAt, Rule,
};

/// One reassignment or reallocation to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The parent net it is taken from.
    pub parent: NetHandle,
    /// Its block.
    pub block: AddressRange,
    /// Its name, given or generated.
    pub net_name: NetName,
    /// Whether swip made the name: then it is not compared with what is registered.
    pub name_generated: bool,
    /// Kind and recipient.
    pub assignment: Assignment,
    /// Public comment.
    pub comment: Comment,
    /// Which cells the row filled in.
    #[serde(default)]
    pub given: Given,
}

impl Step {
    /// The identity of a row across runs: parent, first and last address.
    #[must_use]
    pub fn key(&self) -> StepKey {
        StepKey { parent: self.parent.clone(), block: self.block }
    }
}

/// The identity of a row across runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StepKey {
    /// The parent net.
    pub parent: NetHandle,
    /// The block.
    pub block: AddressRange,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It is to be registered.
    Send(Box<Step>),
    /// `record-only`.
    Recorded,
    /// It equals this net, which was registered before the run: nothing is sent.
    AlreadyRegistered(Box<RegisteredNet>),
    /// NRPM does not require it and `--below-policy skip` is set.
    NotRequired,
    /// Its parent is not ours to manage.
    NotManaged,
    /// It has error findings; the first in finding order speaks for it.
    Invalid {
        /// The first rule it broke.
        rule: Rule,
        /// That finding's message and help.
        message: String,
    },
    /// Sound in itself, but the earlier side of an `overlap` or `customer-reused` pair
    /// (promise 3): reported `invalid` with that rule as code.
    Withheld {
        /// The rule of the pair.
        rule: Rule,
        /// Which later row it collides with.
        message: String,
    },
}

/// One row of the input, in input order, whatever becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRow {
    /// Where it stands.
    pub at: RowAt,
    /// The user's own id.
    pub reference: Option<String>,
    /// What was asked; `None` when the row could not say.
    pub action: Option<Action>,
    /// Its parent, if found or named.
    pub parent: Option<NetHandle>,
    /// Its block, if it could be read.
    pub block: Option<AddressRange>,
    /// Its net name, given or generated.
    pub net_name: Option<String>,
    /// The recipient's name, else its handle.
    pub recipient: Option<String>,
    /// Whether the recipient is a private customer.
    pub private: bool,
    /// When the block was assigned, if the row says so.
    #[serde(default)]
    pub assigned_on: Option<Date>,
    /// What becomes of it.
    pub fate: Fate,
}

/// The whole plan: what `check` judged and `submit` sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Names of the INPUTs, by [`crate::domain::FileId`].
    pub files: Vec<String>,
    /// The parents.
    pub parents: Vec<Parent>,
    /// Every row, in input order.
    pub rows: Vec<PlannedRow>,
    /// Space of rows that the intake left out without anyone saying so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protected: Vec<Protected>,
    /// In `sync`: how the rows differ from what is registered, and what is done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<Box<Diff>>,
}

impl Plan {
    /// The steps to be submitted, with the number of their row.
    pub fn steps(&self) -> impl Iterator<Item = (u64, &Step)> {
        self.rows.iter().filter_map(|row| match &row.fate {
            Fate::Send(step) => Some((row.at.row, step.as_ref())),
            _ => None,
        })
    }

    /// Gives generated names way to those that `kept` has for the same block: a name stays when
    /// the recipient's name is written otherwise.
    pub fn keep_names(&mut self, kept: impl Fn(&AddressRange) -> Option<NetName>) {
        for row in &mut self.rows {
            let Fate::Send(step) = &mut row.fate else { continue };
            let fits = |name: &NetName| {
                // A row that turned private must not keep a name made of the customer's.
                !row.private || name.as_str().starts_with(crate::domain::net_name::PRIVATE_PREFIX)
            };
            if let (true, Some(name)) = (step.name_generated, kept(&step.block).filter(fits)) {
                row.net_name = Some(name.to_string());
                step.net_name = name;
            }
        }
    }

    /// The step of a row that is to be registered.
    #[must_use]
    pub fn step_of(&self, row: u64) -> Option<&Step> {
        match &self.row(row)?.fate {
            Fate::Send(step) => Some(step),
            _ => None,
        }
    }

    /// The row of a number.
    #[must_use]
    pub fn row(&self, number: u64) -> Option<&PlannedRow> {
        let index = self.rows.binary_search_by_key(&number, |row| row.at.row).ok()?;
        self.rows.get(index)
    }
}

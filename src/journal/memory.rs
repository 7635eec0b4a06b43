//! What a journal remembers across runs, as values: registrations, names, inputs, keys, refusals.
//!
//! **Stored state**: a field may be added with a default, never renamed or removed. Must not
//! know: tables, runs, what is decided from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::Outcome;
use crate::domain::{AddressRange, NetHandle, NetName, OrgHandle, Registration};
use crate::plan::{Step, StepKey};
use crate::regrws::payload::{CollectionPayload, DelegationPayload};
use crate::regrws::{NetPayload, Payload, RawAnswer, image};

/// How a registration came into the journal: whether it is swip's to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// swip registered it.
    Registered,
    /// A person had it taken over by `swip adopt`.
    Adopted,
    /// A row was found equal to it; nobody took it over, so it is not swip's to remove.
    Found,
}

impl Provenance {
    /// Whether swip may change or remove the net without being told to (`--include-unowned`).
    #[must_use]
    pub const fn is_owned(self) -> bool {
        matches!(self, Self::Registered | Self::Adopted)
    }
}

/// The registry's own words about a net and its customer: what a change is measured against and
/// what an undo restores. Whole answers, so POC links, comments and unknown elements are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The answer that holds the net (`net`, `ticketedRequest` or `collection`).
    pub net: String,
    /// The answer that holds its customer, once read.
    #[serde(default)]
    pub customer: Option<String>,
    /// The answer that lists its reverse-DNS zones, where they were read: just before a removal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zones: Option<String>,
    /// When the net was read; RFC 3339.
    pub read_at: String,
}

impl Image {
    /// An image of answers that were read at `read_at`.
    #[must_use]
    pub fn new(net: &RawAnswer, customer: Option<&RawAnswer>, read_at: String) -> Self {
        let text = |answer: &RawAnswer| String::from_utf8_lossy(&answer.body).into_owned();
        Self { net: text(net), customer: customer.map(text), zones: None, read_at }
    }

    /// The same with the answer that lists the net's reverse-DNS zones.
    #[must_use]
    pub fn with_zones(mut self, answer: Option<&RawAnswer>) -> Self {
        self.zones = answer.map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
        self
    }

    /// Its reverse-DNS zones that were in use, as they were read.
    #[must_use]
    pub fn delegations(&self) -> Vec<DelegationPayload> {
        let text = self.zones.as_deref();
        let list = text.and_then(|text| CollectionPayload::from_xml(text.as_bytes()).ok());
        let zones = list.map(|list| list.delegations).unwrap_or_default().into_iter();
        zones.filter(DelegationPayload::is_used).collect()
    }

    /// The net of this handle in the image.
    #[must_use]
    pub fn payload(&self, net: &Registration) -> Option<NetPayload> {
        let handle = net.net_handle.as_str();
        let nets = image::nets(self.net.as_bytes());
        nets.into_iter().find(|payload| payload.handle.as_deref().map(str::trim) == Some(handle))
    }
}

/// A ticket that decides about a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTicket {
    /// Its number.
    pub number: String,
    /// Its last known status.
    #[serde(default)]
    pub status: Option<String>,
    /// When swip first heard of it; RFC 3339.
    #[serde(default)]
    pub since: String,
    /// Whether it decides about a removal, not a registration.
    #[serde(default)]
    pub removal: bool,
    /// The removal it decides about: its run, and the id of its events there.
    #[serde(default)]
    pub of: Option<(i64, u64)>,
    /// When it was asked for last; RFC 3339.
    #[serde(default)]
    pub asked_at: Option<String>,
}

/// A modification or removal whose outcome is open: stored with its intent, dropped with its
/// conclusion, so that the next run settles it before anything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenChange {
    /// The run whose events tell the story.
    pub run: i64,
    /// Under which id.
    pub id: u64,
    /// Why a person must settle it; `None` while reading may still do.
    #[serde(default)]
    pub unresolved: Option<String>,
}

/// One registration that swip made, adopted or found: keyed by (parent, start, end).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its identity.
    pub key: StepKey,
    /// How it came here.
    pub provenance: Provenance,
    /// The row as it was last asked for or matched with.
    #[serde(default)]
    pub step: Option<Step>,
    /// The net, with `registered_at`: a handle alone is no identity, since handles are reused.
    #[serde(default)]
    pub net: Option<Registration>,
    /// The full before-image.
    #[serde(default)]
    pub image: Option<Image>,
    /// The ticket that is still open.
    #[serde(default)]
    pub ticket: Option<OpenTicket>,
    /// When the registry was last read about it; RFC 3339.
    pub read_at: String,
    /// The `reference` of its row.
    #[serde(default)]
    pub reference: Option<String>,
    /// The change of it that is not settled.
    #[serde(default)]
    pub open: Option<OpenChange>,
}

impl Known {
    /// What a row that ended with `outcome` leaves behind; `None` when nothing is registered.
    #[must_use]
    pub fn of(step: &Step, outcome: &Outcome, image: Option<Image>, at: String) -> Option<Self> {
        let (provenance, net, ticket) = match outcome {
            Outcome::Registered(net) => (Provenance::Registered, Some(net.clone()), None),
            Outcome::Already(net) => (Provenance::Found, Some(net.clone()), None),
            Outcome::Ticketed { number, status, net } => {
                let ticket = OpenTicket {
                    number: number.clone(),
                    status: status.clone(),
                    since: at.clone(),
                    removal: false,
                    of: None,
                    asked_at: None,
                };
                (Provenance::Registered, net.clone(), Some(ticket))
            }
            Outcome::Modified(_)
            | Outcome::Removed { .. }
            | Outcome::Held { .. }
            | Outcome::Rejected { .. }
            | Outcome::Unresolved { .. } => return None,
        };
        let (key, step) = (step.key(), Some(step.clone()));
        let (reference, open) = (None, None);
        Some(Self { key, provenance, step, net, image, ticket, read_at: at, reference, open })
    }

    /// How a later run speaks of it: `None` when neither net nor ticket is known.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match (&self.ticket, &self.net) {
            (Some(ticket), net) => Some(Outcome::Ticketed {
                number: ticket.number.clone(),
                status: ticket.status.clone(),
                net: net.clone(),
            }),
            (None, Some(net)) => Some(Outcome::Already(net.clone())),
            (None, None) => None,
        }
    }
}

/// A net name that swip made for a block: kept, so that the next run makes the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratedName {
    /// The block.
    pub block: AddressRange,
    /// Its name.
    pub name: NetName,
}

/// An input that passed its checks and was acted on: what a later, smaller one is measured
/// against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedInput {
    /// RFC 3339.
    pub at: String,
    /// Rows in it.
    pub rows: u64,
    /// SHA-256 over the bytes of all inputs.
    pub sha256: String,
    /// Rows under each parent.
    #[serde(default)]
    pub by_parent: BTreeMap<NetHandle, u64>,
    /// SHA-256 of the files beside the inputs: `mapping`, `recipients`, `parents`.
    #[serde(default)]
    pub beside: BTreeMap<String, String>,
}

/// A registration that accepted inputs no longer name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Which.
    pub key: StepKey,
    /// When an accepted input first lacked it; RFC 3339.
    pub since: String,
    /// How many accepted inputs in a row lacked it.
    pub inputs: u32,
}

/// A key that has read a net of an org: its fingerprint, never the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownKey {
    /// The org whose net it has read.
    pub org: OrgHandle,
    /// Salted hash, see `ApiKey::fingerprint`.
    pub fingerprint: String,
    /// When it was first used; RFC 3339.
    pub since: String,
}

/// A row the registry refused: not sent again with the same body for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Which.
    pub key: StepKey,
    /// SHA-256 of the body it refused.
    pub body_sha256: String,
    /// `E_…`.
    pub code: String,
    /// Its words.
    pub message: String,
    /// When; RFC 3339.
    pub at: String,
}

impl Refused {
    /// Whether the registry refused it because of what stood on its range: once that is removed,
    /// the refusal says nothing any more.
    #[must_use]
    pub fn is_overlap(&self) -> bool {
        self.message.to_ascii_lowercase().contains("overlap")
    }
}

/// A write whose outcome is open: stored with its intent, dropped with its conclusion. It
/// outlives its run, so that no later run sends it blindly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Which row, across runs.
    pub key: StepKey,
    /// The run whose events tell the story.
    pub run: i64,
    /// The row there.
    pub row: u64,
    /// What was asked for.
    pub step: Step,
    /// Why a person must settle it (`swip resolve`); `None` while reading may still do.
    #[serde(default)]
    pub unresolved: Option<String>,
}

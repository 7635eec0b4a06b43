//! The parent nets of a plan: whose space is reassigned.
//!
//! Owns the parent record. Must not know: how a block finds its parent (plan), files, HTTP.

use serde::{Deserialize, Serialize};

use super::block::AddressRange;
use super::handle::{NetHandle, OrgHandle};
use super::registration::NetType;

/// A net that the plan reassigns from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// Its handle.
    pub net_handle: NetHandle,
    /// Its block.
    pub block: AddressRange,
    /// Its type; `DA` and `A` can be subdivided.
    pub kind: NetType,
    /// Whether its status is active.
    pub active: bool,
    /// The org that holds it.
    pub org: Option<OrgHandle>,
    /// Whether it is ours to manage: rows under others are checked and never sent.
    pub managed: bool,
}

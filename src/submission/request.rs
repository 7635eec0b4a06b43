//! The writes of a row as requests.
//!
//! Must not know: when they are sent.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::compare;
use crate::domain::{Assignment, OrgRecipient, SimpleRecipient};
use crate::journal::{Created, Op};
use crate::plan::Step;
use crate::regrws::{Assign, Call, CreateCustomer, CreateOrg, NetPayload, To, WireRequest};

/// The write of an operation; `None` where the step has no such write.
pub(super) fn of(op: Op, step: &Step, created: Option<&Created>) -> Option<WireRequest> {
    match op {
        Op::CreateRecipient => recipient(step),
        Op::Assign => assign(step, created),
        Op::Change(_) => None,
    }
}

fn recipient(step: &Step) -> Option<WireRequest> {
    let parent = step.parent.clone();
    match &step.assignment {
        Assignment::ReassignSimple(SimpleRecipient::New(customer)) => {
            Some(CreateCustomer { parent, customer: customer.into() }.request())
        }
        Assignment::ReassignDetailed(OrgRecipient::New(org))
        | Assignment::Reallocate(OrgRecipient::New(org)) => {
            Some(CreateOrg { parent, org: org.into() }.request())
        }
        _ => None,
    }
}

fn assign(step: &Step, created: Option<&Created>) -> Option<WireRequest> {
    let to = match created {
        Some(Created::Customer(handle)) => To::Customer(handle.clone()),
        Some(Created::Org(handle)) => To::Org(handle.clone()),
        None => To::of(&step.assignment)?,
    };
    let parent = step.parent.clone();
    let kind = compare::kind(step);
    let net = NetPayload::new(&parent, &step.block, &kind, &step.net_name, &step.comment, &to);
    let reallocate = matches!(step.assignment, Assignment::Reallocate(_));
    Some(Assign { parent, reallocate, net }.request())
}

/// Hash of what a row asks for, whether its recipient is created with it or before: by it a row
/// that was refused is known again.
#[must_use]
pub fn content_sha256(step: &Step) -> String {
    let bodies = [recipient(step), assign(step, None)].into_iter().flatten();
    let text: String = bodies.filter_map(|request| request.body).collect();
    sha256(&text)
}

/// SHA-256 in hex.
pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

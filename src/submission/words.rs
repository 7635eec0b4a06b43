//! What a person is told about a row that reading cannot settle: what was sent, why nothing more
//! is, where to look, and what to type.
//!
//! Must not know: when it is told.

use super::row::RowTask;
use crate::domain::Registration;

/// ARIN's public search for customers by name.
const CUSTOMER_SEARCH: &str = "https://whois.arin.net/rest/customers;name=";

impl RowTask {
    /// The commands that close the row.
    fn commands(&self, journal: &str, handle: &str) -> String {
        format!(
            "then: swip resolve {journal} {row} --adopt {handle}, or, if there is none: swip resolve {journal} {row} --absent",
            row = self.row
        )
    }

    /// The answer to "create the recipient" was lost.
    pub(super) fn lost_recipient_message(&self, journal: &str) -> String {
        let recipient = self.step.assignment.recipient();
        let name: String = recipient
            .bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect();
        format!(
            "the answer to creating `{recipient}` under {} was lost after it was sent at {}; it may exist, and nothing was sent again. \
             Look: {CUSTOMER_SEARCH}{name} (public, may lag by a day, shows no private customers), or ask ARIN by an Ask ARIN ticket; {}",
            self.step.parent,
            self.machine.intended_at().unwrap_or("an unknown time"),
            self.commands(journal, "C12345678")
        )
    }

    /// A copy of the journal was put back: what it does not know cannot be read for a customer.
    pub(super) fn restored_message(&self, journal: &str) -> String {
        format!(
            "the journal is an earlier copy, so a customer `{}` may have been created for this row and not be known here; nothing was sent. \
             Look for it at ARIN; {}",
            self.step.assignment.recipient(),
            self.commands(journal, "C12345678")
        )
    }

    /// The write was lost as often as it may be.
    pub(super) fn exhausted_message(&self, journal: &str) -> String {
        format!(
            "the write was lost twice, and twice the registry showed nothing at {}; a third try needs a person. \
             Look at {} under {}; {}",
            self.step.block,
            self.step.block,
            self.step.parent,
            self.commands(journal, "NET-…")
        )
    }

    /// The range holds something else than what was written.
    pub(super) fn differs_message(
        &self,
        journal: &str,
        net: &Registration,
        differences: &[&str],
        why: &str,
    ) -> String {
        format!(
            "{why}, and {} holds {}, which differs from the row in {}; compare both, {}",
            net.net_handle,
            net.block,
            differences.join(", "),
            self.commands(journal, net.net_handle.as_str())
        )
    }

    /// More tickets than one could be the row's.
    pub(super) fn tickets_message(&self, journal: &str, tickets: &[String]) -> String {
        format!(
            "the answer was lost, nothing is registered at {}, and the open tickets {} may each be this row's; read them, {}",
            self.step.block,
            tickets.join(", "),
            self.commands(journal, &tickets.first().cloned().unwrap_or_default())
        )
    }
}

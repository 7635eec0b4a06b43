//! Before a replacement removes anything: can the new recipient take the net?
//!
//! Must not know: how the net is removed.

use super::ChangeTask;
use crate::domain::{Assignment, OrgHandle, OrgRecipient, PocFunction, SimpleRecipient};
use crate::plan::diff::Verb;
use crate::regrws::{Call, GetOrg, OrgPayload};
use crate::submission::Registry;
use crate::submission::patience::Halted;
use crate::submission::reader::{ReadFault, registry_answer};
use crate::submission::record;
use crate::submission::run::Run;

impl ChangeTask {
    /// Why the new recipient of a replacement cannot take the net, or cannot be seen while nobody
    /// is there to decide; `None` when nothing speaks against it.
    pub(super) async fn recipient_fault<R: Registry>(
        &mut self,
        run: &Run<R>,
    ) -> Result<Option<String>, Halted> {
        let Verb::Replace { step, .. } = self.change.verb.clone() else { return Ok(None) };
        match &step.assignment {
            Assignment::ReassignDetailed(OrgRecipient::Existing(org))
            | Assignment::Reallocate(OrgRecipient::Existing(org)) => {
                Ok(self.org_fault(run, org).await)
            }
            Assignment::ReassignSimple(SimpleRecipient::Existing(handle)) => {
                let read = record::customer(&run.registry, handle).await;
                let found = self.readable(run, read).await?;
                Ok(found.is_none().then(|| {
                    format!("the new recipient {handle} does not exist; nothing was removed")
                }))
            }
            _ => Ok(None),
        }
    }

    async fn org_fault<R: Registry>(&self, run: &Run<R>, org: &OrgHandle) -> Option<String> {
        if org.is_not_eligible() {
            return Some(format!("{org} cannot receive reassignments (-Z); nothing was removed"));
        }
        match registry_answer(&run.registry, &GetOrg(org.clone())).await {
            Ok(answer) => match GetOrg::payload(&answer) {
                Ok(found) => refusal(org, &found),
                Err(fault) => self.unseen(org, &fault.to_string()),
            },
            Err(ReadFault::Absent) => {
                Some(format!("the new recipient {org} does not exist; nothing was removed"))
            }
            Err(fault) => {
                run.read_failed(&fault);
                self.unseen(org, &fault.to_string())
            }
        }
    }

    fn unseen(&self, org: &OrgHandle, reason: &str) -> Option<String> {
        if self.attended {
            tracing::warn!("the new recipient {org} could not be looked at: {reason}");
            return None;
        }
        Some(format!(
            "whether {org} can take the net could not be seen ({reason}); nothing was removed: run it attended"
        ))
    }
}

/// Why an org cannot take a net.
fn refusal(org: &OrgHandle, found: &OrgPayload) -> Option<String> {
    if found.accepts == Some(false) {
        return Some(format!("{org} does not accept reassignments; nothing was removed"));
    }
    let links = found.poc_links.iter().flat_map(|links| &links.links);
    let functions: Vec<PocFunction> =
        links.filter_map(crate::regrws::payload::PocLink::function).collect();
    let needed = [PocFunction::Admin, PocFunction::Tech, PocFunction::Abuse];
    let missing: Vec<&str> = needed
        .into_iter()
        .filter(|function| !functions.contains(function))
        .map(PocFunction::description)
        .collect();
    // Somebody else's org may be shown without its contacts; then nothing can be said.
    (!functions.is_empty() && !missing.is_empty()).then(|| {
        format!("{org} lacks points of contact ({}); nothing was removed", missing.join(", "))
    })
}

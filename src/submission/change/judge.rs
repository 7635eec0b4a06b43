//! What the registry's answer to a change means: it took, it must be proved, a ticket decides, or
//! it was refused.
//!
//! Must not know: how a write is sent, how it is proved.

use super::{ChangeTask, image};
use crate::domain::{Registered, Source};
use crate::journal::{ChangeOp, Event, Outcome};
use crate::regrws::{
    Accepted, Call, Complaint, DeleteCustomer, DeleteNet, ModifyCustomer, ModifyNet, RawAnswer,
    Verdict,
};
use crate::submission::patience::{Halted, too_many};
use crate::submission::run::Run;
use crate::submission::{Registry, Stop};

impl ChangeTask {
    /// Makes an event of a stored answer.
    pub(super) async fn judge<R: Registry>(
        &mut self,
        run: &Run<R>,
        op: ChangeOp,
        answer: &RawAnswer,
    ) -> Result<(), Halted> {
        let complaint = match self.verdict(op, answer) {
            Ok(Judged::Took) => {
                run.judged(false);
                run.gate.verified();
                return self.note(run, Event::Took(op)).await;
            }
            Ok(Judged::Prove(reason)) => {
                run.judged(false);
                return self.note(run, Event::Doubtful { reason, ticket: None }).await;
            }
            Ok(Judged::Ticket { number, status }) => {
                run.judged(false);
                let net = Some(self.before.net.clone());
                return self.conclude(run, Outcome::Ticketed { number, status, net }).await;
            }
            Err(complaint) => complaint,
        };
        match complaint.verdict() {
            Verdict::Unknown => {
                self.note(run, Event::Doubtful { reason: complaint.to_string(), ticket: None })
                    .await
            }
            Verdict::Rejected => self.rejected(run, op, &complaint).await,
            Verdict::KeyRefused => self.key_refused(run, &complaint).await,
            Verdict::Outage => {
                self.note(run, Event::Postponed { reason: complaint.to_string() }).await?;
                run.halt(Stop::Registry(complaint.to_string()));
                Err(Halted)
            }
            Verdict::TooMany => {
                self.note(run, Event::Postponed { reason: complaint.to_string() }).await?;
                too_many(run)
            }
        }
    }

    /// What a good answer means; a 200 alone is no proof of change.
    fn verdict(&self, op: ChangeOp, answer: &RawAnswer) -> Result<Judged, Complaint> {
        let unproved = || Judged::Prove("the answer does not show the change".to_owned());
        match op {
            ChangeOp::ModifyNet => {
                let net = ModifyNet::payload(answer)?;
                let record = net.registered(None, Source::Handle, String::new());
                let took = record.is_some_and(|record| {
                    record.net.net_handle == self.before.net.net_handle
                        && image::has_edits(&record, &self.edits, true)
                });
                Ok(if took { Judged::Took } else { unproved() })
            }
            ChangeOp::ModifyCustomer => {
                let customer = ModifyCustomer::payload(answer)?;
                let record =
                    Registered { customer: Some(customer.values()), ..self.before.clone() };
                let took = image::has_edits(&record, &self.edits, false);
                Ok(if took { Judged::Took } else { unproved() })
            }
            ChangeOp::RemoveNet => match DeleteNet::decode(answer)? {
                Accepted::Ticket { number, status, .. } => {
                    let status = status.map(String::from);
                    Ok(Judged::Ticket { number: number.to_string(), status })
                }
                Accepted::Net(_) => Ok(Judged::Prove("the net must be proved gone".to_owned())),
            },
            ChangeOp::DeleteCustomer => {
                DeleteCustomer::payload(answer)?;
                Ok(Judged::Took)
            }
        }
    }

    async fn rejected<R: Registry>(
        &mut self,
        run: &Run<R>,
        op: ChangeOp,
        complaint: &Complaint,
    ) -> Result<(), Halted> {
        if op == ChangeOp::DeleteCustomer {
            // The net is gone, which is what was wanted; the rest is for a person to know.
            let note = format!("its customer was not deleted: {complaint}");
            return self.finish(run, Some(note)).await;
        }
        run.judged(true);
        let code = match complaint {
            Complaint::Registry(error) => error.code.clone(),
            Complaint::Unusable { .. } => "unusable-answer".to_owned(),
        };
        let (message, net) = (complaint.to_string(), Some(self.before.net.clone()));
        self.conclude(run, Outcome::Rejected { code, message, net }).await
    }

    /// One probe tells a dead key from one without authority over this net.
    async fn key_refused<R: Registry>(
        &mut self,
        run: &Run<R>,
        complaint: &Complaint,
    ) -> Result<(), Halted> {
        let parent = self.change.parent.clone();
        if !run.key_is_good(&parent, &complaint.to_string()).await {
            self.note(run, Event::Postponed { reason: complaint.to_string() }).await?;
            return Err(Halted);
        }
        self.no_authority(run, &complaint.to_string()).await
    }

    /// The key is good, but not for this net.
    pub(super) async fn no_authority<R: Registry>(
        &mut self,
        run: &Run<R>,
        complaint: &str,
    ) -> Result<(), Halted> {
        let message = format!("{complaint}; the key has no authority over it");
        let net = Some(self.before.net.clone());
        let code = "E_AUTHENTICATION".to_owned();
        self.conclude(run, Outcome::Rejected { code, message, net }).await
    }
}

/// What a good answer means.
enum Judged {
    /// The change has happened.
    Took,
    /// Only reading can tell.
    Prove(String),
    /// A ticket decides.
    Ticket {
        /// Its number.
        number: String,
        /// Its status.
        status: Option<String>,
    },
}

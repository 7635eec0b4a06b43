//! What a stored answer means for its row.
//!
//! Must not know: how the write was sent.

use super::options::Stop;
use super::patience::too_many;
use super::range::{self, Found, Held, Names};
use super::reader::Registry;
use super::row::{Left, RowTask, present};
use super::run::Run;
use super::{compare, now};
use crate::domain::{Assignment, Registration};
use crate::journal::{Created, Event, Image, Op, Outcome};
use crate::regrws::{
    Accepted, Assign, Call, Complaint, CreateCustomer, CreateOrg, RawAnswer, RegistryError,
    Verdict, image,
};

impl RowTask {
    /// Makes an event of a stored answer.
    pub(super) async fn judge<R: Registry>(
        &mut self,
        run: &Run<R>,
        op: Op,
        answer: &RawAnswer,
    ) -> Result<(), Left> {
        let complaint = match self.decoded(op, answer) {
            Ok(Good::Assigned(accepted)) => return self.accepted(run, *accepted, answer).await,
            Ok(Good::Created(created)) => {
                run.judged(false);
                return self.note(run, Event::RecipientCreated(created)).await;
            }
            Err(complaint) => complaint,
        };
        match (complaint.verdict(), &complaint) {
            (Verdict::Rejected, Complaint::Registry(error)) => self.rejected(run, error).await,
            (Verdict::Rejected | Verdict::Unknown, _) => {
                self.doubtful(run, &complaint.to_string(), answer).await
            }
            (Verdict::KeyRefused, _) => self.key_refused(run, &complaint).await,
            (Verdict::Outage, _) => {
                self.note(run, Event::Postponed { reason: complaint.to_string() }).await?;
                run.halt(Stop::Registry(complaint.to_string()));
                Err(Left::Here)
            }
            (Verdict::TooMany, _) => {
                self.note(run, Event::Postponed { reason: complaint.to_string() }).await?;
                Ok(too_many(run)?)
            }
        }
    }

    fn decoded(&self, op: Op, answer: &RawAnswer) -> Result<Good, Complaint> {
        match (op, &self.step.assignment) {
            (Op::Assign | Op::Change(_), _) => {
                Assign::decode(answer).map(|done| Good::Assigned(Box::new(done)))
            }
            (Op::CreateRecipient, Assignment::ReassignSimple(_)) => CreateCustomer::decode(answer)
                .map(|handle| Good::Created(Created::Customer(handle))),
            (Op::CreateRecipient, _) => {
                CreateOrg::decode(answer).map(|handle| Good::Created(Created::Org(handle)))
            }
        }
    }

    /// The answer proves nothing; what is legible in it is kept for people and for settling.
    pub(super) async fn doubtful<R: Registry>(
        &mut self,
        run: &Run<R>,
        reason: &str,
        answer: &RawAnswer,
    ) -> Result<(), Left> {
        let success = (200..300).contains(&answer.status);
        let names = if success { image::names(&answer.body) } else { Vec::new() };
        let ticket =
            names.iter().find(|(what, _)| *what == image::Named::Ticket).map(|(_, n)| n.clone());
        let legible: Vec<String> =
            names.iter().map(|(what, name)| format!("{what} {name}")).collect();
        let reason = if legible.is_empty() {
            reason.to_owned()
        } else {
            format!("{reason}; legible in it: {}", legible.join(", "))
        };
        self.note(run, Event::Doubtful { reason, ticket }).await?;
        self.count_unknown(run);
        Ok(())
    }

    /// Compares what was stored with what was asked.
    async fn accepted<R: Registry>(
        &mut self,
        run: &Run<R>,
        accepted: Accepted,
        answer: &RawAnswer,
    ) -> Result<(), Left> {
        run.judged(false);
        let image = Image::new(answer, None, now());
        let net = match accepted {
            Accepted::Ticket { number, status, net } => {
                run.gate.verified();
                let number = number.to_string();
                run.registry.claim(&number);
                let status = status.map(String::from);
                let outcome = Outcome::Ticketed { number, status, net };
                return self.conclude(run, outcome, Some(image)).await;
            }
            Accepted::Net(net) => net,
        };
        let differences = compare::net(&self.step, &net, self.machine.created(), true);
        if !differences.is_empty() {
            let why = "the registry answered that it registered the net";
            let message = self.differs_message(&run.journal, &net, &differences, why);
            return self
                .conclude(run, Outcome::Unresolved { message, net: Some(net) }, Some(image))
                .await;
        }
        if !run.gate.wants_proof() {
            run.gate.verified();
            return self.conclude(run, Outcome::Registered(net), Some(image)).await;
        }
        match self.proof(run, &net).await {
            Held::Present(found) if found.differences.is_empty() => {
                run.gate.verified();
                self.conclude(run, Outcome::Registered(net), Some(found.image)).await
            }
            // Not proved: the gate stays narrow, and the next write is read back.
            Held::Nothing(fault) => {
                run.read_failed(&fault);
                self.conclude(run, Outcome::Registered(net), Some(image)).await
            }
            Held::Present(_) | Held::Absent => {
                run.halt(Stop::Guard(format!(
                    "the registry answered that {} is registered, and a read does not show it so; look at it before anything more is sent",
                    net.net_handle
                )));
                let why = "the registry answered that it registered the net, but a read does not show it so";
                let message = self.differs_message(&run.journal, &net, &["what is stored"], why);
                self.conclude(run, Outcome::Unresolved { message, net: Some(net) }, Some(image))
                    .await
            }
        }
    }

    /// The first write read back. One read that shows nothing is no proof of absence: a copy of
    /// the registry may lag behind, so another kind of read must agree.
    async fn proof<R: Registry>(&self, run: &Run<R>, net: &Registration) -> Held {
        match range::again(&run.registry, self.wanted(Names::All), net).await {
            Held::Absent => range::most_specific(&run.registry, self.wanted(Names::All)).await,
            held => held,
        }
    }

    /// A definite no; an overlap may be the echo of our own earlier write.
    async fn rejected<R: Registry>(
        &mut self,
        run: &Run<R>,
        error: &RegistryError,
    ) -> Result<(), Left> {
        if error.overlap {
            let echo = self.machine.may_be_our_echo();
            match self.overlapping(run, echo).await {
                Held::Present(found) if echo => return self.settled(run, *found).await,
                Held::Present(found) => {
                    run.looked(false);
                    self.count(run, !found.differences.is_empty());
                    let Found { net, differences, image } = *found;
                    return self.conclude(run, present(net, &differences), Some(image)).await;
                }
                Held::Nothing(fault) => {
                    run.read_failed(&fault);
                    // Whose net is in the way is not known: it is read again.
                    let reason = "an overlap that could not be looked at".to_owned();
                    self.note(run, Event::Doubtful { reason, ticket: None }).await?;
                    self.count_unknown(run);
                    return Ok(());
                }
                Held::Absent => {}
            }
        }
        self.count(run, true);
        let (code, message) = (error.code.clone(), error.message.clone());
        self.conclude(run, Outcome::Rejected { code, message, net: None }, None).await
    }

    /// What lies at the exact range; for an echo, absence takes two agreeing reads.
    async fn overlapping<R: Registry>(&self, run: &Run<R>, echo: bool) -> Held {
        let names = if echo { Names::All } else { Names::GivenOnly };
        let first = range::by_range(&run.registry, self.wanted(names)).await;
        if echo && first == Held::Absent {
            return range::most_specific(&run.registry, self.wanted(names)).await;
        }
        first
    }

    /// A judged write: one that was refused before does not count.
    fn count<R: Registry>(&self, run: &Run<R>, rejected: bool) {
        if !rejected || !self.refused_before {
            run.judged(rejected);
        }
    }

    /// The key is dead, or has no authority over this parent.
    async fn key_refused<R: Registry>(
        &mut self,
        run: &Run<R>,
        complaint: &Complaint,
    ) -> Result<(), Left> {
        let parent = self.step.parent.clone();
        if run.key_is_good(&parent, &complaint.to_string()).await {
            let reason =
                format!("{complaint}; the key is good, but has no authority over {parent}");
            run.block(parent, reason);
        }
        // Refused for the key, so not acted upon: the row is as before.
        self.note(run, Event::Postponed { reason: complaint.to_string() }).await
    }
}

/// A good answer.
enum Good {
    Assigned(Box<Accepted>),
    Created(Created),
}

//! One modification or removal driven to its end: read, compare, write, judge, prove.
//!
//! Owns the decisions of each step and journals before it acts. Nothing is sent unless a fresh
//! read equals the before-image, registration date included: the registry reuses handles. Must
//! not know: other changes, how the diff was made.

mod image;
mod judge;
mod machine;
mod prove;
mod recipient;
#[cfg(test)]
mod tests;

use super::Registry;
use super::patience::{Halted, Patience};
use super::reader::ReadFault;
use super::record::{self, Record, Unread};
use super::request::sha256;
use super::run::Run;
use crate::domain::{Holder, Owner, Registered};
use crate::journal::{
    Change as Stored, ChangeOp, Event, Known, Op, OpenChange, OpenTicket, Outcome, Provenance,
};
use crate::plan::Step;
use crate::plan::diff::{Change, Edit, Verb};
use crate::regrws::{Call, DeleteCustomer, DeleteNet, ModifyCustomer, ModifyNet, WireRequest};
use machine::{ChangeMachine, Next};

/// A change and its machine.
pub(super) struct ChangeTask {
    /// Id under which its events are kept.
    pub(super) id: u64,
    /// What is to be done.
    pub(super) change: Change,
    /// The row's step, for what is remembered.
    step: Option<Step>,
    before: Registered,
    edits: Vec<Edit>,
    machine: ChangeMachine,
    /// What was read just before the next write.
    fresh: Option<Record>,
    /// What the journal remembers of it.
    known: Known,
    /// Whether a person is there: an unattended run holds what it cannot see.
    attended: bool,
    /// Reverse zones that were on the net just before its removal.
    zones: Vec<String>,
}

impl ChangeTask {
    /// A task of a change that modifies or removes; `None` for any other.
    pub(super) fn new(
        change: &Change,
        step: Option<&Step>,
        known: Option<Known>,
        attended: bool,
    ) -> Option<Self> {
        let before = change.before.as_deref()?.clone();
        let (ops, edits) = match &change.verb {
            Verb::Modify(edits) => {
                let of_net = edits.iter().any(|edit| edit.field.is_of_net());
                let of_customer = edits.iter().any(|edit| !edit.field.is_of_net());
                let net = of_net.then_some(ChangeOp::ModifyNet);
                let customer = of_customer.then_some(ChangeOp::ModifyCustomer);
                // Privacy first: a name is hidden before anything else about it changes.
                (customer.into_iter().chain(net).collect(), edits.clone())
            }
            Verb::Replace { .. } | Verb::Remove => {
                let ours = before.customer_is_ours && before.customer_handle().is_some();
                let customer = ours.then_some(ChangeOp::DeleteCustomer);
                (std::iter::once(ChangeOp::RemoveNet).chain(customer).collect(), Vec::new())
            }
            _ => return None,
        };
        let known = known.unwrap_or_else(|| Known {
            key: change.key(),
            provenance: match before.owner {
                Owner::Registered => Provenance::Registered,
                Owner::Adopted => Provenance::Adopted,
                Owner::Unowned => Provenance::Found,
            },
            step: None,
            net: Some(before.net.clone()),
            image: None,
            ticket: None,
            read_at: String::new(),
            reference: change.reference.clone(),
            open: None,
        });
        Some(Self {
            id: change.removal_id(),
            change: change.clone(),
            step: step.cloned(),
            before,
            edits,
            machine: ChangeMachine::new(ops),
            fresh: None,
            known,
            attended,
            zones: Vec::new(),
        })
    }

    /// Takes in what happened in earlier processes.
    pub(super) fn replay<'e>(&mut self, events: impl Iterator<Item = &'e Event>) {
        events.for_each(|event| self.machine.apply(event));
    }

    /// Whether a write's outcome is not known yet.
    pub(super) const fn is_open(&self) -> bool {
        self.machine.is_open()
    }

    /// Whether some of its writes have happened.
    pub(super) const fn has_begun(&self) -> bool {
        self.machine.has_begun()
    }

    /// Whether nothing is left to do.
    pub(super) fn is_done(&self) -> bool {
        self.machine.next() == Next::Done
    }

    /// Whether the net is proved gone.
    pub(super) const fn is_removed(&self) -> bool {
        matches!(self.machine.outcome(), Some(Outcome::Removed { .. }))
    }

    /// Drives the change until it is done or the run stops; tells whether a net is proved gone.
    pub(super) async fn drive<R: Registry>(mut self, run: &Run<R>) -> bool {
        let mut patience = Patience::default();
        let mut started = false;
        loop {
            let go_on = match self.machine.next() {
                Next::Done => return self.is_removed(),
                Next::Finish => self.finish(run, None).await,
                Next::Judge(op, answer) => self.judge(run, op, &answer).await,
                Next::Settle(op) => self.settle(run, op).await,
                Next::Send(_) if run.stopped() => return false,
                Next::Send(op) if run.options.settle_only && op != ChangeOp::DeleteCustomer => {
                    self.interrupted(run).await
                }
                Next::Send(op) => {
                    if !started && !self.machine.has_begun() && !run.may_start(self.id) {
                        return false;
                    }
                    started = true;
                    self.send(run, op, &mut patience).await
                }
            };
            if go_on.is_err() {
                return false;
            }
        }
    }

    /// Stores an event, then lets it happen.
    async fn note<R: Registry>(&mut self, run: &Run<R>, event: Event) -> Result<(), Halted> {
        run.commit(vec![run.event(self.id, event.clone())]).await?;
        self.machine.apply(&event);
        Ok(())
    }

    /// Stores how the change ended, together with what later runs must know of it.
    async fn conclude<R: Registry>(
        &mut self,
        run: &Run<R>,
        outcome: Outcome,
    ) -> Result<(), Halted> {
        let event = Event::Concluded(outcome.clone());
        let mut changes = vec![run.event(self.id, event.clone())];
        let mut known = Known { open: None, ..self.known.clone() };
        match outcome {
            Outcome::Removed { .. } => {
                changes.push(Stored::Forget(self.change.key()));
                changes.push(Stored::Present(self.change.key()));
            }
            Outcome::Unresolved { message, .. } => {
                known.open = Some(self.open(run, Some(message)));
                changes.push(Stored::Know(Box::new(known)));
            }
            Outcome::Ticketed { number, status, .. } => {
                let since = jiff::Timestamp::now().to_string();
                let of = Some((run.number(), self.id));
                known.ticket =
                    Some(OpenTicket { number, status, since, removal: true, of, asked_at: None });
                changes.push(Stored::Know(Box::new(known)));
            }
            Outcome::Modified(_) => {
                known.step = self.step.clone().or(known.step);
                changes.push(Stored::Know(Box::new(self.refreshed(known))));
            }
            _ => changes.push(Stored::Know(Box::new(self.refreshed(known)))),
        }
        if let Err(fault) = run.commit(changes).await {
            if let Event::Concluded(outcome) = &event {
                run.outcome_in_hand(&self.whose(), outcome);
            }
            return Err(fault.into());
        }
        self.machine.apply(&event);
        Ok(())
    }

    /// The change, for people.
    fn whose(&self) -> String {
        format!("change of {}", self.before.net.block)
    }

    /// What is remembered, with what was read last.
    fn refreshed(&self, mut known: Known) -> Known {
        if let Some(fresh) = &self.fresh {
            known.net = Some(fresh.registered.net.clone());
            known.image = Some(fresh.image.clone());
            known.read_at.clone_from(&fresh.image.read_at);
        }
        known
    }

    fn open<R: Registry>(&self, run: &Run<R>, unresolved: Option<String>) -> OpenChange {
        OpenChange { run: run.number(), id: self.id, unresolved }
    }

    async fn hold<R: Registry>(
        &mut self,
        run: &Run<R>,
        code: &str,
        message: String,
    ) -> Result<(), Halted> {
        let net = self.fresh.as_ref().map(|fresh| fresh.registered.net.clone());
        let net = net.or_else(|| Some(self.before.net.clone()));
        self.conclude(run, Outcome::Held { code: code.to_owned(), message, net }).await
    }

    /// Reads what is there, compares it with the before-image, and sends one write.
    async fn send<R: Registry>(
        &mut self,
        run: &Run<R>,
        op: ChangeOp,
        patience: &mut Patience,
    ) -> Result<(), Halted> {
        if self.machine.exhausted() {
            let message = "the write was lost twice and twice proved not to have happened; look at the registry, then run again".to_owned();
            let net = Some(self.before.net.clone());
            return self.conclude(run, Outcome::Unresolved { message, net }).await;
        }
        let Some(request) = self.prepared(run, op).await? else { return Ok(()) };
        let Some(_pass) = run.gate.pass().await else { return Err(Halted) };
        let intended = Event::Intended {
            attempt: self.machine.next_attempt(),
            op: Op::Change(op),
            body_sha256: sha256(request.body.as_deref().unwrap_or_default()),
            request: request.clone(),
            at: jiff::Timestamp::now().to_string(),
        };
        let known = Known { open: Some(self.open(run, None)), ..self.known.clone() };
        run.commit(vec![Stored::Know(Box::new(known)), run.event(self.id, intended.clone())])
            .await?;
        self.machine.apply(&intended);
        match run.registry.exchange(&request).await {
            Ok(answer) => {
                let stored = self.note(run, Event::Answered { answer: answer.clone() }).await;
                if stored.is_err() {
                    run.answer_in_hand(&self.whose(), &answer);
                }
                stored
            }
            Err(fault) if fault.proves_not_sent() => {
                self.note(run, Event::NotSent { reason: fault.to_string() }).await?;
                patience.not_sent(run, &fault).await
            }
            Err(fault) => self.note(run, Event::NoAnswer { reason: fault.to_string() }).await,
        }
    }

    /// The request, once a fresh read allows it; `None` when the change moved on without it.
    async fn prepared<R: Registry>(
        &mut self,
        run: &Run<R>,
        op: ChangeOp,
    ) -> Result<Option<WireRequest>, Halted> {
        if op == ChangeOp::DeleteCustomer {
            return self.customer_to_delete(run).await;
        }
        let read = record::by_handle(&run.registry, &self.before.net.net_handle).await;
        let Some(fresh) = self.readable(run, read).await? else {
            self.fresh = None;
            return self.vanished(run, op).await;
        };
        let moved = self.moved(&fresh.registered);
        self.fresh = Some(fresh.clone());
        if !moved.is_empty() {
            if op != ChangeOp::RemoveNet && self.edited(&fresh.registered, op) {
                self.note(run, Event::Took(op)).await?;
                return Ok(None);
            }
            let message = format!(
                "what is registered changed since it was last read, in {}; nothing was sent, the next run compares anew",
                moved.join(", ")
            );
            self.hold(run, "stale", message).await?;
            return Ok(None);
        }
        if op == ChangeOp::RemoveNet
            && let Some(reason) = self.recipient_fault(run).await?
        {
            self.hold(run, "recipient-unchecked", reason).await?;
            return Ok(None);
        }
        let mut image = fresh.image.clone();
        if op == ChangeOp::RemoveNet {
            let read = record::zones(&run.registry, &self.before.net.net_handle).await;
            let (zones, answer) = self.readable(run, read).await?;
            self.zones = zones.into_iter().filter_map(|zone| zone.name).collect();
            image = image.with_zones(answer.as_ref());
        }
        self.note(run, Event::Before(Box::new(image))).await?;
        Ok(self.request(op, &fresh))
    }

    /// What moved since the before-image, the edits of this very change aside.
    fn moved(&self, now: &Registered) -> Vec<&'static str> {
        let moved = image::moved(&self.before, now);
        // The first half of this change may have happened already.
        let ours = |field: &&str| {
            self.machine.has_begun() && self.edits.iter().any(|edit| edit.field.as_str() == *field)
        };
        moved.into_iter().filter(|field| !ours(field)).collect()
    }

    fn edited(&self, now: &Registered, op: ChangeOp) -> bool {
        self.before.is_same_registration(now)
            && image::has_edits(now, &self.edits, op == ChangeOp::ModifyNet)
    }

    fn request(&self, op: ChangeOp, fresh: &Record) -> Option<WireRequest> {
        let handle = self.before.net.net_handle.clone();
        match (op, &self.before.net.holder) {
            (ChangeOp::ModifyNet, _) => {
                let net = image::net_after(&fresh.net, &self.edits);
                Some(ModifyNet { handle, net }.request())
            }
            (ChangeOp::RemoveNet, _) => Some(DeleteNet(handle).request()),
            (ChangeOp::ModifyCustomer, Holder::Customer(handle)) => {
                let customer = image::customer_after(fresh.customer.as_ref()?, &self.edits);
                Some(ModifyCustomer { handle: handle.clone(), customer }.request())
            }
            (ChangeOp::DeleteCustomer, Holder::Customer(handle)) => {
                Some(DeleteCustomer(handle.clone()).request())
            }
            _ => None,
        }
    }

    /// A read's value, before anything is sent; what proves nothing stops the run, what the key
    /// has no authority over ends this change alone.
    async fn readable<R: Registry, T>(
        &mut self,
        run: &Run<R>,
        read: Result<T, Unread>,
    ) -> Result<T, Halted> {
        let fault = match read {
            Ok(value) => return Ok(value),
            Err(Unread(fault)) => fault,
        };
        if let (ReadFault::KeyRefused(complaint), false) = (&fault, self.machine.has_begun()) {
            let parent = self.change.parent.clone();
            if run.key_is_good(&parent, complaint).await {
                self.no_authority(run, complaint).await?;
            }
            return Err(Halted);
        }
        run.unread(self.before.net.net_handle.as_str(), &fault);
        Err(Halted)
    }
}

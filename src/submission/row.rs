//! One row driven to its end: look, write, judge, settle.
//!
//! Owns the decisions of each step and journals before it acts. Must not know: other rows.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use tokio::time::sleep;

use super::patience::Patience;
use super::range::{self, Held, Names, ReadFault};
use super::{Action, Registry, RowMachine, Run, Stop, compare};
use crate::domain::{Assignment, NetHandle, OrgRecipient, Registration, SimpleRecipient};
use crate::journal::{Change, Created, Doubt, Event, Known, Op, Outcome, StoreError};
use crate::plan::Step;
use crate::regrws::{
    Accepted, Assign, Call, Complaint, CreateCustomer, CreateOrg, GetNet, NetPayload, RawAnswer,
    To, Verdict, WireRequest,
};

/// Rounds of reading before an unknown outcome is left for `resume`.
pub(super) const SETTLE_ROUNDS: u32 = 3;

/// A row and its machine.
pub(super) struct RowTask {
    pub(super) row: u64,
    pub(super) step: Step,
    pub(super) machine: RowMachine,
}

/// Why a row ends without conclusion.
pub(super) struct Halted;

impl From<StoreError> for Halted {
    fn from(_: StoreError) -> Self {
        // `Run::commit` has told the run already.
        Self
    }
}

impl RowTask {
    /// Drives the row until it is done or the run stops.
    pub(super) async fn drive<R: Registry>(mut self, run: &Run<R>) {
        let mut patience = Patience::default();
        let mut looked = false;
        loop {
            let go_on = match self.machine.next() {
                Action::Done => return,
                Action::Judge(op, answer) => self.judge(run, op, &answer, &mut patience).await,
                Action::Settle(Op::CreateRecipient) => self.lost_recipient(run).await,
                Action::Settle(_) => self.settle(run).await,
                Action::Send(_) if run.options.settle_only => {
                    // Settled: nothing happened, and the next run decides anew.
                    let settled = vec![Change::Settled(self.step.key())];
                    let _ = run.commit(settled).await;
                    return;
                }
                Action::Send(_) if run.stopped() || self.blocked(run).await => return,
                Action::Send(op) => {
                    let first = self.machine.attempts() == 0 && !looked;
                    looked = true;
                    self.send(run, op, first, &mut patience).await
                }
            };
            if go_on.is_err() {
                return;
            }
        }
    }

    async fn blocked<R: Registry>(&mut self, run: &Run<R>) -> bool {
        let Some(message) = run.blocked_parent(self.step.parent.as_str()) else { return false };
        let outcome = Outcome::Rejected { code: "E_AUTHENTICATION".to_owned(), message, net: None };
        self.conclude(run, outcome).await.is_err() || self.machine.outcome().is_some()
    }

    /// Stores an event, then lets it happen.
    async fn note<R: Registry>(&mut self, run: &Run<R>, event: Event) -> Result<(), Halted> {
        run.commit(vec![run.event(self.row, event.clone())]).await?;
        self.machine.apply(&event);
        Ok(())
    }

    /// Stores how the row ended, together with what later runs must know of it.
    async fn conclude<R: Registry>(
        &mut self,
        run: &Run<R>,
        outcome: Outcome,
    ) -> Result<(), Halted> {
        let at = jiff::Timestamp::now().to_string();
        let known = Known::of(&self.step, &outcome, None, at);
        let mut changes = vec![match &outcome {
            Outcome::Unresolved { message, .. } => {
                Change::Doubt(Box::new(self.doubt(run, Some(message.clone()))))
            }
            _ => Change::Settled(self.step.key()),
        }];
        changes.extend(known.map(|known| Change::Know(Box::new(known))));
        let event = Event::Concluded(outcome);
        changes.push(run.event(self.row, event.clone()));
        run.commit(changes).await?;
        self.machine.apply(&event);
        Ok(())
    }

    /// The row as a write whose outcome is open.
    fn doubt<R: Registry>(&self, run: &Run<R>, unresolved: Option<String>) -> Doubt {
        let step = self.step.clone();
        Doubt { key: step.key(), run: run.number(), row: self.row, step, unresolved }
    }

    /// Looks if asked to, then sends one write.
    async fn send<R: Registry>(
        &mut self,
        run: &Run<R>,
        op: Op,
        first: bool,
        patience: &mut Patience,
    ) -> Result<(), Halted> {
        if self.machine.exhausted() {
            let message = "the write was lost twice and twice proved absent; look at the registry, then run again".to_owned();
            return self.conclude(run, Outcome::Unresolved { message, net: None }).await;
        }
        if first {
            if (run.looks_first() || op == Op::CreateRecipient) && self.look(run).await? {
                return Ok(());
            }
            if !run.may_start(self.row) {
                return Err(Halted);
            }
        }
        let request = self.request(op);
        let Some(request) = request else {
            let message = "a bug in swip: the row has no recipient to send".to_owned();
            return self.conclude(run, Outcome::Unresolved { message, net: None }).await;
        };
        let intended = Event::Intended {
            attempt: self.machine.next_attempt(),
            op,
            body_sha256: sha256(request.body.as_deref().unwrap_or_default()),
            request: request.clone(),
            at: jiff::Timestamp::now().to_string(),
        };
        let doubt = Change::Doubt(Box::new(self.doubt(run, None)));
        run.commit(vec![doubt, run.event(self.row, intended.clone())]).await?;
        self.machine.apply(&intended);
        match run.registry.exchange(&request).await {
            Ok(answer) => self.note(run, Event::Answered { answer }).await,
            Err(fault) if fault.proves_not_sent() => {
                self.note(run, Event::NotSent { reason: fault.to_string() }).await?;
                patience.not_sent(run, &fault).await
            }
            Err(fault) => self.note(run, Event::NoAnswer { reason: fault.to_string() }).await,
        }
    }

    /// Reads the row's range; true when that concluded the row.
    async fn look<R: Registry>(&mut self, run: &Run<R>) -> Result<bool, Halted> {
        match range::by_range(&run.registry, &self.step, None, Names::GivenOnly).await {
            Held::Absent => {
                run.looked(true);
                Ok(false)
            }
            Held::Present(net, differences) => {
                run.looked(false);
                self.found(run, *net, &differences).await?;
                Ok(true)
            }
            Held::Nothing(reason) => {
                run.halt(Stop::Registry(format!(
                    "row {}: its range cannot be read: {reason}",
                    self.row
                )));
                Err(Halted)
            }
        }
    }

    /// Concludes with a net that somebody, maybe an earlier run, registered.
    async fn found<R: Registry>(
        &mut self,
        run: &Run<R>,
        net: Registration,
        differences: &[&str],
    ) -> Result<(), Halted> {
        let outcome =
            if differences.is_empty() { Outcome::Already(net) } else { conflict(net, differences) };
        self.conclude(run, outcome).await
    }

    /// The write itself.
    fn request(&self, op: Op) -> Option<WireRequest> {
        let step = &self.step;
        let parent = step.parent.clone();
        match (op, &step.assignment) {
            (Op::CreateRecipient, Assignment::ReassignSimple(SimpleRecipient::New(customer))) => {
                Some(CreateCustomer { parent, customer: customer.into() }.request())
            }
            (
                Op::CreateRecipient,
                Assignment::ReassignDetailed(OrgRecipient::New(org))
                | Assignment::Reallocate(OrgRecipient::New(org)),
            ) => Some(CreateOrg { parent, org: org.into() }.request()),
            (Op::CreateRecipient, _) => None,
            (Op::Assign | Op::Change(_), assignment) => {
                let to = match self.machine.created() {
                    Some(Created::Customer(handle)) => To::Customer(handle.clone()),
                    Some(Created::Org(handle)) => To::Org(handle.clone()),
                    None => To::of(assignment)?,
                };
                let kind = compare::kind(step);
                let net = NetPayload::new(
                    &parent,
                    &step.block,
                    &kind,
                    &step.net_name,
                    &step.comment,
                    &to,
                );
                let reallocate = matches!(assignment, Assignment::Reallocate(_));
                Some(Assign { parent, reallocate, net }.request())
            }
        }
    }

    /// Makes an event of a stored answer.
    async fn judge<R: Registry>(
        &mut self,
        run: &Run<R>,
        op: Op,
        answer: &RawAnswer,
        patience: &mut Patience,
    ) -> Result<(), Halted> {
        let complaint = match op {
            Op::Assign | Op::Change(_) => match Assign::decode(answer) {
                Ok(accepted) => {
                    run.judged(false);
                    return self.accepted(run, accepted).await;
                }
                Err(complaint) => complaint,
            },
            Op::CreateRecipient => match self.decode_created(answer) {
                Ok(created) => {
                    run.judged(false);
                    return self.note(run, Event::RecipientCreated(created)).await;
                }
                Err(complaint) => complaint,
            },
        };
        match complaint.verdict() {
            Verdict::Unknown => {
                self.note(run, Event::Doubtful { reason: complaint.to_string() }).await
            }
            Verdict::Rejected => self.rejected(run, &complaint).await,
            Verdict::KeyRefused => self.key_refused(run, &complaint).await,
            Verdict::Outage => {
                self.note(run, Event::Postponed { reason: complaint.to_string() }).await?;
                run.halt(Stop::Registry(complaint.to_string()));
                Err(Halted)
            }
            Verdict::TooMany => {
                self.note(run, Event::Postponed { reason: complaint.to_string() }).await?;
                patience.too_many(run, answer)
            }
        }
    }

    fn decode_created(&self, answer: &RawAnswer) -> Result<Created, Complaint> {
        match self.step.assignment {
            Assignment::ReassignSimple(_) => CreateCustomer::decode(answer).map(Created::Customer),
            _ => CreateOrg::decode(answer).map(Created::Org),
        }
    }

    /// Compares what was stored with what was asked.
    async fn accepted<R: Registry>(
        &mut self,
        run: &Run<R>,
        accepted: Accepted,
    ) -> Result<(), Halted> {
        let outcome = match accepted {
            Accepted::Ticket { number, status, net } => {
                Outcome::Ticketed { number: number.to_string(), status, net }
            }
            Accepted::Net(net) => {
                let differences = compare::net(&self.step, &net, self.machine.created(), true);
                if differences.is_empty() {
                    Outcome::Registered(net)
                } else {
                    let message = format!(
                        "the registry answered with {} ({}), which differs in {}; compare it with the row at the registry",
                        net.net_handle,
                        net.block,
                        differences.join(", ")
                    );
                    Outcome::Unresolved { message, net: Some(net) }
                }
            }
        };
        self.conclude(run, outcome).await
    }

    async fn rejected<R: Registry>(
        &mut self,
        run: &Run<R>,
        complaint: &Complaint,
    ) -> Result<(), Halted> {
        let Complaint::Registry(error) = complaint else {
            return self.note(run, Event::Doubtful { reason: complaint.to_string() }).await;
        };
        if error.overlap {
            let echo = self.machine.may_be_our_echo();
            let names = if echo { Names::All } else { Names::GivenOnly };
            match range::by_range(&run.registry, &self.step, self.machine.created(), names).await {
                Held::Present(net, differences) if echo => {
                    return self.settled(run, *net, &differences).await;
                }
                Held::Present(net, differences) => {
                    run.looked(false);
                    if !differences.is_empty() {
                        run.judged(true);
                    }
                    return self.found(run, *net, &differences).await;
                }
                Held::Nothing(reason) => {
                    // Whose net is in the way is not known: leave it for reading again.
                    return self.note(run, Event::Doubtful { reason }).await;
                }
                Held::Absent => {}
            }
        }
        run.judged(true);
        let outcome = Outcome::Rejected {
            code: error.code.clone(),
            message: error.message.clone(),
            net: None,
        };
        self.conclude(run, outcome).await
    }

    /// One probe tells a dead key from one without authority over this parent.
    async fn key_refused<R: Registry>(
        &mut self,
        run: &Run<R>,
        complaint: &Complaint,
    ) -> Result<(), Halted> {
        let _one = run.probe.lock().await;
        if run.stopped() {
            self.note(run, Event::Postponed { reason: complaint.to_string() }).await?;
            return Err(Halted);
        }
        let probe = range::registry_read(&run.registry, &GetNet(self.step.parent.clone())).await;
        if probe.is_err() {
            self.note(run, Event::Postponed { reason: complaint.to_string() }).await?;
            run.halt(Stop::Key(complaint.to_string()));
            return Err(Halted);
        }
        let message = format!("{complaint}; the key has no authority over {}", self.step.parent);
        run.blocked
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(self.step.parent.to_string(), message.clone());
        self.conclude(
            run,
            Outcome::Rejected { code: "E_AUTHENTICATION".to_owned(), message, net: None },
        )
        .await
    }

    /// A lost answer to "create": nothing finds a customer by name, so nothing is sent again.
    async fn lost_recipient<R: Registry>(&mut self, run: &Run<R>) -> Result<(), Halted> {
        let step = &self.step;
        let message = format!(
            "the answer to creating the recipient `{}` under {} was lost; it may exist. Nothing was sent again. \
             Ask ARIN (Ask ARIN ticket, or Whois by name) whether it was created, then put its handle into the row",
            step.assignment.recipient(),
            step.parent
        );
        self.conclude(run, Outcome::Unresolved { message, net: None }).await
    }

    /// Settles an unknown assignment by two agreeing reads.
    async fn settle<R: Registry>(&mut self, run: &Run<R>) -> Result<(), Halted> {
        for _ in 0..SETTLE_ROUNDS {
            sleep(run.options.settle).await;
            let created = self.machine.created().cloned();
            let (registry, step) = (&run.registry, &self.step);
            let first = range::by_range(registry, step, created.as_ref(), Names::All).await;
            if let Held::Present(net, differences) = first {
                return self.settled(run, *net, &differences).await;
            }
            let second = range::most_specific(registry, step, created.as_ref(), Names::All).await;
            match (first, second) {
                (_, Held::Present(net, differences)) => {
                    return self.settled(run, *net, &differences).await;
                }
                (Held::Absent, Held::Absent) => return self.note(run, Event::ProvedAbsent).await,
                _ if run.stopped() => return Err(Halted),
                _ => {}
            }
        }
        // No information is never absence: `resume` goes on with it.
        Err(Halted)
    }

    async fn settled<R: Registry>(
        &mut self,
        run: &Run<R>,
        net: Registration,
        differences: &[&str],
    ) -> Result<(), Halted> {
        if differences.is_empty() {
            run.judged(false);
            return self.conclude(run, Outcome::Registered(net)).await;
        }
        let message = format!(
            "the answer to our write was lost, and {} now holds {}, which differs in {}; compare it with the row at the registry",
            net.net_handle,
            net.block,
            differences.join(", ")
        );
        self.conclude(run, Outcome::Unresolved { message, net: Some(net) }).await
    }
}

fn conflict(net: Registration, differences: &[&str]) -> Outcome {
    let message = format!(
        "{} is registered as {} and differs in {}; correct the row, or change the registration",
        net.block,
        net.net_handle,
        differences.join(", ")
    );
    Outcome::Rejected { code: "conflict".to_owned(), message, net: Some(net) }
}

/// Reads every parent the rows name, before the first write; rows of an unusable one end here.
pub(super) async fn read_parents<R: Registry>(run: &Run<R>, tasks: &mut Vec<RowTask>) {
    let parents: BTreeSet<NetHandle> = tasks.iter().map(|task| task.step.parent.clone()).collect();
    for parent in parents {
        let refusal = match range::registry_read(&run.registry, &GetNet(parent.clone())).await {
            Ok(net) if net.kind.can_be_subdivided() => continue,
            Ok(net) => (
                "parent-not-allocation",
                format!("{parent} is of type {}; only DA and A can be subdivided", net.kind),
            ),
            Err(ReadFault::Absent) => {
                ("E_OBJECT_NOT_FOUND", format!("the registry has no net {parent}"))
            }
            Err(ReadFault::Nothing(reason)) if reason.contains("E_AUTHENTICATION") => {
                run.halt(Stop::Key(format!("reading {parent}: {reason}")));
                return;
            }
            Err(ReadFault::Nothing(reason)) => {
                run.halt(Stop::Registry(format!("{parent} cannot be read: {reason}")));
                return;
            }
        };
        let (code, message) = refusal;
        for task in tasks.iter_mut().filter(|task| task.step.parent == parent) {
            let outcome =
                Outcome::Rejected { code: code.to_owned(), message: message.clone(), net: None };
            if !task.machine.is_open() && task.conclude(run, outcome).await.is_err() {
                return;
            }
        }
    }
    tasks.retain(|task| task.machine.next() != Action::Done);
}

pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

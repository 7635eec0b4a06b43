//! One row driven to its end: look, write, judge, settle.
//!
//! Owns the order of these and journals before it acts. Must not know: other rows.

use super::patience::{Halted, Patience};
use super::range::{self, Held, Names, Wanted};
use super::reader::Registry;
use super::run::Run;
use super::{Action, RowMachine, now, request};
use crate::crash::breaks;
use crate::domain::{Assignment, Registration, Rule};
use crate::journal::{Change, Doubt, Event, Image, Known, Op, Outcome, Refused, StoreError};
use crate::plan::Step;
use crate::regrws::RawAnswer;

/// How far a row is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Its open write is settled; nothing is sent.
    Settled,
    /// It was looked up once; nothing is sent.
    Looked,
    /// Its end.
    Done,
}

/// A row and its machine.
pub(super) struct RowTask {
    /// The run that its events belong to.
    pub(super) run: i64,
    pub(super) row: u64,
    pub(super) step: Step,
    pub(super) machine: RowMachine,
    /// Whether an earlier run saw its body refused: it comes last and does not count.
    pub(super) refused_before: bool,
    /// How often it was put back.
    pub(super) again: u32,
    pub(super) looked: bool,
    started: bool,
    patience: Patience,
    unknown: bool,
}

/// Why a row is left without conclusion.
pub(super) enum Left {
    /// The run stops, or has to wait for something else.
    Here,
    /// It may go better later in this run.
    ForLater,
}

impl From<Halted> for Left {
    fn from(_: Halted) -> Self {
        Self::Here
    }
}

impl From<StoreError> for Left {
    fn from(_: StoreError) -> Self {
        // `Run::commit` has told the run already.
        Self::Here
    }
}

impl RowTask {
    pub(super) fn new(run: i64, row: u64, step: Step, machine: RowMachine) -> Self {
        Self {
            run,
            row,
            step,
            machine,
            refused_before: false,
            again: 0,
            looked: false,
            started: false,
            patience: Patience::default(),
            unknown: false,
        }
    }

    /// Drives the row; tells whether it should be put back.
    pub(super) async fn drive<R: Registry>(&mut self, run: &Run<R>, until: Until) -> bool {
        if self.machine.is_open() {
            self.now_unknown(run);
        }
        loop {
            let sends = matches!(self.machine.next(), Action::Send(_));
            if sends && (until == Until::Settled || run.stopped()) {
                return false;
            }
            let went = match self.machine.next() {
                Action::Done => return false,
                Action::Judge(op, answer) => self.judge(run, op, &answer).await,
                Action::Settle(Op::CreateRecipient) => self.lost_recipient(run).await,
                Action::Settle(_) => self.settle(run).await,
                Action::Send(_) if until == Until::Looked => return self.reread(run).await,
                Action::Send(op) => self.send(run, op).await,
            };
            match went {
                Ok(()) => {}
                Err(Left::Here) => return false,
                Err(Left::ForLater) => return true,
            }
        }
    }

    /// An event of the row as a change.
    pub(super) const fn event(&self, event: Event) -> Change {
        Change::Event { run: self.run, row: self.row, event }
    }

    /// Stores an event, then lets it happen.
    pub(super) async fn note<R: Registry>(
        &mut self,
        run: &Run<R>,
        event: Event,
    ) -> Result<(), Left> {
        let mut changes = vec![self.event(event.clone())];
        let mut after = self.machine.clone();
        after.apply(&event);
        if self.machine.is_open() && after.is_untouched() {
            changes.push(Change::Settled(self.step.key()));
        }
        run.commit(changes).await?;
        self.machine = after;
        if !self.machine.is_open() {
            self.no_longer_unknown(run);
        }
        Ok(())
    }

    /// Stores how the row ended, together with what later runs must know of it.
    pub(super) async fn conclude<R: Registry>(
        &mut self,
        run: &Run<R>,
        outcome: Outcome,
        image: Option<Image>,
    ) -> Result<(), Left> {
        let mut changes = vec![match &outcome {
            Outcome::Unresolved { message, .. } => {
                Change::Doubt(Box::new(self.doubt(Some(message.clone()))))
            }
            // Its customer exists and is used by a later run.
            Outcome::Rejected { .. } if self.machine.created().is_some() => {
                Change::Doubt(Box::new(self.doubt(None)))
            }
            _ => Change::Settled(self.step.key()),
        }];
        let known = Known::of(&self.step, &outcome, image, now());
        changes.extend(known.map(|known| Change::Know(Box::new(known))));
        changes.extend(self.refusal(&outcome));
        let event = Event::Concluded(outcome.clone());
        changes.push(self.event(event.clone()));
        if let Err(fault) = run.commit(changes).await {
            run.outcome_in_hand(&self.whose(), &outcome);
            return Err(fault.into());
        }
        self.machine.apply(&event);
        self.no_longer_unknown(run);
        Ok(())
    }

    /// The row, for people.
    fn whose(&self) -> String {
        format!("row {}, {}", self.row, self.step.block)
    }

    /// What the outcome means for sending the same body again.
    fn refusal(&self, outcome: &Outcome) -> Option<Change> {
        let key = self.step.key();
        match outcome {
            Outcome::Rejected { code, message, .. } if code.starts_with("E_") => {
                let authority = code == "E_AUTHENTICATION";
                let (code, message) = (code.clone(), message.clone());
                let body_sha256 = request::content_sha256(&self.step);
                let refused = Refused { key, body_sha256, code, message, at: now() };
                (!authority).then_some(Change::Refused(refused))
            }
            Outcome::Registered(_) | Outcome::Already(_) => {
                let body_sha256 = request::content_sha256(&self.step);
                Some(Change::Unrefused { key, body_sha256 })
            }
            _ => None,
        }
    }

    /// The row as a write whose outcome is open.
    pub(super) fn doubt(&self, unresolved: Option<String>) -> Doubt {
        let step = self.step.clone();
        Doubt { key: step.key(), run: self.run, row: self.row, step, unresolved }
    }

    /// Counts the row among those whose outcome is unknown, if it is.
    pub(super) fn count_unknown<R: Registry>(&mut self, run: &Run<R>) {
        if self.machine.is_open() {
            self.now_unknown(run);
        }
    }

    fn now_unknown<R: Registry>(&mut self, run: &Run<R>) {
        if !std::mem::replace(&mut self.unknown, true) {
            run.gate.unknown();
        }
    }

    fn no_longer_unknown<R: Registry>(&mut self, run: &Run<R>) {
        if std::mem::take(&mut self.unknown) {
            run.gate.settled();
        }
    }

    /// What the registry's nets are held against.
    pub(super) fn wanted(&self, names: Names) -> Wanted<'_> {
        let since = (names == Names::All).then(|| self.machine.intended_at()).flatten();
        Wanted { step: &self.step, created: self.machine.created(), names, since }
    }

    /// Looks if asked to, then sends one write and judges its answer.
    async fn send<R: Registry>(&mut self, run: &Run<R>, op: Op) -> Result<(), Left> {
        if let Some(message) = run.blocked(&self.step.parent) {
            let code = "E_AUTHENTICATION".to_owned();
            return self.conclude(run, Outcome::Rejected { code, message, net: None }, None).await;
        }
        if self.machine.exhausted() {
            let message = self.exhausted_message(&run.journal);
            return self.conclude(run, Outcome::Unresolved { message, net: None }, None).await;
        }
        if let Some(other) = run.in_the_way(&self.doubt(None)) {
            return self.wait_for(run, &other).await;
        }
        if !self.started && self.look_first(run, op).await? {
            return Ok(());
        }
        let Some(_pass) = run.gate.pass().await else { return Err(Left::Here) };
        if !self.started && !run.may_start(self.row) {
            return Err(Left::Here);
        }
        self.started = true;
        self.write(run, op).await
    }

    /// Looks the row up before its first write; true when that concluded it.
    async fn look_first<R: Registry>(&mut self, run: &Run<R>, op: Op) -> Result<bool, Left> {
        if self.looked || self.machine.attempts() > 0 {
            return Ok(false);
        }
        let (wanted, _place) = run.looks_first().await;
        if !wanted && op != Op::CreateRecipient {
            return Ok(false);
        }
        let concluded = self.look(run).await?;
        self.looked = true;
        Ok(concluded)
    }

    /// Stores the intent, sends the write, stores the raw answer, judges it.
    async fn write<R: Registry>(&mut self, run: &Run<R>, op: Op) -> Result<(), Left> {
        let Some(request) = request::of(op, &self.step, self.machine.created()) else {
            let message = "a bug in swip: the row has no recipient to send".to_owned();
            return self.conclude(run, Outcome::Unresolved { message, net: None }, None).await;
        };
        let intended = Event::Intended {
            attempt: self.machine.next_attempt(),
            op,
            body_sha256: request::sha256(request.body.as_deref().unwrap_or_default()),
            request: request.clone(),
            at: now(),
        };
        let doubt = Change::Doubt(Box::new(self.doubt(None)));
        run.commit(vec![doubt, self.event(intended.clone())]).await?;
        self.machine.apply(&intended);
        match run.registry.exchange(&request).await {
            Ok(answer) => {
                if breaks("parse-before-journaling") {
                    self.machine.apply(&Event::Answered { answer: answer.clone() });
                } else {
                    self.store(run, &answer).await?;
                }
                self.judge(run, op, &answer).await
            }
            Err(fault) if fault.proves_not_sent() => {
                self.note(run, Event::NotSent { reason: fault.to_string() }).await?;
                Ok(self.patience.not_sent(run, &fault).await?)
            }
            Err(fault) => {
                self.now_unknown(run);
                self.note(run, Event::NoAnswer { reason: fault.to_string() }).await
            }
        }
    }

    /// Stores the raw answer before anything reads it; one that cannot be stored is told.
    async fn store<R: Registry>(&mut self, run: &Run<R>, answer: &RawAnswer) -> Result<(), Left> {
        let stored = self.note(run, Event::Answered { answer: answer.clone() }).await;
        if stored.is_err() {
            run.answer_in_hand(&self.whose(), answer);
        }
        stored
    }

    /// Reads the row's range; true when that concluded the row.
    pub(super) async fn look<R: Registry>(&mut self, run: &Run<R>) -> Result<bool, Left> {
        let held = match range::look(&run.registry, self.wanted(Names::GivenOnly)).await {
            Ok(held) => held,
            Err(net) => {
                run.looked(false);
                let outcome = overlapping(&net, &self.step);
                self.conclude(run, outcome, None).await?;
                return Ok(true);
            }
        };
        match held {
            Held::Absent => {
                run.looked(true);
                Ok(false)
            }
            Held::Present(found) => {
                run.looked(false);
                let outcome = present(found.net, &found.differences);
                self.conclude(run, outcome, Some(found.image)).await?;
                Ok(true)
            }
            Held::Nothing(fault) => {
                run.look_failed(&fault);
                Err(Left::ForLater)
            }
        }
    }

    /// Looks a row up because the journal is an earlier copy; false, or true to be put back.
    async fn reread<R: Registry>(&mut self, run: &Run<R>) -> bool {
        match self.look(run).await {
            Ok(true) => return false,
            Ok(false) => self.looked = true,
            Err(Left::Here) => return false,
            Err(Left::ForLater) => return true,
        }
        let customer = matches!(self.step.assignment, Assignment::ReassignSimple(_));
        if self.machine.lacks_recipient() && customer {
            let message = self.restored_message(&run.journal);
            // A failure to store it has stopped the run.
            let _ = self.conclude(run, Outcome::Unresolved { message, net: None }, None).await;
        }
        false
    }

    /// The row's space is not free until another write is settled.
    async fn wait_for<R: Registry>(&mut self, run: &Run<R>, other: &Doubt) -> Result<(), Left> {
        let message = format!(
            "row {} of run {} wrote to {}, and its outcome is not settled: nothing is sent for this space until it is",
            other.row, other.run, other.key.block
        );
        let code = "waits-for-unsettled".to_owned();
        self.note(run, Event::Waits { code, message }).await?;
        Err(Left::Here)
    }
}

/// A net that somebody, maybe an earlier run, registered.
pub(super) fn present(net: Registration, differences: &[&str]) -> Outcome {
    if differences.is_empty() {
        return Outcome::Already(net);
    }
    let message = format!(
        "{} is registered as {} and differs in {}; correct the row, or change the registration",
        net.block,
        net.net_handle,
        differences.join(", ")
    );
    Outcome::Rejected { code: "conflict".to_owned(), message, net: Some(net) }
}

/// A net that shares addresses with a step, as it was read before anything was written.
fn overlapping(net: &Registration, step: &Step) -> Outcome {
    let message = format!(
        "{} is registered as {} and shares addresses with {}; nothing was sent: correct the row, or remove that net first",
        net.block, net.net_handle, step.block
    );
    Outcome::Rejected { code: Rule::OverlapsRegistered.as_str().to_owned(), message, net: None }
}

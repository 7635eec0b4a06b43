//! The life of one modification or removal, as a pure machine over the same events as a row's.
//!
//! Replay after a crash is the same `apply`. Must not know: time, network, the journal's file.

use crate::journal::{ChangeOp, Event, Op, Outcome};
use crate::regrws::RawAnswer;

/// Attempts of one write after which a person must look.
pub(super) const ATTEMPTS_MAX: u32 = 2;

/// What a change needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Read what is there, then send this write.
    Send(ChangeOp),
    /// Read the stored answer.
    Judge(ChangeOp, RawAnswer),
    /// Find out by reading whether the write happened.
    Settle(ChangeOp),
    /// Every write has happened: conclude.
    Finish,
    /// Nothing.
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Ready,
    Sent(ChangeOp),
    Answered(ChangeOp, RawAnswer),
    Unknown(ChangeOp),
    Done(Outcome),
}

/// One modification or removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChangeMachine {
    state: State,
    /// The writes, in order.
    ops: Vec<ChangeOp>,
    /// How many of them have happened.
    done: usize,
    /// Intents so far, to number the next.
    intents: u32,
    /// Writes of the current operation that were proved not to have happened.
    disproved: u32,
}

impl ChangeMachine {
    /// A change that nothing happened to yet.
    pub(super) const fn new(ops: Vec<ChangeOp>) -> Self {
        Self { state: State::Ready, ops, done: 0, intents: 0, disproved: 0 }
    }

    /// What the change needs next.
    pub(super) fn next(&self) -> Next {
        match (&self.state, self.ops.get(self.done)) {
            (State::Ready, Some(op)) => Next::Send(*op),
            (State::Ready, None) => Next::Finish,
            (State::Answered(op, answer), _) => Next::Judge(*op, answer.clone()),
            (State::Sent(op) | State::Unknown(op), _) => Next::Settle(*op),
            (State::Done(_), _) => Next::Done,
        }
    }

    /// What an event makes of the change. Never fails: an event that does not fit changes nothing.
    pub(super) fn apply(&mut self, event: &Event) {
        match (event, &self.state) {
            (Event::Intended { attempt, op: Op::Change(op), .. }, State::Ready) => {
                self.intents = *attempt;
                self.state = State::Sent(*op);
            }
            (Event::NotSent { .. }, State::Sent(_))
            | (Event::Postponed { .. }, State::Answered(..)) => self.state = State::Ready,
            (Event::NoAnswer { .. }, State::Sent(op))
            | (Event::Doubtful { .. }, State::Answered(op, _)) => self.state = State::Unknown(*op),
            (Event::Answered { answer }, State::Sent(op)) => {
                self.state = State::Answered(*op, answer.clone());
            }
            // The ticket that decided has ended: reading tells whether the net is gone.
            (Event::Doubtful { .. }, State::Done(Outcome::Ticketed { .. })) => {
                if let Some(op) = self.ops.get(self.done) {
                    self.state = State::Unknown(*op);
                }
            }
            (Event::ProvedAbsent, State::Sent(_) | State::Unknown(_)) => {
                self.disproved += 1;
                self.state = State::Ready;
            }
            (Event::Took(op), state) if !matches!(state, State::Done(_)) => self.took(*op),
            // A ticket may still decide.
            (Event::Concluded(outcome), state) if !matches!(state, State::Done(o) if !matches!(o, Outcome::Ticketed { .. })) =>
            {
                self.state = State::Done(outcome.clone());
            }
            _ => {}
        }
    }

    fn took(&mut self, op: ChangeOp) {
        if self.ops.get(self.done) == Some(&op) {
            self.done += 1;
            self.disproved = 0;
            self.state = State::Ready;
        }
    }

    /// Number of the next attempt.
    pub(super) const fn next_attempt(&self) -> u32 {
        self.intents + 1
    }

    /// Whether another write of this operation would be one too many.
    pub(super) const fn exhausted(&self) -> bool {
        self.disproved >= ATTEMPTS_MAX
    }

    /// Whether some of its writes have happened.
    pub(super) const fn has_begun(&self) -> bool {
        self.done > 0
    }

    /// Whether a write's outcome is not known yet.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.state, State::Sent(_) | State::Answered(..) | State::Unknown(_))
    }

    /// How it ended.
    pub(super) const fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            State::Done(outcome) => Some(outcome),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regrws::{Effect, Method, WireRequest};
    use proptest::prelude::*;

    fn intended(op: ChangeOp) -> Event {
        let request = WireRequest {
            method: Method::Delete,
            path: String::new(),
            body: None,
            effect: Effect::Write,
        };
        let (op, body_sha256, at) = (Op::Change(op), String::new(), String::new());
        Event::Intended { attempt: 1, op, request, body_sha256, at }
    }

    #[test]
    fn the_customer_is_deleted_only_after_its_net_is_proved_gone() {
        let mut change = ChangeMachine::new(vec![ChangeOp::RemoveNet, ChangeOp::DeleteCustomer]);
        change.apply(&intended(ChangeOp::RemoveNet));
        assert_eq!(change.next(), Next::Settle(ChangeOp::RemoveNet));
        change.apply(&Event::Took(ChangeOp::DeleteCustomer));
        assert_eq!(
            change.next(),
            Next::Settle(ChangeOp::RemoveNet),
            "out of order changes nothing"
        );
        change.apply(&Event::Took(ChangeOp::RemoveNet));
        assert_eq!(change.next(), Next::Send(ChangeOp::DeleteCustomer));
        change.apply(&Event::Took(ChangeOp::DeleteCustomer));
        assert_eq!(change.next(), Next::Finish);
    }

    #[test]
    fn a_ticket_that_ended_is_settled_by_reading_and_then_its_customer_goes() {
        let mut change = ChangeMachine::new(vec![ChangeOp::RemoveNet, ChangeOp::DeleteCustomer]);
        change.apply(&intended(ChangeOp::RemoveNet));
        change.apply(&Event::Answered { answer: RawAnswer::default() });
        let (number, status, net) = ("T-1".to_owned(), None, None);
        change.apply(&Event::Concluded(Outcome::Ticketed { number, status, net }));
        assert_eq!(change.next(), Next::Done);
        change.apply(&Event::Doubtful { reason: "ended".to_owned(), ticket: None });
        assert_eq!(change.next(), Next::Settle(ChangeOp::RemoveNet));
        change.apply(&Event::Took(ChangeOp::RemoveNet));
        assert_eq!(change.next(), Next::Send(ChangeOp::DeleteCustomer));
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let op = prop_oneof![Just(ChangeOp::RemoveNet), Just(ChangeOp::DeleteCustomer)];
        let event = prop_oneof![
            op.clone().prop_map(intended),
            op.prop_map(Event::Took),
            Just(Event::NotSent { reason: String::new() }),
            Just(Event::NoAnswer { reason: String::new() }),
            Just(Event::Answered { answer: RawAnswer::default() }),
            Just(Event::Postponed { reason: String::new() }),
            Just(Event::Doubtful { reason: String::new(), ticket: None }),
            Just(Event::ProvedAbsent),
            Just(Event::Concluded(Outcome::Held {
                code: String::new(),
                message: String::new(),
                net: None
            })),
        ];
        prop::collection::vec(event, 0..20)
    }

    proptest! {
        #[test]
        fn an_open_change_is_never_sent_and_a_done_one_stays_done(events in events()) {
            let mut change = ChangeMachine::new(vec![ChangeOp::RemoveNet, ChangeOp::DeleteCustomer]);
            for event in &events {
                let before = change.clone();
                change.apply(event);
                if before.outcome().is_some() {
                    prop_assert_eq!(&change, &before);
                }
                prop_assert!(!change.is_open() || !matches!(change.next(), Next::Send(_)));
                prop_assert!(change.done >= before.done);
            }
        }
    }
}

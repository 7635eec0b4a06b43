//! The life of one row, as a pure machine: what to do next, and what an event makes of it.
//!
//! Replay after a crash is the same `apply`. Must not know: time, network, the journal's file.

use crate::domain::Assignment;
use crate::domain::{OrgRecipient, SimpleRecipient};
use crate::journal::{Created, Event, Op, Outcome, Resolution};
use crate::regrws::RawAnswer;

/// Attempts of one row after which a person must look.
pub(super) const ATTEMPTS_MAX: u32 = 2;

/// What a row needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send this write; the range may be read first.
    Send(Op),
    /// Read the stored answer.
    Judge(Op, RawAnswer),
    /// Find out by reading whether the write happened.
    Settle(Op),
    /// Nothing.
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Ready,
    /// Intended; maybe on the wire. After a crash this is all that is known.
    Sent(Op),
    Answered(Op, RawAnswer),
    Unknown(Op),
    Done(Outcome),
}

impl State {
    /// Whether nothing can change it: a ticket may still decide, a person may still settle.
    const fn is_final(&self) -> bool {
        match self {
            Self::Done(outcome) => {
                !matches!(outcome, Outcome::Ticketed { .. } | Outcome::Unresolved { .. })
            }
            _ => false,
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowMachine {
    state: State,
    creates_first: bool,
    created: Option<Created>,
    /// Writes that may have left.
    attempts: u32,
    /// Intents so far, to number the next.
    intents: u32,
    /// Assignments that may have happened and were never disproved.
    doubtful: bool,
    /// Assignments proved absent after doubt.
    disproved: u32,
    /// When the last write was intended.
    intended_at: Option<String>,
    /// A ticket number that was legible in an answer that proves nothing.
    ticket: Option<String>,
}

impl RowMachine {
    /// A row that nothing happened to yet.
    #[must_use]
    pub fn new(assignment: &Assignment, separate_customers: bool) -> Self {
        let creates_first = match assignment {
            Assignment::ReassignSimple(SimpleRecipient::New(_)) => separate_customers,
            Assignment::ReassignDetailed(org) | Assignment::Reallocate(org) => {
                matches!(org, OrgRecipient::New(_))
            }
            Assignment::ReassignSimple(SimpleRecipient::Existing(_)) => false,
        };
        Self {
            state: State::Ready,
            creates_first,
            created: None,
            attempts: 0,
            intents: 0,
            doubtful: false,
            disproved: 0,
            intended_at: None,
            ticket: None,
        }
    }

    /// What the row needs next.
    #[must_use]
    pub fn next(&self) -> Action {
        match &self.state {
            State::Ready if self.lacks_recipient() => Action::Send(Op::CreateRecipient),
            State::Ready => Action::Send(Op::Assign),
            State::Answered(op, answer) => Action::Judge(*op, answer.clone()),
            State::Sent(op) | State::Unknown(op) => Action::Settle(*op),
            State::Done(_) => Action::Done,
        }
    }

    /// What an event makes of the row. Never fails: an event that does not fit changes nothing.
    pub fn apply(&mut self, event: &Event) {
        match (event, &self.state) {
            (
                Event::Intended {
                    attempt, op: op @ (Op::CreateRecipient | Op::Assign), at, ..
                },
                State::Ready,
            ) => {
                self.intents = *attempt;
                self.intended_at = Some(at.clone());
                self.attempts += 1;
                self.state = State::Sent(*op);
            }
            (Event::NotSent { .. }, State::Sent(_)) => {
                self.attempts = self.attempts.saturating_sub(1);
                self.state = State::Ready;
            }
            (Event::NoAnswer { .. }, State::Sent(op)) => self.doubt(*op),
            (Event::Answered { answer }, State::Sent(op)) => {
                self.state = State::Answered(*op, answer.clone());
            }
            (Event::Doubtful { ticket, .. }, State::Answered(op, _)) => {
                self.ticket = ticket.clone().or(self.ticket.take());
                self.doubt(*op);
            }
            (Event::Postponed { .. }, State::Answered(..)) => self.state = State::Ready,
            (Event::RecipientCreated(created), State::Answered(Op::CreateRecipient, _)) => {
                self.created = Some(created.clone());
                self.state = State::Ready;
            }
            (Event::RecipientCreated(created), State::Done(Outcome::Unresolved { .. })) => {
                // A person found it.
                self.created = Some(created.clone());
                self.state = State::Ready;
            }
            (Event::ProvedAbsent, State::Sent(Op::Assign) | State::Unknown(Op::Assign)) => {
                self.disproved += 1;
                self.state = State::Ready;
            }
            (Event::Concluded(outcome), state) if !state.is_final() => {
                self.state = State::Done(outcome.clone());
            }
            (Event::Resolved { how: Resolution::Absent, .. }, state) if !state.is_final() => {
                self.disproved = 0;
                self.doubtful = false;
                self.ticket = None;
                self.state = State::Ready;
            }
            _ => {}
        }
    }

    fn doubt(&mut self, op: Op) {
        self.doubtful = true;
        self.state = State::Unknown(op);
    }

    /// Number of the next attempt.
    #[must_use]
    pub const fn next_attempt(&self) -> u32 {
        self.intents + 1
    }

    /// Writes that may have left.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The recipient that was created for the row.
    #[must_use]
    pub const fn created(&self) -> Option<&Created> {
        self.created.as_ref()
    }

    /// Whether an earlier write of this row may have happened: an overlap may be our own echo.
    #[must_use]
    pub const fn may_be_our_echo(&self) -> bool {
        self.doubtful
    }

    /// Whether another blind write would be one too many.
    #[must_use]
    pub const fn exhausted(&self) -> bool {
        self.disproved >= ATTEMPTS_MAX
    }

    /// When the last write was intended; RFC 3339.
    #[must_use]
    pub fn intended_at(&self) -> Option<&str> {
        self.intended_at.as_deref()
    }

    /// A ticket number that was legible in an answer that proves nothing.
    #[must_use]
    pub fn legible_ticket(&self) -> Option<&str> {
        self.ticket.as_deref()
    }

    /// Whether the recipient must be created before the net, and was not yet.
    #[must_use]
    pub const fn lacks_recipient(&self) -> bool {
        self.creates_first && self.created.is_none()
    }

    /// Whether nothing of the row can be at the registry: it may begin anew, in any run.
    #[must_use]
    pub const fn is_untouched(&self) -> bool {
        matches!(self.state, State::Ready) && self.created.is_none() && !self.doubtful
    }

    /// How it ended.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            State::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Whether a write's outcome is not known yet.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Sent(_) | State::Answered(..) | State::Unknown(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regrws::{Effect, Method, WireRequest};
    use proptest::prelude::*;

    fn machine() -> RowMachine {
        let handle = "MAPLE-7".parse().unwrap();
        RowMachine::new(&Assignment::ReassignDetailed(OrgRecipient::Existing(handle)), false)
    }

    fn intended(attempt: u32, op: Op) -> Event {
        let request = WireRequest {
            method: Method::Put,
            path: String::new(),
            body: None,
            effect: Effect::Write,
        };
        Event::Intended { attempt, op, request, body_sha256: String::new(), at: String::new() }
    }

    #[test]
    fn an_intent_without_answer_is_settled_never_sent_again() {
        let mut row = machine();
        assert_eq!(row.next(), Action::Send(Op::Assign));
        row.apply(&intended(1, Op::Assign));
        assert_eq!(row.next(), Action::Settle(Op::Assign));
        row.apply(&Event::NoAnswer { reason: String::new() });
        assert_eq!(row.next(), Action::Settle(Op::Assign));
        assert!(row.may_be_our_echo());
        row.apply(&Event::ProvedAbsent);
        assert_eq!(row.next(), Action::Send(Op::Assign));
        assert_eq!((row.next_attempt(), row.attempts()), (2, 1));
    }

    #[test]
    fn a_stored_answer_is_judged_without_the_network() {
        let mut row = machine();
        row.apply(&intended(1, Op::Assign));
        let answer = RawAnswer { status: 200, ..RawAnswer::default() };
        row.apply(&Event::Answered { answer: answer.clone() });
        assert_eq!(row.next(), Action::Judge(Op::Assign, answer));
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let rejected = Outcome::Rejected { code: String::new(), message: String::new(), net: None };
        let event = prop_oneof![
            (1_u32..4).prop_map(|attempt| intended(attempt, Op::Assign)),
            Just(intended(1, Op::CreateRecipient)),
            Just(Event::NotSent { reason: String::new() }),
            Just(Event::NoAnswer { reason: String::new() }),
            Just(Event::Answered { answer: RawAnswer::default() }),
            Just(Event::Postponed { reason: String::new() }),
            Just(Event::Doubtful { reason: String::new(), ticket: None }),
            Just(Event::ProvedAbsent),
            Just(Event::Concluded(rejected)),
        ];
        prop::collection::vec(event, 0..20)
    }

    proptest! {
        #[test]
        fn a_done_row_stays_done_and_an_open_one_is_never_sent(events in events()) {
            let mut row = machine();
            for event in &events {
                let before = row.clone();
                row.apply(event);
                if before.next() == Action::Done {
                    prop_assert_eq!(&row, &before);
                }
                if row.is_open() {
                    prop_assert!(!matches!(row.next(), Action::Send(_)));
                }
            }
            let mut again = machine();
            events.iter().for_each(|event| again.apply(event));
            prop_assert_eq!(again, row);
        }
    }
}

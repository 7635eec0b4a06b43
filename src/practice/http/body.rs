//! Bodies that do not simply end: slow, cut short, endless.
//!
//! Owns how an answer's bytes leave. Must not know: why.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::practice::faults::disturb::Delivery;

/// Pieces of a slow answer.
const SLOW_PIECES: usize = 20;
/// Time the first half of a cut answer gets to leave.
const FLUSH: Duration = Duration::from_millis(20);
/// A piece of the endless answer, and how many there are: a quarter of a gibibyte.
const HUGE_PIECE: &[u8] = &[b' '; 64 * 1024];
const HUGE_PIECES: usize = 4096;

/// A step of sending.
#[derive(Debug)]
enum Step {
    Send(Bytes),
    Wait(Duration),
    Break,
}

/// The answer broke off on purpose.
#[derive(Debug)]
pub(super) struct BrokeOff;

impl fmt::Display for BrokeOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer broke off on purpose")
    }
}

impl std::error::Error for BrokeOff {}

impl From<Infallible> for BrokeOff {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The body of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    steps: VecDeque<Step>,
    /// Length that is promised; chunked without.
    length: Option<u64>,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Answer {
    /// A body that is delivered in a way.
    pub(super) fn new(body: Vec<u8>, delivery: Delivery) -> Self {
        let length = Some(body.len() as u64);
        let body = Bytes::from(body);
        let half = body.slice(..body.len() / 2);
        let cut = || VecDeque::from([Step::Send(half.clone()), Step::Wait(FLUSH), Step::Break]);
        let (steps, length) = match delivery {
            Delivery::Slow(over) => (pieces(&body, over), length),
            Delivery::Truncated => (cut(), length),
            Delivery::ChunkCut => (cut(), None),
            Delivery::Huge => {
                let piece = || Step::Send(Bytes::from_static(HUGE_PIECE));
                let tail = std::iter::repeat_with(piece).take(HUGE_PIECES);
                (std::iter::once(Step::Send(body)).chain(tail).collect(), None)
            }
            Delivery::Whole | Delivery::Drop | Delivery::Reset => {
                ([Step::Send(body)].into(), length)
            }
        };
        Self { steps, length, waiting: None }
    }
}

fn pieces(body: &Bytes, over: Duration) -> VecDeque<Step> {
    let size = body.len().div_ceil(SLOW_PIECES).max(1);
    let pause = over / u32::try_from(SLOW_PIECES).unwrap_or(1);
    let starts = (0..body.len()).step_by(size);
    let piece = |start: usize| Step::Send(body.slice(start..body.len().min(start + size)));
    starts.flat_map(|start| [Step::Wait(pause), piece(start)]).collect()
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BrokeOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokeOff>>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                std::task::ready!(waiting.as_mut().poll(context));
                self.waiting = None;
            }
            match self.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Break) => return Poll::Ready(Some(Err(BrokeOff))),
                Some(Step::Wait(time)) => self.waiting = Some(Box::pin(sleep(time))),
                Some(Step::Send(bytes)) if bytes.is_empty() => {}
                Some(Step::Send(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && self.waiting.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

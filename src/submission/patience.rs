//! How often a write waits and is tried again before the run stops: proved not sent, and "too
//! many requests".
//!
//! Must not know: what is sent.

use tokio::time::sleep;

use super::options::Stop;
use super::reader::Registry;
use super::run::Run;
use crate::journal::StoreError;
use crate::regrws::{WireError, limits};

/// Nothing more is done for this row or change: the run stops.
pub(super) struct Halted;

impl From<StoreError> for Halted {
    fn from(_: StoreError) -> Self {
        // `Run::commit` has told the run already.
        Self
    }
}

/// Of one row, or one change.
#[derive(Debug, Default)]
pub(super) struct Patience {
    not_sent: u32,
}

impl Patience {
    /// A write is proved not sent: waits a little, and stops the run when it happens too often.
    pub(super) async fn not_sent<R: Registry>(
        &mut self,
        run: &Run<R>,
        fault: &WireError,
    ) -> Result<(), Halted> {
        if let WireError::Refused(reason) = fault {
            run.halt(Stop::Guard(reason.clone()));
            return Err(Halted);
        }
        self.not_sent += 1;
        if self.not_sent >= limits().not_sent_tries {
            run.halt(Stop::Registry(fault.to_string()));
            return Err(Halted);
        }
        sleep(limits().not_sent_wait).await;
        run.registry.retried();
        Ok(())
    }
}

/// "Too many requests": everybody is paused already; stops the run when it is asked for too much.
pub(super) fn too_many<R: Registry>(run: &Run<R>) -> Result<(), Halted> {
    run.gate.narrow();
    if let Some(reason) = run.registry.too_much() {
        run.halt(Stop::Pause(reason));
        return Err(Halted);
    }
    run.registry.retried();
    Ok(())
}

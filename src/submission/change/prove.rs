//! Proving by reading: whether a write happened, whether a net is gone.
//!
//! Gone means two agreeing reads, by handle and by range; an error is no information. Must not
//! know: what is sent next.

use tokio::time::sleep;

use super::{ChangeTask, image};
use crate::domain::Holder;
use crate::journal::{ChangeOp, Event, Outcome};
use crate::regrws::{Call, DeleteCustomer, WireRequest, limits};
use crate::submission::Registry;
use crate::submission::patience::Halted;
use crate::submission::reader::ReadFault;
use crate::submission::record::{self, Unread};
use crate::submission::run::Run;

/// What reading proved about a write.
enum Proof {
    /// It happened.
    Happened,
    /// It did not; what is there is as it was.
    DidNot,
    /// Something else is there: a person must look.
    Other(String),
}

impl ChangeTask {
    /// Finds out by reading whether a write happened.
    pub(super) async fn settle<R: Registry>(
        &mut self,
        run: &Run<R>,
        op: ChangeOp,
    ) -> Result<(), Halted> {
        let mut last = None;
        for round in 0..limits().settle_rounds {
            // A removal that was answered as done is looked at once without waiting.
            let answered = op == ChangeOp::RemoveNet && round == 0;
            if !answered {
                sleep(run.options.settle).await;
            }
            let proof = match op {
                ChangeOp::RemoveNet => self.removal(run).await,
                ChangeOp::DeleteCustomer => self.deletion(run).await,
                ChangeOp::ModifyNet | ChangeOp::ModifyCustomer => self.modification(run, op).await,
            };
            match proof {
                Ok(Proof::Happened) => return self.note(run, Event::Took(op)).await,
                // It may only be late: the answer was lost a moment ago.
                Ok(Proof::DidNot) if round == 0 && answered => {}
                Ok(Proof::DidNot) => return self.note(run, Event::ProvedAbsent).await,
                Ok(Proof::Other(message)) => {
                    let net = self.fresh.as_ref().map(|fresh| fresh.registered.net.clone());
                    return self.conclude(run, Outcome::Unresolved { message, net }).await;
                }
                Err(_) if run.stopped() => return Err(Halted),
                Err(Unread(fault)) => last = Some(fault),
            }
        }
        // No information is never absence: the next run goes on with it.
        let what = format!("whether the write to {} happened", self.before.net.net_handle);
        run.unread(
            &what,
            &last.unwrap_or(ReadFault::Nothing("no answer that proves it".to_owned())),
        );
        Err(Halted)
    }

    async fn modification<R: Registry>(
        &mut self,
        run: &Run<R>,
        op: ChangeOp,
    ) -> Result<Proof, Unread> {
        let handle = self.before.net.net_handle.clone();
        let Some(fresh) = record::by_handle(&run.registry, &handle).await? else {
            return Ok(Proof::Other(format!("{handle} is gone; somebody removed it")));
        };
        let now = fresh.registered.clone();
        self.fresh = Some(fresh);
        if self.edited(&now, op) {
            return Ok(Proof::Happened);
        }
        let moved = self.moved(&now);
        Ok(if moved.is_empty() {
            Proof::DidNot
        } else {
            Proof::Other(format!(
                "the answer to our change was lost, and {handle} now differs from what it was in {}; somebody else wrote too",
                moved.join(", ")
            ))
        })
    }

    /// By handle and by range: gone, as it was, or registered anew under a reused handle.
    async fn removal<R: Registry>(&mut self, run: &Run<R>) -> Result<Proof, Unread> {
        let net = &self.before.net;
        let by_handle = record::by_handle(&run.registry, &net.net_handle).await?;
        let at_range = record::by_range(&run.registry, net.block).await?;
        let now = by_handle.or_else(|| {
            at_range.into_iter().find(|record| record.registered.net.net_handle == net.net_handle)
        });
        let Some(now) = now else { return Ok(Proof::Happened) };
        let moved = image::moved(&self.before, &now.registered);
        let again =
            moved.iter().any(|field| matches!(*field, "registered_at" | "recipient" | "block"));
        let handle = net.net_handle.clone();
        self.fresh = Some(now);
        Ok(if again {
            Proof::Other(format!(
                "{handle} is registered anew: it was removed, and the registry gave its handle to another net; nothing more is sent for it"
            ))
        } else {
            Proof::DidNot
        })
    }

    async fn deletion<R: Registry>(&self, run: &Run<R>) -> Result<Proof, Unread> {
        let Holder::Customer(handle) = &self.before.net.holder else { return Ok(Proof::Happened) };
        let found = record::customer(&run.registry, handle).await?;
        Ok(if found.is_some() { Proof::DidNot } else { Proof::Happened })
    }

    /// The deletion of the customer, if it is still there and still what it was.
    pub(super) async fn customer_to_delete<R: Registry>(
        &mut self,
        run: &Run<R>,
    ) -> Result<Option<WireRequest>, Halted> {
        let Holder::Customer(handle) = self.before.net.holder.clone() else { return Ok(None) };
        let read = record::customer(&run.registry, &handle).await;
        let Some((found, _)) = self.readable(run, read).await? else {
            self.note(run, Event::Took(ChangeOp::DeleteCustomer)).await?;
            return Ok(None);
        };
        let then = self.before.customer.as_ref().and_then(|c| c.registered_at.as_deref());
        let same = then.is_none_or(|date| found.registered_at.as_deref() == Some(date));
        if same {
            return Ok(Some(DeleteCustomer(handle).request()));
        }
        let note = format!("its customer {handle} is another one by now and was not deleted");
        self.finish(run, Some(note)).await?;
        Ok(None)
    }

    /// The net is not there under its handle before anything was sent.
    pub(super) async fn vanished<R: Registry>(
        &mut self,
        run: &Run<R>,
        op: ChangeOp,
    ) -> Result<Option<WireRequest>, Halted> {
        let net = self.before.net.clone();
        let read = record::by_range(&run.registry, net.block).await;
        let at_range = self.readable(run, read).await?;
        if op == ChangeOp::RemoveNet && at_range.is_empty() {
            // Somebody was faster; the aim is reached.
            self.note(run, Event::Took(op)).await?;
            return Ok(None);
        }
        let message = format!("{} is no longer there; the next run compares anew", net.net_handle);
        self.hold(run, "stale", message).await?;
        Ok(None)
    }

    /// Every write has happened.
    pub(super) async fn finish<R: Registry>(
        &mut self,
        run: &Run<R>,
        note: Option<String>,
    ) -> Result<(), Halted> {
        if self.change.removes() {
            let net = self.before.net.clone();
            let zones = (!self.zones.is_empty())
                .then(|| format!("its reverse zones went with it: {}", self.zones.join(", ")));
            let note = [note, zones].into_iter().flatten().reduce(|a, b| format!("{a}; {b}"));
            return self.conclude(run, Outcome::Removed { net, note }).await;
        }
        // What is remembered is what the registry says, not what was sent.
        let read = record::by_handle(&run.registry, &self.before.net.net_handle).await;
        let now = self.readable(run, read).await?;
        let net =
            now.as_ref().map_or_else(|| self.before.net.clone(), |r| r.registered.net.clone());
        self.fresh = now;
        self.conclude(run, Outcome::Modified(net)).await
    }

    /// Settled, and nothing more is to be sent in this pass: remembers what is there now.
    pub(super) async fn interrupted<R: Registry>(&mut self, run: &Run<R>) -> Result<(), Halted> {
        let read = record::by_handle(&run.registry, &self.before.net.net_handle).await;
        self.fresh = self.readable(run, read).await?;
        let message = "interrupted and settled by reading; the next run compares anew".to_owned();
        self.hold(run, "stale", message).await
    }
}
